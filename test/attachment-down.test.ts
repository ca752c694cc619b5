/** Attachments from the platform to a department's database: sent by its command, waited for, written, and counted by both sides. */
import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { openAttachmentFiles } from '../core/attachments/attachment-files.ts'
import { systemClock } from '../core/clock.ts'
import type { Gateway } from '../core/gateway.ts'
import { loadPlatformConfig, type PlatformConfig } from '../core/platform/config.ts'
import { openPlatform } from '../core/platform/platform.ts'
import { digestOf, limits } from './contract/attachment-place.ts'
import { draftOf, openDown } from './down-place.ts'
import { runCommand } from './run-command.ts'
import { until } from './temporary.ts'

const mapping = `
operations:
  - write: SB
    type: application.received
    values:
      NO: case/sourceCaseNo
      CL: { each: content/materials, values: { MC: name, NR: { attachment: digest } } }
  - write: NOTE
    type: result.collected
    values: { NO: case/sourceCaseNo }
`

const options = `
    writes:
      SB: { table: SB, mode: upsert, key: [NO], children: [{ name: CL, table: CL, on: { NO: NO } }], unknown: idempotent }
      NOTE: { table: NOTE, unknown: idempotent }
    applied: { table: QZ_APPLIED, create: true }
`

const made = 'CREATE TABLE SB (NO TEXT PRIMARY KEY); CREATE TABLE CL (NO TEXT, MC TEXT, NR BLOB); CREATE TABLE NOTE (NO TEXT)'

const platformYaml = `
transport: { kind: embedded, file: ../data/transport.sqlite, pollMs: 10 }
store: { kind: sqlite, file: ../data/platform.sqlite }
sender:
  system: city
  department: { code: 11150900PDY00001XA, name: 示例平台, region: "150900" }
attachments: { folder: ../platform-attachments, reserveBytes: 0 }
`

const withMaterials = (no: string, ...contents: Buffer[]) =>
  draftOf(no, '甲', {
    content: { materials: contents.map((bytes, n) => ({ name: `材料${n}`, form: 'electronic', digest: digestOf(bytes) })) },
  })

const collected = (no: string) => ({
  type: 'result.collected',
  case: { sourceCaseNo: no, itemCode: '0100' },
  content: { collectedAt: '2026-03-05T09:30:00+08:00', collector: { name: '甲' } },
})

const open = async (t: Test) => {
  const place = await openDown(t, { mapping, options, made, files: { 'config/platform.yaml': platformYaml } })
  const { folder, config } = place
  const materials = join(folder, 'materials')
  mkdirSync(materials)
  const give = (...contents: Buffer[]): void => {
    for (const bytes of contents) writeFileSync(join(materials, `${digestOf(bytes).slice(7, 17)}.pdf`), bytes)
  }
  /** As a person does it. */
  const send = (drafts: object[], ...more: string[]) => {
    const file = join(folder, 'messages.jsonl')
    writeFileSync(file, drafts.map((draft) => JSON.stringify({ ...draft, flags: undefined })).join('\n'))
    return runCommand(...['platform', 'send', file, '--gateway', 'one-gateway', '--system', 'one', '--config', config], ...more)
  }
  const failures: string[] = []
  const startPlatform = (changes: Partial<PlatformConfig['attachments']> = {}) => {
    const loaded = loadPlatformConfig(config, {})
    if (!loaded.config) throw loaded.problems[0]
    const attachments = { ...loaded.config.attachments, ...changes }
    const onFailed = ({ message }: Error) => void failures.push(message)
    const platform = openPlatform({ ...loaded.config, attachments }, { clock: systemClock, onFailed })
    t.teardown(() => platform.close())
    return platform
  }
  const written = (no: string) =>
    (place.rows(`SELECT NR FROM CL WHERE NO = '${no}' ORDER BY MC`) as { NR: Buffer | null }[]).map(({ NR }) => NR)
  const files = openAttachmentFiles(join(folder, 'data/gateway.db.attachments'), limits)
  return { ...place, materials, give, send, startPlatform, failures, written, files }
}

const delivered = ({ store }: Gateway): number => store.inbox.list({ states: ['delivered'], limit: 100 }).length

const balanced = (t: Test, { store }: Gateway): void => {
  const plain = (lines: object[]) => lines.map((line) => ({ ...line, duplicates: 0 }))
  t.ok(store.inbox.books().every((line) => line.balanced))
  t.same(plain(store.inbox.recount()), plain(store.inbox.books()))
}

