import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { parsePath, structure, type TreeNode, textOf, textsAt } from '../core/codec/path.ts'
import { parseXml } from '../core/codec/xml.ts'
import type { Json, SourceRecord } from '../core/contract.ts'
import type { GatewayError } from '../core/errors.ts'
import { ignoredReason } from '../core/ignored-reason.ts'
import { judgeDraft } from '../core/judge-draft.ts'
import { comparePaths, findUnknownStreams } from '../core/mapping/compare-paths.ts'
import { compileMapping } from '../core/mapping/compile.ts'
import { parseDateFormat } from '../core/mapping/dates.ts'
import { decimalOf } from '../core/mapping/decimal.ts'
import { loadMapping } from '../core/mapping/load.ts'
import { mask, maskCode, maskNames, maskUnknown } from '../core/mapping/mask.ts'
import { withoutRecord } from '../core/mapping/plugin-words.ts'
import { differencesOf, runSamples } from '../core/mapping/samples.ts'
import { packageRoot } from '../core/package-root.ts'
import type { Field, StreamFields } from '../core/probe.ts'
import { parseYaml } from '../core/yaml.ts'
import { temporaryFolder } from './temporary.ts'

const compile = (text: string, files: Record<string, string> = {}) => {
  const problems: GatewayError[] = []
  const mapping = compileMapping('test/one', 'v1', parseYaml('one.yaml', text), files, {}, problems)
  return { mapping, problems }
}

const base = `
codes:
  kind: { "1": natural, "2": enterprise }
case: { sourceCaseNo: NO }
events:
  - type: application.received
    content:
      receivedAt: { from: AT, date: [yyyy-MM-dd HH:mm:ss, yyyyMMdd] }
      applicant: { name: NAME, kind: { from: KIND, codes: kind } }
`

const row = { NO: 'A-001', AT: '2026-03-02 09:00:00', NAME: ' 云·远山 ', KIND: '2' }

const translate = (text: string, tree: TreeNode, stream = 'T') => {
  const { mapping, problems } = compile(text)
  if (problems.length > 0) throw problems[0]
  return mapping.translate({ stream, key: 'k', tree })
}

const failure = (text: string, tree: TreeNode) => {
  const result = translate(text, tree)
  return result.outcome === 'failed'
    ? { code: result.error.code, field: result.error.values['field'], caseNo: result.caseNo }
    : result
}

t.test('paths', async (t) => {
  const xmlText =
    '<r xmlns:g="urn:g"><f n="a">1</f><f n="b/c">2</f><g:f n="a">6</g:f><g:x><y>3</y></g:x><list><i>4</i><i>5</i></list></r>'
  const xml = parseXml(xmlText)
  const longXml = parseXml(xmlText.replace('</r>', `${'<pad n="p">0</pad><pad/>'.repeat(10)}</r>`))
  const json = { 名称: '甲', deep: { list: [{ v: 1 }, { v: 2 }] }, empty: null, constructor: 'own' }
  const texts = (path: string, node: TreeNode) =>
    parsePath(path)!
      .select({ root: node, node })
      .map((found) =>
        typeof found === 'object' && found !== null && 'children' in found ? (found.children as string[]).join('') : found,
      )
  const cases: [string, TreeNode, unknown[]][] = [
    ["f[@n='a']", xml, ['1', '6']],
    ["f[@n='a'][2]", xml, ['6']],
    ["g:f[@n='a']", xml, ['6']],
    ["f[@n='c']", xml, []],
    ["f[@m='a']", xml, []],
    ["f[@n='b/c']", xml, ['2']],
    ['f[2]', xml, ['2']],
    ['f/@n', xml, ['a', 'b/c', 'a']],
    ['g:x/y', xml, ['3']],
    ['x/y', xml, ['3']],
    ['h:x/y', xml, []],
    ['list/*', xml, ['4', '5']],
    ["list[i='5']/i[1]", xml, ['4']],
    ['名称', json, ['甲']],
    ['deep/list/v', json, [1, 2]],
    ['deep/list[2]/v', json, [2]],
    ['empty', json, [null]],
    ['constructor', json, ['own']],
    ['toString', json, []],
    ['/deep/list[1]/v', json, [1]],
  ]
  for (const [path, node, expected] of cases) {
    t.same(texts(path, node), expected, path)
    if (node === xml) t.same(texts(path, longXml), expected, `${path} among many children`)
  }
  t.same(
    ['f', 'list', 'x'].map((path) => textsAt(xml, parsePath(path)!)),
    [['1', '2', '6'], [], []],
    'what holds children has no text',
  )
  t.same(textsAt({ a: 'structure', b: null }, parsePath('*')!), ['structure'])
  for (const wrong of ['', 'a//b', 'a/', 'a[', 'a[x]', '$stream', '@'])
    t.equal(parsePath(wrong), undefined, `"${wrong}" is no path`)
})

t.test('an element is nil by any prefix of XML Schema and either word, but not when it holds something', async (t) => {
  const read = (inner: string) => {
    const record = parseXml(`<r xmlns:i="http://www.w3.org/2001/XMLSchema-instance" xmlns:xsi="urn:other">${inner}</r>`)
    return textOf(parsePath('a')!.select({ root: record, node: record })[0]!)
  }
  for (const nil of ['<a i:nil="true"/>', '<a i:nil=" 1 "> </a>', '<a i:nil="1"></a>']) t.equal(read(nil), undefined, nil)
  for (const empty of ['<a i:nil="false"/>', '<a i:nil="0"/>', '<a nil="true"/>', '<a xsi:nil="true"/>', '<a/>'])
    t.equal(read(empty), '', empty)
  t.equal(read('<a i:nil="true">甲</a>'), '甲')
  t.equal(read('<a i:nil="true"><b/></a>'), structure)
})

t.test('a filter compares without blanks, also among many children', async (t) => {
  const few = '<r><f n=" a ">1</f><f n="b">2</f><i><c> 3 </c><v>4</v></i></r>'
  for (const text of [few, few.replace('</r>', `${'<f n="p">0</f>'.repeat(20)}</r>`)]) {
    const record = parseXml(text)
    const at = (path: string) => textsAt(record, parsePath(path)!)
    t.same([at("f[@n='a']"), at("f[@n=' b ']"), at("i[c='3']/v")], [['1'], ['2'], ['4']])
  }
  t.same(textsAt({ i: [{ c: '3 ', v: '4' }] }, parsePath("i[c='3']/v")!), ['4'])
})

