/** Attachments on their way from the platform to gateways: what its store knows of them. */
import type { Reaction } from '../attachments/take-receipt.ts'
import type { TransferState, Transfers } from '../attachments/transfers.ts'
import type { AttachmentReceipt } from '../canonical/index.ts'
import { attachmentsDownAddress } from '../transport/transport.ts'

export interface DownTransferStanding {
  gateway: string
  digest: string
  size: number
  state: TransferState
  confirmed: number
  restarts: number
  dueAt: number | null
  settledAt: number | null
  detail: { code: string; zh: string; en: string } | null
}

export interface DownTransfers extends Transfers {
  /**
   * A message to a gateway names these contents: those that the platform keeps are to be sent. What has arrived before goes out again, since the
   * gateway may have removed it; where it has not, it says so at the first chunk. Answers which they are.
   */
  begin(gateway: string, digests: readonly string[], now: number): Promise<string[]>
  /** Keeps what a gateway answers. */
  take(gateway: string, receipt: AttachmentReceipt, now: number): Promise<Reaction>
  /** A person sends it again from the start, whatever became of it. False when there is no such transfer. */
  resend(gateway: string, digest: string, now: number): Promise<boolean>
  /** In the order in which they began; without states, those that have not arrived. */
  list(states?: readonly TransferState[]): Promise<DownTransferStanding[]>
}

export const unfinished: readonly TransferState[] = ['open', 'sent', 'stopped']

/** What is kept in place of a transfer's address. */
export const endOf = <Row extends { gateway: string }>(row: Row): Row & { address: string } => ({
  ...row,
  address: attachmentsDownAddress(row.gateway),
})

/** Of one gateway and digest. */
export const keyOf = ({ gateway, digest }: { gateway: string | undefined; digest: string }): string => `${gateway}/${digest}`

export const detailText = ({ code, text }: { code: string; text: { zh: string; en: string } }): string =>
  JSON.stringify({ code, ...text })
