import { join } from 'node:path'
import t, { type Test } from 'tap'
import { exampleOf } from '../core/canonical/index.ts'
import { firstUnsent } from '../core/exchange.ts'
import type { Gateway } from '../core/gateway.ts'
import { gatewayYaml, systemYaml, writeFiles, writeInstallation } from './contract/department-database.ts'
import { deliverYaml, draftOf, openDown } from './down-place.ts'
import { runCommand } from './run-command.ts'
import { temporaryFolder, until } from './temporary.ts'

/** One table that the platform writes applications to and the department its acceptances; both are read back. */
const tables = `
CREATE TABLE CASES (NO TEXT PRIMARY KEY, ITEM TEXT, NAME TEXT, KIND TEXT, AT TEXT, ACCEPTED TEXT, ACCEPTED_AT TEXT, N INTEGER NOT NULL DEFAULT 0);
CREATE TRIGGER inserted AFTER INSERT ON CASES BEGIN UPDATE CASES SET N = (SELECT max(N) + 1 FROM CASES) WHERE NO = new.NO; END;
CREATE TRIGGER changed AFTER UPDATE OF NAME, AT, ACCEPTED ON CASES BEGIN UPDATE CASES SET N = (SELECT max(N) + 1 FROM CASES) WHERE NO = new.NO; END;
`

const up = `
codes:
  kind: { "1": natural, "2": enterprise }
case: { sourceCaseNo: NO, itemCode: ITEM }
events:
  - type: application.received
    content:
      receivedAt: { from: AT, date: yyyy-MM-dd }
      applicant: { name: NAME, kind: { from: KIND, codes: kind } }
  - type: acceptance.decided
    when: { path: ACCEPTED, equals: "1" }
    content: { decision: { from: ACCEPTED, codes: { "1": accepted } }, decidedAt: { from: ACCEPTED_AT, date: yyyy-MM-dd } }
`
  .replace('codes: { "1": accepted }', 'codes: accepted')
  .replace('  kind:', '  accepted: { "1": accepted }\n  kind:')

const down = `
codes:
  kind: { "1": natural, "2": enterprise }
operations:
  - write: CASES
    type: application.received
    values:
      NO: case/sourceCaseNo
      ITEM: case/itemCode
      NAME: content/applicant/name
      KIND: { from: content/applicant/kind, codes: kind }
      AT: { from: content/receivedAt, date: yyyy-MM-dd }
`

const writes = `
    writes:
      CASES: { table: CASES, key: [NO], mode: upsert, unknown: idempotent }
`

const tableYaml = `
- { item: "0100", name: 设立登记, application.received: down, acceptance.decided: up }
- { item: "0200", name: 窗口办理, application.received: none, acceptance.decided: up }
`

const system = `${systemYaml('one.db').replace('table: SQ', 'table: CASES')}exchange: exchange/one.yaml\n`

const open = async (t: Test, table = tableYaml) => {
  const files = { 'config/exchange/one.yaml': table, 'mappings/dept/one.yaml': up }
  const place = await openDown(t, { options: writes, mapping: down, made: tables, system, files })
  const { gateway } = await place.start()
  const books = () => gateway.store.books()[0]
  const sentUp = () => gateway.store.messageIdsOfCase('P-1')
  return { place, gateway, books, sentUp }
}

const delivered = (gateway: Gateway, count: number) =>
  until('it is written', () => gateway.store.inbox.list({ states: ['delivered'], limit: 100 }).length === count)

const isBalanced = (t: Test, { store }: Gateway): void => {
  t.ok([...store.books(), ...store.inbox.books()].every(({ balanced }) => balanced))
  const plain = (lines: object[]) => lines.map((line) => ({ ...line, duplicates: 0 }))
  t.same(plain(store.recount()), plain(store.books()), 'the lines say the same as the counters')
}

t.test('what the platform wrote itself does not come back as news; what the department adds to it does', async (t) => {
  const { place, gateway, books, sentUp } = await open(t)
  await place.send(draftOf('P-1'))
  await delivered(gateway, 1)
  await until('the echo is recognised', () => books()?.echoes === 1)
  t.match(books(), { read: 1, ignored: 1, echoes: 1, messages: 0, quarantined: 0 })
  t.match(gateway.store.record(1), { disposition: 'ignored', reason: 'echo' })
  t.match(gateway.store.withheldOf(1), [{ identity: 'one:P-1:application.received::', reason: 'echo', inboxSeq: 1 }])
  place.db.exec("UPDATE CASES SET ACCEPTED = '1', ACCEPTED_AT = '2026-03-03'")
  await until('the acceptance goes up', () => books()?.confirmed === 1)
  t.same(sentUp(), ['one:P-1:acceptance.decided:::1'], 'beside it, the application is still an echo')
  t.match(books(), { read: 2, translated: 1, ignored: 1, echoes: 2, messages: 1 })
  isBalanced(t, gateway)
  const { out, codes } = await runCommand('explain', '--record', '2', '--config', place.config)
  t.same(codes, [0])
  t.match(out, /application\.received[^\n]*\n核对 check {5}· 没有发送：是平台自己下发的内容（回声）/)
  const told = await runCommand('books', '--config', place.config)
  t.match(told.out, /回声 echoes/)
})

