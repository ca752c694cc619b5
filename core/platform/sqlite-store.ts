import { join } from 'node:path'
import Database from 'better-sqlite3'
import { sqliteReceived } from '../attachments/sqlite-received.ts'
import { GatewayError } from '../errors.ts'
import { packageRoot } from '../package-root.ts'
import type { StatedId } from '../statement.ts'
import { migrate, openDurable } from '../store/open.ts'
import { systemReason } from '../system-reason.ts'
import {
  type Arrival,
  type CaseHistory,
  eachOf,
  type Findings,
  type Known,
  pageSize,
  type ReceiverStore,
  type Tally,
} from './receiver-store.ts'
import { prepareSupervision, sqliteSupervision } from './sqlite-supervision.ts'
import { sqliteTransfers } from './sqlite-transfers.ts'

const migrations = join(packageRoot, 'core/platform/migrations/sqlite')

const insertMessage = `
  INSERT INTO message (id, identity, data_version, type, system, department, region, gateway, case_no, lane, content_hash, received_at, seen_at, state, body)
  VALUES (@id, @identity, @dataVersion, @type, @system, @department, @region, @gateway, @caseNo, @lane, @contentHash, @at, @seenAt, @state, @body)`

const addTally = `
  INSERT INTO tally VALUES (@day, @system, @type, @received, @duplicates, @conflicts, @refused, @stale, @violations)
  ON CONFLICT DO UPDATE SET received = received + excluded.received, duplicates = duplicates + excluded.duplicates,
    conflicts = conflicts + excluded.conflicts, refused = refused + excluded.refused, stale = stale + excluded.stale,
    violations = violations + excluded.violations`

const prepareRecord = (db: Database.Database) => {
  const message = db.prepare(insertMessage)
  const conflict = db.prepare('INSERT INTO conflict VALUES (@id, @contentHash, @at, @body)')
  const refusal = db.prepare('INSERT INTO refused VALUES (@digest, @at, @code, @zh, @en, @properties, @bytes)')
  const violation = db.prepare('INSERT INTO violation VALUES (@id, @kind, @lane, @status, @at)')
  const caseState = db.prepare(
    'INSERT INTO case_state VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET state = excluded.state, last_id = excluded.last_id',
  )
  const tally = db.prepare(addTally)
  return db.transaction(({ at, messages, conflicts, refusals, violations, cases, tally: lines }: Findings): void => {
    for (const one of messages) message.run({ ...one, at })
    for (const one of conflicts) conflict.run({ ...one, at })
    for (const { text, body, ...rest } of refusals) refusal.run({ ...rest, ...text, bytes: Buffer.from(body), at })
    for (const one of violations) violation.run({ ...one, at })
    for (const { lane, state, lastId } of cases) caseState.run(lane, JSON.stringify(state), lastId)
    for (const line of lines) tally.run(line)
  }).immediate
}

const prepareRecall = (db: Database.Database) => {
  const taken = db.prepare<[string], string>('SELECT content_hash FROM message WHERE id = ?').pluck()
  const conflicting = db.prepare<[string], string>('SELECT content_hash FROM conflict WHERE id = ?').pluck()
  const newest = db.prepare<[string], number | null>('SELECT max(data_version) FROM message WHERE identity = ?').pluck()
  const caseState = db.prepare<[string], string>('SELECT state FROM case_state WHERE lane = ?').pluck()
  const refused = db.prepare<[string], number>('SELECT 1 FROM refused WHERE digest = ?').pluck()
  return ({ ids, identities, lanes, digests }: Parameters<ReceiverStore['recall']>[0]): Known => {
    const known: Known = { contents: new Map(), newest: new Map(), cases: new Map(), refused: new Set() }
    for (const id of ids) {
      const hash = taken.get(id)
      if (hash !== undefined) known.contents.set(id, { taken: hash, conflicting: conflicting.all(id) })
    }
    for (const identity of identities) {
      const version = newest.get(identity)
      if (version) known.newest.set(identity, version)
    }
    for (const lane of lanes) {
      const state = caseState.get(lane)
      if (state !== undefined) known.cases.set(lane, JSON.parse(state))
    }
    for (const digest of digests) if (refused.get(digest)) known.refused.add(digest)
    return known
  }
}

