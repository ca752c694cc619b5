/**
 * What the platform answers for an attachment.
 *
 *     arrived ──▶ done        incomplete ──▶ open again from there        different ──▶ open again from the start
 *                                        └──────── for the fourth time ────────┴──▶ stopped: a person decides
 */
import type { AttachmentReceipt } from '../canonical/index.ts'
import { GatewayError } from '../errors.ts'
import type { Store } from '../store/store.ts'

/** So often an attachment goes out again by itself. */
const maxRestarts = 3

export type Answered = 'arrived' | 'restarted' | 'stopped' | 'known' | 'unknown'

/** Keeps one receipt; the caller holds the commit. `known`: it changes nothing. `unknown`: we send no such attachment. */
export const takeAttachmentReceipt = (
  { attachments }: Store,
  { digest, outcome, from = 0 }: AttachmentReceipt,
  now: number,
): { outcome: Answered; error?: GatewayError } => {
  const transfer = attachments.transfer(digest)
  if (!transfer) return { outcome: 'unknown' }
  if (outcome === 'arrived') {
    if (transfer.state === 'arrived') return { outcome: 'known' }
    attachments.arrive(digest, now)
    return { outcome: 'arrived' }
  }
  // It is on its way again, has come since, or waits for a person.
  if (transfer.state !== 'sent') return { outcome: 'known' }
  if (transfer.restarts >= maxRestarts) {
    const error = GatewayError.of('ATTACHMENT_REFUSED', { digest, times: transfer.restarts + 1 })
    attachments.stop(digest, error, now)
    return { outcome: 'stopped', error }
  }
  attachments.rewind(digest, outcome === 'incomplete' ? from : 0, now)
  return { outcome: 'restarted' }
}
