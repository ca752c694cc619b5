import type { Text } from '../../core/contract.ts'
import type { SoapSinkOptions } from './sink-options.ts'

/** Complete options, one for each form of a request. */
export const sinkExamples: { title: Text; options: SoapSinkOptions }[] = [
  {
    title: {
      zh: '申请作为 XML 字符串提交，结果码在应答的 XML 字符串中；结果不明时按申报流水号询问',
      en: 'applications as an XML string, the result code in the XML string of the answer; when the outcome is unknown, asked by case number',
    },
    options: {
      writes: {
        SB: {
          operation: 'submit',
          id: 'xmlString/Request/Head/MsgId',
          under: 'xmlString/Request/Data',
          fixed: { systemCode: 'SPPT' },
          document: { parameter: 'xmlString', encoding: 'GBK' },
          answer: { kind: 'xml-string', part: '*/*' },
          rules: [
            { over: 'document', path: 'Answer/Code', equals: ['0'], means: 'accepted', textPath: 'Answer/Message' },
            { over: 'document', path: 'Answer/Code', equals: ['1001'], means: 'duplicate', textPath: 'Answer/Message' },
            { over: 'document', path: 'Answer/Code', equals: ['9001'], means: 'transient', textPath: 'Answer/Message' },
            { over: 'document', path: 'Answer/Code', matches: '[1-8]\\d{3}', means: 'rejected', textPath: 'Answer/Message' },
          ],
          unknown: 'confirm',
          confirm: {
            operation: 'find',
            values: { 'xmlString/Query/SBLSH': 'SBLSH' },
            document: { parameter: 'xmlString', encoding: 'GBK' },
            answer: { kind: 'xml-string', part: '*/*' },
            rules: [
              { over: 'document', path: 'Answer/Code', equals: ['0'], means: 'applied' },
              { over: 'document', path: 'Answer/Code', equals: ['404'], means: 'absent' },
            ],
          },
        },
      },
    },
  },
  {
    title: {
      zh: '类型化参数，服务按编号去重；结果为“代码|文字”，忙时返回 Fault',
      en: 'typed parameters, the service tells by the id what it has; the result is "code|text", and a fault when it is busy',
    },
    options: {
      service: {
        wsdl: 'http://127.0.0.1:8080/write?wsdl',
        version: '1.1',
        charset: 'utf-8',
        security: { kind: 'usernameToken', username: 'gateway', password: '<secret>', digest: true },
        headers: {},
        timeoutMs: 60_000,
        maxAnswerBytes: 1_048_576,
      },
      writes: {
        BZ: {
          operation: 'addSupplement',
          id: 'requestId',
          answer: { kind: 'typed', part: '*/*' },
          rules: [
            { over: 'document', path: 'addSupplementResponse/return', matches: '(?<code>0)\\|(?<text>.*)', means: 'accepted' },
            { over: 'document', path: 'addSupplementResponse/return', matches: '(?<code>\\d+)\\|(?<text>.*)', means: 'rejected' },
            { over: 'fault', path: 'faultcode', matches: '(.*:)?Server\\.Busy', means: 'transient', textPath: 'faultstring' },
          ],
          unknown: 'idempotent',
        },
      },
    },
  },
]
