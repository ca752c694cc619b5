/**
 * Reading by watermark. A pass reads everything beyond the bound of the last one, in the order of (column, key), and its checkpoint
 * names the exact row it has come to. When it is complete, the bound is the largest value seen, but not what the database's clock said at
 * the start of the pass less the overlap: a row that is committed late inside the overlap is met again by the next pass.
 */
import type { Json } from '../../core/contract.ts'
import type { SqlDriver } from './driver.ts'
import { overlapOf, type StreamOptions, zoneOf } from './options.ts'
import { after, orderList, type Plan, placed, readList } from './plan.ts'
import { checkDistinct, createRecords, picker } from './records.ts'
import type { Run } from './run.ts'
import { optionsInvalid } from './session.ts'
import { all, raw, type Sql, sql } from './sql.ts'

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

const timePattern = /^\d{4}-\d{2}-\d{2}[ T]\d{2}:\d{2}:\d{2}/

const describeReads = ({ table, query, key, watermark }: StreamOptions): string =>
  JSON.stringify([table ?? query, key, watermark?.column, watermark?.kind])

export const readByWatermark = async (plan: Plan, run: Run): Promise<void> => {
  const { driver, system, batchSize } = run
  const watermark = plan.options.watermark
  if (!watermark) throw new TypeError('a stream in mode watermark has a watermark')
  const overlap = overlapOf(watermark)
  const named = plan.find(watermark.column)
  if (watermark.kind === 'number' && named.shape !== 'number' && named.shape !== 'untyped') {
    throw optionsInvalid(system, {
      zh: `${plan.name}：水位列“${named.name}”不是数值列`,
      en: `${plan.name}: the watermark column "${named.name}" is no numeric column`,
    })
  }
  const column = watermark.kind === 'number' ? { ...named, shape: 'number' as const } : named
  const order = [column, ...plan.key]
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

  const now = async (): Promise<{ until?: string }> => {
    if (watermark.kind === 'number') return {}
    const [row] = await run.session.query(sql`SELECT ${driver.clock(column, overlap, zoneOf(watermark))}`)
    return { until: row?.[0] ?? '' }
  }

  const checkPositions = (positions: string[][]) => {
    if (watermark.kind === 'time' && column.shape !== 'time') {
      const wrong = positions.find(([mark]) => !timePattern.test(mark ?? ''))
      if (wrong) {
        throw optionsInvalid(system, {
          zh: `${plan.name}：水位列“${column.name}”的值“${wrong[0]}”不是日期时间；请在查询中转换，或用 kind: number`,
          en: `${plan.name}: "${wrong[0]}" in watermark column "${column.name}" is no time; convert it in a query, or use kind: number`,
        })
      }
    }
  }

  const select = (limit: number): Sql => {
    const { pass, done } = state
    const beyond = pass ? [after(driver, order, pass.position)] : done ? [beyondBound(driver, column, done, overlap)] : []
    return sql`SELECT ${readList(driver, plan.cells, plan.attachments)} FROM ${plan.from} r WHERE ${all([...placed(driver, order), ...beyond])}
      ORDER BY ${orderList(driver, order)} LIMIT ${raw(String(limit))}`
  }

  /** Reads on to the end of the pass or of what the run may read; answers how many rows came. */
  const readPass = async (until: { until?: string }): Promise<number> => {
    let total = 0
    for (;;) {
      const limit = driver.cursorBlocksWriters ? Math.min(batchSize, run.left) : run.left
      if (limit === 0) return total
      let rows = 0
      for await (const batch of run.session.stream(select(limit), batchSize)) {
        rows += batch.length
        run.left -= batch.length
        const positions = batch.map((row) => positionOf(row) as string[])
        checkPositions(positions)
        checkDistinct(system, plan, state.pass?.position, positions)
        const position = positions[positions.length - 1]!
        const complete = batch.length < batchSize && rows < limit
        const records = await toRecords(batch, contents)
        keep(complete ? { reads, done: { largest: position[0]!, ...until } } : { ...state, pass: { position, ...until } })
        await run.emit(records)
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
  await readPass(await now())
}

const beyondBound = (driver: SqlDriver, column: Plan['key'][number], { largest, until }: Bound, overlap: number): Sql => {
  const operand = raw(driver.operand(column))
  const last = { column, text: largest }
  if (until === undefined) return sql`${operand} > ${last} - ${raw(String(overlap))}`
  const settled = { column, text: until }
  // The first condition alone lets an index be used. A column that knows only days may still get rows of the day of `until`.
  return sql`${operand} >= ${raw(driver.least)}(${last}, ${settled}) AND (${operand} > ${last} OR ${operand} >= ${settled})`
}
