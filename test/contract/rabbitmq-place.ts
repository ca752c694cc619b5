/** Queues of a test's own on the real broker, removed at its end. */
import { randomBytes } from 'node:crypto'
import { Value } from '@sinclair/typebox/value'
import { type Channel, type ChannelModel, connect } from 'amqplib'
import type { Test } from 'tap'
import { attachments } from '../../core/transport/cargo.ts'
import {
  describeTopology,
  openRabbitmq,
  openRabbitmqAttachments,
  type RabbitmqOptions,
  rabbitmqOptions,
} from '../../core/transport/rabbitmq.ts'
import type { Transport } from '../../core/transport/transport.ts'
import type { TransportPlace } from './transport-contract.ts'
import { realClock } from './transport-messages.ts'

export const brokerUrl = 'amqp://127.0.0.1:5672'

export const rabbitmqOptionsOf = (changes: Partial<RabbitmqOptions>): RabbitmqOptions => {
  const options = Value.Default(rabbitmqOptions, { reconnect: { initialMs: 20, maxMs: 200 }, ...changes })
  if (!Value.Check(rabbitmqOptions, options))
    throw new Error([...Value.Errors(rabbitmqOptions, options)].map((e) => e.path).join())
  return options
}

/** Removes the queues and exchanges of a prefix. */
const sweep = async (model: ChannelModel, prefix: string, gateways: Iterable<string>): Promise<void> => {
  const { queues, exchanges } = describeTopology(prefix, 4)
  const lane = describeTopology(prefix, 4, {}, attachments)
  const broom = await model.createChannel()
  const own = [...gateways].flatMap((gateway) => [
    ...describeTopology(prefix, 4, { gateway }).queues,
    ...describeTopology(prefix, 4, { gateway }, attachments).queues,
  ])
  for (const { name } of [...queues, ...own, ...lane.queues]) await broom.deleteQueue(name)
  for (const { name } of [...exchanges, ...lane.exchanges]) await broom.deleteExchange(name)
}

export const sweepBroker = async (prefix: string, gateways: Iterable<string>): Promise<void> => {
  const model = await connect(brokerUrl)
  await sweep(model, prefix, gateways)
  await model.close()
}

export interface RabbitmqPlace extends TransportPlace {
  prefix: string
  open(changes?: Partial<RabbitmqOptions> & { gateway?: string }): Transport
  openAttachments(changes?: Partial<RabbitmqOptions> & { gateway?: string }): Transport<Buffer>
  /** A channel of the test's own, past the transport. */
  raw: Channel
}

export const createRabbitmqPlace = async (t: Test): Promise<RabbitmqPlace> => {
  const prefix = `qianzhi-test-${randomBytes(6).toString('hex')}`
  const model = await connect(brokerUrl, { noDelay: true })
  const raw = await model.createChannel()
  const dead: string[] = []
  const gateways = new Set<string>()
  t.teardown(async () => {
    await sweep(model, prefix, gateways)
    await model.close()
  })
  return {
    prefix,
    raw,
    open({ gateway, ...changes } = {}) {
      if (gateway !== undefined) gateways.add(gateway)
      const options = rabbitmqOptionsOf({ urls: [brokerUrl], prefix, ...changes })
      const transport = openRabbitmq(options, realClock, '.', { gateway })
      t.teardown(() => transport.close(0))
      transport.open()
      return transport
    },
    openAttachments({ gateway, ...changes } = {}) {
      if (gateway !== undefined) gateways.add(gateway)
      const options = rabbitmqOptionsOf({ urls: [brokerUrl], prefix, ...changes })
      const transport = openRabbitmqAttachments(options, realClock, '.', { gateway })
      t.teardown(() => transport.close(0))
      transport.open()
      return transport
    },
    async deadLetters() {
      for (;;) {
        const message = await raw.get(`${prefix}.dead`, { noAck: true })
        if (message === false) return [...dead]
        dead.push(message.properties.messageId)
      }
    },
  }
}
