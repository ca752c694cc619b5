import type { Database } from 'better-sqlite3'
import { reactionTo } from '../attachments/take-receipt.ts'
import type { Transfer, TransferState } from '../attachments/transfers.ts'
import { type DownTransferStanding, type DownTransfers, detailText, endOf, keyOf, unfinished } from './down-transfers.ts'

const columns = 't.gateway, t.digest, a.size, t.state, t.confirmed, t.restarts'
const dueColumns = `${columns}, t.failures FROM transfer t JOIN attachment a ON a.digest = t.digest
 WHERE t.state IN ('open', 'sent') AND t.due_at <= @now AND t.gateway || '/' || t.digest NOT IN (SELECT value FROM json_each(@inHand))`
const isThisOne = 'gateway = @gateway AND digest = @digest AND restarts = @restarts'

/** `answer` runs the work in a transaction and throws STORE_UNWRITABLE for what SQLite throws. */
export const sqliteTransfers = (db: Database, answer: <T>(work: () => T) => Promise<T>): DownTransfers => {
  const due = {
    oldest: db.prepare(`SELECT ${dueColumns} ORDER BY t.due_at, t.seq LIMIT @limit`),
    smallest: db.prepare(`SELECT ${dueColumns} ORDER BY a.size - t.confirmed, t.seq LIMIT @limit`),
  }
  const confirm = db.prepare(
    `UPDATE transfer SET confirmed = @offset, failures = 0, detail = NULL WHERE ${isThisOne} AND state = 'open' AND confirmed < @offset`,
  )
  const finish = db.prepare(
    `UPDATE transfer SET state = 'sent', failures = 0, detail = NULL, due_at = @askAt, settled_at = @now WHERE ${isThisOne} AND state = 'open'`,
  )
  const postpone = db.prepare(
    `UPDATE transfer SET failures = failures + 1, due_at = @dueAt, detail = @detail WHERE ${isThisOne} AND state = @state`,
  )
  const one = db.prepare('SELECT state, restarts FROM transfer WHERE gateway = ? AND digest = ?')
  const end = db.prepare(
    'UPDATE transfer SET state = ?, due_at = NULL, settled_at = ?, detail = ? WHERE gateway = ? AND digest = ?',
  )
  const open = db.prepare(
    `UPDATE transfer SET state = 'open', confirmed = @offset, restarts = restarts + 1, failures = 0, due_at = @now, settled_at = NULL,
       detail = NULL WHERE gateway = @gateway AND digest = @digest`,
  )
  const isKept = db.prepare('SELECT 1 FROM attachment WHERE digest = ?').pluck()
  const add = db.prepare(
    "INSERT INTO transfer (gateway, digest, state, due_at) VALUES (@gateway, @digest, 'open', @now) ON CONFLICT DO NOTHING",
  )
  const list = db.prepare(
    `SELECT ${columns}, t.due_at AS dueAt, t.settled_at AS settledAt, t.detail FROM transfer t JOIN attachment a ON a.digest = t.digest
      WHERE t.state IN (SELECT value FROM json_each(?)) ORDER BY t.seq`,
  )
  type Line = { state: TransferState; restarts: number }
  const lineOf = (gateway: string, digest: string) => one.get(gateway, digest) as Line | undefined
  const fence = ({ gateway, digest, restarts }: Transfer) => ({ gateway, digest, restarts })

  return {
    due: (now, order, inHand, limit) =>
      answer(() =>
        (due[order].all({ now, inHand: JSON.stringify(inHand.map(keyOf)), limit }) as (Transfer & { gateway: string })[]).map(
          endOf,
        ),
      ),
    confirm: (transfer, offset) => answer(() => confirm.run({ ...fence(transfer), offset }).changes > 0),
    finish: (transfer, now, askAt) => answer(() => void finish.run({ ...fence(transfer), now, askAt })),
    postpone: (transfer, error, dueAt) =>
      answer(
        () => void postpone.run({ ...fence(transfer), state: transfer.state, dueAt, detail: error ? detailText(error) : null }),
      ),
    stop: ({ gateway, digest }, error, now) => answer(() => void end.run('stopped', now, detailText(error), gateway, digest)),
    begin: (gateway, digests, now) =>
      answer(() =>
        digests.filter((digest) => {
          if (isKept.get(digest) === undefined) return false
          if (lineOf(gateway, digest)?.state === 'arrived') open.run({ gateway, digest, offset: 0, now })
          else add.run({ gateway, digest, now })
          return true
        }),
      ),
    take: (gateway, receipt, now) =>
      answer(() => {
        const { digest } = receipt
        const reaction = reactionTo(lineOf(gateway, digest), receipt)
        if (reaction.outcome === 'arrived') end.run('arrived', now, null, gateway, digest)
        if (reaction.outcome === 'stopped') end.run('stopped', now, detailText(reaction.error), gateway, digest)
        if (reaction.outcome === 'restarted') open.run({ gateway, digest, offset: reaction.from, now })
        return reaction
      }),
    resend: (gateway, digest, now) => answer(() => open.run({ gateway, digest, offset: 0, now }).changes > 0),
    list: (states = unfinished) =>
      answer(() =>
        (list.all(JSON.stringify(states)) as (DownTransferStanding & { detail: string | null })[]).map((line) => ({
          ...line,
          detail: line.detail === null ? null : JSON.parse(line.detail),
        })),
      ),
  }
}
