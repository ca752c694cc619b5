/**
 * Dates as legacy systems write them. A format says what each digit means (`dateFields`); everything else stands for itself. A date without a time
 * stays a date: no midnight is invented.
 */
import type { Text } from '../errors.ts'
import type { YamlPath } from '../yaml.ts'
import { type CompileContext, problem } from './compile-context.ts'
import { wordsOf } from './language/construct.ts'
import { type DateQuantity, dateFields, oneOrTwo } from './language/dates.ts'
import { literal } from './pattern.ts'

type Field = keyof typeof dateFields

/** Letters of no field: what one stands beside, as in `GMT` or `PM`, is no field of one letter. */
const foreign = '[A-GI-LN-RU-WYZa-ce-ln-rt-xz]'

const fieldPattern = new RegExp(
  `(${wordsOf(dateFields)
    .map((field) => (field.length > 1 ? field : `(?<!${foreign})${field}(?!${foreign})`))
    .join('|')})`,
  'u',
)

/** The fields of a format and, before, between and behind them, the texts that stand for themselves. */
const partsOf = (source: string): string[] => source.split(fieldPattern)

const isField = (part: string | undefined): part is Field => part !== undefined && Object.hasOwn(dateFields, part)

const quantityOf = (part: string | undefined): DateQuantity | undefined => (isField(part) ? dateFields[part].says : undefined)

/** Of as many digits as its number needs. */
const isLoose = (part: Field): boolean => dateFields[part].digits === oneOrTwo

export const saysHour = (source: string): boolean => partsOf(source).some((part) => quantityOf(part) === 'hour')

/** A format with `texts` in the place of its fields, two digits where it wants them. */
export const writeFields = (source: string, texts: Readonly<Record<DateQuantity, string>>): string =>
  partsOf(source)
    .map((part) => {
      if (!isField(part)) return part
      const text = texts[dateFields[part].says]
      return isLoose(part) ? text.replace(/^0(?=\d)/, '') : text
    })
    .join('')

export interface DateFormat {
  source: string
  /** What a text looks like that may fit: formats with one shape differ only in what its digits mean, `says`, or in how many they are. */
  shape: string
  says: string
  /** RFC 3339 on Beijing's clock: `2026-01-02T03:04:05+08:00`, or a full-date when the format holds no time. Undefined when the text does not fit. */
  parse(text: string): string | undefined
  /** What the text need not say and the result must: undefined when it says it all. */
  precision: 'hour' | 'minute' | undefined
  /** The offset that a text which fits writes itself, when it is not that of Beijing. */
  ownZone(text: string): string | undefined
}

const canonicalZone = '+08:00'

export const minutesOf = (zone: string): number => {
  if (zone === 'Z') return 0
  const [, sign, hours, minutes = 0] = /^([+-])(\d{2}):?(\d{2})?$/.exec(zone)!
  return (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes))
}

/** The same instant on Beijing's clock; undefined outside of the years that a message can write. */
const onCanonicalClock = (date: string, time: string, zone: string): string | undefined => {
  if (zone === canonicalZone || minutesOf(zone) === minutesOf(canonicalZone)) return `${date}T${time}`
  const shifted = new Date(Date.parse(`${date}T${time}Z`) + (minutesOf(canonicalZone) - minutesOf(zone)) * 60_000)
  const written = shifted.toISOString()
  return /^(?!0000)\d{4}-/.test(written) ? written.slice(0, 19) : undefined
}

const days = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
const isLeap = (year: number): boolean => year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0)
const daysIn = (year: number, month: number): number => (month === 2 && isLeap(year) ? 29 : days[month - 1]!)

const orders = ['year month day', 'day month year', 'month day year']
const times: readonly DateQuantity[] = ['hour', 'minute', 'second', 'fraction', 'offset']

/** Whether the day stands together, in an order that is written somewhere, and so does the time: `MM` for the minute is a month in the middle of it. */
const isOrdered = (says: readonly DateQuantity[]): boolean => {
  const isOfTime = (quantity: DateQuantity): boolean => times.includes(quantity)
  const time = says.filter(isOfTime)
  const day = says.filter((quantity) => !isOfTime(quantity))
  const isTogether = [
    [...day, ...time],
    [...time, ...day],
  ].some((order) => order.join() === says.join())
  return (
    isTogether &&
    orders.includes(day.join(' ')) &&
    time.every((quantity, at) => times.indexOf(quantity) >= times.indexOf(time[at - 1] ?? 'hour'))
  )
}

