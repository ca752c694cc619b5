import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import Database from 'better-sqlite3'
import { GatewayError, toGatewayError } from '../../errors.ts'
import { requireSafeSqlite, sqliteVersion } from '../../sqlite.ts'
import { type Delivery, type OutgoingMessage, queueOfAddress } from '../transport.ts'

export { requireSafeSqlite, sqliteVersion }

/** A body is text, or bytes as they are; headers are JSON. */
const messageTables = `
  create table message (
    seq integer primary key autoincrement,
    queue text not null,
    partition integer not null,
    id text not null,
    type text not null,
    lane text not null,
    headers text,
    body any not null,
    sent_at integer not null,
    foreign key (queue, partition) references partition (queue, number)
  ) strict;
  create index message_by_partition on message (queue, partition, seq);
  create table dead_letter (
    seq integer primary key,
    queue text not null,
    partition integer not null,
    id text not null,
    type text not null,
    lane text not null,
    headers text,
    body any not null,
    sent_at integer not null,
    rejected_at integer not null
  ) strict;
`

/**
 * `handed_over` is the highest seq of the partition that a subscriber has ever been given: what is at or below it may
 * have been delivered before. For that, a seq is never used twice.
 */
const schema = `
  create table partition (
    queue text not null,
    number integer not null,
    handed_over integer not null default 0,
    primary key (queue, number)
  ) strict;
  ${messageTables}
  pragma user_version = 3;
`

/** A file of the version that knew one queue. */
const fromFirst = `
  alter table partition rename to partition_1;
  alter table message rename to message_1;
  alter table dead_letter rename to dead_letter_1;
  drop index message_by_partition;
  ${schema}
  insert into partition (queue, number, handed_over) select 'up', number, handed_over from partition_1;
  insert into message (seq, queue, partition, id, type, lane, body, sent_at)
    select seq, 'up', partition, id, type, lane, body, sent_at from message_1;
  insert into dead_letter (seq, queue, partition, id, type, lane, body, sent_at, rejected_at)
    select seq, 'up', partition, id, type, lane, body, sent_at, rejected_at from dead_letter_1;
  update sqlite_sequence set seq = max(seq, (select coalesce(max(handed_over), 0) from partition_1)) where name = 'message';
  insert into sqlite_sequence (name, seq) select 'message', coalesce(max(handed_over), 0) from partition_1
    where not exists (select 1 from sqlite_sequence where name = 'message');
  drop table message_1;
  drop table dead_letter_1;
  drop table partition_1;
`

/** A file of the version that knew text alone. */
const fromSecond = `
  alter table message rename to message_2;
  alter table dead_letter rename to dead_letter_2;
  drop index message_by_partition;
  ${messageTables}
  insert into message (seq, queue, partition, id, type, lane, body, sent_at)
    select seq, queue, partition, id, type, lane, body, sent_at from message_2;
  insert into dead_letter (seq, queue, partition, id, type, lane, body, sent_at, rejected_at)
    select seq, queue, partition, id, type, lane, body, sent_at, rejected_at from dead_letter_2;
  delete from sqlite_sequence where name = 'message';
  insert into sqlite_sequence (name, seq) select 'message', seq from sqlite_sequence where name = 'message_2';
  drop table message_2;
  drop table dead_letter_2;
  pragma user_version = 3;
`

export interface QueuedMessage extends Omit<Delivery, 'body' | 'headers'> {
  seq: number
  body: Buffer
  headers: string | null
}

type Row = Omit<QueuedMessage, 'redelivered' | 'body'> & { body: string | Buffer }

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

