/** The course of one synthetic case: its stages, from reception to evaluation. */
import { type DepartmentCase, type Item, later, type Outcome, type SpecialKind, type Stage } from './department-case.ts'

export interface Draw {
  random(): number
  pick<T>(from: readonly T[]): T
  person(): string
}

export interface Course {
  draw: Draw
  item: Item
  outcome: Outcome
  receivedAt: number
  applicant: Pick<DepartmentCase['applicant'], 'kind' | 'name'>
  certificate: { name: string; no: string }
  isPrereviewed: boolean
  /** The acceptance is written down after everything that it should precede. */
  isRecordedLate: boolean
}

const opinions = ['同意', '材料齐全，同意', '经审查符合条件，拟同意', '现场核查合格，同意', '无', '符合要求 <已核>&同意']
const materials = ['申请书', '营业执照复印件', '身份证明', '场地证明', '施工图审查合格书', '承诺书']
const specials: SpecialKind[] = ['extension', 'hearing', 'publicity', 'verification', 'expert', 'testing']

const reasons: Partial<Record<Outcome, string>> = {
  denied: '不符合法定条件',
  voided: '申请材料作废',
  deleted: '测试数据，技术性删除',
  forwarded: '转报上级机关',
  withdrawn: '申请人撤回申请',
  terminated: '办理程序终止',
}

type Unwritten<S> = S extends Stage ? Omit<S, 'at' | 'by'> & { by?: string } : never

/** Appends stages, each later than the one before. */
const openRecord = ({ draw, receivedAt }: Course) => {
  const stages: Stage[] = []
  let at = receivedAt
  const add = (hours: number, stage: Unwritten<Stage>): number => {
    at = later(at, hours * (0.5 + draw.random()))
    stages.push({ by: draw.person(), ...stage, at } as Stage)
    return at
  }
  return { stages, add }
}

type Add = ReturnType<typeof openRecord>['add']

const addSupplement = ({ draw, outcome }: Course, add: Add): void => {
  const list = draw.pick(materials)
  add(4, { kind: 'supplement-requested', seq: 1, list, reason: `缺少${list}` })
  if (outcome !== 'no-supplement') add(30, { kind: 'supplement-received', seq: 1, list, reason: '' })
}

const addReview = ({ draw, item, outcome }: Course, add: Add): void => {
  const agrees = outcome !== 'denied'
  const opinion = (): string => (agrees ? draw.pick(opinions) : '不符合法定条件，不同意')
  if (item.kind === 'promise' && outcome !== 'withdrawn') {
    add(8, { kind: 'handled', agrees, opinion: opinion() })
    if (draw.random() < 0.2) {
      const special = draw.pick(specials)
      const startedAt = add(6, { kind: 'special-started', seq: 1, special, days: 5, reason: '情况复杂，需另行核查' })
      add(60, { kind: 'special-ended', seq: 1, special, startedAt, result: '已完成' })
    }
    if (outcome !== 'forwarded') add(20, { kind: 'reviewed', agrees, opinion: opinion() })
  }
  if (['granted', 'done', 'denied'].includes(outcome)) add(12, { kind: 'approved', agrees, opinion: opinion() })
}

const addEnd = ({ draw, outcome, applicant, certificate }: Course, add: Add): void => {
  const isGranted = outcome === 'granted'
  add(6, { kind: 'closed', outcome, ...(isGranted && { certificate }), reason: reasons[outcome] ?? '' })
  if (isGranted && draw.random() < 0.7) {
    const who = applicant.kind === 'person' ? applicant.name : draw.person()
    add(40, { kind: 'collected', who, how: draw.pick(['window', 'post'] as const) })
  }
  if (draw.random() < 0.2) add(10, { kind: 'evaluated', score: draw.pick([1, 2, 3, 4, 5] as const), comment: '办理及时' })
}

export const createCourse = (course: Course): Stage[] => {
  const { draw, outcome } = course
  const { stages, add } = openRecord(course)
  if (outcome === 'returned') {
    add(3, { kind: 'prereviewed', passes: false, reason: '申报材料不清晰，请重新申报' })
    return stages
  }
  if (course.isPrereviewed) add(3, { kind: 'prereviewed', passes: true, reason: '' })
  if (draw.random() < 0.25 || outcome === 'no-supplement') addSupplement(course, add)
  if (outcome === 'refused') {
    add(3, { kind: 'refused', reason: draw.pick(['不属于本机关职权范围', '申请人不具备申请资格']) })
    return stages
  }
  if (outcome === 'no-supplement') {
    add(120, { kind: 'closed', outcome, reason: '逾期未补正' })
    return stages
  }
  add(3, { kind: 'accepted', reason: '' })
  addReview(course, add)
  addEnd(course, add)
  if (!course.isRecordedLate) return stages
  const last = stages.at(-1)!.at
  return stages.map((stage) => (stage.kind === 'accepted' ? { ...stage, recordedAt: later(last, 1) } : stage))
}
