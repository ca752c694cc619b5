/** What the gateway keeps of its reconciliation with the platform. */
import type { StatedId } from '../statement.ts'

export interface Period {
  system: string
  /** Milliseconds since 1970. */
  startsAt: number
  /** Exclusive. */
  endsAt: number
}

export type StatementState = 'open' | 'asked' | 'agreed' | 'differs'

export interface StatementStanding extends Period {
  state: StatementState
  /** Of the statement sent last. */
  id: string | null
  asked: number
  dueAt: number | null
  /** Messages as stated, and as the platform answered. */
  ours: number | null
  theirs: number | null
  missing: number
  foreign: number
}

/** What an answer of the platform came to. */
export interface Compared extends Period {
  outcome: 'agreed' | 'differs'
  ours: number
  theirs: number
  missing: number
  foreign: number
}

export interface Difference extends StatedId, Period {
  kind: 'missing' | 'foreign'
}

export interface Statements {
  /**
   * Makes the lines of all periods that have ended, of every system ever read from, from its first record on, or from `startedAt` where it
   * has none; none that began before `keptSince`. `boundsOf`: of the period that a time is in.
   */
  openEnded(boundsOf: (at: number) => Omit<Period, 'system'>, times: { startedAt: number; keptSince: number; now: number }): void
  /** The next that is to be stated: open and unchanged since `quietSince`, or due again. */
  next(quietSince: number, now: number): (StatementStanding & { department: string; region: string }) | undefined
  find(period: Pick<Period, 'system' | 'startsAt'>): StatementStanding | undefined
  list(filter?: { system?: string }): StatementStanding[]
  /** The confirmed messages of a period, sorted by the bytes of their ids. */
  confirmedIds(period: Period): StatedId[]
  /** Of those, the ids without a receipt. */
  unreceipted(period: Period, limit: number): string[]
  /** It is about to be stated. */
  ask(period: Period, id: string, ours: number, dueAt: number): void
  /** The platform agrees; `dueAt` when there is more to ask. */
  agree(period: Period, theirs: number, dueAt: number | null): void
  /** The platform differs; with `anew` earlier differences are dropped first. */
  differ(period: Period, theirs: number, differences: Omit<Difference, keyof Period>[], anew: boolean): void
  differences(filter?: { system?: string; kind?: Difference['kind'] }): Difference[]
  /** What was stated of the period that `seenAt` is in is to be stated anew: of its messages, one has changed at `changedAt`. */
  reopen(system: string, seenAt: number, changedAt: number): void
}
