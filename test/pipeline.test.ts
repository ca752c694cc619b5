import { join } from 'node:path'
import fc from 'fast-check'
import t, { type Test } from 'tap'
import { validateMessage } from '../core/canonical/index.ts'
import type { Clock } from '../core/clock.ts'
import type { Json, SourceRecord } from '../core/contract.ts'
import { createRoute, type Route } from '../core/decide.ts'
import { GatewayError } from '../core/errors.ts'
import { createEvents } from '../core/events.ts'
import { compileMapping } from '../core/mapping/compile.ts'
import { createPipeline } from '../core/pipeline.ts'
import { startPublisher } from '../core/publisher.ts'
import { takeRejection } from '../core/receipts.ts'
import { openStore } from '../core/store/open-store.ts'
import type { OutgoingMessage, PublishOutcome } from '../core/transport/transport.ts'
import { parseYaml } from '../core/yaml.ts'
import { openScriptedTransport } from './contract/scripted-transport.ts'
import { temporaryFolder, until } from './temporary.ts'

const mappingText = (version: boolean) => `
codes:
  kind: { "1": natural, "2": enterprise }
  decision: { "1": accepted, "2": refused }
case: { sourceCaseNo: NO }
${version ? 'dataVersion: { from: VER, number: true }' : ''}
events:
  - type: application.received
    when: { path: $stream, equals: SQ }
    content:
      receivedAt: { from: AT, date: yyyy-MM-dd HH:mm:ss }
      applicant: { name: NAME, kind: { from: KIND, codes: kind } }
  - type: acceptance.decided
    when: { path: $stream, equals: SL }
    stage: { sequence: XH }
    content:
      decision: { from: ZT, codes: decision }
      decidedAt: { from: AT, date: yyyy-MM-dd HH:mm:ss }
  - type: review.step
    when: { path: $stream, equals: HJ }
    each: steps
    content: { endedAt: { from: at, date: yyyy-MM-dd }, opinion: text }
  - type: review.step
    when: { path: $stream, equals: LC }
    each: steps
    stage: { sequence: n }
    content: { endedAt: { from: at, date: yyyy-MM-dd }, opinion: text }
ignore:
  - { when: { path: $stream, equals: ZD }, reason: 字典表 }
`

const openRoute = (version = false): Route => {
  const problems: GatewayError[] = []
  const mapping = compileMapping(
    'dept/one',
    'v1',
    parseYaml('one.yaml', mappingText(version)),
    { 'one.yaml': 'text' },
    {},
    problems,
  )
  if (problems[0]) throw problems[0]
  return createRoute({
    system: 'housing',
    adapter: 'db',
    department: { code: '11150900PDY00001XA', name: '示例局', region: '150900' },
    mapping,
    maxRecordBytes: 10_000,
    maxMessageBytes: 5000,
  })
}

const open = (t: Test, version = false) => {
  let time = Date.parse('2026-11-23T09:00:00+08:00')
  const clock: Clock & { pass(ms: number): void } = {
    now: () => time,
    wait: (_ms, signal) => new Promise((resolve) => (signal?.aborted ? resolve() : setImmediate(resolve))),
    pass: (ms) => {
      time += ms
    },
  }
  const file = join(temporaryFolder(t), 'gateway.db')
  const store = openStore(file, time)
  t.teardown(() => store.close())
  const route = openRoute(version)
  store.commit(() => store.keepRoute(route.system, route.source.department, route.source.region))
  const events = createEvents()
  const pipeline = createPipeline({ store, clock, events })
  const receive = (...records: SourceRecord[]) => pipeline.receive(route, { records })
  return { store, file, route, events, pipeline, receive, clock }
}

const record = (stream: string, key: string, value: Record<string, Json>): SourceRecord => ({
  stream,
  key,
  body: JSON.stringify(value),
  contentType: 'application/json',
})

const application = (no: string, name = '甲', more: Record<string, Json> = {}) =>
  record('SQ', no, { NO: no, AT: '2026-03-02 09:00:00', NAME: name, KIND: '1', ...more })
