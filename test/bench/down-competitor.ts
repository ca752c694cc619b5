/** The process of one competitor on the way down: takes what waits in the queues, writes it to the target, and reports. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { connect } from 'amqplib'
import pg from 'pg'
import { fetch } from 'undici'
import { stringify } from 'yaml'
import { loadConfig } from '../../core/config/load.ts'
import { createEvents } from '../../core/events.ts'
import { startGateway } from '../../core/gateway.ts'
import { loadAdapters } from '../../core/registry.ts'
import { queueName } from '../../core/transport/rabbitmq/topology.ts'
import { downAddress } from '../../core/transport/transport.ts'
import { partitions } from './assignment.ts'

export type DownTarget =
  | { kind: 'db'; connection: { host: string; user: string; database: string } }
  | { kind: 'soap'; wsdl: string; endpoint: string }

export interface DownAssignment {
  competitor: 'bare' | 'gateway'
  target: DownTarget
  prefix: string
  gateway: string
  messages: number
  scratch: string
}

export interface DownReport {
  /** From before the first connection is opened until the last message is written and acknowledged. */
  ms: number
  /** User and system time of the process in that span, in microseconds. */
  cpuUs: number
}

interface Event {
  id: string
  data: { case: { sourceCaseNo: string }; content: { receivedAt: string; applicant: { name: string } } }
}

const openWriter = async (target: DownTarget) => {
  if (target.kind === 'db') {
    const pool = new pg.Pool({ ...target.connection, max: partitions })
    return {
      write: async ({ data: { case: key, content } }: Event) =>
        void (await pool.query(
          'INSERT INTO sb (no, name, at) VALUES ($1, $2, $3) ON CONFLICT (no) DO UPDATE SET name = excluded.name, at = excluded.at',
          [key.sourceCaseNo, content.applicant.name, content.receivedAt.slice(0, 10)],
        )),
      close: () => pool.end(),
    }
  }
  return {
    async write({ id, data: { case: key, content } }: Event) {
      const escaped = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
      const body = `<?xml version="1.0" encoding="utf-8"?><soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/"><soap:Body><addSupplement xmlns="urn:target"><requestId>${escaped(id)}</requestId><SBLSH>${escaped(key.sourceCaseNo)}</SBLSH><BZ>${escaped(content.applicant.name)}</BZ></addSupplement></soap:Body></soap:Envelope>`
      const headers = { 'content-type': 'text/xml; charset=utf-8', soapaction: '"urn:target/addSupplement"' }
      const answer = await fetch(target.endpoint, { method: 'POST', headers, body })
      if (!(await answer.text()).includes('0|')) throw new Error('the service has refused it')
    },
    close: async () => undefined,
  }
}

/** What a careful programmer would write: each partition in its order, acknowledged when it is written; no store, no retry, no books. */
const runBare = async ({ target, prefix, gateway, messages }: DownAssignment): Promise<void> => {
  const writer = await openWriter(target)
  const model = await connect('amqp://127.0.0.1:5672', { noDelay: true })
  let left = messages
  await new Promise<void>((resolve, reject) => {
    const take = async (partition: number): Promise<void> => {
      const channel = await model.createChannel()
      await channel.prefetch(50)
      let last = Promise.resolve()
      await channel.consume(queueName(prefix, downAddress(gateway), partition), (message) => {
        if (message === null) return
        last = last.then(async () => {
          await writer.write(JSON.parse(String(message.content)) as Event)
          channel.ack(message)
          left -= 1
          if (left === 0) resolve()
        })
        last.catch(reject)
      })
    }
    for (let partition = 0; partition < partitions; partition++) take(partition).catch(reject)
  })
  await model.close()
  await writer.close()
}

