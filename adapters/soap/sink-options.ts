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
import { serviceProperties } from './service-options.ts'

const strict = { additionalProperties: false }

const answer = Type.Object(
  {
    kind: Type.Unsafe<'typed' | 'xml-string' | 'json-string'>({
      type: 'string',
      enum: ['typed', 'xml-string', 'json-string'],
      default: 'typed',
      title: '形式 / Kind',
      description:
        'typed：结果是应答报文里的元素；xml-string、json-string：应答里有一个字符串，其内容是另一份 XML 或 JSON。 / typed: the result is in elements of the answer; xml-string, json-string: the answer holds a string whose content is another document.',
    }),
    part: Type.String({
      default: '*/*',
      title: '字符串的位置 / Part',
      description:
        '该字符串的路径，从 Body 的子元素算起；默认为应答元素的唯一子元素。 / The path of that string from the child of Body on; by default the only child of the answer element.',
    }),
  },
  { ...strict, default: {}, title: '应答 / Answer', description: '结果在应答中的位置。 / Where the result is in the answer.' },
)

const parts: Record<'document' | 'envelope' | 'fault' | 'http', Text> = {
  document: {
    zh: '结果所在的文档（typed 时从 Body 的子元素算起）',
    en: 'the document that holds the result (for typed, from the child of Body on)',
  },
  envelope: { zh: 'SOAP 报文，从 Body 的子元素算起', en: 'the SOAP message, from the child of Body on' },
  fault: { zh: 'SOAP Fault 之内，如 faultcode', en: 'inside the SOAP Fault, such as faultcode' },
  http: { zh: '路径 status 处为 HTTP 状态', en: 'the HTTP status at the path status' },
}

const call = {
  operation: Type.String({
    minLength: 1,
    title: '操作 / Operation',
    description: 'WSDL 中的操作名。 / The operation of the WSDL.',
  }),
  ...placingOptions,
  document: Type.Optional(
    Type.Object(
      {
        parameter: Type.String({
          minLength: 1,
          title: '参数 / Parameter',
          description:
            '这个参数之内的元素写成一份 XML，作为字符串发送。 / What stands in this parameter is written as an XML document and sent as a string.',
        }),
        encoding: Type.Optional(
          Type.String({
            title: '声明的编码 / Encoding',
            description:
              '该 XML 声明的编码；值须能用它表示。不写则没有声明。 / The encoding that its declaration claims; values must exist in it. Left out: no declaration.',
          }),
        ),
      },
      {
        ...strict,
        title: 'XML 字符串 / Document',
        description: '参数为 XML 字符串时。 / For a parameter that is an XML string.',
      },
    ),
  ),
  answer,
}

const confirm = Type.Object(
  {
    ...call,
    values: confirmedBy,
    rules: answerRulesOptions(parts, confirmationMeanings),
  },
  {
    ...strict,
    title: '确认查询 / Confirm',
    description:
      '结果不明时所问的操作，不得有副作用。 / The operation by which the service is asked about an unknown outcome; it must change nothing.',
  },
)

const write = Type.Object(
  {
    ...call,
    under: Type.Optional(
      place(
        '值的位置 / Under',
        '映射的值放在哪个元素之下；不写则值的名称就是参数名。列表成为重复的元素，null 不写。',
        'The element that holds the values of the mapping; left out: their names are those of the parameters. Lists become elements that repeat, null is left out.',
      ),
    ),
    rules: answerRulesOptions(parts, verdictMeanings),
    unknown: unknownOption,
    overwrites: overwritesOption,
    confirm: Type.Optional(confirm),
  },
  strict,
)

export const soapSinkOptions = Type.Object(
  {
    service: Type.Optional(
      Type.Object(serviceProperties, {
        ...strict,
        title: '服务 / Service',
        description:
          '写入的服务；缺省与读取的相同，只写入的系统必填。 / The service that is written to; that which is read when absent. Required for a system that is only written to.',
      }),
    ),
    writes: Type.Record(Type.String({ minLength: 1 }), write, {
      minProperties: 1,
      title: '写法 / Writes',
      description:
        '映射的 write 所指的名称，各调用哪个操作。 / The names that write of a mapping gives, and the operation that each calls.',
    }),
  },
  strict,
)

export type SoapSinkOptions = Static<typeof soapSinkOptions>
export type WriteOptions = Static<typeof write>
export type ConfirmOptions = Static<typeof confirm>
export type CallOptions = Omit<ConfirmOptions, 'rules' | 'values'>