const acceptance = (no: string, sequence = '1', more: Record<string, Json> = {}) =>
  record('SL', `${no}-${sequence}`, { NO: no, XH: sequence, ZT: '1', AT: '2026-03-03 09:00:00', ...more })

const publishAll = async (
  opened: ReturnType<typeof open>,
  script: (message: OutgoingMessage) => PublishOutcome['outcome'] | 'arrived-interrupted' = () => 'confirmed',
) => {
  const { store, clock, events } = opened
  const scripted = openScriptedTransport(script)
  const options = { retry: { initialMs: 1000, maxMs: 60_000 }, lookMs: 1 }
  // What was claimed and whose answer is not stored yet: an event comes after its commit.
  let inFlight = 0
  events.on('messages:claimed', ({ count }) => {
    inFlight += count
  })
  events.on('messages:confirmed', ({ count }) => {
    inFlight -= count
  })
  events.on('message:retried', () => {
    inFlight -= 1
  })
  const publisher = startPublisher({ store, transport: scripted.transport, clock, events, options })
  await until('everything that may leave is confirmed', () => {
    clock.pass(60_000)
    publisher.wake()
    return inFlight === 0 && !store.hasReady(Number.MAX_SAFE_INTEGER)
  })
  await publisher.stop(() => scripted.transport.close(0))
  return scripted.arrived
}

t.test('damaged text waits for a person, doubtful text is sent and flagged, and neighbours go on', async (t) => {
  const opened = open(t)
  const receipts = opened.receive(
    application('A', '锟斤拷锟斤拷'),
    application('B', '王\ue000'),
    application('C', '甲'),
    application('D', 'ä¸\u00adæ–‡'),
    application('E', '王\ufffd'),
  )
  t.match(receipts, [
    { outcome: 'quarantined', error: { code: 'TEXT_DAMAGED', message: /\/content\/applicant\/name.*锟斤拷/ } },
    { outcome: 'stored' },
    { outcome: 'stored' },
    { outcome: 'quarantined', error: { code: 'TEXT_DAMAGED', message: /UTF-8 was decoded as Latin-1/ } },
    { outcome: 'quarantined', error: { code: 'TEXT_DAMAGED', message: /U\+FFFD/ } },
  ])
  const [flagged, clean] = (await publishAll(opened)).map(({ body }) => JSON.parse(String(body)))
  t.same(flagged.data.content.applicant.name, '王\ue000')
  t.same(flagged.data.flags, [{ path: '/content/applicant/name', code: 'suspect', rule: 'private-use' }])
  t.same(clean.data.flags, [])
})

t.test('a name is sent as received, and what it is compared by stands beside it', async (t) => {
  const opened = open(t)
  opened.receive(
    application('A', '巴特尔・额尔敦'),
    application('B', '巴特尔·额尔敦'),
    application('C', 'ｑｚ建材（集宁）公司'),
    record('SL', 'C-1', { NO: 'C', XH: '1', ZT: '1', AT: '2026-03-03 09:00:00' }),
  )
  const arrived = (await publishAll(opened)).map(({ body }) => JSON.parse(String(body)))
  t.same(arrived.map(validateMessage), [undefined, undefined, undefined, undefined])
  const said = new Map(arrived.map(({ type, data }) => [`${data.case.sourceCaseNo} ${type}`, data]))
  const of = (name: string) => said.get(`${name} qianzhi.application.received.v1`)
  t.equal(of('A').content.applicant.name, '巴特尔・额尔敦')
  t.same(of('A').matchKeys, [{ path: '/content/applicant/name', key: '巴特尔·额尔敦' }])
  t.equal(of('B').matchKeys, undefined, 'a name that is its own key is not told again')
  t.same(of('C').matchKeys, [{ path: '/content/applicant/name', key: 'QZ建材(集宁)公司' }])
  t.equal(said.get('C qianzhi.acceptance.decided.v1').matchKeys, undefined)
})

t.test('what names a case holds no NUL: no receiver could keep it', async (t) => {
  const opened = open(t)
  t.match(opened.receive(application('A\0')), [
    { outcome: 'quarantined', error: { code: 'MESSAGE_INVALID', text: { en: /\/case\/sourceCaseNo .*NUL/ } } },
  ])
  t.match(opened.receive(application('B', '甲\0')), [{ outcome: 'stored' }], 'in a text it is flagged')
})

