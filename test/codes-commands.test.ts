import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import iconv from 'iconv-lite'
import t, { type Test } from 'tap'
import type { GatewayError } from '../core/errors.ts'
import { tableFromFile } from '../core/mapping/codes/declared-tables.ts'
import { diffTables } from '../core/mapping/codes/diff.ts'
import { loadMapping } from '../core/mapping/load.ts'
import { writeInstallation } from './contract/department-database.ts'
import { runCommand } from './run-command.ts'
import { temporaryFolder } from './temporary.ts'

/** Runs a command as the terminal would. */
const oldTable = `standard: EA_JC
version: old
to: 2020-12-31
source: ["0", "1", "5", "6"]
rows:
  - { code: "0", value: granted, label: 出证办结 }
  - { code: "1", value: denied }
  - { code: "5", value: returned_no_supplement }
  - { code: "6", value: granted_without_document, label: 办结（其他） }
`
const newTable = `version,2020
from,2021-01-01
code,value,label
0,granted,准予许可
1,denied,
6,refused_acceptance,不予受理
7,withdrawn,申请人放弃
`

const mappingYaml = `
codes:
  kind: { "1": natural, "2": enterprise }
  result: [codes/old.yaml, codes/new.csv]
case: { sourceCaseNo: NO }
events:
  - type: case.closed
    content:
      outcome: { from: RESULT, codes: { table: result, by: { from: AT, date: yyyy-MM-dd } } }
      decidedAt: { from: AT, date: yyyy-MM-dd }
      document: { type: { from: RESULT, codes: kindOfDocument } }
`.replace('  result:', '  kindOfDocument: { "0": licence }\n  result:')

const install = (t: Test, more: Record<string, string> = {}) => {
  const folder = temporaryFolder(t)
  const { config } = writeInstallation(folder, {
    'mappings/dept/one.yaml': mappingYaml,
    'mappings/dept/codes/old.yaml': oldTable,
    ...more,
  })
  // As Chinese Windows saves it.
  const { 'mappings/dept/codes/new.csv': csv = newTable } = more
  mkdirSync(join(folder, 'mappings/dept/codes'), { recursive: true })
  writeFileSync(join(folder, 'mappings/dept/codes/new.csv'), iconv.encode(csv, 'gb18030'))
  return { folder, config, mappings: join(folder, 'mappings') }
}

t.test(
  'a mapping reads the tables in its department’s folder, and a changed table is another version of the mapping',
  async (t) => {
    const { mappings } = install(t)
    const { mapping, problems } = await loadMapping(mappings, 'dept/one')
    t.same(problems, [])
    t.equal(mapping!.tables.get('result')!.versions[1]!.rows[2]!.label, '不予受理')
    writeFileSync(join(mappings, 'dept/codes/new.csv'), newTable.replace('7,withdrawn', '7,voided'))
    t.not((await loadMapping(mappings, 'dept/one')).mapping!.version, mapping!.version)
    writeFileSync(join(mappings, 'dept/codes/new.csv'), newTable.replace('7,withdrawn', '7,withdrwan'))
    t.match(await loadMapping(mappings, 'dept/one'), {
      mapping: undefined,
      problems: [{ message: /mappings\/dept\/codes\/new\.csv:7:3 .*Did you mean "withdrawn"/ }],
    })
  },
)

t.test('lint tells of doubtful tables in both languages, and the configuration is in order all the same', async (t) => {
  const { config } = install(t, { 'mappings/dept/codes/left-over.csv': 'code,value\n1,granted\n' })
  const { out, codes } = await runCommand('lint', '--config', config)
  t.same(codes, [0])
  t.match(out, /one\.yaml:3:3 代码表 kind 需要留意：没有规则使用它\n.*code table kind needs attention: no rule uses it/)
  t.match(out, /mappings\/dept\/codes\/left-over\.csv:1:1 .*no mapping of the department names this file/)
  t.match(out, /2 warnings; the gateway runs with them\.\n.*In order\.$/)
  const json = JSON.parse((await runCommand('lint', '--config', config, '--json')).out)
  t.match(json, { ok: true, problems: [], warnings: [{ code: 'CODE_TABLE_DOUBTFUL' }, { code: 'CODE_TABLE_DOUBTFUL' }] })
})

t.test('lint tells the gaps and overlaps of the versions, with file, line and column', async (t) => {
  const { config } = install(t, { 'mappings/dept/codes/new.csv': newTable.replace('2021-01-01', '2021-02-01') })
  const { out, codes } = await runCommand('lint', '--config', config)
  t.same(codes, [1])
  t.match(out, /mappings\/dept\/codes\/new\.csv:1:1 映射有误：代码表 result 两版之间有空缺 2021-01-01…2021-01-31/)
})

