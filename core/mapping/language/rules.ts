/** How a field takes its value: one value, a constant, a list, or an object of fields. */
import { construct, type Family } from './construct.ts'

/** Where one value is read. */
export const readings = {
  from: construct(
    '从哪里读；只写路径时可省略成一个文字。去掉首尾空白',
    'Where from; a bare text is the same. White space around it is taken off',
    { content: 'subject: { from: ZY }', record: { ZY: ' 砍伐许可 ' }, result: { message: { '/content/subject': '砍伐许可' } } },
    { content: 'subject: ZY', record: { ZY: '砍伐许可' }, result: { message: { '/content/subject': '砍伐许可' } } },
    {
      about: { zh: '法律事实不得以一处充两个', en: 'one place must not serve two legal facts' },
      content: 'promisedDueAt: { from: AT, date: yyyy-MM-dd }',
      result: { refused: 'MAPPING_INVALID' },
    },
  ),
  expression: construct('用 JSONata 把几处文字拼成一个值，见“表达式”', 'Puts one value together by JSONata; see expressions', {
    content: `subject: { expression: "$text('ZY') & '（' & $text('DD') & '）'" }`,
    record: { ZY: '砍伐', DD: '三号林场' },
    result: { message: { '/content/subject': '砍伐（三号林场）' } },
  }),
} satisfies Family

/** What is done with a value that is not there, or that its step cannot read. */
export const demands = {
  required: construct(
    'true：没有值即失败；不写为缺失',
    'true: no value is a failure; else the field is absent',
    {
      content: 'receiptNo: { from: HZH, required: true }',
      result: { quarantined: 'VALUE_MISSING', field: '/content/receiptNo' },
    },
    { content: 'receiptNo: HZH', result: { message: { '/content/receiptNo': null } } },
    { content: 'receiptNo: { from: HZH, required: yes }', result: { refused: 'MAPPING_INVALID' } },
  ),
  onFailure: construct('此字段失败时怎么办，见下', 'What a failure of this field leads to, as below', {
    content: 'receiptNo: { from: HZH, required: true, onFailure: flag }',
    result: { message: { '/content/receiptNo': null, '/flags/0': { path: '/content/receiptNo', code: 'missing' } } },
  }),
} satisfies Family

export const failureWays = {
  quarantine: construct('隔离整条记录；不写即此', 'The record is quarantined; so by default', {
    content: 'promisedDueAt: { from: CNRQ, date: yyyyMMdd, onFailure: quarantine }',
    record: { CNRQ: '2026' },
    result: { quarantined: 'DATE_INVALID', field: '/content/promisedDueAt' },
  }),
  flag: construct('该字段缺失并打标记，其余照送', 'The field is absent and flagged, all else is sent', {
    content: 'promisedDueAt: { from: CNRQ, date: yyyyMMdd, onFailure: flag }',
    record: { CNRQ: '2026' },
    result: { message: { '/content/promisedDueAt': null, '/flags/0': { path: '/content/promisedDueAt', code: 'invalid' } } },
  }),
} satisfies Family

export const constantParts = {
  constant: construct(
    '常量；法律事实字段不允许',
    'A constant; refused for legal facts',
    {
      content:
        'promisedLimit:\n  amount: { from: CNTS, number: true }\n  unit: { from: CNDW, codes: unit }\n  basis: { constant: promise }',
      mapping: 'codes:\n  unit: { G: working_day }',
      record: { CNTS: '10', CNDW: 'G' },
      result: { message: { '/content/promisedLimit': { amount: 10, unit: 'working_day', basis: 'promise' } } },
    },
    { content: 'channel: { constant: online }', result: { refused: 'MAPPING_INVALID' } },
  ),
} satisfies Family

export const listParts = {
  each: construct('列表的各项在哪里；一项也是列表，没有则缺失', 'Where the entries are; one is a list, too, and none is absent', {
    content: 'materials: { each: CL, fields: { name: MC } }',
    record: { CL: { MC: '图纸' } },
    result: { message: { '/content/materials': [{ name: '图纸' }] } },
  }),
  fields: construct('每一项是含有字段的对象；路径从该项算起', 'Each entry is an object of fields; paths begin at the entry', {
    content: 'materials: { each: CL, fields: { name: MC, count: { from: FS, number: true } } }',
    record: { CL: [{ MC: '图纸', FS: '2' }, { MC: '合同' }] },
    result: { message: { '/content/materials': [{ name: '图纸', count: 2 }, { name: '合同' }] } },
  }),
  value: construct('每一项是单个值', 'Each entry is a single value', {
    content: 'project: { relatedCases: { each: GL, value: . } }',
    record: { GL: ['B-1', 'B-2'] },
    result: { message: { '/content/project/relatedCases': ['B-1', 'B-2'] } },
  }),
} satisfies Family

export const objectForms = {
  object: construct(
    '规范中是对象的字段：键即其字段，各写规则；全无值则缺失',
    'A field that is an object: its keys are fields with rules of their own; absent when none has a value',
    {
      content: 'contact: { name: LXR, mobile: LXDH }',
      record: { LXR: '云近水' },
      result: { message: { '/content/contact': { name: '云近水' } } },
    },
    { content: 'contact: { name: LXR, mobile: LXDH }', result: { message: { '/content/contact': null } } },
  ),
} satisfies Family
