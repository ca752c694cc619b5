import { type Field, GatewayError, type Json, maskUnknown, type SourceRecord, type Text } from '../../core/contract.ts'
import { type Contents, type Holder, type KeptRow, keepRow } from './attachments.ts'
import type { Cells, SqlDriver } from './driver.ts'
import { type AttachmentPlan, type IncludePlan, orderList, type Plan, readList } from './plan.ts'
import { optionsInvalid, type Session } from './session.ts'
import { type Column, sql } from './sql.ts'

const separator = '|'

const escaped = (value: string): string =>
  value.includes(separator) || value.includes('\\')
    ? value.replaceAll('\\', '\\\\').replaceAll(separator, `\\${separator}`)
    : value

/** One value as it is; several joined by "|", with "\" before a "|" or "\" that belongs to a value. */
export const joinKey = (values: Cells): string =>
  values.length === 1 ? (values[0] ?? '') : values.map((value) => escaped(value ?? '')).join(separator)

/** Takes values out of a row: of these columns, in this order. */
export const picker = (cells: readonly Column[], columns: readonly Column[]) => {
  const places = columns.map((column) => cells.indexOf(column))
  return (row: Cells): Cells => places.map((place) => row[place] ?? null)
}

const objectOf = (names: readonly string[], row: Cells, width: number): Record<string, Json> => {
  const value: Record<string, Json> = {}
  for (let index = 0; index < width; index++) value[names[index]!] = row[index] ?? null
  return value
}

/** What became of the child rows of a batch: by the values of `on` in the parent row, as JSON. */
interface Children {
  groups: Map<string, Json[]>
  /** Why those of a parent cannot be told. */
  faults: Map<string, GatewayError>
}

/** When so many parents have child rows that cannot be told, and none has others, it is the options and not the rows. */
const tooManyUntold = 10

/** The database could not make the value of a parent one of the column that it is compared with (SQLSTATE class 22, ISO 9075). */
const isOfValues = (driver: SqlDriver, error: unknown): error is GatewayError =>
  error instanceof GatewayError &&
  error.code === 'SOURCE_OPTIONS_INVALID' &&
  error.cause instanceof Error &&
  driver.faultOf(error.cause).state?.startsWith('22') === true

/**
 * The child rows of a batch: one query, whatever its size. When it fails for the value of one parent it is asked for each half of them, so that
 * one row does not keep the others from being read.
 */
const childrenOf = async (driver: SqlDriver, session: Session, include: IncludePlan, parents: Cells[]): Promise<Children> => {
  const groups = new Map<string, Json[]>()
  const faults = new Map<string, GatewayError>()
  const on = include.on.map(({ child }) => child)
  const names = include.columns.map(({ name }) => name)

  const apart = async (tuples: string[], reason: Text): Promise<void> => {
    if (tuples.length > 1) {
      await read(tuples.slice(0, tuples.length >> 1))
      await read(tuples.slice(tuples.length >> 1))
      return
    }
    const value = maskUnknown(joinKey(JSON.parse(tuples[0]!) as string[]))
    const { zh, en } = reason
    const said = { zh: `子行“${include.name}”（${value}）：${zh}`, en: `child rows "${include.name}" (${value}): ${en}` }
    faults.set(tuples[0]!, GatewayError.of('RECORD_UNREADABLE', { reason: said }))
  }

  const read = async (tuples: string[]): Promise<void> => {
    const found = new Map<string, Json[]>(tuples.map((tuple) => [tuple, []]))
    const of = tuples.map((tuple) => JSON.parse(tuple) as string[])
    let rows: Cells[]
    try {
      rows = await session.query(sql`
        SELECT ${readList(driver, [...on, ...include.columns], include.attachments)} FROM ${include.from} r
        WHERE ${driver.anyOf(on, of)} ORDER BY ${orderList(driver, [...on, ...include.orderBy])}`)
    } catch (error) {
      if (!isOfValues(driver, error)) throw error
      return apart(tuples, error.values['reason'] as Text)
    }
    for (const row of rows) {
      const group = found.get(JSON.stringify(row.slice(0, on.length)))
      if (!group)
        return apart(tuples, {
          zh: '关联列与父行写法不同（类型、空格或大小写），请改正数据，或在查询中统一',
          en: 'the columns that join them are not written alike on both sides (type, blanks or case); correct the data, or make them equal in a query',
        })
      group.push(objectOf(names, row.slice(on.length), names.length))
    }
    for (const [tuple, group] of found) groups.set(tuple, group)
  }

  const tuples = [...new Set(parents.filter((parent) => !parent.includes(null)).map((parent) => JSON.stringify(parent)))]
  if (tuples.length > 0) await read(tuples)
  return { groups, faults }
}

/** Several rows may have the same child rows: what is kept of one is not put into another. */
const ownRows = (children: Json[], { attachments }: IncludePlan): Json[] =>
  attachments.length === 0 ? children : structuredClone(children)

const reference: Field[] = [
  { name: 'digest', fields: [] },
  { name: 'size', fields: [] },
]

const fieldsNamed = (columns: readonly Column[], attachments: readonly AttachmentPlan[]): Field[] =>
  columns.map((column) =>
    attachments.some((one) => one.column === column)
      ? { name: column.name, fields: reference, isStructure: true }
      : { name: column.name, fields: [] },
  )

