/** Reads an exchange table, and holds it against the mappings of its system: what the table says, one of them must do. */
import { existsSync } from 'node:fs'
import { extname, resolve } from 'node:path'
import { type EventType, eventTypes } from '../canonical/index.ts'
import { didYouMean } from '../did-you-mean.ts'
import { GatewayError, type Text, toGatewayError } from '../errors.ts'
import { type Direction, directions, type ExchangeRow, type ExchangeTable } from '../exchange.ts'
import { csvLines } from '../mapping/codes/csv-table.ts'
import { readTableText } from '../mapping/codes/table-text.ts'
import { sha256 } from '../sha256.ts'
import { parseYaml, type YamlEntry } from '../yaml.ts'
import type { CheckedFile } from './settle.ts'

/** A cell of the table with its column, each with its place. */
type Cell = Pick<YamlEntry, 'key' | 'keyAt' | 'at'> & { text: string }

interface WrittenRow {
  at: string
  cells: Cell[]
}

/** `name` is for people. */
const plainColumns = ['item', 'name']

const invalid = (at: string, reason: Text): GatewayError => GatewayError.of('EXCHANGE_INVALID', { at, reason })

/** The same rows from YAML, a list of mappings, and from CSV with a line of column names. */
const readRows = (file: string, text: string, problems: GatewayError[]): WrittenRow[] => {
  if (extname(file).toLowerCase() === '.csv') {
    const [header, ...lines] = csvLines(file, text)
    return lines.map((line) => ({
      at: line[0]!.at,
      cells: line.flatMap(({ text, at }, index) => {
        const column = header![index]
        if (column && column.text !== '') return [{ key: column.text, keyAt: column.at, text, at }]
        if (text !== '')
          problems.push(invalid(at, { zh: '此格在表头中没有列名', en: 'the header line has no column for this cell' }))
        return []
      }),
    }))
  }
  const yaml = parseYaml(file, text)
  if (!Array.isArray(yaml.value)) {
    problems.push(invalid(yaml.at([]), { zh: '须为列表，每项一个事项', en: 'must be a list, one entry for each item' }))
    return []
  }
  return yaml.value.map((_, index) => ({
    at: yaml.at([index]),
    cells: yaml.entriesAt([index]).map(({ key, keyAt, at, text }) => ({ key, keyAt, at, text: text ?? '' })),
  }))
}

const toDirection = ({ text, at }: Cell, problems: GatewayError[]): Direction => {
  if ((directions as readonly string[]).includes(text)) return text as Direction
  problems.push(
    invalid(at, {
      zh: `“${text}”应为 up（部门报送）、down（平台下发）或 none（不交换）`,
      en: `"${text}" must be up (the department sends), down (the platform sends) or none`,
    }),
  )
  return 'none'
}

/** Every column that any row has. */
const columnsOf = (rows: readonly WrittenRow[]): Map<string, string> =>
  new Map(rows.flatMap(({ cells }) => cells.map(({ key, keyAt }) => [key, keyAt] as const)).reverse())

const toRow = ({ at, cells }: WrittenRow, columns: ReadonlySet<EventType>, problems: GatewayError[]): ExchangeRow => {
  const byColumn = new Map<string, Cell>()
  for (const cell of cells) {
    if (byColumn.has(cell.key))
      problems.push(invalid(cell.keyAt, { zh: `${cell.key} 写了两次`, en: `${cell.key} is there twice` }))
    byColumn.set(cell.key, cell)
  }
  const item = byColumn.get('item')
  if (!item || item.text === '')
    problems.push(invalid(at, { zh: '缺少 item（事项编码，或 *）', en: 'item is missing: its code, or *' }))
  const stages = new Map<EventType, { direction: Direction; at: string }>()
  for (const type of columns) {
    const cell = byColumn.get(type)
    if (cell) stages.set(type, { direction: toDirection(cell, problems), at: cell.at })
    else
      problems.push(
        invalid(at, {
          zh: `没有写 ${type}；不交换写 none`,
          en: `nothing is said of ${type}; write none when it is not exchanged`,
        }),
      )
  }
  return { item: item?.text ?? '', at, stages }
}

