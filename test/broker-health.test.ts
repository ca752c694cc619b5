import t from 'tap'
import { type BrokerHealth, onBrokerError, watchBroker } from '../core/broker-health.ts'
import { GatewayError } from '../core/errors.ts'
import { createEvents } from '../core/events.ts'
import { confirmLookMs, watchUnconfirmed } from '../core/transport/rabbitmq/unconfirmed.ts'
import { createState } from '../core/transport/state.ts'
import type { Transport } from '../core/transport/transport.ts'

const start = Date.parse('2026-11-30T10:00:00+08:00')

t.test('a queue that answers nothing for a minute of connection is told, until it answers', async (t) => {
  const queues = watchUnconfirmed()
  let now = start
  const look = (times: number): GatewayError | undefined => {
    let last: GatewayError | undefined
    for (let n = 0; n < times; n++) {
      last = queues.look(now)
      now += confirmLookMs
    }
    return last
  }
  t.equal(look(100), undefined, 'nothing was sent')
  now = start
  queues.sent('q.up.0')
  queues.sent('q.up.0')
  queues.sent('q.up.1')
  t.equal(look(60), undefined)
  queues.answered('q.up.1')
  t.match(look(1), { code: 'PUBLISH_UNCONFIRMED', values: { queues: 'q.up.0', since: '2026-11-30 10:00:00' } })
  queues.interrupted('q.up.0')
  queues.interrupted('q.up.0')
  t.match(look(1), { values: { queues: 'q.up.0' } }, 'a broken connection is no all-clear')
  queues.sent('q.up.0')
  queues.sent('q.up.1')
  t.match(look(61), { values: { queues: 'q.up.0, q.up.1', since: '2026-11-30 10:00:00' } })
  queues.answered('q.up.0')
  t.match(look(1), { values: { queues: 'q.up.1', since: '2026-11-30 10:01:02' } })
  queues.answered('q.up.1')
  t.equal(look(100), undefined)
})

const openTransport = () => {
  const state = createState()
  state.set({ state: 'connecting' })
  return { state, transport: { state: state.get, onChange: state.onChange } as unknown as Transport }
}

const silent = (queues: string): GatewayError => GatewayError.of('PUBLISH_UNCONFIRMED', { queues, since: '2026-11-30 10:00:00' })

t.test('a broker that gives messages back, or confirms nothing, is troubled although it is connected', async (t) => {
  const { state, transport } = openTransport()
  const events = createEvents()
  const said: string[] = []
  const show = ({ state, error }: BrokerHealth): string => [state, error?.code ?? ''].join(' ').trim()
  watchBroker(transport, events, (health) => void said.push(show(health)))
  const changes: string[] = []
  events.on('transport:changed', ({ state }) => void changes.push(state))
  const last = () => said.splice(0).join('; ')
  const returned = GatewayError.of('PUBLISH_RETURNED', { routingKey: 'v1.up' })
  const retried = (error: GatewayError) => events.emit('message:retried', { id: 'a', attempt: 1, dueAt: 0, error })
  state.set({ state: 'connected', url: 'amqp://one' })
  state.set({ state: 'connected', url: 'amqp://one' })
  t.equal(last(), 'connected')
  retried(GatewayError.of('PUBLISH_INTERRUPTED', {}))
  t.equal(last(), '')
  retried(returned)
  retried(returned)
  t.equal(last(), 'troubled PUBLISH_RETURNED')
  events.emit('messages:confirmed', { count: 1 })
  t.equal(last(), 'connected')
  state.set({ state: 'connected', url: 'amqp://one', error: silent('q.up.0') })
  events.emit('messages:confirmed', { count: 1 })
  t.equal(last(), 'troubled PUBLISH_UNCONFIRMED', 'that others are confirmed is no all-clear')
  state.set({ state: 'connected', url: 'amqp://one', error: silent('q.up.0, q.up.1') })
  t.equal(last(), 'troubled PUBLISH_UNCONFIRMED', 'another queue is news')
  state.set({ state: 'connecting', error: GatewayError.of('BROKER_UNREACHABLE', { url: 'amqp://one', reason: 'gone' }) })
  state.set({ state: 'blocked', reason: 'memory' })
  state.set({ state: 'connected', url: 'amqp://one' })
  t.equal(last(), 'connecting BROKER_UNREACHABLE; blocked; connected')
  t.same(changes, ['connected', 'connected', 'connected', 'connecting', 'blocked', 'connected'])
})

t.test('who waits for a confirm is told once why it does not come', async (t) => {
  const { state, transport } = openTransport()
  const told: string[] = []
  onBrokerError(transport, ({ code }) => void told.push(code))
  const error = silent('q.down.one.0')
  state.set({ state: 'connected', url: 'amqp://one' })
  state.set({ state: 'connected', url: 'amqp://one', error })
  state.capacityRose()
  await new Promise(setImmediate)
  t.same(told, ['PUBLISH_UNCONFIRMED'])
  state.set({ state: 'connected', url: 'amqp://one' })
  state.set({ state: 'connected', url: 'amqp://one', error })
  t.equal(told.length, 2)
})
