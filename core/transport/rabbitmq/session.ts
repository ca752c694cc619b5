import type { ChannelModel } from 'amqplib'
import type { GatewayError } from '../../errors.ts'
import type { Cargo } from '../cargo.ts'
import { connectBroker, toBrokerError } from './connection.ts'
import type { RabbitmqOptions } from './options.ts'
import { openPublisher, type Publisher } from './publisher.ts'
import { type Topology, verifyTopology } from './topology.ts'
import type { UnconfirmedQueues } from './unconfirmed.ts'

/** One connection, from its handshake to its end, with the topology verified. */
export interface Session {
  url: string
  /** Product and version, as the broker names itself. */
  server: string
  model: ChannelModel
  readonly publisher: Publisher
  /** Resolves once, when the connection has ended, with the reason. */
  ended: Promise<GatewayError>
  /** Ends the session: what is broken on one channel is cured by connecting anew. */
  fail(reason: unknown): void
  /** Verifies, and where allowed declares, the topology again, on a fresh channel; fails the session when it cannot be had. */
  reverify(): void
  /** Says goodbye to the broker; resolves when the connection has ended. `kill` of `openSession` cuts it short. */
  close(): Promise<void>
}

export interface SessionListener {
  capacityRose(): void
  blocked(reason: string): void
  unblocked(): void
  returned(): void
}

/** Connects to one address and makes it ready. Aborting `kill` destroys the socket at any time. */
export const openSession = async (
  options: RabbitmqOptions,
  url: string,
  baseFolder: string,
  listener: SessionListener,
  kill: AbortSignal,
  { topology, cargo, unconfirmed }: { topology: Topology; cargo: Cargo<string | Buffer>; unconfirmed: UnconfirmedQueues },
): Promise<Session> => {
  const model = await connectBroker(options, url, baseFolder, kill)
  let reason: GatewayError | undefined
  let closing = false
  const ended = new Promise<GatewayError>((resolve) => {
    model.on('close', (error) => {
      closing = true
      resolve(reason ?? toBrokerError(error ?? 'connection closed', url))
    })
  })
  const close = async (): Promise<void> => {
    if (!closing) {
      closing = true
      model.close().catch((thrown) => {
        reason ??= toBrokerError(thrown, url)
      })
    }
    await ended
  }
  const fail = (thrown: unknown): void => {
    reason ??= toBrokerError(thrown, url)
    void close()
  }
  model.on('error', (error) => {
    reason ??= toBrokerError(error, url)
  })
  model.on('blocked', (why) => listener.blocked(why))
  model.on('unblocked', () => listener.unblocked())
  try {
    const verify = () => verifyTopology(model, topology, options.declare, url)
    await verify()
    const { capacityRose: changed, returned } = listener
    const open = (): Promise<Publisher> =>
      openPublisher(model, options, cargo, { changed, failed: fail, spent, returned }, unconfirmed)
    let renewing = false
    const renew = async (): Promise<void> => {
      if (renewing) return
      renewing = true
      const old = publisher
      await verify()
      publisher = await open()
      renewing = false
      listener.capacityRose()
      await old.close()
    }
    const spent = (): void => void renew().catch(fail)
    let publisher = await open()
    const { product, version } = model.connection.serverProperties
    return {
      url,
      server: `${product} ${version}`,
      model,
      ended,
      fail,
      reverify: () => publisher.retire(),
      close,
      get publisher() {
        return publisher
      },
    }
  } catch (thrown) {
    fail(thrown)
    throw toBrokerError(reason ?? thrown, url)
  }
}
