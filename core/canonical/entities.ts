/** The parts that canonical messages are made of. Lengths follow GB/T 39046-2020 where it names one. */
import { as, code, day, entity, many, moment, money, shaped, text, whole, yesNo } from './fields.ts'

export const idNumber = text('证件号码', 'Number of the identity document (GB/T 39046: an..18)', 18, {
  personal: 'identity',
  legalFact: true,
  identifier: 'id-number',
})
const idType = code('idType', '证件类型', 'Type of the identity document', { legalFact: true })
const mobile = text('手机号码', 'Mobile telephone', 30, { personal: 'contact' })
const phone = text('固定电话', 'Telephone', 30, { personal: 'contact' })
const email = text('电子邮箱', 'Electronic mail address', 100, { personal: 'contact' })
const address = text('地址', 'Postal address', 1000, { personal: 'address' })
const usc = text('统一社会信用代码', 'Unified social credit code (GB 32100)', 18, { legalFact: true, identifier: 'uscc' })
const regionCode = shaped(
  '行政区划代码：6、9 或 12 位数字（GB/T 2260）',
  'Region code, 6, 9 or 12 digits (GB/T 2260)',
  '^\\d{6}(\\d{3}){0,2}$',
  {
    identifier: 'region',
  },
)

/** Text that says why; mandatory by law for every negative outcome. */
export const reason = text('理由', 'Reason', 2000, { legalFact: true, personal: 'free-text' })
export const opinion = text('办理意见', 'Opinion', 2000, { legalFact: true, personal: 'free-text' })
export const documentNo = text('文书编号', 'Number of the notice or letter issued', 50, { legalFact: true })
export const sealedAt = moment('签章时间', 'When it was sealed')

export const person = entity(
  {},
  {
    name: text('姓名', 'Name', 100, { personal: 'name', legalFact: true, matchKey: true }),
    idType,
    idNumber,
    mobile,
    phone,
    email,
  },
  { minProperties: 1 },
)

export const applicant = entity(
  { name: text('申请人名称', 'Name of the applicant', 200, { personal: 'name', legalFact: true, matchKey: true }) },
  {
    kind: code('applicantKind', '申请人类型', 'Kind of applicant', { legalFact: true }),
    idType,
    idNumber,
    legalRepresentative: text('法定代表人', 'Legal representative', 100, { personal: 'name', legalFact: true, matchKey: true }),
    mobile,
    phone,
    email,
    postcode: text('邮政编码', 'Postcode', 6, { personal: 'address' }),
    address,
  },
)

export const org = entity(
  {},
  {
    code: usc,
    legacyCode: text('组织机构代码', 'Organisation code (GB 11714)', 10, { legalFact: true, identifier: 'organisation' }),
    name: text('机构名称', 'Name of the authority', 200, { legalFact: true, matchKey: true }),
    region: regionCode,
    level: code('orgLevel', '机构层级', 'Level of the authority'),
  },
  { minProperties: 1 },
)

export const actor = entity(
  {},
  {
    id: text('工号：原系统中的人员编号', 'Staff number in the source system', 50, { legalFact: true, personal: 'identity' }),
    name: text('办理人姓名', 'Name of the official', 50, { personal: 'name', legalFact: true, matchKey: true }),
    post: text('职务', 'Post', 100, { legalFact: true }),
  },
  { minProperties: 1 },
)

export const timeLimit = entity(
  {
    amount: whole('时限', 'Amount of time', 0, 100000, { legalFact: true }),
    unit: code('timeUnit', '时限单位', 'Unit of time', { legalFact: true }),
  },
  { basis: code('limitBasis', '时限依据', 'Basis of the limit') },
)

/** A file is never inside a message: it travels by reference and digest. */
export const material = entity(
  { name: text('材料名称', 'Name of the material', 200) },
  {
    code: text('材料编码', 'Code of the material', 100),
    form: code('materialForm', '材料形式', 'Form of the material', { legalFact: true }),
    copyKind: code('copyKind', '原件或复印件', 'Original or copy', { legalFact: true }),
    count: whole('份数', 'Number of copies', 0, 10000),
    fileName: text('文件名', 'File name', 255, { personal: 'free-text' }),
    mediaType: text('文件类型', 'Media type', 127),
    size: whole('文件大小：字节', 'Size in bytes', 0, Number.MAX_SAFE_INTEGER),
    digest: shaped(
      '文件摘要：SHA-256，sha256: 加 64 位小写十六进制数',
      'SHA-256 of the file, sha256: and 64 hexadecimal digits in lower case',
      '^sha256:[0-9a-f]{64}$',
    ),
    reference: text('文件引用', 'Where the file is fetched', 1000),
    verifiedAgainstPaper: yesNo('已与纸质原件核对', 'Compared with the paper original', { legalFact: true }),
  },
)

