/** Dates as legacy systems want them: the way back of `dates.ts`, by the same formats. */
import { wordsOf } from '../language/construct.ts'
import { dateFields } from '../language/dates.ts'

type Field = keyof typeof dateFields

const fieldPattern = new RegExp([...wordsOf(dateFields), '[\\s\\S]'].join('|'), 'gu')

/** Writes a canonical moment. Undefined when the format wants a time of day, and the message knows only the day: none is made up. */
export type WriteDate = (moment: string) => string | undefined

const minutesOf = (zone: string): number => {
  if (zone === 'Z') return 0
  const [, sign, hours, minutes] = /^([+-])(\d{2}):(\d{2})$/.exec(zone)!
  return (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes))
}

const beijing = '+08:00'

/** `zone`: the offset of the target's clock, such as `+08:00`. Undefined for a format without year, month and day. */
export const dateWriter = (format: string, zone: string): WriteDate | undefined => {
  const parts = [...format.matchAll(fieldPattern)].map(([part]) => part)
  if (!['yyyy', 'MM', 'dd'].every((field) => parts.includes(field))) return undefined
  const wantsTime = parts.includes('HH')
  const shiftMs = (minutesOf(zone) - minutesOf(beijing)) * 60_000
  return (moment) => {
    const [, date, time, fraction = ''] = /^(\d{4}-\d{2}-\d{2})(?:T(\d{2}:\d{2}:\d{2})(?:\.(\d+))?\+08:00)?$/.exec(moment) ?? []
    if (date === undefined || (wantsTime && time === undefined)) return undefined
    const there = time === undefined ? `${date}T00:00:00` : new Date(Date.parse(`${date}T${time}Z`) + shiftMs).toISOString()
    const texts: Record<Field, string> = {
      yyyy: there.slice(0, 4),
      MM: there.slice(5, 7),
      dd: there.slice(8, 10),
      HH: there.slice(11, 13),
      mm: there.slice(14, 16),
      ss: there.slice(17, 19),
      S: fraction === '' ? '0' : fraction,
      XXX: zone,
    }
    return parts.map((part) => (part in texts ? texts[part as Field] : part)).join('')
  }
}
