/** Reads a working calendar, and finds what cannot be right in it: it decides who was late. */
import { type Static, Type } from '@sinclair/typebox'
import { checkAgainst } from '../config/check.ts'
import { strict } from '../config/sections.ts'
import { GatewayError, type Text } from '../errors.ts'
import { readYaml, type YamlFile, type YamlPath } from '../yaml.ts'
import { type Calendar, type CalendarYear, createCalendar, isWeekend, toDay, toDayNumber } from './calendar.ts'

const day = (title: string, description: string) =>
  Type.String({ title, description: `${description}`, pattern: '^\\d{4}-\\d{2}-\\d{2}$' })

const holiday = Type.Object(
  {
    name: Type.String({ title: '名称 / Name', description: '节日名称。 / Name of the holiday.', minLength: 1 }),
    from: day('起 / From', '写成 2025-10-01：放假第一天。 / First day off, as 2025-10-01.'),
    to: day('止 / To', '写成 2025-10-08：放假最后一天。 / Last day off, as 2025-10-08.'),
    working: Type.Optional(
      Type.Array(day('上班 / Worked', '写成 2025-10-11：调休上班的周六、周日。 / A weekend day that is worked, as 2025-10-11.')),
    ),
  },
  strict,
)

export const calendarSchema = Type.Object(
  {
    version: Type.String({
      title: '版本 / Version',
      description: '1 到 50 个字符；内容改了就换一个。 / 1 to 50 characters; another one whenever its content changes.',
      minLength: 1,
      maxLength: 50,
    }),
    years: Type.Array(
      Type.Object(
        {
          year: Type.Integer({ title: '年份 / Year', description: '公历年。 / The year.', minimum: 2000, maximum: 2199 }),
          notice: Type.String({
            title: '依据 / Notice',
            description: '所依据的通知。 / The notice that it is taken from.',
            minLength: 1,
          }),
          holidays: Type.Array(holiday, { minItems: 1 }),
        },
        strict,
      ),
      { minItems: 1 },
    ),
  },
  { ...strict, title: 'calendar.yaml' },
)

type WrittenYear = Static<typeof calendarSchema>['years'][number]

/** Days off by law each year; notices may put two of them together. */
const statutory = ['元旦', '春节', '清明', '劳动', '端午', '中秋', '国庆']

/** A notice gives no holiday longer than this. */
const longest = 15

const isDay = (text: string): boolean => {
  const number = toDayNumber(text)
  return !Number.isNaN(number) && toDay(number) === text
}

/** The days of a year, and every mistake among them at its place. */
const toYear = (
  { year, notice, holidays }: WrittenYear,
  index: number,
  yaml: YamlFile,
  problems: GatewayError[],
): CalendarYear => {
  const [off, working] = [new Set<string>(), new Set<string>()]
  const say = (path: YamlPath, zh: string, en: string): void => {
    const reason: Text = { zh, en }
    problems.push(GatewayError.of('CALENDAR_INVALID', { at: yaml.at(['years', index, ...path]), reason }))
  }
  /** Told once where it is no day of the year; then it counts for nothing. */
  const isOfYear = (text: string, path: YamlPath): boolean => {
    if (!isDay(text)) say(path, `没有 ${text} 这一天`, `there is no day ${text}`)
    else if (Number(text.slice(0, 4)) !== year) say(path, `${text} 不在 ${year} 年`, `${text} is not in ${year}`)
    else return true
    return false
  }
  for (const [at, { from, to }] of holidays.entries()) {
    const path = ['holidays', at]
    if (![isOfYear(from, [...path, 'from']), isOfYear(to, [...path, 'to'])].every(Boolean)) continue
    const [first, last] = [toDayNumber(from), toDayNumber(to)]
    if (last < first) say([...path, 'to'], `${to} 早于 ${from}`, `${to} is before ${from}`)
    else if (last - first >= longest)
      say([...path, 'to'], `假期长达 ${last - first + 1} 天`, `the holiday has ${last - first + 1} days`)
    else
      for (let number = first; number <= last; number++) {
        if (off.has(toDay(number)))
          say([...path, 'from'], `${toDay(number)} 已在另一个假期里`, `${toDay(number)} is in another holiday already`)
        off.add(toDay(number))
      }
  }
  for (const [at, { working: days = [] }] of holidays.entries())
    for (const [nth, text] of days.entries()) {
      const path = ['holidays', at, 'working', nth]
      if (!isOfYear(text, path)) continue
      if (!isWeekend(toDayNumber(text)))
        say(path, `${text} 不是周六、周日，本来就上班`, `${text} is no Saturday or Sunday: it is worked anyway`)
      if (off.has(text)) say(path, `${text} 既放假又上班`, `${text} is both off and worked`)
      if (working.has(text)) say(path, `${text} 写了两次`, `${text} is there twice`)
      working.add(text)
    }
  const names = holidays.map(({ name }) => name).join()
  for (const name of statutory.filter((one) => !names.includes(one)))
    say(['holidays'], `没有“${name}”：每年都有的节日不应缺少`, `"${name}" is missing: every year has it`)
  return { year, notice, off, working }
}

/** Reads a calendar's file; all mistakes are added to `problems`, and then there is none. */
export const loadCalendar = (path: string, shownAs: string, problems: GatewayError[]): Calendar | undefined => {
  const yaml = readYaml(path, shownAs)
  const before = problems.length
  problems.push(...checkAgainst(calendarSchema, yaml.value ?? {}, yaml))
  if (problems.length > before) return undefined
  const { version, years } = yaml.value as Static<typeof calendarSchema>
  const read = years.map((year, index) => toYear(year, index, yaml, problems))
  for (const [index, { year }] of read.entries()) {
    const previous = read[index - 1]?.year
    if (previous === undefined || year === previous + 1) continue
    const reason = {
      zh: `${previous} 年之后应为 ${previous + 1} 年，不得跳过或重复`,
      en: `after ${previous} there must be ${previous + 1}: no year is left out or said twice`,
    }
    problems.push(GatewayError.of('CALENDAR_INVALID', { at: yaml.at(['years', index, 'year']), reason }))
  }
  return problems.length > before ? undefined : createCalendar(version, read)
}
