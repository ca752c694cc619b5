import type { Database } from 'better-sqlite3'
import type { Store } from './store.ts'

export const healthVerbs = (db: Database): Pick<Store, 'report' | 'health'> => {
  const upsert = db.prepare(
    `INSERT INTO health (component, state, detail, changed_at, seen_at) VALUES (@component, @state, @detail, @now, @now)
     ON CONFLICT (component) DO UPDATE SET changed_at = iif(state = excluded.state, changed_at, excluded.changed_at),
       state = excluded.state, detail = excluded.detail, seen_at = excluded.seen_at`,
  )
  const all = db.prepare(
    'SELECT component, state, detail, changed_at AS changedAt, seen_at AS seenAt FROM health ORDER BY component',
  )
  return {
    report: (component, state, detail, now) => void upsert.run({ component, state, detail: JSON.stringify(detail), now }),
    health: () =>
      (all.all() as { component: string; state: string; detail: string; changedAt: number; seenAt: number }[]).map((row) => ({
        ...row,
        detail: JSON.parse(row.detail),
      })),
  }
}
