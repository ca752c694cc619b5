/** Attachments up to the store: kept by digest, named by records and messages, and removed when nobody names them any more. */
import { createHash, randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import t, { type Test } from 'tap'
import { openAttachmentFiles } from '../core/attachments/attachment-files.ts'
import { digestsIn } from '../core/canonical/index.ts'
import { loadConfig } from '../core/config/load.ts'
import { GatewayError } from '../core/errors.ts'
import { createEvents } from '../core/events.ts'
import { startGateway } from '../core/gateway.ts'
import { keepHouse } from '../core/housekeeping.ts'
import { loadAdapters } from '../core/registry.ts'
import { openStore } from '../core/store/open-store.ts'
import { gatewayYaml, writeInstallation } from './contract/department-database.ts'
import { temporaryFolder, until } from './temporary.ts'

const adapters = await loadAdapters()
const digestOf = (bytes: Uint8Array): string => `sha256:${createHash('sha256').update(bytes).digest('hex')}`
const limits = { maxBytes: 64 * 1024 * 1024, reserveBytes: 0 }

async function* inPieces(bytes: Buffer, size = 100_000): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

const filesIn = (folder: string): string[] =>
  existsSync(folder)
    ? readdirSync(folder, { recursive: true, withFileTypes: true }).flatMap((entry) => (entry.isFile() ? entry.name : []))
    : []

const nothing = (): void => undefined

t.test('a content is kept under its digest, once, and only when its line is, too', async (t) => {
  const folder = join(temporaryFolder(t), 'attachments')
  const files = openAttachmentFiles(folder, limits)
  const bytes = randomBytes(3_000_000)
  let whenPlaced: string[] = []
  const kept = await files.keep(inPieces(bytes), () => {
    whenPlaced = filesIn(folder)
  })
  const digest = digestOf(bytes)
  t.same(kept, { digest, size: bytes.length })
  t.same(whenPlaced, [digest.slice(7)], 'the file stands under its name before anybody is told')
  t.ok(readFileSync(files.pathOf(digest)).equals(bytes))
  t.same(await files.keep(inPieces(bytes, 7777), nothing), kept)
  t.same(await files.keep(inPieces(Buffer.alloc(0)), nothing), { digest: digestOf(Buffer.alloc(0)), size: 0 })
  t.equal(filesIn(folder).length, 2)
})

t.test('a content that breaks off, is too large, or finds no room leaves nothing behind', async (t) => {
  const folder = join(temporaryFolder(t), 'attachments')
  const files = openAttachmentFiles(folder, { maxBytes: 150_000, reserveBytes: 0 })
  async function* broken(): AsyncGenerator<Buffer> {
    yield Buffer.alloc(1000)
    throw GatewayError.of('SOURCE_UNREACHABLE', { system: 'a', reason: 'gone' })
  }
  await t.rejects(files.keep(broken(), nothing), { code: 'SOURCE_UNREACHABLE' })
  await t.rejects(files.keep(inPieces(Buffer.alloc(150_001)), nothing), {
    code: 'ATTACHMENT_TOO_LARGE',
    values: { limit: 150_000 },
  })
  await files.keep(inPieces(Buffer.alloc(150_000)), nothing)
  const full = openAttachmentFiles(folder, { maxBytes: 1_000_000, reserveBytes: 9e17 })
  await t.rejects(full.keep(inPieces(Buffer.alloc(10)), nothing), { code: 'STORE_DISK_LOW' })
  t.equal(filesIn(folder).length, 1)
  writeFileSync(join(temporaryFolder(t), 'file'), '')
  const nowhere = openAttachmentFiles('/dev/null/attachments', limits)
  await t.rejects(nowhere.keep(inPieces(Buffer.alloc(10)), nothing), { code: 'STORE_UNWRITABLE' })
})

t.test('what a process that died has left is swept, and nothing else', async (t) => {
  const folder = temporaryFolder(t)
  const files = openAttachmentFiles(folder, limits)
  const [named, unnamed] = [Buffer.from('named'), Buffer.from('unnamed')]
  for (const bytes of [named, unnamed]) await files.keep(inPieces(bytes), nothing)
  writeFileSync(join(folder, 'half.tmp'), 'half')
  writeFileSync(join(folder, 'README'), 'of the operator')
  mkdirSync(join(folder, 'zz'))
  writeFileSync(join(folder, 'zz', 'f'.repeat(64)), 'no shelf of ours')
  t.equal(await files.sweep((digest) => digest === digestOf(named)), 2)
  t.same(filesIn(folder).sort(), ['README', digestOf(named).slice(7), 'f'.repeat(64)].sort())
  t.equal(await openAttachmentFiles(join(folder, 'none'), limits).sweep(() => true), 0)
})

t.test('a digest that came from outside is never a path', async (t) => {
  const files = openAttachmentFiles(temporaryFolder(t), limits)
  for (const digest of [
    '../../etc/passwd',
    'sha256:../../../../etc/passwd',
    `sha256:${'A'.repeat(64)}`,
    `sha256:${'a'.repeat(63)}/`,
  ])
    t.throws(() => files.pathOf(digest), /no digest/)
})

t.test('the digests of a message are those of its members, not of its texts', (t) => {
  const [one, two] = ['1'.repeat(64), '2'.repeat(64)]
  const body = { materials: [{ digest: `sha256:${one}` }, { digest: `sha256:${one}`, name: `"digest":"sha256:${two}"` }] }
  t.same(digestsIn(Buffer.from(JSON.stringify(body))), [`sha256:${one}`])
  t.same(digestsIn(Buffer.from('{"digest":"sha256:short"}')), [])
  t.end()
})

const mapping = `
case: { sourceCaseNo: NO }
events:
  - type: supplement.received
    stage: { sequence: { from: ID } }
    content:
      receivedAt: { from: AT, date: yyyy-MM-dd HH:mm:ss }
      materials:
        each: .
        fields:
          name: NAME
          digest: SCAN/digest
          size: { from: SCAN/size, number: true }
`

const system = `
department: { code: 11150900PDY00001XA, name: 示例局, region: "150900" }
adapter: db
mapping: dept/one
schedule: { every: 20ms }
backoff: { first: 20ms, longest: 50ms }
options:
  engine: sqlite
  connection: { file: ../one.db }
  streams:
    - table: CL
      key: [ID]
      mode: watermark
      watermark: { column: N, kind: number }
      attachments: [{ column: SCAN, fileName: NAME }]
`

/** A department whose materials hold scans. */
const install = (t: Test, gateway = gatewayYaml) => {
  const folder = temporaryFolder(t)
  const { config, database } = writeInstallation(folder, {
    'config/gateway.yaml': gateway,
    'config/adapters/one.yaml': system,
    'mappings/dept/one.yaml': mapping,
  })
  const db = new Database(database)
  db.exec('CREATE TABLE CL (ID TEXT PRIMARY KEY, NO TEXT, NAME TEXT, AT TEXT, SCAN BLOB, N INTEGER NOT NULL)')
  t.teardown(() => db.close())
  const insert = db.prepare(
    "INSERT OR REPLACE INTO CL VALUES (?, ?, ?, '2026-03-02 09:00:00', ?, (SELECT coalesce(max(N), 0) + 1 FROM CL))",
  )
  const put = (id: string, scan: Buffer | null, no = 'A') => void insert.run(id, no, `${id}.pdf`, scan)
  return { folder, config, put, attachments: join(folder, 'data/gateway.db.attachments') }
}

const start = async (t: Test, folder: string) => {
  const { config, problems } = await loadConfig(folder, { adapters, env: {} })
  if (!config) throw problems[0]
  const events = createEvents()
  const paused: GatewayError[] = []
  events.on('store:paused', ({ error }) => void paused.push(error))
  const gateway = startGateway({ config, context: { adapters, env: {} }, events })
  t.teardown(() => gateway.stop())
  return { gateway, store: gateway.store, paused }
}

const sumOf = (store: { books(): object[] }, column: string): number =>
  store.books().reduce((sum, line) => sum + (line as Record<string, number>)[column]!, 0)

t.test('a BLOB becomes an attachment that its message names, and its transfer is in the commit of the message', async (t) => {
  const { config, put, attachments } = install(t)
  const scan = randomBytes(5_000_000)
  put('1', scan)
  put('2', null)
  put('3', scan)
  const { store } = await start(t, config)
  await until('all are read', () => sumOf(store, 'messages') === 3)
  const digest = digestOf(scan)
  const record = store.record(1)!
  t.same(JSON.parse(record.body!.toString()).SCAN, { digest, size: scan.length })
  t.same(store.attachments.ofRecord(1), [{ at: 'SCAN', digest, size: scan.length, fileName: '1.pdf' }])
  t.same(store.attachments.ofRecord(2), [])
  const [message] = store.messagesOf(1)
  const { materials } = JSON.parse(message!.body!.toString()).data.content
  t.same(materials, [{ name: '1.pdf', digest, size: scan.length }])
  t.ok(readFileSync(join(attachments, digest.slice(7, 9), digest.slice(7))).equals(scan))
  t.equal(sumOf(store, 'attachments'), 1, 'two messages name it, and it travels once')
  t.ok(store.books().every(({ balanced }) => balanced))
  t.same(store.recount(), store.books())

  const corrected = randomBytes(1000)
  put('1', corrected)
  await until('the new content is a new version', () => sumOf(store, 'messages') === 4)
  t.equal(sumOf(store, 'attachments'), 2)
  t.same(
    store.history(message!.identity).map(({ dataVersion }) => dataVersion),
    [1, 2],
  )
})

t.test('a content above the limit quarantines its record, holds its case, and stops nobody else', async (t) => {
  const { config, put, attachments } = install(t, `${gatewayYaml}limits: { maxAttachmentBytes: 2000 }\n`)
  put('1', Buffer.alloc(2001, 'a'), 'A')
  put('2', Buffer.alloc(2000, 'b'), 'A')
  put('3', Buffer.alloc(10, 'c'), 'C')
  const { store } = await start(t, config)
  await until('the others are read', () => sumOf(store, 'read') === 3)
  const [entry, ...others] = store.openQuarantine({ limit: 10 })
  t.same(others, [])
  t.match(entry, { recordSeq: 1, code: 'ATTACHMENT_TOO_LARGE', lane: 'one/A' })
  await until('the other case is sent', () => sumOf(store, 'confirmed') === 1)
  t.equal(store.held(), 1, 'its case waits behind it')
  t.same(filesIn(attachments).sort(), [Buffer.alloc(2000, 'b'), Buffer.alloc(10, 'c')].map((b) => digestOf(b).slice(7)).sort())
})

t.test('with too little room the source waits, and nothing is kept', async (t) => {
  const { config, put, attachments } = install(t, gatewayYaml.replace('reserveBytes: 0', 'reserveBytes: 900000000000000'))
  put('1', Buffer.alloc(100))
  const { store, paused } = await start(t, config)
  await until('reading pauses', () => paused.length > 0)
  t.equal(paused[0]!.code, 'STORE_DISK_LOW')
  t.equal(sumOf(store, 'read'), 0)
  t.same(filesIn(attachments), [])
})

const openNew = (t: Test) => {
  const folder = temporaryFolder(t)
  const store = openStore(join(folder, 'gateway.db'), 1)
  t.teardown(() => store.close())
  const files = openAttachmentFiles(join(folder, 'attachments'), limits)
  store.commit(() => store.keepRoute('one', '11150900PDY00001XA', '150900'))
  const keep = (text: string, now = 0) =>
    files.keep(inPieces(Buffer.from(text)), ({ digest, size }) => store.commit(() => store.attachments.keep(digest, size, now)))
  let n = 0
  /** A record that holds one attachment, and a message that names another, or the same. */
  const add = (held: { digest: string; size: number } | undefined, named: string[] = []) =>
    store.commit(() => {
      const book = store.book('2026-03-02', 'one', 'CL')
      const recordSeq = store.addRecord({
        ...{
          book,
          route: 'one',
          stream: 'CL',
          key: String(++n),
          hash: randomBytes(32),
          receivedAt: 0,
          disposition: 'translated' as const,
        },
        ...{ reason: null, mappingVersion: '1', contentType: 'application/json', charset: null, decoded: true, faulty: false },
        body: Buffer.from('{}'),
      })
      for (const counter of ['read', 'translated', 'messages'] as const) store.count(book, counter)
      if (held) store.attachments.addToRecord(recordSeq, { at: 'SCAN', ...held })
      const line = { lane: `one/${n}`, place: recordSeq, identity: `one:${n}`, dataVersion: 1, contentHash: String(n) }
      store.addMessage({ recordSeq, book, ...line, type: 'case.amended', body: Buffer.from('{}'), digests: named })
    })
  const confirmAll = () => store.commit(() => store.confirm(store.claim(100, 0), 0))
  return { store, files, keep, add, confirmAll }
}

t.test('a message may name an attachment before its record has come: then its transfer begins with the record', async (t) => {
  const { store, keep, add } = openNew(t)
  const scan = Buffer.from('a scan')
  add(undefined, [digestOf(scan), digestOf(Buffer.from('what nobody ever hands over'))])
  t.same(store.attachments.transfers({ limit: 9 }), [])
  const kept = await keep('a scan')
  t.same(store.attachments.transfers({ limit: 9 }), [], 'what no record holds is not sent')
  add(kept)
  t.match(store.attachments.transfers({ limit: 9 }), [
    { digest: kept.digest, size: 6, state: 'open', confirmed: 0, route: 'one' },
  ])
  t.same(store.recount(), store.books())
})

t.test('a source cannot name what it has not kept', async (t) => {
  const { add } = openNew(t)
  t.throws(() => add({ digest: digestOf(Buffer.from('x')), size: 1 }), /has not kept/)
})

t.test('a file goes when no kept record or message names it and its transfer has ended; the line when they go', async (t) => {
  const { store, files, keep, add, confirmAll } = openNew(t)
  const [unnamed, held, sent, arrived] = [await keep('unnamed'), await keep('held'), await keep('sent'), await keep('arrived')]
  const removable = () => store.attachments.removable(1000, 9).sort()
  add(held)
  add(sent, [sent.digest])
  add(arrived, [arrived.digest])
  t.same(removable(), [unnamed.digest])
  t.same(store.attachments.removable(0, 9), [], 'what was just kept may be about to be named')
  confirmAll()
  store.commit(() => store.prune(1000, 0, 100))
  t.same(removable(), [held.digest, unnamed.digest].sort(), 'what is still to be sent stays')
  store.commit(() => {
    for (const transfer of store.attachments.due(1, 'oldest', [], 9)) store.attachments.finish(transfer, 5, 500)
    store.attachments.arrive(arrived.digest, 6)
  })
  t.same(removable(), [arrived.digest, held.digest, unnamed.digest].sort(), 'and so does what the platform is still asked about')
  t.match(store.books()[0], { attachments: 2, sent: 2, arrived: 1, unsent: 0, balanced: true })
  const events = createEvents()
  const stop = new AbortController()
  let now = 0
  const clock = {
    now: () => now,
    wait: async () => {
      now += 600_000 + 86_400_000
      if (now > 200_000_000) stop.abort()
    },
  }
  await keepHouse({
    store,
    files,
    abandon: async () => 0,
    clock,
    events,
    retention: { bodiesMs: 1000, linesMs: 1e12, partialsMs: 1e12 },
    signal: stop.signal,
    sayRunning: nothing,
  })
  t.notOk(existsSync(files.pathOf(held.digest)))
  t.ok(existsSync(files.pathOf(sent.digest)))
  t.equal(store.attachments.sizeOf(arrived.digest), undefined)
  const again = await keep('arrived', now)
  t.equal(statSync(files.pathOf(again.digest)).size, 7, 'the same content may come again')
  store.commit(() => store.attachments.remove(arrived.digest, now))
  store.commit(() => store.prune(1000, 1000, 100))
  t.same(
    store.attachments.transfers({ states: ['open', 'sent', 'arrived', 'stopped'], limit: 9 }).map(({ digest }) => digest),
    [sent.digest],
  )
})
