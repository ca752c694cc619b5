// needs: rabbitmq, postgresql, s3
/** The lane of attachments down over RabbitMQ, into PostgreSQL: gateway and platform are killed on the way, and each content arrives whole and once. */
import { randomBytes } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { partBytes } from '../core/attachments/bucket.ts'
import { digestOf } from './contract/attachment-place.ts'
import { createBucket } from './contract/s3-place.ts'
import { openPostgresql } from './departments/databases.ts'
import { draftOf } from './down-place.ts'
import { openLane } from './fault/lane.ts'
import { laneDownPoints, lanePlanOf } from './fault/points.ts'
import { createRandom } from './fault/random.ts'
import { runCommand } from './run-command.ts'
import { until } from './temporary.ts'

const random = createRandom(20, 'lane')

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

/** `least`: bytes of a large content, so that it goes in several pieces. */
const killAndRead = async (t: Test, least: number, files: Record<string, string> = {}, both = ''): Promise<void> => {
  const { admin, connection } = await openPostgresql(t)
  await admin.query('CREATE TABLE nothing (no text PRIMARY KEY, n int, at text, name text)')
  await admin.query('CREATE TABLE sb (no text NOT NULL); CREATE TABLE cl (no text NOT NULL, mc text NOT NULL, nr bytea)')
  const systems = {
    'config/adapters/one.yaml': system({ ...connection, password: undefined }),
    'mappings/dept/none.yaml': nothing,
    'mappings/dept/down/in.yaml': written,
  }
  const lane = await openLane(t, { ...systems, ...files }, both)
  const { folder, config } = lane

  const shared = randomBytes(1_000_000)
  const cases: Buffer[][] = []
  mkdirSync(join(folder, 'given'))
  const sendCase = async (): Promise<void> => {
    const n = cases.length
    const contents = [randomBytes(least + random(2_000_000)), shared, Buffer.from(`small ${n}`)]
    cases.push(contents)
    for (const bytes of contents) writeFileSync(join(folder, 'given', digestOf(bytes).slice(7)), bytes)
    const materials = contents.map((bytes, at) => ({ name: `M${at}`, form: 'electronic', digest: digestOf(bytes) }))
    const draft = { ...draftOf(`P-${String(n).padStart(3, '0')}`, '甲', { content: { materials } }), flags: undefined }
    writeFileSync(join(folder, 'message.jsonl'), JSON.stringify(draft))
    const words = ['send', join(folder, 'message.jsonl'), '--gateway', lane.gateway, '--system', 'one', '--config', config]
    t.match(await runCommand('platform', ...words, '--attachments', join(folder, 'given')), { codes: [0] })
  }

  await lane.killOften(
    {
      gateway: laneDownPoints.map((point) => lanePlanOf(point, random)),
      platform: [lanePlanOf('carried', random), lanePlanOf('carried', random)],
    },
    sendCase,
  )
  await sendCase()
  const count = async (table: string): Promise<number> => (await admin.query(`SELECT FROM ${table}`)).rowCount!
  await until('all is written', async () => (await count('sb')) >= cases.length, 60_000)
  const store = lane.openPlatformStore()
  await until('and the platform knows', async () => (await store.transfers.list()).length === 0, 60_000)
  await lane.stop()

  const { rows } = await admin.query('SELECT no, mc, nr FROM cl ORDER BY no, mc')
  t.same(
    rows.map(({ no, mc, nr }) => [no, mc, digestOf(nr)]),
    cases.flatMap((contents, n) => contents.map((bytes, at) => [`P-${String(n).padStart(3, '0')}`, `M${at}`, digestOf(bytes)])),
  )
  t.same((await admin.query('SELECT FROM pg_largeobject_metadata')).rowCount, 0)
  const gateway = lane.openGatewayStore()
  t.match(gateway.inbox.books(), [
    { received: cases.length, delivered: cases.length, attachments: 3 * cases.length, arrived: 3 * cases.length, awaited: 0 },
  ])
  const plain = (lines: object[]) => lines.map((line) => ({ ...line, duplicates: 0 }))
  t.same(plain(gateway.inbox.recount()), plain(gateway.inbox.books()))
  t.same(await gateway.attachments.received.partials(), [])
  t.same(lane.leftOver(), [])
  t.same(await store.transfers.list(['stopped']), [])
}

t.test('killed at seeded points, gateway and platform by turns, each content is written whole, and once', (t) =>
  killAndRead(t, 1_500_000),
)

t.test('so it is by a bucket, in which nothing stays', async (t) => {
  const { files, yaml, objects } = await createBucket(t)
  await killAndRead(t, partBytes, files, yaml)
  t.same(await objects(), [])
})
