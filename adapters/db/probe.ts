import { type AdapterContext, createProbeSteps, type ProbeFinding, type Source, type Text } from '../../core/contract.ts'
import type { SqlDriver } from './driver.ts'
import { type Options, streamName } from './options.ts'
import { pendingOf } from './pending.ts'
import { createPlanner, type Plan } from './plan.ts'
import { fieldsOf } from './records.ts'
import type { Session, Sessions } from './session.ts'
import { sql } from './sql.ts'

const both = (zh: string, en: string): string => `${zh} / ${en}`

/** What the operator should know of a plan. Asks for the rights to write by writing to no row. */
const inspect = async (driver: SqlDriver, session: Session, plan: Plan): Promise<string> => {
  const found = both(`${plan.cells.length} 列`, `${plan.cells.length} columns`)
  const { mode, table, watermark } = plan.options
  if (mode === 'watermark') {
    if (table === undefined || !watermark) return found
    const [row] = await session.query(driver.indexesOn(table, watermark.column))
    if (Number(row?.[0]) > 0) return found
    const { column } = watermark
    return `${found}; ${both(`列“${column}”没有索引，读取会慢`, `column "${column}" has no index: reading will be slow`)}`
  }
  const { mark, lock, where } = pendingOf(plan, driver)
  await session.transaction(async () => {
    await session.query(sql`SELECT 1 FROM ${plan.from} r WHERE 1 = 0 AND ${where} ${lock}`)
    await session.query(sql`${mark([plan.key.map(() => null)])} AND 1 = 0`)
  })
  return `${found}; ${both('可以标记', 'may be marked as taken')}`
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
        const detail = await inspect(driver, session, plan)
        return { detail, streams: [{ stream: plan.name, fields: fieldsOf(plan) }] }
      })
    }
    return steps
  }
