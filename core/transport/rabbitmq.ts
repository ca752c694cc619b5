import { setMaxListeners } from 'node:events'
import type { Clock } from '../clock.ts'
import { GatewayError } from '../errors.ts'
import { backoffMs } from './backoff.ts'
import { attachments, type Cargo, forAttachments, messages } from './cargo.ts'
import { publicUrl, toBrokerError } from './rabbitmq/connection.ts'
import { runPartitionConsumer } from './rabbitmq/consumer.ts'
import type { RabbitmqOptions } from './rabbitmq/options.ts'
import { openSession, type Session, type SessionListener } from './rabbitmq/session.ts'
import { describeTopology, queueName } from './rabbitmq/topology.ts'
import { confirmLookMs, watchUnconfirmed } from './rabbitmq/unconfirmed.ts'
import { createState } from './state.ts'
import { defaultMaxBatch, type Subscription, type Transport, type TransportOwner } from './transport.ts'

export { findUnsafeSettings, type RabbitmqOptions, rabbitmqOptions } from './rabbitmq/options.ts'
export { describeTopology, type Topology } from './rabbitmq/topology.ts'

/** A topology that returns messages is verified again, but not at every message. */
const reverifyMs = 5000

/** How long a broker may take to answer our goodbye. */
const goodbyeMs = 2000

/**
 * The transport over RabbitMQ (AMQP 0-9-1, 3.10 or later): one connection, one confirm channel, and one channel for each
 * partition subscribed to. Relative paths of certificates are relative to `baseFolder`.
 */