t.test('dates', async (t) => {
  const read = (written: string, text: string, zone = '+08:00') => {
    const format = parseDateFormat(written, zone)
    return 'refused' in format ? format.refused.en : format.parse(text)
  }
  t.equal(read('yyyy-MM-dd HH:mm:ss', '2026-02-28 23:59:59'), '2026-02-28T23:59:59+08:00')
  t.equal(
    read('yyyyMMddHH:mm:ss', '2026022809:00:01'),
    '2026-02-28T09:00:01+08:00',
    'the form of GB/T 39046 that contradicts itself',
  )
  t.equal(read('yyyyMMdd', '20260228'), '2026-02-28', 'no midnight is invented')
  t.equal(read('yyyy年MM月dd日', '2026年02月28日'), '2026-02-28')
  t.equal(read('yyyy-MM-dd HH:mm:ss.S', '2026-02-28 09:00:01.123456'), '2026-02-28T09:00:01.123456+08:00', 'precision stays')
  t.equal(read('yyyy-MM-ddTHH:mm:ssXXX', '2026-02-28T20:00:00Z'), '2026-03-01T04:00:00+08:00', 'its own offset wins')
  t.equal(read('yyyy-MM-dd HH:mm:ss', '2026-02-28 20:00:00', 'Z'), '2026-03-01T04:00:00+08:00')
  for (const real of ['2024-02-29', '2000-02-29', '2026-12-31']) t.equal(read('yyyy-MM-dd', real), real)
  for (const impossible of [
    '2026-02-30',
    '2026-02-29',
    '1900-02-29',
    '2026-04-31',
    '2026-13-01',
    '2026-00-10',
    '26-01-01',
    '2026-01-01x',
  ])
    t.equal(read('yyyy-MM-dd', impossible), undefined, impossible)
  t.equal(read('yyyy-MM-ddTHH:mmXXX', '2026-03-12T09:30+14:00'), '2026-03-12T03:30:00+08:00')
  for (const offset of ['+14:01', '+15:00', '+08:60', '-99:99', '+8'])
    t.equal(read('yyyy-MM-ddTHH:mmXXX', `2026-03-12T09:30${offset}`), undefined, `${offset} is no offset`)
  t.equal(read('yyyy-MM-dd', '0000-12-31'), undefined, 'no year 0')
  t.equal(read('yyyy-MM-dd HH:mm', '9999-12-31 23:00', '-03:00'), undefined, 'no year of five digits')
  t.equal(read('yyyy-MM-dd HH:mm', '0001-01-01 00:30', '+14:00'), undefined, 'no year before 1')
  for (const [written, text, found] of [
    ['yyyy/M/d H:mm', '2026/3/6 8:05', '2026-03-06T08:05:00+08:00'],
    ['yyyy/M/d H:mm', '2026/12/16 18:05', '2026-12-16T18:05:00+08:00'],
    ['yyyy/M/d H:mm', '2026/03/06 08:05', '2026-03-06T08:05:00+08:00'],
    ['yyyy年M月d日H时m分', '2026年3月6日8时5分', '2026-03-06T08:05:00+08:00'],
    ['yyyy-M-dTH:m:s', '2026-3-6T8:5:9', '2026-03-06T08:05:09+08:00'],
    ['yyyy/M/d', '2026/13/6', undefined],
    ['yyyy/M/d', '2026/2/30', undefined],
    ['yyyy/M/d', '2026/0/3', undefined],
    ['yyyy/M/d', '2026/003/6', undefined],
    ['yyyy/M/d H:mm', '2026/3/6 8:5', undefined],
    ['yyyy/M/d H:mm', '2026/3/6 24:05', undefined],
  ] as const)
    t.equal(read(written, text), found, `${text} by ${written}`)
  for (const endless of ['yyyyMd', 'yyyy-MM-ddHmm', 'dyyyyMM', 'yyyy-M1-dd', 'yyyy-MM-dd H:mSS', 'yyyy-M H:mm XXXd'])
    t.match(read(endless, ''), /stands next to digits|is not a date format/, `nobody knows where the digits of "${endless}" end`)
  for (const wrong of [
    'HH:mm',
    'yyyy-MM',
    'yyyy-MM-dd H:mm HH',
    'yyyy-M-MM-dd',
    'yyyy-MM-dd mm',
    'yyyy yyyy MM dd',
    'yyyy-MM-dd HH ss',
    'yyyy-MM-dd HH:mm.S',
  ])
    t.match(read(wrong, ''), 'is not a date format', `"${wrong}" is no format`)
})

t.test('a format that holds text which means something and is not read is none', async (t) => {
  const meaning = (written: string) => {
    const format = parseDateFormat(written, '+08:00')
    return 'refused' in format ? /^"([^"]+)" in the date format/.exec(format.refused.en)?.[1] : undefined
  }
  for (const [format, found] of [
    ['yyyy-MM-ddTHH:mm:ssZ', 'Z'],
    ['yyyy-MM-dd HH:mm GMT', 'GMT'],
    ['yyyy-MM-dd HH:mm PM', 'PM'],
    ['yyyy-MM-dd 下午HH:mm', '下午'],
    ['yyyy-MM-ddTHH:mm:ss+00:00', '+00:00'],
    ['yyyyMMddHHmm-0300', '-0300'],
    ['yyyy-MM-ddT', 'T'],
    ['yyyyMMdd HHTmm', 'T'],
    ['yyyy-MM-dd HH:mm:ss', undefined],
    ['yyyy-MM-ddTHH:mm:ss.SXXX', undefined],
    ["yyyy-MM-dd'T'HH:mm", undefined],
    ['MM/dd/yyyyTHH:mm', undefined],
    ['yyyy年MM月dd日 HH时mm分', undefined],
    ['yyyy-MM-dd 00:00:00', undefined],
    ['HH:mm dd-MM-yyyy', undefined],
  ] as const)
    t.equal(meaning(format), found, format)
})

t.test('a date format whose parts are in no order is refused: MM in the time is the month', (t) => {
  const isRefused = (format: string) => 'refused' in parseDateFormat(format, '+08:00')
  for (const format of [
    'yyyy-mm-dd HH:MM',
    'yyyy-MM-dd mm:HH',
    'HH-MM-yyyy dd:mm',
    'yyyy-ss-dd HH:mm:MM',
    'yyyy-dd-MM',
    'MM-yyyy-dd',
  ])
    t.ok(isRefused(format), format)
  for (const format of ['yyyy-MM-dd HH:mm', 'HH:mm dd-MM-yyyy', 'MM/dd/yyyyTHH:mm', 'ddMMyyyy', 'HH:mm:ss.S XXX yyyy-MM-dd'])
    t.notOk(isRefused(format), format)
  t.end()
})

t.test(
  'a text that two formats read differently is no time, and formats that differ only in their order are refused',
  async (t) => {
    const dates = (formats: string) => base.replace(/date: \[.*?\]/, `date: [${formats}]`)
    const receivedAt = (formats: string, AT: string) => {
      const result = translate(dates(formats), { ...row, AT })
      if (result.outcome === 'drafts') return result.drafts[0]!.content['receivedAt']
      return result.outcome === 'failed' ? [result.error.code, result.error.values['formats']] : result.outcome
    }
    const overlapping = 'yyyyMMdd, ddMMyyyy'
    t.equal(receivedAt(overlapping, '20260312'), '2026-03-12')
    t.equal(receivedAt(overlapping, '12032026'), '2026-03-12')
    t.same(receivedAt(overlapping, '10121012'), ['DATE_AMBIGUOUS', 'yyyyMMdd | ddMMyyyy'])
    const midnight = 'yyyy-MM-dd 00:00:00, yyyy-MM-dd HH:mm:ss.S, yyyy-MM-dd HH:mm:ss'
    t.equal(receivedAt(midnight, '2026-03-12 00:00:00'), '2026-03-12', 'a day does not contradict its midnight: the first counts')
    t.equal(receivedAt(midnight, '2026-03-12 09:00:00'), '2026-03-12T09:00:00+08:00')
    t.match(compile(dates('MM/dd/yyyy, dd/MM/yyyy')).problems, [
      { code: 'MAPPING_INVALID', message: /differ only in their order/ },
    ])
    t.same(compile(dates('yyyyMMdd, yyyyMMdd')).problems, [])
  },
)

t.test('a number is read when the message has the same digits', async (t) => {
  for (const [text, number] of [
    ['003', 3],
    ['-0', -0],
    ['+12.500', 12.5],
    ['00000000000000.10', 0.1],
    ['0000000000000.000001', 0.000001],
    ['999999999999.99', 999999999999.99],
    ['1000000000000.001', 1000000000000.001],
    ['000000000000000', 0],
    ['9999999999999.99', 9999999999999.99],
    ['99999999999999.99', 'inexact'],
    ['99999999999.123456', 'inexact'],
    ['123456789012345.678', 'inexact'],
    ['1e5', undefined],
    ['0x10', undefined],
    ['.5', undefined],
    ['1234567890123456', undefined],
  ] as const)
    t.equal(decimalOf(text), number, text)
})

t.test('a row becomes a draft whose fields are sorted and trimmed', async (t) => {
  const result = translate(base, row)
  t.match(result, {
    outcome: 'drafts',
    caseNo: 'A-001',
    drafts: [
      {
        type: 'application.received',
        content: { applicant: { kind: 'enterprise', name: '云·远山' }, receivedAt: '2026-03-02T09:00:00+08:00' },
        flags: [],
      },
    ],
  })
})

