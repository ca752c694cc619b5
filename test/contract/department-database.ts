import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'

/** A gateway's folder with one department: a SQLite table of applications, its mapping, and the embedded transport. */
export const mappingYaml = `
codes:
  kind: { "1": natural, "2": enterprise }
case: { sourceCaseNo: NO }
events:
  - type: application.received
    content:
      receivedAt: { from: AT, date: yyyy-MM-dd HH:mm:ss }
      applicant: { name: NAME, kind: { from: KIND, codes: kind } }
`

export const systemYaml = (database: string, every = '20ms') => `
department: { code: 11150900PDY00001XA, name: 示例局, region: "150900" }
adapter: db
mapping: dept/one
schedule: { every: ${every} }
backoff: { first: 20ms, longest: 50ms }
options:
  engine: sqlite
  connection: { file: ../${database} }
  timeoutMs: 1000
  streams:
    - { table: SQ, key: [NO], mode: watermark, watermark: { column: N, kind: number } }
`

export const gatewayYaml = `
store: { file: ../data/gateway.db, reserveBytes: 0 }
transport: { kind: embedded, file: ../data/transport.sqlite, pollMs: 20 }
log: { level: error }
`

export const writeFiles = (folder: string, files: Record<string, string>): void => {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(join(folder, name, '..'), { recursive: true })
    writeFileSync(join(folder, name), text)
  }
}

export const openDepartment = (file: string) => {
  const db = new Database(file)
  db.exec('CREATE TABLE IF NOT EXISTS SQ (NO TEXT PRIMARY KEY, NAME TEXT, KIND TEXT, AT TEXT, N INTEGER NOT NULL)')
  const insert = db.prepare(
    'INSERT OR REPLACE INTO SQ (NO, NAME, KIND, AT, N) VALUES (?, ?, ?, ?, (SELECT coalesce(max(N), 0) + 1 FROM SQ))',
  )
  return {
    put: (no: string, name = '甲', kind = '1') => void insert.run(no, name, kind, '2026-03-02 09:00:00'),
    exec: (statements: string) => void db.exec(statements),
    close: () => db.close(),
  }
}

/** Everything under one folder: `config/`, `mappings/`, and the department's database beside them. */
export const writeInstallation = (folder: string, more: Record<string, string> = {}) => {
  writeFiles(folder, {
    'config/gateway.yaml': gatewayYaml,
    'config/adapters/one.yaml': systemYaml('one.db'),
    'mappings/dept/one.yaml': mappingYaml,
    ...more,
  })
  return { config: join(folder, 'config'), database: join(folder, 'one.db') }
}
