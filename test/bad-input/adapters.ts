import { databaseYaml } from './installation.ts'
import { configurationFamily } from './loaders.ts'

const system = 'config/adapters/one.yaml'
const database = 'config/adapters/two.yaml'

/** Mistakes in the choice and the options of an adapter, and in its schedule. */
export const adapterOptions = configurationFamily('adapters and schedules', [
  {
    name: 'an adapter that does not exist',
    change: [system, 'adapter: file', 'adapter: mqtt'],
    expect: [
      {
        code: 'ADAPTER_UNKNOWN',
        zh: 'config/adapters/one.yaml:2:10 没有名为“mqtt”的适配器。可用：db, file, http, soap',
        en: 'config/adapters/one.yaml:2:10 there is no adapter "mqtt". Known: db, file, http, soap',
      },
    ],
  },
  {
    name: 'an adapter with a letter too many',
    change: [system, 'adapter: file', 'adapter: files'],
    expect: [
      {
        code: 'ADAPTER_UNKNOWN',
        zh: 'config/adapters/one.yaml:2:10 没有名为“files”的适配器。是否想写“file”？可用：db, file, http, soap',
        en: 'config/adapters/one.yaml:2:10 there is no adapter "files". Did you mean "file"? Known: db, file, http, soap',
      },
    ],
  },
  {
    name: 'a mapping that does not exist',
    change: [system, 'dept/one', 'dept/two'],
    expect: [
      {
        code: 'MAPPING_UNKNOWN',
        zh: 'config/adapters/one.yaml:3:10 没有名为“dept/two”的映射。可用：dept/one',
        en: 'config/adapters/one.yaml:3:10 there is no mapping "dept/two". Known: dept/one',
      },
    ],
  },
  {
    name: 'a mapping by the name of its file',
    change: [system, 'dept/one', 'one.yaml'],
    expect: [
      {
        code: 'CONFIG_VALUE_INVALID',
        zh: 'config/adapters/one.yaml:3:10 “mapping”的值 "one.yaml" 不合要求：mappings/ 下的“部门/文件名”。',
        en: 'config/adapters/one.yaml:3:10 the value "one.yaml" of "mapping" is not allowed: <department>/<file> under mappings/.',
      },
      {
        code: 'MAPPING_UNKNOWN',
        zh: 'config/adapters/one.yaml:3:10 没有名为“one.yaml”的映射。可用：dept/one',
        en: 'config/adapters/one.yaml:3:10 there is no mapping "one.yaml". Known: dept/one',
      },
    ],
  },
  {
    name: 'a schedule that is an interval without its key',
    change: [system, '{ every: 10s }', '10s'],
    expect: [
      {
        code: 'CONFIG_VALUE_INVALID',
        zh: 'config/adapters/one.yaml:4:11 “schedule”的值 "10s" 不合要求：写成 {every: 10s}（单位 ms s m h d）或 {cron: "0 8 * * *"}，二者取其一。',
        en: 'config/adapters/one.yaml:4:11 the value "10s" of "schedule" is not allowed: Write {every: 10s} (ms, s, m, h or d) or {cron: "0 8 * * *"}, one of the two.',
      },
    ],
  },
  {
    name: 'a schedule of both kinds',
    change: [system, '{ every: 10s }', '{ every: 10s, cron: "0 8 * * *" }'],
    expect: [
      {
        code: 'CONFIG_VALUE_INVALID',
        zh: 'config/adapters/one.yaml:4:11 “schedule”的值 {"every":"10s","cron":"0 8 * * *"} 不合要求：写成 {every: 10s}（单位 ms s m h d）或 {cron: "0 8 * * *"}，二者取其一。',
        en: 'config/adapters/one.yaml:4:11 the value {"every":"10s","cron":"0 8 * * *"} of "schedule" is not allowed: Write {every: 10s} (ms, s, m, h or d) or {cron: "0 8 * * *"}, one of the two.',
      },
    ],
  },
  {
    name: 'a minute 61 in a calendar',
    change: [system, '{ every: 10s }', '{ cron: "61 8 * * *" }'],
    expect: [
      {
        code: 'CONFIG_VALUE_INVALID',
        zh: 'config/adapters/one.yaml:4:19 “schedule.cron”的值 "61 8 * * *" 不合要求：“61”不能作“分”的值',
        en: 'config/adapters/one.yaml:4:19 the value "61 8 * * *" of "schedule.cron" is not allowed: "61" is no value for minute',
      },
    ],
  },
  {
    name: 'a calendar in a zone that there is none of',
    change: [system, '{ every: 10s }', '{ cron: "0 8 * * *", zone: Asia/Beijing }'],
    expect: [
      {
        code: 'CONFIG_VALUE_INVALID',
        zh: 'config/adapters/one.yaml:4:38 “schedule.zone”的值 "Asia/Beijing" 不合要求：须为 IANA 时区名；北京时间为 Asia/Shanghai',
        en: 'config/adapters/one.yaml:4:38 the value "Asia/Beijing" of "schedule.zone" is not allowed: must be the IANA name of a time zone; that of Beijing is Asia/Shanghai',
      },
    ],
  },
  {
    name: 'a calendar with four fields',
    change: [system, '{ every: 10s }', '{ cron: "0 8 * *" }'],
    expect: [
      {
        code: 'CONFIG_VALUE_INVALID',
        zh: 'config/adapters/one.yaml:4:19 “schedule.cron”的值 "0 8 * *" 不合要求：应有 5 或 6 段，实有 4 段',
        en: 'config/adapters/one.yaml:4:19 the value "0 8 * *" of "schedule.cron" is not allowed: expected 5 or 6 fields but got 4',
      },
    ],
  },
  {
    name: 'file: no folder',
    change: [system, '  folder: ../in\n', ''],
    expect: [
      {
        code: 'CONFIG_KEY_MISSING',
        zh: 'config/adapters/one.yaml:6:3 缺少必填配置项“folder”',
        en: 'config/adapters/one.yaml:6:3 the required key "folder" is missing',
      },
    ],
  },
  {
    name: 'file: a format that does not exist',
    change: [system, 'format: xml', 'format: xls'],
    expect: [
      {
        code: 'CONFIG_VALUE_INVALID',
        zh: 'config/adapters/one.yaml:7:11 “options.format”的值 "xls" 不合要求：应为 xml、json、csv 之一',
        en: 'config/adapters/one.yaml:7:11 the value "xls" of "options.format" is not allowed: must be one of xml, json, csv',
      },
    ],
  },
  {
    name: 'file: XML without the path of its records',
    change: [system, '  records: Records/*\n', ''],
    expect: [
      {
        code: 'CONFIG_VALUE_INVALID',
        zh: 'config/adapters/one.yaml:6:3 “options.records”的值 （未填） 不合要求：xml 须填元素路径',
        en: 'config/adapters/one.yaml:6:3 the value (none) of "options.records" is not allowed: xml needs an element path',
      },
    ],
  },
  {
    name: 'file: a path of keys that is none',
    change: [system, '[SBLSH]', '["SBLSH//"]'],
    expect: [
      {
        code: 'CONFIG_VALUE_INVALID',
        zh: 'config/adapters/one.yaml:10:9 “options.key.0”的值 "SBLSH//" 不合要求：“SBLSH//”不是合法的路径；例：Info/Applicant/Name、Field[@FieldName=\'SBLSH\']、Field/@type',
        en: 'config/adapters/one.yaml:10:9 the value "SBLSH//" of "options.key.0" is not allowed: "SBLSH//" is not a path; examples: Info/Applicant/Name, Field[@FieldName=\'SBLSH\'], Field/@type',
      },
    ],
  },
  {
    name: 'file: the name of the element of a JSON file',
    change: [system, 'format: xml\n  records: Records/*', 'format: json'],
    expect: [
      {
        code: 'CONFIG_VALUE_INVALID',
        zh: 'config/adapters/one.yaml:8:11 “options.stream”的值 "{element}" 不合要求：{element} 只用于 xml',
        en: 'config/adapters/one.yaml:8:11 the value "{element}" of "options.stream" is not allowed: {element} is for xml only',
      },
    ],
  },
  {
    name: 'file: what could not be read goes to the folder that is read',
    change: [system, '  key: [SBLSH]', '  error: ../in'],
    expect: [
      {
        code: 'CONFIG_VALUE_INVALID',
        zh: 'config/adapters/one.yaml:10:10 “options.error”的值 "../in" 不合要求：须是另一个文件夹',
        en: 'config/adapters/one.yaml:10:10 the value "../in" of "options.error" is not allowed: must be another folder',
      },
    ],
  },
  {
    name: 'file: finished files go to the folder that is read',
    change: [system, '  key: [SBLSH]', '  done: .'],
    expect: [
      {
        code: 'CONFIG_VALUE_INVALID',
        zh: 'config/adapters/one.yaml:10:9 “options.done”的值 "." 不合要求：须是另一个文件夹',
        en: 'config/adapters/one.yaml:10:9 the value "." of "options.done" is not allowed: must be another folder',
      },
    ],
  },
  {
    name: 'database: a password in plain text',
    files: { [database]: databaseYaml.replace('{ env: DB_PASSWORD }', 'Geheim-1') },
    expect: [
      {
        code: 'CONFIG_VALUE_INVALID',
        zh: 'config/adapters/two.yaml:6:75 “options.connection.password”的值 *** 不合要求：密钥不得写在配置里，须写成 {env: 变量名} 或 {file: 文件}',
        en: 'config/adapters/two.yaml:6:75 the value *** of "options.connection.password" is not allowed: a secret is never written in configuration: write {env: NAME} or {file: path}',
      },
    ],
  },
  {
    name: 'database: an engine that is not spoken',
    files: { [database]: databaseYaml.replace('postgresql', 'oracle') },
    expect: [
      {
        code: 'CONFIG_VALUE_INVALID',
        zh: 'config/adapters/two.yaml:5:11 “options.engine”的值 "oracle" 不合要求：应为 postgresql、mysql、sqlite 之一',
        en: 'config/adapters/two.yaml:5:11 the value "oracle" of "options.engine" is not allowed: must be one of postgresql, mysql, sqlite',
      },
    ],
  },
  {
    name: 'database: no key',
    files: { [database]: databaseYaml.replace('key: [SBLSH]', 'key: []') },
    expect: [
      {
        code: 'CONFIG_VALUE_INVALID',
        zh: 'config/adapters/two.yaml:8:25 “options.streams.0.key”的值 [] 不合要求：至少 1 项',
        en: 'config/adapters/two.yaml:8:25 the value [] of "options.streams.0.key" is not allowed: needs at least 1 entries',
      },
    ],
  },
  {
    name: 'database: a query that ends in a semicolon',
    files: { [database]: databaseYaml.replace('table: SB', 'name: SB, query: SELECT * FROM SB;') },
    expect: [
      {
        code: 'CONFIG_VALUE_INVALID',
        zh: 'config/adapters/two.yaml:8:26 “options.streams.0.query”的值 "SELECT * FROM SB;" 不合要求：一个 SELECT，不带分号',
        en: 'config/adapters/two.yaml:8:26 the value "SELECT * FROM SB;" of "options.streams.0.query" is not allowed: one SELECT, without semicolon',
      },
    ],
  },
  {
    name: 'database: a query that is no SELECT',
    files: { [database]: databaseYaml.replace('table: SB', 'name: SB, query: DELETE FROM SB') },
    expect: [
      {
        code: 'CONFIG_VALUE_INVALID',
        zh: 'config/adapters/two.yaml:8:26 “options.streams.0.query”的值 "DELETE FROM SB" 不合要求：一个 SELECT，不带分号',
        en: 'config/adapters/two.yaml:8:26 the value "DELETE FROM SB" of "options.streams.0.query" is not allowed: one SELECT, without semicolon',
      },
    ],
  },
  {
    name: 'database: no stream',
    files: { [database]: databaseYaml.replace(/streams:[\s\S]*$/, 'streams: []\n') },
    expect: [
      {
        code: 'CONFIG_VALUE_INVALID',
        zh: 'config/adapters/two.yaml:7:12 “options.streams”的值 [] 不合要求：至少 1 项',
        en: 'config/adapters/two.yaml:7:12 the value [] of "options.streams" is not allowed: needs at least 1 entries',
      },
    ],
  },
  {
    name: 'database: a watermark that is not said',
    files: { [database]: databaseYaml.replace(', watermark: { column: GXSJ, kind: time }', '') },
    expect: [
      {
        code: 'CONFIG_VALUE_INVALID',
        zh: 'config/adapters/two.yaml:8:7 “options.streams.0.watermark”的值 （未填） 不合要求：mode 为 watermark 时给出，否则不给',
        en: 'config/adapters/two.yaml:8:7 the value (none) of "options.streams.0.watermark" is not allowed: given in mode watermark, and only then',
      },
    ],
  },
  {
    name: 'database: a port as a text',
    files: { [database]: databaseYaml.replace('host: db.example', 'host: db.example, port: "5432x"') },
    expect: [
      {
        code: 'CONFIG_VALUE_INVALID',
        zh: 'config/adapters/two.yaml:6:41 “options.connection.port”的值 "5432x" 不合要求：应为整数（integer）',
        en: 'config/adapters/two.yaml:6:41 the value "5432x" of "options.connection.port" is not allowed: must be a whole number (integer)',
      },
    ],
  },
  {
    name: 'database: two streams of one name',
    files: {
      [database]: `${databaseYaml}    - { table: SB, key: [SBLSH], mode: watermark, watermark: { column: GXSJ, kind: time } }\n`,
    },
    expect: [
      {
        code: 'CONFIG_VALUE_INVALID',
        zh: 'config/adapters/two.yaml:9:7 “options.streams.1.name”的值 （未填） 不合要求：与其他数据流不同的名称',
        en: 'config/adapters/two.yaml:9:7 the value (none) of "options.streams.1.name" is not allowed: a name that no other stream has',
      },
    ],
  },
])
