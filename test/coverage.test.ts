import { join } from 'node:path'
import t, { type Test } from 'tap'
import { createProgram } from '../core/cli/program.ts'
import { writeFiles } from './contract/department-database.ts'
import { temporaryFolder } from './temporary.ts'

const mappingYaml = `
codes:
  kind: { "1": natural, "2": enterprise }
case: { sourceCaseNo: NO }
events:
  - type: application.received
    when: { path: $stream, equals: SQ }
    content:
      receivedAt: { from: AT, date: yyyy-MM-dd }
      applicant: { name: NAME, kind: { from: KIND, codes: kind } }
  - type: supplement.requested
    each: steps
    content:
      toldAt: { from: at, date: yyyy-MM-dd }
      wanted: { each: list, fields: { name: . } }
ignore:
  - { when: { path: TEST, equals: "1" }, reason: 测试 }
`

const rowsYaml = `rows:
  - { code: "1", value: natural, when: { path: AGE, present: true } }
  - { code: "1", value: enterprise, when: { path: AGE, present: false } }
  - { code: "2", value: other }
`

const sampleOf = (row: object, stream = 'SQ') => `stream: ${stream}\nrow: ${JSON.stringify(row)}\n`
const application = { NO: '1', AT: '2026-03-02', NAME: '甲', KIND: '2' }
const step = (list: string[]) => ({ at: '2026-03-03', list })

/** Runs the samples; what they expect is not what these tests are about, so that each of them fails. */
const coverageOf = async (t: Test, samples: Record<string, string>, text: string, ...words: string[]) => {
  const folder = temporaryFolder(t)
  const inPlace = Object.entries(samples).map(([name, text]) => [`dept/samples/one/${name}.yaml`, text])
  writeFiles(folder, { 'dept/one.yaml': text, 'dept/codes/kind.yaml': rowsYaml, ...Object.fromEntries(inPlace) })
  const printed: string[] = []
  const codes: number[] = []
  const program = createProgram({
    out: (text) => printed.push(text),
    err: (text) => printed.push(text),
    env: {},
    interrupted: new AbortController().signal,
    exit: (code) => codes.push(code),
  })
  await program.parseAsync(['test', '--mappings', join(folder), ...words], { from: 'user' }).catch(() => undefined)
  return { out: printed.join('\n'), codes }
}

const coverageWith = (t: Test, samples: Record<string, string>, ...words: string[]) =>
  coverageOf(t, samples, mappingYaml, ...words)

/** `line kind what missing` of what is not covered. */
const uncoveredWith = async (t: Test, samples: Record<string, string>, text = mappingYaml) => {
  const { out } = await coverageOf(t, samples, text, '--json')
  const { coverage } = JSON.parse(out).mappings[0]
  const uncovered = (coverage.uncovered as { at: string; kind: string; what: string; missing?: string }[]).map(
    ({ at, kind, what, missing }) => [at.split(':')[1], kind, what, missing].filter((part) => part !== undefined).join(' '),
  )
  return { uncovered, rules: coverage.rules, branches: coverage.branches, rows: coverage.rows }
}

t.test('what no sample tries is listed: rules, branches and rows of code tables, each with its place', async (t) => {
  t.same(await uncoveredWith(t, { a: sampleOf(application) }), {
    uncovered: [
      '12 rule each steps',
      '14 rule /content/toldAt',
      '15 rule /content/wanted',
      '15 rule /content/wanted/*/name',
      '7 branch when application.received false',
      '12 branch each steps 1',
      '12 branch each steps many',
      '15 branch each list 0',
      '15 branch each list 1',
      '15 branch each list many',
      '17 branch ignore 1 true',
      '3 row kind "1"',
    ],
    rules: { covered: 4, total: 8, percent: 50 },
    branches: { covered: 3, total: 10, percent: 30 },
    rows: { covered: 1, total: 2, percent: 50 },
  })
})

t.test('samples that try everything cover everything, each branch by a record of its own', async (t) => {
  const all = {
    natural: sampleOf({ ...application, KIND: '1' }),
    enterprise: sampleOf(application),
    ignored: sampleOf({ ...application, TEST: '1' }),
    one: sampleOf({ NO: '1', steps: [step(['甲'])] }, 'BZ'),
    many: sampleOf({ NO: '1', steps: [step([]), step(['甲', '乙'])] }, 'BZ'),
  }
  const whole = await uncoveredWith(t, all)
  t.same(whole, {
    uncovered: [],
    rules: { covered: 8, total: 8, percent: 100 },
    branches: { covered: 10, total: 10, percent: 100 },
    rows: { covered: 2, total: 2, percent: 100 },
  })
  const without = async (name: keyof typeof all) => {
    const { [name]: _, ...rest } = all
    return (await uncoveredWith(t, rest)).uncovered
  }
  t.same(await without('natural'), ['3 row kind "1"'])
  t.same(await without('ignored'), ['17 branch ignore 1 true'])
  t.same(await without('one'), ['12 branch each steps 1', '15 branch each list 1'])
})

t.test('the condition beside a code belongs to its row: it is no branch of an event', async (t) => {
  const text = mappingYaml.replace(/kind: \{ .*\n/, 'kind: { file: codes/kind.yaml }\n')
  const { uncovered, branches, rows: told } = await uncoveredWith(t, { a: sampleOf({ ...application, KIND: '1' }) }, text)
  t.same(branches.total, 10)
  t.same(told, { covered: 1, total: 3, percent: 33 })
  t.same(
    uncovered.filter((line) => line.includes('row')),
    ['2 row kind "1"', '4 row kind "2"'],
    'the other row of the same code was used',
  )
})

t.test('a rule that only ever found nothing is not covered, and one that failed is', async (t) => {
  const { uncovered } = await uncoveredWith(t, { a: sampleOf({ ...application, NAME: '', KIND: '9' }) })
  t.ok(uncovered.includes('10 rule /content/applicant/name'))
  t.notOk(uncovered.includes('10 rule /content/applicant/kind'))
})

t.test('a line per mapping tells the shares, --uncovered what is missing, and --threshold fails below it', async (t) => {
  const good = `${sampleOf({ ...application, TEST: '1' })}expected: { ignored: 测试 }\n`
  const line =
    /^覆盖 coverage dept\/one: 规则 rules 0 % \(0\/8\), 分支 branches 10 % \(1\/10\), 代码表行 code rows 0 % \(0\/2\)$/m
  t.match(await coverageWith(t, { good }), { out: line, codes: [0] }, 'without a threshold nothing fails for it')
  const listed = await coverageWith(t, { good }, '--uncovered')
  t.match(listed.out, /^ {2}mappings\/dept\/one\.yaml:3:\d+ {2}代码表行 code row {2}kind "2"$/m)
  t.match(listed.out, /^ {2}mappings\/dept\/one\.yaml:17:13 {2}分支 branch {2}ignore 1 {2}→ false$/m)
  t.match(await coverageWith(t, { good }, '--threshold', '1'), { out: /规则覆盖低于 1 % \/ fewer than 1 %/, codes: [1] })
  t.match(await coverageWith(t, { good }, '--threshold', '0'), { codes: [0] })
  t.match(await coverageWith(t, { good }, '--threshold', 'x'), { out: /须为 0 到 100/, codes: [2] })
})
