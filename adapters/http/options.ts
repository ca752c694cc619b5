import { type Static, Type } from '@sinclair/typebox'

const strict = { additionalProperties: false }

const listen = Type.Object(
  {
    host: Type.String({
      minLength: 1,
      default: '127.0.0.1',
      title: '地址 / Host',
      description:
        '监听的本机地址；0.0.0.0 为所有 IPv4 地址。 / The address of this machine to listen at; 0.0.0.0 is all of IPv4.',
    }),
    port: Type.Integer({
      minimum: 1,
      maximum: 65_535,
      title: '端口 / Port',
      description: '监听的端口；每个系统一个。 / The port to listen at; each system has its own.',
    }),
    allowPlaintext: Type.Boolean({
      default: false,
      title: '允许明文 / Allow plaintext',
      description:
        '允许在本机以外的地址上不用 TLS（仅限已由专线或隧道加密的网络）。 / Allows an address other than the local one without TLS (only on a network that is encrypted otherwise).',
    }),
    openToEveryone: Type.Boolean({
      default: false,
      title: '对所有人开放 / Open to everyone',
      description:
        '允许在本机以外的地址上不认证：连得上的人都能推送。 / Allows an address other than the local one without authentication: whoever reaches it may push.',
    }),
  },
  { ...strict, title: '监听 / Listen', description: '推送方连接的地址。 / Where the senders connect.' },
)

const tls = Type.Object(
  {
    cert: Type.String({
      minLength: 1,
      title: '证书 / Certificate',
      description: '服务器证书及其链，PEM 文件。 / The certificate of the server with its chain, a PEM file.',
    }),
    key: Type.String({ minLength: 1, title: '私钥 / Key', description: '私钥，PEM 文件。 / The private key, a PEM file.' }),
    passphrase: Type.Optional(
      Type.String({ secret: true, title: '私钥口令 / Passphrase', description: '私钥文件的口令。 / Of the private key.' }),
    ),
    clientCa: Type.Optional(
      Type.String({
        minLength: 1,
        title: '客户端 CA / Client CA',
        description:
          '填写后推送方必须出示由它签发的证书，PEM 文件。 / When given, senders must show a certificate that it signed; a PEM file.',
      }),
    ),
    clientNames: Type.Optional(
      Type.Array(Type.String({ minLength: 1 }), {
        minItems: 1,
        title: '客户端名称 / Client names',
        description:
          '只接受主题 CN 为其中之一的客户端证书。 / Only client certificates whose subject has one of these as its CN.',
      }),
    ),
  },
  {
    ...strict,
    title: 'TLS / TLS',
    description:
      '相对于配置文件夹；每次开始监听时读取。 / Relative to the folder of the configuration; read whenever listening begins.',
  },
)

const soap = Type.Object(
  {
    kind: Type.Union([Type.Literal('typed'), Type.Literal('xml-string')], {
      title: '形式 / Kind',
      description:
        'typed：记录是 Body 中的元素；xml-string：Body 中有一个字符串，其内容是另一份 XML。 / typed: the records are elements of Body; xml-string: Body holds a string whose content is another XML document.',
    }),
    operation: Type.String({
      pattern: '^[A-Za-z_][\\w.-]*$',
      default: 'submit',
      title: '操作 / Operation',
      description: 'WSDL 中的操作名。 / The operation of the WSDL.',
    }),
    namespace: Type.String({
      pattern: '^[!-~]+$',
      default: 'urn:qianzhi:push',
      title: '命名空间 / Namespace',
      description: 'WSDL 与应答的命名空间；收到的不核对。 / Of the WSDL and the answers; what comes may have another.',
    }),
    part: Type.String({
      default: '*/*',
      title: '字符串的位置 / Part',
      description:
        'xml-string 时该字符串的路径，从 Body 的子元素算起；默认为操作元素的唯一子元素。 / For xml-string: the path of that string from the child of Body on; by default the only child of the operation.',
    }),
    reply: Type.Object(
      {
        stored: Type.String({
          default: '<Response><Code>0</Code><Message>{message}</Message><RecordSeqs>{recordSeqs}</RecordSeqs></Response>',
          title: '成功 / Stored',
          description:
            '全部收下时返回的字符串；{records} {recordSeqs} {message} 会被替换，以 < 开头时转义。 / The string that is returned when all was taken; {records} {recordSeqs} {message} are replaced, escaped when it begins with <.',
        }),
        failed: Type.Optional(
          Type.String({
            minLength: 1,
            title: '失败 / Failed',
            description:
              '有记录被隔离时返回的字符串，另可用 {code}；不写则返回 SOAP Fault。 / The string that is returned when a record was quarantined, with {code}, too; left out: a SOAP Fault.',
          }),
        ),
      },
      {
        ...strict,
        default: {},
        title: '答复 / Reply',
        description: 'xml-string 时返回的字符串。 / For xml-string: the string that is returned.',
      },
    ),
  },
  { ...strict, title: 'SOAP / SOAP', description: 'format 为 soap 时必填。 / Required in format soap.' },
)

