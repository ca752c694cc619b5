import { mappingFamily } from './loaders.ts'

const file = 'mappings/dept/one.yaml'

/** Mistakes in the rules of fields; each is told with file, line and column. */
export const mappingRules = mappingFamily('rules of mappings', [
  {
    name: 'no date format at all',
    change: [file, 'yyyy-MM-dd HH:mm:ss', '[]'],
    expect: [
      {
        code: 'MAPPING_INVALID',
        zh: 'mappings/dept/one.yaml:8:39 映射有误：没有写日期格式',
        en: 'mappings/dept/one.yaml:8:39 the mapping is wrong: there is no date format',
      },
    ],
  },
  {
    name: 'a version of the source that is written down',
    change: [file, 'events:', 'dataVersion: { constant: 3 }\nevents:'],
    expect: [
      {
        code: 'MAPPING_INVALID',
        zh: 'mappings/dept/one.yaml:4:26 映射有误：dataVersion 是来源自己计数的版本，不得写成常量；来源不计数就不写，由网关计数',
        en: 'mappings/dept/one.yaml:4:26 the mapping is wrong: dataVersion is what the source counts by itself, never a constant: leave it out, and the gateway counts',
      },
    ],
  },
  {
    name: 'a list whose entries are two things',
    change: [file, 'applicant:', 'materials: { each: CL, fields: { name: MC }, value: . }\n      applicant:'],
    expect: [
      {
        code: 'MAPPING_INVALID',
        zh: 'mappings/dept/one.yaml:9:18 映射有误：字段 /content/materials 的 each 须写 fields 或 value 之一',
        en: 'mappings/dept/one.yaml:9:18 the mapping is wrong: each of field /content/materials needs either fields or value',
      },
    ],
  },
  {
    name: 'a format in the words of another language',
    change: [file, 'yyyy-MM-dd HH:mm:ss', '"%Y-%m-%d %H:%M:%S"'],
    expect: [
      {
        code: 'MAPPING_INVALID',
        zh: 'mappings/dept/one.yaml:8:39 映射有误：日期格式“%Y-%m-%d %H:%M:%S”有误；须含 yyyy MM dd，可含 HH mm ss S XXX，一位或两位的写成 M d H m s',
        en: 'mappings/dept/one.yaml:8:39 the mapping is wrong: "%Y-%m-%d %H:%M:%S" is not a date format; it needs yyyy MM dd and may hold HH mm ss S XXX; where one digit may stand, it is M d H m s',
      },
    ],
  },
  {
    name: 'a format with the month for the minute, and the minute for the month',
    change: [file, 'yyyy-MM-dd HH:mm:ss', 'yyyy-mm-dd HH:MM:ss'],
    expect: [
      {
        code: 'MAPPING_INVALID',
        zh: 'mappings/dept/one.yaml:8:39 映射有误：日期格式“yyyy-mm-dd HH:MM:ss”的次序不对：年月日、时分秒须各自相连，年月日可写作 yyyy-MM-dd、dd-MM-yyyy、MM-dd-yyyy；MM 是月，mm 是分',
        en: 'mappings/dept/one.yaml:8:39 the mapping is wrong: the date format "yyyy-mm-dd HH:MM:ss" is in no order: the day stands together (yyyy-MM-dd, dd-MM-yyyy or MM-dd-yyyy), and so does the time from the hour on; MM is the month, mm the minute',
      },
    ],
  },
  {
    name: 'a format with seconds and no hours',
    change: [file, 'yyyy-MM-dd HH:mm:ss', 'yyyy-MM-dd ss'],
    expect: [
      {
        code: 'MAPPING_INVALID',
        zh: 'mappings/dept/one.yaml:8:39 映射有误：日期格式“yyyy-MM-dd ss”有误；须含 yyyy MM dd，可含 HH mm ss S XXX，一位或两位的写成 M d H m s',
        en: 'mappings/dept/one.yaml:8:39 the mapping is wrong: "yyyy-MM-dd ss" is not a date format; it needs yyyy MM dd and may hold HH mm ss S XXX; where one digit may stand, it is M d H m s',
      },
    ],
  },
  {
    name: 'a format with the offset as text',
    change: [file, 'yyyy-MM-dd HH:mm:ss', 'yyyy-MM-ddTHH:mm:ssZ'],
    expect: [
      {
        code: 'MAPPING_INVALID',
        zh: 'mappings/dept/one.yaml:8:39 映射有误：日期格式“yyyy-MM-ddTHH:mm:ssZ”中的“Z”不会被读取：时区写成 XXX，其余字段为 yyyy MM dd HH mm ss S，一位或两位的写成 M d H m s',
        en: 'mappings/dept/one.yaml:8:39 the mapping is wrong: "Z" in the date format "yyyy-MM-ddTHH:mm:ssZ" would not be read: write the offset as XXX; the other fields are yyyy MM dd HH mm ss S, or M d H m s where one digit may stand',
      },
    ],
  },
  {
    name: 'a format with the half of the day',
    change: [file, 'yyyy-MM-dd HH:mm:ss', 'yyyy-MM-dd 上午H:mm'],
    expect: [
      {
        code: 'MAPPING_INVALID',
        zh: 'mappings/dept/one.yaml:8:39 映射有误：日期格式“yyyy-MM-dd 上午H:mm”中的“上午”不会被读取：没有上午、下午的字段；用插件函数（call）先换成 24 小时的写法',
        en: 'mappings/dept/one.yaml:8:39 the mapping is wrong: "上午" in the date format "yyyy-MM-dd 上午H:mm" would not be read: there is no field for the half of the day; have a function of a plug-in (call) write 24 hours first',
      },
    ],
  },
  {
    name: 'a path for a list',
    change: [file, 'applicant:', 'materials: CL\n      applicant:'],
    expect: [
      {
        code: 'MAPPING_INVALID',
        zh: 'mappings/dept/one.yaml:9:18 映射有误：字段 /content/materials 是列表，写明每一项从何而来，如 { each: CL, fields: { name: … } }',
        en: 'mappings/dept/one.yaml:9:18 the mapping is wrong: field /content/materials is a list: say where its entries come from, as in { each: CL, fields: { name: … } }',
      },
    ],
  },
  {
    name: 'two steps at once',
    change: [file, 'codes: kind }', 'codes: kind, pattern: "[12]" }'],
    expect: [
      {
        code: 'MAPPING_INVALID',
        zh: 'mappings/dept/one.yaml:9:39 映射有误：codes、pattern 只能取其一',
        en: 'mappings/dept/one.yaml:9:39 the mapping is wrong: only one of codes, pattern may be given',
      },
    ],
  },
  {
    name: 'a legal fact as a constant',
    change: [file, 'kind: { from: SQRLX, codes: kind }', 'kind: { constant: natural }'],
    expect: [
      {
        code: 'MAPPING_INVALID',
        zh: 'mappings/dept/one.yaml:9:51 映射有误：字段 /content/applicant/kind 是法律事实，不得写成常量',
        en: 'mappings/dept/one.yaml:9:51 the mapping is wrong: field /content/applicant/kind is a legal fact: it must come from the source, never from a constant',
      },
    ],
  },
  {
    name: 'a time as a constant',
    change: [file, '{ from: SBSJ, date: yyyy-MM-dd HH:mm:ss }', '{ constant: "2026-01-01" }'],
    expect: [
      {
        code: 'MAPPING_INVALID',
        zh: 'mappings/dept/one.yaml:8:31 映射有误：字段 /content/receivedAt 是法律事实，不得写成常量',
        en: 'mappings/dept/one.yaml:8:31 the mapping is wrong: field /content/receivedAt is a legal fact: it must come from the source, never from a constant',
      },
    ],
  },
  {
    name: 'a constant beside a path',
    change: [file, 'name: SQRMC', 'name: { from: SQRMC, constant: 甲 }'],
    expect: [
      {
        code: 'MAPPING_INVALID',
        zh: 'mappings/dept/one.yaml:9:26 映射有误：字段 /content/applicant/name：constant 与 from 不能同时写',
        en: 'mappings/dept/one.yaml:9:26 the mapping is wrong: field /content/applicant/name: constant and from cannot both be given',
      },
      {
        code: 'MAPPING_INVALID',
        zh: 'mappings/dept/one.yaml:9:51 映射有误：字段 /content/applicant/name 是法律事实，不得写成常量',
        en: 'mappings/dept/one.yaml:9:51 the mapping is wrong: field /content/applicant/name is a legal fact: it must come from the source, never from a constant',
      },
    ],
  },
  {
    name: 'a path with a double slash',
    change: [file, 'name: SQRMC', 'name: Info//SQRMC'],
    expect: [
      {
        code: 'MAPPING_INVALID',
        zh: "mappings/dept/one.yaml:9:26 映射有误：“Info//SQRMC”不是合法的路径；例：Info/Applicant/Name、Field[@FieldName='SBLSH']、Field/@type",
        en: 'mappings/dept/one.yaml:9:26 the mapping is wrong: "Info//SQRMC" is not a path; examples: Info/Applicant/Name, Field[@FieldName=\'SBLSH\'], Field/@type',
      },
    ],
  },
  {
    name: 'a path that ends with a slash',
    change: [file, 'name: SQRMC', 'name: Info/'],
    expect: [
      {
        code: 'MAPPING_INVALID',
        zh: "mappings/dept/one.yaml:9:26 映射有误：“Info/”不是合法的路径；例：Info/Applicant/Name、Field[@FieldName='SBLSH']、Field/@type",
        en: 'mappings/dept/one.yaml:9:26 the mapping is wrong: "Info/" is not a path; examples: Info/Applicant/Name, Field[@FieldName=\'SBLSH\'], Field/@type',
      },
    ],
  },
  {
    name: 'a path with a function of XPath',
    change: [file, 'name: SQRMC', 'name: "Field[contains(@n,\'x\')]"'],
    expect: [
      {
        code: 'MAPPING_INVALID',
        zh: "mappings/dept/one.yaml:9:26 映射有误：“Field[contains(@n,'x')]”不是合法的路径；例：Info/Applicant/Name、Field[@FieldName='SBLSH']、Field/@type",
        en: "mappings/dept/one.yaml:9:26 the mapping is wrong: \"Field[contains(@n,'x')]\" is not a path; examples: Info/Applicant/Name, Field[@FieldName='SBLSH'], Field/@type",
      },
    ],
  },
  {
    name: 'a path with an index of zero',
    change: [file, 'name: SQRMC', 'name: "SQRMC[0]"'],
    expect: [
      {
        code: 'MAPPING_INVALID',
        zh: "mappings/dept/one.yaml:9:26 映射有误：“SQRMC[0]”不是合法的路径；例：Info/Applicant/Name、Field[@FieldName='SBLSH']、Field/@type",
        en: 'mappings/dept/one.yaml:9:26 the mapping is wrong: "SQRMC[0]" is not a path; examples: Info/Applicant/Name, Field[@FieldName=\'SBLSH\'], Field/@type',
      },
    ],
  },
  {
    name: 'a variable that does not exist',
    change: [file, '$stream', '$table'],
    expect: [
      {
        code: 'MAPPING_INVALID',
        zh: "mappings/dept/one.yaml:6:19 映射有误：“$table”不是合法的路径；例：Info/Applicant/Name、Field[@FieldName='SBLSH']、Field/@type",
        en: 'mappings/dept/one.yaml:6:19 the mapping is wrong: "$table" is not a path; examples: Info/Applicant/Name, Field[@FieldName=\'SBLSH\'], Field/@type',
      },
    ],
  },
  {
    name: 'a rule that is a number',
    change: [file, 'name: SQRMC', 'name: 1'],
    expect: [
      {
        code: 'MAPPING_INVALID',
        zh: 'mappings/dept/one.yaml:9:26 映射有误：字段 /content/applicant/name 的规则应为路径，或 {from: …}、{constant: …}、{each: …}',
        en: 'mappings/dept/one.yaml:9:26 the mapping is wrong: the rule of field /content/applicant/name must be a path, {from: …}, {constant: …} or {each: …}',
      },
    ],
  },
  {
    name: 'a rule that is nothing',
    change: [file, 'name: SQRMC', 'name:'],
    expect: [
      {
        code: 'MAPPING_INVALID',
        zh: 'mappings/dept/one.yaml:9:25 映射有误：字段 /content/applicant/name 的规则应为路径，或 {from: …}、{constant: …}、{each: …}',
        en: 'mappings/dept/one.yaml:9:25 the mapping is wrong: the rule of field /content/applicant/name must be a path, {from: …}, {constant: …} or {each: …}',
      },
    ],
  },
  {
    name: 'fields in a single value',
    change: [file, 'name: SQRMC', 'name: { first: X, last: M }'],
    expect: [
      {
        code: 'MAPPING_INVALID',
        zh: 'mappings/dept/one.yaml:9:26 映射有误：字段 /content/applicant/name 是单个值，须写 from',
        en: 'mappings/dept/one.yaml:9:26 the mapping is wrong: field /content/applicant/name is a single value: say from where',
      },
    ],
  },
  {
    name: 'a list for a field that is none',
    change: [file, 'name: SQRMC', 'name: { each: SQR, value: MC }'],
    expect: [
      {
        code: 'MAPPING_INVALID',
        zh: 'mappings/dept/one.yaml:9:26 映射有误：字段 /content/applicant/name 不是列表，不能用 each',
        en: 'mappings/dept/one.yaml:9:26 the mapping is wrong: field /content/applicant/name is not a list: each cannot be used',
      },
    ],
  },
  {
    name: 'a list without saying what of its entries',
    change: [file, '      applicant:', '      materials: { each: CL }\n      applicant:'],
    expect: [
      {
        code: 'MAPPING_INVALID',
        zh: 'mappings/dept/one.yaml:9:18 映射有误：字段 /content/materials 的 each 须写 fields 或 value 之一',
        en: 'mappings/dept/one.yaml:9:18 the mapping is wrong: each of field /content/materials needs either fields or value',
      },
    ],
  },
])
