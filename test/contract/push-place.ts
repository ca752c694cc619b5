/** A source that is pushed to, and its senders, for tests. */
import type { Test } from 'tap'
import http from '../../adapters/http/index.ts'
import { digestOf } from '../../core/attachments/attachment-files.ts'
import type { Adapter, AdapterContext, Emit, GatewayError, Keep, Source } from '../../core/contract.ts'
import { freePort } from '../free-port.ts'
import { checkedOptions, collector, testContext } from './source-harness.ts'

type Options = Record<string, unknown>

/** One stream of JSON, on a port of its own. */
export const jsonOptions = async (more: Options = {}): Promise<Options & { listen: { port: number } }> => ({
  streams: [{ path: '/rows', format: 'json', stream: 'rows', key: ['id'] }],
  ...more,
  listen: { port: await freePort(), ...(more['listen'] as object) },
})

/** Serves until the test ends, or `stop` is called; resolves when senders can reach it. */
export const serve = async (
  t: Test,
  options: Options & { listen: { port: number } },
  given: { emit?: Emit; warnings?: GatewayError[]; keep?: Keep } = {},
) => {
  const gateway = collector()
  /** As the gateway does with what could not be read. */
  const quarantining: Emit = async ({ records }) =>
    (await gateway.emit({ records })).map((receipt, index) => {
      const { fault } = records[index]!
      return fault ? { ...receipt, outcome: 'quarantined', error: fault } : receipt
    })
  const stopping = new AbortController()
  const source = http.openSource(checkedOptions(http, options) as never, testContext(given.warnings))
  let told = (): void => undefined
  const ready = new Promise<void>((resolve) => {
    told = resolve
  })
  const done = source.run(given.emit ?? quarantining, {
    checkpoint: undefined,
    signal: stopping.signal,
    keep: given.keep ?? digestOf,
    describe: () => undefined,
    ready: () => told(),
  })
  const stop = async (): Promise<void> => {
    stopping.abort()
    await done
    await source.close()
  }
  await Promise.race([ready, done])
  t.teardown(stop)
  const scheme = options['tls'] ? 'https' : 'http'
  return { ...gateway, url: `${scheme}://127.0.0.1:${options.listen.port}`, stop }
}

export const postTo = (url: string, body: string | Uint8Array, headers: Record<string, string> = {}) =>
  fetch(url, { method: 'POST', body, headers: { 'content-type': 'application/json', ...headers } })

/** What it sends, and what of it has not been acknowledged. */
export interface Sender {
  pending: { id: string; name: string }[]
}

const send = async (url: string, sender: Sender, batchSize: number, isOver: () => boolean): Promise<void> => {
  while (sender.pending.length > 0 && !isOver()) {
    const rows = sender.pending.slice(0, batchSize)
    const answer = await postTo(url, JSON.stringify(rows)).catch(() => undefined)
    // The connection of an earlier run may be gone: that says nothing.
    if (!answer) continue
    if (answer.status !== 200) return
    sender.pending = sender.pending.slice(rows.length)
  }
}

/**
 * The adapter with a sender at its other end, which sends once in each run what was not acknowledged, until it is refused: what any
 * other source reads, this one is sent.
 */
export const pushed = (sender: Sender, batchSize: number): Adapter => ({
  ...http,
  openSource: (options, context: AdapterContext): Source => {
    const source = http.openSource(options as never, context)
    const { port } = (options as { listen: { port: number } }).listen
    return {
      ...source,
      run: async (emit, given) => {
        const over = new AbortController()
        let refused: unknown
        const remembering: Emit = (batch, how) =>
          emit(batch, how).catch((error: unknown) => {
            refused ??= error
            throw error
          })
        const signal = AbortSignal.any([given.signal, over.signal])
        let sent: Promise<void> | undefined
        const ready = (): void => {
          given.ready?.()
          sent = send(`http://127.0.0.1:${port}/rows`, sender, batchSize, () => signal.aborted).finally(() => over.abort())
        }
        await source.run(remembering, { ...given, signal, ready })
        await sent
        if (refused !== undefined) throw refused
      },
    }
  },
})
