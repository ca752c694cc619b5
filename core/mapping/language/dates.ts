/** What stands for what in a format of dates; all else stands for itself, and may be no letter but the T before the hour. */
import { type Construct, construct, type Example } from './construct.ts'

const read = (format: string, text: string, found: string): Example => ({
  content: `promisedDueAt: { from: CNSJ, date: "${format}" }`,
  record: { CNSJ: text },
  result: { message: { '/content/promisedDueAt': found } },
})

/** As far as clocks on earth differ. */
const offset = 'Z|[+-](?:(?:0\\d|1[0-3])(?::?[0-5]\\d)?|14(?::?00)?)'

/** `zone` of a mapping. */
export const zonePattern = /^(Z|[+-](?:(?:0\d|1[0-3]):[0-5]\d|14:00))$/

/** The letters of a format, each with the digits that it stands for as a regular expression. */
export const dateFields = {
  yyyy: {
    digits: '(\\d{4})',
    ...construct(
      '年，四位；每个格式须有年月日',
      'The year; each format needs year, month and day',
      read('yyyy年MM月dd日', '2026年03月12日', '2026-03-12'),
      {
        content: 'promisedDueAt: { from: CNSJ, date: "MM-dd" }',
        result: { refused: 'MAPPING_INVALID' },
      },
    ),
  },
  MM: { digits: '(\\d{2})', ...construct('月，两位', 'The month', read('yyyyMMdd', '20261203', '2026-12-03')) },
  dd: { digits: '(\\d{2})', ...construct('日，两位', 'The day', read('dd/MM/yyyy', '12/03/2026', '2026-03-12')) },
  HH: {
    digits: '(\\d{2})',
    ...construct(
      '时，24 小时制；没有分的时间标明精度',
      'The hour of 24; without minutes the message tells its precision',
      read('yyyy-MM-dd HH', '2026-03-12 17', '2026-03-12T17:00:00+08:00'),
    ),
  },
  mm: {
    digits: '(\\d{2})',
    ...construct(
      '分；没有秒的时间标明精度',
      'The minute; without seconds the message tells its precision',
      read('yyyy-MM-dd HH:mm', '2026-03-12 17:30', '2026-03-12T17:30:00+08:00'),
    ),
  },
  ss: {
    digits: '(\\d{2})',
    ...construct('秒', 'The second', read('yyyyMMddHHmmss', '20260312173005', '2026-03-12T17:30:05+08:00')),
  },
  S: {
    digits: '(\\d+)',
    ...construct(
      '秒的小数，任意位',
      'Fraction of the second, any digits',
      read('yyyy-MM-dd HH:mm:ss.S', '2026-03-12 17:30:05.120', '2026-03-12T17:30:05.120+08:00'),
    ),
  },
  XXX: {
    digits: `(${offset})`,
    ...construct(
      '时区：+08:00、+0800、+08、Z；换算为北京时间',
      'The offset: +08:00, +0800, +08, Z; turned into the clock of Beijing',
      read('yyyy-MM-ddTHH:mm:ssXXX', '2026-03-12T09:30:05Z', '2026-03-12T17:30:05+08:00'),
      {
        about: { zh: 'PostgreSQL 的 timestamptz', en: 'timestamptz of PostgreSQL' },
        ...read('yyyy-MM-dd HH:mm:ssXXX', '2026-03-12 09:30:05+00', '2026-03-12T17:30:05+08:00'),
      },
      {
        about: { zh: '写成字面的时区不会被读取', en: 'an offset that stands for itself would not be read' },
        content: 'promisedDueAt: { from: CNSJ, date: "yyyy-MM-ddTHH:mm:ssZ" }',
        result: { refused: 'MAPPING_INVALID' },
      },
    ),
  },
} as const satisfies Record<string, Construct & { digits: string }>
