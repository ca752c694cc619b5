import { type Static, Type } from '@sinclair/typebox'
import type { Text } from '../errors.ts'

/** The section `bucket` of a gateway and of the platform: an S3-compatible store that attachments pass through in place of chunks. */
export const bucketOptions = Type.Object(
  {
    endpoint: Type.String({
      title: '地址 / Endpoint',
      description: '对象存储服务的地址，https://主机:端口。 / Address of the S3 service, https://host:port.',
      pattern: '^https?://[^@/?#\\s]+/?$',
    }),
    name: Type.String({
      title: '桶 / Bucket',
      description: '桶的名称，须已建好；网关与平台用同一个。 / Its name. It must exist; gateway and platform use the same.',
      pattern: '^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$',
    }),
    prefix: Type.String({
      title: '对象名前缀 / Prefix',
      description:
        '对象名的前缀，如 qianzhi/；网关与平台须相同。 / Before the names of objects, such as qianzhi/; the same on both sides.',
      default: '',
      pattern: '^([A-Za-z0-9._-]+/)*$',
      maxLength: 200,
    }),
    region: Type.String({
      title: '区域 / Region',
      description: '签名用的区域；多数自建服务不看它。 / Of the signature; most services of one’s own do not look at it.',
      default: 'us-east-1',
      minLength: 1,
    }),
    accessKey: Type.String({
      title: '访问密钥 / Access key',
      description:
        '须可读、写、删前缀之下的对象，并可列出桶与未完的分段上传。 / It must read, write and delete objects below the prefix, list the bucket, and list uploads in parts.',
      secret: true,
      minLength: 1,
    }),
    secretKey: Type.String({
      title: '私有密钥 / Secret key',
      description: '与访问密钥成对。 / That of the access key.',
      secret: true,
      minLength: 1,
    }),
    pathStyle: Type.Boolean({
      title: '路径写法 / Path style',
      description:
        'true：桶名写在路径里（自建服务）；false：写在主机名里（部分公有云）。 / true: the bucket stands in the path, as services of one’s own have it; false: in the host name, as some clouds ask for.',
      default: true,
    }),
    ca: Type.Optional(
      Type.String({
        title: 'CA 证书 / CA certificate',
        description:
          '验证服务器的 CA 证书文件（PEM）；不写则用系统内置的 CA。 / PEM file of the CA that signed the server; the built-in CAs when absent.',
        minLength: 1,
      }),
    ),
    allowPlaintext: Type.Boolean({
      title: '允许明文 / Allow plaintext',
      description:
        '允许用 http:// 连接本机以外的地址（仅限已由专线或隧道加密的网络）。 / Allows http:// to other hosts (only on a network that is encrypted otherwise).',
      default: false,
    }),
  },
  {
    additionalProperties: false,
    title: '对象存储 / Bucket',
    description:
      '附件改经 S3 兼容的对象存储送达，不再分块经消息队列；网关与平台都须配置。 / Attachments go by an S3-compatible store, and not in chunks by the broker; both sides need the section.',
  },
)

export type BucketOptions = Static<typeof bucketOptions>

/** What lint refuses. `path` is a JSON pointer into the section. */
export const findUnsafeBucket = ({ endpoint, allowPlaintext }: BucketOptions): { path: string; reason: Text }[] => {
  if (!URL.canParse(endpoint)) return [{ path: '/endpoint', reason: { zh: '不是合法的地址', en: 'it is not a valid address' } }]
  const { protocol, hostname } = new URL(endpoint)
  if (protocol === 'https:' || allowPlaintext || /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/i.test(hostname)) return []
  return [
    {
      path: '/endpoint',
      reason: {
        zh: `到 ${hostname} 的连接是明文：请用 https://，或在网络另有加密时写明 allowPlaintext: true`,
        en: `the connection to ${hostname} is plaintext: use https://, or write allowPlaintext: true where the network is encrypted otherwise`,
      },
    },
  ]
}
