/** The local time of a plug-in is Beijing's, on every machine: what a text without a zone means, and what the fields of a day are. */

import { withChinese } from './fixed-locale.ts'

const offsetMinutes = 480
const offsetMs = offsetMinutes * 60_000

/** The language takes a day alone as one of UTC, wherever it is read; with a blank beside it, or another count of digits, it would be one of here. */
const dayAlone = /^(?:\d{4}|[+-]\d{6})(?:-\d{2}){0,2}$/
/** An offset is one behind a time or GMT: `-2026` at the end of a day is its year. */
const zoned = /(?:Z|UTC?|GMT|[ECMP][SD]T|(?:UTC?|GMT|:\d{2}(?:[.,]\d+)?)\s*[+-]\d{1,2}(?::?\d{2})?)\s*(?:\([^)]*\))?\s*$/i
const isoTime = /^\s*[+-]?\d{4,6}-\d{2}-\d{2}T[\d:.]+\s*$/

const withZone = (text: string): string => {
  if (dayAlone.test(text) || zoned.test(text)) return text
  return isoTime.test(text) ? `${text.trim()}+08:00` : `${text} GMT+0800`
}

type Fields = Record<string, (...given: unknown[]) => unknown>

const local = ['FullYear', 'Month', 'Date', 'Day', 'Hours', 'Minutes', 'Seconds', 'Milliseconds']

/** Changes the `Date` of a realm and answers the one to use in its place: on Beijing's clock, and without the time of now, which `refuse` answers. */
export const onBeijingTime = (real: DateConstructor, refuse: (what: string) => never): DateConstructor => {
  const { now: _, parse, UTC } = real
  const fields = real.prototype as unknown as Fields
  const moved = (date: Date): Date => new real(date.getTime() + offsetMs)
  const define = (name: string, value: (this: Date, ...given: never[]) => unknown): void =>
    void Object.defineProperty(fields, name, { value, writable: true, configurable: true })
  for (const name of local) {
    const [get, set] = [fields[`getUTC${name}`]!, fields[`setUTC${name}`]]
    define(`get${name}`, function () {
      return get.call(moved(this))
    })
    if (set)
      define(`set${name}`, function (...given) {
        const date = moved(this)
        set.apply(date, given)
        return this.setTime(date.getTime() - offsetMs)
      })
  }
  define('getYear', function () {
    return moved(this).getUTCFullYear() - 1900
  })
  define('getTimezoneOffset', function () {
    return Number.isNaN(this.getTime()) ? Number.NaN : -offsetMinutes
  })
  const day = (date: Date): string =>
    moved(date)
      .toUTCString()
      .replace(/^(\w+), (\d+) (\w+) (-?\d+) .*$/, '$1 $3 $2 $4')
  const time = (date: Date): string => `${moved(date).toUTCString().slice(-12, -4)} GMT+0800 (China Standard Time)`
  const shown = (made: (date: Date) => string) =>
    function (this: Date): string {
      return Number.isNaN(this.getTime()) ? 'Invalid Date' : made(this)
    }
  define('toDateString', shown(day))
  define('toTimeString', shown(time))
  define(
    'toString',
    shown((date) => `${day(date)} ${time(date)}`),
  )
  for (const name of ['toLocaleString', 'toLocaleDateString', 'toLocaleTimeString']) {
    const format = fields[name]!
    define(name, function (locales: unknown, options: { timeZone?: string } = {}) {
      return format.call(this, withChinese(locales), { ...options, timeZone: options.timeZone ?? 'Etc/GMT-8' })
    })
  }
  const parseLocal = (text: unknown): number => (Number.isNaN(parse(String(text))) ? Number.NaN : parse(withZone(String(text))))
  const timeOf = (given: unknown[]): unknown => {
    const [first] = given
    if (given.length > 1) return UTC(...(given as Parameters<typeof UTC>)) - offsetMs
    return typeof first === 'string' || first instanceof String ? parseLocal(first) : first
  }
  const made: DateConstructor = new Proxy(real, {
    construct: (date, given: unknown[], target) =>
      given.length === 0 ? refuse('new Date()') : (Reflect.construct(date, [timeOf(given)], target) as Date),
    apply: () => refuse('Date()'),
  })
  Object.defineProperty(real, 'now', { value: () => refuse('Date.now') })
  Object.defineProperty(real, 'parse', { value: parseLocal })
  define('constructor', made as never)
  return made
}