/** What `createRecords` puts into a record. */
export const fieldsOf = ({ cells, width, attachments, include }: Plan): Field[] => [
  ...fieldsNamed(cells.slice(0, width), attachments),
  ...include.map(({ name, columns, attachments }) => ({
    name,
    fields: fieldsNamed(columns, attachments),
    repeats: true,
    isStructure: true,
  })),
]

/** Rows of a plan as records. Runs on every row that is read: one object and one JSON text per row, nothing else. */
export const createRecords = (driver: SqlDriver, system: string, plan: Plan) => {
  const { cells, width, include } = plan
  const names = cells.map(({ name }) => name)
  const keyOf = picker(cells, plan.key)
  const parentsOf = include.map(({ on }) =>
    picker(
      cells,
      on.map(({ parent }) => parent),
    ),
  )

  const holder: Holder = { name: plan.name, from: plan.from, identity: plan.key }

  const toRecord = (row: Cells, value: Record<string, Json>, { attachments, fault }: Partial<KeptRow> = {}): SourceRecord => ({
    stream: plan.name,
    key: joinKey(keyOf(row)),
    body: JSON.stringify(value),
    contentType: 'application/json',
    value,
    ...(attachments && attachments.length > 0 ? { attachments } : {}),
    ...(fault ? { fault } : {}),
  })

  /** Of a row and its child rows, in the order of the record. */
  const keepAll = async (row: Cells, value: Record<string, Json>, contents: Contents): Promise<KeptRow> => {
    const own = { key: keyOf(row), value, prefix: '' }
    const parts = [await keepRow(driver, holder, plan.attachments, own, contents)]
    for (const { name, from, on, orderBy, attachments } of include.filter((one) => one.attachments.length > 0)) {
      const identity = [...new Set([...on.map(({ child }) => child), ...orderBy])]
      const children = (value[name] ?? []) as Record<string, Json>[]
      for (const [index, child] of children.entries()) {
        const key = identity.map((column) => child[column.name] as string | null)
        const one = { key, value: child, prefix: `${name}/${index}/` }
        parts.push(await keepRow(driver, { name, from, identity }, attachments, one, contents))
      }
    }
    const fault = parts.find((part) => part.fault)?.fault
    return { attachments: parts.flatMap(({ attachments }) => attachments), fault }
  }

  const hasAttachments = plan.attachments.length > 0 || include.some(({ attachments }) => attachments.length > 0)

  return async (rows: Cells[], contents: Contents): Promise<SourceRecord[]> => {
    if (include.length === 0 && !hasAttachments) return rows.map((row) => toRecord(row, objectOf(names, row, width)))
    const values = rows.map((row) => objectOf(names, row, width))
    const untold: (GatewayError | undefined)[] = []
    for (const [index, wanted] of include.entries()) {
      const parents = rows.map(parentsOf[index]!)
      const { groups, faults } = await childrenOf(driver, await contents.session(), wanted, parents)
      const [fault] = faults.values()
      if (fault && faults.size >= tooManyUntold && [...groups.values()].every((group) => group.length === 0))
        throw optionsInvalid(system, fault.values['reason'] as Text)
      values.forEach((value, row) => {
        const parent = JSON.stringify(parents[row])
        untold[row] ??= faults.get(parent)
        if (!faults.has(parent)) value[wanted.name] = ownRows(groups.get(parent) ?? [], wanted)
      })
    }
    const records: SourceRecord[] = []
    for (const [index, row] of rows.entries()) {
      const value = values[index]!
      const { attachments, fault } = hasAttachments ? await keepAll(row, value, contents) : { attachments: [] }
      const kept = { attachments, fault: untold[index] ?? fault }
      records.push(toRecord(row, value, kept))
    }
    return records
  }
}

/** Two rows at one position could not be told apart: a restart would skip the second. */
export const openDistinct = (system: string, plan: Plan) => {
  let previous: Cells | undefined
  return (position: Cells): GatewayError | undefined => {
    const isSame = previous?.every((value, index) => value === position[index])
    previous = position
    return isSame ? keyNotUnique(system, plan, position) : undefined
  }
}

/** So many keys are remembered. */
const repeatsWithin = 10_000

/** For the rows of one statement, which sees one state of the database: a key that comes twice is that of two rows. */
export const openRepeats = (system: string, plan: Plan) => {
  const seen = new Set<string>()
  return (position: Cells): GatewayError | undefined => {
    const key = JSON.stringify(position.slice(-plan.key.length))
    if (seen.has(key)) return keyNotUnique(system, plan, position)
    seen.add(key)
    if (seen.size > repeatsWithin) seen.delete(seen.keys().next().value!)
    return undefined
  }
}

/** How many of the positions stand before the first that one of the checks has something to say of, and what it says. */
export const countSound = (
  positions: readonly Cells[],
  checks: readonly ((position: Cells) => GatewayError | undefined)[],
): { sound: number; error?: GatewayError } => {
  for (const [sound, position] of positions.entries())
    for (const check of checks) {
      const error = check(position)
      if (error) return { sound, error }
    }
  return { sound: positions.length }
}

/** `position`: of one of them; its last values are the key. */
export const keyNotUnique = (system: string, { name, options }: Plan, position: Cells): GatewayError => {
  const key = options.key.join(', ')
  const value = maskUnknown(joinKey(position.slice(-options.key.length)))
  return optionsInvalid(system, {
    zh: `${name}：key（${key}）不能区分各行，有多行同为“${value}”`,
    en: `${name}: key (${key}) does not tell the rows apart, several have "${value}"`,
  })
}
