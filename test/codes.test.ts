import iconv from 'iconv-lite'
import t from 'tap'
import type { TreeNode } from '../core/codec/path.ts'
import { parseXml } from '../core/codec/xml.ts'
import type { GatewayError } from '../core/errors.ts'
import { tableFromFile } from '../core/mapping/codes/declared-tables.ts'
import { reverseOf } from '../core/mapping/codes/reverse.ts'
import { decodeTable } from '../core/mapping/codes/table-text.ts'
import { comparePaths } from '../core/mapping/compare-paths.ts'
import { compileMapping } from '../core/mapping/compile.ts'
import { parseYaml } from '../core/yaml.ts'

const compile = (text: string, files: Record<string, string> = {}) => {
  const problems: GatewayError[] = []
  const mapping = compileMapping('test/one', 'v1', parseYaml('one.yaml', text), files, {}, problems)
  return { mapping, problems }
}

/** `place: English sentence` of each. */
const told = (errors: readonly GatewayError[]) => errors.map(({ text }) => text.en.replace(' the mapping is wrong:', ''))

const closed = (codes: string, tables: string) => `
codes:
${tables}
case: { sourceCaseNo: NO }
events:
  - type: case.closed
    content:
      outcome: { from: RESULT, codes: ${codes}, required: true }
      decidedAt: { from: AT, date: yyyy-MM-dd }
`

const oldTable = `
system: 市监审批
standard: EA_JC
version: old
to: 2020-12-31
source: ["0", "1", "6"]
rows:
  - { code: "0", value: granted, label: 出证办结 }
  - { code: "1", value: denied, label: 退回办结, when: { path: WHY, matches: .*不予许可.* } }
  - { code: "1", value: withdrawn, label: 退回办结, when: { path: WHY, matches: .*撤回.* } }
  - { code: "6", value: granted_without_document, label: 办结（其他） }
`
const newTable = `standard,EA_JC
version,2020
from,2021/1/1
source,0,1,6

code,value,label,note
0,granted,准予许可,
1,denied,不予许可,
6,refused_acceptance,不予受理,与旧版含义不同
`
const files = { 'codes/old.yaml': oldTable, 'codes/new.csv': newTable }
const bothVersions = '  doneResult: [codes/old.yaml, codes/new.csv]'

/** The outcome of a closed case; or the error that quarantines it, with the reason. */
const outcomeOf = (codes: string, row: TreeNode, tables = bothVersions) => {
  const { mapping, problems } = compile(closed(codes, tables), files)
  t.same(told(problems), [], codes)
  const result = mapping.translate({ stream: 'T', key: 'k', tree: row })
  if (result.outcome === 'drafts') return (result.drafts[0]!.content as { outcome: string }).outcome
  return result.outcome === 'failed' ? `${result.error.code} ${result.error.text.en}` : result
}

const row = (RESULT: string, more: Record<string, string | null> = {}) => ({ NO: '1', AT: '2022-02-02', RESULT, ...more })

t.test('a table in a file of its own says what it is, in YAML or as a spreadsheet saves it', async (t) => {
  const findings = { problems: [] as GatewayError[], warnings: [] as GatewayError[] }
  const [yaml, csv] = [
    tableFromFile('doneResult', 'codes/old.yaml', oldTable, findings),
    tableFromFile('doneResult', 'codes/new.csv', newTable, findings),
  ]
  t.same(findings, { problems: [], warnings: [] })
  t.match(yaml, {
    label: 'doneResult@old',
    system: '市监审批',
    standard: 'EA_JC',
    version: 'old',
    from: undefined,
    to: '2020-12-31',
    direction: 'up',
    lossy: false,
    source: ['0', '1', '6'],
    rows: [{ code: '0', value: 'granted', label: '出证办结', at: 'codes/old.yaml:8:13', valueAt: 'codes/old.yaml:8:25' }],
  })
  t.match(csv, {
    label: 'doneResult@2020',
    declared: true,
    from: '2021-01-01',
    source: ['0', '1', '6'],
    rows: [{ at: 'codes/new.csv:7:1' }, {}, { code: '6', note: '与旧版含义不同', valueAt: 'codes/new.csv:9:3' }],
  })
})

