// needs: rabbitmq, postgresql
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import t, { type Test } from 'tap'
import { eventTypes } from '../core/canonical/index.ts'
import { type Clock, systemClock } from '../core/clock.ts'
import { rootOfIds } from '../core/merkle.ts'
import type { PlatformConfig } from '../core/platform/config.ts'
import { openPlatform } from '../core/platform/platform.ts'
import { openPostgresqlReceiverStore } from '../core/platform/postgresql-store.ts'
import { openSqliteReceiverStore } from '../core/platform/sqlite-store.ts'
import { verifyDelivery } from '../core/platform/verify.ts'
import { differencesIn, differingRanges, linesOf, type StatedId } from '../core/statement.ts'
import { migrate, openDurable } from '../core/store/open.ts'
import type { Compared, Store } from '../core/store/store.ts'
import { upAddress } from '../core/transport/transport.ts'
import { gatewayYaml, mappingYaml, openDepartment, systemYaml, writeFiles } from './contract/department-database.ts'
import { attachmentOptionsOf, createDatabase, draftOf, messageOf } from './contract/platform-place.ts'
import { brokerUrl, createRabbitmqPlace, rabbitmqOptionsOf } from './contract/rabbitmq-place.ts'
import { connected } from './contract/transport-messages.ts'
import { openDown } from './down-place.ts'
import { runCommand } from './run-command.ts'
import { temporaryFolder, until } from './temporary.ts'

const sha = (...parts: (string | Buffer)[]) => {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(part)
  return hash.digest()
}

