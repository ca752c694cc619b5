/**
 * The clocks of a case: what starts and ends each, and what does not count.
 *
 *     application ──▶ acceptance ──────▶ review ─────────▶ approval ────────▶ closed ─▶ collected
 *     ├ reception ─┤  (until prereview)                    │
 *     ├ acceptance ──┤ (not while a supplement is awaited) │
 *                    ├ case ───────────────────────────────────────────────┤ (until the decision: 行政许可法 42)
 *                    ├ review ────────────┤├ approval ─────────────────────┤├ issuance ┤ (44)
 *                                  ├ upward ┤ (43)
 *
 * A case that is sent back to the review begins another round of it.
 */
import type { CaseFile, Fact } from './case-file.ts'
import { stageClocks } from './rules.ts'

export const clockNames = ['case', ...stageClocks, 'upward'] as const
export type ClockName = (typeof clockNames)[number]

/** From one moment to another, as the source tells them; still going on without an end. */
export interface Pause {
  from: string
  until: string | undefined
  /** Time that was granted for it: beyond that it counts. */
  granted?: { amount: number; unit: string } | undefined
  /** The message that began it. */
  by: string
}

export interface CaseClock {
  name: ClockName
  /** From 1. */
  round: number
  start: Fact
  end: Fact | undefined
}

interface Turn {
  ends: readonly ClockName[]
  starts: readonly ClockName[]
}

const everything = clockNames
const none: Turn = { ends: [], starts: [] }

const turnOf = ({ type, content }: Fact): Turn => {
  const decision = content['decision']
  switch (type) {
    case 'application.received':
      return { ends: [], starts: ['reception', 'acceptance'] }
    case 'prereview.decided':
      return decision === 'supplement' ? none : { ends: ['reception'], starts: [] }
    case 'acceptance.decided':
      return decision === 'accepted'
        ? { ends: ['reception', 'acceptance'], starts: ['case', 'review'] }
        : { ends: ['reception', 'acceptance'], starts: [] }
    case 'review.decided':
      return decision === 'returned' ? none : { ends: ['review'], starts: ['approval'] }
    case 'upward.forwarded':
      return { ends: [], starts: ['upward'] }
    case 'upward.returned':
      return { ends: ['upward'], starts: [] }
    case 'approval.decided':
      if (decision === 'returned') return { ends: ['approval'], starts: ['review'] }
      return { ends: ['review', 'approval', 'case'], starts: decision === 'approved' ? ['issuance'] : [] }
    case 'case.closed':
      return { ends: everything, starts: [] }
    case 'result.collected':
      return { ends: ['issuance'], starts: [] }
    default:
      return none
  }
}

/** In the order in which they began. A clock that runs is not begun again. */
export const clocksOf = ({ facts, isVoid }: CaseFile): CaseClock[] => {
  const clocks: CaseClock[] = []
  const running = new Map<ClockName, CaseClock>()
  for (const fact of isVoid ? [] : facts) {
    const { ends, starts } = turnOf(fact)
    for (const name of ends) {
      const clock = running.get(name)
      if (clock) clock.end = fact
      running.delete(name)
    }
    for (const name of starts) {
      if (running.has(name)) continue
      const round = clocks.filter((one) => one.name === name).length + 1
      const clock: CaseClock = { name, round, start: fact, end: undefined }
      clocks.push(clock)
      running.set(name, clock)
    }
  }
  return clocks
}

const pairs = (facts: readonly Fact[], from: Fact['type'], until: Fact['type']): { start: Fact; end: Fact | undefined }[] =>
  facts
    .filter(({ type }) => type === from)
    .map((start) => ({
      start,
      end: facts.find(
        ({ type, sequence }, index) => type === until && sequence === start.sequence && index > facts.indexOf(start),
      ),
    }))

const toPause = ({ start, end }: { start: Fact; end: Fact | undefined }): Pause => {
  const granted = start.content['grantedLimit'] as Pause['granted']
  return { from: start.at, until: end?.at, granted, by: start.id }
}

/**
 * What does not count on a clock. Before the acceptance: the time in which a supplement is awaited, which the law puts there. After it: special procedures
 * that say that they do not count, or are of a kind that does not where the source is silent.
 */
export const pausesOf = ({ facts }: CaseFile, name: ClockName, excludedKinds: readonly string[]): Pause[] => {
  if (name === 'reception' || name === 'acceptance')
    return pairs(facts, 'supplement.requested', 'supplement.received')
      .filter(({ start }) => start.content['phase'] !== 'after_acceptance')
      .map(toPause)
  return pairs(facts, 'special.started', 'special.ended')
    .filter(({ start: { content } }) => {
      const { kind, countsAgainstLimit = !excludedKinds.includes(String(kind)) } = content
      return kind !== 'extension' && countsAgainstLimit === false
    })
    .map(toPause)
}