/** What a quantity says nothing without. */
const needs: Partial<Record<DateQuantity, DateQuantity>> = {
  minute: 'hour',
  second: 'minute',
  fraction: 'second',
  offset: 'hour',
}

const timeQuantities: readonly (DateQuantity | undefined)[] = ['hour', 'minute', 'second', 'fraction']

/** Text between two fields that would change what the digits mean: a mark of the zone or of the half of the day, or a misspelt field. */
const meaningIn = (text: string, before: DateQuantity | undefined, after: DateQuantity | undefined): string | undefined => {
  const isTimeMark = text.includes('T') && after === 'hour' && before !== undefined
  const plain = isTimeMark ? text.replace('T', '') : text
  return (
    /[A-Za-z]+|[上下]午/.exec(plain)?.[0] ?? (timeQuantities.includes(before) ? /[+-]\d{2}(:?\d{2})?/.exec(text)?.[0] : undefined)
  )
}

const looseNames = 'M d H m s'

/** True when the text before or behind a field is none and another field of digits follows, or has a digit there itself. */
const touchesDigits = (parts: readonly string[], at: number): boolean => {
  const [before, behind] = [parts[at - 1]!, parts[at + 1]!]
  const isDigits = (part: string | undefined) => isField(part) && quantityOf(part) !== 'offset'
  return (
    (before === '' ? isField(parts[at - 2]) : /\d$/.test(before)) ||
    (behind === '' ? isDigits(parts[at + 2]) : /^\d/.test(behind))
  )
}

const refusedBecause = (zh: string, en: string): { refused: Text } => ({ refused: { zh, en } })

/**
 * `zone` is the offset of the department's clock, such as `+08:00`, for a date that has none of its own. Told why for what is no format: one that
 * does not hold year, month and day once each, leaves a gap in the time, has digits of which nobody knows where they end, or holds text that means
 * something and would not be read.
 */
export const parseDateFormat = (source: string, zone: string): DateFormat | { refused: Text } => {
  const parts = partsOf(source)
  const says = parts.flatMap((part) => quantityOf(part) ?? [])
  const isWhole = (['year', 'month', 'day'] as const).every((quantity) => says.includes(quantity))
  const isGapless = says.every((quantity) => needs[quantity] === undefined || says.includes(needs[quantity]))
  if (!isWhole || !isGapless || new Set(says).size < says.length)
    return refusedBecause(
      `日期格式“${source}”有误；须含 yyyy MM dd，可含 HH mm ss S XXX，一位或两位的写成 ${looseNames}`,
      `"${source}" is not a date format; it needs yyyy MM dd and may hold HH mm ss S XXX; where one digit may stand, it is ${looseNames}`,
    )
  const endless = parts.find((part, at) => isField(part) && isLoose(part) && touchesDigits(parts, at))
  if (endless !== undefined)
    return refusedBecause(
      `日期格式“${source}”中“${endless}”紧接数字，分不出到哪一位为止；写成两位的 ${endless}${endless}，或以其他字符隔开`,
      `"${endless}" in the date format "${source}" stands next to digits, so that nobody knows where it ends: write ${endless}${endless} for two digits, or part them`,
    )
  if (!isOrdered(says))
    return refusedBecause(
      `日期格式“${source}”的次序不对：年月日、时分秒须各自相连，年月日可写作 yyyy-MM-dd、dd-MM-yyyy、MM-dd-yyyy；MM 是月，mm 是分`,
      `the date format "${source}" is in no order: the day stands together (yyyy-MM-dd, dd-MM-yyyy or MM-dd-yyyy), and so does the time from the hour on; MM is the month, mm the minute`,
    )
  const between = parts.filter((part) => !isField(part))
  const meaning = between.map((text, at) => meaningIn(text, says[at - 1], says[at])).find((found) => found !== undefined)
  if (meaning !== undefined && /^[上下]午$|^[AP]M$/i.test(meaning))
    return refusedBecause(
      `日期格式“${source}”中的“${meaning}”不会被读取：没有上午、下午的字段；用插件函数（call）先换成 24 小时的写法`,
      `"${meaning}" in the date format "${source}" would not be read: there is no field for the half of the day; have a function of a plug-in (call) write 24 hours first`,
    )
  if (meaning !== undefined)
    return refusedBecause(
      `日期格式“${source}”中的“${meaning}”不会被读取：时区写成 XXX，其余字段为 yyyy MM dd HH mm ss S，一位或两位的写成 ${looseNames}`,
      `"${meaning}" in the date format "${source}" would not be read: write the offset as XXX; the other fields are yyyy MM dd HH mm ss S, or ${looseNames} where one digit may stand`,
    )
  const hasTime = says.includes('hour')
  const pattern = parts.map((part) => (isField(part) ? dateFields[part].digits : literal(part))).join('')
  const whole = new RegExp(`^${pattern}$`, 'u')
  const position = Object.fromEntries(says.map((quantity, index) => [quantity, index + 1])) as Partial<
    Record<DateQuantity, number>
  >

  return {
    source,
    shape: pattern.replaceAll(dateFields.MM.digits, oneOrTwo),
    says: says.join(),
    precision: !hasTime || says.includes('second') ? undefined : says.includes('minute') ? 'minute' : 'hour',
    ownZone: (text) => {
      const zoneText = position.offset === undefined ? undefined : whole.exec(text)?.[position.offset]
      return zoneText === undefined || minutesOf(zoneText) === minutesOf(canonicalZone) ? undefined : zoneText
    },
    parse: (text) => {
      const found = whole.exec(text)
      if (!found) return undefined
      const digits = (quantity: DateQuantity) => (position[quantity] === undefined ? undefined : found[position[quantity]]!)
      const two = (quantity: DateQuantity) => digits(quantity)?.padStart(2, '0')
      const [year, month, day] = [digits('year')!, two('month')!, two('day')!]
      if (year === '0000' || +month < 1 || +month > 12 || +day < 1 || +day > daysIn(+year, +month)) return undefined
      const date = `${year}-${month}-${day}`
      if (!hasTime) return date
      const [hour, minute, second, fraction] = [two('hour')!, two('minute') ?? '00', two('second') ?? '00', digits('fraction')]
      if (+hour > 23 || +minute > 59 || +second > 59) return undefined
      const instant = onCanonicalClock(date, `${hour}:${minute}:${second}`, digits('offset') ?? zone)
      if (instant === undefined) return undefined
      return `${instant}${fraction === undefined ? '' : `.${fraction}`}${canonicalZone}`
    },
  }
}

