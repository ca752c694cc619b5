/** The figures of supervision from what the platform has received, and what gateways stated of the same period. */
import type { CatalogueItem } from '../canonical/index.ts'
import { dayAfter } from '../mapping/codes/days.ts'
import { toCaseFile } from '../supervision/case-file.ts'
import { type Knowledge, toCatalogueItems } from '../supervision/knowledge.ts'
import { openReport, type Period, type ReportLine } from '../supervision/report.ts'
import type { SupervisionStore } from './supervision-store.ts'

/** Of a system, how many periods were stated, and in how many of them it had nothing at all. */
export interface StatedSystem {
  gateway: string
  system: string
  periods: number
  zero: number
  messages: number
}

export interface Report extends Period {
  /** The moment at which it is looked. */
  at: string
  calendarVersion: string
  rulesVersion: string
  catalogueVersion: number | undefined
  lines: ReportLine[]
  itemsWithoutCase: CatalogueItem[]
  stated: StatedSystem[]
}

const systemsOf = (periods: Awaited<ReturnType<SupervisionStore['stated']>>): StatedSystem[] => {
  const systems = new Map<string, StatedSystem>()
  for (const { gateway, system, count } of periods) {
    const key = JSON.stringify([gateway, system])
    const line = systems.get(key) ?? { gateway, system, periods: 0, zero: 0, messages: 0 }
    line.periods += 1
    line.zero += count === 0 ? 1 : 0
    line.messages += count
    systems.set(key, line)
  }
  return [...systems.values()]
}

/** Reads every case; changes nothing. `period`: by the day on which cases began. */
export const readReport = async (
  store: SupervisionStore,
  knowledge: Knowledge,
  { from, to }: Period,
  at: string,
): Promise<Report> => {
  const report = openReport({ ...knowledge, items: toCatalogueItems(knowledge.catalogues) }, { from, to }, at)
  for await (const { lane, bodies } of store.cases()) {
    const file = toCaseFile(lane, bodies, at)
    if (file) report.add(file)
  }
  const stated = await store.stated({ from: `${from}T00:00:00`, until: `${dayAfter(to)}T00:00:00` })
  return {
    from,
    to,
    at,
    calendarVersion: knowledge.calendar.version,
    rulesVersion: knowledge.rules.version,
    catalogueVersion: knowledge.catalogues.findLast(({ effectiveFrom }) => effectiveFrom <= to)?.version,
    lines: report.lines(),
    itemsWithoutCase: report.itemsWithoutCase(),
    stated: systemsOf(stated),
  }
}
