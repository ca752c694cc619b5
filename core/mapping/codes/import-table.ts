/** Makes a table's YAML of a list of codes in a spreadsheet, or that one has saved. Nothing is filled in: a code without a value stays without. */
import { Document, isMap, isSeq, type Node, parseDocument, Scalar, visit } from 'yaml'
import { didYouMean } from '../../did-you-mean.ts'
import { GatewayError } from '../../errors.ts'
import { isHeader, readDeclarations, refuseTwice, unknownKey, withoutColumn, yamlIn } from './csv-table.ts'
import { checkStored, saidIn } from './stored-cells.ts'
import { declarationKeys, type Findings, invalid, rowKeys, type TableLine, type Written } from './written-table.ts'

/** Which column of the list holds which part of a row. */
export type ImportColumns = Readonly<Record<'code' | 'value' | 'label' | 'note', string>>

export interface ImportedTable {
  yaml: string
  rows: number
  /** The codes for which the list gives no value: a person must. */
  withoutValue: string[]
}

/** Codes are written in quotes, so that nobody takes 01 for a number. */
const quoted = (text: string): Scalar => {
  const scalar = new Scalar(text)
  scalar.type = Scalar.QUOTE_DOUBLE
  return scalar
}

/** A condition as its cell has it: what YAML would take for a number stays the text that was written. Throws MAPPING_INVALID. */
const conditionIn = (cell: Written): Node | null => {
  yamlIn(cell)
  const document = parseDocument(cell.text)
  visit(document, {
    Scalar: (key, node) => {
      if (key !== 'key' && typeof node.value === 'number') return quoted(node.source ?? String(node.value))
    },
  })
  return document.contents
}

const headerIn = (lines: readonly TableLine[], file: string, columns: ImportColumns): number => {
  const index = lines.findIndex((line) => line.some(({ text }) => text === columns.code))
  const header = lines[index]
  // A column that was asked for by a name of its own must be there; `value`, `label` and `note` may be missing.
  const wanted = Object.entries(columns).filter(([key, name]) => key === 'code' || key !== name)
  const missing = wanted.find(([, name]) => !header?.some(({ text }) => text === name))?.[1]
  if (header && missing === undefined) return index
  const known = (header ?? lines[0] ?? []).map(({ text }) => text).filter((text) => text !== '')
  const { zh, en } = didYouMean(String(missing), known)
  const parted = known.length === 1 && /[;\t]/.exec(known[0]!)
  const reason = parted
    ? {
        zh: `表头行没有“${missing}”列：各列似以“${parted[0] === ';' ? ';' : '制表符'}”分隔，须以逗号分隔`,
        en: `the header line names no column "${missing}": its columns seem to be parted by ${parted[0] === ';' ? 'semicolons' : 'tabs'}, and must be by commas`,
      }
    : { zh: `表头行没有“${missing}”列。${zh}`, en: `the header line names no column "${missing}". ${en}` }
  throw GatewayError.of('MAPPING_INVALID', { at: (header ?? lines[0])?.[0]?.at ?? `${file}:1:1`, reason })
}

const declarationsOf = (lines: readonly TableLine[], findings: Findings): Record<string, unknown> => {
  const { declarations, reverse, source } = readDeclarations(lines, findings)
  const said = Object.fromEntries([...declarations].map(([key, { text }]) => [key, text]))
  // What is neither is left for the table to be told of.
  const lossy = said['lossy'] === 'true' || (said['lossy'] === 'false' ? false : said['lossy'])
  return {
    ...said,
    ...(lossy === undefined ? {} : { lossy }),
    ...(source ? { source: source.map(({ text }) => quoted(text)) } : {}),
    ...(reverse.length > 0
      ? { reverse: Object.fromEntries(reverse.map(([value, code]) => [value.text, quoted(code.text)])) }
      : {}),
  }
}

const said = ([key, ...cells]: TableLine): TableLine => [
  key!,
  ...cells.map((cell) => ({ ...cell, text: saidIn(key!.text, cell) })),
]

/**
 * Reads a list of codes. Columns are found by the names given; those of a table (`when`, `from`, `to`) by their own. What stands above
 * the header and is a declaration of a table becomes one. What is not taken is told: a mistake in a table of its own form, and a doubt in a list
 * that a department keeps for itself. Throws MAPPING_INVALID when there is no such header, and for cells of a workbook that hold no sure text.
 */
export const importTable = (
  file: string,
  lines: readonly TableLine[],
  columns: ImportColumns,
  findings: Findings,
): ImportedTable => {
  const headerAt = headerIn(lines, file, columns)
  const header = lines[headerAt]!
  const isTable = columns.code === 'code' && columns.value === 'value' && isHeader(header)
  const leave = (cell: Written, mistake: GatewayError): void => {
    const reason = { zh: `“${cell.text}”没有取用`, en: `"${cell.text}" is not taken` }
    if (isTable) findings.problems.push(mistake)
    else findings.warnings.push(GatewayError.of('CODE_TABLE_DOUBTFUL', { at: cell.at, table: file, reason }))
  }
  const at = new Map(
    rowKeys.map((key) => {
      const column = key in columns ? columns[key as keyof ImportColumns] : key
      return [key, header.findIndex(({ text }) => text === column)] as const
    }),
  )
  const taken = new Set(at.values())
  refuseTwice(
    header,
    [...taken].map((index) => header[index]?.text ?? '').filter((name) => name !== ''),
    findings,
  )
  const isFirst = ({ text }: Written, index: number): boolean => header.findIndex((other) => other.text === text) === index
  for (const [index, column] of header.entries())
    if (column.text !== '' && !taken.has(index) && isFirst(column, index)) leave(column, unknownKey(column, rowKeys))
  const above: TableLine[] = []
  for (const line of lines.slice(0, headerAt)) {
    const key = line.find(({ text }) => text !== '')!
    if (isTable || declarationKeys.includes(line[0]!.text)) above.push(line)
    else leave(key, unknownKey(key, declarationKeys))
  }
  const below = lines.slice(headerAt + 1)
  const cellIn = (line: TableLine, key: string): Written | undefined => line[at.get(key) ?? -1]
  findings.warnings.push(
    ...checkStored(file, [
      ...above.flatMap(([key, ...cells]) => cells.map((cell) => ({ key: key!.text, cell }))),
      ...below.flatMap((line) => rowKeys.map((key) => ({ key, cell: cellIn(line, key) }))),
    ]),
  )
  const withoutValue: string[] = []
  const rows = below.map((line) => {
    for (const [index, cell] of line.entries())
      if (cell.text !== '' && (header[index]?.text ?? '') === '') leave(cell, withoutColumn(cell))
    const row: Record<string, unknown> = {}
    for (const key of rowKeys) {
      const cell = cellIn(line, key)
      if (!cell || cell.text === '') continue
      row[key] = key === 'code' ? quoted(cell.text) : key === 'when' ? conditionIn(cell) : saidIn(key, cell)
    }
    if (row['value'] === undefined) withoutValue.push(cellIn(line, 'code')?.text ?? '')
    return row
  })
  if (rows.length === 0)
    findings.problems.push(invalid(header[0]!.at, { zh: '表头之下没有任何一行', en: 'there is no row below the header line' }))
  const document = new Document({ ...declarationsOf(above.map(said), findings), rows })
  visit(document, {
    Map: (_, node, path) => {
      if (isMap(node) && isSeq(path.at(-1))) node.flow = true
    },
  })
  return { yaml: document.toString({ lineWidth: 0 }), rows: rows.length, withoutValue }
}
