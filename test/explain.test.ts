import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import t, { type Test } from 'tap'
import { systemClock } from '../core/clock.ts'
import type { SourceRecord } from '../core/contract.ts'
import { createRoute, translateAhead } from '../core/decide.ts'
import { createEvents } from '../core/events.ts'
import { explainRecord } from '../core/explain/explain.ts'
import { tryRecord } from '../core/explain/retrace.ts'
import { loadMapping } from '../core/mapping/load.ts'
import { traceMapping } from '../core/mapping/trace-mapping.ts'
import { packageRoot } from '../core/package-root.ts'
import { createPipeline } from '../core/pipeline.ts'
import { openStore } from '../core/store/open-store.ts'
import { readYaml } from '../core/yaml.ts'
import { mappingYaml, openDepartment, writeFiles, writeInstallation } from './contract/department-database.ts'
import { runCommand } from './run-command.ts'
import { temporaryFolder } from './temporary.ts'

const plugged = `plugin: ./own.ts\n${mappingYaml.replace(
  'name: NAME,',
  'name: { from: NAME, call: plain }, address: ADDRESS,',
)}  - type: review.step
    when: { path: KIND, equals: "5" }
    content: { endedAt: { from: ENDED, date: yyyy-MM-dd HH:mm:ss } }
`
const ownTs = "export const plain = (text: string): string => text.replace('·', '')\n"

/** A department's applications, read by the gateway once: A becomes a message, B is in quarantine for its code. */
const install = async (t: Test, files: Record<string, string> = {}) => {
  const folder = temporaryFolder(t)
  const { config, database } = writeInstallation(folder, {
    'mappings/dept/one.yaml': plugged,
    'mappings/dept/own.ts': ownTs,
    ...files,
  })
  const department = openDepartment(database)
  department.exec('ALTER TABLE SQ ADD ADDRESS TEXT; ALTER TABLE SQ ADD ENDED TEXT; ALTER TABLE SQ ADD BZ TEXT')
  department.put('A', '巴特尔·额尔敦', '2')
  department.put('B', '乙', '7')
  department.close()
  const once = async () => t.same(await runCommand('run', '--once', '--config', config).then(({ error }) => error), undefined)
  await once()
  const explain = (...words: string[]) => runCommand('explain', ...words, '--config', config)
  const explained = async (...words: string[]) => {
    const { out, codes, error } = await explain(...words, '--json')
    if (error) throw error
    return { codes, ...JSON.parse(out) }
  }
  return { folder, config, database, once, explain, explained, store: join(folder, 'data', 'gateway.db') }
}

const idOfA = 'one:A:application.received:::1'

t.test('a message is led back to its column, its line in the mapping and each step', async (t) => {
  const { explained, explain } = await install(t)
  const told = await explained(idOfA)
  t.match(told, {
    codes: [0],
    reproduced: true,
    outcome: 'messages',
    record: { seq: 1, route: 'one', stream: 'SQ', key: 'A', hash: /^[0-9a-f]{64}$/, disposition: 'translated' },
    mapping: { name: 'dept/one', version: /^[0-9a-f]{16}$/ },
    messages: [{ id: idOfA, check: 'same', at: 'mappings/dept/one.yaml:7:5' }],
  })
  t.match((await explained(idOfA, 'applicant.kind')).messages[0].fields, [
    {
      pointer: '/content/applicant/kind',
      rule: { at: 'mappings/dept/one.yaml:10:79', path: 'KIND' },
      found: [{ place: 'KIND', received: '2' }],
      steps: [{ kind: 'codes', before: '2', after: 'enterprise', by: 'kind', at: 'mappings/dept/one.yaml:4:30' }],
      outcome: 'set',
      provenance: 'mapped',
    },
  ])
  const spoken = await explain(idOfA, '/content/applicant/kind')
  t.match(spoken.out, /记录 record +1 {2}one \/ SQ \/ A {2}\[translated\]\n收到 received +\d{4}-/)
  t.match(spoken.out, /核对 check +✓ 重算所得的类型、内容、标记、来由、比对键与已存消息一致/)
  t.match(
    spoken.out,
    /\/content\/applicant\/kind {2}"enterprise" {2}查表 mapped\n.*mappings\/dept\/one\.yaml:10:79\n.*KIND → KIND {2}"2"\n.*"2" → "enterprise" {2}kind {2}mappings\/dept\/one\.yaml:4:30/,
  )
  t.notMatch(spoken.out, /receivedAt/, 'one field, and no other')
  t.match(await explain('1', 'applicant.kind'), { out: spoken.out }, 'by the number of its record, too')
})

