import type { EventType } from './canonical/index.ts'
import type { SourceRecord } from './contract.ts'

/** What a person decided that one value of a quarantined record is, in place of what its mapping reads. */
export interface Correction {
  /** The events it is for; null for all that have the field. */
  type: EventType | null
  /** Of an event that there is for each entry of a list: the entry of the source, from 0; null for all of them. */
  entry: number | null
  /** JSON pointer in the message, as /content/applicant/kind; the entries of its lists counted by the source, from 0. */
  pointer: string
  /** Null when the field is to be absent. */
  value: string | number | boolean | null
  by: string
  /** Milliseconds since 1970. */
  at: number
  reason: string
}

/** A record with what was decided about it; of a new record, nothing. */
export interface CorrectedRecord extends SourceRecord {
  corrections?: readonly Correction[]
}

/** The corrections of one event, or of one entry, by field; a later one of a field counts. Undefined when there is none. */
export const correctedFields = (
  corrections: readonly Correction[] | undefined,
  type?: EventType,
  entry?: number,
): ReadonlyMap<string, Correction> | undefined => {
  if (corrections === undefined) return undefined
  const own = corrections.filter(
    (correction) =>
      (correction.type === null || correction.type === type) && (correction.entry === null || correction.entry === entry),
  )
  return own.length === 0 ? undefined : new Map(own.map((correction) => [correction.pointer, correction]))
}