export interface ReadDate {
  value: string
  /** By which it was read. */
  format: DateFormat
}

/** What a text says by the formats of a rule. Undefined when it fits none, `ambiguous` when two that it fits read different times from it. */
export type DateReader = (text: string) => ReadDate | 'ambiguous' | undefined

/** One that says less than the other, such as the day of a moment, does not contradict it. */
const agree = (one: string, other: string): boolean => {
  const [a, b] = [one, other].map((value) => value.replace(/\.0+(?=\+)/, '')) as [string, string]
  return a.startsWith(b) || b.startsWith(a)
}

const readerOf = (formats: readonly DateFormat[]): DateReader => {
  const [only, ...more] = formats
  if (only !== undefined && more.length === 0) {
    return (text) => {
      const value = only.parse(text)
      return value === undefined ? undefined : { value, format: only }
    }
  }
  return (text) => {
    let first: ReadDate | undefined
    for (const format of formats) {
      const value = format.parse(text)
      if (value === undefined) continue
      if (first === undefined) first = { value, format }
      else if (!agree(first.value, value)) return 'ambiguous'
    }
    return first
  }
}

/** The reader of the formats that a rule gives: `date: yyyyMMdd`, or a list of which the first that fits is taken. */
export const compileDates = (context: CompileContext, given: unknown, path: YamlPath): DateReader => {
  const formats: DateFormat[] = []
  const sources = (Array.isArray(given) ? given : [given]).map(String)
  if (sources.length === 0) problem(context, path, { zh: '没有写日期格式', en: 'there is no date format' })
  for (const [index, source] of sources.entries()) {
    const at = Array.isArray(given) ? [...path, index] : path
    const format = parseDateFormat(source, context.zone)
    if ('refused' in format) {
      problem(context, at, format.refused)
      continue
    }
    const twin = formats.find(({ shape, says }) => shape === format.shape && says !== format.says)
    if (twin) {
      problem(context, at, {
        zh: `日期格式“${source}”与“${twin.source}”只是次序不同，同一文字两种读法；只能留一个`,
        en: `the date formats "${source}" and "${twin.source}" differ only in their order, so that a text has two readings: keep one`,
      })
    }
    formats.push(format)
  }
  return readerOf(formats)
}