t.test('codes list shows every table and version, and what each says of itself', async (t) => {
  const { mappings } = install(t)
  const { out, codes } = await runCommand('codes', 'list', '--mappings', mappings)
  t.same(codes, [0])
  t.match(out, /^dept\/one:result@old +EA_JC +…2020-12-31 +up +✓ +4 +mappings\/dept\/codes\/old\.yaml:1:1$/m)
  t.match(out, /^dept\/one:result@2020 +2021-01-01… +up +4 +mappings\/dept\/codes\/new\.csv:1:1$/m)
  t.match(JSON.parse((await runCommand('codes', 'list', 'dept/one', '--mappings', mappings, '--json')).out), [
    { table: 'kind', codes: 2 },
    { table: 'kindOfDocument' },
    { mapping: 'dept/one', table: 'result', version: 'old', standard: 'EA_JC', to: '2020-12-31', total: true, lossy: false },
    { version: '2020', from: '2021-01-01', total: false },
  ])
  t.match(await runCommand('codes', 'list', 'dept/two', '--mappings', mappings), { error: { code: 'COMMAND_USAGE' } })
  writeFileSync(join(mappings, 'dept', 'two.yaml'), 'codes: 1\n')
  t.match(await runCommand('codes', 'list', '--mappings', mappings), {
    codes: [1],
    out: /dept\/one:result@old/,
    err: /CONFIG_KEY_MISSING/,
  })
})

t.test('codes diff puts first what changed its meaning, of two versions or of two files', async (t) => {
  const { mappings } = install(t)
  const { out, codes } = await runCommand('codes', 'diff', 'dept/one:result@old', 'dept/one:result@2020', '--mappings', mappings)
  t.same(codes, [1])
  const lines = out.split('\n').filter((line) => /^[⚠!+~-]|相同/u.test(line))
  t.match(lines, [
    /含义改变.*MEANING CHANGED.*\(1\)/,
    /^! 6 {2}granted_without_document（办结（其他））/,
    /^\+ 7 {2}withdrawn（申请人放弃）/,
    /^- 5 {2}returned_no_supplement/,
    /^~ 0 {2}granted（出证办结）/,
    /the same: 1/,
  ])
  t.match(out, /→ refused_acceptance（不予受理）\n +mappings\/dept\/codes\/old\.yaml:9:13 → mappings\/dept\/codes\/new\.csv:6:1/)

  const files = ['old.yaml', 'new.csv'].map((file) => join(mappings, 'dept', 'codes', file))
  const json = JSON.parse((await runCommand('codes', 'diff', ...files, '--json')).out)
  t.match(json, {
    before: 'old@old',
    after: 'new@2020',
    flipped: [{ code: '6', before: [{ value: 'granted_without_document' }], after: [{ value: 'refused_acceptance' }] }],
    added: [{ code: '7' }],
    removed: [{ code: '5' }],
    reworded: [{ code: '0' }],
    same: 1,
  })
  t.match(await runCommand('codes', 'diff', files[0]!, files[0]!), { codes: [0], out: /the same: 4/ })
})

t.test('codes diff tells what a table says of itself and no longer does', async (t) => {
  const folder = temporaryFolder(t)
  const rows = 'rows:\n  - { code: "0", value: granted }\n  - { code: "6", value: granted }\n'
  const files = ['lossy: true\nreverse: { granted: "0" }\n', 'direction: both\nlossy: true\nreverse: { granted: "6" }\n'].map(
    (said, n) => {
      const file = join(folder, `${n}.yaml`)
      writeFileSync(file, said + rows)
      return file
    },
  )
  const { out, codes } = await runCommand('codes', 'diff', ...files)
  t.same(codes, [0], 'the codes mean the same')
  t.match(out, /what the table says of itself \(2\)\n~ direction: up → both\n~ reverse: granted: 0 → granted: 6/)
  t.match(JSON.parse((await runCommand('codes', 'diff', ...files, '--json')).out), {
    declared: [{ name: 'direction', before: 'up', after: 'both' }, { name: 'reverse' }],
  })
})

t.test('codes diff says of a table that it does not find what was probably meant', async (t) => {
  const { mappings } = install(t)
  const diff = async (a: string) =>
    (await runCommand('codes', 'diff', a, 'dept/one:kind', '--mappings', mappings)).error as GatewayError
  t.match(await diff('nowhere.yaml'), { code: 'COMMAND_USAGE', message: /neither a file nor/ })
  t.match(await diff('dept/one:result@odl'), { code: 'COMMAND_USAGE', message: /Did you mean "result@old"/ })
  t.match(await diff('dept/one:result'), { code: 'COMMAND_USAGE', message: /several versions: say which\. Known: .*result@old/ })
  const wrong = join(mappings, 'wrong.csv')
  writeFileSync(wrong, 'code,value\n1,\n')
  t.match(await diff(wrong), { code: 'MAPPING_INVALID', message: /wrong\.csv:2:1/ })
})

