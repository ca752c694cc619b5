import type pg from 'pg'
import {
  type AttachmentFindings,
  type AttachmentTally,
  attachmentCounters,
  type PartialKey,
  type PartialStanding,
  type Ranges,
  type ReceivedAttachments,
} from '../attachments/received.ts'

const isThisOne = 'gateway = $1 AND digest = $2 AND size = $3'
const valuesOf = ({ gateway, digest, size }: PartialKey) => [gateway, digest, size]
const addUp = attachmentCounters.map((name) => `${name} = attachment_tally.${name} + excluded.${name}`).join(', ')

const record = async (client: pg.Client, { at, partials, arrived, dropped, tally }: AttachmentFindings): Promise<void> => {
  await client.query('BEGIN')
  for (const { ranges, inBucket, ...key } of partials)
    await client.query(
      `INSERT INTO partial_attachment (gateway, digest, size, ranges, in_bucket, last_at) VALUES ($1, $2, $3, $4, $5, $6)
       ON CONFLICT (gateway, digest, size) DO UPDATE
          SET ranges = excluded.ranges, in_bucket = excluded.in_bucket, last_at = excluded.last_at`,
      [...valuesOf(key), JSON.stringify(ranges), inBucket, at],
    )
  for (const key of arrived) {
    await client.query(
      'INSERT INTO attachment (gateway, digest, size, arrived_at) VALUES ($1, $2, $3, $4) ON CONFLICT (digest) DO NOTHING',
      [...valuesOf(key), at],
    )
    await client.query(`DELETE FROM partial_attachment WHERE ${isThisOne} AND NOT in_bucket`, valuesOf(key))
  }
  for (const key of dropped) await client.query(`DELETE FROM partial_attachment WHERE ${isThisOne}`, valuesOf(key))
  for (const { day, gateway, ...counts } of tally)
    await client.query(
      `INSERT INTO attachment_tally (day, gateway, ${attachmentCounters.join(', ')}) VALUES ($1, $2, $3, $4, $5, $6, $7)
       ON CONFLICT (day, gateway) DO UPDATE SET ${addUp}`,
      [day, gateway, ...attachmentCounters.map((name) => counts[name])],
    )
  await client.query('COMMIT')
}

export const postgresqlAttachments = (use: <T>(work: (client: pg.Client) => Promise<T>) => Promise<T>): ReceivedAttachments => {
  const rowsOf = <R extends pg.QueryResultRow>(text: string, values: unknown[] = []): Promise<R[]> =>
    use(async (client) => (await client.query<R>(text, values)).rows)
  const standingOf = async (which: string, values: unknown[] = []): Promise<PartialStanding[]> => {
    const text = `SELECT gateway, digest, size, ranges, in_bucket AS "inBucket", last_at AS "lastAt" FROM partial_attachment ${which}`
    const rows = await rowsOf<Omit<PartialStanding, 'ranges'> & { ranges: string }>(text, values)
    return rows.map((row) => ({ ...row, ranges: JSON.parse(row.ranges) as Ranges }))
  }
  return {
    has: async (digest) => (await rowsOf('SELECT 1 FROM attachment WHERE digest = $1', [digest])).length === 1,
    partial: async (key) => {
      const text = `SELECT ranges, in_bucket AS "inBucket" FROM partial_attachment WHERE ${isThisOne}`
      const [row] = await rowsOf<{ ranges: string; inBucket: boolean }>(text, valuesOf(key))
      return row && { ...row, ranges: JSON.parse(row.ranges) as Ranges }
    },
    record: (findings) => use((client) => record(client, findings)),
    inBucket: (order, limit) =>
      standingOf(`WHERE in_bucket ORDER BY ${order === 'oldest' ? 'last_at' : 'size'} LIMIT $1`, [limit]),
    partials: () => standingOf('ORDER BY last_at'),
    counts: () => rowsOf<AttachmentTally>('SELECT * FROM attachment_tally ORDER BY day, gateway'),
  }
}