/** A material that is asked for: it need not exist yet. */
export const wanted = entity(
  { name: text('应补材料名称', 'Name of the material asked for', 200, { legalFact: true }) },
  {
    code: text('材料编码', 'Code of the material', 100),
    requirement: text('补正要求', 'What is to be corrected', 1000, { legalFact: true, personal: 'free-text' }),
  },
)

export const evidence = entity(
  { purpose: code('sealPurpose', '签章用途', 'Purpose of the seal', { legalFact: true }) },
  {
    form: code('sealForm', '签章数据形式', 'Form of the seal'),
    algorithm: text('签名算法', 'Signature algorithm', 100),
    certificateSerial: text('证书序列号', 'Serial number of the certificate', 100, { legalFact: true }),
    signer: text('签章人', 'Who sealed it', 200, { personal: 'name', legalFact: true, matchKey: true }),
    sealedAt,
    digest: shaped(
      '签章数据摘要：SHA-256，sha256: 加 64 位小写十六进制数',
      'SHA-256 of the sealed data, sha256: and 64 hexadecimal digits in lower case',
      '^sha256:[0-9a-f]{64}$',
    ),
    reference: text('签章数据引用', 'Where the sealed data is fetched', 1000),
    verdict: code('sealVerdict', '核验结论', 'Verdict', { legalFact: true }),
    checkedAt: moment('核验时间', 'When it was checked'),
  },
)

export const resultDocument = entity(
  { type: code('documentType', '结果文书类型', 'Type of document', { legalFact: true }) },
  {
    name: text('证照名称', 'Name of the document', 200, { legalFact: true }),
    number: text('证照编号', 'Number of the document (GB/T 39046: an..50)', 50, { legalFact: true }),
    issuer: as('发证机关', 'Issuing authority', org),
    issuedAt: moment('发证时间', 'When it was issued'),
    validFrom: day('有效期起', 'Valid from'),
    validTo: day('有效期止', 'Valid to'),
    validity: text('有效期限：原文', 'Validity as written (GB/T 39046: an..30)', 30, { legalFact: true }),
    digest: shaped(
      '电子文书摘要：SHA-256，sha256: 加 64 位小写十六进制数',
      'SHA-256 of the electronic document, sha256: and 64 hexadecimal digits in lower case',
      '^sha256:[0-9a-f]{64}$',
    ),
    reference: text('电子文书引用', 'Where the electronic document is fetched', 1000),
  },
)

export const fee = entity(
  { charged: yesNo('是否收费', 'Whether a fee was charged', { legalFact: true }) },
  {
    amount: money('收费金额：元', 'Amount in yuan'),
    standard: text('收费标准', 'Tariff', 500),
    basis: text('收费依据', 'Legal basis of the fee', 500),
  },
)

export const delivery = entity(
  { way: code('deliveryWay', '送达方式', 'Way of delivery', { legalFact: true }) },
  {
    recipient: text('收件人', 'Recipient', 100, { personal: 'name', matchKey: true }),
    mobile,
    address,
    trackingNo: text('快递单号', 'Tracking number', 50, { personal: 'contact' }),
  },
)

/** What the source itself wrote, kept beside a code that could not be translated without loss. */
export const originalCode = entity(
  { value: text('原代码值', 'Code as the source wrote it', 100) },
  {
    meaning: text('原代码含义', 'Meaning as the source wrote it', 200),
    table: text('原代码表', 'Code table of the source', 100),
  },
)

/** The paper that is still owed after an approval on commitment; `paper.filed` ends it. */
export const paperObligation = entity(
  {},
  { dueAt: moment('纸质材料报送期限', 'When the paper is due'), materials: many('应报送纸质材料', 'Paper still owed', wanted) },
  { minProperties: 1 },
)

export const project = entity(
  {},
  {
    code: text('投资项目代码', 'Code of the investment project', 24, { legalFact: true, identifier: 'project' }),
    name: text('项目名称', 'Name of the project', 500),
    phase: text('项目阶段', 'Phase of the project', 100),
    relatedCases: many('关联办件编号', 'Numbers of related cases', text('办件编号', 'Case number', 100)),
  },
  { minProperties: 1 },
)

