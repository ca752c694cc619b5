/** What a mapping yields (a draft), what the gateway adds to it (a stamp), and the schemas of both. */
import type { EventType } from './events.ts'
import { as, code, entity, many, moment, name, type Static, shaped, text, whole } from './fields.ts'

/** Three numbers of one case are kept apart: legacy systems disagree on who gives which, and when. */
export const caseKeySchema = entity(
  { sourceCaseNo: name('原系统流水号', 'Case number in the source system', 100, { legalFact: true }) },
  {
    platformCaseNo: name('办件编号', 'Case number of the platform (GB/T 39046: an..50)', 50, { legalFact: true }),
    businessNo: name('业务流水号', 'Business number', 100, { legalFact: true }),
    itemCode: name('事项编码', 'Item code: opaque, checked by profile', 36, { legalFact: true }),
    itemName: text('事项名称', 'Item name', 1000),
    projectCode: name('投资项目代码', 'Code of the investment project', 24, { legalFact: true }),
    parentCaseNo: name('主办件编号', 'Case number of the parent of a joint case', 100, { legalFact: true }),
  },
)
export type CaseKey = Static<typeof caseKeySchema>

/** A note on data quality that travels with the message. `found` never holds personal data unmasked. */
export const flagSchema = entity(
  {
    path: text('字段路径', 'Path of the field, JSON Pointer as in /content/applicant/name', 300),
    code: code('flagCode', '标记', 'Flag'),
  },
  { found: text('发现的值', 'Value found, masked where personal', 200), rule: text('规则', 'Rule that set the flag', 100) },
)
export type Flag = Static<typeof flagSchema>

const pointer = text('字段路径', 'Path of the field, JSON Pointer as in /content/applicant/name', 300)

/**
 * How the values of a message came about. What it does not name is as the source has it. It is no part of the content that is hashed: the
 * same facts by another rule are no new version.
 */
export const provenanceSchema = entity(
  {},
  {
    corrected: many(
      '由人员更正的字段',
      'Fields that a person of the department decided in place of what the source says',
      entity({ path: pointer, by: text('更正人', 'Who decided', 100), at: moment('更正时间', 'When it was decided', {}) }, {}),
    ),
    derived: many('由映射推导的字段', 'Fields made by a constant, an expression or a plug-in of the mapping', pointer),
    mapped: many('由代码表得出的字段', 'Fields looked up in a code table of the mapping', pointer),
    normalised: many('改了写法的字段', 'Fields with the same value in another form: white space, dates, numbers', pointer),
    precision: many(
      '来源未给到秒的时间',
      'Times that the source gave without seconds; the seconds they carry here say nothing',
      entity({ path: pointer, unit: code('timePrecision', '精度', 'Precision') }, {}),
    ),
    zone: many(
      '来源自带其他时区的时间',
      'Times that the source gave with an offset of their own, and not on the clock of Beijing',
      entity({ path: pointer, offset: text('来源所写时区', 'Offset as the source wrote it', 6) }, {}),
    ),
  },
)
export type Provenance = Static<typeof provenanceSchema>

export const stage = entity(
  {},
  {
    sequence: name('环节序号', 'Sequence within the case and type', 64),
    state: code('nodeState', '环节办理状态', 'State of the node'),
  },
)

/** Names are sent as received; what two sides compare them by stands beside them. */
export const matchKeySchema = entity({ path: pointer, key: text('比对键', 'Match key', 4000, { personal: 'name' }) }, {})
export type MatchKey = Static<typeof matchKeySchema>

const occurredAt = moment('发生时间', 'When it happened')
const recordedAt = moment('登记时间', 'When the source recorded it')
const dataVersion = whole('数据版本', 'Data version', 1, Number.MAX_SAFE_INTEGER)

/** The members that a draft and the message made of it have in common. */
export const commonMembers = {
  required: { case: as('办件标识', 'Case', caseKeySchema), flags: many('数据质量标记', 'Data quality flags', flagSchema) },
  optional: {
    stage: as('环节', 'Stage', stage),
    occurredAt,
    recordedAt,
    provenance: as('值的来由', 'How the values came about', provenanceSchema),
  },
  dataVersion,
}

export interface MessageDraft {
  type: EventType
  case: CaseKey
  stage?: Static<typeof stage>
  /** Only when the source itself counts versions. */
  dataVersion?: number
  occurredAt?: string
  recordedAt?: string
  content: Record<string, unknown>
  flags: Flag[]
  provenance?: Provenance
}

export const source = entity(
  {
    system: name('来源系统', 'Name of the source system', 64),
    department: shaped(
      '部门：18 位统一社会信用代码',
      'Unified social credit code of the department, 18 characters',
      '^[0-9A-HJ-NPQRTUWXY]{18}$',
    ),
    region: shaped('行政区划：部门的 6 位行政区划代码', 'Region code of the department, 6 digits', '^\\d{6}$'),
    adapter: text('适配器', 'Adapter that read it', 64),
    mapping: text('映射', 'Mapping that translated it', 200),
    mappingVersion: text('映射版本', 'Version of the mapping', 100),
  },
  {
    gateway: shaped('网关：回执发往此名称', 'Gateway that sent it: receipts go there', '^[a-z][a-z0-9-]{0,63}$'),
    departmentName: text('部门名称', 'Name of the department', 200),
    standard: text('数据标准', 'Standard the source follows', 100),
    standardVersion: text('数据标准版本', 'Version of that standard', 50),
  },
)

/** What only the gateway knows. */
export interface Stamp {
  source: Static<typeof source>
  dataVersion: number
  dataVersionOrigin: 'source' | 'derived'
  /** Milliseconds since 1970. */
  seenAt: number
  matchKeys?: MatchKey[] | undefined
  /** The version of the item catalogue that its item was judged by. */
  catalogueVersion?: number | undefined
  /** On the way down: the system of the gateway that it is for. */
  target?: string | undefined
}