t.test('nothing is guessed', async (t) => {
  t.same(failure(base, { ...row, KIND: '9' }), { code: 'CODE_UNKNOWN', field: '/content/applicant/kind', caseNo: 'A-001' })
  t.same(failure(base, { ...row, AT: '2026-02-30 09:00:00' }), {
    code: 'DATE_INVALID',
    field: '/content/receivedAt',
    caseNo: 'A-001',
  })
  t.same(failure(base, { ...row, NAME: ['a', 'b'] }), {
    code: 'VALUE_AMBIGUOUS',
    field: '/content/applicant/name',
    caseNo: 'A-001',
  })
  t.same(failure(base, { ...row, NAME: { first: 'a' } }), {
    code: 'VALUE_INVALID',
    field: '/content/applicant/name',
    caseNo: 'A-001',
  })
  t.same(failure(base, { ...row, NO: '' }), { code: 'VALUE_MISSING', field: '/case/sourceCaseNo', caseNo: undefined })
  t.same(failure(base.replace('content:', 'when: { path: $stream, equals: OTHER }\n    content:'), row), {
    code: 'EVENT_UNMAPPED',
    field: undefined,
    caseNo: 'A-001',
  })
})

t.test('with onFailure: flag a field that fails is absent and flagged', async (t) => {
  const result = translate(`onFailure: flag\n${base}`, { ...row, KIND: '9', AT: 'soon' })
  t.match(result, {
    drafts: [
      {
        content: { applicant: { name: '云·远山' } },
        flags: [
          { path: '/content/applicant/kind', code: 'unmapped', found: '9' },
          { path: '/content/receivedAt', code: 'invalid' },
        ],
      },
    ],
  })
})

t.test('a placeholder is absent and flagged, and so is not the value it stands for', async (t) => {
  const result = translate(base, { ...row, NAME: '无' })
  t.match(result, {
    drafts: [
      {
        content: { applicant: { kind: 'enterprise', name: undefined } },
        flags: [{ path: '/content/applicant/name', code: 'placeholder', found: '无' }],
      },
    ],
  })
})

t.test('one record gives several events, and lists keep single entries', async (t) => {
  const text = `
case: { sourceCaseNo: NO }
events:
  - type: supplement.requested
    each: steps
    stage: { sequence: n }
    content:
      toldAt: { from: at, date: yyyy-MM-dd }
      wanted: { each: list, fields: { name: . } }
      documentNo: /DOC
`
  const result = translate(text, {
    NO: '1',
    DOC: 'D',
    steps: [
      { n: '1', at: '2026-01-01', list: ['甲'] },
      { n: '2', at: '2026-01-02', list: ['甲', '乙'] },
    ],
  })
  t.match(result, {
    drafts: [
      { stage: { sequence: '1' }, content: { toldAt: '2026-01-01', wanted: [{ name: '甲' }], documentNo: 'D' } },
      { stage: { sequence: '2' }, content: { wanted: [{ name: '甲' }, { name: '乙' }] } },
    ],
  })
})

t.test('recordedAt at the top is read from the record, also by events for each entry of a list', async (t) => {
  const text = (own: string) => `
recordedAt: { from: GXSJ, date: yyyy-MM-dd }
case: { sourceCaseNo: NO }
events:
  - type: supplement.requested
    each: steps${own}
    content: { toldAt: { from: at, date: yyyy-MM-dd } }
`
  const record = { NO: '1', GXSJ: '2026-01-03', steps: [{ at: '2026-01-01', kept: '2026-01-02' }] }
  t.match(translate(text(''), record), { drafts: [{ recordedAt: '2026-01-03', content: { toldAt: '2026-01-01' } }] })
  t.match(translate(text('\n    recordedAt: { from: kept, date: yyyy-MM-dd }'), record), {
    drafts: [{ recordedAt: '2026-01-02' }],
  })
})

t.test('a rule says why a record is no message', async (t) => {
  t.match(translate(`${base}ignore:\n  - { when: { path: KIND, equals: "2" }, reason: 测试 }\n`, row), {
    outcome: 'ignored',
    reason: '测试',
  })
})

t.test('every mistake of a mapping is found at once, with its place', async (t) => {
  const { problems } = compile(`
summery: typo
codes:
  kind: { "1": naturel }
  table: { file: codes/missing.csv }
case: { sourceCaseNo: NO }
events:
  - type: aplication.received
  - type: application.received
    wen: 1
    content:
      receivedAt: AT
      applicant:
        name: { constant: 张三 }
        kind: KIND
        nmae: NAME
      channel: { from: C, codes: nowhere }
      promisedLimit: { amount: { from: A }, unit: { from: U, codes: kind, date: yyyy } }
`)
  const found = problems.map(({ code, values }) => `${String(values['at']).replace('one.yaml:', '')} ${code}`)
  t.same(
    found.sort(),
    [
      '10:5 CONFIG_KEY_UNKNOWN',
      '12:19 MAPPING_INVALID',
      '14:27 MAPPING_INVALID',
      '15:15 MAPPING_INVALID',
      '16:9 CONFIG_KEY_UNKNOWN',
      '17:34 MAPPING_INVALID',
      '18:32 MAPPING_INVALID',
      '18:51 MAPPING_INVALID',
      '2:1 CONFIG_KEY_UNKNOWN',
      '4:16 MAPPING_INVALID',
      '5:10 MAPPING_INVALID',
      '8:5 MAPPING_INVALID',
      '8:5 MAPPING_INVALID',
      '8:11 MAPPING_INVALID',
    ].sort(),
  )
  t.match(problems.map(({ text }) => text.en).join('\n'), /Did you mean "application\.received"/)
})

const told = (stream: string, ...fields: (string | Field)[]): Required<StreamFields> & { fields: readonly Field[] } => ({
  stream,
  fields: fields.map((field) => (typeof field === 'string' ? { name: field, fields: [] } : field)),
})

/** `line:column name` of each path of a mapping that none of the streams has. */
const unknownIn = (text: string, ...streams: StreamFields[]) => {
  const { mapping, problems } = compile(text)
  if (problems.length > 0) throw problems[0]
  const found = comparePaths(mapping, streams).problems
  return { found, places: found.map(({ values }) => `${String(values['at']).replace('one.yaml:', '')} ${values['name']}`) }
}

const widePaths = `
dataVersion: { from: VERSION, number: true }
recordedAt: { from: GXSJ, date: yyyy-MM-dd }
case: { sourceCaseNo: NO, itemCode: ITEM }
events:
  - type: supplement.requested
    when: [{ path: $stream, equals: T }, { any: [{ path: STATE, present: true }, { not: { path: NOTE, matches: x } }] }]
    each: steps
    stage: { sequence: XH }
    content:
      toldAt: { from: AT, date: yyyy-MM-dd }
      wanted: { each: CL, fields: { name: MC } }
      documentNo: /DOC
      nodeName: $key
  - type: application.received
    content:
      promisedDueAt: { from: /steps/RQ, expression: "$substring($, 0, 10)", date: yyyy-MM-dd }
      subject: list[KIND='3'][1]/TEXT
      applicant: { name: ./NAME, address: "*" }
      receivedAt: { from: TEST, date: yyyy-MM-dd }
ignore:
  - { when: { path: TEST, equals: "1" }, reason: 测试 }
`

t.test('a path is looked for in what the records of its streams hold', async (t) => {
  const steps: Field = {
    name: 'steps',
    fields: [...told('', 'XH', 'AT', 'RQ').fields, { name: 'CL', fields: told('', 'MC').fields }],
  }
  const list: Field = { name: 'list', fields: told('', 'KIND', 'TEXT').fields }
  const columns = ['VERSION', 'GXSJ', 'NO', 'ITEM', 'STATE', 'NOTE', 'DOC', 'NAME', 'TEST']
  const all = told('T', ...columns, steps, list)
  t.same(unknownIn(widePaths, all).places, [])
  t.same(
    unknownIn(widePaths, told('T', ...columns.slice(0, 7), steps), told('B', ...columns.slice(7), list)).places,
    [],
    'one of the streams is enough',
  )
  t.same(unknownIn(widePaths, told('T', 'NO')).places, [
    '4:37 ITEM',
    '2:22 VERSION',
    '3:21 GXSJ',
    '8:11 steps',
    '7:58 STATE',
    '7:97 NOTE',
    '13:19 DOC',
    '19:26 NAME',
    '17:30 steps',
    '20:27 TEST',
    '18:16 list',
    '22:21 TEST',
  ])
  const misread = told(
    'T',
    ...columns,
    { name: 'steps', fields: [...told('', 'XH', 'SJ', 'NO').fields, { name: 'CL', fields: told('', 'CLMC').fields }] },
    { name: 'list', fields: told('', 'TEXT').fields },
  )
  const { found, places } = unknownIn(widePaths, misread)
  t.same(places, ['11:23 AT', '12:43 MC', '17:30 RQ', '18:16 KIND'], 'inside each, the entries of the list count')
  t.match(found[1], {
    code: 'MAPPING_PATH_UNKNOWN',
    text: {
      zh: 'one.yaml:12:43 路径“steps/CL/MC”：T 的记录里没有“MC”。是否想写“CLMC”？可用：CLMC',
      en: 'one.yaml:12:43 path "steps/CL/MC": the records of T hold no "MC". Did you mean "CLMC"? Known: CLMC',
    },
  })
  const noWord = told('T', ...columns, { name: 'steps' }, { name: 'list' })
  t.same(unknownIn(widePaths, noWord).places, [], 'what a field holds may be unknown, and then anything may be there')
  const noList = told('T', ...columns, 'steps', list)
  t.same(unknownIn(widePaths, noList).places, ['9:24 XH', '11:23 AT', '12:23 CL', '17:30 RQ'], 'a plain value holds nothing')
})

