import { general, isAbout } from '../mapping/pointer.ts'
import type { FieldTrace, Tracer } from '../mapping/trace.ts'
import { isStamped } from './pointer.ts'
import type { RecomputedMessage } from './recompute.ts'

export interface FieldAnswer {
  pointer: string
  /** What its rules, and those of what it holds, did. */
  lines: FieldTrace[]
  /** Why there are none: the mapping has no rule, a rule before it failed, or the gateway writes it itself. */
  why: 'unmapped' | 'unreached' | 'stamped' | undefined
}

/** A line of the mapping that decides about a field. */
export interface DecidingPlace {
  at: string
  /** `event`: there is no rule yet, and this is where it would go. `row`: of a code table. */
  kind: 'rule' | 'event' | 'row'
  path?: string
}

/** The events of a type in the order of the file; `at` says which of them it is. */
const eventNumber = ({ events }: Tracer, type: string, ordinal: number): number | undefined => {
  const numbers = events.flatMap((event, number) => (event.type === type ? [number] : []))
  return numbers[ordinal] ?? numbers[0]
}

const ordinalOf = ({ events }: Tracer, { type, at }: Pick<RecomputedMessage, 'type' | 'at'>): number =>
  Math.max(
    0,
    events.filter((event) => event.type === type).findIndex((event) => event.at === at),
  )

const rulesOf = (trace: Tracer, event: number | undefined, pointer: string) =>
  trace.rules.filter((rule) => (rule.event ?? event) === event && isAbout(general(pointer), rule.pointer))

/** What is known of one field of a recomputed message; `pointer` as `toPointer` gives it. */
export const explainField = (trace: Tracer, message: RecomputedMessage, pointer: string): FieldAnswer => {
  const lines = message.fields.filter((line) => isAbout(pointer, line.pointer))
  if (lines.length > 0) return { pointer, lines, why: undefined }
  // An entry that is not there: its list says how many there are.
  const list = message.fields.filter(({ rule, pointer: above }) => rule.kind === 'list' && isAbout(above, pointer)).at(-1)
  if (list) return { pointer, lines: [list], why: undefined }
  const event = eventNumber(trace, message.type, ordinalOf(trace, message))
  if (rulesOf(trace, event, pointer).length > 0) return { pointer, lines, why: 'unreached' }
  // A data version that no rule reads is counted by the gateway.
  return { pointer, lines, why: isStamped(pointer) || pointer === '/dataVersion' ? 'stamped' : 'unmapped' }
}

/**
 * Where a mapping decides about a field of a message of this type: its rules, or the event that has none. `made` is the trace that the
 * message was recomputed with, `trace` that of the same or of another version of the mapping.
 */
export const placesOf = (trace: Tracer, made: Tracer, message: RecomputedMessage, pointer: string): DecidingPlace[] => {
  if (isStamped(pointer)) return []
  const event = eventNumber(trace, message.type, ordinalOf(made, message))
  const rules = rulesOf(trace, event, pointer)
  if (rules.length > 0) return rules.map(({ at, path }) => ({ at, kind: 'rule', ...(path === undefined ? {} : { path }) }))
  const place = event === undefined ? undefined : trace.events[event]
  return place ? [{ at: place.at, kind: 'event' }] : []
}

/** The rows of code tables that gave the field its value. */
export const rowsOf = ({ lines }: FieldAnswer): DecidingPlace[] =>
  lines.flatMap(({ steps }) => steps.flatMap(({ at }) => (at === undefined ? [] : [{ at, kind: 'row' as const }])))
