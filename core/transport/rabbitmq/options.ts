import { type Static, Type } from '@sinclair/typebox'
import type { Text } from '../../errors.ts'

const file = (title: string, description: string) => Type.Optional(Type.String({ title, description, minLength: 1 }))

const tls = Type.Object(
  {
    ca: file(
      'CA 证书 / CA certificate',
      '验证服务器的 CA 证书文件（PEM）；不写则用系统内置的 CA。 / PEM file of the CA that signed the server; the built-in CAs when absent.',
    ),
    cert: file('客户端证书 / Client certificate', '客户端证书文件（PEM）。 / PEM file of the client certificate.'),
    key: file('客户端私钥 / Client key', '客户端私钥文件（PEM）。 / PEM file of the client certificate’s private key.'),
    passphrase: Type.Optional(
      Type.String({
        title: '私钥口令 / Key passphrase',
        description: '私钥文件的口令。 / Passphrase of the private key.',
        secret: true,
      }),
    ),
    servername: Type.Optional(
      Type.String({
        title: '服务器名 / Server name',
        description: '证书上的名称与地址不同时填写。 / The name on the certificate, when it differs from the address.',
      }),
    ),
  },
  {
    title: 'TLS',
    description: 'amqps:// 的证书；每次连接时重新读取。 / Certificates for amqps://; read again at every connect.',
    additionalProperties: false,
  },
)

const reconnect = Type.Object(
  {
    initialMs: Type.Integer({
      title: '首次间隔 / First pause',
      description: '断线后首次重连前的等待（毫秒），之后每次加倍。 / Milliseconds before the first reconnect; doubles each time.',
      default: 500,
      minimum: 1,
    }),
    maxMs: Type.Integer({
      title: '最长间隔 / Longest pause',
      description: '两次重连之间最长的等待（毫秒）。 / The longest pause between two attempts, in milliseconds.',
      default: 30_000,
      minimum: 1,
    }),
  },
  {
    title: '重连 / Reconnect',
    description: '断线重连与重新投递的间隔。 / Pauses between reconnects and before redelivery.',
    default: { initialMs: 500, maxMs: 30_000 },
    additionalProperties: false,
  },
)

/** Options of the RabbitMQ transport. Persistence, `mandatory` and confirms are no options: they are always on. */
export const rabbitmqOptions = Type.Object(
  {
    urls: Type.Array(Type.String({ pattern: '^amqps?://[^@/?#\\s]+(/[^@/?#\\s]*)?$' }), {
      title: '地址 / Addresses',
      description:
        '一个或多个 amqps://主机:端口/虚拟主机，依次尝试；不含账号。 / One or more amqps://host:port/vhost, tried in turn; without credentials.',
      default: ['amqp://127.0.0.1:5672'],
      minItems: 1,
    }),
    allowPlaintext: Type.Boolean({
      title: '允许明文 / Allow plaintext',
      description:
        '允许用 amqp:// 连接本机以外的地址（仅限已由专线或隧道加密的网络）。 / Allows amqp:// to other hosts (only on a network that is encrypted otherwise).',
      default: false,
    }),
    username: Type.Optional(
      Type.String({
        title: '用户名 / User name',
        description: '不写则用 RabbitMQ 仅限本机的 guest。 / RabbitMQ’s local-only guest when absent.',
      }),
    ),
    password: Type.Optional(
      Type.String({ title: '密码 / Password', description: '该用户的密码。 / The password of that user.', secret: true }),
    ),
    tls: Type.Optional(tls),
    prefix: Type.String({
      title: '名称前缀 / Name prefix',
      description: '交换机与队列名称的前缀。 / Prefix of the names of exchanges and queues.',
      default: 'qianzhi',
      pattern: '^[A-Za-z0-9._-]{1,100}$',
    }),
    declare: Type.Boolean({
      title: '创建队列 / Declare',
      description:
        '连接时创建缺少的交换机、队列与绑定；false 时只检查是否存在。 / Creates missing exchanges, queues and bindings at connect; false only checks that they exist.',
      default: true,
    }),
    partitions: Type.Integer({
      title: '分区数 / Partitions',
      description:
        '队列个数；同一办件总在同一分区。改动前须先排空。 / Number of queues; a case stays in one of them. Drain before changing it.',
      default: 4,
      minimum: 1,
      maximum: 256,
    }),
    window: Type.Integer({
      title: '在途上限 / Window',
      description: '已发出而未确认的消息最多几条。 / Messages in flight without a confirm, at most.',
      default: 500,
      minimum: 0,
      maximum: 65_535,
    }),
    maxMessageBytes: Type.Integer({
      title: '消息上限 / Message limit',
      description:
        '一条消息最多多少字节；不得高于队列服务器的 max_message_size。 / Largest message body in bytes; not above max_message_size of the broker.',
      default: 16_777_216,
      minimum: 1024,
    }),
    heartbeatSeconds: Type.Integer({
      title: '心跳 / Heartbeat',
      description: '心跳间隔（秒）；两次无应答即视为断线。 / Heartbeat in seconds; two missed mean a lost connection.',
      default: 15,
      minimum: 0,
      maximum: 3600,
    }),
    connectTimeoutMs: Type.Integer({
      title: '连接时限 / Connect timeout',
      description: '建立连接时最长的静默（毫秒）。 / The longest silence while connecting, in milliseconds.',
      default: 10_000,
      minimum: 100,
    }),
    reconnect,
  },
  { additionalProperties: false },
)

export type RabbitmqOptions = Static<typeof rabbitmqOptions>

const isLoopback = (hostname: string): boolean => /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/i.test(hostname)

/** What lint refuses: settings that are well formed but cannot work, or may lose or expose messages. `path` is a JSON pointer into the options. */
export const findUnsafeSettings = (options: RabbitmqOptions): { path: string; reason: Text }[] => {
  const found: { path: string; reason: Text }[] = []
  options.urls.forEach((url, index) => {
    if (!URL.canParse(url)) {
      found.push({ path: `/urls/${index}`, reason: { zh: '不是合法的地址', en: 'it is not a valid address' } })
      return
    }
    const { protocol, hostname } = new URL(url)
    if (protocol !== 'amqp:' || isLoopback(hostname) || options.allowPlaintext) return
    found.push({
      path: `/urls/${index}`,
      reason: {
        zh: `到 ${hostname} 的连接是明文：请用 amqps://，或在网络另有加密时写明 allowPlaintext: true`,
        en: `the connection to ${hostname} is plaintext: use amqps://, or write allowPlaintext: true where the network is encrypted otherwise`,
      },
    })
  })
  if (options.heartbeatSeconds === 0) {
    found.push({
      path: '/heartbeatSeconds',
      reason: { zh: '关闭心跳后，断掉的连接可能长期不被发现', en: 'without heartbeats a dead connection may go unnoticed' },
    })
  }
  if (options.window === 0) {
    found.push({
      path: '/window',
      reason: { zh: '在途上限为 0 时不会发出任何消息', en: 'with a window of 0 nothing is ever sent' },
    })
  }
  return found
}
