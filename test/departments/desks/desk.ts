/** What all pretend desks have in common: one looks at its system again and again, as clerks do, until SIGTERM. */
import { mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'

const lookEveryMs = 20

/** The folder that the program was given. */
export const deskFolder = (): string => {
  const [, , folder] = process.argv
  if (folder === undefined) throw new Error('usage: <desk>.js <folder>')
  return folder
}

export interface Desk {
  /** One look at what is there, and one step at most in each case: the next one is for another day. */
  look(): void
  close(): void | Promise<void>
  /** Where it listens, if it does. */
  addresses?: string[]
}

/** Prints where it is as one line of JSON, and works until SIGTERM, SIGINT, or the end of whoever holds its standard input. */
export const runDesk = ({ look, close, addresses = [] }: Desk): void => {
  const timer = setInterval(look, lookEveryMs)
  let stopping = false
  const stop = (): void => {
    if (stopping) return
    stopping = true
    clearInterval(timer)
    process.stdin.destroy()
    void close()
  }
  process.stdin.resume().once('end', stop)
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, stop)
  console.log(JSON.stringify({ addresses }))
}

/** The system's own database, shared with the gateway. */
export const openDeskDatabase = (name: string, tables: string): Database.Database => {
  const database = new Database(join(deskFolder(), `${name}.sqlite`), { timeout: 10_000 })
  database.pragma('journal_mode = WAL')
  // It may have been killed, and be started again.
  const isNew = database.prepare('SELECT count(*) FROM sqlite_master').pluck().get() === 0
  if (isNew) database.transaction(() => database.exec(tables)).immediate()
  return database
}

/** Beijing time as the tables have it. */
export const deskTime = (): string => new Date(Date.now() + 8 * 3_600_000).toISOString().slice(0, 19).replace('T', ' ')

/** A day so many days from now. */
export const deskDay = (days: number): string =>
  new Date(Date.now() + 8 * 3_600_000 + days * 86_400_000).toISOString().slice(0, 10)

/** Folders of a desk that works with files: what comes, what was read, and what it answers. */
export const openDeskFolders = (name: string, incoming: string, outgoing: string) => {
  const at = (folder: string): string => join(deskFolder(), name, folder)
  for (const folder of [incoming, 'taken', outgoing]) mkdirSync(at(folder), { recursive: true })
  return {
    /** Reads what has come, in the order of names, and moves it away. */
    takeAll: (suffix: string, take: (bytes: Buffer) => void): void => {
      const names = readdirSync(at(incoming)).filter((one) => one.endsWith(suffix))
      for (const file of names.sort()) {
        take(readFileSync(join(at(incoming), file)))
        renameSync(join(at(incoming), file), join(at('taken'), file))
      }
    },
    /** A file gets its name when it is whole. */
    put: (file: string, bytes: Uint8Array | string): void => {
      const path = join(at(outgoing), file)
      writeFileSync(`${path}.tmp`, bytes)
      renameSync(`${path}.tmp`, path)
    },
  }
}
