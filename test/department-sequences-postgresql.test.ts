// needs: postgresql
import t from 'tap'
import { openPostgresql } from './departments/databases.ts'
import { marketCases, quarantined } from './departments/expected-sequences.ts'
import { marketRows, marketTables } from './departments/market-rows.ts'
import { checkSequences, runDepartment } from './departments/sequence-run.ts'

const words = ['TEXT', 'INTEGER', 'NOT', 'NULL', 'DEFAULT', 'PRIMARY', 'KEY']
const quoted = (sql: string): string => sql.replace(/\b[A-Z][A-Z0-9_]*\b/g, (name) => (words.includes(name) ? name : `"${name}"`))

t.test('market, from PostgreSQL: each course of a case, as from the file of the demonstration', async (t) => {
  const { admin, connection } = await openPostgresql(t)
  for (const [name, columns] of Object.entries(marketTables)) await admin.query(`CREATE TABLE "${name}" (${quoted(columns)})`)
  for (const { source } of marketCases) {
    for (const [table, row] of marketRows(source)) {
      const names = Object.keys(row).map((name) => `"${name}"`)
      const places = names.map((_, at) => `$${at + 1}`)
      await admin.query(`INSERT INTO "${table}" (${names.join(', ')}) VALUES (${places.join(', ')})`, Object.values(row))
    }
  }
  const at = JSON.stringify({ ...connection, password: { env: 'MARKET_PASSWORD' } })
  const run = await runDepartment(
    t,
    'market',
    (yaml) => yaml.replace('engine: sqlite', 'engine: postgresql').replace(/connection: .*/, `connection: ${at}`),
    { MARKET_PASSWORD: connection.password },
  )
  await checkSequences(t, run, marketCases, 6)
  t.match(run.quarantined(), quarantined('EA_JC_STEP_BASICINFO', '/content/kind'))
})
