/** A gateway with one system that is written to, and the platform that writes to it. */
import { join } from 'node:path'
import Database from 'better-sqlite3'
import type { Test } from 'tap'
import { exampleOf, type MessageDraft } from '../core/canonical/index.ts'
import type { Clock } from '../core/clock.ts'
import { loadConfig } from '../core/config/load.ts'
import { createEvents } from '../core/events.ts'
import { startGateway } from '../core/gateway.ts'
import { downMessageOf, sendDown } from '../core/platform/send.ts'
import { loadAdapters } from '../core/registry.ts'
import { openEmbedded } from '../core/transport/embedded.ts'
import type { OutgoingMessage } from '../core/transport/transport.ts'
import { gatewayYaml, openDepartment, systemYaml, writeInstallation } from './contract/department-database.ts'
import { connected, realClock } from './contract/transport-messages.ts'
import { temporaryFolder, until } from './temporary.ts'

export const downYaml = `
codes:
  kind: { "1": natural, "2": enterprise }
operations:
  - write: SB
    type: application.received
    values:
      NO: case/sourceCaseNo
      NAME: { from: content/applicant/name, required: true }
      KIND: { from: content/applicant/kind, codes: kind }
      AT: { from: content/receivedAt, date: yyyy-MM-dd HH:mm:ss }
  - write: LOG
    type: application.received
    values: { NO: case/sourceCaseNo, WHAT: { constant: 收件 } }
  - write: LOG
    type: supplement.received
    values: { NO: case/sourceCaseNo, WHAT: { constant: 补正 } }
ignore:
  - { when: { path: content/channel, equals: window }, reason: 窗口件 }
`

export const writes = `
    writes:
      SB: { table: SB, key: [NO], unknown: confirm }
      LOG: { table: LOG, unknown: idempotent }
    applied: { table: QZ_APPLIED, create: true }
`

export const deliverYaml = (options = writes, more = ''): string => `
deliver:
  mapping: dept/in
  confirmAfter: 20ms
  ${more}
  options:${options}`

const tables = 'CREATE TABLE SB (NO TEXT PRIMARY KEY, NAME TEXT, KIND TEXT, AT TEXT); CREATE TABLE LOG (NO TEXT, WHAT TEXT)'

export const draftOf = (
  no: string,
  name = '巴特尔·额尔敦',
  more: Partial<MessageDraft> & { content?: object } = {},
): MessageDraft => ({
  type: 'application.received',
  case: { sourceCaseNo: no, itemCode: '0100' },
  flags: [],
  ...more,
  content: { receivedAt: '2026-03-02T09:30:00+08:00', applicant: { name, kind: 'natural' }, ...more.content },
})

export const supplementOf = (no: string, sequence: string): MessageDraft => ({
  ...exampleOf('supplement.received'),
  case: { sourceCaseNo: no, itemCode: '0100' },
  stage: { sequence },
})

const source = {
  system: 'city',
  department: '11150900PDY00001XA',
  region: '150900',
  adapter: 'platform',
  mapping: 'platform',
  mappingVersion: '1',
}

/** `system`: the file of the system, but for its `deliver`. */
export const openDown = async (
  t: Test,
  {
    options = writes,
    mapping = downYaml,
    made = tables,
    system = systemYaml('one.db'),
    deliver = '',
    files = {},
  }: {
    options?: string
    deliver?: string
    mapping?: string
    made?: string
    system?: string
    files?: Record<string, string>
  } = {},
) => {
  const folder = temporaryFolder(t)
  const { config, database } = writeInstallation(folder, {
    'config/gateway.yaml': `name: one-gateway\n${gatewayYaml}retry: { first: 20ms, longest: 100ms }\n`,
    'config/adapters/one.yaml': system + deliverYaml(options, deliver),
    'mappings/dept/down/in.yaml': mapping,
    ...files,
  })
  openDepartment(database).close()
  const db = new Database(database)
  t.teardown(() => db.close())
  db.exec(made)
  const transport = openEmbedded(
    { file: join(folder, 'data/transport.sqlite'), partitions: 4, window: 500, pollMs: 10 },
    realClock,
  )
  transport.open()
  t.teardown(() => transport.close(0))
  const start = async (clock: Clock = realClock) => {
    const context = { adapters: await loadAdapters(), env: {} }
    const loaded = await loadConfig(config, context)
    if (!loaded.config) throw loaded.problems[0]
    const events = createEvents()
    const failures: string[] = []
    events.on('store:paused', ({ error }) => failures.push(error.message))
    const gateway = startGateway({ config: loaded.config, context, events, clock })
    t.teardown(() => gateway.stop())
    await until('the gateway is connected', () => gateway.transport.state().state === 'connected')
    return { gateway, events, failures }
  }
  await connected(transport)
  const message = (draft: MessageDraft, system = 'one'): OutgoingMessage =>
    downMessageOf(draft, { source, gateway: 'one-gateway', system }, realClock)
  const sendAll = (...messages: OutgoingMessage[]) => sendDown(transport, messages, realClock)
  const send = (...drafts: MessageDraft[]) => sendAll(...drafts.map((draft) => message(draft)))
  const rows = (sql: string) => db.prepare(sql).all()
  return { folder, config, database, db, transport, start, draftOf, message, send, sendAll, rows }
}
