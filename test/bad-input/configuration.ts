import { configurationFamily } from './loaders.ts'

const gateway = 'config/gateway.yaml'

/** Mistakes of whoever installs a gateway. */
export const configuration = configurationFamily('configuration', [
  {
    name: 'a section misspelt',
    change: [gateway, 'limits:', 'limit:'],
    expect: [
      {
        code: 'CONFIG_KEY_UNKNOWN',
        zh: 'config/gateway.yaml:7:1 未知配置项“limit”。是否想写“limits”？可用：name, store, transport, limits, bucket, retry, statements, catalogue, mappings, log',
        en: 'config/gateway.yaml:7:1 unknown key "limit". Did you mean "limits"? Known: name, store, transport, limits, bucket, retry, statements, catalogue, mappings, log',
      },
    ],
  },
  {
    name: 'an option misspelt',
    change: [gateway, 'reserveBytes', 'reservedBytes'],
    expect: [
      {
        code: 'CONFIG_KEY_UNKNOWN',
        zh: 'config/gateway.yaml:1:36 未知配置项“reservedBytes”。是否想写“reserveBytes”？可用：file, reserveBytes, attachments, retention',
        en: 'config/gateway.yaml:1:36 unknown key "reservedBytes". Did you mean "reserveBytes"? Known: file, reserveBytes, attachments, retention',
      },
    ],
  },
  {
    name: 'no transport',
    files: { [gateway]: 'log: { level: info }\n' },
    expect: [
      {
        code: 'CONFIG_KEY_MISSING',
        zh: 'config/gateway.yaml:1:1 缺少必填配置项“transport”',
        en: 'config/gateway.yaml:1:1 the required key "transport" is missing',
      },
    ],
  },
  {
    name: 'a transport that does not exist',
    change: [gateway, 'kind: rabbitmq', 'kind: kafka'],
    expect: [
      {
        code: 'CONFIG_VALUE_INVALID',
        zh: 'config/gateway.yaml:3:9 “transport.kind”的值 "kafka" 不合要求：应为 rabbitmq、embedded 之一',
        en: 'config/gateway.yaml:3:9 the value "kafka" of "transport.kind" is not allowed: must be one of rabbitmq, embedded',
      },
    ],
  },
  {
    name: 'an interval in words',
    change: [gateway, 'first: 1s', 'first: soon'],
    expect: [
      {
        code: 'CONFIG_VALUE_INVALID',
        zh: 'config/gateway.yaml:8:17 “retry.first”的值 "soon" 不合要求：写成数字加单位 ms、s、m、h 或 d，如 10s',
        en: 'config/gateway.yaml:8:17 the value "soon" of "retry.first" is not allowed: write a number and its unit ms, s, m, h or d, such as 10s',
      },
    ],
  },
  {
    name: 'an interval without a unit',
    change: [gateway, 'longest: 1m', 'longest: 60'],
    expect: [
      {
        code: 'CONFIG_VALUE_INVALID',
        zh: 'config/gateway.yaml:8:30 “retry.longest”的值 60 不合要求：应为文字（string）；数字须加引号',
        en: 'config/gateway.yaml:8:30 the value 60 of "retry.longest" is not allowed: must be a text (string); quote a number',
      },
    ],
  },
  {
    name: 'an interval below zero',
    change: [gateway, 'first: 1s', 'first: -1s'],
    expect: [
      {
        code: 'CONFIG_VALUE_INVALID',
        zh: 'config/gateway.yaml:8:17 “retry.first”的值 "-1s" 不合要求：写成数字加单位 ms、s、m、h 或 d，如 10s',
        en: 'config/gateway.yaml:8:17 the value "-1s" of "retry.first" is not allowed: write a number and its unit ms, s, m, h or d, such as 10s',
      },
    ],
  },
  {
    name: 'a limit that is a text',
    change: [gateway, 'maxWaiting: 1000', 'maxWaiting: viele'],
    expect: [
      {
        code: 'CONFIG_VALUE_INVALID',
        zh: 'config/gateway.yaml:7:23 “limits.maxWaiting”的值 "viele" 不合要求：应为整数（integer）',
        en: 'config/gateway.yaml:7:23 the value "viele" of "limits.maxWaiting" is not allowed: must be a whole number (integer)',
      },
    ],
  },
  {
    name: 'a limit of zero',
    change: [gateway, 'maxWaiting: 1000', 'maxWaiting: 0'],
    expect: [
      {
        code: 'CONFIG_VALUE_INVALID',
        zh: 'config/gateway.yaml:7:23 “limits.maxWaiting”的值 0 不合要求：不得小于 1',
        en: 'config/gateway.yaml:7:23 the value 0 of "limits.maxWaiting" is not allowed: must be at least 1',
      },
    ],
  },
  {
    name: 'a limit with a fraction',
    change: [gateway, 'maxWaiting: 1000', 'maxWaiting: 1000.5'],
    expect: [
      {
        code: 'CONFIG_VALUE_INVALID',
        zh: 'config/gateway.yaml:7:23 “limits.maxWaiting”的值 1000.5 不合要求：应为整数（integer）',
        en: 'config/gateway.yaml:7:23 the value 1000.5 of "limits.maxWaiting" is not allowed: must be a whole number (integer)',
      },
    ],
  },
  {
    name: 'a level of the log that does not exist',
    change: [gateway, 'level: info', 'level: verbose'],
    expect: [
      {
        code: 'CONFIG_VALUE_INVALID',
        zh: 'config/gateway.yaml:9:15 “log.level”的值 "verbose" 不合要求：应为 debug、info、warn、error 之一',
        en: 'config/gateway.yaml:9:15 the value "verbose" of "log.level" is not allowed: must be one of debug, info, warn, error',
      },
    ],
  },
  {
    name: 'a list where a section belongs',
    change: [gateway, 'log: { level: info }', 'log: [info]'],
    expect: [
      {
        code: 'CONFIG_VALUE_INVALID',
        zh: 'config/gateway.yaml:9:6 “log”的值 ["info"] 不合要求：应为一组“键: 值”（object）',
        en: 'config/gateway.yaml:9:6 the value ["info"] of "log" is not allowed: must be a group of keys and values (object)',
      },
    ],
  },
])
