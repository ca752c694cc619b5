import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { locate } from '../core/codec/locate.ts'
import { parsePath, type TreeNode } from '../core/codec/path.ts'
import { parseXml } from '../core/codec/xml.ts'
import { compileFiles } from '../core/mapping/compile-files.ts'
import { loadMapping, versionOf } from '../core/mapping/load.ts'
import type { Mapping, Translation } from '../core/mapping/mapping.ts'
import type { FieldTrace } from '../core/mapping/trace.ts'
import { traceMapping } from '../core/mapping/trace-mapping.ts'
import { packageRoot } from '../core/package-root.ts'
import { readRecord } from '../core/read-record.ts'
import { readYaml } from '../core/yaml.ts'
import { writeFiles } from './contract/department-database.ts'
import { temporaryFolder } from './temporary.ts'

const mappings = join(packageRoot, 'mappings')
const demo = ['housing/permit', 'market/licence', 'civil/exchange']

const loadDemo = async (name: string): Promise<Mapping> => (await loadMapping(mappings, name)).mapping!

/** The records of a mapping's samples, read as the gateway reads them. */
const sampleRecords = (name: string) => {
  const [department, file] = name.split('/') as [string, string]
  const folder = join(mappings, department, 'samples', file)
  return readdirSync(folder)
    .filter((sample) => sample.endsWith('.yaml'))
    .map((sample) => {
      const { stream, body, row } = readYaml(join(folder, sample)).value as { stream: string; body?: string; row?: TreeNode }
      const contentType = row === undefined ? ('application/xml' as const) : ('application/json' as const)
      const key = 'sample'
      return { sample, stream, key, tree: readRecord({ stream, key, body: body ?? JSON.stringify(row), contentType }) }
    })
}

/** A mapping of one file, compiled for tracing from its text alone. */
const traced = (text: string, more: Record<string, string> = {}) => {
  const files = { 'one.yaml': text, ...more }
  return traceMapping({ name: 'test/one', version: versionOf(files), files })
}

const withoutError = (translation: Translation) =>
  translation.outcome === 'failed' ? { ...translation, error: translation.error.message } : translation

/** `/content/x`: everything that a draft says, with its place. */
const leavesOf = (value: unknown, pointer = ''): [string, unknown][] =>
  typeof value === 'object' && value !== null
    ? Object.entries(value).flatMap(([name, member]) => leavesOf(member, `${pointer}/${name}`))
    : [[pointer, value]]

t.test('the place of each node that a path gives is told, in the same order', async (t) => {
  const xml = parseXml('<r><f n="a">1</f><f n="b">2</f><g>5</g><f n="a">3</f><list><i>4</i><i>5</i></list></r>')
  const json = { 名称: '甲', deep: { list: [{ v: 1 }, { v: 2 }] }, names: ['乙', '乙'], empty: null }
  const cases: [string, TreeNode, string[]][] = [
    ["f[@n='a']", xml, ['/r/f[1]', '/r/f[3]']],
    ["f[@n='a'][2]", xml, ['/r/f[3]']],
    ['f[2]/@n', xml, ['/r/f[2]/@n']],
    ['g', xml, ['/r/g']],
    ['list/*', xml, ['/r/list/i[1]', '/r/list/i[2]']],
    ["list[i='5']/i[1]", xml, ['/r/list/i[1]']],
    ['.', xml, ['/r']],
    ['nowhere', xml, []],
    ['名称', json, ['名称']],
    ['deep/list/v', json, ['deep/list[1]/v', 'deep/list[2]/v']],
    ['/deep/list[2]/v', json, ['deep/list[2]/v']],
    ['names[2]', json, ['names[2]']],
    ['empty', json, ['empty']],
    ['toString', json, []],
  ]
  for (const [path, root, places] of cases) {
    const parsed = parsePath(path)!
    const found = locate(parsed, { root, node: root })
    t.same(
      found.map(({ place }) => place),
      places,
      path,
    )
    t.ok(
      parsed.select({ root, node: root }).every((node, index) => node === found[index]!.node),
      `${path} gives the same nodes`,
    )
  }
})

