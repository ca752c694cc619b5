// needs: postgresql
import { join } from 'node:path'
import fc from 'fast-check'
import t, { type Test } from 'tap'
import { canonicalTextOf, exampleOf, laneOf, type MessageDraft, toCloudEvent } from '../core/canonical/index.ts'
import type { GatewayError } from '../core/errors.ts'
import { packageRoot } from '../core/package-root.ts'
import { openPostgresqlReceiverStore } from '../core/platform/postgresql-store.ts'
import type { ReceivedMessage, ReceiverStore } from '../core/platform/receiver-store.ts'
import { readReport } from '../core/platform/report.ts'
import { openSqliteReceiverStore } from '../core/platform/sqlite-store.ts'
import { supervise } from '../core/platform/supervise.ts'
import { toCaseFile } from '../core/supervision/case-file.ts'
import { evaluate } from '../core/supervision/evaluate.ts'
import { type Knowledge, toCatalogueItems } from '../core/supervision/knowledge.ts'
import { loadCalendar } from '../core/supervision/load-calendar.ts'
import { loadRules } from '../core/supervision/load-rules.ts'
import { systemYaml, writeFiles } from './contract/department-database.ts'
import { createDatabase } from './contract/platform-place.ts'
import { realClock } from './contract/transport-messages.ts'
import { openDown } from './down-place.ts'
import { temporaryFolder, until } from './temporary.ts'

const shipped = join(packageRoot, 'config/flows/supervision/supervision')
const problems: GatewayError[] = []
const knowledge: Knowledge = {
  calendar: loadCalendar(join(shipped, 'calendar.yaml'), 'calendar.yaml', problems)!,
  rules: loadRules(join(shipped, 'rules.yaml'), 'rules.yaml', problems)!,
  catalogues: [
    {
      version: 1,
      effectiveFrom: '2025-01-01',
      items: [
        {
          code: '0100',
          name: '示例许可',
          responsible: '岭思齐',
          promisedLimit: { amount: 10, unit: 'working_day' },
          stages: [{ stage: 'review', limit: { amount: 3, unit: 'working_day' }, responsible: '云若川' }, { stage: 'approval' }],
        },
        { code: '0200', name: '即办事项', promisedLimit: { amount: 4, unit: 'hour' } },
        { code: '0300', name: '无人申请的事项' },
      ],
    },
  ],
}
const by = { ...knowledge, items: toCatalogueItems(knowledge.catalogues) }

const source = {
  system: 'market',
  gateway: 'dating',
  department: '11150900PDY000028A',
  departmentName: '示例局',
  region: '150900',
  adapter: 'db',
  mapping: 'a/b',
  mappingVersion: '1',
}

type Step = Pick<MessageDraft, 'type' | 'content'> & Partial<MessageDraft> & { item?: string }

const messageOf = (no: string, step: Step) => {
  const { item = '0100', dataVersion = 1, ...rest } = step
  const draft: MessageDraft = { case: { sourceCaseNo: no, ...(item === '' ? {} : { itemCode: item }) }, flags: [], ...rest }
  const stamp = { source, dataVersion, dataVersionOrigin: 'source' as const, seenAt: Date.parse('2025-12-31T00:00:00+08:00') }
  return { draft, dataVersion, ...toCloudEvent(draft, stamp, canonicalTextOf(draft)) }
}

const at = (day: string, time = '09:30:00'): string => `2025-${day}T${time}+08:00`

