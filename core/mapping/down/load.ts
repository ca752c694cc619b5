import { existsSync, readdirSync } from 'node:fs'
import { basename, join } from 'node:path'
import { type GatewayError, toGatewayError } from '../../errors.ts'
import { readYaml } from '../../yaml.ts'
import { isOwnFile, tableFilesOf } from '../codes/declared-tables.ts'
import { readTableText } from '../codes/table-text.ts'
import { isMapping } from '../compile-context.ts'
import { isFolder, listDepartments, versionOf } from '../load.ts'
import type { Tracer } from '../trace.ts'
import { compileDown } from './compile.ts'
import type { DownMapping } from './mapping.ts'

export interface LoadedDownMapping {
  name: string
  /** Undefined when there are problems. */
  mapping: DownMapping | undefined
  problems: GatewayError[]
  warnings: readonly GatewayError[]
}

/** The names of all mappings of the way down: `<department>/<file>` for each YAML file in `down/` of each department's folder. */
export const listDownMappings = (folder: string): string[] =>
  listDepartments(folder)
    .filter((name) => isFolder(join(folder, name, 'down')))
    .flatMap((name) =>
      readdirSync(join(folder, name, 'down'))
        .filter((file) => file.endsWith('.yaml'))
        .map((file) => `${name}/${basename(file, '.yaml')}`),
    )
    .sort()

/** Reads and compiles `<department>/down/<file>.yaml` with its code tables, which are named as seen from the department's folder. */
export const loadDownMapping = (folder: string, name: string, trace?: Tracer): LoadedDownMapping => {
  const problems: GatewayError[] = []
  const [department, file] = name.split('/') as [string, string]
  const at = (own: string) => `mappings/${department}/${own}`
  try {
    const own = `down/${file}.yaml`
    const yaml = readYaml(join(folder, department, own), at(own))
    const files: Record<string, string> = { [own]: yaml.text }
    for (const table of tableFilesOf(isMapping(yaml.value) ? yaml.value['codes'] : undefined)) {
      if (isOwnFile(table) && existsSync(join(folder, department, table)))
        files[table] = readTableText(join(folder, department, table), at(table))
    }
    const mapping = compileDown(name, versionOf(files), yaml, files, problems, trace)
    return { name, mapping: problems.length === 0 ? mapping : undefined, problems, warnings: mapping.warnings }
  } catch (thrown) {
    return { name, mapping: undefined, problems: [...problems, toGatewayError(thrown)], warnings: [] }
  }
}
