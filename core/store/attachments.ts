import type { Database } from 'better-sqlite3'
import type { TransferState } from '../attachments/transfers.ts'
import type { Attachment } from '../contract.ts'
import type { Attachments, TransferStanding, UpTransfer } from './attachments-store.ts'
import type { Store } from './store.ts'

const unfinished: readonly TransferState[] = ['open', 'sent', 'stopped']

const dueColumns = `t.digest, a.size, t.state, t.confirmed, t.restarts, t.failures, r.department, r.region
  FROM transfer t JOIN attachment a ON a.digest = t.digest JOIN ledger l ON l.book = t.book JOIN route r ON r.name = l.route
 WHERE t.state IN ('open', 'sent') AND t.due_at <= @now AND t.digest NOT IN (SELECT value FROM json_each(@inHand))`

const isThisOne = 'digest = @digest AND restarts = @restarts'

export const attachmentVerbs = (db: Database, count: Store['count']): Omit<Attachments, 'received'> => {
  const keep = db.prepare(
    `INSERT INTO attachment (digest, size, kept_at) VALUES (?, ?, ?)
     ON CONFLICT (digest) DO UPDATE SET kept_at = excluded.kept_at, removed_at = NULL`,
  )
  const size = db.prepare('SELECT size FROM attachment WHERE digest = ? AND removed_at IS NULL').pluck()
  const addToRecord = db.prepare('INSERT INTO record_attachment VALUES (@recordSeq, @at, @digest, @mediaType, @fileName)')
  const ofRecord = db.prepare(
    `SELECT ra.place AS at, ra.digest, a.size, ra.media_type AS mediaType, ra.file_name AS fileName
       FROM record_attachment ra JOIN attachment a ON a.digest = ra.digest WHERE ra.record_seq = ? ORDER BY ra.rowid`,
  )
  const nameIn = db.prepare('INSERT INTO message_attachment VALUES (?, ?)')
  const named = db
    .prepare(
      `SELECT o.book FROM message_attachment ma JOIN outbox o ON o.message_seq = ma.message_seq
        WHERE ma.digest = ? ORDER BY ma.message_seq LIMIT 1`,
    )
    .pluck()
  const begin = db.prepare("INSERT INTO transfer (digest, book, state, due_at) VALUES (?, ?, 'open', 0) ON CONFLICT DO NOTHING")
  const due = {
    oldest: db.prepare(`SELECT ${dueColumns} ORDER BY t.due_at, t.rowid LIMIT @limit`),
    smallest: db.prepare(`SELECT ${dueColumns} ORDER BY a.size - t.confirmed, t.rowid LIMIT @limit`),
  }
  const confirm = db.prepare(
    `UPDATE transfer SET confirmed = @offset, failures = 0, detail = NULL WHERE ${isThisOne} AND state = 'open' AND confirmed < @offset`,
  )
  const finish = db.prepare(
    `UPDATE transfer SET state = 'sent', failures = 0, detail = NULL, due_at = @askAt, settled_at = @now WHERE ${isThisOne} AND state = 'open'`,
  )
  const postpone = db.prepare(
    `UPDATE transfer SET failures = failures + 1, due_at = @dueAt, detail = @detail WHERE ${isThisOne} AND state = @state`,
  )
  const one = db.prepare('SELECT state, restarts, book FROM transfer WHERE digest = ?')
  const end = db.prepare('UPDATE transfer SET state = ?, due_at = NULL, settled_at = ?, detail = ? WHERE digest = ?')
  const open = db.prepare(
    `UPDATE transfer SET state = 'open', confirmed = ?, restarts = ?, failures = 0, due_at = ?, settled_at = NULL, detail = NULL WHERE digest = ?`,
  )
  const transfers = db.prepare(
    `SELECT t.digest, a.size, t.state, t.confirmed, t.restarts, t.due_at AS dueAt, t.settled_at AS settledAt, l.route, t.detail,
            (SELECT file_name FROM record_attachment ra WHERE ra.digest = t.digest AND file_name IS NOT NULL LIMIT 1) AS fileName
       FROM transfer t JOIN attachment a ON a.digest = t.digest JOIN ledger l ON l.book = t.book
      WHERE t.state IN (SELECT value FROM json_each(@states)) AND (@digest IS NULL OR t.digest = @digest) ORDER BY t.rowid LIMIT @limit`,
  )
  const removable = db
    .prepare(
      `SELECT a.digest FROM attachment a
        WHERE a.removed_at IS NULL AND a.kept_at < ?
          AND NOT EXISTS (SELECT 1 FROM transfer t WHERE t.digest = a.digest AND (t.state IN ('open', 'stopped') OR t.due_at IS NOT NULL))
          AND NOT EXISTS (SELECT 1 FROM record_attachment ra JOIN record r ON r.seq = ra.record_seq WHERE ra.digest = a.digest AND r.body IS NOT NULL)
          AND NOT EXISTS (SELECT 1 FROM message_attachment ma JOIN message m ON m.seq = ma.message_seq WHERE ma.digest = a.digest AND m.body IS NOT NULL)
          AND NOT EXISTS (SELECT 1 FROM inbox_attachment ia JOIN inbox i ON i.seq = ia.inbox_seq WHERE ia.digest = a.digest AND i.body IS NOT NULL)
        ORDER BY a.kept_at LIMIT ?`,
    )
    .pluck()
  const remove = db.prepare('UPDATE attachment SET removed_at = ? WHERE digest = ?')

  type Line = { state: TransferState; restarts: number; book: number }
  const lineOf = (digest: string): Line | undefined => one.get(digest) as Line | undefined
  const sizeOf = (digest: string): number | undefined => size.get(digest) as number | undefined

  const beginWith = (digest: string, book: number): void => {
    if (begin.run(digest, book).changes > 0) count(book, 'attachments')
  }

  /** The books take back what they counted of a transfer that goes out again. */
  const reopen = (digest: string, offset: number, now: number): void => {
    const { state, restarts, book } = lineOf(digest)!
    if (state === 'sent' || state === 'arrived') count(book, 'sent', -1)
    if (state === 'arrived') count(book, 'arrived', -1)
    open.run(offset, restarts + 1, now, digest)
  }

  return {
    keep: (digest, size, now) => void keep.run(digest, size, now),
    sizeOf,
    addToRecord: (recordSeq, { at, digest, mediaType = null, fileName = null }) => {
      if (sizeOf(digest) === undefined) throw new Error(`a source names ${digest}, which it has not kept`)
      addToRecord.run({ recordSeq, at, digest, mediaType, fileName })
      const book = named.get(digest) as number | undefined
      if (book !== undefined) beginWith(digest, book)
    },
    ofRecord: (recordSeq) =>
      (ofRecord.all(recordSeq) as (Attachment & { mediaType: string | null; fileName: string | null })[]).map(
        ({ mediaType, fileName, ...rest }) => ({
          ...rest,
          ...(mediaType === null ? {} : { mediaType }),
          ...(fileName === null ? {} : { fileName }),
        }),
      ),
    nameIn: (messageSeq, book, digest) => {
      nameIn.run(messageSeq, digest)
      if (sizeOf(digest) !== undefined) beginWith(digest, book)
    },
    due: (now, order, inHand, limit) => due[order].all({ now, inHand: JSON.stringify(inHand), limit }) as UpTransfer[],
    confirm: ({ digest, restarts }, offset) => confirm.run({ digest, restarts, offset }).changes > 0,
    finish: ({ digest, restarts }, now, askAt) => {
      if (finish.run({ digest, restarts, now, askAt }).changes > 0) count(lineOf(digest)!.book, 'sent')
    },
    postpone: ({ digest, restarts, state }, error, dueAt) =>
      void postpone.run({ digest, restarts, state, dueAt, detail: error ? detailText(error) : null }),
    stop: (digest, error, now) => {
      const { state, book } = lineOf(digest)!
      if (state === 'sent') count(book, 'sent', -1)
      end.run('stopped', now, detailText(error), digest)
    },
    transfer: lineOf,
    arrive: (digest, now) => {
      const { state, book } = lineOf(digest)!
      if (state === 'arrived') return
      if (state !== 'sent') count(book, 'sent')
      count(book, 'arrived')
      end.run('arrived', now, null, digest)
    },
    rewind: reopen,
    resend: (digest, now) => {
      if (!lineOf(digest) || sizeOf(digest) === undefined) return false
      reopen(digest, 0, now)
      return true
    },
    transfers: ({
      states = unfinished,
      digest = null,
      limit,
    }: {
      states?: readonly TransferState[]
      digest?: string | null
      limit: number
    }) =>
      (transfers.all({ states: JSON.stringify(states), digest, limit }) as (TransferStanding & { detail: string | null })[]).map(
        (line) => ({ ...line, detail: line.detail === null ? null : JSON.parse(line.detail) }),
      ),
    removable: (before, limit) => removable.all(before, limit) as string[],
    remove: (digest, now) => void remove.run(now, digest),
  }
}

const detailText = ({ code, text }: { code: string; text: { zh: string; en: string } }): string =>
  JSON.stringify({ code, ...text })
