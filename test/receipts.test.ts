import { join } from 'node:path'
import t, { type Test } from 'tap'
import { exampleOf, type MessageDraft, receiptsEvent, receiptsType } from '../core/canonical/index.ts'
import { systemClock } from '../core/clock.ts'
import type { Gateway } from '../core/gateway.ts'
import { loadPlatformConfig } from '../core/platform/config.ts'
import { openPlatform } from '../core/platform/platform.ts'
import { downAddress } from '../core/transport/transport.ts'
import { mappingYaml, openDepartment, systemYaml, writeFiles } from './contract/department-database.ts'
import { deliverYaml, openDown } from './down-place.ts'
import { runCommand } from './run-command.ts'
import { until } from './temporary.ts'

const platformYaml =
  'transport: { kind: embedded, file: ../data/transport.sqlite, pollMs: 20 }\nstore: { kind: sqlite, file: ../data/platform.sqlite }\n'

/** A gateway that only reads, and the platform that receives from it. */
const open = async (t: Test, { isWritten = false, mapping = mappingYaml } = {}) => {
  const made = 'ALTER TABLE SQ ADD DAY TEXT; CREATE TABLE LOG (NO TEXT, WHAT TEXT)'
  const place = await openDown(t, { made, files: { 'mappings/dept/one.yaml': mapping } })
  if (!isWritten) writeFiles(place.folder, { 'config/adapters/one.yaml': systemYaml('one.db') })
  writeFiles(place.folder, { 'config/platform.yaml': platformYaml })
  const started = await place.start()
  const { config, problems } = loadPlatformConfig(join(place.folder, 'config'), {})
  if (!config) throw problems[0]
  const failures: string[] = []
  const startPlatform = () => {
    const platform = openPlatform(config, { clock: systemClock, onFailed: ({ message }) => void failures.push(message) })
    t.teardown(() => platform.close())
    return platform
  }
  const department = openDepartment(place.database)
  t.teardown(() => department.close())
  const books = () => started.gateway.store.books()[0]
  return { ...place, ...started, department, startPlatform, books, failures }
}

const rejection = (messageId: string, more: Partial<MessageDraft> = {}): MessageDraft => {
  const example = exampleOf('data.rejected_by_platform')
  const content = { ...example.content, messageId, errorCode: 'E07', errorText: '事项编码不存在' }
  return { ...example, case: { sourceCaseNo: 'A' }, content, ...more }
}

const idOfA = 'one:A:application.received:::1'

const isBalanced = (t: Test, { store }: Gateway): void => {
  t.ok(
    [...store.books(), ...store.inbox.books()].every(({ balanced }) => balanced),
    JSON.stringify(store.books()),
  )
  const plain = (lines: object[]) => lines.map((line) => ({ ...line, duplicates: 0 }))
  t.same(plain(store.recount()), plain(store.books()), 'the lines say the same as the counters')
}

t.test('the platform answers every message with a receipt over its digest, and the books say what has none yet', async (t) => {
  const { gateway, department, startPlatform, books, config, failures } = await open(t)
  department.put('A')
  department.put('B', '云远山', '2')
  await until('both are with the broker', () => books()?.confirmed === 2)
  t.match(books(), { receipted: 0 })
  startPlatform()
  await until('both are receipted', () => books()?.receipted === 2)
  t.match(books(), { confirmed: 2, receipted: 2, disputed: 0, rejected: 0 })
  t.match((await runCommand('books', '--config', config)).out, /有回执 receipted/)
  isBalanced(t, gateway)
  t.same(failures, [])
})

t.test('a receipt that names another content is disputed, one for no message of ours changes nothing', async (t) => {
  const { gateway, department, books, events, transport } = await open(t)
  const stored: object[] = []
  events.on('receipts:stored', (counts) => void stored.push(counts))
  department.put('A')
  await until('it is with the broker', () => books()?.confirmed === 1)
  const at = '2026-03-02T09:30:00+08:00'
  const digest = '0'.repeat(64)
  const send = (id: string, body: string) =>
    transport.publish({ id, type: receiptsType, address: downAddress('one-gateway'), lane: 'x', body, sentAt: 0 })
  const receipts = [
    { id: idOfA, digest, outcome: 'accepted' as const, at },
    { id: 'one:Z:application.received:::1', digest, outcome: 'accepted' as const, at },
  ]
  await send('r1', receiptsEvent('r1', 'one-gateway', receipts))
  await until('they are taken', () => stored.length === 1)
  t.match(stored, [{ disputed: 1, unknown: 1, accepted: 0 }])
  t.match(books(), { confirmed: 1, receipted: 0, disputed: 1 })
  isBalanced(t, gateway)
  await send('r2', receiptsEvent('r2', 'another-gateway', receipts))
  await send('r3', '{}')
  await until('what is none of ours is refused', () => gateway.store.inbox.list({ states: ['refused'], limit: 9 }).length === 2)
})

