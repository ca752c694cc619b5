import { GatewayError, type Json, type RunContext, type SourceRecord } from '../../core/contract.ts'
import type { SqlDriver } from './driver.ts'
import { type Plan, placeless } from './plan.ts'
import type { Session } from './session.ts'
import { type Column, join, sql } from './sql.ts'

/** What the streams of one run share. */
export interface Run {
  driver: SqlDriver
  system: string
  batchSize: number
  /** How many rows this run may still read. */
  left: number
  /** By stream, how far it has been read; goes into the checkpoint of every batch. */
  streams: Record<string, Json>
  session: Session
  /** A second session, for what must be asked while the first one reads. */
  helper(): Promise<Session>
  emit(records: SourceRecord[]): Promise<void>
  keep: RunContext['keep']
  warn(error: GatewayError): void
  /** By stream, whether the database guarantees its key, as it was when it was first asked. */
  guaranteed: Map<string, boolean>
}

/** Warns of the rows that no order can reach. Counting costs a look at the table, so it is done only where NULL is possible. */
export const warnOfPlaceless = async (
  { name, from }: Plan,
  columns: readonly Column[],
  { driver, system, session, warn }: Run,
): Promise<void> => {
  const conditions = placeless(driver, columns)
  if (conditions.length === 0) return
  const [row] = await session.query(sql`SELECT count(*) FROM ${from} r WHERE ${join(conditions, ' OR ')}`)
  const count = Number(row?.[0])
  if (count === 0) return
  const nullable = columns.filter((column) => column.nullable).map((column) => column.name)
  const reason = { zh: `列 ${nullable.join(' 或 ')} 为 NULL`, en: `column ${nullable.join(' or ')} is NULL` }
  warn(GatewayError.of('SOURCE_ROWS_SKIPPED', { system, stream: name, count, reason }))
}
