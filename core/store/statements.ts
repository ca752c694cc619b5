import type { Database } from 'better-sqlite3'
import type { StatedId } from '../statement.ts'
import type { Difference, StatementStanding, Statements } from './statements-store.ts'

/** Of one system, by time: the order of the books. */
const ofPeriod = `FROM record r JOIN message m ON m.record_seq = r.seq JOIN outbox o ON o.message_seq = m.seq
  WHERE r.route = @system AND r.received_at >= @startsAt AND r.received_at < @endsAt AND o.state = 'confirmed'`

const idOf = "m.identity || ':' || m.data_version"

const standing = `SELECT s.system, s.starts_at AS startsAt, s.ends_at AS endsAt, s.state, s.id, s.asked, s.due_at AS dueAt, s.ours, s.theirs,
  (SELECT count(*) FROM difference d WHERE d.starts_at = s.starts_at AND d.system = s.system AND d.kind = 'missing') AS missing,
  (SELECT count(*) FROM difference d WHERE d.starts_at = s.starts_at AND d.system = s.system AND d.kind = 'foreign') AS "foreign"`

const beginningOf = (day: string): number => Date.parse(`${day}T00:00:00+08:00`)

export const statementVerbs = (db: Database): Statements => {
  const systems = db.prepare(
    'SELECT name AS system, (SELECT max(ends_at) FROM statement s WHERE s.system = r.name) AS statedUntil FROM route r',
  )
  const firstDay = db.prepare('SELECT min(day) FROM ledger WHERE route = ?').pluck()
  const insert = db.prepare(
    "INSERT INTO statement (starts_at, system, ends_at, state, changed_at) VALUES (@startsAt, @system, @endsAt, 'open', @endsAt)",
  )
  const next = db.prepare(
    `${standing}, r.department, r.region FROM statement s JOIN route r ON r.name = s.system
      WHERE (s.state = 'open' AND s.changed_at <= ?) OR s.due_at <= ? ORDER BY s.starts_at LIMIT 1`,
  )
  const one = db.prepare(`${standing} FROM statement s WHERE s.starts_at = @startsAt AND s.system = @system`)
  const all = db.prepare(
    `${standing} FROM statement s WHERE @system IS NULL OR s.system = @system ORDER BY s.starts_at, s.system`,
  )
  // SQLite compares text by the bytes of its UTF-8.
  const ids = db.prepare(`SELECT m.type, ${idOf} AS id ${ofPeriod} ORDER BY id`)
  const unreceipted = db.prepare(`SELECT ${idOf} ${ofPeriod} AND o.receipt IS NULL LIMIT @limit`).pluck()
  const where = 'WHERE starts_at = @startsAt AND system = @system'
  const ask = db.prepare(
    `UPDATE statement SET id = @id, ours = @ours, due_at = @dueAt, asked = asked + 1, state = iif(state = 'open', 'asked', state) ${where}`,
  )
  const agree = db.prepare(`UPDATE statement SET state = 'agreed', theirs = @theirs, due_at = @dueAt ${where}`)
  const differ = db.prepare(`UPDATE statement SET state = 'differs', theirs = @theirs ${where}`)
  const forget = db.prepare(`DELETE FROM difference ${where}`)
  const keep = db.prepare(
    'INSERT INTO difference (starts_at, system, id, type, kind) VALUES (@startsAt, @system, @id, @type, @kind) ON CONFLICT DO NOTHING',
  )
  const differences = db.prepare(
    `SELECT s.system, s.starts_at AS startsAt, s.ends_at AS endsAt, d.id, d.type, d.kind FROM difference d JOIN statement s USING (starts_at, system)
      WHERE (@system IS NULL OR s.system = @system) AND (@kind IS NULL OR d.kind = @kind) ORDER BY s.starts_at, s.system, d.kind, d.id`,
  )
  const reopen = db.prepare(
    `UPDATE statement SET state = 'open', changed_at = @changedAt, id = NULL, asked = 0, due_at = NULL
      WHERE system = @system AND starts_at <= @seenAt AND ends_at > @seenAt`,
  )
  const forgetAt = db.prepare(
    `DELETE FROM difference WHERE (starts_at, system) IN
       (SELECT starts_at, system FROM statement WHERE system = @system AND starts_at <= @seenAt AND ends_at > @seenAt)`,
  )
  return {
    openEnded: (boundsOf, { startedAt, keptSince, now }) => {
      const known = systems.all() as { system: string; statedUntil: number | null }[]
      const firstOf = (system: string): number => {
        const day = firstDay.get(system) as string | null
        return day === null ? boundsOf(startedAt).startsAt : beginningOf(day)
      }
      for (const { system, statedUntil } of known) {
        const first = statedUntil ?? firstOf(system)
        // Of a period that began before, lines may be gone.
        let startsAt = first < keptSince ? boundsOf(keptSince).endsAt : first
        for (let { endsAt } = boundsOf(startsAt); endsAt <= now; { endsAt } = boundsOf(startsAt)) {
          insert.run({ system, startsAt, endsAt })
          startsAt = endsAt
        }
      }
    },
    next: (quietSince, now) => next.get(quietSince, now) as ReturnType<Statements['next']>,
    find: (period) => one.get({ system: period.system, startsAt: period.startsAt }) as StatementStanding | undefined,
    list: ({ system = null }: { system?: string | null } = {}) => all.all({ system }) as StatementStanding[],
    confirmedIds: (period) => ids.all(period) as StatedId[],
    unreceipted: (period, limit) => unreceipted.all({ ...period, limit }) as string[],
    ask: (period, id, ours, dueAt) => void ask.run({ ...period, id, ours, dueAt }),
    agree: (period, theirs, dueAt) => {
      agree.run({ ...period, theirs, dueAt })
      forget.run(period)
    },
    differ: (period, theirs, found, anew) => {
      differ.run({ ...period, theirs })
      if (anew) forget.run(period)
      for (const one of found) keep.run({ ...period, ...one })
    },
    differences: ({ system, kind } = {}) => differences.all({ system: system ?? null, kind: kind ?? null }) as Difference[],
    reopen: (system, seenAt, changedAt) => {
      if (reopen.run({ system, seenAt, changedAt }).changes > 0) forgetAt.run({ system, seenAt })
    },
  }
}
