/**
 * The crash test of the way up:
 *
 *     clerks ── PostgreSQL ──▶ gateway ──▶ RabbitMQ ──▶ platform
 *                                 ✕           ✕            ✕      SIGKILL, and started again
 *
 * While clerks keep writing, the gateway is killed at seeded points of its data path and started again, the platform's receiver and
 * the broker are killed too; then everybody is left in peace, and the three sides are compared.
 */
import { randomBytes } from 'node:crypto'
import { closeSync, openSync } from 'node:fs'
import { join } from 'node:path'
import { openNode, type RabbitmqNode } from '../rabbitmq-node.ts'
import { until } from '../temporary.ts'
import { countQueued, removeTopology } from './broker.ts'
import { endedByItself, killRunning, type Log, type Program, startProgram } from './children.ts'
import { gather, progressOf } from './evidence.ts'
import { type Installation, install } from './installation.ts'
import { openLegacy, startWriting } from './legacy.ts'
import { type Plan, type Point, plansOf, points } from './points.ts'
import { createRandom } from './random.ts'
import { keepReceiving } from './receiver.ts'
import { judge } from './verdict.ts'

/** A point that is not reached within it (the broker is down, nothing is to be read) becomes a kill from outside. */
const pointWithinMs = 30_000
const settledWithinMs = 180_000
const gatewaysPerReceiverKill = 8

/** The real program. */
const runGateway = (config: string, log: Log): Program => startProgram('core/cli/main.js', ['run', '--config', config], log)

/** Runs the gateway until it is killed; answers the point at which it was. */
const killOnce = async (config: string, plan: Plan, log: Log): Promise<Point> => {
  const fromOutside = plan.point === 'anytime'
  const gateway = fromOutside
    ? runGateway(config, log)
    : startProgram('test/fault/gateway-process.js', [config, JSON.stringify(plan)], log)
  const late = setTimeout(() => gateway.kill('SIGKILL'), fromOutside ? plan.afterUs / 1000 : pointWithinMs)
  const ended = await gateway.ended
  clearTimeout(late)
  if (ended.signal !== 'SIGKILL') throw endedByItself('the gateway', ended, log)
  return points.find((point) => point === ended.said) ?? 'anytime'
}

/**
 * The broker crashes with messages on the way to it: it is frozen until the gateway has claimed and sent what it will never confirm.
 * The gateway lives through it, goes on when the broker is back, and is then killed itself.
 */
const crashBroker = async (broker: RabbitmqNode, installation: Installation, log: Log): Promise<void> => {
  const gateway = runGateway(installation.config, log)
  const { confirmed } = progressOf(installation)
  await until('the gateway publishes', () => progressOf(installation).confirmed > confirmed, pointWithinMs)
  broker.freeze()
  await until('messages are on their way', () => progressOf(installation).claimed >= 10, pointWithinMs)
  await broker.stop('SIGKILL')
  await broker.start()
  const before = progressOf(installation).confirmed
  await until('the gateway publishes again', () => progressOf(installation).confirmed > before, pointWithinMs)
  gateway.kill('SIGKILL')
  const ended = await gateway.ended
  if (ended.signal !== 'SIGKILL') throw endedByItself('the gateway', ended, log)
}

export interface CrashGiven {
  kills: number
  seed: number
  /** Where messages go, unless the test has a broker of its own to stop. */
  url: string
  brokerStops: number
}

export const crashUp = async ({ kills, seed, url, brokerStops }: CrashGiven, folder: string, undo: (() => Promise<void>)[]) => {
  const random = createRandom(seed, 'kills')
  const log: Log = { file: join(folder, 'output.log'), fd: openSync(join(folder, 'output.log'), 'a') }
  undo.push(async () => closeSync(log.fd))
  const unique = randomBytes(4).toString('hex')
  const broker = brokerStops > 0 ? await openNode(folder, undo) : undefined
  const place = { url: broker?.url ?? url, prefix: `qianzhi-crash-${unique}` }
  const legacy = await openLegacy(`qianzhi_crash_${unique}`)
  undo.push(legacy.close)
  const installation = install(folder, place, legacy.connection)
  if (!broker) undo.push(() => removeTopology(place.url, place.prefix))
  const clerks = startWriting(legacy.client, createRandom(seed, 'clerks'))
  undo.push(async () => void (await clerks.stop().catch(() => undefined)))
  undo.push(async () => killRunning(log))
  const receiver = keepReceiving(installation.config, log)
  const whileAllRun = <T>(work: Promise<T>): Promise<T> =>
    Promise.race([work, clerks.writing.then(() => work), receiver.running.then(() => work)])

  const killsAt = Object.fromEntries(points.map((point) => [point, 0])) as Record<Point, number>
  const stopsBy = { crash: 0, maintenance: 0 }
  let brokerBack: Promise<void> = Promise.resolve()
  /** In turn: a crash under a living gateway, and a maintenance during which the kills go on. */
  const stopBroker = async (broker: RabbitmqNode): Promise<void> => {
    await brokerBack
    if (stopsBy.crash > stopsBy.maintenance) {
      stopsBy.maintenance += 1
      await broker.stop('SIGTERM')
      brokerBack = broker.start()
      brokerBack.catch(() => undefined)
    } else {
      stopsBy.crash += 1
      await crashBroker(broker, installation, log)
    }
  }

  const plans = plansOf(kills, random)
  for (const [index, plan] of plans.entries()) {
    if (index % gatewaysPerReceiverKill === gatewaysPerReceiverKill - 1) receiver.strike(random)
    const stops = stopsBy.crash + stopsBy.maintenance
    if (broker && stops < brokerStops && index >= ((stops + 1) * kills) / (brokerStops + 1)) await whileAllRun(stopBroker(broker))
    killsAt[await whileAllRun(killOnce(installation.config, plan, log))] += 1
    if ((index + 1) % 20 === 0) console.log(`up: ${index + 1} kills`)
  }

  await brokerBack
  const written = await clerks.stop()
  receiver.leaveInPeace()
  const gateway = runGateway(installation.config, log)
  const look = async () => {
    const queued = await countQueued(place.url, place.prefix)
    return { queued, verdict: judge(gather(await legacy.rows(), installation, queued.dead)) }
  }
  const isSettled = async (): Promise<boolean> => {
    if (progressOf(installation).moving > 0) return false
    const { queued, verdict } = await look()
    return verdict.ok && queued.up === 0
  }
  // What never comes to rest is told by the verdict, with examples, rather than by the deadline.
  await whileAllRun(until('nothing is under way', isSettled, settledWithinMs)).catch((error: Error) =>
    console.error(error.message),
  )
  gateway.kill('SIGTERM')
  const ended = await gateway.ended
  if (ended.code !== 0) throw endedByItself('the gateway', ended, log)
  const { verdict } = await look()
  await receiver.stop()
  const { kills: receiverKills } = receiver
  return { ...verdict, seed, kills: plans.length, killsAt, receiverKills, brokerStops: stopsBy, rowVersionsWritten: written }
}
