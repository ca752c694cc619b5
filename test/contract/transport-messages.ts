/** Messages, waiting and collecting, as all tests of transports need them. */
import type {
  Delivery,
  DeliveryVerdict,
  OutgoingMessage,
  PublishOutcome,
  Transport,
  TransportState,
} from '../../core/transport/transport.ts'

import { until } from '../temporary.ts'

export { systemClock as realClock } from '../../core/clock.ts'
export { until }

export const connected = (transport: Pick<Transport, 'state'>): Promise<void> =>
  until(`connected (is ${JSON.stringify(transport.state())})`, () => transport.state().state === 'connected')

export const createMessage = (number: number, changes: Partial<OutgoingMessage> = {}): OutgoingMessage => ({
  id: `message-${number}`,
  type: 'application.received',
  address: 'up.150902.12150902PDY00001X4',
  lane: `case-${number % 20}`,
  body: JSON.stringify({ number }),
  sentAt: 1_790_000_000_000 + number,
  ...changes,
})

export const createMessages = (count: number): OutgoingMessage[] =>
  Array.from({ length: count }, (_, number) => createMessage(number))

export const publishAll = (transport: Transport, messages: OutgoingMessage[]): Promise<PublishOutcome[]> =>
  Promise.all(messages.map((message) => transport.publish(message)))

export const acknowledge = (deliveries: Delivery[]): DeliveryVerdict[] => deliveries.map(() => 'ack')

/** Takes everything and remembers it. */
export const collect = (transport: Transport, options?: { queue?: string; maxBatch?: number }) => {
  const deliveries: Delivery[] = []
  const batches: number[] = []
  const subscription = transport.subscribe(async (batch) => {
    deliveries.push(...batch)
    batches.push(batch.length)
    return acknowledge(batch)
  }, options)
  return { deliveries, batches, ids: () => deliveries.map(({ id }) => id), subscription }
}

/** How many outcomes there are of each kind. */
export const count = (outcomes: PublishOutcome[]): Record<string, number> => {
  const counts: Record<string, number> = {}
  for (const { outcome } of outcomes) counts[outcome] = (counts[outcome] ?? 0) + 1
  return counts
}

/** The state in which the transport has failed to connect. */
export const failing = async (transport: Transport): Promise<Extract<TransportState, { state: 'connecting' }>> => {
  for (;;) {
    const state = transport.state()
    if (state.state === 'connecting' && state.error !== undefined) return state
    await until('the state changes', () => transport.state() !== state)
  }
}
