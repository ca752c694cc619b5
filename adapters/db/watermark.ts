/**
 * Reading by watermark. A pass reads everything beyond the bound of the last one, in the order of (column, key), and its checkpoint
 * names the exact row it has come to. When it is complete, the bound is the largest value seen, but not what the database's clock said at
 * the start of the pass less the overlap: a row that is committed late inside the overlap is met again by the next pass.
 */
import type { GatewayError, Json } from '../../core/contract.ts'
import type { Cells, SqlDriver } from './driver.ts'
import { isGuaranteed } from './key.ts'
import { overlapOf, type StreamOptions, zoneOf } from './options.ts'
import { after, orderList, type Plan, placed, readList } from './plan.ts'
import { countSound, createRecords, joinKey, openDistinct, openRepeats, picker } from './records.ts'
import type { Run } from './run.ts'
import type { Session } from './session.ts'
import { all, raw, type Sql, sql } from './sql.ts'
import { findNoMark, mayHoldOther } from './watermark-column.ts'

/** Texts as the database prints them. `until`: what may still be committed late is not before it, less the overlap where they are numbers. */
type Bound = { largest: string; until?: string }

type State = {
  /** What the rest was read from; when the options say otherwise, reading begins anew. */
  reads: string
  /** The bound of the last complete pass. */
  done?: Bound
  /** A pass that is not complete: where it is, and the `until` of its start. */
  pass?: { position: string[]; until?: string }
}

const describeReads = ({ table, query, key, watermark }: StreamOptions): string =>
  JSON.stringify([table ?? query, key, watermark?.column, watermark?.kind])

/** `named`: the watermark column as it is read; `column`: as it is compared. */
const markOf = (plan: Plan) => {
  const { watermark } = plan.options
  if (!watermark) throw new TypeError('a stream in mode watermark has a watermark')
  const named = plan.find(watermark.column)
  const column = watermark.kind === 'number' ? { ...named, shape: 'number' as const } : named
  return { watermark, named, column, order: [column, ...plan.key], overlap: overlapOf(watermark) }
}

type Mark = ReturnType<typeof markOf>

/** Of times, by the database's clock; of numbers, the largest, as far as the overlap looks back at all. */
const untilNow = async (
  { watermark, named, column, overlap }: Mark,
  { from }: Plan,
  driver: SqlDriver,
  session: Session,
): Promise<{ until?: string }> => {
  if (watermark.kind === 'time') {
    const [row] = await session.query(sql`SELECT ${driver.clock(column, overlap, zoneOf(watermark))}`)
    return { until: row?.[0] ?? '' }
  }
  if (overlap === 0) return {}
  const [row] = await session.query(sql`
    SELECT ${readList(driver, [named])} FROM ${from} r WHERE ${all(placed(driver, [named]))}
    ORDER BY ${orderList(driver, [column])} DESC LIMIT 1`)
  return row ? { until: row[0]! } : {}
}

/**
 * Asks what a pass after the first one asks, but of no row, and looks at the smallest and the largest value. Throws SOURCE_OPTIONS_INVALID
 * where a run would.
 */
export const probeWatermark = async (plan: Plan, driver: SqlDriver, system: string, session: Session): Promise<void> => {
  const mark = markOf(plan)
  const { watermark, named, column, order } = mark
  const until = await untilNow(mark, plan, driver, session)
  const bound = { largest: until.until ?? '0', ...until }
  await session.query(sql`
    SELECT 1 FROM ${plan.from} r WHERE 1 = 0 AND ${beyondBound(driver, mark, bound)} ORDER BY ${orderList(driver, order)}`)
  const place = { driver, system, ...plan }
  if (!mayHoldOther(watermark, named)) return
  for (const direction of ['ASC', 'DESC']) {
    const [row] = await session.query(sql`
      SELECT ${readList(driver, [named])} FROM ${plan.from} r WHERE ${all(placed(driver, [named]))}
      ORDER BY ${orderList(driver, [column])} ${raw(direction)} LIMIT 1`)
    const wrong = row && findNoMark(place, watermark, named, row[0] ?? '')
    if (wrong) throw wrong
  }
}

