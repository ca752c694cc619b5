/**
 * Reading what is pending: by a flag, or because its key is not in a table of what was sent. After the gateway has stored a batch, the
 * same records are read again inside a transaction, locked where the mode can lock, and only those that are still the same are marked as
 * taken: a row that was changed in between stays pending.
 */
import { digestOf, GatewayError, type Keep, type SourceRecord, within } from '../../core/contract.ts'
import type { Cells } from './driver.ts'
import type { StreamOptions } from './options.ts'
import { after, anyOfThese, type IncludePlan, orderList, type Plan, placed, quoteTable, readList } from './plan.ts'
import { countSound, createRecords, joinKey, keyNotUnique, openDistinct, picker } from './records.ts'
import type { Run } from './run.ts'
import { all, join, raw, type Sql, sql } from './sql.ts'

interface Pending {
  where: Sql
  lock: Sql
  /** Marks the rows with these keys as taken. */
  mark(keys: Cells[]): Sql
}

const byFlag = (
  plan: Plan,
  driver: Run['driver'],
  { column: name, pending, done }: NonNullable<StreamOptions['flag']>,
): Pending => {
  const column = plan.find(name)
  const operand = raw(driver.operand(column))
  const values = pending.filter((value) => value !== null).map((value) => sql`${{ column, text: String(value) }}`)
  const where = anyOfThese([
    ...(values.length > 0 ? [sql`${operand} IN (${join(values, ', ')})`] : []),
    ...(pending.includes(null) ? [sql`${operand} IS NULL`] : []),
  ])
  return {
    where,
    lock: raw(driver.lockRows),
    mark: (keys) => sql`
      UPDATE ${plan.from} SET ${raw(driver.quote(name))} = ${{ column, text: String(done) }} WHERE ${driver.anyOf(plan.key, keys)} AND ${where}`,
  }
}

const byAntiJoin = (plan: Plan, driver: Run['driver'], { table, columns }: NonNullable<StreamOptions['antiJoin']>): Pending => {
  const sent = quoteTable(driver, table)
  const pairs = plan.key.map(({ name }, index) => raw(`s.${driver.quote(columns[index] ?? '')} = r.${driver.quote(name)}`))
  const where = sql`NOT EXISTS (SELECT 1 FROM ${sent} s WHERE ${all(pairs)})`
  const key = raw(plan.key.map(({ name }) => driver.quote(name)).join(', '))
  return {
    where,
    lock: raw(''),
    mark: (keys) => sql`
      INSERT INTO ${sent} (${raw(columns.map(driver.quote).join(', '))})
      SELECT ${key} FROM ${plan.from} r WHERE ${driver.anyOf(plan.key, keys)} AND ${where}`,
  }
}

/** How this stream tells what is pending. The table that is read is called `r`. */
export const pendingOf = (plan: Plan, driver: Run['driver']): Pending => {
  const { flag, antiJoin } = plan.options
  if (flag) return byFlag(plan, driver, flag)
  if (antiJoin) return byAntiJoin(plan, driver, antiJoin)
  throw new TypeError('a stream that reads what is pending has a flag or an anti-join')
}

export const readPending = async (plan: Plan, run: Run): Promise<void> => {
  const { driver, session, system, batchSize } = run
  const pending = pendingOf(plan, driver)
  const keyOf = picker(plan.cells, plan.key)
  const toRecords = createRecords(driver, system, plan)
  const here = async () => session
  let mostBytes = Number.POSITIVE_INFINITY
  const keep: Keep = (content, how) =>
    run.keep(content, how).catch((error: unknown) => {
      if (error instanceof GatewayError && error.code === 'ATTACHMENT_TOO_LARGE') mostBytes = Number(error.values['limit'])
      throw error
    })
  const contents = { session: here, keep, begin: driver.snapshot }
  /** What is already inside a transaction, on rows that are locked, is only compared: what was too large to be kept is so here. */
  const compared = {
    session: here,
    keep: (content: Parameters<Keep>[0]) => digestOf(within(mostBytes, content)),
    begin: undefined,
  }

  const select = (conditions: Sql[], tail: Sql): Sql => sql`
    SELECT ${readList(driver, plan.cells, plan.attachments)} FROM ${plan.from} r WHERE ${all([pending.where, ...placed(driver, plan.key), ...conditions])}
    ORDER BY ${orderList(driver, plan.key)} ${tail}`

  const markUnchanged = async (keys: Cells[], emitted: SourceRecord[]) => {
    const rows = await session.query(select([driver.anyOf(plan.key, keys)], pending.lock))
    const told = new Map(emitted.map(({ key, value }) => [key, plan.include.filter(({ name }) => name in (value as object))]))
    // Child rows that could not be told are not asked for again: that would end the transaction.
    const alike = new Map<string, { include: IncludePlan[]; rows: Cells[] }>()
    for (const row of rows) {
      const include = told.get(joinKey(keyOf(row))) ?? plan.include
      const names = include.map(({ name }) => name).join()
      const group = alike.get(names) ?? { include, rows: [] }
      group.rows.push(row)
      alike.set(names, group)
    }
    const bodies = new Map<string, SourceRecord['body']>()
    for (const { include, rows } of alike.values()) {
      const found = await createRecords(driver, system, { ...plan, include })(rows, compared)
      for (const { key, body } of found) bodies.set(key, body)
    }
    if (bodies.size < rows.length) {
      const keysFound = rows.map(keyOf)
      const double = keysFound.find((key, index) => keysFound.findIndex((other) => joinKey(other) === joinKey(key)) < index)
      throw keyNotUnique(system, plan, double ?? [])
    }
    const unchanged = keys.filter((_, index) => bodies.get(emitted[index]!.key) === emitted[index]!.body)
    if (unchanged.length > 0) await session.query(pending.mark(unchanged))
  }

  let last: string[] | undefined
  while (run.left > 0) {
    const limit = Math.min(batchSize, run.left)
    // With the row behind the limit: of two rows of one key none may be the last that is taken.
    const found = await session.query(select(last ? [after(driver, plan.key, last)] : [], raw(`LIMIT ${limit + 1}`)))
    const { sound, error } = countSound(found.map(keyOf), [openDistinct(system, plan)])
    // What is marked by its key would be marked in both.
    const rows = found.slice(0, error ? sound - 1 : limit)
    if (rows.length > 0) {
      run.left -= rows.length
      const keys = rows.map(keyOf)
      const records = await toRecords(rows, contents)
      await run.emit(records)
      await session.transaction(() => markUnchanged(keys, records))
      // What stays pending is read again by the next run, not by this one.
      last = keys[keys.length - 1] as string[]
    }
    if (error) throw error
    if (found.length <= limit) return
  }
}
