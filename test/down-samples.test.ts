import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { packageRoot } from '../core/package-root.ts'
import { writeFiles } from './contract/department-database.ts'
import { runCommand } from './run-command.ts'
import { temporaryFolder } from './temporary.ts'

const mapping = `
codes:
  kind: { "1": natural, "2": enterprise }
operations:
  - write: SB
    type: application.received
    when: { path: content/channel, equals: online }
    values:
      NO: case/sourceCaseNo
      KIND: { from: content/applicant/kind, codes: kind }
      TEL: content/applicant/mobile
      WHO: { constant: 平台 }
      CL: { each: content/materials, values: { MC: name } }
ignore:
  - { when: { path: content/channel, equals: window }, reason: 窗口件 }
`

const message = (channel: string, more = '', kind = 'natural'): string => `message:
  type: application.received
  case: { sourceCaseNo: A-1, itemCode: "0100" }
  content:
    receivedAt: "2026-03-02T09:30:00+08:00"
    channel: ${channel}
    applicant: { name: 示例, kind: ${kind} }
${more}`

const written = (kind: string, list: string): string =>
  `expected: { operations: [{ write: SB, values: { NO: A-1, KIND: "${kind}", TEL: null, WHO: 平台, CL: ${list} } }] }\n`

const tested = async (t: Test, samples: Record<string, string>, ...words: string[]) => {
  const folder = temporaryFolder(t)
  const inPlace = Object.entries(samples).map(([name, text]) => [`mappings/dept/down/samples/${name}`, text])
  writeFiles(folder, { 'mappings/dept/down/in.yaml': mapping, ...Object.fromEntries(inPlace) })
  return runCommand('test', '--mappings', join(folder, 'mappings'), ...words)
}

t.test('a sample of the way down says what a message of the platform is expected to write', async (t) => {
  const { out, codes } = await tested(t, {
    'in/a-online.yaml': message('online') + written('1', '[]'),
    'in/b-other.yaml': message('online', '    materials: [{ name: 申请书 }]\n') + written('2', '[]'),
    'in/c-window.yaml': `${message('window')}expected: { ignored: 窗口件 }\n`,
    'in/d-unknown.yaml': `${message('online', '', 'other')}expected: { quarantined: CODE_FOR_VALUE_UNKNOWN, field: /KIND }\n`,
    'in/e-unmapped.yaml': `${message('mobile')}expected: { quarantined: OPERATION_UNMAPPED }\n`,
  })
  t.same(codes, [1])
  for (const name of ['a-online', 'c-window', 'd-unknown', 'e-unmapped']) t.match(out, new RegExp(`✓ .*down/samples/in/${name}`))
  t.match(
    out,
    /✗ .*in\/b-other\.yaml\n +\/operations\/0\/values\/KIND\n.*expected "2"\n.*found +"1"\n +\/operations\/0\/values\/CL\/0\n/,
  )
  t.match(out, /4 符合 as expected, 1 不符/)
  const shown = await tested(t, { 'in/a.yaml': message('online') }, 'dept/down/in', '--show')
  t.match(shown.out, /✗ .*\n[\s\S]*expected:\n {2}operations:\n {4}- write: SB\n {6}values:\n {8}NO: A-1\n/)
})

t.test('the coverage tells which rules, branches and codes no sample of the way down has tried', async (t) => {
  const some = { 'in/a.yaml': message('online') + written('1', '[]') }
  const { out } = await tested(t, some, '--uncovered')
  t.match(out, /dept\/down\/in: 规则 rules 50 % \(3\/6\), 分支 branches 42 % \(3\/7\), 代码表行 code rows 50 % \(1\/2\)/)
  t.match(out, /in\.yaml:11:12 +规则 rule +\/TEL/)
  t.match(out, /when SB +→ false/)
  t.match(out, /ignore 1 +→ true/)
  t.match(out, /each content\/materials +→ many/)
  t.match(out, /kind "2"/)
  t.match(await tested(t, some, '--threshold', '60'), { codes: [1], out: /规则覆盖低于 60 %/ })
  const list = (names: string[]) => `    materials: [${names.map((name) => `{ name: ${name} }`).join(', ')}]\n`
  const rows = (names: string[]) => `[${names.map((name) => `{ MC: ${name} }`).join(', ')}]`
  const all = await tested(t, {
    ...some,
    'in/b.yaml': `${message('window')}expected: { ignored: 窗口件 }\n`,
    'in/c.yaml': `${message('mobile')}expected: { quarantined: OPERATION_UNMAPPED }\n`,
    'in/d.yaml':
      message('online', list(['甲']), 'enterprise').replace('示例,', '示例, mobile: "1",') +
      written('2', rows(['甲'])).replace('TEL: null', 'TEL: "1"'),
    'in/e.yaml': message('online', list(['甲', '乙'])) + written('1', rows(['甲', '乙'])),
  })
  t.match(all, { codes: [0], out: /规则 rules 100 % \(6\/6\), 分支 branches 100 % \(7\/7\), 代码表行 code rows 100 % \(2\/2\)/ })
})

