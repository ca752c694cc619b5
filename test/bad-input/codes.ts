import { recordFamily } from './records.ts'

/** Codes of which nobody knows what they mean. */
export const codes = recordFamily('codes', [
  {
    name: 'a code that no table has',
    record: { SQRLX: '9' },
    expect: {
      code: 'CODE_UNKNOWN',
      zh: 'one.yaml:29:15 字段 /content/applicant/kind：代码表 kind 中没有代码“9”；表中有 1、2、3',
      en: 'one.yaml:29:15 field /content/applicant/kind: code table kind has no code "9"; it has 1, 2, 3',
    },
  },
  {
    name: 'a code with a leading zero',
    record: { SQRLX: '01' },
    expect: {
      code: 'CODE_UNKNOWN',
      zh: 'one.yaml:29:15 字段 /content/applicant/kind：代码表 kind 中没有代码“01”；表中有 1、2、3',
      en: 'one.yaml:29:15 field /content/applicant/kind: code table kind has no code "01"; it has 1, 2, 3',
    },
  },
  {
    name: 'a code without its leading zero',
    stream: 'HJ',
    record: { HJZT: '2' },
    expect: {
      code: 'CODE_UNKNOWN',
      zh: 'one.yaml:49:35 字段 /stage/state：代码表 state 中没有代码“2”；表中有 01、02',
      en: 'one.yaml:49:35 field /stage/state: code table state has no code "2"; it has 01, 02',
    },
  },
  {
    name: 'a code that a spreadsheet made a decimal',
    record: { SQRLX: '1.0' },
    expect: {
      code: 'CODE_UNKNOWN',
      zh: 'one.yaml:29:15 字段 /content/applicant/kind：代码表 kind 中没有代码“1.0”；表中有 1、2、3',
      en: 'one.yaml:29:15 field /content/applicant/kind: code table kind has no code "1.0"; it has 1, 2, 3',
    },
  },
  {
    name: 'a code as a number with an exponent',
    body: '{"SBLSH":"B","SBSJ":"20260302","SQRMC":"甲","SQRLX":1e0}',
    expect: {
      code: 'CODE_UNKNOWN',
      zh: 'one.yaml:29:15 字段 /content/applicant/kind：代码表 kind 中没有代码“1e0”；表中有 1、2、3',
      en: 'one.yaml:29:15 field /content/applicant/kind: code table kind has no code "1e0"; it has 1, 2, 3',
    },
  },
  {
    name: 'a full-width code',
    record: { SQRLX: '１' },
    expect: {
      code: 'CODE_UNKNOWN',
      zh: 'one.yaml:29:15 字段 /content/applicant/kind：代码表 kind 中没有代码“１”；表中有 1、2、3',
      en: 'one.yaml:29:15 field /content/applicant/kind: code table kind has no code "１"; it has 1, 2, 3',
    },
  },
  {
    name: 'the label instead of the code',
    record: { SQRLX: '自然人' },
    expect: {
      code: 'CODE_UNKNOWN',
      zh: 'one.yaml:29:15 字段 /content/applicant/kind：代码表 kind 中没有代码“自**”；表中有 1、2、3',
      en: 'one.yaml:29:15 field /content/applicant/kind: code table kind has no code "自**"; it has 1, 2, 3',
    },
  },
  {
    name: 'code and label in one',
    record: { SQRLX: '1-个人' },
    expect: {
      code: 'CODE_UNKNOWN',
      zh: 'one.yaml:29:15 字段 /content/applicant/kind：代码表 kind 中没有代码“1***”；表中有 1、2、3',
      en: 'one.yaml:29:15 field /content/applicant/kind: code table kind has no code "1***"; it has 1, 2, 3',
    },
  },
  {
    name: 'two codes in one',
    record: { SQRLX: '1,2' },
    expect: {
      code: 'CODE_UNKNOWN',
      zh: 'one.yaml:29:15 字段 /content/applicant/kind：代码表 kind 中没有代码“1,2”；表中有 1、2、3',
      en: 'one.yaml:29:15 field /content/applicant/kind: code table kind has no code "1,2"; it has 1, 2, 3',
    },
  },
  {
    name: 'two codes in a list',
    record: { SQRLX: ['1', '2'] },
    expect: {
      code: 'VALUE_AMBIGUOUS',
      zh: 'one.yaml:29:15 字段 /content/applicant/kind：来源 SQRLX 有 2 个值',
      en: 'one.yaml:29:15 field /content/applicant/kind: SQRLX holds 2 values',
    },
  },
  {
    name: 'a code in lower case',
    record: { CNSX: 10, CNDW: 'g' },
    expect: {
      code: 'CODE_UNKNOWN',
      zh: 'one.yaml:38:68 字段 /content/promisedLimit/unit：代码表 unit 中没有代码“g”；表中有 G、Z',
      en: 'one.yaml:38:68 field /content/promisedLimit/unit: code table unit has no code "g"; it has G, Z',
    },
  },
  {
    name: 'true where a code belongs',
    record: { SQRLX: true },
    expect: {
      code: 'CODE_UNKNOWN',
      zh: 'one.yaml:29:15 字段 /content/applicant/kind：代码表 kind 中没有代码“true”；表中有 1、2、3',
      en: 'one.yaml:29:15 field /content/applicant/kind: code table kind has no code "true"; it has 1, 2, 3',
    },
  },
  {
    name: 'a placeholder as a code',
    record: { SQRLX: '无' },
    expect: {
      flags: [{ path: '/content/applicant/kind', code: 'placeholder', found: '无' }],
      sent: { '/content/applicant/kind': null },
    },
  },
  {
    name: 'a placeholder as a code that the message cannot do without',
    stream: 'SL',
    record: { ZT: '-' },
    expect: {
      code: 'MESSAGE_INVALID',
      zh: 'one.yaml:43:26 消息 acceptance.decided 的字段 /content/decision 不合规范：缺少此项',
      en: 'one.yaml:43:26 message acceptance.decided: field /content/decision breaks its schema: it is missing',
    },
  },
  {
    name: 'no code where the message cannot do without',
    stream: 'SL',
    record: { ZT: '' },
    expect: {
      code: 'MESSAGE_INVALID',
      zh: 'one.yaml:43:26 消息 acceptance.decided 的字段 /content/decision 不合规范：缺少此项',
      en: 'one.yaml:43:26 message acceptance.decided: field /content/decision breaks its schema: it is missing',
    },
  },
  {
    name: 'the code of another table: a special procedure by number',
    stream: 'TS',
    record: { ZL: '1' },
    expect: {
      code: 'CODE_UNKNOWN',
      zh: 'one.yaml:61:22 字段 /content/kind：代码表 special 中没有代码“1”；表中有 A、B',
      en: 'one.yaml:61:22 field /content/kind: code table special has no code "1"; it has A, B',
    },
  },
  {
    name: 'a text of another dialect: yes',
    stream: 'BJ',
    record: { SFSF: '是' },
    expect: {
      code: 'CODE_UNKNOWN',
      zh: 'one.yaml:86:23 字段 /content/fee/charged：代码表 yes 中没有代码“是”；表中有 1、0',
      en: 'one.yaml:86:23 field /content/fee/charged: code table yes has no code "是"; it has 1, 0',
    },
  },
  {
    name: 'a unit of the other column of the same row',
    record: { CNSX: 10, CNDW: '1' },
    expect: {
      code: 'CODE_UNKNOWN',
      zh: 'one.yaml:38:68 字段 /content/promisedLimit/unit：代码表 unit 中没有代码“1”；表中有 G、Z',
      en: 'one.yaml:38:68 field /content/promisedLimit/unit: code table unit has no code "1"; it has G, Z',
    },
  },
  {
    name: 'a channel of the national table',
    record: { TJFS: '9' },
    expect: {
      code: 'CODE_UNKNOWN',
      zh: 'one.yaml:34:16 字段 /content/channel：代码表 channel 中没有代码“9”；表中有 0、1',
      en: 'one.yaml:34:16 field /content/channel: code table channel has no code "9"; it has 0, 1',
    },
  },
  {
    name: 'a certificate type of one digit',
    record: { SQRZJLX: '1', SQRZJHM: '150902188801010017' },
    expect: {
      code: 'CODE_UNKNOWN',
      zh: 'one.yaml:30:17 字段 /content/applicant/idType：代码表 idType 中没有代码“1”；表中有 111、414、001、002',
      en: 'one.yaml:30:17 field /content/applicant/idType: code table idType has no code "1"; it has 111, 414, 001, 002',
    },
  },
  {
    name: 'a certificate type in words',
    record: { SQRZJLX: '身份证' },
    expect: {
      code: 'CODE_UNKNOWN',
      zh: 'one.yaml:30:17 字段 /content/applicant/idType：代码表 idType 中没有代码“身**”；表中有 111、414、001、002',
      en: 'one.yaml:30:17 field /content/applicant/idType: code table idType has no code "身**"; it has 111, 414, 001, 002',
    },
  },
  {
    name: 'a number of a person in the column of a code',
    record: { SQRLX: '150902188801010017' },
    expect: {
      code: 'CODE_UNKNOWN',
      zh: 'one.yaml:29:15 字段 /content/applicant/kind：代码表 kind 中没有代码“15***************7”；表中有 1、2、3',
      en: 'one.yaml:29:15 field /content/applicant/kind: code table kind has no code "15***************7"; it has 1, 2, 3',
    },
  },
  {
    name: 'a mobile number in the column of a code',
    record: { SQRLX: '13800000000' },
    expect: {
      code: 'CODE_UNKNOWN',
      zh: 'one.yaml:29:15 字段 /content/applicant/kind：代码表 kind 中没有代码“13********0”；表中有 1、2、3',
      en: 'one.yaml:29:15 field /content/applicant/kind: code table kind has no code "13********0"; it has 1, 2, 3',
    },
  },
  {
    name: 'a whole sentence in the column of a code',
    record: {
      SQRLX:
        '该申请人为个体工商户，经营者同时为本市户籍居民，提交材料时同时提供了营业执照副本原件及复印件各一份，故暂无法归类，请后台人员人工核定后再行填写',
    },
    expect: {
      code: 'CODE_UNKNOWN',
      zh: 'one.yaml:29:15 字段 /content/applicant/kind：代码表 kind 中没有代码“（71 字/characters）”；表中有 1、2、3',
      en: 'one.yaml:29:15 field /content/applicant/kind: code table kind has no code "（71 字/characters）"; it has 1, 2, 3',
    },
  },
])
