/**
 * The way down, from the broker to the inbox.
 *
 *     broker ── batch ──▶ verify each ──▶ one synced commit: inbox ──▶ verdicts ──▶ broker
 *
 * A message is acknowledged when it is on disk. What is none, or is for none of our systems, is kept and goes to the dead letters.
 */
import { type Answered, takeAttachmentReceipt } from './attachments/take-receipt.ts'
import {
  attachmentReceiptsControl,
  catalogueControl,
  comparisonControl,
  digestsIn,
  readReceipts,
  receiptsType,
} from './canonical/index.ts'
import { type Clock, dayOf } from './clock.ts'
import { detailOf } from './delivery-attempt.ts'
import { GatewayError, toGatewayError } from './errors.ts'
import type { Events, GatewayEvents } from './events.ts'
import { type VerifiedMessage, verifyDelivery } from './platform/verify.ts'
import { isOurs, type Overturned, type Rejection, takeReceipt, takeRejection } from './receipts.ts'
import { sha256 } from './sha256.ts'
import { takeComparison } from './stating.ts'
import type { CatalogueOutcome, Compared, Store } from './store/store.ts'
import type { Delivery, DeliveryVerdict, Subscription, Transport } from './transport/transport.ts'
import { downAddress } from './transport/transport.ts'

/** Deliveries of one commit, at most. */
const maxBatch = 200

export interface AcceptingSystem {
  /** Whether it is written to at all. */
  isTarget: boolean
  /** Whether its mapping has an operation for messages of a type. */
  writes(type: string): boolean
}

export interface AcceptingParts {
  transport: Transport
  store: Store
  clock: Clock
  events: Events
  /** The gateway's own name: that of its queue. */
  gateway: string
  /** Undefined for what is no system of ours. */
  systemOf(name: string): AcceptingSystem | undefined
  /** What was taken for a system is on disk. */
  onTaken(systems: ReadonlySet<string>): void
}

/** The message of ours that a late rejection names; undefined for every other message. */
const rejectedIn = ({ facts: { type, content } }: VerifiedMessage): Pick<Rejection, 'id' | 'errorCode'> | undefined => {
  const { messageId, errorCode } = content as { messageId?: string; errorCode?: string }
  return type === 'data.rejected_by_platform' && messageId !== undefined ? { id: messageId, errorCode } : undefined
}

/**
 * A late rejection and an alert have come where they belong when the gateway has them, whether they are written to the system, too, or not: a
 * department that has no place for alerts must not lose them.
 */
const endsHere = (message: VerifiedMessage): boolean =>
  message.facts.type === 'supervision.alert' || rejectedIn(message) !== undefined

