/**
 * What a careful programmer would write for one department in place of a gateway: the same canonical messages, byte for byte but
 * for the time of reading and the version of the mapping, from code that knows its columns.
 */
import { hash } from 'node:crypto'
import { compileInParts, schemaOf } from '../../core/canonical/index.ts'

export type Fields = Record<string, string | null | undefined>

export interface HandMessage {
  id: string
  lane: string
  body: string
}

export interface Origin {
  system: string
  department: string
  departmentName: string
  region: string
  adapter: string
  mapping: string
  standard: string
  standardVersion: string
}

/** Pointers of the fields whose text is not the source's own; those that are absent are left out. */
interface Origins {
  mapped: string[]
  normalised: string[]
}

const present = (fields: [pointer: string, value: unknown][]): string[] =>
  fields.filter(([, value]) => text(value as string | undefined) !== undefined).map(([pointer]) => pointer)

interface Facts {
  case: {
    businessNo: string | undefined
    itemCode: string | undefined
    itemName: string | undefined
    projectCode?: string | undefined
    sourceCaseNo: string
  }
  content: Record<string, unknown>
  occurredAt: string
  recordedAt: string | undefined
}

const validate = compileInParts(schemaOf('application.received'))

const text = (value: string | null | undefined): string | undefined => value?.trim() || undefined

const needed = (value: string | null | undefined, name: string): string => {
  const found = text(value)
  if (found === undefined) throw new Error(`${name} is missing`)
  return found
}

const coded = (table: Record<string, string>, value: string | null | undefined): string | undefined => {
  const code = text(value)
  if (code === undefined) return undefined
  const found = table[code]
  if (found === undefined) throw new Error(`unknown code ${code}`)
  return found
}

const moment = (value: string | null | undefined): string | undefined => {
  const found = text(value)
  if (found === undefined) return undefined
  if (!/^\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}$/.test(found)) throw new Error(`no date: ${found}`)
  return `${found.replace(' ', 'T')}+08:00`
}

/** Throws for a message that breaks its schema. Members are written in the order in which their hash wants them. */
const toMessage = (
  origin: Origin,
  facts: Facts,
  provenance: Origins,
  dataVersionOrigin: 'source' | 'derived' = 'derived',
): HandMessage => {
  const { system, standard, standardVersion, ...rest } = origin
  const { sourceCaseNo } = facts.case
  const id = `${system}:${sourceCaseNo}:application.received:::1`
  const lane = `${system}/${sourceCaseNo}`
  const event = {
    specversion: '1.0',
    id,
    source: `/departments/${origin.department}/systems/${system}`,
    type: 'qianzhi.application.received.v1',
    subject: sourceCaseNo,
    time: facts.occurredAt,
    datacontenttype: 'application/json',
    dataschema: 'urn:qianzhi:schema:application.received:1',
    partitionkey: lane,
    contenthash: hash('sha256', JSON.stringify(facts)),
    data: {
      ...facts,
      dataVersion: 1,
      dataVersionOrigin,
      operation: 'create',
      seenAt: `${new Date(Date.now() + 28_800_000).toISOString().slice(0, -1)}+08:00`,
      source: { system, ...rest, mappingVersion: '0000000000000000', standard, standardVersion },
      flags: [],
      provenance,
    },
  }
  if (!validate(event)) throw new Error(JSON.stringify(validate.errors))
  return { id, lane, body: JSON.stringify(event) }
}

const caseKind = { '1': 'instant', '2': 'promise' }
const counter = { '1': 'window', '2': 'online', '3': 'mobile' }
const applicantKind = { '1': 'natural', '2': 'enterprise' }
const idType = { '111': 'citizen_id', '001': 'unified_social_credit_code' }
const timeUnit = { '1': 'working_day', '2': 'calendar_day' }
const materialForm = { '1': 'paper', '2': 'electronic' }