t.test('a code stays what the file has: YAML makes no number of it', async (t) => {
  const tables = '  kind: { 01: granted, 2: denied, "001": withdrawn }\n  list: { rows: [{ code: 01, value: granted }] }'
  const { mapping } = compile(closed('kind', tables))
  t.same(
    [...mapping.tables.values()].map(({ versions }) => versions[0]!.rows.map(({ code }) => code)),
    [['01', '2', '001'], ['01']],
  )
})

t.test('a table as Excel saves it is read in UTF-8 and in GB 18030, and never in the wrong one', async (t) => {
  for (const bytes of [Buffer.from(newTable), Buffer.from(`\uFEFF${newTable}`), iconv.encode(newTable, 'gb18030')])
    t.equal(decodeTable(bytes, 'x.csv'), newTable)
  const spreadsheet = newTable.replaceAll('\n', '\r\n').replace('\r\n\r\n', '\r\n,,,\r\n')
  t.match(
    tableFromFile('t', 'x.csv', spreadsheet, { problems: [], warnings: [] })?.rows.map(({ code }) => code),
    ['0', '1', '6'],
    'with the line ends and the empty cells of a spreadsheet',
  )
  const doubtful = iconv.encode('code,value\n女,granted\n', 'gb18030')
  t.throws(() => decodeTable(doubtful, 'x.csv'), { code: 'CONFIG_UNREADABLE', message: /x\.csv.*UTF-8 or GB 18030/ })
  t.throws(() => decodeTable(Buffer.from([0x63, 0xff, 0xff]), 'x.csv'), { code: 'CONFIG_UNREADABLE' })
})

t.test(
  'what is wrong in a table is told with its place: rows, days, loss, and codes of the source that are missing',
  async (t) => {
    const wrong = (text: string, file = 'codes/t.yaml') => {
      const findings = { problems: [] as GatewayError[], warnings: [] as GatewayError[] }
      tableFromFile('t', file, text, findings)
      return told(findings.problems)
    }
    const rows = 'rows:\n  - { code: "0", value: granted }\n  - { code: "1", value: granted }\n'
    t.match(wrong(rows), [
      /^codes\/t\.yaml:3:25 .*codes "1" and "0" \(codes\/t\.yaml:2:13\) share the value "granted".*lossy: true/,
    ])
    t.same(wrong(`lossy: true\n${rows}`), [])
    t.match(wrong(`lossy: true\nreverse: { granted: "2" }\n${rows}`), [/t\.yaml:2:21 .*must be one of 0, 1, not "2"/])
    t.match(wrong(`lossy: true\nsource: ["0", "2"]\n${rows}`), [
      /t\.yaml:2:15 .*code "2" of source has no row/,
      /t\.yaml:5:13 .*code "1" is not in source/,
    ])
    t.match(wrong('rows:\n  - { code: "0", value: granted }\n  - { code: "0", value: denied }\n'), [
      /t\.yaml:3:13 .*code "0" is given twice \(also at codes\/t\.yaml:2:13\)/,
    ])
    const when = 'when: { path: A, equals: "1" }'
    t.match(wrong(`rows:\n  - { code: "0", value: granted, ${when} }\n  - { code: "0", value: denied }\n`), [/given twice/])
    t.same(
      wrong('rows:\n  - { code: "0", value: granted, to: 2020-12-31 }\n  - { code: "0", value: denied, from: 2021-01-01 }\n'),
      [],
      'on different days a code may mean different things',
    )
    t.match(wrong('vesion: "1"\nrows:\n  - { code: "0", valeu: granted }\n  - { value: x }\n  -\n'), [
      /t\.yaml:1:1 unknown key "vesion"\. Did you mean "version"/,
      /t\.yaml:3:18 unknown key "valeu"\. Did you mean "value"/,
      /t\.yaml:5:4 .*each row is written/,
      /t\.yaml:3:13 .*code "0" has no value/,
      /t\.yaml:4:5 .*this row has no code/,
      /this row has no code/,
    ])
    t.match(wrong('from: 2021-02-30\nto: soon\nlossy: maybe\ndirection: sideways\nrows: []\n').length, 4)
    t.match(wrong('from: 2021-01-02\nto: 2021-01-01\nrows: []\n'), [/t\.yaml:2:5 .*to 2021-01-01 is before from 2021-01-02/])

    t.match(wrong('code,value,form\n0,granted,2021-01-01\n', 't.csv'), [/^t\.csv:1:12 unknown key "form"\. Did you mean "from"/])
    t.match(wrong('vesion,2020\ncode,value\n0,granted\n1,\n', 't.csv'), [/^t\.csv:1:1 unknown key/, /^t\.csv:4:1 .*no value/])
    t.match(wrong('0,granted\n', 't.csv'), [/^t\.csv:1:1 .*the header line must name the columns code and value/])
    t.match(wrong('code,value,value\n0,granted,denied\n', 't.csv'), [/^t\.csv:1:12 .*already has a column value/])
    t.match(wrong('version,1\nversion,2\ncode,value\n0,granted\n', 't.csv'), [/^t\.csv:2:1 .*version has been said already/])
    t.match(wrong('version,1,2\ncode,value\n0,granted\n', 't.csv'), [/^t\.csv:1:11 .*no such cell/])
    t.match(wrong('code,value\n0,granted,准予\n1,denied,,\n', 't.csv'), [/^t\.csv:2:11 .*no column for this cell/])
    t.match(wrong('code,,value\n0,x,granted\n', 't.csv'), [/^t\.csv:2:3 .*no column for this cell/])
    t.same(wrong('summary,甲\nsource,0,1\nsource,2\ncode,value,\n0,granted,,\n1,denied\n2,withdrawn\n', 't.csv'), [])
    t.match(wrong('code,value\n"0,granted\n', 't.csv'), [/^t\.csv:\d:1 .*quotes/])
    t.match(wrong('code,value,when\n0,granted,{ path: \n', 't.csv'), [/^t\.csv:2:11 .*when is no condition/])
  },
)

