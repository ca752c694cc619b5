import { resolve as resolvePath } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Clock } from '../clock.ts'
import { GatewayError } from '../errors.ts'
import { backoffMs } from './backoff.ts'
import { attachments, type Cargo, forAttachments, messages } from './cargo.ts'
import { runPartitionConsumer } from './embedded/consumer.ts'
import {
  isCertainlyRolledBack,
  openQueueFile,
  type QueueFile,
  requireSafeSqlite,
  sqliteVersion,
  takeSubscriberLock,
  toFileError,
} from './embedded/file.ts'
import type { EmbeddedOptions } from './embedded/options.ts'
import { partitionOf } from './lane.ts'
import { createState } from './state.ts'
import {
  defaultMaxBatch,
  type OutgoingMessage,
  type PublishOutcome,
  type Subscription,
  type Transport,
  type TransportOwner,
} from './transport.ts'

export { type EmbeddedOptions, embeddedOptions } from './embedded/options.ts'

/** Pauses after the file failed and before redelivery. */
const backoff = { initialMs: 100, maxMs: 30_000 }

/**
 * The transport in a SQLite file (WAL, synchronous=FULL): all messages handed over in one turn of the event loop share
 * one commit, and are confirmed after it. Publisher and subscriber may be one process or two; of several subscribers
 * one is active and the others wait. A relative file is relative to `baseFolder`. Throws STORE_SQLITE_UNSAFE.
 */