/** mappings/bench/case.yaml by hand. */
export const caseByHand = (origin: Origin, row: Fields, materials: Fields[] = []): HandMessage => {
  const receivedAt = moment(needed(row.申请时间, '申请时间'))!
  return toMessage(
    origin,
    {
      case: {
        businessNo: text(row.业务流水号),
        itemCode: text(row.事项编码),
        itemName: text(row.事项名称),
        sourceCaseNo: needed(row.办件编号, '办件编号'),
      },
      content: {
        actor: { id: text(row.接收人工号), name: text(row.接收人姓名), post: text(row.接收人职务) },
        agent: { mobile: text(row.代理人手机), name: text(row.代理人姓名) },
        applicant: {
          address: text(row.通信地址),
          idNumber: text(row.证件号码),
          idType: coded(idType, row.证件类型),
          kind: coded(applicantKind, row.申请者类型),
          legalRepresentative: text(row.法定代表人),
          mobile: text(row.手机号码),
          name: needed(row.申请者名称, '申请者名称'),
          postcode: text(row.邮政编码),
        },
        channel: coded(counter, row.申报方式),
        contact: { name: text(row.联系人姓名), phone: text(row.联系人电话) },
        kind: coded(caseKind, row.办件类型),
        materials:
          materials.length === 0
            ? undefined
            : materials.map((material) => ({
                code: text(material.编码),
                count: Number(needed(material.份数, '份数')),
                fileName: text(material.文件名),
                form: coded(materialForm, material.形式),
                name: text(material.名称),
              })),
        promisedLimit: {
          amount: Number(needed(row.承诺时限, '承诺时限')),
          basis: 'promise',
          unit: coded(timeUnit, row.时限单位),
        },
        receiptNo: text(row.回执号),
        receivedAt,
        receivingOrg: { code: text(row.受理机构代码), name: text(row.受理机构名称) },
        region: text(row.行政区划),
        subject: text(row.办理摘要),
      },
      occurredAt: receivedAt,
      recordedAt: moment(row.登记时间),
    },
    {
      mapped: [
        ...present([
          ['/content/applicant/idType', row.证件类型],
          ['/content/applicant/kind', row.申请者类型],
          ['/content/channel', row.申报方式],
          ['/content/kind', row.办件类型],
        ]),
        ...materials.flatMap(({ 形式 }, index) => present([[`/content/materials/${index}/form`, 形式]])),
        ...present([
          ['/content/promisedLimit/basis', row.时限单位],
          ['/content/promisedLimit/unit', row.时限单位],
        ]),
      ],
      normalised: present([
        ['/occurredAt', row.申请时间],
        ['/recordedAt', row.登记时间],
        ['/content/receivedAt', row.申请时间],
      ]),
    },
  )
}

const housingKind = { '1': 'natural', '2': 'enterprise', '3': 'other' }
const housingChannel = { '0': 'window', '1': 'online', '2': 'post' }
const housingForm = { '0': 'paper', '1': 'electronic' }
const housingCopy = { '0': 'original', '1': 'copy', '2': 'e_original' }

/** What the SOAP service gives of one reception, taken apart. */
export interface Reception {
  fields: Fields
  form: { code: string | undefined; version: string | undefined; fields: Fields[] } | undefined
  materials: Fields[]
}

/** The reception document of mappings/housing/permit.yaml by hand. */
export const receptionByHand = (origin: Origin, { fields: field, form, materials }: Reception): HandMessage => {
  const receivedAt = moment(needed(field.SBSJ, 'SBSJ'))!
  const projectCode = text(field.PROJECT_CODE)
  const facts: Facts = {
    case: {
      businessNo: text(field.YWLSH),
      itemCode: text(field.SXBM),
      itemName: text(field.SXMC),
      projectCode,
      sourceCaseNo: needed(field.SBLSH, 'SBLSH'),
    },
    content: {
      applicant: {
        idNumber: text(field.SQRZJHM),
        idType: coded(idType, field.SQRZJLX),
        kind: coded(housingKind, field.SQRLX),
        name: needed(field.SQRMC, 'SQRMC'),
      },
      channel: coded(housingChannel, field.TJFS),
      contact: {
        email: text(field.LXRYX),
        idNumber: text(field.LXRSFZJHM),
        idType: coded(idType, field.LXRZJLX),
        name: text(field.LXRXM),
        phone: text(field.LXRSJ),
      },
      form: form && {
        code: text(form.code),
        fields: form.fields.map(({ label, name, value }) => ({ label: text(label), name: text(name), value: text(value) })),
        version: text(form.version),
      },
      item: { handlingItemCode: text(field.FSXBM), handlingItemName: text(field.FSXMC) },
      materials:
        materials.length === 0
          ? undefined
          : materials.map((material) => ({
              code: text(material.CLBM),
              copyKind: coded(housingCopy, material.CLLX),
              count: Number(needed(material.CLFS, 'CLFS')),
              fileName: text(material.ATTACH_NAME),
              form: coded(housingForm, material.WJLX),
              name: needed(material.CLMC, 'CLMC'),
              reference: text(material.ATTACH_PATH),
            })),
      previousCaseNo: text(field.YSBLSH),
      project: projectCode === undefined ? undefined : { code: projectCode },
      receiptNo: text(field.SBHZH),
      receivedAt,
      receivingOrg: { code: text(field.SBBMZZJGDM) },
      region: text(field.XZQHDM),
      subject: text(field.SBXMMC),
    },
    occurredAt: receivedAt,
    recordedAt: moment(field.INSERTTIME),
  }
  const provenance: Origins = {
    mapped: [
      ...present([
        ['/content/applicant/idType', field.SQRZJLX],
        ['/content/applicant/kind', field.SQRLX],
        ['/content/channel', field.TJFS],
        ['/content/contact/idType', field.LXRZJLX],
      ]),
      ...materials.flatMap((material, index) =>
        present([
          [`/content/materials/${index}/copyKind`, material.CLLX],
          [`/content/materials/${index}/form`, material.WJLX],
        ]),
      ),
    ],
    normalised: present([
      ['/occurredAt', field.SBSJ],
      ['/recordedAt', field.INSERTTIME],
      ['/content/receivedAt', field.SBSJ],
    ]),
  }
  return toMessage(origin, facts, provenance, text(field.VERSION) === undefined ? 'derived' : 'source')
}