const deliverOf = (target: DownTarget): object => {
  if (target.kind === 'db')
    return {
      mapping: 'bench/down',
      parallel: partitions,
      options: { writes: { SB: { table: 'sb', key: ['no'], mode: 'upsert', unknown: 'idempotent' } } },
    }
  const rules = [{ path: 'addSupplementResponse/return', matches: '(?<code>0)\\|(?<text>.*)', means: 'accepted' }]
  const write = { operation: 'addSupplement', id: 'requestId', rules, unknown: 'idempotent' }
  const service = { wsdl: target.wsdl, endpoint: target.endpoint }
  return { mapping: 'bench/down', parallel: partitions, options: { service, writes: { SB: write } } }
}

const adapterOf = (target: DownTarget): object =>
  target.kind === 'db'
    ? {
        adapter: 'db',
        options: {
          engine: 'postgresql',
          connection: target.connection,
          streams: [{ table: 'nothing', key: ['no'], mode: 'watermark', watermark: { column: 'n', kind: 'number' } }],
        },
      }
    : {
        adapter: 'soap',
        options: {
          wsdl: target.wsdl,
          endpoint: target.endpoint,
          operation: 'find',
          answer: { kind: 'typed', records: 'findResponse/return' },
          stream: 'nothing',
          key: ['.'],
        },
      }

const valuesOf = ({ kind }: DownTarget): object =>
  kind === 'db'
    ? { no: 'case/sourceCaseNo', name: 'content/applicant/name', at: { from: 'content/receivedAt', date: 'yyyy-MM-dd' } }
    : { SBLSH: 'case/sourceCaseNo', BZ: 'content/applicant/name' }

const install = ({ target, prefix, gateway, scratch }: DownAssignment): string => {
  const nothing = {
    case: { sourceCaseNo: 'no' },
    events: [
      {
        type: 'application.received',
        content: { receivedAt: { from: 'at', date: 'yyyy-MM-dd' }, applicant: { name: 'name' } },
      },
    ],
  }
  const files: Record<string, object> = {
    'config/gateway.yaml': {
      name: gateway,
      store: { file: '../gateway.db' },
      transport: { kind: 'rabbitmq', prefix, partitions },
      log: { level: 'error' },
    },
    'config/adapters/bench.yaml': {
      department: { code: '11150900PDY000028A', name: '乌兰察布市示例局', region: '150900' },
      mapping: 'bench/nothing',
      schedule: { every: '1h' },
      ...adapterOf(target),
      deliver: deliverOf(target),
    },
    'mappings/bench/nothing.yaml': nothing,
    'mappings/bench/down/down.yaml': { operations: [{ write: 'SB', type: 'application.received', values: valuesOf(target) }] },
  }
  for (const [name, value] of Object.entries(files)) {
    mkdirSync(join(scratch, name, '..'), { recursive: true })
    writeFileSync(join(scratch, name), stringify(value))
  }
  return join(scratch, 'config')
}

const openGateway = async (assignment: DownAssignment) => {
  const context = { adapters: await loadAdapters(), env: process.env }
  const { config, problems } = await loadConfig(install(assignment), context)
  if (!config) throw new AggregateError(problems, problems.map(({ message }) => message).join('\n'))
  return async (): Promise<void> => {
    const events = createEvents()
    let left = assignment.messages
    const done = new Promise<void>((resolve, reject) => {
      events.on('message:undecided', (what) => reject(new Error(JSON.stringify(what))))
      events.on('message:settled', ({ state }) => {
        if (state !== 'delivered') reject(new Error(state))
        left -= 1
        if (left === 0) resolve()
      })
    })
    const gateway = startGateway({ config, context, events })
    await done
    await gateway.stop()
  }
}

const assignment = JSON.parse(process.argv[2] ?? '') as DownAssignment
const run = assignment.competitor === 'gateway' ? await openGateway(assignment) : () => runBare(assignment)
const startedAt = performance.now()
const cpuAtStart = process.cpuUsage()
await run()
const { user, system } = process.cpuUsage(cpuAtStart)
const report: DownReport = { ms: performance.now() - startedAt, cpuUs: user + system }
process.send?.(report)
process.disconnect()
