import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import type { Test } from 'tap'
import type { GatewayError } from '../../core/errors.ts'
import { openEmbedded } from '../../core/transport/embedded.ts'
import { watchUnconfirmed } from '../../core/transport/rabbitmq/unconfirmed.ts'
import type { PublishOutcome } from '../../core/transport/transport.ts'
import { createRabbitmqPlace } from '../contract/rabbitmq-place.ts'
import { connected, createMessage, failing, realClock, until } from '../contract/transport-messages.ts'
import { temporaryFolder } from '../temporary.ts'
import type { Sayings } from './saying.ts'

const rabbitmqctl = (...words: string[]) => promisify(execFile)('rabbitmqctl', ['-q', ...words])

const errorOf = (outcome: PublishOutcome): GatewayError => {
  if (outcome.outcome === 'confirmed') throw new Error('it was confirmed')
  return outcome.error
}

const stateError = async (t: Test, options: Parameters<Awaited<ReturnType<typeof createRabbitmqPlace>>['open']>[0]) =>
  (await failing((await createRabbitmqPlace(t)).open(options))).error!

/** A queue that holds no more than one message, until one is refused. */
const refusedByLimit = async (t: Test): Promise<GatewayError> => {
  const place = await createRabbitmqPlace(t)
  const transport = place.open()
  await connected(transport)
  t.teardown(() => rabbitmqctl('clear_policy', place.prefix))
  await rabbitmqctl('set_policy', '--apply-to', 'queues', place.prefix, `^${place.prefix}\\.up\\.`, '{"max-length":1}')
  let last: PublishOutcome | undefined
  let sent = 0
  await until('the queue is full', async () => {
    last = await transport.publish(createMessage(sent++, { lane: 'one case' }))
    return last.outcome === 'refused'
  })
  return errorOf(last!)
}

const kept = { zh: '消息已保留并会重发', en: 'the message is kept and sent again' }

/** What brokers do to the gateway. */
export const broker: Sayings = {
  BROKER_UNREACHABLE: {
    provoke: (t) => stateError(t, { urls: ['amqp://127.0.0.1:1'] }),
    where: 'amqp://127.0.0.1:1',
    found: 'ECONNREFUSED',
    allowed: { not: 'any answer of a broker would do' },
    next: { zh: '检查 RabbitMQ 与网络', en: 'Check RabbitMQ and the network' },
  },
  BROKER_DENIED: {
    provoke: (t) => stateError(t, { username: 'guest', password: 'geheim-4711' }),
    where: 'amqp://127.0.0.1',
    found: 'ACCESS_REFUSED',
    allowed: { zh: '用户名、密码、虚拟主机与授权', en: 'user name, password, virtual host and permissions' },
    next: 'declare: false',
  },
  BROKER_TOPOLOGY_MISMATCH: {
    provoke: (t) => {
      const folder = temporaryFolder(t)
      const open = (partitions: number) => {
        const transport = openEmbedded({ file: 'queue.sqlite', partitions, window: 5, pollMs: 10 }, realClock, folder)
        t.teardown(() => transport.close(0))
        transport.open()
        return transport
      }
      open(4)
      const state = open(8).state()
      return state.state === 'connecting' && state.error ? state.error : Promise.reject(new Error(state.state))
    },
    where: 'queue.sqlite',
    found: { zh: '已有 4 个分区', en: 'it has 4 partitions' },
    allowed: { zh: '配置为 8', en: 'configured are 8' },
    next: 'deploy/',
  },
  PUBLISH_RETURNED: {
    provoke: async (t) => {
      const place = await createRabbitmqPlace(t)
      const transport = place.open()
      await connected(transport)
      for (let n = 0; n < 4; n++) await place.raw.unbindQueue(`${place.prefix}.up.${n}`, `${place.prefix}.up`, `v1.up.#.p${n}`)
      return errorOf(await transport.publish(createMessage(1)))
    },
    where: /v1\.up\.150902\.\S+\.p\d/,
    found: { zh: '没有队列绑定', en: 'no queue is bound' },
    allowed: { zh: '绑定', en: 'binding' },
    next: kept,
  },
  PUBLISH_REFUSED: {
    provoke: refusedByLimit,
    where: { not: 'the message, its lane and its system stand beside it in the log and in qianzhi status' },
    found: 'nack',
    allowed: { zh: '队列长度上限与磁盘', en: 'the queue limits and the disk' },
    next: kept,
  },
  PUBLISH_UNCONFIRMED: {
    provoke: () => {
      const unconfirmed = watchUnconfirmed()
      unconfirmed.sent('qianzhi.up.3')
      let error: GatewayError | undefined
      for (let looks = 0; error === undefined && looks < 1000; looks++) error = unconfirmed.look(looks)
      return Promise.resolve(error!)
    },
    where: 'qianzhi.up.3',
    found: { zh: '没有确认', en: 'has confirmed nothing' },
    allowed: { not: 'a confirm within seconds is what any broker that is well gives' },
    next: 'elect-leaders.sh',
  },
  PUBLISH_INTERRUPTED: {
    provoke: async (t) => {
      const transport = openEmbedded(
        { file: 'queue.sqlite', partitions: 4, window: 5, pollMs: 10 },
        realClock,
        temporaryFolder(t),
      )
      t.teardown(() => transport.close(0))
      return errorOf(await transport.publish(createMessage(1)))
    },
    where: { not: 'the message, its lane and its system stand beside it in the log and in qianzhi status' },
    found: { zh: '连接中断', en: 'the connection broke' },
    allowed: { not: 'nothing is to be set right: it is sent again by itself' },
    next: { zh: '以同一编号重发', en: 'sent again under the same id' },
  },
  PUBLISH_TOO_LARGE: {
    provoke: async (t) => {
      const transport = (await createRabbitmqPlace(t)).open({ maxMessageBytes: 1024 })
      await connected(transport)
      return errorOf(await transport.publish(createMessage(1, { body: '大'.repeat(400) })))
    },
    where: { not: 'the message, its lane and its system stand beside it in the log and in quarantine' },
    found: '1200',
    allowed: '1024',
    next: 'maxMessageBytes',
  },
}
