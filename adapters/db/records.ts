import { type Field, type GatewayError, type Json, maskUnknown, type SourceRecord } from '../../core/contract.ts'
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

/** The child rows of a batch, by the values of `on` in the parent row: one query, whatever the size of the batch. */
const childrenOf = async (driver: SqlDriver, system: string, session: Session, include: IncludePlan, parents: Cells[]) => {
  const groups = new Map<string, Json[]>()
  for (const parent of parents) if (!parent.includes(null)) groups.set(JSON.stringify(parent), [])
  if (groups.size === 0) return groups
  const on = include.on.map(({ child }) => child)
  const tuples = [...groups.keys()].map((text) => JSON.parse(text) as string[])
  const rows = await session.query(sql`
    SELECT ${readList(driver, [...on, ...include.columns], include.attachments)} FROM ${include.from} r
    WHERE ${driver.anyOf(on, tuples)} ORDER BY ${orderList(driver, [...on, ...include.orderBy])}`)
  const names = include.columns.map(({ name }) => name)
  for (const row of rows) {
    const group = groups.get(JSON.stringify(row.slice(0, on.length)))
    if (!group) {
      throw optionsInvalid(system, {
        zh: `子行“${include.name}”的关联列与父行写法不同（类型、空格或大小写），请在查询中统一`,
        en: `the columns that join the child rows "${include.name}" are not written alike on both sides (type, blanks or case); make them equal in a query`,
      })
    }
    group.push(objectOf(names, row.slice(on.length), names.length))
  }
  return groups
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

  const holder: Holder = { system, name: plan.name, from: plan.from, identity: plan.key }

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
      const children = value[name] as Record<string, Json>[]
      for (const [index, child] of children.entries()) {
        const key = identity.map((column) => child[column.name] as string | null)
        const one = { key, value: child, prefix: `${name}/${index}/` }
        parts.push(await keepRow(driver, { system, name, from, identity }, attachments, one, contents))
      }
    }
    const fault = parts.find((part) => part.fault)?.fault
    return { attachments: parts.flatMap(({ attachments }) => attachments), fault }
  }

  const hasAttachments = plan.attachments.length > 0 || include.some(({ attachments }) => attachments.length > 0)

  return async (rows: Cells[], contents: Contents): Promise<SourceRecord[]> => {
    if (include.length === 0 && !hasAttachments) return rows.map((row) => toRecord(row, objectOf(names, row, width)))
    const values = rows.map((row) => objectOf(names, row, width))
    for (const [index, wanted] of include.entries()) {
      const parents = rows.map(parentsOf[index]!)
      const groups = await childrenOf(driver, system, await contents.session(), wanted, parents)
      values.forEach((value, row) => {
        value[wanted.name] = ownRows(groups.get(JSON.stringify(parents[row])) ?? [], wanted)
      })
    }
    if (!hasAttachments) return rows.map((row, index) => toRecord(row, values[index]!))
    const records: SourceRecord[] = []
    for (const [index, row] of rows.entries())
      records.push(toRecord(row, values[index]!, await keepAll(row, values[index]!, contents)))
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
