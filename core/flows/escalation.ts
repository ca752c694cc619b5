/**
 * 上报件: a township registers the application, the window of its banner accepts and reviews it, the city decides on the report, and the banner
 * issues. The gateway is at the banner's broker, the platform at the city's; RabbitMQ's shovels carry everything between them. Of three
 * applicants one is granted, one is granted on commitment while paper is still owed, one is denied by the city.
 */
import type { City, CityDraft, Seen } from './city.ts'
import { wentThrough } from './course.ts'
import { diverged } from './diverged.ts'
import type { Flow } from './stage.ts'

const township = 'township'
const window = 'window'

const officer = { id: 'S0003', name: '石望舒' }

interface Case {
  /** As the township registers it. */
  no: string
  /** What the city decides on the report of the banner. */
  decision: 'agreed' | 'disagreed'
}

const ordinary: Case = { no: 'SM2026030201', decision: 'agreed' }
const onCommitment: Case = { no: 'SM2026030202', decision: 'agreed' }
const refused: Case = { no: 'SM2026030203', decision: 'disagreed' }
const cases = [ordinary, onCommitment, refused]

/** The case that the window of the banner opens for a registration of the township. */
const childOf = ({ no }: Case): string => no.replace('SM', 'QX')

const item = { itemCode: '11150927PDY000116W2000164001000', itemName: '林木种子生产经营许可' }
const keyOf = (one: Case): CityDraft['case'] => ({ sourceCaseNo: childOf(one), parentCaseNo: one.no, ...item })

/** What a township has registered goes to the window of its banner: a case of its own there, with the registration as its parent. */
const passOn = async (city: City, one: Case): Promise<void> => {
  const registered = await city.answer({ system: township, case: one.no, type: 'application.received' })
  const { receivedAt, kind, channel, applicant, materials } = registered.content
  await city.send(window, {
    type: 'application.received',
    case: keyOf(one),
    content: { receivedAt, kind, channel, applicant, materials },
  })
}

/** The township answers its visitors by what the window has decided. */
const tellTownship = async (city: City, one: Case, said: Seen): Promise<void> => {
  const { decision, outcome, decidedAt, reason, document } = said.content
  await city.send(township, {
    type: said.type as CityDraft['type'],
    case: { sourceCaseNo: one.no, ...item },
    content: {
      ...(decision === undefined ? {} : { decision }),
      ...(outcome === undefined ? {} : { outcome }),
      decidedAt,
      ...(reason === undefined ? {} : { reason }),
      ...(document === undefined ? {} : { document }),
    },
  })
}

/** The city decides on a report. The banner that has reported it issues: nobody else may. */
const decide = async (city: City, one: Case): Promise<void> => {
  const accepted = await city.answer({ system: window, case: childOf(one), type: 'acceptance.decided', decision: 'accepted' })
  await tellTownship(city, one, accepted)
  const report = await city.answer({ system: window, case: childOf(one), type: 'upward.forwarded' })
  const { originOrg, reviewerOrg } = report.content
  await city.send(window, {
    type: 'upward.returned',
    case: keyOf(one),
    content: {
      decision: one.decision,
      returnedAt: city.now(),
      originOrg,
      reviewerOrg,
      issuingOrg: originOrg,
      actor: officer,
      documentNo: `市审〔${childOf(one)}〕`,
      ...(one.decision === 'agreed'
        ? { opinion: '同意，由初审机构出证' }
        : { reason: '申请材料缺少生产用地证明，不符合许可条件' }),
    },
  })
  await tellTownship(city, one, await city.answer({ system: window, case: childOf(one), type: 'case.closed' }))
}

const owesPaper = async (city: City, no: string): Promise<boolean> =>
  (await city.platform.store.caseHistory(`${window}/${no}`)).state?.paperOwed === true

/** Granted on commitment: the case is closed and the paper still owed, which stays visible until it is filed. */
const collectPaper = async (city: City, one: Case): Promise<void> => {
  const no = childOf(one)
  if (!(await owesPaper(city, no))) throw diverged(city.flow, { zh: `${no} 应欠纸质材料`, en: `${no} should owe paper` })
  await city.send(window, {
    type: 'supervision.alert',
    case: { sourceCaseNo: no },
    stage: { sequence: `ZZ-${no}` },
    content: {
      ruleNo: 'ZZ-01',
      colour: 'reminder',
      raisedAt: city.now(),
      scope: 'case',
      description: '告知承诺件的纸质材料尚未归档',
    },
  })
  await city.answer({ system: window, case: no, type: 'paper.filed' })
  await city.until({ zh: `${no} 纸质材料归档`, en: `the paper of ${no}` }, async () => !(await owesPaper(city, no)))
}

const play = async (city: City): Promise<void> => {
  for (const one of cases) await passOn(city, one)
  for (const one of cases) await decide(city, one)
  for (const one of [ordinary, onCommitment]) await city.answer({ system: township, case: one.no, type: 'result.collected' })
  await collectPaper(city, onCommitment)

  const reported = [
    'down application.received',
    'up acceptance.decided accepted',
    'up review.decided agreed',
    'up upward.forwarded',
  ]
  const granted = [...reported, 'down upward.returned agreed', 'up case.closed granted']
  await wentThrough(city, window, childOf(ordinary), 'closed', granted)
  await wentThrough(city, window, childOf(onCommitment), 'closed', [...granted, 'down supervision.alert', 'up paper.filed'])
  await wentThrough(city, window, childOf(refused), 'closed', [
    ...reported,
    'down upward.returned disagreed',
    'up case.closed denied',
  ])
  const registered = ['up application.received', 'down acceptance.decided accepted']
  for (const { no } of [ordinary, onCommitment])
    await wentThrough(city, township, no, 'collected', [...registered, 'down case.closed granted', 'up result.collected'])
  // The township knows of no decision of its own: the denial of its banner ends its registration.
  await wentThrough(city, township, refused.no, 'closed', [...registered, 'down case.closed denied'])
}

export const escalation: Flow = {
  name: 'escalation',
  title: { zh: '上报件审批', en: 'reported to the higher level' },
  desks: { brokers: ['amqp://127.0.0.1:5673', 'amqp://127.0.0.1:5674'], township: [], window: [] },
  bringsBrokers: true,
  echoes: 0,
  play,
}