const received = (day: string, more: object = {}): Step => ({
  type: 'application.received',
  content: { applicant: { name: '甲' }, receivedAt: at(day), ...more },
})
const accepted = (day: string, more: object = {}): Step => ({
  type: 'acceptance.decided',
  content: { decision: 'accepted', decidedAt: at(day), actor: { name: '乙' }, ...more },
})
const reviewed = (day: string, decision = 'agreed'): Step => ({
  type: 'review.decided',
  content: { decision, decidedAt: at(day), actor: { name: '乙' }, ...(decision === 'agreed' ? {} : { reason: '退回' }) },
})
const approved = (day: string, decision = 'approved', sequence = '1'): Step => ({
  type: 'approval.decided',
  stage: { sequence },
  content: { decision, decidedAt: at(day), actor: { name: '乙' }, ...(decision === 'approved' ? {} : { reason: '补充审核' }) },
})
const closed = (day: string, more: object = {}): Step => ({
  type: 'case.closed',
  content: { outcome: 'granted_without_document', decidedAt: at(day), actor: { name: '乙' }, ...more },
})
const special = (from: string, until: string | undefined, more: object = {}): Step[] => [
  { type: 'special.started', stage: { sequence: '1' }, content: { kind: 'expert', startedAt: at(from), ...more } },
  ...(until === undefined
    ? []
    : [{ type: 'special.ended' as const, stage: { sequence: '1' }, content: { kind: 'expert', endedAt: at(until) } }]),
]

const evaluated = (steps: Step[], moment: string) =>
  evaluate(
    toCaseFile(
      'market/A',
      steps.map((step) => messageOf('A', step).body),
      moment,
    )!,
    by,
    moment,
  )

/** `ZJ-CQ red 10-14`: rule, colour and day of each alert. */
const alertsOf = (steps: Step[], moment: string): string[] =>
  evaluated(steps, moment).alerts.map(
    ({ content: { ruleNo, colour, raisedAt } }) => `${ruleNo} ${colour} ${raisedAt.slice(5, 16)}`,
  )

const noon = (day: string): string => at(day, '12:00:00')

t.test('the files that are shipped have no mistake', async (t) => t.same(problems, []))

t.test('a case is reminded of, yellow, then red, each on its day across the holiday', async (t) => {
  // Accepted on Sunday the 28th, a working day: ten working days are 29, 30, 9, 10, 11 (Saturday), 13, 14, 15, 16, 17 of October.
  const steps = [received('09-26'), accepted('09-28')]
  const mine = (moment: string) => alertsOf(steps, moment).filter((one) => one.startsWith('ZJ'))
  t.same(mine(noon('10-15')), [])
  t.same(mine(noon('10-16')), ['ZJ-1 reminder 10-16T00:00', 'ZJ-90 yellow 10-16T00:00'], 'the ninth day, one before the last')
  t.same(mine(noon('10-19')), ['ZJ-1 reminder 10-16T00:00', 'ZJ-90 yellow 10-16T00:00'], 'a weekend behind the last day')
  const all = ['ZJ-1 reminder 10-16T00:00', 'ZJ-90 yellow 10-16T00:00', 'ZJ-CQ red 10-20T00:00']
  t.same(mine(noon('10-20')), all)
  t.match(
    evaluated(steps, noon('10-20')).readings.find(({ clock }) => clock.name === 'case'),
    {
      due: '2025-10-17',
      standing: 'late',
      state: 'running',
      usedPercent: 110,
      bound: { amount: 10, basis: 'promise' },
    },
  )
  t.same(
    alertsOf([...steps, reviewed('09-30'), approved('10-17'), closed('10-17')], noon('12-01')).filter((one) =>
      one.includes('red'),
    ),
    [],
  )
  const late = [...steps, reviewed('09-30'), approved('10-20'), closed('10-20')]
  t.ok(alertsOf(late, noon('12-01')).includes('ZJ-CQ red 10-20T00:00'), 'also when it is computed long after')
  t.same(
    evaluated(steps, noon('10-20')).alerts.find(({ content }) => content.ruleNo === 'ZJ-CQ')?.content,
    {
      ruleNo: 'ZJ-CQ',
      alertNo: '36040e190a5fe44c2234',
      colour: 'red',
      raisedAt: '2025-10-20T00:00:00+08:00',
      scope: 'case',
      description: '整件超期：时限 10 工作日，已用 110%；责任人 岭思齐 / limit 10 working days, 110% used; 岭思齐 answers for it',
      org: { code: '11150900PDY000028A', name: '示例局' },
      limit: { amount: 10, unit: 'working_day', basis: 'promise' },
      usedPercent: 110,
      calendarVersion: '2025-2026.1',
      rulesVersion: '2025-1',
      catalogueVersion: 1,
      basis: 'market:A:acceptance.decided:::1',
    },
    'it names all that it is computed from',
  )
})

