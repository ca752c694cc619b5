/**
 * The crash test of the way down: `crash.js --direction down [--kills 20] [--seed 1]`.
 *
 *     platform ──▶ RabbitMQ ──▶ gateway ──▶ PostgreSQL
 *                                  ✕            ✕      SIGKILL, and started again; sessions ended by the server
 *
 * While the platform keeps sending, the gateway is killed at seeded points and started again, and the server ends its sessions in the middle of
 * their work; then all is left in peace. Two systems are written to: one with a table of what was written, where each message must have its
 * effect once although there is no key; one without, where the target is asked. Nothing may be missing, doubled, out of order within
 * its case, or booked wrongly.
 */
import { randomBytes } from 'node:crypto'
import { mkdirSync, openSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import pg from 'pg'
import { stringify } from 'yaml'
import { exampleOf, type MessageDraft } from '../../core/canonical/index.ts'
import { systemClock } from '../../core/clock.ts'
import { downMessageOf } from '../../core/platform/send.ts'
import { openStore } from '../../core/store/open-store.ts'
import { openRabbitmq } from '../../core/transport/rabbitmq.ts'
import type { OutgoingMessage } from '../../core/transport/transport.ts'
import { rabbitmqOptionsOf } from '../contract/rabbitmq-place.ts'
import { until } from '../temporary.ts'
import { removeTopology } from './broker.ts'
import { endedByItself, killRunning, type Log, startProgram } from './children.ts'
import { type DownPoint, downPlansOf, downPoints, type Plan } from './points.ts'
import { createRandom, type Random } from './random.ts'

const server = { host: '127.0.0.1', port: 5432, user: 'postgres' }
const gatewayName = 'crash'
const systems = ['once', 'asked'] as const
type System = (typeof systems)[number]

const pointWithinMs = 20_000
const settledWithinMs = 180_000
/** After so many kills the server ends the gateway's sessions while it works. */
const killsPerSessionsEnd = 3

const source = {
  system: 'city',
  department: '11150900PDY00001XA',
  region: '150900',
  adapter: 'platform',
  mapping: 'platform',
  mappingVersion: '1',
}

const mapping = {
  operations: [
    {
      write: 'W',
      type: ['application.received', 'supplement.received'],
      values: { id: '$key', case_no: 'case/sourceCaseNo', sequence: 'stage/sequence' },
    },
  ],
}

const systemFile = (system: System, connection: object) => ({
  department: { code: '11150900PDY000028A', name: '乌兰察布市示例局', region: '150900' },
  adapter: 'db',
  mapping: 'hall/nothing',
  schedule: { every: '1h' },
  options: {
    engine: 'postgresql',
    connection,
    streams: [{ table: 'nothing', key: ['no'], mode: 'watermark', watermark: { column: 'n', kind: 'number' } }],
  },
  deliver: {
    mapping: 'hall/written',
    parallel: 8,
    confirmAfter: '1s',
    options: {
      writes: {
        W:
          system === 'once'
            ? { table: 'written_once', unknown: 'idempotent' }
            : { table: 'written_asked', key: ['id'], unknown: 'confirm' },
      },
      ...(system === 'once' && { applied: { table: 'qz_applied', column: 'id', create: true } }),
    },
  },
})

const install = (folder: string, url: string, prefix: string, connection: object) => {
  const store = join(folder, 'gateway.db')
  const files = {
    'config/gateway.yaml': {
      name: gatewayName,
      store: { file: store, reserveBytes: 0 },
      transport: { kind: 'rabbitmq', urls: [url], prefix, reconnect: { initialMs: 20, maxMs: 200 } },
      retry: { first: '50ms', longest: '500ms' },
      mappings: '../mappings',
      log: { level: 'error' },
    },
    ...Object.fromEntries(systems.map((system) => [`config/adapters/${system}.yaml`, systemFile(system, connection)])),
    'mappings/hall/nothing.yaml': {
      case: { sourceCaseNo: 'no' },
      events: [
        {
          type: 'application.received',
          content: { receivedAt: { from: 'at', date: 'yyyy-MM-dd' }, applicant: { name: 'name' } },
        },
      ],
    },
    'mappings/hall/down/written.yaml': mapping,
  }
  for (const name of ['config/adapters', 'mappings/hall/down']) mkdirSync(join(folder, name), { recursive: true })
  for (const [name, value] of Object.entries(files)) writeFileSync(join(folder, name), stringify(value))
  return { config: join(folder, 'config'), store }
}

const openTargets = async (database: string, undo: (() => Promise<void>)[]) => {
  const maintenance = new pg.Client({ ...server, database: 'postgres' })
  await maintenance.connect()
  await maintenance.query(`CREATE DATABASE ${database}`)
  const client = new pg.Client({ ...server, database })
  await client.connect()
  undo.push(async () => {
    await client.end()
    await maintenance.query(`DROP DATABASE ${database} WITH (FORCE)`)
    await maintenance.end()
  })
  await client.query('CREATE TABLE nothing (no text PRIMARY KEY, n int, at text, name text)')
  const columns = 'case_no text NOT NULL, sequence text, n bigserial'
  await client.query(`CREATE TABLE written_once (id text NOT NULL, ${columns})`)
  await client.query(`CREATE TABLE written_asked (id text PRIMARY KEY, ${columns})`)
  return {
    connection: { ...server, database },
    endSessions: () =>
      client.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'qianzhi' AND datname = $1", [
        database,
      ]),
    written: async (system: System) =>
      (await client.query<{ id: string; case_no: string }>(`SELECT id, case_no FROM written_${system} ORDER BY n`)).rows,
  }
}

