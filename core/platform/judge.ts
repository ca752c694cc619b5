import { initialState, isEventType, parseMessageId, type Receipt, takeEvent } from '../canonical/index.ts'
import { dayOf } from '../clock.ts'
import { GatewayError } from '../errors.ts'
import { sha256 } from '../sha256.ts'
import type { Delivery, DeliveryVerdict } from '../transport/transport.ts'
import {
  type Counter,
  counters,
  type Findings,
  type Keys,
  type Known,
  type OrderViolation,
  type Tally,
} from './receiver-store.ts'
import { type VerifiedMessage, verifyDelivery } from './verify.ts'

type Refusal = Findings['refusals'][number]

/** A delivery after verification; what was refused is only booked under a type that exists. */
export type Checked = { message: VerifiedMessage } | { refusal: Refusal; type: string }

/** Verifies each delivery by itself. */
export const check = (delivery: Delivery): Checked => {
  const verified = verifyDelivery(delivery)
  if (!(verified instanceof GatewayError)) return { message: verified }
  const { id, type, lane, body } = delivery
  // JSON escapes control characters: the properties of a foreign delivery may hold anything.
  const properties = JSON.stringify({ id, type, lane })
  const digest = sha256(`${properties}\n${body}`).toString('hex')
  // The sentence may name what the sender wrote, and PostgreSQL keeps no NUL in a text.
  const { zh, en } = verified.text
  const text = { zh: zh.replaceAll('\0', '\u2400'), en: en.replaceAll('\0', '\u2400') }
  const refusal = { digest, code: verified.code, text, properties, body }
  return { refusal, type: isEventType(verified.values.type) ? verified.values.type : '?' }
}

/** What the store must recall before `judge`. */
export const keysOf = (checked: Checked[]): Keys => {
  const messages = checked.flatMap((one) => ('message' in one ? one.message : []))
  return {
    ids: messages.map(({ id }) => id),
    identities: messages.map(({ identity }) => identity),
    lanes: messages.map(({ lane }) => lane),
    digests: checked.flatMap((one) => ('refusal' in one ? one.refusal.digest : [])),
  }
}

/** To the gateway that a message names. `at`: when it was received, in milliseconds since 1970; now when absent. */
export type OwedReceipt = Omit<Receipt, 'at'> & { gateway: string; at?: number }

const openTally = (day: string) => {
  const lines = new Map<string, Tally>()
  const zeros = Object.fromEntries(counters.map((counter) => [counter, 0])) as Record<Counter, number>
  return {
    count(system: string, type: string, counter: Counter): void {
      const key = JSON.stringify([system, type])
      const line = lines.get(key) ?? { day, system, type, ...zeros }
      line[counter]++
      lines.set(key, line)
    },
    lines: () => [...lines.values()],
  }
}

const toReceived = ({ id, identity, lane, contentHash, facts, seenAt, body }: VerifiedMessage, state: 'applied' | 'stale') => {
  const { type, dataVersion, case: key, source } = facts
  const { system, department, region, gateway = null } = source
  const caseNo = key.sourceCaseNo
  return { id, identity, dataVersion, type, system, department, region, gateway, caseNo, lane, contentHash, seenAt, state, body }
}

/**
 * Decides what a batch means, in the order in which it arrived; `known` is brought up to date on the way, so that a delivery is
 * judged by those before it. Nothing is dropped: a message that breaks the order of its case is kept and its violation beside it, and one
 * that came early is applied when what it waits for has come. Each message that names its gateway is owed a receipt, also when it came again: the
 * first may have been lost.
 */
export const judge = (
  checked: Checked[],
  known: Known,
  at: number,
): { findings: Findings; verdicts: DeliveryVerdict[]; receipts: OwedReceipt[] } => {
  const tally = openTally(dayOf(at))
  const cases = new Map<string, Findings['cases'][number]>()
  const findings: Findings = { at, messages: [], conflicts: [], refusals: [], violations: [], cases: [], tally: [] }

  const refuse = (refusal: Refusal, type: string): DeliveryVerdict => {
    const isRepeated = known.refused.has(refusal.digest)
    tally.count('?', type, 'received')
    tally.count('?', type, isRepeated ? 'duplicates' : 'refused')
    if (!isRepeated) findings.refusals.push(refusal)
    known.refused.add(refusal.digest)
    return 'reject'
  }

  const violate = ({ id, lane, facts }: VerifiedMessage, kind: OrderViolation): void => {
    tally.count(facts.source.system, facts.type, 'violations')
    findings.violations.push({ id, lane, kind, status: (known.cases.get(lane) ?? initialState).status })
  }

  /** With it, what was held for it: what a department said, behind what the platform had sent, or the other way round. */
  const applyToCase = ({ id, lane, facts }: VerifiedMessage): void => {
    const { progress, breaches } = takeEvent(known.cases.get(lane), { ...facts, id })
    for (const { event, violation, status } of breaches) {
      tally.count(parseMessageId(event.id).system, event.type, 'violations')
      findings.violations.push({ id: event.id, lane, kind: violation, status })
    }
    known.cases.set(lane, progress)
    cases.set(lane, { lane, state: progress, lastId: id })
  }

  /** The first message of this id. */
  const keep = (message: VerifiedMessage): void => {
    const { id, identity, contentHash, facts } = message
    const { type, source, dataVersion, dataVersionOrigin } = facts
    const newest = known.newest.get(identity) ?? 0
    const isStale = dataVersion < newest
    findings.messages.push(toReceived(message, isStale ? 'stale' : 'applied'))
    known.contents.set(id, { taken: contentHash, conflicting: [] })
    if (isStale) {
      tally.count(source.system, type, 'stale')
      violate(message, 'version_went_back')
      return
    }
    if (dataVersionOrigin === 'derived' && dataVersion > newest + 1) violate(message, 'version_skipped')
    known.newest.set(identity, dataVersion)
    applyToCase(message)
  }

  const owed: OwedReceipt[] = []

  const take = (message: VerifiedMessage): DeliveryVerdict => {
    const { id, contentHash, facts, body } = message
    const count = (counter: Counter) => tally.count(facts.source.system, facts.type, counter)
    count('received')
    const contents = known.contents.get(id)
    if (contents === undefined) keep(message)
    else if (contents.taken === contentHash || contents.conflicting.includes(contentHash)) count('duplicates')
    else {
      count('conflicts')
      contents.conflicting.push(contentHash)
      findings.conflicts.push({ id, contentHash, body })
    }
    const outcome = contents === undefined || contents.taken === contentHash ? 'accepted' : 'conflict'
    const { gateway } = facts.source
    if (gateway !== undefined) owed.push({ gateway, id, digest: sha256(body).toString('hex'), outcome })
    return 'ack'
  }

  const verdicts = checked.map((one) => ('message' in one ? take(one.message) : refuse(one.refusal, one.type)))
  return { findings: { ...findings, cases: [...cases.values()], tally: tally.lines() }, verdicts, receipts: owed }
}
