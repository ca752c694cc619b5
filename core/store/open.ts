import { mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import Database from 'better-sqlite3'
import { GatewayError } from '../errors.ts'
import { packageRoot } from '../package-root.ts'
import { sha256 } from '../sha256.ts'
import { requireSafeSqlite, sqliteVersion } from '../sqlite.ts'
import { systemReason } from '../system-reason.ts'

/** Setting, value, and what SQLite then answers. */
const durability = [
  ['journal_mode', 'WAL', 'wal'],
  ['synchronous', 'FULL', 2],
  ['foreign_keys', 'ON', 1],
] as const

const busyMs = 10_000
const againMs = 10

/** Where another process is just making the same new file ready, SQLite says at once that it is busy, and does not wait as it otherwise does. */
const whenFree = <T>(work: () => T): T => {
  for (const until = Date.now() + busyMs; ; ) {
    try {
      return work()
    } catch (thrown) {
      if (!(thrown instanceof Database.SqliteError && thrown.code === 'SQLITE_BUSY') || Date.now() > until) throw thrown
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, againMs)
    }
  }
}

/**
 * Opens a SQLite file so that what is committed is on the disk: WAL, `synchronous=FULL`, foreign keys. Throws STORE_SQLITE_UNSAFE,
 * STORE_SETTING_REFUSED (a network disk refuses WAL) or STORE_UNWRITABLE.
 */
export const openDurable = (file: string): Database.Database => {
  requireSafeSqlite(sqliteVersion())
  let db: Database.Database | undefined
  try {
    mkdirSync(dirname(file), { recursive: true })
    const opened = new Database(file, { timeout: busyMs })
    db = opened
    // A message of 3 KB leaves a quarter of a 4 KB page empty. Takes effect when the file is made.
    db.pragma('page_size = 8192')
    // Half of what the library takes: a batch fits in, and more was no faster.
    db.pragma('cache_size = -8000')
    for (const [setting, value, expected] of durability) {
      whenFree(() => opened.pragma(`${setting} = ${value}`))
      const found = db.pragma(setting, { simple: true })
      if (found !== expected)
        throw GatewayError.of('STORE_SETTING_REFUSED', { file, setting, expected: String(expected), found: String(found) })
    }
    return db
  } catch (cause) {
    db?.close()
    if (cause instanceof GatewayError) throw cause
    throw GatewayError.of('STORE_UNWRITABLE', { file, reason: systemReason(cause) }, { cause })
  }
}

/** The structure as SQLite itself tells it: changes when anybody changes a table, an index or a trigger. */
const structureOf = (db: Database.Database): string =>
  sha256(
    JSON.stringify(
      db
        .prepare("SELECT type, name, sql FROM sqlite_master WHERE name NOT LIKE 'sqlite_%' AND name <> 'migration' ORDER BY name")
        .all(),
    ),
  ).toString('hex')

/**
 * Brings the store to the newest numbered migration. Several processes may at once: who finds some missing looks again when nobody else can
 * write. Throws STORE_SCHEMA_DRIFT when a migration that was applied has since been edited, or when the structure is not what the last migration left.
 */
export const migrate = (
  db: Database.Database,
  file: string,
  now: number,
  folder = join(packageRoot, 'core/store/migrations'),
): void => {
  const files = readdirSync(folder)
    .filter((name) => name.endsWith('.sql'))
    .sort()
  const textOf = (name: string): string => readFileSync(join(folder, name), 'utf8')
  const drift = (migration: string) => GatewayError.of('STORE_SCHEMA_DRIFT', { file, migration })
  const missing = (): string[] => {
    if (!db.prepare("SELECT 1 FROM sqlite_master WHERE name = 'migration'").get()) return files
    const applied = db.prepare('SELECT name, checksum, structure FROM migration ORDER BY name').all() as {
      name: string
      checksum: string
      structure: string
    }[]
    const last = applied.at(-1)
    if (last && structureOf(db) !== last.structure) throw drift(last.name)
    for (const { name, checksum } of applied)
      if (!files.includes(name) || sha256(textOf(name)).toString('hex') !== checksum) throw drift(name)
    return files.slice(applied.length)
  }
  // In one view of the store: a migration that another process commits in between would look like drift.
  if (db.transaction(missing).deferred().length === 0) return
  db.transaction(() => {
    db.exec(
      'CREATE TABLE IF NOT EXISTS migration (name TEXT PRIMARY KEY, checksum TEXT NOT NULL, structure TEXT NOT NULL, applied_at INTEGER NOT NULL) STRICT',
    )
    const insert = db.prepare('INSERT INTO migration (name, checksum, structure, applied_at) VALUES (?, ?, ?, ?)')
    for (const name of missing()) {
      const sql = textOf(name)
      db.exec(sql)
      insert.run(name, sha256(sql).toString('hex'), structureOf(db), now)
    }
  }).immediate()
}