t.test('codes that a person takes for the same are told with both places, and the mapping runs', async (t) => {
  const { mapping, problems } = compile(closed('kind', '  kind: { "1": granted, "１": denied, "01": withdrawn, "2": voided }'))
  t.same(problems, [])
  t.match(mapping.warnings, [
    {
      code: 'CODE_TABLE_DOUBTFUL',
      values: { at: 'one.yaml:3:25', table: 'kind' },
      message: /code "１" looks like "1" \(one\.yaml:3:11\)/,
    },
  ])
})

t.test('tables and versions that no rule uses are told', async (t) => {
  const { mapping } = compile(closed('doneResult@2020', `${bothVersions}\n  more: { "1": granted }`), files)
  t.same(told(mapping.warnings), [
    'codes/old.yaml:2:1 code table doneResult@old needs attention: no rule uses it',
    'one.yaml:4:3 code table more needs attention: no rule uses it',
  ])
})

t.test('a configured version decides: 6 was another thing before 2021', async (t) => {
  t.equal(outcomeOf('doneResult@old', row('6')), 'granted_without_document')
  t.equal(outcomeOf('doneResult@2020', row('6')), 'refused_acceptance')
  t.match(outcomeOf('doneResult@2020', row('7')), /^CODE_UNKNOWN .*code table doneResult@2020 has no code "7"/)
})

t.test('the row says its version; one that it does not say, or that is not known, is quarantined', async (t) => {
  const codes = '{ table: doneResult, version: { from: STDVER, values: { 1.0: old, 2.0: "2020" } } }'
  t.equal(outcomeOf(codes, row('6', { STDVER: '1.0' })), 'granted_without_document')
  t.equal(outcomeOf(codes, row('6', { STDVER: ' 2.0 ' })), 'refused_acceptance')
  t.match(outcomeOf(codes, row('6', { STDVER: '1' })), /^CODE_VERSION_UNKNOWN .*doneResult.*version "1" is not known/)
  t.match(outcomeOf(codes, row('6', { STDVER: '2020' })), /^CODE_VERSION_UNKNOWN/)
  for (const nothing of [{}, { STDVER: null }, { STDVER: '' }, { STDVER: '无' }])
    t.match(outcomeOf(codes, row('6', nothing)), /^CODE_VERSION_UNKNOWN .*has no value/)
  t.equal(outcomeOf('{ table: doneResult, version: { from: STDVER } }', row('6', { STDVER: '2020' })), 'refused_acceptance')
})

