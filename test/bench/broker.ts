/** Queues of one run on the real broker, and what the broker itself spends. */
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import { type Channel, type ChannelModel, connect } from 'amqplib'
import { attachments } from '../../core/transport/cargo.ts'
import { deadQueue, describeTopology } from '../../core/transport/rabbitmq/topology.ts'
import { partitions } from './assignment.ts'

/** Linux counts the time of processes in hundredths of a second, whatever the kernel. */
const tickUs = 10_000

const cpuUsOf = (pid: string): number => {
  const [, rest] = readFileSync(`/proc/${pid}/stat`, 'utf8').split(/\) /)
  const [user, system] = rest!.split(' ').slice(11, 13)
  return (Number(user) + Number(system)) * tickUs
}

export interface Queues {
  prefix: string
  /** How many messages the queues hold together. */
  held(): Promise<number>
  /** Looks at the first message of the first partition; waits when there is none. */
  first(): Promise<string>
  /** Calls back for every message from now on, with its id. */
  consume(received: (id: string) => void): Promise<void>
  remove(): Promise<void>
}

const openQueues = async (model: ChannelModel, channel: Channel, prefix: string): Promise<Queues> => {
  const { exchanges, queues, bindings } = describeTopology(prefix, partitions)
  for (const { name, type } of exchanges) await channel.assertExchange(name, type, { durable: true })
  for (const queue of queues) await channel.assertQueue(queue.name, { durable: true, arguments: queue.arguments })
  for (const { queue, exchange, pattern } of bindings) await channel.bindQueue(queue, exchange, pattern)
  const names = queues.map(({ name }) => name).filter((name) => name !== deadQueue(prefix))
  return {
    prefix,
    async held() {
      const counts = await Promise.all(names.map((name) => channel.checkQueue(name)))
      return counts.reduce((sum, { messageCount }) => sum + messageCount, 0)
    },
    async first() {
      const taster = await model.createChannel()
      await taster.prefetch(1)
      const [name] = names
      const body = await new Promise<string>((resolve, reject) => {
        taster.consume(name!, (message) => resolve(String(message?.content))).catch(reject)
      })
      await taster.close()
      return body
    },
    async consume(received) {
      for (const name of names)
        await channel.consume(name, (message) => received(String(message?.properties.messageId)), { noAck: true })
    },
    async remove() {
      const lane = describeTopology(prefix, partitions, {}, attachments)
      for (const { name } of [...queues, ...lane.queues]) await channel.deleteQueue(name)
      for (const { name } of [...exchanges, ...lane.exchanges]) await channel.deleteExchange(name)
    },
  }
}

export const openBroker = async () => {
  const model = await connect('amqp://127.0.0.1:5672', { noDelay: true })
  const channel = await model.createChannel()
  // A refused call rejects by itself.
  for (const emitter of [model, channel]) emitter.on('error', () => undefined)
  const pid = execFileSync('rabbitmqctl', ['-q', 'eval', 'os:getpid().'], { encoding: 'utf8' }).replace(/\D/g, '')
  let runs = 0
  const cpuUs = (): number => cpuUsOf(pid)
  return {
    version: String((model.connection.serverProperties as { version?: unknown }).version),
    /** User and system time of the broker since it was started, in microseconds. */
    cpuUs,
    /** The queues of the transport's own topology under a new prefix. */
    openQueues: () => openQueues(model, channel, `qz_bench_${process.pid}_${++runs}`),
    /** Waits until the broker has tidied up after the run before: less than a fifth of a core, or half a minute has passed. */
    async rest(): Promise<void> {
      for (const deadline = Date.now() + 30_000; Date.now() < deadline; ) {
        const before = cpuUs()
        await pause(500)
        if (cpuUs() - before < 100_000) return
      }
    },
    close: () => model.close(),
  }
}

export type Broker = Awaited<ReturnType<typeof openBroker>>
