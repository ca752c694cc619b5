/**
 * Writing: one operation, one transaction. With `applied`, the id of the operation is written in that transaction, too: then each has its
 * effect once, however often it is delivered.
 */
import {
  type AdapterContext,
  createProbeSteps,
  GatewayError,
  type Operation,
  type Sink,
  toGatewayError,
  type Verdict,
} from '../../core/contract.ts'
import type { SqlDriver } from './driver.ts'
import { quoteTable } from './plan.ts'
import { createSessions, optionsInvalid, type Session } from './session.ts'
import type { SinkOptions } from './sink-options.ts'
import { raw, sql, textValue } from './sql.ts'
import { planWrite, type Statement, type WritePlan } from './write-plan.ts'

/**
 * How far an attempt has come: before the operation's own statements, among them, at a procedure (which may commit by itself), and while it is
 * committed.
 */
type Phase = 'before' | 'writing' | 'called' | 'committing'

export const createSink = (options: SinkOptions, driver: SqlDriver, context: AdapterContext): Sink => {
  const { system } = context
  const timeoutMs = options.timeoutMs ?? 30_000
  const sessions = createSessions(driver, context, timeoutMs)
  const idle: Session[] = []
  const plans = new Map<string, Promise<WritePlan>>()

  const applied = options.applied && {
    from: quoteTable(driver, options.applied.table),
    column: raw(driver.quote(options.applied.column ?? 'MESSAGE_ID')),
  }
  /** Made once, by one session: side by side, PostgreSQL lets only one of several succeed. */
  let creating: Promise<unknown> | undefined = options.applied?.create === true ? undefined : Promise.resolve()

  /** A session that fails is not used again, and the tables are looked at anew: perhaps they have changed. */
  const withSession = async <T>(signal: AbortSignal, work: (session: Session) => Promise<T>): Promise<T> => {
    const session = idle.pop() ?? (await sessions.open(signal, false))
    try {
      const result = await work(session)
      idle.push(session)
      return result
    } catch (error) {
      plans.clear()
      // What broke this one has perhaps broken those that wait.
      await Promise.all([session, ...idle.splice(0)].map((one) => one.close()))
      throw error
    }
  }

  const planOf = (session: Session, write: string): Promise<WritePlan> => {
    const given = options.writes[write]
    if (!given) {
      const known = Object.keys(options.writes).join(', ')
      const reason = {
        zh: `deliver.options.writes 没有“${write}”，只有 ${known}`,
        en: `deliver.options.writes has no "${write}", only ${known}`,
      }
      throw optionsInvalid(system, reason)
    }
    const known = plans.get(write) ?? planWrite(driver, session, system, given)
    plans.set(write, known)
    known.catch(() => plans.delete(write))
    return known
  }

  const idOf = (operation: Operation) => textValue(operation.id)

  const isApplied = async (session: Session, operation: Operation): Promise<boolean> => {
    if (!applied) return false
    creating ??= session.query(
      sql`CREATE TABLE IF NOT EXISTS ${applied.from} (${applied.column} ${raw(driver.idType)} NOT NULL PRIMARY KEY)`,
    )
    await creating.catch((error) => {
      creating = undefined
      throw error
    })
    const rows = await session
      .query(sql`SELECT ${applied.column} FROM ${applied.from} WHERE ${applied.column} = ${idOf(operation)}`)
      .catch((error) => {
        // It may be away by now, and has to be made again.
        if (options.applied?.create) creating = undefined
        throw error
      })
    if (rows.length === 0 || rows.some(([id]) => String(id) === operation.id)) return rows.length > 0
    // Taken for a duplicate, it would never be written.
    throw optionsInvalid(system, {
      zh: `已写表 ${options.applied?.table} 把“${operation.id}”与“${String(rows[0]?.[0])}”当作同一编号：该列须区分大小写与重音（MySQL 用 utf8mb4_bin）`,
      en: `table ${options.applied?.table} takes "${operation.id}" and "${String(rows[0]?.[0])}" for one id: its column must tell case and accents apart (of MySQL, utf8mb4_bin)`,
    })
  }

  const carryOut = async (session: Session, statement: Statement): Promise<void> => {
    if ('run' in statement) await session.query(statement.run)
    else {
      const there = await session.query(statement.find)
      await session.query(there.length > 0 ? statement.change : statement.add)
    }
  }

  const refusal = (error: GatewayError): Verdict | undefined => {
    const fault = error.cause instanceof Error ? driver.faultOf(error.cause) : undefined
    if (!fault || !driver.refuses(fault)) return undefined
    const { reason } = error.values
    return { verdict: 'rejected', code: fault.state ?? fault.code, text: typeof reason === 'string' ? reason : error.text.zh }
  }

  const attempt = async (operation: Operation, signal: AbortSignal, reach: (phase: Phase) => void): Promise<Verdict> =>
    withSession(signal, async (session) => {
      const plan = await planOf(session, operation.write)
      const { staged, statements } = plan.statements(operation)
      const calls = options.writes[operation.write]?.procedure !== undefined
      if (await isApplied(session, operation)) return { verdict: 'duplicate' }
      await session.transaction(async () => {
        // Before the data, so that a second attempt at the same time waits for the first and then fails.
        if (applied) await session.query(sql`INSERT INTO ${applied.from} (${applied.column}) VALUES (${idOf(operation)})`)
        for (const one of staged) await one.put(session.query)
        reach(calls ? 'called' : 'writing')
        for (const statement of statements) await carryOut(session, statement)
        for (const { clear } of staged) if (clear) await session.query(clear)
        reach('committing')
      })
      return { verdict: 'accepted' }
    })

  return {
    async deliver(operation, signal) {
      let phase: Phase = 'before'
      try {
        return await attempt(operation, signal, (reached) => {
          phase = reached
        })
      } catch (thrown) {
        const error = toGatewayError(thrown)
        if (error.code === 'DELIVERY_MISFIT') throw error
        // What refuses the id of the operation, or the table that keeps it, says nothing of the operation.
        const refused = (phase as Phase) === 'before' ? undefined : refusal(error)
        if (refused) return refused
        if ((phase as Phase) === 'committing') return { verdict: 'unknown', error }
        const answered =
          error.code === 'SOURCE_FAULT' || error.code === 'SOURCE_OPTIONS_INVALID' || error.code === 'SOURCE_DENIED'
        return { verdict: (phase as Phase) === 'called' && !answered ? 'unknown' : 'transient', error }
      }
    },

    async confirm(operation, signal) {
      try {
        return await withSession(signal, async (session) => {
          if (applied) return { confirmed: (await isApplied(session, operation)) ? 'applied' : 'absent' }
          const question = (await planOf(session, operation.write)).question(operation)
          if (!question) throw optionsInvalid(system, { zh: '没有可用来确认的依据', en: 'there is nothing to confirm by' })
          if ((await session.query(question.applied)).length > 0) return { confirmed: 'applied' }
          // Ours and changed since, or somebody else's: to write again might be to write twice.
          if (question.doubtful && (await session.query(question.doubtful)).length > 0) {
            const reason = { zh: '主键已在，值不同', en: 'the key is there, with other values' }
            return { confirmed: 'unknown', error: GatewayError.of('SOURCE_ANSWER_INVALID', { system, reason }) }
          }
          return { confirmed: 'absent' }
        })
      } catch (thrown) {
        return { confirmed: 'unknown', error: toGatewayError(thrown) }
      }
    },

    async probe(signal) {
      const { steps, step } = createProbeSteps()
      const connected = await step({ zh: '连接目标数据库', en: 'connect to the target database' }, () =>
        withSession(signal, async (session) => (await session.query(driver.version))[0]?.[0] ?? ''),
      )
      if (!connected) return steps
      for (const [name, { table, procedure }] of Object.entries(options.writes)) {
        await step({ zh: `写入 ${name}`, en: `write ${name}` }, () =>
          withSession(signal, async (session) => {
            await planOf(session, name)
            if (table !== undefined) {
              const from = quoteTable(driver, table)
              // Asks for the right to write, and writes no row.
              await session.transaction(
                async () => void (await session.query(sql`INSERT INTO ${from} SELECT * FROM ${from} WHERE 1 = 0`)),
              )
            }
            return procedure ?? table ?? ''
          }),
        )
      }
      if (applied && options.applied?.create !== true)
        await step({ zh: '已写表', en: 'table of what was written' }, () =>
          withSession(signal, async (session) => {
            await session.query(sql`SELECT ${applied.column} FROM ${applied.from} WHERE 1 = 0`)
            return options.applied!.table
          }),
        )
      return steps
    },

    async close() {
      for (const session of idle.splice(0)) await session.close()
      await sessions.close()
    },
  }
}