t.test('the day of the fact decides, first and last day included', async (t) => {
  const codes = '{ table: doneResult, by: { from: AT, date: [yyyyMMdd, yyyy-MM-dd] } }'
  t.equal(outcomeOf(codes, row('6', { AT: '2020-12-31' })), 'granted_without_document')
  t.equal(outcomeOf(codes, row('6', { AT: '2021-01-01' })), 'refused_acceptance')
  const day = codes.replace('AT', 'DAY')
  t.match(outcomeOf(day, row('6')), /^CODE_VERSION_UNKNOWN .*by has no value/)
  t.match(outcomeOf(day, row('6', { DAY: 'soon' })), /^CODE_VERSION_UNKNOWN .*"soon" fits none of the date formats/)
  const ended = '  doneResult: { version: "1", from: 2020-01-01, to: 2021-12-31, rows: [{ code: "6", value: denied }] }'
  t.equal(outcomeOf(codes, row('6', { AT: '2021-12-31' }), ended), 'denied')
  t.match(outcomeOf(codes, row('6'), ended), /^CODE_VERSION_UNKNOWN .*0 versions are in effect on 2022-02-02/)
})

t.test('the day decides where the row says no version, but never against what it says', async (t) => {
  const codes = '{ table: doneResult, version: { from: STDVER }, by: { from: AT, date: yyyy-MM-dd } }'
  t.equal(outcomeOf(codes, row('6', { STDVER: 'old' })), 'granted_without_document', 'its own word goes first')
  t.equal(outcomeOf(codes, row('6')), 'refused_acceptance')
  t.match(
    outcomeOf(codes, row('6', { STDVER: '2024' })),
    /^CODE_VERSION_UNKNOWN .*"2024" is not known/,
    'a newer one is no guess',
  )
})

t.test('an ambiguous code needs a second field: exactly one row must hold', async (t) => {
  const because = (WHY: string | null) => outcomeOf('doneResult@old', row('1', { WHY }))
  t.equal(because('不予许可'), 'denied')
  t.equal(because('申请人撤回'), 'withdrawn')
  t.match(because('退回'), /^CODE_AMBIGUOUS .*0 rows of code "1" in code table doneResult@old hold/)
  t.match(because(null), /^CODE_AMBIGUOUS .*0 rows/)
  t.match(because('不予许可，后撤回'), /^CODE_AMBIGUOUS .*2 rows/)
})

t.test('rows may begin and end on a day', async (t) => {
  const dated =
    '  doneResult: { rows: [{ code: "6", value: denied, to: 2020-12-31 }, { code: "6", value: withdrawn, from: 2021-02-01 }] }'
  const codes = '{ table: doneResult, by: { from: AT, date: yyyy-MM-dd } }'
  t.equal(outcomeOf(codes, row('6', { AT: '2020-12-31' }), dated), 'denied')
  t.equal(outcomeOf(codes, row('6', { AT: '2021-02-01' }), dated), 'withdrawn')
  t.match(
    outcomeOf(codes, row('6', { AT: '2021-01-31' }), dated),
    /^CODE_UNKNOWN .*doneResult \(2021-01-31\) has no code "6"; the rows of that code count for …2020-12-31, 2021-02-01… only$/,
  )
  t.match(told(compile(closed('doneResult', dated)).problems), [/one\.yaml:8:39 .*say with by which date counts/])
})

