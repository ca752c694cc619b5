/**
 * `npm run bench:down [-- --messages N] [--rounds N]`: the way down to PostgreSQL and to a SOAP service, beside a bare script, in one run. The
 * messages wait in the queues before either begins. The last line is JSON. Nothing is written to a file.
 */
import { fork } from 'node:child_process'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import fastify from 'fastify'
import pg from 'pg'
import { exampleOf } from '../../core/canonical/index.ts'
import { systemClock } from '../../core/clock.ts'
import { downMessageOf, sendDown } from '../../core/platform/send.ts'
import { openRabbitmq } from '../../core/transport/rabbitmq.ts'
import { rabbitmqOptionsOf } from '../contract/rabbitmq-place.ts'
import { soapEnvelope, targetWsdl } from '../departments/target-soap.ts'
import { removeTopology } from '../fault/broker.ts'
import { until } from '../temporary.ts'
import type { DownAssignment, DownReport, DownTarget } from './down-competitor.ts'
import { withScratch } from './measure.ts'
import { median } from './statistics.ts'

const { values } = parseArgs({
  options: { messages: { type: 'string', default: '5000' }, rounds: { type: 'string', default: '3' } },
})
const [messages, rounds] = [Number(values.messages), Number(values.rounds)]
const url = 'amqp://127.0.0.1:5672'
const gateway = 'bench'
const server = { host: '127.0.0.1', user: 'postgres' }
const source = {
  system: 'city',
  department: '11150900PDY00001XA',
  region: '150900',
  adapter: 'platform',
  mapping: 'platform',
  mappingVersion: '1',
}

/** Puts every message into the queues of a new prefix. */
const fill = async (prefix: string): Promise<void> => {
  const transport = openRabbitmq(rabbitmqOptionsOf({ urls: [url], prefix, window: 500 }), systemClock, '.', { gateway })
  transport.open()
  await until('the broker is there', () => transport.capacity() > 0)
  const draft = exampleOf('application.received')
  const all = Array.from({ length: messages }, (_, number) =>
    downMessageOf(
      { ...draft, case: { sourceCaseNo: `P-${number}`, itemCode: '0100' } },
      { source, gateway, system: 'bench' },
      systemClock,
    ),
  )
  const outcomes = await sendDown(transport, all, systemClock)
  if (outcomes.some(({ outcome }) => outcome !== 'confirmed')) throw new Error('not every message was confirmed')
  await transport.close(5000)
}

const withQueues = async <T>(prefix: string, work: () => Promise<T>): Promise<T> => {
  try {
    await fill(prefix)
    return await work()
  } finally {
    await removeTopology(url, prefix, { gateway })
  }
}

const program = fileURLToPath(new URL('./down-competitor.js', import.meta.url))

const runCompetitor = (assignment: DownAssignment): Promise<DownReport> =>
  new Promise((resolve, reject) => {
    const child = fork(program, [JSON.stringify(assignment)])
    let report: DownReport | undefined
    child.on('message', (message) => {
      report = message as DownReport
    })
    child.on('error', reject)
    child.on('exit', (code, signal) => {
      if (code === 0 && report) resolve(report)
      else reject(new Error(`${assignment.competitor} ended with ${code ?? signal}`))
    })
  })

interface Target {
  target: DownTarget
  /** Empties it. */
  reset(): Promise<void>
  /** How many messages it has. */
  count(): Promise<number>
  close(): Promise<void>
}

const openDatabase = async (): Promise<Target> => {
  const database = `qz_bench_down_${process.pid}`
  const maintenance = new pg.Client({ ...server, database: 'postgres' })
  await maintenance.connect()
  await maintenance.query(`CREATE DATABASE ${database}`)
  const client = new pg.Client({ ...server, database })
  await client.connect()
  await client.query('CREATE TABLE nothing (no text PRIMARY KEY, n int, at text, name text)')
  await client.query('CREATE TABLE sb (no text PRIMARY KEY, name text, at text)')
  return {
    target: { kind: 'db', connection: { ...server, database } },
    reset: async () => void (await client.query('TRUNCATE sb')),
    count: async () => Number((await client.query('SELECT count(*) AS n FROM sb')).rows[0].n),
    async close() {
      await client.end()
      await maintenance.query(`DROP DATABASE ${database} WITH (FORCE)`)
      await maintenance.end()
    },
  }
}

/** It knows each message by its id, and answers at once. */
const openService = async (): Promise<Target> => {
  const ids = new Set<string>()
  const service = fastify()
  service.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, done) => done(null, body))
  service.post('/target', (request, reply) => {
    // The gateway reads the service, too; that is no message.
    const id = /requestId>([^<]*)</.exec(request.body as string)?.[1]
    if (id !== undefined) ids.add(id)
    const answer = '<t:addSupplementResponse><t:return>0|成功</t:return></t:addSupplementResponse>'
    return reply.header('content-type', 'text/xml; charset=utf-8').send(soapEnvelope(answer))
  })
  await service.listen({ host: '127.0.0.1', port: 0 })
  const endpoint = `http://127.0.0.1:${(service.server.address() as AddressInfo).port}/target`
  return {
    target: { kind: 'soap', wsdl: targetWsdl, endpoint },
    reset: async () => ids.clear(),
    count: async () => ids.size,
    close: () => service.close(),
  }
}

const perSecond = ({ ms }: DownReport): number => (messages * 1000) / ms

const measure = async (name: string, { target, reset, count }: Target) => {
  const reports: Record<DownAssignment['competitor'], DownReport[]> = { bare: [], gateway: [] }
  for (let round = 1; round <= rounds; round++) {
    for (const competitor of ['bare', 'gateway'] as const) {
      await reset()
      const prefix = `qz_bench_down_${process.pid}_${name}_${competitor}_${round}`
      const report = await withQueues(prefix, () =>
        withScratch((scratch) => runCompetitor({ competitor, target, prefix, gateway, messages, scratch })),
      )
      if ((await count()) !== messages) throw new Error(`the target has ${await count()} of ${messages} messages`)
      reports[competitor].push(report)
      console.log(
        `${name} ${round}/${rounds} ${competitor}: ${Math.round(perSecond(report))} messages/s, ${Math.round(report.cpuUs / messages)} µs CPU each`,
      )
    }
  }
  const of = (competitor: DownAssignment['competitor'], figure: (report: DownReport) => number) =>
    median(reports[competitor].map(figure))
  const ratio = (figure: (report: DownReport) => number) => Number((of('gateway', figure) / of('bare', figure)).toFixed(3))
  return {
    ratioToBare: ratio(perSecond),
    cpuToBare: ratio(({ cpuUs }) => cpuUs),
    messagesPerSecond: Math.round(of('gateway', perSecond)),
    bareMessagesPerSecond: Math.round(of('bare', perSecond)),
  }
}

const results: Record<string, object> = {}
for (const [name, open] of Object.entries({ db: openDatabase, soap: openService })) {
  const target = await open()
  try {
    results[name] = await measure(name, target)
  } finally {
    await target.close()
  }
}
console.log(JSON.stringify({ messages, rounds, ...results }))
