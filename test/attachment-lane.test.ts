// needs: rabbitmq, postgresql, s3
/** Attachments from a department's database to the platform's folder, over both transports, through kills. */
import { type ChildProcess, fork } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import t, { type Test } from 'tap'
import { openAttachmentFiles } from '../core/attachments/attachment-files.ts'
import { systemClock } from '../core/clock.ts'
import { loadConfig } from '../core/config/load.ts'
import { createEvents } from '../core/events.ts'
import { startGateway } from '../core/gateway.ts'
import { packageRoot } from '../core/package-root.ts'
import { loadPlatformConfig, type PlatformConfig } from '../core/platform/config.ts'
import { openPlatform } from '../core/platform/platform.ts'
import { loadAdapters } from '../core/registry.ts'
import { digestOf, limits, openSendingPlace } from './contract/attachment-place.ts'
import { gatewayYaml, writeFiles, writeInstallation } from './contract/department-database.ts'
import { createDatabase } from './contract/platform-place.ts'
import { brokerUrl, createRabbitmqPlace } from './contract/rabbitmq-place.ts'
import { createBucket } from './contract/s3-place.ts'
import { connected } from './contract/transport-messages.ts'
import { runCommand } from './run-command.ts'
import { temporaryFolder, until } from './temporary.ts'

const adapters = await loadAdapters()

const mapping = `
case: { sourceCaseNo: NO }
events:
  - type: supplement.received
    content:
      receivedAt: { from: AT, date: yyyy-MM-dd HH:mm:ss }
      materials: { each: ., fields: { name: NAME, digest: SCAN/digest, size: { from: SCAN/size, number: true } } }
`

const system = `
department: { code: 11150900PDY00001XA, name: 示例局, region: "150900" }
adapter: db
mapping: dept/one
schedule: { every: 20ms }
options:
  engine: sqlite
  connection: { file: ../one.db }
  streams:
    - { table: CL, key: [NO], mode: watermark, watermark: { column: N, kind: number }, attachments: [{ column: SCAN, fileName: NAME }] }
`

interface Meeting {
  transportYaml: string
  storeYaml: string
  /** Of both sides. */
  bucketYaml?: string
  files?: Record<string, string>
}

const embedded = async (): Promise<Meeting> => ({
  transportYaml: 'transport: { kind: embedded, file: ../data/transport.sqlite, pollMs: 20 }\n',
  storeYaml: 'store: { kind: sqlite, file: ../data/platform.sqlite }\n',
})

const servers = async (t: Test): Promise<Meeting> => {
  const { options } = await createDatabase(t)
  const { prefix, open } = await createRabbitmqPlace(t)
  await connected(open({ gateway: 'one-gateway' }))
  return {
    transportYaml: `transport: { kind: rabbitmq, urls: ["${brokerUrl}"], prefix: ${prefix} }\n`,
    storeYaml: `store: ${JSON.stringify({ kind: 'postgresql', ...options, password: undefined })}\n`,
  }
}

const serversAndBucket = async (t: Test): Promise<Meeting> => {
  const { yaml, files } = await createBucket(t)
  return { ...(await servers(t)), bucketYaml: yaml, files }
}