t.test('a stream that the source does not have, and what no rule reads, is told', async (t) => {
  const { mapping } = compile(widePaths)
  t.match(findUnknownStreams(mapping, [{ stream: 'TT' }]), [
    { code: 'MAPPING_PATH_UNKNOWN', values: { name: 'T', streams: 'TT' } },
  ])
  const each = compile(
    base.replace('content:', 'when: { any: [{ path: $stream, in: [TT, U] }, { path: $stream, equals: W }] }\n    content:'),
  )
  t.same(
    findUnknownStreams(each.mapping, [{ stream: 'TT' }]).map(({ values }) => [values['at'], values['name']]),
    [
      ['one.yaml:7:45', 'U'],
      ['one.yaml:7:76', 'W'],
    ],
    'where the condition names it',
  )
  const inside: Field = { name: 'D', isStructure: true, fields: told('', 'NAME', 'SPARE').fields }
  const rest = { name: 'REST', fields: told('', 'X').fields }
  const nested = compile(base.replace('name: NAME', 'name: D/NAME')).mapping
  const { warnings } = comparePaths(nested, [told('T', 'NO', 'AT', 'KIND', 'OTHER', inside, rest)])
  t.match(
    warnings.map(({ text }) => text.zh),
    ['mappings/test/one.yaml:1:1 映射没有读取 T 的：OTHER, D/SPARE, REST'],
  )
})

t.test('a short name of names: is looked for as the path that it stands for', async (t) => {
  const text = `names: data/?\n${base}`
  const data = { name: 'data', fields: told('', 'NO', 'AT', 'NAME', 'KIND').fields }
  t.same(unknownIn(text, told('T', data)).places, [])
  t.same(unknownIn(text, told('T', { ...data, fields: data.fields.slice(1) })).places, ['5:23 NO'])
  const xml = base.replace('name: NAME', `name: "Field[@FieldName='NAME']", address: Field/@type`)
  t.same(unknownIn(xml, told('T', 'NO', 'AT', 'KIND', { name: 'Field', fields: [{ name: '@FieldName' }] })).places, [
    '9:63 @type',
  ])
})

t.test('a slip of the pen is a mistake of this mapping, never a crash', async (t) => {
  for (const text of [
    `${base}ignore:\n  -\n`,
    'events:\n',
    'case:\n',
    '',
    '[]',
    '- a',
    `${base}codes: 3\n`.replace(/^codes:[\s\S]*?case/m, 'case'),
  ]) {
    const folder = writeMapping(t, { 'one.yaml': text })
    const loaded = await loadMapping(folder, 'dept/one')
    t.ok(loaded.problems.length > 0 || loaded.mapping, JSON.stringify(text))
  }
  const folder = writeMapping(t, { 'one.yaml': base.replace(/kind: \{.*\}\n/, 'kind: { file: tables }\n'), 'tables/x.csv': '' })
  t.match(await loadMapping(folder, 'dept/one'), { mapping: undefined, problems: [{}] }, 'a folder is no table')
  const thrower = writeMapping(t, { 'one.yaml': `plugin: ./own.ts\n${base}`, 'own.ts': "throw new Error('at the top')\n" })
  t.match(await loadMapping(thrower, 'dept/one'), {
    mapping: undefined,
    problems: [{ code: 'MAPPING_INVALID', message: /at the top/ }],
  })
})

t.test('a code table may be a CSV file', async (t) => {
  const { mapping, problems } = compile(base.replace('{ "1": natural, "2": enterprise }', '{ file: kinds.csv }'), {
    'kinds.csv': '\uFEFFcode,value,note\n1,natural,自然人\n2,enterprise,企业\n',
  })
  t.same(problems, [])
  t.match(mapping.translate({ stream: 'T', key: 'k', tree: row }), {
    drafts: [{ content: { applicant: { kind: 'enterprise' } } }],
  })
  const twice = compile(base.replace('{ "1": natural, "2": enterprise }', '{ file: kinds.csv }'), {
    'kinds.csv': 'code,value\n1,natural\n1,other\n',
  })
  t.match(twice.problems, [{ code: 'MAPPING_INVALID', values: { at: 'kinds.csv:3:1' } }])
})

const writeMapping = (t: Test, files: Record<string, string>) => {
  const folder = temporaryFolder(t)
  for (const [name, text] of Object.entries(files)) {
    const file = join(folder, 'dept', name)
    mkdirSync(join(file, '..'), { recursive: true })
    writeFileSync(file, text)
  }
  return folder
}

const recordOf = (value: Json): SourceRecord => ({
  stream: 'T',
  key: 'k',
  body: JSON.stringify(value),
  contentType: 'application/json',
})

const withPlugin = base.replace('name: NAME', 'name: { from: NAME, call: upper }')

t.test('a plug-in is TypeScript of the department’s own folder, and nothing else', async (t) => {
  const folder = writeMapping(t, {
    'one.yaml': `plugin: ./own.ts\n${withPlugin}`,
    'own.ts':
      "import { suffix } from './part.ts'\nexport const upper = (value: string): string => { if (value === 'boom') throw new Error('no such name'); return value + suffix }\n",
    'part.ts': "export const suffix: string = '（甲）'\n",
  })
  const { mapping, problems } = await loadMapping(folder, 'dept/one')
  t.same(problems, [])
  const made = await mapping!.isolated!.translate([recordOf(row), recordOf({ ...row, NAME: 'boom' })])
  await mapping!.isolated!.close()
  t.match(made, [
    { drafts: [{ content: { applicant: { name: '云·远山（甲）' } } }] },
    { outcome: 'failed', error: { code: 'MAPPING_PLUGIN_FAILED', message: /no such name/ } },
  ])

  const changed = writeMapping(t, {
    'one.yaml': `plugin: ./own.ts\n${withPlugin}`,
    'own.ts': 'export const upper = (value: string) => value\n',
  })
  t.not((await loadMapping(changed, 'dept/one')).mapping?.version, mapping!.version, 'its text is part of the version')

  for (const code of [
    "import { readFileSync } from 'node:fs'\nexport const upper = () => readFileSync('x', 'utf8')",
    "import pg from 'pg'\nexport const upper = () => String(pg)",
    'export const upper = (',
  ]) {
    const bad = await loadMapping(writeMapping(t, { 'one.yaml': `plugin: ./own.ts\n${withPlugin}`, 'own.ts': code }), 'dept/one')
    t.match(bad, { mapping: undefined, problems: [{ code: 'MAPPING_INVALID', values: { at: 'mappings/dept/one.yaml:1:9' } }] })
  }
  const wrong = `plugin: ./gone.ts\n${withPlugin.replace('receivedAt:', 'recievedAt:')}`
  const { problems: all } = await loadMapping(writeMapping(t, { 'one.yaml': wrong }), 'dept/one')
  t.match(
    all.map(({ text }) => text.en),
    [/there is no plug-in file gone\.ts/, /recievedAt/],
    'it hides no other mistake, and none is made up',
  )
})