/** The item beyond its code in the case key: catalogues number it in several ways, and systems keep more than one of them. */
export const item = entity(
  {},
  {
    basicCode: text('基本编码', 'Basic code (GB/T 39046: an..10; 12 in national tables)', 20, { legalFact: true }),
    implementationCode: text('实施编码', 'Implementation code, where the case key holds another', 36, { legalFact: true }),
    handlingItemCode: text('业务办理项编码', 'Code of the handling item below it', 50, { legalFact: true }),
    handlingItemName: text('业务办理项名称', 'Name of the handling item', 1000, { legalFact: true }),
    catalogueVersion: text('事项版本', 'Version of the catalogue entry', 20, { legalFact: true }),
  },
  { minProperties: 1 },
)

/** The one form of which each department sees its part (一表制). */
export const oneForm = entity(
  { code: text('表单编码', 'Code of the form', 100) },
  {
    version: text('表单版本', 'Version of the form', 50),
    fields: many(
      '表单字段',
      'Fields of the form',
      entity(
        { name: text('字段名', 'Name of the field', 100) },
        {
          label: text('字段标签', 'Label of the field', 200),
          value: text('字段值', 'Value of the field', 4000, { personal: 'free-text', legalFact: true }),
        },
      ),
    ),
    targets: many(
      '目标事项',
      'Items the form applies for',
      entity(
        { itemCode: text('事项编码', 'Item code', 36) },
        { itemName: text('事项名称', 'Item name', 500), caseNo: text('子办件编号', 'Case number of the child', 100) },
      ),
    ),
  },
)

export const participant = entity(
  { org: as('联审部门', 'Department taking part', org) },
  {
    itemCode: text('事项编码', 'Item code', 36),
    dueAt: moment('反馈期限', 'When its opinion is due'),
    decision: code('reviewDecision', '联审意见结论', 'Its decision', { legalFact: true }),
    givenAt: moment('反馈时间', 'When it was given'),
    timedOut: yesNo('逾期未反馈', 'Its opinion did not come in time', { legalFact: true }),
  },
)

/** Who handled a node, when, with what opinion: what every stage of every event family holds. */
export const handling = {
  nodeName: text('环节名称', 'Name of the node (GB/T 39046: an..100)', 100),
  nodeCode: text('环节编码', 'Code of the node', 100),
  nodeKind: code('nodeKind', '节点类型', 'Kind of node'),
  actor: as('办理人', 'Responsible official', actor),
  org: as('办理机构', 'Authority that handled it', org),
  startedAt: moment('环节开始时间', 'When the node started'),
  endedAt: moment('环节结束时间', 'When the node ended'),
  stageLimit: as('环节时限', 'Time limit of the stage', timeLimit),
  opinion,
  noticeText: text('告知内容', 'What the applicant is told', 2000, { legalFact: true, personal: 'free-text' }),
  documentNo,
  evidence: many('签章证据', 'Seals and signatures', evidence),
}

/** What is known of the case as a whole when it is received; `case.amended` corrects it. */
export const caseFacts = {
  kind: code('caseKind', '办件类型', 'Kind of case', { legalFact: true }),
  channel: code('channel', '申报来源', 'Channel of application', { legalFact: true }),
  subject: text('办理摘要', 'What the case is about', 1000, { personal: 'free-text' }),
  agent: as('代理人', 'Agent', person),
  contact: as('联系人', 'Contact', person),
  receivingOrg: as('接收机构', 'Authority that received it', org),
  handlingOrg: as('承办机构', 'Authority in charge', org),
  issuingOrg: as('发证机构', 'Authority that will issue the result', org),
  region: regionCode,
  statutoryLimit: as('法定时限', 'Time limit by law', timeLimit),
  promisedLimit: as('承诺时限', 'Promised time limit', timeLimit),
  promisedDueAt: moment('承诺办结时间', 'When it was promised to be decided'),
  receiptNo: text('申办回执号', 'Number of the receipt given to the applicant', 50, { legalFact: true }),
  item: as('事项', 'Item', item),
  previousCaseNo: text('原申办流水号：重新申报时', 'Number of the case that this one applies for again', 100, {
    legalFact: true,
  }),
  materials: many('申报材料', 'Materials', material),
  project: as('投资项目', 'Investment project', project),
  form: as('一表制表单', 'The one form', oneForm),
  paperObligation: as('纸质材料报送义务', 'Paper that is still owed', paperObligation),
}
