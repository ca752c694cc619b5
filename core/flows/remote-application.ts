/**
 * 远程申报: applicants apply on the city's site; the application goes down into the department's own system, is handled there, and every step of
 * it comes up. Two applicants: of one a material is missing at first, the other applies to the wrong city. Scans go down with their applications:
 * the bureau counts as handed in only what it holds, byte for byte.
 */
import { sha256 } from '../sha256.ts'
import type { City, CityDraft } from './city.ts'
import { wentThrough } from './course.ts'
import type { Flow } from './stage.ts'

const item = { itemCode: '11150900PDY000028A2000131000200', itemName: '食品经营许可' }
const system = 'market'

interface Material {
  /** As messages name it: by its digest. */
  named: object
  /** Of so many bytes, the same at every run. */
  content: Buffer
}

const material = (code: string, name: string, bytes: number): Material => {
  const content = Buffer.alloc(bytes, `%PDF-1.7 ${name} 示例 `)
  const digest = `sha256:${sha256(content).toString('hex')}`
  return { named: { code, name, form: 'electronic', fileName: `${name}.pdf`, digest, size: bytes }, content }
}
const form = material('CL1', '食品经营许可申请书', 48_000)
const plan = material('CL2', '经营场所平面图', 2_600_000)
const rules = material('CL3', '食品安全管理制度', 310_000)

const named = (materials: Material[]): object[] => materials.map((one) => one.named)
const contents = (materials: Material[]): Buffer[] => materials.map((one) => one.content)

const application = (no: string, name: string, region: string, materials: Material[], receivedAt: string): CityDraft => ({
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
    materials: named(materials),
  },
})

const play = async (city: City): Promise<void> => {
  const [first, second] = ['WS20260302001', 'WS20260302002']

  // The first application arrives without its rules of food safety: the bureau looks at it, and asks for them.
  const handedIn = [form, plan]
  await city.send(system, application(first, '集宁区云溪餐饮有限公司', '150902', handedIn, city.now()), contents(handedIn))
  await city.answer({ case: first, type: 'prereview.decided', decision: 'supplement' })
  const asked = await city.answer({ case: first, type: 'supplement.requested' })

  // Meanwhile another one, for premises that are in another city: refused, with the reason that the law wants.
  const all = [form, plan, rules]
  await city.send(system, application(second, '示例餐饮管理有限公司', '150102', all, city.now()), contents(all))
  await city.answer({ case: second, type: 'acceptance.decided', decision: 'refused' })
  await city.answer({ case: second, type: 'case.closed' })

  // The applicant uploads what was asked for; from here on the bureau takes the case through to its end.
  const supplement: CityDraft = {
    type: 'supplement.received',
    case: { sourceCaseNo: first, ...item },
    stage: { sequence: asked.sequence! },
    content: { receivedAt: city.now(), materials: named([rules]) },
  }
  await city.send(system, supplement, contents([rules]))
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
