import { type AdapterContext, didYouMean, type GatewayError } from '../../core/contract.ts'
import type { SqlDriver } from './driver.ts'
import { type AttachmentOptions, type IncludeOptions, type StreamOptions, streamName } from './options.ts'
import { optionsInvalid, type Session } from './session.ts'
import { type Column, join, raw, type Sql, sql } from './sql.ts'
import { checkShape } from './watermark-column.ts'

/** A column whose content is an attachment. In its cell there is text when it has one; name and media type are cells, too. */
export interface AttachmentPlan {
  column: Column
  fileName: Column | undefined
  mediaType: Column | undefined
}

/** A table or query that exists, with the columns it has now. */
interface Relation {
  from: Sql
  find(column: string): Column
  /** Throws one error for all that are not there. */
  demand(columns: readonly string[]): void
  columns: Column[]
}

export interface IncludePlan {
  name: string
  from: Sql
  /** Child column and parent column; the parent column is among the plan's `cells`. */
  on: { child: Column; parent: Column }[]
  orderBy: Column[]
  columns: Column[]
  attachments: AttachmentPlan[]
}

/** A stream of the options, checked against the database. */
export interface Plan {
  name: string
  options: StreamOptions
  /** A table, or a query in brackets; called `r` in every statement. */
  from: Sql
  /** What a row is read as: the columns of the body, then those needed besides. */
  cells: Column[]
  /** How many of `cells` make the body. */
  width: number
  key: Column[]
  attachments: AttachmentPlan[]
  include: IncludePlan[]
  /** A column of the stream by name. */
  find(column: string): Column
}

export const quoteTable = (driver: SqlDriver, table: string): Sql => raw(table.split('.').map(driver.quote).join('.'))

export const readList = (driver: SqlDriver, columns: readonly Column[], attachments: readonly AttachmentPlan[] = []): Sql => {
  const contents = new Set(attachments.map(({ column }) => column))
  return raw(columns.map((column) => (contents.has(column) ? driver.presence : driver.read)(column)).join(', '))
}
export const orderList = (driver: SqlDriver, columns: readonly Column[]): Sql => raw(columns.map(driver.operand).join(', '))