t.test('special procedures do not count where they or their kind say so, and no longer than was granted', async (t) => {
  const steps = [received('09-26'), accepted('09-28')]
  const due = (...more: Step[]) =>
    evaluated([...steps, ...more], noon('12-01')).readings.find(({ clock }) => clock.name === 'case')?.due
  t.equal(due(), '2025-10-17')
  t.equal(due(...special('09-30', '10-10')), '2025-10-21', 'the 9th and the 10th are not counted')
  t.equal(due(...special('09-30', '10-10', { countsAgainstLimit: true })), '2025-10-17', 'the source says that it counts')
  t.equal(due(...special('09-30', '10-10', { kind: 'suspension' })), '2025-10-17', 'no kind that the law names')
  t.equal(due(...special('09-30', '10-10', { kind: 'suspension', countsAgainstLimit: false })), '2025-10-21')
  t.equal(due(...special('09-30', undefined)), undefined, 'while it lasts nobody knows')
  t.equal(
    due(...special('09-30', undefined, { grantedLimit: { amount: 2, unit: 'working_day' } })),
    '2025-10-21',
    'two days were granted',
  )
  t.equal(
    due(...special('09-30', undefined, { kind: 'extension', grantedLimit: { amount: 5, unit: 'working_day' } })),
    '2025-10-24',
    'an extension lengthens the limit',
  )
  t.same(
    alertsOf([...steps, ...special('09-30', undefined)], noon('12-01')).filter((one) => one.startsWith('ZJ')),
    [],
  )
})

t.test('stages have clocks of their own', async (t) => {
  const stage = (steps: Step[], moment = noon('12-01')) => alertsOf(steps, moment).filter((one) => one.startsWith('HJ'))
  // Five working days from Friday the 12th: the 19th.
  t.same(stage([received('09-12'), accepted('09-19')], noon('09-19')), [])
  t.same(stage([received('09-12'), accepted('09-22')], noon('09-22')), ['HJ-CQ yellow 09-22T00:00'], 'acceptance')
  const asked: Step = {
    type: 'supplement.requested',
    stage: { sequence: '1' },
    content: { toldAt: at('09-15'), phase: 'before_acceptance' },
  }
  const came: Step = { type: 'supplement.received', stage: { sequence: '1' }, content: { receivedAt: at('09-22') } }
  t.same(stage([received('09-12'), asked, came, accepted('09-26')], noon('09-26')), [], 'while a supplement is awaited it rests')
  t.same(stage([received('09-12'), asked, came, accepted('09-28')], noon('09-28')), ['HJ-CQ yellow 09-28T00:00'])
  t.same(
    stage([received('09-12'), accepted('09-12'), reviewed('09-18'), approved('09-18'), closed('09-18')]),
    ['HJ-CQ yellow 09-18T00:00'],
    'review: three days',
  )
  const returned = [
    received('09-12'),
    accepted('09-12'),
    reviewed('09-15'),
    approved('09-16', 'returned'),
    { ...reviewed('09-22'), stage: { sequence: '2' } },
  ]
  const rounds = evaluated([...returned, approved('09-22', 'approved', '2')], noon('12-01')).readings.filter(
    ({ clock }) => clock.name === 'review',
  )
  t.match(
    rounds.map(({ clock, due, standing }) => [clock.round, due, standing]),
    [
      [1, '2025-09-17', 'in_time'],
      [2, '2025-09-19', 'late'],
    ],
    'sent back to the review, it has another round',
  )
  const upward: Step = {
    type: 'upward.forwarded',
    content: { forwardedAt: at('09-15'), dueAt: '2025-09-18', reviewerOrg: { name: '市局' } },
  }
  const alerts = evaluated([received('09-12'), accepted('09-12'), upward], noon('09-19')).alerts
  t.match(
    alerts.find(({ content }) => content.ruleNo === 'SB-CQ')?.content,
    { colour: 'red', raisedAt: '2025-09-19T00:00:00+08:00', stage: 'review', org: { name: '市局' } },
    'what was forwarded and is not back by its date',
  )
})

