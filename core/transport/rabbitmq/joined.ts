/**
 * Two brokers that are joined: gateways are at the lower one (旗县), the platform at the upper one (市级). Both hold the same queues, and RabbitMQ's
 * own shovels on the lower broker carry each of them to its namesake: what goes up, up, and what goes down to a gateway, down.
 *
 *     gateway ──▶ lower  up.n ══ shovel ══▶ upper  up.n ──▶ platform
 *     gateway ◀── lower  down.g.n ◀══ shovel ══ upper  down.g.n ◀── platform
 *
 * A shovel answers the broker that it takes from after the confirm of the other. It publishes to a queue and not to an exchange: RabbitMQ confirms
 * what no queue is bound for, and a shovel would take that for delivered. One shovel a queue keeps the order of lanes. After a
 * broken connection it may carry a message twice, which both sides recognise by its id.
 */
import { isDeepStrictEqual } from 'node:util'
import { attachments, messages } from '../cargo.ts'
import { deadQueue, describeTopology, type Topology } from './topology.ts'

export interface JoinedBrokers {
  /** The same on both sides, as is the number of partitions. */
  prefix: string
  partitions: number
  /** The gateways at the lower broker that are written to. */
  gateways: readonly string[]
  /** The address of the upper broker as the lower one reaches it, with user and password. */
  upper: string
}

/** What `rabbitmqctl import_definitions` takes, for the virtual host `/`. */
export interface JoinedDefinitions {
  /** For both brokers. */
  topology: { exchanges: object[]; queues: object[]; bindings: object[] }
  /**
   * For the lower one, once both have the topology and not in one import with it: RabbitMQ starts shovels before it declares queues, and a shovel that
   * does not find its queue makes one of the simplest kind (in 3.10 it cannot be told which kind).
   */
  shovels: { parameters: object[] }
}

const vhost = '/'
/** In the virtual host of the shovel itself, without a network. */
const here = 'amqp://'

const shovel = ({ name }: Topology['queues'][number], from: string, to: string): object => ({
  component: 'shovel',
  vhost,
  name,
  value: {
    'src-protocol': 'amqp091',
    'src-uri': from,
    'src-queue': name,
    'src-prefetch-count': 100,
    'src-delete-after': 'never',
    'dest-protocol': 'amqp091',
    'dest-uri': to,
    'dest-queue': name,
    'ack-mode': 'on-confirm',
    'reconnect-delay': 5,
  },
})

const exchangeOf = (exchange: Topology['exchanges'][number]): object => ({
  ...exchange,
  vhost,
  durable: true,
  auto_delete: false,
  internal: false,
  arguments: {},
})

const queueOf = (queue: Topology['queues'][number]): object => ({ ...queue, vhost, durable: true, auto_delete: false })

const bindingOf = ({ queue, exchange, pattern }: Topology['bindings'][number]): object => ({
  source: exchange,
  vhost,
  destination: queue,
  destination_type: 'queue',
  routing_key: pattern,
  arguments: {},
})

const once = <T extends object>(all: readonly T[]): T[] =>
  all.filter((one, index) => all.findIndex((other) => isDeepStrictEqual(one, other)) === index)

/** What joins two brokers. */
export const describeJoined = ({ prefix, partitions, gateways, upper }: JoinedBrokers): JoinedDefinitions => {
  const cargoes = [messages, attachments]
  const up = cargoes.map((cargo) => describeTopology(prefix, partitions, {}, cargo))
  const down = gateways.flatMap((gateway) => cargoes.map((cargo) => describeTopology(prefix, partitions, { gateway }, cargo)))
  const all = [...up, ...down]
  const queues = once(all.flatMap((one) => one.queues))
  const upward = new Set(up.flatMap((one) => one.queues.map(({ name }) => name)))
  // The dead letters stay where they died: an operator of that side looks at them.
  const carried = queues.filter(({ name }) => name !== deadQueue(prefix))
  return {
    topology: {
      exchanges: once(all.flatMap((one) => one.exchanges)).map(exchangeOf),
      queues: queues.map(queueOf),
      bindings: once(all.flatMap((one) => one.bindings)).map(bindingOf),
    },
    shovels: {
      parameters: carried.map((queue) => (upward.has(queue.name) ? shovel(queue, here, upper) : shovel(queue, upper, here))),
    },
  }
}
