import type { Channel, ChannelModel } from 'amqplib'
import { GatewayError } from '../../errors.ts'
import { type Cargo, messages } from '../cargo.ts'
import type { TransportOwner } from '../transport.ts'
import { closeChannel, toBrokerError } from './connection.ts'

export interface Topology {
  exchanges: { name: string; type: 'topic' | 'fanout' }[]
  queues: { name: string; arguments: Record<string, string | number | boolean> }[]
  bindings: { queue: string; exchange: string; pattern: string }[]
}

/** By the first word of an address. */
export const exchangeOf = (prefix: string, address: string): string => `${prefix}.${address.split('.', 1)[0]}`
export const queueName = (prefix: string, queue: string, partition: number): string => `${prefix}.${queue}.${partition}`
export const deadQueue = (prefix: string): string => `${prefix}.dead`

/**
 * What must stand on the broker. All exchanges and queues are durable, all queues are quorum queues.
 *
 * The exchange has no alternate exchange, on purpose: RabbitMQ counts a message that an alternate exchange took as
 * routed and does not return it, so that it would be booked as confirmed without being with the platform.
 *
 * The delivery limit is out of reach (RabbitMQ 4 drops after 20 by default): how often to try is the taker's decision,
 * and a verdict `retry` must never end in the dead letters.
 */
export const describeTopology = (
  prefix: string,
  partitions: number,
  { gateway }: TransportOwner = {},
  cargo: Cargo<string | Buffer> = messages,
): Topology => {
  const dead = deadQueue(prefix)
  const queues = [cargo.queue, ...(gateway === undefined ? [] : [cargo.queueOf(gateway)])].flatMap((queue) =>
    Array.from({ length: partitions }, (_, number) => ({ queue, number })),
  )
  return {
    exchanges: [
      ...cargo.exchanges.map((word) => ({ name: exchangeOf(prefix, word), type: 'topic' as const })),
      { name: dead, type: 'fanout' },
    ],
    queues: [
      { name: dead, arguments: { 'x-queue-type': 'quorum' } },
      ...queues.map(({ queue, number }) => ({
        name: queueName(prefix, queue, number),
        arguments: {
          'x-queue-type': 'quorum',
          'x-single-active-consumer': true,
          'x-dead-letter-exchange': dead,
          'x-dead-letter-strategy': 'at-least-once',
          'x-overflow': 'reject-publish',
          'x-delivery-limit': 2_147_483_647,
        },
      })),
    ],
    bindings: [
      { queue: dead, exchange: dead, pattern: '' },
      ...queues.map(({ queue, number }) => ({
        queue: queueName(prefix, queue, number),
        exchange: exchangeOf(prefix, queue),
        pattern: `v1.${queue}.#.p${number}`,
      })),
    ],
  }
}

/** AMQP reply codes of a name under which there is nothing, something that is locked, or something else. */
const mismatchCodes: unknown[] = [404, 405, 406]

const step = async (url: string, name: string, act: () => Promise<unknown>): Promise<void> => {
  try {
    await act()
  } catch (thrown) {
    const error = toBrokerError(thrown, url)
    if (!mismatchCodes.includes((thrown as { code?: unknown }).code)) throw error
    throw GatewayError.of('BROKER_TOPOLOGY_MISMATCH', { name, reason: error.values.reason ?? error.message }, { cause: thrown })
  }
}

const declareAll = async (channel: Channel, topology: Topology, url: string): Promise<void> => {
  for (const { name, type } of topology.exchanges)
    await step(url, name, () => channel.assertExchange(name, type, { durable: true }))
  for (const queue of topology.queues) {
    await step(url, queue.name, () => channel.assertQueue(queue.name, { durable: true, arguments: queue.arguments }))
  }
  for (const { queue, exchange, pattern } of topology.bindings) {
    await step(url, queue, () => channel.bindQueue(queue, exchange, pattern))
  }
}

const checkAll = async (channel: Channel, topology: Topology, url: string): Promise<void> => {
  for (const { name } of topology.exchanges) await step(url, name, () => channel.checkExchange(name))
  for (const { name } of topology.queues) await step(url, name, () => channel.checkQueue(name))
}

/**
 * Declares the topology, which the broker refuses where something else stands under a name; or, with `declare` false,
 * only checks that the names exist (AMQP cannot read arguments or bindings: an absent binding shows as `returned`).
 * Never deletes or changes anything. Throws BROKER_TOPOLOGY_MISMATCH, BROKER_DENIED or BROKER_UNREACHABLE.
 */
export const verifyTopology = async (model: ChannelModel, topology: Topology, declare: boolean, url: string): Promise<void> => {
  const channel = await model.createChannel()
  // The broker closes the channel on a refusal; the refused call itself rejects with the reason.
  channel.on('error', () => undefined)
  await (declare ? declareAll : checkAll)(channel, topology, url)
  await closeChannel(channel)
}
