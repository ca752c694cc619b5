/**
 * What the gateway keeps: records as received, messages as sent, and where each of them stands. Everything is synchronous; what
 * `commit` returned from is on the disk. Each verb is one change of state, fenced by the state it leaves.
 */

import type { Json } from '../contract.ts'
import type { Correction } from '../correction.ts'
import type { GatewayError } from '../errors.ts'
import type { Attachments } from './attachments-store.ts'
import type { Catalogues } from './catalogue-store.ts'
import type { Inbox } from './inbox-store.ts'
import type { OpenVersion, PastQuarantine, QuarantineEntry } from './quarantine-store.ts'
import type { Statements } from './statements-store.ts'

export type { Attachments, TransferStanding, UpTransfer } from './attachments-store.ts'
export type { CatalogueItems, CatalogueOutcome } from './catalogue-store.ts'
export type { ClaimedInboxMessage, DeliveryAttempt, Inbox, InboxOutcome } from './inbox-store.ts'
export type { OpenVersion, PastQuarantine, QuarantineEntry } from './quarantine-store.ts'
export type { Compared, Difference, Period, StatementStanding, StatementState, Statements } from './statements-store.ts'

export interface NewRecord {
  book: number
  route: string
  stream: string
  key: string
  hash: Buffer
  receivedAt: number
  disposition: 'translated' | 'quarantined' | 'ignored'
  reason: string | null
  mappingVersion: string | null
  contentType: string
  charset: string | null
  /** The body came as text and is kept in UTF-8; otherwise it is the bytes as received. */
  decoded: boolean
  /** Its source could not read it: no mapping can mend that. */
  faulty: boolean
  body: Uint8Array
}

export interface StoredRecord extends Omit<NewRecord, 'body'> {
  seq: number
  /** Null once its retention has ended. */
  body: Buffer | null
  /** What persons decided of its values, the oldest first. */
  corrections: readonly Correction[]
}

export interface NewMessage {
  recordSeq: number
  book: number
  lane: string
  /** The record whose place in the lane it takes: its own, or the quarantined one that its record corrects. */
  place: number
  identity: string
  dataVersion: number
  contentHash: string
  type: string
  body: Buffer
  /** Of attachments that it names. */
  digests?: readonly string[]
}

/** A message as it stands in the store; `seq` is its number there. */
export interface StoredMessage {
  seq: number
  recordSeq: number
  identity: string
  dataVersion: number
  contentHash: string
  type: string
  /** Null once its retention has ended. */
  body: Buffer | null
}

export interface ClaimedMessage {
  seq: number
  /** Fences the verbs that settle it. */
  attempt: number
  identity: string
  dataVersion: number
  type: string
  lane: string
  department: string
  region: string
  book: number
  /** When its record was received: the message carries it, and belongs to the statement of that time. */
  seenAt: number
  body: Buffer
}

export interface FailedAttempt {
  outcome: 'returned' | 'refused' | 'interrupted'
  error: GatewayError
}

/**
 * One line of the books. The balance: read = translated + quarantined + ignored, messages = confirmed + waiting, and
 * attachments = sent + unsent.
 */
export interface BookLine {
  day: string
  route: string
  stream: string
  read: number
  duplicates: number
  translated: number
  quarantined: number
  /** Of the quarantined, those that the exchange table does not allow. */
  conflicts: number
  ignored: number
  /** Events that were not sent: the platform's own, come back, and those of stages that are not exchanged. */
  echoes: number
  unexchanged: number
  messages: number
  confirmed: number
  /** Of the confirmed, by what the platform answered; of the rest it has not said anything yet. */
  receipted: number
  disputed: number
  rejected: number
  waiting: number
  /** Attachments that messages name, each once. */
  attachments: number
  /** Of them, those that the broker has all of; and of these, those that the platform has verified. */
  sent: number
  arrived: number
  unsent: number
  balanced: boolean
}

