import cron from 'node-cron'
import type { Text } from './errors.ts'

/** When a source is run: so long after the last run ended, or at the times of a calendar. */
export type Schedule = { every: string } | { cron: string; zone?: string | undefined }

const unitMs = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const

/** `500ms`, `10s`, `5m`, `2h`, `90d` in milliseconds; undefined for anything else. */
export const parseDuration = (text: string): number | undefined => {
  const found = /^(\d{1,9})(ms|s|m|h|d)$/.exec(text.trim())
  return found ? Number(found[1]) * unitMs[found[2] as keyof typeof unitMs] : undefined
}

/** What is wrong with a cron expression (five fields, or six with seconds); undefined when nothing is. */
export const findCronProblem = (expression: string): Text | undefined => {
  const { valid, errors } = cron.validateDetailed(expression)
  if (valid) return undefined
  const reasons = errors.map(({ message }) => reasonOf(message))
  return { zh: reasons.map(({ zh }) => zh).join('；'), en: reasons.map(({ en }) => en).join('; ') }
}

/** What is wrong with the zone of a cron expression; undefined when nothing is. */
export const findZoneProblem = (zone: string): Text | undefined => {
  try {
    cron.createTask('0 0 * * *', () => undefined, { timezone: zone }).getNextRuns(1)
    return undefined
  } catch {
    return {
      zh: '须为 IANA 时区名；北京时间为 Asia/Shanghai',
      en: 'must be the IANA name of a time zone; that of Beijing is Asia/Shanghai',
    }
  }
}

const fields: Record<string, string> = {
  second: '秒',
  minute: '分',
  hour: '时',
  'day of month': '日',
  month: '月',
  'day of week': '星期',
}

const reasonOf = (message: string): Text => {
  const [, value, field = ''] = /^(.*) is an? invalid expression for (.+)$/.exec(message) ?? []
  if (value !== undefined)
    return { zh: `“${value}”不能作“${fields[field] ?? field}”的值`, en: `"${value}" is no value for ${field}` }
  const [, count] = /^expected 5 or 6 fields but got (\d+)$/.exec(message) ?? []
  const zh = count === undefined ? message : `应有 5 或 6 段，实有 ${count} 段`
  return { zh, en: message }
}

/** A function from the end of one run to the start of the next, in milliseconds since 1970. The schedule has been checked before. */
export const openSchedule = (schedule: Schedule): ((now: number) => number) => {
  if ('every' in schedule) {
    const pauseMs = parseDuration(schedule.every)!
    return (now) => now + pauseMs
  }
  // Only the calendar is asked; our own timer waits, so that a run that takes long is followed by the next date, never overlapped.
  const calendar = cron.createTask(schedule.cron, () => undefined, { timezone: schedule.zone ?? 'Asia/Shanghai' })
  return () => calendar.getNextRuns(1)[0]!.getTime()
}
