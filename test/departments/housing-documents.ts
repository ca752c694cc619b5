/** What the housing bureau writes of a case: EX_GDBS stage documents, one for each stage, with the field names of the standard. */
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

export const housing = createOrganisation('11150900PDY00001XA', '乌兰察布市住房和城乡建设局', '000117', [
  '建筑工程施工许可证核发',
  '商品房预售许可',
  '燃气经营许可证核发',
  '城镇污水排入排水管网许可',
])

export const housingOutcomes: Outcome[] = [
  'denied',
  'refused',
  'done',
  'no-supplement',
  'voided',
  'forwarded',
  'deleted',
  'withdrawn',
  'returned',
]

export interface HousingDocument {
  id: string
  xml: string
}

type Fields = Record<string, string>

const escaped = (text: string): string => text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;')

const fieldsOf = (fields: Fields): string =>
  Object.entries(fields)
    .map(([name, value]) => `<Field FieldName="${name}">${escaped(value)}</Field>`)
    .join('')

const document = (process: string, id: string, fields: Fields, more = ''): HousingDocument => ({
  id,
  xml: `<ExInfo><standardInfo process="${process}" id="${id}">${fieldsOf(fields)}</standardInfo>${more}</ExInfo>`,
})

const closing: Partial<Record<Outcome, string>> = {
  granted: '0',
  denied: '1',
  withdrawn: '1',
  voided: '2',
  deleted: '3',
  forwarded: '4',
  'no-supplement': '5',
  done: '6',
}

const steps = { handled: ['1', '承办', '科员'], reviewed: ['2', '审核', '科长'], approved: ['3', '批准', '局长'] } as const

const specialNames: Record<SpecialKind, string> = {
  extension: '延长审批',
  hearing: '听证',
  publicity: '公示',
  verification: '核实',
  expert: '专家评审',
  testing: '检测',
}

type Written<Kind extends Stage['kind']> = Extract<Stage, { kind: Kind }>

const admission = (
  { org, region, no }: DepartmentCase,
  stage: Written<'prereviewed' | 'accepted' | 'refused'>,
): [string, Fields] => {
  const by = { BLRXM: stage.by, BLRGH: 'W0001', BSLYY: stage.reason }
  if (stage.kind === 'prereviewed') {
    const decision = { YSLZTDM: stage.passes ? '1' : '2', BJBZSM: '', YSLSJ: beijing(stage.at), YSLJTDD: '政务服务大厅' }
    return ['WSYSL', { YSLBMMC: org.name, YSLBMZZJGDM: org.creditCode, ...by, ...decision }]
  }
  const accepted = stage.kind === 'accepted'
  const decision = { SLZTDM: accepted ? '1' : '2', SLHZH: accepted ? `S${no}` : '', SLSJ: beijing(stage.at) }
  return ['SL', { SLBMMC: org.name, SLBMZZJDDM: org.creditCode, ...by, ...decision, GXDXZQHDM: region.code }]
}

const opinion = ({ org }: DepartmentCase, stage: Written<'handled' | 'reviewed' | 'approved'>): [string, Fields] => {
  const [code, name, post] = steps[stage.kind]
  const place = { SPHJDM: code, SPHJMC: name, SPBMMC: org.name, SPBMZZJDMD: org.creditCode }
  const by = { SPRXM: stage.by, SPRZWDM: `0${code}`, SPRZWMC: post }
  return ['SPCL', { ...place, ...by, SPYJ: stage.opinion, SPHJZTDM: stage.agrees ? '1' : '0', SPSJ: beijing(stage.at) }]
}

const supplement = (
  { org }: DepartmentCase,
  stage: Written<'supplement-requested' | 'supplement-received'>,
): [string, Fields] => {
  const time = beijing(stage.at)
  if (stage.kind === 'supplement-requested' && stage.atPrereview) {
    const decision = { YSLZTDM: '3', BSLYY: '', BJBZSM: stage.reason, YSLSJ: time, YSLJTDD: '政务服务大厅' }
    return ['WSYSL', { YSLBMMC: org.name, YSLBMZZJGDM: org.creditCode, BLRXM: stage.by, BLRGH: 'W0001', ...decision }]
  }
  const common = { XH: String(stage.seq), BJCLQD: stage.list }
  return stage.kind === 'supplement-requested'
    ? ['BJGZ', { ...common, BJGZFCRXM: stage.by, BJGZYY: stage.reason, BJGZSJ: time, BZSX: '5' }]
    : ['BJSL', { ...common, BJSLBLRXM: stage.by, BJSJ: time, BJSLJTDD: '政务服务大厅' }]
}

const special = (stage: Written<'special-started' | 'special-ended'>): [string, Fields] => {
  if (stage.kind === 'special-ended') {
    const result = { TBCXJG: stage.result, JGCSRQ: beijing(stage.at).slice(0, 10), TBCXJSRQ: beijing(stage.at) }
    return ['TBCXJG', { XH: String(stage.seq), ...result, TBCXSFJE: '0', JEDWDM: '1' }]
  }
  const kind = { TBCXZL: stage.special === 'extension' ? 'A' : 'B', TBCXZLMC: specialNames[stage.special] }
  const why = { TBCXPZR: stage.by, TBCXQDLY: stage.reason, SQNR: `申请启动${specialNames[stage.special]}` }
  const limit = { TBCXSX: String(stage.days), TBCXSXDW: 'G' }
  return ['TBCXSQ', { XH: String(stage.seq), ...kind, TBCXKSRQ: beijing(stage.at), ...why, ...limit }]
}

