import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { GatewayError } from '../../core/errors.ts'
import { createCalendar, toDayNumber } from '../../core/supervision/calendar.ts'
import { loadCalendar } from '../../core/supervision/load-calendar.ts'
import { inFolder } from '../bad-input/gateway.ts'
import { type Sayings, thrownBy, withCode } from './saying.ts'

const calendar = `
version: "1"
years:
  - year: 2025
    notice: 示例
    holidays:
      - { name: 元旦、春节、清明节、劳动节、端午节、中秋节、国庆节, from: 2025-01-01, to: 2025-01-01, working: [2025-01-06] }
`

/** Supervision: the calendar, the rules, the catalogue of items. */
export const supervision: Sayings = {
  CALENDAR_INVALID: {
    provoke: () =>
      inFolder(async (folder) => {
        const file = join(folder, 'calendar.yaml')
        writeFileSync(file, calendar)
        const problems: GatewayError[] = []
        loadCalendar(file, 'config/supervision/calendar.yaml', problems)
        return withCode('CALENDAR_INVALID', problems)
      }),
    where: 'config/supervision/calendar.yaml:7:',
    found: '2025-01-06',
    allowed: { zh: '不是周六、周日', en: 'no Saturday or Sunday' },
    next: 'docs/supervision.md',
  },
  CALENDAR_YEAR_MISSING: {
    provoke: () =>
      thrownBy(() =>
        createCalendar('2025.1', [{ year: 2025, notice: '示例', off: new Set(), working: new Set() }]).isWorkingDay(
          toDayNumber('2026-01-05'),
        ),
      ),
    where: '2025.1',
    found: '2026',
    allowed: { zh: '2025 至 2025 年', en: '2025 to 2025' },
    next: { zh: '补上这一年', en: 'Add the year' },
  },
}