export const readByWatermark = async (plan: Plan, run: Run): Promise<void> => {
  const { driver, system, batchSize } = run
  const mark = markOf(plan)
  const { watermark, named, order, overlap } = mark
  const place = { driver, system, ...plan }
  const positionOf = picker(plan.cells, [named, ...plan.key])
  const keyOf = picker(plan.cells, plan.key)
  const toRecords = createRecords(driver, system, plan)
  const contents = { session: run.helper, keep: run.keep, begin: driver.snapshot }
  const reads = describeReads(plan.options)
  // What the database sees to need not be looked at in each row.
  const isUnique = run.guaranteed.get(plan.name) ?? (await isGuaranteed(driver, run.session, plan))
  run.guaranteed.set(plan.name, isUnique)
  const stored = run.streams[plan.name] as State | undefined
  let state: State = stored?.reads === reads ? stored : { reads }

  const keep = (next: State) => {
    state = next
    run.streams[plan.name] = next as Json
  }

  /** With the row behind the limit: nothing is taken before it is known that no other of its key follows. */
  const select = (limit: number): Sql => {
    const { pass, done } = state
    const beyond = pass ? [after(driver, order, pass.position)] : done ? [beyondBound(driver, mark, done)] : []
    return sql`SELECT ${readList(driver, plan.cells, plan.attachments)} FROM ${plan.from} r WHERE ${all([...placed(driver, order), ...beyond])}
      ORDER BY ${orderList(driver, order)} LIMIT ${raw(String(limit + 1))}`
  }

  /**
   * Reads on to the end of the pass or of what the run may read; answers how many rows were taken. Throws at a row that it cannot go beyond:
   * what stands before it has been taken.
   */
  const readPass = async (until: { until?: string }): Promise<number> => {
    const passAt = (row: Cells | undefined): State =>
      row ? { ...state, pass: { position: positionOf(row) as string[], ...until } } : state
    const doneAt = (largest: string): State => ({ reads, done: { largest, ...until } })

    const take = async (rows: Cells[], next: State): Promise<void> => {
      const records = await toRecords(rows, contents)
      run.left -= rows.length
      keep(next)
      await run.emit(records)
    }

    let total = 0
    for (;;) {
      const limit = driver.cursorBlocksWriters ? Math.min(batchSize, run.left) : run.left
      if (limit === 0) return total
      const size = driver.cursorBlocksWriters ? limit + 1 : batchSize
      const before = state
      // Read again inside the overlap, two rows of one key would be amendments of each other, at every pass. What is read for the first time comes once.
      const isReadAgain = overlap > 0 && state.done !== undefined && state.pass === undefined
      const findRepeat = openRepeats(system, plan)
      let repeated: GatewayError | undefined
      const noteRepeat = (position: Cells): undefined => {
        repeated ??= findRepeat(position)
      }
      const checks = isUnique ? [] : [openDistinct(system, plan), isReadAgain ? findRepeat : noteRepeat]
      let taken = 0
      let held: Cells[] = []
      for await (const rows of run.session.stream(select(limit), size)) {
        const positions = rows.map(positionOf)
        const marks = countSound(positions, [([value]) => findNoMark(place, watermark, named, value ?? '')])
        const keys = countSound(positions.slice(0, marks.sound), checks)
        const error = keys.error ?? marks.error
        const isLast = rows.length < size
        const known = [...held, ...rows]
        const sound = error ? held.length + keys.sound : isLast ? known.length : known.length - 1
        const upTo = known.slice(0, Math.min(sound, limit - taken))
        // Of rows of one key none, as far as the others are not taken yet.
        const batch = keys.error ? upTo.filter((row) => joinKey(keyOf(row)) !== joinKey(keyOf(known[sound]!))) : upTo
        held = known.slice(batch.length)
        taken += batch.length
        const last = batch[batch.length - 1]
        // Behind one of two rows of one key, reading would never come to the other: it begins where it began.
        const next = keys.error ? before : last && isLast && held.length === 0 ? doneAt(positionOf(last)[0]!) : passAt(last)
        if (error || last) await take(batch, next)
        if (error) throw error
      }
      const [rest] = held
      if (rest && taken < limit) {
        await take(held, doneAt(positionOf(rest)[0]!))
        taken += 1
        held = []
      }
      if (repeated) run.warn(repeated)
      total += taken
      if (held.length === 0) {
        if (state.pass) keep(doneAt(state.pass.position[0]!))
        return total
      }
    }
  }

  if (state.pass) {
    const { position: _, ...until } = state.pass
    if ((await readPass(until)) > 0) return
  }
  await readPass(await untilNow(mark, plan, driver, run.session))
}

const beyondBound = (driver: SqlDriver, { watermark, column, overlap }: Mark, { largest, until }: Bound): Sql => {
  const operand = raw(driver.operand(column))
  const last = { column, text: largest }
  if (watermark.kind === 'number') {
    const settled = until === undefined ? sql`${last}` : sql`${raw(driver.least)}(${last}, ${{ column, text: until }})`
    return sql`${operand} > ${settled} - ${raw(String(overlap))}`
  }
  const settled = { column, text: until ?? '' }
  // The first condition alone lets an index be used. A column that knows only days may still get rows of the day of `until`.
  return sql`${operand} >= ${raw(driver.least)}(${last}, ${settled}) AND (${operand} > ${last} OR ${operand} >= ${settled})`
}
