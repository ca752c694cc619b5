/** The writes of a sink's options, compared with the database as it is. */
import {
  type Content,
  didYouMean,
  GatewayError,
  isContent,
  isList,
  type Operation,
  type OperationValues,
  type Text,
} from '../../core/contract.ts'
import type { Cells, SqlDriver, Staged } from './driver.ts'
import { type ColumnLimits, misfitOf } from './fit.ts'
import { quoteTable } from './plan.ts'
import type { Session } from './session.ts'
import type { ChildOptions, WriteOptions } from './sink-options.ts'
import { all, type Column, join, raw, type Sql, sql, type Value } from './sql.ts'

/** A value for a column, or null, that was found to fit. */
type TextCell = { column: Column; text: string | null }
type Cell = TextCell | { column: Column; content: Content }

export interface WritePlan {
  /** What carries the operation out, in order, and the contents that must be with the database before. Throws DELIVERY_MISFIT. */
  statements(operation: Operation): { staged: Staged[]; statements: Statement[] }
  /** What tells whether the target has the operation; undefined when there is nothing to ask by. Throws DELIVERY_MISFIT. */
  question(operation: Operation): Question | undefined
}

/** A row of `applied` means that it has; one of `doubtful` alone, that nobody can tell: the key is there, and other values. */
export interface Question {
  applied: Sql
  doubtful?: Sql
}

/** `find` is looked at first; the statement is then that for a row that is there, or for none. */
export type Statement = { run: Sql } | { find: Sql; change: Sql; add: Sql }

interface Table {
  from: Sql
  cells(operation: Operation, values: OperationValues): Cell[]
  find(operation: Operation, column: string): Column
}

const misfit = (system: string, { write }: Operation, name: string, reason: Text): GatewayError =>
  GatewayError.of('DELIVERY_MISFIT', { system, write, name, reason })

const textOf = (system: string, operation: Operation, values: OperationValues, name: string): string | null => {
  const value = values[name]
  if (value === undefined)
    throw misfit(system, operation, name, { zh: '操作里没有这个值', en: 'the operation has no such value' })
  if (typeof value === 'string' || value === null) return value
  if (isContent(value))
    throw misfit(system, operation, name, {
      zh: '是附件的内容，不能作主键、关联或确认的依据',
      en: 'it is the content of an attachment, which is no key and nothing to join or ask by',
    })
  throw misfit(system, operation, name, { zh: '是列表，须写入子表', en: 'it is a list: it needs a child table' })
}

/** Contents of one operation as they stand in its statements, each once. */
const createStage = (driver: SqlDriver) => {
  const staged = new Map<string, Staged>()
  return {
    staged: () => [...staged.values()],
    of: (content: Content): Sql => {
      const known = staged.get(content.digest) ?? driver.stage(content, staged.size + 1)
      staged.set(content.digest, known)
      return known.value
    },
  }
}
type Stage = ReturnType<typeof createStage>

const number = (text: string | null | undefined): number | undefined => (text == null ? undefined : Number(text))

/** Describes a table once; its columns are found and its limits kept for every operation that follows. */
const describeTable = async (driver: SqlDriver, session: Session, system: string, name: string): Promise<Table> => {
  const from = quoteTable(driver, name)
  const columns = await session.describe(sql`SELECT * FROM ${from} r WHERE 1 = 0`)
  const limits = new Map<string, ColumnLimits>()
  const asked = driver.limits(name)
  for (const [column, characters, bytes, charset] of asked ? await session.query(asked) : [])
    limits.set(column ?? '', { characters: number(characters), bytes: number(bytes), charset: charset ?? undefined })
  const contentLimit = Number((await session.query(driver.contentLimit))[0]?.[0])
  const contentMisfit = ({ shape, name: column }: Column, { size }: Content): Text | undefined => {
    if (shape !== 'binary' && shape !== 'untyped')
      return { zh: '附件的内容须写入二进制列', en: 'the content of an attachment needs a binary column' }
    const most = Math.min(limits.get(column)?.bytes ?? contentLimit, contentLimit)
    if (size <= most) return undefined
    return {
      zh: `附件有 ${size} 字节，列或服务器（MySQL 为 max_allowed_packet）只容 ${most} 字节`,
      en: `the attachment has ${size} bytes, the column or the server (of MySQL, max_allowed_packet) takes ${most}`,
    }
  }
  const find: Table['find'] = (operation, wanted) => {
    const column = columns.find((one) => one.name === wanted)
    if (column) return column
    const { zh, en } = didYouMean(
      wanted,
      columns.map((one) => one.name),
    )
    throw misfit(system, operation, wanted, { zh: `表 ${name} 没有这一列。${zh}`, en: `table ${name} has no such column. ${en}` })
  }
  return {
    from,
    find,
    cells: (operation, values) =>
      Object.keys(values)
        .filter((column) => !isList(values[column]!))
        .map((word): Cell => {
          const column = find(operation, word)
          const value = values[word]!
          if (isContent(value)) {
            const reason = contentMisfit(column, value)
            if (reason) throw misfit(system, operation, word, reason)
            return { column, content: value }
          }
          const text = textOf(system, operation, values, word)
          const limit = text === null || column.shape === 'binary' ? undefined : limits.get(column.name)
          const reason = (limit && misfitOf(text!, limit)) ?? (text === null ? undefined : driver.alters?.(column, text))
          if (reason) throw misfit(system, operation, word, reason)
          return { column, text }
        }),
  }
}

const placeOf = (cell: Cell, stage: Stage): Sql => ('content' in cell ? stage.of(cell.content) : sql`${cell}`)

const valuesOf = (cells: readonly Cell[], stage: Stage): Sql =>
  join(
    cells.map((cell) => placeOf(cell, stage)),
    ', ',
  )

