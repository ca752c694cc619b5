/**
 * The working calendar: which days the city works, 调休 included, by the notice of each year. A year without a notice is not guessed. Days
 * are whole numbers here, those since 1970-01-01 in Beijing.
 */
import { GatewayError } from '../errors.ts'

export interface CalendarYear {
  year: number
  /** What it is taken from. */
  notice: string
  /** Holidays, `YYYY-MM-DD`; Saturdays and Sundays are off without being named. */
  off: ReadonlySet<string>
  /** Saturdays and Sundays that are worked. */
  working: ReadonlySet<string>
}

export interface Calendar {
  version: string
  /** The years it covers, the first and the last. */
  covers: { from: number; to: number }
  isWorkingDay(day: number): boolean
  /** How many working days are in (after, until]; 0 when `until` is not later. */
  workingDays(after: number, until: number): number
  /** The working day that is `count` of them after a day; the day itself for 0. */
  workingDayAfter(after: number, count: number): number
}

const dayMs = 86_400_000

/** `2025-10-09` as a number. */
export const toDayNumber = (day: string): number => Date.parse(`${day.slice(0, 10)}T00:00:00Z`) / dayMs

export const toDay = (number: number): string => new Date(number * dayMs).toISOString().slice(0, 10)

/** Saturday or Sunday: 1970-01-01 was a Thursday. */
export const isWeekend = (day: number): boolean => [2, 3].includes(((day % 7) + 7) % 7)

/**
 * Years must follow each other without a gap. Every question about a day outside of them throws CALENDAR_YEAR_MISSING with the year that is
 * missing.
 */
export const createCalendar = (version: string, years: readonly CalendarYear[]): Calendar => {
  const covers = { from: years[0]!.year, to: years.at(-1)!.year }
  const first = toDayNumber(`${covers.from}-01-01`)
  const length = toDayNumber(`${covers.to + 1}-01-01`) - first
  /** At n: working days among the first n days. */
  const sums = new Int32Array(length + 1)
  const byYear = new Map(years.map((one) => [one.year, one]))
  for (let index = 0; index < length; index++) {
    const day = toDay(first + index)
    const { off, working } = byYear.get(Number(day.slice(0, 4)))!
    const isWorked = working.has(day) || !(isWeekend(first + index) || off.has(day))
    sums[index + 1] = sums[index]! + (isWorked ? 1 : 0)
  }

  /** The number of days of the calendar before and on a day. */
  const placeOf = (day: number): number => {
    const place = day - first + 1
    if (place >= 0 && place <= length) return place
    // What stands before the first day is asked about only as the day that a count begins after.
    const year = Number(toDay(place < 0 ? day + 1 : day).slice(0, 4))
    throw GatewayError.of('CALENDAR_YEAR_MISSING', { year, version, from: covers.from, to: covers.to })
  }
  const workingDays = (after: number, until: number): number =>
    until <= after ? 0 : sums[placeOf(until)]! - sums[placeOf(after)]!

  return {
    version,
    covers,
    workingDays,
    isWorkingDay: (day) => workingDays(day - 1, day) === 1,
    workingDayAfter: (after, count) => {
      if (count === 0) return after
      const target = sums[placeOf(after)]! + count
      if (target > sums[length]!) return placeOf(first + length) // Throws: the next year is not there.
      let [low, high] = [placeOf(after), length]
      while (low < high) {
        const middle = (low + high) >>> 1
        if (sums[middle]! < target) low = middle + 1
        else high = middle
      }
      return first + low - 1
    },
  }
}
