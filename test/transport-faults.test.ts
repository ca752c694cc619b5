// needs: rabbitmq
/** What a connection to a broker can do: move, break, fall silent, block, be closed at any moment, speak TLS. */
import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { promisify } from 'node:util'
import t, { type Test } from 'tap'
import type { OutgoingMessage, PublishOutcome, Transport, TransportState } from '../core/transport/transport.ts'
import { openBrokerProxy } from './contract/broker-proxy.ts'
import { brokerUrl, createRabbitmqPlace } from './contract/rabbitmq-place.ts'
import {
  collect,
  connected,
  count,
  createMessage,
  createMessages,
  failing,
  publishAll,
  until,
} from './contract/transport-messages.ts'

const run = promisify(execFile)
const rabbitmqctl = (...words: string[]) => run('rabbitmqctl', ['-q', ...words])

/** Publishes as the gateway does: as much as there is room for, and what did not get through again, under the same id. */
const publishUntilConfirmed = async (
  transport: Transport,
  messages: OutgoingMessage[],
  onOutcome: (o: PublishOutcome) => void,
) => {
  const waiting = [...messages]
  let confirmed = 0
  await until('every message is confirmed', () => {
    while (waiting.length > 0 && transport.capacity() > 0) {
      const message = waiting.shift()!
      void transport.publish(message).then((outcome) => {
        onOutcome(outcome)
        if (outcome.outcome === 'confirmed') confirmed++
        else waiting.push(message)
      })
    }
    return confirmed === messages.length
  })
}

t.test('of several addresses the first that works is taken, and another when it goes', async (t) => {
  const place = await createRabbitmqPlace(t)
  const [one, two] = [await openBrokerProxy(t), await openBrokerProxy(t)]
  const urls = ['amqp://127.0.0.1:1', `amqp://127.0.0.1:${one.port}`, `amqp://127.0.0.1:${two.port}`]
  const transport = place.open({ urls })
  await connected(transport)
  t.same(transport.state(), { state: 'connected', url: urls[1] })
  t.match(await transport.probe(AbortSignal.timeout(10_000)), { server: /RabbitMQ/ })
  one.stop()
  one.cut()
  await until('the other is taken', () => {
    const state = transport.state()
    return state.state === 'connected' && state.url === urls[2]
  })
  t.match((await failing(place.open({ urls: urls.slice(0, 1) }))).error, {
    code: 'BROKER_UNREACHABLE',
    values: { reason: /ECONNREFUSED/ },
  })
})

t.test('when the connection breaks again and again, every message ends exactly once and nothing confirmed is lost', async (t) => {
  const place = await createRabbitmqPlace(t)
  const proxy = await openBrokerProxy(t)
  const transport = place.open({ urls: [`amqp://127.0.0.1:${proxy.port}`] })
  const receiver = place.open({ urls: [`amqp://127.0.0.1:${proxy.port}`] })
  await Promise.all([connected(transport), connected(receiver)])
  const received = collect(receiver)
  const sent = createMessages(3000)
  let outcomes = 0
  const counts: Record<string, number> = {}
  const errors = new Set<string>()
  await publishUntilConfirmed(transport, sent, (outcome) => {
    counts[outcome.outcome] = (counts[outcome.outcome] ?? 0) + 1
    if (outcome.outcome !== 'confirmed') errors.add(outcome.error.code)
    if (++outcomes % 700 === 0) proxy.cut()
  })
  t.equal(counts.confirmed, sent.length)
  t.ok(counts.interrupted! > 0, `${counts.interrupted} were interrupted`)
  t.same([...errors], ['PUBLISH_INTERRUPTED'])
  const seen = (): Set<string> => new Set(received.ids())
  await until('all confirmed messages have arrived', () => seen().size === sent.length)
  await until('it is connected, and its window free, again', () => transport.capacity() === 500)
})

t.test('a broker that closes the connection is connected again, and the subscription goes on', async (t) => {
  const place = await createRabbitmqPlace(t)
  const transport = place.open()
  await connected(transport)
  const { deliveries } = collect(transport)
  await publishAll(transport, createMessages(20))
  await until('they arrive', () => deliveries.length === 20)
  const states: TransportState[] = []
  transport.onChange((state) => states.push(state))
  // The queue goes while it is consumed: the broker cancels the consumer, and connecting anew declares it again.
  await place.raw.deleteQueue(`${place.prefix}.up.2`)
  await until(
    'it connects anew',
    () => states.some(({ state }) => state === 'connecting') && transport.state().state === 'connected',
  )
  t.match(
    states.find(({ state }) => state === 'connecting'),
    { error: { code: 'BROKER_UNREACHABLE', values: { reason: /up\.2/ } } },
  )
  t.same(count(await publishAll(transport, createMessages(40))), { confirmed: 40 })
  await until('they arrive too', () => deliveries.length === 60)
})

