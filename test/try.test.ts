import { readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import iconv from 'iconv-lite'
import t, { type Test } from 'tap'
import { packageRoot } from '../core/package-root.ts'
import { readYaml } from '../core/yaml.ts'
import {
  gatewayYaml,
  mappingYaml,
  openDepartment,
  systemYaml,
  writeFiles,
  writeInstallation,
} from './contract/department-database.ts'
import { runCommand } from './run-command.ts'
import { temporaryFolder } from './temporary.ts'

const fileMapping = `
case: { sourceCaseNo: no }
events:
  - type: application.received
    when: { path: $stream, equals: ROW }
    content:
      receivedAt: { from: at, date: yyyy-MM-dd }
      applicant: { name: { from: name, required: true } }
ignore:
  - { when: { path: test, equals: "1" }, reason: 测试 }
`

/** Tries the records of a file by `fileMapping`. */
const tryFile = async (t: Test, name: string, body: string | Uint8Array, ...words: string[]) => {
  const folder = temporaryFolder(t)
  writeFiles(folder, { 'mappings/dept/one.yaml': fileMapping })
  const file = join(folder, name)
  writeFileSync(file, body)
  const tried = await runCommand('try', 'dept/one', file, '--mappings', join(folder, 'mappings'), ...words)
  return { ...tried, files: readdirSync(folder) }
}

const tryFileJson = async (t: Test, name: string, body: string | Uint8Array, ...words: string[]) => {
  const { out, codes, files } = await tryFile(t, name, body, ...words, '--json')
  return { codes, files, ...JSON.parse(out) }
}

const row = (more: object = {}) => ({ no: '1', at: '2026-03-02', name: '巴特尔·额尔敦', ...more })

t.test('a path that is none, or that finds nothing, is told instead of trying nothing', async (t) => {
  const failed = async (name: string, path: string) => (await tryFile(t, name, '<A><B/></A>', '--records', path)).error
  t.match(await failed('a.xml', 'A/['), { code: 'COMMAND_USAGE', message: /--records is wrong/ })
  t.match(await failed('a.xml', 'A/C'), { code: 'COMMAND_USAGE', message: /finds no element in a\.xml/ })
  t.match(await failed('a.csv', 'A/B'), { code: 'COMMAND_USAGE', message: /for XML files only/ })
  const { out } = await tryFile(t, 'a.xml', '')
  t.match(out, /line 1, column 1:/)
})

t.test(
  'a damaged line of a file of lines is one record with its fault, as in the gateway; its neighbours are mapped',
  async (t) => {
    const damaged = (lines: string[], at: number) =>
      Buffer.concat(
        lines.map((line, index) => Buffer.concat([Buffer.from(line), Buffer.from(index === at ? [0xff, 0x0a] : [0x0a])])),
      )
    const csv = await tryFileJson(
      t,
      'ROW.csv',
      damaged(['no,at,name', '1,2026-03-02,云', '2,2026-03-02,额', '3,2026-03-02,山'], 2),
    )
    const lines = await tryFileJson(
      t,
      'ROW.jsonl',
      damaged(
        [row(), row({ no: '2' }), row({ no: '3' })].map((one) => JSON.stringify(one)),
        1,
      ),
    )
    for (const told of [csv, lines]) {
      t.match(told, { messages: 2, quarantined: 1 })
      t.match(told.records[1], { error: { code: 'CHARSET_INVALID' } })
    }
  },
)

t.test(
  'a file is mapped record by record: messages, what is ignored, and what would be quarantined with its place',
  async (t) => {
    const rows = [row(), row({ no: '2', test: '1' }), row({ no: '3', name: '' })]
    const told = await tryFileJson(t, 'ROW.json', JSON.stringify(rows))
    t.match(told, {
      codes: [1],
      mapping: 'dept/one',
      messages: 1,
      ignored: 1,
      quarantined: 1,
      records: [
        {
          stream: 'ROW',
          key: 'ROW.json#0',
          outcome: 'messages',
          messages: [{ type: 'application.received', message: { content: { applicant: { name: '巴******' } } } }],
        },
        { outcome: 'ignored', reason: '测试' },
        {
          outcome: 'quarantined',
          error: { code: 'VALUE_MISSING', zh: /mappings\/dept\/one\.yaml:8:\d+ /, en: /has no value at name/ },
        },
      ],
    })
    t.same(told.files.sort(), ['ROW.json', 'mappings'], 'nothing was written')
    const spoken = await tryFile(t, 'ROW.json', JSON.stringify(rows))
    t.match(spoken.out, /消息 message {3}application\.received {2}mappings\/dept\/one\.yaml:4:5/)
    t.match(spoken.out, /按规则忽略：测试/)
    t.match(spoken.out, /✗ 将被隔离 \/ would be quarantined\n {2}VALUE_MISSING\n.*中没有值\n.*has no value/)
    t.match(spoken.out, /试转 3 条记录：消息 1 条，忽略 1 条，将被隔离 1 条/)
  },
)

t.test('a stream that is taken from the name of the file, and that no event is for, is told', async (t) => {
  const { out } = await tryFile(t, 'other.json', JSON.stringify(row()))
  t.match(out, /EVENT_UNMAPPED\n.*其事件只用于 ROW\n/)
  t.match(out, /流名“other”取自文件.*用 --stream 写明/)
  t.notMatch((await tryFile(t, 'other.json', JSON.stringify(row()), '--stream', 'NONE')).out, /取自文件/)
})

t.test('personal values are masked by their class unless they are asked for', async (t) => {
  const named = await tryFile(t, 'ROW.json', JSON.stringify(row({ no: '巴特尔·额尔敦一案' })))
  t.match(named.out, /巴\*+一案/, 'a name also inside of another text')
  for (const words of [[], ['--json'], ['--explain'], ['--explain', '--json']]) {
    t.notMatch((await tryFile(t, 'ROW.json', JSON.stringify(row()), ...words)).out, /额尔敦/, words.join(' '))
    t.match((await tryFile(t, 'ROW.json', JSON.stringify(row()), ...words, '--unmasked')).out, /巴特尔·额尔敦/)
  }
})

t.test('with --explain each field tells its source, its steps and its provenance', async (t) => {
  const { out } = await tryFile(t, 'ROW.json', JSON.stringify(row()), '--explain')
  t.match(out, /\/content\/receivedAt {2}"2026-03-02" {2}原样 as_received\n.*one\.yaml:7:\d+\n.*at → at {2}"2026-03-02"/)
  t.match(out, /条件 conditions\n {2}✗ ignore 1[\s\S]*✓ when application\.received/)
  const told = await tryFileJson(t, 'rows.json', JSON.stringify([row(), row({ no: '2' })]), '--stream', 'ROW', '--explain')
  t.match(told.records[1].messages[0].fields, [{ pointer: '/case/sourceCaseNo', value: '2' }], 'of this record, and of no other')
  t.equal(told.records[1].conditions.length, told.records[0].conditions.length)
})

t.test('XML, JSON lines and CSV are read as their adapter reads them, in their charset', async (t) => {
  const xml = (name: string) => `<ROW><no>1</no><at>2026-03-02</at><name>${name}</name></ROW>`
  const nameOf = async (name: string, body: string | Uint8Array, ...words: string[]) => {
    const { records } = await tryFileJson(t, name, body, '--unmasked', ...words)
    return records.map((one: { messages: { message: { content: { applicant: { name: string } } } }[] }) =>
      one.messages.map(({ message }) => message.content.applicant.name).join(),
    )
  }
  t.same(await nameOf('a.xml', xml('甲')), ['甲'], 'the stream is the name of the element')
  t.same(await nameOf('a.xml', iconv.encode(xml('乙'), 'gb18030'), '--charset', 'gb18030'), ['乙'])
  t.same(await nameOf('a.txt', `<R>${xml('丙')}${xml('丁')}</R>`, '--type', 'xml', '--records', 'R/*'), ['丙', '丁'])
  t.same(await nameOf('ROW.jsonl', `${JSON.stringify(row({ name: '甲' }))}\n\n${JSON.stringify(row({ name: '乙' }))}\n`), [
    '甲',
    '乙',
  ])
  t.same(await nameOf('ROW.csv', 'no,at,name\n1,2026-03-02,"甲,乙"\n2,2026-03-02,丙\n'), ['甲,乙', '丙'])
  t.same(await nameOf('ROW.csv', 'no,at,name\n1,2026-03-02,甲\n2,2026-03-02,乙\n', '--limit', '1'), ['甲'])
})

t.test('what cannot be read is a record that would be quarantined, as it would be from its source', async (t) => {
  const codeOf = async (name: string, body: string | Uint8Array) => {
    const { codes, records } = await tryFileJson(t, name, body)
    t.same(codes, [1])
    return records.map(({ error }: { error?: { code: string } }) => error?.code)
  }
  t.same(await codeOf('a.xml', iconv.encode('<ROW><name>甲</name></ROW>', 'gb18030')), ['CHARSET_INVALID'])
  t.same(await codeOf('a.xml', '<ROW><name>甲</ROW>'), ['XML_INVALID'])
  t.same(await codeOf('ROW.json', '{"no": '), ['JSON_INVALID'])
  t.same(await codeOf('ROW.csv', 'no,at\n1\n'), ['CSV_INVALID'])
  t.same(
    await codeOf('ROW.csv', 'no,at,name\n1,2026-03-02,甲\n2,"x"y,乙\n3,2026-03-02,丙\n4\n'),
    [undefined, 'CSV_INVALID', undefined, 'CSV_INVALID'],
    'one bad row stops itself only, as in the gateway',
  )
  t.same(
    await codeOf(
      'ROW.json',
      '[{"no":"1","at":"2026-03-02","name":"甲"},{"no":"2","no":"3"},{"no":"4","at":"2026-03-02","name":"丁"}]',
    ),
    [undefined, 'JSON_INVALID', undefined],
  )
  t.same(await codeOf('ROW.csv', 'no,at,name,no \n1,2026-03-02,甲,2\n'), ['CSV_INVALID'], 'two columns of one name')
  t.same(await codeOf('ROW.json', '[]'), [], 'a file without a record is not in order')
})

t.test('wrong use says what is missing, and a mapping with mistakes is not tried', async (t) => {
  const folder = temporaryFolder(t)
  writeFiles(folder, {
    'mappings/dept/one.yaml': fileMapping,
    'mappings/dept/two.yaml': 'events: []',
    'a.json': '{}',
    'a.dat': '',
  })
  const words = ['--mappings', join(folder, 'mappings')]
  const file = join(folder, 'a.json')
  t.match(await runCommand('try', 'dept/one', ...words), { error: { code: 'COMMAND_USAGE' } })
  t.match(await runCommand('try', 'dept/onee', file, ...words), {
    error: { code: 'COMMAND_USAGE', message: /Did you mean "dept\/one"/ },
  })
  t.match(await runCommand('try', 'dept/one', join(folder, 'b.json'), ...words), { error: { message: /ENOENT/ } })
  t.match(await runCommand('try', 'dept/one', join(folder, 'a.dat'), ...words), { error: { message: /--type/ } })
  t.match(await runCommand('try', 'dept/two', file, ...words), { codes: [1], err: /CONFIG_KEY_MISSING/ })
  t.match(await runCommand('try', 'dept/one', '--system', 'one'), { error: { code: 'COMMAND_USAGE' } })
})

t.test('a live database is read by its watermark, batch after batch, and neither store nor mark comes of it', async (t) => {
  const folder = temporaryFolder(t)
  const two = systemYaml('one.db').replace(
    '  streams:\n',
    '  batchSize: 2\n  streams:\n    - { table: FIRST, key: [NO], mode: watermark, watermark: { column: N, kind: number } }\n',
  )
  const { config, database } = writeInstallation(folder, { 'config/adapters/one.yaml': two })
  const department = openDepartment(database)
  for (const no of ['A', 'B', 'C']) department.put(no, '甲乙', no === 'B' ? '7' : '2')
  department.close()
  const db = new Database(database)
  db.exec(`CREATE TABLE FIRST AS SELECT 'F' || NO AS NO, NAME, KIND, AT, N FROM SQ WHERE NO <> 'B'`)
  db.close()
  const peeked = async (...words: string[]) => {
    const { out, codes } = await runCommand('try', '--system', 'one', '--config', config, '--json', ...words)
    const told = JSON.parse(out)
    return { codes, keys: told.records.map(({ key }: { key: string }) => key).join(' '), told }
  }
  t.match(await peeked(), { codes: [1], keys: 'FA FC A B C', told: { messages: 4, quarantined: 1 } })
  t.match(await peeked('--limit', '3'), { codes: [0], keys: 'FA FC A' })
  t.match(await peeked('--limit', '1', '--stream', 'SQ'), { keys: 'A' })
  t.match(await runCommand('try', '--system', 'one', '--config', config, '--stream', 'SQS'), {
    error: { code: 'COMMAND_USAGE', message: /no stream "SQS"\. Did you mean "SQ"/ },
  })
  writeFiles(folder, { 'mappings/dept/one.yaml': mappingYaml.replace('name: NAME', 'name: NAME, address: NAEM') })
  t.match(
    await peeked('--limit', '3'),
    { codes: [1], told: { messages: 3, problems: [{ code: 'MAPPING_PATH_UNKNOWN', en: /NAEM.*NAME/ }] } },
    'a column that is not there',
  )
  writeFiles(folder, {
    'mappings/dept/one.yaml': mappingYaml,
    'config/gateway.yaml': `${gatewayYaml}limits: { maxRecordBytes: 1024 }\n`,
  })
  const large = openDepartment(database)
  large.put('D', '长'.repeat(400), '2')
  large.close()
  t.match((await peeked()).told.records[5], { key: 'D', error: { code: 'RECORD_TOO_LARGE' } })
  t.same(readdirSync(folder).sort(), ['config', 'mappings', 'one.db'], 'no store was made')
})

t.test('an error behind the rows that are shown is told, and keeps them', async (t) => {
  const dated = systemYaml('one.db').replace('column: N, kind: number', 'column: AT, kind: time')
  const { config, database } = writeInstallation(temporaryFolder(t), { 'config/adapters/one.yaml': dated })
  const department = openDepartment(database)
  for (const no of ['A', 'B']) department.put(no, '甲乙', '2')
  department.close()
  const db = new Database(database)
  db.exec("UPDATE SQ SET AT = '2026/3/5 9:11' WHERE NO = 'B'")
  db.close()
  const { codes, out } = await runCommand('try', '--system', 'one', '--config', config)
  t.same(codes, [1])
  t.match(out, /SQ \/ A/)
  t.match(out, /SOURCE_[A-Z_]+\n.*2026\/3\/5 9:11|forms|写法/)
})

t.test('two messages of a record with one id are refused as the gateway refuses them', async (t) => {
  const folder = temporaryFolder(t)
  const twice = fileMapping.replace(
    'ignore:',
    `  - type: application.received
    when: { path: $stream, equals: ROW }
    content:
      receivedAt: { from: at, date: yyyy-MM-dd }
      applicant: { name: { from: other, required: true } }
ignore:`,
  )
  writeFiles(folder, { 'mappings/dept/one.yaml': twice })
  const file = join(folder, 'ROW.jsonl')
  writeFileSync(file, [row({ other: '乙某' }), row({ other: row().name })].map((one) => JSON.stringify(one)).join('\n'))
  const { out } = await runCommand('try', 'dept/one', file, '--mappings', join(folder, 'mappings'), '--json')
  const { records } = JSON.parse(out)
  t.match(records, [{ outcome: 'quarantined', error: { code: 'MESSAGE_AMBIGUOUS' } }, { outcome: 'messages' }])
})

t.test('a flag column is as it was, although its records were read', async (t) => {
  const folder = temporaryFolder(t)
  const flagged = systemYaml('one.db').replace(
    'mode: watermark, watermark: { column: N, kind: number }',
    'mode: flag, flag: { column: SENT, pending: ["0", null], done: "1" }',
  )
  const { config, database } = writeInstallation(folder, { 'config/adapters/one.yaml': flagged })
  const department = openDepartment(database)
  for (const no of ['A', 'B']) department.put(no)
  department.close()
  const db = new Database(database)
  t.teardown(() => db.close())
  db.exec(`ALTER TABLE SQ ADD COLUMN SENT TEXT; UPDATE SQ SET SENT = '0' WHERE NO = 'A'`)
  const tried = await runCommand('try', '--system', 'one', '--config', config, '--json')
  t.match(JSON.parse(tried.out), { messages: 2, records: [{ key: 'A' }, { key: 'B' }] })
  t.same(tried.codes, [0])
  t.same(db.prepare('SELECT NO, SENT FROM SQ ORDER BY NO').raw().all(), [
    ['A', '0'],
    ['B', null],
  ])
  t.same(await runCommand('run', '--once', '--config', config).then(({ error }) => error), undefined)
  t.same(db.prepare('SELECT DISTINCT SENT FROM SQ').pluck().all(), ['1'], 'and a gateway marks them')
})

t.test('files stay in their folder, one without a record included', async (t) => {
  const folder = temporaryFolder(t)
  const system = systemYaml('')
    .replace(/adapter: db/, 'adapter: file')
    .replace(
      /options:[\s\S]*/,
      'options: { folder: ../in, pattern: "*.json", format: json, records: "", stream: SQ, key: [NO], complete: { by: settled, ms: 1 } }\n',
    )
  const { config } = writeInstallation(folder, { 'config/adapters/one.yaml': system, 'in/0.json': '[]' })
  const files = () => readdirSync(join(folder, 'in')).sort()
  t.match(await runCommand('try', '--system', 'one', '--config', config), { codes: [1], error: undefined })
  t.same(files(), ['0.json'], 'no record has come, and no file has gone')
  writeFiles(folder, { 'in/1.json': '[{"NO":"A","NAME":"甲","KIND":"1","AT":"2026-03-02 09:00:00"}]' })
  writeFiles(folder, { 'in/0.json': '[{"NO":"B","NAME":"甲","KIND":"1","AT":"2026-03-02 09:00:00"}]' })
  const text = readFileSync(join(folder, 'in/0.json'), 'utf8')
  t.match(await runCommand('try', '--system', 'one', '--config', config), { codes: [0], error: undefined, out: /SQ \/ B/ })
  t.same(files(), ['0.json', '1.json'])
  t.equal(readFileSync(join(folder, 'in/0.json'), 'utf8'), text)
  writeFiles(folder, { 'in/2.json': '[]' })
  t.same(await runCommand('run', '--once', '--config', config).then(({ error }) => error), undefined)
  t.same(files(), ['done'], 'and a gateway moves them')
})

t.test('a system that cannot be reached says why, and one with mistakes is not asked', async (t) => {
  const folder = temporaryFolder(t)
  const { config } = writeInstallation(folder)
  t.match(await runCommand('try', '--system', 'one', '--config', config), { error: { code: /^SOURCE_/ } })
  t.match(await runCommand('try', '--system', 'on', '--config', config), {
    error: { code: 'COMMAND_USAGE', message: /Did you mean "one"/ },
  })
  writeFiles(folder, { 'mappings/dept/one.yaml': mappingYaml.replace('NAME', '[') })
  t.match(await runCommand('try', '--system', 'one', '--config', config), { codes: [1], err: /CONFIG_SYNTAX|MAPPING_INVALID/ })
  renameSync(join(folder, 'mappings'), join(folder, 'elsewhere'))
  t.match(
    await runCommand('try', '--system', 'one', '--config', config),
    { codes: [1], error: undefined, err: /MAPPING_UNKNOWN.*mappings\/ 即/s },
    'a folder that is away hides no mistake of the system',
  )
})

t.test('a shipped mapping tries the row of its own sample', async (t) => {
  const folder = temporaryFolder(t)
  const sample = readYaml(join(packageRoot, 'mappings/market/samples/licence/received-with-placeholders.yaml')).value
  const { stream, row } = sample as { stream: string; row: object }
  writeFiles(folder, { [`${stream}.json`]: JSON.stringify(row) })
  const tried = await runCommand('try', 'market/licence', join(folder, `${stream}.json`), '-m', join(packageRoot, 'mappings'))
  t.match(tried, { codes: [0], out: /application\.received[\s\S]*name: .\*+[\s\S]*placeholder {2}/ })
})