/** Finds the tables and columns that the options name. Throws SOURCE_OPTIONS_INVALID, with what there is instead or what would fit. */
export const createPlanner = (driver: SqlDriver, { system }: Pick<AdapterContext, 'system'>, session: Session) => {
  const tableMissing = async (table: string, cause: unknown): Promise<GatewayError> => {
    const known = (await session.query(driver.tables)).map(([name]) => name ?? '').sort()
    const instead = didYouMean(table, known)
    return optionsInvalid(
      system,
      { zh: `没有表“${table}”。${instead.zh}`, en: `there is no table "${table}". ${instead.en}` },
      cause,
    )
  }

  const relation = async (table: string | undefined, query: string | undefined, what: string): Promise<Relation> => {
    const from = query === undefined ? quoteTable(driver, table ?? '') : raw(`(${query}\n)`)
    const described = await session.describe(sql`SELECT * FROM ${from} r WHERE 1 = 0`).catch(async (error: GatewayError) => {
      const cause = error.cause
      if (table === undefined || !(cause instanceof Error) || driver.faultOf(cause).kind !== 'missing') throw error
      throw await tableMissing(table, cause)
    })
    // A query may join, and then a column that is never null in its table can be null here.
    const columns = described.map((column) => ({ ...column, nullable: column.nullable || query !== undefined }))
    const known = columns.map(({ name }) => name)
    const twice = known.find((name, index) => known.indexOf(name) !== index || name === '__proto__')
    if (twice !== undefined) {
      throw optionsInvalid(system, {
        zh: `${what}：列名“${twice}”重复或不可用，请在查询中改名`,
        en: `${what}: the column name "${twice}" is there twice or cannot be used; rename it in the query`,
      })
    }
    const demand = (names: readonly string[]): void => {
      const missing = [...new Set(names)].filter((column) => !known.includes(column))
      if (missing.length === 0) return
      const told = missing.map((column) => {
        const { zh, en } = didYouMean(column, known)
        return { zh: `没有列“${column}”。${zh}`, en: `has no column "${column}". ${en}` }
      })
      throw optionsInvalid(system, {
        zh: `${what} ${told.map(({ zh }) => zh).join('')}`,
        en: `${what} ${told.map(({ en }) => en).join(' It ')}`,
      })
    }
    const find = (column: string): Column => {
      demand([column])
      return columns.find(({ name }) => name === column)!
    }
    return { from, columns, find, demand }
  }

  const attachmentsOf = (options: AttachmentOptions | undefined, { find }: Relation): AttachmentPlan[] =>
    (options ?? []).map(({ column, fileName, mediaType }) => ({
      column: find(column),
      fileName: fileName === undefined ? undefined : find(fileName),
      mediaType: mediaType === undefined ? undefined : find(mediaType),
    }))

  const namesOf = (attachments: AttachmentOptions | undefined): string[] =>
    (attachments ?? []).flatMap(({ column, fileName = column, mediaType = column }) => [column, fileName, mediaType])

  /** Columns in their order, then those that attachments need besides. */
  const withAttachments = (columns: readonly Column[], attachments: readonly AttachmentPlan[]): Column[] => [
    ...new Set([
      ...columns,
      ...attachments.flatMap(({ column, fileName, mediaType }) => [column, fileName ?? column, mediaType ?? column]),
    ]),
  ]

  const include = async (
    { name, table, on, orderBy, attachments: wanted }: IncludeOptions,
    parent: Relation,
  ): Promise<IncludePlan> => {
    const child = await relation(table, undefined, table)
    child.demand([...Object.keys(on), ...orderBy, ...namesOf(wanted)])
    const attachments = attachmentsOf(wanted, child)
    return {
      name,
      from: child.from,
      on: Object.entries(on).map(([childColumn, parentColumn]) => ({
        child: child.find(childColumn),
        parent: parent.find(parentColumn),
      })),
      orderBy: orderBy.map(child.find),
      columns: withAttachments(
        child.columns.filter(({ shape }) => shape !== 'binary'),
        attachments,
      ),
      attachments,
    }
  }

  return async (options: StreamOptions): Promise<Plan> => {
    const name = streamName(options)
    const own = await relation(options.table, options.query, name)
    const { mode, watermark, flag } = options
    own.demand([
      ...options.key,
      ...(options.columns ?? []),
      ...(watermark ? [watermark.column] : []),
      ...(flag ? [flag.column] : []),
      ...(options.include ?? []).flatMap(({ on }) => Object.values(on)),
      ...namesOf(options.attachments),
    ])
    if (watermark) checkShape({ driver, system, options, from: own.from }, watermark, own.find(watermark.column))
    const key = options.key.map(own.find)
    const attachments = attachmentsOf(options.attachments, own)
    const chosen = withAttachments(
      options.columns?.map(own.find) ?? own.columns.filter(({ shape }) => shape !== 'binary'),
      attachments,
    )
    // Our own setting of the flag must not look like a change of the record.
    const body = mode === 'flag' ? chosen.filter((column) => column.name !== own.find(flag?.column ?? '').name) : chosen
    const includes: IncludePlan[] = []
    for (const wanted of options.include ?? []) includes.push(await include(wanted, own))
    const clash = includes.find((wanted) => body.some((column) => column.name === wanted.name))
    if (clash) {
      throw optionsInvalid(system, {
        zh: `${name}：子行名称“${clash.name}”与列名相同`,
        en: `${name}: the child rows "${clash.name}" are named as a column is`,
      })
    }
    const besides = [
      ...key,
      ...(mode === 'watermark' && watermark ? [own.find(watermark.column)] : []),
      ...includes.flatMap(({ on }) => on.map(({ parent }) => parent)),
    ]
    const cells = [...new Set([...body, ...besides])]
    return { name, options, from: own.from, cells, width: body.length, key, attachments, include: includes, find: own.find }
  }
}

/** Rows that come after these values in the order of these columns, written so that an index on the first one helps. */
export const after = (driver: SqlDriver, columns: readonly Column[], values: readonly string[]): Sql => {
  const beyond = (index: number): Sql => {
    const column = columns[index]!
    const operand = raw(driver.operand(column))
    const value = { column, text: values[index] ?? '' }
    if (index === columns.length - 1) return sql`${operand} > ${value}`
    return sql`(${operand} > ${value} OR (${operand} = ${value} AND ${beyond(index + 1)}))`
  }
  const [first] = columns
  if (columns.length === 1 || !first) return beyond(0)
  return sql`${raw(driver.operand(first))} >= ${{ column: first, text: values[0] ?? '' }} AND ${beyond(0)}`
}

/** The columns by which rows are told apart and which could be NULL: such rows have no place in any order. */
export const placeless = (driver: SqlDriver, columns: readonly Column[]): Sql[] =>
  columns.filter(({ nullable }) => nullable).map(({ name }) => raw(`${driver.quote(name)} IS NULL`))

export const placed = (driver: SqlDriver, columns: readonly Column[]): Sql[] =>
  columns.filter(({ nullable }) => nullable).map(({ name }) => raw(`${driver.quote(name)} IS NOT NULL`))

export const anyOfThese = (conditions: readonly Sql[]): Sql => sql`(${join(conditions, ' OR ')})`
