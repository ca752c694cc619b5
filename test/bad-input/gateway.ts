/** The gateway on a store of its own, from the source's hand to what has left. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Flag } from '../../core/canonical/index.ts'
import type { Clock } from '../../core/clock.ts'
import type { SourceRecord } from '../../core/contract.ts'
import { createEvents } from '../../core/events.ts'
import { createPipeline } from '../../core/pipeline.ts'
import { startPublisher } from '../../core/publisher.ts'
import { openStore } from '../../core/store/open-store.ts'
import type { OutgoingMessage } from '../../core/transport/transport.ts'
import { openScriptedTransport } from '../contract/scripted-transport.ts'
import { until } from '../temporary.ts'
import { good, type Members, openRoute } from './department.ts'

/** A folder that is gone when the work is done. */
export const inFolder = async <T>(work: (folder: string) => Promise<T>): Promise<T> => {
  const folder = mkdtempSync(join(tmpdir(), 'qianzhi-bad-'))
  try {
    return await work(folder)
  } finally {
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  }
}

export const route = openRoute()

export const recordOf = (stream: string, no: string, members: Members = {}): SourceRecord => ({
  stream,
  key: `${stream}-${no}-${String(members['XH'] ?? '')}${String(members['VERSION'] ?? '')}`,
  body: JSON.stringify({ SBLSH: no, ...good[stream], ...members }),
  contentType: 'application/json',
})

/** Another fact of the same case, which must wait when the case is held. */
export const followUp = (no: string): SourceRecord => recordOf('SL', no, { XH: '99' })

export const openGateway = (folder: string) => {
  let time = Date.parse('2026-11-23T09:00:00+08:00')
  const clock: Clock = {
    now: () => time,
    wait: (_ms, signal) => new Promise((resolve) => (signal?.aborted ? resolve() : setImmediate(resolve))),
  }
  const store = openStore(join(folder, 'gateway.db'), time)
  store.commit(() => store.keepRoute(route.system, route.source.department, route.source.region))
  const events = createEvents()
  const pipeline = createPipeline({ store, clock, events })

  /** Everything that may leave has left. */
  const publishAll = async (): Promise<OutgoingMessage[]> => {
    const scripted = openScriptedTransport(() => 'confirmed')
    let inFlight = 0
    events.on('messages:claimed', ({ count }) => {
      inFlight += count
    })
    events.on('messages:confirmed', ({ count }) => {
      inFlight -= count
    })
    const options = { retry: { initialMs: 1000, maxMs: 60_000 }, lookMs: 1 }
    const publisher = startPublisher({ store, transport: scripted.transport, clock, events, options })
    await until('everything that may leave is confirmed', () => {
      time += 60_000
      publisher.wake()
      return inFlight === 0 && !store.hasReady(Number.MAX_SAFE_INTEGER)
    })
    await publisher.stop(() => scripted.transport.close(0))
    return scripted.arrived
  }
  return { store, pipeline, publishAll, receive: (...records: SourceRecord[]) => pipeline.receive(route, { records }) }
}

export type Gateway = ReturnType<typeof openGateway>

const at = (value: unknown, pointer: string): unknown =>
  pointer
    .split('/')
    .slice(1)
    .reduce<unknown>((node, name) => (node as Record<string, unknown> | undefined)?.[name], value) ?? null

/** What a person finds in quarantine: the error as it was stored, and the bytes. */
export const quarantineOf = ({ store }: Gateway) =>
  store.openQuarantine({ limit: 99 }).map(({ recordSeq, lane }) => {
    const { code, text } = store.openError(recordSeq)!
    return { refusal: { code, zh: text.zh, en: text.en }, lane, body: Buffer.from(store.record(recordSeq)!.body!) }
  })

/** The flags of a delivered message and the value at each of their places. */
export const flagsIn = ({ body }: OutgoingMessage): { flags: Flag[]; sent: Record<string, unknown> } => {
  const { data } = JSON.parse(String(body)) as { data: { flags: Flag[] } }
  return { flags: data.flags, sent: Object.fromEntries(data.flags.map(({ path }) => [path, at(data, path)])) }
}
