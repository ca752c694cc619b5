import Database from 'better-sqlite3'
import { sqliteReceived } from '../attachments/sqlite-received.ts'
import { GatewayError } from '../errors.ts'
import { systemReason } from '../system-reason.ts'
import { attachmentVerbs } from './attachments.ts'
import { bookVerbs } from './books.ts'
import { catalogueVerbs } from './catalogue.ts'
import { healthVerbs } from './health.ts'
import { inboxVerbs } from './inbox.ts'
import { migrate, openDurable } from './open.ts'
import { outboxVerbs } from './outbox.ts'
import { quarantineVerbs } from './quarantine.ts'
import { recordVerbs } from './records.ts'
import { retentionVerbs } from './retention.ts'
import { statementVerbs } from './statements.ts'
import type { Store } from './store.ts'

/** The disk's or another process's doing. A broken constraint is not: that is a bug, and says so. */
const isStorageFailure = (thrown: unknown): thrown is Error & { code: string } =>
  thrown instanceof Database.SqliteError && !thrown.code.startsWith('SQLITE_CONSTRAINT')

/** Opens the gateway's store and brings it to the newest migration. Several processes may: each commit is serialised by SQLite. */
export const openStore = (file: string, now: number): Store => {
  const db = openDurable(file)
  try {
    migrate(db, file, now)
  } catch (cause) {
    db.close()
    if (cause instanceof Database.SqliteError) {
      throw GatewayError.of('STORE_UNWRITABLE', { file, reason: systemReason(cause) }, { cause })
    }
    throw cause
  }
  const books = bookVerbs(db)
  const statements = statementVerbs(db)
  const attachments = attachmentVerbs(db, books.count)
  const inbox = inboxVerbs(db)
  const transaction = db.transaction((work: () => unknown) => work()).immediate
  const commit = <T>(work: () => T): T => {
    try {
      return transaction(work) as T
    } catch (cause) {
      if (isStorageFailure(cause)) throw GatewayError.of('STORE_UNWRITABLE', { file, reason: systemReason(cause) }, { cause })
      throw cause
    }
  }
  const whole = {
    has: (digest: string) => attachments.sizeOf(digest) !== undefined,
    arrive: ({ digest, size }: { digest: string; size: number }, at: number) => {
      attachments.keep(digest, size, at)
      inbox.arrive(digest, at)
    },
  }
  return {
    commit,
    ...books,
    ...recordVerbs(db),
    ...outboxVerbs(db, books.count, statements.reopen, attachments.nameIn),
    ...quarantineVerbs(db),
    ...retentionVerbs(db, file),
    ...healthVerbs(db),
    inbox,
    statements,
    catalogues: catalogueVerbs(db),
    attachments: { ...attachments, received: sqliteReceived(db, whole, async (work) => commit(work)) },
    close: () => db.close(),
  }
}