t.test('every character that a source can name reaches the platform as it is', async (t) => {
  const opened = open(t)
  const points: number[] = []
  // What trims, damages or is no character stands for itself in other tests.
  for (let point = 0x21; point < 0x30000; point += 1)
    if (!/[\p{C}\s\ufffd锟斤烫屯]/u.test(String.fromCodePoint(point))) points.push(point)
  const names: string[] = []
  for (let at = 0; at < points.length; at += 150) names.push(String.fromCodePoint(...points.slice(at, at + 150)))
  const receipts = opened.receive(...names.map((name, at) => application(`N${at}`, name)))
  const arrived = (await publishAll(opened)).map(({ body }) => JSON.parse(String(body)).data.content.applicant.name)
  const stored = names.filter((_, at) => receipts[at]?.outcome === 'stored')
  t.same(arrived, stored)
  const held = names.length - stored.length
  t.ok(held <= 2, `${held} of ${names.length} rows of the code chart look like damage: Latin letters in a row, and no other`)
})

t.test('a record becomes messages that keep to their schema, and its receipt says where it is', async (t) => {
  const opened = open(t)
  const receipts = opened.receive(application('A'), acceptance('A'), record('ZD', 'x', { any: 'thing' }))
  t.match(receipts, [
    { key: 'A', outcome: 'stored', recordSeq: 1 },
    { key: 'A-1', outcome: 'stored', recordSeq: 2 },
    { key: 'x', outcome: 'ignored', recordSeq: 3 },
  ])
  const arrived = await publishAll(opened)
  t.same(
    arrived.map(({ id }) => id),
    ['housing:A:application.received:::1', 'housing:A:acceptance.decided:1::1'],
  )
  for (const { body } of arrived) t.equal(validateMessage(JSON.parse(String(body))), undefined)
  const [first] = arrived.map(({ body }) => JSON.parse(String(body)))
  t.match(first, {
    source: '/departments/11150900PDY00001XA/systems/housing',
    data: {
      seenAt: '2026-11-23T09:00:00.000+08:00',
      dataVersion: 1,
      dataVersionOrigin: 'derived',
      source: { mapping: 'dept/one', mappingVersion: 'v1' },
    },
  })
  t.match(opened.store.record(1), { body: Buffer.from(application('A').body), mappingVersion: 'v1', disposition: 'translated' })
  t.match(opened.store.record(3), { disposition: 'ignored', reason: '字典表' })
  t.same(opened.store.books(), opened.store.recount())
  t.ok(opened.store.books().every(({ balanced }) => balanced))
})

t.test(
  'the same record again is a duplicate; a change that no rule reads is unchanged; a change that one reads is the next version',
  async (t) => {
    const opened = open(t)
    const outcomes = [
      application('A'),
      application('A'),
      application('A', '甲', { NOTE: 'x' }),
      application('A', '乙'),
      application('A', '甲'),
    ].map((each) => opened.receive(each)[0]?.outcome)
    t.same(outcomes, ['stored', 'duplicate', 'ignored', 'stored', 'stored'])
    const arrived = await publishAll(opened)
    t.same(
      arrived.map(({ id, body }) => [
        id.split(':').at(-1),
        JSON.parse(String(body)).data.content.applicant.name,
        JSON.parse(String(body)).data.operation,
      ]),
      [
        ['1', '甲', 'create'],
        ['2', '乙', 'amend'],
        ['3', '甲', 'amend'],
      ],
      'back to an earlier content is a version of its own',
    )
    t.match(opened.store.books(), [{ read: 4, duplicates: 1, translated: 3, ignored: 1, messages: 3, balanced: true }])
  },
)

