/** What the platform keeps of what it was sent. */
import type { ReceivedAttachments } from '../attachments/received.ts'
import type { CaseProgress, CaseStatus, Violation } from '../canonical/index.ts'
import type { Text } from '../errors.ts'
import type { StatedId } from '../statement.ts'
import type { DownTransfers } from './down-transfers.ts'
import type { SupervisionStore } from './supervision-store.ts'

export type Counter = 'received' | 'duplicates' | 'conflicts' | 'refused' | 'stale' | 'violations'

export const counters: Counter[] = ['received', 'duplicates', 'conflicts', 'refused', 'stale', 'violations']

/**
 * One line of the books. They balance: of what was received, what is no duplicate, conflict or refusal is a message, applied or
 * stale. Violations are counted beside: a message can break several rules or none.
 */
export interface Tally extends Record<Counter, number> {
  /** In Beijing, `YYYY-MM-DD`. */
  day: string
  /** `?` where nothing that was refused can be believed. */
  system: string
  type: string
}

/**
 * `version_went_back`: a lower data version came after a higher one of the same fact.
 * `version_skipped`: the gateway counts the versions of this fact itself, one by one, and one is missing.
 * The others are those of the state machine.
 */
export type OrderViolation = Violation | 'version_went_back' | 'version_skipped'

export interface ReceivedMessage {
  id: string
  identity: string
  dataVersion: number
  type: string
  system: string
  department: string
  region: string
  /** Null when the message names none. */
  gateway: string | null
  caseNo: string
  lane: string
  contentHash: string
  /** In Beijing, `YYYY-MM-DDTHH:mm:ss`. */
  seenAt: string
  /** `stale`: a higher data version had come before, so that it says nothing of the case as it is. */
  state: 'applied' | 'stale'
  body: string
}

/** Everything that one batch changes. Within each list, the order is that of arrival. */
export interface Findings {
  /** Milliseconds since 1970. */
  at: number
  messages: ReceivedMessage[]
  /** An id that is known with other content; kept whole. */
  conflicts: { id: string; contentHash: string; body: string }[]
  /** What is no message; kept whole, under a digest of it. `properties` are those of the delivery, as JSON. */
  refusals: { digest: string; code: string; text: Text; properties: string; body: string }[]
  violations: { id: string; lane: string; kind: OrderViolation; status: CaseStatus }[]
  cases: { lane: string; state: CaseProgress; lastId: string }[]
  tally: Tally[]
}

export interface Keys {
  ids: string[]
  identities: string[]
  lanes: string[]
  /** Of deliveries that were refused. */
  digests: string[]
}

export interface Known {
  /** By id: the content that was taken, and what came in conflict with it. */
  contents: Map<string, { taken: string; conflicting: string[] }>
  /** By identity: the highest data version. */
  newest: Map<string, number>
  /** By lane. */
  cases: Map<string, CaseProgress>
  refused: Set<string>
}

export interface Arrival {
  /** Rises with every message taken; per lane, it is the order of arrival. */
  arrival: number
  id: string
  lane: string
}

export interface CaseHistory {
  /** Undefined when nothing of the case was ever applied. */
  state: CaseProgress | undefined
  messages: (Arrival & {
    type: string
    dataVersion: number
    state: ReceivedMessage['state']
    receivedAt: number
    violations: string[]
  })[]
}

/** Every verb throws STORE_UNWRITABLE when the store cannot be reached, read or written; it can be called again later. */
export interface ReceiverStore {
  readonly attachments: ReceivedAttachments
  /** Attachments on their way down. */
  readonly transfers: DownTransfers
  /** What is known of these keys. */
  recall(keys: Keys): Promise<Known>
  /**
   * Keeps everything in one transaction, synced to disk when it resolves; when it throws, nothing is sure. Must fail when
   * a message id is there already: two receivers may have judged the same delivery, and only one of them can be right.
   */
  record(findings: Findings): Promise<void>
  /** One line per day, system and type, in that order. */
  counts(): Promise<Tally[]>
  has(id: string): Promise<boolean>
  /** All messages in the order of arrival, read in pages: what arrives meanwhile may be among them. */
  ids(filter?: { system?: string }): AsyncIterable<Arrival>
  caseHistory(lane: string): Promise<CaseHistory>
  /** What a system has sent of a period, `[from, until)` by `seenAt`, sorted by the bytes of the ids. */
  idsOfPeriod(period: { system: string; from: string; until: string }): Promise<StatedId[]>
  /** As received; what is not there is left out. `receivedAt` in milliseconds since 1970. */
  bodies(ids: readonly string[]): Promise<{ id: string; body: string; receivedAt: number }[]>
  readonly supervision: SupervisionStore
  /** Waits for what is under way. Called once. */
  close(): Promise<void>
}

/** Goes through all pages, each asked for by the last arrival of the one before. */
export async function* eachOf(page: (after: number) => Promise<Arrival[]>): AsyncIterable<Arrival> {
  for (let rows = await page(0); rows.length > 0; rows = await page(rows.at(-1)!.arrival)) yield* rows
}

/** Rows of one page of `eachOf`. */
export const pageSize = 1000
