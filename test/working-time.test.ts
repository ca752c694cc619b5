import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import t from 'tap'
import type { GatewayError } from '../core/errors.ts'
import { packageRoot } from '../core/package-root.ts'
import { type Calendar, toDay, toDayNumber } from '../core/supervision/calendar.ts'
import { loadCalendar } from '../core/supervision/load-calendar.ts'
import { axisOf, type Limit, mergeSpans, passed, reached, type Span } from '../core/supervision/working-time.ts'
import { temporaryFolder } from './temporary.ts'

const shipped = join(packageRoot, 'config/flows/supervision/supervision/calendar.yaml')

const problems: GatewayError[] = []
const calendar = loadCalendar(shipped, 'calendar.yaml', problems) as Calendar
const [first, last] = [toDayNumber('2025-01-01'), toDayNumber('2026-12-31')]

/** The notices once more, day by day, as a person would read them off the wall. */
const off = [
  ['2025-01-01', '2025-01-01'],
  ['2025-01-28', '2025-02-04'],
  ['2025-04-04', '2025-04-06'],
  ['2025-05-01', '2025-05-05'],
  ['2025-05-31', '2025-06-02'],
  ['2025-10-01', '2025-10-08'],
  ['2026-01-01', '2026-01-03'],
  ['2026-02-15', '2026-02-23'],
  ['2026-04-04', '2026-04-06'],
  ['2026-05-01', '2026-05-05'],
  ['2026-06-19', '2026-06-21'],
  ['2026-09-25', '2026-09-27'],
  ['2026-10-01', '2026-10-07'],
] as const
const worked =
  '2025-01-26 2025-02-08 2025-04-27 2025-09-28 2025-10-11 2026-01-04 2026-02-14 2026-02-28 2026-05-09 2026-09-20 2026-10-10'
const isWorkedNaively = (number: number): boolean => {
  const day = toDay(number)
  if (worked.includes(day)) return true
  if (off.some(([from, to]) => from <= day && day <= to)) return false
  return !['Sat', 'Sun'].includes(new Date(`${day}T00:00:00Z`).toUTCString().slice(0, 3))
}

const days = fc.integer({ min: first - 1, max: last })

t.test('the calendar that is shipped has no mistake, and as many working days as the notices leave', async (t) => {
  t.same(problems, [])
  t.equal(calendar.workingDays(first - 1, toDayNumber('2025-12-31')), 248)
  for (let day = first; day <= last; day++) t.equal(calendar.isWorkingDay(day), isWorkedNaively(day), toDay(day))
})

t.test('working days are those of a count day by day, add up, and never go back', async () => {
  const naive = (after: number, until: number): number => {
    let count = 0
    for (let day = after + 1; day <= until; day++) if (isWorkedNaively(day)) count++
    return count
  }
  fc.assert(
    fc.property(days, days, days, (...three) => {
      const [a, b, c] = three.sort((one, other) => one - other) as [number, number, number]
      const [ab, bc, ac] = [calendar.workingDays(a, b), calendar.workingDays(b, c), calendar.workingDays(a, c)]
      return ab === naive(a, b) && ab + bc === ac && ab <= ac
    }),
    { numRuns: 500 },
  )
  fc.assert(
    fc.property(days, fc.integer({ min: 1, max: 200 }), (after, count) => {
      fc.pre(calendar.workingDays(after, last) >= count)
      const day = calendar.workingDayAfter(after, count)
      return isWorkedNaively(day) && naive(after, day) === count
    }),
    { numRuns: 500 },
  )
})

const spans = fc
  .array(fc.tuple(days, fc.integer({ min: 0, max: 40 })), { maxLength: 5 })
  .map((given) => given.map(([after, length]): Span => ({ after, until: Math.min(after + length, last) })))
const units = fc.constantFrom<Limit['unit']>('working_day', 'calendar_day')

