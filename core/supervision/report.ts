/** Figures of supervision, for each department and item: of the cases that began in a period, as they stand at a moment. */
import { type CatalogueItem, type Code, isItemOn } from '../canonical/index.ts'
import { type CaseFile, type Fact, lastSaid } from './case-file.ts'
import { type Evaluation, evaluate, type Supervised } from './evaluate.ts'

export interface ReportLine {
  department: string
  departmentName: string | undefined
  /** Empty where the case names none. */
  item: string
  itemName: string | undefined
  cases: number
  closed: number
  /** Decided within the limit, and beyond it. */
  onTime: number
  late: number
  /** Not decided, and over the limit. */
  overdue: number
  /** Without a limit, or of which nothing can be counted. */
  unmeasured: number
  reminder: number
  yellow: number
  red: number
  messages: number
  /** Without a flag that something is missing or only a placeholder. */
  complete: number
  /** With both times: when it happened and when it was recorded. */
  timed: number
  /** Of those, recorded later than the rules allow. */
  backfilled: number
  /** Cases whose item is in the catalogue of the day on which they began. */
  matched: number
  /** Stages that must have been, since a later one is there, and of which nothing was reported. */
  missingStages: number
}

export interface Period {
  /** Days, both inclusive, `YYYY-MM-DD`. */
  from: string
  to: string
}

const blank = {
  cases: 0,
  closed: 0,
  onTime: 0,
  late: 0,
  overdue: 0,
  unmeasured: 0,
  reminder: 0,
  yellow: 0,
  red: 0,
  messages: 0,
  complete: 0,
  timed: 0,
  backfilled: 0,
  matched: 0,
  missingStages: 0,
}

/** What shows that a case has been through a stage, in the order of the procedure. */
const evidence: [stage: Code<'stage'>, types: readonly Fact['type'][]][] = [
  ['reception', ['application.received']],
  ['acceptance', ['acceptance.decided']],
  ['review', ['review.step', 'review.decided', 'upward.returned']],
  ['approval', ['approval.decided', 'upward.returned']],
  ['issuance', ['case.closed', 'result.collected']],
]

/** Every item has it, whatever the catalogue says of it. An application online was taken by the platform: no department reports it. */
const always: readonly Code<'stage'>[] = ['acceptance']
const decided = ['granted', 'granted_without_document', 'denied']

/** A case that was refused or withdrawn need not have been anywhere. */
const missingStages = (file: CaseFile, item: CatalogueItem | undefined): number => {
  const isDecided = file.facts.some(
    ({ type, content }) =>
      (type === 'case.closed' && decided.includes(String(content['outcome']))) ||
      (type === 'approval.decided' && content['decision'] !== 'returned'),
  )
  if (!isDecided) return 0
  const expected = [...always, ...(item?.stages ?? []).map(({ stage }) => stage)]
  const has = evidence.map(([, types]) => file.facts.some(({ type }) => types.includes(type)))
  return evidence.filter(([stage], index) => expected.includes(stage) && !has[index] && has.slice(index + 1).includes(true))
    .length
}

const dayMs = 86_400_000

const daysBetween = (from: string, to: string): number =>
  Math.floor((Date.parse(to.slice(0, 10)) - Date.parse(from.slice(0, 10))) / dayMs)

const isComplete = ({ flags }: Fact): boolean => !flags.some(({ code }) => code === 'missing' || code === 'placeholder')

const measure = (line: ReportLine, { readings, alerts, item }: Evaluation, file: CaseFile, by: Supervised): void => {
  line.cases += 1
  if (file.facts.some(({ type }) => type === 'case.closed')) line.closed += 1
  const whole = readings.find(({ clock }) => clock.name === 'case')
  if (whole?.standing === 'no_limit' || whole?.standing === 'unknown') line.unmeasured += 1
  else if (whole?.standing === 'late') line[whole.state === 'ended' ? 'late' : 'overdue'] += 1
  else if (whole?.state === 'ended') line.onTime += 1
  for (const { content } of alerts) line[content.colour] += 1
  for (const fact of file.facts) {
    line.messages += 1
    if (isComplete(fact)) line.complete += 1
    if (fact.recordedAt === undefined) continue
    line.timed += 1
    if (daysBetween(fact.at, fact.recordedAt) > by.rules.backfillDays) line.backfilled += 1
  }
  if (item && isItemOn(item, file.facts[0]!.at.slice(0, 10))) line.matched += 1
  line.missingStages += missingStages(file, item)
}

/** Case by case, so that it never holds more than its lines. */
export const openReport = (by: Supervised, { from, to }: Period, at: string) => {
  const lines = new Map<string, ReportLine>()
  const used = new Set<string>()
  return {
    add(file: CaseFile): void {
      const day = file.facts[0]!.at.slice(0, 10)
      if (file.isVoid || day < from || day > to) return
      const { department, departmentName } = file.source
      const { itemCode = '', itemName } = file.key
      const evaluation = evaluate(file, by, at)
      const key = JSON.stringify([department, itemCode])
      const name = evaluation.item?.name ?? itemName ?? lastSaid<{ handlingItemName?: string }>(file, 'item')?.handlingItemName
      const line = lines.get(key) ?? { department, departmentName, item: itemCode, itemName: name, ...blank }
      lines.set(key, line)
      measure(line, evaluation, file, by)
      if (evaluation.item) used.add(evaluation.item.code)
    },
    /** By department and item. */
    lines: (): ReportLine[] => [...lines.keys()].sort().map((key) => lines.get(key)!),
    /** Items of the catalogue that were some in the period, and of which there is no case. */
    itemsWithoutCase(): CatalogueItem[] {
      const newest = by.catalogues.findLast(({ effectiveFrom }) => effectiveFrom <= to)
      return (newest?.items ?? []).filter(
        (item) => !used.has(item.code) && (isItemOn(item, to) || (item.to !== undefined && from <= item.to && item.to <= to)),
      )
    },
  }
}