t.test('a record that is decided again is withheld once', async (t) => {
  const { place, gateway, books } = await open(t)
  await place.send(draftOf('P-1'))
  await delivered(gateway, 1)
  await until('the echo is recognised', () => books()?.echoes === 1)
  place.db.exec("UPDATE CASES SET ACCEPTED = '1', ACCEPTED_AT = '2026-03-03'")
  await until('the acceptance goes up', () => books()?.confirmed === 1)
  const rejected = exampleOf('data.rejected_by_platform')
  const content = { ...rejected.content, messageId: 'one:P-1:acceptance.decided:::1' }
  await place.send({ ...rejected, case: { sourceCaseNo: 'P-1', itemCode: '0100' }, content })
  await until('the record waits', () => books()?.quarantined === 1)
  t.match(await runCommand('quarantine', 'replay', '2', '--config', place.config), { error: undefined })
  await until('it is sent again', () => books()?.confirmed === 2)
  t.match(books(), { echoes: 2, messages: 2, rejected: 1 })
  isBalanced(t, gateway)
})

t.test('a correction by the platform is an echo as well, whichever version is read', async (t) => {
  const { place, gateway, books } = await open(t)
  await place.send(draftOf('P-1', '云远山'), { ...draftOf('P-1', '云远山河'), dataVersion: 2 })
  await delivered(gateway, 2)
  await until(
    'both are recognised, or the last alone was read',
    () => (books()?.echoes ?? 0) >= 1 && books()?.read === books()?.echoes,
  )
  t.match(books(), { messages: 0, quarantined: 0 })
})

t.test(
  'what the department changes in a stage of the platform is a conflict, which waits for a person; neighbours go on',
  async (t) => {
    const { place, gateway, books } = await open(t)
    await place.send(draftOf('P-1'), draftOf('P-2', '云远山'))
    await delivered(gateway, 2)
    await until('both echoes are recognised', () => books()?.echoes === 2)
    place.db.exec("UPDATE CASES SET NAME = '改名' WHERE NO = 'P-1'")
    place.db.exec("INSERT INTO CASES (NO, ITEM, NAME, KIND, AT) VALUES ('W-1', '0100', '自来', '1', '2026-03-02')")
    place.db.exec("UPDATE CASES SET ACCEPTED = '1', ACCEPTED_AT = '2026-03-03' WHERE NO = 'P-2'")
    await until('the neighbour goes up', () => books()?.confirmed === 1)
    t.match(books(), { quarantined: 2, conflicts: 2, messages: 1 })
    const [changed, own] = gateway.store.openQuarantine({ limit: 10 })
    t.match(changed, {
      code: 'EXCHANGE_CONFLICT',
      zh: 'config/exchange/one.yaml:2:53 交换表与 application.received 冲突，字段 /content/applicant/name：该环节由平台负责，部门系统里的内容与平台下发的不同',
      en: /field \/content\/applicant\/name: the platform is its authority, and the department’s system has other content than the platform sent/,
    })
    t.match(own, { code: 'EXCHANGE_CONFLICT', zh: /部门系统却有平台没有下发过的内容/ })
    isBalanced(t, gateway)
  },
)

t.test('what the platform sends in a stage of the department waits for a person, until the table is another', async (t) => {
  const { place, gateway } = await open(t, tableYaml.replace('application.received: down', 'application.received: up'))
  await place.send(draftOf('P-1'), { ...draftOf('P-2'), case: { sourceCaseNo: 'P-2', itemCode: '0200' } })
  await until('both wait', () => gateway.store.inbox.list({ states: ['quarantined'], limit: 10 }).length === 2)
  t.match(gateway.store.inbox.list({ states: ['quarantined'], limit: 10 }), [
    { detail: { code: 'EXCHANGE_CONFLICT', zh: /该环节由部门负责，平台不应下发/ } },
    { detail: { code: 'EXCHANGE_CONFLICT', zh: /该环节不交换，平台不应下发/ } },
  ])
  t.match(gateway.store.inbox.books(), [{ received: 2, open: 2, conflicts: 2, balanced: true }])
  t.same(place.rows('SELECT count(*) AS n FROM CASES'), [{ n: 0 }])
  writeFiles(place.folder, { 'config/exchange/one.yaml': tableYaml })
  await gateway.reload()
  t.match(await runCommand('inbox', 'again', '1', '--reason', '交换表已改', '--config', place.config), { error: undefined })
  await delivered(gateway, 1)
  t.same(place.rows('SELECT NO FROM CASES'), [{ NO: 'P-1' }])
})

