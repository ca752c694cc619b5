/**
 * 网上联审: the joint window takes the application for an investment project, asks three departments at once, each by a date of its own, and draws
 * their opinions together. Of two projects one gets a changed opinion and a silence, the other a denial.
 */
import { GatewayError } from '../errors.ts'
import type { City, CityDraft, Seen } from './city.ts'
import { wentThrough } from './course.ts'
import { diverged } from './diverged.ts'
import type { Flow } from './stage.ts'

interface Party {
  system: string
  /** What the child case of this department ends in. */
  suffix: string
  org: { code: string; name: string }
  /** How long after the notice its opinion is due. Days in a city; here as long as a reader waits. */
  dueMs: number
}

const parties: Party[] = [
  { system: 'planning', suffix: 'GH', org: { code: '11150900PDY000052T', name: '乌兰察布市自然资源局' }, dueMs: 30_000 },
  { system: 'housing', suffix: 'ZJ', org: { code: '11150900PDY000060M', name: '乌兰察布市住房和城乡建设局' }, dueMs: 20_000 },
  { system: 'environment', suffix: 'HB', org: { code: '11150900PDY000079J', name: '乌兰察布市生态环境局' }, dueMs: 5000 },
]
const [planning, housing, environment] = parties as [Party, Party, Party]

/** The case number of the project is what all its messages have in common. */
interface Project {
  no: string
  code: string
  name: string
  materials: string[]
}

const windowClerk = { id: 'C0005', name: '云若川' }
const itemCode = '11150900PDY00001XA0001170001000'
const childOf = ({ no }: Project, { suffix }: Party): string => `${no}-${suffix}`

/** The joint window takes the application and accepts it: steps of the platform itself. */
const accept = async (city: City, { no, code, name, materials }: Project): Promise<void> => {
  const parent = { sourceCaseNo: no, itemCode, itemName: '投资项目联合审批', projectCode: code }
  await city.record({
    type: 'application.received',
    case: parent,
    content: {
      receivedAt: city.now(),
      kind: 'joint',
      channel: 'window',
      applicant: { name: '示例风电设备有限公司', kind: 'enterprise' },
      project: { code, name },
      materials: materials.map((material) => ({ name: material, form: 'electronic' })),
    },
  })
  await city.record({
    type: 'acceptance.decided',
    case: parent,
    content: { decision: 'accepted', decidedAt: city.now(), documentNo: `联合受理〔${no}〕`, actor: windowClerk },
  })
}

/** One message for each department, with the same parent case and a due date of its own. Returns the due dates. */
const notify = async (city: City, project: Project): Promise<Map<Party, string>> => {
  const due = new Map<Party, string>()
  for (const [index, party] of parties.entries()) {
    const dueAt = city.in(party.dueMs)
    due.set(party, dueAt)
    await city.send(party.system, {
      type: 'joint.notice',
      case: { sourceCaseNo: childOf(project, party), parentCaseNo: project.no, itemCode, projectCode: project.code },
      stage: { sequence: String(index + 1) },
      content: {
        org: party.org,
        noticedAt: city.now(),
        dueAt,
        mode: 'all',
        project: { code: project.code, name: project.name },
        materials: project.materials.map((name) => ({
          name,
          form: 'electronic',
          reference: `https://materials.city.example/${project.no}`,
        })),
      },
    })
  }
  return due
}

/** What a department says now: of an opinion that was changed, the highest data version counts. */
const opinionOf = (city: City, project: Project, party: Party): Seen | undefined =>
  city.seen
    .filter(({ type, system, case: no }) => type === 'joint.opinion' && system === party.system && no === childOf(project, party))
    .reduce<Seen | undefined>((newest, one) => (newest && newest.dataVersion > one.dataVersion ? newest : one), undefined)

/**
 * The summary as the window would write it now. Who has not answered is marked as timed out, once the due date is over and not before: a summary
 * with a silence that is not marked is a contradiction, and the platform refuses it itself.
 */
const summaryOf = (city: City, project: Project, due: Map<Party, string>): CityDraft => {
  const participants = parties.map((party) => {
    const opinion = opinionOf(city, project, party)?.content
    const dueAt = due.get(party)!
    const said = opinion
      ? { decision: opinion['decision'], givenAt: opinion['givenAt'] }
      : city.now() > dueAt
        ? { timedOut: true }
        : {}
    return { org: party.org, dueAt, ...said }
  })
  const decisions = participants.map((one) => ('decision' in one ? one.decision : undefined))
  const decision = ['disagreed', 'conditional'].find((word) => decisions.includes(word)) ?? 'agreed'
  const reasons = parties
    .map((party) => opinionOf(city, project, party)?.content['reason'])
    .filter((reason) => reason !== undefined)
  return {
    type: 'joint.summarised',
    case: { sourceCaseNo: project.no, itemCode, projectCode: project.code },
    content: {
      decision,
      summarisedAt: city.now(),
      participants,
      ...(reasons.length > 0 && { reason: reasons.join('；') }),
      actor: windowClerk,
    },
  }
}

