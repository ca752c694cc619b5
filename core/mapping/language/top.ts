/** What stands at the top of a mapping. */
import { construct, type Family } from './construct.ts'

/** What counts as absent where a mapping does not say. */
export const defaultPlaceholders = ['无', '暂无', '没有', '空', 'null', 'NULL', '-', '--', '—', '－', '/', '／']

const receiptNo = 'receiptNo: HZH'

export const standardParts = {
  name: construct('标准的名称', 'The name of the standard', {
    mapping: 'standard: { name: EX_GDBS }',
    result: { message: { '/type': 'application.received' } },
  }),
  version: construct('标准的版本；写成文字', 'Its version, as text', {
    mapping: 'standard: { name: EX_GDBS, version: "2016" }',
    result: { message: { '/type': 'application.received' } },
  }),
} satisfies Family

export const ignoreParts = {
  when: construct('符合此条件的记录忽略，见“条件”', 'Records for which this holds are ignored; see conditions', {
    mapping: 'ignore:\n  - { when: { path: TEST, equals: "1" }, reason: 测试办件 }',
    record: { TEST: '1' },
    result: { ignored: '测试办件' },
  }),
  reason: construct('理由，必填；账簿里可查', 'Why; mandatory, and told in the books', {
    mapping: 'ignore:\n  - when: { path: TEST, equals: "1" }\n    because: reason 写错了',
    result: { refused: 'CONFIG_KEY_UNKNOWN' },
  }),
} satisfies Family

const textElement = (name: string, occurs = ''): string => `<xs:element name="${name}" type="xs:string"${occurs}/>`

const exampleSchema = `<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">
  <xs:element name="SQ"><xs:complexType><xs:sequence>
    ${['NO', 'AT', 'NAME'].map((name) => textElement(name)).join('\n    ')}
    ${textElement('ZY', ' minOccurs="0"')}
    <xs:element name="CL" minOccurs="0" maxOccurs="unbounded"><xs:complexType><xs:sequence>
      ${textElement('MC')}
    </xs:sequence></xs:complexType></xs:element>
  </xs:sequence></xs:complexType></xs:element>
</xs:schema>
`

const files = { 'sq.xsd': exampleSchema }
const schemaLine = 'schema: { file: sq.xsd, records: SQ }'

export const schemaParts = {
  file: construct(
    '本文件夹中的 XSD，或 types 里含有模式的 WSDL；它 include、import 的文件也放在这里',
    'An XSD of the same folder, or a WSDL whose types hold schemas; what it includes or imports is there, too',
    { mapping: schemaLine, files, result: { message: { '/type': 'application.received' } } },
    {
      about: { zh: '文件不在文件夹里', en: 'there is no such file' },
      mapping: 'schema: { file: other.xsd, records: SQ }',
      files,
      result: { refused: 'MAPPING_INVALID' },
    },
  ),
  records: construct(
    '从顶层元素到一条记录的路径；以 * 结尾则各元素自成数据流',
    'The path from the outermost element to a record; with * at its end each element is a stream of its own',
    { mapping: 'schema: { file: sq.xsd, records: "*" }', files, result: { message: { '/type': 'application.received' } } },
    {
      about: { zh: '模式里没有这个元素', en: 'an element that the schema does not have' },
      mapping: 'schema: { file: sq.xsd, records: SQS/SQ }',
      files,
      result: { refused: 'MAPPING_INVALID' },
    },
  ),
  stream: construct(
    '这样的记录属于哪个数据流；不写则为记录的元素名',
    'The stream that such records belong to; the name of their element by default',
    {
      mapping: 'schema: { file: sq.xsd, records: SQ, stream: apply }',
      files,
      result: { message: { '/type': 'application.received' } },
    },
  ),
} satisfies Family

