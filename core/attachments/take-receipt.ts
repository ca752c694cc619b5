/**
 * What the other side answers for an attachment that was sent to it.
 *
 *     arrived ──▶ done        incomplete ──▶ open again from there        different ──▶ open again from the start
 *                                        └──────── for the fourth time ────────┴──▶ stopped: a person decides
 *     too_large ──▶ stopped
 */
import type { AttachmentReceipt } from '../canonical/index.ts'
import { GatewayError } from '../errors.ts'
import type { Store } from '../store/store.ts'
import type { TransferState } from './transfers.ts'

/** So often an attachment goes out again by itself. */
const maxRestarts = 3

export type Answered = 'arrived' | 'restarted' | 'stopped' | 'known' | 'unknown'

/** What a receipt leads to. `known`: nothing. `unknown`: we send no such attachment. */
export type Reaction =
  | { outcome: 'arrived' | 'known' | 'unknown' }
  | { outcome: 'restarted'; from: number }
  | { outcome: 'stopped'; error: GatewayError }

/** `transfer`: as it stands; undefined when there is none. */
export const reactionTo = (
  transfer: { state: TransferState; restarts: number } | undefined,
  { digest, size, outcome, from = 0, limit = 0 }: AttachmentReceipt,
): Reaction => {
  if (!transfer) return { outcome: 'unknown' }
  const { state, restarts } = transfer
  if (outcome === 'arrived') return { outcome: state === 'arrived' ? 'known' : 'arrived' }
  if (outcome === 'too_large') {
    if (state !== 'open' && state !== 'sent') return { outcome: 'known' }
    return { outcome: 'stopped', error: GatewayError.of('ATTACHMENT_TOO_LARGE_THERE', { digest, size, limit }) }
  }
  // It is on its way again, has come since, or waits for a person.
  if (state !== 'sent') return { outcome: 'known' }
  if (restarts >= maxRestarts)
    return { outcome: 'stopped', error: GatewayError.of('ATTACHMENT_REFUSED', { digest, times: restarts + 1 }) }
  return { outcome: 'restarted', from: outcome === 'incomplete' ? from : 0 }
}

/** Keeps one receipt of the platform; the caller holds the commit. */
export const takeAttachmentReceipt = ({ attachments }: Store, receipt: AttachmentReceipt, now: number): Reaction => {
  const { digest } = receipt
  const reaction = reactionTo(attachments.transfer(digest), receipt)
  if (reaction.outcome === 'arrived') attachments.arrive(digest, now)
  if (reaction.outcome === 'stopped') attachments.stop(digest, reaction.error, now)
  if (reaction.outcome === 'restarted') attachments.rewind(digest, reaction.from, now)
  return reaction
}