t.test('samples are compared field by field', async (t) => {
  t.same(
    differencesOf({ a: [1, { b: 2 }], c: 1 }, { a: [1, { b: 3 }], d: 1 }).map(({ path }) => path),
    ['/a/1/b', '/c', '/d'],
  )
  const sample =
    'stream: T\nrow: { NO: "1", AT: "20260302", NAME: 甲, KIND: "8" }\nexpected: { quarantined: CODE_UNKNOWN, field: /content/applicant/kind }\n'
  const folder = writeMapping(t, {
    'one.yaml': base,
    'samples/one/unknown-code.yaml': sample,
    'samples/one/wrong.yaml': sample.replace('CODE_UNKNOWN', 'DATE_INVALID'),
  })
  const { mapping } = await loadMapping(folder, 'dept/one')
  const results = await runSamples(folder, mapping!)
  t.match(results, [
    { ok: true },
    { ok: false, differences: [{ path: '/quarantined', expected: '"DATE_INVALID"', found: '"CODE_UNKNOWN"' }] },
  ])
})

t.test('a misspelt key of a sample is a mistake with its place, and the sample is not tried', async (t) => {
  const sample =
    'stream: T\nrow: { NO: "1", AT: "20260302", NAME: 甲, KIND: "8" }\nexpected: { quarantined: CODE_UNKNOWN, field: /content/applicant/kind }\n'
  const folder = writeMapping(t, {
    'one.yaml': base,
    'samples/one/a-right.yaml': sample,
    'samples/one/b-key.yaml': `${sample}kye: A-001\n`,
    'samples/one/c-expected.yaml': sample.replace('field:', 'feild:'),
    'samples/one/d-stream.yaml': sample.replace('stream', 'streem'),
    'samples/one/e-empty.yaml': '',
  })
  const { mapping } = await loadMapping(folder, 'dept/one')
  const results = await runSamples(folder, mapping!)
  t.same(
    results.map(({ ok, differences }) => [ok, differences.length]),
    [
      [true, 0],
      [false, 0],
      [false, 0],
      [false, 0],
      [false, 0],
    ],
  )
  const at = (place: string) => `mappings/dept/samples/one/${place}`
  t.match(
    results.map(({ problems }) => problems),
    [
      [],
      [{ code: 'CONFIG_KEY_UNKNOWN', values: { at: at('b-key.yaml:4:1'), key: 'kye' }, message: /Did you mean "key"/ }],
      [{ code: 'CONFIG_KEY_UNKNOWN', values: { at: at('c-expected.yaml:3:40') }, message: /Did you mean "field"/ }],
      [
        { code: 'CONFIG_KEY_UNKNOWN', values: { at: at('d-stream.yaml:1:1') }, message: /Did you mean "stream"/ },
        { code: 'CONFIG_KEY_MISSING', values: { key: 'stream' } },
      ],
      [{ code: 'CONFIG_KEY_MISSING', values: { at: at('e-empty.yaml:1:1') } }],
    ],
  )
})

t.test('a message says how its values came about, and what of a time the source did not give', async (t) => {
  const text = `
zone: "+08:00"
codes:
  kind: { "1": natural }
case: { sourceCaseNo: NO, itemName: $key }
events:
  - type: application.received
    occurredAt: { from: AT, date: [yyyy-MM-dd HH:mm, yyyy-MM-dd HH, "yyyy-MM-ddTHH:mm:ssXXX", yyyy-MM-dd] }
    content:
      receivedAt: { from: RAT, date: [yyyy-MM-dd HH:mm, "yyyy-MM-ddTHH:mm:ssXXX", yyyy-MM-dd] }
      subject: TITLE
      applicant: { name: NAME, kind: { from: KIND, codes: kind } }
      materials: { each: M, fields: { name: N, code: { constant: x } } }
`
  const told = (AT: string, RAT: string, more: object = {}) => {
    const result = translate(text, { NO: '1', AT, RAT, NAME: '甲', TITLE: '题', ...more } as TreeNode)
    return result.outcome === 'drafts' ? [result.drafts[0]!.occurredAt, result.drafts[0]!.provenance] : result
  }
  t.same(told('2026-03-02 09:30', '2026-03-02'), [
    '2026-03-02T09:30:00+08:00',
    {
      derived: ['/case/itemName'],
      normalised: ['/occurredAt'],
      precision: [{ path: '/occurredAt', unit: 'minute' }],
    },
  ])
  t.same(told('2026-03-02 09', '2026-03-02T01:00:00Z'), [
    '2026-03-02T09:00:00+08:00',
    {
      derived: ['/case/itemName'],
      normalised: ['/occurredAt', '/content/receivedAt'],
      precision: [{ path: '/occurredAt', unit: 'hour' }],
      zone: [{ path: '/content/receivedAt', offset: 'Z' }],
    },
  ])
  t.same(told('2026-03-02T09:00:00+08:00', '2026-03-02', { KIND: '1', TITLE: ' 题 ', M: [{ N: ' a' }, { N: 'b' }] }), [
    '2026-03-02T09:00:00+08:00',
    {
      derived: ['/case/itemName', '/content/materials/0/code', '/content/materials/1/code'],
      mapped: ['/content/applicant/kind'],
      normalised: ['/content/materials/0/name', '/content/subject'],
    },
  ])
})

t.test('a path is looked for in the streams that its event names, and not in the others', async (t) => {
  const text = `
case: { sourceCaseNo: NO }
events:
  - type: application.received
    when: [{ path: $stream, equals: SQ }, { path: LX, equals: "1" }]
    content: { receivedAt: { from: AT, date: yyyy-MM-dd }, applicant: { name: NAME } }
  - type: acceptance.decided
    when: { any: [[{ path: $stream, equals: SL }, { path: NAME, present: true }], { path: $stream, equals: SL2 }] }
    content: { decision: { from: ZT, codes: d }, decidedAt: { from: AT, date: yyyy-MM-dd } }
codes: { d: { "1": accepted } }
`
  const { found, places } = unknownIn(text, told('SQ', 'NO', 'LX', 'AT'), told('SL', 'NO', 'ZT', 'NAME'), told('SL2', 'NO', 'AT'))
  t.same(places, ['6:79 NAME'], 'another stream has a NAME, and it is not read there')
  t.match(found[0]!.values, { streams: 'SQ' })
})

t.test('a condition and a placeholder mean the text of the file, not what YAML makes of it', async (t) => {
  const kinds = (when: string, KIND: string) => {
    const text = `${base}ignore:\n  - { when: { path: KIND, ${when} }, reason: 测试 }\nplaceholders: [00, 1.0]\n`
    return translate(text, { ...row, KIND })
  }
  t.match(kinds('equals: 01', '01'), { outcome: 'ignored' })
  t.match(kinds('in: [007, 1e3]', '1e3'), { outcome: 'ignored' })
  t.not(kinds('equals: 01', '1').outcome, 'ignored')
  t.match(translate(`${base}placeholders: [00]\n`, { ...row, NAME: '00' }), {
    drafts: [{ flags: [{ path: '/content/applicant/name', code: 'placeholder', found: '00' }] }],
  })
})

t.test('what an alias repeats means the same text as its anchor, in conditions, lists and code tables', async (t) => {
  const text = `
case: { sourceCaseNo: NO }
codes:
  one: &table { version: "1", rows: [{ code: 01, value: natural }, { code: 02, value: enterprise }] }
  two: *table
  10: { 01: accepted }
events:
  - type: application.received
    when: &is { path: LX, equals: 01 }
    content: { receivedAt: { from: AT, date: yyyy-MM-dd }, applicant: { name: NAME, kind: { from: LX, codes: two } } }
  - type: review.step
    when: { not: *is }
    content: { endedAt: { from: ZJ, date: yyyy-MM-dd } }
  - type: acceptance.decided
    when: [*is, &among { path: LX, in: [01, 02] }, *among]
    content:
      decision: { from: JG, codes: 10 }
      decidedAt: { from: SJ, date: yyyy-MM-dd }
`
  const { mapping, problems } = compile(text)
  t.same(
    problems.map((problem) => problem.message),
    [],
    'a table whose name YAML takes for a number has its rows, too',
  )
  const typesOf = (LX: string) => {
    const made = mapping.translate({
      stream: 'T',
      key: 'k',
      tree: { ...listedRow, LX, ZJ: '2026-03-02', JG: '01', SJ: '2026-03-03' },
    })
    return made.outcome === 'drafts'
      ? made.drafts.map(({ type }) => type)
      : made.outcome === 'failed'
        ? made.error.code
        : made.outcome
  }
  t.same([typesOf('01'), typesOf('1')], [['application.received', 'acceptance.decided'], ['review.step']])
  t.match(translate(text, { ...listedRow, LX: '01', JG: '01', SJ: '2026-03-03' }), {
    drafts: [{ content: { applicant: { kind: 'natural' } } }, {}],
  })
})

