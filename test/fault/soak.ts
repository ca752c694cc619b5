/**
 * The soak: `npm run soak -- [--minutes 30] [--seed 1] [--only up,down,one-form]`. Everything at once over one broker: the way up from a database and the way down into
 * databases (up-crash.ts, down-crash.ts), and every flow of the city's plan, again and again.
 *
 *     departments ⇄ gateways ⇄ RabbitMQ ⇄ platform
 *          ✕            ✕         ✕          ✕      SIGKILL at random, and started again
 *
 * Gateways and departments' programs are killed in every round, the platform's receiver in those of the way up, sessions by the database's server
 * in those of the way down, and the broker under all of them. A round ends when everything has come to rest; then both sides must have the same
 * ids, and the books must balance. The last line is JSON; exit code 0 only when every round ended so and nothing was cut short.
 */
import { mkdirSync, mkdtempSync, openSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { systemClock } from '../../core/clock.ts'
import { flows } from '../../core/flows/index.ts'
import { loadAdapters } from '../../core/registry.ts'
import { openNode, type RabbitmqNode } from '../rabbitmq-node.ts'
import { killDescendants } from './descendants.ts'
import { crashDown } from './down-crash.ts'
import { createRandom, type Random } from './random.ts'
import { soakFlow } from './soak-flow.ts'
import { crashUp } from './up-crash.ts'

/** Every point of the data path once. */
const killsOfRound = { up: 12, down: 8 }
const brokerStopsEveryMs = 45_000
const killFlowEveryMs = 5000
/** Queues of a broker that has just started elect theirs within seconds. */
const electsWithinMs = 10_000

interface Round {
  what: string
  ok: boolean
  kills: number
  messages: number
  seconds: number
  /** What was wrong. */
  reason?: string
}

const toCount = (text: string, name: string): number => {
  if (!/^[1-9]\d*$/.test(text)) throw new Error(`--${name} takes a whole number from 1, not "${text}"`)
  return Number(text)
}

/** Kills the broker, or stops it as in its maintenance, until `until`; it is there again when this resolves. `mended`: queues that it has left without a leader. */
const troubleBroker = async (broker: RabbitmqNode, random: Random, until: number): Promise<{ stops: number; mended: number }> => {
  let [stops, mended] = [0, 0]
  for (;;) {
    const pause = brokerStopsEveryMs / 2 + random(brokerStopsEveryMs)
    if (Date.now() + pause > until) return { stops, mended }
    await systemClock.wait(pause)
    await broker.stop(random(2) === 0 ? 'SIGKILL' : 'SIGTERM')
    await broker.start()
    // It was killed over queues that flows were just having made: those that have elected no leader by now, an operator must mend.
    await systemClock.wait(electsWithinMs)
    mended += await broker.electLeaders()
    stops += 1
  }
}

const soak = async (minutes: number, seed: number, only: string[], folder: string, undo: (() => Promise<void>)[]) => {
  const broker = await openNode(folder, undo)
  const context = { adapters: await loadAdapters(), env: {} }
  const until = Date.now() + minutes * 60_000
  const rounds: Round[] = []

  /** Round after round of one thing, each in a folder of its own; the last begins before the time is over. */
  const repeat = async (
    what: string,
    play: (at: string, seed: number) => Promise<Omit<Round, 'what' | 'seconds'>>,
  ): Promise<void> => {
    for (let number = 1; only.includes(what) && Date.now() < until; number++) {
      const at = join(folder, `${what}-${number}`)
      mkdirSync(at)
      const startedAt = Date.now()
      const played = await play(at, seed * 1000 + number).catch(
        (error: Error): Omit<Round, 'what' | 'seconds'> => ({
          ok: false,
          kills: 0,
          messages: 0,
          reason: error.stack ?? error.message,
        }),
      )
      const round = { what, ...played, seconds: Math.round((Date.now() - startedAt) / 1000) }
      rounds.push(round)
      console.log(`${new Date().toISOString().slice(11, 19)} ${round.ok ? '✓' : '✗'} ${what} ${number}: ${JSON.stringify(round)}`)
      if (!round.ok) return
      rmSync(at, { recursive: true, force: true })
    }
  }

  const undoing = async <T>(work: (undo: (() => Promise<void>)[]) => Promise<T>): Promise<T> => {
    const own: (() => Promise<void>)[] = []
    try {
      return await work(own)
    } finally {
      for (const step of own.reverse()) await step()
    }
  }
  const { url } = broker
  const up = repeat('up', (at, seed) =>
    undoing(async (undo) => {
      const given = { kills: killsOfRound.up, seed, url, brokerStops: 0 }
      const { ok, distinctAtPlatform, faults, receiverKills } = await crashUp(given, at, undo)
      const kills = killsOfRound.up + receiverKills.anytime + receiverKills.beforeAnswer
      return { ok, kills, messages: distinctAtPlatform, ...(ok ? {} : { reason: JSON.stringify(faults) }) }
    }),
  )
  const down = repeat('down', (at, seed) =>
    undoing(async (undo) => {
      const given = { kills: killsOfRound.down, seed, url }
      const { ok, delivered, faults, sessionsEnded } = await crashDown(given, at, undo)
      return {
        ok,
        kills: killsOfRound.down + sessionsEnded,
        messages: delivered,
        ...(ok ? {} : { reason: JSON.stringify(faults) }),
      }
    }),
  )
  const playing = flows.map((flow) =>
    repeat(flow.name, async (at, seed) => {
      const log = openSync(join(at, 'output.log'), 'a')
      const random = createRandom(seed, flow.name)
      const parts = { context, folder: at, broker: url, random, killEveryMs: killFlowEveryMs, log }
      const { kills, up, down } = await soakFlow(flow, parts)
      return { ok: true, kills, messages: up + down }
    }),
  )
  const { stops: brokerStops, mended: leaderlessQueues } = await troubleBroker(broker, createRandom(seed, 'broker'), until)
  await Promise.all([up, down, ...playing])
  const of = (what: string) => {
    const own = rounds.filter((round) => round.what === what)
    const sum = (key: 'kills' | 'messages') => own.reduce((total, round) => total + round[key], 0)
    return { rounds: own.length, kills: sum('kills'), messages: sum('messages') }
  }
  return {
    ok: rounds.every(({ ok }) => ok) && only.every((name) => of(name).rounds > 0),
    minutes,
    seed,
    brokerStops,
    leaderlessQueues,
    ...Object.fromEntries(only.map((name) => [name, of(name)])),
    failed: rounds.filter(({ ok }) => !ok),
  }
}

const known = ['up', 'down', ...flows.map(({ name }) => name)]

const main = async (): Promise<boolean> => {
  // However it ends: what rounds under way have started ends with it.
  process.once('exit', killDescendants)
  const { values } = parseArgs({
    options: { minutes: { type: 'string', default: '30' }, seed: { type: 'string', default: '1' }, only: { type: 'string' } },
  })
  const [minutes, seed] = [toCount(values.minutes, 'minutes'), toCount(values.seed, 'seed')]
  const only = values.only?.split(',') ?? known
  const strange = only.find((name) => !known.includes(name))
  if (strange !== undefined) throw new Error(`--only: there is no ${strange}; there are ${known.join(', ')}`)
  const folder = mkdtempSync(join(tmpdir(), 'qianzhi-soak-'))
  const undo: (() => Promise<void>)[] = []
  const interrupted = new Promise<never>((_, reject) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => reject(new Error(`stopped by ${signal}`)))
  })
  let ok = false
  try {
    const verdict = await Promise.race([soak(minutes, seed, only, folder, undo), interrupted])
    ok = verdict.ok
    console.log(JSON.stringify(verdict))
  } finally {
    for (const step of undo.reverse()) await step().catch((error) => console.error(error))
    if (ok) rmSync(folder, { recursive: true, force: true })
    else console.error(`what is left of it: ${folder}`)
  }
  return ok
}

main().then(
  (ok) => process.exit(ok ? 0 : 1),
  (error) => {
    console.error(error)
    process.exit(1)
  },
)
