/**
 * Counting time as the law does (民法典 201–203, 行政许可法 82). The day of an event does not count; the last day is counted to its end. A limit in
 * working days skips days off; one in calendar days or months that would end on a day off ends on the next working day; a month ends on the same
 * day of its month, or on its last. Hours and minutes run from the moment itself. What is excluded pushes the end back.
 */
import type { Code } from '../canonical/index.ts'
import { beijingTime } from '../clock.ts'
import { type Calendar, toDay, toDayNumber } from './calendar.ts'

export interface Limit {
  amount: number
  unit: Code<'timeUnit'>
}

/** `(after, until]`: days, or milliseconds since 1970; without end while `until` is Infinity. */
export interface Span {
  after: number
  until: number
}

/** How time goes for limits of one unit. `Axis` numbers are days, or milliseconds for hours and minutes. */
export interface Axis {
  /** Where a moment stands; undefined when the source says only the day, and the time of day would decide. */
  placeOf(moment: string): number | undefined
  /** The first moment of a place. */
  momentOf(place: number): string
  /** How much of the limit passes in `(after, until]`. */
  pass(after: number, until: number): number
  /** Where `amount` has passed after a place. */
  reach(after: number, amount: number): number
  /** How much a limit that begins after a place has, days off at its end not yet looked at. */
  amountOf(after: number, limit: Limit): number
  /** Where a limit ends that would end at a place. */
  settle(place: number): number
  /** One day on this axis: what is over is told in days. */
  day: number
}

const hourMs = 3_600_000

const daysAxis = {
  placeOf: toDayNumber,
  momentOf: (place: number) => `${toDay(place)}T00:00:00+08:00`,
  day: 1,
}

/** The same day of the month so many months later, or its last. */
const monthsAfter = (day: number, months: number): number => {
  const [year, month, date] = toDay(day).split('-').map(Number) as [number, number, number]
  const last = new Date(Date.UTC(year, month - 1 + months + 1, 0)).getUTCDate()
  return Date.UTC(year, month - 1 + months, Math.min(date, last)) / 86_400_000
}

/** Throws, in its answers, CALENDAR_YEAR_MISSING. */
export const axisOf = (unit: Limit['unit'], calendar: Calendar): Axis => {
  if (unit === 'working_day')
    return {
      ...daysAxis,
      pass: calendar.workingDays,
      reach: calendar.workingDayAfter,
      amountOf: (_, { amount }) => amount,
      settle: (place) => place,
    }
  if (unit === 'hour' || unit === 'minute')
    return {
      placeOf: (moment) => (moment.includes('T') ? Date.parse(moment) : undefined),
      momentOf: (place) => `${beijingTime(place)}+08:00`,
      pass: (after, until) => Math.max(0, until - after),
      reach: (after, amount) => after + amount,
      amountOf: (_, { amount }) => amount * (unit === 'hour' ? hourMs : 60_000),
      settle: (place) => place,
      day: 24 * hourMs,
    }
  return {
    ...daysAxis,
    pass: (after, until) => Math.max(0, until - after),
    reach: (after, amount) => after + amount,
    amountOf: (after, { amount }) => (unit === 'month' ? monthsAfter(after, amount) - after : amount),
    settle: (place) => (calendar.isWorkingDay(place) ? place : calendar.workingDayAfter(place, 1)),
  }
}

/** In order and without overlap. */
export const mergeSpans = (spans: readonly Span[]): Span[] => {
  const merged: Span[] = []
  for (const { after, until } of [...spans].sort((a, b) => a.after - b.after)) {
    const last = merged.at(-1)
    if (until <= after) continue
    if (last && after <= last.until) last.until = Math.max(last.until, until)
    else merged.push({ after, until })
  }
  return merged
}

/** What passes in `(after, until]` outside of what is excluded (merged). */
export const passed = (axis: Axis, excluded: readonly Span[], after: number, until: number): number =>
  excluded.reduce(
    (sum, span) => sum - axis.pass(Math.max(after, span.after), Math.min(until, span.until)),
    axis.pass(after, until),
  )

/** Where `amount` has passed outside of what is excluded (merged); undefined while an exclusion without end stands before it. */
export const reached = (axis: Axis, excluded: readonly Span[], after: number, amount: number): number | undefined => {
  let [from, left] = [after, amount]
  for (const span of excluded) {
    if (span.until <= from) continue
    const before = axis.pass(from, Math.max(from, span.after))
    if (before >= left) break
    left -= before
    from = span.until
  }
  return from === Number.POSITIVE_INFINITY ? undefined : axis.reach(from, left)
}
