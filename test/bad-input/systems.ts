import { databaseYaml } from './installation.ts'
import { configurationFamily } from './loaders.ts'

const gateway = 'config/gateway.yaml'
const system = 'config/adapters/one.yaml'

/** Mistakes of whoever joins a system to the gateway. */
export const systems = configurationFamily('systems', [
  {
    name: 'a quote that is never closed',
    change: [gateway, '["amqps://broker.example:5671/qianzhi"]', '["amqps://broker.example:5671]'],
    expect: [
      {
        code: 'CONFIG_SYNTAX',
        zh: 'config/gateway.yaml:10:1 YAML 语法错误：引号没有结束',
        en: 'config/gateway.yaml:10:1 YAML syntax error: a quote is never closed',
      },
    ],
  },
  {
    name: 'an alias of nothing',
    change: [gateway, 'level: info', 'level: *standard'],
    expect: [
      {
        code: 'CONFIG_SYNTAX',
        zh: 'config/gateway.yaml:9:15 YAML 语法错误：别名（*）没有对应的锚点（&），或展开过多',
        en: 'config/gateway.yaml:9:15 YAML syntax error: an alias (*) has no anchor (&) before it, or aliases expand to too much',
      },
    ],
  },
  {
    name: 'an alias bomb',
    change: [
      gateway,
      'log: { level: info }',
      'log: &a [x, x, x, x, x, x, x, x, x, x]\nretry2: &b [*a, *a, *a, *a, *a, *a, *a, *a, *a]\nretry3: &c [*b, *b, *b, *b, *b, *b, *b, *b, *b]\nretry4: [*c, *c]',
    ],
    expect: [
      {
        code: 'CONFIG_SYNTAX',
        zh: 'config/gateway.yaml:10:13 YAML 语法错误：别名（*）没有对应的锚点（&），或展开过多',
        en: 'config/gateway.yaml:10:13 YAML syntax error: an alias (*) has no anchor (&) before it, or aliases expand to too much',
      },
    ],
  },
  {
    name: 'two documents in one file',
    change: [gateway, 'log:', '---\nlog:'],
    expect: [
      {
        code: 'CONFIG_SYNTAX',
        zh: 'config/gateway.yaml:9:1 YAML 语法错误：一个文件只能有一份 YAML 文档',
        en: 'config/gateway.yaml:9:1 YAML syntax error: a file holds one YAML document',
      },
    ],
  },
  {
    name: 'a system file with a name in capitals',
    files: { 'config/adapters/Zwei.yaml': databaseYaml },
    expect: [
      {
        code: 'CONFIG_VALUE_INVALID',
        zh: 'config/adapters/Zwei.yaml “文件名”的值 Zwei 不合要求：文件名须为小写字母、数字与连字符，字母开头',
        en: 'config/adapters/Zwei.yaml the value Zwei of "the file name" is not allowed: the file name must be lower-case letters, digits and hyphens',
      },
    ],
  },
  {
    name: 'an empty system file',
    files: { [system]: '' },
    expect: [
      {
        code: 'CONFIG_KEY_MISSING',
        zh: 'config/adapters/one.yaml:1:1 缺少必填配置项“department”',
        en: 'config/adapters/one.yaml:1:1 the required key "department" is missing',
      },
      {
        code: 'CONFIG_KEY_MISSING',
        zh: 'config/adapters/one.yaml:1:1 缺少必填配置项“adapter”',
        en: 'config/adapters/one.yaml:1:1 the required key "adapter" is missing',
      },
      {
        code: 'CONFIG_KEY_MISSING',
        zh: 'config/adapters/one.yaml:1:1 缺少必填配置项“options”',
        en: 'config/adapters/one.yaml:1:1 the required key "options" is missing',
      },
      {
        code: 'CONFIG_KEY_MISSING',
        zh: 'config/adapters/one.yaml:1:1 缺少必填配置项“mapping”',
        en: 'config/adapters/one.yaml:1:1 the required key "mapping" is missing',
      },
    ],
  },
  {
    name: 'a department without its code',
    change: [system, 'code: 11150900PDY00001XA, ', ''],
    expect: [
      {
        code: 'CONFIG_KEY_MISSING',
        zh: 'config/adapters/one.yaml:1:13 缺少必填配置项“code”',
        en: 'config/adapters/one.yaml:1:13 the required key "code" is missing',
      },
    ],
  },
  {
    name: 'a department code with a wrong check character',
    change: [system, '11150900PDY00001XA', '11150900PDY00001XB'],
    expect: [
      {
        code: 'CONFIG_VALUE_INVALID',
        zh: 'config/adapters/one.yaml:1:21 “department.code”的值 "11150900PDY00001XB" 不合要求：校验位不对',
        en: 'config/adapters/one.yaml:1:21 the value "11150900PDY00001XB" of "department.code" is not allowed: its check digit is wrong',
      },
    ],
  },
  {
    name: 'a department code of nine characters',
    change: [system, '11150900PDY00001XA', 'PDY00001X'],
    expect: [
      {
        code: 'CONFIG_VALUE_INVALID',
        zh: 'config/adapters/one.yaml:1:21 “department.code”的值 "PDY00001X" 不合要求：部门的统一社会信用代码（GB 32100，18 位，校验位须正确）。',
        en: 'config/adapters/one.yaml:1:21 the value "PDY00001X" of "department.code" is not allowed: Of the department (GB 32100, 18 characters, check digit included).',
      },
    ],
  },
  {
    name: 'a department without a name',
    change: [system, 'name: 示例局', 'name: ""'],
    expect: [
      {
        code: 'CONFIG_VALUE_INVALID',
        zh: 'config/adapters/one.yaml:1:47 “department.name”的值 "" 不合要求：不得为空',
        en: 'config/adapters/one.yaml:1:47 the value "" of "department.name" is not allowed: must not be empty',
      },
    ],
  },
  {
    name: 'a region that YAML reads as a number',
    change: [system, '"150900"', '150900'],
    expect: [
      {
        code: 'CONFIG_VALUE_INVALID',
        zh: 'config/adapters/one.yaml:1:60 “department.region”的值 150900 不合要求：应为文字（string）；数字须加引号',
        en: 'config/adapters/one.yaml:1:60 the value 150900 of "department.region" is not allowed: must be a text (string); quote a number',
      },
    ],
  },
  {
    name: 'a region of nine digits',
    change: [system, '"150900"', '"150900000"'],
    expect: [
      {
        code: 'CONFIG_VALUE_INVALID',
        zh: 'config/adapters/one.yaml:1:60 “department.region”的值 "150900000" 不合要求：6 位行政区划代码（GB/T 2260）。',
        en: 'config/adapters/one.yaml:1:60 the value "150900000" of "department.region" is not allowed: Six-digit region code (GB/T 2260).',
      },
    ],
  },
])
