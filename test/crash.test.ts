/** Twenty kills as a test; `npm run test:crash -- --kills 200` for more. */
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import t from 'tap'
import { packageRoot } from '../core/package-root.ts'
import type { LegacyRow } from './fault/legacy.ts'
import { type Evidence, judge } from './fault/verdict.ts'

const row = (changes: Partial<LegacyRow>): LegacyRow => ({
  table: 'applications',
  id: 'GZ1',
  caseNo: 'GZ1',
  sequence: '',
  version: 1,
  isBad: false,
  ...changes,
})

const message = (type: string, sequence: string, dataVersion: number, version: number) => {
  const identity = `hall:GZ1:${type}:${sequence}:`
  return { id: `${identity}:${dataVersion}`, identity, dataVersion, lane: 'hall/GZ1', version, state: 'confirmed', isHeld: false }
}

const line = {
  day: '2026-03-02',
  route: 'hall',
  stream: 'applications',
  read: 4,
  duplicates: 0,
  translated: 3,
  quarantined: 1,
  conflicts: 0,
  ignored: 0,
  echoes: 0,
  unexchanged: 0,
  receipted: 0,
  disputed: 0,
  rejected: 0,
  attachments: 0,
  sent: 0,
  arrived: 0,
  unsent: 0,
}

/** Three rows, one of them corrected once, and one that is bad. */
const goodEvidence = () => {
  const messages = [
    message('application.received', '', 1, 1),
    message('acceptance.decided', '', 1, 1),
    message('application.received', '', 2, 2),
  ]
  const books = [{ ...line, messages: 3, confirmed: 3, waiting: 0, balanced: true }]
  return {
    system: 'hall',
    rows: [
      row({ version: 2 }),
      row({ table: 'acceptances' }),
      row({ table: 'reviews', id: 'GZ1-1', sequence: '1', isBad: true }),
    ],
    gateway: {
      messages,
      quarantined: [{ stream: 'reviews', key: 'GZ1-1', version: 1 }],
      books,
      recount: books.map((book) => ({ ...book })),
    },
    platform: {
      messages: [...messages],
      counts: { received: 4, duplicates: 1, conflicts: 0, refused: 0, stale: 0 },
      deadLetters: 0,
    },
  } satisfies Evidence
}

type Faults = ReturnType<typeof judge>['faults']

t.test('the verdict accuses each kind of fault, and only what is one', async (t) => {
  t.ok(judge(goodEvidence()).ok, 'nothing is wrong')
  const spoiled: [string, (evidence: ReturnType<typeof goodEvidence>) => void, (keyof Faults)[]][] = [
    [
      'a message that never arrived',
      ({ platform }) => platform.messages.splice(2, 1),
      ['missing', 'unequal', 'confirmedMinusDistinct'],
    ],
    ['a row of an older version', ({ rows }) => rows.splice(1, 1, row({ table: 'acceptances', version: 2 })), ['missing']],
    ['a bad row that is not in quarantine', ({ gateway }) => gateway.quarantined.pop(), ['missing']],
    ['a row that nobody wrote', ({ rows }) => rows.splice(1, 1), ['invented']],
    ['an exchanged order', ({ platform }) => platform.messages.reverse(), ['disordered', 'wentBack', 'missing']],
    [
      'one fact under two data versions',
      ({ gateway, platform }) => {
        for (const side of [gateway, platform]) side.messages.push(message('acceptance.decided', '', 2, 1))
      },
      ['doubled', 'wentBack'],
    ],
    [
      'a message that waits for nothing',
      ({ gateway }) => gateway.messages.push({ ...message('case.closed', '', 1, 1), state: 'ready' }),
      ['stuck'],
    ],
    ['books that differ from the recount', ({ gateway }) => Object.assign(gateway.recount[0]!, { read: 5 }), ['booksOff']],
    ['a dead letter', ({ platform }) => Object.assign(platform, { deadLetters: 1 }), ['deadLetters']],
  ]
  for (const [what, spoil, expected] of spoiled) {
    const evidence = goodEvidence()
    spoil(evidence)
    const { ok, faults } = judge(evidence)
    t.notOk(ok, what)
    for (const fault of expected) t.not(faults[fault], 0, `${what}: ${fault}`)
  }
})

t.test(
  'after 20 kills of the gateway and a crash of the broker, nothing is lost, doubled, out of order or booked wrongly',
  async (t) => {
    const given = ['run', '--silent', 'test:crash', '--', '--kills', '20', '--broker-stops', '1', '--seed', '20']
    const { stdout } = await promisify(execFile)('npm', given, { cwd: packageRoot, timeout: 560_000 })
    const verdict = JSON.parse(stdout.trim().split('\n').at(-1)!)
    t.equal(verdict.ok, true)
    t.ok(
      Object.values(verdict.faults).every((count) => count === 0),
      JSON.stringify(verdict.faults),
    )
    const killed = Object.values(verdict.killsAt as Record<string, number>)
    t.equal(
      killed.reduce((sum, count) => sum + count, 0),
      20,
      'every kill is accounted for',
    )
    t.ok(
      killed.filter((count) => count > 0).length >= 8,
      `the kills are spread over the path: ${JSON.stringify(verdict.killsAt)}`,
    )
    t.equal(verdict.brokerStops.crash, 1)
    t.ok(verdict.receiverKills.beforeAnswer + verdict.receiverKills.anytime >= 1, 'the platform was killed, too')
    t.ok(verdict.distinctAtPlatform > 100, 'there was something to lose')
    t.ok(verdict.laterVersionsAtPlatform > 0, 'rows were corrected on the way')
    t.ok(verdict.quarantined > 0, 'some rows had to be quarantined')
    t.ok(verdict.duplicatesDroppedByPlatform > 0, 'messages were sent again, and dropped')
  },
)

t.test('after 12 kills on the way down, each message has had its effect once, in order, and the books say so', async (t) => {
  const given = ['run', '--silent', 'test:crash', '--', '--direction', 'down', '--kills', '12', '--seed', '7']
  const { stdout } = await promisify(execFile)('npm', given, { cwd: packageRoot, timeout: 560_000 })
  const verdict = JSON.parse(stdout.trim().split('\n').at(-1)!)
  t.equal(verdict.ok, true)
  t.ok(
    Object.values(verdict.faults).every((count) => count === 0),
    JSON.stringify(verdict.faults),
  )
  t.ok(verdict.sent > 100, 'there was something to lose')
  t.equal(verdict.delivered + verdict.leftToAPerson, verdict.sent)
  t.ok(verdict.serviceDeaths > 0, 'the service died in the middle of its calls')
  t.ok(verdict.sessionsEnded > 0, 'the target ended sessions in the middle of their work, too')
})
