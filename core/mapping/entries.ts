/**
 * Entries are counted by the source, from 0, while a record is translated: so that a pointer is one entry, whatever becomes of the others. What a
 * message carries counts the entries that it has.
 */
import type { Flag } from '../canonical/index.ts'
import { GatewayError, type Text } from '../errors.ts'
import type { Kept, ProvenanceNotes } from './provenance.ts'

/** The entry that an event of an `each` was made of. */
export interface EventEntry {
  /** The path of its list, as written. */
  list: string
  number: number
}

/** What a draft no longer shows of how it was made. */
export interface DraftOrigin {
  /** Which of the mapping's events made it. */
  event: number
  entry?: EventEntry
  kept?: Kept
}

/** What is left out leads to its list. */
export const sentPointer = (pointer: string, kept: Kept): string => {
  let [source, sent] = ['', '']
  for (const part of pointer.split('/').slice(1)) {
    const numbers = kept.get(source)
    const number = numbers ? numbers.indexOf(Number(part)) : part
    if (number === -1) return sent
    source += `/${part}`
    sent += `/${number}`
  }
  return sent
}

const sourcePointer = (pointer: string, kept: Kept): string =>
  pointer
    .split('/')
    .slice(1)
    .reduce((source, part) => `${source}/${kept.get(source)?.[Number(part)] ?? part}`, '')

const withoutTwins = <Entry>(entries: Entry[]): Entry[] => [
  ...new Map(entries.map((entry) => [JSON.stringify(entry), entry])).values(),
]

export const sentFlags = (flags: Flag[], kept: Kept): Flag[] =>
  withoutTwins(flags.map((flag) => ({ ...flag, path: sentPointer(flag.path, kept) })))

export const sentNotes = (notes: ProvenanceNotes, kept: Kept): ProvenanceNotes => {
  const pointers = (given: string[]) => given.map((pointer) => sentPointer(pointer, kept))
  const paths = <Entry extends { path: string }>(given: Entry[]): Entry[] =>
    withoutTwins(given.map((entry) => ({ ...entry, path: sentPointer(entry.path, kept) })))
  return {
    ...notes,
    corrected: paths(notes.corrected),
    derived: pointers(notes.derived),
    mapped: pointers(notes.mapped),
    normalised: pointers(notes.normalised),
    precision: paths(notes.precision),
    zone: paths(notes.zone),
  }
}

/** Beside the field that an error names: how its entries are counted, and which one an event was made of. Empty for a field of the record. */
export const whereIn = (pointer: string, entry: EventEntry | undefined): Text | '' => {
  const counted = /\/\d+(\/|$)/.test(pointer)
  if (!entry) return counted ? { zh: '（第几项按来源从 0 数）', en: ' (entries counted from 0, as in the source)' } : ''
  const { list, number } = entry
  return {
    zh: `（来源 ${list} 的第 ${number} 项，从 0 数）`,
    en: ` (entry ${number} of ${list}, counted from 0 as in the source)`,
  }
}

/** What was found wrong with a field of a draft, as errors of rules tell it: with the rule's place, and the entries of lists as the source counts them. */
export const inSource = (
  error: GatewayError,
  { event, entry, kept }: DraftOrigin,
  placeOf: (event: number, pointer: string) => string,
): GatewayError => {
  const { code, values, cause } = error
  const sent = String(values['field'])
  const field = kept ? sourcePointer(sent, kept) : sent
  return GatewayError.again(code, { ...values, at: placeOf(event, field), field, entry: whereIn(field, entry) }, { cause })
}
