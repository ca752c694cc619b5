/**
 * The crash test of the way down: `crash.js --direction down [--kills 20] [--seed 1]`.
 *
 *     platform ──▶ RabbitMQ ──▶ gateway ──▶ PostgreSQL, a service over HTTP and SOAP, a folder
 *                                  ✕            ✕          ✕      SIGKILL, and started again; sessions ended by the server
 *
 * While the platform keeps sending, the gateway is killed at seeded points and started again, the server ends its sessions in the middle of
 * their work, and the service dies in the middle of calls; then all is left in peace. What is written to, and what is done about an unknown outcome, see
 * `systems` in down-targets.ts: a table of what was written, a question, the same file again, or a person. Nothing may be missing, doubled, out of
 * order within its case, or booked wrongly; what is left to a person may be there or not, once.
 */
import { randomBytes } from 'node:crypto'
import { mkdirSync, openSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { exampleOf, type MessageDraft, messageIdOf } from '../../core/canonical/index.ts'
import { systemClock } from '../../core/clock.ts'
import { downMessageOf } from '../../core/platform/send.ts'
import type { InboxMessage } from '../../core/store/inbox-store.ts'
import { openStore } from '../../core/store/open-store.ts'
import { openRabbitmq } from '../../core/transport/rabbitmq.ts'
import type { OutgoingMessage } from '../../core/transport/transport.ts'
import { rabbitmqOptionsOf } from '../contract/rabbitmq-place.ts'
import { until } from '../temporary.ts'
import { removeTopology } from './broker.ts'
import { endedByItself, killRunning, type Log, startProgram } from './children.ts'
import { type Effect, openFolder, openService, openTables, type System, systems, type Target } from './down-targets.ts'
import { type DownPoint, downPlansOf, downPoints, type Plan } from './points.ts'
import { createRandom, type Random } from './random.ts'

const gatewayName = 'crash'
const pointWithinMs = 20_000
const settledWithinMs = 180_000
/** After so many kills the server ends the gateway's sessions while it works. */
const killsPerSessionsEnd = 3
/** After so many the service is killed, whatever it does; it dies of its own calls as well. */
const killsPerStrike = 4

const source = {
  system: 'city',
  department: '11150900PDY00001XA',
  region: '150900',
  adapter: 'platform',
  mapping: 'platform',
  mappingVersion: '1',
}

const operationWith = (values: object) => ({
  operations: [{ write: 'W', type: ['application.received', 'supplement.received'], values }],
})

const systemFile = ({ file }: Target) => ({
  department: { code: '11150900PDY000028A', name: '乌兰察布市示例局', region: '150900' },
  mapping: 'hall/nothing',
  schedule: { every: '1h' },
  ...file,
  deliver: { parallel: 8, confirmAfter: '1s', ...file.deliver },
})

const install = (folder: string, url: string, prefix: string, targets: readonly Target[]) => {
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
    ...Object.fromEntries(targets.map((target) => [`config/adapters/${target.system}.yaml`, systemFile(target)])),
    'mappings/hall/nothing.yaml': {
      case: { sourceCaseNo: 'no' },
      events: [
        {
          type: 'application.received',
          content: { receivedAt: { from: 'at', date: 'yyyy-MM-dd' }, applicant: { name: 'name' } },
        },
      ],
    },
    'mappings/hall/down/rows.yaml': operationWith({ id: '$key', case_no: 'case/sourceCaseNo', sequence: 'stage/sequence' }),
    'mappings/hall/down/cases.yaml': operationWith({ no: '$key', caseNo: 'case/sourceCaseNo' }),
  }
  for (const name of ['config/adapters', 'mappings/hall/down']) mkdirSync(join(folder, name), { recursive: true })
  for (const [name, value] of Object.entries(files)) writeFileSync(join(folder, name), stringify(value))
  return { config: join(folder, 'config'), store }
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
  let abandoned = false
  const sendOne = async (system: System, draft: MessageDraft): Promise<void> => {
    const message = downMessageOf(draft, { source, gateway: gatewayName, system }, systemClock)
    while ((await transport.publish(message)).outcome !== 'confirmed') {
      // A gateway that never came up has no queue. Otherwise what the broker may have is sent until it says so.
      if (abandoned) return
      await systemClock.wait(20)
    }
    sent.push({ system, message })
  }
  const send = async (): Promise<void> => {
    for (let number = 0; !stopped; ) {
      const open = Array.from({ length: 6 }, () => ({
        system: systems[random(systems.length)]!,
        drafts: caseOf(number++, random),
      }))
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
    abandon(): void {
      abandoned = true
    },
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

const idsByCase = (lines: readonly Effect[]): Map<string, string[]> => {
  const cases = new Map<string, string[]>()
  for (const { id, case_no } of lines) cases.set(case_no, [...(cases.get(case_no) ?? []), id])
  return cases
}

/** Compares what was sent to one system with what it has. `open`: what waits for a person, who alone can say whether it has it. */
const compare = (sent: readonly Effect[], effects: readonly Effect[], open: ReadonlySet<string>) => {
  const counts = new Map<string, number>()
  for (const { id } of effects) counts.set(id, (counts.get(id) ?? 0) + 1)
  const known = new Set(sent.map(({ id }) => id))
  const [wanted, found] = [idsByCase(sent), idsByCase(effects)]
  const isInOrder = (ids: readonly string[], there: readonly string[]): boolean =>
    JSON.stringify(there) === JSON.stringify(ids.filter((id) => !open.has(id) || there.includes(id)))
  return {
    missing: sent.filter(({ id }) => !counts.has(id) && !open.has(id)).length,
    doubled: [...counts.values()].filter((count) => count > 1).length,
    invented: [...counts.keys()].filter((id) => !known.has(id)).length,
    disordered: [...wanted].filter(([name, ids]) => !isInOrder(ids, found.get(name)?.filter((id) => known.has(id)) ?? [])).length,
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
  const tables = await openTables(`qianzhi_crash_${unique}`, undo)
  const service = await openService(folder, createRandom(seed, 'service'), log, undo)
  const targets = [...tables.targets, ...service.targets, openFolder(folder)]
  const { config, store: storeFile } = install(folder, url, prefix, targets)
  undo.push(() => removeTopology(url, prefix, { gateway: gatewayName }))
  undo.push(async () => killRunning(log))

  const platform = startSending(url, prefix, createRandom(seed, 'platform'))
  undo.push(async () => {
    platform.abandon()
    await platform.stop().catch(() => undefined)
  })
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
        found = (await tables.endSessions()).rowCount ?? 0
        await systemClock.wait(5 + random(60), ended.signal)
      }
      sessionsEnded += found
    }
    if (index % killsPerStrike === 1) service.strike()
    killsAt[await killing] += 1
    if ((index + 1) % 20 === 0) console.log(`down: ${index + 1} kills`)
  }
  await platform.stop()
  service.calm()
  const gateway = startProgram('core/cli/main.js', ['run', '--config', config], log)
  const look = <T>(work: (store: ReturnType<typeof openStore>) => T): T => {
    const store = openStore(storeFile, Date.now())
    try {
      return work(store)
    } finally {
      store.close()
    }
  }
  const openOf = ({ inbox }: ReturnType<typeof openStore>) =>
    inbox.list({ states: ['waiting', 'ready', 'claimed', 'unknown', 'quarantined'], limit: 100_000 })
  /** What its service did not answer for, and what stands behind it in its case. */
  const isLeftToAPerson = (line: InboxMessage, lines: readonly InboxMessage[]): boolean =>
    line.system === 'manual' && lines.some(({ lane, state }) => lane === line.lane && state === 'unknown')
  const isSettled = (): boolean =>
    look((store) => {
      const lines = openOf(store)
      const received = store.inbox.books().reduce((sum, line) => sum + line.received, 0)
      return received >= platform.sent.length && lines.every((line) => isLeftToAPerson(line, lines))
    })
  await until('everything is delivered', isSettled, settledWithinMs).catch((error: Error) => console.error(error.message))
  gateway.kill('SIGTERM')
  const ended = await gateway.ended
  if (ended.code !== 0) throw endedByItself('the gateway', ended, log)

  const open = look(openOf)
  const left = new Set(
    open.filter((line) => isLeftToAPerson(line, open)).map(({ identity, dataVersion }) => messageIdOf(identity, dataVersion)),
  )
  const faults: Record<string, number> = { booksOff: 0, undecided: open.length - left.size, rejected: 0 }
  for (const { system, effects } of targets) {
    const sent = platform.sent
      .filter((one) => one.system === system)
      .map(({ message }) => ({ id: message.id, case_no: message.lane.split('/')[1]! }))
    for (const [name, count] of Object.entries(compare(sent, await effects(), left))) faults[`${system}.${name}`] = count
  }
  const counted = look(({ inbox }) => {
    const [books, recount] = [inbox.books(), inbox.recount()]
    const plain = (lines: object[]) => JSON.stringify(lines.map((line) => ({ ...line, duplicates: 0 })))
    faults.booksOff = books.filter(({ balanced }) => !balanced).length + (plain(books) === plain(recount) ? 0 : 1)
    const sum = (counter: 'received' | 'duplicates' | 'delivered' | 'rejected') =>
      books.reduce((total, line) => total + line[counter], 0)
    faults.rejected = sum('rejected')
    return { received: sum('received'), duplicates: sum('duplicates'), delivered: sum('delivered'), leftToAPerson: left.size }
  })
  const examples = open.slice(0, 20).map(({ body: _, operations: __, ...line }) => line)
  const ok = Object.values(faults).every((count) => count === 0) && counted.delivered + left.size === platform.sent.length
  const served = { serviceDeaths: service.deaths(), sessionsEnded }
  return { ok, direction: 'down', seed, kills, killsAt, ...served, sent: platform.sent.length, ...counted, faults, examples }
}