t.test('a broker that falls silent is noticed by its heartbeat; one that does not answer the goodbye is left', async (t) => {
  const place = await createRabbitmqPlace(t)
  const proxy = await openBrokerProxy(t)
  const options = { urls: [`amqp://127.0.0.1:${proxy.port}`, brokerUrl], heartbeatSeconds: 1 }
  const [noticing, leaving] = [place.open(options), place.open({ ...options, heartbeatSeconds: 60 })]
  await Promise.all([connected(noticing), connected(leaving)])
  proxy.silence()
  const noticed = noticing.publish(createMessage(1))
  const left = leaving.publish(createMessage(2))
  t.match(await noticed, { outcome: 'interrupted', error: { code: 'PUBLISH_INTERRUPTED' } })
  await leaving.close(50)
  t.equal((await left).outcome, 'interrupted')
})

t.test('closing at any moment of connecting, subscribing and publishing comes to an end', async (t) => {
  const place = await createRabbitmqPlace(t)
  await connected(place.open())
  for (let turns = 0; turns < 120; turns += 2) {
    const transport = place.open()
    transport.subscribe(async (batch) => batch.map(() => 'ack'))
    const outcomes: Promise<PublishOutcome>[] = []
    for (let turn = 0; turn < turns; turn++) {
      await nextTurn()
      if (transport.capacity() > 0) outcomes.push(transport.publish(createMessage(turn)))
    }
    await transport.close(0)
    for (const outcome of outcomes) t.match((await outcome).outcome, /confirmed|interrupted/)
  }
  t.pass('every one has ended')
})

t.test('a broker out of memory blocks the publisher, and what was sent is confirmed when it has some again', async (t) => {
  const place = await createRabbitmqPlace(t)
  const transport = place.open()
  await connected(transport)
  const restore = () => rabbitmqctl('set_vm_memory_high_watermark', '0.4')
  t.teardown(restore)
  await rabbitmqctl('set_vm_memory_high_watermark', 'absolute', '1MB')
  const outcomes: Promise<PublishOutcome>[] = []
  await until('the broker blocks', () => {
    if (transport.capacity() > 0 && outcomes.length < 400) outcomes.push(transport.publish(createMessage(outcomes.length)))
    return transport.state().state === 'blocked'
  })
  t.match(transport.state(), { state: 'blocked', reason: /memory/ })
  t.equal(transport.capacity(), 0)
  await restore()
  await connected(transport)
  const settled = await Promise.all(outcomes)
  t.same(count(settled), { confirmed: settled.length })
})

const certificates = async (t: Test) => {
  const folder = mkdtempSync(join(tmpdir(), 'qianzhi-tls-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  const openssl = (...words: string[]) => run('openssl', words, { cwd: folder })
  const ec = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-days', '2']
  await openssl('req', '-x509', '-nodes', ...ec, '-subj', '/CN=test ca', '-keyout', 'ca.key', '-out', 'ca.pem')
  const sign = ['-CA', 'ca.pem', '-CAkey', 'ca.key']
  const names = ['-addext', 'subjectAltName=DNS:broker.example']
  await openssl(
    'req',
    '-x509',
    '-nodes',
    ...ec,
    ...sign,
    ...names,
    '-subj',
    '/CN=broker.example',
    '-keyout',
    'server.key',
    '-out',
    'server.pem',
  )
  const pass = ['-passout', 'pass:word']
  await openssl('req', '-x509', ...pass, ...ec, ...sign, '-subj', '/CN=gateway', '-keyout', 'client.key', '-out', 'client.pem')
  return (name: string): string => join(folder, name)
}

t.test('TLS works with a client certificate, and says what is wrong with a certificate', async (t) => {
  const place = await createRabbitmqPlace(t)
  const file = await certificates(t)
  const [ca, cert, key] = ['ca.pem', 'server.pem', 'server.key'].map((name) => readFileSync(file(name)))
  const proxy = await openBrokerProxy(t, { ca: ca!, cert: cert!, key: key!, requestCert: true, rejectUnauthorized: true })
  const urls = [`amqps://127.0.0.1:${proxy.port}`]
  const client = { cert: file('client.pem'), key: file('client.key'), passphrase: 'word' }
  const tls = { ca: file('ca.pem'), ...client, servername: 'broker.example' }

  const transport = place.open({ urls, tls })
  await connected(transport)
  t.same(transport.state(), { state: 'connected', url: urls[0] })
  t.same(await transport.publish(createMessage(1, { body: '密'.repeat(100_000) })), { outcome: 'confirmed' })

  const reasonWith = async (changed: typeof tls | Omit<typeof tls, 'ca'>): Promise<unknown> => {
    const error = (await failing(place.open({ urls, tls: changed }))).error
    return [error?.code, error?.values.reason]
  }
  t.match(await reasonWith({ ...client, servername: 'broker.example' }), ['BROKER_UNREACHABLE', /certificate/])
  t.match(await reasonWith({ ...tls, servername: 'other.example' }), ['BROKER_UNREACHABLE', /broker\.example/])
  t.match((await failing(place.open({ urls, tls: { ca: tls.ca, servername: tls.servername } }))).error, {
    code: 'BROKER_UNREACHABLE',
  })
  const missing = (await failing(place.open({ urls, tls: { ...tls, ca: file('none.pem') } }))).error
  t.match(missing, { code: 'CONFIG_UNREADABLE', values: { file: file('none.pem'), reason: /ENOENT/ } })
})
