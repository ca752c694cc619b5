/** 民政: a folder of GB 18030 XML files in the manner of UP_PRO, one file for each case, renamed when complete. */
import { createHash } from 'node:crypto'
import { mkdirSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { encodeText } from '../../core/contract.ts'
import { beijing, createOrganisation, type DepartmentCase, type Outcome, type Stage } from './cases.ts'

export const civil = createOrganisation('11150900PDY0000365', '乌兰察布市民政局', '000111', [
  '社会团体成立登记',
  '养老机构备案',
  '公募资格审定',
  '地名信息查询',
])

export const civilOutcomes: Outcome[] = ['denied', 'refused', 'terminated', 'withdrawn']

/** A dialect of its own: 6 is the good ending. */
const closing: Partial<Record<Outcome, string>> = { refused: '1', terminated: '2', withdrawn: '3', granted: '6', denied: '7' }

const events: Partial<Record<Stage['kind'], [string, string]>> = {
  accepted: ['01', '受理'],
  refused: ['02', '不予受理'],
  'supplement-requested': ['03', '补正告知'],
  'supplement-received': ['04', '补正受理'],
  handled: ['05', '承办'],
  reviewed: ['06', '审核'],
  approved: ['07', '审批'],
}

type Entry = [element: string, columns: Record<string, string>]

const escaped = (text: string): string => text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;')

const write = ([element, columns]: Entry): string =>
  `<${element}>${Object.entries(columns)
    .map(([name, value]) => (value === '' ? `<${name}/>` : `<${name}>${escaped(value)}</${name}>`))
    .join('')}</${element}>`

const guid = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 32)

const entriesOf = (source: DepartmentCase): Entry[] => {
  const { no, org, item, applicant } = source
  const isPerson = applicant.kind === 'person'
  const accepted = source.stages.find((stage) => stage.kind === 'accepted')
  const lastAt = source.stages.at(-1)?.at ?? source.receivedAt
  const exchange = { cd_operation: 'I', cd_time: beijing(lastAt), cd_batch: no.slice(0, 14), data_source: 'p15' }
  const closed = source.stages.find((stage) => stage.kind === 'closed')
  const refused = source.stages.find((stage) => stage.kind === 'refused')
  const collected = source.stages.some((stage) => stage.kind === 'collected')

  const accept: Entry = [
    'up_pro_accept',
    {
      row_guid: guid(`${no}/accept`),
      project_no: no,
      catalog_code: `${item.basic}00`,
      task_code: item.code,
      task_name: item.name,
      task_version: '1',
      applyer_name: applicant.name,
      applyer_type: source.bad === 'unknown-code' ? '8' : isPerson ? '1' : '2',
      applyer_page_type: isPerson ? '111' : '001',
      applyer_page_code: applicant.id,
      apply_date: source.bad === 'impossible-date' ? '2026-02-30 10:00:00' : beijing(source.receivedAt),
      apply_type: { window: '1', online: '2', mobile: '3' }[source.channel],
      contact_name: source.contact,
      contact_mobile: source.phone,
      address: source.address,
      org_name: org.name,
      org_code: org.creditCode,
      region_code: `${source.region.code}000000`,
      handle_user_name: accepted ? accepted.by : '',
      accept_date: accepted ? beijing(accepted.at) : '',
      accept_doc_no: accepted ? `S${no}` : '',
      project_name: source.title,
      project_type: item.kind === 'instant' ? '1' : '2',
      ...exchange,
    },
  ]
  const processes = source.stages.flatMap((stage, index): Entry[] => {
    const event = events[stage.kind]
    if (!event || stage.kind === 'closed' || stage.kind === 'collected') return []
    const explain = 'opinion' in stage ? stage.opinion : stage.reason
    return [
      [
        'up_pro_process',
        {
          row_guid: guid(`${no}/process/${index}`),
          project_no: no,
          task_code: item.code,
          process_name: event[1],
          event_name: event[0],
          event_agree: 'agrees' in stage ? (stage.agrees ? '1' : '0') : '',
          handle_user_name: stage.by,
          handle_explain: explain,
          material_list: 'list' in stage ? stage.list : '',
          event_start_time: beijing(stage.at),
          event_end_time: beijing(stage.at),
          ...exchange,
        },
      ],
    ]
  })
  const last = closed ?? refused
  if (!last) return [accept, ...processes]
  const outcome = last.kind === 'closed' ? last.outcome : 'refused'
  const certificate = last.kind === 'closed' ? last.certificate : undefined
  const result: Entry = [
    'up_pro_result',
    {
      row_guid: guid(`${no}/result`),
      project_no: no,
      task_code: item.code,
      handle_user_name: last.kind === 'refused' ? last.by : '',
      result_date: beijing(last.at),
      result_type: closing[outcome] ?? '',
      result_cetr_name: certificate?.name ?? '',
      result_cetr_no: certificate?.no ?? '',
      result_explain: last.reason || '无',
      org_name: org.name,
      is_delivery_results: collected ? '1' : '0',
      ...exchange,
    },
  ]
  return [accept, ...processes, result]
}

export type CivilFault = 'garbage' | 'half' | 'charset'

export const openCivil = (folder: string) => {
  mkdirSync(folder, { recursive: true })
  const putFile = (name: string, bytes: Uint8Array): void => {
    const path = join(folder, name)
    writeFileSync(`${path}.tmp`, bytes)
    renameSync(`${path}.tmp`, path)
  }
  const textOf = (source: DepartmentCase, label: string): string =>
    `<?xml version="1.0" encoding="${label}"?>\n<Records>\n${entriesOf(source).map(write).join('\n')}\n</Records>\n`
  const nameOf = (source: DepartmentCase): string =>
    `MZ_${beijing(source.receivedAt).replace(/\D/g, '')}_${source.no.slice(-7)}.xml`

  return {
    folder,
    putFile,
    add: (source: DepartmentCase): void => putFile(nameOf(source), encodeText(textOf(source, 'GB18030'), 'gb18030')),
    /** A file of this case that is no XML, breaks off, or is labelled with another charset than its own. */
    addBroken: (source: DepartmentCase, fault: CivilFault): void => {
      const bytes = encodeText(textOf(source, fault === 'charset' ? 'UTF-8' : 'GB18030'), 'gb18030')
      const broken = { garbage: Buffer.from('ERROR 1045 没有数据'), half: bytes.subarray(0, bytes.length / 2), charset: bytes }
      putFile(nameOf(source), broken[fault])
    },
  }
}
