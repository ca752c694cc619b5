/**
 * Reading by watermark. A pass reads everything beyond the bound of the last one, in the order of (column, key), and its checkpoint
 * names the exact row it has come to. When it is complete, the bound is the largest value seen, but not what the database's clock said at
 * the start of the pass less the overlap: a row that is committed late inside the overlap is met again by the next pass.
 */
import type { Json } from '../../core/contract.ts'
import type { Cells, SqlDriver } from './driver.ts'
import { overlapOf, type StreamOptions, zoneOf } from './options.ts'
import { after, orderList, type Plan, placed, readList } from './plan.ts'
import { countSound, createRecords, openDistinct, openRepeats, picker } from './records.ts'
import type { Run } from './run.ts'
import type { Session } from './session.ts'
import { all, raw, type Sql, sql } from './sql.ts'
import { findNoMark, mayHoldOther } from './watermark-column.ts'

/** Texts as the database prints them. `until`: what may still be committed late is not before it; absent for numbers. */
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

const untilNow = async (
  { watermark, column, overlap }: Mark,
  driver: SqlDriver,
  session: Session,
): Promise<{ until?: string }> => {
  if (watermark.kind === 'number') return {}
  const [row] = await session.query(sql`SELECT ${driver.clock(column, overlap, zoneOf(watermark))}`)
  return { until: row?.[0] ?? '' }
}

/**
 * Asks what a pass after the first one asks, but of no row, and looks at the smallest and the largest value. Throws SOURCE_OPTIONS_INVALID
 * where a run would.
 */
export const probeWatermark = async (plan: Plan, driver: SqlDriver, system: string, session: Session): Promise<void> => {
  const mark = markOf(plan)
  const { watermark, named, column, order, overlap } = mark
  const until = await untilNow(mark, driver, session)
  const bound = { largest: until.until ?? '0', ...until }
  await session.query(sql`
    SELECT 1 FROM ${plan.from} r WHERE 1 = 0 AND ${beyondBound(driver, column, bound, overlap)} ORDER BY ${orderList(driver, order)}`)
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
  const { watermark, named, column, order, overlap } = mark
  const place = { driver, system, ...plan }
  const positionOf = picker(plan.cells, [named, ...plan.key])
  const toRecords = createRecords(driver, system, plan)
  const contents = { session: run.helper, keep: run.keep, begin: driver.snapshot }
  const reads = describeReads(plan.options)
  const stored = run.streams[plan.name] as State | undefined
  let state: State = stored?.reads === reads ? stored : { reads }

  const keep = (next: State) => {
    state = next
    run.streams[plan.name] = next as Json
  }

  const select = (limit: number): Sql => {
    const { pass, done } = state
    const beyond = pass ? [after(driver, order, pass.position)] : done ? [beyondBound(driver, column, done, overlap)] : []
    return sql`SELECT ${readList(driver, plan.cells, plan.attachments)} FROM ${plan.from} r WHERE ${all([...placed(driver, order), ...beyond])}
      ORDER BY ${orderList(driver, order)} LIMIT ${raw(String(limit))}`
  }

  /**
   * Reads on to the end of the pass or of what the run may read; answers how many rows came. Throws at a row that it cannot go beyond: what
   * stands before it has been taken.
   */
  const readPass = async (until: { until?: string }): Promise<number> => {
    let total = 0
    for (;;) {
      const limit = driver.cursorBlocksWriters ? Math.min(batchSize, run.left) : run.left
      if (limit === 0) return total
      let rows = 0
      // Read again inside the overlap, each of the two would be an amendment of the other, at every pass. What is read for the first time comes once.
      const before = state
      const isReadAgain = overlap > 0 && state.done !== undefined && state.pass === undefined
      const checks = [
        ([value]: Cells) => findNoMark(place, watermark, named, value ?? ''),
        openDistinct(system, plan, state.pass?.position),
        ...(isReadAgain ? [openRepeats(system, plan)] : []),
      ]
      for await (const batch of run.session.stream(select(limit), batchSize)) {
        rows += batch.length
        run.left -= batch.length
        const positions = batch.map((row) => positionOf(row) as string[])
        const { sound, error } = countSound(positions, checks)
        const position = positions[sound - 1]
        const complete = !error && batch.length < batchSize && rows < limit
        // Continued behind the rows that were looked at, a pass would not see that a key comes again: it begins anew.
        const next = error && isReadAgain ? before : { ...state, ...(position && { pass: { position, ...until } }) }
        const records = await toRecords(batch.slice(0, sound), contents)
        keep(complete ? { reads, done: { largest: position![0]!, ...until } } : next)
        await run.emit(records)
        if (error) throw error
      }
      total += rows
      if (rows < limit) {
        if (state.pass) keep({ reads, done: { largest: state.pass.position[0]!, ...until } })
        return total
      }
    }
  }

  if (state.pass) {
    const { position: _, ...until } = state.pass
    if ((await readPass(until)) > 0) return
  }
  await readPass(await untilNow(mark, driver, run.session))
}

const beyondBound = (driver: SqlDriver, column: Plan['key'][number], { largest, until }: Bound, overlap: number): Sql => {
  const operand = raw(driver.operand(column))
  const last = { column, text: largest }
  if (until === undefined) return sql`${operand} > ${last} - ${raw(String(overlap))}`
  const settled = { column, text: until }
  // The first condition alone lets an index be used. A column that knows only days may still get rows of the day of `until`.
  return sql`${operand} >= ${raw(driver.least)}(${last}, ${settled}) AND (${operand} > ${last} OR ${operand} >= ${settled})`
}