t.test('what is excluded is counted by no day, however its spans overlap, and only puts the end off', async () => {
  fc.assert(
    fc.property(units, days, days, spans, (unit, one, other, excluded) => {
      const [after, until] = [Math.min(one, other), Math.max(one, other)]
      const axis = axisOf(unit, calendar)
      let count = 0
      for (let day = after + 1; day <= until; day++) {
        const isExcluded = excluded.some((span) => span.after < day && day <= span.until)
        if (!isExcluded && (unit === 'calendar_day' || isWorkedNaively(day))) count++
      }
      return passed(axis, mergeSpans(excluded), after, until) === count
    }),
    { numRuns: 500 },
  )
  fc.assert(
    fc.property(
      units,
      fc.integer({ min: first, max: first + 300 }),
      fc.integer({ min: 1, max: 60 }),
      spans,
      (unit, after, amount, given) => {
        const axis = axisOf(unit, calendar)
        const excluded = mergeSpans(given)
        const room = passed(axis, excluded, after, last)
        fc.pre(room >= amount)
        const end = reached(axis, excluded, after, amount)!
        const before = passed(axis, excluded, after, end - 1)
        return passed(axis, excluded, after, end) === amount && before === amount - 1 && end >= reached(axis, [], after, amount)!
      },
    ),
    { numRuns: 500 },
  )
})

const dueOf = (from: string, limit: Limit, excluded: Span[] = []): string => {
  const axis = axisOf(limit.unit, calendar)
  const after = axis.placeOf(from)!
  return axis.momentOf(axis.settle(reached(axis, excluded, after, axis.amountOf(after, limit))!))
}

t.test('a limit ends where the law says', async (t) => {
  const cases: [string, string, Limit, string][] = [
    ['the day of the event does not count', '2025-03-03T23:59:00+08:00', { amount: 1, unit: 'working_day' }, '2025-03-04'],
    ['a holiday is skipped, a weekend that is worked is not', '2025-09-26', { amount: 3, unit: 'working_day' }, '2025-09-30'],
    ['the first day after a long holiday', '2025-09-30', { amount: 1, unit: 'working_day' }, '2025-10-09'],
    ['a Saturday that is worked is a working day', '2025-10-09', { amount: 2, unit: 'working_day' }, '2025-10-11'],
    ['calendar days that end in a holiday end after it', '2025-09-25', { amount: 10, unit: 'calendar_day' }, '2025-10-09'],
    [
      'calendar days that end on a Sunday that is worked end there',
      '2025-09-25',
      { amount: 3, unit: 'calendar_day' },
      '2025-09-28',
    ],
    ['a month ends on the same day', '2025-03-04', { amount: 1, unit: 'month' }, '2025-04-07'],
    ['or on the last of a shorter month', '2025-01-31', { amount: 1, unit: 'month' }, '2025-02-28'],
    ['across the year', '2025-12-31', { amount: 2, unit: 'month' }, '2026-02-28'],
  ]
  for (const [name, from, limit, day] of cases) t.equal(dueOf(from, limit), `${day}T00:00:00+08:00`, name)
  t.equal(dueOf('2025-09-30T16:30:00+08:00', { amount: 4, unit: 'hour' }), '2025-09-30T20:30:00+08:00', 'hours run at once')
  t.equal(dueOf('2025-09-30T16:30:00+08:00', { amount: 90, unit: 'minute' }), '2025-09-30T18:00:00+08:00')
  t.equal(axisOf('hour', calendar).placeOf('2025-09-30'), undefined, 'of a day alone no hour is made up')
  const excluded = [{ after: toDayNumber('2025-09-22'), until: toDayNumber('2025-09-26') }]
  t.equal(dueOf('2025-09-19', { amount: 3, unit: 'working_day' }, excluded), '2025-09-29T00:00:00+08:00', 'four days put it off')
  const open = [{ after: toDayNumber('2025-09-22'), until: Number.POSITIVE_INFINITY }]
  t.equal(
    reached(axisOf('working_day', calendar), open, toDayNumber('2025-09-19'), 3),
    undefined,
    'while it lasts there is no end',
  )
})

