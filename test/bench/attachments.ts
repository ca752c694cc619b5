/**
 * `npm run bench:attachments [-- --megabytes N] [--rounds N]`: one large attachment from a file that a record names to the platform's folder,
 * verified, beside a bare copy of the same file over the broker; what it costs in memory, and what small messages notice of it. The last line is
 * JSON. Nothing is written to a file.
 */
import { type ChildProcess, fork } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { closeSync, existsSync, mkdirSync, openSync, renameSync, rmSync, writeFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { connect } from 'amqplib'
import { mappingYaml, openDepartment, systemYaml, writeInstallation } from '../contract/department-database.ts'
import { removeTopology } from '../fault/broker.ts'
import { until } from '../temporary.ts'
import type { Part, PartMessage } from './attachments-part.ts'
import { describeMachine } from './machine.ts'
import { withScratch } from './measure.ts'
import { median, quantile } from './statistics.ts'

const { values } = parseArgs({
  options: { megabytes: { type: 'string', default: '500' }, rounds: { type: 'string', default: '3' } },
})
const [megabytes, rounds] = [Number(values.megabytes), Number(values.rounds)]
const url = 'amqp://127.0.0.1:5672'
const gateway = 'bench'
const program = fileURLToPath(new URL('./attachments-part.js', import.meta.url))
const longMs = 600_000
/** A small message each so many milliseconds. */
const everyMs = 20
/** How long small messages are looked at without an attachment. */
const quietMs = 15_000

const scanMapping = `
case: { sourceCaseNo: NO }
events:
  - type: supplement.received
    content:
      receivedAt: { from: AT, date: yyyy-MM-dd HH:mm:ss }
      materials: { each: ., fields: { name: NO, digest: FILE/digest, size: { from: FILE/size, number: true } } }
`

const scanSystem = `
department: { code: 11150900PDY00001XA, name: 示例局, region: "150900" }
adapter: file
mapping: dept/scan
schedule: { every: 50ms }
options: { folder: ../in, pattern: "*.json", format: json, stream: scan, key: [NO], attachments: { paths: [FILE], folder: ../scan } }
`

const install = (folder: string, prefix: string) => {
  const transport = `transport: { kind: rabbitmq, urls: ["${url}"], prefix: ${prefix} }\n`
  const { database } = writeInstallation(folder, {
    'config/gateway.yaml': `name: ${gateway}\nstore: { file: ../data/gateway.db }\n${transport}log: { level: error }\n`,
    'config/platform.yaml': `${transport}store: { kind: sqlite, file: ../data/platform.sqlite }\nattachments: { folder: ../received }\n`,
    'config/adapters/one.yaml': systemYaml('one.db', '10ms'),
    'config/adapters/scan.yaml': scanSystem,
    'mappings/dept/one.yaml': mappingYaml,
    'mappings/dept/scan.yaml': scanMapping,
  })
  for (const name of ['in', 'scan']) mkdirSync(join(folder, name))
  return openDepartment(database)
}

/** Random, so that nothing can be saved by packing it. */
const writeLarge = (file: string): string => {
  const hash = createHash('sha256')
  const handle = openSync(file, 'w')
  for (let n = 0; n < megabytes; n++) {
    const piece = randomBytes(1_000_000)
    hash.update(piece)
    writeSync(handle, piece)
  }
  closeSync(handle)
  return hash.digest('hex')
}

const startPart = async (
  part: Part,
  folder: string,
  given = '',
): Promise<{ child: ChildProcess; seen: PartMessage[]; end(): void }> => {
  const child = fork(program, [part, folder, given])
  const seen: PartMessage[] = []
  child.on('message', (message) => seen.push(message as PartMessage))
  await until(`${part} is ready`, () => seen.some((message) => 'ready' in message))
  return { child, seen, end: () => void child.kill('SIGKILL') }
}

const highest = (seen: PartMessage[]): number => Math.max(0, ...seen.map((message) => ('rss' in message ? message.rss : 0)))

/** Adds small messages while `goesOn`, and answers how long each took from the department's row to the platform's disk. */
const measureSmall = async (
  department: ReturnType<typeof openDepartment>,
  platform: PartMessage[],
  name: string,
  goesOn: () => boolean,
): Promise<{ putAt: number; took: number }[]> => {
  const put = new Map<string, number>()
  while (goesOn()) {
    const no = `${name}-${put.size}`
    department.put(no)
    put.set(no, Date.now())
    await new Promise((resolve) => setTimeout(resolve, everyMs))
  }
  const took = () =>
    platform.flatMap((message) =>
      'taken' in message
        ? message.taken.flatMap((no) => (put.has(no) ? { putAt: put.get(no)!, took: message.at - put.get(no)! } : []))
        : [],
    )
  await until('every small message has arrived', () => took().length >= put.size, longMs)
  return took()
}

const p99 = (small: { took: number }[]): number =>
  quantile(
    small.map(({ took }) => took),
    0.99,
  )

const bareCopy = async (folder: string): Promise<number> => {
  const queue = `qz_bench_bare_${process.pid}`
  const [sender, taker] = [await startPart('bare-sender', folder, queue), await startPart('bare-taker', folder, queue)]
  try {
    const startedAt = Date.now()
    sender.child.send('go')
    const last = () => taker.seen.findLast((message) => 'done' in message)?.done ?? 0
    await until('the copy is there', () => last() >= megabytes * 1_000_000, longMs)
    return (megabytes * 1000) / (Date.now() - startedAt)
  } finally {
    sender.end()
    taker.end()
    const model = await connect(url)
    await (await model.createChannel()).deleteQueue(queue)
    await model.close()
    rmSync(join(folder, 'bare-copy.bin'), { force: true })
  }
}

const round = async (folder: string, prefix: string) => {
  const department = install(folder, prefix)
  const hex = writeLarge(join(folder, 'scan/large.bin'))
  const bare = await bareCopy(folder)
  const [ours, platform] = [await startPart('gateway', folder), await startPart('platform', folder)]
  try {
    const warmUntil = Date.now() + 3000
    await measureSmall(department, platform.seen, 'warm', () => Date.now() < warmUntil)
    const quietUntil = Date.now() + quietMs
    const without = await measureSmall(department, platform.seen, 'quiet', () => Date.now() < quietUntil)
    const before = { gateway: highest(ours.seen), platform: highest(platform.seen) }
    ours.seen.length = 0
    const platformSeen = platform.seen.length
    const arrived = () => existsSync(join(folder, 'received', hex.slice(0, 2), hex))
    writeFileSync(join(folder, 'in/scan.tmp'), JSON.stringify([{ NO: 'S1', AT: '2026-03-02 09:00:00', FILE: 'large.bin' }]))
    const startedAt = Date.now()
    renameSync(join(folder, 'in/scan.tmp'), join(folder, 'in/scan.json'))
    const kept = () => existsSync(join(folder, 'data/gateway.db.attachments', hex.slice(0, 2), hex))
    let [keptAt, arrivedAt] = [0, 0]
    const watching = (async () => {
      await until('it is kept', kept, longMs)
      keptAt = Date.now()
      await until('it has arrived', arrived, longMs)
      arrivedAt = Date.now()
    })()
    const during = await measureSmall(department, platform.seen, 'during', () => arrivedAt === 0)
    await watching
    const sent = ours.seen.find((message) => 'sent' in message)?.sent ?? arrivedAt
    const growth = (high: number, low: number): number => Math.round((high - low) / 2 ** 20)
    return {
      bareMBs: bare,
      laneMBs: (megabytes * 1000) / (arrivedAt - keptAt),
      wholeMBs: (megabytes * 1000) / (arrivedAt - startedAt),
      keepMs: keptAt - startedAt,
      sendMs: sent - keptAt,
      gatewayGrowthMiB: growth(highest(ours.seen), before.gateway),
      platformGrowthMiB: growth(highest(platform.seen.slice(platformSeen)), before.platform),
      p99Without: p99(without),
      p99During: p99(during),
      p99Keeping: p99(during.filter(({ putAt }) => putAt < keptAt)),
      p99Sending: p99(during.filter(({ putAt }) => putAt >= keptAt)),
      medianWithout: median(without.map(({ took }) => took)),
      medianDuring: median(during.map(({ took }) => took)),
    }
  } finally {
    ours.end()
    platform.end()
    department.close()
    await removeTopology(url, prefix, { gateway })
  }
}

type Figures = Awaited<ReturnType<typeof round>>
const all: Figures[] = []
for (let n = 1; n <= rounds; n++) {
  const figures = await withScratch((scratch) => round(scratch, `qz_bench_att_${process.pid}_${n}`))
  all.push(figures)
  console.log(`${n}/${rounds} ${JSON.stringify(figures)}`)
}
const of = (figure: (one: Figures) => number): number => Number(median(all.map(figure)).toFixed(2))
console.log(
  JSON.stringify({
    ...describeMachine({}),
    command: 'npm run bench:attachments',
    megabytes,
    rounds,
    ...Object.fromEntries((Object.keys(all[0]!) as (keyof Figures)[]).map((name) => [name, of((one) => one[name])])),
    laneToBare: of(({ laneMBs, bareMBs }) => laneMBs / bareMBs),
    p99Ratio: of(({ p99During, p99Without }) => p99During / p99Without),
  }),
)
