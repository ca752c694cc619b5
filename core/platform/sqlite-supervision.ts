import type Database from 'better-sqlite3'
import type { Statement } from '../canonical/index.ts'
import { beijingTimeOf } from '../clock.ts'
import {
  casesAtOnce,
  eachCase,
  groupByLane,
  type KeptAlert,
  type StatedPeriod,
  type SupervisionStore,
} from './supervision-store.ts'

const columns =
  'no, lane, gateway, system, version, state, content, raised_at AS raisedAt, id, body, sent_at AS sentAt FROM alert'

export const prepareSupervision = (db: Database.Database) => {
  const gateways = db
    .prepare<[], string>('SELECT DISTINCT gateway FROM message WHERE gateway IS NOT NULL ORDER BY gateway')
    .pluck()
  const lanes = db
    .prepare<[string, number], string>('SELECT DISTINCT lane FROM message WHERE lane > ? ORDER BY lane LIMIT ?')
    .pluck()
  const bodies = db.prepare<[string, string], { lane: string; body: string }>(
    'SELECT lane, body FROM message WHERE lane > ? AND lane <= ? ORDER BY lane, arrival',
  )
  const alerts = db.prepare<[string], KeptAlert>(`SELECT ${columns} WHERE lane = ? ORDER BY no`)
  const unsent = db.prepare<[number], KeptAlert>(
    `SELECT ${columns} WHERE sent_at IS NULL AND gateway IS NOT NULL ORDER BY raised_at, no LIMIT ?`,
  )
  const keep = db.prepare(
    `INSERT OR REPLACE INTO alert (no, lane, gateway, system, version, state, content, raised_at, id, body, sent_at)
     VALUES (@no, @lane, @gateway, @system, @version, @state, @content, @raisedAt, @id, @body, @sentAt)`,
  )
  const keepAll = db.transaction((given: readonly KeptAlert[]) => {
    for (const one of given) keep.run(one)
  }).immediate
  const setSent = db.prepare('UPDATE alert SET sent_at = ? WHERE no = ? AND version = ?')
  const keepStated = db.prepare('INSERT OR REPLACE INTO stated VALUES (@gateway, @system, @from, @until, @count)')
  const keepAllStated = db.transaction((given: readonly Statement[]) => {
    for (const { gateway, system, from, until, types } of given)
      keepStated.run({
        gateway,
        system,
        from: beijingTimeOf(from),
        until: beijingTimeOf(until),
        count: types.reduce((sum, { count }) => sum + count, 0),
      })
  }).immediate
  const stated = db.prepare<[{ from: string; until: string }], StatedPeriod>(
    `SELECT gateway, system, from_at AS "from", until_at AS "until", messages AS count FROM stated
      WHERE from_at >= @from AND from_at < @until ORDER BY gateway, system, from_at`,
  )
  return {
    gateways: () => gateways.all(),
    cases: (after: string) => {
      const last = lanes.all(after, casesAtOnce).at(-1)
      return last === undefined ? [] : groupByLane(bodies.all(after, last))
    },
    alerts: (given: readonly string[]) => given.flatMap((lane) => alerts.all(lane)),
    keepAlerts: (given: readonly KeptAlert[]) => keepAll(given),
    unsentAlerts: (limit: number) => unsent.all(limit),
    setSent: ({ no, version }: Pick<KeptAlert, 'no' | 'version'>, now: number) => void setSent.run(now, no, version),
    keepStated: (given: readonly Statement[]) => keepAllStated(given),
    stated: (period: { from: string; until: string }) => stated.all(period),
  }
}

/** `answer` runs the work and throws what the store throws. */
export const sqliteSupervision = (
  verbs: ReturnType<typeof prepareSupervision>,
  answer: <T>(work: () => T) => Promise<T>,
): SupervisionStore => ({
  gateways: () => answer(verbs.gateways),
  cases: () => eachCase((after) => answer(() => verbs.cases(after))),
  alerts: (lanes) => answer(() => verbs.alerts(lanes)),
  keepAlerts: (alerts) => answer(() => verbs.keepAlerts(alerts)),
  unsentAlerts: (limit) => answer(() => verbs.unsentAlerts(limit)),
  setSent: (alert, now) => answer(() => verbs.setSent(alert, now)),
  keepStated: (statements) => answer(() => verbs.keepStated(statements)),
  stated: (period) => answer(() => verbs.stated(period)),
})