t.test('a code flips unless it surely means the same on every day and under every condition', async (t) => {
  const tableOf = (rows: string) => tableFromFile('t', 't.yaml', `rows:\n${rows}`, { problems: [], warnings: [] })!
  const one = tableOf('  - { code: "5", value: withdrawn }\n')
  const more = tableOf(
    '  - { code: "5", value: withdrawn, when: { path: A, equals: "1" } }\n  - { code: "5", value: denied, when: { path: A, equals: "2" } }\n',
  )
  t.match(diffTables(one, more), { flipped: [{ code: '5', after: [{ value: 'withdrawn' }, { value: 'denied' }] }], reworded: [] })
  const swapped = tableOf(
    '  - { code: "5", value: denied, when: { path: A, equals: "1" } }\n  - { code: "5", value: withdrawn, when: { path: A, equals: "2" } }\n',
  )
  t.match(
    diffTables(more, swapped),
    { flipped: [{ code: '5' }], reworded: [] },
    'the same values, each under the other condition',
  )
  const later = tableOf('  - { code: "5", value: withdrawn, from: 2021-01-01 }\n')
  t.match(diffTables(one, later), { flipped: [{ after: [{ only: '2021-01-01…' }] }], reworded: [] }, 'before that it is unknown')
  const turned = (first: string, last: string, day: string, next: string) =>
    tableOf(`  - { code: "5", value: ${first}, to: ${day} }\n  - { code: "5", value: ${last}, from: ${next} }\n`)
  const old = turned('granted', 'denied', '2021-12-31', '2022-01-01')
  t.match(diffTables(old, turned('denied', 'granted', '2022-01-01', '2022-01-02')), { flipped: [{ code: '5' }], same: 0 })
  t.match(diffTables(old, turned('granted', 'denied', '2021-12-31', '2022-01-01')), { flipped: [], reworded: [], same: 1 })
  const inTwo = tableOf(
    '  - { code: "5", value: withdrawn, to: 2021-12-31 }\n  - { code: "5", value: withdrawn, from: 2022-01-01 }\n',
  )
  t.match(diffTables(one, inTwo), { flipped: [], reworded: [{ code: '5' }] })
  const inLists = (first: string, last: string) =>
    tableOf(
      `  - { code: "5", value: ${first}, when: { path: A, in: [1] } }\n  - { code: "5", value: ${last}, when: [{ path: A, equals: 2 }] }\n`,
    )
  t.match(diffTables(more, inLists('denied', 'withdrawn')), { flipped: [{ code: '5' }] }, 'swapped, and written in another way')
  t.match(diffTables(more, inLists('withdrawn', 'denied')), { flipped: [], reworded: [{ code: '5' }] })
})

t.test('codes import makes a table of a list as a spreadsheet saves it, and fills nothing in', async (t) => {
  const folder = temporaryFolder(t)
  const [list, to] = [join(folder, '清单.csv'), join(folder, 'result.yaml')]
  writeFileSync(
    list,
    iconv.encode('standard,EA_JC\nsource,00,01\n代码,名称,含义\n00,准予许可,granted\n01,"不予,许可",\n', 'gb18030'),
  )
  const words = ['codes', 'import', list, '--to', to, '--code', '代码', '--label', '名称']
  const { out, codes } = await runCommand(...words, '--value', '含义')
  t.same(codes, [1], 'what is left to be written is a mistake')
  t.match(out, /result\.yaml:7:13 .*code "01" has no value/)
  t.notMatch(out, /has no row/)
  t.match(out, /2 rows, 1 of them without a value yet/)
  t.equal(
    readFileSync(to, 'utf8'),
    `standard: EA_JC
source:
  - "00"
  - "01"
rows:
  - { code: "00", value: granted, label: 准予许可 }
  - { code: "01", label: "不予,许可" }
`,
  )
  t.match(await runCommand(...words), { error: { code: 'COMMAND_USAGE', message: /exists; add --force/ } })
  const without = JSON.parse((await runCommand(...words, '--force', '--json')).out)
  t.match(without, { rows: 2, withoutValue: ['00', '01'], problems: [{ code: 'MAPPING_INVALID' }, {}] })
})

t.test('codes import tells of a condition that is none at its cell', async (t) => {
  const file = join(temporaryFolder(t), 'a.csv')
  writeFileSync(file, 'code,value,when\n1,granted,"{ path: ["\n')
  const { error } = await runCommand('codes', 'import', file, '--to', file.replace('.csv', '.yaml'))
  t.match(error, { code: 'MAPPING_INVALID', message: /a\.csv:2:\d+ .*when is no condition/ })
  t.notMatch((error as GatewayError).message, /:\d+:\d+:\d+/)
})

