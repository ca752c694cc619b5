import type { Provenance as ProvenanceOfMessage } from '../canonical/index.ts'
import type { provenanceKinds } from './language/outcomes.ts'

/**
 * How a value came about: as the source has it (but for white space around it, which is `normalised`), looked up in a code table, written in
 * another form, made by a rule, an expression or a plug-in, or decided by a person in place of what the source says.
 */
export type Provenance = keyof typeof provenanceKinds

/** What a rule's step makes of values, before any is seen; a value that no step changes is judged by itself. */
export type StepProvenance = 'mapped' | 'derived' | undefined

/** `value` is what became of the text `received`. */
export const provenanceOf = (
  step: StepProvenance,
  received: string | undefined,
  value: unknown,
): Exclude<Provenance, 'corrected'> => step ?? (String(value) === received ? 'as_received' : 'normalised')

type Pointers = Required<Pick<ProvenanceOfMessage, 'derived' | 'mapped' | 'normalised'>>
type Others = Required<Pick<ProvenanceOfMessage, 'corrected' | 'precision' | 'zone'>>

/** Of lists of which entries were left out, by their pointer as the source counts: the numbers of those that are in the message. */
export type Kept = Map<string, readonly number[]>

/** Filled by the rules of one draft, while they run. */
export type ProvenanceNotes = Pointers & Others & { kept?: Kept }

export const openNotes = (): ProvenanceNotes => ({
  corrected: [],
  derived: [],
  mapped: [],
  normalised: [],
  precision: [],
  zone: [],
})

/** As a message carries it: without the lists that are empty; undefined when every value is as received. */
export const closeNotes = (notes: ProvenanceNotes): ProvenanceOfMessage | undefined => {
  const said: ProvenanceOfMessage = {}
  const { corrected, derived, mapped, normalised, precision, zone } = notes
  if (corrected.length > 0) said.corrected = corrected
  if (derived.length > 0) said.derived = derived
  if (mapped.length > 0) said.mapped = mapped
  if (normalised.length > 0) said.normalised = normalised
  if (precision.length > 0) said.precision = precision
  if (zone.length > 0) said.zone = zone
  return Object.keys(said).length === 0 ? undefined : said
}