t.test(
  'compiled for tracing, a mapping gives what it gives without, and each field of its messages is accounted for',
  async (t) => {
    for (const name of demo) {
      const mapping = await loadDemo(name)
      const { mapping: tracing, trace } = await traceMapping(mapping)
      // Own code runs here: what is compared is the mapping, not its thread.
      const running = await compileFiles(mapping, [])
      for (const { sample, ...record } of sampleRecords(name)) {
        trace.fields = []
        const translation = tracing.translate(record)
        t.same(withoutError(translation), withoutError(running.translate(record)), sample)
        if (translation.outcome !== 'drafts') continue
        for (const [index, { type, flags, provenance = {}, ...draft }] of translation.drafts.entries()) {
          const lines = trace.fields.filter((line) => line.draft === index)
          const told = lines.filter(({ rule, outcome }) => outcome === 'set' && rule.kind !== 'list')
          t.same(
            told.map(({ pointer, value }) => [pointer, value]).sort(),
            leavesOf(draft).sort(),
            `${sample}: the fields of ${type}, and nothing else`,
          )
          const { derived = [], mapped = [], normalised = [] } = provenance
          t.same(
            told.flatMap(({ pointer, provenance: how }) => (how === 'as_received' ? [] : [[how, pointer]])).sort(),
            Object.entries({ derived, mapped, normalised })
              .flatMap(([how, pointers]) => pointers.map((pointer) => [how, pointer]))
              .sort(),
            `${sample}: the message says the same of how its values came about`,
          )
          t.ok(
            told.every(({ rule, found }) => rule.kind === 'constant' || (found.length === 1 && found[0]!.place !== '')),
            `${sample}: each from one place`,
          )
          t.same(
            lines.filter(({ outcome }) => outcome === 'flagged').map(({ pointer, code }) => [pointer, code]),
            flags.map(({ path, code }) => [path, code]),
            `${sample}: flags of the mapping`,
          )
        }
      }
    }
  },
)

const yaml = `
onFailure: flag
codes:
  kind: { file: codes/kind.csv }
  unit: { "1": working_day }
case: { sourceCaseNo: NO }
events:
  - type: application.received
    when: [{ path: $stream, equals: T }, { not: { path: STATE, matches: x.* } }]
    content:
      receivedAt: { from: AT, date: [yyyyMMdd, yyyy-MM-dd HH:mm:ss] }
      subject: { from: TITLE, pattern: "[A-Z]+" }
      region: REGION
      form: { code: $key }
      promisedLimit: { amount: { from: DAYS, number: true }, unit: { from: UNIT, codes: unit } }
      applicant: { name: { from: NAME, call: upper }, kind: { from: KIND, codes: kind }, address: ADDRESS }
  - type: supplement.requested
    each: steps
    content:
      toldAt: { from: at, date: yyyy-MM-dd }
      wanted: { each: list, fields: { name: . } }
      documentNo: /DOC
ignore:
  - { when: { path: TEST, equals: "1" }, reason: 测试 }
`
const more = {
  'codes/kind.csv': 'code,value\n1,natural\n2,enterprise\n',
  './own.ts': 'const upper = (text) => text + "!"\nexport { upper };\n',
}

const row = {
  NO: 'A-1',
  AT: '2026-03-02 09:00:00',
  TITLE: 'Ab',
  REGION: '150900',
  DAYS: '05',
  UNIT: '1',
  NAME: ' li ',
  KIND: '2',
  ADDRESS: '无',
  DOC: 'D',
  steps: [
    { at: '2026-01-01', list: [] },
    { at: '2026-01-02', list: ['甲', '乙'] },
  ],
}

const traceOf = async (record: TreeNode) => {
  const { mapping, trace } = await traced(`plugin: ./own.ts\n${yaml}`, more)
  const translation = mapping.translate({ stream: 'T', key: 'k-1', tree: record })
  const line = (pointer: string, draft = 0): FieldTrace => trace.fields.find((f) => f.pointer === pointer && f.draft === draft)!
  return { trace, translation, line }
}

