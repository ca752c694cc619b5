/**
 * The way down, from the inbox to one target.
 *
 *     inbox ── claim (the first of each lane) · translate ──▶ one commit ──▶ deliver part by part ──▶ verdict ──▶ one commit
 *
 * What an attempt asks for is on disk before it begins, so every attempt asks for the same. An outcome that nobody knows is a state of its own:
 * by the policy of the write it is tried again, asked about, or left to a person. While the target is down nothing is claimed but, after each
 * pause, one message that finds out.
 */
import type { Clock } from './clock.ts'
import {
  type Claimed,
  createAttempts,
  detailOf,
  messageOf,
  type Planned,
  type Settlement,
  type Target,
} from './delivery-attempt.ts'
import { type GatewayError, toGatewayError } from './errors.ts'
import type { Events } from './events.ts'
import { directionOf, type ExchangeTable, exchangeConflict } from './exchange.ts'
import { sharedController } from './linked-signal.ts'
import type { DownMapping, DownTranslation, MessageToWrite } from './mapping/down/mapping.ts'
import { contentsOf } from './operation.ts'
import type { ClaimedInboxMessage, DeliveryAttempt, InboxOutcome, Store } from './store/store.ts'

export interface DeliveringTarget extends Target {
  mapping: DownMapping
  /** Absent where anything may be sent down. */
  exchange?: ExchangeTable | undefined
  /** How many cases are written at the same time; one case is always written in order. */
  parallel: number
}

export interface DeliveringOptions {
  /** Pauses after attempts that failed: doubles from the first to the last. */
  retry: { initialMs: number; maxMs: number }
  /** How often the inbox is looked at when nobody has called `wake`: a person may have decided in another process. */
  lookMs: number
  /** How often the outcome of one message may be unknown before a person is asked. */
  maxUnknown: number
  /** How long attempts under way are waited for when the gateway stops. */
  stopGraceMs: number
}

/** Verdicts of so many milliseconds are kept in one commit. */
const gatherMs = 3

