/** What turns the text that was read into the value of a field: a function of the plug-in, then at most one of the others. */
import { construct, type Family } from './construct.ts'

export const steps = {
  codes: construct(
    '查代码表；查不到即失败，绝不猜。代码字段必须写，见“用代码表”',
    'Looks up a code; one that is not in the table fails, and is never guessed. Mandatory for codes; see use of a code table',
    {
      mapping: 'codes:\n  kind: { "1": natural, "2": enterprise }',
      content: 'applicant: { name: NAME, kind: { from: LX, codes: kind } }',
      record: { LX: '2' },
      result: { message: { '/content/applicant/kind': 'enterprise' } },
    },
    {
      mapping: 'codes:\n  kind: { "1": natural, "2": enterprise }',
      content: 'applicant: { name: NAME, kind: { from: LX, codes: kind } }',
      record: { LX: '7' },
      result: { quarantined: 'CODE_UNKNOWN', field: '/content/applicant/kind' },
    },
    {
      about: { zh: '值为 true/false 或整数', en: 'values that are true, false or whole numbers' },
      mapping: 'codes:\n  yes: { "1": true, "0": false }\n  days: { A: 5, B: 20 }\n  unit: { G: working_day }',
      content:
        'materials: { each: CL, fields: { name: MC, verifiedAgainstPaper: { from: HD, codes: yes } } }\npromisedLimit: { amount: { from: DJ, codes: days }, unit: { from: DW, codes: unit } }',
      record: { DJ: 'B', DW: 'G', CL: [{ MC: '图纸', HD: '1' }] },
      result: { message: { '/content/materials/0/verifiedAgainstPaper': true, '/content/promisedLimit/amount': 20 } },
    },
    {
      about: { zh: '代码字段没有写 codes', en: 'a code without codes' },
      content: 'channel: LY',
      result: { refused: 'MAPPING_INVALID' },
    },
  ),
  date: construct(
    '时间：一个格式，或依次尝试的几个；时间字段必须写。几个格式读法不同即失败。只有日期就只送日期，见“日期格式”',
    'A time: a format, or several that are tried in order; mandatory for times. What two of them read differently fails. A date without a time stays a date; see formats of dates',
    {
      content: 'promisedDueAt: { from: CNRQ, date: [yyyy-MM-dd HH:mm:ss, yyyyMMdd] }',
      record: { CNRQ: '20260312' },
      result: { message: { '/content/promisedDueAt': '2026-03-12' } },
    },
    {
      about: { zh: '没有这一天', en: 'there is no such day' },
      content: 'promisedDueAt: { from: CNRQ, date: yyyyMMdd }',
      record: { CNRQ: '20260230' },
      result: { quarantined: 'DATE_INVALID', field: '/content/promisedDueAt' },
    },
    {
      about: { zh: '两个格式读出不同的日子', en: 'two formats read different days' },
      content: 'promisedDueAt: { from: CNRQ, date: [yyyyMMdd, ddMMyyyy] }',
      record: { CNRQ: '10121012' },
      result: { quarantined: 'DATE_AMBIGUOUS', field: '/content/promisedDueAt' },
    },
    {
      about: { zh: '只是次序不同的格式', en: 'formats that differ only in their order' },
      content: 'promisedDueAt: { from: CNRQ, date: [MM/dd/yyyy, dd/MM/yyyy] }',
      result: { refused: 'MAPPING_INVALID' },
    },
  ),
  number: construct(
    'true：十进制数；整数字段须为整数。会改变数字的即失败',
    'true: a decimal number; a whole one where the field wants it. One that cannot be sent with the same digits fails',
    {
      content: 'materials: { each: CL, fields: { name: MC, count: { from: FS, number: true } } }',
      record: { CL: [{ MC: '图纸', FS: '003' }] },
      result: { message: { '/content/materials/0/count': 3 } },
    },
    {
      content: 'materials: { each: CL, fields: { name: MC, count: { from: FS, number: true } } }',
      record: { CL: [{ MC: '图纸', FS: '两份' }] },
      result: { quarantined: 'VALUE_INVALID', field: '/content/materials/0/count' },
    },
    {
      content: 'materials: { each: CL, fields: { name: MC, count: { from: FS, number: false } } }',
      result: { refused: 'MAPPING_INVALID' },
    },
  ),
  pattern: construct(
    '须整体匹配这一正则表达式，值不变',
    'Must match this regular expression as a whole; the value stays',
    {
      content: "receiptNo: { from: HZH, pattern: 'H\\d+' }",
      record: { HZH: 'H15' },
      result: { message: { '/content/receiptNo': 'H15' } },
    },
    {
      content: "receiptNo: { from: HZH, pattern: 'H\\d+' }",
      record: { HZH: '口头' },
      result: { quarantined: 'VALUE_INVALID', field: '/content/receiptNo' },
    },
  ),
  call: construct(
    '插件函数 `(值, 记录) => 值`，没有值时返回 undefined；在 codes、date、number、pattern 之前',
    'A function of the plug-in, `(value, record) => value`; undefined for none. It comes before codes, date, number or pattern',
    {
      mapping: 'plugin: ./own.ts',
      content: 'applicant: { name: { from: XING, call: fullName } }',
      files: {
        'own.ts':
          "type Row = { text(path: string): string | undefined }\nexport const fullName = (surname: string, record: Row): string => surname + (record.text('MING') ?? '')\n",
      },
      record: { XING: '云', MING: '远山' },
      result: { message: { '/content/applicant/name': '云远山' } },
    },
    {
      about: {
        zh: '另一步读函数得出的文字；时间字段总要写 date',
        en: 'another step reads what the function makes; a time needs date in any case',
      },
      mapping: 'plugin: ./own.ts',
      content: 'promisedDueAt: { from: CNRQ, call: day, date: yyyy年M月d日 }',
      files: { 'own.ts': "export const day = (text: string): string => text.replace('二〇二六', '2026')\n" },
      record: { CNRQ: '二〇二六年3月6日' },
      result: { message: { '/content/promisedDueAt': '2026-03-06' } },
    },
    {
      mapping: 'plugin: ./own.ts',
      content: 'promisedDueAt: { from: CNRQ, call: same }',
      files: { 'own.ts': 'export const same = (text: string): string => text\n' },
      result: { refused: 'MAPPING_INVALID' },
    },
  ),
} satisfies Family

/** `pattern: { not: … }`. */
export const patternParts = {
  not: construct('不得整体匹配', 'Must not match as a whole', {
    content: "receiptNo: { from: HZH, pattern: { not: '\\d{17}[\\dXx]' }, onFailure: flag }",
    record: { HZH: '150900188803020011' },
    result: { message: { '/content/receiptNo': null, '/flags/0/code': 'invalid' } },
  }),
} satisfies Family