t.test('a source that counts versions is taken at its word', async (t) => {
  const opened = open(t, true)
  const outcome = (name: string, version: string) => opened.receive(application('A', name, { VER: version }))[0]
  t.match(outcome('甲', '2'), { outcome: 'stored' })
  t.match(outcome('乙', '2'), { outcome: 'quarantined', error: { code: 'MESSAGE_CONFLICT' } })
  t.match(outcome('丙', '3'), { outcome: 'stored' }, 'the correction supersedes what was in quarantine')
  t.match(outcome('丁', '1'), { outcome: 'ignored' })
  t.match(opened.store.record(4), { reason: 'stale' })
  t.same(
    (await publishAll(opened)).map(({ id }) => id.split(':').at(-1)),
    ['2', '3'],
  )
})

t.test('a record that cannot become a message is kept, holds back its own case, and nobody else', async (t) => {
  const opened = open(t)
  const bad = application('A', '甲', { KIND: '9' })
  const receipts = opened.receive(application('B'), bad, acceptance('A'), acceptance('B'))
  t.match(
    receipts.map(({ outcome }) => outcome),
    ['stored', 'quarantined', 'stored', 'stored'],
  )
  const arrived = await publishAll(opened)
  t.same(
    arrived.map(({ lane }) => lane),
    ['housing/B', 'housing/B'],
  )
  const [entry] = opened.store.openQuarantine({ limit: 9 })
  t.match(entry, { recordSeq: 2, code: 'CODE_UNKNOWN', lane: 'housing/A' })
  t.equal(opened.store.record(2)?.body?.toString(), bad.body)
  t.match(
    opened.pipeline.replay(opened.route, 2, 'tester'),
    { outcome: 'quarantined', error: { code: 'CODE_UNKNOWN' } },
    'nothing has changed yet',
  )

  opened.pipeline.discard(2, 'tester', '部门来函')
  t.match(opened.store.quarantineEntry(2), { state: 'discarded', closedBy: 'tester', closedReason: '部门来函' })
  t.throws(() => opened.pipeline.discard(2, 'tester', 'again'), { code: 'QUARANTINE_NOT_FOUND' })
  t.same(
    (await publishAll(opened)).map(({ id }) => id),
    ['housing:A:acceptance.decided:1::1'],
  )
  t.same(opened.store.books(), opened.store.recount())
})

t.test('a corrected record takes the place of the one in quarantine', async (t) => {
  const opened = open(t)
  opened.receive(application('A', '甲', { KIND: '9' }), acceptance('A'))
  t.match(
    opened.receive(application('A', '甲', { KIND: '8' })),
    [{ outcome: 'quarantined' }],
    'still wrong: it waits in the same place',
  )
  t.match(opened.receive(application('A', '甲', { KIND: '2' })), [{ outcome: 'stored' }])
  t.same(
    (await publishAll(opened)).map(({ type }) => type),
    ['application.received', 'acceptance.decided'],
  )
  t.match(opened.store.quarantineEntry(1), { state: 'superseded' })
  t.match(opened.store.books(), [
    { stream: 'SL' },
    { stream: 'SQ', read: 3, translated: 1, ignored: 2, quarantined: 0, balanced: true },
  ])
  t.same(opened.store.books(), opened.store.recount())
})

t.test('when the mapping has learnt a code, replay sends the record from its place', async (t) => {
  const opened = open(t)
  opened.receive(application('A', '甲', { KIND: '3' }), acceptance('A'))
  const problems: GatewayError[] = []
  const text = mappingText(false).replace('"2": enterprise', '"2": enterprise, "3": other')
  const route = { ...opened.route, mapping: compileMapping('dept/one', 'v2', parseYaml('one.yaml', text), {}, {}, problems) }
  t.match(opened.pipeline.replay(route, 1, 'tester'), { outcome: 'stored' })
  t.same(
    (await publishAll(opened)).map(({ type }) => type),
    ['application.received', 'acceptance.decided'],
  )
  t.match(opened.store.record(1), { disposition: 'translated', mappingVersion: 'v2' })
  t.throws(() => opened.pipeline.replay(route, 1, 'tester'), { code: 'QUARANTINE_NOT_FOUND' })
  t.same(opened.store.books(), opened.store.recount())
})

