/** What supervision judges by, beside the messages: all of it has versions, and every alert names them. */
import { resolve } from 'node:path'
import type { Catalogue, CatalogueItem } from '../canonical/index.ts'
import { attempt, type CheckedFile } from '../config/settle.ts'
import type { CatalogueItems } from '../store/catalogue-store.ts'
import type { Calendar } from './calendar.ts'
import { loadCalendar } from './load-calendar.ts'
import { loadCatalogue } from './load-catalogue.ts'
import { loadRules } from './load-rules.ts'
import type { SupervisionRules } from './rules.ts'

export interface Knowledge {
  calendar: Calendar
  /** In the order of their versions. */
  catalogues: readonly Catalogue[]
  rules: SupervisionRules
}

/** The catalogues as a gateway has them: by the day, the newest version that holds. */
export const toCatalogueItems = (catalogues: readonly Catalogue[]): CatalogueItems => {
  const byVersion = new Map<number, Map<string, CatalogueItem>>()
  for (const { version, items } of catalogues) {
    const byCode = new Map<string, CatalogueItem>()
    for (const item of items)
      for (const code of [item.code, ...(item.otherCodes ?? [])]) if (!byCode.has(code)) byCode.set(code, item)
    byVersion.set(version, byCode)
  }
  return {
    versionOn: (day) => catalogues.findLast(({ effectiveFrom }) => effectiveFrom <= day)?.version,
    item: (version, code) => byVersion.get(version)?.get(code),
  }
}

/** Relative to the configuration folder. */
export interface KnowledgeFiles {
  calendar: string
  catalogues: readonly string[]
  rules: string
}

/** Reads all of it; what is wrong is added to the file's problems, and then there is none. */
export const loadKnowledge = (files: KnowledgeFiles, { folder, problems }: CheckedFile): Knowledge | undefined => {
  const read = <T>(name: string, load: (path: string, shownAs: string, problems: CheckedFile['problems']) => T | undefined) =>
    attempt(problems, () => load(resolve(folder, name), `config/${name}`, problems))
  const calendar = read(files.calendar, loadCalendar)
  const rules = read(files.rules, loadRules)
  const catalogues = files.catalogues.map((name) => read(name, loadCatalogue))
  if (!calendar || !rules || catalogues.includes(undefined)) return undefined
  return { calendar, rules, catalogues: (catalogues as Catalogue[]).sort((a, b) => a.version - b.version) }
}