t.test('a sample with a mistake of its own is told where it is, and fails untried', async (t) => {
  const { out, codes } = await tested(t, {
    'in/a.yaml': 'mesage: {}\n',
    'in/b.yaml': `${message('online')}expected: { quarantined: CODE_UNKNWON }\n`,
    'in/c.yaml': message('online').replace('kind: natural', 'kind: person'),
    'in/d.yaml': message('online').replace('application.received', 'application.recieved'),
    'in/e.yml': message('online'),
    'in/f.yaml': message('online').replace('A-1', '市'.repeat(90)),
    'in/g.yaml': 'message: {',
    'out/f.yaml': message('online'),
  })
  t.same(codes, [1])
  t.match(out, /samples\/in\/a\.yaml:1:1 未知配置项“mesage”/)
  t.match(out, /samples\/in\/b\.yaml:8:26 .*CODE_UNKNOWN/)
  t.match(out, /samples\/in\/c\.yaml:7:34 .*\/content\/applicant\/kind/)
  t.match(out, /samples\/in\/d\.yaml:2:9 .*字段 \/type/)
  t.match(out, /✗ .*in\/f\.yaml\nMESSAGE_INVALID/)
  t.match(out, /✗ .*in\/g\.yaml\nCONFIG_SYNTAX/)
  t.match(out, /dept\/down\/samples\/in\/e\.yml .*须以 .yaml 结尾/)
  t.match(out, /dept\/down\/samples\/out .*没有名为 dept\/out 的映射/)
  t.match(await tested(t, {}, 'dept/in'), { error: { message: /dept\/down\/in/ } })
  t.match(await tested(t, {}, 'dept/down/in', '--random', '5'), { error: { message: /只用于上行/ } })
})

t.test('a file under the name of a folder is none, and code tables are named where they are', async (t) => {
  for (const file of ['dept/down', 'dept/down/samples', 'dept/down/samples/in']) {
    const folder = temporaryFolder(t)
    writeFiles(folder, { [`mappings/${file}`]: 'x', 'mappings/other/down/in.yaml': mapping, 'mappings/dept/x/y': '' })
    if (file !== 'dept/down') writeFiles(folder, { 'mappings/dept/down/in.yaml': mapping })
    t.match(await runCommand('test', '--mappings', join(folder, 'mappings')), { error: undefined, out: /other\/down\/in/ }, file)
  }
  const folder = temporaryFolder(t)
  writeFiles(folder, {
    'mappings/dept/down/in.yaml': mapping.replace('{ "1": natural, "2": enterprise }', 'codes/kind.csv'),
    'mappings/dept/codes/kind.csv': 'code,value\n1,natural\n2,enterprise\n',
    'config/gateway.yaml': 'store: { file: ../g.db }\ntransport: { kind: embedded, file: ../t.db }\n',
  })
  const { out } = await runCommand('test', '--mappings', join(folder, 'mappings'), '--uncovered')
  t.match(out, / mappings\/dept\/codes\/kind\.csv:2:3 /)
  t.notMatch((await runCommand('lint', '--config', join(folder, 'config'))).out, /CODE_TABLE_DOUBTFUL/)
})

t.test('all samples of the flows of the city are as expected, and try every rule of the way down', async (t) => {
  const flows = join(packageRoot, 'config', 'flows')
  for (const flow of readdirSync(flows)) {
    const { out, codes } = await runCommand('test', '--mappings', join(flows, flow, 'mappings'), '--json')
    t.same(codes, [0], flow)
    const { mappings } = JSON.parse(out) as { mappings: { mapping: string; coverage: { rules: { percent: number } } }[] }
    for (const { mapping, coverage } of mappings)
      if (mapping.includes('/down/')) t.equal(coverage.rules.percent, 100, `${flow}: ${mapping}`)
  }
})