t.test('a negative decision without its reason is told, one with it is not', async (t) => {
  const refused = (more: object): Step => ({
    type: 'acceptance.decided',
    content: { decision: 'refused', decidedAt: at('09-15'), actor: { name: '乙' }, ...more },
  })
  t.same(alertsOf([received('09-12'), refused({})], noon('09-16')), ['WLY yellow 09-15T09:30'])
  t.same(alertsOf([received('09-12'), refused({ reason: '不属于本机关职权' })], noon('09-16')), [])
})

t.test('what cannot be counted says why, and is no alert', async (t) => {
  const hours = [
    { ...received('09-12'), item: '0200' },
    {
      type: 'acceptance.decided' as const,
      item: '0200',
      content: { decision: 'accepted', decidedAt: '2025-09-12', actor: { name: '乙' } },
    },
  ]
  const { readings, alerts } = evaluated(hours, noon('09-12'))
  t.match(
    readings.find(({ clock }) => clock.name === 'case'),
    { standing: 'unknown', problem: { code: 'CLOCK_UNREADABLE', text: { zh: /只说到哪一天/ } } },
  )
  t.same(alerts, [])
  const late = evaluated(
    [
      { ...received('09-12'), item: '0200' },
      { ...accepted('09-12'), item: '0200' },
    ],
    at('09-12', '13:30:01'),
  )
  t.match(
    late.readings.find(({ clock }) => clock.name === 'case'),
    { standing: 'late', due: '2025-09-12T13:30:00+08:00' },
  )
  const nextYears = evaluated([received('09-12'), accepted('09-12')], '2027-03-01T12:00:00+08:00')
  t.match(
    nextYears.readings.find(({ clock }) => clock.name === 'case'),
    { standing: 'unknown', problem: { code: 'CALENDAR_YEAR_MISSING' } },
  )
  const unlisted = evaluated(
    [
      { ...received('09-12'), item: '0900' },
      { ...accepted('09-12'), item: '0900' },
    ],
    noon('12-01'),
  )
  t.match(
    unlisted.readings.find(({ clock }) => clock.name === 'case'),
    { standing: 'no_limit' },
  )
  const own = evaluated(
    [
      { ...received('09-12', { promisedLimit: { amount: 2, unit: 'working_day' } }), item: '0900' },
      { ...accepted('09-12'), item: '0900' },
    ],
    noon('09-30'),
  )
  t.match(
    own.readings.find(({ clock }) => clock.name === 'case'),
    { standing: 'late', due: '2025-09-16' },
    'by what it says of itself',
  )
  const voided: Step = { type: 'case.voided', content: { kind: 'void', voidedAt: at('11-01'), reason: '重复' } }
  t.same(evaluated([received('09-12'), accepted('09-12'), voided], noon('12-01')).alerts, [], 'what is void runs no more')
})

const course: Step[] = [
  received('09-26'),
  accepted('09-28'),
  { ...accepted('09-29'), dataVersion: 2 },
  ...special('09-30', '10-10'),
  reviewed('10-13'),
  approved('10-14', 'returned'),
  { ...reviewed('10-16'), stage: { sequence: '2' } },
  approved('11-20', 'approved', '2'),
  closed('11-21'),
]