/** The keys at the top, in the order in which a mistake is compared with them. */
export const topLevel = {
  names: construct(
    '单个名称是哪种路径的简写，? 处为该名称',
    'The path that a plain name is short for, with ? in place of the name',
    {
      mapping: "names: Field[@FieldName='?']",
      content: receiptNo,
      record: [
        '<Field FieldName="NO">A-2</Field><Field FieldName="AT">2026-03-03</Field>',
        '<Field FieldName="NAME">云远山</Field><Field FieldName="HZH">H-1</Field>',
      ].join(''),
      result: { message: { '/case/sourceCaseNo': 'A-2', '/content/receiptNo': 'H-1' } },
    },
    { mapping: 'names: Field', result: { refused: 'MAPPING_INVALID' } },
  ),
  summary: construct('给人看的说明', 'What it is, for people', {
    mapping: 'summary: 行政审批系统的申请',
    result: { message: { '/type': 'application.received' } },
  }),
  standard: construct('来源所用标准，写入每条消息的 source', 'The standard of the source, said in the source of each message', {
    mapping: 'standard: { name: EA_JC, version: "2020" }',
    result: { message: { '/type': 'application.received' } },
  }),
  zone: construct(
    '来源时间所在时区；不写为 "+08:00"。消息里一律为北京时间',
    'The zone of times that have none; "+08:00" by default. Messages are on the clock of Beijing',
    {
      mapping: 'zone: "Z"',
      content: 'receivedAt: { from: AT, date: yyyy-MM-dd HH:mm:ss }',
      record: { AT: '2026-03-02 01:30:00' },
      result: { message: { '/content/receivedAt': '2026-03-02T09:30:00+08:00' } },
    },
  ),
  onFailure: construct(
    '某一步做不了时怎么办；字段可另行规定',
    'What to do when a step cannot do its work; a field may say otherwise',
    {
      mapping: 'onFailure: flag',
      content: 'promisedDueAt: { from: CNRQ, date: yyyyMMdd }',
      record: { CNRQ: '近期' },
      result: { message: { '/content/promisedDueAt': null, '/flags/0/code': 'invalid' } },
    },
  ),
  placeholders: construct(
    `视为缺失并打标记的文字；不写则为：${defaultPlaceholders.join('、')}`,
    `Texts that count as absent and are flagged; by default: ${defaultPlaceholders.join(' ')}`,
    {
      about: { zh: '内置的一组', en: 'by default' },
      content: receiptNo,
      record: { HZH: '暂无' },
      result: { message: { '/content/receiptNo': null, '/flags/0/code': 'placeholder', '/flags/0/found': '暂无' } },
    },
    {
      about: { zh: '自己的一组取代内置的', en: 'a list of one’s own replaces it' },
      mapping: 'placeholders: [不详, 00]',
      content: `${receiptNo}\nsubject: ZY`,
      record: { HZH: '00', ZY: '无' },
      result: { message: { '/content/receiptNo': null, '/flags/0/found': '00', '/content/subject': '无' } },
    },
  ),
  plugin: construct('本文件夹中的 TypeScript，供 call 使用', 'TypeScript of the same folder, for call', {
    mapping: 'plugin: ./own.ts',
    content: 'subject: { from: ZY, call: shout }',
    files: { 'own.ts': "export const shout = (text: string): string => text + '！'\n" },
    record: { ZY: '申请' },
    result: { message: { '/content/subject': '申请！' } },
  }),
  codes: construct('代码表，按名称；见“代码表”', 'Code tables by name; see code tables', {
    mapping: 'codes:\n  channel: { "1": window, "2": online }',
    content: 'channel: { from: LY, codes: channel }',
    record: { LY: '2' },
    result: { message: { '/content/channel': 'online' } },
  }),
  schema: construct(
    'XML 记录的模式：映射所写的每条路径都与它核对，见“模式”。多个数据流写成列表，须写全',
    'The schema of XML records: every path of the mapping is compared with it; see schema. For several streams a list, of all of them',
    {
      mapping: schemaLine,
      content: 'materials: { each: CL, fields: { name: MC } }',
      files,
      record: '<CL><MC>图纸</MC></CL>',
      result: { message: { '/content/materials': [{ name: '图纸' }] } },
    },
    {
      about: { zh: '模式里没有的名称', en: 'a name that the schema does not have' },
      mapping: schemaLine,
      content: 'subject: ZYY',
      files,
      result: { refused: 'MAPPING_PATH_UNKNOWN' },
    },
    {
      about: { zh: '只有下级元素，没有文字', en: 'there are elements inside, and no text' },
      mapping: schemaLine,
      content: 'subject: CL',
      files,
      result: { refused: 'MAPPING_PATH_SHAPE' },
    },
    {
      about: { zh: '可以出现多次，却当作单个值', en: 'there may be several, and one is read' },
      mapping: schemaLine,
      content: 'subject: CL/MC',
      files,
      result: { warned: 'MAPPING_PATH_SHAPE' },
    },
  ),
  case: construct('办件：必填，见“办件”', 'The case: mandatory, see case', {
    mapping: 'case: { sourceCaseNo: NO, itemCode: SX }',
    record: { SX: '0100' },
    result: { message: { '/case/sourceCaseNo': 'A-1', '/case/itemCode': '0100' } },
  }),
  dataVersion: construct(
    '来源自己计数的版本；不写则由网关计数',
    'The version that the source counts by itself; else the gateway counts',
    {
      mapping: 'dataVersion: { from: BB, number: true }',
      record: { BB: '3' },
      result: { message: { '/dataVersion': 3 } },
    },
  ),
  recordedAt: construct(
    '各事件的登记时间，从记录顶层读；事件自己写了的除外',
    'When the source recorded it, for all events that do not say it themselves',
    {
      mapping: 'recordedAt: { from: GXSJ, date: yyyy-MM-dd HH:mm:ss }',
      record: { GXSJ: '2026-03-02 09:31:00' },
      result: { message: { '/recordedAt': '2026-03-02T09:31:00+08:00' } },
    },
  ),
  events: construct(
    '一条记录给出的事件：必填，见“事件”',
    'The events that a record gives: mandatory, see events',
    {
      mapping: [
        'events:',
        '  - type: application.received',
        '    content: { receivedAt: { from: AT, date: yyyy-MM-dd }, applicant: { name: NAME } }',
        '  - type: acceptance.decided',
        '    when: { path: SLSJ, present: true }',
        '    content:',
        '      decision: { from: SLJG, codes: decision }',
        '      decidedAt: { from: SLSJ, date: yyyy-MM-dd }',
        'codes:',
        '  decision: { "1": accepted }',
      ].join('\n'),
      record: { SLSJ: '2026-03-05', SLJG: '1' },
      result: { messages: [{ '/type': 'application.received' }, { '/type': 'acceptance.decided' }] },
    },
    {
      about: { zh: '没有事件适用，也没有规则忽略', en: 'no event applies, and no rule ignores it' },
      mapping:
        'events:\n  - type: application.received\n    when: { path: $stream, equals: OTHER }\n    content: { receivedAt: { from: AT, date: yyyy-MM-dd }, applicant: { name: NAME } }',
      result: { quarantined: 'EVENT_UNMAPPED' },
    },
  ),
  ignore: construct(
    '确应忽略的记录，先于事件检查',
    'Records that are rightly ignored; looked at before the events',
    {
      mapping: 'ignore:\n  - { when: { path: $stream, equals: ZD }, reason: 字典表 }',
      stream: 'ZD',
      result: { ignored: '字典表' },
    },
    {
      about: { zh: '须为列表', en: 'it must be a list' },
      mapping: 'ignore: { when: { path: $stream, equals: ZD }, reason: 字典表 }',
      result: { refused: 'MAPPING_INVALID' },
    },
  ),
} satisfies Family
