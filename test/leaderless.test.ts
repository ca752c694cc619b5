import { join } from 'node:path'
import { connect } from 'amqplib'
import t from 'tap'
import { type Clock, systemClock } from '../core/clock.ts'
import { loadConfig } from '../core/config/load.ts'
import { createEvents } from '../core/events.ts'
import { startGateway } from '../core/gateway.ts'
import { loadAdapters } from '../core/registry.ts'
import { describeTopology } from '../core/transport/rabbitmq.ts'
import { gatewayYaml, openDepartment, systemYaml, writeInstallation } from './contract/department-database.ts'
import { endConnection, openNode, type RabbitmqNode } from './rabbitmq-node.ts'
import { runCommand } from './run-command.ts'
import { temporaryFolder, until } from './temporary.ts'

const partitions = 4
const mostAttempts = 8

/** Makes the queues of a topology, all at once, and kills the broker over it. Answers whether one of the platform's confirms nothing now. */
const breakTopology = async (node: RabbitmqNode, prefix: string, afterMs: number): Promise<boolean> => {
  const { exchanges, queues } = describeTopology(prefix, partitions)
  const model = await connect(node.url)
  model.on('error', () => undefined)
  const channel = await model.createChannel()
  for (const { name, type } of exchanges) await channel.assertExchange(name, type, { durable: true })
  const made = Promise.allSettled(
    queues.map(async (queue) => {
      const own = await model.createChannel()
      own.on('error', () => undefined)
      await own.assertQueue(queue.name, { durable: true, arguments: queue.arguments })
    }),
  )
  await systemClock.wait(afterMs)
  await node.stop('SIGKILL')
  await made
  await node.start()
  const looking = await connect(node.url)
  const confirming = await looking.createConfirmChannel()
  const answers = queues
    .filter(({ name }) => name.includes('.up.'))
    .map(
      ({ name }) =>
        new Promise<boolean>((resolve) => {
          confirming.sendToQueue(name, Buffer.from('?'), { persistent: true, mandatory: true }, () => resolve(true))
          void systemClock.wait(3000).then(() => resolve(false))
        }),
    )
  const isBroken = (await Promise.all(answers)).includes(false)
  await endConnection(looking)
  return isBroken
}

t.test('a queue that the broker was killed over while it made it is told, and an election brings it back', async (t) => {
  const folder = temporaryFolder(t)
  const undo: (() => Promise<void>)[] = []
  t.teardown(async () => {
    for (const step of undo.reverse()) await step()
  })
  const node = await openNode(folder, undo)
  let attempt = 0
  let isBroken = false
  while (attempt < mostAttempts && !isBroken) {
    attempt += 1
    isBroken = await breakTopology(node, `lost-${attempt}`, 15 * attempt)
  }
  // Not every RabbitMQ leaves such queues behind.
  if (!isBroken) return t.comment(`no queue without a leader in ${attempt} attempts`)
  const { config, database } = writeInstallation(folder, {
    'config/gateway.yaml': gatewayYaml.replace(
      /transport:.*/,
      `transport: { kind: rabbitmq, urls: ["${node.url}"], prefix: lost-${attempt}, reconnect: { initialMs: 50, maxMs: 500 } }`,
    ),
    'config/adapters/one.yaml': systemYaml('one.db'),
  })
  const department = openDepartment(database)
  t.teardown(() => department.close())
  for (let n = 0; n < 40; n++) department.put(`NO-${n}`)
  // Waits pass ten times as fast, and with them the minute of silence.
  const clock: Clock = { ...systemClock, wait: (ms, signal) => systemClock.wait(ms / 10, signal) }
  const loaded = await loadConfig(config, { adapters: await loadAdapters(), env: {} })
  const events = createEvents()
  const gateway = startGateway({ config: loaded.config!, context: { adapters: await loadAdapters(), env: {} }, clock, events })
  undo.push(() => gateway.stop())
  let confirmed = 0
  events.on('messages:confirmed', ({ count }) => {
    confirmed += count
  })
  const brokerSays = () => gateway.store.health().find(({ component }) => component === 'broker')
  await until('it is connected', () => gateway.transport.state().state === 'connected', 60_000)
  await until('it is told', () => brokerSays()?.state === 'troubled', 60_000)
  t.ok(confirmed < 40)
  t.match(brokerSays(), { detail: { error: { code: 'PUBLISH_UNCONFIRMED', zh: /自 .* 起没有确认发往 lost-\d+\.up\.\d/ } } })
  t.ok((await node.electLeaders()) > 0)
  await until('all are there, and the broker is well', () => confirmed === 40 && brokerSays()?.state === 'connected', 60_000)
  t.equal(await node.electLeaders(), 0)
  t.match((await runCommand('books', '--config', join(folder, 'config'))).out, /✓/)
})
