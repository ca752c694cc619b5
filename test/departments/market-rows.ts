/** What the market supervision bureau's front-end database holds of a case: the EA_JC tables, one row for each stage. */
import {
  asWrittenDown,
  beijing,
  createOrganisation,
  type DepartmentCase,
  instantOf,
  type Outcome,
  type Stage,
  seenAt,
} from './department-case.ts'

export const market = createOrganisation('11150900PDY000028A', '乌兰察布市市场监督管理局', '000131', [
  '食品生产许可',
  '特种设备使用登记',
  '计量标准器具核准',
  '食品经营许可变更',
])

export const marketOutcomes: Outcome[] = [
  'denied',
  'refused',
  'no-supplement',
  'withdrawn',
  'voided',
  'forwarded',
  'deleted',
  'done',
]

const same = 'ORGBUSNO TEXT NOT NULL, PROJID TEXT NOT NULL, DATAVER INTEGER NOT NULL DEFAULT 1'
const exchange =
  'REGION_ID TEXT, OCCURTIME TEXT, MAKETIME TEXT NOT NULL, SIGNSTATE TEXT DEFAULT 0, EXT1 TEXT, EXT2 TEXT, EXT3 TEXT, EXT4 TEXT'
const done = 'EXITRES TEXT, PUBLISHER TEXT, ISFEE TEXT, FEE TEXT, FEESTANDARD TEXT, FEESTANDACCORD TEXT, PAYPERSON TEXT'
const node =
  'SN INTEGER NOT NULL, NODENAME TEXT, NODEPROCER TEXT, NODEPROCERNAME TEXT, PROCUNIT TEXT, PROCUNITNAME TEXT, NODERESULT TEXT, ' +
  'NODESTARTTIME TEXT, NODEENDTIME TEXT, NODEADV TEXT'

/** The columns of each table, in SQL that SQLite and PostgreSQL both understand. */
export const marketTables = {
  EA_JC_STEP_BASICINFO:
    `${same}, STDVER TEXT, PROJPWD TEXT, ITEMNO TEXT, SUBITEMNO TEXT, ITEMNAME TEXT, SUBITEMNAME TEXT, PROJECTNAME TEXT, APPLICANT TEXT, ` +
    'APPLICANTMOBILE TEXT, APPLICANTTEL TEXT, APPLICANTEMAIL TEXT, ACCEPTLIST TEXT, ACCEPTDEPTID TEXT, ACCEPTDEPTNAME TEXT, APPROVALTYPE TEXT, ' +
    'PROMISETIMELIMIT INTEGER, PROMISETIMEUNIT TEXT, TIMELIMIT INTEGER, TIMEUNIT TEXT, SUBMIT TEXT, TRANSACTOR TEXT, PROJECTCODE TEXT, ' +
    `SYSMARK TEXT, CDOPERATION TEXT, COUCATALOGCODE TEXT, COUTASKCODE TEXT, TASKHANDLEITEM TEXT, PROMISEDATE TEXT, SOURCEID TEXT, ${exchange}, ` +
    'PRIMARY KEY (ORGBUSNO, PROJID, DATAVER)',
  EA_JC_PRE_FORM_FILE:
    'ORGBUSNO TEXT NOT NULL, FILESN INTEGER NOT NULL, FILENO TEXT, FILENAME TEXT, FILEFORM TEXT, FILECOUNT INTEGER, ATTACHNAME TEXT, ' +
    'FILESIZE INTEGER, PRIMARY KEY (ORGBUSNO, FILESN)',
  EA_JC_STEP_SPECIALNODE: `${same}, ${node}, NODEPROCACCORD TEXT, LISTS TEXT, NOTETIME TEXT, ${exchange}, PRIMARY KEY (ORGBUSNO, PROJID, DATAVER, SN)`,
  EA_JC_STEP_PROC:
    `${same}, STDVER TEXT, ${node}, NODECODE TEXT, NODETYPE TEXT NOT NULL, NODEPROCERAREA TEXT, NODESTATE TEXT NOT NULL, TIMELIMIT INTEGER, ` +
    `PROMISETIMEUNIT TEXT, NOTICE TEXT, ${exchange}, PRIMARY KEY (ORGBUSNO, PROJID, DATAVER, SN, NODESTATE)`,
  EA_JC_STEP_DONE_OLD: `${same}, STDVER TEXT, DONERESULT TEXT NOT NULL, ${done}, CERTIFICATENAM TEXT, CERTIFICATENO TEXT, CERTIFICATELIMIT TEXT, ${exchange}, PRIMARY KEY (ORGBUSNO, PROJID, DATAVER)`,
  EA_JC_STEP_DONE:
    `${same}, DONERESULT TEXT NOT NULL, ${done}, APPROVALNUMBER TEXT, APPROVALLIMIT TEXT, CARDTYPE INTEGER, RESULTCETRNAME TEXT, ` +
    `ISDELIVERYRESULTS TEXT, SATISFACTION TEXT, ${exchange}, PRIMARY KEY (ORGBUSNO, PROJID, DATAVER)`,
  EA_JC_SERVEVAL: `${same}, SN INTEGER NOT NULL, SATISFACTION TEXT, EVALCONTENT TEXT, ${exchange}, PRIMARY KEY (ORGBUSNO, PROJID, DATAVER, SN)`,
} as const