/** Takes what the platform sends until it is closed; closing waits for the batch in hand. */
export const startAccepting = ({ transport, store, clock, events, gateway, systemOf, onTaken }: AcceptingParts): Subscription => {
  const { inbox } = store

  const refuse = (delivery: Delivery, error: GatewayError, now: number): DeliveryVerdict => {
    const contentHash = sha256(delivery.body).toString('hex')
    const book = inbox.book(dayOf(now), '', '')
    // Its rejection may have been lost with the connection.
    if (inbox.contentsOf('', delivery.id, 0).includes(contentHash)) {
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

  const take = (message: VerifiedMessage, system: string, now: number): Overturned | undefined => {
    const { identity, facts, contentHash, body } = message
    const { type, dataVersion } = facts
    const book = inbox.book(dayOf(now), system, type)
    // Of each system by itself: what goes to two of them under one id is written to both.
    const known = inbox.contentsOf(system, identity, dataVersion)
    if (known.includes(contentHash)) {
      inbox.count(book, 'duplicates')
      return undefined
    }
    const conflict = known.length > 0 && GatewayError.of('MESSAGE_CONFLICT', { id: `${identity}:${dataVersion}` })
    const newest = inbox.newestVersion(system, identity)
    const isStale = known.length === 0 && newest !== undefined && newest > dataVersion
    const rejected = rejectedIn(message)
    const isWritten = !endsHere(message) || systemOf(system)?.writes(type) === true
    const seq = inbox.add({
      book,
      system,
      lane: message.lane,
      identity,
      dataVersion,
      contentHash,
      type,
      body,
      receivedAt: now,
      state: conflict ? 'quarantined' : isStale ? 'ignored' : isWritten ? 'waiting' : 'delivered',
      detail: conflict ? detailOf(conflict) : isStale ? { reason: 'stale' } : null,
    })
    inbox.name(seq, digestsIn(Buffer.from(body)))
    inbox.count(book, 'received')
    if (isStale) inbox.count(book, 'ignored')
    else if (!conflict && !isWritten) inbox.count(book, 'delivered')
    // By the message that it names, in whatever order rejections come: what is known of it is not taken twice.
    if (rejected === undefined) return undefined
    return takeRejection(store, { ...rejected, inboxSeq: seq }, now)
  }

  /** Why a delivery is not taken. */
  const refusalOf = (message: VerifiedMessage): GatewayError | undefined => {
    const { id, target } = message
    const system = target === undefined ? undefined : systemOf(target)
    const rejected = rejectedIn(message)
    if (!system || !(system.isTarget || endsHere(message)))
      return GatewayError.of('DELIVERY_TARGET_UNKNOWN', { id, target: target ?? '-', gateway })
    return rejected && !isOurs(store, target!, rejected.id) ? GatewayError.of('MESSAGE_UNKNOWN', { id: rejected.id }) : undefined
  }

  interface Taken {
    refused: GatewayError[]
    systems: Set<string>
    messages: number
    receipts: Record<ReturnType<typeof takeReceipt>, number>
    compared: Compared[]
    catalogues: { version: number; items: number; outcome: CatalogueOutcome }[]
    attachments: Partial<Record<Answered, number>>
    stopped: GatewayEvents['attachment:stopped'][0][]
    reopened: Extract<Overturned, { outcome: 'reopened' }>[]
  }

  /** What the platform says to the gateway itself, by its type; each answers whether it is for us. */
  const answers = new Map<string, (body: string, now: number, taken: Taken) => boolean>([
    [
      receiptsType,
      (body, now, taken) => {
        const read = readReceipts(body)
        if (read?.gateway !== gateway) return false
        for (const receipt of read.receipts) taken.receipts[takeReceipt(store, receipt, now)] += 1
        return true
      },
    ],
    [
      comparisonControl.type,
      (body, _now, taken) => {
        const read = comparisonControl.read(body)
        if (read?.data.gateway !== gateway) return false
        const compared = takeComparison(store, read.data)
        if (compared) taken.compared.push(compared)
        return true
      },
    ],
    [
      catalogueControl.type,
      (body, now, taken) => {
        const read = catalogueControl.read(body)
        if (read?.data.gateway !== gateway) return false
        const { version, count } = read.data
        taken.catalogues.push({ version, items: count, outcome: store.catalogues.take(read.data, now) })
        return true
      },
    ],
    [
      attachmentReceiptsControl.type,
      (body, now, taken) => {
        const read = attachmentReceiptsControl.read(body)
        if (read?.data.gateway !== gateway) return false
        for (const receipt of read.data.receipts) {
          const reaction = takeAttachmentReceipt(store, receipt, now)
          taken.attachments[reaction.outcome] = (taken.attachments[reaction.outcome] ?? 0) + 1
          if (reaction.outcome === 'stopped') taken.stopped.push({ digest: receipt.digest, error: reaction.error })
        }
        return true
      },
    ],
  ])

  const takeOne = (delivery: Delivery, now: number, taken: Taken): DeliveryVerdict => {
    const refuseIt = (error: GatewayError): DeliveryVerdict => {
      taken.refused.push(error)
      return refuse(delivery, error, now)
    }
    const takeAnswer = answers.get(delivery.type)
    if (takeAnswer) {
      if (takeAnswer(delivery.body, now, taken)) return 'ack'
      const reason = { zh: '不是给本网关的', en: 'it is not for this gateway' }
      return refuseIt(GatewayError.of('MESSAGE_INVALID', { at: '', type: delivery.type, field: '/', entry: '', reason }))
    }
    const message = verifyDelivery(delivery)
    if (message instanceof GatewayError) return refuseIt(message)
    const refusal = refusalOf(message)
    if (refusal) return refuseIt(refusal)
    const overturned = take(message, message.target!, now)
    if (overturned?.outcome === 'reopened') taken.reopened.push(overturned)
    taken.systems.add(message.target!)
    taken.messages += 1
    return 'ack'
  }

  const takeBatch = (deliveries: Delivery[]): DeliveryVerdict[] => {
    const receipts = { accepted: 0, disputed: 0, rejected: 0, unknown: 0, known: 0 }
    const taken: Taken = {
      ...{ refused: [], systems: new Set(), messages: 0, receipts, compared: [], catalogues: [], reopened: [] },
      ...{ attachments: {}, stopped: [] },
    }
    const now = clock.now()
    const verdicts = store.commit(() => deliveries.map((delivery) => takeOne(delivery, now, taken)))
    for (const error of taken.refused) events.emit('delivery:refused', { error })
    for (const { recordSeq, error } of taken.reopened) {
      const { route: system, stream, key } = store.record(recordSeq)!
      events.emit('record:quarantined', { system, stream, key, recordSeq, error })
    }
    if (Object.values(receipts).some((count) => count > 0)) events.emit('receipts:stored', receipts)
    for (const one of taken.compared) events.emit('statement:compared', one)
    for (const { version, items, outcome } of taken.catalogues) {
      if (outcome === 'whole') events.emit('catalogue:stored', { version, items })
      if (outcome === 'conflict') events.emit('catalogue:refused', { error: GatewayError.of('CATALOGUE_CONFLICT', { version }) })
      if (outcome === 'damaged') events.emit('catalogue:refused', { error: GatewayError.of('CATALOGUE_DAMAGED', { version }) })
    }
    if (Object.keys(taken.attachments).length > 0) events.emit('attachments:answered', taken.attachments)
    for (const one of taken.stopped) events.emit('attachment:stopped', one)
    events.emit('inbox:stored', { messages: taken.messages })
    onTaken(taken.systems)
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
