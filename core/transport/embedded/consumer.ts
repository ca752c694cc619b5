import { setImmediate as nextTurn } from 'node:timers/promises'
import { type Backoff, backoffMs } from '../backoff.ts'
import type { Delivery, DeliveryVerdict } from '../transport.ts'
import type { QueuedMessage, QueueFile } from './file.ts'

export interface PartitionConsumer<Body extends string | Buffer> {
  partition: number
  queue: QueueFile
  /** Of the queue. */
  name: string
  take: (deliveries: Delivery<Body>[]) => Promise<DeliveryVerdict[]>
  /** Undefined for a body that the taker could not be shown as it is. */
  read(content: Buffer): Body | undefined
  maxBatch: number
  backoff: Backoff
  now(): number
  /** Resolves after `ms`, when the subscription ends, or, with `news` true, when something was published. */
  nap(ms: number, news: boolean): Promise<void>
  pollMs: number
  stopped(): boolean
  /** The file failed: what was in hand is still there and comes again. */
  failed(thrown: unknown): void
}

const toDelivery = <Body extends string | Buffer>(
  { id, type, lane, headers, redelivered }: QueuedMessage,
  body: Body,
): Delivery<Body> => ({
  ...{ id, type, lane, body, redelivered },
  ...(headers === null ? {} : { headers: JSON.parse(headers) }),
})

const judge = async <Body extends string | Buffer>(
  { take, read }: PartitionConsumer<Body>,
  batch: QueuedMessage[],
): Promise<DeliveryVerdict[]> => {
  try {
    const deliveries = batch.map((message) => toDelivery(message, read(message.body)!))
    const verdicts = await take(deliveries)
    if (verdicts.length === batch.length) return verdicts
  } catch {
    // The contract of `subscribe`: the taker itself tells the operator why; here it only means `retry`.
  }
  return batch.map(() => 'retry')
}

/** Hands over one batch; answers how many were settled, of how many. */
const consumeOnce = async <Body extends string | Buffer>(consumer: PartitionConsumer<Body>) => {
  const { queue, name, partition, maxBatch, now } = consumer
  const batch = queue.next(name, partition, maxBatch)
  if (batch.length === 0) return { settled: 0, of: 0 }
  const verdicts = await judge(consumer, batch)
  const judged = (verdict: DeliveryVerdict) => batch.filter((_, index) => verdicts[index] === verdict).map(({ seq }) => seq)
  const [acked, rejected] = [judged('ack'), judged('reject')]
  if (acked.length + rejected.length > 0) queue.settle(acked, rejected, now())
  return { settled: acked.length + rejected.length, of: batch.length }
}

/** Consumes one partition until stopped. Resolves when no delivery is in hand. */
export const runPartitionConsumer = async <Body extends string | Buffer>(consumer: PartitionConsumer<Body>): Promise<void> => {
  let failures = 0
  while (!consumer.stopped()) {
    try {
      const { settled, of } = await consumeOnce(consumer)
      if (of === 0) {
        await consumer.nap(consumer.pollMs, true)
        continue
      }
      failures = settled > 0 ? 0 : failures + 1
      // SQLite answers within the turn: without this, a fast taker would keep everyone else of this process waiting.
      if (settled === of) await nextTurn()
      else await consumer.nap(backoffMs(failures, consumer.backoff), false)
    } catch (thrown) {
      consumer.failed(thrown)
      failures++
      await consumer.nap(backoffMs(failures, consumer.backoff), false)
    }
  }
}