/** The document of approval, or the refusal with the reasons of the departments. */
const conclude = async (city: City, { no, code }: Project, { content }: CityDraft): Promise<void> => {
  const parent = { sourceCaseNo: no, itemCode, projectCode: code }
  const isDenied = content['decision'] === 'disagreed'
  const said = { decidedAt: city.now(), actor: windowClerk, ...(isDenied && { reason: content['reason'] }) }
  await city.record({ type: 'approval.decided', case: parent, content: { decision: isDenied ? 'denied' : 'approved', ...said } })
  const outcome = isDenied
    ? { outcome: 'denied' }
    : { outcome: 'granted', document: { type: 'approval', name: '投资项目批复', number: `批复〔${no}〕` } }
  await city.record({ type: 'case.closed', case: parent, content: { ...outcome, ...said } })
}

/** Throws FLOW_DIVERGED unless the summary is refused while an opinion is missing. */
const cannotBeSummarised = async (city: City, summary: CityDraft): Promise<void> => {
  try {
    await city.record(summary)
  } catch (thrown) {
    if (thrown instanceof GatewayError && thrown.code === 'MESSAGE_INVARIANT_BROKEN') return
    throw thrown
  }
  throw diverged(city.flow, { zh: '意见未齐，却汇总了', en: 'it was summarised while an opinion was missing' })
}

const play = async (city: City): Promise<void> => {
  const first: Project = {
    no: 'LS20260302001',
    code: '2026-150902-14-03-000017',
    name: '示例风电设备厂房项目',
    materials: ['施工图审查合格书'],
  }
  const second: Project = {
    no: 'LS20260302002',
    code: '2026-150902-19-03-000018',
    name: '示例皮毛加工厂房项目',
    materials: ['环境影响报告表', '用地红线图'],
  }

  // First project: planning agrees and then makes a condition, housing agrees, environment says nothing.
  await accept(city, first)
  const due = await notify(city, first)
  // Opinions are missing, and no date is over: there is nothing to be summarised yet.
  await cannotBeSummarised(city, summaryOf(city, first, due))
  await city.answer({ system: housing.system, case: childOf(first, housing), type: 'joint.opinion', decision: 'agreed' })
  await city.answer({ system: planning.system, case: childOf(first, planning), type: 'joint.opinion', decision: 'agreed' })
  await city.answer({
    system: planning.system,
    case: childOf(first, planning),
    type: 'joint.opinion',
    decision: 'conditional',
    dataVersion: 2,
  })

  // Second project, meanwhile: housing does not agree. All three have answered: there is no need to wait for any date.
  await accept(city, second)
  const dueOfSecond = await notify(city, second)
  for (const party of parties) await city.answer({ system: party.system, case: childOf(second, party), type: 'joint.opinion' })
  const denial = summaryOf(city, second, dueOfSecond)
  await city.record(denial)
  await conclude(city, second, denial)

  // The date of environment is over: its silence is marked, and the first project goes on with the condition that planning has made.
  const late = due.get(environment)!
  await city.until({ zh: `反馈期限 ${late}`, en: `the due date ${late}` }, () => city.now() > late)
  const summary = summaryOf(city, first, due)
  await city.record(summary)
  await conclude(city, first, summary)

  const parent = (decisions: [string, string, string]): string[] => [
    'up application.received',
    'up acceptance.decided accepted',
    `up joint.summarised ${decisions[0]}`,
    `up approval.decided ${decisions[1]}`,
    `up case.closed ${decisions[2]}`,
  ]
  await wentThrough(city, 'city', first.no, 'closed', parent(['conditional', 'approved', 'granted']))
  await wentThrough(city, 'city', second.no, 'closed', parent(['disagreed', 'denied', 'denied']))
  const child = (project: Project, party: Party, ...opinions: string[]): Promise<void> => {
    const course = ['down joint.notice', ...opinions.map((opinion) => `up joint.opinion ${opinion}`)]
    return wentThrough(city, party.system, childOf(project, party), 'received', course)
  }
  await child(first, planning, 'agreed', 'conditional v2')
  await child(first, housing, 'agreed')
  await child(first, environment)
  await child(second, planning, 'agreed')
  await child(second, housing, 'disagreed')
  await child(second, environment, 'agreed')
}

export const jointReview: Flow = {
  name: 'joint-review',
  title: { zh: '网上联审', en: 'joint review' },
  desks: { planning: [], housing: ['http://127.0.0.1:8082'], environment: [] },
  echoes: 0,
  play,
}