t.test(
  'a late rejection overturns what was accepted, and holds the case until it is sent again under the next version',
  async (t) => {
    const { gateway, department, startPlatform, books, send, config, db } = await open(t)
    const platform = startPlatform()
    department.put('A')
    department.put('B', '云远山')
    await until('both are receipted', () => books()?.receipted === 2)
    await send(rejection(idOfA))
    await until('the record waits in quarantine', () => books()?.quarantined === 1)
    t.match(books(), { translated: 1, quarantined: 1, receipted: 1, rejected: 1 })
    isBalanced(t, gateway)
    t.match(gateway.store.openQuarantine({ limit: 9 }), [
      { recordSeq: 1, code: 'MESSAGE_OVERTURNED', zh: /平台退回了已收下的消息 one:A:application\.received:::1，代码 E07/ },
    ])
    t.match((await runCommand('explain', idOfA, '--config', config)).codes, [0], 'and it is still explained')
    t.match(gateway.store.inbox.books(), [{ received: 1, delivered: 1, balanced: true }])
    t.match((await runCommand('inbox', 'show', '1', '--raw', '--config', config)).out, /事项编码不存在/)

    t.match(await runCommand('quarantine', 'replay', '1', '--config', config), { error: undefined })
    await until('it is with the platform again', () => books()?.receipted === 2)
    t.same(
      gateway.store.messageIdsOfCase('A').map((id) => id.at(-1)),
      ['1', '2'],
      'the same content is sent again: the platform has not kept the first',
    )
    t.match(books(), { translated: 2, quarantined: 0, messages: 3, receipted: 2, rejected: 1 })
    t.match((await runCommand('explain', '--record', '1', '--config', config)).codes, [0])
    isBalanced(t, gateway)

    await send(rejection('one:B:application.received:::1', { case: { sourceCaseNo: 'B' } }))
    await until('B waits', () => books()?.quarantined === 1)
    db.exec("UPDATE SQ SET NAME = '云远', N = 9 WHERE NO = 'B'")
    await until('its correction takes its place', () => books()?.receipted === 2 && books()?.messages === 4)
    t.same(gateway.store.openQuarantine({ limit: 9 }), [])
    t.match(books(), { read: 3, translated: 2, ignored: 1, rejected: 2 })
    isBalanced(t, gateway)
    t.equal(
      (await platform.store.counts()).reduce((sum, { conflicts }) => sum + conflicts, 0),
      0,
    )
  },
)

t.test('a rejection of the newest fact of a record that was superseded since is shown, too', async (t) => {
  const mapping = `${mappingYaml.replace('codes:', 'codes:\n  accepted: { "1": accepted, "2": accepted }')}  - type: acceptance.decided
    content: { decision: { from: KIND, codes: accepted }, decidedAt: { from: DAY, date: yyyy-MM-dd } }
`
  const place = await open(t, { mapping })
  const { gateway, books, send, db } = place
  place.startPlatform()
  db.exec("INSERT INTO SQ VALUES ('A', '甲', '1', '2026-03-02 09:00:00', 1, '2026-03-03')")
  await until('both facts are with the platform', () => books()?.receipted === 2)
  await send(rejection(idOfA))
  await until('the first is rejected', () => books()?.quarantined === 1)
  db.exec("UPDATE SQ SET NAME = '乙', N = 9 WHERE NO = 'A'")
  await until('it is corrected by its source', () => books()?.receipted === 2 && books()?.quarantined === 0)
  await send({ ...rejection('one:A:acceptance.decided:::1'), stage: { sequence: '2' } })
  await until('the second waits for a person', () => books()?.quarantined === 1)
  t.match(gateway.store.openQuarantine({ limit: 9 }), [{ recordSeq: 1, code: 'MESSAGE_OVERTURNED' }])
  t.match(
    (await runCommand('quarantine', 'show', '1', '--config', place.config)).out,
    /先前 earlier {2}\S+ \S+ MESSAGE_OVERTURNED {2}superseded: \S+ \S+ gateway superseded by record 2/,
    'how the first rejection of the record ended stays on record',
  )
  isBalanced(t, gateway)
  t.match(await runCommand('quarantine', 'replay', '1', '--config', place.config), { error: undefined })
  await until('and is sent again', () => gateway.store.messageIdsOfCase('A').includes('one:A:acceptance.decided:::2'))
  t.match(books(), { quarantined: 0, rejected: 2 })
  isBalanced(t, gateway)
})

