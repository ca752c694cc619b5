/** Makes again, from what the store kept, what the gateway once made of a record, and compares the two. */
import { type Flag, identityOf, typeOfWire } from '../canonical/index.ts'
import type { GatewayError } from '../errors.ts'
import { judgeItem } from '../item-check.ts'
import { type Difference, differencesOf } from '../mapping/samples.ts'
import type { ConditionTrace, FieldTrace } from '../mapping/trace.ts'
import type { TracedMapping } from '../mapping/trace-mapping.ts'
import { matchKeysOf } from '../match-keys.ts'
import { toSourceRecord } from '../source-record.ts'
import type { Store, StoredMessage, StoredRecord, Withheld } from '../store/store.ts'
import { type Judged, judgeAll, linesOfJudged, retrace } from './retrace.ts'

/**
 * `same`: says what the stored message says. `different`, `gone`: it does not, or is not made any more; either is a fault of the gateway or
 * of the store. `unsent`: there is no message of it, because the record is in quarantine or said nothing new; `echo`
 * and `unexchanged`: because the exchange table kept it.
 */
export type Check = 'same' | 'different' | 'gone' | 'unsent' | Withheld['reason']

export interface RecomputedMessage {
  /** The id it was stored under. */
  id: string | undefined
  type: string
  /** The event rule that made it, `file:line:column`. */
  at: string | undefined
  check: Check
  /** Expected is what is stored. */
  differences: Difference[]
  flags: Flag[]
  fields: FieldTrace[]
}

export interface Recomputed {
  outcome: 'messages' | 'ignored' | 'failed'
  reason: string | undefined
  error: GatewayError | undefined
  messages: RecomputedMessage[]
  /** What is read before there is any message: the case number, and what an event has one message for each of. */
  before: FieldTrace[]
  conditions: ConditionTrace[]
}

const idOf = ({ identity, dataVersion }: StoredMessage): string => `${identity}:${dataVersion}`

/** What a message says by its record and its mapping alone; what the gateway adds (id, data version, times, source, operation) is not compared. */
const saidBy = (type: string, data: Record<string, unknown>): Record<string, unknown> => {
  const { case: caseKey, content, occurredAt, recordedAt, stage, flags, provenance, matchKeys } = data
  return { type, case: caseKey, content, occurredAt, recordedAt, stage, flags, provenance, matchKeys }
}

/** With what was said of its item, by the version of the catalogue that the message names. */
const withItem = (store: Store, judged: Judged, stored: StoredMessage | undefined, seenAt: number): Judged => {
  const version: number | undefined = stored && JSON.parse(String(stored.body)).data.catalogueVersion
  const item = version === undefined ? undefined : judgeItem(store.catalogues, judged.draft, seenAt, version)
  if (!item?.flag) return judged
  const flags = [...judged.flags, item.flag]
  return { ...judged, flags, draft: { ...judged.draft, flags } }
}

const saidByStored = ({ body }: StoredMessage): Record<string, unknown> => {
  const { type, data } = JSON.parse(String(body))
  return saidBy(typeOfWire(type) ?? type, data)
}

/** Through JSON, as it would be sent. */
const saidNow = ({ draft, said }: Judged): Record<string, unknown> | undefined => {
  if (!said) return undefined
  const { flags, provenance } = draft
  const told = JSON.parse(JSON.stringify({ flags, provenance, matchKeys: matchKeysOf(draft) }))
  return saidBy(draft.type, { ...JSON.parse(said.text), ...told })
}

const compare = (stored: StoredMessage | undefined, judged: Judged): Pick<RecomputedMessage, 'check' | 'differences'> => {
  if (!stored) return { check: 'unsent', differences: [] }
  // Both: a body that was changed in the store keeps its hash.
  const differences = differencesOf(saidByStored(stored), saidNow(judged))
  const isSame = stored.contentHash === judged.said?.hash && differences.length === 0
  return { check: isSame ? 'same' : 'different', differences }
}

/** Changes nothing in the store. */
export const recompute = (store: Store, traced: TracedMapping, record: StoredRecord, body: Buffer): Recomputed => {
  const { trace } = traced
  const translation = retrace(traced, toSourceRecord(record, body))
  const judged = judgeAll(traced, translation)
  const stored = store.messagesOf(record.seq)
  const withheld = new Map(store.withheldOf(record.seq).map(({ identity, reason }) => [identity, reason]))
  const keptFor = ({ draft }: Judged) => withheld.get(identityOf(record.route, draft))
  const made = trace.drafts.map(({ type, at }, index): RecomputedMessage => {
    const one = judged[index]
    const fields = linesOfJudged(trace, index, one)
    if (!one) return { id: undefined, type, at, check: 'unsent', differences: [], flags: [], fields }
    const reason = keptFor(one)
    if (reason) return { id: undefined, type, at, check: reason, differences: [], flags: one.flags, fields }
    // The last: after a rejection the same record may have made another version of the same fact.
    const message = stored.findLast(({ identity }) => identity === identityOf(record.route, one.draft))
    const told = withItem(store, one, message, record.receivedAt)
    return { id: message && idOf(message), type, at, ...compare(message, told), flags: told.flags, fields }
  })
  const remade = new Set(stored.filter((message) => made.some(({ id }) => id === idOf(message))).map(({ identity }) => identity))
  const gone = stored
    .filter(({ identity }) => !remade.has(identity))
    .map((message): RecomputedMessage => {
      const nothing = { differences: [], flags: [], fields: [] }
      return { id: idOf(message), type: message.type, at: undefined, check: 'gone', ...nothing }
    })
  const error = translation.outcome === 'failed' ? translation.error : judged.find((one) => one.error && !keptFor(one))?.error
  return {
    outcome: error ? 'failed' : translation.outcome === 'ignored' ? 'ignored' : 'messages',
    reason: translation.outcome === 'ignored' ? translation.reason : undefined,
    error,
    messages: [...made, ...gone],
    before: trace.fields.filter(({ draft }) => draft === undefined),
    conditions: trace.decisions,
  }
}