export type MarketTable = keyof typeof marketTables
export type MarketRow = Record<string, string | number | null>

/** The codes of DONERESULT: in the 2020 edition 5 stands for both endings without a decision and 6 for a refusal. */
const closing2020: Partial<Record<Outcome, string>> = {
  granted: '0',
  denied: '1',
  voided: '2',
  deleted: '3',
  forwarded: '4',
  'no-supplement': '5',
  withdrawn: '5',
  refused: '6',
}
const closingOld: Partial<Record<Outcome, string>> = { ...closing2020, withdrawn: '1', refused: '1', done: '6' }

/** From this day on the codes are those of 2020, whatever the table. */
const edition2020 = instantOf('2021-01-01 00:00:00')

/** One window still works with the old edition and says so in STDVER. */
const usesOldEdition = ({ item, org }: DepartmentCase): boolean => item === org.items[1]

/** What the rows of every table begin with; `writtenAt` is when this one was written. */
const keyOf = ({ no, region }: DepartmentCase, at: number, writtenAt = at): MarketRow => ({
  ORGBUSNO: no,
  PROJID: `15${no.slice(-20)}`,
  DATAVER: 1,
  REGION_ID: `${region.code}000000`,
  OCCURTIME: beijing(at),
  MAKETIME: beijing(writtenAt),
})

const unitOf = ({ org }: DepartmentCase): MarketRow => ({ PROCUNIT: org.creditCode.slice(8, 17), PROCUNITNAME: org.name })

const applicationRow = (source: DepartmentCase): MarketRow => ({
  ...keyOf(source, source.receivedAt),
  ...(source.bad === 'impossible-date' && { OCCURTIME: '2026-02-30 10:00:00' }),
  STDVER: usesOldEdition(source) ? '2012' : '2020',
  PROJPWD: '000000',
  ITEMNO: source.item.code,
  SUBITEMNO: `${source.item.code}01`,
  ITEMNAME: source.item.name,
  SUBITEMNAME: `${source.item.name}（首次）`,
  PROJECTNAME: source.title,
  APPLICANT: source.applicant.name,
  APPLICANTMOBILE: null,
  APPLICANTTEL: source.phone,
  APPLICANTEMAIL: 'shili@example.com',
  ACCEPTLIST: source.materials.join(';'),
  ACCEPTDEPTID: source.org.creditCode,
  ACCEPTDEPTNAME: source.org.name,
  APPROVALTYPE: source.bad === 'unknown-code' ? '8' : source.item.kind === 'instant' ? '1' : '2',
  PROMISETIMELIMIT: source.item.days,
  PROMISETIMEUNIT: '1',
  TIMELIMIT: source.item.days * 2,
  TIMEUNIT: 'G',
  SUBMIT: { window: '0', online: '1', mobile: '8' }[source.channel],
  TRANSACTOR: source.contact,
  PROJECTCODE: null,
  CDOPERATION: 'I',
  COUCATALOGCODE: `${source.item.basic}00`,
  COUTASKCODE: source.item.code,
  TASKHANDLEITEM: `${source.item.code}01`,
  PROMISEDATE: beijing(source.receivedAt + source.item.days * 86_400_000).slice(0, 10),
})