t.test('an old content that is replayed never becomes the newest version', async (t) => {
  const opened = open(t)
  const fact = (key: string, name: string, kind: string) =>
    record('SQ', key, { NO: 'A', AT: '2026-03-02 09:00:00', NAME: name, KIND: kind })
  opened.receive(fact('K1', '旧', '3'))
  opened.receive(fact('K2', '新', '1'))
  const problems: GatewayError[] = []
  const text = mappingText(false).replace('"2": enterprise', '"2": enterprise, "3": other')
  const route = { ...opened.route, mapping: compileMapping('dept/one', 'v2', parseYaml('one.yaml', text), {}, {}, problems) }
  t.match(opened.pipeline.replay(route, 1, 'tester'), { outcome: 'ignored' })
  t.match(opened.store.record(1), { disposition: 'ignored', reason: 'stale' })
  t.same(
    (await publishAll(opened)).map(({ body }) => JSON.parse(String(body)).data.content.applicant.name),
    ['新'],
  )

  const other = open(t)
  other.receive(fact('K1', '旧', '9'))
  other.receive(fact('K2', '新', '1'))
  other.receive(fact('K1', '更新', '1'))
  t.same(
    (await publishAll(other)).map(({ id, body }) => [id.at(-1), JSON.parse(String(body)).data.content.applicant.name]),
    [
      ['1', '新'],
      ['2', '更新'],
    ],
    'a correction that another record has overtaken comes after it',
  )
})

t.test('a record that comes again is told to be in quarantine as long as it is', async (t) => {
  const opened = open(t)
  const bad = application('A', '甲', { KIND: '9' })
  const told: string[] = []
  opened.events.on('record:quarantined', ({ key }) => told.push(key))
  opened.receive(bad)
  t.match(opened.receive(bad), [{ outcome: 'quarantined', recordSeq: 1, error: { code: 'CODE_UNKNOWN' } }])
  t.same(told, ['A'], 'the operator is told once')
  opened.pipeline.discard(1, 'tester', '部门来函')
  t.match(opened.receive(bad), [{ outcome: 'duplicate', recordSeq: 1 }])
  t.match(opened.store.books(), [{ read: 1, duplicates: 2, ignored: 1 }])
})

t.test('a record that waits for a person without its body has it again when its source sends it again', async (t) => {
  const opened = open(t)
  const { store } = opened
  opened.receive(application('A'), application('B'))
  await publishAll(opened)
  store.commit(() => store.prune(opened.clock.now() + 1, 0, 10))
  t.equal(store.record(1)?.body, null)
  // As a late rejection does.
  store.commit(() => store.reopenQuarantine(1, 1, 'housing/A', 1, GatewayError.of('PUBLISH_REFUSED', {}), 20))
  t.match(opened.pipeline.replay(opened.route, 1, 'test'), { error: { code: 'RECORD_EXPIRED' } })
  t.match(opened.receive(application('A'), application('B')), [{ outcome: 'quarantined' }, { outcome: 'duplicate' }])
  t.ok(store.record(1)?.body)
  t.equal(store.record(2)?.body, null, 'of what nobody waits for nothing is kept beyond its time')
})

t.test('a fact that was rejected late and past its retention can be replayed when the newest version comes again', async (t) => {
  const opened = open(t)
  const { store } = opened
  const steps = (second: string) =>
    record('LC', 'A', {
      NO: 'A',
      steps: [
        { n: 1, at: '2026-03-02', text: '同意' },
        { n: 2, at: '2026-03-03', text: second },
      ],
    })
  opened.receive(steps('同意'))
  opened.receive(steps('不同意'))
  await publishAll(opened)
  store.commit(() => store.prune(opened.clock.now() + 1, 0, 10))
  const [first] = store.messagesOf(1)
  store.commit(() => takeRejection(store, { id: `${first?.identity}:1`, errorCode: undefined, inboxSeq: 1 }, 20))
  t.match(opened.pipeline.replay(opened.route, 1, 'test'), { error: { code: 'RECORD_EXPIRED' } })
  t.match(opened.receive(steps('不同意')), [{ outcome: 'quarantined', recordSeq: 3, error: { code: 'MESSAGE_OVERTURNED' } }])
  t.same(await publishAll(opened), [], 'nobody has decided it')
  t.match(store.quarantineEntry(1), { state: 'superseded' })
  t.same(opened.pipeline.replay(opened.route, 3, 'test'), { outcome: 'stored' })
  t.same(
    (await publishAll(opened)).map(({ id }) => id),
    [`${first?.identity}:2`],
    'that fact and no other',
  )
  t.match(opened.receive(steps('不同意')), [{ outcome: 'duplicate' }], 'once')
  t.same(store.books(), store.recount())
})

