import { statfsSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import type { Database } from 'better-sqlite3'
import type { Store } from './store.ts'

type RetentionVerbs = Pick<Store, 'prune' | 'isDiskLow' | 'isInPlace'>

/** Finished: no open quarantine line and no message that waits. */
const finished = `NOT EXISTS (SELECT 1 FROM quarantine q WHERE q.record_seq = r.seq AND q.state = 'open')
  AND NOT EXISTS (SELECT 1 FROM message m JOIN outbox o ON o.message_seq = m.seq WHERE m.record_seq = r.seq AND o.state <> 'confirmed')`

export const retentionVerbs = (db: Database, file: string): RetentionVerbs => {
  const withBody = db
    .prepare(
      `SELECT r.seq FROM record r WHERE r.received_at < ? AND r.body IS NOT NULL AND ${finished} ORDER BY r.received_at LIMIT ?`,
    )
    .pluck()
  // Lines are in the order of time, and old ones are gone: the first that is not due is near the beginning.
  const oldest = db
    .prepare(
      `SELECT r.seq FROM record r
        WHERE r.seq < coalesce((SELECT seq FROM record WHERE received_at >= @before ORDER BY seq LIMIT 1), 9223372036854775807)
          AND ${finished} ORDER BY r.seq LIMIT @limit`,
    )
    .pluck()
  const clearRecord = db.prepare('UPDATE record SET body = NULL WHERE seq = ?')
  const clearMessages = db.prepare('UPDATE message SET body = NULL WHERE record_seq = ?')
  const deletions = [
    'DELETE FROM failed_attempt WHERE message_seq IN (SELECT seq FROM message WHERE record_seq = ?)',
    'DELETE FROM outbox WHERE message_seq IN (SELECT seq FROM message WHERE record_seq = ?)',
    'DELETE FROM receipt WHERE message_seq IN (SELECT seq FROM message WHERE record_seq = ?)',
    'DELETE FROM message_attachment WHERE message_seq IN (SELECT seq FROM message WHERE record_seq = ?)',
    'DELETE FROM message WHERE record_seq = ?',
    'DELETE FROM record_attachment WHERE record_seq = ?',
    'DELETE FROM withheld WHERE record_seq = ?',
    'DELETE FROM correction WHERE record_seq = ?',
    'DELETE FROM quarantine_history WHERE record_seq = ?',
    'DELETE FROM quarantine WHERE record_seq = ?',
    'DELETE FROM record WHERE seq = ?',
  ].map((sql) => db.prepare(sql))
  const deleteAttachments = ['transfer', 'attachment'].map((table) =>
    db.prepare(
      `DELETE FROM ${table} WHERE digest IN (SELECT digest FROM attachment a WHERE a.removed_at IS NOT NULL
         AND NOT EXISTS (SELECT 1 FROM record_attachment WHERE digest = a.digest)
         AND NOT EXISTS (SELECT 1 FROM message_attachment WHERE digest = a.digest)
         AND NOT EXISTS (SELECT 1 FROM inbox_attachment WHERE digest = a.digest))`,
    ),
  )
  const deleteStatements = db.prepare('DELETE FROM statement WHERE starts_at < ?')
  const opened = statSync(file, { bigint: true })
  return {
    isInPlace: () => {
      const now = statSync(file, { bigint: true, throwIfNoEntry: false })
      return now?.ino === opened.ino && now.dev === opened.dev
    },
    prune: (bodiesBefore, linesBefore, limit) => {
      const bodies = withBody.all(bodiesBefore, limit) as number[]
      for (const seq of bodies) {
        clearRecord.run(seq)
        clearMessages.run(seq)
      }
      const lines = oldest.all({ before: linesBefore, limit }) as number[]
      for (const seq of lines) for (const deletion of deletions) deletion.run(seq)
      deleteStatements.run(linesBefore)
      for (const deletion of deleteAttachments) deletion.run()
      return { bodies: bodies.length, lines: lines.length }
    },
    isDiskLow: (reserveBytes) => {
      const { bavail, bsize } = statfsSync(dirname(file))
      return bavail * bsize < reserveBytes
    },
  }
}