t.test('a field tells its rule, its place, what was received, each step, and how the value came about', async (t) => {
  const { line } = await traceOf(row)
  t.match(line('/content/applicant/kind'), {
    rule: { at: 'mappings/test/one.yaml:17:61', path: 'KIND' },
    found: [{ place: 'KIND', received: '2' }],
    steps: [{ kind: 'codes', before: '2', after: 'enterprise', by: 'kind', at: 'mappings/test/codes/kind.csv:3:3' }],
    outcome: 'set',
    value: 'enterprise',
    provenance: 'mapped',
  })
  t.match(line('/content/receivedAt'), {
    steps: [{ kind: 'date', before: '2026-03-02 09:00:00', after: '2026-03-02T09:00:00+08:00', by: 'yyyy-MM-dd HH:mm:ss' }],
    provenance: 'normalised',
  })
  t.match(line('/content/applicant/name'), {
    rule: { personal: 'name' },
    steps: [
      { kind: 'trimmed', before: ' li ', after: 'li' },
      { kind: 'call', before: 'li', after: 'li!', by: 'upper' },
    ],
    provenance: 'derived',
  })
  t.match(line('/content/promisedLimit/amount'), {
    steps: [{ kind: 'number', before: '05', after: 5 }],
    provenance: 'normalised',
  })
  t.match(line('/content/region'), { steps: [], provenance: 'as_received', value: '150900' })
  t.match(line('/content/form/code'), { found: [{ place: '$key', received: 'k-1' }], provenance: 'derived' })
  t.match(line('/content/subject'), {
    steps: [{ kind: 'pattern', before: 'Ab', after: undefined, by: '[A-Z]+' }],
    outcome: 'flagged',
    code: 'invalid',
  })
  t.match(line('/content/applicant/address'), {
    steps: [{ kind: 'placeholder', before: '无' }],
    outcome: 'flagged',
    code: 'placeholder',
  })
})

t.test('a function and the step that reads what it made are told one after the other', async (t) => {
  const yaml = `plugin: ./own.ts
case: { sourceCaseNo: NO }
events:
  - type: application.received
    content: { receivedAt: { from: AT, call: day, date: yyyy年M月d日 }, applicant: { name: NAME } }
`
  const { mapping, trace } = await traced(yaml, {
    './own.ts': "const day = (text) => text === '?' ? ' ' : '2026年' + text\nexport { day };\n",
  })
  const stepsOf = (AT: string) => {
    trace.fields.length = 0
    mapping.translate({ stream: 'T', key: 'k-1', tree: { NO: 'A', AT, NAME: 'li' } })
    return trace.fields.find(({ pointer }) => pointer === '/content/receivedAt')!.steps
  }
  t.same(stepsOf('3月6日'), [
    { kind: 'call', by: 'day', before: '3月6日', after: '2026年3月6日' },
    { kind: 'date', by: 'yyyy年M月d日', before: '2026年3月6日', after: '2026-03-06' },
  ])
  t.same(stepsOf('?'), [
    { kind: 'call', by: 'day', before: '?', after: ' ' },
    { kind: 'trimmed', before: ' ', after: '' },
  ])
})

t.test('a code table with versions tells which version and which of its rows was used, and the day that decided', async (t) => {
  const { mapping, trace } = await traceMapping(await loadDemo('market/licence'))
  const sample = sampleRecords('market/licence').find((one) => one.sample === 'closed-withdrawn.yaml')!
  mapping.translate(sample)
  const line = trace.fields.find(({ pointer }) => pointer === '/content/outcome')!
  t.match(line, {
    steps: [
      {
        kind: 'codes',
        before: '5',
        after: 'withdrawn',
        by: 'outcome@2020',
        day: /^2026-/,
        at: 'mappings/market/codes/done-result-2020.yaml:15:36',
      },
    ],
    provenance: 'mapped',
  })
  const parts = trace.decisions
    .filter(({ condition }) => condition.role === 'row')
    .map(({ condition, result }) => [condition.at, result])
  t.ok(
    parts.some(([at, result]) => at === 'mappings/market/codes/done-result-2020.yaml:15:53' && result === true),
    'the condition of the row is told, too',
  )
})

