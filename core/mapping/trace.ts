/** What a mapping that was compiled for tracing tells of itself and of the records it translates. */
import type { Flag, Personal } from '../canonical/index.ts'
import type { ErrorCode } from '../errors.ts'
import type { Provenance } from './provenance.ts'

/** One rule of the mapping. */
export interface TracedRule {
  /** `file:line:column`. */
  at: string
  /** JSON pointer in the message, `*` for the entries of a list; empty for the `each` of an event. */
  pointer: string
  /** `events` is the `each` of an event. */
  kind: 'value' | 'constant' | 'list' | 'events'
  /** Its number among the events; undefined for a rule that all of them share. */
  event: number | undefined
  /** Where it reads, as written, with `names` filled in. */
  path?: string
  personal?: Personal
}

/**
 * A value at one place of the record. `nil` is null or xsi:nil; a structure has no text of its own; `nothing` is one of several places that an
 * expression reads, and is not there.
 */
export interface Found {
  place: string
  holds: 'text' | 'nil' | 'structure' | 'nothing'
  received?: string
}

export interface TraceStep {
  kind: 'corrected' | 'expression' | 'trimmed' | 'placeholder' | 'codes' | 'date' | 'number' | 'pattern' | 'call'
  before: string
  /** Undefined when there is none after it. */
  after?: unknown
  /** The version of the code table, the format that fitted, the pattern, the function or the expression; who corrected it, and why. */
  by?: string
  /** The day of the fact, when it decided which version or row of the code table counts. */
  day?: string
  /** `file:line:column` of what the row of the code table says. */
  at?: string
}

/** One rule at work on one record. */
export interface FieldTrace {
  rule: TracedRule
  /** JSON pointer in the message, with the numbers of list entries. */
  pointer: string
  /** Which draft of the record; undefined for the case number, which is read before there is any. */
  draft: number | undefined
  found: Found[]
  steps: TraceStep[]
  outcome: 'set' | 'absent' | 'flagged' | 'failed'
  /** Of a single value that is set. */
  value?: unknown
  provenance?: Provenance
  /** Why it is flagged or has failed. */
  code?: Flag['code'] | ErrorCode
}

/** A `when` of an event, of an `ignore` or of the row of a code table, or a part of one. */
export interface TracedCondition {
  at: string
  role: 'when' | 'ignore' | 'row' | 'part'
  within: 'events' | 'ignore' | 'codes'
  /** Its number among the events (on the way down the operations), or among the `ignore` rules; undefined in a code table. */
  of: number | undefined
  /** As written: `BJJG equals "5"`, `all`, `any`, `not`. */
  test: string
  path?: string
}

export interface ConditionTrace {
  condition: TracedCondition
  found: Found[]
  result: boolean
}

/** A version of a code table, as much of it as a trace needs. */
interface TracedTable {
  /** As a step names it. */
  name: string
  /** Each code with the `file:line:column` of its value. */
  rows: readonly (readonly [code: string, at: string])[]
}

export interface Tracer {
  /** All there are, from compiling. */
  rules: TracedRule[]
  conditions: TracedCondition[]
  tables: TracedTable[]
  /** On the way down the operations, by the write of each. */
  events: { type: string; at: string }[]
  /** What happened, one record after the other. */
  fields: FieldTrace[]
  decisions: ConditionTrace[]
  /** The events that were made of the newest record, in the order of its drafts. */
  drafts: { type: string; at: string }[]
  /** Places of the entries that the list at work has not yet come to. */
  entries: string[]
  /** A rule that fails stops no other, so that all of them tell what they read; what is made then is no message. */
  goesOn?: boolean
}

export const createTracer = (): Tracer => ({
  rules: [],
  conditions: [],
  tables: [],
  events: [],
  fields: [],
  decisions: [],
  drafts: [],
  entries: [],
})
