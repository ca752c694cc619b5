/** The `codes:` of a mapping: tables written there, and tables in files of the department. */
import { GatewayError, type Text, toGatewayError } from '../../errors.ts'
import { parseYaml, type YamlFile } from '../../yaml.ts'
import { isMapping } from '../compile-context.ts'
import { checkVersions } from './check-versions.ts'
import { tableFromCsv } from './csv-table.ts'
import type { CodeTable, TableVersion } from './table.ts'
import { isCsv } from './table-text.ts'
import { type Findings, invalid } from './written-table.ts'
import { tableFromYaml } from './yaml-table.ts'

const fileOf = (value: unknown): string | undefined => {
  if (typeof value === 'string') return value
  return isMapping(value) && typeof value['file'] === 'string' && Object.keys(value).length === 1 ? value['file'] : undefined
}

const partsOf = (value: unknown): unknown[] => (Array.isArray(value) ? value : [value])

/** Every file that a mapping's `codes:` names. */
export const tableFilesOf = (codes: unknown): string[] =>
  (isMapping(codes) ? Object.values(codes) : [])
    .flatMap(partsOf)
    .map(fileOf)
    .filter((file) => file !== undefined)

/** Whether a file is in the department's own folder: a department never knows another. */
export const isOwnFile = (file: string): boolean => !/^([/\\]|[A-Za-z]:)/.test(file) && !file.split(/[/\\]/).includes('..')

/** Whether a file is of a kind that tables are read from. */
export const isTableFile = (file: string): boolean => isCsv(file) || /\.ya?ml$/i.test(file)

/** A table in a file of its own, `.yaml` or `.csv`. Mistakes are collected, a file that cannot be parsed among them. */
export const tableFromFile = (name: string, file: string, text: string, findings: Findings): TableVersion | undefined => {
  try {
    if (isCsv(file)) return tableFromCsv(name, file, text, findings)
    const yaml = parseYaml(file, text)
    return tableFromYaml(name, yaml, [], yaml.value, findings)
  } catch (thrown) {
    findings.problems.push(toGatewayError(thrown))
    return undefined
  }
}

const whyNotRead = (file: string): Text => {
  if (!isOwnFile(file))
    return { zh: `代码表文件 ${file} 须在本部门的文件夹内`, en: `code table file ${file} must be in the department's own folder` }
  if (!isTableFile(file))
    return {
      zh: `代码表文件 ${file} 须为 .csv 或 .yaml；电子表格请用 qianzhi codes import 生成代码表，或另存为“CSV UTF-8”`,
      en: `code table file ${file} must be .csv or .yaml; make a table of a spreadsheet with qianzhi codes import, or save it as "CSV UTF-8"`,
    }
  return { zh: `找不到代码表文件 ${file}`, en: `there is no code table file ${file}` }
}

/** All tables of a mapping. `files` are its own files by name, as seen from `folder`, which is how that of the department is named to people. */
export const tablesOf = (
  yaml: YamlFile,
  codes: unknown,
  files: Readonly<Record<string, string>>,
  findings: Findings,
  folder = yaml.file.slice(0, yaml.file.lastIndexOf('/') + 1),
): Map<string, CodeTable> => {
  const tables = new Map<string, CodeTable>()
  if (codes !== undefined && codes !== null && !isMapping(codes))
    findings.problems.push(
      invalid(yaml.at(['codes']), {
        zh: 'codes 须写成 表名: { "代码": 值 } 或 表名: 文件',
        en: 'codes is written name: { "code": value }, or name: file',
      }),
    )
  for (const [name, given] of Object.entries(isMapping(codes) ? codes : {})) {
    const versions = partsOf(given).map((part, index): TableVersion | undefined => {
      const path = Array.isArray(given) ? ['codes', name, index] : ['codes', name]
      const file = fileOf(part)
      if (file === undefined) return tableFromYaml(name, yaml, path, part, findings)
      const text = Object.hasOwn(files, file) ? files[file] : undefined
      if (text !== undefined) return tableFromFile(name, `${folder}${file}`, text, findings)
      const reason = whyNotRead(file)
      findings.problems.push(GatewayError.of('MAPPING_INVALID', { at: yaml.at(path), reason }))
      return undefined
    })
    const known = versions.filter((version) => version !== undefined)
    if (Array.isArray(given) && given.length === 0)
      findings.problems.push(invalid(yaml.at(['codes', name]), { zh: '代码表的列表为空', en: 'the list of versions is empty' }))
    const table: CodeTable = { name, versions: known, at: yaml.keyAt(['codes', name]) }
    checkVersions(table, findings)
    tables.set(name, table)
  }
  return tables
}
