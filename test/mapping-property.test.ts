import { join } from 'node:path'
import fc from 'fast-check'
import t, { type Test } from 'tap'
import type { SourceRecord } from '../core/contract.ts'
import { GatewayError } from '../core/errors.ts'
import { compileFiles } from '../core/mapping/compile-files.ts'
import { listMappings, loadMapping } from '../core/mapping/load.ts'
import type { Mapping, ReadableRecord, Translation } from '../core/mapping/mapping.ts'
import { templateOf } from '../core/mapping/mapping-template.ts'
import { randomRecords } from '../core/mapping/random-records.ts'
import { testAtRandom } from '../core/mapping/random-test.ts'
import { judgeRecord } from '../core/mapping/record-properties.ts'
import { traceMapping } from '../core/mapping/trace-mapping.ts'
import { packageRoot } from '../core/package-root.ts'
import { readRecord } from '../core/read-record.ts'
import { writeFiles } from './contract/department-database.ts'
import { runCommand } from './run-command.ts'
import { temporaryFolder } from './temporary.ts'

const shipped = join(packageRoot, 'mappings')

const load = async (t: Test, folder: string, name: string) => {
  const { mapping, problems } = await loadMapping(folder, name)
  t.same(problems, [])
  await mapping!.isolated?.close()
  // Own code runs here: what is tried is the mapping, not its thread.
  return { mapping: await compileFiles(mapping!, []), traced: await traceMapping(mapping!) }
}

for (const name of listMappings(shipped)) {
  t.test(`${name}: what holds of every record holds of records at random`, async (t) => {
    const { mapping, traced } = await load(t, shipped, name)
    const result = testAtRandom(mapping, traced, { records: 500, seed: 20260302 })
    t.same(result.failure, undefined)
    t.equal(result.records, 500)
    t.ok(result.outcomes.messages > 100 && result.outcomes.quarantined > 100, 'both are met often')
    t.ok(Object.keys(result.codes).length >= 5, 'and many ways of being wrong')
  })

  t.test(`${name}: the records reach every event, and lists of none, one and many entries`, async (t) => {
    const { mapping, traced } = await load(t, shipped, name)
    const records = fc.sample(randomRecords(templateOf(mapping)), { numRuns: 1500, seed: 20260302 })
    const made = new Set<string>()
    for (const record of records) {
      const translation = traced.mapping.translate({ stream: record.stream, key: record.key, tree: readRecord(record) })
      if (translation.outcome === 'drafts') for (const { at } of traced.trace.drafts) made.add(at)
    }
    t.same(
      traced.trace.events.filter(({ at }) => !made.has(at)),
      [],
    )
    const lists = traced.trace.rules.filter(({ kind }) => kind === 'list' || kind === 'events')
    for (const rule of lists) {
      const counts = new Set(
        traced.trace.fields.filter((line) => line.rule === rule).map(({ found }) => Math.min(found.length, 2)),
      )
      t.same([...counts].sort(), [0, 1, 2], rule.at)
    }
  })
}

t.test('the same seed gives the same records, another one others', async (t) => {
  const { mapping, traced } = await load(t, shipped, 'market/licence')
  const bodies = (seed: number) => fc.sample(randomRecords(templateOf(mapping)), { numRuns: 20, seed }).map(({ body }) => body)
  t.same(bodies(1), bodies(1))
  t.notSame(bodies(1), bodies(2))
  t.same(testAtRandom(mapping, traced, { records: 50, seed: 3 }), testAtRandom(mapping, traced, { records: 50, seed: 3 }))
})

t.test('records are what the samples of the mapping are: a row has one value under a name', async (t) => {
  const { mapping } = await load(t, shipped, 'market/licence')
  const rows = fc.sample(randomRecords(templateOf(mapping), ['row']), { numRuns: 300, seed: 7 })
  t.ok(rows.every(({ contentType }) => contentType === 'application/json'))
  const lists = new Set(templateOf(mapping).root.children.flatMap(({ name, isList }) => (isList ? [name] : [])))
  const repeated = rows.flatMap(({ body }) =>
    Object.entries(JSON.parse(String(body))).filter(([name, value]) => Array.isArray(value) && !lists.has(name)),
  )
  t.same(repeated, [])
  const told = JSON.parse((await runCommand('test', 'market/licence', '--random', '200', '--seed', '3', '--json')).out)
  const { outcomes, codes } = told.mappings[0].random
  t.ok(outcomes.messages > outcomes.quarantined, JSON.stringify({ outcomes, codes }))
  t.notOk('RECORD_NOT_READABLE' in codes || 'VALUE_AMBIGUOUS' in codes, JSON.stringify(codes))
})

