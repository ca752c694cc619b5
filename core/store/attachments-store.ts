/** What the store knows of attachments: which are kept, who names them, and how far each is on its way. */
import type { ReceivedAttachments } from '../attachments/received.ts'
import type { Transfer, TransferState } from '../attachments/transfers.ts'
import type { Attachment } from '../contract.ts'
import type { GatewayError } from '../errors.ts'

/** One to the platform: its address is that of the department whose message first named it. */
export type UpTransfer = Omit<Transfer, 'address' | 'gateway'> & { department: string; region: string }

/** What tells a transfer, and which time it goes out. */
type Fenced = Pick<Transfer, 'digest' | 'restarts'>

export interface TransferStanding {
  digest: string
  size: number
  state: TransferState
  confirmed: number
  restarts: number
  dueAt: number | null
  settledAt: number | null
  /** The system whose message first named it. */
  route: string
  /** The name that a record gives it. */
  fileName: string | null
  detail: { code: string; zh: string; en: string } | null
}

/** Each verb is one change of state; callers hold the commit. */
export interface Attachments {
  /** Those that come down. Its verbs are commits of their own. */
  readonly received: ReceivedAttachments

  /** Its file is on disk, since now or before. */
  keep(digest: string, size: number, now: number): void
  /** Undefined when there is no file under the digest, or none any more. */
  sizeOf(digest: string): number | undefined
  /** A record names it. A transfer begins when a message has named it before. Throws when it is not kept: a source names only what it has kept. */
  addToRecord(recordSeq: number, attachment: Attachment): void
  ofRecord(recordSeq: number): Attachment[]
  /** A message names it: its transfer begins when it is kept. The platform that has it already is not sent it again. */
  nameIn(messageSeq: number, book: number, digest: string): void

  /** Transfers whose time has come, but for those in hand: those that wait for longest, or those with the least to send. */
  due(now: number, order: 'oldest' | 'smallest', inHand: readonly string[], limit: number): UpTransfer[]
  /** The broker has so many bytes from the start. False when the transfer is no longer the one that was begun. */
  confirm(transfer: Fenced, confirmed: number): boolean
  /** The broker has all of it. `askAt`: when the platform is asked about it; null where it does not answer. */
  finish(transfer: Fenced, now: number, askAt: number | null): void
  /** It is tried, or asked about, again at `dueAt`; null: no more by itself. */
  postpone(transfer: Fenced & Pick<Transfer, 'state'>, error: GatewayError | undefined, dueAt: number | null): void
  /** A person decides. */
  stop(digest: string, error: GatewayError, now: number): void

  /** The state of a transfer, and how often it was restarted; undefined when there is none. */
  transfer(digest: string): { state: TransferState; restarts: number } | undefined
  /** The platform has it. */
  arrive(digest: string, now: number): void
  /** What is behind an offset goes out again. */
  rewind(digest: string, offset: number, now: number): void
  /** A person sends it again from the start, whatever became of it. False when there is no transfer, or its file is gone. */
  resend(digest: string, now: number): boolean
  /** Without states, those that have not arrived. */
  transfers(filter: { states?: readonly TransferState[]; digest?: string; limit: number }): TransferStanding[]

  /** Kept before a time, with its transfer finished, and named by no record or message, of either way, whose body is still kept. */
  removable(before: number, limit: number): string[]
  /** Its file is about to go. */
  remove(digest: string, now: number): void
}
