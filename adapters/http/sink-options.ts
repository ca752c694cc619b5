import { type Static, Type } from '@sinclair/typebox'
import {
  answerRulesOptions,
  confirmationMeanings,
  confirmedBy,
  overwritesOption,
  place,
  placingOptions,
  type Text,
  unknownOption,
  verdictMeanings,
} from '../../core/contract.ts'

const strict = { additionalProperties: false }

const choice = <const Values extends readonly string[]>(
  values: Values,
  about: { title: string; description: string; default?: Values[number] },
) => Type.Unsafe<Values[number]>({ type: 'string', enum: [...values], ...about })

const headerName = '^[A-Za-z0-9-]+$'

const service = Type.Object(
  {
    baseUrl: Type.String({
      pattern: '^https?://[^/?#\\s]+(/[^?#\\s]*)?$',
      title: '地址 / Base URL',
      description: '接口地址，path 加在其后。 / The address of the interface; path is added to it.',
    }),
    headers: Type.Record(Type.String({ pattern: headerName }), Type.String(), {
      default: {},
      title: 'HTTP 头 / Headers',
      description: '附加的 HTTP 头。 / Further HTTP headers.',
    }),
    secretHeaders: Type.Optional(
      Type.Record(
        Type.String({ pattern: headerName }),
        Type.String({ secret: true, title: '密钥 / Secret', description: '密钥引用。 / A reference to a secret.' }),
        {
          title: '密钥头 / Secret headers',
          description:
            '值为密钥的 HTTP 头，如 Authorization、X-Api-Key。 / HTTP headers whose value is a secret, such as Authorization or X-Api-Key.',
        },
      ),
    ),
    timeoutMs: Type.Integer({
      minimum: 1,
      default: 60_000,
      title: '超时毫秒 / Timeout',
      description: '一次调用的总时限。 / The limit for one whole call.',
    }),
    maxAnswerBytes: Type.Integer({
      minimum: 1024,
      maximum: 256 * 1024 * 1024,
      default: 1024 * 1024,
      title: '应答上限 / Answer limit',
      description: '一次应答的最大字节数。 / The most bytes of one answer.',
    }),
  },
  { ...strict, title: '服务 / Service', description: '写入的接口。 / The interface that is written to.' },
)

const body = Type.Object(
  {
    format: choice(['json', 'xml', 'form', 'multipart'], {
      default: 'json',
      title: '格式 / Format',
      description:
        'json：值的名称为成员，列表为数组；xml：名称为元素，列表为重复的元素；form：表单，没有列表，也没有附件；multipart：带文件的表单，附件各为一个文件部分，列表为重复的部分。json 与 xml 中附件为 base64。null 都不写。 / json: names are members, lists are arrays; xml: names are elements, lists are elements that repeat; form: a form without lists and attachments; multipart: a form with files, each attachment a part of its own, lists are parts that repeat. In json and xml attachments are base64. What is null is left out.',
    }),
    charset: choice(['utf-8', 'gbk', 'gb18030'], {
      default: 'utf-8',
      title: '编码 / Charset',
      description: 'xml 的编码；其他格式只用 utf-8。 / Of xml; the others are always utf-8.',
    }),
    literals: Type.Optional(
      Type.Array(Type.String({ minLength: 1 }), {
        minItems: 1,
        title: '字面值 / Literals',
        description:
          'json 中不加引号的位置（列表不写序号），其文字须为数字、true 或 false，原样写出。 / Places in json without quotes (a list has no number); their text must be a number, true or false, and is written as it is.',
      }),
    ),
  },
  { ...strict, default: {}, title: '请求正文 / Body', description: '请求正文的写法。 / How the body is written.' },
)

const answer = choice(['json', 'xml', 'text'], {
  default: 'json',
  title: '应答 / Answer',
  description: '应答正文的格式；text 的路径为“.”。 / The format of the body of the answer; the path of text is ".".',
})

const parts: Record<'body' | 'error' | 'http', Text> = {
  body: { zh: '状态为 2xx 时的正文', en: 'the body, with a status of 2xx' },
  error: { zh: '其他状态时的正文', en: 'the body, with any other' },
  http: { zh: '路径 status 处为 HTTP 状态', en: 'the HTTP status at the path status' },
}

const call = {
  path: Type.String({
    pattern: '^/[^#\\s]*$',
    title: '路径 / Path',
    description:
      '加在 baseUrl 之后；{值的名称}、{id} 处代入并转义。 / Follows baseUrl; {name of a value} and {id} are filled in and escaped.',
  }),
  ...placingOptions,
  idHeader: Type.Optional(
    Type.String({
      pattern: headerName,
      title: '编号的 HTTP 头 / Id header',
      description:
        '以这个 HTTP 头发送操作编号，如 Idempotency-Key。 / The HTTP header that carries the id of the operation, such as Idempotency-Key.',
    }),
  ),
  body,
  answer,
}

const confirm = Type.Object(
  {
    ...call,
    method: choice(['GET', 'POST'], {
      default: 'GET',
      title: '方法 / Method',
      description: 'GET 没有正文。 / GET has no body.',
    }),
    values: confirmedBy,
    rules: answerRulesOptions(parts, confirmationMeanings),
  },
  {
    ...strict,
    title: '确认查询 / Confirm',
    description: '结果不明时的查询，不得有副作用。 / The question about an unknown outcome; it must change nothing.',
  },
)

const write = Type.Object(
  {
    ...call,
    method: choice(['POST', 'PUT', 'PATCH'], {
      default: 'POST',
      title: '方法 / Method',
      description: 'HTTP 方法。 / The HTTP method.',
    }),
    under: Type.Optional(
      place(
        '值的位置 / Under',
        '映射的值放在哪里；不写则在最上层。xml 的第一个名称是根元素。',
        'What holds the values of the mapping; left out: the top. For xml the first name is the root element.',
      ),
    ),
    rules: answerRulesOptions(parts, verdictMeanings),
    unknown: unknownOption,
    overwrites: overwritesOption,
    confirm: Type.Optional(confirm),
  },
  strict,
)

export const httpSinkOptions = Type.Object(
  {
    service,
    writes: Type.Record(Type.String({ minLength: 1 }), write, {
      minProperties: 1,
      title: '写法 / Writes',
      description:
        '映射的 write 所指的名称，各是怎样的请求。 / The names that write of a mapping gives, and the request that each becomes.',
    }),
  },
  strict,
)

export type HttpSinkOptions = Static<typeof httpSinkOptions>
export type WriteOptions = Static<typeof write>
export type ConfirmOptions = Static<typeof confirm>
export type CallOptions = Omit<ConfirmOptions, 'rules' | 'values' | 'method'>
