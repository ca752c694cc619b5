/**
 * 远程申报: applicants apply on the city's site; the application goes down into the department's own system, is handled there, and every step of
 * it comes up. Two applicants: of one a material is missing at first, the other applies to the wrong city.
 */
import type { City, CityDraft } from './city.ts'
import { wentThrough } from './course.ts'
import type { Flow } from './stage.ts'

const item = { itemCode: '11150900PDY000028A2000131000200', itemName: '食品经营许可' }
const system = 'market'

/** Files stay where they were uploaded: a message has their digests and where to fetch them. */
const material = (code: string, name: string, digit: string) => ({
  code,
  name,
  form: 'electronic',
  fileName: `${name}.pdf`,
  digest: `sha256:${digit.repeat(64)}`,
  reference: `https://materials.city.example/${digit}`,
})
const form = material('CL1', '食品经营许可申请书', 'a')
const plan = material('CL2', '经营场所平面图', 'b')
const rules = material('CL3', '食品安全管理制度', 'c')

const application = (no: string, name: string, region: string, materials: object[], receivedAt: string): CityDraft => ({
  type: 'application.received',
  case: { sourceCaseNo: no, ...item },
  content: {
    receivedAt,
    channel: 'online',
    subject: `${name}申请食品经营许可`,
    region,
    applicant: {
      name,
      kind: 'enterprise',
      idType: 'unified_social_credit_code',
      idNumber: '91150902PDY00001XY',
      mobile: '00000000017',
    },
    materials,
  },
})

const play = async (city: City): Promise<void> => {
  const [first, second] = ['WS20260302001', 'WS20260302002']

  // The first application arrives without its rules of food safety: the bureau looks at it, and asks for them.
  await city.send(system, application(first, '集宁区云溪餐饮有限公司', '150902', [form, plan], city.now()))
  await city.answer({ case: first, type: 'prereview.decided', decision: 'supplement' })
  const asked = await city.answer({ case: first, type: 'supplement.requested' })

  // Meanwhile another one, for premises that are in another city: refused, with the reason that the law wants.
  await city.send(system, application(second, '示例餐饮管理有限公司', '150102', [form, plan, rules], city.now()))
  await city.answer({ case: second, type: 'acceptance.decided', decision: 'refused' })
  await city.answer({ case: second, type: 'case.closed' })

  // The applicant uploads what was asked for; from here on the bureau takes the case through to its end.
  await city.send(system, {
    type: 'supplement.received',
    case: { sourceCaseNo: first, ...item },
    stage: { sequence: asked.sequence! },
    content: { receivedAt: city.now(), materials: [rules] },
  })
  await city.answer({ case: first, type: 'prereview.decided', decision: 'passed' })
  await city.answer({ case: first, type: 'result.collected' })

  await wentThrough(city, system, first, 'collected', [
    'down application.received',
    'up prereview.decided supplement',
    'up supplement.requested',
    'down supplement.received',
    'up prereview.decided passed',
    'up acceptance.decided accepted',
    'up review.decided agreed',
    'up approval.decided approved',
    'up case.closed granted',
    'up result.collected',
  ])
  await wentThrough(city, system, second, 'closed', [
    'down application.received',
    'up acceptance.decided refused',
    'up case.closed refused_acceptance',
  ])
}

export const remoteApplication: Flow = {
  name: 'remote-application',
  title: { zh: '远程申报', en: 'application from afar' },
  desks: { market: [] },
  echoes: 3,
  play,
}
