/**
 * Dates as legacy systems write them. A format says what each digit means (`dateFields`); everything else stands for itself. A date without a time
 * stays a date: no midnight is invented.
 */
import { wordsOf } from './language/construct.ts'
import { dateFields } from './language/dates.ts'

type Field = keyof typeof dateFields

const fieldPattern = new RegExp([...wordsOf(dateFields), '[\\s\\S]'].join('|'), 'gu')

export interface DateFormat {
  source: string
  /** RFC 3339 on Beijing's clock: `2026-01-02T03:04:05+08:00`, or a full-date when the format holds no time. Undefined when the text does not fit. */
  parse(text: string): string | undefined
  /** What the text need not say and the result must: undefined when it says it all. */
  precision: 'hour' | 'minute' | undefined
  /** The offset that a text which fits writes itself, when it is not that of Beijing. */
  ownZone(text: string): string | undefined
}

const canonicalZone = '+08:00'

const minutesOf = (zone: string): number => {
  if (zone === 'Z') return 0
  const [, sign, hours, minutes] = /^([+-])(\d{2}):?(\d{2})$/.exec(zone)!
  return (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes))
}

/** The same instant on Beijing's clock. */
const onCanonicalClock = (date: string, time: string, zone: string): string => {
  if (zone === canonicalZone || minutesOf(zone) === minutesOf(canonicalZone)) return `${date}T${time}`
  const shifted = new Date(Date.parse(`${date}T${time}Z`) + (minutesOf(canonicalZone) - minutesOf(zone)) * 60_000)
  return shifted.toISOString().slice(0, 19)
}

const days = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
const isLeap = (year: number): boolean => year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0)
const daysIn = (year: number, month: number): number => (month === 2 && isLeap(year) ? 29 : days[month - 1]!)

const literal = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')

/**
 * `zone` is the offset of the department's clock, such as `+08:00`, for a date that has none of its own.
 * Returns undefined for a format that does not at least hold year, month and day once each.
 */
export const parseDateFormat = (source: string, zone: string): DateFormat | undefined => {
  const order: Field[] = []
  let pattern = ''
  for (const [part] of source.matchAll(fieldPattern)) {
    if (part in dateFields) {
      if (order.includes(part as Field)) return undefined
      order.push(part as Field)
      pattern += dateFields[part as Field].digits
    } else pattern += literal(part)
  }
  if (!['yyyy', 'MM', 'dd'].every((field) => order.includes(field as Field))) return undefined
  const hasTime = order.includes('HH')
  if (!hasTime && ['mm', 'ss', 'S', 'XXX'].some((field) => order.includes(field as Field))) return undefined
  const whole = new RegExp(`^${pattern}$`, 'u')
  const position = Object.fromEntries(order.map((field, index) => [field, index + 1])) as Partial<Record<Field, number>>

  return {
    source,
    precision: !hasTime || order.includes('ss') ? undefined : order.includes('mm') ? 'minute' : 'hour',
    ownZone: (text) => {
      const zoneText = position.XXX === undefined ? undefined : whole.exec(text)?.[position.XXX]
      return zoneText === undefined || minutesOf(zoneText) === minutesOf(canonicalZone) ? undefined : zoneText
    },
    parse: (text) => {
      const found = whole.exec(text)
      if (!found) return undefined
      const digits = (field: Field) => (position[field] === undefined ? undefined : found[position[field]]!)
      const [year, month, day] = [digits('yyyy')!, digits('MM')!, digits('dd')!]
      if (+month < 1 || +month > 12 || +day < 1 || +day > daysIn(+year, +month)) return undefined
      const date = `${year}-${month}-${day}`
      if (!hasTime) return date
      const [hour, minute, second, fraction] = [digits('HH')!, digits('mm') ?? '00', digits('ss') ?? '00', digits('S')]
      if (+hour > 23 || +minute > 59 || +second > 59) return undefined
      const instant = onCanonicalClock(date, `${hour}:${minute}:${second}`, digits('XXX') ?? zone)
      return `${instant}${fraction === undefined ? '' : `.${fraction}`}${canonicalZone}`
    },
  }
}