const openCarrying = <Body extends string | Buffer>(
  options: RabbitmqOptions,
  clock: Clock,
  baseFolder: string,
  owner: TransportOwner,
  cargo: Cargo<Body>,
): Transport<Body> => {
  const topology = describeTopology(options.prefix, options.partitions, owner, cargo)
  const state = createState()
  const stopping = new AbortController()
  /** Destroys the sockets: the last resort against a broker that no longer answers. */
  const kill = new AbortController()
  const subscriptions = new Set<Subscription>()
  let session: Session | undefined
  let sessionWanted: (() => void)[] = []
  let running: Promise<void> | undefined
  let drained = (): void => undefined
  let verifiedAt = 0
  const unconfirmed = watchUnconfirmed()
  let silence: GatewayError | undefined

  const listener: SessionListener = {
    capacityRose() {
      if (session?.publisher.outstanding() === 0) drained()
      state.capacityRose()
    },
    blocked(reason) {
      if (!stopping.signal.aborted) state.set({ state: 'blocked', reason })
    },
    returned() {
      if (clock.now() - verifiedAt < reverifyMs) return
      verifiedAt = clock.now()
      session?.reverify()
    },
    unblocked() {
      if (session !== undefined && !stopping.signal.aborted) sayConnected(session)
    },
  }

  const sayConnected = ({ url }: Session): void =>
    state.set({ state: 'connected', url: publicUrl(url), ...(silence ? { error: silence } : {}) })

  const lookForConfirms = async (): Promise<void> => {
    for (;;) {
      await clock.wait(confirmLookMs, stopping.signal)
      if (stopping.signal.aborted) return
      if (session === undefined || state.get().state !== 'connected') continue
      const found = unconfirmed.look(clock.now())
      if (found?.message === silence?.message) continue
      silence = found
      sayConnected(session)
    }
  }

  const wakeWaiting = (): void => {
    const waiting = sessionWanted
    sessionWanted = []
    for (const wake of waiting) wake()
  }

  /** Goes through the addresses once; resolves with the first session, or throws the first error. */
  const openAny = async (signal: AbortSignal, to: SessionListener, killed: AbortSignal): Promise<Session> => {
    let first: GatewayError | undefined
    for (const url of options.urls) {
      if (signal.aborted) break
      try {
        return await openSession(options, url, baseFolder, to, killed, { topology, cargo, unconfirmed })
      } catch (thrown) {
        first ??= toBrokerError(thrown, url)
      }
    }
    throw first ?? signal.reason
  }

  const keepConnected = async (): Promise<void> => {
    let failures = 0
    while (!stopping.signal.aborted) {
      let error: GatewayError
      let connectedAt = Number.POSITIVE_INFINITY
      try {
        const opened = await openAny(stopping.signal, listener, kill.signal)
        session = opened
        connectedAt = clock.now()
        verifiedAt = connectedAt
        if (!stopping.signal.aborted) {
          sayConnected(opened)
          wakeWaiting()
        }
        error = await opened.ended
        session = undefined
        drained()
      } catch (thrown) {
        error = toBrokerError(thrown, options.urls[0]!)
      }
      if (stopping.signal.aborted) return
      // A connection that breaks at once is as bad as none: only one that has lasted starts the pauses anew.
      failures = clock.now() - connectedAt > options.reconnect.maxMs ? 0 : failures + 1
      const ms = backoffMs(failures, options.reconnect)
      state.set({ state: 'connecting', error, nextAttemptAt: clock.now() + ms })
      await clock.wait(ms, stopping.signal)
    }
  }

  const subscribe: Transport<Body>['subscribe'] = (take, { queue = cargo.queue, maxBatch = defaultMaxBatch } = {}) => {
    const ending = new AbortController()
    // Each partition listens while it consumes, and while it waits: more than Node.js takes for a leak.
    setMaxListeners(2 * options.partitions + 1, ending.signal)
    ending.signal.addEventListener('abort', wakeWaiting)
    const connected = async (): Promise<Session | undefined> => {
      while (session === undefined && !ending.signal.aborted) await new Promise<void>((resolve) => sessionWanted.push(resolve))
      return ending.signal.aborted ? undefined : session
    }
    const common = { take, read: cargo.read, maxBatch, backoff: options.reconnect, clock, connected, stopping: ending.signal }
    const consumers = Promise.all(
      Array.from({ length: options.partitions }, (_, n) =>
        runPartitionConsumer({ ...common, queue: queueName(options.prefix, queue, n) }),
      ),
    )
    const subscription: Subscription = {
      async close() {
        ending.abort()
        await consumers
        subscriptions.delete(subscription)
      },
    }
    subscriptions.add(subscription)
    return subscription
  }

  const settleAll = async (): Promise<void> => {
    const outstanding = session !== undefined && session.publisher.outstanding() > 0
    const confirms = outstanding
      ? new Promise<void>((resolve) => {
          drained = resolve
        })
      : undefined
    await Promise.all([confirms, ...[...subscriptions].map((subscription) => subscription.close())])
  }

  /** Says goodbye; a broker that does not answer that, or not yet the handshake, is cut off. */
  const disconnect = async (): Promise<void> => {
    const gone = new AbortController()
    if (session !== undefined) {
      void session.close().then(() => gone.abort())
      await clock.wait(goodbyeMs, gone.signal)
    }
    kill.abort()
    await running
  }

  return {
    open() {
      if (running !== undefined) throw new Error('a transport is opened once')
      state.set({ state: 'connecting' })
      running = keepConnected()
      void lookForConfirms()
    },
    publish(message) {
      if (session === undefined || stopping.signal.aborted) {
        return Promise.resolve({ outcome: 'interrupted', error: GatewayError.of('PUBLISH_INTERRUPTED', {}) })
      }
      return session.publisher.publish(message)
    },
    capacity: () => (session === undefined || state.get().state !== 'connected' ? 0 : session.publisher.capacity()),
    onChange: state.onChange,
    state: state.get,
    subscribe,
    async probe(signal) {
      const killed = new AbortController()
      const abort = (): void => killed.abort()
      signal.throwIfAborted()
      signal.addEventListener('abort', abort)
      try {
        const silent = {
          capacityRose: () => undefined,
          blocked: () => undefined,
          unblocked: () => undefined,
          returned: () => undefined,
        }
        const probed = await openAny(signal, silent, killed.signal)
        await probed.close()
        return { server: probed.server }
      } catch (thrown) {
        signal.throwIfAborted()
        throw thrown
      } finally {
        signal.removeEventListener('abort', abort)
      }
    },
    async close(graceMs) {
      stopping.abort()
      state.set({ state: 'closed' })
      const settled = new AbortController()
      void settleAll().then(() => settled.abort())
      await clock.wait(graceMs, settled.signal)
      await disconnect()
    },
  }
}

/** For messages. */
export const openRabbitmq = (options: RabbitmqOptions, clock: Clock, baseFolder = '.', owner: TransportOwner = {}): Transport =>
  openCarrying(options, clock, baseFolder, owner, messages)

/** For chunks of attachments. */
export const openRabbitmqAttachments = (
  options: RabbitmqOptions,
  clock: Clock,
  baseFolder = '.',
  owner: TransportOwner = {},
): Transport<Buffer> => openCarrying(forAttachments(options), clock, baseFolder, owner, attachments)
