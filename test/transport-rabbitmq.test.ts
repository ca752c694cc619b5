// needs: rabbitmq
/** What only a broker can do to a transport: return, refuse, mismatch, deny. */
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import type { ConsumeMessage } from 'amqplib'
import t from 'tap'
import { findUnsafeSettings } from '../core/transport/rabbitmq.ts'
import type { PublishOutcome } from '../core/transport/transport.ts'
import { brokerUrl, createRabbitmqPlace, rabbitmqOptionsOf } from './contract/rabbitmq-place.ts'
import { collect, connected, count, createMessage, failing, publishAll, until } from './contract/transport-messages.ts'

const run = promisify(execFile)
const rabbitmqctl = (...words: string[]) => run('rabbitmqctl', ['-q', ...words])

t.test('a message for which no queue is bound is told apart from confirmed ones, also under one id', async (t) => {
  const place = await createRabbitmqPlace(t)
  const transport = place.open()
  await connected(transport)
  for (let n = 0; n < 4; n++) await place.raw.unbindQueue(`${place.prefix}.up.${n}`, `${place.prefix}.up`, `v1.up.#.p${n}`)
  const lost = await publishAll(transport, [createMessage(1), createMessage(1), createMessage(2)])
  t.same(count(lost), { returned: 3 })
  t.match(lost[0], {
    error: {
      code: 'PUBLISH_RETURNED',
      values: { routingKey: /^v1\.up\.150902\.12150902PDY00001X4\.application\.received\.p\d$/ },
    },
  })
  for (let n = 0; n < 4; n++) await place.raw.bindQueue(`${place.prefix}.up.${n}`, `${place.prefix}.up`, `v1.up.#.p${n}`)
  t.same(count(await publishAll(transport, [createMessage(1), createMessage(2)])), { confirmed: 2 })
  t.equal(transport.capacity(), 500)
})

t.test('a queue that was deleted is declared again when messages come back', async (t) => {
  const place = await createRabbitmqPlace(t)
  const transport = place.open()
  await connected(transport)
  for (let n = 0; n < 4; n++) await place.raw.deleteQueue(`${place.prefix}.up.${n}`)
  t.match(await transport.publish(createMessage(1)), { outcome: 'returned' })
  await until(
    'it is confirmed again',
    async () => transport.capacity() > 0 && (await transport.publish(createMessage(1))).outcome === 'confirmed',
  )
})

t.test('a message goes over the wire persistent and described', async (t) => {
  const place = await createRabbitmqPlace(t)
  const transport = place.open({ partitions: 1 })
  await connected(transport)
  const sent = createMessage(1, { lane: '办件-1' })
  await transport.publish(sent)
  // basic.get is not allowed on a queue with a single active consumer.
  const got = await new Promise<ConsumeMessage | null>((resolve) => {
    void place.raw.consume(`${place.prefix}.up.0`, resolve, { noAck: true })
  })
  t.match(got, {
    content: Buffer.from(sent.body),
    fields: { exchange: `${place.prefix}.up`, routingKey: 'v1.up.150902.12150902PDY00001X4.application.received.p0' },
    properties: {
      deliveryMode: 2,
      messageId: sent.id,
      type: sent.type,
      contentType: 'application/cloudevents+json',
      contentEncoding: 'utf-8',
      timestamp: Math.floor(sent.sentAt / 1000),
      appId: 'qianzhi',
      headers: { lane: '办件-1' },
    },
  })
})

t.test(
  'a message that the queue refuses is told apart; so are those that can never be sent, and they break nothing',
  async (t) => {
    const place = await createRabbitmqPlace(t)
    const transport = place.open({ maxMessageBytes: 1024 })
    await connected(transport)
    let limited = true
    const unlimit = async (): Promise<void> => {
      if (limited) await rabbitmqctl('clear_policy', place.prefix)
      limited = false
    }
    t.teardown(unlimit)
    await rabbitmqctl('set_policy', '--apply-to', 'queues', place.prefix, `^${place.prefix}\\.up\\.`, '{"max-length":3}')
    const outcomes: PublishOutcome[] = []
    await until('the queue is full', async () => {
      outcomes.push(await transport.publish(createMessage(outcomes.length, { lane: 'one case' })))
      return outcomes.at(-1)!.outcome === 'refused'
    })
    t.match(outcomes.at(-1), { error: { code: 'PUBLISH_REFUSED' } })
    await unlimit()

    const large = await transport.publish(createMessage(900, { body: '大'.repeat(400) }))
    t.match(large, {
      outcome: 'refused',
      error: { code: 'PUBLISH_TOO_LARGE', values: { bytes: 1200, limit: 1024 }, retry: 'never' },
    })
    const nameless = await transport.publish(createMessage(901, { id: 'x'.repeat(256) }))
    t.match(nameless, { outcome: 'refused', error: { code: 'UNEXPECTED' } })
    await until('the queue takes messages again, though nobody has taken any', async () => {
      const { outcome } = await transport.publish(createMessage(1000, { lane: 'one case' }))
      return outcome === 'confirmed'
    })
    t.equal(transport.state().state, 'connected')

    const { ids } = collect(transport)
    await until('it arrives', () => ids().includes('message-1000'))
    const confirmed = outcomes.flatMap(({ outcome }, number) => (outcome === 'confirmed' ? [`message-${number}`] : []))
    t.same(
      ids().filter((id) => id !== 'message-1000'),
      confirmed,
      'what was refused is not there',
    )
    t.equal(transport.state().state, 'connected')
  },
)

