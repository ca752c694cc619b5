import { join } from 'node:path'
import t, { type Test } from 'tap'
import { openCivil } from './departments/civil-files.ts'
import type { DepartmentCase } from './departments/department-case.ts'
import { civilCases, housingCases, marketCases, quarantined } from './departments/expected-sequences.ts'
import { housingDocuments, openHousing } from './departments/housing-soap.ts'
import { openMarket } from './departments/market-database.ts'
import { checkSequences, runDepartment } from './departments/sequence-run.ts'
import { temporaryFolder, until } from './temporary.ts'

const startHousing = async (t: Test) => {
  const department = await openHousing()
  t.teardown(() => department.close())
  const { wsdl, endpoint } = department
  const run = await runDepartment(t, 'housing', (yaml) =>
    yaml.replace(/wsdl: .*/, `wsdl: ${wsdl}`).replace(/endpoint: .*/, `endpoint: ${endpoint}`),
  )
  return { department, run }
}

t.test('housing, over SOAP: each course of a case arrives as it was, whatever its order', async (t) => {
  const { department, run } = await startHousing(t)
  for (const { source } of housingCases) department.add(source)
  await checkSequences(t, run, housingCases, 5)
  t.match(run.quarantined(), quarantined('EX_GDBS_SB', '/content/applicant/kind'))
})

t.test('market, from a database: each course, by the codes of both editions', async (t) => {
  const department = openMarket(join(temporaryFolder(t), 'market.sqlite'))
  t.teardown(() => department.close())
  const run = await runDepartment(t, 'market', (yaml) => yaml.replace(/file: .*sqlite/, `file: ${department.file}`))
  for (const { source } of marketCases) department.add(source)
  await checkSequences(t, run, marketCases, 6)
  t.match(run.quarantined(), quarantined('EA_JC_STEP_BASICINFO', '/content/kind'))
})

t.test('civil affairs, from files: each course, and what the higher platform sends back', async (t) => {
  const department = openCivil(join(temporaryFolder(t), 'civil'))
  const run = await runDepartment(t, 'civil', (yaml) => yaml.replace(/folder: .*/, `folder: ${department.folder}`))
  for (const { source } of civilCases) department.add(source)
  await checkSequences(t, run, civilCases, 4)
  t.match(run.quarantined(), quarantined('up_pro_accept', '/content/applicant/kind'))
})

t.test('what is seen before the acceptance waits at the receiver until the acceptance is there', async (t) => {
  const { department, run } = await startHousing(t)
  const { source, applied } = housingCases.find(({ name }) => name === 'normal')!
  const isAcceptance = ({ id }: { id: string }): boolean => id.endsWith('-SL')
  const documents = housingDocuments(source)
  for (const document of documents) if (!isAcceptance(document)) department.put(document)
  await until('all but the acceptance are there', () => run.countOf(source.no) === applied.length - 1)
  t.match(await run.tellOf(source.no), { applied: ['application.received v1'], status: 'received', held: applied.length - 2 })
  for (const document of documents.filter(isAcceptance)) department.put(document)
  await until('the acceptance is there', () => run.countOf(source.no) === applied.length)
  const wanted = applied.map((words, at) => (at < 2 ? words : `${words} early`))
  t.same(await run.tellOf(source.no), { applied: wanted, status: 'collected', held: 0 })
})

t.test('a supplement that is asked for today and brought tomorrow is the same row with the next data version', async (t) => {
  const department = openMarket(join(temporaryFolder(t), 'market.sqlite'))
  t.teardown(() => department.close())
  const run = await runDepartment(t, 'market', (yaml) => yaml.replace(/file: .*sqlite/, `file: ${department.file}`))
  const { source } = marketCases.find(({ name }) => name === 'supplement')!
  const upTo = (count: number): DepartmentCase => ({ ...source, stages: source.stages.slice(0, count) })
  department.add(upTo(1))
  await until('it is asked for', () => run.countOf(source.no) === 2)
  department.addAgain(upTo(2), 2)
  await until('it is there', () => run.countOf(source.no) === 4)
  t.same(await run.tellOf(source.no), {
    applied: ['application.received promise v1', 'supplement.requested v1', 'supplement.requested v2', 'supplement.received v2'],
    status: 'received',
    held: 0,
  })
})