t.test('codes import keeps all that a table of its own form says', async (t) => {
  const folder = temporaryFolder(t)
  const text = `version,2020
from,2021/1/1
direction,both
lossy,true
reverse,granted,00
code,value,label,from,when
00,granted,,,
01,granted,,2022-01-01,"{ path: A, in: [""1"", 01] }"
`
  const [from, to] = [join(folder, 'a.csv'), join(folder, 'a.yaml')]
  writeFileSync(from, text)
  t.match(await runCommand('codes', 'import', from, '--to', to), { codes: [0], error: undefined })
  const problems: GatewayError[] = []
  const read = (file: string) => {
    const { rows, reverse, ...table } = tableFromFile('a', file, readFileSync(file, 'utf8'), { problems, warnings: [] })!
    return {
      ...table,
      at: '',
      reverse: [...reverse],
      rows: rows.map((row) => ({ ...row, at: '', valueAt: '', when: row.when?.value })),
    }
  }
  t.same(read(to).rows[1]!.when, { path: 'A', in: ['1', '01'] }, 'digits stay text')
  t.same({ ...read(to), rows: [] }, { ...read(from), rows: [] })
  t.same(problems, [])
})

t.test('codes import tells all that it does not take: mistakes of a table, and doubts about a list', async (t) => {
  const folder = temporaryFolder(t)
  const [from, to] = [join(folder, 'a.csv'), join(folder, 'a.yaml')]
  const imported = async (text: string, ...words: string[]) => {
    writeFileSync(from, text)
    const { out, codes, error } = await runCommand('codes', 'import', from, '--to', to, '--force', '--json', ...words)
    if (error) throw error
    const told = (found: { en: string }[]) => found.map(({ en }) => en.replaceAll(`${folder}/`, '').split(';')[0]!)
    const { problems, warnings } = JSON.parse(out)
    return { codes, problems: told(problems), warnings: told(warnings) }
  }
  const table =
    'version,2020\nform,2021-01-01\ncode,value,label,生效日期,label\n1,granted,准予,2021/1/1,甲\n2,denied,不予,2023/1/1,,9\n'
  t.match(await imported(table), {
    codes: [1],
    problems: [
      /^a\.csv:3:23 .*already has a column label/,
      /^a\.csv:3:18 unknown key "生效日期"/,
      /^a\.csv:5:23 .*no column for this cell/,
      /^a\.csv:2:1 unknown key "form"\. Did you mean "from"/,
    ],
    warnings: [],
  })
  const list = '办结结果代码,2020 版\n序号,代码,含义\n1,01,granted\n2,02,denied\n'
  t.match(await imported(list, '--code', '代码', '--value', '含义'), {
    codes: [0],
    problems: [],
    warnings: [/^a\.csv:2:1 .*"序号" is not taken/, /^a\.csv:1:1 .*"办结结果代码" is not taken/],
  })
  t.match(await imported('code,value,when\n1,granted,"{ path: X, equls: 2 }"\n'), {
    codes: [1],
    problems: [/^a\.yaml:2:\d+ unknown key "equls"\. Did you mean "equals"/, /needs exactly one of/],
  })
  t.match(await imported('code,value\n'), { codes: [1], problems: [/^a\.csv:1:1 .*no row below the header line/] })
  t.match(await imported('lossy,yes\ncode,value\n1,a\n'), { codes: [1], problems: [/must be true or false/] })
})

t.test('codes import refuses what it cannot read, with the next step', async (t) => {
  const folder = temporaryFolder(t)
  const [list, to] = [join(folder, 'a.csv'), join(folder, 'a.yaml')]
  writeFileSync(list, '代码,名称\n0,甲\n')
  const error = async (...words: string[]) => (await runCommand('codes', 'import', ...words)).error
  t.match(await error(list, '--to', to), {
    code: 'MAPPING_INVALID',
    message: /a\.csv:1:1 .*no column "code"\. Known: 代码, 名称/,
  })
  t.match(await error(list, '--to', to, '--code', '代码', '--label', '名字'), {
    message: /no column "名字"\. Did you mean "名称"/,
  })
  t.match(await error(join(folder, 'a.et'), '--to', to), {
    code: 'COMMAND_USAGE',
    message: /save what is neither as \.xlsx first/,
  })
  t.match(await error(list, '--to', to, '--sheet', '甲'), { code: 'COMMAND_USAGE', message: /--sheet is for Excel files/ })
  t.match(await error(join(folder, 'b.csv'), '--to', to), { code: 'CONFIG_UNREADABLE' })
  t.match(await error(list, '--to', join(folder, 'no', 'a.yaml'), '--code', '代码'), {
    code: 'COMMAND_USAGE',
    message: /cannot be written/,
  })
})
