import { recordFamily } from './records.ts'

/** Lists where one value is expected and the other way round; scores, sequences, versions, sizes. */
export const lists = recordFamily('lists and sizes', [
  {
    name: 'a material without its name',
    record: { CL: [{ MC: '申请书' }, { XS: '0' }] },
    expect: {
      code: 'MESSAGE_INVALID',
      zh: 'one.yaml:39:46 消息 application.received 的字段 /content/materials/1/name（第几项按来源从 0 数） 不合规范：缺少此项',
      en: 'one.yaml:39:46 message application.received: field /content/materials/1/name (entries counted from 0, as in the source) breaks its schema: it is missing',
    },
  },
  {
    name: 'a material named by a placeholder, in the second entry',
    record: { CL: [{ MC: '申请书' }, { MC: '无', XS: '0' }] },
    expect: {
      code: 'MESSAGE_INVALID',
      zh: 'one.yaml:39:46 消息 application.received 的字段 /content/materials/1/name（第几项按来源从 0 数） 不合规范：缺少此项',
      en: 'one.yaml:39:46 message application.received: field /content/materials/1/name (entries counted from 0, as in the source) breaks its schema: it is missing',
    },
  },
  {
    name: 'a material of which there are minus two copies',
    record: { CL: [{ MC: '申请书', FS: -2 }] },
    expect: {
      code: 'MESSAGE_INVALID',
      zh: 'one.yaml:39:90 消息 application.received 的字段 /content/materials/0/count（第几项按来源从 0 数） 不合规范：小于 0',
      en: 'one.yaml:39:90 message application.received: field /content/materials/0/count (entries counted from 0, as in the source) breaks its schema: is less than 0',
    },
  },
  {
    name: 'a material with the MD5 of its file',
    record: { CL: [{ MC: '申请书', ZY: 'd41d8cd98f00b204e9800998ecf8427e' }] },
    expect: {
      code: 'MESSAGE_INVALID',
      zh: 'one.yaml:39:126 消息 application.received 的字段 /content/materials/0/digest（第几项按来源从 0 数） 不合规范：应为文件摘要：SHA-256，sha256: 加 64 位小写十六进制数',
      en: 'one.yaml:39:126 message application.received: field /content/materials/0/digest (entries counted from 0, as in the source) breaks its schema: must be: SHA-256 of the file, sha256: and 64 hexadecimal digits in lower case',
    },
  },
  {
    name: 'more than 1000 materials',
    record: { CL: Array.from({ length: 1001 }, (_, at) => ({ MC: `材料${at}` })) },
    expect: {
      code: 'MESSAGE_INVALID',
      zh: 'one.yaml:39:18 消息 application.received 的字段 /content/materials 不合规范：超过 1000 个',
      en: 'one.yaml:39:18 message application.received: field /content/materials breaks its schema: has more than 1000 entries',
    },
  },
  {
    name: 'a list of materials in one text',
    record: { CL: '申请书;身份证复印件' },
    expect: {
      code: 'VALUE_INVALID',
      zh: 'one.yaml:39:18 字段 /content/materials/0（第几项按来源从 0 数）：值“（10 字/characters）”不合要求，应为：含有各字段的一项，而不是一段文字',
      en: 'one.yaml:39:18 field /content/materials/0 (entries counted from 0, as in the source): the value "（10 字/characters）" is not an entry with fields: it is a text',
    },
  },
  {
    name: 'a record with no member that anything reads but its number',
    body: '{"SBLSH":"B"}',
    expect: {
      code: 'MESSAGE_INVALID',
      zh: 'one.yaml:28:9 消息 application.received 的字段 /content/applicant 不合规范：缺少此项',
      en: 'one.yaml:28:9 message application.received: field /content/applicant breaks its schema: it is missing',
    },
  },
  {
    name: 'a stream of which the mapping knows nothing',
    stream: 'XX',
    body: '{"SBLSH":"B"}',
    expect: {
      code: 'EVENT_UNMAPPED',
      zh: '映射 dept/one 没有任何规则适用于这条 XX 记录：其事件只用于 SB, SL, YS, HJ, PZ, BZ, TS, TE, HZ, SX, SH, BJ, LQ, PJ, ZF',
      en: 'no rule of mapping dept/one applies to this record of XX: its events are for SB, SL, YS, HJ, PZ, BZ, TS, TE, HZ, SX, SH, BJ, LQ, PJ, ZF',
    },
  },
  {
    name: 'a score beyond the scale',
    stream: 'PJ',
    record: { MYD: '9' },
    expect: {
      code: 'MESSAGE_INVALID',
      zh: 'one.yaml:93:23 消息 evaluation.given 的字段 /content/score 不合规范：大于 5',
      en: 'one.yaml:93:23 message evaluation.given: field /content/score breaks its schema: is more than 5',
    },
  },
  {
    name: 'a score of zero, for no answer',
    stream: 'PJ',
    record: { MYD: '0' },
    expect: {
      code: 'MESSAGE_INVALID',
      zh: 'one.yaml:93:23 消息 evaluation.given 的字段 /content/score 不合规范：小于 1',
      en: 'one.yaml:93:23 message evaluation.given: field /content/score breaks its schema: is less than 1',
    },
  },
  {
    name: 'a score in words',
    stream: 'PJ',
    record: { MYD: '非常满意' },
    expect: {
      code: 'VALUE_INVALID',
      zh: 'one.yaml:93:23 字段 /content/score：值“非***”不合要求，应为：整数',
      en: 'one.yaml:93:23 field /content/score: the value "非***" is not a whole number',
    },
  },
  {
    name: 'a sequence of more than 64 characters',
    stream: 'HJ',
    record: { XH: '1'.repeat(65) },
    expect: {
      code: 'MESSAGE_INVALID',
      zh: 'one.yaml:49:24 消息 review.step 的字段 /stage/sequence 不合规范：超过 64 个字符',
      en: 'one.yaml:49:24 message review.step: field /stage/sequence breaks its schema: has more than 64 characters',
    },
  },
  {
    name: 'a number of the licence beyond 50 characters',
    stream: 'BJ',
    record: { ZJLX: '10', ZJBH: '证'.repeat(51), FZJG: '示例局' },
    expect: {
      code: 'MESSAGE_INVALID',
      zh: 'one.yaml:85:66 消息 case.closed 的字段 /content/document/number 不合规范：超过 50 个字符',
      en: 'one.yaml:85:66 message case.closed: field /content/document/number breaks its schema: has more than 50 characters',
    },
  },
  {
    name: 'an opinion that is a whole document',
    stream: 'HJ',
    record: { YJ: '意'.repeat(2001) },
    expect: {
      code: 'MESSAGE_INVALID',
      zh: 'one.yaml:50:131 消息 review.step 的字段 /content/opinion 不合规范：超过 2000 个字符',
      en: 'one.yaml:50:131 message review.step: field /content/opinion breaks its schema: has more than 2000 characters',
    },
  },
  {
    name: 'another content under the same version',
    record: { VERSION: 2, SQRMC: '乙' },
    earlier: [{ VERSION: 2 }],
    expect: {
      code: 'MESSAGE_CONFLICT',
      zh: '消息 one:B:application.received:::2 已存在但内容不同（来源给出的数据版本没有增加）',
      en: 'message one:B:application.received:::2 exists with other content (the data version given by the source did not rise)',
    },
  },
  {
    name: 'a body beyond the limit of a record',
    body: `{"SBLSH":"B","BZ":"${'长'.repeat(34_000)}"}`,
    expect: {
      code: 'RECORD_TOO_LARGE',
      zh: '记录有 102021 字节，超过上限 100000 字节',
      en: 'the record has 102021 bytes, more than the limit of 100000',
      caseUnknown: true,
    },
  },
  {
    name: 'a message beyond the limit of a message',
    record: { CL: Array.from({ length: 900 }, (_, at) => ({ MC: `第${at}份施工图设计文件审查合格书及其附件` })) },
    expect: {
      code: 'PUBLISH_TOO_LARGE',
      zh: '消息有 62970 字节，超过上限 50000',
      en: 'the message has 62970 bytes, more than the limit of 50000',
    },
  },
])