export const startDelivering = (parts: {
  target: DeliveringTarget
  store: Store
  clock: Clock
  events: Events
  options: DeliveringOptions
}) => {
  const { target, store, clock, events, options } = parts
  const { system, mapping, exchange } = target
  const { inbox } = store
  const [stopping, abandon] = [sharedController(), sharedController()]
  const underWay = new Set<Promise<void>>()
  /** Outages in a row, and until when nothing is claimed. */
  let outages = 0
  let pausedUntil = 0
  /** Until its first answer nobody knows how the target is. */
  let isKnownWell = false
  let woken = (): void => undefined

  const pauseMs = (failures: number): number =>
    Math.min(options.retry.maxMs, options.retry.initialMs * 2 ** Math.min(failures - 1, 20))

  const report = (state: string, detail: object): void => {
    try {
      store.commit(() => store.report(`target:${system}`, state, JSON.parse(JSON.stringify(detail)), clock.now()))
    } catch (error) {
      events.emit('store:paused', { error: toGatewayError(error) })
    }
  }

  /** Commits again and again until the disk takes it: what the target has done must not be forgotten. */
  const commitPatiently = async (work: () => void): Promise<void> => {
    for (;;) {
      try {
        return store.commit(work)
      } catch (thrown) {
        const error = toGatewayError(thrown)
        events.emit('store:paused', { error })
        // Nothing is lost by giving up: after the next start the outcome counts as unknown.
        if (error.code !== 'STORE_UNWRITABLE' || stopping.signal.aborted) throw error
        await clock.wait(options.retry.initialMs, stopping.signal)
      }
    }
  }

  let gathered: { work: () => void; isEnd: boolean; resolve: () => void; reject: (error: unknown) => void }[] = []
  const writeGathered = async (): Promise<void> => {
    const batch = gathered
    gathered = []
    let claimed: Claimed = { planned: [], held: [] }
    try {
      await commitPatiently(() => {
        for (const { work } of batch) work()
        claimed = claimBeside(room(batch.filter(({ isEnd }) => isEnd).length))
      })
      for (const { resolve } of batch) resolve()
      begin(claimed)
    } catch (error) {
      for (const { reject } of batch) reject(error)
    }
  }

  /** What ends within some milliseconds is written in one commit, which is a sync of the disk, and what takes its place is claimed in it. */
  const write = (work: () => void, isEnd: boolean): Promise<void> =>
    new Promise((resolve, reject) => {
      gathered.push({ work, isEnd, resolve, reject })
      if (gathered.length === 1) void clock.wait(gatherMs).then(writeGathered)
    })

  const outageBegan = (error: GatewayError): number => {
    // Of attempts side by side the first has told.
    if (clock.now() < pausedUntil) return pausedUntil
    outages += 1
    pausedUntil = clock.now() + pauseMs(outages)
    events.emit('target:failed', { system, error, failures: outages, nextAttemptAt: pausedUntil })
    report('failing', { ...detailOf(error), nextRunAt: pausedUntil })
    return pausedUntil
  }

  const targetAnswered = (): void => {
    if (outages > 0) events.emit('target:recovered', { system, failures: outages })
    if (outages > 0 || !isKnownWell) report('well', {})
    isKnownWell = true
    outages = 0
    pausedUntil = 0
  }

  const named = ({ seq, identity, dataVersion }: ClaimedInboxMessage) => ({ system, seq, id: `${identity}:${dataVersion}` })

  const settle = async ({ message, attempt, outcome, detail }: Settlement): Promise<void> => {
    await write(() => inbox.settle(message, attempt, outcome, detail, clock.now()), true)
    const told = named(message)
    if (outcome.state === 'unknown' && outcome.dueAt === null)
      events.emit('message:undecided', { ...told, reason: 'unknown', detail })
    else if (outcome.state === 'quarantined') events.emit('message:undecided', { ...told, reason: 'quarantined', detail })
    else events.emit('message:settled', { ...told, state: outcome.state, detail })
  }

  const { work, unknownOutcome } = createAttempts({
    target,
    clock,
    pauseMs,
    maxUnknown: options.maxUnknown,
    unknownOf: inbox.unknownOf,
    abandon: abandon.signal,
    answered: targetAnswered,
    outage: outageBegan,
    keepPart: (message, attempt) => write(() => inbox.keepPart(message, attempt, clock.now()), false),
    settle,
  })

  /** By the mapping, unless the platform is not the authority of what it sends. */
  const translate = (message: MessageToWrite): DownTranslation => {
    try {
      const { itemCode } = message.data['case'] as { itemCode?: string }
      const place = exchange && directionOf(exchange, itemCode, message.type)
      if (place && place.direction !== 'down') throw exchangeConflict(place.at, message.type, place.direction, '/type')
      return mapping.translate(message)
    } catch (thrown) {
      return { outcome: 'failed', error: toGatewayError(thrown) }
    }
  }

  /** A message whose contents have not all arrived goes back, and its case waits for them. What may have been begun goes on. */
  const whenThere = (message: ClaimedInboxMessage, planned: Planned, now: number): [ClaimedInboxMessage, Planned][] => {
    const contents = contentsOf(planned)
    const mayGo = contents.length === 0 || message.state === 'unknown' || inbox.need(message.seq, contents) === 0
    if (mayGo) return [[message, planned]]
    inbox.settle(message, undefined, { state: 'ready', dueAt: null }, null, now)
    return []
  }

  /** Claims what may go, and puts each message in the target's words: within a commit. */
  const claimWithin = (limit: number): Claimed => {
    const claimed: Claimed = { planned: [], held: [] }
    const now = clock.now()
    for (const message of inbox.claim(system, limit, now)) {
      if (message.operations !== null) {
        claimed.planned.push(...whenThere(message, JSON.parse(message.operations) as Planned, now))
        continue
      }
      const translation = translate(messageOf(message))
      if (translation.outcome === 'operations') {
        store.keepMapping(mapping.version, mapping.name, mapping.files, now)
        inbox.keepOperations(message.seq, JSON.stringify(translation.operations), mapping.version)
        claimed.planned.push(...whenThere(message, translation.operations, now))
      } else if (translation.outcome === 'ignored')
        inbox.settle(message, undefined, { state: 'ignored' }, { reason: translation.reason }, now)
      else {
        inbox.settle(message, undefined, { state: 'quarantined' }, detailOf(translation.error), now)
        claimed.held.push([message, translation.error])
      }
    }
    return claimed
  }

  /** In a commit of others: what cannot be claimed undoes nothing of what they have done. The next turn tries it again, and tells. */
  const claimBeside = (limit: number): Claimed => {
    try {
      return store.commit(() => claimWithin(limit))
    } catch {
      return { planned: [], held: [] }
    }
  }

  /** What was claimed is on disk: it begins. */
  const begin = ({ planned, held }: Claimed): void => {
    for (const [message, error] of held)
      events.emit('message:undecided', { ...named(message), reason: 'quarantined', detail: detailOf(error) })
    for (const [message, operations] of planned) {
      const working = work(message, operations)
        .catch((error) => void events.emit('store:paused', { error: toGatewayError(error) }))
        .finally(() => {
          underWay.delete(working)
          woken()
        })
      underWay.add(working)
    }
  }

  /** What the last process left under way: nobody knows what became of it, unless it had not begun. */
  const takeOver = (): void => {
    store.commit(() => {
      const now = clock.now()
      for (const message of inbox.interrupted(system, now)) {
        const planned = message.operations === null ? [] : (JSON.parse(message.operations) as Planned)
        const write = planned[message.partsDone]?.write
        const attempt: DeliveryAttempt = { part: message.partsDone, verdict: 'interrupted', detail: null }
        const outcome: InboxOutcome =
          write === undefined ? { state: 'ready', dueAt: now } : unknownOutcome(write, message, message.state === 'ready')
        inbox.settle(message, attempt, outcome, null, now)
      }
    })
  }

  /** `ending`: how many of those under way are just being settled. */
  const room = (ending = 0): number => {
    if (clock.now() < pausedUntil || stopping.signal.aborted) return 0
    return Math.max(0, (outages > 0 ? 1 : target.parallel) - (underWay.size - ending))
  }

  const turn = (): void => {
    const limit = room()
    if (limit === 0 || (inbox.nextDueAt(system) ?? Number.POSITIVE_INFINITY) > clock.now()) return
    begin(store.commit(() => claimWithin(limit)))
  }

  const waitForWork = async (): Promise<void> => {
    const now = clock.now()
    const due = underWay.size > 0 ? undefined : inbox.nextDueAt(system)
    const next = Math.max(due ?? now + options.lookMs, pausedUntil)
    const nap = new AbortController()
    woken = () => nap.abort()
    if (stopping.signal.aborted) return
    await clock.wait(Math.min(options.lookMs, Math.max(1, next - now)), nap.signal)
  }

  const loop = async (): Promise<void> => {
    report('starting', {})
    takeOver()
    while (!stopping.signal.aborted) {
      try {
        turn()
      } catch (thrown) {
        events.emit('store:paused', { error: toGatewayError(thrown) })
        await clock.wait(options.retry.initialMs, stopping.signal)
      }
      await waitForWork()
    }
    const drained = new AbortController()
    void Promise.all(underWay).then(() => drained.abort())
    await clock.wait(options.stopGraceMs, drained.signal)
    abandon.abort(new Error('the gateway stops'))
    await Promise.all(underWay)
    report('stopped', {})
  }
  const done = loop().finally(() => target.sink.close())

  return {
    /** Something may have come for this target. */
    wake: () => woken(),
    async stop(): Promise<void> {
      stopping.abort()
      woken()
      await done
    },
  }
}

export type Delivering = ReturnType<typeof startDelivering>