/** What the platform answered for a message: that it has it, that it has other content under the id, or that it has overturned what it had. */
export type ReceiptOutcome = 'accepted' | 'disputed' | 'rejected'

export type Counter =
  | 'read'
  | 'duplicates'
  | 'translated'
  | 'ignored'
  | 'echoes'
  | 'unexchanged'
  | 'messages'
  | 'confirmed'
  | 'receipted'
  | 'disputed'
  | 'rejected'
  | 'attachments'
  | 'sent'
  | 'arrived'

/** An event of a record that the exchange table keeps from being sent. */
export interface Withheld {
  identity: string
  reason: 'echo' | 'unexchanged'
  /** The message of the platform that it is the echo of. */
  inboxSeq: number | null
}

export interface Store {
  /** The way down. */
  readonly inbox: Inbox
  /** Reconciliation with the platform. */
  readonly statements: Statements
  /** The city's items. */
  readonly catalogues: Catalogues
  readonly attachments: Attachments
  /** Runs `work` in one transaction and returns when it is synced to disk. Throws STORE_UNWRITABLE; then nothing was changed. */
  commit<T>(work: () => T): T

  /** Says by which department and region the messages of a route are addressed. Must be called before its first record. */
  keepRoute(name: string, department: string, region: string): void
  /** The ledger line of a day, route and stream; made when it is missing. */
  book(day: string, route: string, stream: string): number
  count(book: number, counter: Counter, by?: number): void

  newestRecord(route: string, stream: string, key: string): { seq: number; hash: Buffer } | undefined
  /** The body of a record that came again, where retention has taken it. */
  restoreBody(seq: number, body: Uint8Array): void
  addRecord(record: NewRecord): number
  record(seq: number): StoredRecord | undefined
  /** False when it is kept already: a record may be decided again. */
  keepWithheld(recordSeq: number, withheld: Withheld): boolean
  withheldOf(recordSeq: number): Withheld[]
  addCorrection(recordSeq: number, correction: Correction): void
  /** Keeps the text of a mapping under its version, once. */
  keepMapping(version: string, name: string, files: Record<string, string>, now: number): void
  keptMapping(version: string): { name: string; version: string; files: Record<string, string> } | undefined

  /** `overturned`: the platform has rejected it. */
  newestMessage(identity: string): { dataVersion: number; contentHash: string; place: number; overturned: boolean } | undefined
  /** Where a message stands in its lane and in the books, and the last that the platform said of it. */
  standing(messageSeq: number): { book: number; lane: string; place: number; receipt: ReceiptOutcome | null }
  setReceipt(messageSeq: number, outcome: ReceiptOutcome, detail: object, now: number): void
  receiptsOf(messageSeq: number): { outcome: ReceiptOutcome; detail: Record<string, unknown>; receivedAt: number }[]
  message(identity: string, dataVersion: number): StoredMessage | undefined
  /** By its id. */
  messageOf(id: string): StoredMessage | undefined
  /** The ids of the messages of a case, of whichever system, in the order in which they were made. */
  messageIdsOfCase(sourceCaseNo: string): string[]
  /** What a record became, in the order in which it was made. */
  messagesOf(recordSeq: number): StoredMessage[]
  /** The lane that the newest version of a record had, in the outbox or in quarantine; undefined when none has told its case. */
  laneOf(route: string, stream: string, key: string): string | undefined
  /**
   * Adds a message to its lane. With `claimAt`, one that may leave at once is claimed by this very statement, as `claim` would a
   * moment later: answers whether it was.
   */
  addMessage(message: NewMessage, claimAt?: number): { seq: number; claimed: boolean }

