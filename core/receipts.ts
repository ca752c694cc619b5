/**
 * What the platform answers for our messages: receipts over what it has, and late rejections that overturn them.
 *
 *     receipt ── the digest is that of our body ──▶ accepted        rejection ──▶ rejected; its record waits in quarantine, and holds its case,
 *             └─ it is not, or a conflict ──▶ disputed                           until it is corrected or replayed: then the next data version
 */
import type { Receipt } from './canonical/index.ts'
import { GatewayError } from './errors.ts'
import { sha256 } from './sha256.ts'
import type { ReceiptOutcome, Store } from './store/store.ts'

/** Keeps one receipt; the caller holds the commit. `unknown`: it is for no message of ours, or for one past its retention. */
export const takeReceipt = (store: Store, receipt: Receipt, now: number): ReceiptOutcome | 'unknown' | 'known' => {
  const message = store.messageOf(receipt.id)
  if (!message) return 'unknown'
  // Past its retention nothing can be compared: then nothing is said.
  if (message.body === null) return 'unknown'
  const isOurs = sha256(message.body).toString('hex') === receipt.digest
  const outcome = receipt.outcome === 'accepted' && isOurs ? 'accepted' : 'disputed'
  const known = store.standing(message.seq).receipt
  // A rejection is the last word on its message: what comes late of an earlier delivery does not take it back.
  if (known === outcome || known === 'rejected') return 'known'
  store.setReceipt(message.seq, outcome, { digest: receipt.digest, at: receipt.at }, now)
  return outcome
}

export interface Rejection {
  /** Of the message that is rejected. */
  id: string
  errorCode: string | undefined
  /** The message in the inbox that says so. */
  inboxSeq: number
}

/** What a rejection led to. `superseded`: a newer version has been sent since, and stands. */
export type Overturned = { outcome: 'reopened'; recordSeq: number; error: GatewayError } | { outcome: 'superseded' | 'known' }

/** Whether a message was sent of a system, and its line is still there. */
export const isOurs = (store: Store, system: string, id: string): boolean => {
  const message = store.messageOf(id)
  return message !== undefined && store.record(message.recordSeq)?.route === system
}

/** Overturns what the platform had accepted, of a message that is ours; the caller holds the commit. */
export const takeRejection = (store: Store, { id, errorCode, inboxSeq }: Rejection, now: number): Overturned => {
  const message = store.messageOf(id)!
  const record = store.record(message.recordSeq)!
  const { receipt, book, lane, place } = store.standing(message.seq)
  if (receipt === 'rejected') return { outcome: 'known' }
  store.setReceipt(message.seq, 'rejected', { inboxSeq, ...(errorCode === undefined ? {} : { code: errorCode }) }, now)
  const isNewest = store.newestMessage(message.identity)?.dataVersion === message.dataVersion
  if (!isNewest) return { outcome: 'superseded' }
  const error = GatewayError.of('MESSAGE_OVERTURNED', { id, code: errorCode ?? '-', seq: inboxSeq })
  // Also of a record that was closed since, by a newer one or by a person: this fact of it is the newest, and the platform has none.
  if (record.disposition !== 'quarantined') {
    store.setDisposition(record.seq, 'quarantined', null, null)
    store.count(record.book, record.disposition, -1)
  }
  store.reopenQuarantine(record.seq, book, lane, place, error, now)
  store.advance(lane)
  return { outcome: 'reopened', recordSeq: record.seq, error }
}