t.test('the mappings of the demo are in order and give what their samples expect', async (t) => {
  const folder = join(packageRoot, 'mappings')
  for (const name of ['housing/permit', 'market/licence', 'civil/exchange']) {
    const { mapping, problems } = await loadMapping(folder, name)
    t.same(
      problems.map(({ message }) => message),
      [],
      name,
    )
    const samples = await runSamples(folder, mapping!)
    t.ok(samples.length > 0, `${name} has samples`)
    for (const { file, differences } of samples) t.same(differences, [], file)
  }
})

t.test('a path for a field that is an object is a mistake, with what the object has', async (t) => {
  const { problems } = compile(base.replace('applicant: { name: NAME, kind: { from: KIND, codes: kind } }', 'applicant: NAME'))
  t.match(problems[0]?.text, { zh: /字段 \/content\/applicant 是对象.*name/, en: /is an object: .*\{ name: NAME \}|it has name/ })
})

t.test('an event of a misspelt type tells its other mistakes, too; of one that is like none nobody knows what it holds', (t) => {
  const said = (type: string) =>
    compile(base.replace('application.received', type).replace('name: NAME', 'nmae: NAME')).problems.map(({ code, text }) => [
      code,
      text.en,
    ])
  t.match(said('aplication.received'), [
    ['MAPPING_INVALID', /there is no event type "aplication.received". Did you mean "application.received"/],
    ['CONFIG_KEY_UNKNOWN', /nmae/],
    ['MAPPING_INVALID', /applicant\/name has no rule/],
  ])
  t.equal(said('something').length, 1)
  t.end()
})

t.test('what a function made is told as such, and not as what the source says', (t) => {
  const problems: GatewayError[] = []
  const yaml = base.replace('from: AT,', 'from: AT, call: wrong,').replace('from: KIND,', 'from: KIND, call: wrong,')
  const fit = (text: string) =>
    compileMapping('test/one', 'v1', parseYaml('one.yaml', text), {}, { wrong: () => 'x1' }, problems).translate({
      stream: 'T',
      key: 'k',
      tree: row,
    })
  t.match(fit(yaml), {
    error: { code: 'CODE_UNKNOWN', text: { zh: /“x1（函数 wrong 得出）”/, en: /"x1 \(made by function wrong\)"/ } },
  })
  t.match(fit(yaml.replace('from: KIND, call: wrong,', 'from: KIND,')), {
    error: { code: 'DATE_INVALID', text: { zh: /“x1（函数 wrong 得出）”不是按/ } },
  })
  t.same(problems, [])
  t.end()
})

t.test('a record that no event is for is told of which streams the events are', (t) => {
  const two = base.replace('content:', 'when: { path: $stream, in: [YW_SQ, YW_SL] }\n    content:')
  t.match(translate(two, row, 'OTHER'), {
    error: { text: { en: /applies to this record of OTHER: its events are for YW_SQ, YW_SL$/ } },
  })
  t.end()
})

t.test('what can never be a list, an object or a value of the field is a mistake, with what would be right', (t) => {
  const said = (content: string) =>
    compile(base.replace('      applicant:', `      ${content}\n      applicant:`)).problems.map(({ text }) => text.en)
  const list = /one\.yaml:9:\d+ .*field \/content\/materials is a list: .*\{ each: XM, fields: \{ name: … \} \}/
  t.match(said('materials: XM'), [list])
  t.match(said('materials: { from: XM }'), [list])
  t.match(said('materials: { constant: XM }'), [/is a list: .*\{ each: …, fields: \{ name: … \} \}/])
  t.match(said('contact: { constant: XM }'), [/field \/content\/contact is an object: .*\{ name: … \}/])
  t.match(said('region: { constant: 乌兰察布 }'), [
    /field \/content\/region takes no such constant: must be: Region code, 6, 9 or 12 digits/,
  ])
  t.same(said('region: { constant: "150902000000" }'), [])
  t.match(said('region: { constant: "150902000000", from: XZQ }'), [/one\.yaml:9:15 .*constant and from cannot both be given/])
  t.match(said('materials: { each: CL, fields: { code: MC } }'), [
    /the mandatory field \/content\/materials\/\*\/name has no rule/,
  ])
  t.end()
})

t.test('conditions that exclude each other by the text of the file may read one place for two times', (t) => {
  const two = (first: string, second: string) => `
case: { sourceCaseNo: NO }
events:
  - type: application.received
    when: { path: HJ, equals: ${first} }
    content: { receivedAt: { from: AT, date: yyyyMMdd }, applicant: { name: NAME } }
  - type: review.step
    when: { path: HJ, equals: ${second} }
    content: { endedAt: { from: AT, date: yyyyMMdd } }
  - type: supplement.requested
    when: { path: HJ, in: [${second}] }
    content: { toldAt: { from: GZ, date: yyyyMMdd }, wanted: { each: CL, fields: { name: MC } } }
`
  t.same(compile(two('01', '1')).problems, [], 'as numbers of YAML both would be 1')
  t.match(compile(two('01', '"01"')).problems, [{ code: 'MAPPING_INVALID' }], 'one and the same text')
  t.end()
})

/** Two times of one record, each from its own rule. */
const twoTimes = (first: string, second: string, when = ['', '']) => `
case: { sourceCaseNo: NO }
codes: { jg: { "1": accepted } }
events:
  - type: application.received
    ${when[0]}
    content: { receivedAt: ${first}, applicant: { name: NAME } }
  - type: acceptance.decided
    ${when[1]}
    content: { decidedAt: ${second}, decision: { from: JG, codes: jg } }
`
const copiesIn = (text: string): string[] => {
  const { problems } = compile(text)
  t.same(
    problems.filter(({ message }) => !/are both read from/.test(message)),
    [],
  )
  return problems.map(({ message }) => message)
}

t.test('a field is one of the message: what every object has by itself is none', (t) => {
  const text = base
    .replace('{ sourceCaseNo: NO }', '{ sourceCaseNo: NO, valueOf: A }')
    .replace('name: NAME', 'name: NAME, toString: A, __proto__: A')
  t.same(
    compile(`${text}      constructor: A\n`).problems.map(({ code, values }) => [code, values['key']]),
    ['valueOf', '__proto__', 'toString', 'constructor'].map((key) => ['CONFIG_KEY_UNKNOWN', key]),
  )
  t.end()
})