t.test('the same messages give the same clocks and alerts in whatever order they came, and however often', async () => {
  const bodies = course.map((step) => messageOf('A', step).body)
  const wanted = JSON.stringify(evaluate(toCaseFile('market/A', bodies, noon('12-01'))!, by, noon('12-01')))
  fc.assert(
    fc.property(fc.shuffledSubarray([...bodies, ...bodies], { minLength: bodies.length * 2 }), (shuffled) => {
      const file = toCaseFile('market/A', shuffled, noon('12-01'))!
      return JSON.stringify(evaluate(file, by, noon('12-01'))) === wanted
    }),
    { numRuns: 100 },
  )
})

t.test('an alert that was raised stays raised at every later look at the same messages', async () => {
  const bodies = course.map((step) => messageOf('A', step).body)
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 120 }), fc.integer({ min: 0, max: 120 }), (one, other) => {
      const [first, second] = [Math.min(one, other), Math.max(one, other)].map(
        (days) => `${new Date(Date.UTC(2025, 8, 10 + days)).toISOString().slice(0, 10)}T12:00:00+08:00`,
      ) as [string, string]
      const alerts = (moment: string) => {
        const file = toCaseFile('market/A', bodies, moment)
        return new Map((file ? evaluate(file, by, moment).alerts : []).map(({ no, content }) => [no, content.raisedAt]))
      }
      const later = alerts(second)
      return [...alerts(first)].every(([no, raisedAt]) => later.get(no) === raisedAt)
    }),
    { numRuns: 200 },
  )
})

const toReceived = (no: string, step: Step): ReceivedMessage => {
  const { draft, id, identity, body, dataVersion } = messageOf(no, step)
  return {
    id,
    identity,
    dataVersion,
    type: draft.type,
    system: source.system,
    department: source.department,
    region: source.region,
    gateway: source.gateway,
    caseNo: no,
    lane: laneOf(source.system, draft),
    contentHash: canonicalTextOf(draft).hash,
    seenAt: '2025-12-31T00:00:00',
    state: 'applied',
    body,
  }
}

const keep = (store: ReceiverStore, no: string, steps: Step[]) =>
  store.record({
    at: 1,
    messages: steps.map((step) => toReceived(no, step)),
    conflicts: [],
    refusals: [],
    violations: [],
    cases: [],
    tally: [],
  })

const sender = { system: 'city', department: { code: '11150900PDY00001XA', name: '示例市', region: '150900' } }

const stores: [string, (t: Test) => Promise<ReceiverStore>][] = [
  ['SQLite', async (t) => openSqliteReceiverStore(join(temporaryFolder(t), 'platform.sqlite'), 1)],
  ['PostgreSQL', async (t) => openPostgresqlReceiverStore((await createDatabase(t)).options, '.')],
]

