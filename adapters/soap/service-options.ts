/** How a service is reached and spoken to: the same for reading and for writing. */
import { type Static, Type } from '@sinclair/typebox'
import { isCharset, isXmlName, type Text } from '../../core/contract.ts'

const strict = { additionalProperties: false }

const username = Type.String({ minLength: 1, title: '用户名 / User name', description: '用户名。 / The user name.' })
const password = Type.String({
  secret: true,
  title: '密码 / Password',
  description: '密码，请用密钥引用。 / The password; refer to a secret.',
})

export const serviceProperties = {
  wsdl: Type.String({
    minLength: 1,
    title: 'WSDL / WSDL',
    description:
      '文件路径（相对于配置文件夹）或网址。文件及其引用只从本地读取；文件中引用网址即报错。 / A file, relative to the configuration folder, or a URL. A file and what it imports are read offline; an import from the network is refused.',
  }),
  endpoint: Type.Optional(
    Type.String({
      pattern: '^https?://',
      title: '服务地址 / Endpoint',
      description: '代替 WSDL 中的地址。 / Replaces the address of the WSDL.',
    }),
  ),
  version: Type.Union([Type.Literal('1.1'), Type.Literal('1.2')], {
    default: '1.1',
    title: 'SOAP 版本 / SOAP version',
    description: '请求的 SOAP 版本。 / The SOAP version of the request.',
  }),
  security: Type.Optional(
    Type.Object(
      {
        kind: Type.Literal('usernameToken', {
          title: '方式 / Kind',
          description: 'WS-Security UsernameToken。 / WS-Security UsernameToken.',
        }),
        username,
        password,
        digest: Type.Boolean({
          default: false,
          title: '摘要 / Digest',
          description: '发送密码摘要而不是明文。 / Sends the digest instead of the password.',
        }),
      },
      { ...strict, title: '报文安全 / Security', description: '不写则不带安全头。 / Left out: no security header.' },
    ),
  ),
  httpBasic: Type.Optional(
    Type.Object(
      { username, password },
      { ...strict, title: 'HTTP 认证 / HTTP basic', description: 'HTTP Basic 认证。 / HTTP Basic authentication.' },
    ),
  ),
  headers: Type.Record(Type.String(), Type.String(), {
    default: {},
    title: 'HTTP 头 / Headers',
    description: '附加的 HTTP 头。 / Further HTTP headers.',
  }),
  charset: Type.String({
    default: 'utf-8',
    title: '请求编码 / Charset',
    description:
      '请求报文的编码，如 GBK；应答的编码以 HTTP 头、再以 XML 声明为准。 / The charset of the request, such as GBK; that of the answer comes from its HTTP header, then its XML declaration.',
  }),
  timeoutMs: Type.Integer({
    minimum: 1,
    default: 60_000,
    title: '超时毫秒 / Timeout',
    description: '一次调用的总时限。 / The limit for one whole call.',
  }),
  maxAnswerBytes: Type.Integer({
    minimum: 1024,
    maximum: 256 * 1024 * 1024,
    default: 16 * 1024 * 1024,
    title: '应答上限 / Answer limit',
    description:
      '一次应答的最大字节数；一页在内存中的大小以此为限。 / The most bytes of one answer; a page in memory is bounded by it.',
  }),
}

const serviceOptions = Type.Object(serviceProperties, strict)

export type ServiceOptions = Static<typeof serviceOptions>

export interface Problem {
  path: string
  expected: Text
}

/** What the schema cannot say of it; `at` is the option that holds it. */
export const findServiceProblems = ({ charset }: ServiceOptions, at = ''): Problem[] =>
  isCharset(charset)
    ? []
    : [{ path: `${at}/charset`, expected: { zh: '已知的编码，如 utf-8、GBK', en: 'a known charset, such as utf-8 or GBK' } }]

/** Names of elements that node-soap gives no meaning of its own, as it does to `_xml` and `attributes`. */
export const isElementName = (name: string): boolean => isXmlName(name) && !name.startsWith('_') && name !== 'attributes'