t.test('what a person has decided on the newest version is not undone for an older one without its body', async (t) => {
  const opened = open(t)
  const { store } = opened
  opened.receive(application('A'))
  await publishAll(opened)
  const bad = application('A', '甲', { KIND: '9' })
  opened.receive(bad)
  opened.pipeline.discard(2, 'tester', '部门来函')
  store.commit(() => store.prune(opened.clock.now() + 1, 0, 10))
  const [first] = store.messagesOf(1)
  store.commit(() => takeRejection(store, { id: `${first?.identity}:1`, errorCode: undefined, inboxSeq: 1 }, 20))
  t.match(opened.receive(bad), [{ outcome: 'duplicate', recordSeq: 2 }])
  t.match(store.openQuarantine({ limit: 9 }), [{ recordSeq: 1, code: 'MESSAGE_OVERTURNED' }])
})

t.test('a correction that is wrong, too, holds the case that it tells, though the one before told none', async (t) => {
  const opened = open(t)
  opened.receive(record('SQ', 'A', { NAME: '甲' }))
  t.match(opened.store.openQuarantine({ limit: 9 }), [{ lane: null, place: 1 }])
  opened.receive(acceptance('A'))
  opened.receive(application('A', '甲', { KIND: '9' }))
  t.match(opened.store.openQuarantine({ limit: 9 }), [{ lane: 'housing/A', place: 1 }])
  t.same(await publishAll(opened), [], 'the acceptance waits behind the application')
  opened.receive(application('A'))
  t.same(
    (await publishAll(opened)).map(({ type }) => type),
    ['application.received', 'acceptance.decided'],
  )
})

t.test('a correction that cannot even be read stays in the case of what it corrects', async (t) => {
  const opened = open(t)
  const broken = (key: string): SourceRecord => ({ stream: 'SQ', key, body: '{"NO":', contentType: 'application/json' })
  opened.receive(application('A', '甲', { KIND: '9' }), acceptance('A'))
  opened.receive(broken('A'))
  t.match(opened.store.openQuarantine({ limit: 9 }), [{ code: 'JSON_INVALID', lane: 'housing/A', place: 1 }])
  t.same(await publishAll(opened), [], 'the acceptance still waits')

  opened.receive(application('B'))
  opened.receive(broken('B'))
  t.equal(opened.store.openQuarantine({ limit: 9 }).at(-1)?.lane, 'housing/B', 'the version that was sent told the case')

  opened.receive(application('C'))
  t.match(opened.receive(application('C', undefined, { UNMAPPED: 'x' })), [{ outcome: 'ignored' }])
  opened.receive(broken('C'))
  t.equal(
    opened.store.openQuarantine({ limit: 9 }).at(-1)?.lane,
    'housing/C',
    'also when the version between them said nothing new',
  )
})

t.test('a replay that fails otherwise keeps the record under its new reason', async (t) => {
  const opened = open(t)
  opened.receive(application('A', '甲', { KIND: '9', AT: 'soon' }))
  t.match(opened.store.quarantineEntry(1), { code: 'CODE_UNKNOWN' })
  const text = mappingText(false).replace('"2": enterprise', '"2": enterprise, "9": other')
  const route = { ...opened.route, mapping: compileMapping('dept/one', 'v2', parseYaml('one.yaml', text), {}, {}, []) }
  t.match(opened.pipeline.replay(route, 1, 'tester'), { outcome: 'quarantined', error: { code: 'DATE_INVALID' } })
  t.match(opened.store.quarantineEntry(1), { code: 'DATE_INVALID', state: 'open' })
})

