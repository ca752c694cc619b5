/** A gateway and a platform installed in a folder, as an operator would: configuration, mapping, nothing else. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { codes, sentTable, stages } from './legacy.ts'

export const system = 'hall'

export interface Installation {
  config: string
  gatewayStore: string
  platformStore: string
}

const readingBy = {
  time: { mode: 'watermark', watermark: { column: 'changed_at', kind: 'time', overlap: '3s' } },
  number: { mode: 'watermark', watermark: { column: 'change', kind: 'number' } },
  flag: { mode: 'flag', flag: { column: 'taken', pending: ['0'], done: '1' } },
  'anti-join': { mode: 'anti-join', antiJoin: { table: sentTable, columns: ['id'] } },
}

const mapping = () => {
  const at = { from: 'at', date: 'yyyy-MM-dd HH:mm:ss', required: true }
  const coded = (table: string) => ({ from: 'code', codes: table, required: true })
  const content = {
    'application.received': {
      receivedAt: at,
      kind: coded('kind'),
      applicant: { name: 'applicant', kind: coded('applicantKind') },
    },
    'acceptance.decided': { decidedAt: at, decision: coded('decision') },
    'review.step': { nodeName: { constant: '审核' }, endedAt: at, decision: coded('opinion') },
    'case.closed': { decidedAt: at, outcome: coded('outcome') },
    'result.collected': { collectedAt: at, way: coded('way') },
  }
  const values = {
    kind: 'promise',
    applicantKind: 'natural',
    decision: 'accepted',
    opinion: 'agreed',
    outcome: 'granted_without_document',
    way: 'window',
  }
  return {
    summary: '崩溃测试用的办件大厅 / The service hall of the crash test',
    standard: { name: 'CRASH', version: '1' },
    zone: '+08:00',
    onFailure: 'quarantine',
    codes: Object.fromEntries(Object.entries(values).map(([name, value]) => [name, { [codes.good]: value }])),
    case: { sourceCaseNo: 'case_no', itemCode: 'item_code', itemName: 'item_name' },
    events: stages.map(({ table, type, field }) => ({
      type,
      when: { path: '$stream', equals: table },
      ...(table === 'reviews' && { stage: { sequence: 'sequence' } }),
      occurredAt: at,
      content: { ...content[type], [field]: 'version' },
    })),
  }
}

/** Pauses are short, so that the next kill need not wait for them; everything else is as in a real installation. */
export const install = (folder: string, broker: { url: string; prefix: string }, connection: object): Installation => {
  const config = join(folder, 'config')
  const [gatewayStore, platformStore] = [join(folder, 'gateway.db'), join(folder, 'platform.sqlite')]
  const transport = { kind: 'rabbitmq', urls: [broker.url], prefix: broker.prefix, reconnect: { initialMs: 20, maxMs: 200 } }
  const files = {
    'config/gateway.yaml': {
      store: { file: gatewayStore, reserveBytes: 0 },
      transport,
      retry: { first: '50ms', longest: '500ms' },
      mappings: '../mappings',
      log: { level: 'error' },
    },
    'config/platform.yaml': { transport, store: { kind: 'sqlite', file: platformStore } },
    [`config/adapters/${system}.yaml`]: {
      department: { code: '11150900PDY000028A', name: '乌兰察布市市场监督管理局', region: '150900' },
      adapter: 'db',
      mapping: 'hall/case',
      schedule: { every: '20ms' },
      backoff: { first: '50ms', longest: '500ms' },
      options: {
        engine: 'postgresql',
        connection,
        batchSize: 50,
        streams: stages.map(({ table, mode }) => ({ table, key: ['id'], ...readingBy[mode] })),
      },
    },
    'mappings/hall/case.yaml': mapping(),
  }
  for (const name of ['config/adapters', 'mappings/hall']) mkdirSync(join(folder, name), { recursive: true })
  for (const [name, value] of Object.entries(files)) writeFileSync(join(folder, name), stringify(value))
  return { config, gatewayStore, platformStore }
}