t.test('personal values are masked by their class unless they are asked for', async (t) => {
  const { explain, explained } = await install(t)
  for (const words of [[idOfA], [idOfA, '--json'], ['--record', '1'], ['--record', '1', '--json']]) {
    const { out } = await explain(...words)
    t.notMatch(out, /额尔敦/, words.join(' '))
    t.match((await explain(...words, '--unmasked')).out, /巴特尔·额尔敦/)
  }
  const [name] = (await explained(idOfA, 'applicant.name')).messages[0].fields
  t.match(name, { value: '巴*****', steps: [{ kind: 'call', before: '巴******', by: 'plain' }], provenance: 'derived' })
})

t.test(
  'a name is masked inside of other texts of its record, and a number of somebody in what the record is called',
  async (t) => {
    const { explain, once, database } = await install(t, {
      'mappings/dept/one.yaml': plugged.replace('sourceCaseNo: NO', 'sourceCaseNo: NO, itemName: BZ'),
    })
    const id = '152601197803124521'
    new Database(database)
      .exec(`INSERT INTO SQ (NO, NAME, KIND, AT, N, BZ) VALUES
      ('${id}', '欧阳远山', '2', '2026-03-02 09:00:00', 8, '欧阳远山住宅改建'), ('F', '戊', '2', '2026-03-02 09:00:00', 9, '戊字第五号')`)
      .close()
    await once()
    for (const words of [['3'], ['3', '--json'], ['--record', '3'], ['--record', '3', '--json']]) {
      const { out } = await explain(...words)
      t.notMatch(out, /远山|SQ \/ 1526|"key":"1526/, words.join(' '))
      t.match(out, /欧\*\*\*住宅改建/, words.join(' '))
      t.match((await explain(...words, '--unmasked')).out, /欧阳远山住宅改建/)
    }
    t.match((await explain('4')).out, /戊字第五号/, 'a single character is no name')
  },
)

t.test('what a code or a time could not be made of is masked as in the error, also where a condition saw it', async (t) => {
  const { explained, explain, once, database } = await install(t, {
    'mappings/dept/one.yaml': plugged.replace('    content:\n', '    when: { not: { path: KIND, equals: "9" } }\n    content:\n'),
  })
  const department = new Database(database)
  department.exec(`INSERT INTO SQ (NO, NAME, KIND, AT, N) VALUES
    ('C', '丙', '欧阳远山', '2026-03-02 09:00:00', 8), ('D', '丁', '1', '工农路3号欧阳远山', 9)`)
  department.close()
  await once()
  const { quarantine, before, messages, conditions } = await explained('--record', '3')
  const lines = [...before, ...messages.flatMap(({ fields }: { fields: unknown[] }) => fields)]
  t.match(quarantine.zh, /“欧\*\*\*”/)
  t.match(
    lines.find(({ pointer }) => pointer === '/content/applicant/kind'),
    {
      found: [{ received: '欧***' }],
      steps: [{ kind: 'codes', before: '欧***' }],
    },
  )
  t.match(conditions[0].found, [{ received: '欧***' }])
  for (const words of [['3'], ['3', '--json'], ['4'], ['4', '--json']])
    t.notMatch((await explain('--record', ...words)).out, /远山|工农/, words.join(' '))
  t.match((await explain('--record', '3', '--unmasked')).out, /欧阳远山/)
  t.same((await explained('--record', '2')).conditions[0].found[0].received, '7', 'a code stays')
})

t.test(
  'what a condition saw is masked as the fields that read it are; what no field reads is, unless the mapping says it',
  async (t) => {
    const condition = '{ any: [{ path: NAME, equals: 丁 }, { path: BZ, equals: 无 }, { path: KIND, equals: "5" }] }'
    const { explained, once, database } = await install(t, {
      'mappings/dept/one.yaml': plugged.replace('{ path: KIND, equals: "5" }', condition),
    })
    const department = new Database(database)
    department.exec(`INSERT INTO SQ (NO, NAME, KIND, AT, N, BZ) VALUES
    ('C', '丙·其其格', '1', '2026-03-02 09:00:00', 8, '家住恩和路'), ('D', '丁', '1', '2026-03-02 09:00:00', 9, '无')`)
    department.close()
    await once()
    const seen = async (caseNo: string, ...words: string[]) => {
      const { conditions } = await explained(`one:${caseNo}:application.received:::1`, ...words)
      return conditions.flatMap(({ found }: { found: { received: string }[] }) => found.map(({ received }) => received))
    }
    t.same(await seen('C'), ['丙****', '（5 字/characters）', '1'])
    t.same(await seen('C', '--unmasked'), ['丙·其其格', '家住恩和路', '1'])
  },
)

t.test('a field that is absent says why: nothing there, no rule, not reached, or written by the gateway', async (t) => {
  const { explained, explain } = await install(t)
  const about = async (id: string, field: string) => (await explained(id, field)).messages[0]
  t.match(await about(idOfA, 'applicant.address'), {
    fields: [{ outcome: 'absent', found: [{ place: 'ADDRESS', holds: 'nil' }], rule: { path: 'ADDRESS' } }],
  })
  t.match(await about(idOfA, 'subject'), { field: '/content/subject', why: 'unmapped', fields: [] })
  t.match(await about(idOfA, '/data/seenAt'), { why: 'stamped' })
  t.match(await about('2', 'receivedAt'), { field: '/content/receivedAt', why: 'unreached' })
  t.match((await explain(idOfA, 'subject')).out, /映射没有这个字段的规则/)
  const ofCase = await explain('A')
  t.match(ofCase.error, {
    code: 'COMMAND_USAGE',
    message: /"A" is the number of a case; say which of its messages: .*one:A:application\.received:::1/,
  })
  t.match((await explain('AA')).error, { message: /neither the id of a message nor the number of a record/ })
  t.match(await explain(idOfA, 'applicant.nmae'), {
    error: { code: 'FIELD_UNKNOWN', message: /Did you mean "\/content\/applicant\/name"/ },
  })
})

t.test('of an expression every place is told, also one that is not there; a placeholder is shown as it is', async (t) => {
  const joined = plugged.replace(
    'address: ADDRESS,',
    `address: { expression: "$optional('ADDRESS') & $text('NAME') & $optional('BZ')" },`,
  )
  const { explained, explain, once, database, folder } = await install(t, { 'mappings/dept/one.yaml': joined })
  writeFiles(folder, { 'mappings/dept/one.yaml': `placeholders: [无]\n${joined}` })
  new Database(database)
    .exec("INSERT INTO SQ (NO, NAME, KIND, AT, N, ADDRESS) VALUES ('C', '丙丁', '2', '2026-03-02 09:00:00', 9, '无')")
    .close()
  await once()
  const [line] = (await explained('one:C:application.received:::1', 'applicant.address')).messages[0].fields
  t.match(line, {
    found: [
      { place: 'ADDRESS', received: '无' },
      { place: 'NAME', received: '（2 字/characters）' },
      { place: 'BZ', holds: 'nil' },
    ],
  })
  t.match((await explain('one:C:application.received:::1', 'applicant.address')).out, /ADDRESS {2}"无"\n/)
  const { mapping } = await loadMapping(join(folder, 'mappings'), 'dept/one')
  const traced = await traceMapping(mapping!)
  const row = { NO: 'D', NAME: '戊', KIND: '2', AT: '2026-03-02 09:00:00' }
  tryRecord(traced, { stream: 'SQ', key: 'D', body: JSON.stringify(row), contentType: 'application/json' })
  const lines = traced.trace.fields.filter(({ pointer }) => pointer === '/content/applicant/address')
  t.match(lines, [{ found: [{ place: 'ADDRESS', holds: 'nothing' }, { place: 'NAME' }, { place: 'BZ', holds: 'nothing' }] }])
})

t.test('of a record with several messages, a field is told of those that have it', async (t) => {
  const both = plugged.replace('{ path: KIND, equals: "5" }', '{ path: ENDED, present: true }')
  const { explained, explain, database, once } = await install(t, { 'mappings/dept/one.yaml': both })
  new Database(database)
    .exec(
      "INSERT INTO SQ (NO, NAME, KIND, AT, N, ENDED) VALUES ('C', '丙丁', '2', '2026-03-02 09:00:00', 9, '2026-03-02 10:00:00')",
    )
    .close()
  await once()
  const told = await explained('3', 'endedAt')
  t.match(told.messages, [{ type: 'review.step', field: '/content/endedAt', fields: [{ rule: { path: 'ENDED' } }] }])
  t.equal(told.messages.length, 1)
  t.equal((await explained('3', 'occurredAt')).messages.length, 2)
  t.match(await explain('3', 'nothing'), { error: { code: 'FIELD_UNKNOWN' } })
})

t.test(
  'a record in quarantine is explained up to the rule that failed, and an event that was not made by its condition',
  async (t) => {
    const { explained, explain } = await install(t)
    const told = await explained('--record', '2')
    t.match(told, {
      codes: [0],
      outcome: 'failed',
      reproduced: true,
      error: { code: 'CODE_UNKNOWN' },
      quarantine: { code: 'CODE_UNKNOWN', state: 'open' },
      messages: [{ type: 'application.received', check: 'unsent' }],
    })
    t.match(told.messages[0].fields.at(-1), { pointer: '/content/applicant/kind', outcome: 'failed', code: 'CODE_UNKNOWN' })
    const { out } = await explain(idOfA)
    t.match(out, /✗ when review\.step {2}mappings\/dept\/one\.yaml:12:11\n +✗ KIND equals "5" {2}← "2"/)
  },
)

t.test('a rejection of the platform leads to the line to change, as it was and as it is now', async (t) => {
  const { explained, explain, folder } = await install(t)
  const sentence = '消息 application.received 的字段 /data/content/applicant/kind 不合规范：应为下列代码之一'
  const places = async (text: string) => (await explained(idOfA, '--from', text)).messages[0].places
  const made = [
    { at: 'mappings/dept/one.yaml:10:79', kind: 'rule', path: 'KIND' },
    { at: 'mappings/dept/one.yaml:4:30', kind: 'row' },
  ]
  t.same(await places(sentence), { made, now: [made[0]] })
  t.same(await places('/data/content/applicant/kind'), { made, now: [made[0]] })
  t.match(await places('/data/content/subject'), { made: [{ at: 'mappings/dept/one.yaml:7:5', kind: 'event' }] })
  writeFiles(folder, { 'mappings/dept/one.yaml': `# 新的一行\n${plugged}` })
  t.same(await places(sentence), { made, now: [{ at: 'mappings/dept/one.yaml:11:79', kind: 'rule', path: 'KIND' }] })
  t.match(
    (await explain(idOfA, '--from', sentence)).out,
    /修改处 where to change.*\n +现在 now +mappings\/dept\/one\.yaml:11:79 .*\n +当时 then +mappings\/dept\/one\.yaml:10:79/,
  )
  writeFiles(folder, { 'mappings/dept/one.yaml': 'broken: [' })
  t.same((await places(sentence)).now, undefined)
})

t.test('what made the message explains it, whatever became of the mapping and its plug-in since', async (t) => {
  const { explained, folder } = await install(t)
  writeFiles(folder, {
    'mappings/dept/one.yaml': mappingYaml.replace('"2": enterprise', '"2": other'),
    'mappings/dept/own.ts': "export const plain = (): string => 'changed'\n",
  })
  t.match(await explained(idOfA), { codes: [0], reproduced: true, messages: [{ check: 'same' }] })
})

t.test('a replay that fails again is explained by the mapping that failed', async (t) => {
  const { explained, folder, config } = await install(t)
  writeFiles(folder, {
    'mappings/dept/one.yaml': plugged
      .replace('yyyy-MM-dd HH:mm:ss }\n      applicant', 'yyyyMMdd }\n      applicant')
      .replace('"2": enterprise', '"2": enterprise, "7": other'),
  })
  t.match(await runCommand('quarantine', 'replay', '2', '--config', config), { codes: [1] })
  t.match(await explained('2'), {
    codes: [0],
    reproduced: true,
    error: { code: 'DATE_INVALID' },
    quarantine: { code: 'DATE_INVALID' },
  })
  t.match(await runCommand('quarantine', 'discard', '2', '--reason', '重复', '--config', config), { error: undefined })
  t.match(await explained('2'), {
    codes: [0],
    reproduced: true,
    quarantine: { state: 'discarded' },
    record: { disposition: 'ignored' },
  })
})

t.test('a store that disagrees with what is recomputed from it is told loudly, and the exit code is 1', async (t) => {
  const { explained, explain, store } = await install(t)
  const change = (sql: string) => {
    const db = new Database(store)
    db.exec(sql)
    db.close()
  }
  change(`UPDATE message SET body = CAST(replace(CAST(body AS TEXT), 'enterprise', 'natural') AS BLOB)`)
  t.match(await explained(idOfA), {
    codes: [1],
    reproduced: false,
    messages: [
      { check: 'different', differences: [{ path: '/content/applicant/kind', expected: '"natural"', found: '"enterprise"' }] },
    ],
  })
  t.match((await explain(idOfA)).out, /✗✗ 核对不符[\s\S]*NOT REPRODUCED/)
  change(`UPDATE message SET body = CAST(replace(CAST(body AS TEXT), 'natural', 'enterprise') AS BLOB)`)
  t.match(await explained(idOfA), { codes: [0] })
  const db = new Database(store)
  const kept = db.prepare('SELECT body FROM message').pluck().get()
  db.close()
  const added = {
    flags: '[{"path":"/content/applicant/name","code":"suspect"}]',
    provenance: '{"derived":["/content/receivedAt"]}',
    matchKeys: '[{"path":"/content/applicant/name","key":"甲"}]',
  }
  for (const [part, json] of Object.entries(added)) {
    change(`UPDATE message SET body = CAST(json_set(CAST(body AS TEXT), '$.data.${part}', json('${json}')) AS BLOB)`)
    const told = await explained(idOfA)
    t.match(told, { codes: [1], reproduced: false, messages: [{ check: 'different' }] }, part)
    t.ok(
      told.messages[0].differences.every(({ path }: { path: string }) => path.startsWith(`/${part}`)),
      JSON.stringify(told.messages[0].differences),
    )
    change(`UPDATE message SET body = x'${(kept as Buffer).toString('hex')}'`)
  }
  t.match(await explained(idOfA), { codes: [0] })
  change(`UPDATE record SET body = CAST(replace(CAST(body AS TEXT), '"A"', '"Z"') AS BLOB)`)
  t.match(await explained(idOfA), { codes: [1], messages: [{ check: 'gone' }] })
})

t.test('what cannot be explained says so: unknown, past its retention, its mapping not kept', async (t) => {
  const { explain, store } = await install(t)
  t.match(await explain('one:Z:application.received:::1'), { error: { code: 'MESSAGE_UNKNOWN' } })
  t.match(await explain('99'), { error: { code: 'RECORD_UNKNOWN' } })
  t.match(await explain('nonsense'), { error: { code: 'COMMAND_USAGE' } })
  t.match(await explain(), { error: { code: 'COMMAND_USAGE' } })
  t.match(await explain(idOfA, 'subject', '--from', '/data/content/subject'), { error: { code: 'COMMAND_USAGE' } })
  const db = new Database(store)
  db.exec('DELETE FROM mapping')
  t.match(await explain(idOfA), { error: { code: 'MAPPING_VERSION_UNKNOWN' } })
  db.exec('UPDATE record SET body = NULL')
  t.match(await explain(idOfA), { error: { code: 'RECORD_EXPIRED' } })
  db.close()
})

t.test('every record of the demo departments’ samples is made again as it was made', async (t) => {
  const mappings = join(packageRoot, 'mappings')
  for (const name of ['housing/permit', 'market/licence', 'civil/exchange']) {
    const [department, file] = name.split('/') as [string, string]
    const store = openStore(join(temporaryFolder(t), 'gateway.db'), 0)
    t.teardown(() => store.close())
    const { mapping } = await loadMapping(mappings, name)
    const route = createRoute({
      system: department,
      adapter: 'db',
      department: { code: '11150900PDY00001XA', region: '150900' },
      mapping: mapping!,
      maxRecordBytes: 1_000_000,
      maxMessageBytes: 1_000_000,
    })
    store.commit(() => store.keepRoute(department, '11150900PDY00001XA', '150900'))
    const folder = join(mappings, department, 'samples', file)
    const records = readdirSync(folder).map((sample): SourceRecord => {
      const { stream, body, row } = readYaml(join(folder, sample)).value as { stream: string; body?: string; row?: object }
      const contentType = row ? 'application/json' : 'application/xml'
      return { stream, key: sample, body: row ? JSON.stringify(row) : body!, contentType }
    })
    const pipeline = createPipeline({ store, clock: systemClock, events: createEvents() })
    const receipts = pipeline.receive(route, { records }, undefined, await translateAhead(route, records))
    await mapping!.isolated?.close()
    for (const { key, recordSeq } of receipts)
      t.match(await explainRecord(store, recordSeq), { reproduced: true }, `${name} ${key}`)
  }
})