t.test(
  'a stage that is not exchanged is not sent, and the books say how often; an item without a row is not guessed',
  async (t) => {
    const { place, gateway, books } = await open(t)
    place.db.exec(`INSERT INTO CASES (NO, ITEM, NAME, KIND, AT, ACCEPTED, ACCEPTED_AT) VALUES
    ('W-1', '0200', '甲', '1', '2026-03-02', '1', '2026-03-03'), ('W-2', '0200', '乙', '1', '2026-03-02', NULL, NULL), ('W-3', '0300', '丙', '1', '2026-03-02', NULL, NULL)`)
    await until('all are read', () => books()?.read === 3)
    await until('the acceptance goes up', () => books()?.confirmed === 1)
    t.match(books(), { translated: 1, ignored: 1, unexchanged: 2, quarantined: 1, conflicts: 0 })
    t.match(gateway.store.openQuarantine({ limit: 10 }), [
      { code: 'EXCHANGE_ITEM_UNKNOWN', zh: /没有事项 0300 的 application\.received，也没有“\*”一行/ },
    ])
    isBalanced(t, gateway)
    t.match(await runCommand('explain', '--record', '2', '--config', place.config), { codes: [0], out: /交换表写明该环节不交换/ })
  },
)

t.test('an echo says no more than what was sent, and may say less', (t) => {
  const sent = { a: '甲', at: '2026-03-02T09:30:00+08:00', list: [{ n: 1 }, { n: 2 }], deep: { x: true } }
  const unsent = (found: unknown) => firstUnsent(found, sent)
  t.equal(unsent(sent), undefined)
  t.equal(unsent({ a: '甲' }), undefined)
  t.equal(unsent({ at: '2026-03-02' }), undefined, 'a column that keeps the day alone')
  t.equal(
    firstUnsent('2026-03-02T09:30:00+08:00', '2026-03-02T09:30:00.250+08:00'),
    undefined,
    'a column without parts of a second',
  )
  t.equal(unsent({ at: '2026-03-02T09:31:00+08:00' }), '/content/at')
  t.equal(unsent({ at: '2026-03-03' }), '/content/at')
  t.equal(unsent({ a: '甲', b: '' }), '/content/b')
  t.equal(unsent({ list: [{ n: 1 }] }), '/content/list', 'a list is whole')
  t.equal(unsent({ list: [{ n: 1 }, { n: 3 }] }), '/content/list/1/n')
  t.equal(unsent({ deep: 'x' }), '/content/deep')
  t.equal(unsent({ deep: [true] }), '/content/deep')
  t.end()
})

const lint = async (t: Test, name: string, table: string, more: Record<string, string> = {}) => {
  const folder = temporaryFolder(t)
  const { config } = writeInstallation(folder, {
    'config/gateway.yaml': `name: one-gateway\n${gatewayYaml}`,
    'config/adapters/one.yaml': `${systemYaml('one.db')}exchange: ${name}\n${deliverYaml(writes)}`,
    'mappings/dept/one.yaml': up,
    'mappings/dept/down/in.yaml': down,
    [join('config', name)]: table,
    ...more,
  })
  const { out } = await runCommand('lint', '--config', config)
  return out
}

t.test('a table is the same as YAML and as CSV, and every mistake in it is told with its cell', async (t) => {
  t.match(await lint(t, 'one.yaml', tableYaml), /配置无误/)
  t.match(
    await lint(t, 'one.csv', 'item,name,application.received,acceptance.decided\n0100,设立,down,up\n*,其余,none,up\n'),
    /配置无误/,
  )
  const wrong: [string, RegExp][] = [
    ['item,application.received,acceptance.decided\n0100,dwon,up\n', /config\/one\.csv:2:6 .*“dwon”应为 up/],
    ['item,application.received,acceptance.decided\n0100,down,\n', /config\/one\.csv:2:11 .*“”应为 up/],
    [
      'item,application.recieved,acceptance.decided\n0100,down,up\n',
      /config\/one\.csv:1:6 .*application\.recieved.*application\.received/,
    ],
    ['item,application.received\n0100,down\n', /没有 acceptance\.decided 一列，而映射产生它/],
    ['item,application.received,acceptance.decided\n0100,down,up\n0100,down,up\n', /config\/one\.csv:3:1 .*事项 0100 已有一行/],
    ['item,application.received,acceptance.decided\n,down,up\n', /缺少 item/],
    [
      'item,application.received,acceptance.decided,review.step\n0100,down,up,up\n',
      /config\/one\.csv:2:14 .*review\.step 由部门报送，映射却不产生它/,
    ],
    [
      'item,application.received,acceptance.decided\n0100,down,down\n',
      /config\/one\.csv:2:11 .*acceptance\.decided 由平台下发，本系统却不写入它/,
    ],
    ['item,application.received,acceptance.decided\n', /没有任何事项/],
    ['item,application.received,acceptance.decided\n0100,down,up,up\n', /此格在表头中没有列名/],
  ]
  for (const [table, expected] of wrong) t.match(await lint(t, 'one.csv', table), expected)
  t.match(
    await lint(t, 'one.yaml', '- { item: "0100", application.received: down }\n- { item: "0200", acceptance.decided: up }\n'),
    /没有写 acceptance\.decided；不交换写 none/,
  )
  t.match(await lint(t, 'one.yaml', 'item: x\n'), /须为列表/)
  t.match(
    await lint(t, 'one.yaml', tableYaml, { 'config/adapters/one.yaml': `${systemYaml('one.db')}exchange: none.csv\n` }),
    /文件不存在/,
  )
})
