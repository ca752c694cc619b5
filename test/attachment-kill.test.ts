// needs: rabbitmq, postgresql
/** The lane of attachments down over RabbitMQ, into PostgreSQL: gateway and platform are killed on the way, and each content arrives whole and once. */
import { randomBytes } from 'node:crypto'
import { mkdirSync, openSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { systemClock } from '../core/clock.ts'
import { openSqliteReceiverStore } from '../core/platform/sqlite-store.ts'
import { openStore } from '../core/store/open-store.ts'
import { digestOf } from './contract/attachment-place.ts'
import { writeFiles } from './contract/department-database.ts'
import { brokerUrl, createRabbitmqPlace } from './contract/rabbitmq-place.ts'
import { connected } from './contract/transport-messages.ts'
import { openPostgresql } from './departments/databases.ts'
import { draftOf } from './down-place.ts'
import { endedByItself, killRunning, type Log, type Program, startProgram } from './fault/children.ts'
import { type LanePoint, lanePoints } from './fault/points.ts'
import { createRandom } from './fault/random.ts'
import { runCommand } from './run-command.ts'
import { temporaryFolder, until } from './temporary.ts'

const seed = 20
const kills = 5
const roles = ['gateway', 'platform'] as const
type Role = (typeof roles)[number]
const random = createRandom(seed, 'lane')

const system = (connection: object): string => `
department: { code: 11150900PDY00001XA, name: 示例局, region: "150900" }
adapter: db
mapping: dept/none
schedule: { every: 1h }
options:
  engine: postgresql
  connection: ${JSON.stringify(connection)}
  streams: [{ table: nothing, key: [no], mode: watermark, watermark: { column: n, kind: number } }]
deliver:
  mapping: dept/in
  parallel: 4
  options:
    writes: { SB: { table: sb, children: [{ name: cl, table: cl, on: { no: no } }], unknown: idempotent } }
    applied: { table: qz_applied, column: id, create: true }
`

const nothing = `
case: { sourceCaseNo: no }
events:
  - { type: application.received, content: { receivedAt: { from: at, date: yyyy-MM-dd }, applicant: { name: name } } }
`

const written = `
operations:
  - write: SB
    values:
      no: case/sourceCaseNo
      cl: { each: content/materials, values: { mc: name, nr: { attachment: digest } } }
`

t.test('killed at seeded points, gateway and platform by turns, each content is written whole, and once', async (t) => {
  const folder = temporaryFolder(t)
  const { admin, connection } = await openPostgresql(t)
  await admin.query('CREATE TABLE nothing (no text PRIMARY KEY, n int, at text, name text)')
  await admin.query('CREATE TABLE sb (no text NOT NULL); CREATE TABLE cl (no text NOT NULL, mc text NOT NULL, nr bytea)')
  const { prefix, open, openAttachments } = await createRabbitmqPlace(t)
  await connected(open({ gateway: 'one-gateway' }))
  await connected(openAttachments({ gateway: 'one-gateway' }) as never)
  const transport = `transport: ${JSON.stringify({ kind: 'rabbitmq', urls: [brokerUrl], prefix, reconnect: { initialMs: 20, maxMs: 200 } })}\n`
  writeFiles(folder, {
    'config/gateway.yaml': `name: one-gateway\nstore: { file: ../gateway.db, reserveBytes: 0 }\n${transport}retry: { first: 20ms, longest: 100ms }\nlog: { level: error }\n`,
    'config/platform.yaml': `${transport}store: { kind: sqlite, file: ../platform.sqlite }\nattachments: { folder: ../sent, reserveBytes: 0 }
sender: { system: city, department: { code: 11150900PDY00001XA, name: 示例平台, region: "150900" } }\n`,
    'config/adapters/one.yaml': system({ ...connection, password: undefined }),
    'mappings/dept/none.yaml': nothing,
    'mappings/dept/down/in.yaml': written,
  })
  const config = join(folder, 'config')
  const log: Log = { file: join(folder, 'output.log'), fd: openSync(join(folder, 'output.log'), 'a') }
  t.teardown(() => killRunning(log))

  const shared = randomBytes(1_000_000)
  const cases: Buffer[][] = []
  mkdirSync(join(folder, 'given'))
  const sendCase = async (): Promise<void> => {
    const n = cases.length
    const contents = [randomBytes(1_500_000 + random(2_000_000)), shared, Buffer.from(`small ${n}`)]
    cases.push(contents)
    for (const bytes of contents) writeFileSync(join(folder, 'given', digestOf(bytes).slice(7)), bytes)
    const materials = contents.map((bytes, at) => ({ name: `M${at}`, form: 'electronic', digest: digestOf(bytes) }))
    const draft = { ...draftOf(`P-${String(n).padStart(3, '0')}`, '甲', { content: { materials } }), flags: undefined }
    writeFileSync(join(folder, 'message.jsonl'), JSON.stringify(draft))
    const words = ['send', join(folder, 'message.jsonl'), '--gateway', 'one-gateway', '--system', 'one', '--config', config]
    t.match(await runCommand('platform', ...words, '--attachments', join(folder, 'given')), { codes: [0] })
  }

  const startDoomed = (role: Role, point: LanePoint): Program => {
    const plan = { point, nth: 1 + random(point === 'chunks' ? 3 : 2), turns: random(4), afterUs: 0 }
    return role === 'platform'
      ? startProgram('test/fault/platform-process.js', [config, `${1 + random(2)}`], log)
      : startProgram('test/fault/gateway-process.js', [config, JSON.stringify(plan)], log)
  }
  const doomed = new Map<Role, Promise<Role>>()
  const killed = { gateway: 0, platform: 0 }
  while (killed.gateway + killed.platform < kills || killed.gateway === 0 || killed.platform === 0) {
    // Something to do for whoever is to die of it.
    await sendCase()
    for (const role of roles) {
      if (doomed.has(role)) continue
      const { ended } = startDoomed(role, lanePoints[killed.gateway % lanePoints.length]!)
      const died = ended.then((how) => {
        if (how.signal !== 'SIGKILL') throw endedByItself(role, how, log)
        return role
      })
      doomed.set(role, died)
    }
    const dead = await Promise.race([...doomed.values(), systemClock.wait(3000).then(() => undefined)])
    if (dead === undefined) continue
    killed[dead] += 1
    doomed.delete(dead)
  }
  killRunning(log)
  const running = [
    startProgram('core/cli/main.js', ['run', '--config', config], log),
    startProgram('test/fault/platform-process.js', [config], log),
  ]
  await sendCase()
  const count = async (table: string): Promise<number> => (await admin.query(`SELECT FROM ${table}`)).rowCount!
  await until('all is written', async () => (await count('sb')) >= cases.length, 60_000)
  const store = openSqliteReceiverStore(join(folder, 'platform.sqlite'), 1)
  t.teardown(() => store.close())
  await until('and the platform knows', async () => (await store.transfers.list()).length === 0, 60_000)
  for (const program of running) program.kill('SIGTERM')
  for (const program of running) t.match(await program.ended, { code: 0 }, readFileSync(log.file, 'utf8'))

  const { rows } = await admin.query('SELECT no, mc, nr FROM cl ORDER BY no, mc')
  t.same(
    rows.map(({ no, mc, nr }) => [no, mc, digestOf(nr)]),
    cases.flatMap((contents, n) => contents.map((bytes, at) => [`P-${String(n).padStart(3, '0')}`, `M${at}`, digestOf(bytes)])),
  )
  t.same((await admin.query('SELECT FROM pg_largeobject_metadata')).rowCount, 0)
  const gateway = openStore(join(folder, 'gateway.db'), 1)
  t.teardown(() => gateway.close())
  t.match(gateway.inbox.books(), [
    { received: cases.length, delivered: cases.length, attachments: 3 * cases.length, arrived: 3 * cases.length, awaited: 0 },
  ])
  const plain = (lines: object[]) => lines.map((line) => ({ ...line, duplicates: 0 }))
  t.same(plain(gateway.inbox.recount()), plain(gateway.inbox.books()))
  t.same(await gateway.attachments.received.partials(), [])
  t.same(readdirSync(join(folder, 'gateway.db.attachments', 'partial')), [])
  t.same(await store.transfers.list(['stopped']), [])
})
