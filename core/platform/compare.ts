import { type Comparison, maxIdsAtOnce, type Statement, type StatementRange } from '../canonical/index.ts'
import { beijingTimeOf } from '../clock.ts'
import { sha256 } from '../sha256.ts'
import { differingRanges } from '../statement.ts'
import type { OwedReceipt } from './judge.ts'
import type { Owed } from './owed.ts'
import type { ReceiverStore } from './receiver-store.ts'

/** Pages of so many ids and ranges that each fits in one message; one without ranges where all agrees. */
const pagesOf = (ranges: readonly StatementRange[]): StatementRange[][] => {
  const pages: StatementRange[][] = [[]]
  let weight = 0
  for (const range of ranges) {
    weight += range.ids.length + 1
    if (weight > maxIdsAtOnce && pages.at(-1)!.length > 0) {
      pages.push([])
      weight = range.ids.length + 1
    }
    pages.at(-1)!.push(range)
  }
  return pages
}

/**
 * Compares a statement with what the store has, and looks up the receipts that the gateway asks for once more. Each page stands for itself: it
 * has all ids of its ranges.
 */
export const compare = async (store: ReceiverStore, id: string, statement: Statement): Promise<Owed> => {
  const { gateway, system, from, until, types, unreceipted } = statement
  const ids = await store.idsOfPeriod({ system, from: beijingTimeOf(from), until: beijingTimeOf(until) })
  const comparisons = pagesOf(differingRanges(types, ids)).map(
    (ranges, at): Comparison => ({ gateway, system, from, until, statement: id, count: ids.length, page: at + 1, ranges }),
  )
  const receipts = (await store.bodies(unreceipted)).map(
    ({ id, body, receivedAt }): OwedReceipt => ({
      gateway,
      id,
      digest: sha256(body).toString('hex'),
      outcome: 'accepted',
      at: receivedAt,
    }),
  )
  return { receipts, comparisons }
}
