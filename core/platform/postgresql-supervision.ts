import type pg from 'pg'
import type { Statement } from '../canonical/index.ts'
import { beijingTimeOf } from '../clock.ts'
import type { createPostgresqlSession } from './postgresql-session.ts'
import {
  type CaseBodies,
  casesAtOnce,
  eachCase,
  groupByLane,
  type KeptAlert,
  type StatedPeriod,
  type SupervisionStore,
} from './supervision-store.ts'

const columns =
  'no, lane, gateway, system, version, state, content, raised_at AS "raisedAt", id, body, sent_at AS "sentAt" FROM alert'

const keepAlert = `INSERT INTO alert (no, lane, gateway, system, version, state, content, raised_at, id, body, sent_at)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
  ON CONFLICT (no) DO UPDATE SET gateway = excluded.gateway, version = excluded.version, state = excluded.state, content = excluded.content,
    raised_at = excluded.raised_at, id = excluded.id, body = excluded.body, sent_at = excluded.sent_at`

const keepStatement = `INSERT INTO stated (gateway, system, from_at, until_at, messages) VALUES ($1, $2, $3, $4, $5)
  ON CONFLICT (gateway, system, from_at, until_at) DO UPDATE SET messages = excluded.messages`

const casesAfter = async (client: pg.Client, after: string): Promise<CaseBodies[]> => {
  const lanes = await client.query<{ lane: string }>('SELECT DISTINCT lane FROM message WHERE lane > $1 ORDER BY lane LIMIT $2', [
    after,
    casesAtOnce,
  ])
  const last = lanes.rows.at(-1)
  if (!last) return []
  const text = 'SELECT lane, body FROM message WHERE lane > $1 AND lane <= $2 ORDER BY lane, arrival'
  return groupByLane((await client.query<{ lane: string; body: string }>(text, [after, last.lane])).rows)
}

/** All of it in one transaction. */
const commit = async (client: pg.Client, text: string, rows: readonly unknown[][]): Promise<void> => {
  await client.query('BEGIN')
  for (const values of rows) await client.query(text, values)
  await client.query('COMMIT')
}

const alertRow = (alert: KeptAlert): unknown[] => {
  const { no, lane, gateway, system, version, state, content, raisedAt, id, body, sentAt } = alert
  return [no, lane, gateway, system, version, state, content, raisedAt, id, body, sentAt]
}

const statementRow = ({ gateway, system, from, until, types }: Statement): unknown[] => {
  const count = types.reduce((sum, line) => sum + line.count, 0)
  return [gateway, system, beijingTimeOf(from), beijingTimeOf(until), count]
}

export const postgresqlSupervision = ({ use }: ReturnType<typeof createPostgresqlSession>): SupervisionStore => {
  const rowsOf = <R extends pg.QueryResultRow>(text: string, values: unknown[] = []): Promise<R[]> =>
    use(async (client) => (await client.query<R>(text, values)).rows)
  return {
    gateways: async () =>
      (await rowsOf<{ gateway: string }>('SELECT DISTINCT gateway FROM message WHERE gateway IS NOT NULL ORDER BY gateway')).map(
        ({ gateway }) => gateway,
      ),
    cases: () => eachCase((after) => use((client) => casesAfter(client, after))),
    alerts: (lanes) => rowsOf<KeptAlert>(`SELECT ${columns} WHERE lane = ANY($1) ORDER BY lane, no`, [lanes]),
    keepAlerts: (alerts) => use((client) => commit(client, keepAlert, alerts.map(alertRow))),
    unsentAlerts: (limit) =>
      rowsOf<KeptAlert>(`SELECT ${columns} WHERE sent_at IS NULL AND gateway IS NOT NULL ORDER BY raised_at, no LIMIT $1`, [
        limit,
      ]),
    setSent: ({ no, version }, now) =>
      use(async (client) => {
        await client.query('UPDATE alert SET sent_at = $1 WHERE no = $2 AND version = $3', [now, no, version])
      }),
    keepStated: (statements) => use((client) => commit(client, keepStatement, statements.map(statementRow))),
    stated: ({ from, until }) =>
      rowsOf<StatedPeriod>(
        `SELECT gateway, system, from_at AS "from", until_at AS "until", messages AS count FROM stated
          WHERE from_at >= $1 AND from_at < $2 ORDER BY gateway, system, from_at`,
        [from, until],
      ),
  }
}
