/** A case as its messages tell it: of each fact the newest data version, in the order in which the facts happened. */
import {
  type CaseKey,
  type EventType,
  type Flag,
  happenedAt,
  isEventType,
  type MessageDraft,
  type Stamp,
  typeOfWire,
} from '../canonical/index.ts'

export interface Fact {
  /** Id of the message. */
  id: string
  type: EventType
  /** When it happened: a moment, or only a day. */
  at: string
  recordedAt: string | undefined
  sequence: string
  case: CaseKey
  source: Stamp['source']
  content: Record<string, unknown>
  flags: readonly Flag[]
}

export interface CaseFile {
  lane: string
  /** The newest that is known of each of its numbers. */
  key: CaseKey
  source: Stamp['source']
  facts: readonly Fact[]
  /** It is void, or was deleted: nothing runs, and it counts for nothing. */
  isVoid: boolean
}

/** What a day alone leaves open is in the order of the procedure. */
const procedure: readonly EventType[] = [
  'application.received',
  'prereview.decided',
  'supplement.requested',
  'supplement.received',
  'acceptance.decided',
  'special.started',
  'special.ended',
  'review.step',
  'review.decided',
  'upward.forwarded',
  'upward.returned',
  'approval.decided',
  'case.closed',
  'result.collected',
]

const rankOf = ({ type }: Fact): number => {
  const place = procedure.indexOf(type)
  return place < 0 ? procedure.length : place
}

const hasTime = ({ at }: Fact): boolean => at.includes('T')

const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

/** By day; within a day by the clock where all of its facts have a time, else by the procedure. The same for every order of arrival. */
const inOrder = (facts: readonly Fact[]): Fact[] => {
  const days = new Map<string, Fact[]>()
  for (const fact of facts) {
    const day = fact.at.slice(0, 10)
    days.set(day, [...(days.get(day) ?? []), fact])
  }
  return [...days.keys()].sort(compareText).flatMap((day) => {
    const ofDay = days.get(day)!
    const byClock = ofDay.every(hasTime)
    return ofDay.sort(
      (a, b) =>
        (byClock ? compareText(a.at, b.at) : 0) || rankOf(a) - rankOf(b) || compareText(a.at, b.at) || compareText(a.id, b.id),
    )
  })
}

interface Envelope {
  id: string
  type: string
  /** Of what the platform itself has sent. */
  target?: string
  data: Omit<MessageDraft, 'type'> & { source: Stamp['source']; dataVersion: number; seenAt: string }
}

const toFact = ({ id, type, data }: Envelope): Fact | undefined => {
  const known = typeOfWire(type)
  if (!isEventType(known)) return undefined
  const { content, occurredAt, recordedAt, stage, source, flags, case: key, seenAt } = data
  // What does not say when it happened counts from when it was seen: later than it was, never earlier.
  const at = happenedAt({ type: known, content, ...(occurredAt !== undefined && { occurredAt }) }) ?? seenAt
  return { id, type: known, at, recordedAt, sequence: stage?.sequence ?? '', case: key, source, content, flags }
}

/** Whether something that happened at one moment had happened by another; days are compared where either is only a day. */
export const hadHappened = (at: string, by: string): boolean =>
  at.length === 10 || by.length === 10 ? at.slice(0, 10) <= by.slice(0, 10) : Date.parse(at) <= Date.parse(by)

/**
 * From the bodies of all messages of one case, in any order; what had not happened by `until` is left out. Undefined when nothing is left. The messages
 * were verified when they were received.
 */
export const toCaseFile = (lane: string, bodies: readonly string[], until: string): CaseFile | undefined => {
  const newest = new Map<string, Envelope>()
  for (const body of bodies) {
    const event = JSON.parse(body) as Envelope
    // Clocks run by what the department says, and alerts go to it.
    if (event.target !== undefined) continue
    const identity = event.id.slice(0, event.id.lastIndexOf(':'))
    const known = newest.get(identity)
    if (!known || known.data.dataVersion < event.data.dataVersion) newest.set(identity, event)
  }
  const facts = inOrder([...newest.values()].flatMap((event) => toFact(event) ?? [])).filter(({ at }) => hadHappened(at, until))
  const last = facts.at(-1)
  if (!last) return undefined
  const isVoid = facts.some(
    ({ type, content }) =>
      type === 'case.voided' || (type === 'case.closed' && ['voided', 'deleted_technical'].includes(String(content['outcome']))),
  )
  return { lane, key: Object.assign({}, ...facts.map((fact) => fact.case)) as CaseKey, source: last.source, facts, isVoid }
}

/** The last that any fact says of a member of the case as a whole. */
export const lastSaid = <T>({ facts }: CaseFile, member: string): T | undefined =>
  facts.findLast(({ content }) => content[member] !== undefined)?.content[member] as T | undefined
