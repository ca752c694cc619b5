/** Dates as legacy systems want them: the way back of `dates.ts`, by the same formats. */
import type { Text } from '../../errors.ts'
import { minutesOf, parseDateFormat, saysHour, writeFields } from '../dates.ts'

/** Writes a canonical moment. Undefined when the format wants a time of day, and the message knows only the day: none is made up. */
export type WriteDate = (moment: string) => string | undefined

const beijing = '+08:00'

/** `zone`: the offset of the target's clock, such as `+08:00`. Refused is what could not be read back as it was meant. */
export const dateWriter = (source: string, zone: string): WriteDate | { refused: Text } => {
  const format = parseDateFormat(source, zone)
  if ('refused' in format) return format
  const wantsTime = saysHour(source)
  const shiftMs = (minutesOf(zone) - minutesOf(beijing)) * 60_000
  return (moment) => {
    const [, date, time, fraction = ''] = /^(\d{4}-\d{2}-\d{2})(?:T(\d{2}:\d{2}:\d{2})(?:\.(\d+))?\+08:00)?$/.exec(moment) ?? []
    if (date === undefined || (wantsTime && time === undefined)) return undefined
    const there = time === undefined ? `${date}T00:00:00` : new Date(Date.parse(`${date}T${time}Z`) + shiftMs).toISOString()
    return writeFields(source, {
      year: there.slice(0, 4),
      month: there.slice(5, 7),
      day: there.slice(8, 10),
      hour: there.slice(11, 13),
      minute: there.slice(14, 16),
      second: there.slice(17, 19),
      fraction: fraction === '' ? '0' : fraction,
      offset: zone,
    })
  }
}
