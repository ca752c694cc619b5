/** What stands for what in a format of dates; all else stands for itself, and may be no letter but the T before the hour. */
import { type Construct, construct, type Example } from './construct.ts'

const read = (format: string, text: string, found: string): Example => ({
  content: `promisedDueAt: { from: CNSJ, date: "${format}" }`,
  record: { CNSJ: text },
  result: { message: { '/content/promisedDueAt': found } },
})

/** What a field of a format can say. */
export type DateQuantity = 'year' | 'month' | 'day' | 'hour' | 'minute' | 'second' | 'fraction' | 'offset'

/** As far as clocks on earth differ. */
const offset = 'Z|[+-](?:(?:0\\d|1[0-3])(?::?[0-5]\\d)?|14(?::?00)?)'

/** `zone` of a mapping. */
export const zonePattern = /^(Z|[+-](?:(?:0\d|1[0-3]):[0-5]\d|14:00))$/

export const oneOrTwo = '(\\d{1,2})'

/** The letters of a format: what each says, and the digits that it stands for as a regular expression. Two digits stand before one: `MM` is no two `M`. */
export const dateFields = {
  yyyy: {
    says: 'year',
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
  MM: {
    says: 'month',
    digits: '(\\d{2})',
    ...construct('月，两位', 'The month, two digits', read('yyyyMMdd', '20261203', '2026-12-03')),
  },
  M: {
    says: 'month',
    digits: oneOrTwo,
    ...construct(
      '月，一位或两位；前后不得紧接数字',
      'The month, one digit or two; no digits may stand next to it',
      read('yyyy/M/d H:mm', '2026/3/6 8:05', '2026-03-06T08:05:00+08:00'),
      {
        about: { zh: '分不出哪位是月、哪位是日', en: 'which digit is of the month, and which of the day' },
        content: 'promisedDueAt: { from: CNSJ, date: yyyyMd }',
        result: { refused: 'MAPPING_INVALID' },
      },
    ),
  },
  dd: {
    says: 'day',
    digits: '(\\d{2})',
    ...construct('日，两位', 'The day, two digits', read('dd/MM/yyyy', '12/03/2026', '2026-03-12')),
  },
  d: {
    says: 'day',
    digits: oneOrTwo,
    ...construct(
      '日，一位或两位；前后不得紧接数字',
      'The day, one digit or two; no digits may stand next to it',
      read('yyyy年M月d日', '2026年12月3日', '2026-12-03'),
    ),
  },
  HH: {
    says: 'hour',
    digits: '(\\d{2})',
    ...construct(
      '时，24 小时制；没有分的时间标明精度',
      'The hour of 24; without minutes the message tells its precision',
      read('yyyy-MM-dd HH', '2026-03-12 17', '2026-03-12T17:00:00+08:00'),
    ),
  },
  H: {
    says: 'hour',
    digits: oneOrTwo,
    ...construct(
      '时，24 小时制，一位或两位；前后不得紧接数字',
      'The hour of 24, one digit or two; no digits may stand next to it',
      read('yyyy-MM-dd H:mm:ss', '2026-03-12 8:05:00', '2026-03-12T08:05:00+08:00'),
    ),
  },
  mm: {
    says: 'minute',
    digits: '(\\d{2})',
    ...construct(
      '分；没有秒的时间标明精度',
      'The minute; without seconds the message tells its precision',
      read('yyyy-MM-dd HH:mm', '2026-03-12 17:30', '2026-03-12T17:30:00+08:00'),
    ),
  },
  m: {
    says: 'minute',
    digits: oneOrTwo,
    ...construct(
      '分，一位或两位；前后不得紧接数字',
      'The minute, one digit or two; no digits may stand next to it',
      read('yyyy-M-d H:m', '2026-3-12 8:5', '2026-03-12T08:05:00+08:00'),
    ),
  },
  ss: {
    says: 'second',
    digits: '(\\d{2})',
    ...construct('秒', 'The second', read('yyyyMMddHHmmss', '20260312173005', '2026-03-12T17:30:05+08:00')),
  },
  s: {
    says: 'second',
    digits: oneOrTwo,
    ...construct(
      '秒，一位或两位；前后不得紧接数字',
      'The second, one digit or two; no digits may stand next to it',
      read('yyyy-M-d H:m:s', '2026-3-12 8:5:9', '2026-03-12T08:05:09+08:00'),
    ),
  },
  S: {
    says: 'fraction',
    digits: '(\\d+)',
    ...construct(
      '秒的小数，任意位',
      'Fraction of the second, any digits',
      read('yyyy-MM-dd HH:mm:ss.S', '2026-03-12 17:30:05.120', '2026-03-12T17:30:05.120+08:00'),
    ),
  },
  XXX: {
    says: 'offset',
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
} as const satisfies Record<string, Construct & { says: DateQuantity; digits: string }>
