/** What the gateway keeps of the way down: messages of the platform, and what became of them at their targets. */

export type InboxState =
  | 'waiting'
  | 'ready'
  | 'claimed'
  | 'unknown'
  | 'quarantined'
  | 'delivered'
  | 'rejected'
  | 'ignored'
  | 'refused'

export type InboxCounter =
  | 'received'
  | 'duplicates'
  | 'delivered'
  | 'rejected'
  | 'ignored'
  | 'refused'
  | 'attachments'
  | 'arrived'

export interface NewInboxMessage {
  book: number
  system: string
  lane: string
  identity: string
  dataVersion: number
  contentHash: string
  type: string
  body: string
  receivedAt: number
  /** `waiting`: its turn in the lane decides. */
  state: 'waiting' | 'quarantined' | 'delivered' | 'ignored' | 'refused'
  detail: object | null
}

/** Its turn has come: `ready` to be delivered, or `unknown`, and the target is to be asked. */
export interface ClaimedInboxMessage {
  seq: number
  book: number
  /** Fences the verbs that settle it. */
  attempt: number
  state: 'ready' | 'unknown'
  lane: string
  identity: string
  dataVersion: number
  type: string
  body: string
  claimedAt: number
  /** JSON of the operations, once they are known. */
  operations: string | null
  partsDone: number
}

/** One attempt at one part, or one question about it. */
export interface DeliveryAttempt {
  part: number
  verdict: 'accepted' | 'duplicate' | 'rejected' | 'transient' | 'unknown' | 'absent' | 'interrupted'
  detail: object | null
}

/** What an attempt leads to. `dueAt` null: of `unknown`, a person decides; of `ready`, it waits for an attachment. */
export type InboxOutcome =
  | { state: 'delivered' | 'rejected' | 'ignored' | 'quarantined' }
  | { state: 'ready'; dueAt: number | null }
  | { state: 'unknown'; dueAt: number | null }

export interface InboxMessage {
  seq: number
  system: string
  lane: string
  identity: string
  dataVersion: number
  type: string
  body: string | null
  receivedAt: number
  state: InboxState
  attempt: number
  dueAt: number | null
  settledAt: number | null
  operations: string | null
  partsDone: number
  mappingVersion: string | null
  detail: Record<string, unknown> | null
}

/**
 * One line of the books of the way down. The balance: received = delivered + rejected + ignored + refused + open, and attachments = arrived +
 * awaited.
 */
export interface InboxBookLine {
  day: string
  system: string
  type: string
  received: number
  duplicates: number
  delivered: number
  rejected: number
  ignored: number
  refused: number
  open: number
  /** Of the open, those that the exchange table does not allow. */
  conflicts: number
  /** Contents that messages write, each once for a message; of them, those that are kept, and those that are waited for. */
  attachments: number
  arrived: number
  awaited: number
  balanced: boolean
}

/** A content that a message waits for. */
export interface AwaitedAttachment {
  digest: string
  /** In bytes, as its chunks say it; null before the first of them. */
  size: number | null
  /** So many bytes of it have come. */
  there: number
}

export type InboxDecision = 'again' | 'delivered' | 'discarded'

/** Each verb is one change of state, fenced by the state it leaves; callers hold the commit. */
export interface Inbox {
  /** The ledger line of a day, system and type; made when it is missing. */
  book(day: string, system: string, type: string): number
  count(book: number, counter: InboxCounter, by?: number): void

  /** The contents that were received for a system under an id, whatever became of them: more than one where there was a conflict. */
  contentsOf(system: string, identity: string, dataVersion: number): string[]
  /** What came for one stage of a case, whatever became of it, the newest first; `body` is null once its retention has ended. */
  sentOf(lane: string, type: string): { seq: number; body: string | null }[]
  /** The highest version of an identity that was received for a system, but for what was refused. */
  newestVersion(system: string, identity: string): number | undefined
  add(message: NewInboxMessage): number

  /** Takes up to `limit` messages of a system whose turn has come, in order; only the first of each lane ever is. */
  claim(system: string, limit: number, now: number): ClaimedInboxMessage[]
  /** A message names these digests: what is kept of them stays until it is finished. */
  name(seq: number, digests: readonly string[]): void
  /** Its operations write these contents, and no others. Answers how many of them are not kept. */
  need(seq: number, digests: readonly string[]): number
  /** A content is kept: messages that waited for nothing else are due. */
  arrive(digest: string, now: number): void
  awaited(seq: number): AwaitedAttachment[]
  /** How many messages wait for attachments. */
  awaiting(): number

  /** When the next message of a system is due; undefined when none is. */
  nextDueAt(system: string): number | undefined
  keepOperations(seq: number, operations: string, mappingVersion: string): void
  /** The target has one part more; the message stays claimed. */
  keepPart(message: ClaimedInboxMessage, attempt: DeliveryAttempt, now: number): void
  /** Ends an attempt. `done`: how many parts the target has now. Without effect for an attempt that is not the current one. */
  settle(
    message: ClaimedInboxMessage,
    attempt: DeliveryAttempt | undefined,
    outcome: InboxOutcome,
    detail: object | null,
    now: number,
  ): void
  /** After a start: what was claimed when the last process died. Its attempt is kept as interrupted; nobody knows what became of it. */
  interrupted(system: string, now: number): ClaimedInboxMessage[]
  /** How many attempts at a message, questions about it included, have ended as unknown, but for those with one of these error codes. */
  unknownOf(seq: number, apartFrom: readonly string[]): number

  /** A person decides of a message that waits for one, or for an attachment. False when it does not. */
  decide(seq: number, decision: InboxDecision, by: string, reason: string, now: number): boolean

  list(filter: { system?: string; states: readonly InboxState[]; after?: number; limit: number }): InboxMessage[]
  message(seq: number): InboxMessage | undefined
  attempts(seq: number): (DeliveryAttempt & { attempt: number; claimedAt: number; endedAt: number })[]
  decisions(seq: number): { decision: InboxDecision; by: string; at: number; reason: string }[]
  books(filter?: { system?: string; day?: string }): InboxBookLine[]
  /** The lines themselves, instead of the counters; agrees with `books` until retention ends. */
  recount(): InboxBookLine[]
  /** What is not finished, of all systems. */
  open(): number
  /** Of each system that messages wait for: how many, how many of those have been tried three times and more, and the code of the error that one of them met. */
  openOf(): { system: string; open: number; retried: number; code: string | null }[]
  prune(bodiesBefore: number, linesBefore: number, limit: number): { bodies: number; lines: number }
}
