import Database from 'better-sqlite3'
import { GatewayError } from '../errors.ts'
import { systemReason } from '../system-reason.ts'

/**
 * Keeps a second gateway off the store, since two would break the order within lanes. The lock is SQLite's own file lock: the
 * operating system frees it when the process dies, however it dies, on every platform. Returns the function that frees it. Throws
 * STORE_IN_USE when another process holds it, STORE_UNWRITABLE when the lock file itself is not well.
 */
export const lockStore = (file: string): (() => void) => {
  const lock = `${file}.lock`
  let db: Database.Database | undefined
  try {
    db = new Database(lock, { timeout: 0 })
    const held = db
    held.exec('BEGIN EXCLUSIVE')
    return () => held.close()
  } catch (cause) {
    db?.close()
    if (cause instanceof Database.SqliteError && cause.code.startsWith('SQLITE_BUSY'))
      throw GatewayError.of('STORE_IN_USE', { file }, { cause })
    throw GatewayError.of('STORE_UNWRITABLE', { file: lock, reason: systemReason(cause) }, { cause })
  }
}