t.test('the reason of an ignored record is the mapping’s own, and none of the gateway’s', (t) => {
  const problems = (reason: string) =>
    compile(`${base}ignore:\n  - { when: { path: KIND, equals: "2" }, reason: ${reason} }\n`).problems.map(({ text }) => text.en)
  t.match(problems('stale'), [/"stale" is a reason of the gateway's own/])
  t.match(problems('""'), [/ignore needs a reason/])
  t.same(problems('toString'), [])
  t.equal(ignoredReason('toString'), 'toString')
  t.match(ignoredReason('stale'), /something newer/)
  t.end()
})

t.test('code tables that are written in the wrong place or shape are told as that', (t) => {
  const problems = (text: string) => compile(text).problems.map(({ text }) => text.en)
  t.match(problems(base.replace('codes: kind', 'codes: { "1": natural }')), [/belongs under codes: at the top of the mapping/])
  t.match(problems(base.replace(/codes:\n.*\n/, 'codes: 5\n')), [/codes is written name: \{ "code": value \}/, /kind/])
  t.throws(() => compile(base.replace('"1": natural', '01: natural, 1: natural')), { message: /put codes in quotes/ })
  const file = { 'codes/K.CSV': 'code,value\n1,natural\n2,enterprise\n' }
  t.same(compile(base.replace(/kind: \{.*\}/, 'kind: codes/K.CSV'), file).problems, [])
  t.end()
})

t.test('what a plug-in may not give is told as what it is', (t) => {
  for (const [made, told] of [
    [10n, /gives a bigint: it must give text/],
    [Symbol('x'), /gives a symbol/],
    [{ toJSON: () => 'x' }, /gives an object/],
    [new Proxy({}, { ownKeys: () => t.fail('nobody asks it') as never }), /gives an object/],
  ] as const) {
    const problems: GatewayError[] = []
    const text = base.replace('name: NAME', 'name: { from: NAME, call: own }')
    const plugin = { own: (() => made) as never }
    const mapping = compileMapping('test/one', 'v1', parseYaml('one.yaml', text), {}, plugin, problems)
    t.match(mapping.translate({ stream: 'T', key: 'k', tree: row }), {
      outcome: 'failed',
      error: { code: 'MAPPING_PLUGIN_FAILED', message: told },
    })
  }
  t.end()
})

t.test('what a function makes is read by the step behind it, which wants text', (t) => {
  const read = (made: unknown) => {
    const text = base.replace(/receivedAt: \{.*?\}/, 'receivedAt: { from: AT, call: own, date: yyyy-M-d }')
    const problems: GatewayError[] = []
    const plugin = { own: (() => made) as never }
    const mapping = compileMapping('test/one', 'v1', parseYaml('one.yaml', text), {}, plugin, problems)
    t.same(problems, [])
    return mapping.translate({ stream: 'T', key: 'k', tree: row })
  }
  t.match(read(' 2026-3-6 '), { outcome: 'drafts', drafts: [{ content: { receivedAt: '2026-03-06' } }] })
  t.match(read('soon'), { outcome: 'failed', error: { code: 'DATE_INVALID' } })
  t.match(read(20260306), { outcome: 'failed', error: { message: /gives a number, but date reads text only/ } })
  t.end()
})

t.test('what a plug-in says of its failure is left out when it holds a value of the record in disguise', (t) => {
  const tree = { NAME: '云远山' }
  for (const said of ['云 远 山', encodeURIComponent('云远山'), Buffer.from('云远山').toString('base64')])
    t.equal(withoutRecord(`no: ${said}`, tree), '…', said)
  t.equal(withoutRecord('no such unit', tree), 'no such unit')
  t.end()
})

t.test('names of a record are masked inside of other text, the longest first; what has no letter is no name', (t) => {
  t.equal(maskNames('张三丰住宅，张三代办', ['张三', '张三丰']), '张**住宅，张*代办')
  t.equal(maskNames('2026-01-01 王', ['01', '王']), '2026-01-01 王')
  t.equal(
    maskNames('王小明110101199003076667', ['19', '王小明']),
    mask('王小明110101199003076667', undefined).replace('王小明', '王**'),
  )
  t.end()
})

t.test('a name in any script is masked where a day or a code was expected', (t) => {
  for (const name of ['Ouyang Xiuzhu', 'ᠪᠠᠭᠠᠲᠤᠷ', 'བསོད་ནམས', '欧阳'])
    for (const masked of [maskUnknown(name), maskCode(name, ['1', '2'])]) t.notOk(masked.includes(name.slice(1)), masked)
  for (const plain of ['2026-13-01', 'Mar 2 2026', 'N/A', '1e5', 'SYSDATE']) t.equal(maskUnknown(plain), plain)
  for (const plain of ['GRANTED', 'granted_with', '1']) t.equal(maskCode(plain, ['1', '2']), plain)
  t.end()
})

t.test('what the configuration names is no fact: neither stream nor key says who, when or what was decided', (t) => {
  const text = (rules: string) => `
codes: { kind: { a: natural }, jg: { a: accepted }, sort: { a: suspension } }
case: { sourceCaseNo: NO }
events:
${rules}`
  const facts = text(`  - type: acceptance.decided
    content:
      decision: { from: $stream, codes: jg }
      decidedAt: { from: $key, date: yyyyMMdd }
      documentNo: { from: $key, expression: "$substringBefore($, '-')" }
      nodeName: $stream
      actor: { name: $stream }`)
  t.same(
    compile(facts).problems.map(({ text }) => /field (\S+) is a legal fact/.exec(text.en)?.[1]),
    ['/content/actor/name', '/content/decidedAt', '/content/decision', '/content/documentNo'],
  )
  const kindOf = (rule: string) =>
    compile(text(`  - { type: special.started, content: { kind: ${rule}, startedAt: { from: AT, date: yyyyMMdd } } }`)).problems
  t.same(kindOf('{ from: $stream, codes: sort }'), [], 'a table for each kind of procedure')
  t.end()
})

t.test('when an event happened is its own time, and the time of another fact is none', (t) => {
  const problems = (occurred: string, more = '') =>
    copiesIn(`
case: { sourceCaseNo: NO }
events:
  - type: application.received
    occurredAt: { from: ${occurred}, date: yyyyMMdd }
    content: { receivedAt: { from: AT, date: yyyyMMdd }, promisedDueAt: { from: DUE, date: yyyyMMdd }, applicant: { name: NAME } }
${more}`).length
  t.equal(problems('AT'), 0)
  t.equal(problems('DUE'), 1)
  const step = (times: string) => `  - type: review.step\n    ${times}`
  t.equal(problems('AT', step('content: { startedAt: { from: AT, date: yyyyMMdd } }')), 1, 'of a step that has no time it needs')
  t.equal(problems('AT', step('occurredAt: { from: DUE, date: yyyyMMdd }\n    content: { nodeName: A }')), 1)
  t.equal(
    problems('AT', step('occurredAt: { from: END, date: yyyyMMdd }\n    content: { endedAt: { from: END, date: yyyyMMdd } }')),
    0,
  )
  const two = (promised: string) => `  - type: case.amended
    content: { amendedAt: { from: MT, date: yyyyMMdd }, promisedDueAt: { from: ${promised}, date: yyyyMMdd } }`
  t.equal(problems('AT', two('DUE')), 0, 'a day that was promised is one, whichever event tells it')
  t.equal(problems('AT', two('AT')), 1)
  t.end()
})

t.test('two paths that may lead to one text are one place, however they are spelt', async (t) => {
  const copies = (one: string, other: string) => {
    const read = (path: string) => `{ from: ${JSON.stringify(path)}, date: yyyy-MM-dd }`
    return copiesIn(twoTimes(read(one), read(other))).length
  }
  for (const [one, other] of [
    ['AT', 'x:AT'],
    ["F[@n='AT']", "F[@n='AT'][@n='AT']"],
    ["I/F[@n='AT']", "*/F[@n='AT']"],
    ["I/F[@n='AT']", "I[NO='1']/F[@n='AT']"],
    ["I/F[@n='AT']", "I/*[@n='AT']"],
    ['I/AT', 'I/*[3]'],
    ['I/AT', 'I[2]/AT'],
    ['AT', './AT[1]'],
  ] as const)
    t.same([copies(one, other), copies(other, one)], [1, 1], `${one} and ${other}`)
  for (const [one, other] of [
    ["F[@n='AT']", "F[@n='BT']"],
    ['x:AT', 'y:AT'],
    ['AT', 'AT[2]'],
    ['I[1]/AT', 'I[2]/AT'],
    ["I[NO='1']/AT", "I[NO='2']/AT"],
    ["*[@n='AT']", 'BT'],
    ['I/AT', 'AT'],
  ] as const)
    t.same([copies(one, other), copies(other, one)], [0, 0], `${one} and ${other}`)
})

t.test(
  'a record that holds the texts of two events that exclude each other is quarantined, not given one time twice',
  async (t) => {
    const at = '{ from: AT, date: yyyy-MM-dd }'
    const text = twoTimes(at, at, ['when: { path: LX, equals: "1" }', 'when: { path: LX, in: ["2", "3"] }'])
    t.same(copiesIn(text), [])
    const typesOf = (LX: Json) => {
      const made = translate(text, { ...listedRow, LX })
      return made.outcome === 'drafts' ? made.drafts.map(({ type }) => type) : made.outcome === 'failed' && made.error.text.en
    }
    t.same(typesOf('1'), ['application.received'])
    t.same(typesOf(['2', '3']), ['acceptance.decided'])
    t.equal(typesOf(['1', '2']), 'one.yaml:9:11 field /content/decidedAt: LX holds 2 values')
    const streams = twoTimes(at, at, ['when: { path: $stream, equals: T }', 'when: { path: $stream, equals: U }'])
    t.same(copiesIn(streams), [], 'a record has one stream')
  },
)

t.test('conditions of any size are compared, and those under not with them', async (t) => {
  const at = '{ from: AT, date: yyyy-MM-dd }'
  const lines = Array.from(
    { length: 60 },
    (_, number) => `{ any: [{ path: A${number}, equals: a }, { path: A${number}, equals: b }] }`,
  )
  const when = (more: string) => `when: [${[...lines, more].join(', ')}]`
  const compared = (one: string, other: string) => copiesIn(twoTimes(at, at, [one, other])).length
  t.equal(compared(when('{ path: B, equals: a }'), when('{ path: C, equals: a }')), 1)
  t.equal(compared(when('{ path: B, equals: a }'), when('{ path: A7, equals: c }')), 0)
  const is = (text: string) => `{ path: LX, equals: "${text}" }`
  t.equal(compared(`when: ${is('1')}`, `when: { not: { any: [${is('1')}, ${is('2')}] } }`), 0)
  t.equal(compared(`when: ${is('3')}`, `when: { not: { any: [${is('1')}, ${is('2')}] } }`), 1)
  t.equal(compared(`when: { any: [${is('1')}, ${is('2')}] }`, `when: { not: [{ path: B, equals: x }, ${is('1')}] }`), 1)
})

const listed = `
case: { sourceCaseNo: NO }
events:
  - type: application.received
    content:
      receivedAt: { from: AT, date: yyyy-MM-dd }
      applicant: { name: NAME }
      materials: { each: CL, fields: { name: MC, count: { from: FS, number: true } } }
`
const listedRow = { NO: '1', AT: '2026-03-02', NAME: '甲' }

const decided = { type: null, entry: null, by: 'wang', at: 0, reason: '部门来函' } as const

t.test('a list counts by the source while it is read, and by what is left in the message', (t) => {
  const { mapping } = compile(listed)
  const made = (CL: Json, ...pointers: string[]) => {
    const corrections = pointers.map((pointer) => ({ ...decided, pointer, value: null }))
    const result = mapping.translate({ stream: 'T', key: 'k', tree: { ...listedRow, CL } as TreeNode, corrections })
    return result.outcome === 'drafts' ? { ...result.drafts[0]!, entries: result.origins[0] } : result
  }
  const two = [
    { MC: '乙', FS: '01' },
    { MC: '丙', FS: '2' },
  ]
  t.match(made([{ FS: '0份' }, ...two]), { outcome: 'failed', error: { values: { field: '/content/materials/0/count' } } })
  const corrected = made([{ FS: '0份' }, ...two], '/content/materials/0/count')
  t.match(
    corrected,
    {
      content: {
        materials: [
          { name: '乙', count: 1 },
          { name: '丙', count: 2 },
        ],
      },
      flags: [],
      provenance: { corrected: [{ path: '/content/materials' }], normalised: ['/content/materials/0/count'] },
    },
    'a correction is for one entry, and the message says where its own entries are',
  )
  t.match(made([two[0]!, { MC: '无' }, { MC: '丁', FS: 'x' }]), {
    error: { message: /\/content\/materials\/2\/count \(entries counted from 0, as in the source\)/ },
  })
  t.match(made([{ MC: '无' }, { MC: ' 丁 ' }]), {
    flags: [{ path: '/content/materials', code: 'placeholder', found: '无' }],
    provenance: { normalised: ['/content/materials/0/name'] },
  })
  t.end()
})

t.test('an entry that says something which no rule reads is not left out in silence', (t) => {
  const flags = (CL: Json) => {
    const result = translate(listed, { ...listedRow, CL } as TreeNode)
    return result.outcome === 'drafts' ? result.drafts[0]!.flags : result
  }
  t.same(flags([{ XX: 'lost' }, { MC: '乙' }]), [{ path: '/content/materials', code: 'missing' }])
  t.same(flags([{ XX: { Y: ['lost'] } }]), [{ path: '/content/materials', code: 'missing' }])
  t.same(flags([{ XX: ' ', Y: null, Z: '无' }, { MC: '乙' }, {}]), [], 'an entry without a text is none')
  const inXml = (xml: string) => {
    const result = translate(listed.replaceAll('CL', 'L/CL'), parseXml(`<r><NO>1</NO><AT>2026-03-02</AT><L>${xml}</L></r>`))
    return result.outcome === 'drafts' ? result.drafts[0]!.flags.length : result
  }
  t.same(inXml('<CL MC="图纸"/>'), 1)
  t.same(inXml('<CL id="s"><MC/></CL>'), 0)
  t.end()
})

t.test('what is wrong with a message is told about the entry of the source', (t) => {
  const CL = [{ MC: '无' }, { MC: '乙' }, { FS: '1' }]
  const { mapping } = compile(listed)
  const result = mapping.translate({ stream: 'T', key: 'k', tree: { ...listedRow, CL } as TreeNode })
  if (result.outcome !== 'drafts') throw result
  t.throws(() => judgeDraft(result.drafts[0]!, result.origins[0]!, mapping), {
    code: 'MESSAGE_INVALID',
    values: { field: '/content/materials/2/name', at: 'one.yaml:8:46' },
  })
  t.end()
})

t.test('what cannot be a code, a number or a day is not repeated, a code is', (t) => {
  const shown = (rule: string, X: string) => {
    const result = translate(
      `${base}      ${rule}\n`.replace(
        'codes:',
        'codes:\n  said: { 网上申请办理: online, 窗口: window }\n  code: { "1": online }',
      ),
      {
        ...row,
        X,
      },
    )
    return result.outcome === 'failed' ? String(result.error.values['code'] ?? result.error.values['value']) : result
  }
  const coded = 'channel: { from: X, codes: code }'
  const worded = 'channel: { from: X, codes: said }'
  const day = 'promisedDueAt: { from: X, date: yyyyMMdd }'
  t.same(shown(coded, '王小明'), '王**')
  t.same(shown(coded, '集宁区某某路12号'), '（9 字/characters）')
  t.same(shown(coded, '0474-8223344'), '04*********4')
  t.same(shown(coded, '(0474)8223344'), '(0**********4')
  t.same(shown(coded, '7X'), '7X')
  t.same(shown(worded, '网上办'), '网上办')
  t.same(shown(worded, '网上申请受理'), '网上申请受理')
  t.same(shown(worded, '集宁区某某路12号'), '（9 字/characters）')
  t.same(shown(day, '2026年3月2日'), '2026年3月2日')
  t.same(shown(day, '集宁区某某路12号'), '（9 字/characters）')
  t.same(shown(day, '王小明'), '王**')
  t.end()
})

t.test('numbers of somebody are not repeated, wherever they stand in a text and however they are written', (t) => {
  const shown = (text: string) => mask(text, undefined)
  for (const number of [
    '13800138000',
    '+8613800138000',
    '138-0013-8000',
    '138 0013 8000',
    '１３８００１３８０００',
    '150902188801010015',
    '150902188801010014',
    '15090218880101001x',
    '150902 18880101 0014',
    '150902880101001',
    '6222021234567890123',
    '6222 0212 3456 7890 123',
    'zhangsan@qq.com',
    '0474-8223344',
    '(0474)8223344',
  ])
    for (const text of [
      number,
      `TEL:${number}`,
      `电话${number}/2`,
      `${number}.0`,
      `${number}/${number}`,
      `${number} ${number}`,
    ]) {
      const found = shown(text)
      t.notMatch(found, /\d{5}|qq|0013|8801|8{3}|[１-９]{4}/, `${text}: ${found}`)
    }
  t.equal(shown('138 0013 8000 139 0013 9000'), '13**********0 13**********0')
  t.equal(shown('TEL:13800138000/2026-03-02'), 'TEL:13********0/2026-03-02', 'what is beside it stays')
  for (const nobodys of [
    '2026-03-02 09:30:00.123456',
    '20260302093000',
    '20260302093000123',
    '2026 0302 093000',
    '2026-03-02T09:30:00+08:00',
    '12150900460000000G',
    '911509021146PDY017',
    '01',
    '000131001000',
    '2020-150902-47-03-012345',
    '11150900011648000X400013100100001',
    '1380013800',
    '12345678',
  ])
    t.equal(shown(nobodys), nobodys)
  t.end()
})