const prepareQueries = (db: Database.Database) => {
  const counts = db.prepare<[], Tally>('SELECT * FROM tally ORDER BY day, system, type')
  const has = db.prepare<[string], number>('SELECT 1 FROM message WHERE id = ?').pluck()
  const page = db.prepare<{ after: number; system: string | null; limit: number }, Arrival>(
    'SELECT arrival, id, lane FROM message WHERE arrival > @after AND (@system IS NULL OR system = @system) ORDER BY arrival LIMIT @limit',
  )
  const caseState = db.prepare<[string], string>('SELECT state FROM case_state WHERE lane = ?').pluck()
  // SQLite compares text by the bytes of its UTF-8.
  const ofPeriod = db.prepare<[Parameters<ReceiverStore['idsOfPeriod']>[0]], StatedId>(
    'SELECT type, id FROM message WHERE system = @system AND seen_at >= @from AND seen_at < @until ORDER BY id',
  )
  const body = db.prepare<[string], { id: string; body: string; receivedAt: number }>(
    'SELECT id, body, received_at AS receivedAt FROM message WHERE id = ?',
  )
  const history = db.prepare<[string], Omit<CaseHistory['messages'][number], 'violations'> & { violations: string }>(
    `SELECT arrival, id, lane, type, data_version AS dataVersion, state, received_at AS receivedAt,
            (SELECT json_group_array(kind) FROM violation WHERE violation.id = message.id) AS violations
       FROM message WHERE lane = ? ORDER BY arrival`,
  )
  return {
    counts: () => counts.all(),
    has: (id: string) => has.get(id) === 1,
    page: (after: number, system: string | null) => page.all({ after, system, limit: pageSize }),
    idsOfPeriod: (period: Parameters<ReceiverStore['idsOfPeriod']>[0]) => ofPeriod.all(period),
    bodies: (ids: readonly string[]) => ids.flatMap((id) => body.get(id) ?? []),
    caseHistory: (lane: string): CaseHistory => {
      const state = caseState.get(lane)
      const messages = history.all(lane).map((row) => ({ ...row, violations: JSON.parse(row.violations) as string[] }))
      return { state: state === undefined ? undefined : JSON.parse(state), messages }
    },
  }
}

/** Contents that are whole. */
const prepareWhole = (db: Database.Database): Parameters<typeof sqliteReceived>[1] => {
  const has = db.prepare<[string], number>('SELECT 1 FROM attachment WHERE digest = ?').pluck()
  const arrive = db.prepare('INSERT INTO attachment VALUES (@digest, @size, @gateway, @at) ON CONFLICT DO NOTHING')
  return { has: (digest) => has.get(digest) === 1, arrive: (key, at) => void arrive.run({ ...key, at }) }
}

/** The receiver's store in one SQLite file (WAL, synchronous=FULL). Throws what `openDurable` and `migrate` throw. */
export const openSqliteReceiverStore = (file: string, now: number): ReceiverStore => {
  const db = openDurable(file)
  const prepare = () => {
    migrate(db, file, now, migrations)
    return {
      record: prepareRecord(db),
      recall: prepareRecall(db),
      supervision: prepareSupervision(db),
      whole: prepareWhole(db),
      ...prepareQueries(db),
    }
  }
  let verbs: ReturnType<typeof prepare>
  try {
    verbs = prepare()
  } catch (thrown) {
    db.close()
    throw thrown
  }
  const answer = async <T>(work: () => T): Promise<T> => {
    try {
      return work()
    } catch (cause) {
      if (!(cause instanceof Database.SqliteError)) throw cause
      throw GatewayError.of('STORE_UNWRITABLE', { file, reason: systemReason(cause) }, { cause })
    }
  }
  const transaction = db.transaction((work: () => unknown) => work()).immediate
  const commit = <T>(work: () => T): Promise<T> => answer(() => transaction(work) as T)
  return {
    attachments: sqliteReceived(db, verbs.whole, commit),
    transfers: sqliteTransfers(db, commit),
    recall: (keys) => answer(() => verbs.recall(keys)),
    record: (findings) => answer(() => verbs.record(findings)),
    counts: () => answer(() => verbs.counts()),
    has: (id) => answer(() => verbs.has(id)),
    ids: ({ system = null } = {}) => eachOf((after) => answer(() => verbs.page(after, system))),
    idsOfPeriod: (period) => answer(() => verbs.idsOfPeriod(period)),
    bodies: (ids) => answer(() => verbs.bodies(ids)),
    caseHistory: (lane) => answer(() => verbs.caseHistory(lane)),
    supervision: sqliteSupervision(verbs.supervision, answer),
    close: async () => void db.close(),
  }
}