t.test('inside a list the place is that of the entry, and a list without entries is told', async (t) => {
  const { line, trace } = await traceOf(row)
  t.match(line('/content/toldAt', 2), { found: [{ place: 'steps[2]/at' }] })
  t.match(line('/content/wanted/1/name', 2), { found: [{ place: 'steps[2]/list[2]', received: '乙' }], value: '乙' })
  t.match(line('/content/documentNo', 2), { found: [{ place: 'DOC' }] })
  t.match(line('/content/wanted', 1), { rule: { kind: 'list' }, found: [], outcome: 'absent' })
  t.match(trace.drafts, [{ type: 'application.received' }, { type: 'supplement.requested' }, { type: 'supplement.requested' }])
  t.ok(trace.rules.some(({ pointer }) => pointer === '/content/wanted/*/name'))
})

t.test('why an event was made, or was not, is told by its conditions and their parts', async (t) => {
  const made = await traceOf(row)
  const told = ({ trace }: typeof made) =>
    trace.decisions.map(({ condition, result }) => [condition.role, condition.test, result])
  t.same(told(made), [
    ['ignore', 'TEST equals "1"', false],
    ['part', '$stream equals "T"', true],
    ['part', 'STATE matches "x.*"', false],
    ['part', 'not', true],
    ['when', 'all', true],
  ])
  t.match(made.trace.decisions[1], {
    condition: { at: 'mappings/test/one.yaml:10:12' },
    found: [{ place: '$stream', received: 'T' }],
  })
  const left = await traceOf({ ...row, TEST: '1' })
  t.match(left.translation, { outcome: 'ignored' })
  t.same(told(left), [['ignore', 'TEST equals "1"', true]])
})

t.test('a rule that fails is told with its error, and what comes after it is not reached', async (t) => {
  const { mapping, trace } = await traced(`plugin: ./own.ts\n${yaml.replace('onFailure: flag', '')}`, more)
  t.match(mapping.translate({ stream: 'T', key: 'k', tree: { ...row, KIND: '9' } }), { outcome: 'failed' })
  t.match(trace.fields.at(-1), { pointer: '/content/applicant/kind', outcome: 'failed', code: 'CODE_UNKNOWN' })
  trace.fields = []
  mapping.translate({ stream: 'T', key: 'k', tree: { ...row, NO: ' ' } })
  t.match(trace.fields, [{ pointer: '/case/sourceCaseNo', draft: undefined, outcome: 'failed', code: 'VALUE_MISSING' }])
})

t.test(
  'a plug-in runs again from the bundle that names the version, and files that are not of the version are refused',
  async (t) => {
    const folder = temporaryFolder(t)
    writeFiles(folder, {
      'dept/one.yaml': `plugin: ./own.ts\n${yaml}`,
      'dept/codes/kind.csv': more['codes/kind.csv'],
      'dept/own.ts': "import { mark } from './part.ts'\nexport const upper = (text: string): string => text + mark\n",
      'dept/part.ts': "export const mark: string = '?'\n",
    })
    const { mapping } = await loadMapping(folder, 'dept/one')
    writeFiles(folder, { 'dept/part.ts': "export const mark: string = 'changed'\n" })
    const again = await traceMapping(mapping!)
    t.match(again.mapping.translate({ stream: 'T', key: 'k', tree: row }), {
      drafts: [{ content: { applicant: { name: 'li?' } } }, {}, {}],
    })
    const files = { ...mapping!.files, 'codes/kind.csv': 'code,value\n2,other\n' }
    await t.rejects(traceMapping({ ...mapping!, files }), { code: 'MAPPING_VERSION_UNKNOWN' })
  },
)
