import { mappingFamily } from './loaders.ts'

const file = 'mappings/dept/one.yaml'

/** Mistakes of whoever writes a mapping; each is told with file, line and column. */
export const mapping = mappingFamily('mappings', [
  {
    name: 'a key at the top misspelt',
    change: [file, 'case:', 'cas:'],
    expect: [
      {
        code: 'CONFIG_KEY_UNKNOWN',
        zh: 'mappings/dept/one.yaml:3:1 未知配置项“cas”。是否想写“case”？可用：names, summary, standard, zone, onFailure, placeholders, plugin, codes, schema, case, dataVersion, recordedAt …',
        en: 'mappings/dept/one.yaml:3:1 unknown key "cas". Did you mean "case"? Known: names, summary, standard, zone, onFailure, placeholders, plugin, codes, schema, case, dataVersion, recordedAt …',
      },
      {
        code: 'CONFIG_KEY_MISSING',
        zh: 'mappings/dept/one.yaml:1:1 缺少必填配置项“case”',
        en: 'mappings/dept/one.yaml:1:1 the required key "case" is missing',
      },
      {
        code: 'MAPPING_INVALID',
        zh: 'mappings/dept/one.yaml:1:1 映射有误：缺少必填字段 /case/sourceCaseNo',
        en: 'mappings/dept/one.yaml:1:1 the mapping is wrong: the mandatory field /case/sourceCaseNo has no rule',
      },
    ],
  },
  {
    name: 'no events',
    files: { [file]: 'case: { sourceCaseNo: SBLSH }\n' },
    expect: [
      {
        code: 'CONFIG_KEY_MISSING',
        zh: 'mappings/dept/one.yaml:1:1 缺少必填配置项“events”',
        en: 'mappings/dept/one.yaml:1:1 the required key "events" is missing',
      },
    ],
  },
  {
    name: 'no case number',
    change: [file, '{ sourceCaseNo: SBLSH }', '{ itemCode: SXBM }'],
    expect: [
      {
        code: 'MAPPING_INVALID',
        zh: 'mappings/dept/one.yaml:3:7 映射有误：缺少必填字段 /case/sourceCaseNo',
        en: 'mappings/dept/one.yaml:3:7 the mapping is wrong: the mandatory field /case/sourceCaseNo has no rule',
      },
    ],
  },
  {
    name: 'an empty file',
    files: { [file]: '' },
    expect: [
      {
        code: 'CONFIG_KEY_MISSING',
        zh: 'mappings/dept/one.yaml:1:1 缺少必填配置项“case”',
        en: 'mappings/dept/one.yaml:1:1 the required key "case" is missing',
      },
      {
        code: 'CONFIG_KEY_MISSING',
        zh: 'mappings/dept/one.yaml:1:1 缺少必填配置项“events”',
        en: 'mappings/dept/one.yaml:1:1 the required key "events" is missing',
      },
      {
        code: 'MAPPING_INVALID',
        zh: 'mappings/dept/one.yaml:1:1 映射有误：缺少必填字段 /case/sourceCaseNo',
        en: 'mappings/dept/one.yaml:1:1 the mapping is wrong: the mandatory field /case/sourceCaseNo has no rule',
      },
    ],
  },
  {
    name: 'a type of event misspelt',
    change: [file, 'application.received', 'application.recieved'],
    expect: [
      {
        code: 'MAPPING_INVALID',
        zh: 'mappings/dept/one.yaml:5:11 映射有误：没有事件类型“application.recieved”。是否想写“application.received”？可用：application.received, prereview.decided, supplement.requested, supplement.received, acceptance.decided, review.step, review.decided, approval.decided, special.started, special.ended, case.closed, result.collected …',
        en: 'mappings/dept/one.yaml:5:11 the mapping is wrong: there is no event type "application.recieved". Did you mean "application.received"? Known: application.received, prereview.decided, supplement.requested, supplement.received, acceptance.decided, review.step, review.decided, approval.decided, special.started, special.ended, case.closed, result.collected …',
      },
    ],
  },
  {
    name: 'an event without a type',
    change: [file, 'type: application.received', 'summary: 申请'],
    expect: [
      {
        code: 'MAPPING_INVALID',
        zh: 'mappings/dept/one.yaml:5:5 映射有误：每个事件须写 type 与 content',
        en: 'mappings/dept/one.yaml:5:5 the mapping is wrong: an event needs type and content',
      },
    ],
  },
  {
    name: 'an event that is a text',
    change: [file, '  - type: application.received', '  - 申请\n  - type: application.received'],
    expect: [
      {
        code: 'MAPPING_INVALID',
        zh: 'mappings/dept/one.yaml:5:5 映射有误：每个事件须写 type 与 content',
        en: 'mappings/dept/one.yaml:5:5 the mapping is wrong: an event needs type and content',
      },
    ],
  },
  {
    name: 'a field that the message does not have',
    change: [file, 'name: SQRMC', 'fullName: SQRMC'],
    expect: [
      {
        code: 'CONFIG_KEY_UNKNOWN',
        zh: 'mappings/dept/one.yaml:9:20 未知配置项“fullName”。可用：name, kind, idType, idNumber, legalRepresentative, mobile, phone, email, postcode, address',
        en: 'mappings/dept/one.yaml:9:20 unknown key "fullName". Known: name, kind, idType, idNumber, legalRepresentative, mobile, phone, email, postcode, address',
      },
      {
        code: 'MAPPING_INVALID',
        zh: 'mappings/dept/one.yaml:9:18 映射有误：缺少必填字段 /content/applicant/name',
        en: 'mappings/dept/one.yaml:9:18 the mapping is wrong: the mandatory field /content/applicant/name has no rule',
      },
    ],
  },
  {
    name: 'a field of another event',
    change: [file, 'receivedAt:', 'decidedAt:'],
    expect: [
      {
        code: 'CONFIG_KEY_UNKNOWN',
        zh: 'mappings/dept/one.yaml:8:7 未知配置项“decidedAt”。是否想写“receivedAt”？可用：applicant, receivedAt, kind, channel, subject, agent, contact, receivingOrg, handlingOrg, issuingOrg, region, statutoryLimit …',
        en: 'mappings/dept/one.yaml:8:7 unknown key "decidedAt". Did you mean "receivedAt"? Known: applicant, receivedAt, kind, channel, subject, agent, contact, receivingOrg, handlingOrg, issuingOrg, region, statutoryLimit …',
      },
      {
        code: 'MAPPING_INVALID',
        zh: 'mappings/dept/one.yaml:8:7 映射有误：缺少必填字段 /content/receivedAt',
        en: 'mappings/dept/one.yaml:8:7 the mapping is wrong: the mandatory field /content/receivedAt has no rule',
      },
    ],
  },
  {
    name: 'a mandatory field without a rule',
    change: [file, 'name: SQRMC, ', ''],
    expect: [
      {
        code: 'MAPPING_INVALID',
        zh: 'mappings/dept/one.yaml:9:18 映射有误：缺少必填字段 /content/applicant/name',
        en: 'mappings/dept/one.yaml:9:18 the mapping is wrong: the mandatory field /content/applicant/name has no rule',
      },
    ],
  },
  {
    name: 'a key of a rule misspelt',
    change: [file, 'codes: kind }', 'code: kind }'],
    expect: [
      {
        code: 'CONFIG_KEY_UNKNOWN',
        zh: 'mappings/dept/one.yaml:9:54 未知配置项“code”。是否想写“codes”？可用：from, expression, codes, date, number, pattern, call, required, onFailure',
        en: 'mappings/dept/one.yaml:9:54 unknown key "code". Did you mean "codes"? Known: from, expression, codes, date, number, pattern, call, required, onFailure',
      },
      {
        code: 'MAPPING_INVALID',
        zh: 'mappings/dept/one.yaml:9:39 映射有误：字段 /content/applicant/kind 是代码，须用 codes 指明代码表',
        en: 'mappings/dept/one.yaml:9:39 the mapping is wrong: field /content/applicant/kind is a code: name the code table with codes',
      },
    ],
  },
  {
    name: 'a code without a table',
    change: [file, '{ from: SQRLX, codes: kind }', 'SQRLX'],
    expect: [
      {
        code: 'MAPPING_INVALID',
        zh: 'mappings/dept/one.yaml:9:39 映射有误：字段 /content/applicant/kind 是代码，须用 codes 指明代码表',
        en: 'mappings/dept/one.yaml:9:39 the mapping is wrong: field /content/applicant/kind is a code: name the code table with codes',
      },
    ],
  },
  {
    name: 'a time without its format',
    change: [file, '{ from: SBSJ, date: yyyy-MM-dd HH:mm:ss }', 'SBSJ'],
    expect: [
      {
        code: 'MAPPING_INVALID',
        zh: 'mappings/dept/one.yaml:8:19 映射有误：字段 /content/receivedAt 是时间，须用 date 写明格式',
        en: 'mappings/dept/one.yaml:8:19 the mapping is wrong: field /content/receivedAt is a time: give its formats with date',
      },
    ],
  },
  {
    name: 'a format with minutes for months',
    change: [file, 'yyyy-MM-dd HH:mm:ss', 'yyyy-mm-dd HH:mm:ss'],
    expect: [
      {
        code: 'MAPPING_INVALID',
        zh: 'mappings/dept/one.yaml:8:39 映射有误：日期格式“yyyy-mm-dd HH:mm:ss”有误；须含 yyyy MM dd，可含 HH mm ss S XXX，一位或两位的写成 M d H m s',
        en: 'mappings/dept/one.yaml:8:39 the mapping is wrong: "yyyy-mm-dd HH:mm:ss" is not a date format; it needs yyyy MM dd and may hold HH mm ss S XXX; where one digit may stand, it is M d H m s',
      },
    ],
  },
])