t.test('rows that no day of their version reaches are refused, and days between the rows of a code are told', async (t) => {
  const lint = (rows: string) => {
    const text = `version: new\nfrom: 2021-01-01\nto: 2025-12-31\nrows:\n${rows}`
    const findings = { problems: [] as GatewayError[], warnings: [] as GatewayError[] }
    tableFromFile('t', 'codes/t.yaml', text, findings)
    return [told(findings.problems), told(findings.warnings)]
  }
  t.match(lint('  - { code: "1", value: granted, to: 2020-12-31 }\n'), [
    [
      /^codes\/t\.yaml:5:13 code table t@new: this row of code "1" counts for …2020-12-31 only, and the version for 2021-01-01…2025-12-31$/,
    ],
    [],
  ])
  t.match(
    lint(
      '  - { code: "1", value: granted, to: 2021-12-31 }\n  - { code: "1", value: denied, from: 2022-02-01, to: 2022-12-31 }\n',
    ),
    [[], [/^codes\/t\.yaml:6:13 .*code "1" has no row for 2022-01-01…2022-01-31$/]],
  )
  t.same(
    lint('  - { code: "1", value: granted, from: 2022-01-01 }\n  - { code: "1", value: denied, to: 2021-12-31 }\n'),
    [[], []],
    'in any order',
  )
})

t.test('a condition in a cell of a CSV is one of the mapping, read inside the list in which the table is used', async (t) => {
  const text = `
codes: { form: codes/form.csv }
case: { sourceCaseNo: NO }
events:
  - type: application.received
    content:
      receivedAt: { from: AT, date: yyyy-MM-dd }
      applicant: { name: WHO }
      materials: { each: M, fields: { name: NAME, form: { from: F, codes: form } } }
`
  const csv = 'code,value,when\n1,paper,"{ path: ALSO, equals: ""a"" }"\n1,electronic,"{ path: ALSO, equals: ""b"" }"\n'
  const { mapping, problems } = compile(text, { 'codes/form.csv': csv })
  t.same(problems, [])
  const tree = {
    NO: '1',
    WHO: '甲',
    AT: '2022-02-02',
    ALSO: 'x',
    M: [
      { NAME: '甲', F: '1', ALSO: 'a' },
      { NAME: '乙', F: '1', ALSO: 'b' },
    ],
  }
  t.match(mapping.translate({ stream: 'T', key: 'k', tree }), {
    drafts: [{ content: { materials: [{ form: 'paper' }, { form: 'electronic' }] } }],
  })
  const streams = [
    {
      stream: 'T',
      fields: [{ name: 'NO' }, { name: 'WHO' }, { name: 'AT' }, { name: 'M', fields: [{ name: 'NAME' }, { name: 'F' }] }],
    },
  ]
  t.match(told(comparePaths(mapping, streams as never).problems), [
    /^codes\/form\.csv:2:1 path "M\/ALSO"/,
    /^codes\/form\.csv:3:1/,
  ])
  const wrong = compile(text, { 'codes/form.csv': csv.replace('path', 'paht') })
  t.match(told(wrong.problems), [/^codes\/form\.csv:2:1 unknown key "paht"/, /^codes\/form\.csv:2:1/])
})

t.test('a path of a table is looked for in XML as the names of the mapping say', async (t) => {
  const xml = parseXml('<r><F n="NO">1</F><F n="AT">2022-02-02</F><F n="RESULT">1</F><F n="WHY">撤回</F></r>')
  const { mapping, problems } = compile(`names: F[@n='?']\n${closed('doneResult@old', bothVersions)}`, files)
  t.same(problems, [])
  t.match(mapping.translate({ stream: 'T', key: 'k', tree: xml }), { drafts: [{ content: { outcome: 'withdrawn' } }] })
})

