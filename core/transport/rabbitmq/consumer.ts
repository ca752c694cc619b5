import type { Channel, ConsumeMessage } from 'amqplib'
import type { Clock } from '../../clock.ts'
import { type Backoff, backoffMs } from '../backoff.ts'
import type { Delivery, DeliveryVerdict } from '../transport.ts'
import { closeChannel } from './connection.ts'
import { laneHeader } from './publisher.ts'
import type { Session } from './session.ts'

export interface PartitionConsumer<Body extends string | Buffer> {
  queue: string
  take: (deliveries: Delivery<Body>[]) => Promise<DeliveryVerdict[]>
  /** Undefined for a body that the taker could not be shown as it is. */
  read(content: Buffer): Body | undefined
  maxBatch: number
  backoff: Backoff
  clock: Clock
  /** Resolves with the session as soon as there is one; with undefined when `stopping` aborts. */
  connected(): Promise<Session | undefined>
  /** Aborted to take no more. */
  stopping: AbortSignal
}

const text = (value: unknown): string => (typeof value === 'string' ? value : '')

const toDelivery = <Body extends string | Buffer>({ fields, properties }: ConsumeMessage, body: Body): Delivery<Body> => {
  const { [laneHeader]: lane, ...headers } = properties.headers ?? {}
  return {
    id: text(properties.messageId),
    type: text(properties.type),
    lane: text(lane),
    body,
    ...(Object.keys(headers).length === 0 ? {} : { headers }),
    redelivered: fields.redelivered,
  }
}

const ask = async <Body extends string | Buffer>(
  take: PartitionConsumer<Body>['take'],
  deliveries: Delivery<Body>[],
): Promise<DeliveryVerdict[]> => {
  try {
    return await take(deliveries)
  } catch {
    // The contract of `subscribe`: the taker itself tells the operator why; here it only means `retry`.
    return []
  }
}

/** The verdicts of the taker; a body that cannot be shown to it unchanged is rejected unseen. */
const judge = async <Body extends string | Buffer>(
  { take, read }: PartitionConsumer<Body>,
  batch: ConsumeMessage[],
): Promise<DeliveryVerdict[]> => {
  const deliveries = batch.map((message) => {
    const body = read(message.content)
    return body === undefined ? undefined : toDelivery(message, body)
  })
  const readable = deliveries.filter((delivery) => delivery !== undefined)
  const verdicts = readable.length === 0 ? [] : await ask(take, readable)
  if (verdicts.length !== readable.length) return batch.map(() => 'retry')
  const rest = verdicts.values()
  return deliveries.map((delivery) => (delivery ? rest.next().value! : 'reject'))
}

/** Tells the broker; unbroken runs of `ack` from the start go in one frame. Answers how many were settled. */
const settle = (channel: Channel, batch: ConsumeMessage[], verdicts: DeliveryVerdict[]): number => {
  let settled = 0
  let run: ConsumeMessage | undefined
  const endRun = (): void => {
    if (run !== undefined) channel.ack(run, true)
    run = undefined
  }
  for (const [index, message] of batch.entries()) {
    const verdict = verdicts[index]
    if (verdict === 'ack' && settled === index) {
      run = message
      settled++
      continue
    }
    endRun()
    if (verdict === 'retry') continue
    if (verdict === 'ack') channel.ack(message)
    else channel.nack(message, false, false)
    settled++
  }
  endRun()
  return settled
}

/**
 * Consumes until the connection ends, `stopping` aborts or a delivery must come again. Then the channel is closed, and
 * the broker puts everything unsettled back in its old order. (A nack with requeue does not: RabbitMQ 3.10 was seen to
 * return more than 32 deliveries of a quorum queue in any order.) Answers how many deliveries were settled.
 */
const consumeOnce = async <Body extends string | Buffer>(
  session: Session,
  consumer: PartitionConsumer<Body>,
): Promise<number> => {
  const { queue, maxBatch, stopping } = consumer
  const waiting: ConsumeMessage[] = []
  let over = false
  let wake = (): void => undefined
  const end = (): void => {
    over = true
    wake()
  }
  let settledInAll = 0
  const channel = await session.model.createChannel()
  channel.on('error', session.fail)
  channel.on('close', end)
  stopping.addEventListener('abort', end)
  // Who was told to stop while the channel was made is not told again.
  if (stopping.aborted) end()
  try {
    await channel.prefetch(2 * maxBatch)
    await channel.consume(queue, (message) => {
      if (message === null) return session.fail(`${queue} has been deleted`)
      waiting.push(message)
      wake()
    })
    while (!over) {
      if (waiting.length === 0) {
        await new Promise<void>((resolve) => {
          wake = resolve
        })
        continue
      }
      const batch = waiting.splice(0, maxBatch)
      const verdicts = await judge(consumer, batch)
      const settled = settle(channel, batch, verdicts)
      settledInAll += settled
      if (settled < batch.length) break
    }
    await closeChannel(channel)
  } finally {
    stopping.removeEventListener('abort', end)
  }
  return settledInAll
}

/** Consumes one partition over all sessions, until `stopping` aborts. Resolves when no delivery is in hand. */
export const runPartitionConsumer = async <Body extends string | Buffer>(consumer: PartitionConsumer<Body>): Promise<void> => {
  const { clock, stopping } = consumer
  let failures = 0
  for (;;) {
    const session = await consumer.connected()
    if (session === undefined) return
    try {
      const settled = await consumeOnce(session, consumer)
      failures = settled > 0 ? 0 : failures + 1
    } catch (thrown) {
      // On a session that has ended, this is how amqplib says so, and the broker delivers again; else it must end.
      session.fail(thrown)
      failures++
    }
    if (!stopping.aborted) await clock.wait(backoffMs(failures, consumer.backoff), stopping)
  }
}