const everything = `
names: D/F[@N='?']
onFailure: flag
plugin: ./own.ts
codes:
  kind: { "1": natural, "2": enterprise }
  outcome:
    - { version: old, to: 2020-12-31, rows: { "1": granted, "2": denied } }
    - { version: new, from: 2021-01-01, rows: { "1": granted, "2": withdrawn } }
case: { sourceCaseNo: { from: NO, pattern: "[A-Z]{2}\\\\d{4}" }, itemName: /D/@item }
dataVersion: { from: V, number: true }
events:
  - type: application.received
    when: [{ path: D/@kind, equals: SQ }, { not: { path: GONE, present: true } }]
    content:
      receivedAt: { from: AT, date: [yyyy-MM-dd HH:mm:ss, yyyyMMdd], onFailure: quarantine, required: true }
      applicant: { name: { from: NAME, call: plain, required: true, onFailure: quarantine }, kind: { from: KIND, codes: kind } }
      materials: { each: "D/M[@t='m']", fields: { name: n, count: { from: c, number: true } } }
  - type: supplement.requested
    each: D/STEP
    when: { path: D/@kind, matches: "B[XYZ]" }
    stage: { sequence: no }
    content:
      toldAt: { from: at, date: yyyy-MM-dd }
      wanted: { each: "list/*", fields: { name: . } }
ignore:
  - { when: { any: [{ path: D/@kind, equals: ZD }, { path: TEST, equals: "1" }] }, reason: 测试 }
`
const ownTs = "export const plain = (text: string): string => text.replaceAll('·', '')\n"

t.test('a mapping of all kinds of rules is reached as well: names, filters, attributes, patterns, both eaches', async (t) => {
  const folder = temporaryFolder(t)
  writeFiles(folder, { 'dept/one.yaml': everything.replace(/ {2}outcome:\n.*\n.*\n/, ''), 'dept/own.ts': ownTs })
  const { mapping, traced } = await load(t, folder, 'dept/one')
  const { failure, outcomes } = testAtRandom(mapping, traced, { records: 400, seed: 5 })
  t.same(failure, undefined)
  for (const [outcome, count] of Object.entries(outcomes)) t.ok(count > 10, `${outcome} ${count}`)
  const [one] = fc.sample(randomRecords(templateOf(mapping)), { numRuns: 1, seed: 5 })
  t.match(one, { contentType: 'application/xml', body: /<F N="NO">/ })
})

const record: SourceRecord = {
  stream: 'ROW',
  key: '1',
  body: '{"no":"1","at":"2026-03-02","name":"甲乙"}',
  contentType: 'application/json',
}

const small = `
case: { sourceCaseNo: no }
events:
  - type: application.received
    content:
      receivedAt: { from: at, date: yyyy-MM-dd }
      applicant: { name: name }
`

t.test('each property is found broken when it is: thrown, changing, misplaced, untraced, invented', async (t) => {
  const folder = temporaryFolder(t)
  writeFiles(folder, { 'dept/one.yaml': small })
  const { mapping, traced } = await load(t, folder, 'dept/one')
  t.match(judgeRecord(mapping, traced, record), { outcome: 'messages', broken: undefined })
  type Translate = (given: ReadableRecord) => Translation
  const brokenBy = (change: (translate: Translate) => Translate, both = true) => {
    const plain: Mapping = { ...mapping, translate: change(mapping.translate) }
    const tracing: Mapping = { ...traced.mapping, translate: both ? change(traced.mapping.translate) : traced.mapping.translate }
    return judgeRecord(plain, { ...traced, mapping: tracing }, record).broken?.en
  }
  const failing = (error: GatewayError) => () => () => ({ caseNo: '1', outcome: 'failed' as const, error })
  const content =
    (more: object, part: 'content' | 'applicant' = 'content') =>
    (translate: Translate) =>
    (given: ReadableRecord) => {
      const made = structuredClone(translate(given)) as unknown as {
        outcome: 'drafts'
        caseNo: string
        drafts: { content: { applicant: object } }[]
      }
      Object.assign(part === 'content' ? made.drafts[0]!.content : made.drafts[0]!.content.applicant, more)
      return made as unknown as Translation
    }
  t.match(
    brokenBy(() => () => {
      throw new TypeError('ring')
    }),
    /the mapping threw: .*ring/,
  )
  let count = 0
  t.match(
    brokenBy((translate) => (given) => content({ subject: `第 ${++count} 次` })(translate)(given)),
    /two different results/,
  )
  t.match(brokenBy(content({ subject: '多出来的' }), false), /traced and what is compiled differ/)
  t.match(brokenBy(content({ subject: '多出来的' })), /\/content\/subject is explained by no rule/)
  t.match(brokenBy(content({ name: '丙丁' }, 'applicant')), /\/content\/applicant\/name is explained by no rule/)
  t.match(brokenBy(failing(GatewayError.of('UNEXPECTED', { reason: 'bug' }))), /an internal error/)
  t.match(brokenBy(failing(GatewayError.of('MAPPING_UNKNOWN', { at: 'nowhere', name: 'x', suggestion: '' }))), /names no place/)
})

