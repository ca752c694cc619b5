/**
 * The item catalogue as a spreadsheet saves it: lines above the header say `version` and `effectiveFrom`, then a row for each item. Limits are
 * written as people do, `10工作日`; a stage as its limit and who answers for it, `3工作日 云若川`; materials with a semicolon between them, those that must
 * be handed in with a star: `CL1 申请书*；CL2 平面图`.
 */
import { codesOf, type ListName, vocabulary } from '../canonical/index.ts'
import { didYouMean } from '../did-you-mean.ts'
import { GatewayError, type Text } from '../errors.ts'
import { csvLines } from '../mapping/codes/csv-table.ts'
import type { TableLine } from '../mapping/codes/written-table.ts'

const stages = codesOf('stage')
const declarations = ['version', 'effectiveFrom']
const columns = [
  'code',
  'name',
  'otherCodes',
  'kind',
  'orgCode',
  'orgName',
  'responsible',
  'statutoryLimit',
  'promisedLimit',
  ...stages,
  'materials',
  'from',
  'to',
]

export interface ReadCatalogue {
  value: unknown
  /** `file:line:column` of a JSON pointer, or of what is nearest above it. */
  at(pointer: string): string
}

const invalid = (at: string, reason: Text): GatewayError => GatewayError.of('CATALOGUE_INVALID', { at, reason })

/** A code by itself, or by its Chinese word. What is neither is left as it is, for the schema to tell. */
const toCode = (list: ListName, written: string): string => {
  const values: Record<string, Text> = vocabulary[list].values
  return Object.keys(values).find((code) => code === written || values[code]!.zh === written) ?? written
}

const toLimit = (written: string): object | undefined => {
  const [, amount, unit] = /^(\d{1,6})\s*([^\d\s]\S*)$/.exec(written) ?? []
  return amount === undefined ? undefined : { amount: Number(amount), unit: toCode('timeUnit', unit!) }
}

const limitReason: Text = { zh: '时限应写成“10工作日”或“10 working_day”', en: 'write a limit as "10工作日" or "10 working_day"' }

const toStage = (stage: string, written: string): object | undefined => {
  const [, limitText, responsible] = /^(\d+\s*\S*)?\s*(.*)$/.exec(written)!
  const limit = limitText === undefined ? undefined : toLimit(limitText)
  if (limitText !== undefined && limit === undefined) return undefined
  return { stage, ...(limit && { limit }), ...(responsible && { responsible }) }
}

const toMaterial = (written: string): object => {
  const [, code, name, star] = /^(?:([\w.-]+)\s+)?(.*?)\s*(\*)?$/.exec(written.trim())!
  return { ...(code !== undefined && { code }), name, required: star === '*' }
}

const splitList = (text: string): string[] =>
  text
    .split(/[;；\n]/)
    .map((part) => part.trim())
    .filter((part) => part !== '')

/** A row as the item that it says; what it cannot say is told at its cell. */
const toItem = (
  cells: ReadonlyMap<string, { text: string; at: string }>,
  place: (member: string, at: string) => void,
  problems: GatewayError[],
): object => {
  const item: Record<string, unknown> = {}
  const org: Record<string, string> = {}
  const procedure: object[] = []
  for (const [column, { text, at }] of cells) {
    const set = (member: string, value: unknown): void => {
      place(member, at)
      item[member] = value
    }
    if (column === 'otherCodes') set(column, splitList(text))
    else if (column === 'kind') set(column, toCode('caseKind', text))
    else if (column === 'materials') set(column, splitList(text).map(toMaterial))
    else if (column === 'orgCode' || column === 'orgName') {
      const member = column === 'orgCode' ? 'code' : 'name'
      place(`org/${member}`, at)
      org[member] = text
    } else if (column === 'statutoryLimit' || column === 'promisedLimit') {
      const limit = toLimit(text)
      if (limit) set(column, limit)
      else problems.push(invalid(at, limitReason))
    } else if ((stages as readonly string[]).includes(column)) {
      const line = toStage(column, text)
      place(`stages/${procedure.length}`, at)
      if (line) procedure.push(line)
      else problems.push(invalid(at, limitReason))
    } else set(column, text)
  }
  return { ...item, ...(Object.keys(org).length > 0 && { org }), ...(procedure.length > 0 && { stages: procedure }) }
}

/** Reads the rows; what the items say is judged by whoever judges those of YAML. */
export const readCatalogueCsv = (file: string, text: string, problems: GatewayError[]): ReadCatalogue => {
  const lines = csvLines(file, text)
  const places = new Map<string, string>()
  const isHeader = (line: TableLine): boolean => ['code', 'name'].every((name) => line.some((cell) => cell.text === name))
  const headerAt = lines.findIndex(isHeader)
  if (headerAt < 0)
    problems.push(
      invalid(`${file}:1:1`, { zh: '表头行须含 code 与 name 两列', en: 'the header line must name the columns code and name' }),
    )
  const header = lines[headerAt] ?? []
  const unknown = (cell: TableLine[number], known: readonly string[]): void =>
    void problems.push(
      GatewayError.of('CONFIG_KEY_UNKNOWN', { at: cell.at, key: cell.text, suggestion: didYouMean(cell.text, known) }),
    )
  for (const column of header) if (column.text !== '' && !columns.includes(column.text)) unknown(column, columns)
  const value: Record<string, unknown> = {}
  for (const [key, cell] of headerAt < 0 ? [] : lines.slice(0, headerAt)) {
    if (!key || !declarations.includes(key.text)) {
      if (key) unknown(key, declarations)
      continue
    }
    places.set(`/${key.text}`, cell?.at ?? key.at)
    value[key.text] = key.text === 'version' && /^\d{1,15}$/.test(cell?.text ?? '') ? Number(cell!.text) : cell?.text
  }
  value['items'] = (headerAt < 0 ? [] : lines.slice(headerAt + 1)).map((line, index) => {
    places.set(`/items/${index}`, line[0]!.at)
    const cells = new Map<string, { text: string; at: string }>()
    for (const [nth, cell] of line.entries()) {
      const column = header[nth]?.text ?? ''
      if (cell.text === '') continue
      if (column === '')
        problems.push(invalid(cell.at, { zh: '此格在表头中没有列名', en: 'the header line has no column for this cell' }))
      else if (columns.includes(column)) cells.set(column, cell)
    }
    return toItem(cells, (member, at) => void places.set(`/items/${index}/${member}`, at), problems)
  })
  const at = (pointer: string): string =>
    places.get(pointer) ?? (pointer === '' ? `${file}:1:1` : at(pointer.replace(/\/[^/]*$/, '')))
  return { value, at }
}
