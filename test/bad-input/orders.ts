/** Stages in an order that the procedure does not know: sent by the gateway as they are, told by the platform, and no other case is touched. */
import { type CaseStatus, type Violation, violations } from '../../core/canonical/index.ts'
import { check, judge } from '../../core/platform/judge.ts'
import type { Case, Family } from './case.ts'
import type { Members } from './department.ts'
import { inFolder, openGateway, recordOf } from './gateway.ts'

export interface OrderCase {
  name: string
  /** The records of the case in the order in which they come: stream, and what differs from its good record. */
  records: (string | [stream: string, members: Members])[]
  /** `held`: it waits for what must precede it. */
  expect:
    | { type: string; violation: Violation; status: CaseStatus; zh: string; en: string }
    | { held: string[]; status: CaseStatus }
}

const find = ({ records }: OrderCase) =>
  inFolder(async (folder) => {
    const gateway = openGateway(folder)
    try {
      gateway.receive(recordOf('SB', 'A'))
      for (const each of records)
        gateway.receive(typeof each === 'string' ? recordOf(each, 'B') : recordOf(each[0], 'B', each[1]))
      gateway.receive(recordOf('SB', 'C'))
      const arrived = await gateway.publishAll()
      const deliveries = arrived.map(({ id, type, lane, body }) => ({ id, type, lane, body: String(body) }))
      const known = { contents: new Map(), newest: new Map(), refused: new Set<string>(), cases: new Map() }
      const { findings } = judge(
        deliveries.map((delivery) => check(delivery as never)),
        known as never,
        0,
      )
      const states = new Map(findings.cases.map(({ lane, state }) => [lane, state]))
      const rest = {
        sent: arrived.length,
        refused: findings.refusals.length,
        neighbours: ['A', 'C'].map((no) => states.get(`one/${no}`)?.status),
      }
      const [broken, ...others] = findings.violations
      const state = states.get('one/B')
      if (!broken) return { held: state?.held?.map(({ type }) => type) ?? [], status: state?.status, ...rest }
      const kind = broken.kind as Violation
      const type = broken.id.split(':')[2]
      return { type, violation: kind, status: broken.status, ...violations[kind], others: others.length, ...rest }
    } finally {
      gateway.store.close()
    }
  })

const whole = ({ records, expect }: OrderCase) => ({
  ...expect,
  ...('held' in expect ? {} : { others: 0 }),
  sent: records.length + 2,
  refused: 0,
  neighbours: ['received', 'received'],
})

export const orderFamily = (name: string, cases: OrderCase[]): Family => ({
  name,
  cases: cases.map((given): Case => ({ name: given.name, find: () => find(given), expected: whole(given) })),
})
