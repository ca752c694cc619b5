import type { Database } from 'better-sqlite3'
import type { QuarantineEntry, Store } from './store.ts'

type QuarantineVerbs = Pick<Store, 'quarantine' | 'openQuarantine' | 'quarantineEntry' | 'openVersionsOf' | 'closeQuarantine'>

const columns = `q.record_seq AS recordSeq, r.route, r.stream, r.key, q.lane, q.code, q.detail, q.opened_at AS openedAt, q.state,
                 q.closed_at AS closedAt, q.closed_by AS closedBy, q.closed_reason AS closedReason`

type Row = Omit<QuarantineEntry, 'zh' | 'en' | 'hintZh' | 'hintEn'> & { detail: string }

const toEntry = ({ detail, ...row }: Row): QuarantineEntry => ({ ...row, ...JSON.parse(detail) })

export const quarantineVerbs = (db: Database): QuarantineVerbs => {
  const insert = db.prepare(
    'INSERT INTO quarantine (record_seq, book, lane, place, code, detail, opened_at) VALUES (?, ?, ?, ?, ?, ?, ?)',
  )
  const list = db.prepare(
    `SELECT ${columns} FROM quarantine q JOIN record r ON r.seq = q.record_seq
      WHERE q.state = 'open' AND q.record_seq > @after AND (@route IS NULL OR r.route = @route) ORDER BY q.record_seq LIMIT @limit`,
  )
  const one = db.prepare(`SELECT ${columns} FROM quarantine q JOIN record r ON r.seq = q.record_seq WHERE q.record_seq = ?`)
  const openVersions = db.prepare(
    `SELECT q.record_seq AS recordSeq, q.place, q.lane, q.book FROM record r JOIN quarantine q ON q.record_seq = r.seq
      WHERE r.route = ? AND r.stream = ? AND r.key = ? AND q.state = 'open' ORDER BY q.record_seq`,
  )
  const close = db.prepare(
    `UPDATE quarantine SET state = ?, closed_by = ?, closed_reason = ?, closed_at = ? WHERE record_seq = ? AND state = 'open'
     RETURNING book, lane, place`,
  )
  return {
    quarantine: (recordSeq, book, lane, place, error, now) => {
      const detail = { zh: error.text.zh, en: error.text.en, hintZh: error.hint.zh, hintEn: error.hint.en }
      insert.run(recordSeq, book, lane, place, error.code, JSON.stringify(detail), now)
    },
    openQuarantine: ({ route, after, limit }) =>
      (list.all({ route: route ?? null, after: after ?? 0, limit }) as Row[]).map(toEntry),
    quarantineEntry: (recordSeq) => {
      const row = one.get(recordSeq) as Row | undefined
      return row && toEntry(row)
    },
    openVersionsOf: (route, stream, key) => openVersions.all(route, stream, key) as ReturnType<Store['openVersionsOf']>,
    closeQuarantine: (recordSeq, outcome, by, reason, now) =>
      close.get(outcome, by, reason, now, recordSeq) as { book: number; lane: string | null; place: number } | undefined,
  }
}