const steps = { handled: ['CB', '承办', '2'], reviewed: ['SH', '审核', '2'], approved: ['PZ', '批准', '3'] } as const
const numbers = { accepted: 1, refused: 1, handled: 2, reviewed: 3, approved: 4 } as const
const specials: Record<string, [string, string]> = {
  hearing: ['2', '听证'],
  publicity: ['3', '公示'],
  verification: ['4', '核实'],
  extension: ['5', '挂起'],
  expert: ['5', '挂起'],
  testing: ['5', '挂起'],
}

type Written<Kind extends Stage['kind']> = Extract<Stage, { kind: Kind }>

const nodeRows = (source: DepartmentCase, stage: Written<'accepted' | 'refused' | 'handled' | 'reviewed' | 'approved'>) => {
  const [code, name, type] =
    stage.kind === 'accepted' || stage.kind === 'refused'
      ? (['SL', '受理', stage.kind === 'accepted' ? '1' : '4'] as const)
      : steps[stage.kind]
  const result = stage.kind === 'accepted' ? '4' : stage.kind === 'refused' ? '3' : stage.agrees ? '1' : '0'
  const startedAt = beijing(stage.at - 600_000)
  const row: MarketRow = {
    ...keyOf(source, stage.at, seenAt(stage)),
    ...unitOf(source),
    STDVER: '2020',
    SN: numbers[stage.kind],
    NODENAME: name,
    NODECODE: code,
    NODETYPE: type,
    NODEPROCER: `W${String(numbers[stage.kind]).padStart(4, '0')}`,
    NODEPROCERNAME: stage.by,
    NODEPROCERAREA: source.region.code,
    NODESTATE: '02',
    NODESTARTTIME: startedAt,
    NODEENDTIME: beijing(stage.at),
    NODEADV: 'opinion' in stage ? stage.opinion : stage.reason || '材料齐全，准予受理',
    TIMELIMIT: 3,
    PROMISETIMEUNIT: '1',
    NODERESULT: result,
    NOTICE: stage.kind === 'accepted' ? '准予受理通知书已送达' : null,
  }
  if (stage.kind !== 'handled') return [row]
  // The standard wants the start where there is no end yet.
  const pending = { ...row, NODESTATE: '01', NODEENDTIME: startedAt, NODEADV: null, NODERESULT: null, MAKETIME: startedAt }
  return [pending, row]
}

/** A supplement or special procedure is one row from its beginning on; when it ends, the row is reported anew with the next data version. */
const specialRow = (source: DepartmentCase, stage: Written<'supplement-requested' | 'special-started'>): MarketRow => {
  const ends = stage.kind === 'special-started' ? 'special-ended' : 'supplement-received'
  const end = source.stages.find((one) => one.kind === ends && 'seq' in one && one.seq === stage.seq)
  const [result, name] =
    stage.kind === 'special-started' ? specials[stage.special]! : stage.atPrereview ? ['6', '预审补齐补正'] : ['1', '补齐补正']
  return {
    ...keyOf(source, stage.at, end ? seenAt(end) : seenAt(stage)),
    ...unitOf(source),
    SN: stage.kind === 'special-started' ? 50 + stage.seq : stage.seq,
    NODENAME: name!,
    NODEPROCER: 'W0009',
    NODEPROCERNAME: stage.by,
    NODERESULT: result!,
    NODESTARTTIME: beijing(stage.at),
    NODEENDTIME: end ? beijing(end.at) : null,
    NODEADV: stage.reason,
    NODEPROCACCORD: stage.kind === 'special-started' ? '《行政许可法》第四十五条' : null,
    LISTS: 'list' in stage ? stage.list : null,
    NOTETIME: beijing(stage.at),
  }
}