t.test('another queue under the name is reported, left alone, and tried again until it is gone', async (t) => {
  const place = await createRabbitmqPlace(t)
  const name = `${place.prefix}.up.0`
  await place.raw.assertQueue(name, { durable: true })
  const transport = place.open()
  const state = await failing(transport)
  t.match(state.error, { code: 'BROKER_TOPOLOGY_MISMATCH', values: { name, reason: /PRECONDITION_FAILED/ } })
  t.ok(state.nextAttemptAt! > Date.now() - 60_000)
  await t.rejects(transport.probe(AbortSignal.timeout(10_000)), { code: 'BROKER_TOPOLOGY_MISMATCH', values: { name } })
  t.equal((await place.raw.checkQueue(name)).queue, name)
  await place.raw.deleteQueue(name)
  await connected(transport)
  t.same(await transport.publish(createMessage(1)), { outcome: 'confirmed' })
})

t.test('with declare: false nothing is created, and what is missing is named', async (t) => {
  const place = await createRabbitmqPlace(t)
  const transport = place.open({ declare: false })
  t.match((await failing(transport)).error, { code: 'BROKER_TOPOLOGY_MISMATCH', values: { name: `${place.prefix}.up` } })
  await connected(place.open())
  await connected(transport)
  t.same(await transport.publish(createMessage(1)), { outcome: 'confirmed' })
})

t.test('a wrong password and a missing virtual host say so, and no error or state shows the password', async (t) => {
  const place = await createRabbitmqPlace(t)
  const wrong = place.open({ username: 'guest', password: 'geheim-4711' })
  const state = await failing(wrong)
  t.match(state.error, { code: 'BROKER_DENIED', values: { url: /^amqp:\/\/127\.0\.0\.1:5672$/ } })
  t.notMatch(`${state.error?.message} ${state.error?.stack} ${String(state.error?.cause)}`, /geheim/)
  t.match((await failing(place.open({ urls: [`${brokerUrl}/no-such-place`] }))).error, {
    code: 'BROKER_DENIED',
    values: { reason: /virtual host/ },
  })
})

t.test('a body that is not UTF-8 goes to the dead letters without being shown changed', async (t) => {
  const place = await createRabbitmqPlace(t)
  const transport = place.open()
  await connected(transport)
  const { deliveries } = collect(transport)
  place.raw.publish(`${place.prefix}.up`, 'v1.up.foreign.p1', Buffer.from([0x7b, 0xb0, 0xec, 0x7d]), { messageId: 'gbk' })
  place.raw.publish(`${place.prefix}.up`, 'v1.up.foreign.p1', Buffer.from('{}'))
  await until('it is dead', async () => (await place.deadLetters()).length === 1)
  await until('the other arrives', () => deliveries.length === 1)
  t.same(deliveries, [{ id: '', type: '', lane: '', body: '{}', redelivered: false }])
})

t.test('settings that may lose or expose messages are found', async (t) => {
  const paths = (changes: Parameters<typeof rabbitmqOptionsOf>[0]) =>
    findUnsafeSettings(rabbitmqOptionsOf(changes)).map(({ path }) => path)
  t.same(paths({}), [])
  t.same(paths({ urls: ['amqp://localhost', 'amqp://[::1]:5672', 'amqps://mq.example'] }), [])
  t.same(paths({ urls: ['amqps://mq.example', 'amqp://mq.example', 'amqp://10.0.0.1'] }), ['/urls/1', '/urls/2'])
  t.same(paths({ urls: ['amqp://mq.example'], allowPlaintext: true }), [])
  t.same(paths({ urls: ['amqps://mq.example:99999'] }), ['/urls/0'])
  t.same(paths({ heartbeatSeconds: 0, window: 0 }), ['/heartbeatSeconds', '/window'])
  t.throws(() => rabbitmqOptionsOf({ urls: ['amqp://guest:geheim@mq.example'] }), 'credentials do not belong into an address')
})
