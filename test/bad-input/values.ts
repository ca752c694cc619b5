import { recordFamily } from './records.ts'

/** Values that are missing, too many, too long, or of another kind than their field. */
export const values = recordFamily('values', [
  {
    name: 'no case number',
    record: { SBLSH: undefined },
    expect: {
      code: 'VALUE_MISSING',
      zh: 'one.yaml:18:23 字段 /case/sourceCaseNo 在来源 SBLSH 中没有值',
      en: 'one.yaml:18:23 field /case/sourceCaseNo has no value at SBLSH',
      caseUnknown: true,
    },
  },
  {
    name: 'a case number of blanks',
    record: { SBLSH: '   ' },
    expect: {
      code: 'VALUE_MISSING',
      zh: 'one.yaml:18:23 字段 /case/sourceCaseNo 在来源 SBLSH 中没有值',
      en: 'one.yaml:18:23 field /case/sourceCaseNo has no value at SBLSH',
      caseUnknown: true,
    },
  },
  {
    name: 'a case number that is null',
    record: { SBLSH: null },
    expect: {
      code: 'VALUE_MISSING',
      zh: 'one.yaml:18:23 字段 /case/sourceCaseNo 在来源 SBLSH 中没有值',
      en: 'one.yaml:18:23 field /case/sourceCaseNo has no value at SBLSH',
      caseUnknown: true,
    },
  },
  {
    name: 'a placeholder as case number',
    record: { SBLSH: '暂无' },
    expect: {
      code: 'VALUE_MISSING',
      zh: 'one.yaml:18:23 字段 /case/sourceCaseNo 在来源 SBLSH 中没有值：写的是占位词“暂无”',
      en: 'one.yaml:18:23 field /case/sourceCaseNo has no value at SBLSH: it says "暂无", which stands for none',
      caseUnknown: true,
    },
  },
  {
    name: 'two case numbers',
    record: { SBLSH: ['B', 'B2'] },
    expect: {
      code: 'VALUE_AMBIGUOUS',
      zh: 'one.yaml:18:23 字段 /case/sourceCaseNo：来源 SBLSH 有 2 个值',
      en: 'one.yaml:18:23 field /case/sourceCaseNo: SBLSH holds 2 values',
      caseUnknown: true,
    },
  },
  {
    name: 'a case number that is an object',
    record: { SBLSH: { no: 'B' } },
    expect: {
      code: 'VALUE_INVALID',
      zh: 'one.yaml:18:23 字段 /case/sourceCaseNo：值“{…}”不合要求，应为：单个值，而 SBLSH 处是一个结构',
      en: 'one.yaml:18:23 field /case/sourceCaseNo: the value "{…}" is not a single value: SBLSH holds a structure',
      caseUnknown: true,
    },
  },
  {
    name: 'a case number of more than 100 characters',
    record: { SBLSH: 'B'.repeat(101) },
    expect: {
      code: 'MESSAGE_INVALID',
      zh: 'one.yaml:18:23 消息 application.received 的字段 /case/sourceCaseNo 不合规范：超过 100 个字符',
      en: 'one.yaml:18:23 message application.received: field /case/sourceCaseNo breaks its schema: has more than 100 characters',
      ofCase: 'BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB',
    },
  },
  {
    name: 'no applicant',
    record: { SQRMC: undefined, SQRLX: undefined },
    expect: {
      code: 'MESSAGE_INVALID',
      zh: 'one.yaml:28:9 消息 application.received 的字段 /content/applicant 不合规范：缺少此项',
      en: 'one.yaml:28:9 message application.received: field /content/applicant breaks its schema: it is missing',
    },
  },
  {
    name: 'an applicant without a name',
    record: { SQRMC: '' },
    expect: {
      code: 'MESSAGE_INVALID',
      zh: 'one.yaml:28:15 消息 application.received 的字段 /content/applicant/name 不合规范：缺少此项',
      en: 'one.yaml:28:15 message application.received: field /content/applicant/name breaks its schema: it is missing',
    },
  },
  {
    name: 'an applicant whose name is blanks of full width',
    record: { SQRMC: '　　' },
    expect: {
      code: 'MESSAGE_INVALID',
      zh: 'one.yaml:28:15 消息 application.received 的字段 /content/applicant/name 不合规范：缺少此项',
      en: 'one.yaml:28:15 message application.received: field /content/applicant/name breaks its schema: it is missing',
    },
  },
  {
    name: 'a name that is a placeholder',
    record: { SQRMC: '无' },
    expect: {
      code: 'MESSAGE_INVALID',
      zh: 'one.yaml:28:15 消息 application.received 的字段 /content/applicant/name 不合规范：缺少此项',
      en: 'one.yaml:28:15 message application.received: field /content/applicant/name breaks its schema: it is missing',
    },
  },
  {
    name: 'a name that is a list',
    record: { SQRMC: ['甲', '乙'] },
    expect: {
      code: 'VALUE_AMBIGUOUS',
      zh: 'one.yaml:28:15 字段 /content/applicant/name：来源 SQRMC 有 2 个值',
      en: 'one.yaml:28:15 field /content/applicant/name: SQRMC holds 2 values',
    },
  },
  {
    name: 'a name that is a structure',
    record: { SQRMC: { 姓: '甲', 名: '乙' } },
    expect: {
      code: 'VALUE_INVALID',
      zh: 'one.yaml:28:15 字段 /content/applicant/name：值“{…}”不合要求，应为：单个值，而 SQRMC 处是一个结构',
      en: 'one.yaml:28:15 field /content/applicant/name: the value "{…}" is not a single value: SQRMC holds a structure',
    },
  },
  {
    name: 'a name of more than 200 characters',
    record: { SQRMC: '甲'.repeat(201) },
    expect: {
      code: 'MESSAGE_INVALID',
      zh: 'one.yaml:28:15 消息 application.received 的字段 /content/applicant/name 不合规范：超过 200 个字符',
      en: 'one.yaml:28:15 message application.received: field /content/applicant/name breaks its schema: has more than 200 characters',
    },
  },
  {
    name: 'no time of application',
    record: { SBSJ: null },
    expect: {
      code: 'MESSAGE_INVALID',
      zh: 'one.yaml:26:19 消息 application.received 的字段 /content/receivedAt 不合规范：缺少此项',
      en: 'one.yaml:26:19 message application.received: field /content/receivedAt breaks its schema: it is missing',
    },
  },
  {
    name: 'a contact that is a placeholder',
    record: { LXRXM: '--' },
    expect: {
      flags: [{ path: '/content/contact/name', code: 'placeholder', found: '--' }],
      sent: { '/content/contact/name': null },
    },
  },
  {
    name: 'a placeholder in English',
    record: { LXRXM: 'NULL' },
    expect: {
      flags: [{ path: '/content/contact/name', code: 'placeholder', found: 'NULL' }],
      sent: { '/content/contact/name': null },
    },
  },
  {
    name: 'a placeholder of one slash',
    record: { BJBH: '/' },
    expect: {
      flags: [{ path: '/case/platformCaseNo', code: 'placeholder', found: '/' }],
      sent: { '/case/platformCaseNo': null },
    },
  },
])
