import type { Clock } from './clock.ts'
import type { Events } from './events.ts'
import type { ClaimedMessage, FailedAttempt, Store } from './store/store.ts'
import type { PublishOutcome, Transport } from './transport/transport.ts'
import { upAddress } from './transport/transport.ts'

export interface PublisherOptions {
  /** First pause before a message that was returned or refused is tried again; doubles up to `maxMs`. */
  retry: { initialMs: number; maxMs: number }
  /** How often the outbox is looked at when nobody has called `wake`: another process may have replayed a record. */
  lookMs: number
}

/** Answers that come within so long of each other are settled together: a commit is a sync of the disk, and costs as much for one. */
const gatherMs = 5

/**
 * Moves messages from the outbox to the broker. Each turn is one commit: the broker's answers since the last turn are settled, and
 * as many messages are claimed as the transport can take. Nothing is kept only in memory: after a crash every claimed message is
 * found in the store and sent again under its id.
 */
export const startPublisher = (parts: {
  store: Store
  transport: Transport
  clock: Clock
  events: Events
  options: PublisherOptions
}) => {
  const { store, transport, clock, events, options } = parts
  const stopping = new AbortController()
  let answers: [ClaimedMessage, PublishOutcome][] = []
  let outstanding = 0
  let turnIsDue = false
  let isGathering = false
  let drained = (): void => undefined

  const dueAfter = (attempt: number, now: number): number =>
    now + Math.min(options.retry.maxMs, options.retry.initialMs * 2 ** Math.min(attempt - 1, 20))

  const settle = (batch: [ClaimedMessage, PublishOutcome][], now: number): void => {
    store.confirm(
      batch.flatMap(([message, { outcome }]) => (outcome === 'confirmed' ? message : [])),
      now,
    )
    for (const [message, answer] of batch) {
      if (answer.outcome === 'confirmed') continue
      // The transport has no capacity until it is connected again: an interrupted message waits for that, not for a clock.
      const dueAt = answer.outcome === 'interrupted' ? now : dueAfter(message.attempt, now)
      store.retry(message, answer as FailedAttempt, now, dueAt)
    }
  }

  const announce = (batch: [ClaimedMessage, PublishOutcome][], now: number): void => {
    let count = 0
    for (const [message, answer] of batch) {
      if (answer.outcome === 'confirmed') count += 1
      else {
        const dueAt = answer.outcome === 'interrupted' ? now : dueAfter(message.attempt, now)
        events.emit('message:retried', {
          id: `${message.identity}:${message.dataVersion}`,
          attempt: message.attempt,
          dueAt,
          error: answer.error,
        })
      }
    }
    if (count > 0) events.emit('messages:confirmed', { count })
  }

  const send = (message: ClaimedMessage): void => {
    outstanding += 1
    const { type, lane, body } = message
    const id = `${message.identity}:${message.dataVersion}`
    void transport.publish({ id, type, address: upAddress(message), lane, body, sentAt: clock.now() }).then((answer) => {
      outstanding -= 1
      answers.push([message, answer])
      gather()
    })
  }

  const sendAll = (claimed: ClaimedMessage[]): void => {
    if (claimed.length > 0) events.emit('messages:claimed', { count: claimed.length })
    for (const message of claimed) send(message)
  }

  const room = (): number => (stopping.signal.aborted ? 0 : transport.capacity())

  const turn = (): void => {
    turnIsDue = false
    const batch = answers
    answers = []
    const now = clock.now()
    if (batch.length > 0) events.emit('messages:answered', { count: batch.length })
    let claimed: ClaimedMessage[]
    try {
      const limit = room()
      if (batch.length === 0 && (limit === 0 || !store.hasReady(now))) return
      claimed = store.commit(() => {
        settle(batch, now)
        return limit === 0 ? [] : store.claim(limit, now)
      })
    } catch (error) {
      // The disk is full or locked. The answers are kept and settled when it can be written again; the store stays as it was.
      answers = [...batch, ...answers]
      events.emit('publisher:failed', { error })
      // Stopping does not wait for a disk: what stays claimed is sent again after the next start.
      if (stopping.signal.aborted) drained()
      else void clock.wait(options.retry.initialMs, stopping.signal).then(wake)
      return
    }
    announce(batch, now)
    sendAll(claimed)
    if (outstanding === 0 && answers.length === 0) drained()
  }

  /** All that happens in one turn of the event loop is settled in one commit. */
  const wake = (): void => {
    if (turnIsDue) return
    turnIsDue = true
    setImmediate(turn)
  }

  const gather = (): void => {
    if (isGathering || turnIsDue) return
    isGathering = true
    void clock.wait(gatherMs, stopping.signal).then(() => {
      isGathering = false
      wake()
    })
  }

  const look = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      wake()
      await clock.wait(options.lookMs, stopping.signal)
    }
  }

  const unlisten = transport.onChange(gather)
  const looking = look()

  return {
    /** Call it when messages were stored. */
    wake,
    room,
    /** Sends what a batch has claimed in its own commit, and looks for the rest. */
    stored(claimed: ClaimedMessage[]): void {
      sendAll(claimed)
      wake()
    },
    /** Claims no more, waits for the answers to what was sent (the transport ends them all when it closes), and settles them. */
    async stop(closeTransport: () => Promise<void>): Promise<void> {
      stopping.abort()
      await looking
      const settled = new Promise<void>((resolve) => {
        drained = resolve
      })
      await closeTransport()
      turn()
      if (outstanding > 0) await settled
      unlisten()
    },
  }
}

export type Publisher = ReturnType<typeof startPublisher>
