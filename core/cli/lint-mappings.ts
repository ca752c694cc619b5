import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { GatewayError } from '../errors.ts'
import { type LoadedDownMapping, listDownMappings, loadDownMapping } from '../mapping/down/load.ts'
import { type LoadedMapping, listDepartments, listMappings, loadMapping } from '../mapping/load.ts'
import { findMisnamed, findOutside } from '../misnamed.ts'

/** The tables in `codes/` of a department that none of its mappings names; unknown while one of them is not in order. */
const unusedFiles = (
  folder: string,
  department: string,
  mappings: readonly (LoadedMapping | LoadedDownMapping)[],
): GatewayError[] => {
  const codes = join(folder, department, 'codes')
  if (!existsSync(codes) || mappings.some(({ mapping }) => mapping === undefined)) return []
  const named = new Set(mappings.flatMap(({ mapping }) => Object.keys(mapping?.files ?? {})).map((file) => join(file)))
  return readdirSync(codes)
    .filter((file) => /\.(yaml|csv)$/.test(file) && !named.has(join('codes', file)))
    .sort()
    .map((file) => {
      const reason = { zh: '本部门没有映射引用这个文件', en: 'no mapping of the department names this file' }
      return GatewayError.of('CODE_TABLE_DOUBTFUL', { at: `mappings/${department}/codes/${file}:1:1`, table: file, reason })
    })
}

/**
 * What lint finds in the mappings. Those that no system uses yet are checked, too: they are somebody's work in progress. The mistakes of
 * the `used` ones are told with the systems that use them; what is only doubtful is told here of all.
 */
export const lintMappings = async (
  folder: string,
  used: ReadonlySet<string>,
  usedDown: ReadonlySet<string>,
): Promise<{ problems: GatewayError[]; warnings: GatewayError[] }> => {
  const loaded: LoadedMapping[] = []
  for (const name of listMappings(folder)) loaded.push(await loadMapping(folder, name))
  const down = listDownMappings(folder).map((name) => loadDownMapping(folder, name))
  const departments = listDepartments(folder)
  return {
    problems: [
      ...findOutside(folder, 'mappings'),
      ...departments.flatMap((department) =>
        ['', '/down', '/samples', '/codes'].flatMap((part) =>
          findMisnamed(join(folder, `${department}${part}`), `mappings/${department}${part}`),
        ),
      ),
      ...loaded.filter(({ name }) => !used.has(name)).flatMap(({ problems }) => problems),
      ...down.filter(({ name }) => !usedDown.has(name)).flatMap(({ problems }) => problems),
    ],
    warnings: [
      ...loaded.flatMap(({ warnings }) => warnings),
      ...down.flatMap(({ warnings }) => warnings),
      ...departments.flatMap((department) =>
        unusedFiles(
          folder,
          department,
          [...loaded, ...down].filter(({ name }) => name.startsWith(`${department}/`)),
        ),
      ),
    ],
  }
}
