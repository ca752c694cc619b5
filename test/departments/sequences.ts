/** The courses that a case can take, one case for each, written out: what the tests of whole sequences run. */
import { type DepartmentCase, instantOf, type Organisation, type Outcome, type Stage } from './department-case.ts'

/** Day and time in March 2026, `3 10:00`. */
const march = (when: string): number => {
  const [day = '', time = ''] = when.split(' ')
  return instantOf(`2026-03-${day.padStart(2, '0')} ${time}:00`)
}

const received = march('2 09:30')

const accepted = (when = '3 09:00'): Stage => ({ kind: 'accepted', at: march(when), by: '云青岚', reason: '' })

const review = (agrees: boolean): Stage[] => {
  const opinion = agrees ? '同意' : '不符合法定条件，不同意'
  return [
    { kind: 'handled', at: march('4 10:00'), by: '江一鸣', agrees, opinion },
    { kind: 'reviewed', at: march('11 10:00'), by: '溪望舒', agrees, opinion },
    { kind: 'approved', at: march('12 10:00'), by: '松远山', agrees, opinion },
  ]
}

const closed = (outcome: Outcome, reason: string, when = '13 10:00'): Stage => ({
  kind: 'closed',
  at: march(when),
  by: '云青岚',
  outcome,
  reason,
  ...(outcome === 'granted' && { certificate: { name: '示例许可证', no: '示例证〔2026〕1号' } }),
})

const collected: Stage = { kind: 'collected', at: march('14 10:00'), by: '云青岚', who: '云远山', how: 'window' }
const evaluated: Stage = { kind: 'evaluated', at: march('14 10:05'), by: '云青岚', score: 2, comment: '办理及时' }
const granted: Stage[] = [...review(true), closed('granted', '')]

const supplement: Stage[] = [
  { kind: 'supplement-requested', at: march('2 14:00'), by: '云青岚', seq: 1, list: '场地证明', reason: '缺少场地证明' },
  { kind: 'supplement-received', at: march('3 08:40'), by: '云青岚', seq: 1, list: '场地证明', reason: '' },
]

const hearing: Stage[] = [
  { kind: 'special-started', at: march('5 09:00'), by: '江一鸣', seq: 1, special: 'hearing', days: 5, reason: '申请人要求听证' },
  {
    kind: 'special-ended',
    at: march('9 17:00'),
    by: '江一鸣',
    seq: 1,
    special: 'hearing',
    startedAt: march('5 09:00'),
    result: '听证结束',
  },
]

const courses = {
  normal: { stages: [accepted(), ...granted, collected, evaluated] },
  prereviewed: {
    channel: 'online',
    stages: [{ kind: 'prereviewed', at: march('2 15:00'), by: '云青岚', passes: true, reason: '' }, accepted(), ...granted],
  },
  'returned at prereview': {
    channel: 'online',
    stages: [{ kind: 'prereviewed', at: march('2 15:00'), by: '云青岚', passes: false, reason: '申报材料不清晰' }],
  },
  supplement: { stages: [...supplement, accepted(), ...granted] },
  'supplement at prereview': {
    channel: 'online',
    stages: [...supplement.map((stage) => ({ ...stage, atPrereview: true }) as Stage), accepted(), ...granted],
  },
  special: { stages: [accepted(), review(true)[0]!, ...hearing, ...review(true).slice(1), closed('granted', '')] },
  refused: { stages: [{ kind: 'refused', at: march('3 09:00'), by: '云青岚', reason: '不属于本机关职权范围' }] },
  denied: { stages: [accepted(), ...review(false), closed('denied', '不符合法定条件')] },
  withdrawn: { stages: [accepted(), closed('withdrawn', '申请人撤回申请', '5 10:00')] },
  voided: { stages: [accepted(), closed('voided', '申请材料作废', '5 10:00')] },
  deleted: { stages: [accepted(), closed('deleted', '测试数据，技术性删除', '5 10:00')] },
  'reported again': { stages: [accepted(), ...granted], correction: { at: march('16 10:00'), title: '示例申请（更正）' } },
  'out of order': { stages: [{ ...accepted(), recordedAt: march('20 09:00') }, ...granted] },
  'rejected late': { stages: [accepted(), ...granted], rejection: { at: march('21 02:00'), text: '事项编码在事项库中不存在' } },
  bad: { stages: [accepted(), ...granted], bad: 'unknown-code' },
} satisfies Record<string, Partial<DepartmentCase>>

export type SequenceName = keyof typeof courses

export const sequenceNames = Object.keys(courses) as SequenceName[]

/** The case of a sequence. `item` is the place of its item among those of the organisation. */
export const sequenceCase = (name: SequenceName, prefix: string, org: Organisation, item = 0): DepartmentCase => {
  const course: Partial<DepartmentCase> = courses[name]
  return {
    no: `${prefix}15090220260302${String(sequenceNames.indexOf(name) + 1 + item * 100).padStart(7, '0')}`,
    item: org.items[item]!,
    org,
    region: { code: '150902', name: '集宁区' },
    applicant: { kind: 'person', name: '云远山', id: '150902188801010017' },
    contact: '云远山',
    phone: '0474-0000001',
    title: '示例申请',
    channel: 'window',
    address: '集宁区察哈尔大街1号',
    receivedAt: received,
    materials: ['申请书'],
    stages: [],
    ...course,
  }
}

/** The same case so many years before. */
export const yearsBefore = (years: number, source: DepartmentCase): DepartmentCase => {
  const before = (at: number): number => {
    const then = new Date(at)
    return then.setUTCFullYear(then.getUTCFullYear() - years)
  }
  const stages = source.stages.map((stage) => ({ ...stage, at: before(stage.at) }))
  return { ...source, no: `${source.no}-${years}`, receivedAt: before(source.receivedAt), stages }
}