const doneRow = (source: DepartmentCase, stage: Written<'closed' | 'refused'>): [MarketTable, MarketRow] => {
  const outcome = stage.kind === 'refused' ? 'refused' : stage.outcome
  const certificate = stage.kind === 'closed' ? stage.certificate : undefined
  const isOld = usesOldEdition(source) || outcome === 'done'
  const row: MarketRow = {
    ...keyOf(source, stage.at, seenAt(stage)),
    DONERESULT: (isOld || stage.at < edition2020 ? closingOld : closing2020)[outcome] ?? '',
    EXITRES: (isOld && outcome === 'denied' ? `${stage.reason}，不予许可` : stage.reason) || null,
    PUBLISHER: certificate ? source.org.name : null,
    ISFEE: '0',
    FEE: '0',
  }
  const validity = certificate ? '五年' : null
  const [name, number] = [certificate?.name ?? null, certificate?.no ?? null]
  if (isOld) {
    const old = { STDVER: '2012', CERTIFICATENAM: name, CERTIFICATENO: number, CERTIFICATELIMIT: validity }
    return ['EA_JC_STEP_DONE_OLD', { ...row, ...old }]
  }
  const isPosted = source.stages.some((one) => one.kind === 'collected' && one.how === 'post')
  const now = { RESULTCETRNAME: name, APPROVALNUMBER: number, APPROVALLIMIT: validity, ISDELIVERYRESULTS: isPosted ? '1' : '0' }
  return ['EA_JC_STEP_DONE', { ...row, ...now, CARDTYPE: certificate ? 10 : 99, SATISFACTION: null }]
}

const rowsOf = (source: DepartmentCase, stage: Stage): [MarketTable, MarketRow][] => {
  switch (stage.kind) {
    // This family has no table of preliminary review but that of its supplements, and none of collection.
    case 'prereviewed':
    case 'collected':
    case 'supplement-received':
    case 'special-ended':
      return []
    case 'supplement-requested':
    case 'special-started':
      return [['EA_JC_STEP_SPECIALNODE', specialRow(source, stage)]]
    case 'closed':
      return [doneRow(source, stage)]
    case 'evaluated': {
      const row = { SN: 1, SATISFACTION: String(stage.score), EVALCONTENT: stage.comment }
      return [['EA_JC_SERVEVAL', { ...keyOf(source, stage.at), ...row }]]
    }
    case 'refused':
      return [...nodeRows(source, stage).map((row): [MarketTable, MarketRow] => ['EA_JC_STEP_PROC', row]), doneRow(source, stage)]
    default:
      return nodeRows(source, stage).map((row) => ['EA_JC_STEP_PROC', row])
  }
}

/** Every row of a case, in the order in which they are written. */
export const marketRows = (source: DepartmentCase): [MarketTable, MarketRow][] => {
  const application = applicationRow(source)
  const materials = source.materials.map((name, index): [MarketTable, MarketRow] => [
    'EA_JC_PRE_FORM_FILE',
    {
      ORGBUSNO: source.no,
      FILESN: index + 1,
      FILENO: `CL${index + 1}`,
      FILENAME: name,
      FILEFORM: source.channel === 'window' ? '1' : '2',
      FILECOUNT: 1,
      ATTACHNAME: `${source.no}-${index + 1}.pdf`,
      FILESIZE: 20_480,
    },
  ])
  const { correction } = source
  const corrected: MarketRow = {
    ...application,
    DATAVER: 2,
    CDOPERATION: 'U',
    PROJECTNAME: correction?.title ?? null,
    MAKETIME: beijing(correction?.at ?? 0),
  }
  return [
    ...materials,
    ['EA_JC_STEP_BASICINFO', application],
    ...asWrittenDown(source.stages).flatMap((stage) => rowsOf(source, stage)),
    ...(correction ? [['EA_JC_STEP_BASICINFO', corrected] as [MarketTable, MarketRow]] : []),
  ]
}
