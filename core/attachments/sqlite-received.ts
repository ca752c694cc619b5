import type { Database } from 'better-sqlite3'
import {
  type AttachmentFindings,
  type AttachmentTally,
  attachmentCounters,
  type PartialKey,
  type PartialStanding,
  type Ranges,
  type ReceivedAttachments,
} from './received.ts'

interface Row {
  ranges: string
  inBucket: number
}

const stateOf = ({ ranges, inBucket }: Row) => ({ ranges: JSON.parse(ranges) as Ranges, inBucket: inBucket === 1 })

/** What a store has of its own for contents that are whole. */
interface Whole {
  has(digest: string): boolean
  arrive(key: PartialKey, at: number): void
}

/** `answer` runs the work in a transaction and throws STORE_UNWRITABLE for what SQLite throws. */
export const sqliteReceived = (
  db: Database,
  { has, arrive }: Whole,
  answer: <T>(work: () => T) => Promise<T>,
): ReceivedAttachments => {
  const partial = db.prepare<[PartialKey], Row>(
    'SELECT ranges, in_bucket AS inBucket FROM partial_attachment WHERE gateway = @gateway AND digest = @digest AND size = @size',
  )
  const keep = db.prepare(
    `INSERT INTO partial_attachment (gateway, digest, size, ranges, in_bucket, last_at)
     VALUES (@gateway, @digest, @size, @ranges, @inBucket, @at)
     ON CONFLICT DO UPDATE SET ranges = excluded.ranges, in_bucket = excluded.in_bucket, last_at = excluded.last_at`,
  )
  const drop = db.prepare('DELETE FROM partial_attachment WHERE gateway = @gateway AND digest = @digest AND size = @size')
  const forget = db.prepare(
    'DELETE FROM partial_attachment WHERE gateway = @gateway AND digest = @digest AND size = @size AND in_bucket = 0',
  )
  const add = db.prepare(
    `INSERT INTO attachment_tally VALUES (@day, @gateway, @chunks, @duplicates, @refused, @arrived, @different)
     ON CONFLICT DO UPDATE SET ${attachmentCounters.map((name) => `${name} = ${name} + excluded.${name}`).join(', ')}`,
  )
  type Standing = Omit<PartialStanding, keyof Row> & Row
  const standing = 'SELECT gateway, digest, size, ranges, in_bucket AS inBucket, last_at AS lastAt FROM partial_attachment'
  const partials = db.prepare<[], Standing>(`${standing} ORDER BY last_at`)
  const inBucket = {
    oldest: db.prepare<[number], Standing>(`${standing} WHERE in_bucket = 1 ORDER BY last_at LIMIT ?`),
    smallest: db.prepare<[number], Standing>(`${standing} WHERE in_bucket = 1 ORDER BY size LIMIT ?`),
  }
  const counts = db.prepare<[], AttachmentTally>('SELECT * FROM attachment_tally ORDER BY day, gateway')
  const record = ({ at, partials, arrived, dropped, tally }: AttachmentFindings): void => {
    for (const { ranges, inBucket, ...key } of partials)
      keep.run({ ...key, ranges: JSON.stringify(ranges), inBucket: Number(inBucket), at })
    for (const key of arrived) {
      arrive(key, at)
      forget.run(key)
    }
    for (const key of dropped) drop.run(key)
    for (const line of tally) add.run(line)
  }
  return {
    has: (digest) => answer(() => has(digest)),
    partial: (key) =>
      answer(() => {
        const row = partial.get(key)
        return row && stateOf(row)
      }),
    record: (findings) => answer(() => record(findings)),
    inBucket: (order, limit) => answer(() => inBucket[order].all(limit).map((row) => ({ ...row, ...stateOf(row) }))),
    partials: () => answer(() => partials.all().map((row) => ({ ...row, ...stateOf(row) }))),
    counts: () => answer(() => counts.all()),
  }
}
