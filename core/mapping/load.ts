import { existsSync, readdirSync, statSync } from 'node:fs'
import { basename, join } from 'node:path'
import { type GatewayError, toGatewayError } from '../errors.ts'
import { sha256 } from '../sha256.ts'
import { readYaml } from '../yaml.ts'
import { isOwnFile, isTableFile, tableFilesOf } from './codes/declared-tables.ts'
import { readTableText } from './codes/table-text.ts'
import { compileMapping } from './compile.ts'
import { isMapping } from './compile-context.ts'
import { openIsolation } from './isolation.ts'
import type { Mapping } from './mapping.ts'
import { keepOut } from './own-code.ts'
import { loadPlugin } from './plugin.ts'
import { gatherSchemas, readSchemaText, schemaFilesOf } from './record-schema.ts'

export interface LoadedMapping {
  name: string
  /** Undefined when there are problems: a mapping that does not lint does not run. */
  mapping: Mapping | undefined
  problems: GatewayError[]
  /** What lint tells of it although it runs. */
  warnings: readonly GatewayError[]
}

/** A file under the name of a folder is none. */
export const isFolder = (path: string): boolean => existsSync(path) && statSync(path).isDirectory()

export const listDepartments = (folder: string): string[] =>
  (isFolder(folder) ? readdirSync(folder, { withFileTypes: true }) : [])
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
    .sort()

/** The names of all mappings: `<department>/<file>` for each YAML file of each department's folder. */
export const listMappings = (folder: string): string[] =>
  listDepartments(folder)
    .flatMap((name) =>
      readdirSync(join(folder, name))
        .filter((file) => file.endsWith('.yaml'))
        .map((file) => `${name}/${basename(file, '.yaml')}`),
    )
    .sort()

/** Names exactly these files. */
export const versionOf = (files: Record<string, string>): string =>
  sha256(JSON.stringify(Object.entries(files).sort()))
    .toString('hex')
    .slice(0, 16)

/** A plug-in with a mistake hides none of the mapping's. */
const pluginOf = (path: string, at: string, problems: GatewayError[]): Partial<ReturnType<typeof loadPlugin>> => {
  try {
    return loadPlugin(path, at)
  } catch (error) {
    problems.push(toGatewayError(error))
    return {}
  }
}

/**
 * Reads, compiles and checks one mapping with its code tables and plug-in. `shown` is how its folder is named to people. Without `startsOwnCode`, what
 * keeps own code from being loaded is found when it first runs.
 */
export const loadMapping = async (
  folder: string,
  name: string,
  shown = 'mappings',
  { startsOwnCode = true } = {},
): Promise<LoadedMapping> => {
  const problems: GatewayError[] = []
  const department = join(folder, name.split('/')[0]!)
  const at = (file: string) => `${shown}/${name.split('/')[0]}/${file}`
  try {
    const file = `${name.split('/')[1]}.yaml`
    const yaml = readYaml(join(department, file), at(file))
    const top = isMapping(yaml.value) ? yaml.value : {}
    const files: Record<string, string> = { [file]: yaml.text }
    for (const table of tableFilesOf(top['codes'])) {
      if (isOwnFile(table) && isTableFile(table) && existsSync(join(department, table)))
        files[table] = readTableText(join(department, table), at(table))
    }
    for (const schema of schemaFilesOf(top['schema'])) {
      const gathered = gatherSchemas(schema, (file) => readSchemaText(join(department, file), at(file)))
      for (const { file, text } of gathered.files) files[file] = text
    }
    const plugin = typeof top['plugin'] === 'string' ? top['plugin'] : undefined
    const { functions, bundle } =
      plugin === undefined ? { functions: {} } : pluginOf(join(department, plugin), yaml.at(['plugin']), problems)
    if (plugin !== undefined && bundle !== undefined) files[plugin] = bundle
    const mapping = compileMapping(name, versionOf(files), yaml, files, functions, problems, { own: keepOut() })
    if (problems.length === 0 && (mapping.ownCode.length > 0 || plugin !== undefined)) {
      mapping.isolated = openIsolation(mapping, shown)
      const refused = startsOwnCode ? await mapping.isolated.check() : undefined
      if (refused) problems.push(refused)
    }
    return { name, mapping: problems.length === 0 ? mapping : undefined, problems, warnings: mapping.warnings }
  } catch (thrown) {
    // Also what nobody foresaw: one department's mapping must not stop the others.
    return { name, mapping: undefined, problems: [...problems, toGatewayError(thrown)], warnings: [] }
  }
}