t.test('a year that the calendar does not cover is told, and never counted as if it had no holidays', async (t) => {
  const missing = (year: number) => ({ code: 'CALENDAR_YEAR_MISSING', values: { year, version: '2025-2026.1' } })
  t.throws(() => calendar.isWorkingDay(last + 1), missing(2027))
  t.throws(() => calendar.workingDays(first - 3, first), missing(2024))
  t.throws(() => calendar.workingDayAfter(last - 3, 10), missing(2027))
  t.equal(calendar.workingDays(first - 1, first + 1), 1, 'the last day before it may begin a count')
})

t.test('mistakes of a calendar are told at their place', async (t) => {
  const folder = temporaryFolder(t)
  const file = join(folder, 'calendar.yaml')
  const names = ['春节', '清明节', '劳动节', '端午节', '中秋节', '国庆节']
  const others = names.map((name, at) => `      - { name: ${name}, from: 2025-0${at + 2}-06, to: 2025-0${at + 2}-06 }`).join('\n')
  const problemsOf = (holiday: string, more = ''): string[] => {
    const year = (number: number, body: string) => `  - year: ${number}\n    notice: 示例\n    holidays:\n${body}\n`
    writeFileSync(file, `version: "1"\nyears:\n${year(2025, `${holiday}\n${others}`)}${more}`)
    const found: GatewayError[] = []
    loadCalendar(file, 'calendar.yaml', found)
    return found.map(({ code, text }) => `${code} ${text.en}`)
  }
  const wrong = (at: string, reason: string) => [`CALENDAR_INVALID calendar.yaml:${at} the working calendar is wrong: ${reason}`]
  t.same(problemsOf('      - { name: 元旦, from: 2025-01-01, to: 2025-01-03 }'), [])
  t.same(
    problemsOf('      - { name: 元旦, from: 2025-01-31, to: 2025-02-06 }'),
    wrong('7:27', '2025-02-06 is in another holiday already'),
    'an overlap',
  )
  t.same(problemsOf('      - { name: 元旦, from: 2025-01-03, to: 2025-01-01 }'), wrong('6:43', '2025-01-01 is before 2025-01-03'))
  t.same(problemsOf('      - { name: 元旦, from: 2025-02-30, to: 2025-03-01 }'), wrong('6:27', 'there is no day 2025-02-30'))
  t.same(problemsOf('      - { name: 元旦, from: 2024-12-31, to: 2025-01-01 }'), wrong('6:27', '2024-12-31 is not in 2025'))
  t.same(problemsOf('      - { name: 元旦, from: 2025-01-01, to: 2025-01-31 }'), wrong('6:43', 'the holiday has 31 days'))
  t.same(
    problemsOf('      - { name: 元旦, from: 2025-01-01, to: 2025-01-01, working: [2025-01-06] }'),
    wrong('6:65', '2025-01-06 is no Saturday or Sunday: it is worked anyway'),
  )
  t.same(
    problemsOf('      - { name: 元旦, from: 2025-01-04, to: 2025-01-04, working: [2025-01-04] }'),
    wrong('6:65', '2025-01-04 is both off and worked'),
  )
  t.same(
    problemsOf('      - { name: 春节, from: 2025-01-01, to: 2025-01-01 }'),
    wrong('6:7', '"元旦" is missing: every year has it'),
    'a notice that was copied in part',
  )
  const next = (year: number) =>
    `  - year: ${year}\n    notice: 示例\n    holidays:\n${['元旦', ...names].map((name, at) => `      - { name: ${name}, from: ${year}-0${at + 1}-06, to: ${year}-0${at + 1}-06 }`).join('\n')}\n`
  t.same(
    problemsOf('      - { name: 元旦, from: 2025-01-01, to: 2025-01-01 }', next(2027)),
    wrong('13:11', 'after 2025 there must be 2026: no year is left out or said twice'),
    'a gap between years',
  )
})