for (const [name, openStore] of stores)
  t.test(`alerts are kept once each, change by versions, and are withdrawn when they do not hold: ${name}`, async (t) => {
    const store = await openStore(t)
    t.teardown(() => store.close())
    const { supervision } = store
    const look = (moment: string) => supervise({ store: supervision, knowledge, sender, clock: realClock, at: moment })
    const told = async (moment: string) =>
      (await look(moment)).changes.map(({ change, alert }) => `${change} ${JSON.parse(alert.content).ruleNo} v${alert.version}`)
    await keep(store, 'A', [received('09-26'), accepted('09-28')])
    t.same(await supervision.gateways(), ['dating'])
    const period = { from: '2025-10-01T00:00:00+08:00', until: '2025-10-02T00:00:00+08:00' }
    const line = { type: 'case.closed', count: 2, root: '0'.repeat(64), parts: [] }
    const statement = { gateway: 'dating', system: 'market', unreceipted: [], ...period, types: [line] }
    await supervision.keepStated([statement, { ...statement, types: [] }])
    const stated = { gateway: 'dating', system: 'market', from: '2025-10-01T00:00:00', until: '2025-10-02T00:00:00', count: 0 }
    t.same(await supervision.stated({ from: '2025-10-01T00:00:00', until: '2025-11-01T00:00:00' }), [stated], 'the last counts')
    t.same(await told(noon('10-20')), ['raised ZJ-1 v1', 'raised ZJ-90 v1', 'raised ZJ-CQ v1', 'raised HJ-CQ v1'])
    const [first] = await supervision.unsentAlerts(9)
    t.match(first, { gateway: 'dating', system: 'market', lane: 'market/A', id: `city:A:supervision.alert:${first!.no}::1` })
    t.match(JSON.parse(first!.body), { target: 'market', partitionkey: 'city/A', data: { case: { sourceCaseNo: 'A' } } })
    t.same(await told(noon('10-20')), [], 'computed again it is the same')
    t.same(await told(noon('10-17')), [], 'a look at an earlier day takes nothing back')

    for (const one of await supervision.unsentAlerts(9)) await supervision.setSent(one, 5)
    t.same(await supervision.unsentAlerts(9), [])

    // It was decided in time, and its messages were late.
    await keep(store, 'A', [reviewed('09-30'), approved('10-16'), closed('10-16')])
    t.same(await told(noon('10-21')), ['withdrawn ZJ-CQ v2', 'withdrawn HJ-CQ v2'])
    const withdrawn = await supervision.unsentAlerts(9)
    t.match(JSON.parse(withdrawn[0]!.body).data, { dataVersion: 2, content: { handledAt: noon('10-21'), handling: /不再成立/ } })
    await supervision.setSent({ no: withdrawn[0]!.no, version: 1 }, 5)
    t.equal((await supervision.unsentAlerts(9)).length, 2, 'what was sent before is not this version')
    t.same(await told(noon('10-22')), [])
    await keep(store, 'A', [
      { ...approved('10-21'), dataVersion: 2 },
      { ...closed('10-21'), dataVersion: 2 },
    ])
    t.same(await told(noon('10-22')), ['changed ZJ-CQ v3'], 'by a correction it holds again')
  })

t.test('one case whose alert cannot be a message leaves the others theirs', async (t) => {
  const store = openSqliteReceiverStore(join(temporaryFolder(t), 'platform.sqlite'), 1)
  t.teardown(() => store.close())
  const long = '九'.repeat(70)
  for (const no of [long, 'B']) await keep(store, no, [received('09-26'), accepted('09-28')])
  const { changes, unknown } = await supervise({
    store: store.supervision,
    knowledge,
    sender,
    clock: realClock,
    at: noon('10-20'),
  })
  t.same([...new Set(changes.map(({ alert }) => alert.lane))], ['market/B'])
  t.match(unknown, [{ lane: `market/${long}`, error: { code: 'MESSAGE_INVALID' } }])
})

t.test('an alert for a system that has no place for it stays in the inbox, and is not sent back', async (t) => {
  const { start, send } = await openDown(t, { files: { 'config/adapters/one.yaml': systemYaml('one.db') } })
  const { gateway, events } = await start()
  const errors: GatewayError[] = []
  events.on('delivery:refused', ({ error }) => void errors.push(error))
  await send(exampleOf('supervision.alert'))
  await until('it is there', () => gateway.store.inbox.books().length > 0)
  t.match(gateway.store.inbox.books(), [
    { system: 'one', type: 'supervision.alert', received: 1, delivered: 1, open: 0, balanced: true },
  ])
  t.same(errors, [])
})

