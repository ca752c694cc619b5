import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Test } from 'tap'
import { type Catalogue, catalogueControl } from '../../core/canonical/index.ts'
import { lintItems } from '../../core/cli/lint-items.ts'
import { loadConfig } from '../../core/config/load.ts'
import type { GatewayError } from '../../core/errors.ts'
import { catalogueMessages } from '../../core/platform/distribute.ts'
import { sendDown } from '../../core/platform/send.ts'
import { loadAdapters } from '../../core/registry.ts'
import { openStore } from '../../core/store/open-store.ts'
import { createCalendar, toDayNumber } from '../../core/supervision/calendar.ts'
import { loadCalendar } from '../../core/supervision/load-calendar.ts'
import { loadCatalogue } from '../../core/supervision/load-catalogue.ts'
import { readClock } from '../../core/supervision/read-clock.ts'
import { inFolder, openGateway, recordOf, route } from '../bad-input/gateway.ts'
import { systemYaml, writeInstallation } from '../contract/department-database.ts'
import { realClock } from '../contract/transport-messages.ts'
import { openDown } from '../down-place.ts'
import { until } from '../temporary.ts'
import { type Sayings, thrownBy, withCode } from './saying.ts'

const calendar = `
version: "1"
years:
  - year: 2025
    notice: 示例
    holidays:
      - { name: 元旦、春节、清明节、劳动节、端午节、中秋节、国庆节, from: 2025-01-01, to: 2025-01-01, working: [2025-01-06] }
`

const year = createCalendar('2025.1', [{ year: 2025, notice: '示例', off: new Set(), working: new Set() }])

const catalogueOf = (version: number, name: string): Catalogue => ({
  version,
  effectiveFrom: '2020-01-01',
  items: [{ code: '0100', name }],
})

const partOf = (catalogue: Catalogue) => {
  const { body } = catalogueMessages(catalogue, 'one-gateway', 1)[0]!
  return catalogueControl.read(String(body))!.data
}

/** What a running gateway tells of catalogues that it does not take; of the last, its items are changed on the way. */
const refused = async (t: Test, code: GatewayError['code'], first: Catalogue, second?: Catalogue): Promise<GatewayError> => {
  const place = await openDown(t)
  const { events } = await place.start()
  const errors: GatewayError[] = []
  events.on('catalogue:refused', ({ error }) => void errors.push(error))
  const messages = [first, second ?? []].flat().flatMap((one) => catalogueMessages(one, 'one-gateway', 1))
  const last = messages.at(-1)!
  const sent = second ? messages : [{ ...last, body: String(last.body).replace('设立登记', '变更登记') }]
  await sendDown(place.transport, sent, realClock)
  await until('it is told', () => errors.length > 0)
  return withCode(code, errors)
}

/** Supervision: the calendar, the catalogue of items, the clocks. */
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
    provoke: () => thrownBy(() => year.isWorkingDay(toDayNumber('2026-01-05'))),
    where: '2025.1',
    found: '2026',
    allowed: { zh: '2025 至 2025 年', en: '2025 to 2025' },
    next: { zh: '补上这一年', en: 'Add the year' },
  },
  CLOCK_UNREADABLE: {
    provoke: async () => {
      const start = { ...({} as Parameters<typeof readClock>[0]['start']), at: '2025-09-12' }
      const bound = { amount: 4, unit: 'hour', basis: 'promise' } as const
      const clock = { name: 'case', round: 1, start, end: undefined } as const
      return withCode('CLOCK_UNREADABLE', [readClock(clock, bound, [], year, '2025-09-12T12:00:00+08:00').problem])
    },
    where: { not: 'the case and its clock stand beside it' },
    found: { zh: '只说到哪一天', en: 'only the day' },
    allowed: { zh: '到分钟的时间', en: 'times to the minute' },
    next: { zh: '改用按日的时限', en: 'a limit in days' },
  },
  CATALOGUE_INVALID: {
    provoke: () =>
      inFolder(async (folder) => {
        const file = join(folder, 'catalogue.csv')
        writeFileSync(file, 'version,1\neffectiveFrom,2025-01-01\ncode,name,promisedLimit\n0100,设立登记,20\n')
        const problems: GatewayError[] = []
        loadCatalogue(file, 'config/supervision/catalogue.csv', problems)
        return withCode('CATALOGUE_INVALID', problems)
      }),
    where: 'config/supervision/catalogue.csv:4:11',
    found: { zh: '时限', en: 'a limit' },
    allowed: '10工作日',
    next: 'docs/supervision.md',
  },
  CATALOGUE_CONFLICT: {
    provoke: (t) => refused(t, 'CATALOGUE_CONFLICT', catalogueOf(2, '设立登记'), catalogueOf(2, '变更登记')),
    where: { not: 'it is about the gateway as a whole' },
    found: '2',
    allowed: { zh: '照旧使用', en: 'stays in use' },
    next: { zh: '新的版本号', en: 'under a new number' },
  },
  CATALOGUE_DAMAGED: {
    provoke: (t) => refused(t, 'CATALOGUE_DAMAGED', catalogueOf(2, '设立登记')),
    where: { not: 'it is about the gateway as a whole' },
    found: '2',
    allowed: { zh: '摘要', en: 'digest' },
    next: { zh: '重新下发', en: 'send the version again' },
  },
  ITEM_NOT_IN_CATALOGUE: {
    provoke: () =>
      inFolder(async (folder) => {
        const { store, pipeline } = openGateway(folder)
        try {
          store.commit(() => store.catalogues.take(partOf(catalogueOf(3, '设立登记')), 1))
          const record = recordOf('SB', 'B', { SXBM: '0300' })
          const receipts = pipeline.receive({ ...route, unknownItem: 'quarantine' }, { records: [record] })
          return withCode(
            'ITEM_NOT_IN_CATALOGUE',
            receipts.map(({ error }) => error),
          )
        } finally {
          store.close()
        }
      }),
    where: 'one.yaml:18:62',
    found: '0300',
    allowed: { zh: '版本 3', en: 'version 3' },
    next: { zh: '更正事项编码', en: 'Correct the code' },
  },
  ITEM_DOUBTFUL: {
    provoke: () =>
      inFolder(async (folder) => {
        const { config } = writeInstallation(folder, {
          'config/adapters/one.yaml': `${systemYaml('one.db')}exchange: exchange.csv\n`,
          'config/exchange.csv': 'item,application.received\n0109,up\n*,up\n',
        })
        const store = openStore(join(folder, 'data/gateway.db'), 1)
        store.commit(() => store.catalogues.take(partOf(catalogueOf(3, '设立登记')), 1))
        store.close()
        const loaded = await loadConfig(config, { adapters: await loadAdapters(), env: {} })
        return withCode('ITEM_DOUBTFUL', lintItems(loaded.config!))
      }),
    where: 'config/exchange.csv:2:1',
    found: '0109',
    allowed: '0100',
    next: { zh: '核对编码', en: 'Check the code' },
  },
}
