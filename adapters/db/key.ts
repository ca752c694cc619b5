/** Whether the key of a stream tells its rows apart, as far as that can be known without reading all of them. */
import type { SqlDriver } from './driver.ts'
import { pendingOf } from './pending.ts'
import type { Plan } from './plan.ts'
import { placed } from './plan.ts'
import { keyNotUnique } from './records.ts'
import type { Session } from './session.ts'
import { all, raw, sql } from './sql.ts'

/** The most rows that are read. */
export const keyRows = 10_000

/** Whether the columns of some unique index are all in the key. Rows with NULL in the key, which such an index may repeat, are never read. */
export const isGuaranteed = async (driver: SqlDriver, session: Session, { options }: Plan): Promise<boolean> => {
  const { table, key } = options
  if (table === undefined) return false
  const indexes = new Map<string, boolean>()
  for (const [index, column] of await session.query(driver.uniqueIndexes(table))) {
    const name = index ?? ''
    const isInKey = column !== undefined && column !== null && key.includes(column)
    indexes.set(name, isInKey && (indexes.get(name) ?? true))
  }
  return [...indexes.values()].includes(true)
}

/**
 * Resolves with whether the database guarantees the key. If it does not, the rows are looked at: throws SOURCE_OPTIONS_INVALID when two
 * have the same key. They are grouped in a limited part of the stream, so that a large table without an index costs no sorting; where an
 * index begins with the first column of the key, in its order, which brings equal keys together.
 */
export const checkKey = async (driver: SqlDriver, system: string, session: Session, plan: Plan): Promise<boolean> => {
  const { key, options, from } = plan
  const [first] = key
  const { table } = options
  let order = raw('')
  if (table !== undefined && first) {
    if (await isGuaranteed(driver, session, plan)) return true
    const [row] = await session.query(driver.indexesOn(table, first.name))
    if (Number(row?.[0]) > 0) order = raw(`ORDER BY ${driver.operand(first)}`)
  }
  const columns = raw(key.map((column, nth) => `${driver.operand(column)} AS k${nth}`).join(', '))
  const names = raw(key.map((_, nth) => `k${nth}`).join(', '))
  // A flag tells rows of one key apart as long as one of them is pending; the other modes come back to rows that they have read.
  const read = [...placed(driver, key), ...(options.mode === 'flag' ? [pendingOf(plan, driver).where] : [])]
  const [double] = await session.query(sql`
    SELECT ${names} FROM (SELECT ${columns} FROM ${from} r WHERE ${all(read)} ${order} LIMIT ${raw(String(keyRows))}) k
    GROUP BY ${names} HAVING count(*) > 1 LIMIT 1`)
  if (double) throw keyNotUnique(system, plan, double)
  return false
}