t.test('a legal fact needs a value in the record, whatever the trace says of it', async (t) => {
  const folder = temporaryFolder(t)
  writeFiles(folder, { 'dept/one.yaml': small })
  const { mapping, traced } = await load(t, folder, 'dept/one')
  const other = { ...record, body: '{"no":"1","at":"2026-03-02","name":"丙丁"}' }
  const swapped =
    (translate: Mapping['translate']): Mapping['translate'] =>
    () =>
      translate({ stream: 'ROW', key: '1', tree: readRecord(other) })
  const tracing = { ...traced.mapping, translate: swapped(traced.mapping.translate) }
  const { broken } = judgeRecord({ ...mapping, translate: swapped(mapping.translate) }, { ...traced, mapping: tracing }, record)
  t.match(broken?.en, /\/content\/applicant\/name is a legal fact without a value in the record/)
})

t.test('own code that gives one value for whatever the record says invents a legal fact', async (t) => {
  const folder = temporaryFolder(t)
  writeFiles(folder, {
    'dept/one.yaml': `plugin: ./own.ts\n${small.replace('name: name', 'name: { from: name, call: own }')}`,
    'dept/own.ts': "export const own = (): string => '张三'\n",
  })
  const found = await runCommand('test', '--mappings', folder, '--random', '200', '--seed', '1')
  t.match(found.codes, [1])
  t.match(
    found.out,
    /one\.yaml:\d+:\d+ \/content\/applicant\/name is a legal fact, and \d+ different texts all gave one value: it is not from the source/,
  )
  writeFiles(folder, { 'dept/own.ts': 'export const own = (text: string): string => text.slice(0, 3)\n' })
  t.match((await runCommand('test', '--mappings', folder, '--random', '200', '--seed', '1')).codes, [0])
})

t.test('a constant fact is found although no record becomes a message, and that none does is told', async (t) => {
  const folder = temporaryFolder(t)
  const rules = small
    .replace('{ from: at, date: yyyy-MM-dd }', '{ from: at, call: fixed, date: yyyy-MM-dd }')
    .replace('{ name: name }', '{ name: { from: name, call: long } }')
  const own = (fixed: string) => `export const fixed = ${fixed}\nexport const long = (text: string) => text.repeat(5000)\n`
  const random = () => runCommand('test', '--mappings', folder, '--random', '300', '--seed', '1')
  writeFiles(folder, { 'dept/one.yaml': `plugin: ./own.ts\n${rules}`, 'dept/own.ts': own("() => '2026-01-01'") })
  const found = await random()
  t.match(found, { codes: [1], out: /\/content\/receivedAt is a legal fact, and \d+ different texts all gave one value/ })
  writeFiles(folder, { 'dept/own.ts': own('(text: string) => text') })
  t.match(await random(), { codes: [0], out: /none became a message.*most were quarantined by \w+/s })
})

t.test('the command tells the seed and the smallest record, and the same seed finds it again', async (t) => {
  const folder = temporaryFolder(t)
  const fickle = small.replace('name: name', 'name: { from: name, call: fickle }')
  writeFiles(folder, {
    'dept/one.yaml': `plugin: ./own.ts\n${fickle}`,
    'dept/own.ts': 'let count = 0\nexport const fickle = (text: string): string => text + ++count\n',
  })
  const test = (...words: string[]) => runCommand('test', '--mappings', folder, ...words)
  const found = await test('--random', '100')
  t.match(found.codes, [1])
  t.match(
    found.out,
    /✗ 同一记录两次结果不同\n {2}the same record gave two different results\n {2}重现 again with: --random \d+ --seed \d+/,
  )
  const seed = /--seed (\d+)$/m.exec(found.out)![1]!
  const again = await test('--random', '100', '--seed', seed, '--json')
  t.match(JSON.parse(again.out).mappings[0].random, { seed: Number(seed), failure: { record: { body: /"?name/ } } })
  t.match(await test('--seed', '1'), { error: { code: 'COMMAND_USAGE' } })
  t.match(await test('--random', '0'), { codes: [2] })
  writeFiles(folder, { 'dept/one.yaml': small })
  t.match(await test('--random', '50', '--seed', '1'), { codes: [0], out: /随机 random dept\/one: 50 条 records.*--seed 1/ })
})
