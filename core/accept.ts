/**
 * The way down, from the broker to the inbox.
 *
 *     broker ── batch ──▶ verify each ──▶ one synced commit: inbox ──▶ verdicts ──▶ broker
 *
 * A message is acknowledged when it is on disk. What is none, or is for none of our systems, is kept and goes to the dead letters.
 */
import { laneOf } from './canonical/index.ts'
import { type Clock, dayOf } from './clock.ts'
import { detailOf } from './delivery-attempt.ts'
import { GatewayError, toGatewayError } from './errors.ts'
import type { Events } from './events.ts'
import { type VerifiedMessage, verifyDelivery } from './platform/verify.ts'
import { sha256 } from './sha256.ts'
import type { Store } from './store/store.ts'
import type { Delivery, DeliveryVerdict, Subscription, Transport } from './transport/transport.ts'
import { downAddress } from './transport/transport.ts'

/** Deliveries of one commit, at most. */
const maxBatch = 200

export interface AcceptingParts {
  transport: Transport
  store: Store
  clock: Clock
  events: Events
  /** The gateway's own name: that of its queue. */
  gateway: string
  /** The systems that messages may be for. */
  isTarget(system: string): boolean
  /** What was taken for a system is on disk. */
  onTaken(systems: ReadonlySet<string>): void
}

/** Takes what the platform sends until it is closed; closing waits for the batch in hand. */
export const startAccepting = ({ transport, store, clock, events, gateway, isTarget, onTaken }: AcceptingParts): Subscription => {
  const { inbox } = store

  const refuse = (delivery: Delivery, error: GatewayError, now: number): DeliveryVerdict => {
    const contentHash = sha256(delivery.body).toString('hex')
    const book = inbox.book(dayOf(now), '', '')
    // Its rejection may have been lost with the connection.
    if (inbox.find(delivery.id, 0)?.contentHash === contentHash) {
      inbox.count(book, 'duplicates')
      return 'reject'
    }
    inbox.add({
      book,
      system: '',
      lane: '',
      identity: delivery.id,
      dataVersion: 0,
      contentHash,
      type: delivery.type,
      body: delivery.body,
      receivedAt: now,
      state: 'refused',
      detail: detailOf(error),
    })
    inbox.count(book, 'received')
    inbox.count(book, 'refused')
    return 'reject'
  }

  const take = (message: VerifiedMessage, system: string, now: number): void => {
    const { identity, facts, contentHash, body } = message
    const { type, dataVersion } = facts
    const book = inbox.book(dayOf(now), system, type)
    const known = inbox.find(identity, dataVersion)
    if (known?.contentHash === contentHash) {
      inbox.count(book, 'duplicates')
      return
    }
    const conflict = known && GatewayError.of('MESSAGE_CONFLICT', { id: `${identity}:${dataVersion}` })
    const newest = inbox.newestVersion(identity)
    const isStale = !known && newest !== undefined && newest > dataVersion
    inbox.add({
      book,
      system,
      lane: laneOf(system, facts),
      identity,
      dataVersion,
      contentHash,
      type,
      body,
      receivedAt: now,
      state: conflict ? 'quarantined' : isStale ? 'ignored' : 'waiting',
      detail: conflict ? detailOf(conflict) : isStale ? { reason: 'stale' } : null,
    })
    inbox.count(book, 'received')
    if (isStale) inbox.count(book, 'ignored')
  }

  const takeBatch = (deliveries: Delivery[]): DeliveryVerdict[] => {
    const refused: GatewayError[] = []
    const systems = new Set<string>()
    const now = clock.now()
    const verdicts = store.commit(() =>
      deliveries.map((delivery): DeliveryVerdict => {
        const message = verifyDelivery(delivery)
        const system = message instanceof GatewayError ? '' : (message.target ?? '')
        const error =
          message instanceof GatewayError
            ? message
            : isTarget(system)
              ? undefined
              : GatewayError.of('DELIVERY_TARGET_UNKNOWN', { id: message.id, target: system || '-', gateway })
        if (error) {
          refused.push(error)
          return refuse(delivery, error, now)
        }
        take(message as VerifiedMessage, system, now)
        systems.add(system)
        return 'ack'
      }),
    )
    for (const error of refused) events.emit('delivery:refused', { error })
    events.emit('inbox:stored', { messages: deliveries.length - refused.length })
    onTaken(systems)
    return verdicts
  }

  return transport.subscribe(
    async (deliveries) => {
      try {
        return takeBatch(deliveries)
      } catch (thrown) {
        events.emit('store:paused', { error: toGatewayError(thrown) })
        throw thrown
      }
    },
    { queue: downAddress(gateway), maxBatch },
  )
}
