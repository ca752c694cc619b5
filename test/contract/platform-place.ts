/** Places where a platform receives: a queue and a receiver's store of the test's own, removed at its end. */
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import pg from 'pg'
import type { Test } from 'tap'
import {
  canonicalTextOf,
  type EventType,
  exampleOf,
  laneOf,
  type MessageDraft,
  toCloudEvent,
} from '../../core/canonical/index.ts'
import type { GatewayError } from '../../core/errors.ts'
import type { PlatformConfig } from '../../core/platform/config.ts'
import { openPostgresqlReceiverStore } from '../../core/platform/postgresql-store.ts'
import { startReceiver } from '../../core/platform/receiver.ts'
import { counters, type ReceiverStore } from '../../core/platform/receiver-store.ts'
import { openSqliteReceiverStore } from '../../core/platform/sqlite-store.ts'
import type { PostgresqlOptions } from '../../core/platform/store-options.ts'
import { openEmbedded } from '../../core/transport/embedded.ts'
import type { OutgoingMessage, Transport } from '../../core/transport/transport.ts'
import { upAddress } from '../../core/transport/transport.ts'
import { createRabbitmqPlace } from './rabbitmq-place.ts'
import { connected, publishAll, realClock, until } from './transport-messages.ts'

export interface PlatformPlace {
  openTransport(): Transport
  openStore(): ReceiverStore
  /** Ids of the dead letters, in order. */
  deadLetters(): Promise<string[]>
  /** Asks the store's database itself, past the receiver. */
  sql(text: string): Promise<Record<string, unknown>[]>
}

export const createEmbeddedPlace = async (t: Test): Promise<PlatformPlace> => {
  const folder = mkdtempSync(join(tmpdir(), 'qianzhi-platform-'))
  const [queue, file] = [join(folder, 'queue.sqlite'), join(folder, 'platform.sqlite')]
  t.teardown(() => rmSync(folder, { recursive: true }))
  const run = (path: string, text: string): Record<string, unknown>[] => {
    const db = new Database(path)
    try {
      const statement = db.prepare<[], Record<string, unknown>>(text)
      if (statement.reader) return statement.all()
      statement.run()
      return []
    } finally {
      db.close()
    }
  }
  return {
    openTransport: () => openEmbedded({ file: queue, partitions: 4, window: 500, pollMs: 10 }, realClock),
    openStore: () => openSqliteReceiverStore(file, Date.now()),
    deadLetters: async () => run(queue, 'SELECT id FROM dead_letter ORDER BY seq').map(({ id }) => String(id)),
    sql: async (text) => run(file, text),
  }
}

export const createDatabase = async (t: Test): Promise<{ options: PostgresqlOptions; admin: pg.Client }> => {
  const server = { host: '127.0.0.1', port: 5432, user: 'postgres' }
  const database = `qianzhi_platform_${randomBytes(6).toString('hex')}`
  const maintenance = new pg.Client({ ...server, database: 'postgres' })
  await maintenance.connect()
  await maintenance.query(`CREATE DATABASE ${database}`)
  const admin = new pg.Client({ ...server, database })
  await admin.connect()
  t.teardown(async () => {
    await admin.end()
    await maintenance.query(`DROP DATABASE ${database} WITH (FORCE)`)
    await maintenance.end()
  })
  return { options: { ...server, database }, admin }
}

export const createServerPlace = async (t: Test): Promise<PlatformPlace> => {
  const { options, admin } = await createDatabase(t)
  const rabbitmq = await createRabbitmqPlace(t)
  return {
    openTransport: () => rabbitmq.open(),
    openStore: () => openPostgresqlReceiverStore(options, '.'),
    deadLetters: rabbitmq.deadLetters,
    sql: async (text) => (await admin.query(text)).rows,
  }
}

/** Opens a transport, connects it, and closes it at the end of the test. */
export const openTransport = async (t: Test, place: PlatformPlace): Promise<Transport> => {
  const transport = place.openTransport()
  t.teardown(() => transport.close(0))
  if (transport.state().state === 'closed') transport.open()
  await connected(transport)
  return transport
}