const attachments = Type.Object(
  {
    paths: Type.Array(Type.String({ minLength: 1 }), {
      minItems: 1,
      title: '附件的路径 / Paths',
      description:
        '记录中附件所在之处，只由名称组成，如 CL/FILE。 / Where a record has its attachments: plain names alone, such as CL/FILE.',
    }),
    holds: Type.Optional(
      Type.Union([Type.Literal('fileName'), Type.Literal('partName'), Type.Literal('base64')], {
        title: '路径处是什么 / Holds',
        description:
          'fileName、partName：随 multipart/form-data 而来的一个部分的文件名或名称；base64：内容本身，soap 只有这一种，MTOM（XOP）的引用也算；不写时 soap 为 base64，其他为 fileName。 / fileName, partName: the file name, or the name, of a part that comes with multipart/form-data; base64: the content itself, the only one of soap, references of MTOM (XOP) included; left out: base64 for soap, fileName for others.',
      }),
    ),
    recordPart: Type.String({
      minLength: 1,
      default: 'record',
      title: '记录的部分 / Record part',
      description:
        'multipart/form-data 中哪个部分是记录。 / Which part of multipart/form-data is the record, or the list of records.',
    }),
    maxCount: Type.Integer({
      minimum: 1,
      maximum: 10_000,
      default: 100,
      title: '部分数上限 / Parts',
      description: '一次推送中附件部分的最多个数。 / The most parts of one post that are attachments.',
    }),
  },
  {
    ...strict,
    title: '附件 / Attachments',
    description:
      '随推送而来的附件：边收边存，记录中代之以 digest 与 size；大小由 limits.maxAttachmentBytes 限定，不计入 maxBodyBytes。大附件须调高 timeoutMs。 / Attachments that come with a post: kept while they come, with digest and size in the record; limited by limits.maxAttachmentBytes and not counted in maxBodyBytes. Large ones need a higher timeoutMs.',
  },
)

const stream = Type.Object(
  {
    path: Type.String({
      pattern: '^/[A-Za-z0-9._~/-]*$',
      title: '路径 / Path',
      description:
        '推送到这个网址路径，以 / 开头，只含字母、数字与 . _ ~ - /。 / What is posted to this path of the URL, which begins with / and holds letters, digits and . _ ~ - / only.',
    }),
    format: Type.Union([Type.Literal('json'), Type.Literal('xml'), Type.Literal('soap')], {
      title: '格式 / Format',
      description: '推送的内容；soap 的 WSDL 在“路径?wsdl”。 / What is posted; the WSDL of soap is at <path>?wsdl.',
    }),
    records: Type.Optional(
      Type.String({
        title: '记录的路径 / Records',
        description:
          'xml、soap：每条记录的元素路径，不写前缀，* 为任意元素，默认 *（整份文档，soap typed 为 Body 的子元素）；json：数组的 JSON Pointer，不写时整份内容为一条，若是数组则每项一条。 / xml, soap: the element path of each record, without prefixes, * is any element; by default *, the whole document, for typed soap the child of Body. json: the JSON pointer of an array; left out, the whole is one record, or a list of them when it is an array.',
      }),
    ),
    stream: Type.String({
      minLength: 1,
      title: '流名 / Stream',
      description:
        '记录所属的流：固定文字，或含 {element}（xml、soap 记录的元素名）、{路径}（记录中的值）。 / The stream of a record: fixed text, or with {element} (its element name, xml and soap) or {path} (a value inside it).',
    }),
    key: Type.Array(Type.String({ minLength: 1 }), {
      default: [],
      title: '主键 / Key',
      description:
        '记录内的一个或几个路径，合起来唯一；同一主键的新内容是新版本。不填则以内容的 SHA-256 为主键：同样的内容再来即为重复，改动过的是另一条记录。 / Paths inside a record that together name it: other content under a key is a new version. Left out: the SHA-256 of the content, so that the same content again is a duplicate and changed content another record.',
    }),
    charset: Type.String({
      default: 'utf-8',
      title: '编码 / Charset',
      description:
        'Content-Type、BOM、XML 声明都没有写明时的编码；也是 SOAP 应答与 WSDL 的编码。 / When neither Content-Type, BOM nor XML declaration says it; also that of SOAP answers and the WSDL.',
    }),
    soap: Type.Optional(soap),
    attachments: Type.Optional(attachments),
  },
  { ...strict },
)

