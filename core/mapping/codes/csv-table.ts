/**
 * A code table as a spreadsheet saves it. Lines above the header say what the table is, a name and its value in each
 * (`version,2020`, `source,0,1,2`); the header line names the columns, of which `code` and `value` must be there.
 */
import { parse } from 'csv-parse/sync'
import { didYouMean } from '../../did-you-mean.ts'
import { GatewayError, toGatewayError } from '../../errors.ts'
import { parseYaml, type YamlFile } from '../../yaml.ts'
import type { RowCondition, TableVersion } from './table.ts'
import { toTableVersion } from './to-table.ts'
import {
  declarationKeys,
  type Findings,
  invalid,
  rowKeys,
  type TableLine,
  type Written,
  type WrittenRow,
} from './written-table.ts'

/** The lines that hold anything. Throws MAPPING_INVALID with the line when the quotes are wrong. */
export const csvLines = (file: string, text: string): TableLine[] => {
  let parsed: { record: string[]; raw: string; info: { lines: number } }[]
  try {
    parsed = parse(text, { bom: true, relax_column_count: true, skip_empty_lines: true, info: true, raw: true }) as never
  } catch (cause) {
    const { lines = 1 } = cause as { lines?: number }
    throw GatewayError.of(
      'MAPPING_INVALID',
      { at: `${file}:${lines}:1`, reason: { zh: 'CSV 的引号有误', en: 'the quotes of the CSV are wrong' } },
      { cause },
    )
  }
  return parsed
    .map(({ record, raw, info }): TableLine => {
      // The place of a cell is counted in its line as it stands; with quotes the line alone is certain.
      const exact = !raw.includes('"')
      let column = 1
      return record.map((cell) => {
        const at = `${file}:${info.lines}:${exact ? column : 1}`
        column += cell.length + 1
        return { text: cell.trim(), at }
      })
    })
    .filter((line) => line.some(({ text }) => text !== ''))
}

/** What a cell says in YAML. Throws MAPPING_INVALID at the cell. */
export const yamlIn = ({ text, at }: Written): YamlFile => {
  try {
    return { ...parseYaml(at, text), at: () => at, keyAt: () => at }
  } catch (thrown) {
    const { reason } = toGatewayError(thrown).values
    const { zh, en } = typeof reason === 'object' ? reason : { zh: String(reason), en: String(reason) }
    throw invalid(at, { zh: `when 不是条件：${zh}`, en: `when is no condition: ${en}` })
  }
}

/** A condition in a cell, in the words of the mapping. */
const conditionIn = (cell: Written, { problems }: Findings): RowCondition | undefined => {
  try {
    const yaml = yamlIn(cell)
    return { yaml, path: [], value: yaml.value }
  } catch (thrown) {
    problems.push(toGatewayError(thrown))
    return undefined
  }
}

/** The header line of a table's own form. */
export const isHeader = (line: TableLine): boolean => ['code', 'value'].every((name) => line.some(({ text }) => text === name))

export const unknownKey = ({ text, at }: Written, allowed: readonly string[]): GatewayError =>
  GatewayError.of('CONFIG_KEY_UNKNOWN', { at, key: text, suggestion: didYouMean(text, allowed) })

/** What the lines above the header say of the table; each that is none is a mistake. */
export const readDeclarations = (lines: readonly TableLine[], { problems }: Findings) => {
  const declarations = new Map<string, Written>()
  const reverse: [Written, Written][] = []
  let source: Written[] | undefined
  const refuseMore = (cell: Written | undefined): void => {
    if (cell) problems.push(invalid(cell.at, { zh: '此说明没有这一格', en: 'what the table says here has no such cell' }))
  }
  for (const [key, ...cells] of lines) {
    const values = cells.filter(({ text }) => text !== '')
    if (!key || !declarationKeys.includes(key.text)) {
      if (key) problems.push(unknownKey(key, declarationKeys))
    } else if (key.text === 'source') source = [...(source ?? []), ...values]
    else if (key.text === 'reverse') {
      if (values[0] && values[1]) reverse.push([values[0], values[1]])
      else problems.push(invalid(key.at, { zh: 'reverse 须写值与代码两格', en: 'reverse needs two cells, value and code' }))
      refuseMore(values[2])
    } else if (declarations.has(key.text)) {
      problems.push(invalid(key.at, { zh: `${key.text} 已写过`, en: `${key.text} has been said already` }))
    } else if (values[0]) {
      declarations.set(key.text, values[0])
      refuseMore(values[1])
    }
  }
  return { declarations, reverse, source }
}

export const withoutColumn = ({ at }: Written): GatewayError =>
  invalid(at, { zh: '此格在表头中没有列名', en: 'the header line has no column for this cell' })

/** Of two columns of one name only the first would be read. */
export const refuseTwice = (header: TableLine, taken: readonly string[], { problems }: Findings): void => {
  for (const [index, column] of header.entries()) {
    if (!taken.includes(column.text) || header.findIndex(({ text }) => text === column.text) === index) continue
    const reason = { zh: `表头中已有 ${column.text} 列`, en: `the header line already has a column ${column.text}` }
    problems.push(invalid(column.at, reason))
  }
}

/** Reads a table of the CSV form. Mistakes are collected, each with the place of its cell. */
export const tableFromCsv = (name: string, file: string, text: string, findings: Findings): TableVersion => {
  const { problems } = findings
  const lines = csvLines(file, text)
  const headerAt = lines.findIndex(isHeader)
  const header = lines[headerAt] ?? []
  if (headerAt < 0) {
    const reason = { zh: '表头行须含 code 与 value 两列', en: 'the header line must name the columns code and value' }
    problems.push(invalid(lines[0]?.[0]?.at ?? `${file}:1:1`, reason))
  }
  for (const column of header)
    if (column.text !== '' && !rowKeys.includes(column.text)) problems.push(unknownKey(column, rowKeys))
  refuseTwice(header, rowKeys, findings)
  const above = headerAt < 0 ? [] : lines.slice(0, headerAt)
  const rows = headerAt < 0 ? [] : lines.slice(headerAt + 1)
  const written = rows.map((line): WrittenRow => {
    const cells = new Map<string, Written>()
    for (const [index, cell] of line.entries()) {
      const column = header[index]?.text ?? ''
      if (cell.text === '') continue
      if (rowKeys.includes(column)) cells.set(column, cell)
      else if (column === '') problems.push(withoutColumn(cell))
    }
    const when = cells.get('when')
    return { cells, when: when && conditionIn(when, findings), at: line[0]?.at ?? file }
  })
  const table = {
    name,
    declared: above.length > 0,
    ...readDeclarations(above, findings),
    rows: written,
    at: `${file}:1:1`,
  }
  return toTableVersion(table, findings)
}