const open = async (t: Test, { transportYaml, storeYaml, bucketYaml = '', files = {} }: Meeting) => {
  const folder = temporaryFolder(t)
  const { config, database } = writeInstallation(folder, {
    'config/gateway.yaml': `name: one-gateway\n${gatewayYaml.replace(/transport: .*\n/, transportYaml)}${bucketYaml}retry: { first: 20ms, longest: 100ms }\n`,
    ...files,
    'config/adapters/one.yaml': system,
    'mappings/dept/one.yaml': mapping,
  })
  writeFiles(folder, {
    'config/platform.yaml': `${transportYaml}${storeYaml}${bucketYaml}attachments: { folder: ../received, reserveBytes: 0 }\n`,
  })
  const db = new Database(database)
  t.teardown(() => db.close())
  db.exec('CREATE TABLE CL (NO TEXT PRIMARY KEY, NAME TEXT, AT TEXT, SCAN BLOB, N INTEGER NOT NULL)')
  const put = (no: string, scan: Buffer) =>
    void db
      .prepare("INSERT OR REPLACE INTO CL VALUES (?, ?, '2026-03-02 09:00:00', ?, (SELECT coalesce(max(N), 0) + 1 FROM CL))")
      .run(no, `${no}.pdf`, scan)
  const loaded = await loadConfig(config, { adapters, env: {} })
  if (!loaded.config) throw loaded.problems[0]
  const gateway = startGateway({ config: loaded.config, context: { adapters, env: {} }, events: createEvents() })
  t.teardown(() => gateway.stop())
  const platformConfig = loadPlatformConfig(config, {})
  if (!platformConfig.config) throw platformConfig.problems[0]
  const failures: string[] = []
  const startPlatform = (changes: Partial<PlatformConfig> = {}) => {
    const platform = openPlatform(
      { ...platformConfig.config!, ...changes },
      { clock: systemClock, onFailed: ({ message }) => void failures.push(message) },
    )
    t.teardown(() => platform.close())
    return platform
  }
  const received = openAttachmentFiles(join(folder, 'received'), limits)
  const sum = (column: string): number =>
    gateway.store.books().reduce((total, line) => total + (line as unknown as Record<string, number>)[column]!, 0)
  return { folder, config, put, gateway, startPlatform, failures, received, sum }
}

for (const [name, meet] of Object.entries({
  embedded,
  'rabbitmq and postgresql': servers,
  'rabbitmq, postgresql and a bucket': serversAndBucket,
})) {
  t.test(`${name}: what a department scans arrives at the platform, verified, and both books say so`, async (t) => {
    const { config, put, gateway, startPlatform, failures, received, sum } = await open(t, await meet(t))
    const scans = [randomBytes(7_654_321), Buffer.from('a small scan'), Buffer.alloc(0)]
    for (const [n, scan] of scans.entries()) put(`N${n}`, scan)
    put('N3', scans[0]!)
    await until('all is with the broker', () => sum('sent') === 3 && sum('confirmed') === 4)
    t.match(gateway.store.books()[0], { attachments: 3, arrived: 0, unsent: 0, balanced: true })
    t.match((await runCommand('attachments', '--config', config)).out, /已送 sent/)
    const platform = startPlatform()
    await until('all have arrived', () => sum('arrived') === 3)
    for (const scan of scans) t.ok(readFileSync(received.pathOf(digestOf(scan))).equals(scan))
    t.same(gateway.store.recount(), gateway.store.books())
    const [line, ...others] = await platform.store.attachments.counts()
    t.same(others, [])
    t.match(line, { gateway: 'one-gateway', arrived: 3, different: 0, refused: 0, duplicates: 0 })
    t.match(await runCommand('attachments', '--config', config), { codes: [0], out: /每个|没有未送达的附件/ })
    t.match(JSON.parse((await runCommand('attachments', '--config', config, '--all', '--json')).out), { length: 3 })
    t.match((await runCommand('books', '--config', config)).out, /附件 attachments +已送 sent +送达 arrived/)
    t.match((await runCommand('platform', '--counts', '--config', config)).out, /附件送达 arrived/)

    const digest = digestOf(scans[1]!)
    t.match(await runCommand('attachments', 'resend', digest, '--config', config), { codes: [], out: /将从头重送/ })
    await until(
      'it is asked for again, and is there',
      () => sum('arrived') === 3 && gateway.store.attachments.transfer(digest)?.restarts === 1,
    )
    const never = digestOf(Buffer.from('never'))
    t.match((await runCommand('attachments', 'resend', never, '--config', config)).error, { code: 'ATTACHMENT_UNKNOWN' })
    t.same(failures, [])
  })
}

