/** The gateway as it is installed: a folder of configuration, the store synced at every commit, the log in a file. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { keepHeapSmall } from '../../core/cli/heap.ts'
import { logEvents, openLog } from '../../core/cli/log.ts'
import { loadConfig } from '../../core/config/load.ts'
import { createEvents } from '../../core/events.ts'
import { type Gateway, startGateway } from '../../core/gateway.ts'
import { packageRoot } from '../../core/package-root.ts'
import { loadAdapters } from '../../core/registry.ts'
import { type Assignment, type Competitor, partitions } from './assignment.ts'

const systemOf = ({ source, department, every, overlap }: Assignment): object => {
  const bench = { department, mapping: 'bench/case', schedule: { every } }
  if (source.kind === 'db') {
    const connection = { host: '127.0.0.1', database: source.database, user: 'postgres' }
    const watermark = { column: '更新时间', kind: 'time', zone: '+00:00', overlap }
    const streams = [{ table: source.table, key: ['办件编号'], mode: 'watermark', watermark }]
    return { ...bench, adapter: 'db', options: { engine: 'postgresql', connection, streams } }
  }
  if (source.kind === 'file') {
    const { folder } = source
    const what = { pattern: '*.xml', format: 'xml', charset: 'gb18030', records: '办件交换/办件', stream: '{element}' }
    return { ...bench, adapter: 'file', options: { folder, ...what, key: ['办件编号'], complete: { by: 'rename' } } }
  }
  return {
    department,
    adapter: 'soap',
    mapping: 'housing/permit',
    schedule: { every },
    options: {
      wsdl: source.wsdl,
      endpoint: source.endpoint,
      operation: 'query',
      charset: 'GBK',
      parameters: { xmlString: { document: { Query: { PageNo: '{page}', PageSize: '{pageSize}' } }, encoding: 'GBK' } },
      answer: { kind: 'xml-string', part: 'queryResponse/return', records: 'Answer/Data/ExInfo' },
      success: { over: 'document', path: 'Answer/Code', equals: ['0'], textPath: 'Answer/Message' },
      stream: '{standardInfo/@process}',
      key: ['standardInfo/@id'],
      paging: { kind: 'page', size: source.pageSize },
    },
  }
}

/** A row has no materials, and a mapping that reads what its table has not is not run. */
const writeRowMapping = (scratch: string): string => {
  const folder = join(scratch, 'mappings')
  mkdirSync(join(folder, 'bench'), { recursive: true })
  const [above] = readFileSync(join(packageRoot, 'test/bench/mappings/bench/case.yaml'), 'utf8').split(/^ +materials:$/m)
  writeFileSync(join(folder, 'bench', 'case.yaml'), above!)
  return folder
}

const writeConfig = (assignment: Assignment): string => {
  const folder = join(assignment.scratch, 'config')
  mkdirSync(join(folder, 'adapters'), { recursive: true })
  const mappings =
    assignment.source.kind === 'db'
      ? writeRowMapping(assignment.scratch)
      : join(packageRoot, assignment.source.kind === 'soap' ? 'mappings' : 'test/bench/mappings')
  const { prefix, window } = assignment
  const gateway = {
    store: { file: '../store/gateway.db' },
    transport: { kind: 'rabbitmq', prefix, window, partitions },
    mappings,
    log: { level: 'info', file: join(assignment.scratch, 'gateway.log') },
  }
  writeFileSync(join(folder, 'gateway.yaml'), stringify(gateway))
  writeFileSync(join(folder, 'adapters', 'bench.yaml'), stringify(systemOf(assignment)))
  return folder
}

export const createGateway = async (assignment: Assignment): Promise<Competitor> => {
  keepHeapSmall()
  const context = { adapters: await loadAdapters(), env: process.env }
  const { config, problems } = await loadConfig(writeConfig(assignment), context)
  if (!config) throw new AggregateError(problems, problems.map(({ message }) => message).join('\n'))
  const { level, file } = config.options.log
  const log = openLog(level, file)
  const events = createEvents()
  logEvents(events, log)
  let gateway: Gateway | undefined
  return {
    go: () =>
      new Promise((resolve, reject) => {
        let confirmed = 0
        events.on('messages:confirmed', ({ count }) => {
          confirmed += count
          if (confirmed === assignment.messages) resolve()
        })
        events.on('record:quarantined', ({ error }) => reject(error))
        events.on('source:failed', ({ error }) => reject(error))
        gateway = startGateway({ config, context, events })
      }),
    async close() {
      await gateway?.stop()
    },
  }
}
