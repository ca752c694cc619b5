import type pg from 'pg'
import type { CaseProgress } from '../canonical/index.ts'
import type { StatedId } from '../statement.ts'
import { postgresqlAttachments } from './postgresql-attachments.ts'
import { createPostgresqlSession } from './postgresql-session.ts'
import { postgresqlSupervision } from './postgresql-supervision.ts'
import { postgresqlTransfers } from './postgresql-transfers.ts'
import {
  type Arrival,
  type CaseHistory,
  counters,
  eachOf,
  type Findings,
  type Keys,
  type Known,
  pageSize,
  type ReceiverStore,
  type Tally,
} from './receiver-store.ts'
import type { PostgresqlOptions } from './store-options.ts'

/** Characters of one statement: a message of any size fits, and a batch of large ones never comes near what PostgreSQL takes at once. */
const maxStatementLength = 16 * 1024 * 1024

type Row = Record<string, string | number | Buffer | null>

/** Column names and their types, in the order of the statement. */
type Columns = Record<string, 'text' | 'bigint' | 'bytea'>

const texts = (...names: string[]): Columns => Object.fromEntries(names.map((name) => [name, 'text']))

const messageColumns = {
  ...texts(
    'id',
    'identity',
    'type',
    'system',
    'department',
    'region',
    'gateway',
    'case_no',
    'lane',
    'content_hash',
    'seen_at',
    'state',
    'body',
  ),
  data_version: 'bigint',
  received_at: 'bigint',
} satisfies Columns

const tallyColumns: Columns = {
  ...texts('day', 'system', 'type'),
  ...Object.fromEntries(counters.map((name) => [name, 'bigint'] as const)),
}

const addUp = counters.map((name) => `${name} = tally.${name} + excluded.${name}`).join(', ')

function* slices(rows: Row[]): Iterable<Row[]> {
  let slice: Row[] = []
  let length = 0
  for (const row of rows) {
    const body = row.body as string | Buffer | undefined
    length += body?.length ?? 0
    if (slice.length > 0 && length > maxStatementLength) {
      yield slice
      slice = []
      length = body?.length ?? 0
    }
    slice.push(row)
  }
  if (slice.length > 0) yield slice
}

/** Inserts all rows, in order, by one prepared statement for any number of rows. */
const insert = async (client: pg.Client, table: string, columns: Columns, rows: Row[], onConflict = ''): Promise<void> => {
  const names = Object.keys(columns)
  const arrays = Object.values(columns).map((type, index) => `$${index + 1}::${type}[]`)
  const text = `INSERT INTO ${table} (${names.join(', ')}) SELECT ${names.join(', ')} FROM unnest(${arrays.join(', ')})
    WITH ORDINALITY AS given (${names.join(', ')}, nth) ORDER BY nth ${onConflict}`
  for (const slice of slices(rows)) {
    await client.query({ name: `insert ${table}`, text, values: names.map((name) => slice.map((row) => row[name])) })
  }
}

const record = async (client: pg.Client, findings: Findings): Promise<void> => {
  const { at: received_at, messages, conflicts, refusals, violations, cases, tally } = findings
  const messageRows = messages.map(({ dataVersion, caseNo, contentHash, seenAt, ...rest }) => ({
    ...rest,
    data_version: dataVersion,
    case_no: caseNo,
    content_hash: contentHash,
    seen_at: seenAt,
    received_at,
  }))
  const conflictRows = conflicts.map(({ contentHash, ...rest }) => ({ ...rest, content_hash: contentHash, received_at }))
  const refusalRows = refusals.map(({ text, body, ...rest }) => ({ ...rest, ...text, body: Buffer.from(body), received_at }))
  const violationRows = violations.map((one) => ({ ...one, received_at }))
  const caseRows = cases.map(({ lane, state, lastId }) => ({ lane, state: JSON.stringify(state), last_id: lastId }))
  await client.query('BEGIN')
  await insert(client, 'message', messageColumns, messageRows)
  await insert(client, 'conflict', { ...texts('id', 'content_hash', 'body'), received_at: 'bigint' }, conflictRows)
  await insert(
    client,
    'refused',
    { ...texts('digest', 'code', 'zh', 'en', 'properties'), body: 'bytea', received_at: 'bigint' },
    refusalRows,
  )
  await insert(client, 'violation', { ...texts('id', 'kind', 'lane', 'status'), received_at: 'bigint' }, violationRows)
  await insert(
    client,
    'case_state',
    texts('lane', 'state', 'last_id'),
    caseRows,
    'ON CONFLICT (lane) DO UPDATE SET state = excluded.state, last_id = excluded.last_id',
  )
  await insert(
    client,
    'tally',
    tallyColumns,
    tally.map((line) => ({ ...line })),
    `ON CONFLICT (day, system, type) DO UPDATE SET ${addUp}`,
  )
  await client.query('COMMIT')
}

