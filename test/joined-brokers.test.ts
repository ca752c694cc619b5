// needs: rabbitmq
import t from 'tap'
import { describeJoined } from '../core/transport/rabbitmq/joined.ts'
import { openRabbitmq } from '../core/transport/rabbitmq.ts'
import { downAddress } from '../core/transport/transport.ts'
import { rabbitmqOptionsOf } from './contract/rabbitmq-place.ts'
import { realClock } from './contract/transport-messages.ts'
import { freePort } from './free-port.ts'
import { openNode } from './rabbitmq-node.ts'
import { temporaryFolder, until } from './temporary.ts'

t.test('two joined brokers carry what goes up and down, in order, also when the upper one is killed meanwhile', async (t) => {
  const folder = temporaryFolder(t)
  const undo: (() => Promise<void>)[] = []
  t.teardown(async () => {
    for (const step of undo.reverse()) await step()
  })
  const port = await freePort()
  const joined = describeJoined({ prefix: 'joined', partitions: 4, gateways: ['banner'], upper: `amqp://127.0.0.1:${port}` })
  const definitions = joined.topology
  const [lower, upper] = await Promise.all([
    openNode(folder, undo, { name: 'lower', plugins: ['rabbitmq_shovel'], definitions }),
    openNode(folder, undo, { name: 'upper', port, definitions }),
  ])
  await lower.importDefinitions(joined.shovels)
  const openAt = (url: string, gateway?: string) => {
    const transport = openRabbitmq(rabbitmqOptionsOf({ urls: [url], prefix: 'joined' }), realClock, '.', { gateway })
    undo.push(() => transport.close(0))
    transport.open()
    return transport
  }
  const gateway = openAt(lower.url, 'banner')
  const platform = openAt(upper.url)

  const taken = { up: [] as string[], down: [] as string[] }
  platform.subscribe(async (deliveries) => {
    taken.up.push(...deliveries.map(({ id }) => id))
    return deliveries.map(() => 'ack')
  })
  gateway.subscribe(
    async (deliveries) => {
      taken.down.push(...deliveries.map(({ id }) => id))
      return deliveries.map(() => 'ack')
    },
    { queue: downAddress('banner') },
  )
  /** Which of the ids came first, each of them once: a broken connection may carry one twice. */
  const firsts = (ids: string[], lane: string): string[] => [...new Set(ids.filter((id) => id.startsWith(lane)))]
  const send = async (from: typeof gateway, address: string, lane: string, count: number, begin = 0): Promise<void> => {
    for (let n = begin; n < begin + count; n++) {
      await until('there is room', () => from.capacity() > 0, 60_000)
      const id = `${lane}-${String(n).padStart(3, '0')}`
      const outcome = await from.publish({ id, type: 'application.received', address, lane, body: `{"n":${n}}`, sentAt: 0 })
      if (outcome.outcome !== 'confirmed') n -= 1
    }
  }
  const wanted = (lane: string, count: number) => Array.from({ length: count }, (_, n) => `${lane}-${String(n).padStart(3, '0')}`)

  await Promise.all([send(gateway, 'up.150927.x', 'a', 40), send(platform, downAddress('banner'), 'b', 40)])
  await until('all of it has come', () => firsts(taken.up, 'a').length === 40 && firsts(taken.down, 'b').length === 40)

  const sending = send(gateway, 'up.150927.x', 'a', 60, 40)
  await until('some are under way', () => taken.up.length > 50)
  await upper.stop('SIGKILL')
  await sending
  t.ok(firsts(taken.up, 'a').length < 100, 'what the upper broker cannot take waits at the lower one, which has confirmed it')
  await upper.start()
  await until('the rest has come', () => firsts(taken.up, 'a').length === 100, 60_000)
  t.same(firsts(taken.up, 'a'), wanted('a', 100))
  await send(platform, downAddress('banner'), 'b', 20, 40)
  await until('and down it goes on', () => firsts(taken.down, 'b').length === 60, 60_000)
  t.same(firsts(taken.down, 'b'), wanted('b', 60))
})