export const openReceiver = async (t: Test, place: PlatformPlace) => {
  const transport = await openTransport(t, place)
  const store = place.openStore()
  const errors: GatewayError[] = []
  const receiver = startReceiver({
    transport,
    store,
    clock: realClock,
    answer: async () => undefined,
    onFailed: (error) => errors.push(error),
  })
  let closed: Promise<void> | undefined
  const close = (): Promise<void> => {
    closed ??= receiver.close().then(() => store.close())
    return closed
  }
  t.teardown(close)
  return { transport, store, errors, close }
}

export const totals = async (store: ReceiverStore): Promise<Record<string, number>> => {
  const lines = await store.counts()
  return Object.fromEntries(counters.map((counter) => [counter, lines.reduce((sum, line) => sum + line[counter], 0)]))
}

export const untilReceived = (store: ReceiverStore, count: number): Promise<void> =>
  until(`${count} deliveries are received`, async () => (await totals(store)).received! >= count)

export const publish = async (t: Test, transport: Transport, messages: OutgoingMessage[]): Promise<void> => {
  const outcomes = await publishAll(transport, messages)
  t.ok(
    outcomes.every(({ outcome }) => outcome === 'confirmed'),
    'the transport has confirmed all',
  )
}

export const draftOf = (type: EventType, caseNo: string, content: Record<string, unknown> = {}): MessageDraft => {
  const example = exampleOf(type)
  return { ...example, case: { ...example.case, sourceCaseNo: caseNo }, content: { ...example.content, ...content } }
}

/** A message as the gateway sends it; changing `hash` makes it lie. */
export const messageOf = (
  draft: MessageDraft,
  {
    dataVersion = 1,
    origin = 'source',
    hash = (said: MessageDraft) => canonicalTextOf(said).hash,
  }: {
    dataVersion?: number
    origin?: 'source' | 'derived'
    hash?: (draft: MessageDraft) => string
  } = {},
): OutgoingMessage => {
  const source = {
    system: 'zhujian',
    department: '11150900PDY00001XA',
    region: '150900',
    adapter: 'db',
    mapping: 'zhujian/banjian',
    mappingVersion: '1',
  }
  const stamp = { source, dataVersion, dataVersionOrigin: origin, seenAt: Date.now() }
  const { content, occurredAt, recordedAt, stage } = draft
  // Not the canonical text: what has none must be sendable, too.
  const text = JSON.stringify({ case: draft.case, content, occurredAt, recordedAt, stage })
  const { id, body } = toCloudEvent(draft, stamp, { text, hash: hash(draft) })
  return { id, type: draft.type, address: upAddress(source), lane: laneOf(source.system, draft), body, sentAt: Date.now() }
}

const wholeCase: EventType[] = [
  'application.received',
  'prereview.decided',
  'acceptance.decided',
  'review.step',
  'approval.decided',
  'case.closed',
  'result.collected',
]

/** All messages of so many cases, from application to collection, the cases interleaved. */
export const caseMessages = (cases: number): OutgoingMessage[] =>
  wholeCase.flatMap((type) =>
    Array.from({ length: cases }, (_, number) => messageOf(draftOf(type, `SL2015-${String(number).padStart(4, '0')}`))),
  )

export const idsByLane = async (
  messages: Iterable<{ id: string; lane: string }> | AsyncIterable<{ id: string; lane: string }>,
) => {
  const lanes: Record<string, string[]> = {}
  for await (const { id, lane } of messages) {
    lanes[lane] ??= []
    lanes[lane].push(id)
  }
  return lanes
}

/** Where a platform of a test keeps attachments. */
export const attachmentOptionsOf = (folder: string): PlatformConfig['attachments'] => ({
  folder: join(folder, 'platform-attachments'),
  maxBytes: 2 * 1024 * 1024 * 1024,
  reserveBytes: 0,
  partials: '7d',
})
