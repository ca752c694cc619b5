import type { GatewayError } from '../errors.ts'

/** A message as it goes over the wire. The body is sent exactly as given; a text in UTF-8. */
export interface OutgoingMessage {
  /** CloudEvents id; at most 255 bytes in UTF-8 (AMQP message-id is a short string). */
  id: string
  /** Canonical event type, such as `application.received`. */
  type: string
  /** `upAddress`, `downAddress`, or the same behind `attachments.`: a part of the routing key. */
  address: string
  /** Messages of one lane always go to the same partition, so that its queue keeps their order. */
  lane: string
  body: string | Buffer
  /** Said beside the body, such as of a chunk. */
  headers?: Readonly<Record<string, string | number>>
  /** Milliseconds since 1970. */
  sentAt: number
}

/**
 * `confirmed`:   the broker has it on disk (quorum) and routed it to a queue.
 * `returned`:    no queue is bound for it: the broker does not hold it.
 * `refused`:     the broker answered nack, or the message cannot be sent at all: the broker does not hold it.
 * `interrupted`: the connection broke first: the message may or may not be there; sending it again under its id is safe.
 */
export type PublishOutcome = { outcome: 'confirmed' } | { outcome: 'returned' | 'refused' | 'interrupted'; error: GatewayError }

/** A message as it arrived. What a foreign sender left out is empty. */
export interface Delivery<Body extends string | Buffer = string> {
  id: string
  type: string
  lane: string
  body: Body
  /** As its sender gave them; undefined when there are none. */
  headers?: Readonly<Record<string, unknown>>
  /** True when the broker may have delivered it before. */
  redelivered: boolean
}

/**
 * `ack`:    taken, after the taker's own synced commit.
 * `reject`: can never be taken; it goes to the dead letters. (The taker has kept its own record of why.)
 * `retry`:  could not be taken now; it and everything behind it comes again, in order, after a pause.
 */
export type DeliveryVerdict = 'ack' | 'reject' | 'retry'

export interface Subscription {
  /** Takes no more, waits until the deliveries in hand are settled, and resolves. */
  close(): Promise<void>
}

export type TransportState =
  | { state: 'connecting'; error?: GatewayError; nextAttemptAt?: number }
  /** The error says what is not well although it is connected: queues that confirm nothing. */
  | { state: 'connected'; url: string; error?: GatewayError }
  /** The broker has told us to stop publishing (memory or disk alarm). */
  | { state: 'blocked'; reason: string }
  | { state: 'closed' }

/** `Body`: text where it carries messages, bytes where it carries chunks of attachments. */
export interface Transport<Body extends string | Buffer = string> {
  /** Starts connecting and keeps connected until `close`. Returns at once: a broker that is down must not stop the gateway from starting. */
  open(): void
  /**
   * Sends one message and resolves on the broker's confirm. Never rejects. Messages handed over one after another
   * without waiting leave in that order. Contract: ask `capacity` first; while not connected the answer is `interrupted`.
   */
  publish(message: OutgoingMessage): Promise<PublishOutcome>
  /** How many more messages may be published now: 0 while not connected, blocked, or with a full window of unconfirmed messages. */
  capacity(): number
  /**
   * Calls back on every change of state, and once per turn of the event loop in which `capacity` rose. The listener
   * must not throw. Returns the function that ends it.
   */
  onChange(listener: (state: TransportState) => void): () => void
  state(): TransportState
  /**
   * Takes the deliveries of all partitions of a queue, in order per lane: the platform's, unless `queue` names that of the gateway
   * which the transport was opened for. `take` is called with the next
   * batch of one partition (one or more deliveries, at most `maxBatch`) and answers one verdict for each, in order. A partition's
   * next batch is not handed over before the answer; batches of different partitions are handed over side by side. Survives
   * reconnects until closed. A second subscriber of the same queue waits until the first is gone. `take` rejecting, or
   * answering another number of verdicts, means `retry` for the batch: telling the operator why is the taker's duty.
   */
  subscribe(
    take: (deliveries: Delivery<Body>[]) => Promise<DeliveryVerdict[]>,
    options?: { queue?: string; maxBatch?: number },
  ): Subscription
  /**
   * Tries what `open` does (declaring the topology included), for `qianzhi lint --probe` and the console. Throws the
   * first GatewayError met when no address works, or the signal's reason.
   */
  probe(signal: AbortSignal): Promise<{ server: string }>
  /**
   * Takes no more, waits at most `graceMs` for outstanding confirms and deliveries in hand, then closes; what is still
   * open then ends as `interrupted` or comes again.
   */
  close(graceMs: number): Promise<void>
}

/** Whose transport it is: a gateway that is written to by its name has a queue of its own. */
export interface TransportOwner {
  gateway?: string | undefined
}

/** Deliveries handed over at once when the subscriber does not say. */
export const defaultMaxBatch = 100

/** To the platform, from a department: `up.150902.12150902PDY00001X4`. */
export const upAddress = ({ region, department }: { region: string; department: string }): string => `up.${region}.${department}`

/** Chunks to the platform, from a department. */
export const attachmentsUpAddress = (department: { region: string; department: string }): string =>
  `attachments.${upAddress(department)}`

/** To one gateway, from the platform; also the name of its queue. */
export const downAddress = (gateway: string): string => `down.${gateway}`

/** Chunks to one gateway, from the platform; also the name of its queue. */
export const attachmentsDownAddress = (gateway: string): string => `attachments.${downAddress(gateway)}`

/** The queue that takes what is sent to an address. */
export const queueOfAddress = (address: string): string => /^(?:attachments\.)?up(?=\.)/.exec(address)?.[0] ?? address