t.test('an application goes down with its materials, and both books say so', async (t) => {
  const place = await open(t)
  const { gateway } = await place.start()
  const platform = place.startPlatform()
  const [scan, plan, small] = [randomBytes(3_456_789), randomBytes(600_000), Buffer.alloc(0)]
  place.give(scan, plan, small)
  const sent = await place.send(
    [withMaterials('P-1', scan, plan, small), withMaterials('P-2', scan)],
    '--attachments',
    place.materials,
  )
  t.match(sent, { codes: [0], out: /附件 3 个由 qianzhi platform 送出/ })
  await until('both are written', () => delivered(gateway) === 2)
  t.ok(place.written('P-1')[0]!.equals(scan))
  t.ok(place.written('P-1')[1]!.equals(plan))
  t.same(place.written('P-1')[2], Buffer.alloc(0))
  t.ok(place.written('P-2')[0]!.equals(scan))
  balanced(t, gateway)
  t.match(gateway.store.inbox.books(), [{ received: 2, delivered: 2, attachments: 4, arrived: 4, awaited: 0 }])
  t.match(await gateway.store.attachments.received.counts(), [{ gateway: 'one-gateway', arrived: 3, different: 0, refused: 0 }])
  const isAnswered = async () => (await platform.store.transfers.list(['arrived'])).length === 3
  await until('the platform is told', isAnswered)
  t.match(await runCommand('platform', 'attachments', '--config', place.config), { out: /没有未送达的附件/, codes: [0] })
  t.match(
    (await runCommand('platform', 'attachments', '--all', '--config', place.config)).out,
    /sha256:\S+ +one-gateway .*送达 arrived/,
  )
  t.match((await runCommand('books', '--config', place.config)).out, /附件 attachments +到齐 arrived/)
  t.same(place.failures, [])

  // The gateway may have removed what it had: whoever sends again does not rely on it.
  place.files.remove(digestOf(plan))
  gateway.store.commit(() => gateway.store.attachments.remove(digestOf(plan), 1))
  await place.send([withMaterials('P-3', plan, scan)])
  await until('it is written', () => delivered(gateway) === 3)
  t.ok(place.written('P-3')[0]!.equals(plan), 'and what the platform keeps need not be given again')
})

t.test('a message waits for its attachments in sight of everybody, and holds back its own case alone', async (t) => {
  const place = await open(t)
  const { gateway } = await place.start()
  const scan = randomBytes(1_200_000)
  place.give(scan)
  await place.send([withMaterials('P-1', scan), collected('P-1'), collected('P-2')], '--attachments', place.materials)
  await until('the other case is written', () => delivered(gateway) === 1)
  const waits = () => gateway.store.inbox.awaited(1)
  await until('it waits', () => waits().length === 1)
  t.same(waits(), [{ digest: digestOf(scan), size: null, there: 0 }])
  t.match(
    gateway.store.inbox.list({ states: ['ready', 'waiting'], limit: 9 }).map(({ seq, state, dueAt }) => ({ seq, state, dueAt })),
    [
      { seq: 1, state: 'ready', dueAt: null },
      { seq: 2, state: 'waiting' },
    ],
  )
  balanced(t, gateway)
  t.match(gateway.store.inbox.books({})[0], { attachments: 1, arrived: 0, awaited: 1 })
  const listed = await runCommand('inbox', 'list', '--state', 'open', '--config', place.config)
  t.match(listed.out, new RegExp(`等附件 waits for attachment ${digestOf(scan)}`))
  t.match(
    (await runCommand('inbox', 'show', '1', '--config', place.config)).out,
    /等附件 waits for attachment sha256:\w+ 0 B \/ \?/,
  )
  t.match(JSON.parse((await runCommand('inbox', 'list', '--state', 'open', '--json', '--config', place.config)).out), [
    { seq: 1, awaited: [{ digest: digestOf(scan), there: 0 }] },
    { seq: 2, awaited: [] },
  ])
  t.match((await runCommand('status', '--config', place.config)).out, /等附件 \/ waiting for attachments: 1/)
  t.match((await runCommand('platform', 'attachments', '--config', place.config)).out, /待送 open +0%/)

  await gateway.stop()
  const again = await place.start()
  t.equal(delivered(again.gateway), 1, 'a restart changes nothing')
  place.startPlatform()
  await until('all are written', () => delivered(again.gateway) === 3)
  t.ok(place.written('P-1')[0]!.equals(scan))
  balanced(t, again.gateway)
})

t.test('what never comes is left to a person, who may do without it', async (t) => {
  const place = await open(t)
  const { gateway } = await place.start()
  const never = Buffer.from('what nobody has')
  t.match(await place.send([withMaterials('P-1', never)], '--attachments', place.materials), {
    error: { code: 'ATTACHMENT_NOT_GIVEN' },
  })
  t.same(gateway.store.inbox.books(), [], 'nothing was sent')
  await place.send([withMaterials('P-1', never), collected('P-1')])
  await until('it waits', () => gateway.store.inbox.awaited(1).length === 1)
  t.match(await runCommand('inbox', 'discard', '1', '--reason', '材料在窗口', '--config', place.config), { out: /1: 不再写入/ })
  await until('the case goes on', () => delivered(gateway) === 1)
  balanced(t, gateway)
  t.match(gateway.store.inbox.books({})[0], { ignored: 1, attachments: 0, awaited: 0 })
})

