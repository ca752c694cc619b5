/** What a mapping is to everybody who uses one. */
import type { EventType, MessageDraft } from '../canonical/index.ts'
import type { TreeNode } from '../codec/path.ts'
import type { CorrectedRecord, Correction } from '../correction.ts'
import type { GatewayError } from '../errors.ts'
import type { CodeTable } from './codes/table.ts'
import type { MappedPath } from './compile-context.ts'
import type { DraftOrigin } from './entries.ts'

/** What became of one record. `caseNo` is known whenever the record tells it, also when the rest fails: it names the lane. */
export type Translation = {
  caseNo: string | undefined
} /** `origins`: how each draft was made. */ & (
  | { outcome: 'drafts'; drafts: MessageDraft[]; origins: readonly DraftOrigin[] }
  | { outcome: 'ignored'; reason: string }
  | { outcome: 'failed'; error: GatewayError }
)

/** A record with its body already parsed. */
export interface ReadableRecord {
  stream: string
  key: string
  tree: TreeNode
  corrections?: readonly Correction[] | undefined
}

export interface Mapping {
  /** `<department>/<file>`. */
  name: string
  /** SHA-256 over all its files, in hexadecimal, 16 digits: names exactly what made a message. */
  version: string
  files: Record<string, string>
  standard: { name?: string; version?: string }
  /** Of the events that it can make. */
  types: ReadonlySet<EventType>
  /** Words that say that there is no value (无, 暂无). */
  placeholders: ReadonlySet<string>
  /** Every path of its rules and conditions, a list before the paths of its entries; for checks, not for records. */
  paths: readonly MappedPath[]
  /** Its code tables by name. */
  tables: ReadonlyMap<string, CodeTable>
  /** What lint tells of it although it runs. */
  warnings: readonly GatewayError[]
  /** `file:line:column` of each use of a plug-in's function and of each expression. With any, it runs by `isolated`. */
  ownCode: readonly string[]
  /** Itself in a thread of its own; set where mappings are loaded, when there is own code. */
  isolated?: Isolation
  /** Pure: no clock, network or randomness. Never throws. */
  translate(record: ReadableRecord): Translation
  /**
   * `file:line:column` of the rule that decides about a field of what one of its events makes; of the event when no rule does. `pointer` is a JSON
   * pointer into the draft.
   */
  placeOf(event: number, pointer: string): string
  /** The case number alone. Throws what quarantines the record. */
  caseNoOf(record: ReadableRecord): string | undefined
}

/** A mapping with own code, in a thread with limits. */
export interface Isolation {
  /**
   * In the order given. What cannot be translated is a translation that failed. Rejects when the thread does not start: then nothing is said of the
   * records.
   */
  translate(records: readonly CorrectedRecord[]): Promise<Translation[]>
  /** Starts the thread, and tells what keeps its code from running, or nothing. */
  check(): Promise<GatewayError | undefined>
  /** Ends the thread, if there is one; the next translation starts another. */
  close(): Promise<void>
}