const recall = async (client: pg.Client, { ids, identities, lanes, digests }: Keys): Promise<Known> => {
  const known: Known = { contents: new Map(), newest: new Map(), cases: new Map(), refused: new Set() }
  const rowsOf = async <R extends pg.QueryResultRow>(name: string, text: string, keys: string[]): Promise<R[]> =>
    keys.length === 0 ? [] : (await client.query<R>({ name, text, values: [keys] })).rows
  type Content = { id: string; taken: string; conflicting: string[] }
  const contents = await rowsOf<Content>(
    'recall contents',
    `SELECT id, content_hash AS taken, ARRAY(SELECT content_hash FROM conflict WHERE conflict.id = message.id) AS conflicting
       FROM message WHERE id = ANY($1)`,
    ids,
  )
  for (const { id, taken, conflicting } of contents) known.contents.set(id, { taken, conflicting })
  const newest = await rowsOf<{ identity: string; version: number }>(
    'recall newest',
    'SELECT identity, max(data_version) AS version FROM message WHERE identity = ANY($1) GROUP BY identity',
    identities,
  )
  for (const { identity, version } of newest) known.newest.set(identity, version)
  const cases = await rowsOf<{ lane: string; state: string }>(
    'recall cases',
    'SELECT lane, state FROM case_state WHERE lane = ANY($1)',
    lanes,
  )
  for (const { lane, state } of cases) known.cases.set(lane, JSON.parse(state))
  const refused = await rowsOf<{ digest: string }>('recall refused', 'SELECT digest FROM refused WHERE digest = ANY($1)', digests)
  for (const { digest } of refused) known.refused.add(digest)
  return known
}

const page = async (client: pg.Client, after: number, system: string | null): Promise<Arrival[]> => {
  const text =
    'SELECT arrival, id, lane FROM message WHERE arrival > $1 AND ($2::text IS NULL OR system = $2) ORDER BY arrival LIMIT $3'
  return (await client.query<Arrival>(text, [after, system, pageSize])).rows
}

const caseHistory = async (client: pg.Client, lane: string): Promise<CaseHistory> => {
  const state = await client.query<{ state: string }>('SELECT state FROM case_state WHERE lane = $1', [lane])
  const messages = await client.query<CaseHistory['messages'][number]>(
    `SELECT arrival, id, lane, type, data_version AS "dataVersion", state, received_at AS "receivedAt",
            ARRAY(SELECT kind FROM violation WHERE violation.id = message.id) AS violations
       FROM message WHERE lane = $1 ORDER BY arrival`,
    [lane],
  )
  const found = state.rows[0]?.state
  return { state: found === undefined ? undefined : (JSON.parse(found) as CaseProgress), messages: messages.rows }
}

const idsOfPeriod = async (
  client: pg.Client,
  { system, from, until }: Parameters<ReceiverStore['idsOfPeriod']>[0],
): Promise<StatedId[]> => {
  // By bytes, whatever the collation of the database.
  const text = 'SELECT type, id FROM message WHERE system = $1 AND seen_at >= $2 AND seen_at < $3 ORDER BY id COLLATE "C"'
  return (await client.query<StatedId>(text, [system, from, until])).rows
}

const bodies = async (client: pg.Client, ids: readonly string[]) => {
  const text = 'SELECT id, body, received_at AS "receivedAt" FROM message WHERE id = ANY($1)'
  return (await client.query<{ id: string; body: string; receivedAt: number }>(text, [ids])).rows
}

/** The receiver's store in a PostgreSQL database of its own (`synchronous_commit=on`). Opens without connecting. */
export const openPostgresqlReceiverStore = (options: PostgresqlOptions, baseFolder: string): ReceiverStore => {
  const session = createPostgresqlSession(options, baseFolder)
  return {
    attachments: postgresqlAttachments(session.use),
    transfers: postgresqlTransfers(session.use),
    recall: (keys) => session.use((client) => recall(client, keys)),
    record: (findings) => session.use((client) => record(client, findings)),
    counts: () =>
      session.use(async (client) => (await client.query<Tally>('SELECT * FROM tally ORDER BY day, system, type')).rows),
    has: (id) => session.use(async (client) => (await client.query('SELECT 1 FROM message WHERE id = $1', [id])).rowCount === 1),
    ids: ({ system = null }: { system?: string | null } = {}) =>
      eachOf((after) => session.use((client) => page(client, after, system))),
    idsOfPeriod: (period) => session.use((client) => idsOfPeriod(client, period)),
    bodies: (ids) => session.use((client) => bodies(client, ids)),
    caseHistory: (lane) => session.use((client) => caseHistory(client, lane)),
    supervision: postgresqlSupervision(session),
    close: session.close,
  }
}
