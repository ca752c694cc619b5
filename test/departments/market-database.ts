/** 市场监管: a SQLite database in the manner of EA_JC, one table for each stage, MAKETIME as the time of writing. */
import { copyFileSync, existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import Database from 'better-sqlite3'
import type { DepartmentCase } from './department-case.ts'
import { type MarketRow, type MarketTable, marketRows, marketTables } from './market-rows.ts'

export { market, marketOutcomes } from './market-rows.ts'

export const openMarket = (file: string) => {
  let database = new Database(file)
  for (const [name, columns] of Object.entries(marketTables)) database.exec(`CREATE TABLE IF NOT EXISTS ${name} (${columns})`)
  const aside = `${file}.aside`

  const put = (table: MarketTable, row: MarketRow): void => {
    const names = Object.keys(row)
    const values = names.map((name) => `@${name}`).join(', ')
    database.prepare(`INSERT OR REPLACE INTO ${table} (${names.join(', ')}) VALUES (${values})`).run(row)
  }

  const mend = (): void => {
    if (database.inTransaction) database.exec('ROLLBACK')
    if (!existsSync(aside)) return
    renameSync(aside, file)
    database = new Database(file)
  }

  return {
    file,
    /** Writes a row, or replaces the one with its key. */
    put,
    add: (source: DepartmentCase): void =>
      database.transaction(() => {
        for (const [table, row] of marketRows(source)) put(table, row)
      })(),
    /** The rows of stages that go on, reported anew with this data version; the application itself has not changed. */
    addAgain: (source: DepartmentCase, version: number): void => {
      for (const [table, row] of marketRows(source)) if ('SN' in row) put(table, { ...row, DATAVER: version })
    },
    /** `dead`: the file is gone; `silent`: locked; `garbage`: no database; `half`: cut off. */
    misbehave: (kind: 'dead' | 'silent' | 'garbage' | 'half'): void => {
      if (kind === 'silent') return void database.exec('BEGIN EXCLUSIVE')
      database.close()
      renameSync(file, aside)
      if (kind === 'garbage') writeFileSync(file, 'this is no database '.repeat(1000))
      if (kind === 'half') {
        copyFileSync(aside, file)
        const bytes = readFileSync(file)
        writeFileSync(file, bytes.subarray(0, bytes.length / 2))
      }
    },
    mend,
    close: (): void => {
      mend()
      database.close()
    },
  }
}