t.test('what its source could not read is not made a message by a replay', async (t) => {
  const opened = open(t)
  opened.receive({ ...application('A'), fault: GatewayError.of('RECORD_UNREADABLE', { reason: 'two keys' }) })
  t.match(opened.pipeline.replay(opened.route, 1, 'tester'), { outcome: 'quarantined', error: { code: 'RECORD_UNREADABLE' } })
  t.equal(opened.store.waiting(), 0)
})

t.test('what stands behind quarantined records waits for a person, not for the broker', async (t) => {
  const opened = open(t)
  opened.receive(application('A'), application('B', '甲', { KIND: '9' }), acceptance('B'), acceptance('B', '2'))
  t.same([opened.store.waiting(), opened.store.held()], [3, 2])
})

t.test('all messages of a record, or none', async (t) => {
  const opened = open(t)
  const steps = (list: Json) => record('HJ', 'h', { NO: 'A', steps: list })
  t.match(opened.receive(steps([{ at: '2026-01-01', text: '同意' }, { at: '2026-01-32' }])), [
    { outcome: 'quarantined', error: { code: 'DATE_INVALID' } },
  ])
  const twins = [
    { at: '2026-01-01', text: '同意' },
    { at: '2026-01-02', text: '不同意' },
  ]
  t.match(
    opened.receive(steps(twins)),
    [{ outcome: 'quarantined', error: { code: 'MESSAGE_AMBIGUOUS', message: /:\d+:\d+ this record gives two messages/ } }],
    'two events that would have one id',
  )
  t.equal(opened.store.waiting(), 0)
})

t.test('what cannot be read is kept as it came', async (t) => {
  const opened = open(t)
  const bytes = Buffer.from('d6d0ff41', 'hex')
  const receipts = opened.receive(
    { stream: 'SQ', key: '1', body: bytes, charset: 'gbk', contentType: 'application/json' },
    { stream: 'SQ', key: '2', body: '{"NO":', contentType: 'application/json' },
    { stream: 'SQ', key: '3', body: '<a><b></a>', contentType: 'application/xml' },
    { stream: 'SQ', key: '4', body: 'x'.repeat(10_001), contentType: 'application/json' },
    {
      stream: 'SQ',
      key: '5',
      body: 'x',
      contentType: 'application/json',
      fault: GatewayError.of('CSV_INVALID', { line: 3, reason: 'quote' }),
    },
    application('6', '长'.repeat(150)),
    application('7', '长'.repeat(1500)),
    application('8'),
  )
  t.match(
    receipts.map(({ outcome, error }) => error?.code ?? outcome),
    ['CHARSET_INVALID', 'JSON_INVALID', 'XML_INVALID', 'RECORD_TOO_LARGE', 'CSV_INVALID', 'stored', 'MESSAGE_INVALID', 'stored'],
  )
  t.same(opened.store.record(1)?.body, bytes)
  t.equal(opened.store.quarantineEntry(7)?.lane, 'housing/7', 'its case is known and waits')
  t.equal(opened.store.quarantineEntry(1)?.lane, null)
})

t.test('a checkpoint is stored with its records, or not at all', async (t) => {
  const opened = open(t)
  opened.pipeline.receive(opened.route, { records: [application('A')], checkpoint: { at: 1 } })
  t.same(opened.store.checkpoint('housing'), { at: 1 })
  const broken = {
    ...opened.route,
    mapping: {
      ...opened.route.mapping,
      get version(): string {
        throw new Error('the disk is gone')
      },
    },
  }
  t.throws(() => opened.pipeline.receive(broken as Route, { records: [application('B')], checkpoint: { at: 2 } }))
  t.same(opened.store.checkpoint('housing'), { at: 1 })
  t.match(opened.store.books(), [{ read: 1 }])
})

t.test('what a batch adds leaves in its own commit: within the room, first of its lane, after what is older', async (t) => {
  const opened = open(t)
  const left: string[][] = []
  const outletWith = (room: number) => ({
    room: () => room,
    stored: (claimed: { identity: string }[]) => void left.push(claimed.map(({ identity }) => identity.split(':')[1]!)),
  })
  const receive = (room: number, ...records: SourceRecord[]) =>
    opened.pipeline.receive(opened.route, { records }, outletWith(room))
  receive(2, application('A'), acceptance('A'), application('B'), application('C'))
  t.same(left, [['A', 'B']], 'two may leave, and the second of A waits for the first')
  receive(9, application('D'))
  t.same(left[1], [], 'C is older, ready, and goes first')
  t.same(
    opened.store.commit(() => opened.store.claim(9, opened.clock.now())).map(({ identity }) => identity.split(':')[1]),
    ['C', 'D'],
  )
  receive(0, application('E'))
  t.same(left[2], [], 'without room nothing leaves')
})

