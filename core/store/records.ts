import type { Database } from 'better-sqlite3'
import type { Correction } from '../correction.ts'
import type { Store, StoredRecord, Withheld } from './store.ts'

type RecordVerbs = Pick<
  Store,
  | 'keepRoute'
  | 'newestRecord'
  | 'addRecord'
  | 'restoreBody'
  | 'record'
  | 'keepWithheld'
  | 'withheldOf'
  | 'addCorrection'
  | 'keepMapping'
  | 'keptMapping'
  | 'setDisposition'
  | 'checkpoint'
  | 'setCheckpoint'
>

export const recordVerbs = (db: Database): RecordVerbs => {
  const keepRoute = db.prepare(
    `INSERT INTO route (name, department, region) VALUES (?, ?, ?)
     ON CONFLICT (name) DO UPDATE SET department = excluded.department, region = excluded.region`,
  )
  const newest = db.prepare('SELECT seq, hash FROM record WHERE route = ? AND stream = ? AND key = ? ORDER BY seq DESC LIMIT 1')
  const restore = db.prepare('UPDATE record SET body = ? WHERE seq = ? AND body IS NULL')
  const insert = db.prepare(
    `INSERT INTO record (book, route, stream, key, hash, received_at, disposition, reason, mapping_version, content_type, charset, decoded, faulty, body)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  )
  const one = db.prepare(
    `SELECT seq, book, route, stream, key, hash, received_at AS receivedAt, disposition, reason, mapping_version AS mappingVersion,
            content_type AS contentType, charset, decoded, faulty, body FROM record WHERE seq = ?`,
  )
  const corrected = db.prepare(
    'SELECT type, entry, pointer, value, by, at, reason FROM correction WHERE record_seq = ? ORDER BY seq',
  )
  const correct = db.prepare(
    'INSERT INTO correction (record_seq, type, entry, pointer, value, by, at, reason) VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
  )
  const withhold = db.prepare(
    'INSERT INTO withheld (record_seq, identity, reason, inbox_seq) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING',
  )
  const withheld = db.prepare('SELECT identity, reason, inbox_seq AS inboxSeq FROM withheld WHERE record_seq = ? ORDER BY rowid')
  const keep = db.prepare('INSERT INTO mapping (version, name, files, first_used_at) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING')
  const kept = db.prepare('SELECT name, version, files FROM mapping WHERE version = ?')
  const dispose = db.prepare(
    'UPDATE record SET disposition = ?, reason = ?, mapping_version = coalesce(?, mapping_version) WHERE seq = ?',
  )
  const readCheckpoint = db.prepare('SELECT value FROM checkpoint WHERE route = ?').pluck()
  const writeCheckpoint = db.prepare(
    'INSERT INTO checkpoint (route, value, stored_at) VALUES (?, ?, ?) ON CONFLICT (route) DO UPDATE SET value = excluded.value, stored_at = excluded.stored_at',
  )
  return {
    keepRoute: (name, department, region) => void keepRoute.run(name, department, region),
    newestRecord: (route, stream, key) => newest.get(route, stream, key) as { seq: number; hash: Buffer } | undefined,
    restoreBody: (seq, body) => void restore.run(body, seq),
    addRecord: (r) =>
      Number(
        insert.run(
          r.book,
          r.route,
          r.stream,
          r.key,
          r.hash,
          r.receivedAt,
          r.disposition,
          r.reason,
          r.mappingVersion,
          r.contentType,
          r.charset,
          r.decoded ? 1 : 0,
          r.faulty ? 1 : 0,
          r.body,
        ).lastInsertRowid,
      ),
    record: (seq) => {
      const row = one.get(seq) as
        | (Omit<StoredRecord, 'decoded' | 'faulty' | 'corrections'> & { decoded: 0 | 1; faulty: 0 | 1 })
        | undefined
      if (!row) return undefined
      const corrections = (corrected.all(seq) as (Correction & { value: string })[]).map((one) => ({
        ...one,
        value: JSON.parse(one.value),
      }))
      return { ...row, decoded: row.decoded === 1, faulty: row.faulty === 1, corrections }
    },
    keepWithheld: (recordSeq, { identity, reason, inboxSeq }) => withhold.run(recordSeq, identity, reason, inboxSeq).changes > 0,
    withheldOf: (recordSeq) => withheld.all(recordSeq) as Withheld[],
    addCorrection: (recordSeq, { type, entry, pointer, value, by, at, reason }) =>
      void correct.run(recordSeq, type, entry, pointer, JSON.stringify(value), by, at, reason),
    keepMapping: (version, name, files, now) => void keep.run(version, name, JSON.stringify(files), now),
    keptMapping: (version) => {
      const row = kept.get(version) as { name: string; version: string; files: string } | undefined
      return row && { ...row, files: JSON.parse(row.files) }
    },
    setDisposition: (seq, disposition, reason, mappingVersion) => void dispose.run(disposition, reason, mappingVersion, seq),
    checkpoint: (route) => {
      const value = readCheckpoint.get(route) as string | undefined
      return value === undefined ? undefined : JSON.parse(value)
    },
    setCheckpoint: (route, value, now) => void writeCheckpoint.run(route, JSON.stringify(value), now),
  }
}
