/** One record through a mapping that tells what it does, judged as the path judges it. Nothing is stored, and no store is asked. */
import { type CanonicalText, type Flag, identityOf, type MessageDraft } from '../canonical/index.ts'
import type { SourceRecord } from '../contract.ts'
import type { CorrectedRecord } from '../correction.ts'
import { GatewayError, toGatewayError } from '../errors.ts'
import { judgeDraft } from '../judge-draft.ts'
import type { DraftOrigin } from '../mapping/entries.ts'
import type { Mapping, Translation } from '../mapping/mapping.ts'
import type { ConditionTrace, FieldTrace, Tracer } from '../mapping/trace.ts'
import { linesOf } from '../mapping/trace-drafts.ts'
import type { TracedMapping } from '../mapping/trace-mapping.ts'
import { readRecord } from '../read-record.ts'

export interface Judged {
  /** With the flags of the rules that it breaks, once it was judged. */
  draft: MessageDraft
  said: CanonicalText | undefined
  flags: Flag[]
  error: GatewayError | undefined
  origin: DraftOrigin
}

/** Never throws: what quarantines the record is the `error`. */
const judge = (mapping: Mapping, draft: MessageDraft, origin: DraftOrigin): Judged => {
  try {
    const { flagged, said } = judgeDraft(draft, origin, mapping)
    return { draft: flagged, said, flags: flagged.flags, error: undefined, origin }
  } catch (thrown) {
    return { draft, said: undefined, flags: draft.flags, error: toGatewayError(thrown), origin }
  }
}

export const judgeAll = ({ mapping }: TracedMapping, translation: Translation): Judged[] =>
  translation.outcome === 'drafts'
    ? translation.drafts.map((draft, index) => judge(mapping, draft, translation.origins[index]!))
    : []

/** What the rules of a draft did, by the fields of the message that came of it; of one that is none, as its error counts: by the source. */
export const linesOfJudged = (trace: Tracer, draft: number, judged: Judged | undefined): FieldTrace[] =>
  linesOf(trace, draft, judged?.error ? undefined : judged?.origin.kept)

/** Never throws: a record that its source could not read, or that cannot be parsed, has failed. */
export const retrace = ({ mapping }: TracedMapping, record: CorrectedRecord): Translation => {
  try {
    if (record.fault) throw record.fault
    const { stream, key, corrections } = record
    return mapping.translate({ stream, key, tree: readRecord(record), corrections })
  } catch (thrown) {
    return { caseNo: undefined, outcome: 'failed', error: toGatewayError(thrown) }
  }
}

export interface TriedMessage {
  type: string
  /** The event rule that made it, `file:line:column`. */
  at: string
  /** Undefined when a rule failed before there was a whole draft. */
  draft: MessageDraft | undefined
  error: GatewayError | undefined
  fields: FieldTrace[]
}

/** What a record would come to: all of its messages, or none. */
export interface Tried {
  outcome: 'messages' | 'ignored' | 'quarantined'
  reason: string | undefined
  error: GatewayError | undefined
  messages: TriedMessage[]
  /** What is read before there is any message. */
  before: FieldTrace[]
  conditions: ConditionTrace[]
}

/** As the path refuses two messages of one record that have one id and say different things. */
const refuseTwins = ({ mapping }: TracedMapping, judged: Judged[]): Judged[] =>
  judged.map((one, index) => {
    if (!one.said) return one
    // Which system it would be is not known here, and the same for all.
    const identity = identityOf('*', one.draft)
    const twin = judged.slice(0, index).find((earlier) => earlier.said && identityOf('*', earlier.draft) === identity)
    if (!twin || twin.said?.hash === one.said.hash) return one
    const at = mapping.placeOf(one.origin.event, '/stage/sequence')
    return { ...one, error: GatewayError.of('MESSAGE_AMBIGUOUS', { at, id: identity }) }
  })

/** Maps one record; what the trace has told of records before is gone. */
export const tryRecord = (traced: TracedMapping, record: SourceRecord): Tried => {
  const { trace } = traced
  trace.fields.length = 0
  trace.decisions.length = 0
  trace.drafts = []
  const translation = retrace(traced, record)
  const judged = refuseTwins(traced, judgeAll(traced, translation))
  const error = translation.outcome === 'failed' ? translation.error : judged.find((one) => one.error)?.error
  return {
    outcome: error ? 'quarantined' : translation.outcome === 'ignored' ? 'ignored' : 'messages',
    reason: translation.outcome === 'ignored' ? translation.reason : undefined,
    error,
    messages: trace.drafts.map(({ type, at }, index) => ({
      type,
      at,
      draft: judged[index]?.draft,
      error: judged[index]?.error,
      fields: linesOfJudged(trace, index, judged[index]),
    })),
    before: trace.fields.filter(({ draft }) => draft === undefined),
    conditions: [...trace.decisions],
  }
}