/** A case: an application, and up to four supplements of it. */
const caseOf = (number: number, random: Random): MessageDraft[] => {
  const named = (draft: MessageDraft): MessageDraft => ({ ...draft, case: { sourceCaseNo: `P-${number}`, itemCode: '0100' } })
  const supplements = Array.from({ length: random(5) }, (_, n) => ({
    ...exampleOf('supplement.received'),
    stage: { sequence: String(n + 1) },
  }))
  return [exampleOf('application.received'), ...supplements].map(named)
}

/** Sends cases, some at a time so that they are mixed, until it is stopped; each message again until the broker has it. */
const startSending = (url: string, prefix: string, random: Random) => {
  const transport = openRabbitmq(rabbitmqOptionsOf({ urls: [url], prefix }), systemClock)
  transport.open()
  const sent: { system: System; message: OutgoingMessage }[] = []
  let stopped = false
  const sendOne = async (system: System, draft: MessageDraft): Promise<void> => {
    const message = downMessageOf(draft, { source, gateway: gatewayName, system }, systemClock)
    while ((await transport.publish(message)).outcome !== 'confirmed') await systemClock.wait(20)
    sent.push({ system, message })
  }
  const send = async (): Promise<void> => {
    for (let number = 0; !stopped; ) {
      const open = Array.from({ length: 6 }, () => ({ system: systems[random(2)]!, drafts: caseOf(number++, random) }))
      while (open.some(({ drafts }) => drafts.length > 0)) {
        const some = open.filter(({ drafts }) => drafts.length > 0)
        const { system, drafts } = some[random(some.length)]!
        await sendOne(system, drafts.shift()!)
      }
      await systemClock.wait(150 + random(100))
    }
  }
  const sending = send()
  return {
    sending,
    sent,
    async stop() {
      stopped = true
      await sending
      await transport.close(5000)
    },
  }
}

const killOnce = async (config: string, plan: Plan<DownPoint>, log: Log): Promise<DownPoint> => {
  const fromOutside = plan.point === 'anytime'
  const gateway = fromOutside
    ? startProgram('core/cli/main.js', ['run', '--config', config], log)
    : startProgram('test/fault/gateway-process.js', [config, JSON.stringify(plan)], log)
  const late = setTimeout(() => gateway.kill('SIGKILL'), fromOutside ? plan.afterUs / 1000 : pointWithinMs)
  const ended = await gateway.ended
  clearTimeout(late)
  if (ended.signal !== 'SIGKILL') throw endedByItself('the gateway', ended, log)
  return downPoints.find((point) => point === ended.said) ?? 'anytime'
}

const idsByCase = (lines: { id: string; case_no: string }[]): Map<string, string[]> => {
  const cases = new Map<string, string[]>()
  for (const { id, case_no } of lines) cases.set(case_no, [...(cases.get(case_no) ?? []), id])
  return cases
}

/** Compares what was sent to one system with what its table holds. */
const compare = (sent: { id: string; case_no: string }[], written: { id: string; case_no: string }[]) => {
  const counts = new Map<string, number>()
  for (const { id } of written) counts.set(id, (counts.get(id) ?? 0) + 1)
  const known = new Set(sent.map(({ id }) => id))
  const [wanted, found] = [idsByCase(sent), idsByCase(written)]
  return {
    missing: sent.filter(({ id }) => !counts.has(id)).length,
    doubled: [...counts.values()].filter((count) => count > 1).length,
    invented: [...counts.keys()].filter((id) => !known.has(id)).length,
    disordered: [...wanted].filter(
      ([name, ids]) => JSON.stringify(found.get(name)?.filter((id) => known.has(id))) !== JSON.stringify(ids),
    ).length,
  }
}

