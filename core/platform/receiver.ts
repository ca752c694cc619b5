/**
 * The platform's side of the queue, on one page.
 *
 *     broker ── batch ──▶ verify each ──▶ recall what is known ──▶ judge ──▶ one synced commit ──▶ answers ──▶ verdicts ──▶ broker
 *
 * The verdict leaves after the commit, so that nothing acknowledged is ever lost. If the verdict is lost, the broker delivers
 * again, and the second delivery is a duplicate: it is counted and changes nothing. Answers (receipts, and comparisons with
 * statements) leave before the verdict, so that they are sent again, too. A statement is compared after the commit of its batch, and what gateways
 * answer for attachments is kept behind it.
 */
import { attachmentReceiptsControl, type Comparison, statementControl } from '../canonical/index.ts'
import type { Clock } from '../clock.ts'
import { type GatewayError, toGatewayError } from '../errors.ts'
import type { Delivery, DeliveryVerdict, Subscription, Transport } from '../transport/transport.ts'
import { compare } from './compare.ts'
import { check, judge, keysOf } from './judge.ts'
import type { Owed } from './owed.ts'
import type { Findings, ReceiverStore } from './receiver-store.ts'

/** Deliveries of one commit, at most. */
const maxBatch = 200

export interface ReceiverParts {
  transport: Transport
  store: ReceiverStore
  clock: Clock
  /** Sends what is owed for what was committed. Rejects when it could not be sent: then the batch comes again. */
  answer(owed: Owed): Promise<unknown>
  /** Called after each commit. Must not throw. */
  onTaken?: (findings: Findings) => void
  /** Called when a batch could not be taken (it comes again, in order, after a pause), and for an attachment that waits for a person. Must not throw. */
  onFailed: (error: GatewayError) => void
}

/** Takes what the transport delivers until it is closed; closing waits for the batch in hand. */
export const startReceiver = ({ transport, store, clock, answer, onTaken, onFailed }: ReceiverParts): Subscription => {
  const takeBatch = async (deliveries: Delivery[]): Promise<DeliveryVerdict[]> => {
    try {
      const statements = deliveries.map(({ type, body }) =>
        type === statementControl.type ? statementControl.read(body) : undefined,
      )
      const receiptsHere = deliveries.map(({ type, body }) =>
        type === attachmentReceiptsControl.type ? attachmentReceiptsControl.read(body)?.data : undefined,
      )
      const isControl = (at: number): boolean => (statements[at] ?? receiptsHere[at]) !== undefined
      const checked = deliveries.filter((_, at) => !isControl(at)).map(check)
      const now = clock.now()
      const { findings, verdicts, receipts } = judge(checked, await store.recall(keysOf(checked)), now)
      await store.record(findings)
      // At once: when an answer cannot be sent the batch comes again, and is nothing but duplicates then.
      onTaken?.(findings)
      const stated = statements.flatMap((statement) => statement?.data ?? [])
      if (stated.length > 0) await store.supervision.keepStated(stated)
      const comparisons: Comparison[] = []
      for (const statement of statements) {
        if (!statement) continue
        const owed = await compare(store, statement.id, statement.data)
        receipts.push(...owed.receipts)
        comparisons.push(...owed.comparisons)
      }
      for (const said of receiptsHere)
        for (const receipt of said?.receipts ?? []) {
          const reaction = await store.transfers.take(said!.gateway, receipt, now)
          if (reaction.outcome === 'stopped') onFailed(reaction.error)
        }
      await answer({ receipts, comparisons })
      return deliveries.map((_, at) => (isControl(at) ? 'ack' : verdicts.shift()!))
    } catch (thrown) {
      onFailed(toGatewayError(thrown))
      return deliveries.map(() => 'retry')
    }
  }

  // Partitions hand over side by side; one after the other, no batch is judged by what another is about to change.
  let last: Promise<unknown> = Promise.resolve()
  const take = (deliveries: Delivery[]): Promise<DeliveryVerdict[]> => {
    const verdicts = last.then(() => takeBatch(deliveries))
    last = verdicts
    return verdicts
  }
  return transport.subscribe(take, { maxBatch })
}