/** True for rows that hold exactly these values; NULL is equal to NULL. */
const holding = (driver: SqlDriver, cells: readonly Cell[]): Sql =>
  all(
    cells.map((cell) => {
      const { column } = cell
      if ('content' in cell) return driver.holds(column, cell.content)
      const { text } = cell
      const operand = raw(driver.quote(column.name))
      return text === null ? sql`${operand} IS NULL` : sql`${operand} = ${{ column, text }}`
    }),
  )

const insertInto = (driver: SqlDriver, { from }: Table, cells: readonly Cell[], stage: Stage): Sql =>
  sql`INSERT INTO ${from} (${raw(cells.map(({ column }) => driver.quote(column.name)).join(', '))}) VALUES (${valuesOf(cells, stage)})`

/** `:name` outside of quotes. */
const placeholder = /:([\p{L}_][\p{L}\p{N}_]*)|'(?:[^']|'')*'|"[^"]*"|::/gu

const questionOf = (system: string, query: string, operation: Operation): Sql => {
  const parts: string[] = []
  const values: Value[] = []
  let from = 0
  for (const found of query.matchAll(placeholder)) {
    const [, name] = found
    if (name === undefined) continue
    parts.push(query.slice(from, found.index))
    values.push({
      column: { name, type: '', shape: 'text', nullable: true },
      text: textOf(system, operation, operation.values, name),
    })
    from = found.index + found[0].length
  }
  return { parts: [...parts, query.slice(from)], values }
}

/** Of a table with its child tables. */
const planTable = async (
  driver: SqlDriver,
  session: Session,
  system: string,
  { table = '', mode, key = [], children = [], confirm }: WriteOptions,
): Promise<WritePlan> => {
  const own = await describeTable(driver, session, system, table)
  const kinds: (ChildOptions & { described: Table })[] = []
  for (const child of children) kinds.push({ ...child, described: await describeTable(driver, session, system, child.table) })

  const childStatements = (operation: Operation, stage: Stage): Statement[] => {
    for (const [name, value] of Object.entries(operation.values))
      if (isList(value) && !kinds.some((child) => child.name === name))
        throw misfit(system, operation, name, { zh: '没有为这个列表写明子表', en: 'no child table is given for this list' })
    return kinds.flatMap(({ name, on, described }) => {
      const joined = Object.entries(on).map(([column, of]) => ({
        column: described.find(operation, column),
        text: textOf(system, operation, operation.values, of),
      }))
      const rows = operation.values[name]
      const added = (Array.isArray(rows) ? (rows as OperationValues[]) : []).map((row) => ({
        run: insertInto(driver, described, [...joined, ...described.cells(operation, row)], stage),
      }))
      return mode === 'upsert' ? [{ run: sql`DELETE FROM ${described.from} WHERE ${holding(driver, joined)}` }, ...added] : added
    })
  }

  const keyCells = (operation: Operation): Cell[] =>
    key.map((column) => ({
      column: own.find(operation, column),
      text: textOf(system, operation, operation.values, column),
    }))

  const ownStatement = (operation: Operation, stage: Stage): Statement => {
    const cells = own.cells(operation, operation.values)
    const add = insertInto(driver, own, cells, stage)
    if (mode !== 'upsert') return { run: add }
    const place = holding(driver, keyCells(operation))
    const changes = cells.filter(({ column }) => !key.includes(column.name))
    const set = changes.map((cell) => sql`${raw(driver.quote(cell.column.name))} = ${placeOf(cell, stage)}`)
    const find = sql`SELECT 1 FROM ${own.from} WHERE ${place} ${raw(driver.lockForWrite)}`
    // Without anything to change the row is as it should be.
    const change = changes.length === 0 ? find : sql`UPDATE ${own.from} SET ${join(set, ', ')} WHERE ${place}`
    return { find, change, add }
  }

  return {
    statements: (operation) => {
      const stage = createStage(driver)
      const statements = [ownStatement(operation, stage), ...childStatements(operation, stage)]
      return { staged: stage.staged(), statements }
    },
    question: (operation) => {
      if (confirm !== undefined) return { applied: questionOf(system, confirm, operation) }
      if (key.length === 0) return undefined
      const rows = (cells: readonly Cell[]) => sql`SELECT 1 FROM ${own.from} WHERE ${holding(driver, cells)}`
      return { applied: rows(own.cells(operation, operation.values)), doubtful: rows(keyCells(operation)) }
    },
  }
}

const planProcedure = async (
  driver: SqlDriver,
  session: Session,
  system: string,
  { procedure = '', parameters = [], confirm }: WriteOptions,
): Promise<WritePlan> => {
  const asked = driver.parameterTypes(procedure)
  const types: Cells = asked ? (await session.query(asked)).map(([type]) => type ?? '') : []
  return {
    statements: (operation) => {
      const stage = createStage(driver)
      const cells = parameters.map((name, index): Cell => {
        const column = { name, type: types[index] ?? '', shape: 'text' as const, nullable: true }
        const value = operation.values[name]
        if (value !== undefined && isContent(value)) return { column, content: value }
        return { column, text: textOf(system, operation, operation.values, name) }
      })
      const run = sql`CALL ${quoteTable(driver, procedure)}(${valuesOf(cells, stage)})`
      return { staged: stage.staged(), statements: [{ run }] }
    },
    question: (operation) => (confirm === undefined ? undefined : { applied: questionOf(system, confirm, operation) }),
  }
}

/** Throws SOURCE_ errors: what the options name must be there. */
export const planWrite = (driver: SqlDriver, session: Session, system: string, options: WriteOptions): Promise<WritePlan> =>
  options.procedure === undefined ? planTable(driver, session, system, options) : planProcedure(driver, session, system, options)
