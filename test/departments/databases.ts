/** Pretend departments whose legacy system is a database: a table of cases with Chinese names, in real servers. */
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import mysql from 'mysql2/promise'
import pg from 'pg'
import type { Test } from 'tap'
import type { LegacySystem } from '../contract/source-contract.ts'
import { openFaultProxy } from './fault-proxy.ts'

export type Mode = 'watermark' | 'flag' | 'anti-join'

let counter = 0
/** Unique on the machine, so that test files may run side by side. */
export const uniqueName = (prefix: string): string => `${prefix}_${process.pid}_${++counter}`

export const password = 'Mi-Ma-2611'
const batchSize = 5
const timeoutMs = 1_000

const stream = {
  watermark: { mode: 'watermark', watermark: { column: '更新时间', kind: 'time' } },
  flag: { mode: 'flag', columns: ['办件编号', '申请者名称'], flag: { column: '同步标志', pending: ['0', null], done: '1' } },
  'anti-join': { mode: 'anti-join', antiJoin: { table: '已发送', columns: ['编号'] } },
}

const optionsOf = (engine: string, connection: Record<string, unknown>, mode: Mode, table = '办件受理') => ({
  engine,
  connection,
  batchSize,
  timeoutMs,
  streams: [{ name: '受理', table, key: ['办件编号'], ...stream[mode] }],
})

/** An administrator's connection to a new database, which is dropped after the test. */
export const openPostgresql = async (t: Test) => {
  const server = new pg.Client({ host: '127.0.0.1', user: 'postgres', database: 'postgres' })
  await server.connect()
  const database = uniqueName('qz_test')
  await server.query(`CREATE DATABASE ${database}`)
  const admin = new pg.Client({ host: '127.0.0.1', user: 'postgres', database })
  await admin.connect()
  t.teardown(async () => {
    await admin.end()
    await server.query(`DROP DATABASE ${database} WITH (FORCE)`)
    await server.end()
  })
  return { admin, connection: { host: '127.0.0.1', port: 5432, database, user: 'postgres', password } }
}

/** The same for MariaDB, with an account of its own that has a password. */
export const openMariadb = async (t: Test) => {
  const admin = await mysql.createConnection({ host: '127.0.0.1', user: 'root', charset: 'utf8mb4' })
  const database = uniqueName('qz_test')
  const user = uniqueName('u')
  await admin.query(`CREATE DATABASE ${database} CHARACTER SET gbk`)
  await admin.query(`CREATE USER '${user}'@'%' IDENTIFIED BY '${password}'`)
  await admin.query(`GRANT ALL ON ${database}.* TO '${user}'@'%'`)
  await admin.query(`USE ${database}`)
  t.teardown(async () => {
    await admin.query(`DROP USER '${user}'@'%'`)
    await admin.query(`DROP DATABASE ${database}`)
    await admin.end()
  })
  return { admin, connection: { host: '127.0.0.1', port: 3306, database, user, password } }
}

export const openSqlite = (t: Test) => {
  const folder = mkdtempSync(join(tmpdir(), 'qz-db-'))
  const file = join(folder, '办件.db')
  const admin = new Database(file)
  t.teardown(() => {
    admin.close()
    rmSync(folder, { recursive: true })
  })
  return { admin, connection: { file } }
}

/** An engine by its name in the options, a new database in it, and a way to change that. */
export interface Engine {
  engine: string
  connection: Record<string, unknown>
  change(sql: string): Promise<unknown>
}

/** One of each engine. */
export const openEngines = async (t: Test): Promise<Engine[]> => {
  const postgresql = await openPostgresql(t)
  const mariadb = await openMariadb(t)
  const sqlite = openSqlite(t)
  return [
    { engine: 'postgresql', connection: postgresql.connection, change: (sql) => postgresql.admin.query(sql) },
    { engine: 'mysql', connection: mariadb.connection, change: (sql) => mariadb.admin.query(sql) },
    { engine: 'sqlite', connection: sqlite.connection, change: async (sql) => sqlite.admin.exec(sql) },
  ]
}

const inProxy = async (t: Test, connection: { host: string; port: number }) => {
  const proxy = await openFaultProxy(connection.host, connection.port)
  t.teardown(() => proxy.close())
  return proxy
}

