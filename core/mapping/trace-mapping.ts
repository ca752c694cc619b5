import { GatewayError, type Text } from '../errors.ts'
import { parseYaml } from '../yaml.ts'
import { compileMapping, type Mapping } from './compile.ts'
import { isMapping } from './compile-context.ts'
import { versionOf } from './load.ts'
import { openBundle } from './plugin.ts'
import { createTracer, type Tracer } from './trace.ts'

export interface TracedMapping {
  mapping: Mapping
  trace: Tracer
}

/**
 * Compiles the files of a mapping version again, for tracing; plug-ins from their bundle. Throws MAPPING_VERSION_UNKNOWN when they are not
 * the files of that version, or when the program of now finds mistakes in them. `shown` is how the mappings' folder is named to people.
 */
export const traceMapping = async (
  { name, version, files }: Pick<Mapping, 'name' | 'version' | 'files'>,
  shown = 'mappings',
): Promise<TracedMapping> => {
  const unusable = (reason: string | Text, cause?: unknown) =>
    GatewayError.of('MAPPING_VERSION_UNKNOWN', { mapping: name, version, reason }, { cause })
  if (versionOf(files) !== version)
    throw unusable({ zh: '留存的文件与版本号不符', en: 'the files that were kept are not those of this version' })
  const [department, file] = name.split('/') as [string, string]
  const problems: GatewayError[] = []
  const trace = createTracer()
  const yaml = parseYaml(`${shown}/${department}/${file}.yaml`, files[`${file}.yaml`] ?? '')
  const plugin = isMapping(yaml.value) ? yaml.value['plugin'] : undefined
  const functions = typeof plugin === 'string' ? await openBundle(files[plugin] ?? '', yaml.at(['plugin'])) : {}
  const mapping = compileMapping(name, version, yaml, files, functions, problems, trace)
  if (problems.length > 0) throw unusable(problems[0]!.text, problems[0])
  return { mapping, trace }
}
