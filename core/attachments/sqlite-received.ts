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
  const ranges = db
    .prepare<[PartialKey], string>(
      'SELECT ranges FROM partial_attachment WHERE gateway = @gateway AND digest = @digest AND size = @size',
    )
    .pluck()
  const keep = db.prepare(
    `INSERT INTO partial_attachment VALUES (@gateway, @digest, @size, @ranges, @at)
     ON CONFLICT DO UPDATE SET ranges = excluded.ranges, last_at = excluded.last_at`,
  )
  const drop = db.prepare('DELETE FROM partial_attachment WHERE gateway = @gateway AND digest = @digest AND size = @size')
  const add = db.prepare(
    `INSERT INTO attachment_tally VALUES (@day, @gateway, @chunks, @duplicates, @refused, @arrived, @different)
     ON CONFLICT DO UPDATE SET ${attachmentCounters.map((name) => `${name} = ${name} + excluded.${name}`).join(', ')}`,
  )
  const partials = db.prepare<[], Omit<PartialStanding, 'ranges'> & { ranges: string }>(
    'SELECT gateway, digest, size, ranges, last_at AS lastAt FROM partial_attachment ORDER BY last_at',
  )
  const counts = db.prepare<[], AttachmentTally>('SELECT * FROM attachment_tally ORDER BY day, gateway')
  const record = ({ at, partials, arrived, dropped, tally }: AttachmentFindings): void => {
    for (const { ranges, ...key } of partials) keep.run({ ...key, ranges: JSON.stringify(ranges), at })
    for (const key of arrived) arrive(key, at)
    for (const key of [...arrived, ...dropped]) drop.run(key)
    for (const line of tally) add.run(line)
  }
  return {
    has: (digest) => answer(() => has(digest)),
    rangesOf: (key) => answer(() => JSON.parse(ranges.get(key) ?? '[]') as Ranges),
    record: (findings) => answer(() => record(findings)),
    partials: () => answer(() => partials.all().map((row) => ({ ...row, ranges: JSON.parse(row.ranges) as Ranges }))),
    counts: () => answer(() => counts.all()),
  }
}