t.test('an attachment that the platform refuses as too large stops with its reason, until it may be larger', async (t) => {
  const { put, startPlatform, failures, sum, folder, gateway, config } = await open(t, await embedded())
  put('A', randomBytes(5000))
  const limited = { folder: join(folder, 'received'), maxBytes: 4999, reserveBytes: 0, partials: '7d' }
  const strict = startPlatform({ attachments: limited })
  const standing = () => gateway.store.attachments.transfers({ states: ['stopped'], limit: 1 })[0]
  await until('it stops', () => standing() !== undefined)
  t.match(standing(), { detail: { code: 'ATTACHMENT_TOO_LARGE_THERE', zh: /5000 字节.*至多收 4999 字节/ } })
  t.match(await strict.store.attachments.counts(), [{ refused: 1, arrived: 0 }])
  t.match((await runCommand('attachments', '--config', config)).codes, [1])
  await strict.close()
  startPlatform()
  await runCommand('attachments', 'resend', standing()!.digest, '--config', config)
  await until('with a higher limit it arrives', () => sum('arrived') === 1)
  t.same(failures, [])
})

t.test('with too little room on the platform nothing is lost: it arrives when there is room', async (t) => {
  const { put, startPlatform, failures, sum, folder } = await open(t, await embedded())
  const scan = randomBytes(1_500_000)
  put('A', scan)
  const full = startPlatform({
    attachments: { folder: join(folder, 'received'), maxBytes: 9e9, reserveBytes: 9e17, partials: '7d' },
  })
  await until('it says so', () => failures.some((message) => /剩余不足/.test(message)))
  await full.close()
  startPlatform()
  await until('it has arrived', () => sum('arrived') === 1)
})

type Role = 'send' | 'receive'

interface Child {
  child: ChildProcess
  /** One when it runs, and one for each commit. */
  signs: number
}

/** A process of its own that sends, or receives, until it is killed. */
const startChild = (t: Test, role: Role, folder: string): Child => {
  const child = fork(join(packageRoot, 'dist/test/contract/attachment-process.js'), [role, folder], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  t.teardown(() => child.kill('SIGKILL'))
  const started = { child, signs: 0 }
  child.on('message', () => {
    started.signs += 1
  })
  return started
}

t.test('killed again and again at any point, on both sides, it goes on and arrives as it was', async (t) => {
  const folder = temporaryFolder(t)
  const content = randomBytes(24_000_000)
  const place = openSendingPlace(t, folder)
  const digest = await place.put(content)
  const small = await place.put(Buffer.from('a small one'))
  const received = openAttachmentFiles(join(folder, 'received'), limits)
  const isThere = () => received.has(digest) && received.has(small)
  const seen: number[] = []
  const children = new Map<Role, Child>()
  let kills = 0
  for (; !isThere() || kills < 4; kills++) {
    for (const role of ['send', 'receive'] as const) {
      if (!children.has(role)) children.set(role, startChild(t, role, folder))
      await until(`${role} runs`, () => children.get(role)!.signs > 0, 60_000)
    }
    const role: Role = kills % 2 === 0 ? 'send' : 'receive'
    const victim = children.get(role)!
    // After some commits more, or when there are none to come: at a point that nobody has chosen.
    const [wanted, late] = [victim.signs + 1 + Math.floor(Math.random() * 4), Date.now() + 3000]
    await until('there is progress', () => isThere() || victim.signs >= wanted || Date.now() > late)
    children.delete(role)
    const ended = once(victim.child, 'exit')
    victim.child.kill('SIGKILL')
    await ended
    const { state, confirmed } = place.standing(digest)!
    t.not(state, 'stopped')
    seen.push(confirmed)
  }
  t.ok(readFileSync(received.pathOf(digest)).equals(content), `it has arrived after ${kills} kills`)
  t.ok(readFileSync(received.pathOf(small)).equals(Buffer.from('a small one')))
  const rising = [...seen].sort((a, b) => a - b)
  t.same(seen, rising, 'what is confirmed never goes back')
})