/** Reads the table that a system's file names, relative to the configuration folder. Undefined where something is wrong: `problems` then says what. */
export const loadExchange = (name: string, { yaml, folder, problems }: CheckedFile): ExchangeTable | undefined => {
  const path = resolve(folder, name)
  const file = `config/${name}`
  if (!existsSync(path)) {
    const expected = {
      zh: '文件不存在，相对路径从配置文件夹算起',
      en: 'there is no such file; relative to the configuration folder',
    }
    problems.push(GatewayError.of('CONFIG_VALUE_INVALID', { at: yaml.at(['exchange']), key: 'exchange', found: name, expected }))
    return undefined
  }
  const before = problems.length
  try {
    const text = readTableText(path, file)
    const written = readRows(file, text, problems)
    const types = new Set<EventType>()
    for (const [column, at] of columnsOf(written)) {
      if (plainColumns.includes(column)) continue
      if (eventTypes.includes(column as EventType)) types.add(column as EventType)
      else
        problems.push(
          GatewayError.of('CONFIG_KEY_UNKNOWN', {
            at,
            key: column,
            suggestion: didYouMean(column, [...plainColumns, ...eventTypes]),
          }),
        )
    }
    if (written.length === 0) problems.push(invalid(`${file}:1:1`, { zh: '没有任何事项', en: 'it has no item' }))
    const rows = new Map<string, ExchangeRow>()
    for (const one of written) {
      const row = toRow(one, types, problems)
      if (rows.has(row.item))
        problems.push(invalid(row.at, { zh: `事项 ${row.item} 已有一行`, en: `item ${row.item} has a row already` }))
      rows.set(row.item, row)
    }
    if (problems.length > before) return undefined
    return { version: sha256(text).toString('hex'), file, rows }
  } catch (thrown) {
    problems.push(toGatewayError(thrown))
    return undefined
  }
}

const cellsOf = ({ rows }: ExchangeTable, type: EventType, direction: Direction) =>
  [...rows.values()].flatMap(({ stages }) => {
    const cell = stages.get(type)
    return cell?.direction === direction ? [cell.at] : []
  })

/**
 * The table must speak of every event that a mapping of the system makes or writes, and one of them must make what is brought up and write what is
 * sent down. `written` is undefined when there is an operation for whatever comes.
 */
export const checkExchange = (
  table: ExchangeTable,
  made: ReadonlySet<EventType>,
  written: ReadonlySet<EventType> | undefined,
  problems: GatewayError[],
): void => {
  const [first] = table.rows.values()
  const columns = new Set(first?.stages.keys())
  const told = (type: EventType, by: Text): void => {
    if (columns.has(type)) return
    const reason = {
      zh: `没有 ${type} 一列，而${by.zh}；不交换写 none`,
      en: `it has no column ${type}, and ${by.en}; write none when it is not exchanged`,
    }
    problems.push(invalid(`${table.file}:1:1`, reason))
  }
  for (const type of made) told(type, { zh: '映射产生它', en: 'the mapping makes it' })
  for (const type of written ?? []) told(type, { zh: '下行映射写入它', en: 'the mapping of deliver writes it' })
  for (const type of columns) {
    const [up] = made.has(type) ? [] : cellsOf(table, type, 'up')
    if (up !== undefined)
      problems.push(
        invalid(up, {
          zh: `${type} 由部门报送，映射却不产生它`,
          en: `${type} is sent by the department, and the mapping never makes it`,
        }),
      )
    const [down] = !written || written.has(type) ? [] : cellsOf(table, type, 'down')
    if (down !== undefined)
      problems.push(
        invalid(down, {
          zh: `${type} 由平台下发，本系统却不写入它（deliver 的映射没有这种操作）`,
          en: `${type} is sent by the platform, and nothing writes it: the mapping of deliver has no operation for it`,
        }),
      )
  }
}