const ending = ({ org, applicant }: DepartmentCase, stage: Written<'closed' | 'collected'>): [string, Fields] => {
  if (stage.kind === 'collected') {
    const who = {
      LQRXM: stage.who,
      LQRZJLX: applicant.kind === 'person' ? '111' : '',
      LQRSFZJHM: applicant.kind === 'person' ? applicant.id : '',
    }
    return ['LQDJ', { ...who, LQFS: stage.how === 'window' ? '1' : '2', LQSJ: beijing(stage.at) }]
  }
  const { certificate } = stage
  return [
    'BJ',
    {
      BJBMMC: org.name,
      BJJGDM: closing[stage.outcome] ?? '',
      BJJGMS: stage.reason || '办结',
      ZFHTHYY: stage.reason,
      ZJGZMC: certificate?.name ?? '',
      ZJBH: certificate?.no ?? '',
      ZJYXQX: certificate ? '三年' : '',
      FZGZDW: certificate ? org.name : '',
      SFJE: '0',
      JEDWDM: '1',
      BJSJ: beijing(stage.at),
    },
  ]
}

/** The process and fields of a stage; undefined for what this family has no document for. */
const written = (source: DepartmentCase, stage: Stage): [string, Fields] | undefined => {
  switch (stage.kind) {
    case 'prereviewed':
    case 'accepted':
    case 'refused':
      return admission(source, stage)
    case 'handled':
    case 'reviewed':
    case 'approved':
      return opinion(source, stage)
    case 'supplement-requested':
    case 'supplement-received':
      return supplement(source, stage)
    case 'special-started':
    case 'special-ended':
      return special(stage)
    case 'closed':
    case 'collected':
      return ending(source, stage)
    case 'evaluated':
      return undefined
  }
}

/** What tells two documents of one process apart. */
const suffixOf = (stage: Stage): string => {
  if ('seq' in stage) return `-${stage.seq}`
  return stage.kind === 'handled' || stage.kind === 'reviewed' || stage.kind === 'approved' ? `-${steps[stage.kind][0]}` : ''
}

const stageDocument = (source: DepartmentCase, stage: Stage): HousingDocument[] => {
  const found = written(source, stage)
  if (found === undefined) return []
  const [process, fields] = found
  const common = { SBLSH: source.no, YWLSH: `Y${source.no}`, SXBM: source.item.code }
  const ledger = { VERSION: '1', INSERTTIME: beijing(seenAt(stage)) }
  return [document(`EX_GDBS_${process}`, `${source.no}-${process}${suffixOf(stage)}`, { ...common, ...fields, ...ledger })]
}

const form = (source: DepartmentCase): string =>
  `<ItemInfo FormCode="BD${source.item.basic}" FormVersion="1">` +
  `<Field FieldName="JSDD" Label="建设地点">${source.region.name}</Field><Field FieldName="JSGM" Label="建设规模">1200 平方米</Field></ItemInfo>`

const attachment = (source: DepartmentCase, name: string, index: number): string => {
  const kind = source.channel === 'window' ? { WJLX: '0', CLLX: '1' } : { WJLX: '1', CLLX: '2' }
  const file = { ATTACH_NAME: `${source.no}-${index + 1}.pdf`, ATTACH_PATH: `/sbcl/${source.no}/${index + 1}`, SAVE_TYPE: '1' }
  const fields = { CLBM: `CL${index + 1}`, CLMC: name, ...kind, CLFS: '1', ...file }
  return `<File><standardInfo process="EX_GDBS_SBCL">${fieldsOf(fields)}</standardInfo></File>`
}

const application = (source: DepartmentCase, version: 1 | 2): HousingDocument => {
  const { item, applicant, correction } = source
  const isPerson = applicant.kind === 'person'
  const fields: Fields = {
    SBLSH: source.no,
    SXBM: item.code,
    SXMC: item.name,
    FSXBM: `${item.code}01`,
    FSXMC: `${item.name}（首次）`,
    SQRLX: source.bad === 'unknown-code' ? '8' : isPerson ? '1' : '2',
    SQRMC: applicant.name,
    SQRZJLX: isPerson ? '111' : '001',
    SQRZJHM: applicant.id,
    LXRXM: source.contact,
    LXRZJLX: isPerson ? '111' : '',
    LXRSFZJHM: isPerson ? applicant.id : '',
    LXRSJ: source.phone,
    LXRYX: 'shili@example.com',
    SBXMMC: version === 2 && correction ? correction.title : source.title,
    SBCLQD: source.materials.join(';'),
    TJFS: source.channel === 'window' ? '0' : '1',
    SBHZH: `H${source.no}`,
    SBSJ: source.bad === 'impossible-date' ? '2026-02-30 10:00:00' : beijing(source.receivedAt),
    SBJTWD: '政务服务大厅',
    XZQHDM: source.region.code,
    SBBMZZJGDM: source.org.creditCode,
    YSBLSH: '',
    PROJECT_CODE: '',
    WSSBQD: { window: '', online: '0', mobile: '1' }[source.channel],
    BZ: source.address,
    VERSION: String(version),
    INSERTTIME: beijing(version === 2 && correction ? correction.at : source.receivedAt),
  }
  const more = `${form(source)}<ExFile>${source.materials.map((name, index) => attachment(source, name, index)).join('')}</ExFile>`
  return document('EX_GDBS_SB', `${source.no}-SB${version === 2 ? '-2' : ''}`, fields, more)
}

/** The documents of one case, its reception first. */
export const housingDocuments = (source: DepartmentCase): HousingDocument[] => [
  application(source, 1),
  ...asWrittenDown(source.stages).flatMap((stage) => stageDocument(source, stage)),
  ...(source.correction ? [application(source, 2)] : []),
]
