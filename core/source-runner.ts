import type { Clock } from './clock.ts'
import type { Batch, Emit, Receipt, RunContext, Source } from './contract.ts'
import { type Route, translateAhead } from './decide.ts'
import { type GatewayError, toGatewayError } from './errors.ts'
import type { Events } from './events.ts'
import type { Outlet, Pipeline } from './pipeline.ts'
import type { Warnings } from './source-warnings.ts'
import type { Store } from './store/store.ts'

export interface RunnerOptions {
  /** The pause before the next run after one that ended well, in milliseconds from `now`. */
  nextRunAt(now: number): number
  /** Pauses after runs that failed: doubles from the first to the last. */
  backoff: { initialMs: number; maxMs: number }
}

/**
 * Waits until there is room: resolves at once while the store takes more, otherwise when it does again or the signal aborts. Who does not
 * `wait` is told why: it rejects with the STORE error.
 */
export type Gate = (signal: AbortSignal, wait: boolean) => Promise<void>

const stopped = () => new Error('the gateway stops')

const said = ({ code, text, hint }: GatewayError) => ({ code, ...text, hintZh: hint.zh, hintEn: hint.en })

/**
 * Runs one source on its schedule until stopped. A legacy system that is not well is run again with back-off; its neighbours do not
 * notice. `once` runs until the first run has ended well, or badly, and rejects with the error then; a source that is pushed to has nothing to be
 * read once, and ends when it could serve.
 */
export const startSource = (parts: {
  route: Route
  source: Source
  pipeline: Pipeline
  store: Store
  clock: Clock
  events: Events
  gate: Gate
  options: RunnerOptions
  once: boolean
  outlet: Outlet
  keep: RunContext['keep']
  describe: RunContext['describe']
  warnings: Warnings
}) => {
  const { describe, route, source, pipeline, store, clock, events, options, warnings } = parts
  const { system } = route
  const stopping = new AbortController()
  let failures = 0
  let records = 0
  let isPaused = false

  const emit: Emit = async (batch: Batch, { wait = true } = {}): Promise<Receipt[]> => {
    for (;;) {
      await parts.gate(stopping.signal, wait)
      if (stopping.signal.aborted) throw stopped()
      try {
        const ahead = await translateAhead(route, batch.records)
        const receipts = pipeline.receive(route, batch, parts.outlet, ahead)
        records += batch.records.length
        isPaused = false
        // Lets the broker's answers in between two batches, however fast the source is.
        await new Promise(setImmediate)
        return receipts
      } catch (thrown) {
        const error = toGatewayError(thrown)
        if (error.code !== 'STORE_UNWRITABLE') throw error
        // Senders that come again and again would fill the log.
        if (wait || !isPaused) events.emit('store:paused', { error })
        isPaused = true
        if (!wait) throw error
        await clock.wait(options.backoff.initialMs, stopping.signal)
      }
    }
  }

  const keep: RunContext['keep'] = async (content, { wait = true } = {}) => {
    await parts.gate(stopping.signal, wait)
    if (stopping.signal.aborted) throw stopped()
    return parts.keep(content)
  }

  const report = (state: string, detail: { error?: GatewayError; nextRunAt?: number; warned?: GatewayError[] }): void => {
    const { error, nextRunAt, warned = [] } = detail
    const shown = {
      ...(error ? said(error) : {}),
      ...(nextRunAt ? { nextRunAt } : {}),
      ...(warned.length > 0 ? { warnings: warned.map(said) } : {}),
    }
    try {
      store.commit(() => store.report(`source:${system}`, state, shown, clock.now()))
    } catch (error) {
      events.emit('store:paused', { error: toGatewayError(error) })
    }
  }

  const recover = (): void => {
    if (failures > 0) events.emit('source:recovered', { system, failures })
    failures = 0
  }

  const ready = (): void => {
    recover()
    events.emit('source:serving', { system })
    report('serving', {})
    if (parts.once) stopping.abort()
  }

  const runOnce = async (): Promise<GatewayError | undefined> => {
    records = 0
    try {
      await source.run(emit, { checkpoint: store.checkpoint(system), signal: stopping.signal, keep, describe, ready })
      return undefined
    } catch (thrown) {
      return stopping.signal.aborted ? undefined : toGatewayError(thrown)
    }
  }

  const loop = async (): Promise<void> => {
    events.emit('source:started', { system })
    report('starting', {})
    while (!stopping.signal.aborted) {
      const error = await runOnce()
      if (stopping.signal.aborted) break
      const warned = warnings.endRun(error !== undefined)
      const now = clock.now()
      let nextRunAt = options.nextRunAt(now)
      if (error) {
        failures += 1
        nextRunAt = now + Math.min(options.backoff.maxMs, options.backoff.initialMs * 2 ** Math.min(failures - 1, 20))
        events.emit('source:failed', { system, error, failures, nextRunAt })
        report('failing', { error, nextRunAt, warned })
        if (parts.once) throw error
      } else {
        recover()
        events.emit('source:finished', { system, records })
        report('well', { nextRunAt, warned })
        if (parts.once) return
      }
      await clock.wait(Math.max(0, nextRunAt - clock.now()), stopping.signal)
    }
    report('stopped', {})
  }

  /** What nobody foresaw ends this source alone, and not in silence. */
  const tell = (thrown: unknown): never => {
    const error = toGatewayError(thrown)
    if (!parts.once) {
      const failure = { error, nextRunAt: Number.POSITIVE_INFINITY }
      events.emit('source:failed', { system, failures: failures + 1, ...failure })
      report('failing', { error })
    }
    throw error
  }

  const done = loop()
    .catch(tell)
    .finally(() => source.close())

  return {
    /** Resolves when the source has ended: with `once` after its first good run, otherwise after `stop`. */
    done,
    async stop(): Promise<void> {
      stopping.abort()
      await done.catch(() => undefined)
    },
  }
}

export type SourceRunner = ReturnType<typeof startSource>
