import { type AttachmentReceipt, attachmentReceiptsControl } from '../canonical/index.ts'
import { beijingTime } from '../clock.ts'
import { sha256 } from '../sha256.ts'
import type { OutgoingMessage } from '../transport/transport.ts'
import type { OwedAttachmentReceipt } from './receiver.ts'

/** Receipts of one batch as messages, one for each gateway at the other or at this end. `source` and `addressOf`: who says so, and to whom. */
export const attachmentReceiptMessages = (
  owed: readonly OwedAttachmentReceipt[],
  source: string,
  addressOf: (gateway: string) => string,
  now: number,
): OutgoingMessage[] =>
  [...new Set(owed.map(({ gateway }) => gateway))].map((gateway) => {
    const at = `${beijingTime(now)}+08:00`
    const receipts = owed
      .filter((one) => one.gateway === gateway)
      .map(({ gateway: _, ...receipt }): AttachmentReceipt => ({ ...receipt, at }))
    const id = `attachment-receipts:${gateway}:${sha256(JSON.stringify(receipts)).toString('hex')}`
    const body = attachmentReceiptsControl.write(id, source, { gateway, receipts })
    return { id, type: attachmentReceiptsControl.type, address: addressOf(gateway), lane: gateway, body, sentAt: now }
  })
