/** Whether a column can be the watermark of a stream: decided here for the plan, the probe and the run, with what to do when it cannot. */
import { type GatewayError, maskUnknown, type Text } from '../../core/contract.ts'
import type { SqlDriver } from './driver.ts'
import { type StreamOptions, streamName, type Watermark } from './options.ts'
import { optionsInvalid } from './session.ts'
import type { Column, Sql } from './sql.ts'

/** A stream and where it is read. */
export interface Place {
  driver: SqlDriver
  system: string
  options: StreamOptions
  from: Sql
}

const patterns = { time: /^\d{4}-\d{2}-\d{2}[ T]\d{2}:\d{2}:\d{2}/, number: /^\s*[-+]?\d+(\.\d+)?(e[-+]?\d+)?\s*$/i }
const nouns = { time: { zh: '日期时间', en: 'time' }, number: { zh: '数值', en: 'number' } }

/** The stream with a query that puts a converted column beside the others, and its watermark. */
const converted = (
  { driver, options, from }: Place,
  { name }: Column,
  convert: (text: string) => string,
  watermark: string,
): Text => {
  const mark = `${name}_mark`
  const source = options.query === undefined ? from.parts.join('') : '(…)'
  const query = `query: SELECT t.*, ${convert(`t.${driver.quote(name)}`)} AS ${driver.quote(mark)} FROM ${source} t`
  const as = `watermark: { column: ${mark}, ${watermark} }`
  if (options.query !== undefined)
    return { zh: `${query}（… 为现在的查询），${as}`, en: `${query} (… is the query as it is now), ${as}` }
  const own = `name: ${streamName(options)}`
  return { zh: `以 ${own}、${query} 代替 table，${as}`, en: `${own}, ${query} in place of table, ${as}` }
}

const another: Text = {
  zh: '请换用只增不减的日期时间列或数值列，或在查询中取得这样的列',
  en: 'name a column of times or numbers that only grows, or make one in a query',
}

/** What to do with a column of texts that are not times as a run reads them. */
const ofTexts = (place: Place, column: Column): Text => {
  const { driver } = place
  const days = converted(place, column, driver.numberOf, 'kind: number, overlap: 1')
  const time = driver.timeOf(`t.${driver.quote(column.name)}`)
  return {
    zh: `请在查询中转换：${days.zh}（整数，或 20260320、2026-03-20 这样的日期；overlap: 1 使最大值每次重读，因为后来的行可能同值）；20260320080000 这样的时间则转换为 ${time}，kind: time（其他写法改其格式；只有日期的加 overlap: 1d）`,
    en: `convert it in a query: ${days.en} (for whole numbers, or days like 20260320 and 2026-03-20; overlap: 1 reads the largest value again each time, since later rows may have it); times like 20260320080000 convert by ${time}, kind: time (change the format for others; for days alone add overlap: 1d)`,
  }
}

const written = '2026-01-31 08:00:00'

const ofShape = (place: Place, column: Column): Text => {
  switch (column.shape) {
    case 'text': {
      const { zh, en } = ofTexts(place, column)
      return {
        zh: `值若形如 ${written}，请用 kind: time；否则${zh}`,
        en: `if its values are like ${written}, use kind: time; otherwise ${en}`,
      }
    }
    case 'time':
      return { zh: '请用 kind: time', en: 'use kind: time' }
    case 'number':
      return {
        zh: '请用 kind: number；后来的行可能与最大值同值（如日期 20260320）时加 overlap: 1，使最大值每次重读',
        en: 'use kind: number; where later rows may have the largest value again (a day like 20260320), with overlap: 1, which reads it again each time',
      }
    default:
      return another
  }
}

const ofValues = (place: Place, kind: Watermark['kind'], column: Column): Text => {
  if (kind === 'time') return ofTexts(place, column)
  if (place.driver.typesBind) return another
  const times = converted(place, column, (text) => `CAST(${text} AS TEXT)`, 'kind: time')
  return {
    zh: `值若形如 ${written}，请在查询中转换：${times.zh}；否则${another.zh}`,
    en: `if its values are like ${written}, convert it in a query: ${times.en}; otherwise ${another.en}`,
  }
}

const fitting: Record<Watermark['kind'], readonly Column['shape'][]> = {
  time: ['time', 'text', 'untyped'],
  number: ['number', 'untyped'],
}

/** Throws SOURCE_OPTIONS_INVALID when no value of the column could be a mark of this kind. */
export const checkShape = (place: Place, { kind }: Watermark, column: Column): void => {
  if (fitting[kind].includes(column.shape)) return
  const advice = ofShape(place, column)
  const { zh, en } = { time: { zh: '日期时间列', en: 'column of times' }, number: { zh: '数值列', en: 'numeric column' } }[kind]
  const name = streamName(place.options)
  throw optionsInvalid(place.system, {
    zh: `${name}：水位列“${column.name}”不是${zh}；${advice.zh}`,
    en: `${name}: the watermark column "${column.name}" is no ${en}; ${advice.en}`,
  })
}

/** Whether values of a column that `checkShape` took may still be no marks: numbers have NaN, which is the largest of all. */
export const mayHoldOther = ({ kind }: Watermark, { shape }: Column): boolean => kind === 'number' || shape !== 'time'

/** SOURCE_OPTIONS_INVALID, with the value, where it is no mark of this kind. */
export const findNoMark = (place: Place, watermark: Watermark, column: Column, value: string): GatewayError | undefined => {
  const { kind } = watermark
  if (!mayHoldOther(watermark, column) || patterns[kind].test(value)) return undefined
  const wrong = maskUnknown(value)
  const advice = ofValues(place, kind, column)
  const name = streamName(place.options)
  return optionsInvalid(place.system, {
    zh: `${name}：水位列“${column.name}”的值“${wrong}”不是${nouns[kind].zh}；${advice.zh}`,
    en: `${name}: "${wrong}" in watermark column "${column.name}" is no ${nouns[kind].en}; ${advice.en}`,
  })
}
