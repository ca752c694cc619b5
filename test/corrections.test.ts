import { join } from 'node:path'
import Database from 'better-sqlite3'
import t, { type Test } from 'tap'
import { correctedFields } from '../core/correction.ts'
import { mappingYaml, openDepartment, systemYaml, writeFiles, writeInstallation } from './contract/department-database.ts'
import { runCommand } from './run-command.ts'
import { temporaryFolder } from './temporary.ts'

/** Case A has a code and a day that the mapping does not know. */
const install = async (t: Test, mapping = mappingYaml) => {
  const folder = temporaryFolder(t)
  const { config, database } = writeInstallation(folder, { 'mappings/dept/one.yaml': mapping })
  const department = openDepartment(database)
  department.put('A', '甲', '7')
  department.close()
  const once = () => runCommand('run', '--once', '--config', config)
  t.same((await once()).error, undefined)
  const correct = (...words: string[]) => runCommand('quarantine', 'correct', '1', ...words, '--config', config)
  const store = () => new Database(join(folder, 'data', 'gateway.db'), { readonly: true })
  return { folder, config, database, once, correct, store }
}

const why = ['--reason', '部门来函 12 号：类型 7 系误录']

t.test(
  'a person corrects one field of a quarantined record: the message says so, and the record stays as received',
  async (t) => {
    const { config, once, correct, store } = await install(t)
    t.match(await correct('--field', 'applicant.kind', '--value', 'enterprise', ...why), {
      codes: [0],
      out: /记录 1 已更正并重放。 \/ Record 1 is corrected and replayed\./,
    })
    const opened = store()
    const [body, record] = [
      opened.prepare('SELECT body FROM message').pluck().get() as Buffer,
      opened.prepare('SELECT body FROM record').pluck().get() as Buffer,
    ]
    opened.close()
    const { content, provenance } = JSON.parse(String(body)).data
    t.equal(content.applicant.kind, 'enterprise')
    t.match(provenance.corrected, [{ path: '/content/applicant/kind', by: /./, at: /^\d{4}-.*\+08:00$/ }])
    t.match(JSON.parse(String(record)), { KIND: '7' })
    t.match(await runCommand('quarantine', 'show', '1', '--config', config), {
      out: /更正 corrected {2}\/content\/applicant\/kind = "enterprise".*部门来函 12 号/,
    })
    const { out, codes } = await runCommand('explain', 'one:A:application.received:::1', 'applicant.kind', '--config', config)
    t.same(codes, [0], 'it is made again as it was sent')
    t.match(out, /人员更正 corrected/)
    t.match(out, /部门来函 12 号/)
    t.match(await once(), { out: /messages confirmed: 1/ })
    t.match(JSON.parse((await runCommand('books', '--config', config, '--json')).out), { balanced: true })
  },
)

