import { configurationFamily } from './loaders.ts'

const gateway = 'config/gateway.yaml'

/** Broker settings that may lose or expose messages, and secrets where none may stand. */
export const broker = configurationFamily('broker and secrets', [
  {
    name: 'broker: plain text to another machine',
    change: [gateway, 'amqps://broker.example:5671/qianzhi', 'amqp://broker.example:5672/qianzhi'],
    expect: [
      {
        code: 'CONFIG_UNSAFE',
        zh: 'config/gateway.yaml:4:10 设置“transport.urls.0”不安全：到 broker.example 的连接是明文：请用 amqps://，或在网络另有加密时写明 allowPlaintext: true',
        en: 'config/gateway.yaml:4:10 setting "transport.urls.0" is unsafe: the connection to broker.example is plaintext: use amqps://, or write allowPlaintext: true where the network is encrypted otherwise',
      },
    ],
  },
  {
    name: 'broker: credentials in the address',
    change: [gateway, 'amqps://broker', 'amqps://gateway:Geheim-1@broker'],
    expect: [
      {
        code: 'CONFIG_VALUE_INVALID',
        zh: 'config/gateway.yaml:4:10 “transport.urls.0”的值 "amqps://***@broker.example:5671/qianzhi" 不合要求：须符合 ^amqps?://[^@/?#\\s]+(/[^@/?#\\s]*)?$',
        en: 'config/gateway.yaml:4:10 the value "amqps://***@broker.example:5671/qianzhi" of "transport.urls.0" is not allowed: must match ^amqps?://[^@/?#\\s]+(/[^@/?#\\s]*)?$',
      },
    ],
  },
  {
    name: 'broker: an address of the web',
    change: [gateway, 'amqps://broker.example:5671/qianzhi', 'https://broker.example'],
    expect: [
      {
        code: 'CONFIG_VALUE_INVALID',
        zh: 'config/gateway.yaml:4:10 “transport.urls.0”的值 "https://broker.example" 不合要求：须符合 ^amqps?://[^@/?#\\s]+(/[^@/?#\\s]*)?$',
        en: 'config/gateway.yaml:4:10 the value "https://broker.example" of "transport.urls.0" is not allowed: must match ^amqps?://[^@/?#\\s]+(/[^@/?#\\s]*)?$',
      },
    ],
  },
  {
    name: 'broker: a port beyond all ports',
    change: [gateway, ':5671', ':567100'],
    expect: [
      {
        code: 'CONFIG_UNSAFE',
        zh: 'config/gateway.yaml:4:10 设置“transport.urls.0”不安全：不是合法的地址',
        en: 'config/gateway.yaml:4:10 setting "transport.urls.0" is unsafe: it is not a valid address',
      },
    ],
  },
  {
    name: 'broker: no address',
    change: [gateway, '["amqps://broker.example:5671/qianzhi"]', '[]'],
    expect: [
      {
        code: 'CONFIG_VALUE_INVALID',
        zh: 'config/gateway.yaml:4:9 “transport.urls”的值 [] 不合要求：至少 1 项',
        en: 'config/gateway.yaml:4:9 the value [] of "transport.urls" is not allowed: needs at least 1 entries',
      },
    ],
  },
  {
    name: 'broker: no heartbeat',
    change: [gateway, 'window: 500', 'heartbeatSeconds: 0'],
    expect: [
      {
        code: 'CONFIG_UNSAFE',
        zh: 'config/gateway.yaml:6:21 设置“transport.heartbeatSeconds”不安全：关闭心跳后，断掉的连接可能长期不被发现',
        en: 'config/gateway.yaml:6:21 setting "transport.heartbeatSeconds" is unsafe: without heartbeats a dead connection may go unnoticed',
      },
    ],
  },
  {
    name: 'broker: nothing may be under way',
    change: [gateway, 'window: 500', 'window: 0'],
    expect: [
      {
        code: 'CONFIG_UNSAFE',
        zh: 'config/gateway.yaml:6:11 设置“transport.window”不安全：在途上限为 0 时不会发出任何消息',
        en: 'config/gateway.yaml:6:11 setting "transport.window" is unsafe: with a window of 0 nothing is ever sent',
      },
    ],
  },
  {
    name: 'broker: confirms turned off',
    change: [gateway, 'window: 500', 'confirm: false'],
    expect: [
      {
        code: 'CONFIG_KEY_UNKNOWN',
        zh: 'config/gateway.yaml:6:3 未知配置项“confirm”。可用：urls, allowPlaintext, username, password, tls, prefix, declare, partitions, window, maxMessageBytes, heartbeatSeconds, connectTimeoutMs …',
        en: 'config/gateway.yaml:6:3 unknown key "confirm". Known: urls, allowPlaintext, username, password, tls, prefix, declare, partitions, window, maxMessageBytes, heartbeatSeconds, connectTimeoutMs …',
      },
    ],
  },
  {
    name: 'broker: messages that a restart forgets',
    change: [gateway, 'window: 500', 'persistent: false'],
    expect: [
      {
        code: 'CONFIG_KEY_UNKNOWN',
        zh: 'config/gateway.yaml:6:3 未知配置项“persistent”。可用：urls, allowPlaintext, username, password, tls, prefix, declare, partitions, window, maxMessageBytes, heartbeatSeconds, connectTimeoutMs …',
        en: 'config/gateway.yaml:6:3 unknown key "persistent". Known: urls, allowPlaintext, username, password, tls, prefix, declare, partitions, window, maxMessageBytes, heartbeatSeconds, connectTimeoutMs …',
      },
    ],
  },
  {
    name: 'broker: more partitions than there may be',
    change: [gateway, 'window: 500', 'partitions: 1000'],
    expect: [
      {
        code: 'CONFIG_VALUE_INVALID',
        zh: 'config/gateway.yaml:6:15 “transport.partitions”的值 1000 不合要求：不得大于 256',
        en: 'config/gateway.yaml:6:15 the value 1000 of "transport.partitions" is not allowed: must be at most 256',
      },
    ],
  },
  {
    name: 'a secret in plain text',
    change: [gateway, 'window: 500', 'password: Geheim-1'],
    expect: [
      {
        code: 'CONFIG_VALUE_INVALID',
        zh: 'config/gateway.yaml:6:13 “transport.password”的值 *** 不合要求：密钥不得写在配置里，须写成 {env: 变量名} 或 {file: 文件}',
        en: 'config/gateway.yaml:6:13 the value *** of "transport.password" is not allowed: a secret is never written in configuration: write {env: NAME} or {file: path}',
      },
    ],
  },
  {
    name: 'a secret from a variable that is not set',
    change: [gateway, 'window: 500', 'password: { env: MQ_PASSWORD }'],
    expect: [
      {
        code: 'CONFIG_SECRET_MISSING',
        zh: 'config/gateway.yaml:6:13 引用的密钥 MQ_PASSWORD 没有提供',
        en: 'config/gateway.yaml:6:13 the secret MQ_PASSWORD it refers to is not provided',
      },
    ],
  },
  {
    name: 'a secret from a variable that is empty',
    change: [gateway, 'window: 500', 'password: { env: EMPTY }'],
    expect: [
      {
        code: 'CONFIG_SECRET_MISSING',
        zh: 'config/gateway.yaml:6:13 引用的密钥 EMPTY 没有提供',
        en: 'config/gateway.yaml:6:13 the secret EMPTY it refers to is not provided',
      },
    ],
  },
  {
    name: 'a secret from a file that is not there',
    change: [gateway, 'window: 500', 'password: { file: secrets/mq }'],
    expect: [
      {
        code: 'CONFIG_SECRET_MISSING',
        zh: 'config/gateway.yaml:6:13 引用的密钥 secrets/mq 没有提供',
        en: 'config/gateway.yaml:6:13 the secret secrets/mq it refers to is not provided',
      },
    ],
  },
  {
    name: 'a secret under a word of its own',
    change: [gateway, 'window: 500', 'password: { value: Geheim-1 }'],
    expect: [
      {
        code: 'CONFIG_VALUE_INVALID',
        zh: 'config/gateway.yaml:6:13 “transport.password”的值 *** 不合要求：密钥不得写在配置里，须写成 {env: 变量名} 或 {file: 文件}',
        en: 'config/gateway.yaml:6:13 the value *** of "transport.password" is not allowed: a secret is never written in configuration: write {env: NAME} or {file: path}',
      },
    ],
  },
])
