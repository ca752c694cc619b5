/** What gateways are owed for a batch, as messages to them. */
import { attachmentReceiptMessages } from '../attachments/receipt-messages.ts'
import type { OwedAttachmentReceipt } from '../attachments/receiver.ts'
import {
  type Comparison,
  comparisonControl,
  maxIdsAtOnce,
  type Receipt,
  receiptsEvent,
  receiptsType,
} from '../canonical/index.ts'
import { beijingTime } from '../clock.ts'
import { sha256 } from '../sha256.ts'
import { downAddress, type OutgoingMessage } from '../transport/transport.ts'
import type { OwedReceipt } from './judge.ts'

export interface Owed {
  receipts: readonly OwedReceipt[]
  comparisons: readonly Comparison[]
  attachments?: readonly OwedAttachmentReceipt[]
}

/** As few events for each gateway as can hold them. */
const receiptsOf = (owed: readonly OwedReceipt[], now: number): OutgoingMessage[] =>
  [...new Set(owed.map(({ gateway }) => gateway))].flatMap((gateway) => {
    const receipts = owed
      .filter((one) => one.gateway === gateway)
      .map(({ id, digest, outcome, at = now }): Receipt => ({ id, digest, outcome, at: `${beijingTime(at)}+08:00` }))
    return Array.from({ length: Math.ceil(receipts.length / maxIdsAtOnce) }, (_, at) => {
      const some = receipts.slice(at * maxIdsAtOnce, (at + 1) * maxIdsAtOnce)
      const id = `receipts:${gateway}:${sha256(JSON.stringify(some)).toString('hex')}`
      const body = receiptsEvent(id, gateway, some)
      return { id, type: receiptsType, address: downAddress(gateway), lane: gateway, body, sentAt: now }
    })
  })

const comparisonMessage = (comparison: Comparison, now: number): OutgoingMessage => {
  const { gateway } = comparison
  const id = `comparison:${gateway}:${sha256(JSON.stringify(comparison)).toString('hex')}`
  const body = comparisonControl.write(id, '/platform', comparison)
  return { id, type: comparisonControl.type, address: downAddress(gateway), lane: gateway, body, sentAt: now }
}

/** Receipts first. */
export const answersOf = ({ receipts, comparisons, attachments = [] }: Owed, now: number): OutgoingMessage[] => [
  ...receiptsOf(receipts, now),
  ...comparisons.map((one) => comparisonMessage(one, now)),
  ...attachmentReceiptMessages(attachments, '/platform', downAddress, now),
]
