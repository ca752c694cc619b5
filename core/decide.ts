/** What a record comes to, decided before anything is written: all of its messages, or none. */
import {
  cloudEventParts,
  decideVersion,
  digestsIn,
  identityOf,
  laneOf,
  type MessageDraft,
  messageIdOf,
  type Stamp,
} from './canonical/index.ts'
import { createUtf8Encoder } from './codec/utf8-encoder.ts'
import type { SourceRecord } from './contract.ts'
import type { CorrectedRecord } from './correction.ts'
import { GatewayError, toGatewayError } from './errors.ts'
import { directionOf, type ExchangeTable, findEcho } from './exchange.ts'
import { itemError, judgeItem, type UnknownItem } from './item-check.ts'
import { judgeDraft } from './judge-draft.ts'
import type { DraftOrigin } from './mapping/entries.ts'
import type { Mapping, Translation } from './mapping/mapping.ts'
import { needsThread } from './mapping/own-code.ts'
import { matchKeysOf } from './match-keys.ts'
import { readRecord } from './read-record.ts'
import type { NewMessage, Store, Withheld } from './store/store.ts'

/** One system and what its records go through. */
export interface Route {
  system: string
  /** Where its messages come from, as each of them says. */
  source: Stamp['source']
  mapping: Mapping
  /** Absent where every event is brought up. */
  exchange?: ExchangeTable | undefined
  /** Flagged when absent. */
  unknownItem?: UnknownItem | undefined
  maxRecordBytes: number
  maxMessageBytes: number
}

export const createRoute = (given: {
  system: string
  /** The gateway's own name, for receipts. */
  gateway?: string | undefined
  adapter: string
  department: { code: string; name?: string; region: string }
  mapping: Mapping
  exchange?: ExchangeTable | undefined
  unknownItem?: UnknownItem | undefined
  maxRecordBytes: number
  maxMessageBytes: number
}): Route => {
  const { system, gateway, adapter, department, mapping, ...rest } = given
  const { name: standard, version: standardVersion } = mapping.standard
  const source = {
    system,
    ...(gateway === undefined ? {} : { gateway }),
    department: department.code,
    ...(department.name === undefined ? {} : { departmentName: department.name }),
    region: department.region,
    adapter,
    mapping: mapping.name,
    mappingVersion: mapping.version,
    ...(standard === undefined ? {} : { standard }),
    ...(standardVersion === undefined ? {} : { standardVersion }),
  }
  return { system, source, mapping, ...rest }
}

interface PreparedMessage extends Omit<NewMessage, 'recordSeq' | 'book' | 'place'> {
  /** The place of the newest message of the same identity, 0 when there is none: this one must come after it. */
  after: number
}

export type Decision =
  | { disposition: 'translated'; messages: PreparedMessage[]; withheld: Withheld[] }
  /** `unchanged`, `stale`, why all of it was withheld, or the reason that a rule of the mapping gives. */
  | { disposition: 'ignored'; reason: string; withheld: Withheld[] }
  | { disposition: 'quarantined'; error: GatewayError; lane: string | null }

/** The translations of a batch that were made before its commit. */
export type Ahead = ReadonlyMap<SourceRecord, Translation>

/** Of a mapping with own code: translates all, in its thread those that come to own code. Undefined for a mapping without. Rejects when the thread does not start. */
export const translateAhead = async (route: Route, records: readonly CorrectedRecord[]): Promise<Ahead | undefined> => {
  const { isolated } = route.mapping
  if (!isolated) return undefined
  const ahead = new Map(records.map((record) => [record, translate(route, record, Buffer.byteLength(record.body))]))
  const away = [...ahead].filter(([, made]) => made.outcome === 'failed' && needsThread(made.error)).map(([record]) => record)
  const translations = away.length === 0 ? [] : await isolated.translate(away)
  for (const [index, record] of away.entries()) ahead.set(record, translations[index]!)
  return ahead
}

/** Of a record that can be read, but for something that it names: its case waits with it. */
const caseNoOf = ({ mapping }: Route, { stream, key, value }: CorrectedRecord): string | undefined =>
  value === undefined ? undefined : mapping.translate({ stream, key, tree: value }).caseNo

const translate = (route: Route, record: CorrectedRecord, size: number): Translation => {
  try {
    if (record.fault) return { caseNo: caseNoOf(route, record), outcome: 'failed', error: record.fault }
    if (size > route.maxRecordBytes) throw GatewayError.of('RECORD_TOO_LARGE', { size, limit: route.maxRecordBytes })
    const { stream, key, corrections } = record
    return route.mapping.translate({ stream, key, tree: readRecord(record), corrections })
  } catch (thrown) {
    return { caseNo: undefined, outcome: 'failed', error: toGatewayError(thrown) }
  }
}

/**
 * What the exchange table keeps from being sent: a stage that is not exchanged, and what the platform itself wrote. Throws the EXCHANGE_ errors,
 * for what a department's system says in a stage that the platform is the authority of.
 */
