import type pg from 'pg'
import { reactionTo } from '../attachments/take-receipt.ts'
import type { Transfer, TransferState } from '../attachments/transfers.ts'
import { type DownTransferStanding, type DownTransfers, detailText, endOf, keyOf, unfinished } from './down-transfers.ts'

const columns = 't.gateway, t.digest, a.size, t.state, t.confirmed, t.restarts'
const orders = { oldest: 't.due_at, t.seq', smallest: 'a.size - t.confirmed, t.seq' }
const isThisOne = 'gateway = $1 AND digest = $2'
const isFenced = `${isThisOne} AND restarts = $3`
const fence = ({ gateway, digest, restarts }: Transfer) => [gateway, digest, restarts]
const endIt = `UPDATE transfer SET state = $3, due_at = NULL, settled_at = $4, detail = $5 WHERE ${isThisOne}`
const openIt = `UPDATE transfer SET state = 'open', confirmed = $3, restarts = restarts + 1, failures = 0, due_at = $4, settled_at = NULL,
  detail = NULL WHERE ${isThisOne}`

type Use = <T>(work: (client: pg.Client) => Promise<T>) => Promise<T>

/** Its line, kept from others until the transaction ends. */
const lock = async (client: pg.Client, gateway: string, digest: string) => {
  const text = `SELECT state, restarts FROM transfer WHERE ${isThisOne} FOR UPDATE`
  return (await client.query<{ state: TransferState; restarts: number }>(text, [gateway, digest])).rows[0]
}

export const postgresqlTransfers = (use: Use): DownTransfers => {
  const change = (text: string, values: unknown[]): Promise<boolean> =>
    use(async (client) => ((await client.query(text, values)).rowCount ?? 0) > 0)
  const inTransaction: Use = (work) =>
    use(async (client) => {
      await client.query('BEGIN')
      const result = await work(client)
      await client.query('COMMIT')
      return result
    })

  return {
    due: (now, order, inHand, limit) =>
      use(async (client) => {
        const text = `SELECT ${columns}, t.failures FROM transfer t JOIN attachment a ON a.digest = t.digest
          WHERE t.state IN ('open', 'sent') AND t.due_at <= $1 AND t.gateway || '/' || t.digest <> ALL ($2::text[])
          ORDER BY ${orders[order]} LIMIT $3`
        const { rows } = await client.query<Transfer & { gateway: string }>(text, [now, inHand.map(keyOf), limit])
        return rows.map(endOf)
      }),
    confirm: (transfer, offset) =>
      change(
        `UPDATE transfer SET confirmed = $4, failures = 0, detail = NULL WHERE ${isFenced} AND state = 'open' AND confirmed < $4`,
        [...fence(transfer), offset],
      ),
    finish: async (transfer, now, askAt) => {
      await change(
        `UPDATE transfer SET state = 'sent', failures = 0, detail = NULL, due_at = $4, settled_at = $5 WHERE ${isFenced} AND state = 'open'`,
        [...fence(transfer), askAt, now],
      )
    },
    postpone: async (transfer, error, dueAt) => {
      await change(`UPDATE transfer SET failures = failures + 1, due_at = $4, detail = $5 WHERE ${isFenced} AND state = $6`, [
        ...fence(transfer),
        dueAt,
        error ? detailText(error) : null,
        transfer.state,
      ])
    },
    stop: async ({ gateway, digest }, error, now) => {
      await change(endIt, [gateway, digest, 'stopped', now, detailText(error)])
    },
    begin: (gateway, digests, now) =>
      inTransaction(async (client) => {
        const kept: string[] = []
        for (const digest of digests) {
          if ((await client.query('SELECT 1 FROM attachment WHERE digest = $1', [digest])).rowCount === 0) continue
          kept.push(digest)
          const line = await lock(client, gateway, digest)
          if (line?.state === 'arrived') await client.query(openIt, [gateway, digest, 0, now])
          else
            await client.query(
              "INSERT INTO transfer (gateway, digest, state, due_at) VALUES ($1, $2, 'open', $3) ON CONFLICT DO NOTHING",
              [gateway, digest, now],
            )
        }
        return kept
      }),
    take: (gateway, receipt, now) =>
      inTransaction(async (client) => {
        const { digest } = receipt
        const reaction = reactionTo(await lock(client, gateway, digest), receipt)
        if (reaction.outcome === 'arrived') await client.query(endIt, [gateway, digest, 'arrived', now, null])
        if (reaction.outcome === 'stopped')
          await client.query(endIt, [gateway, digest, 'stopped', now, detailText(reaction.error)])
        if (reaction.outcome === 'restarted') await client.query(openIt, [gateway, digest, reaction.from, now])
        return reaction
      }),
    resend: (gateway, digest, now) => change(openIt, [gateway, digest, 0, now]),
    list: (states = unfinished) =>
      use(async (client) => {
        const text = `SELECT ${columns}, t.due_at AS "dueAt", t.settled_at AS "settledAt", t.detail FROM transfer t
          JOIN attachment a ON a.digest = t.digest WHERE t.state = ANY ($1) ORDER BY t.seq`
        const { rows } = await client.query<DownTransferStanding & { detail: string | null }>(text, [states])
        return rows.map((line) => ({ ...line, detail: line.detail === null ? null : JSON.parse(line.detail) }))
      }),
  }
}
