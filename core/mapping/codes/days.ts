import type { Days } from './table.ts'

const written = /^(\d{4})[-/](\d{1,2})[-/](\d{1,2})$/

/** A calendar day as people and Excel write it, `2021-01-01` or `2021/1/1`; undefined when there is no such day. */
export const toDay = (text: string): string | undefined => {
  const [, year, month, day] = written.exec(text) ?? []
  if (!year || !month || !day) return undefined
  const shown = `${year}-${month.padStart(2, '0')}-${day.padStart(2, '0')}`
  const time = Date.parse(`${shown}T00:00:00Z`)
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(shown) ? shown : undefined
}

export const dayAfter = (day: string, by = 1): string =>
  new Date(Date.parse(`${day}T00:00:00Z`) + by * 86_400_000).toISOString().slice(0, 10)

export const holds = ({ from, to }: Days, day: string): boolean =>
  (from === undefined || from <= day) && (to === undefined || day <= to)

/** Days that end before they begin are told where they stand: to compare them with others says nothing. */
export const isPossible = ({ from, to }: Days): boolean => from === undefined || to === undefined || from <= to

export const overlap = (a: Days, b: Days): boolean =>
  (a.from === undefined || b.to === undefined || a.from <= b.to) && (b.from === undefined || a.to === undefined || b.from <= a.to)

/** For people: `2021-01-01…2025-12-31`, an open bound left out; empty for always. */
export const shownDays = ({ from, to }: Days): string =>
  from === undefined && to === undefined ? '' : `${from ?? ''}…${to ?? ''}`
