import type { Database } from 'better-sqlite3'
import { type ErrorCode, GatewayError } from '../errors.ts'
import type { OpenVersion, PastQuarantine, QuarantineEntry, Store } from './store.ts'

type QuarantineVerbs = Pick<
  Store,
  | 'quarantine'
  | 'requarantine'
  | 'reopenQuarantine'
  | 'openError'
  | 'openQuarantine'
  | 'quarantineEntry'
  | 'quarantineHistory'
  | 'openVersionsOf'
  | 'closeQuarantine'
>

const columns = `q.record_seq AS recordSeq, r.route, r.stream, r.key, q.lane, q.place, q.code, q.detail, q.opened_at AS openedAt, q.state,
                 q.closed_at AS closedAt, q.closed_by AS closedBy, q.closed_reason AS closedReason`

const detailOf = (error: GatewayError): string =>
  JSON.stringify({ zh: error.text.zh, en: error.text.en, hintZh: error.hint.zh, hintEn: error.hint.en, values: error.values })

type Texts = Pick<QuarantineEntry, 'zh' | 'en' | 'hintZh' | 'hintEn'>
type Row = Omit<QuarantineEntry, keyof Texts> & { detail: string }
type PastRow = Omit<PastQuarantine, keyof Texts> & { detail: string }

const withTexts = <R extends { detail: string }>({ detail, ...row }: R): Omit<R, 'detail'> & Texts => {
  const { values: _, ...texts } = JSON.parse(detail)
  return { ...row, ...texts }
}

export const quarantineVerbs = (db: Database): QuarantineVerbs => {
  const insert = db.prepare(
    'INSERT INTO quarantine (record_seq, book, lane, place, code, detail, opened_at) VALUES (?, ?, ?, ?, ?, ?, ?)',
  )
  const reopen = db.prepare(
    `INSERT INTO quarantine (record_seq, book, lane, place, code, detail, opened_at) VALUES (?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT (record_seq) DO UPDATE SET state = 'open', code = excluded.code, detail = excluded.detail, lane = excluded.lane,
       place = excluded.place, opened_at = excluded.opened_at, closed_at = NULL, closed_by = NULL, closed_reason = NULL`,
  )
  const keepPast = db.prepare(
    `INSERT INTO quarantine_history (record_seq, code, detail, opened_at, state, closed_at, closed_by, closed_reason)
     SELECT record_seq, code, detail, opened_at, state, closed_at, closed_by, closed_reason FROM quarantine WHERE record_seq = ? AND state <> 'open'`,
  )
  const past = db.prepare(
    `SELECT code, detail, opened_at AS openedAt, state, closed_at AS closedAt, closed_by AS closedBy, closed_reason AS closedReason
       FROM quarantine_history WHERE record_seq = ? ORDER BY seq`,
  )
  const list = db.prepare(
    `SELECT ${columns} FROM quarantine q JOIN record r ON r.seq = q.record_seq
      WHERE q.state = 'open' AND q.record_seq > @after AND (@route IS NULL OR r.route = @route) ORDER BY q.record_seq LIMIT @limit`,
  )
  const one = db.prepare(`SELECT ${columns} FROM quarantine q JOIN record r ON r.seq = q.record_seq WHERE q.record_seq = ?`)
  const openVersions = db.prepare(
    `SELECT q.record_seq AS recordSeq, q.place, q.lane, q.book, r.body IS NULL AS bodyless FROM record r JOIN quarantine q ON q.record_seq = r.seq
      WHERE r.route = ? AND r.stream = ? AND r.key = ? AND q.state = 'open' ORDER BY q.record_seq`,
  )
  const close = db.prepare(
    `UPDATE quarantine SET state = ?, closed_by = ?, closed_reason = ?, closed_at = ? WHERE record_seq = ? AND state = 'open'
     RETURNING book, lane, place`,
  )
  const again = db.prepare(
    "UPDATE quarantine SET code = ?, detail = ?, lane = coalesce(lane, ?) WHERE record_seq = ? AND state = 'open'",
  )
  const decidedBy = db.prepare('UPDATE record SET mapping_version = ? WHERE seq = ?')
  const openDetail = db.prepare("SELECT code, detail FROM quarantine WHERE record_seq = ? AND state = 'open'")
  return {
    requarantine: (recordSeq, lane, error, mappingVersion) => {
      if (again.run(error.code, detailOf(error), lane, recordSeq).changes > 0) decidedBy.run(mappingVersion, recordSeq)
    },
    openError: (recordSeq) => {
      const row = openDetail.get(recordSeq) as { code: ErrorCode; detail: string } | undefined
      return row && GatewayError.again(row.code, JSON.parse(row.detail).values)
    },
    quarantine: (recordSeq, book, lane, place, error, now) => {
      insert.run(recordSeq, book, lane, place, error.code, detailOf(error), now)
    },
    reopenQuarantine: (recordSeq, book, lane, place, error, now) => {
      keepPast.run(recordSeq)
      reopen.run(recordSeq, book, lane, place, error.code, detailOf(error), now)
    },
    quarantineHistory: (recordSeq) => (past.all(recordSeq) as PastRow[]).map(withTexts),
    openQuarantine: ({ route, after, limit }) =>
      (list.all({ route: route ?? null, after: after ?? 0, limit }) as Row[]).map(withTexts),
    quarantineEntry: (recordSeq) => {
      const row = one.get(recordSeq) as Row | undefined
      return row && withTexts(row)
    },
    openVersionsOf: (route, stream, key) =>
      (openVersions.all(route, stream, key) as (Omit<OpenVersion, 'bodyless'> & { bodyless: 0 | 1 })[]).map((row) => ({
        ...row,
        bodyless: row.bodyless === 1,
      })),
    closeQuarantine: (recordSeq, outcome, by, reason, now) =>
      close.get(outcome, by, reason, now, recordSeq) as { book: number; lane: string | null; place: number } | undefined,
  }
}
