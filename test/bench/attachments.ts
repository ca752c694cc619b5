/**
 * `npm run bench:attachments [-- --source db|file|http|mtom|base64|soap-answer|bucket] [--megabytes N] [--rounds N]`: one large attachment from the
 * department to the platform's folder, verified, by each source in turn, beside a bare copy of the same bytes over the broker: throughput, memory
 * of the gateway, and what small messages notice of it. Without `--source` it is all of them, and written to RESULTS.md beside this file. The last
 * line is JSON.
 */
import { createHash, randomBytes } from 'node:crypto'
import { closeSync, existsSync, mkdirSync, openSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { connect } from 'amqplib'
import { stringify } from 'yaml'
import { mappingYaml, openDepartment, systemYaml, writeFiles, writeInstallation } from '../contract/department-database.ts'
import { removeTopology } from '../fault/broker.ts'
import { until } from '../temporary.ts'
import { type AttachmentFigures, attachmentGoals, attachmentsPart } from './attachment-results.ts'
import { type AttachmentSource, openSource, type SourceName, sourceNames } from './attachment-sources.ts'
import type { PartMessage } from './attachments-part.ts'
import { type RunningPart, startPart } from './attachments-process.ts'
import { describeMachine } from './machine.ts'
import { withScratch } from './measure.ts'
import { sayGoals, writePart } from './results.ts'
import { median, quantile } from './statistics.ts'

const { values } = parseArgs({
  options: {
    source: { type: 'string', default: 'all' },
    megabytes: { type: 'string', default: '500' },
    rounds: { type: 'string', default: '1' },
  },
})
if (values.source !== 'all' && !sourceNames.includes(values.source as SourceName))
  throw new Error(`--source: one of ${sourceNames.join(', ')}, all`)
const sources = values.source === 'all' ? sourceNames : [values.source as SourceName]
const [megabytes, rounds] = [Number(values.megabytes), Number(values.rounds)]
const url = 'amqp://127.0.0.1:5672'
const gateway = 'bench'
const longMs = 1_200_000
/** A small message each so many milliseconds. */
const everyMs = 20
/** How long small messages are looked at without an attachment. */
const quietMs = 15_000

const scanMapping = (at: string): string => `
case: { sourceCaseNo: NO }
events:
  - type: supplement.received
    content:
      receivedAt: { from: AT, date: yyyy-MM-dd HH:mm:ss }
      materials: { each: ., fields: { name: NO, digest: ${at}digest, size: { from: ${at}size, number: true } } }
`

const install = (folder: string, prefix: string, { adapter, options, at }: AttachmentSource) => {
  const transport = `transport: { kind: rabbitmq, urls: ["${url}"], prefix: ${prefix} }\n`
  const { database } = writeInstallation(folder, {
    'config/gateway.yaml': `name: ${gateway}\nstore: { file: ../data/gateway.db }\n${transport}log: { level: error }\n`,
    'config/platform.yaml': `${transport}store: { kind: sqlite, file: ../data/platform.sqlite }\nattachments: { folder: ../received }\n`,
    'config/adapters/one.yaml': systemYaml('one.db', '10ms'),
    'mappings/dept/one.yaml': mappingYaml,
  })
  const department = { code: '11150900PDY00001XA', name: '示例局', region: '150900' }
  writeFiles(folder, {
    'config/adapters/scan.yaml': stringify({ department, adapter, mapping: 'dept/scan', schedule: { every: '50ms' }, options }),
    'mappings/dept/scan.yaml': scanMapping(at),
  })
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

/** NaN of none. */
const p99 = (small: { took: number }[]): number => {
  const all = small.map(({ took }) => took)
  return all.length === 0 ? Number.NaN : quantile(all, 0.99)
}

const bareCopy = async (folder: string): Promise<number> => {
  const queue = `qz_bench_bare_${process.pid}`
  const running: RunningPart[] = []
  try {
    const sender = await startPart('bare-sender', folder, queue)
    running.push(sender)
    const taker = await startPart('bare-taker', folder, queue)
    running.push(taker)
    const startedAt = Date.now()
    sender.child.send('go')
    const last = () => taker.seen.findLast((message) => 'done' in message)?.done ?? 0
    await until('the copy is there', () => last() >= megabytes * 1_000_000, longMs)
    return (megabytes * 1000) / (Date.now() - startedAt)
  } finally {
    for (const part of running) part.end()
    const model = await connect(url)
    await (await model.createChannel()).deleteQueue(queue)
    await model.close()
    rmSync(join(folder, 'bare-copy.bin'), { force: true })
  }
}

const measure = async (folder: string, prefix: string, source: AttachmentSource, hex: string): Promise<AttachmentFigures> => {
  const department = install(folder, prefix, source)
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
    const kept = () => existsSync(join(folder, 'data/gateway.db.attachments', hex.slice(0, 2), hex))
    const startedAt = Date.now()
    await source.give()
    let [keptAt, arrivedAt] = [0, 0]
    const watching = (async () => {
      await until('it is kept', kept, longMs)
      keptAt = Date.now()
      await until('it has arrived', arrived, longMs)
      arrivedAt = Date.now()
    })()
    const during = await measureSmall(department, platform.seen, 'during', () => arrivedAt === 0)
    await watching
    const growth = (high: number, low: number): number => Math.round((high - low) / 2 ** 20)
    const rate = (ms: number): number => (megabytes * 1000) / ms
    return {
      bareMBs: bare,
      keepMBs: rate(keptAt - startedAt),
      laneMBs: rate(arrivedAt - keptAt),
      wholeMBs: rate(arrivedAt - startedAt),
      gatewayGrowthMiB: growth(highest(ours.seen), before.gateway),
      platformGrowthMiB: growth(highest(platform.seen.slice(platformSeen)), before.platform),
      p99Without: p99(without),
      p99During: p99(during),
      p99Keeping: p99(during.filter(({ putAt }) => putAt < keptAt)),
      p99Sending: p99(during.filter(({ putAt }) => putAt >= keptAt)),
    }
  } finally {
    ours.end()
    platform.end()
    department.close()
    await removeTopology(url, prefix, { gateway })
  }
}

const measureSource = (name: SourceName, round: number): Promise<AttachmentFigures> =>
  withScratch(async (folder) => {
    for (const one of ['in', 'scan']) mkdirSync(join(folder, one))
    const hex = writeLarge(join(folder, 'scan/large.bin'))
    const source = await openSource(name, folder)
    try {
      return await measure(folder, `qz_bench_att_${process.pid}_${name}_${round}`, source, hex)
    } finally {
      await source.close()
    }
  })

const measured: Partial<Record<SourceName, AttachmentFigures>> = {}
for (const name of sources) {
  const all: AttachmentFigures[] = []
  for (let round = 1; round <= rounds; round++) {
    all.push(await measureSource(name, round))
    console.log(`${name} ${round}/${rounds} ${JSON.stringify(all.at(-1))}`)
  }
  const figures = (Object.keys(all[0]!) as (keyof AttachmentFigures)[]).map((figure) => [
    figure,
    Number(median(all.map((one) => one[figure])).toFixed(2)),
  ])
  measured[name] = Object.fromEntries(figures)
}
const results = { machine: describeMachine({}, 'bench:attachments'), settings: { megabytes, rounds }, measured }
if (values.source === 'all') writePart('attachments', attachmentsPart(results))
sayGoals(attachmentGoals(results))
console.log(JSON.stringify({ ...results, goals: attachmentGoals(results) }))
