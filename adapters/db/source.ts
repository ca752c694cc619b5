import { type AdapterContext, type Emit, GatewayError, type Json, type RunContext, type Source } from '../../core/contract.ts'
import type { SqlDriver } from './driver.ts'
import { batchSizeOf, maxRowsOf, type Options, streamName, timeoutOf } from './options.ts'
import { readPending } from './pending.ts'
import { createPlanner, type Plan } from './plan.ts'
import { createProbe } from './probe.ts'
import { fieldsOf } from './records.ts'
import { type Run, warnOfPlaceless } from './run.ts'
import { createSessions, type Session } from './session.ts'
import { readByWatermark } from './watermark.ts'

const streamsOf = (checkpoint: Json | undefined): Record<string, Json> => {
  if (typeof checkpoint !== 'object' || checkpoint === null || Array.isArray(checkpoint)) return {}
  const { streams } = checkpoint
  return typeof streams === 'object' && streams !== null && !Array.isArray(streams) ? { ...streams } : {}
}

/** That a table is not there or not ours to read says nothing of the others; that the server does not answer does. */
const isOfStream = (error: unknown): boolean =>
  error instanceof GatewayError && (error.code === 'SOURCE_OPTIONS_INVALID' || error.code === 'SOURCE_DENIED')

/** Reads the streams in the order written. Holds one connection from run to run where the next begins within two seconds, others only during a run. */
export const createSource = (options: Options, driver: SqlDriver, context: AdapterContext): Source => {
  const sessions = createSessions(driver, context, timeoutOf(options))
  const readOnly = options.streams.every(({ mode }) => mode === 'watermark')

  const guaranteed: Run['guaranteed'] = new Map()

  const read = async (emit: Emit, { checkpoint, signal, keep, describe }: RunContext, hold: (session: Session) => Session) => {
    const open = async (only: boolean) => hold(await sessions.open(signal, only))
    const session = await open(readOnly)
    let second: Promise<Session> | undefined
    const run: Run = {
      driver,
      system: context.system,
      batchSize: batchSizeOf(options),
      left: maxRowsOf(options),
      streams: streamsOf(checkpoint),
      session,
      helper: () => {
        second ??= open(true)
        return second
      },
      async emit(records) {
        const streams = { ...run.streams }
        await emit({ records, ...(Object.keys(streams).length > 0 && { checkpoint: { streams } }) })
        signal.throwIfAborted()
      },
      keep,
      warn: context.warn,
      guaranteed,
    }
    const planOf = createPlanner(driver, context, session)
    const plans: Plan[] = []
    let failure: unknown
    for (const stream of options.streams) {
      try {
        plans.push(await planOf(stream))
      } catch (error) {
        if (!isOfStream(error)) throw error
        // Earlier stages first: what comes before it is read, and what comes after it waits.
        failure = error
        break
      }
    }
    try {
      describe(
        options.streams.map((stream, at) => ({ stream: streamName(stream), ...(plans[at] && { fields: fieldsOf(plans[at]) }) })),
      )
    } catch (misfit) {
      throw failure ?? misfit
    }
    for (const plan of plans) {
      if (run.left === 0) break
      const { watermark, mode } = plan.options
      await warnOfPlaceless(plan, watermark ? [plan.find(watermark.column), ...plan.key] : plan.key, run)
      await (mode === 'watermark' ? readByWatermark(plan, run) : readPending(plan, run))
    }
    if (failure !== undefined) throw failure
  }

  return {
    async run(emit, runContext) {
      const opened: Session[] = []
      const hold = (session: Session) => {
        opened.push(session)
        return session
      }
      let isWell = false
      try {
        await read(emit, runContext, hold)
        isWell = true
      } catch (error) {
        if (!runContext.signal.aborted) throw error
      } finally {
        const [first, ...others] = opened
        for (const session of others) await session.close()
        await (isWell ? first?.rest() : first?.close())
      }
    },
    probe: createProbe(options, driver, sessions, context),
    close: () => sessions.close(),
  }
}