t.test('past its retention a message is neither receipted unseen nor replayed in silence', async (t) => {
  const { gateway, department, books, config, transport, send, events } = await open(t)
  department.put('A')
  await until('it is with the broker', () => books()?.confirmed === 1)
  gateway.store.commit(() => gateway.store.prune(Date.now() + 1000, 0, 10))
  const stored: object[] = []
  events.on('receipts:stored', (counts) => void stored.push(counts))
  const receipts = [{ id: idOfA, digest: '0'.repeat(64), outcome: 'accepted' as const, at: '2026-03-02T09:30:00+08:00' }]
  const body = receiptsEvent('r1', 'one-gateway', receipts)
  await transport.publish({ id: 'r1', type: receiptsType, address: downAddress('one-gateway'), lane: 'x', body, sentAt: 0 })
  await until('it is taken', () => stored.length === 1)
  t.match(stored, [{ unknown: 1, accepted: 0 }])
  await send(rejection(idOfA))
  await until('the rejection is taken', () => books()?.quarantined === 1)
  t.match(await runCommand('quarantine', 'replay', '--all', '--config', config), { codes: [1], out: /RECORD_EXPIRED/ })
})

t.test(
  'a rejection that comes again, or of what has been sent anew since, opens nothing; one of no message is refused',
  async (t) => {
    const { gateway, department, startPlatform, books, send } = await open(t)
    startPlatform()
    department.put('A', '甲')
    await until('it is receipted', () => books()?.receipted === 1)
    department.put('A', '乙')
    await until('so is its correction', () => books()?.receipted === 2)
    await send(rejection(idOfA))
    await until('it is rejected', () => books()?.rejected === 1)
    t.match(books(), { quarantined: 0, receipted: 1, translated: 2 })
    await send({ ...rejection(idOfA), dataVersion: 2 })
    await until('both rejections are taken', () => gateway.store.inbox.list({ states: ['delivered'], limit: 9 }).length === 2)
    t.match(books(), { rejected: 1 })
    await send({ ...rejection('one:Z:application.received:::1'), stage: { sequence: '9' } })
    await until('it is refused', () => gateway.store.inbox.list({ states: ['refused'], limit: 9 }).length === 1)
    t.match(gateway.store.inbox.list({ states: ['refused'], limit: 9 }), [{ detail: { code: 'MESSAGE_UNKNOWN' } }])
    isBalanced(t, gateway)
  },
)

t.test('where the mapping of deliver has an operation for rejections, they are written to the system, too', async (t) => {
  const place = await open(t, { isWritten: true })
  const down = `operations:
  - { write: LOG, type: data.rejected_by_platform, values: { NO: case/sourceCaseNo, WHAT: content/errorText } }
`
  writeFiles(place.folder, {
    'mappings/dept/down/in.yaml': down,
    'config/adapters/one.yaml': systemYaml('one.db') + deliverYaml('\n    writes: { LOG: { table: LOG, unknown: manual } }\n'),
  })
  await place.gateway.reload()
  place.startPlatform()
  place.department.put('A')
  await until('it is receipted', () => place.books()?.receipted === 1)
  await place.send(rejection(idOfA))
  await until('it is overturned', () => place.books()?.quarantined === 1)
  await until('and written', () => place.rows('SELECT * FROM LOG').length === 1)
  t.same(place.rows('SELECT * FROM LOG'), [{ NO: 'A', WHAT: '事项编码不存在' }])
})
