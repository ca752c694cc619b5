import { defineAdapter, defineSink } from '../../core/contract.ts'
import { checkSoapSinkOptions } from './check-sink.ts'
import { checkSoapOptions, soapOptions } from './options.ts'
import { openSoapSink } from './sink.ts'
import { sinkExamples } from './sink-examples.ts'
import { soapSinkOptions } from './sink-options.ts'
import { openSoapSource } from './source.ts'

/** SOAP 1.1 and 1.2 services: asked for records, and called to write. */
export default defineAdapter({
  kind: 'soap',
  summary: {
    zh: '定时调用 SOAP 服务的一个操作，读取其应答中的记录；调用其操作写入',
    en: 'calls one operation of a SOAP service and reads the records of its answers; calls operations to write',
  },
  options: soapOptions,
  checkOptions: checkSoapOptions,
  examples: [
    {
      title: {
        zh: '应答为 CDATA 中的 XML 字符串，GBK 编码，按页读取',
        en: 'the answer is an XML string in CDATA, GBK, read page by page',
      },
      options: {
        wsdl: 'housing.wsdl',
        operation: 'query',
        version: '1.1',
        charset: 'GBK',
        parameters: { xmlString: { document: { Query: { PageNo: '{page}', PageSize: '{pageSize}' } }, encoding: 'GBK' } },
        answer: { kind: 'xml-string', part: 'queryResponse/return', records: 'Answer/Data/ExInfo' },
        stream: '{standardInfo/@process}',
        key: ["standardInfo/Field[@FieldName='SBLSH']", "standardInfo/Field[@FieldName='XH']"],
        paging: { kind: 'page', size: 100, until: 'empty-page', first: 1 },
        success: { over: 'document', path: 'Answer/Code', equals: ['0'], textPath: 'Answer/Message' },
        headers: {},
        timeoutMs: 60_000,
        maxAnswerBytes: 16_777_216,
      },
    },
    {
      title: { zh: '应答为类型化元素，按起始时间读取，UsernameToken', en: 'typed answer, read by time, UsernameToken' },
      options: {
        wsdl: 'http://127.0.0.1:8080/cases?wsdl',
        operation: 'listCases',
        version: '1.1',
        charset: 'utf-8',
        parameters: { from: '{since}' },
        since: { initial: '2026-01-01 00:00:00', format: 'yyyy-MM-dd HH:mm:ss', overlapMinutes: 60 },
        answer: { kind: 'typed', part: '*/*', records: 'listCasesResponse/case' },
        stream: '{element}',
        key: ['caseNo'],
        paging: { kind: 'none', size: 100, until: 'empty-page', first: 1 },
        success: { over: 'document', path: 'listCasesResponse' },
        security: { kind: 'usernameToken', username: 'gateway', password: '<secret>', digest: true },
        headers: {},
        timeoutMs: 60_000,
        maxAnswerBytes: 16_777_216,
      },
    },
  ],
  openSource: openSoapSource,
  sink: defineSink<typeof soapOptions, typeof soapSinkOptions>({
    options: soapSinkOptions,
    examples: sinkExamples,
    checkOptions: checkSoapSinkOptions,
    writes: ({ writes }) => new Map(Object.entries(writes).map(([name, { unknown }]) => [name, unknown])),
    open: openSoapSink,
  }),
})
