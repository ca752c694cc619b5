import type { Text } from '../../core/contract.ts'
import type { HttpSinkOptions } from './sink-options.ts'

const service = { headers: {}, timeoutMs: 60_000, maxAnswerBytes: 1_048_576 }

/** Complete options, one for each way of answering. */
export const sinkExamples: { title: Text; options: HttpSinkOptions }[] = [
  {
    title: {
      zh: 'JSON 接口，以 Idempotency-Key 去重；结果码在正文里',
      en: 'a JSON interface that tells by Idempotency-Key what it has; the result code is in the body',
    },
    options: {
      service: { ...service, baseUrl: 'https://10.0.0.5/api', secretHeaders: { 'X-Api-Key': '<secret>' } },
      writes: {
        SB: {
          method: 'POST',
          path: '/cases',
          idHeader: 'Idempotency-Key',
          under: 'data',
          body: { format: 'json', charset: 'utf-8', literals: ['data/CL/SL'] },
          answer: 'json',
          rules: [
            { over: 'body', path: 'code', equals: ['0'], means: 'accepted', textPath: 'message' },
            { over: 'http', path: 'status', equals: ['409'], means: 'duplicate' },
            { over: 'error', path: 'code', matches: '[A-Z_]+', means: 'rejected', textPath: 'message' },
            { over: 'http', path: 'status', equals: ['429', '503'], means: 'transient' },
          ],
          unknown: 'idempotent',
        },
      },
    },
  },
  {
    title: {
      zh: 'XML 接口，以状态 201 表示已建立；结果不明时按编号查询',
      en: 'an XML interface that says 201 for what it has made; asked by number when the outcome is unknown',
    },
    options: {
      service: { ...service, baseUrl: 'http://10.0.0.6:8080' },
      writes: {
        BZ: {
          method: 'PUT',
          path: '/supplements/{SBLSH}',
          under: 'Supplement',
          body: { format: 'xml', charset: 'gbk' },
          answer: 'xml',
          rules: [
            { over: 'http', path: 'status', equals: ['201', '204'], means: 'accepted' },
            { over: 'error', path: 'Error/Code', matches: '\\d+', means: 'rejected', textPath: 'Error/Text' },
          ],
          unknown: 'confirm',
          confirm: {
            method: 'GET',
            path: '/supplements/{SBLSH}',
            body: { format: 'json', charset: 'utf-8' },
            answer: 'xml',
            rules: [
              { over: 'body', path: 'Supplement/SBLSH', matches: '.+', means: 'applied' },
              { over: 'http', path: 'status', equals: ['404'], means: 'absent' },
            ],
          },
        },
      },
    },
  },
]
