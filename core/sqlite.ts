import Database from 'better-sqlite3'
import { GatewayError } from './errors.ts'

/** SQLite before this one can lose committed writes in WAL mode with two connections. */
const safeSqlite = '3.51.3'

/** Throws STORE_SQLITE_UNSAFE for a version such as `3.46.0`. */
export const requireSafeSqlite = (version: string): void => {
  const required = safeSqlite.split('.').map(Number)
  const found = version.split('.').map(Number)
  const at = required.findIndex((part, index) => part !== found[index])
  if (at >= 0 && !((found[at] ?? 0) > required[at]!))
    throw GatewayError.of('STORE_SQLITE_UNSAFE', { version, required: safeSqlite })
}

export const sqliteVersion = (): string => {
  const memory = new Database(':memory:')
  try {
    return memory.prepare<[], string>('select sqlite_version()').pluck().get()!
  } finally {
    memory.close()
  }
}
