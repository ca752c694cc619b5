import type { GatewayError } from '../errors.ts'
import { parseYaml } from '../yaml.ts'
import { type CompileOptions, compileMapping } from './compile.ts'
import { isMapping } from './compile-context.ts'
import type { Mapping } from './mapping.ts'
import { openBundle } from './plugin.ts'

/** What names one version of a mapping and is all of it. */
export type MappingFiles = Pick<Mapping, 'name' | 'version' | 'files'>

/**
 * Compiles the files of a mapping version again, plug-ins from their bundle, which runs. `shown` is how the mappings' folder is named to people.
 * Throws MAPPING_INVALID when the bundle does not open, and CONFIG_SYNTAX.
 */
export const compileFiles = async (
  { name, version, files }: MappingFiles,
  problems: GatewayError[],
  options: CompileOptions = {},
  shown = 'mappings',
): Promise<Mapping> => {
  const [department, file] = name.split('/') as [string, string]
  const yaml = parseYaml(`${shown}/${department}/${file}.yaml`, files[`${file}.yaml`] ?? '')
  const plugin = isMapping(yaml.value) ? yaml.value['plugin'] : undefined
  const functions = typeof plugin === 'string' ? await openBundle(files[plugin] ?? '', yaml.at(['plugin'])) : {}
  return compileMapping(name, version, yaml, files, functions, problems, options)
}
