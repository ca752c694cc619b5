/**
 * Supervision of one case, from its messages, the calendar, the catalogue and the rules alone: the same of them gives the same clocks and the same alerts
 * under the same numbers, whoever computes it, in whatever order the messages came.
 */
import { type CatalogueItem, type Code, type ContentOf, checkInvariants } from '../canonical/index.ts'
import { sha256 } from '../sha256.ts'
import type { CatalogueItems } from '../store/catalogue-store.ts'
import { type CaseFile, lastSaid } from './case-file.ts'
import { type CaseClock, type ClockName, clocksOf, pausesOf } from './clocks.ts'
import type { Knowledge } from './knowledge.ts'
import { type Bound, boundText, type Reading, readClock } from './read-clock.ts'
import type { SupervisionRule } from './rules.ts'
import type { Limit } from './working-time.ts'

export interface Alert {
  /** Of the rule and of what it is about: the same each time it is computed. */
  no: string
  content: ContentOf<'supervision.alert'>
}

export interface Evaluation {
  readings: Reading[]
  alerts: Alert[]
  /** The item of the case in the catalogue of the day on which it began. */
  item: CatalogueItem | undefined
}

export type Supervised = Knowledge & { items: CatalogueItems }

const withBasis = (limit: Limit | undefined, basis: Code<'limitBasis'>): Bound | undefined =>
  limit && { amount: limit.amount, unit: limit.unit, basis }

/** An extension that was approved lengthens the limit of the case, in the unit of the limit. */
const extended = (bound: Bound | undefined, { facts }: CaseFile): Bound | undefined => {
  if (!bound || 'dueAt' in bound) return bound
  const granted = facts
    .filter(({ type, content }) => type === 'special.started' && content['kind'] === 'extension')
    .flatMap(({ content }) => (content['grantedLimit'] as Limit | undefined) ?? [])
    .filter(({ unit }) => unit === bound.unit)
  return { ...bound, amount: granted.reduce((sum, { amount }) => sum + amount, bound.amount) }
}

/** The catalogue goes before what the case says of itself: a department does not set its own limit. */
const boundOf = (
  { name, start }: CaseClock,
  file: CaseFile,
  item: CatalogueItem | undefined,
  { rules }: Knowledge,
): Bound | undefined => {
  const due = (at: string | undefined, basis: Code<'limitBasis'>): Bound | undefined =>
    at === undefined ? undefined : { dueAt: at, basis }
  if (name === 'case')
    return (
      extended(withBasis(item?.promisedLimit, 'promise') ?? withBasis(item?.statutoryLimit, 'statutory'), file) ??
      extended(withBasis(lastSaid(file, 'promisedLimit'), 'promise'), file) ??
      due(lastSaid(file, 'promisedDueAt'), 'promise') ??
      extended(withBasis(lastSaid(file, 'statutoryLimit'), 'statutory'), file)
    )
  if (name === 'upward')
    return due(start.content['dueAt'] as string | undefined, 'stage') ?? withBasis(rules.limits.upward, 'statutory')
  const line = item?.stages?.find(({ stage }) => stage === name)
  return withBasis(line?.limit, 'stage') ?? withBasis(rules.limits[name], 'statutory')
}

const appliesTo = ({ scope, stages }: SupervisionRule, name: ClockName): boolean => {
  if (scope === 'case' || scope === 'upward') return name === scope
  if (scope !== 'stage' || name === 'case' || name === 'upward') return false
  return stages === undefined || stages.includes(name)
}

const stageOf = (name: ClockName): Code<'stage'> | undefined =>
  name === 'case' ? undefined : name === 'upward' ? 'review' : name

const orgOf = ({ source: { department, departmentName } }: CaseFile) => ({
  code: department,
  ...(departmentName !== undefined && { name: departmentName }),
})

/** Twenty characters, as GB/T 39046 has room for. */
const numberOf = ({ lane }: CaseFile, ruleNo: string, about: string): string =>
  sha256(JSON.stringify([lane, ruleNo, about]))
    .toString('hex')
    .slice(0, 20)

const clockAlerts = (
  file: CaseFile,
  reading: Reading,
  item: CatalogueItem | undefined,
  by: Knowledge,
  version: number | undefined,
): Alert[] => {
  const { clock, bound } = reading
  const { name, round, start } = clock
  const stage = stageOf(name)
  const responsible = item?.stages?.find((line) => line.stage === stage)?.responsible ?? item?.responsible
  return by.rules.rules
    .filter((rule) => rule.when && appliesTo(rule, name))
    .flatMap((rule): Alert[] => {
      const crossed = reading.crossed(rule.when!)
      if (!crossed || !bound) return []
      const no = numberOf(file, rule.no, `${name} ${round}`)
      const limit = boundText(bound)
      const [zh, en] = responsible === undefined ? ['', ''] : [`；责任人 ${responsible}`, `; ${responsible} answers for it`]
      const org = name === 'upward' ? (start.content['reviewerOrg'] as Alert['content']['org']) : undefined
      const content: Alert['content'] = {
        ruleNo: rule.no,
        alertNo: no,
        colour: rule.colour,
        raisedAt: crossed.at,
        scope: name === 'case' ? 'case' : 'stage',
        ...(stage !== undefined && { stage }),
        description: `${rule.title}：时限 ${limit.zh}，已用 ${crossed.usedPercent}%${zh} / limit ${limit.en}, ${crossed.usedPercent}% used${en}`,
        org: org ?? orgOf(file),
        ...(!('dueAt' in bound) && { limit: bound }),
        usedPercent: crossed.usedPercent,
        calendarVersion: by.calendar.version,
        rulesVersion: by.rules.version,
        ...(version !== undefined && { catalogueVersion: version }),
        basis: start.id,
      }
      return [{ no, content }]
    })
}

/** The first of a case: a refusal is often told again by the closing. */
const refusalAlerts = (file: CaseFile, by: Knowledge): Alert[] => {
  const first = file.facts.find(({ type, content, case: key }) =>
    checkInvariants({ type, content, case: key, flags: [] }).flags.some((flag) => flag.rule === 'negative-needs-reason'),
  )
  if (!first) return []
  return by.rules.rules
    .filter(({ scope }) => scope === 'refusal')
    .map(({ no: ruleNo, title, colour }): Alert => {
      const no = numberOf(file, ruleNo, 'refusal')
      const content: Alert['content'] = {
        ruleNo,
        alertNo: no,
        colour,
        raisedAt: first.at,
        scope: 'case',
        description: `${title}：作出不利决定而没有说明理由 / a negative decision without its reason`,
        org: orgOf(file),
        rulesVersion: by.rules.version,
        basis: first.id,
      }
      return { no, content }
    })
}

/** As it stands at `at`, a moment with `+08:00`; the file must hold nothing that happened later. */
export const evaluate = (file: CaseFile, by: Supervised, at: string): Evaluation => {
  const day = file.facts[0]!.at.slice(0, 10)
  const version = by.items.versionOn(day)
  const item = version === undefined || file.key.itemCode === undefined ? undefined : by.items.item(version, file.key.itemCode)
  const readings = clocksOf(file).map((clock) =>
    readClock(clock, boundOf(clock, file, item, by), pausesOf(file, clock.name, by.rules.excluded), by.calendar, at),
  )
  const used = item === undefined ? undefined : version
  const alerts = file.isVoid
    ? []
    : [...readings.flatMap((reading) => clockAlerts(file, reading, item, by, used)), ...refusalAlerts(file, by)]
  return { readings, alerts, item }
}