const openCarrying = <Body extends string | Buffer>(
  options: EmbeddedOptions,
  clock: Clock,
  baseFolder: string,
  owner: TransportOwner,
  cargo: Cargo<Body>,
): Transport<Body> => {
  requireSafeSqlite(sqliteVersion())
  const file = resolvePath(baseFolder, options.file)
  const url = pathToFileURL(file).href
  const queueNames = [cargo.queue, ...(owner.gateway === undefined ? [] : [cargo.queueOf(owner.gateway)])]
  const state = createState()
  const stopping = new AbortController()
  const subscriptions = new Set<Subscription>()
  const locks = new Set<{ release(): void }>()
  const naps = new Set<{ controller: AbortController; news: boolean }>()
  let queue: QueueFile | undefined
  let queueOpened = (): void => undefined
  const opened = new Promise<void>((resolve) => {
    queueOpened = resolve
  })
  let pending: { message: OutgoingMessage; partition: number; resolve: (outcome: PublishOutcome) => void }[] = []

  /** While the file fails nothing is published; after a pause the next message tries it again. */
  const failed = (thrown: unknown, failures = 0): Promise<void> => {
    if (stopping.signal.aborted) return Promise.resolve()
    const ms = backoffMs(failures, backoff)
    state.set({ state: 'connecting', error: toFileError(thrown, file), nextAttemptAt: clock.now() + ms })
    return clock.wait(ms, stopping.signal).then(() => {
      if (queue !== undefined && !stopping.signal.aborted) state.set({ state: 'connected', url })
    })
  }

  const keepOpening = async (): Promise<void> => {
    for (let failures = 0; !stopping.signal.aborted; failures++) {
      try {
        queue = openQueueFile(file, options.partitions, queueNames)
        state.set({ state: 'connected', url })
        break
      } catch (thrown) {
        await failed(thrown, failures)
      }
    }
    queueOpened()
  }

  const wake = (all: boolean): void => {
    for (const { controller, news } of naps) if (all || news) controller.abort()
  }

  const nap = async (ms: number, news: boolean): Promise<void> => {
    const entry = { controller: new AbortController(), news }
    naps.add(entry)
    await clock.wait(ms, entry.controller.signal)
    naps.delete(entry)
  }

  const commit = (): void => {
    const batch = pending
    pending = []
    if (batch.length === 0) return
    let outcome: PublishOutcome = { outcome: 'confirmed' }
    let unroutable: ReadonlySet<OutgoingMessage> = new Set()
    try {
      unroutable = new Set(queue!.append(batch))
    } catch (thrown) {
      outcome = isCertainlyRolledBack(thrown)
        ? { outcome: 'refused', error: toFileError(thrown, file) }
        : { outcome: 'interrupted', error: GatewayError.of('PUBLISH_INTERRUPTED', {}, { cause: thrown }) }
      void failed(thrown)
    }
    for (const { message, resolve } of batch) resolve(unroutable.has(message) ? returned(message) : outcome)
    state.capacityRose()
    wake(false)
  }

  const returned = ({ address }: OutgoingMessage): PublishOutcome => ({
    outcome: 'returned',
    error: GatewayError.of('PUBLISH_RETURNED', { routingKey: address }),
  })

  const takeLock = async (name: string, stopped: () => boolean): Promise<{ release(): void } | undefined> => {
    while (!stopped()) {
      try {
        const lock = takeSubscriberLock(file, name)
        if (lock !== undefined) return lock
      } catch (thrown) {
        void failed(thrown)
      }
      await nap(options.pollMs, false)
    }
    return undefined
  }

  const subscribe: Transport<Body>['subscribe'] = (take, { queue: name = cargo.queue, maxBatch = defaultMaxBatch } = {}) => {
    let ending = false
    const stopped = (): boolean => ending || stopping.signal.aborted
    const run = async (): Promise<void> => {
      await opened
      const lock = await takeLock(name, stopped)
      if (lock === undefined || queue === undefined) return
      locks.add(lock)
      const consumer = {
        queue,
        name,
        take,
        read: cargo.read,
        maxBatch,
        backoff,
        now: clock.now,
        nap: (ms: number, news: boolean) => (stopped() ? Promise.resolve() : nap(ms, news)),
        pollMs: options.pollMs,
        stopped,
        failed: (thrown: unknown) => void failed(thrown),
      }
      await Promise.all(
        Array.from({ length: options.partitions }, (_, partition) => runPartitionConsumer({ ...consumer, partition })),
      )
      locks.delete(lock)
      lock.release()
    }
    const running = run()
    const subscription: Subscription = {
      async close() {
        ending = true
        wake(true)
        // Before the file is open there is nothing in hand, and perhaps never will be.
        if (queue !== undefined) await running
        subscriptions.delete(subscription)
      },
    }
    subscriptions.add(subscription)
    return subscription
  }

  const interrupted = (): PublishOutcome => ({ outcome: 'interrupted', error: GatewayError.of('PUBLISH_INTERRUPTED', {}) })
  let opening: Promise<void> | undefined

  return {
    open() {
      if (opening !== undefined) throw new Error('a transport is opened once')
      state.set({ state: 'connecting' })
      opening = keepOpening()
    },
    publish(message) {
      if (queue === undefined || stopping.signal.aborted) return Promise.resolve(interrupted())
      return new Promise((resolve) => {
        if (pending.length === 0) setImmediate(commit)
        pending.push({ message, partition: partitionOf(message.lane, options.partitions), resolve })
      })
    },
    capacity: () => (state.get().state === 'connected' ? Math.max(0, options.window - pending.length) : 0),
    onChange: state.onChange,
    state: state.get,
    subscribe,
    async probe(signal) {
      signal.throwIfAborted()
      try {
        openQueueFile(file, options.partitions, queueNames).close()
      } catch (thrown) {
        throw toFileError(thrown, file)
      }
      return { server: `SQLite ${sqliteVersion()}` }
    },
    async close(graceMs) {
      commit()
      stopping.abort()
      state.set({ state: 'closed' })
      wake(true)
      const settled = new AbortController()
      void Promise.all([...subscriptions].map((subscription) => subscription.close())).then(() => settled.abort())
      await clock.wait(graceMs, settled.signal)
      await opening
      // A taker that still runs can settle nothing any more: what it holds may go to the next subscriber.
      queue?.close()
      for (const lock of locks) lock.release()
    },
  }
}

/** For messages. */
export const openEmbedded = (options: EmbeddedOptions, clock: Clock, baseFolder = '.', owner: TransportOwner = {}): Transport =>
  openCarrying(options, clock, baseFolder, owner, messages)

/** For chunks of attachments. */
export const openEmbeddedAttachments = (
  options: EmbeddedOptions,
  clock: Clock,
  baseFolder = '.',
  owner: TransportOwner = {},
): Transport<Buffer> => openCarrying(forAttachments(options), clock, baseFolder, owner, attachments)
