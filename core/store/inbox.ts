import type { Database, Statement } from 'better-sqlite3'
import { inboxAttachmentVerbs } from './inbox-attachments.ts'
import { inboxLedger } from './inbox-ledger.ts'
import type { ClaimedInboxMessage, Inbox, InboxMessage } from './inbox-store.ts'

const unfinished = "state NOT IN ('delivered', 'rejected', 'ignored', 'refused')"

const lineColumns = `seq, system, lane, identity, data_version AS dataVersion, type, body, received_at AS receivedAt, state, attempt, due_at AS dueAt,
  settled_at AS settledAt, operations, parts_done AS partsDone, mapping_version AS mappingVersion, detail`

const claimColumns = `seq, book, attempt, lane, identity, data_version AS dataVersion, type, body, operations, parts_done AS partsDone`

type Row<T> = Omit<T, 'body' | 'detail'> & { body: Buffer | null; detail: string | null }

const toMessage = ({ body, detail, ...row }: Row<InboxMessage>): InboxMessage => ({
  ...row,
  body: body?.toString('utf8') ?? null,
  detail: detail === null ? null : JSON.parse(detail),
})

const json = (detail: object | null): string | null => (detail === null ? null : JSON.stringify(detail))

export const inboxVerbs = (db: Database): Inbox => {
  const ledger = inboxLedger(db)
  const { release, ...attachments } = inboxAttachmentVerbs(db, ledger.count)
  const contents = db.prepare('SELECT content_hash FROM inbox WHERE system = ? AND identity = ? AND data_version = ?').pluck()
  const newest = db
    .prepare("SELECT max(data_version) FROM inbox WHERE system = ? AND identity = ? AND state <> 'refused'")
    .pluck()
  const sent = db.prepare("SELECT seq, body FROM inbox WHERE lane = ? AND type = ? AND state <> 'refused' ORDER BY seq DESC")
  const insert = db.prepare(
    `INSERT INTO inbox (book, system, lane, identity, data_version, content_hash, type, body, received_at, state, due_at, settled_at, detail)
     VALUES (@book, @system, @lane, @identity, @dataVersion, @contentHash, @type, @body, @receivedAt, @state, @dueAt, @settledAt, @detail)`,
  )
  const laneIsBusy = db.prepare(`SELECT EXISTS (SELECT 1 FROM inbox WHERE lane = ? AND ${unfinished})`).pluck()
  const due = db.prepare(
    `SELECT ${claimColumns}, state FROM inbox
      WHERE system = ? AND state IN ('ready', 'unknown') AND due_at <= ? AND claimed_at IS NULL ORDER BY due_at, seq LIMIT ?`,
  )
  const nextDue = db
    .prepare("SELECT min(due_at) FROM inbox WHERE system = ? AND state IN ('ready', 'unknown') AND claimed_at IS NULL")
    .pluck()
  // What is only asked about stays unknown.
  const claim = db.prepare(
    "UPDATE inbox SET state = iif(state = 'ready', 'claimed', state), attempt = attempt + 1, claimed_at = ? WHERE seq = ?",
  )
  const keepOperations = db.prepare('UPDATE inbox SET operations = ?, mapping_version = ? WHERE seq = ?')
  const isCurrent = db
    .prepare('SELECT EXISTS (SELECT 1 FROM inbox WHERE seq = ? AND attempt = ? AND claimed_at IS NOT NULL)')
    .pluck()
  const keepAttempt = db.prepare(
    'INSERT INTO delivery_attempt (inbox_seq, attempt, part, claimed_at, ended_at, verdict, detail) VALUES (?, ?, ?, ?, ?, ?, ?)',
  )
  const partDone = db.prepare('UPDATE inbox SET parts_done = max(parts_done, ?) WHERE seq = ?')
  const end = db.prepare(
    'UPDATE inbox SET state = ?, due_at = ?, settled_at = ?, claimed_at = NULL, detail = ? WHERE seq = ? AND attempt = ? AND claimed_at IS NOT NULL',
  )
  const head = db.prepare(`SELECT seq, state FROM inbox WHERE lane = ? AND ${unfinished} ORDER BY seq LIMIT 1`)
  const promote = db.prepare("UPDATE inbox SET state = 'ready', due_at = ? WHERE seq = ? AND state = 'waiting'")
  const left = db.prepare(
    `SELECT ${claimColumns}, claimed_at AS claimedAt, iif(state = 'unknown', 'unknown', 'ready') AS state FROM inbox WHERE system = ? AND claimed_at IS NOT NULL ORDER BY seq`,
  )
  const one = db.prepare(`SELECT ${lineColumns} FROM inbox WHERE seq = ?`)
  const listed = db.prepare(
    `SELECT ${lineColumns} FROM inbox WHERE seq > @after AND (@system IS NULL OR system = @system)
        AND state IN (SELECT value FROM json_each(@states)) ORDER BY seq LIMIT @limit`,
  )
  const attemptsOf = db.prepare(
    'SELECT attempt, part, claimed_at AS claimedAt, ended_at AS endedAt, verdict, detail FROM delivery_attempt WHERE inbox_seq = ? ORDER BY attempt, part',
  )
  const unknown = db
    .prepare(
      `SELECT count(*) FROM delivery_attempt WHERE inbox_seq = ? AND verdict = 'unknown'
          AND coalesce(detail ->> '$.code', '') NOT IN (SELECT value FROM json_each(?))`,
    )
    .pluck()
  const decisionsOf = db.prepare('SELECT decision, by, at, reason FROM inbox_decision WHERE inbox_seq = ? ORDER BY seq')
  const keepDecision = db.prepare('INSERT INTO inbox_decision (inbox_seq, decision, by, at, reason) VALUES (?, ?, ?, ?, ?)')
  const forPerson = db.prepare(
    "SELECT book, lane, state FROM inbox WHERE seq = ? AND (state = 'quarantined' OR (state IN ('unknown', 'ready') AND due_at IS NULL AND claimed_at IS NULL))",
  )
  // What never reached the target is put in its words anew, by the mapping of then; what it may have is asked for as it was. Its turn is that of
  // its lane.
  const again = db.prepare(
    `UPDATE inbox SET state = 'waiting', due_at = NULL, operations = iif(EXISTS (SELECT 1 FROM delivery_attempt
      WHERE inbox_seq = seq AND verdict IN ('accepted', 'duplicate', 'unknown', 'interrupted')), operations, NULL) WHERE seq = ?`,
  )
  const close = db.prepare('UPDATE inbox SET state = ?, due_at = NULL, settled_at = ? WHERE seq = ?')
  const openOf = db.prepare(
    `SELECT system, count(*) AS open, sum(state = 'ready' AND attempt >= 3 AND detail IS NOT NULL) AS retried,
        max(iif(state = 'ready' AND attempt >= 3, detail ->> '$.code', NULL)) AS code
       FROM inbox WHERE ${unfinished} GROUP BY system`,
  )
  const open = db.prepare(`SELECT count(*) FROM inbox WHERE ${unfinished}`).pluck()
  const withBody = db
    .prepare(
      `SELECT seq FROM inbox WHERE received_at < ? AND body IS NOT NULL AND NOT (${unfinished}) ORDER BY received_at LIMIT ?`,
    )
    .pluck()
  const oldest = db.prepare(`SELECT seq FROM inbox WHERE received_at < ? AND NOT (${unfinished}) ORDER BY seq LIMIT ?`).pluck()
  const clear = db.prepare('UPDATE inbox SET body = NULL, operations = NULL WHERE seq = ?')
  const deletions = [
    'DELETE FROM delivery_attempt WHERE inbox_seq = ?',
    'DELETE FROM inbox_decision WHERE inbox_seq = ?',
    'DELETE FROM inbox_attachment WHERE inbox_seq = ?',
    'DELETE FROM inbox WHERE seq = ?',
  ].map((sql): Statement<[number]> => db.prepare(sql))

  const advance = (lane: string, now: number): void => {
    const next = head.get(lane) as { seq: number; state: string } | undefined
    if (next?.state === 'waiting') promote.run(now, next.seq)
  }

  return {
    ...ledger,
    ...attachments,
    contentsOf: (system, identity, dataVersion) => contents.all(system, identity, dataVersion) as string[],
    sentOf: (lane, type) =>
      (sent.all(lane, type) as { seq: number; body: Buffer | null }[]).map(({ seq, body }) => ({
        seq,
        body: body?.toString('utf8') ?? null,
      })),
    newestVersion: (system, identity) => (newest.get(system, identity) as number | null) ?? undefined,
    add: (message) => {
      const mayGo = message.state === 'waiting' && laneIsBusy.get(message.lane) === 0
      const isFinished = message.state === 'delivered' || message.state === 'ignored' || message.state === 'refused'
      const line = {
        ...message,
        body: Buffer.from(message.body),
        state: mayGo ? 'ready' : message.state,
        dueAt: mayGo ? message.receivedAt : null,
        settledAt: isFinished ? message.receivedAt : null,
        detail: json(message.detail),
      }
      return Number(insert.run(line).lastInsertRowid)
    },
    claim: (system, limit, now) =>
      (due.all(system, now, limit) as Row<ClaimedInboxMessage>[]).map((row) => {
        claim.run(now, row.seq)
        return { ...row, attempt: row.attempt + 1, claimedAt: now, body: row.body?.toString('utf8') ?? '' }
      }),
    nextDueAt: (system) => (nextDue.get(system) as number | null) ?? undefined,
    unknownOf: (seq, apartFrom) => unknown.get(seq, JSON.stringify(apartFrom)) as number,
    keepOperations: (seq, operations, mappingVersion) => void keepOperations.run(operations, mappingVersion, seq),
    keepPart: ({ seq, attempt, claimedAt }, { part, verdict, detail }, now) => {
      if (isCurrent.get(seq, attempt) === 0) return
      keepAttempt.run(seq, attempt, part, claimedAt, now, verdict, json(detail))
      partDone.run(part + 1, seq)
    },
    settle: ({ seq, attempt, claimedAt, lane, book }, ended, outcome, detail, now) => {
      const finished = outcome.state === 'delivered' || outcome.state === 'rejected' || outcome.state === 'ignored'
      const dueAt = 'dueAt' in outcome ? outcome.dueAt : null
      if (end.run(outcome.state, dueAt, finished ? now : null, json(detail), seq, attempt).changes === 0) return
      if (ended) {
        keepAttempt.run(seq, attempt, ended.part, claimedAt, now, ended.verdict, json(ended.detail))
        if (ended.verdict === 'accepted' || ended.verdict === 'duplicate') partDone.run(ended.part + 1, seq)
      }
      if (!finished) return
      ledger.count(book, outcome.state as 'delivered' | 'rejected' | 'ignored')
      advance(lane, now)
    },
    interrupted: (system) =>
      (left.all(system) as Row<ClaimedInboxMessage>[]).map((row) => ({ ...row, body: row.body?.toString('utf8') ?? '' })),
    decide: (seq, decision, by, reason, now) => {
      const waits = forPerson.get(seq) as { book: number; lane: string } | undefined
      if (!waits) return false
      keepDecision.run(seq, decision, by, now, reason)
      release(seq)
      if (decision === 'again') {
        again.run(seq)
        advance(waits.lane, now)
      } else {
        close.run(decision === 'delivered' ? 'delivered' : 'ignored', now, seq)
        ledger.count(waits.book, decision === 'delivered' ? 'delivered' : 'ignored')
        advance(waits.lane, now)
      }
      return true
    },
    list: ({ system, states, after, limit }) =>
      (
        listed.all({ system: system ?? null, states: JSON.stringify(states), after: after ?? 0, limit }) as Row<InboxMessage>[]
      ).map(toMessage),
    message: (seq) => {
      const row = one.get(seq) as Row<InboxMessage> | undefined
      return row && toMessage(row)
    },
    attempts: (seq) =>
      (attemptsOf.all(seq) as { detail: string | null }[]).map((row) => ({
        ...row,
        detail: row.detail === null ? null : JSON.parse(row.detail),
      })) as ReturnType<Inbox['attempts']>,
    decisions: (seq) => decisionsOf.all(seq) as ReturnType<Inbox['decisions']>,
    openOf: () => openOf.all() as ReturnType<Inbox['openOf']>,
    open: () => open.get() as number,
    prune: (bodiesBefore, linesBefore, limit) => {
      const bodies = withBody.all(bodiesBefore, limit) as number[]
      for (const seq of bodies) clear.run(seq)
      const lines = oldest.all(linesBefore, limit) as number[]
      for (const seq of lines) for (const deletion of deletions) deletion.run(seq)
      return { bodies: bodies.length, lines: lines.length }
    },
  }
}