const withhold = (store: Store, { system, exchange }: Route, draft: MessageDraft): Withheld | undefined => {
  if (!exchange) return undefined
  const { direction, at } = directionOf(exchange, draft.case.itemCode, draft.type)
  if (direction === 'up') return undefined
  const identity = identityOf(system, draft)
  if (direction === 'none') return { identity, reason: 'unexchanged', inboxSeq: null }
  const { sourceCaseNo, platformCaseNo } = draft.case
  const lanes = [...new Set([sourceCaseNo, platformCaseNo ?? sourceCaseNo])].map((no) =>
    laneOf(system, { case: { sourceCaseNo: no } }),
  )
  const sent = lanes.flatMap((lane) => store.inbox.sentOf(lane, draft.type))
  return { identity, reason: 'echo', inboxSeq: findEcho(draft, sent, at) }
}

/** Messages are kept until the broker has them. */
const encodeMessage = createUtf8Encoder()

/**
 * Turns one draft into a message, unless the platform already has it or has something newer: a message that stands at a later
 * place came from a record that was received later, so what is replayed from an earlier place never becomes the newest version.
 * Throws what quarantines the record.
 */
const prepare = (
  store: Store,
  route: Route,
  draft: MessageDraft,
  made: DraftOrigin,
  seenAt: number,
  place: number,
): PreparedMessage | 'unchanged' | 'stale' => {
  const { flagged, said } = judgeDraft(draft, made, route.mapping)
  const identity = identityOf(route.system, draft)
  const previous = store.newestMessage(identity)
  const { verdict, dataVersion, origin } = decideVersion(previous, { dataVersion: draft.dataVersion, contentHash: said.hash })
  if (verdict === 'duplicate') return 'unchanged'
  if (verdict === 'stale' || (origin === 'derived' && previous && previous.place > place)) return 'stale'
  if (verdict === 'conflict' && previous?.overturned)
    throw GatewayError.of('VERSION_OVERTURNED', { id: `${identity}:${dataVersion}` })
  if (verdict === 'conflict') throw GatewayError.of('MESSAGE_CONFLICT', { id: `${identity}:${dataVersion}` })
  const item = judgeItem(store.catalogues, draft, seenAt)
  if (item?.flag && route.unknownItem === 'quarantine') throw itemError(route.mapping.placeOf(made.event, '/case/itemCode'), item)
  const whole = item?.flag ? Object.assign({}, flagged, { flags: [...flagged.flags, item.flag] }) : flagged
  const matchKeys = matchKeysOf(draft)
  const stamp: Stamp = {
    source: route.source,
    seenAt,
    dataVersion,
    dataVersionOrigin: origin,
    matchKeys,
    catalogueVersion: item?.version,
  }
  const id = messageIdOf(identity, dataVersion)
  const body = encodeMessage(...cloudEventParts(id, whole, stamp, said))
  if (body.byteLength > route.maxMessageBytes) {
    throw GatewayError.of('PUBLISH_TOO_LARGE', { bytes: body.byteLength, limit: route.maxMessageBytes })
  }
  const lane = laneOf(route.system, draft)
  const { type } = draft
  return {
    lane,
    identity,
    dataVersion,
    contentHash: said.hash,
    type,
    body,
    digests: digestsIn(body),
    after: previous?.place ?? 0,
  }
}

/**
 * Reads, translates, checks and stamps one record; writes nothing. `place` is where its messages would stand: that of a record
 * in quarantine, or Infinity for a new one. `ahead` has what was translated before the commit.
 */
export const decide = (
  store: Store,
  route: Route,
  record: CorrectedRecord,
  given: { size: number; seenAt: number; place: number; ahead: Ahead | undefined },
): Decision => {
  const translation = given.ahead?.get(record) ?? translate(route, record, given.size)
  // Half of a surrogate pair is no text of SQLite's: what it makes of it differs from version to version.
  const sourceCaseNo = translation.caseNo?.replace(/\p{Cs}/gu, '\ufffd')
  const lane = sourceCaseNo === undefined ? null : laneOf(route.system, { case: { sourceCaseNo } })
  if (translation.outcome === 'ignored') return { disposition: 'ignored', reason: translation.reason, withheld: [] }
  if (translation.outcome === 'failed') return { disposition: 'quarantined', error: translation.error, lane }
  try {
    const messages: PreparedMessage[] = []
    const withheld: Withheld[] = []
    let reason: string | undefined
    for (const [index, draft] of translation.drafts.entries()) {
      const kept = withhold(store, route, draft)
      if (kept) {
        withheld.push(kept)
        continue
      }
      const prepared = prepare(store, route, draft, translation.origins[index]!, given.seenAt, given.place)
      if (typeof prepared === 'string') {
        reason = reason === 'stale' ? reason : prepared
        continue
      }
      const twin = messages.find(({ identity }) => identity === prepared.identity)
      if (twin && twin.contentHash !== prepared.contentHash) {
        const at = route.mapping.placeOf(translation.origins[index]!.event, '/stage/sequence')
        throw GatewayError.of('MESSAGE_AMBIGUOUS', { at, id: `${prepared.identity}:${prepared.dataVersion}` })
      }
      if (!twin) messages.push(prepared)
    }
    if (messages.length > 0) return { disposition: 'translated', messages, withheld }
    return { disposition: 'ignored', reason: reason ?? withheld[0]?.reason ?? 'unchanged', withheld }
  } catch (thrown) {
    return { disposition: 'quarantined', error: toGatewayError(thrown), lane }
  }
}
