import { type AdapterContext, createProbeSteps, type ProbeFinding, type Source, type Text } from '../../core/contract.ts'
import type { SqlDriver } from './driver.ts'
import { checkKey } from './key.ts'
import { type Options, streamName } from './options.ts'
import { pendingOf } from './pending.ts'
import { createPlanner, type Plan } from './plan.ts'
import { fieldsOf } from './records.ts'
import type { Session, Sessions } from './session.ts'
import { sql } from './sql.ts'
import { probeWatermark } from './watermark.ts'

const both = (zh: string, en: string): string => `${zh} / ${en}`

/** Throws where a run would fail because of the options. Resolves with whether an index helps; true also where there can be none. */
const inspectWatermark = async (driver: SqlDriver, system: string, session: Session, plan: Plan): Promise<boolean> => {
  await probeWatermark(plan, driver, system, session)
  const { table, watermark } = plan.options
  if (table === undefined || !watermark) return true
  const [row] = await session.query(driver.indexesOn(table, watermark.column))
  return Number(row?.[0]) > 0
}

/** Asks for the rights to write by writing to no row. */
const inspectPending = async (driver: SqlDriver, session: Session, plan: Plan): Promise<void> => {
  const { mark, lock, where } = pendingOf(plan, driver)
  await session.transaction(async () => {
    await session.query(sql`SELECT 1 FROM ${plan.from} r WHERE 1 = 0 AND ${where} ${lock}`)
    await session.query(sql`${mark([plan.key.map(() => null)])} AND 1 = 0`)
  })
}

/** What the operator should know of a plan. Throws SOURCE_OPTIONS_INVALID where no run could go well. */
const inspect = async (driver: SqlDriver, system: string, session: Session, plan: Plan): Promise<string> => {
  const found = [both(`${plan.cells.length} 列`, `${plan.cells.length} columns`)]
  const { mode, watermark, key } = plan.options
  if (mode !== 'watermark') {
    await inspectPending(driver, session, plan)
    found.push(both('可以标记', 'may be marked as taken'))
  } else if (!(await inspectWatermark(driver, system, session, plan))) {
    const column = watermark?.column
    found.push(both(`列“${column}”没有索引，读取会慢`, `column "${column}" has no index: reading will be slow`))
  }
  if (!(await checkKey(driver, system, session, plan))) {
    const named = key.join(', ')
    found.push(
      both(`没有唯一索引保证 key（${named}）不重复`, `no unique index guarantees that key (${named}) is there once only`),
    )
  }
  return found.join('; ')
}

/** Connects, then looks at each stream; a stream that fails does not hide the next. */
export const createProbe =
  (options: Options, driver: SqlDriver, sessions: Sessions, context: AdapterContext): Source['probe'] =>
  async (signal) => {
    const { steps, step } = createProbeSteps()
    const open = () =>
      sessions.open(
        signal,
        options.streams.every(({ mode }) => mode === 'watermark'),
      )
    const inSession = (name: Text, work: (session: Session) => Promise<ProbeFinding>): Promise<boolean> =>
      step(name, async () => {
        const session = await open()
        try {
          return await work(session)
        } finally {
          await session.close()
        }
      })
    const connected = await inSession({ zh: '连接数据库', en: 'connect to the database' }, async (session) => {
      const [row] = await session.query(driver.version)
      return row?.[0] ?? ''
    })
    if (!connected) return steps
    for (const stream of options.streams) {
      const name = streamName(stream)
      await inSession({ zh: `读取 ${name}`, en: `read ${name}` }, async (session) => {
        const plan = await createPlanner(driver, context, session)(stream)
        await session.query(sql`SELECT 1 FROM ${plan.from} r LIMIT 1`)
        const detail = await inspect(driver, context.system, session, plan)
        return { detail, streams: [{ stream: plan.name, fields: fieldsOf(plan) }] }
      })
    }
    return steps
  }