t.test(
  'an attachment that the gateway refuses as too large stops at the platform with its reason, until it may be larger',
  async (t) => {
    const place = await open(t)
    const file = join(place.config, 'gateway.yaml')
    const yaml = readFileSync(file, 'utf8')
    writeFileSync(file, `${yaml}limits: { maxAttachmentBytes: 5000 }\n`)
    const { gateway } = await place.start()
    const platform = place.startPlatform()
    const scan = randomBytes(5001)
    place.give(scan)
    await place.send([withMaterials('P-1', scan)], '--attachments', place.materials)
    const stopped = async () => (await platform.store.transfers.list(['stopped']))[0]
    await until('it stops', async () => (await stopped()) !== undefined)
    t.match(await stopped(), {
      digest: digestOf(scan),
      detail: { code: 'ATTACHMENT_TOO_LARGE_THERE', en: /5001 bytes.*5000 at most/ },
    })
    t.match(await runCommand('platform', 'attachments', '--config', place.config), {
      codes: [1],
      out: /待决定 stopped.*至多收 5000 字节/,
    })
    t.match(place.failures, [/至多收 5000 字节/])
    await gateway.stop()
    writeFileSync(file, yaml)
    const again = await place.start()
    const words = ['platform', 'attachments', 'resend', digestOf(scan), '--config', place.config, '--gateway']
    t.match(await runCommand(...words, 'one-gateway'), { out: /从头重送/ })
    t.match(await runCommand(...words, 'another'), { error: { code: 'ATTACHMENT_UNKNOWN' } })
    await until('it is written', () => delivered(again.gateway) === 1)
  },
)

t.test('a content whose file has changed on the gateway is never written, and may come again', async (t) => {
  const place = await open(t)
  const { gateway, events } = await place.start()
  const platform = place.startPlatform()
  const scan = randomBytes(400_000)
  place.give(scan)
  await place.send([withMaterials('P-1', scan)], '--attachments', place.materials)
  await until('it is written', () => delivered(gateway) === 1)
  writeFileSync(place.files.pathOf(digestOf(scan)), Buffer.alloc(scan.length))
  const undecided: string[] = []
  events.on('message:undecided', ({ id }) => void undecided.push(id))
  await platform.close()
  await place.send([withMaterials('P-2', scan)])
  await until('a person is asked', () => undecided.length === 1)
  t.match(gateway.store.inbox.list({ states: ['quarantined'], limit: 1 }), [{ seq: 2, detail: { code: 'ATTACHMENT_DAMAGED' } }])
  t.same(place.written('P-2'), [])
  t.notOk(existsSync(place.files.pathOf(digestOf(scan))))
  await runCommand('inbox', 'again', '2', '--reason', '平台重送', '--config', place.config)
  await until('it waits', () => gateway.store.inbox.awaited(2).length === 1)
  place.startPlatform()
  await until('it is written', () => delivered(gateway) === 2)
  t.ok(place.written('P-2')[0]!.equals(scan))
  balanced(t, gateway)
})

t.test('a file stays while a message that names it is not finished, and goes with its body', async (t) => {
  const place = await open(t)
  const { gateway } = await place.start()
  const platform = place.startPlatform()
  const [scan, other] = [Buffer.from('a scan'), Buffer.from('another')]
  place.give(scan, other)
  const { attachments, inbox, commit } = gateway.store
  await place.send([withMaterials('P-1', scan)], '--attachments', place.materials)
  await until('it is written', () => delivered(gateway) === 1)
  await platform.close()
  await place.send([withMaterials('P-2', scan, other)], '--attachments', place.materials)
  await until('it waits', () => inbox.awaited(2).length === 1)
  const now = Date.now() + 1000
  commit(() => inbox.prune(now, 0, 100))
  t.same(attachments.removable(now, 9), [], 'the second message needs it, too')
  place.startPlatform()
  await until('it is written', () => delivered(gateway) === 2)
  t.same(attachments.removable(Date.now() + 1000, 9), [])
  commit(() => inbox.prune(Date.now() + 1000, 0, 100))
  t.same(attachments.removable(Date.now() + 1000, 9).sort(), [digestOf(scan), digestOf(other)].sort())
  t.same(readdirSync(join(place.files.folder, 'partial')), [])
})
