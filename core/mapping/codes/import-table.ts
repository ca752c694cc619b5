/** Makes a table's YAML of a list of codes that a spreadsheet has saved. Nothing is filled in: a code without a value stays without. */
import { Document, isMap, isSeq, type Node, parseDocument, Scalar, visit } from 'yaml'
import { didYouMean } from '../../did-you-mean.ts'
import { GatewayError } from '../../errors.ts'
import { parseYaml } from '../../yaml.ts'
import { type CsvLine, csvLines } from './csv-table.ts'
import { declarationKeys, rowKeys } from './written-table.ts'

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

/** A condition as its cell has it: what YAML would take for a number stays the text that was written. Throws CONFIG_SYNTAX. */
const conditionIn = ({ at, text }: CsvLine[number]): Node | null => {
  parseYaml(at, text)
  const document = parseDocument(text)
  visit(document, {
    Scalar: (key, node) => {
      if (key !== 'key' && typeof node.value === 'number') return quoted(node.source ?? String(node.value))
    },
  })
  return document.contents
}

const headerIn = (lines: readonly CsvLine[], file: string, columns: ImportColumns): number => {
  const index = lines.findIndex((line) => line.some(({ text }) => text === columns.code))
  const header = lines[index]
  // A column that was asked for by a name of its own must be there; `value`, `label` and `note` may be missing.
  const wanted = Object.entries(columns).filter(([key, name]) => key === 'code' || key !== name)
  const missing = wanted.find(([, name]) => !header?.some(({ text }) => text === name))?.[1]
  if (header && missing === undefined) return index
  const known = (header ?? lines[0] ?? []).map(({ text }) => text).filter((text) => text !== '')
  const { zh, en } = didYouMean(String(missing), known)
  const reason = { zh: `表头行没有“${missing}”列。${zh}`, en: `the header line names no column "${missing}". ${en}` }
  throw GatewayError.of('MAPPING_INVALID', { at: (header ?? lines[0])?.[0]?.at ?? `${file}:1:1`, reason })
}

const declarationsOf = (lines: readonly CsvLine[]): Record<string, unknown> => {
  const declared: Record<string, unknown> = {}
  for (const [key, ...cells] of lines) {
    const values = cells.map(({ text }) => text).filter((text) => text !== '')
    if (!key || values.length === 0 || !declarationKeys.includes(key.text)) continue
    if (key.text === 'source') declared['source'] = values.map(quoted)
    else if (key.text === 'reverse')
      declared['reverse'] = { ...(declared['reverse'] ?? {}), [values[0]!]: quoted(values[1] ?? '') }
    else declared[key.text] = key.text === 'lossy' ? values[0] === 'true' : values[0]
  }
  return declared
}

/**
 * Reads a list of codes. Columns are found by the names given; those of a table (`when`, `from`, `to`) by their own. What stands above
 * the header and is a declaration of a table becomes one. Throws MAPPING_INVALID when there is no such header.
 */
export const importTable = (file: string, text: string, columns: ImportColumns): ImportedTable => {
  const lines = csvLines(file, text)
  const headerAt = headerIn(lines, file, columns)
  const header = lines[headerAt]!.map((cell) => cell.text)
  const at = new Map(rowKeys.map((key) => [key, header.indexOf(key in columns ? columns[key as keyof ImportColumns] : key)]))
  const withoutValue: string[] = []
  const rows = lines.slice(headerAt + 1).map((line) => {
    const row: Record<string, unknown> = {}
    for (const key of rowKeys) {
      const cell = line[at.get(key) ?? -1]
      if (!cell || cell.text === '') continue
      row[key] = key === 'code' ? quoted(cell.text) : key === 'when' ? conditionIn(cell) : cell.text
    }
    if (row['value'] === undefined) withoutValue.push(line[at.get('code') ?? -1]?.text ?? '')
    return row
  })
  const document = new Document({ ...declarationsOf(lines.slice(0, headerAt)), rows })
  visit(document, {
    Map: (_, node, path) => {
      if (isMap(node) && isSeq(path.at(-1))) node.flow = true
    },
  })
  return { yaml: document.toString({ lineWidth: 0 }), rows: rows.length, withoutValue }
}
