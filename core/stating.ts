/**
 * Reconciliation, from the gateway's side.
 *
 *     a period has ended, and nothing of it was confirmed for a while ──▶ one commit: stated ──▶ broker ──▶ platform
 *                                                                                                             │
 *     agreed, or differences by id ◀── one commit ◀── comparison: its ids wherever the roots differ ◀─────────┘
 *
 * The line in the store is what must go out: it is stated again until it is agreed, so that a statement or an answer that is lost is only late.
 * A statement may overtake messages in another partition; then it differs, and the next one does not.
 */
import { type Comparison, maxIdsAtOnce, type Statement, statementControl } from './canonical/index.ts'
import { beijingTime, type Clock } from './clock.ts'
import { toGatewayError } from './errors.ts'
import type { Events } from './events.ts'
import { sha256 } from './sha256.ts'
import { differencesIn, linesOf } from './statement.ts'
import type { Compared, Period, Store } from './store/store.ts'
import { type OutgoingMessage, type Transport, upAddress } from './transport/transport.ts'

export interface StatingOptions {
  every: 'hour' | 'day'
  /** How long nothing of a period must have been confirmed before it is stated. */
  quietMs: number
  /** How long after it was stated it is stated again, unless it is agreed; doubles each time. */
  againMs: number
  /** Older periods are past their retention. */
  keptMs: number
  lookMs: number
}

const lengths = { hour: 3_600_000, day: 86_400_000 }
/** The disk is given so long before it is tried again. */
const failedMs = 60_000
/** Beijing is eight hours ahead. */
const offsetMs = 8 * lengths.hour

/** On the clock of Beijing. */
const boundsOf = (every: StatingOptions['every'], at: number): Omit<Period, 'system'> => {
  const startsAt = Math.floor((at + offsetMs) / lengths[every]) * lengths[every] - offsetMs
  return { startsAt, endsAt: startsAt + lengths[every] }
}

const momentOf = (at: number): string => `${beijingTime(at)}+08:00`

export const startStating = (parts: {
  transport: Transport
  store: Store
  clock: Clock
  events: Events
  gateway: string
  options: StatingOptions
}) => {
  const { transport, store, clock, events, gateway, options } = parts
  const { statements } = store
  const stopping = new AbortController()
  const startedAt = clock.now()

  /** Marks the next period as stated and answers what says so. One a commit: a large one takes a second to count. */
  const state = (): OutgoingMessage | undefined => {
    const now = clock.now()
    statements.openEnded((at) => boundsOf(options.every, at), { startedAt, keptSince: now - options.keptMs, now })
    const due = statements.next(now - options.quietMs, now)
    if (!due) return undefined
    const ids = statements.confirmedIds(due)
    const { system, startsAt, endsAt, asked } = due
    const statement: Statement = {
      gateway,
      system,
      from: momentOf(startsAt),
      until: momentOf(endsAt),
      types: linesOf(ids),
      unreceipted: statements.unreceipted(due, maxIdsAtOnce),
    }
    const id = `statement:${gateway}:${sha256(JSON.stringify(statement)).toString('hex')}`
    statements.ask(due, id, ids.length, now + Math.max(options.againMs, options.lookMs) * 2 ** Math.min(asked, 10))
    const body = statementControl.write(id, `/gateways/${gateway}`, statement)
    return { id, type: statementControl.type, address: upAddress(due), lane: system, body, sentAt: now }
  }

  const look = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      try {
        const message = transport.capacity() > 0 ? store.commit(state) : undefined
        // Whatever becomes of it: without an answer it is stated again. Stopping must not wait for a broker that takes nothing.
        if (message) void transport.publish(message)
        await clock.wait(message ? 0 : options.lookMs, stopping.signal)
      } catch (error) {
        events.emit('housekeeping:failed', { error: toGatewayError(error) })
        await clock.wait(failedMs, stopping.signal)
      }
    }
  }
  const looking = look()

  return {
    /** Before the transport closes. */
    async stop(): Promise<void> {
      stopping.abort()
      await looking
    },
  }
}

/** Keeps what the platform answers; the caller holds the commit. Undefined when the answer is to another statement than the last. */
export const takeComparison = (store: Store, comparison: Comparison): Compared | undefined => {
  const { system, from, statement, count, page, ranges } = comparison
  const { statements } = store
  const known = statements.find({ system, startsAt: Date.parse(from) })
  if (known?.id !== statement) return undefined
  if (ranges.length === 0) statements.agree(known, count, statements.unreceipted(known, 1).length === 0 ? null : known.dueAt)
  else {
    const { missing, foreign } = differencesIn(ranges, statements.confirmedIds(known))
    // What waits to be confirmed is not stated and may be there.
    const unknown = foreign.filter(({ id }) => !store.messageOf(id))
    const found = [
      ...missing.map((one) => ({ ...one, kind: 'missing' as const })),
      ...unknown.map((one) => ({ ...one, kind: 'foreign' as const })),
    ]
    statements.differ(known, count, found, page === 1)
  }
  const { state, ours, missing, foreign, startsAt, endsAt } = statements.find(known)!
  return {
    system,
    startsAt,
    endsAt,
    outcome: state === 'agreed' ? 'agreed' : 'differs',
    ours: ours ?? 0,
    theirs: count,
    missing,
    foreign,
  }
}
