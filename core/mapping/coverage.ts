import type { ConditionTrace, FieldTrace, TracedRule, Tracer } from './trace.ts'

export interface Share {
  covered: number
  total: number
  /** Rounded down: 100 means all. */
  percent: number
}

/** What no sample has tried. */
export interface Uncovered {
  /** `file:line:column`. */
  at: string
  kind: 'rule' | 'branch' | 'row'
  /** The field, the condition or the list, the code and its table. */
  what: string
  /** Of a branch: which outcome never came. */
  missing?: 'true' | 'false' | '0' | '1' | 'many'
}

/**
 * A rule is covered when it gave a value, a flag or a failure: reading nothing tries nothing. Each `when` and `ignore` is two branches,
 * true and false; each `each` is three, none, one and many. A row of a code table is covered when its code was looked up.
 */
export interface Coverage {
  rules: Share
  branches: Share
  rows: Share
  uncovered: Uncovered[]
}

interface Part extends Uncovered {
  isCovered: boolean
}

const ruleName = ({ kind, pointer, path }: TracedRule): string => (kind === 'events' ? `each ${path}` : pointer)

const rulesOf = ({ rules, fields }: Tracer): Part[] => {
  const tried = new Set(fields.filter(({ outcome }) => outcome !== 'absent').map(({ rule }) => rule))
  return rules.map((rule) => ({ at: rule.at, kind: 'rule', what: ruleName(rule), isCovered: tried.has(rule) }))
}

const conditionBranches = (trace: Tracer): Part[] =>
  trace.conditions
    .filter(({ role }) => role === 'when' || role === 'ignore')
    .flatMap((condition) =>
      [true, false].map((wanted) => ({
        at: condition.at,
        kind: 'branch' as const,
        what:
          condition.role === 'ignore' ? `ignore ${(condition.of ?? 0) + 1}` : `when ${trace.events[condition.of ?? -1]?.type}`,
        missing: wanted ? ('true' as const) : ('false' as const),
        isCovered: trace.decisions.some(
          (decision: ConditionTrace) => decision.condition === condition && decision.result === wanted,
        ),
      })),
    )

const counts = { '0': (count: number) => count === 0, '1': (count: number) => count === 1, many: (count: number) => count > 1 }

const listBranches = (trace: Tracer): Part[] =>
  trace.rules
    .filter(({ kind }) => kind === 'list' || kind === 'events')
    .flatMap((rule) =>
      (['0', '1', 'many'] as const).map((missing) => ({
        at: rule.at,
        kind: 'branch' as const,
        what: `each ${rule.path}`,
        missing,
        isCovered: trace.fields.some((line: FieldTrace) => line.rule === rule && counts[missing](line.found.length)),
      })),
    )

const rowsOf = ({ tables, fields }: Tracer): Part[] => {
  const looked = new Set(fields.flatMap(({ steps }) => steps.map(({ by, at }) => `${by} ${at}`)))
  return tables.flatMap(({ name, rows }) =>
    rows.map(([code, at]) => ({
      at,
      kind: 'row' as const,
      what: `${name} "${code}"`,
      isCovered: looked.has(`${name} ${at}`),
    })),
  )
}

const shareOf = (parts: Part[]): Share => {
  const covered = parts.filter(({ isCovered }) => isCovered).length
  const total = parts.length
  return { covered, total, percent: total === 0 ? 100 : Math.floor((covered * 100) / total) }
}

/** In the order of the file. */
const byPlace = (one: Uncovered, other: Uncovered): number => one.at.localeCompare(other.at, 'en', { numeric: true })

/** What of a mapping was tried by the records that it has translated since it was compiled for tracing. */
export const coverageOf = (trace: Tracer): Coverage => {
  const [rules, branches, rows] = [rulesOf(trace), [...conditionBranches(trace), ...listBranches(trace)], rowsOf(trace)]
  const uncovered = [rules, branches, rows].flatMap((parts) => parts.filter(({ isCovered }) => !isCovered).sort(byPlace))
  const told = uncovered.map(({ isCovered: _, ...part }) => part)
  return { rules: shareOf(rules), branches: shareOf(branches), rows: shareOf(rows), uncovered: told }
}