t.test('what the field can never be is no correction; a mistake beside one keeps the record where it is', async (t) => {
  const { config, correct, store } = await install(t)
  const never: [field: string, value: string, message: RegExp][] = [
    ['applicant.kind', '企业', /breaks the schema of the field: must be one of natural, enterprise/],
    ['receivedAt', '2026-03-02 09:00', /breaks the schema of the field: must be a time with \+08:00 \(2015/],
    ['applicant.name', '锟斤拷锟斤拷', /lost characters/],
    ['applicant.name', '', /breaks the schema/],
  ]
  for (const [field, value, message] of never) {
    const { error } = await correct('--field', field, '--value', value, ...why)
    t.match(error, { code: 'COMMAND_USAGE', message }, `${field} ${value}`)
  }
  t.match(await correct('--field', 'applicant.name', '--value', '乙', ...why, '--json'), {
    codes: [1],
    out: /"outcome":"quarantined".*CODE_UNKNOWN/,
  })
  t.match(await correct('--field', 'applicant.kind', '--value', 'enterprise', ...why), { codes: [0] })
  const opened = store()
  t.same(opened.prepare('SELECT value FROM correction ORDER BY seq').pluck().all(), ['"乙"', '"enterprise"'], 'both are kept')
  opened.close()
  t.match(await correct('--field', 'applicant.kind', '--value', 'natural', ...why), { error: { code: 'QUARANTINE_NOT_FOUND' } })
  t.match(await runCommand('quarantine', 'correct', '9', '--field', 'x', '--value', 'y', ...why, '--config', config), {
    error: { code: 'QUARANTINE_NOT_FOUND' },
  })
})

t.test('a field may be corrected to be absent; a new version of the record is read as it is', async (t) => {
  const { database, once, correct, store } = await install(t)
  t.match(await correct('--field', '/content/applicant/kind', '--absent', ...why), { codes: [0] })
  const department = openDepartment(database)
  department.put('A', '甲', '2')
  department.close()
  await once()
  const opened = store()
  const kinds = (opened.prepare('SELECT body FROM message ORDER BY seq').pluck().all() as Buffer[]).map((body) => {
    const { content, provenance } = JSON.parse(String(body)).data
    return [content.applicant.kind, provenance.corrected?.length]
  })
  opened.close()
  t.same(kinds, [
    [undefined, 1],
    ['enterprise', undefined],
  ])
})

t.test('a number is corrected by its decimal digits, the version of the data as well', async (t) => {
  const mapping = mappingYaml
    .replace('case:', 'dataVersion: { from: NAME, number: true }\ncase:')
    .replace('applicant: { name: NAME, kind: { from: KIND, codes: kind } }', 'applicant: { name: KIND }')
    .replace(/codes:\n.*\n/, '')
  const { config, correct, store } = await install(t, mapping)
  for (const wrong of ['0x10', '1e3', ' ', '三', '0b1'])
    t.match((await correct('--field', 'dataVersion', '--value', wrong, ...why)).error, { message: /is a decimal number/ }, wrong)
  t.match((await correct('--field', 'dataVersion', '--value', '123456789012345.678', ...why)).error, { message: /more than 15/ })
  t.match(await correct('--field', 'dataVersion', '--value', '16', ...why), { codes: [0] })
  const opened = store()
  const { dataVersion, dataVersionOrigin, provenance } = JSON.parse(
    String(opened.prepare('SELECT body FROM message').pluck().get()),
  ).data
  opened.close()
  t.match(
    { dataVersion, dataVersionOrigin, provenance },
    { dataVersion: 16, provenance: { corrected: [{ path: '/dataVersion' }] } },
  )
  t.match(await runCommand('explain', 'one:A:application.received:::16', '--config', config), { codes: [0] })
})

t.test('what would say nothing is refused with the next step, and nothing is kept', async (t) => {
  const { correct, store } = await install(t)
  const refused = async (...words: string[]) => (await correct(...words, ...why)).error as { code: string; message: string }
  t.match(await refused('--field', 'applicant.address', '--value', 'x'), { message: /no rule of the mapping reads the field/ })
  t.match(await refused('--field', 'applicant.kindd', '--value', 'x'), { code: 'FIELD_UNKNOWN', message: /Did you mean/ })
  t.match(await refused('--field', 'applicant.kind'), { message: /either --value or --absent/ })
  t.match(await refused('--field', 'applicant.kind', '--value', 'x', '--type', 'case.close'), {
    message: /has no event "case.close"/,
  })
  t.match((await correct('--field', 'applicant.kind', '--value', 'other', '--reason', ' ')).error, {
    message: /must not be empty/,
  })
  const opened = store()
  t.equal(opened.prepare('SELECT count(*) FROM correction').pluck().get(), 0)
  opened.close()
})

t.test('a correction is for the events that it names', async (t) => {
  const one = { type: 'case.closed' as const, entry: null, pointer: '/content/reason', value: 'x', by: 'b', at: 0, reason: 'r' }
  t.same([...(correctedFields([one], 'case.closed')?.keys() ?? [])], ['/content/reason'])
  t.equal(correctedFields([one], 'application.received'), undefined)
  t.same([...(correctedFields([{ ...one, type: null }], 'application.received')?.keys() ?? [])], ['/content/reason'])
  t.equal(correctedFields(undefined, 'case.closed'), undefined)
  t.equal(correctedFields([{ ...one, entry: 1 }], 'case.closed', 0), undefined)
  t.equal(correctedFields([{ ...one, entry: 1 }], 'case.closed'), undefined)
  t.same([...(correctedFields([{ ...one, entry: 1 }], 'case.closed', 1)?.keys() ?? [])], ['/content/reason'])
})

const steps = `
codes:
  agreed: { "1": agreed, "2": disagreed }
case: { sourceCaseNo: NO }
events:
  - type: review.step
    each: STEPS
    stage: { sequence: XH }
    content: { endedAt: { from: AT, date: yyyy-MM-dd }, decision: { from: JL, codes: agreed } }
`

/** Steps of one case in a file of JSON; the second has an unknown code. */
const installSteps = async (t: Test) => {
  const folder = temporaryFolder(t)
  const options =
    '{ folder: ../in, pattern: "*.json", format: json, records: "", stream: SQ, key: [NO], complete: { by: settled, ms: 1 } }'
  const system = systemYaml('')
    .replace('adapter: db', 'adapter: file')
    .replace(/options:[\s\S]*/, `options: ${options}\n`)
  const STEPS = ['1', '7', '1'].map((JL, index) => ({ XH: String(index + 1), AT: `2026-03-0${index + 1}`, JL }))
  const { config } = writeInstallation(folder, {
    'config/adapters/one.yaml': system,
    'mappings/dept/one.yaml': steps,
    'in/1.json': JSON.stringify([{ NO: 'A', STEPS }]),
  })
  t.same((await runCommand('run', '--once', '--config', config)).error, undefined)
  const correct = (...words: string[]) =>
    runCommand('quarantine', 'correct', '1', '--field', 'decision', ...words, ...why, '--config', config)
  const store = () => new Database(join(folder, 'data', 'gateway.db'), { readonly: true })
  return { folder, config, correct, store }
}

t.test('of an event for each entry of a list, a correction says which entry it is for', async (t) => {
  const { config, correct, store } = await installSteps(t)
  t.match(await runCommand('quarantine', 'show', '1', '--config', config), {
    out: /field \/content\/decision \(entry 1 of STEPS, counted from 0 as in the source\)/,
  })
  t.match((await correct('--value', 'disagreed')).error, { message: /gives 3 of review\.step.*say with --entry/ })
  t.match((await correct('--value', 'disagreed', '--entry', '3')).error, { message: /has no "\/content\/decision" \(entry 3\)/ })
  t.match((await correct('--value', 'disagreed', '--entry', 'x')).error, { message: /--entry is a number/ })
  t.match(await correct('--value', 'disagreed', '--entry', '1'), { codes: [0], error: undefined })
  const opened = store()
  const decisions = (opened.prepare('SELECT body FROM message ORDER BY seq').pluck().all() as Buffer[]).map((body) => {
    const { content, provenance } = JSON.parse(String(body)).data
    return [content.decision, provenance.corrected?.length]
  })
  t.equal(opened.prepare('SELECT count(*) FROM correction').pluck().get(), 1, 'what was refused is not kept')
  opened.close()
  t.same(decisions, [
    ['agreed', undefined],
    ['disagreed', 1],
    ['agreed', undefined],
  ])
  t.match(await runCommand('quarantine', 'show', '1', '--config', config), { out: /\/content\/decision（第 1 项 \/ entry 1）/ })
})

t.test('a correction of the whole record is not for one entry', async (t) => {
  const { config } = await installSteps(t)
  const words = ['--field', '/case/sourceCaseNo', '--value', 'B', '--entry', '1', ...why, '--config', config]
  t.match((await runCommand('quarantine', 'correct', '1', ...words)).error, {
    message: /is of the whole record: leave out --entry/,
  })
})

t.test('a replay tells of a correction that nothing takes up any more', async (t) => {
  const { folder, config, correct } = await installSteps(t)
  // Entry 1 has an unknown code still: the record stays.
  t.match(await correct('--value', 'disagreed', '--entry', '0'), { codes: [1] })
  const without = steps.replace(', decision: { from: JL, codes: agreed }', '').replace(/codes:\n.*\n/, '')
  writeFiles(folder, { 'mappings/dept/one.yaml': without })
  t.match(await runCommand('quarantine', 'replay', '1', '--config', config), {
    codes: [1],
    out: /1: .*nothing took up the correction of \/content\/decision/,
  })
})

t.test('an entry of a list that is not there cannot be corrected', async (t) => {
  const { folder, correct } = await install(t)
  writeFiles(folder, {
    'mappings/dept/one.yaml': `${mappingYaml}      materials: { each: CL, fields: { name: MC } }\n`,
  })
  t.match((await correct('--field', '/content/materials/0/name', '--value', 'x', ...why)).error, {
    message: /by the mapping of now the record has no "\/content\/materials\/0\/name"/,
  })
})