  /** Takes up to `limit` messages that may leave now, in order; only the first of each lane ever may. */
  claim(limit: number, now: number): ClaimedMessage[]
  /**
   * The broker has them: done, and the next of each lane may leave. Without effect for an attempt that is not the current one. What was
   * stated of a period without them is open again.
   */
  confirm(messages: Pick<ClaimedMessage, 'seq' | 'attempt' | 'lane' | 'book' | 'seenAt'>[], now: number): void
  /**
   * A confirmed message goes out again as it is, in its place in the lane; the books take back its confirm and its receipt, which stays on record.
   * Undefined when it is not confirmed: it goes out anyway. `rejected`: the platform has overturned it; its next version stands for it.
   */
  resend(id: string, by: string, now: number): 'resent' | 'bodyless' | 'rejected' | undefined
  /** The attempt failed: keeps it on record, and lets the message leave again at `dueAt`. */
  retry(message: Pick<ClaimedMessage, 'seq' | 'attempt' | 'lane'>, failed: FailedAttempt, now: number, dueAt: number): void
  /** After a start: what was claimed when the last process died goes back, its attempt kept as interrupted. Returns how many. */
  releaseClaims(now: number): number
  /** How many messages have no confirm yet, by the counters of the ledger. */
  waiting(): number
  /** How many of them stand behind an open quarantine line, and so wait for a person and not for the broker. */
  held(): number
  /** Cheap: whether `claim` would find anything. */
  hasReady(now: number): boolean

  quarantine(recordSeq: number, book: number, lane: string | null, place: number, error: GatewayError, now: number): void
  /**
   * A replay failed, perhaps otherwise than before: the line stays, under its new error and the mapping that gives it, and in its lane as
   * soon as that is known.
   */
  requarantine(recordSeq: number, lane: string | null, error: GatewayError, mappingVersion: string): void
  /** What was closed, or never there, is open: the platform has rejected what came of the record. What was decided before stays on record. */
  reopenQuarantine(recordSeq: number, book: number, lane: string, place: number, error: GatewayError, now: number): void
  /** Why a record waits in quarantine; undefined when it does not. */
  openError(recordSeq: number): GatewayError | undefined
  openQuarantine(filter: { route?: string; after?: number; limit: number }): QuarantineEntry[]
  quarantineEntry(recordSeq: number): QuarantineEntry | undefined
  /** What was decided before, oldest first. */
  quarantineHistory(recordSeq: number): PastQuarantine[]
  /** Open lines of earlier versions of the same record: its correction takes their place. */
  openVersionsOf(route: string, stream: string, key: string): OpenVersion[]
  closeQuarantine(
    recordSeq: number,
    outcome: 'replayed' | 'discarded' | 'superseded',
    by: string,
    reason: string | null,
    now: number,
  ): { book: number; lane: string | null; place: number } | undefined
  /** Without a mapping version, that of the last mapping that read it stays. */
  setDisposition(
    recordSeq: number,
    disposition: 'translated' | 'ignored' | 'quarantined',
    reason: string | null,
    mappingVersion: string | null,
  ): void
  /** Lets the first message of a lane leave, unless an open quarantine line stands before it. */
  advance(lane: string): void

  checkpoint(route: string): Json | undefined
  setCheckpoint(route: string, value: Json, now: number): void

  report(component: string, state: string, detail: Json, now: number): void
  health(): { component: string; state: string; detail: Json; changedAt: number; seenAt: number }[]

  books(filter?: { route?: string; day?: string }): BookLine[]
  /** Counts the lines themselves instead of trusting the counters; agrees with `books` until retention ends for lines. */
  recount(): BookLine[]
  history(identity: string): { seq: number; dataVersion: number; state: string; attempts: number; recordSeq: number }[]

  /** Ends the retention of what is finished: bodies before one time, whole lines before another. Never what is open. Returns how many. */
  prune(bodiesBefore: number, linesBefore: number, limit: number): { bodies: number; lines: number }
  /** True when less than `reserveBytes` is left on the disk that holds the store. */
  isDiskLow(reserveBytes: number): boolean
  /** False when the file under the store's name is no longer the one that was opened: what is written now would be lost. */
  isInPlace(): boolean
  close(): void
}