t.test('the report counts what the rules of quality ask for, with zeros that were stated', async (t) => {
  const store = openSqliteReceiverStore(join(temporaryFolder(t), 'platform.sqlite'), 1)
  t.teardown(() => store.close())
  await keep(store, 'A', [received('09-15'), accepted('09-15'), reviewed('09-16'), approved('09-17'), closed('09-17')])
  await keep(store, 'B', [
    received('09-15'),
    { ...accepted('09-15'), recordedAt: at('09-19') },
    approved('10-30'),
    closed('10-30'),
  ])
  await keep(store, 'C', [received('09-15'), { ...accepted('09-15'), recordedAt: at('09-16') }])
  await keep(store, 'D', [
    { ...received('09-15'), item: '0900', flags: [{ path: '/content/applicant/idNumber', code: 'missing' }] },
  ])
  await keep(store, 'E', [received('10-15')])
  const stated = { gateway: 'dating', system: 'market', unreceipted: [] }
  const line = (count: number) => ({ type: 'case.closed', count, root: '0'.repeat(64), parts: [] })
  await store.supervision.keepStated([
    { ...stated, from: '2025-09-15T00:00:00+08:00', until: '2025-09-16T00:00:00+08:00', types: [line(3)] },
    { ...stated, from: '2025-09-16T00:00:00+08:00', until: '2025-09-17T00:00:00+08:00', types: [line(7)] },
    { ...stated, from: '2025-09-16T00:00:00+08:00', until: '2025-09-17T00:00:00+08:00', types: [line(0)] },
    { ...stated, from: '2025-10-01T00:00:00+08:00', until: '2025-10-02T00:00:00+08:00', types: [line(9)] },
  ])
  const report = await readReport(store.supervision, knowledge, { from: '2025-09-01', to: '2025-09-30' }, noon('12-01'))
  const department = { department: '11150900PDY000028A', departmentName: '示例局' }
  t.match(report.lines, [
    {
      ...department,
      item: '0100',
      itemName: '示例许可',
      cases: 3,
      closed: 2,
      onTime: 1,
      late: 1,
      overdue: 1,
      matched: 3,
      messages: 11,
      complete: 11,
      timed: 2,
      backfilled: 1,
      missingStages: 1,
    },
    { ...department, item: '0900', cases: 1, closed: 0, matched: 0, messages: 1, complete: 0, missingStages: 0 },
  ])
  t.equal(report.lines.length, 2)
  t.same(
    report.itemsWithoutCase.map(({ code }) => code),
    ['0200', '0300'],
  )
  t.same(report.stated, [{ gateway: 'dating', system: 'market', periods: 2, zero: 1, messages: 3 }])
})

t.test('mistakes of the rules are told at their place', async (t) => {
  const folder = temporaryFolder(t)
  const problemsOf = (rule: string): string[] => {
    writeFiles(folder, { 'rules.yaml': `version: "1"\nnotice: 示例\nrules:\n  - { no: A, title: 甲, ${rule} }\n` })
    const found: GatewayError[] = []
    loadRules(join(folder, 'rules.yaml'), 'rules.yaml', found)
    return found.map(({ code, text: { en } }) => `${code} ${en}`)
  }
  t.same(problemsOf('scope: case, colour: red, when: { over: 1 }'), [])
  t.match(problemsOf('scope: case, colour: red, when: { overdue: 1 }'), [/^CONFIG_VALUE_INVALID rules\.yaml:4:\d+ .*percent: 90/])
  t.match(problemsOf('scope: case, colour: green, when: { over: 1 }'), [
    /rules\.yaml:4:\d+ .*must be one of reminder, yellow, red/,
  ])
  t.match(problemsOf('scope: case, colour: red'), [/rules\.yaml:4:5 .*needs when/])
  t.match(problemsOf('scope: refusal, colour: red, when: { over: 1 }'), [/leave out when/])
  t.match(problemsOf('scope: case, stages: [review], colour: red, when: { over: 1 }'), [/stages goes with scope: stage only/])
  t.match(problemsOf('scope: case, colour: red, when: { over: 1 } }\n  - { no: A, title: 乙, scope: refusal, colour: red'), [
    /with this number already/,
  ])
})
