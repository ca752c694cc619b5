import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import Database from 'better-sqlite3'
import t, { type Test } from 'tap'
import { type CaseOptions, createCases } from './departments/cases.ts'
import { civil, civilOutcomes } from './departments/civil-files.ts'
import { housing, housingOutcomes } from './departments/housing-soap.ts'
import { market, marketOutcomes, openMarket } from './departments/market-database.ts'

const makeFolder = (t: Test): string => {
  const folder = mkdtempSync(join(tmpdir(), 'departments-'))
  t.teardown(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

const departments: Pick<CaseOptions, 'prefix' | 'org' | 'outcomes'>[] = [
  { prefix: 'ZJ', org: housing, outcomes: housingOutcomes },
  { prefix: 'SC', org: market, outcomes: marketOutcomes },
  { prefix: 'MZ', org: civil, outcomes: civilOutcomes },
]

t.test('synthetic cases', async (t) => {
  for (const department of departments) {
    t.test(`${department.org.name}: every outcome occurs, times never go back, the seed decides`, async (t) => {
      const of = (seed: number) => [...createCases({ ...department, seed, count: 300, bad: 7 })]
      const cases = of(1)
      const written = JSON.stringify(cases)
      t.equal(written === JSON.stringify(of(1)), true)
      t.equal(written === JSON.stringify(of(2)), false)
      t.equal(new Set(cases.map(({ no }) => no)).size, 300)
      const endings = new Set(
        cases.flatMap(({ stages }) => stages.map((stage) => (stage.kind === 'closed' ? stage.outcome : stage.kind))),
      )
      for (const outcome of ['granted', ...department.outcomes]) {
        const ending = outcome === 'returned' ? 'prereviewed' : outcome
        t.ok(endings.has(ending as never), outcome)
      }
      const backward = cases.filter(({ receivedAt, stages }) => {
        const times = [receivedAt, ...stages.map(({ at }) => at)]
        return times.some((at, index) => at < times[index - 1]!)
      })
      t.same(backward, [])
      t.equal(cases.filter(({ bad }) => bad).length, 7)
      const names = cases.map(({ applicant }) => applicant.name).join()
      for (const character of ['·', '䶮', '𠮷']) t.ok(names.includes(character), character)
      t.same([...new Set(cases.map(({ item }) => item.code.length))], [31])
    })
  }
})

t.test('the market database holds every case in its tables and can be told to misbehave', async (t) => {
  const file = join(makeFolder(t), 'market.sqlite')
  const department = openMarket(file)
  t.teardown(() => department.close())
  const cases = [...createCases({ ...departments[1]!, seed: 5, count: 90, bad: 2 })]
  for (const source of cases) department.add(source)
  const query = (sql: string) => {
    const database = new Database(file, { readonly: true, timeout: 50, fileMustExist: true })
    try {
      return database.prepare(sql).pluck().all()
    } finally {
      database.close()
    }
  }
  const corrected = cases.filter(({ correction }) => correction).length
  t.same(query('SELECT count(*) FROM EA_JC_STEP_BASICINFO'), [90 + corrected])
  t.ok(corrected > 0, 'some are reported once more')
  t.ok(Number(query("SELECT count(*) FROM pragma_table_info('EA_JC_STEP_BASICINFO')")[0]) >= 30)
  t.same(query('SELECT DISTINCT DONERESULT FROM EA_JC_STEP_DONE ORDER BY 1'), ['0', '1', '2', '3', '4', '5', '6'])
  t.same(query('SELECT DISTINCT STDVER FROM EA_JC_STEP_DONE_OLD'), ['2012'], 'one window works with the old edition')
  t.same(query("SELECT count(*) FROM EA_JC_STEP_BASICINFO WHERE OCCURTIME LIKE '2026-02-30%' OR APPROVALTYPE = '8'"), [2])
  for (const table of ['EA_JC_STEP_PROC', 'EA_JC_STEP_SPECIALNODE', 'EA_JC_STEP_DONE', 'EA_JC_STEP_DONE_OLD', 'EA_JC_SERVEVAL']) {
    t.ok(Number(query(`SELECT count(*) FROM ${table} JOIN EA_JC_STEP_BASICINFO USING (ORGBUSNO)`)[0]) > 10, table)
  }
  for (const fault of ['dead', 'silent', 'garbage', 'half'] as const) {
    department.misbehave(fault)
    t.throws(() => query('SELECT sum(length(PROJECTNAME)) FROM EA_JC_STEP_BASICINFO'), fault)
    department.mend()
    t.same(query('SELECT count(*) FROM EA_JC_STEP_BASICINFO'), [90 + corrected], `after ${fault}`)
  }
})

t.test('the script starts all three, says where they are and ends on SIGTERM', async (t) => {
  const folder = makeFolder(t)
  const script = fileURLToPath(new URL('departments/main.ts', import.meta.url))
  const child = spawn(process.execPath, [...process.execArgv, script, '--folder', folder, '--cases', '12', '--rate', '1000'])
  t.teardown(() => child.kill('SIGKILL'))
  const [line] = (await once(child.stdout.setEncoding('utf8'), 'data')) as [string]
  const { soap, database, folder: files } = JSON.parse(line)
  const answer = await fetch(`${soap.endpoint}?wsdl`)
  t.match(await answer.text(), /<definitions name="HousingExchange"/)
  const deadline = Date.now() + 20_000
  const arrived = () => readdirSync(files).filter((name) => /_\d{7}\.xml$/.test(name)).length
  while (arrived() < 12 && Date.now() < deadline) await new Promise((resolve) => setImmediate(resolve))
  t.equal(arrived(), 12)
  const opened = new Database(database, { readonly: true })
  t.equal(opened.prepare('SELECT count(*) FROM EA_JC_STEP_BASICINFO').pluck().get(), 12)
  opened.close()
  child.kill('SIGTERM')
  const [code] = (await once(child, 'exit')) as [number | null]
  t.equal(code, 0)
})