t.test('the root of ids is that of RFC 6962', async (t) => {
  const [a, b, c] = ['a', 'b', 'c'].map((id) => sha('\0', id)) as [Buffer, Buffer, Buffer]
  const node = (left: Buffer, right: Buffer) => sha('\x01', left, right)
  t.equal(rootOfIds([]).toString('hex'), 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855')
  t.same(rootOfIds(['a']), a)
  t.equal(
    rootOfIds(['a', 'b', 'c']).toString('hex'),
    '36642e73c2540ab121e3a6bf9545b0a24982cd830eb13d3cd19de3ce6c021ec1',
    'as other implementations find it',
  )
  t.same(rootOfIds(['a', 'b', 'c']), node(node(a, b), c))
  t.same(rootOfIds(['a', 'b', 'c', 'a', 'b']), node(node(node(a, b), node(c, a)), b))
  t.equal(
    rootOfIds(['one:A:application.received:::1', 'one:B:application.received:::1']).toString('hex'),
    sha('\x01', sha('\0one:A:application.received:::1'), sha('\0one:B:application.received:::1')).toString('hex'),
  )
})

t.test('two sides find out by one exchange what each has that the other has not', async (t) => {
  const type = 'application.received'
  const list = (count: number): StatedId[] =>
    Array.from({ length: count }, (_, number) => ({ type, id: `one:${String(number).padStart(6, '0')}:${type}:::1` }))
  const ours = list(10_000)
  const line = linesOf(ours).find((one) => one.type === type)!
  t.match(line, { count: 10_000, root: rootOfIds(ours.map(({ id }) => id)).toString('hex') }, 'parts do not change the root')
  t.equal(line.parts.length, 40)
  t.same(differingRanges(linesOf(ours), ours), [])
  t.same(
    linesOf([]).map(({ type, count }) => ({ type, count })),
    eventTypes.map((type) => ({ type, count: 0 })),
    'nothing is said to be nothing',
  )
  const check = (theirs: StatedId[], missing: StatedId[], foreign: StatedId[], ranges: number, ids: number) => {
    const sorted = [...theirs].sort((a, b) => Buffer.compare(Buffer.from(a.id), Buffer.from(b.id)))
    const found = differingRanges(linesOf(ours), sorted)
    t.same(differencesIn(found, ours), { missing, foreign })
    t.match([found.length, found.reduce((sum, range) => sum + range.ids.length, 0)], [ranges, ids])
    t.ok(
      found.every((range) => range.ids.length <= 1000),
      'no range is larger than a message may be',
    )
  }
  check(ours.toSpliced(5000, 1), [ours[5000]!], [], 1, 255)
  const before = { type, id: 'aaa' }
  const behind = { type, id: '\u{1F600}' }
  check([...ours, before, behind], [], [before, behind], 2, 257 + 17)
  const other = { type: 'case.closed', id: 'one:X:case.closed:::1' }
  check([...ours, other], [], [other], 1, 1)
  check([], ours, [], 40, 0)
  const many = Array.from(
    { length: 2500 },
    (_, number): StatedId => ({ type, id: `one:005000:x${String(number).padStart(4, '0')}` }),
  )
  check([...ours, ...many], [], many, 3, 2756)
})

/** Noon in Beijing of a day of the test's own, and as many days later as it says. */
const openClock = () => {
  const begun = Date.now()
  let days = 0
  const clock: Clock = {
    now: () => Date.UTC(2026, 2, 2, 4) + days * 86_400_000 + (Date.now() - begun),
    wait: systemClock.wait,
  }
  const nextDay = () => {
    days += 1
  }
  return { clock, nextDay }
}

const statementsYaml = 'statements: { after: 500ms, again: 300ms }\n'

/** Where the two meet: the gateway's `transport`, what the platform is opened with, and its database, asked past it. */
interface Meeting {
  transportYaml: string
  platformOf(folder: string): Omit<PlatformConfig, 'folder'>
  sql(folder: string, text: string): Promise<Record<string, unknown>[]>
}

const embedded: Meeting = {
  transportYaml: 'transport: { kind: embedded, file: ../data/transport.sqlite, pollMs: 20 }\n',
  platformOf: (folder) => ({
    transport: {
      kind: 'embedded',
      options: { file: join(folder, 'data/transport.sqlite'), partitions: 4, window: 500, pollMs: 20 },
    },
    store: { kind: 'sqlite', options: { file: join(folder, 'data/platform.sqlite') } },
    attachments: attachmentOptionsOf(folder),
  }),
  sql: async (folder, text) => {
    const db = new Database(join(folder, 'data/platform.sqlite'))
    try {
      const statement = db.prepare<[], Record<string, unknown>>(text)
      if (statement.reader) return statement.all()
      statement.run()
      return []
    } finally {
      db.close()
    }
  },
}

const openServers = async (t: Test): Promise<Meeting> => {
  const { options, admin } = await createDatabase(t)
  const rabbitmq = await createRabbitmqPlace(t)
  await connected(rabbitmq.open({ gateway: 'one-gateway' }))
  return {
    transportYaml: `transport: { kind: rabbitmq, urls: ["${brokerUrl}"], prefix: ${rabbitmq.prefix} }\n`,
    platformOf: (folder) => ({
      transport: { kind: 'rabbitmq', options: rabbitmqOptionsOf({ urls: [brokerUrl], prefix: rabbitmq.prefix }) },
      store: { kind: 'postgresql', options },
      attachments: attachmentOptionsOf(folder),
    }),
    sql: async (_, text) => (await admin.query(text)).rows,
  }
}

/** A gateway that reads one department, and the platform. */
const open = async (t: Test, meeting = embedded) => {
  const place = await openDown(t, {
    files: {
      'config/gateway.yaml': `name: one-gateway\n${gatewayYaml.replace(/transport: .*\n/, meeting.transportYaml)}${statementsYaml}retry: { first: 20ms, longest: 100ms }\n`,
      'config/adapters/one.yaml': systemYaml('one.db'),
    },
  })
  const { clock, nextDay } = openClock()
  const config: PlatformConfig = { folder: place.folder, ...meeting.platformOf(place.folder) }
  const platform = openPlatform(config, { clock: systemClock, onFailed: ({ message }) => t.fail(message) })
  t.teardown(() => platform.close())
  const department = openDepartment(place.database)
  t.teardown(() => department.close())
  const sql = (text: string) => meeting.sql(place.folder, text)
  const start = async () => {
    const started = await place.start(clock)
    const compared: Compared[] = []
    started.events.on('statement:compared', (one) => void compared.push(one))
    const { store } = started.gateway
    const untilCompared = (what: object) =>
      until(`it is compared: ${JSON.stringify(what)}`, () => {
        const { startsAt: _, endsAt: __, system: ___, ...last } = compared.at(-1) ?? ({} as Compared)
        return JSON.stringify(last) === JSON.stringify({ ...what })
      }).catch((error) => t.fail(`${error.message} ${JSON.stringify(compared.at(-1))}`))
    const books = () => store.books()[0]
    return { ...started, store, compared, untilCompared, books }
  }
  const reconcile = (...words: string[]) => runCommand('reconcile', '--config', place.config, ...words)
  return { ...place, nextDay, clock, platform, department, sql, start, reconcile }
}

const isBalanced = (t: Test, store: Store): void => {
  t.ok(
    store.books().every(({ balanced }) => balanced),
    JSON.stringify(store.books()),
  )
  const plain = (lines: object[]) => lines.map((line) => ({ ...line, duplicates: 0 }))
  t.same(plain(store.recount()), plain(store.books()), 'the lines say the same as the counters')
}

const agreed = (count: number) => ({ outcome: 'agreed', ours: count, theirs: count, missing: 0, foreign: 0 })
const idOf = (no: string) => `one:${no}:application.received:::1`

t.test('a day that has ended is stated and agreed, a day without messages, too', async (t) => {
  const { department, start, nextDay, reconcile, sql } = await open(t)
  const { untilCompared, books, compared, store } = await start()
  department.put('A')
  department.put('B', '云远山')
  await until('both are receipted', () => books()?.receipted === 2)
  t.match(await reconcile(), { codes: [0], out: /还没有对过账/ }, 'nothing has ended')
  nextDay()
  await untilCompared(agreed(2))
  nextDay()
  await untilCompared(agreed(0))
  t.match(await reconcile('--all'), { codes: [0], out: /2026-03-02 +one +2 +2 +相符 agreed[\s\S]*没有不符/ })
  await sql(`DELETE FROM message WHERE id = '${idOf('A')}'`)
  t.match((await reconcile('--again', '--all')).out, /2 个时段将重新对账/)
  await until('what was lost since is found', () => compared.some(({ missing }) => missing === 1))
  t.match(compared, [
    { system: 'one', startsAt: Date.parse('2026-03-02T00:00:00+08:00'), endsAt: Date.parse('2026-03-03T00:00:00+08:00') },
    { system: 'one', startsAt: Date.parse('2026-03-03T00:00:00+08:00') },
  ])
  isBalanced(t, store)
})

t.test('what the platform has lost is found by its id and sent again, exactly it', async (t) => {
  const { department, start, nextDay, reconcile, sql, platform } = await open(t)
  const { untilCompared, books, store } = await start()
  for (const no of ['A', 'B', 'C']) department.put(no)
  await until('all are receipted', () => books()?.receipted === 3)
  const body = await sql(`SELECT body FROM message WHERE id = '${idOf('B')}'`)
  await sql(`DELETE FROM message WHERE id = '${idOf('B')}'`)
  nextDay()
  await untilCompared({ outcome: 'differs', ours: 3, theirs: 2, missing: 1, foreign: 0 })
  t.match(await reconcile(), { codes: [1], out: /平台缺少 missing {2}one:B:application\.received:::1\n1 个时段不符/ })
  const shown = JSON.parse((await reconcile('--json')).out)
  t.match(shown, { periods: [{ state: 'differs', ours: 3, theirs: 2 }], differences: [{ kind: 'missing', id: idOf('B') }] })
  t.match(await reconcile('--resend'), { codes: [0], out: /one:B:\S+ +已放回发件箱[\s\S]*重发 1 条/ })
  t.match((await reconcile('--resend')).out, /重发 0 条/, 'and once')
  await untilCompared(agreed(3))
  t.same(await sql(`SELECT body FROM message WHERE id = '${idOf('B')}'`), body, 'as it was')
  t.match(await platform.store.counts(), [{ received: 4, duplicates: 0, conflicts: 0 }], 'and nothing else')
  t.match(store.history(idOf('B').slice(0, -2)), [{ state: 'confirmed', attempts: 2 }])
  t.match(store.receiptsOf(store.messageOf(idOf('B'))!.seq), [{ outcome: 'accepted', detail: { missing: true } }])
  await until('it is receipted again', () => books()?.receipted === 3)
  isBalanced(t, store)
})

t.test('what cannot be sent again is said so', async (t) => {
  const { department, start, nextDay, reconcile, sql, folder } = await open(t)
  const { untilCompared, books } = await start()
  department.put('A')
  await until('it is receipted', () => books()?.receipted === 1)
  await sql('DELETE FROM message')
  nextDay()
  await untilCompared({ outcome: 'differs', ours: 1, theirs: 0, missing: 1, foreign: 0 })
  const ours = new Database(join(folder, 'data/gateway.db'))
  ours.exec('UPDATE message SET body = NULL')
  ours.close()
  t.match(await reconcile('--resend'), { codes: [1], out: /正文已过保留期[\s\S]*重发 0 条/ })
})

t.test('what the platform has under the name of a system, and we never sent, is listed', async (t) => {
  const { department, start, nextDay, reconcile, sql } = await open(t)
  const { untilCompared, books, store } = await start()
  department.put('A')
  await until('it is receipted', () => books()?.receipted === 1)
  await sql(`INSERT INTO message (id, identity, data_version, type, system, department, region, case_no, lane, content_hash, received_at, seen_at, state, body)
    SELECT 'one:X:case.closed:::1', 'one:X:case.closed::', 1, 'case.closed', system, department, region, 'X', 'one/X', content_hash, received_at, seen_at, state, body FROM message`)
  nextDay()
  await untilCompared({ outcome: 'differs', ours: 1, theirs: 2, missing: 0, foreign: 1 })
  t.match(await reconcile(), { codes: [1], out: /非本网关所报 foreign {2}one:X:case\.closed:::1/ })
  t.match(await reconcile('--resend'), { codes: [0], out: /重发 0 条/ })
  await sql("DELETE FROM message WHERE id = 'one:X:case.closed:::1'")
  await untilCompared(agreed(1))
  t.match(store.statements.differences(), [])
})

t.test('a statement that was kept and not sent is sent after the next start, and twice is as once', async (t) => {
  const { department, start, nextDay, folder, clock } = await open(t)
  const first = await start()
  department.put('A')
  await until('it is receipted', () => first.books()?.receipted === 1)
  await first.gateway.stop()
  nextDay()
  const ours = new Database(join(folder, 'data/gateway.db'))
  t.teardown(() => ours.close())
  ours
    .prepare("INSERT INTO statement VALUES (?, 'one', ?, 'asked', 0, 'statement:killed', 1, ?, 1, NULL)")
    .run(Date.parse('2026-03-02T00:00:00+08:00'), Date.parse('2026-03-03T00:00:00+08:00'), clock.now() + 300)
  const second = await start()
  await second.untilCompared(agreed(1))
  ours.exec('UPDATE statement SET due_at = 0')
  await until('it is answered again', () => second.compared.length === 2)
  t.match(second.compared[1], agreed(1))
  t.match(second.store.statements.list(), [{ state: 'agreed', dueAt: null }])
  isBalanced(t, second.store)
})

t.test('a message that comes late for a day has the day stated again', async (t) => {
  const { department, start, nextDay, folder, config } = await open(t)
  const { untilCompared, books, store } = await start()
  department.put('A', '甲', '9')
  department.put('B')
  await until('one waits for a person', () => books()?.quarantined === 1 && books()?.receipted === 1)
  nextDay()
  await untilCompared(agreed(1))
  writeFiles(folder, { 'mappings/dept/one.yaml': mappingYaml.replace('"2": enterprise', '"2": enterprise, "9": natural') })
  t.match(await runCommand('quarantine', 'replay', '1', '--config', config), { error: undefined })
  await untilCompared(agreed(2))
  isBalanced(t, store)
})

t.test('what is agreed and has no receipt gets it', async (t) => {
  const { department, start, nextDay, folder } = await open(t)
  const { untilCompared, books, store } = await start()
  department.put('A')
  department.put('B')
  await until('both are receipted', () => books()?.receipted === 2)
  const ours = new Database(join(folder, 'data/gateway.db'))
  ours.exec('UPDATE outbox SET receipt = NULL; UPDATE ledger SET receipted = 0')
  ours.close()
  nextDay()
  await untilCompared(agreed(2))
  t.match(books(), { receipted: 2, disputed: 0 })
  t.match(store.statements.list(), [{ state: 'agreed', dueAt: null }])
  isBalanced(t, store)
})

t.test('over RabbitMQ and PostgreSQL, in as many pages as it takes, in the order of bytes', async (t) => {
  const { department, start, nextDay, reconcile, sql } = await open(t, await openServers(t))
  const { untilCompared, books, store } = await start()
  for (const no of ['A', 'B', '乙', 'ÿ']) department.put(no)
  await until('all are receipted', () => books()?.receipted === 4)
  const others = "'one:' || (ARRAY['a', 'ÿ', '乙', '😀'])[1 + n % 4] || n || ':application.received:::1'"
  await sql(`INSERT INTO message (id, identity, data_version, type, system, department, region, case_no, lane, content_hash, received_at, seen_at, state, body)
    SELECT ${others}, ${others}, 1, type, system, department, region, 'X', 'one/X', content_hash, received_at, seen_at, state, body
      FROM message, generate_series(1, 2500) AS n WHERE id = '${idOf('A')}'`)
  await sql(`DELETE FROM message WHERE id = '${idOf('B')}'`)
  nextDay()
  await untilCompared({ outcome: 'differs', ours: 4, theirs: 2503, missing: 1, foreign: 2500 })
  t.match(await reconcile('--resend'), { codes: [0], out: /one:B:\S+ +已放回发件箱[\s\S]*重发 1 条/ })
  await untilCompared({ outcome: 'differs', ours: 4, theirs: 2504, missing: 0, foreign: 2500 })
  await sql("DELETE FROM message WHERE lane = 'one/X'")
  await untilCompared(agreed(4))
  isBalanced(t, store)
})

t.test('a leap second is a time of its day, and a statement that is none goes to the dead letters', async (t) => {
  const { department, start, sql, platform } = await open(t)
  const { books, gateway } = await start()
  department.put('A')
  await until('it is receipted', () => books()?.receipted === 1)
  const [row] = await sql('SELECT body, lane FROM message')
  const event = JSON.parse(String(row!.body))
  const body = JSON.stringify({ ...event, data: { ...event.data, seenAt: '2026-07-01T07:59:60+08:00' } })
  const verified = verifyDelivery({
    id: event.id,
    type: 'application.received',
    lane: String(row!.lane),
    body,
    redelivered: false,
  })
  t.match(verified, { seenAt: '2026-07-01T07:59:60' })
  const address = upAddress({ region: '150900', department: '11150900PDY00001XA' })
  const none = { id: 'x', type: 'message.statement', address, lane: 'one', body: '{"type":"?"}', sentAt: 0 }
  t.match(await gateway.transport.publish(none), { outcome: 'confirmed' })
  await until('it is refused', async () => (await platform.store.counts()).some(({ refused }) => refused === 1))
})

t.test('what a platform had received before it knew of statements is counted by the time in its body', async (t) => {
  const migrations = (kind: string) => join(import.meta.dirname, '../core/platform/migrations', kind)
  const { id, type, lane, body } = messageOf(draftOf('application.received', 'OLD'))
  const seenAt = String(JSON.parse(String(body)).data.seenAt)
  const from = `${seenAt.slice(0, 10)}T00:00:00`
  const insert = `INSERT INTO message (id, identity, data_version, type, system, department, region, case_no, lane, content_hash, received_at, state, body)
    VALUES ('${id}', 'i', 1, '${type}', 'zhujian', 'd', 'r', 'OLD', '${lane}', 'h', 1, 'applied', '${body}')`
  const folder = temporaryFolder(t)
  const file = join(folder, 'platform.sqlite')
  const first = (kind: string) => readFileSync(join(migrations(kind), '0001-initial.sql'), 'utf8')
  writeFiles(folder, { 'old/0001-initial.sql': first('sqlite') })
  const old = openDurable(file)
  migrate(old, file, 0, join(folder, 'old'))
  old.exec(insert)
  old.close()
  const { options, admin } = await createDatabase(t)
  await admin.query(first('postgresql'))
  await admin.query(insert)
  await admin.query(
    'CREATE TABLE migration (name text PRIMARY KEY, checksum text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now())',
  )
  const checksum = createHash('sha256').update(first('postgresql')).digest('hex')
  await admin.query("INSERT INTO migration (name, checksum) VALUES ('0001-initial.sql', $1)", [checksum])
  for (const store of [openSqliteReceiverStore(file, 0), openPostgresqlReceiverStore(options, '.')]) {
    t.teardown(() => store.close())
    t.same(await store.idsOfPeriod({ system: 'zhujian', from, until: seenAt.slice(0, 19) }), [], 'until is exclusive')
    t.same(await store.idsOfPeriod({ system: 'zhujian', from, until: '9999-01-01T00:00:00' }), [{ type, id }])
    t.match(await store.bodies([id, 'none']), [{ id, body: String(body), receivedAt: 1 }])
  }
})