export const httpOptions = Type.Object(
  {
    listen,
    tls: Type.Optional(tls),
    tokens: Type.Optional(
      Type.Array(
        Type.Object(
          {
            value: Type.String({
              secret: true,
              minLength: 16,
              title: '令牌 / Token',
              description: '至少 16 个字符，用密钥引用给出。 / At least 16 characters; refer to a secret.',
            }),
          },
          { ...strict },
        ),
        {
          minItems: 1,
          title: '令牌 / Tokens',
          description:
            '其中任何一个都有效，更换时可新旧并用；写成 Authorization: Bearer 令牌，或 HTTP Basic 的密码。 / Any of them is good, so that old and new overlap when one is changed; sent as Authorization: Bearer <token>, or as the password of HTTP Basic.',
        },
      ),
    ),
    tokenHeader: Type.String({
      pattern: '^[A-Za-z0-9-]+$',
      default: 'Authorization',
      title: '令牌的头 / Token header',
      description: '推送方把令牌放在别的 HTTP 头里时填写。 / When senders put the token, as it is, into another HTTP header.',
    }),
    addresses: Type.Optional(
      Type.Array(Type.String(), {
        minItems: 1,
        title: '来源地址 / Addresses',
        description:
          '只接受来自这些 IP 地址或网段（如 10.15.0.0/16）的连接。 / Only connections from these IP addresses or networks, such as 10.15.0.0/16.',
      }),
    ),
    streams: Type.Array(stream, {
      minItems: 1,
      title: '流 / Streams',
      description: '每个路径收什么。 / What is taken at each path.',
    }),
    maxBodyBytes: Type.Integer({
      minimum: 1024,
      maximum: 256 * 1024 * 1024,
      default: 16 * 1024 * 1024,
      title: '内容上限 / Body limit',
      description:
        '一次推送的最大字节数（解压后也是）；整份放在内存里。 / The most bytes of one post, also after decompression; it is held whole.',
    }),
    maxRecords: Type.Integer({
      minimum: 1,
      maximum: 100_000,
      default: 1000,
      title: '记录数上限 / Records',
      description: '一次推送的最多记录数；它们在一次提交中存盘。 / The most records of one post; they are stored in one commit.',
    }),
    maxRequests: Type.Integer({
      minimum: 1,
      maximum: 10_000,
      default: 64,
      title: '并行上限 / Requests',
      description: '同时处理的推送数；更多的得到 503。 / Posts under way at the same time; more are told 503.',
    }),
    maxHeldBytes: Type.Integer({
      minimum: 1024,
      default: 64 * 1024 * 1024,
      title: '内存上限 / Held bytes',
      description: '同时处理的推送共占的字节数；更多的得到 503。 / Bytes of all posts under way; more are told 503.',
    }),
    timeoutMs: Type.Integer({
      minimum: 100,
      default: 30_000,
      title: '超时毫秒 / Timeout',
      description: '一次请求须在此时间内完整到达。 / A request must have come whole within this time.',
    }),
  },
  strict,
)

export type HttpOptions = Static<typeof httpOptions>
export type StreamOptions = HttpOptions['streams'][number]
export type SoapStreamOptions = NonNullable<StreamOptions['soap']>