t.test('nothing leaves of a batch whose commit fails', async (t) => {
  const opened = open(t)
  const left: number[] = []
  const outlet = { room: () => 9, stored: (claimed: unknown[]) => void left.push(claimed.length) }
  const batch = { records: [application('A')], checkpoint: { at: 1 } }
  const { setCheckpoint } = opened.store
  opened.store.setCheckpoint = () => {
    throw new Error('the disk is gone')
  }
  t.throws(() => opened.pipeline.receive(opened.route, batch, outlet))
  t.same([left, opened.store.waiting()], [[], 0])
  opened.store.setCheckpoint = setCheckpoint
  opened.pipeline.receive(opened.route, batch, outlet)
  t.same(left, [1])
})

t.test('whatever the broker answers, each lane arrives complete and in order', async (t) => {
  const outcomes = ['confirmed', 'returned', 'refused', 'interrupted', 'arrived-interrupted'] as const
  await fc.assert(
    fc.asyncProperty(fc.array(fc.constantFrom(...outcomes), { maxLength: 60 }), async (script) => {
      const opened = open(t)
      const cases = ['A', 'B', 'C']
      opened.receive(...cases.flatMap((no) => [application(no), acceptance(no, '1'), acceptance(no, '2')]))
      let turn = 0
      const arrived = await publishAll(opened, () => script[turn++] ?? 'confirmed')
      for (const no of cases) {
        const ids = arrived.filter(({ lane }) => lane === `housing/${no}`).map(({ id }) => id)
        const distinct = ids.filter((id, index) => ids.indexOf(id) === index)
        const sent = [
          `housing:${no}:application.received:::1`,
          `housing:${no}:acceptance.decided:1::1`,
          `housing:${no}:acceptance.decided:2::1`,
        ]
        t.same(distinct, sent)
        t.same(
          [...ids].sort((a, b) => sent.indexOf(a) - sent.indexOf(b)),
          ids,
          'a message that came twice came before the next one',
        )
      }
      t.same(opened.store.books(), opened.store.recount())
      t.match(opened.store.books(), [
        { waiting: 0, balanced: true },
        { waiting: 0, balanced: true },
      ])
    }),
    { numRuns: 40 },
  )
})

t.test('an attempt that failed is on record with its reason', async (t) => {
  const opened = open(t)
  opened.receive(application('A'))
  let first = true
  const retried: string[] = []
  opened.events.on('message:retried', ({ id, attempt, error }) => retried.push(`${id} ${attempt} ${error.code}`))
  await publishAll(opened, () => {
    const answer = first ? 'refused' : 'confirmed'
    first = false
    return answer
  })
  t.same(retried, ['housing:A:application.received:::1 1 PUBLISH_REFUSED'])
  t.match(opened.store.history('housing:A:application.received::'), [
    { dataVersion: 1, state: 'confirmed', attempts: 2, recordSeq: 1 },
  ])
})

t.test('a confirm that cannot be stored is kept until it can', async (t) => {
  const opened = open(t)
  opened.receive(application('A'))
  let failures = 0
  const commit = opened.store.commit
  const failing = {
    ...opened.store,
    commit: <T>(work: () => T): T => {
      if (failures < 3 && opened.store.history('housing:A:application.received::')[0]?.state === 'claimed') {
        failures += 1
        throw GatewayError.of('STORE_UNWRITABLE', { file: 'gateway.db', reason: 'SQLITE_FULL' })
      }
      return commit(work)
    },
  }
  const arrived = await publishAll({ ...opened, store: failing })
  t.equal(failures, 3)
  t.equal(arrived.length, 1, 'it is not sent again')
  t.match(opened.store.books(), [{ confirmed: 1 }])
})
