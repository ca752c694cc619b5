/** What the civil affairs bureau exchanges of a case: rows of the UP_PRO tables as XML elements. */
import { createHash } from 'node:crypto'
import {
  asWrittenDown,
  beijing,
  createOrganisation,
  type DepartmentCase,
  type Outcome,
  type SpecialKind,
  type Stage,
  seenAt,
} from './department-case.ts'

export const civil = createOrganisation('11150900PDY0000365', '乌兰察布市民政局', '000111', [
  '社会团体成立登记',
  '养老机构备案',
  '公募资格审定',
  '地名信息查询',
])

export const civilOutcomes: Outcome[] = ['denied', 'refused', 'terminated', 'withdrawn', 'returned', 'deleted']

/** A dialect of its own: 6 is the good ending. A case that is deleted has no result. */
const closing: Partial<Record<Outcome, string>> = { refused: '1', terminated: '2', withdrawn: '3', granted: '6', denied: '7' }

const specialNames: Record<SpecialKind, string> = {
  extension: '延长审批',
  hearing: '听证',
  publicity: '公示',
  verification: '核实',
  expert: '专家评审',
  testing: '检测',
}

type Columns = Record<string, string>
export type CivilEntry = [element: string, columns: Columns, materials?: string[]]

const escaped = (text: string): string => text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;')

const columnsOf = (columns: Columns): string =>
  Object.entries(columns)
    .map(([name, value]) => (value === '' ? `<${name}/>` : `<${name}>${escaped(value)}</${name}>`))
    .join('')

const materialOf = (name: string, index: number): string =>
  `<up_pro_material>${columnsOf({ material_name: name, get_num: '1', get_type: '2', material_attach_name: `${index + 1}.pdf` })}</up_pro_material>`

export const writeEntry = ([element, columns, materials = []]: CivilEntry): string => {
  const list = materials.length === 0 ? '' : `<materials>${materials.map(materialOf).join('')}</materials>`
  return `<${element}>${columnsOf(columns)}${list}</${element}>`
}

const guid = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 32)

const exchange = (source: DepartmentCase, at: number, operation: 'I' | 'U' | 'D' = 'I'): Columns => ({
  cd_operation: operation,
  cd_time: beijing(at),
  cd_batch: source.no.slice(0, 14),
  data_source: 'p15',
})

type Accepted = Extract<Stage, { kind: 'accepted' }>

interface Exchanged {
  at: number
  operation: 'I' | 'U' | 'D'
  /** Undefined while it is not accepted. */
  accepted: Accepted | undefined
  title?: string
}

const acceptEntry = (source: DepartmentCase, { at, operation, accepted, title }: Exchanged): CivilEntry => {
  const { no, org, item, applicant } = source
  const isPerson = applicant.kind === 'person'
  const columns: Columns = {
    row_guid: guid(`${no}/accept`),
    project_no: no,
    catalog_code: `${item.basic}00`,
    task_code: item.code,
    task_handle_item: `${item.code}01`,
    task_name: item.name,
    task_version: '1',
    applyer_name: applicant.name,
    applyer_type: source.bad === 'unknown-code' ? '8' : isPerson ? '1' : '2',
    applyer_page_type: isPerson ? '111' : '001',
    applyer_page_code: applicant.id,
    legal: isPerson ? '' : source.contact,
    apply_date: source.bad === 'impossible-date' ? '2026-02-30 10:00:00' : beijing(source.receivedAt),
    apply_type: { window: '1', online: '2', mobile: '3' }[source.channel],
    contact_name: source.contact,
    contact_type: isPerson ? '111' : '',
    contact_code: isPerson ? applicant.id : '',
    contact_mobile: source.phone,
    zip_code: '012000',
    address: source.address,
    org_name: org.name,
    org_code: org.creditCode,
    region_code: `${source.region.code}000000`,
    handle_user_name: accepted ? accepted.by : '',
    accept_date: accepted ? beijing(accepted.at) : '',
    accept_doc_no: accepted ? `S${no}` : '',
    project_name: title ?? source.title,
    project_type: item.kind === 'instant' ? '1' : '2',
    promise_date: accepted ? beijing(accepted.at + item.days * 86_400_000) : '',
    ...exchange(source, at, operation),
  }
  return ['up_pro_accept', columns, source.materials]
}

const events: Partial<Record<Stage['kind'], [string, string]>> = {
  prereviewed: ['08', '预审'],
  accepted: ['01', '受理'],
  refused: ['02', '不予受理'],
  'supplement-requested': ['03', '补正告知'],
  'supplement-received': ['04', '补正受理'],
  handled: ['05', '承办'],
  reviewed: ['06', '审核'],
  approved: ['07', '审批'],
}

const agreeOf = (stage: Stage): string => {
  if ('agrees' in stage) return stage.agrees ? '1' : '0'
  return stage.kind === 'prereviewed' ? (stage.passes ? '1' : '0') : ''
}

