/** The legacy systems that are read from: filled once, set back before every run, removed at the end. */
import { mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { createCases } from '../departments/cases.ts'
import { housing, housingDocuments, openHousing } from '../departments/housing-soap.ts'
import type { Assignment } from './assignment.ts'
import { type CaseRow, createRows, createTable, department, table, toFile } from './case-row.ts'

export interface Workload {
  source: Assignment['source']
  department: Assignment['department']
  /** What a record looks like, with its measured size. */
  record: string
  /** Makes the source as if nobody had read it. */
  reset(): void
  close(): Promise<void>
}

const postgres = { host: '127.0.0.1', user: 'postgres' }
const rowsAtOnce = 1000

const insert = (client: pg.Client, rows: CaseRow[]) =>
  client.query(`INSERT INTO ${table} SELECT * FROM json_populate_recordset(NULL::${table}, $1)`, [JSON.stringify(rows)])

/** A new PostgreSQL database with one table of cases. */
export const openDatabase = async (count: number) => {
  const database = `qz_bench_${process.pid}_${count}`
  const server = new pg.Client({ ...postgres, database: 'postgres' })
  await server.connect()
  await server.query(`CREATE DATABASE ${database}`)
  const client = new pg.Client({ ...postgres, database })
  await client.connect()
  await client.query(createTable)
  const rows: CaseRow[] = []
  for (const row of createRows(count)) {
    rows.push(row)
    if (rows.length === rowsAtOnce) await insert(client, rows.splice(0))
  }
  await insert(client, rows)
  await client.query('VACUUM ANALYZE')
  await server.query('CHECKPOINT')
  const { rows: found } = await client.query(`SELECT avg(octet_length(to_json(t)::text))::int AS bytes FROM ${table} t LIMIT 1`)
  const { version } = (await client.query('SELECT version()')).rows[0] as { version: string }
  return {
    version: version.split(' ')[1]!,
    source: { kind: 'db' as const, database, table },
    department,
    record: `a row of 33 columns, ${found[0].bytes} bytes as JSON`,
    insert: (row: CaseRow) => insert(client, [row]),
    reset: () => undefined,
    async close() {
      await client.end()
      await server.query(`DROP DATABASE ${database}`)
      await server.end()
    },
  } satisfies Workload & Record<string, unknown>
}

export const pageSize = 100

/** The SOAP service of the housing bureau, with the reception document of each case. */
export const openService = async (count: number): Promise<Workload> => {
  const service = await openHousing()
  let bytes = 0
  for (const source of createCases({ seed: 11, count, prefix: 'ZJ', org: housing, outcomes: ['denied'] })) {
    const [reception] = housingDocuments(source)
    service.put(reception!)
    bytes += Buffer.byteLength(reception!.xml)
  }
  return {
    source: { kind: 'soap', endpoint: service.endpoint, wsdl: service.wsdl, pageSize },
    department: { code: housing.creditCode, name: housing.name, region: department.region },
    record: `a document of ${Math.round(bytes / count)} bytes in UTF-8, pages of ${pageSize}, XML in CDATA, GBK`,
    reset: () => undefined,
    close: () => service.close(),
  }
}

/** A drop folder of GB 18030 files, one case each. */
export const openFolder = async (count: number): Promise<Workload> => {
  const folder = mkdtempSync(join(tmpdir(), 'qz-bench-files-'))
  const done = join(folder, 'done')
  mkdirSync(done)
  let bytes = 0
  for (const row of createRows(count)) {
    const file = toFile(row)
    writeFileSync(join(folder, file.name), file.bytes)
    bytes += file.bytes.byteLength
  }
  return {
    source: { kind: 'file', folder },
    department,
    record: `a GB 18030 XML file of ${Math.round(bytes / count)} bytes`,
    reset: () => {
      for (const name of readdirSync(done)) renameSync(join(done, name), join(folder, name))
    },
    close: async () => rmSync(folder, { recursive: true, force: true }),
  }
}