const createOrCheck = (db: Database.Database, file: string, partitions: number, queues: readonly string[]): void => {
  const version = db.pragma('user_version', { simple: true })
  if (version === 0) {
    db.exec(schema)
  } else if (version === 1) {
    db.exec(fromFirst)
  } else if (version === 2) {
    db.exec(fromSecond)
  } else if (version !== 3) {
    throw GatewayError.of('STORE_SCHEMA_DRIFT', { file, migration: 3 })
  }
  const add = db.prepare('insert or ignore into partition (queue, number) values (?, ?)')
  const known = db.prepare<[], number>('select count(distinct number) from partition').pluck()
  const found = known.get()! || partitions
  if (found === partitions) {
    for (const queue of queues) for (let number = 0; number < partitions; number++) add.run(queue, number)
    return
  }
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
export const openQueueFile = (file: string, partitions: number, queues: readonly string[]) => {
  requireSafeSqlite(sqliteVersion())
  const db = openDatabase(file)
  try {
    db.transaction(() => createOrCheck(db, file, partitions, queues)).immediate()
  } catch (thrown) {
    db.close()
    throw thrown
  }

  const insert = db.prepare(
    'insert into message (queue, partition, id, type, lane, headers, body, sent_at) values (?, ?, ?, ?, ?, ?, ?, ?)',
  )
  const select = db.prepare<[string, number, number], Row>(
    'select seq, id, type, lane, headers, body from message where queue = ? and partition = ? order by seq limit ?',
  )
  const handedOver = db
    .prepare<[string, number], number>('select handed_over from partition where queue = ? and number = ?')
    .pluck()
  const mark = db.prepare('update partition set handed_over = ? where queue = ? and number = ?')
  const bury = db.prepare(
    `insert into dead_letter (seq, queue, partition, id, type, lane, headers, body, sent_at, rejected_at)
     select seq, queue, partition, id, type, lane, headers, body, sent_at, ? from message where seq = ?`,
  )
  const remove = db.prepare('delete from message where seq = ?')

  const isQueue = db.prepare<[string], number>('select exists (select 1 from partition where queue = ?)').pluck()

  const append = db.transaction((messages: { partition: number; message: OutgoingMessage }[]): OutgoingMessage[] => {
    const unroutable: OutgoingMessage[] = []
    for (const { partition, message } of messages) {
      const { address, id, type, lane, headers, body, sentAt } = message
      const queue = queueOfAddress(address)
      if (isQueue.get(queue) === 0) unroutable.push(message)
      else insert.run(queue, partition, id, type, lane, headers === undefined ? null : JSON.stringify(headers), body, sentAt)
    }
    return unroutable
  })

  const handOver = db.transaction((queue: string, partition: number, limit: number): QueuedMessage[] => {
    const rows = select.all(queue, partition, limit)
    const last = rows.at(-1)?.seq ?? 0
    const before = handedOver.get(queue, partition) ?? 0
    if (last > before) mark.run(last, queue, partition)
    return rows.map((row) => ({ ...row, body: Buffer.from(row.body as string), redelivered: row.seq <= before }))
  })

  const settle = db.transaction((acked: number[], rejected: number[], now: number): void => {
    for (const seq of rejected) bury.run(now, seq)
    for (const seq of [...acked, ...rejected]) remove.run(seq)
  })

  return {
    /** Stores the messages in order, and answers those that no queue takes. Synced when it returns. */
    append: append.immediate,
    /** The oldest messages of the partition, marked as handed over; an idle look writes nothing. */
    next: (queue: string, partition: number, limit: number): QueuedMessage[] =>
      select.get(queue, partition, 1) === undefined ? [] : handOver.immediate(queue, partition, limit),
    /** Removes what was taken and moves what was rejected to the dead letters. */
    settle: settle.immediate,
    close(): void {
      db.close()
    },
  }
}

export type QueueFile = ReturnType<typeof openQueueFile>

/**
 * Makes its holder the only subscriber of a queue, over all processes: an exclusive SQLite transaction on a file
 * beside it, which the operating system ends with the process, however that dies. Answers undefined when another holds it.
 */
export const takeSubscriberLock = (file: string, queue: string): { release(): void } | undefined => {
  const lock = new Database(`${file}.${queue}.subscriber`, { timeout: 0 })
  try {
    lock.exec('begin exclusive')
    return { release: () => lock.close() }
  } catch (thrown) {
    lock.close()
    if (thrown instanceof Database.SqliteError && thrown.code.startsWith('SQLITE_BUSY')) return undefined
    throw thrown
  }
}
