/** What a mapping of the way down is to everybody who uses one. */
import type { EventType } from '../../canonical/index.ts'
import type { GatewayError } from '../../errors.ts'
import type { PlannedOperation } from '../../operation.ts'

/** A message of the platform as a mapping sees it: its type and the members of its data, which paths begin at. */
export interface MessageToWrite {
  id: string
  type: EventType
  data: Record<string, unknown>
}

export type DownTranslation =
  | { outcome: 'operations'; operations: PlannedOperation[] }
  | { outcome: 'ignored'; reason: string }
  | { outcome: 'failed'; error: GatewayError }

export interface DownMapping {
  /** `<department>/<file>`. */
  name: string
  /** SHA-256 over all its files, in hexadecimal, 16 digits. */
  version: string
  files: Record<string, string>
  /** The writes that it names, each with the place of the first use. */
  writes: ReadonlyMap<string, string>
  /** The types that there are operations for; undefined when one is for whatever comes. */
  types: ReadonlySet<EventType> | undefined
  warnings: readonly GatewayError[]
  /** Pure. Never throws. */
  translate(message: MessageToWrite): DownTranslation
}
