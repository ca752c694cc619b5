/** What a test looks at in a RabbitMQ, and clears away. */
import { type Channel, type ChannelModel, connect } from 'amqplib'
import { attachments, messages } from '../../core/transport/cargo.ts'
import { describeTopology } from '../../core/transport/rabbitmq/topology.ts'
import type { TransportOwner } from '../../core/transport/transport.ts'
import { until } from '../temporary.ts'

/** As `transport.partitions` when the configuration does not say. */
const partitions = 4

/** A broker that is just being started again is waited for. */
const withChannel = async <T>(url: string, work: (channel: Channel) => Promise<T>): Promise<T> => {
  let model: ChannelModel | undefined
  const answers = async (): Promise<boolean> => {
    model = await connect(url).catch(() => undefined)
    return model !== undefined
  }
  await until('the broker answers', answers, 60_000)
  if (!model) throw new Error('no connection')
  try {
    return await work(await model.createChannel())
  } finally {
    await model.close()
  }
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
