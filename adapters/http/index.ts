import { defineAdapter } from '../../core/contract.ts'
import { checkHttpOptions } from './check-options.ts'
import { examples } from './examples.ts'
import { httpOptions } from './options.ts'
import { httpSink } from './sink.ts'
import { openHttpSource } from './source.ts'

/** Legacy systems that push, over HTTP with JSON or XML or as clients of a SOAP service of ours; and those that are written to by HTTP calls. */
export default defineAdapter({
  kind: 'http',
  summary: {
    zh: '接收来源系统的推送：HTTP JSON、HTTP XML 或 SOAP，存盘后才答复；也以 HTTP 调用写入系统',
    en: 'takes what legacy systems push, as JSON or XML over HTTP or as SOAP, and answers when it is on disk; writes to systems by HTTP calls',
  },
  options: httpOptions,
  checkOptions: checkHttpOptions,
  claims: ({ listen }) => [{ path: '/listen/port', name: `TCP ${listen.port}` }],
  examples,
  openSource: openHttpSource,
  sink: httpSink,
})
