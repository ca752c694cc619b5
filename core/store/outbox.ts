import type { Database } from 'better-sqlite3'
import { caseIdentity } from '../canonical/index.ts'
import type { Attachments, ClaimedMessage, ReceiptOutcome, Statements, Store, StoredMessage } from './store.ts'

type OutboxVerbs = Pick<
  Store,
  | 'newestMessage'
  | 'standing'
  | 'setReceipt'
  | 'receiptsOf'
  | 'addMessage'
  | 'message'
  | 'messageOf'
  | 'messagesOf'
  | 'messageIdsOfCase'
  | 'laneOf'
  | 'held'
  | 'claim'
  | 'confirm'
  | 'resend'
  | 'retry'
  | 'releaseClaims'
  | 'hasReady'
  | 'waiting'
  | 'advance'
  | 'history'
>

const counterOf = { accepted: 'receipted', disputed: 'disputed', rejected: 'rejected' } as const

/** A message id is its identity and its data version. */
const partsOf = (id: string): [identity: string, dataVersion: number] => {
  const version = id.lastIndexOf(':')
  return [id.slice(0, version), Number(id.slice(version + 1))]
}

export const outboxVerbs = (
  db: Database,
  count: Store['count'],
  reopen: Statements['reopen'],
  nameIn: Attachments['nameIn'],
): OutboxVerbs => {
  const newest = db.prepare(
    `SELECT m.data_version AS dataVersion, m.content_hash AS contentHash, o.place, o.receipt IS 'rejected' AS overturned
       FROM message m JOIN outbox o ON o.message_seq = m.seq
      WHERE m.identity = ? ORDER BY m.data_version DESC LIMIT 1`,
  )
  const standing = db.prepare('SELECT book, lane, place, receipt FROM outbox WHERE message_seq = ?')
  const mark = db.prepare('UPDATE outbox SET receipt = ? WHERE message_seq = ?')
  const keepReceipt = db.prepare('INSERT INTO receipt (message_seq, outcome, detail, received_at) VALUES (?, ?, ?, ?)')
  const receipts = db.prepare('SELECT outcome, detail, received_at AS receivedAt FROM receipt WHERE message_seq = ? ORDER BY seq')
  const laneOf = db
    .prepare(
      `SELECT lane FROM (
         SELECT r.seq, o.lane FROM record r JOIN message m ON m.record_seq = r.seq JOIN outbox o ON o.message_seq = m.seq
          WHERE r.route = @route AND r.stream = @stream AND r.key = @key
         UNION ALL
         SELECT r.seq, q.lane FROM record r JOIN quarantine q ON q.record_seq = r.seq
          WHERE r.route = @route AND r.stream = @stream AND r.key = @key AND q.lane IS NOT NULL
       ) ORDER BY seq DESC LIMIT 1`,
    )
    .pluck()
  const columns = 'seq, record_seq AS recordSeq, identity, data_version AS dataVersion, content_hash AS contentHash, type, body'
  const one = db.prepare(`SELECT ${columns} FROM message WHERE identity = ? AND data_version = ?`)
  const ofRecord = db.prepare(`SELECT ${columns} FROM message WHERE record_seq = ? ORDER BY seq`)
  const routes = db.prepare('SELECT name FROM route ORDER BY name').pluck()
  const ofCase = db
    .prepare("SELECT identity || ':' || data_version FROM message WHERE identity >= ? AND identity < ? ORDER BY seq")
    .pluck()
  const insertMessage = db.prepare(
    'INSERT INTO message (record_seq, identity, data_version, content_hash, type, body) VALUES (?, ?, ?, ?, ?, ?)',
  )
  const insertOutbox = db.prepare(
    'INSERT INTO outbox (message_seq, book, lane, place, state, attempt, claimed_at) VALUES (?, ?, ?, ?, ?, ?, ?)',
  )
  const laneIsBusy = db
    .prepare(
      `SELECT EXISTS (SELECT 1 FROM outbox WHERE lane = @lane AND state <> 'confirmed')
           OR EXISTS (SELECT 1 FROM quarantine WHERE lane = @lane AND state = 'open')`,
    )
    .pluck()
  const ready = db.prepare(
    `SELECT o.message_seq AS seq, o.attempt + 1 AS attempt, m.identity, m.data_version AS dataVersion, m.type, o.lane, r.department, r.region, o.book,
            x.received_at AS seenAt, m.body
       FROM outbox o JOIN message m ON m.seq = o.message_seq JOIN record x ON x.seq = m.record_seq JOIN ledger l ON l.book = o.book JOIN route r ON r.name = l.route
      WHERE o.state = 'ready' AND o.due_at <= ? ORDER BY o.due_at, o.message_seq LIMIT ?`,
  )
  const claim = db.prepare(
    `UPDATE outbox SET state = 'claimed', attempt = attempt + 1, claimed_at = ?
      WHERE message_seq IN (SELECT value FROM json_each(?)) AND state = 'ready'`,
  )
  const confirm = db.prepare(
    "UPDATE outbox SET state = 'confirmed', settled_at = ? WHERE message_seq = ? AND attempt = ? AND state = 'claimed'",
  )
  const statedUntil = db.prepare('SELECT ends_at FROM statement ORDER BY starts_at DESC LIMIT 1').pluck()
  const routeOf = db.prepare('SELECT route FROM ledger WHERE book = ?').pluck()
  const confirmed = db.prepare(
    `SELECT m.seq, m.body IS NULL AS bodyless, r.route, r.received_at AS seenAt
       FROM message m JOIN outbox o ON o.message_seq = m.seq JOIN record r ON r.seq = m.record_seq
      WHERE m.identity = ? AND m.data_version = ? AND o.state = 'confirmed'`,
  )
  const unconfirm = db.prepare(
    "UPDATE outbox SET state = 'waiting', settled_at = NULL, receipt = NULL WHERE message_seq = ? AND state = 'confirmed'",
  )
  const keepAttempt = db.prepare(
    `INSERT INTO failed_attempt (message_seq, attempt, claimed_at, ended_at, outcome, detail)
     SELECT message_seq, attempt, claimed_at, ?, ?, ? FROM outbox WHERE message_seq = ? AND attempt = ? AND state = 'claimed'`,
  )
  const release = db.prepare(
    "UPDATE outbox SET state = 'ready', due_at = ? WHERE message_seq = ? AND attempt = ? AND state = 'claimed'",
  )
  const claimed = db.prepare(
    "SELECT message_seq AS seq, attempt, lane FROM outbox WHERE state = 'claimed' AND state <> 'confirmed'",
  )
  const inFlight = db
    .prepare("SELECT EXISTS (SELECT 1 FROM outbox WHERE lane = ? AND state = 'claimed' AND state <> 'confirmed')")
    .pluck()
  const head = db.prepare(
    "SELECT message_seq AS seq, place, state FROM outbox WHERE lane = ? AND state <> 'confirmed' ORDER BY place, message_seq LIMIT 1",
  )
  const barrier = db.prepare("SELECT min(place) FROM quarantine WHERE lane = ? AND state = 'open'").pluck()
  const promote = db.prepare("UPDATE outbox SET state = 'ready' WHERE message_seq = ? AND state = 'waiting'")
  // `state <> 'confirmed'` says again what `ready` implies, so that the index of the lane is used and not a scan of all that is ready.
  const hold = db.prepare(
    "UPDATE outbox SET state = 'waiting' WHERE lane = ? AND state = 'ready' AND state <> 'confirmed' AND message_seq <> ?",
  )
  const held = db
    .prepare(
      `SELECT count(*) FROM (SELECT lane, min(place) AS place FROM quarantine WHERE state = 'open' AND lane IS NOT NULL GROUP BY lane) q
         JOIN outbox o ON o.lane = q.lane AND o.place >= q.place AND o.state <> 'confirmed'`,
    )
    .pluck()
  const hasReady = db.prepare("SELECT EXISTS (SELECT 1 FROM outbox WHERE state = 'ready' AND due_at <= ?)").pluck()
  // By the counters: a backlog of millions must not cost more to look at than an empty outbox.
  const waiting = db.prepare('SELECT coalesce(sum(messages - confirmed), 0) FROM ledger').pluck()
  const history = db.prepare(
    `SELECT m.seq, m.data_version AS dataVersion, o.state, o.attempt AS attempts, m.record_seq AS recordSeq
       FROM message m JOIN outbox o ON o.message_seq = m.seq WHERE m.identity = ? ORDER BY m.data_version`,
  )

  const advance = (lane: string): void => {
    const first = head.get(lane) as { seq: number; place: number; state: string } | undefined
    if (!first) return
    const blockedFrom = barrier.get(lane) as number | null
    // Two in flight may arrive in either order, also when the one that was claimed first has the later place: its answer advances the lane.
    const mayLeave = (blockedFrom === null || first.place < blockedFrom) && inFlight.get(lane) === 0
    // A correction may take a place before one that was already allowed to leave, and a replay may learn its case: then it waits.
    hold.run(lane, mayLeave ? first.seq : 0)
    if (mayLeave && first.state === 'waiting') promote.run(first.seq)
  }

  return {
    newestMessage: (identity) => {
      const row = newest.get(identity) as
        | { dataVersion: number; contentHash: string; place: number; overturned: 0 | 1 }
        | undefined
      return row && { ...row, overturned: row.overturned === 1 }
    },
    standing: (seq) => standing.get(seq) as ReturnType<Store['standing']>,
    setReceipt: (seq, outcome, detail, now) => {
      const { book, receipt } = standing.get(seq) as ReturnType<Store['standing']>
      // The first that is good says no more than the line itself: most messages have that one alone.
      if (receipt !== null || outcome !== 'accepted') keepReceipt.run(seq, outcome, JSON.stringify(detail), now)
      mark.run(outcome, seq)
      if (receipt !== null) count(book, counterOf[receipt], -1)
      count(book, counterOf[outcome])
    },
    receiptsOf: (seq) =>
      (receipts.all(seq) as { outcome: ReceiptOutcome; detail: string; receivedAt: number }[]).map((row) => ({
        ...row,
        detail: JSON.parse(row.detail),
      })),
    message: (identity, dataVersion) => one.get(identity, dataVersion) as StoredMessage | undefined,
    messageOf: (id) => one.get(...partsOf(id)) as StoredMessage | undefined,
    messageIdsOfCase: (sourceCaseNo) =>
      (routes.all() as string[]).flatMap((route) => {
        const first = caseIdentity(route, sourceCaseNo)
        // The character behind the colon ends the range.
        return ofCase.all(first, `${first.slice(0, -1)};`) as string[]
      }),
    messagesOf: (recordSeq) => ofRecord.all(recordSeq) as StoredMessage[],
    laneOf: (route, stream, key) => laneOf.get({ route, stream, key }) as string | undefined,
    addMessage: (m, claimAt) => {
      const seq = Number(insertMessage.run(m.recordSeq, m.identity, m.dataVersion, m.contentHash, m.type, m.body).lastInsertRowid)
      const busy = laneIsBusy.get({ lane: m.lane }) === 1
      const claimed = !busy && claimAt !== undefined
      const state = busy ? 'waiting' : claimed ? 'claimed' : 'ready'
      insertOutbox.run(seq, m.book, m.lane, m.place, state, claimed ? 1 : 0, claimed ? claimAt : null)
      if (busy) advance(m.lane)
      for (const digest of m.digests ?? []) nameIn(seq, m.book, digest)
      return { seq, claimed }
    },
    claim: (limit, now) => {
      const messages = ready.all(now, limit) as ClaimedMessage[]
      if (messages.length > 0) claim.run(now, JSON.stringify(messages.map(({ seq }) => seq)))
      return messages
    },
    confirm: (messages, now) => {
      const until = statedUntil.get() as number | undefined
      const done = new Map<number, number>()
      for (const { seq, attempt, lane, book, seenAt } of messages) {
        if (confirm.run(now, seq, attempt).changes === 0) continue
        done.set(book, (done.get(book) ?? 0) + 1)
        advance(lane)
        if (until !== undefined && seenAt < until) reopen(routeOf.get(book) as string, seenAt, now)
      }
      for (const [book, by] of done) count(book, 'confirmed', by)
    },
    retry: ({ seq, attempt, lane }, { outcome, error }, now, dueAt) => {
      keepAttempt.run(now, outcome, JSON.stringify({ code: error.code, ...error.text }), seq, attempt)
      release.run(dueAt, seq, attempt)
      // While it was in flight its case may have been held, or another may have come before it.
      advance(lane)
    },
    resend: (id, by, now) => {
      const row = confirmed.get(...partsOf(id)) as { seq: number; bodyless: 0 | 1; route: string; seenAt: number } | undefined
      if (!row) return undefined
      const { book, lane, receipt } = standing.get(row.seq) as ReturnType<Store['standing']>
      if (row.bodyless === 1) return 'bodyless'
      if (receipt === 'rejected') return 'rejected'
      unconfirm.run(row.seq)
      count(book, 'confirmed', -1)
      if (receipt !== null) {
        keepReceipt.run(row.seq, receipt, JSON.stringify({ missing: true, resentBy: by }), now)
        count(book, counterOf[receipt], -1)
      }
      advance(lane)
      reopen(row.route, row.seenAt, now)
      return 'resent'
    },
    releaseClaims: (now) => {
      const left = claimed.all() as { seq: number; attempt: number; lane: string }[]
      const detail = JSON.stringify({
        code: 'PUBLISH_INTERRUPTED',
        zh: '网关在等待确认时停止',
        en: 'the gateway stopped before the confirm',
      })
      for (const { seq, attempt } of left) {
        keepAttempt.run(now, 'interrupted', detail, seq, attempt)
        release.run(now, seq, attempt)
      }
      for (const lane of new Set(left.map(({ lane }) => lane))) advance(lane)
      return left.length
    },
    held: () => held.get() as number,
    hasReady: (now) => hasReady.get(now) === 1,
    waiting: () => waiting.get() as number,
    advance,
    history: (identity) => history.all(identity) as ReturnType<Store['history']>,
  }
}
