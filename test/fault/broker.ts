/** What a test looks at in a RabbitMQ, and clears away. */
import { type Channel, connect } from 'amqplib'
import { attachments, messages } from '../../core/transport/cargo.ts'
import { describeTopology } from '../../core/transport/rabbitmq/topology.ts'
import type { TransportOwner } from '../../core/transport/transport.ts'
import { endConnection } from '../rabbitmq-node.ts'
import { until } from '../temporary.ts'

/** As `transport.partitions` when the configuration does not say. */
const partitions = 4
/** AMQP's reply code for a queue that is not there. */
const notFound = 404

/** What is asked twice must say the same: a broker that is being started is waited for, and one that dies meanwhile is asked again. */
const withChannel = async <T>(url: string, work: (channel: Channel) => Promise<T>): Promise<T> => {
  const results: T[] = []
  const answers = async (): Promise<boolean> => {
    const model = await connect(url, { timeout: 10_000 }).catch(() => undefined)
    if (!model) return false
    // A connection that breaks is told by the verb that was under way.
    model.on('error', () => undefined)
    try {
      const channel = await model.createChannel()
      channel.on('error', () => undefined)
      results.push(await work(channel))
      return true
    } catch (error) {
      if ((error as { code?: unknown }).code === notFound) throw error
      return false
    } finally {
      await endConnection(model)
    }
  }
  await until('the broker answers', answers, 60_000)
  return results[0]!
}

/** Messages in the platform's queues, and in the one of the dead letters. */
export const countQueued = (url: string, prefix: string): Promise<{ up: number; dead: number }> =>
  withChannel(url, async (channel) => {
    let up = 0
    for (let n = 0; n < partitions; n++) up += (await channel.checkQueue(`${prefix}.up.${n}`)).messageCount
    return { up, dead: (await channel.checkQueue(`${prefix}.dead`)).messageCount }
  })

export const removeTopology = (url: string, prefix: string, owner: TransportOwner = {}): Promise<void> =>
  withChannel(url, async (channel) => {
    for (const cargo of [messages, attachments]) {
      const { queues, exchanges } = describeTopology(prefix, partitions, owner, cargo)
      for (const { name } of queues) await channel.deleteQueue(name)
      for (const { name } of exchanges) await channel.deleteExchange(name)
    }
  })
