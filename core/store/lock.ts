import Database from 'better-sqlite3'
import { GatewayError } from '../errors.ts'

/**
 * Keeps a second gateway off the store, since two would break the order within lanes. The lock is SQLite's own file lock: the
 * operating system frees it when the process dies, however it dies, on every platform. Returns the function that frees it.
 */
export const lockStore = (file: string): (() => void) => {
  const db = new Database(`${file}.lock`, { timeout: 0 })
  try {
    db.exec('BEGIN EXCLUSIVE')
  } catch (cause) {
    db.close()
    throw GatewayError.of('STORE_IN_USE', { file }, { cause })
  }
  return () => db.close()
}
