import { createHash } from 'node:crypto'
import { rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { pino } from 'pino'
import t, { type Test } from 'tap'
import { logEvents } from '../core/cli/log.ts'
import { systemClock } from '../core/clock.ts'
import type { GatewayError } from '../core/errors.ts'
import type { Gateway } from '../core/gateway.ts'
import { loadPlatformConfig } from '../core/platform/config.ts'
import { openPlatform } from '../core/platform/platform.ts'
import type { InboxState } from '../core/store/inbox-store.ts'
import { gatewayYaml, systemYaml, writeFiles, writeInstallation } from './contract/department-database.ts'
import { deliverYaml, downYaml, draftOf, openDown, supplementOf, writes } from './down-place.ts'
import { runCommand } from './run-command.ts'
import { temporaryFolder, until } from './temporary.ts'

const statesOf = ({ store }: Gateway): Record<string, number> => {
  const counts: Record<string, number> = {}
  const all: InboxState[] = [
    'waiting',
    'ready',
    'claimed',
    'unknown',
    'quarantined',
    'delivered',
    'rejected',
    'ignored',
    'refused',
  ]
  for (const { state } of store.inbox.list({ states: all, limit: 10_000 })) counts[state] = (counts[state] ?? 0) + 1
  return counts
}

const settled = (gateway: Gateway, count: number) =>
  until(`${count} are settled ${JSON.stringify(statesOf(gateway))}`, () => {
    const { delivered = 0, rejected = 0, ignored = 0, refused = 0 } = statesOf(gateway)
    return delivered + rejected + ignored + refused >= count
  })

const balanced = (t: Test, { store }: Gateway): void => {
  t.ok(
    store.inbox.books().every((line) => line.balanced),
    JSON.stringify(store.inbox.books()),
  )
  const plain = (lines: object[]) => lines.map((line) => ({ ...line, duplicates: 0 }))
  t.same(plain(store.inbox.recount()), plain(store.inbox.books()), 'the lines say the same as the counters')
}

t.test('what the platform sends is written to the system, part by part, in the order of each case', async (t) => {
  const place = await openDown(t)
  const { gateway, failures } = await place.start()
  const outcomes = await place.send(
    draftOf('P-1'),
    draftOf('P-2', '云远山'),
    supplementOf('P-1', '1'),
    draftOf('P-3', '窗口', { content: { channel: 'window' } }),
  )
  t.ok(outcomes.every(({ outcome }) => outcome === 'confirmed'))
  await settled(gateway, 4)
  t.same(statesOf(gateway), { delivered: 3, ignored: 1 })
  t.same(place.rows('SELECT * FROM SB ORDER BY NO'), [
    { NO: 'P-1', NAME: '巴特尔·额尔敦', KIND: '1', AT: '2026-03-02 09:30:00' },
    { NO: 'P-2', NAME: '云远山', KIND: '1', AT: '2026-03-02 09:30:00' },
  ])
  t.same(
    place.rows("SELECT WHAT FROM LOG WHERE NO = 'P-1'"),
    [{ WHAT: '收件' }, { WHAT: '补正' }],
    'the application before its supplement',
  )
  t.same(failures, [])
  balanced(t, gateway)
  t.equal(gateway.store.books().length, 0, 'and nothing of it goes up')
})

t.test('the same again is a duplicate, another content under its id a conflict, an older version stale', async (t) => {
  const place = await openDown(t)
  const { gateway } = await place.start()
  const second = { ...draftOf('P-1', '乙'), dataVersion: 2 }
  await place.send(draftOf('P-1', '甲'))
  await settled(gateway, 1)
  await place.send(draftOf('P-1', '甲'), { ...second, content: { ...second.content } })
  await until('the second version is refused by the primary key', () => (statesOf(gateway)['rejected'] ?? 0) === 1)
  await place.send(draftOf('P-1', '丙'))
  await until('the conflict waits for a person', () => (statesOf(gateway)['quarantined'] ?? 0) === 1)
  t.match(gateway.store.inbox.list({ states: ['quarantined'], limit: 1 }), [{ detail: { code: 'MESSAGE_CONFLICT' } }])
  t.match(gateway.store.inbox.list({ states: ['rejected'], limit: 1 }), [{ detail: { code: /CONSTRAINT/ } }])
  const [held] = gateway.store.inbox.list({ states: ['quarantined'], limit: 1 })
  t.match(await runCommand('inbox', 'again', String(held!.seq), '--reason', 'x', '--config', place.config), {
    error: { code: 'COMMAND_USAGE', message: /next data version/ },
  })
  await place.send(draftOf('P-1', '丙'))
  await until('the conflict that comes again is known', () => gateway.store.inbox.books()[0]?.duplicates === 2)
  const [line] = gateway.store.inbox.books()
  t.match(line, { received: 3, duplicates: 2, delivered: 1, rejected: 1, open: 1, balanced: true })
  await place.send({ ...draftOf('P-9'), dataVersion: 3 }, { ...draftOf('P-9'), dataVersion: 2 })
  await until('the older one is told apart', () => (statesOf(gateway)['ignored'] ?? 0) === 1)
  balanced(t, gateway)
})

t.test('what cannot be put in the words of the system holds back its own case until a person has seen to it', async (t) => {
  const place = await openDown(t)
  const { gateway } = await place.start()
  await place.send(
    draftOf('P-1', '甲', { content: { applicant: { name: '甲', kind: 'other' } } }),
    supplementOf('P-1', '1'),
    draftOf('P-2'),
  )
  await settled(gateway, 1)
  await until('one waits', () => (statesOf(gateway)['quarantined'] ?? 0) === 1)
  t.same(statesOf(gateway), { delivered: 1, quarantined: 1, waiting: 1 })
  const listed = await runCommand('inbox', 'list', '--config', place.config)
  t.match(listed.out, /CODE_FOR_VALUE_UNKNOWN.*mappings\/dept\/down\/in\.yaml:\d+:\d+ 字段 \/KIND.*other/s)
  t.notMatch(listed.out, /甲/)

  await gateway.stop()
  writeFiles(place.folder, { 'mappings/dept/down/in.yaml': downYaml.replace('"2": enterprise', '"2": enterprise, "9": other') })
  const again = await place.start()
  t.match(await runCommand('inbox', 'again', '1', '--config', place.config, '--reason', '代码表已补'), { out: /1: 将再次写入/ })
  await settled(again.gateway, 3)
  t.same(place.rows("SELECT KIND FROM SB WHERE NO = 'P-1'"), [{ KIND: '9' }])
  const shown = await runCommand('inbox', 'show', '1', '--config', place.config)
  t.match(shown.out, /已写入 delivered/)
  t.match(shown.out, /again .*代码表已补/)
  t.match(await runCommand('inbox', 'again', '1', '--config', place.config, '--reason', 'x'), {
    error: { code: 'INBOX_NOT_UNDECIDED' },
  })
  t.match(await runCommand('inbox', 'show', '99', '--config', place.config), { error: { code: 'INBOX_NOT_FOUND' } })
  balanced(t, again.gateway)
})

t.test('a target that is down costs no message anything, and goes on by itself when it is back', async (t) => {
  const place = await openDown(t, { made: 'CREATE TABLE LOG (NO TEXT, WHAT TEXT)' })
  const { gateway } = await place.start()
  await place.send(...Array.from({ length: 30 }, (_, n) => draftOf(`P-${n}`)))
  const attempts = () => gateway.store.inbox.list({ states: ['ready'], limit: 100 }).filter(({ attempt }) => attempt > 0).length
  await until('it has been tried', () => attempts() > 0)
  place.db.exec('CREATE TABLE SB (NO TEXT PRIMARY KEY, NAME TEXT, KIND TEXT, AT TEXT)')
  await settled(gateway, 30)
  t.equal(place.rows('SELECT * FROM SB').length, 30)
  t.equal(place.rows('SELECT * FROM LOG').length, 30)
  balanced(t, gateway)
})

t.test('while a target is away nobody is asked what it has: questions without an answer do not count', async (t) => {
  let questions = 0
  const service = createServer(({ method, url }, response) => {
    if (method === 'POST') return void (url === '/log' ? response.writeHead(201).end() : response.destroy())
    questions += 1
    if (questions <= 15) return void response.destroy()
    response.writeHead(questions <= 24 ? 500 : 200).end('{"no":"P-1"}')
  })
  await new Promise<void>((resolve) => service.listen(0, '127.0.0.1', resolve))
  t.teardown(() => service.close())
  const { port } = service.address() as AddressInfo
  const place = await openDown(t, {
    system: 'department: { code: 11150900PDY00001XA, name: 示例局, region: "150900" }\nadapter: http\n',
    options: `
    service: { baseUrl: "http://127.0.0.1:${port}" }
    writes:
      SB:
        path: /cases
        rules: [{ over: http, path: status, equals: ["201"], means: accepted }]
        unknown: confirm
        confirm: { path: "/cases/{NO}", rules: [{ path: no, matches: ".+", means: applied }] }
      LOG: { path: /log, rules: [{ over: http, path: status, equals: ["201"], means: accepted }], unknown: manual }`,
  })
  const { gateway } = await place.start()
  await place.send(draftOf('P-1'))
  await settled(gateway, 1)
  t.equal(questions, 25, 'fifteen without an answer, and nine that say nothing, are fewer than ten')
  const seq = gateway.store.inbox.list({ states: ['delivered'], limit: 1 })[0]!.seq
  t.equal(gateway.store.inbox.unknownOf(seq, ['SOURCE_UNREACHABLE']), 9)
  balanced(t, gateway)
})

t.test('an id of 255 bytes leaves room for the number of a part', async (t) => {
  const place = await openDown(t)
  const { gateway } = await place.start()
  const no = `${':'.repeat(63)}${'x'.repeat(36)}`
  const message = place.message(draftOf(no))
  t.equal(Buffer.byteLength(message.id), 255)
  await place.sendAll(message)
  await settled(gateway, 1)
  const ids = place.rows('SELECT MESSAGE_ID FROM QZ_APPLIED ORDER BY length(MESSAGE_ID)') as { MESSAGE_ID: string }[]
  t.match(ids, [{ MESSAGE_ID: /^sha256:[0-9a-f]{64}#1$/ }, { MESSAGE_ID: message.id }])
})

t.test('neither log nor errors show what is no date, or what a target says', async (t) => {
  const mapping = downYaml.replace('AT: { from: content/receivedAt,', 'AT: { from: content/applicant/name,')
  const place = await openDown(t, { mapping })
  const { gateway, events } = await place.start()
  const lines: string[] = []
  logEvents(events, pino({ level: 'debug' }, { write: (line: string) => void lines.push(line) }))
  await place.send(draftOf('P-1', '巴特尔·额尔敦'))
  await until('it waits for a person', () => (statesOf(gateway)['quarantined'] ?? 0) === 1)
  events.emit('message:undecided', {
    ...{ system: 'one', seq: 1, id: 'a', reason: 'unknown', detail: { code: 'SOURCE_FAULT', zh: '张三正在处理' } },
  } as never)
  t.match(lines.join(), /message:undecided/)
  t.match(lines.join(), /mappings\/dept\/down\/in\.yaml:\d+:\d+/, 'and where the mistake is')
  const { detail } = gateway.store.inbox.list({ states: ['quarantined'], limit: 1 })[0]!
  t.notMatch(lines.join() + JSON.stringify(detail), /巴特尔|张三/)
})

t.test(
  'a disabled system that comes or goes while the gateway runs is as if it had been there, or not, at the start',
  async (t) => {
    const place = await openDown(t)
    const { gateway } = await place.start()
    const file = 'config/adapters/two.yaml'
    const own = deliverYaml(writes.replace('QZ_APPLIED', 'QZ_APPLIED_TWO'))
    writeFiles(place.folder, { [file]: `enabled: false\n${systemYaml('one.db')}${own}` })
    await gateway.reload()
    await place.sendAll(place.message(draftOf('P-1'), 'two'))
    await until('it waits for the system', () => (statesOf(gateway)['ready'] ?? 0) === 1)
    writeFiles(place.folder, { [file]: systemYaml('one.db') + own })
    await gateway.reload()
    await settled(gateway, 1)
    writeFiles(place.folder, { [file]: `enabled: false\n${systemYaml('one.db')}${own}` })
    await gateway.reload()
    rmSync(join(place.folder, file))
    await gateway.reload()
    await place.sendAll(place.message(draftOf('P-2'), 'two'))
    await until('there is no such system', () => (statesOf(gateway)['refused'] ?? 0) === 1)
  },
)

t.test(
  'status tells a target that takes some messages in vain, and messages for a system that is written to no more',
  async (t) => {
    const place = await openDown(t)
    const { gateway } = await place.start()
    await place.send(draftOf('P-1'))
    await settled(gateway, 1)
    place.db.exec('ALTER TABLE LOG RENAME TO LOGS')
    await place.send(draftOf('P-2'))
    const status = () => runCommand('status', '--config', place.config)
    await until('it was tried', () => gateway.store.inbox.openOf().some(({ retried }) => retried === 1))
    t.match(await status(), { codes: [1], out: /target:one +troubled .*SOURCE_OPTIONS_INVALID 1 条消息反复重试/ })
    writeFiles(place.folder, { 'config/adapters/one.yaml': 'deliver: [' })
    t.match((await status()).out, /target:one +troubled /, 'a file that has become unreadable takes no target away')
    writeFiles(place.folder, { 'config/adapters/one.yaml': systemYaml('one.db') })
    await gateway.reload()
    t.match(await status(), { codes: [1], out: /target:one +removed .*1 条消息等着写入/ })
    writeFiles(place.folder, { 'config/adapters/one.yaml': systemYaml('one.db') + deliverYaml() })
    place.db.exec('ALTER TABLE LOGS RENAME TO LOG')
    await gateway.reload()
    await settled(gateway, 2)
    t.match((await status()).out, /target:one +well/)
  },
)

t.test('many deliveries side by side are no reason for a warning', async (t) => {
  const warnings: Error[] = []
  const take = (warning: Error) => void warnings.push(warning)
  process.on('warning', take)
  t.teardown(() => process.off('warning', take))
  const place = await openDown(t, { deliver: 'parallel: 24' })
  const { gateway } = await place.start()
  await place.sendAll(...Array.from({ length: 60 }, (_, n) => place.message(draftOf(`P-${n}`))))
  await settled(gateway, 60)
  t.same(warnings, [])
})

t.test('what cannot be claimed undoes nothing of what was settled before it', async (t) => {
  const place = await openDown(t, { deliver: 'parallel: 1' })
  const { gateway } = await place.start()
  const { inbox } = gateway.store
  const keepOperations = inbox.keepOperations.bind(inbox)
  let calls = 0
  // The second is the one that is claimed in the commit that settles the first; its own turn has to claim it again.
  inbox.keepOperations = (...given) => {
    calls += 1
    if (calls === 2) throw new Error('the disk is full')
    keepOperations(...given)
  }
  await place.send(draftOf('P-1'), draftOf('P-2'), draftOf('P-3'))
  await settled(gateway, 3)
  t.same(statesOf(gateway), { delivered: 3 })
  t.same(place.rows('SELECT NO FROM LOG ORDER BY NO'), [{ NO: 'P-1' }, { NO: 'P-2' }, { NO: 'P-3' }], 'each is written once')
  const attemptsOf = (no: string) =>
    inbox.list({ states: ['delivered'], limit: 9 }).find(({ lane }) => lane === `one/${no}`)?.attempt
  t.same(['P-1', 'P-2', 'P-3'].map(attemptsOf), [1, 1, 1], 'and no attempt is counted that was undone')
  balanced(t, gateway)
})

t.test('what is no message for this gateway is kept, and in the dead letters', async (t) => {
  const place = await openDown(t)
  const { gateway } = await place.start()
  const good = place.message(draftOf('P-1'))
  await place.sendAll(place.message(draftOf('P-2'), 'nobody'), { ...good, id: 'x:1', body: '{"specversion":"1.0"}' }, good)
  await settled(gateway, 3)
  t.same(statesOf(gateway), { refused: 2, delivered: 1 })
  const refused = gateway.store.inbox.list({ states: ['refused'], limit: 5 })
  t.match(
    refused.map(({ detail }) => detail?.['code']),
    new Set(['DELIVERY_TARGET_UNKNOWN', 'MESSAGE_INVALID']),
  )
  const queue = new Database(join(place.folder, 'data/transport.sqlite'), { readonly: true })
  t.equal(queue.prepare("SELECT count(*) FROM dead_letter WHERE queue = 'down.one-gateway'").pluck().get(), 2)
  queue.close()
  balanced(t, gateway)
})

t.test('what was under way when the gateway died is asked about, and has its effect once', async (t) => {
  const place = await openDown(t, { options: writes.replace(/ {4}applied.*\n/, '').replace('idempotent', 'manual') })
  const first = await place.start()
  await place.send(draftOf('P-1'), draftOf('P-2'), supplementOf('P-3', '1'))
  await settled(first.gateway, 3)
  await first.gateway.stop()
  // As a process that is killed leaves them: one had been written, one had not, and of one nobody can tell.
  const store = new Database(join(place.folder, 'data/gateway.db'))
  store.exec("UPDATE inbox SET state = 'claimed', claimed_at = 1, attempt = attempt + 1, parts_done = 0, settled_at = NULL")
  store.exec('UPDATE inbox_ledger SET delivered = 0; DELETE FROM delivery_attempt')
  store.close()
  place.db.exec("DELETE FROM SB WHERE NO = 'P-2'; DELETE FROM LOG WHERE NO = 'P-2'")

  const { gateway } = await place.start()
  const undecided = () => gateway.store.inbox.list({ states: ['unknown'], limit: 9 }).filter(({ dueAt }) => dueAt === null)
  await until('what can be found out is', () => place.rows("SELECT * FROM SB WHERE NO = 'P-2'").length === 1)
  await until('the rest waits for a person', () => undecided().length >= 1)
  t.equal(place.rows("SELECT * FROM SB WHERE NO = 'P-1'").length, 1)
  t.match(
    undecided().find(({ lane }) => lane === 'one/P-3'),
    { state: 'unknown' },
  )
  t.equal(place.rows("SELECT * FROM LOG WHERE NO = 'P-3'").length, 1, 'nothing is written again before somebody has said so')
  const { seq } = undecided().find(({ lane }) => lane === 'one/P-3')!
  t.match((await runCommand('inbox', 'show', String(seq), '--config', place.config)).out, /interrupted/)
  await runCommand('inbox', 'delivered', String(seq), '--config', place.config, '--reason', '已查到')
  t.match(gateway.store.inbox.message(seq), { state: 'delivered' })
  balanced(t, gateway)
})

t.test('the commands of both sides: send, probe, status and books', async (t) => {
  const place = await openDown(t)
  const platform = { kind: 'embedded', file: '../data/transport.sqlite' }
  writeFiles(place.folder, {
    'config/platform.yaml': JSON.stringify({
      transport: platform,
      store: { kind: 'sqlite', file: '../data/platform.sqlite' },
      sender: { system: 'city', department: { code: '11150900PDY00001XA', name: '示例', region: '150900' } },
    }),
    'messages.jsonl': `${JSON.stringify(draftOf('P-1'))}\n${JSON.stringify({ ...supplementOf('P-1', '1') })}\n`,
    'bad.jsonl': '{',
  })
  const { gateway } = await place.start()
  const send = (file: string, to: string) =>
    runCommand('platform', 'send', join(place.folder, file), '--gateway', to, '--system', 'one', '--config', place.config)
  t.match(await send('messages.jsonl', 'one-gateway'), {
    codes: [0],
    error: undefined,
    out: /✓ city:P-1:application\.received:::1/,
  })
  t.match(await send('messages.jsonl', 'nobody'), { codes: [1], out: /PUBLISH_RETURNED/ })
  t.match(await send('bad.jsonl', 'one-gateway'), { error: { code: 'CONFIG_UNREADABLE', message: /line 1 is no JSON/ } })
  t.match((await send('messages.jsonl', 'nobody')).out, /没有送出这一条.*--gateway/)
  const wrong = { ...draftOf('P-2'), content: {} }
  const other = createHash('sha256').update('other').digest('hex')
  const named = draftOf('P-3', '甲', {
    content: { materials: [{ name: '甲', fileName: '1', digest: `sha256:${other}`, size: 1 }] },
  })
  const bad: [string, string | Buffer, object][] = [
    [
      'a field',
      `${JSON.stringify(draftOf('P-1'))}\n\n${JSON.stringify(wrong)}\n`,
      { message: /line 3 cannot be sent: .*applicant/ },
    ],
    ['GBK', Buffer.from([0x7b, 0xc3, 0xfb]), { message: /not UTF-8/ }],
  ]
  for (const [what, text, error] of bad) {
    writeFileSync(join(place.folder, 'bad.jsonl'), text)
    t.match(await send('bad.jsonl', 'one-gateway'), { error }, what)
  }
  writeFileSync(join(place.folder, 'bad.jsonl'), JSON.stringify(named))
  t.match((await send('bad.jsonl', 'nobody')).err, new RegExp(`平台没有附件 sha256:${other}`))
  await settled(gateway, 2)
  t.same(place.rows('SELECT WHAT FROM LOG'), [{ WHAT: '收件' }, { WHAT: '补正' }])
  const failed: GatewayError[] = []
  const onFailed = (error: GatewayError): void => void failed.push(error)
  const receiver = openPlatform(loadPlatformConfig(place.config, {}).config!, { clock: systemClock, onFailed })
  await until('the platform has taken what it sent', () => receiver.store.has('city:P-1:supplement.received:1::1'))
  const { state, messages } = await receiver.store.caseHistory('one/P-1')
  t.match(state, { status: 'received' }, 'in the case of the system that it was sent to')
  t.same(
    messages.map(({ type }) => type),
    ['application.received', 'supplement.received'],
  )
  await receiver.close()
  t.same(failed, [])
  const probed = await runCommand('lint', '--probe', '--config', place.config)
  t.match(probed.out, /✓ one: 写入 SB \/ write SB \(SB\)/)
  t.match((await runCommand('status', '--config', place.config)).out, /target:one +well/)
  t.match((await runCommand('books', '--config', place.config)).out, /one +application\.received +1 +0 +1 +0 +0 +0 +0 +✓/)
})

t.test('lint says what keeps a system from being written to', async (t) => {
  const cases: [what: string, deliver: string, mapping: string, code: string, where: RegExp][] = [
    [
      'no such write',
      deliverYaml(),
      downYaml.replace('write: LOG', 'write: LOGS'),
      'MAPPING_INVALID',
      /down\/in\.yaml:12:12.*LOGS/s,
    ],
    ['no policy', deliverYaml(writes.replace(', unknown: idempotent', '')), downYaml, 'CONFIG_KEY_MISSING', /unknown/],
    [
      'a policy that cannot be kept',
      deliverYaml(writes.replace(/ {4}applied.*\n/, '')),
      downYaml,
      'CONFIG_VALUE_INVALID',
      /unknown/,
    ],
    ['no such mapping', deliverYaml().replace('dept/in', 'dept/on'), downYaml, 'MAPPING_UNKNOWN', /dept\/on/],
    ['a table without a way back', deliverYaml(), downYaml.replace('enterprise', 'natural'), 'CODE_TABLE_IRREVERSIBLE', /kind/],
  ]
  for (const [what, deliver, mapping, code, where] of cases) {
    const folder = temporaryFolder(t)
    const { config } = writeInstallation(folder, {
      'config/gateway.yaml': `name: g\n${gatewayYaml}`,
      'config/adapters/one.yaml': systemYaml('one.db') + deliver,
      'mappings/dept/down/in.yaml': mapping,
    })
    const { out, codes } = await runCommand('lint', '--config', config, '--json')
    t.same(codes, [1], what)
    const { problems } = JSON.parse(out) as { problems: { code: string; zh: string }[] }
    t.match(problems.find((problem) => problem.code === code)?.zh, where, what)
  }
  const folder = temporaryFolder(t)
  const { config } = writeInstallation(folder, {
    'config/adapters/one.yaml': systemYaml('one.db') + deliverYaml(),
    'mappings/dept/down/in.yaml': downYaml,
  })
  t.match((await runCommand('lint', '--config', config)).out, /name/, 'a gateway that is written to has a name')
})
