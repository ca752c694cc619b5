import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import Database from 'better-sqlite3'
import { GatewayError, toGatewayError } from '../../errors.ts'
import { requireSafeSqlite, sqliteVersion } from '../../sqlite.ts'
import type { Delivery, OutgoingMessage } from '../transport.ts'

export { requireSafeSqlite, sqliteVersion }

/**
 * `handed_over` is the highest seq of the partition that a subscriber has ever been given: what is at or below it may
 * have been delivered before. For that, a seq is never used twice.
 */
const schema = `
  create table partition (
    number integer primary key,
    handed_over integer not null default 0
  ) strict;
  create table message (
    seq integer primary key autoincrement,
    partition integer not null references partition (number),
    id text not null,
    type text not null,
    lane text not null,
    body text not null,
    sent_at integer not null
  ) strict;
  create index message_by_partition on message (partition, seq);
  create table dead_letter (
    seq integer primary key,
    partition integer not null,
    id text not null,
    type text not null,
    lane text not null,
    body text not null,
    sent_at integer not null,
    rejected_at integer not null
  ) strict;
  pragma user_version = 1;
`

export interface QueuedMessage extends Delivery {
  seq: number
}

type Row = Omit<QueuedMessage, 'redelivered'>

const openDatabase = (file: string): Database.Database => {
  mkdirSync(dirname(file), { recursive: true })
  // Another process holds the file for milliseconds; waiting for it stops this process altogether, so not for long.
  const db = new Database(file, { timeout: 1000 })
  const mode = db.pragma('journal_mode = wal', { simple: true })
  if (mode !== 'wal') {
    db.close()
    throw GatewayError.of('STORE_SETTING_REFUSED', { file, setting: 'journal_mode', expected: 'wal', found: String(mode) })
  }
  db.pragma('synchronous = full')
  db.pragma('foreign_keys = on')
  return db
}

const createOrCheck = (db: Database.Database, file: string, partitions: number): void => {
  const version = db.pragma('user_version', { simple: true })
  if (version === 0) {
    db.exec(schema)
    const add = db.prepare('insert into partition (number) values (?)')
    for (let number = 0; number < partitions; number++) add.run(number)
  } else if (version !== 1) {
    throw GatewayError.of('STORE_SCHEMA_DRIFT', { file, migration: 1 })
  }
  const found = db.prepare<[], number>('select count(*) from partition').pluck().get()!
  if (found === partitions) return
  const reason = {
    zh: `已有 ${found} 个分区，配置为 ${partitions}`,
    en: `it has ${found} partitions, configured are ${partitions}`,
  }
  throw GatewayError.of('BROKER_TOPOLOGY_MISMATCH', { name: file, reason })
}

/** What went wrong with the file, as an error of the catalogue. */
export const toFileError = (thrown: unknown, file: string): GatewayError =>
  thrown instanceof Database.SqliteError || (thrown instanceof Error && 'syscall' in thrown)
    ? GatewayError.of('STORE_UNWRITABLE', { file, reason: thrown.message }, { cause: thrown })
    : toGatewayError(thrown)

/** True when SQLite says that a failed transaction has certainly left nothing behind. */
export const isCertainlyRolledBack = (thrown: unknown): boolean =>
  thrown instanceof Database.SqliteError && /^SQLITE_(FULL|BUSY|READONLY|CONSTRAINT|TOOBIG)/.test(thrown.code)

/**
 * The queues in one SQLite file, shared by any number of processes of one machine. Every verb is one synced transaction.
 * Throws GatewayError when opening; the verbs throw what SQLite throws.
 */
export const openQueueFile = (file: string, partitions: number) => {
  requireSafeSqlite(sqliteVersion())
  const db = openDatabase(file)
  try {
    db.transaction(() => createOrCheck(db, file, partitions)).immediate()
  } catch (thrown) {
    db.close()
    throw thrown
  }

  const insert = db.prepare('insert into message (partition, id, type, lane, body, sent_at) values (?, ?, ?, ?, ?, ?)')
  const select = db.prepare<[number, number], Row>(
    'select seq, id, type, lane, body from message where partition = ? order by seq limit ?',
  )
  const handedOver = db.prepare<[number], number>('select handed_over from partition where number = ?').pluck()
  const mark = db.prepare('update partition set handed_over = ? where number = ?')
  const bury = db.prepare(
    `insert into dead_letter (seq, partition, id, type, lane, body, sent_at, rejected_at)
     select seq, partition, id, type, lane, body, sent_at, ? from message where seq = ?`,
  )
  const remove = db.prepare('delete from message where seq = ?')

  const append = db.transaction((messages: { partition: number; message: OutgoingMessage }[]): void => {
    for (const { partition, message } of messages) {
      insert.run(partition, message.id, message.type, message.lane, message.body.toString(), message.sentAt)
    }
  })

  const handOver = db.transaction((partition: number, limit: number): QueuedMessage[] => {
    const rows = select.all(partition, limit)
    const last = rows.at(-1)?.seq ?? 0
    const before = handedOver.get(partition) ?? 0
    if (last > before) mark.run(last, partition)
    return rows.map((row) => ({ ...row, redelivered: row.seq <= before }))
  })

  const settle = db.transaction((acked: number[], rejected: number[], now: number): void => {
    for (const seq of rejected) bury.run(now, seq)
    for (const seq of [...acked, ...rejected]) remove.run(seq)
  })

  return {
    /** Stores the messages in order. Synced when it returns. */
    append: append.immediate,
    /** The oldest messages of the partition, marked as handed over; an idle look writes nothing. */
    next: (partition: number, limit: number): QueuedMessage[] =>
      select.get(partition, 1) === undefined ? [] : handOver.immediate(partition, limit),
    /** Removes what was taken and moves what was rejected to the dead letters. */
    settle: settle.immediate,
    close(): void {
      db.close()
    },
  }
}

export type QueueFile = ReturnType<typeof openQueueFile>

/**
 * Makes its holder the only subscriber of a queue file, over all processes: an exclusive SQLite transaction on a file
 * beside it, which the operating system ends with the process, however that dies. Answers undefined when another holds it.
 */
export const takeSubscriberLock = (file: string): { release(): void } | undefined => {
  const lock = new Database(`${file}.subscriber`, { timeout: 0 })
  try {
    lock.exec('begin exclusive')
    return { release: () => lock.close() }
  } catch (thrown) {
    lock.close()
    if (thrown instanceof Database.SqliteError && thrown.code.startsWith('SQLITE_BUSY')) return undefined
    throw thrown
  }
}