t.test('the use of a table is checked: its name, its version, its values, its days, its direction', async (t) => {
  const wrong = (codes: string, tables = bothVersions, more: Record<string, string> = {}) =>
    told(compile(closed(codes, tables), { ...files, ...more }).problems)
  t.match(wrong('doneReslut@2020'), [/one\.yaml:8:39 .*no code table "doneReslut"\. Did you mean "doneResult"/])
  t.match(wrong('doneResult@2002'), [/code table doneResult has no version "2002"\. Did you mean "2020"/])
  t.match(wrong('doneResult'), [/several versions \(doneResult@old, doneResult@2020\): say which, as in codes: doneResult@old/])
  t.match(wrong('{ table: doneResult, version: { from: V, values: { "1": oldd } } }'), [/no version "oldd"\. Did you mean "old"/])
  t.match(wrong('{ table: doneResult, vresion: { from: V } }'), [/unknown key "vresion"/, /several versions/])
  t.match(wrong('{ table: doneResult, by: { from: AT } }'), [/by is written \{ from: path, date: format \}/])
  t.match(wrong('doneResult', '  doneResult: { rows: [{ code: "1", value: refused_aceptance }] }'), [
    /one\.yaml:3:44 .*"refused_aceptance" of code "1" is not in the canonical vocabulary\. Did you mean "refused_acceptance"/,
  ])
  t.match(wrong('doneResult', '  doneResult: { direction: down, rows: [{ code: "1", value: denied }] }'), [/way down only/])
  const undated = { 'codes/new.csv': newTable.replace('from,2021/1/1\n', '') }
  t.match(wrong('{ table: doneResult, by: { from: AT, date: yyyyMMdd } }', bothVersions, undated), [/each version .* from or to/])
  t.match(wrong('doneResult', '  doneResult: ../other/codes/x.yaml'), [/must be in the department's own folder/])
  t.match(wrong('doneResult', '  doneResult: codes/nowhere.yaml'), [/there is no code table file codes\/nowhere\.yaml/])
  t.match(wrong('doneResult', '  doneResult: [codes/nowhere.yaml]'), [/one\.yaml:3:16 /])
  t.match(wrong('doneResult', '  doneResult: []'), [/the list of versions is empty/])
  t.match(wrong('doneResult', '  doneResult: 3'), [/must be written as code: value/])
  t.match(wrong('doneResult', '  doneResult: { version: "1" }'), [/required key "rows"/])
})

t.test('the days of versions leave none out and are claimed once', async (t) => {
  const wrong = (text: string) =>
    told(compile(closed('doneResult@old', bothVersions), { ...files, 'codes/new.csv': text }).problems)
  t.match(wrong(newTable.replace('2021/1/1', '2021-01-03')), [
    /^codes\/new\.csv:1:1 no version of code table doneResult is for 2021-01-01…2021-01-02: .*\(codes\/old\.yaml:2:1\)/,
  ])
  t.match(wrong(newTable.replace('2021/1/1', '2020-12-31')), [/^codes\/new\.csv:1:1 the days of two versions .* overlap/])
  t.match(wrong(newTable.replace('version,2020', 'version,old')), [/version old of code table doneResult is given twice/])
  t.match(wrong(newTable.replace('version,2020\n', '')), [/each must say its version/])
})

t.test('a score is converted by a table: 1 is the best of one scale and the worst of another', async (t) => {
  const text = (last: string) => `
codes:
  fiveBest: { "5": 1, "4": 2, "3": 3, "2": 4, "1": ${last} }
case: { sourceCaseNo: NO }
events:
  - type: evaluation.given
    content:
      score: { from: MYD, codes: fiveBest }
      evaluatedAt: { from: AT, date: yyyy-MM-dd }
`
  const problemsOf = (last: string) => told(compile(text(last)).problems).filter((reason) => reason.includes('vocabulary'))
  t.same(problemsOf('5'), [])
  t.match(problemsOf('6'), [/one\.yaml:3:52 .*value "6" of code "1".*whole number 1…5/])
  const { mapping } = compile(text('5'))
  t.match(mapping.translate({ stream: 'T', key: 'k', tree: { NO: '1', MYD: '1', AT: '2022-02-02' } }), {
    drafts: [{ content: { score: 5 } }],
  })
})

t.test('with onFailure: flag what cannot be told is absent and flagged', async (t) => {
  const text = closed('{ table: doneResult, version: { from: STDVER } }', bothVersions).replace(
    'required: true',
    'onFailure: flag',
  )
  const { mapping } = compile(text, files)
  for (const tree of [row('6'), row('1', { STDVER: 'old' }), row('9', { STDVER: 'old' })])
    t.match(mapping.translate({ stream: 'T', key: 'k', tree }), {
      drafts: [{ content: { outcome: undefined }, flags: [{ path: '/content/outcome', code: 'unmapped', found: tree.RESULT }] }],
    })
})

const tableOf = (text: string) => {
  const findings = { problems: [] as GatewayError[], warnings: [] as GatewayError[] }
  const table = tableFromFile('t', 'codes/t.yaml', text, findings)!
  t.same(told(findings.problems), [])
  return table
}

t.test('the way back of a table gives the code of each value, and none for a value it does not have', async (t) => {
  const rows = `rows:
  - { code: "01", value: granted }
  - { code: "5", value: withdrawn, when: { path: WHY, equals: a } }
  - { code: "5", value: returned_no_supplement, when: { path: WHY, equals: b } }
  - { code: "6", value: denied, to: 2020-12-31 }
  - { code: "1", value: denied, from: 2021-01-01 }
`
  const back = reverseOf(tableOf(`direction: both\n${rows}`))
  t.same(
    ['granted', 'withdrawn', 'returned_no_supplement', 'voided'].map((value) => back(value)),
    ['01', '5', '5', undefined],
  )
  t.same([back('denied', '2020-12-31'), back('denied', '2021-01-01'), back('denied')], ['6', '1', undefined])
  for (const direction of ['', 'direction: up\n'])
    t.throws(() => reverseOf(tableOf(direction + rows)), { code: 'CODE_TABLE_IRREVERSIBLE', message: /way up only/ })
})

t.test('a table in which codes share a value has no way back, unless it says which code stands for it', async (t) => {
  const rows = 'rows: [{ code: "0", value: granted }, { code: "6", value: granted }, { code: "1", value: denied }]\n'
  t.throws(() => reverseOf(tableOf(`direction: both\nlossy: true\n${rows}`)), {
    code: 'CODE_TABLE_IRREVERSIBLE',
    message: /codes\/t\.yaml:1:1 .*codes "0" \(codes\/t\.yaml:3:16\) and "6" \(codes\/t\.yaml:3:47\) share the value "granted"/,
  })
  t.throws(() => reverseOf(tableOf('"0": granted\n"6": granted\n')), { code: 'CODE_TABLE_IRREVERSIBLE' }, 'also a short one')
  for (const preferred of ['0', '6']) {
    const back = reverseOf(tableOf(`direction: both\nlossy: true\nreverse: { granted: "${preferred}" }\n${rows}`))
    t.same([back('granted'), back('denied')], [preferred, '1'])
  }
})

t.test('a table that counts for some days only is never used on others without a word', async (t) => {
  const lintOf = (codes: string, tables = '  doneResult: codes/old.yaml') => told(compile(closed(codes, tables), files).problems)
  t.match(lintOf('doneResult'), [/code table doneResult@old counts for …2020-12-31 only: say with by which date counts/])
  t.same(lintOf('doneResult@old'), [], 'who names the version means it')
  t.same(lintOf('{ table: doneResult, by: { from: AT, date: yyyy-MM-dd } }'), [])
  const unnamed = { 'codes/t.yaml': 'from: 2021-01-01\nrows:\n  - { code: "0", value: granted }\n' }
  t.match(told(compile(closed('t', '  t: codes/t.yaml'), unnamed).problems), [/code table t counts for 2021-01-01… only/])
})

t.test('days that end before they begin are told once, and nothing is said of them beside other versions', async (t) => {
  const wrong = oldTable.replace('to: 2020-12-31', 'from: 2022-01-01\nto: 2020-12-31')
  const { problems } = compile(closed('doneResult@old', bothVersions), { ...files, 'codes/old.yaml': wrong })
  t.match(told(problems), [/codes\/old\.yaml:6:5 to 2020-12-31 is before from 2022-01-01/])
  t.equal(problems.length, 1)
})

t.test('a version that is left open is none', async (t) => {
  const findings = { problems: [] as GatewayError[], warnings: [] as GatewayError[] }
  const table = tableFromFile('t', 'codes/t.yaml', 'version: ~\nrows:\n  - { code: "0", value: granted }\n', findings)
  t.match(table, { label: 't', version: undefined })
})