export const crashDown = async (
  { kills, seed, url }: { kills: number; seed: number; url: string },
  folder: string,
  undo: (() => Promise<void>)[],
) => {
  const random = createRandom(seed, 'down')
  const log: Log = { file: join(folder, 'output.log'), fd: openSync(join(folder, 'output.log'), 'a') }
  const unique = randomBytes(4).toString('hex')
  const prefix = `qianzhi-crash-${unique}`
  const targets = await openTargets(`qianzhi_crash_${unique}`, undo)
  const { config, store: storeFile } = install(folder, url, prefix, targets.connection)
  undo.push(() => removeTopology(url, prefix, { gateway: gatewayName }))
  undo.push(async () => killRunning(log))

  const platform = startSending(url, prefix, createRandom(seed, 'platform'))
  undo.push(async () => void (await platform.stop().catch(() => undefined)))
  const killsAt = Object.fromEntries(downPoints.map((point) => [point, 0])) as Record<DownPoint, number>
  let sessionsEnded = 0
  const plans = downPlansOf(kills, random)
  for (const [index, plan] of plans.entries()) {
    const killing = killOnce(config, plan, log)
    if (index % killsPerSessionsEnd === 0) {
      const ended = new AbortController()
      void killing.finally(() => ended.abort()).catch(() => undefined)
      let found = 0
      while (found === 0 && !ended.signal.aborted) {
        found = (await targets.endSessions()).rowCount ?? 0
        await systemClock.wait(5 + random(60), ended.signal)
      }
      sessionsEnded += found
    }
    killsAt[await killing] += 1
    if ((index + 1) % 20 === 0) console.log(`down: ${index + 1} kills`)
  }
  await platform.stop()
  const gateway = startProgram('core/cli/main.js', ['run', '--config', config], log)
  const look = <T>(work: (store: ReturnType<typeof openStore>) => T): T => {
    const store = openStore(storeFile, Date.now())
    try {
      return work(store)
    } finally {
      store.close()
    }
  }
  const isSettled = (): boolean =>
    look(({ inbox }) => inbox.open() === 0 && inbox.books().reduce((sum, line) => sum + line.received, 0) >= platform.sent.length)
  await until('everything is delivered', isSettled, settledWithinMs).catch((error: Error) => console.error(error.message))
  gateway.kill('SIGTERM')
  const ended = await gateway.ended
  if (ended.code !== 0) throw endedByItself('the gateway', ended, log)

  const faults: Record<string, number> = { booksOff: 0, undecided: 0, rejected: 0 }
  const examples: unknown[] = []
  for (const system of systems) {
    const sent = platform.sent
      .filter((one) => one.system === system)
      .map(({ message }) => ({ id: message.id, case_no: message.lane.split('/')[1]! }))
    const compared = compare(sent, await targets.written(system))
    for (const [name, count] of Object.entries(compared)) faults[`${system}.${name}`] = count
  }
  const counted = look(({ inbox }) => {
    const [books, recount] = [inbox.books(), inbox.recount()]
    const plain = (lines: object[]) => JSON.stringify(lines.map((line) => ({ ...line, duplicates: 0 })))
    faults.booksOff = books.filter(({ balanced }) => !balanced).length + (plain(books) === plain(recount) ? 0 : 1)
    const left = inbox.list({ states: ['waiting', 'ready', 'claimed', 'unknown', 'quarantined', 'rejected'], limit: 20 })
    faults.undecided = left.filter(({ state }) => state !== 'rejected').length
    faults.rejected = left.filter(({ state }) => state === 'rejected').length
    examples.push(...left.map(({ body: _, operations: __, ...line }) => line))
    const sum = (counter: 'received' | 'duplicates' | 'delivered') => books.reduce((total, line) => total + line[counter], 0)
    return { received: sum('received'), duplicates: sum('duplicates'), delivered: sum('delivered') }
  })
  const ok = Object.values(faults).every((count) => count === 0) && counted.delivered === platform.sent.length
  return { ok, direction: 'down', seed, kills, killsAt, sessionsEnded, sent: platform.sent.length, ...counted, faults, examples }
}
