// needs: rabbitmq
/** What is done within the life of a gateway leaves nothing on the signal of its end: it may run for months. */
import { getEventListeners } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import t from 'tap'
import { openHttp } from '../core/http-client.ts'
import { linkSignal } from '../core/linked-signal.ts'
import { connectBroker } from '../core/transport/rabbitmq/connection.ts'
import { brokerUrl, rabbitmqOptionsOf } from './contract/rabbitmq-place.ts'
import { freePort } from './free-port.ts'

const listeners = (signal: AbortSignal): number => getEventListeners(signal, 'abort').length

t.test('a linked signal aborts with the other one until it is unlinked', async (t) => {
  const [first, second] = [new AbortController(), new AbortController()]
  const linked = linkSignal(first.signal)
  const unlinked = linkSignal(second.signal)
  unlinked.unlink()
  first.abort('the end')
  second.abort('the end')
  t.equal(linked.own.signal.reason, 'the end')
  t.equal(unlinked.own.signal.aborted, false)
  t.equal(linkSignal(first.signal).own.signal.reason, 'the end', 'also when it has aborted before')
})

t.test('connections to a broker leave nothing, neither those that failed nor those that ended', async (t) => {
  const life = new AbortController()
  const options = rabbitmqOptionsOf({ prefix: 'linked' })
  for (let n = 0; n < 3; n++)
    await t.rejects(connectBroker(options, `amqp://127.0.0.1:${await freePort()}`, '.', life.signal), {
      code: 'BROKER_UNREACHABLE',
    })
  for (let n = 0; n < 3; n++) await (await connectBroker(options, brokerUrl, '.', life.signal)).close()
  t.equal(listeners(life.signal), 0)
  const connection = await connectBroker(options, brokerUrl, '.', life.signal)
  const ended = new Promise((resolve) => connection.once('close', resolve))
  connection.on('error', () => undefined)
  life.abort()
  await ended
  t.pass('while it lives, the signal ends it')
})

t.test('requests leave nothing, neither those that were answered nor those that failed or were too slow', async (t) => {
  const server = createServer((request, response) => {
    if (request.url === '/') response.end('answer')
  }).listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  const at = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const life = new AbortController()
  const [patient, impatient] = [10_000, 50].map((timeoutMs) => openHttp('one', { timeoutMs, maxAnswerBytes: 1000 }))
  t.teardown(() => Promise.all([patient!.close(), impatient!.close()]))
  const get = (url: string, http = patient!) => http.exchange({ method: 'GET', url, headers: {} }, life.signal)
  t.match(await get(at), { status: 200 })
  await t.rejects(get(`${at}/never`, impatient), { code: 'SOURCE_TIMEOUT' })
  await t.rejects(get(`http://127.0.0.1:${await freePort()}`), { code: 'SOURCE_UNREACHABLE' })
  t.equal(listeners(life.signal), 0)
  const asking = get(`${at}/never`)
  life.abort(new Error('the end'))
  await t.rejects(asking, { message: 'the end' })
})