export const postgresqlSystem = async (t: Test, mode: Mode): Promise<LegacySystem> => {
  const { admin, connection } = await openPostgresql(t)
  const proxy = await inProxy(t, connection)
  await admin.query(`CREATE SCHEMA 审批`)
  await admin.query(`CREATE TABLE 审批.办件受理 (办件编号 varchar(50) PRIMARY KEY, 申请者名称 varchar(100),
    更新时间 timestamptz NOT NULL DEFAULT clock_timestamp(), 同步标志 char(1) DEFAULT '0')`)
  await admin.query(`CREATE TABLE 已发送 (编号 varchar(50) PRIMARY KEY)`)
  return {
    options: optionsOf('postgresql', { ...connection, port: proxy.port }, mode, '审批.办件受理'),
    batchSize,
    async put(rows) {
      const lists = [rows.map(({ id }) => id), rows.map(({ name }) => name)]
      await admin.query('INSERT INTO 审批.办件受理 (办件编号, 申请者名称) SELECT * FROM unnest($1::text[], $2::text[])', lists)
    },
    async change(id, name) {
      const set = `申请者名称 = $2, 更新时间 = clock_timestamp(), 同步标志 = NULL`
      await admin.query(`UPDATE 审批.办件受理 SET ${set} WHERE 办件编号 = $1`, [id, name])
    },
    breakDown: proxy.breakDown,
    mend: proxy.mend,
    keyOf: (id) => id,
  }
}

export const mariadbSystem = async (t: Test, mode: Mode): Promise<LegacySystem> => {
  const { admin, connection } = await openMariadb(t)
  const proxy = await inProxy(t, connection)
  await admin.query(`CREATE TABLE 办件受理 (办件编号 varchar(50) PRIMARY KEY, 申请者名称 varchar(100),
    更新时间 datetime(3) NOT NULL DEFAULT now(3), 同步标志 int DEFAULT 0)`)
  await admin.query(`CREATE TABLE 已发送 (编号 varchar(50) PRIMARY KEY)`)
  return {
    options: optionsOf('mysql', { ...connection, port: proxy.port }, mode),
    batchSize,
    async put(rows) {
      const values = rows.map(({ id, name }) => [id, name])
      if (values.length > 0) await admin.query('INSERT INTO 办件受理 (办件编号, 申请者名称) VALUES ?', [values])
    },
    async change(id, name) {
      await admin.query('UPDATE 办件受理 SET 申请者名称 = ?, 更新时间 = now(3), 同步标志 = NULL WHERE 办件编号 = ?', [name, id])
    },
    breakDown: proxy.breakDown,
    mend: proxy.mend,
    keyOf: (id) => id,
  }
}

/** `silent` is another program that holds the file locked; `garbage` a file that is no database; `dead` a file that is gone. */
export const sqliteSystem = async (t: Test, mode: Mode): Promise<LegacySystem> => {
  const { admin, connection } = openSqlite(t)
  admin.exec(`CREATE TABLE 办件受理 (办件编号 TEXT PRIMARY KEY, 申请者名称 TEXT, 序号 INTEGER NOT NULL, 同步标志 TEXT DEFAULT '0');
    CREATE TABLE 已发送 (编号 TEXT PRIMARY KEY)`)
  const { file } = connection
  const options = optionsOf('sqlite', connection, mode)
  const [own] = options.streams
  if (mode === 'watermark' && own) Object.assign(own, { watermark: { column: '序号', kind: 'number' } })
  const next = '(SELECT coalesce(max(序号), 0) + 1 FROM 办件受理)'
  let broken: string | undefined
  return {
    options,
    batchSize,
    async put(rows) {
      const insert = admin.prepare(`INSERT INTO 办件受理 (办件编号, 申请者名称, 序号) VALUES (?, ?, ${next})`)
      for (const { id, name } of rows) insert.run(id, name)
    },
    async change(id, name) {
      admin.prepare(`UPDATE 办件受理 SET 申请者名称 = ?, 序号 = ${next}, 同步标志 = NULL WHERE 办件编号 = ?`).run(name, id)
    },
    async breakDown(kind) {
      broken = kind
      if (kind === 'silent') admin.exec('BEGIN EXCLUSIVE')
      else renameSync(file, `${file}.away`)
      if (kind === 'garbage') writeFileSync(file, Buffer.alloc(8192, '这不是数据库'))
    },
    async mend() {
      if (broken === 'silent') admin.exec('COMMIT')
      else if (broken !== undefined) renameSync(`${file}.away`, file)
      broken = undefined
    },
    keyOf: (id) => id,
  }
}