const processEntry = (source: DepartmentCase, stage: Stage, [code, name]: [string, string]): CivilEntry => {
  const explain = 'opinion' in stage ? stage.opinion : 'reason' in stage ? stage.reason : ''
  const times = { event_start_time: beijing(stage.at), event_end_time: beijing(stage.at) }
  const columns = {
    row_guid: guid(`${source.no}/process/${code}/${source.stages.indexOf(stage)}`),
    project_no: source.no,
    task_code: source.item.code,
    process_name: name,
    event_name: code,
    event_agree: agreeOf(stage),
    handle_user_name: stage.by,
    handle_explain: explain,
    ...times,
    ...exchange(source, seenAt(stage)),
  }
  return ['up_pro_process', columns, 'list' in stage ? [stage.list] : []]
}

const specialEntry = (source: DepartmentCase, stage: Extract<Stage, { kind: 'special-started' }>): CivilEntry => {
  const end = source.stages.find((one) => one.kind === 'special-ended' && one.seq === stage.seq)
  const ended = end?.kind === 'special-ended' ? { end_time: beijing(end.at), result: end.result } : { end_time: '', result: '' }
  const columns = {
    row_guid: guid(`${source.no}/special/${stage.seq}`),
    project_no: source.no,
    task_code: source.item.code,
    special_type: stage.special === 'extension' ? '1' : '2',
    special_name: specialNames[stage.special],
    special_time: beijing(stage.at),
    special_reason: stage.reason,
    applyer_user_name: stage.by,
    ...ended,
    special_explain: '',
    handle_user: stage.by,
    ...exchange(source, end ? seenAt(end) : seenAt(stage)),
  }
  return ['up_pro_special_procedure', columns]
}

const resultEntry = (source: DepartmentCase, stage: Extract<Stage, { kind: 'closed' | 'refused' }>): CivilEntry[] => {
  const type = closing[stage.kind === 'refused' ? 'refused' : stage.outcome]
  if (type === undefined) return []
  const certificate = stage.kind === 'closed' ? stage.certificate : undefined
  const collected = source.stages.find((one) => one.kind === 'collected')
  const evaluated = source.stages.find((one) => one.kind === 'evaluated')
  const columns = {
    row_guid: guid(`${source.no}/result`),
    project_no: source.no,
    task_code: source.item.code,
    handle_user_name: stage.by,
    result_date: beijing(stage.at),
    result_type: type,
    result_cetr_name: certificate?.name ?? '',
    result_cetr_no: certificate?.no ?? '',
    result_explain: stage.reason || '无',
    org_name: source.org.name,
    is_delivery_results: collected ? (collected.how === 'post' ? '1' : '0') : '',
    satisfaction: evaluated ? String(evaluated.score) : '',
    ...exchange(source, seenAt(stage)),
  }
  return [['up_pro_result', columns]]
}

const entriesOfStage = (source: DepartmentCase, stage: Stage): CivilEntry[] => {
  const event = events[stage.kind]
  const process = event ? [processEntry(source, stage, event)] : []
  if (stage.kind === 'special-started') return [specialEntry(source, stage)]
  if (stage.kind === 'closed' || stage.kind === 'refused') return [...process, ...resultEntry(source, stage)]
  return process
}

const acceptedOf = ({ stages }: DepartmentCase): Accepted | undefined => stages.find((stage) => stage.kind === 'accepted')

/**
 * The rows of a case as they are first exchanged. The row of acceptance comes when it is written: at the reception while nothing is decided,
 * then again as corrected by the acceptance; or once, when both are one visit.
 */
export const civilEntries = (source: DepartmentCase): CivilEntry[] => {
  const accepted = acceptedOf(source)
  const stages = asWrittenDown(source.stages)
  const isOneVisit = stages[0] === accepted
  if (accepted === undefined || isOneVisit || accepted.recordedAt !== undefined) {
    const accept = acceptEntry(source, { at: accepted ? seenAt(accepted) : source.receivedAt, operation: 'I', accepted })
    const rows = stages.flatMap((stage) => entriesOfStage(source, stage))
    return accepted?.recordedAt === undefined ? [accept, ...rows] : [...rows, accept]
  }
  return [
    acceptEntry(source, { at: source.receivedAt, operation: 'I', accepted: undefined }),
    ...stages.flatMap((stage) => [
      ...(stage === accepted ? [acceptEntry(source, { at: stage.at, operation: 'U', accepted })] : []),
      ...entriesOfStage(source, stage),
    ]),
  ]
}

/** What is exchanged later: a correction, a deletion. */
export const laterEntries = (source: DepartmentCase): CivilEntry[] => {
  const { correction, stages } = source
  const accepted = acceptedOf(source)
  const deleted = stages.find((stage) => stage.kind === 'closed' && stage.outcome === 'deleted')
  return [
    ...(correction ? [acceptEntry(source, { ...correction, operation: 'U', accepted })] : []),
    ...(deleted ? [acceptEntry(source, { at: deleted.at, operation: 'D', accepted })] : []),
  ]
}

/** What the higher platform sends back: the row that did not pass, when, and why. */
export const rejectedEntries = (source: DepartmentCase): CivilEntry[] => {
  const { rejection } = source
  if (!rejection) return []
  const accepted = acceptedOf(source)
  const [, columns] = acceptEntry(source, { at: accepted ? seenAt(accepted) : source.receivedAt, operation: 'I', accepted })
  return [['up_pro_accept_unqbak', { ...columns, recordtime: beijing(rejection.at), error_msg: rejection.text }]]
}
