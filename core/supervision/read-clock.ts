/** How a clock of a case stands at a moment. */
import { type Code, vocabulary } from '../canonical/index.ts'
import { GatewayError, type Text } from '../errors.ts'
import type { Calendar } from './calendar.ts'
import type { CaseClock, Pause } from './clocks.ts'
import type { Threshold } from './rules.ts'
import { type Axis, axisOf, type Limit, mergeSpans, passed, reached, type Span } from './working-time.ts'

export interface AppliedLimit extends Limit {
  basis: Code<'limitBasis'>
}

/** A limit, or the moment that was named as the end. */
export type Bound = AppliedLimit | { dueAt: string; basis: Code<'limitBasis'> }

export type Standing = 'in_time' | 'late' | 'no_limit' | 'unknown'

/** `paused`: it runs, and what does not count is still going on. */
export type ClockState = 'running' | 'paused' | 'ended'

export interface Reading {
  clock: CaseClock
  bound: Bound | undefined
  pauses: readonly Pause[]
  state: ClockState
  standing: Standing
  /** Last day, or last moment, of the limit; undefined while nobody can tell. */
  due: string | undefined
  usedPercent: number | undefined
  /** Why nothing can be said. */
  problem: GatewayError | undefined
  /** When a threshold was reached, its share of the limit beside it; undefined when it was not. */
  crossed(threshold: Threshold): { at: string; usedPercent: number } | undefined
}

const dayAlone: Text = {
  zh: '来源只说到哪一天，按小时或分钟的时限无法计算',
  en: 'the source says only the day: a limit in hours or minutes cannot be counted',
}

const needed = (place: number | undefined): number => {
  if (place === undefined) throw GatewayError.of('CLOCK_UNREADABLE', { reason: dayAlone })
  return place
}

/** Of a pause no more than was granted does not count. */
const toSpan = (axis: Axis, calendar: Calendar, { from, until, granted }: Pause): Span => {
  const after = needed(axis.placeOf(from))
  const end = until === undefined ? Number.POSITIVE_INFINITY : needed(axis.placeOf(until))
  const other = granted && axisOf(granted.unit as Limit['unit'], calendar)
  if (!granted || other?.day !== axis.day) return { after, until: end }
  const cap = other.reach(after, other.amountOf(after, granted as Limit))
  return { after, until: Math.min(end, cap) }
}

interface Measured {
  axis: Axis
  excluded: readonly Span[]
  start: number
  /** Its end, or the moment of looking. */
  until: number
  total: number
  due: number | undefined
}

/** What a question about a day outside of the calendar gives: nothing yet. */
const ifCovered = <T>(work: () => T): T | undefined => {
  try {
    return work()
  } catch (thrown) {
    if (thrown instanceof GatewayError && thrown.code === 'CALENDAR_YEAR_MISSING') return undefined
    throw thrown
  }
}

const measure = (clock: CaseClock, bound: Bound, pauses: readonly Pause[], calendar: Calendar, at: string): Measured => {
  const axis = axisOf('dueAt' in bound ? 'working_day' : bound.unit, calendar)
  const start = needed(axis.placeOf(clock.start.at))
  const until = needed(axis.placeOf(clock.end?.at ?? at))
  const excluded = mergeSpans(pauses.map((pause) => toSpan(axis, calendar, pause)))
  const amount = 'dueAt' in bound ? axis.pass(start, needed(axis.placeOf(bound.dueAt))) : axis.amountOf(start, bound)
  const due = ifCovered(() => {
    const end = reached(axis, excluded, start, amount)
    return end === undefined ? undefined : axis.settle(end)
  })
  const total = due === undefined ? amount : passed(axis, excluded, start, due)
  return { axis, excluded, start, until, total, due }
}

const percentOf = (used: number, total: number): number => Math.min(100_000, total === 0 ? 100 : Math.floor((used / total) * 100))

const amountAt = ({ axis, total }: Measured, threshold: Threshold): number | undefined => {
  const inDays = axis.day === 1
  if ('percent' in threshold) return inDays ? Math.ceil((total * threshold.percent) / 100) : (total * threshold.percent) / 100
  if ('over' in threshold) return inDays ? total + threshold.over : total + (threshold.over - 1) * axis.day + 1
  // Days that are left say nothing of a limit in hours.
  return inDays ? Math.max(0, total - threshold.left) : undefined
}

const crossing = (measured: Measured, { start }: CaseClock, threshold: Threshold): ReturnType<Reading['crossed']> => {
  const { axis, excluded, until, total } = measured
  const amount = amountAt(measured, threshold)
  const place = amount === undefined ? undefined : ifCovered(() => reached(axis, excluded, measured.start, amount))
  if (amount === undefined || place === undefined || place > until) return undefined
  const isAtStart = place === measured.start && start.at.includes('T')
  return { at: isAtStart ? start.at : axis.momentOf(place), usedPercent: percentOf(amount, total) }
}

/** Never throws: what cannot be counted is `unknown`, and says why. */
export const readClock = (
  clock: CaseClock,
  bound: Bound | undefined,
  pauses: readonly Pause[],
  calendar: Calendar,
  at: string,
): Reading => {
  const open = pauses.some(({ until }) => until === undefined)
  const state: ClockState = clock.end ? 'ended' : open ? 'paused' : 'running'
  const blank = {
    clock,
    bound,
    pauses,
    state,
    due: undefined,
    usedPercent: undefined,
    problem: undefined,
    crossed: () => undefined,
  }
  if (!bound) return { ...blank, standing: 'no_limit' }
  try {
    const measured = measure(clock, bound, pauses, calendar, at)
    const { axis, excluded, start, until, total, due } = measured
    const used = passed(axis, excluded, start, until)
    const isLate = due === undefined ? used > total : until > due
    const shown = (place: number): string => (axis.day === 1 ? axis.momentOf(place).slice(0, 10) : axis.momentOf(place))
    return {
      ...blank,
      standing: isLate ? 'late' : 'in_time',
      due: due === undefined ? undefined : shown(due),
      usedPercent: percentOf(used, total),
      crossed: (threshold) => crossing(measured, clock, threshold),
    }
  } catch (thrown) {
    if (!(thrown instanceof GatewayError)) throw thrown
    return { ...blank, standing: 'unknown', problem: thrown }
  }
}

/** `10 工作日`, `10 working day`. */
export const boundText = (bound: Bound): Text => {
  if ('dueAt' in bound) return { zh: `至 ${bound.dueAt}`, en: `until ${bound.dueAt}` }
  const { zh, en } = vocabulary.timeUnit.values[bound.unit]
  return { zh: `${bound.amount} ${zh}`, en: `${bound.amount} ${en}${bound.amount === 1 ? '' : 's'}` }
}
