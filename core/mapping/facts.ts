/**
 * No place of a record may stand for two legal facts: of the times of submission and acceptance, or of two authorities, the one that the
 * source does not have would be invented. Codes are no copies: one code may decide several facts.
 */
import { GatewayError } from '../errors.ts'
import { type CompileContext, compilePath, type FactRule, type Scope } from './compile-context.ts'
import { type Demand, meeting } from './demands.ts'
import { mayBeSame } from './expression-facts.ts'
import { mayBeOne, placeOf } from './places.ts'
import type { Reading } from './reading.ts'
import { isTime, type Target, type TargetSchema } from './target.ts'

/** The facts of one event. */
export interface EventFacts {
  /** Its place among the events of the file, from 0. */
  number: number
  type: string
  /** Its own time: the times that an event of this type cannot be without, as JSON pointers. */
  ownTimes: readonly string[]
  /** What its `when` demands. */
  demand: Demand
  facts: readonly FactRule[]
}

/** Undefined for a field that is no legal fact, and for what is no part of the record. */
export const factOf = (
  context: CompileContext,
  at: string,
  { pointer, schema }: Target,
  { pieces, source }: Reading,
): FactRule | undefined => {
  const placed = pieces.flatMap(({ source: { mapped }, ...piece }) => (mapped ? [{ ...piece, source: placeOf(mapped) }] : []))
  if (!schema.legalFact || placed.length === 0) return undefined
  return { at, pointer: context.base + pointer, title: schema.title ?? '', isTime: isTime(schema), pieces: placed, source }
}

/** The pointers of its own times, by the schema of its content. */
export const ownTimesOf = ({ properties = {}, required = [] }: TargetSchema): string[] =>
  required.filter((name) => isTime(properties[name] ?? {})).map((name) => `/content/${name}`)

/** When it happened is the time of the fact that the event is about; the case is named in the message and, in part, in its content. */
const isSameFact = (a: FactRule, b: FactRule): boolean => {
  if (a.pointer === b.pointer) return true
  const [inEnvelope, inContent] = a.pointer.startsWith('/content/') ? [b, a] : [a, b]
  if (!inContent.pointer.startsWith('/content/')) return false
  if (inEnvelope.pointer === '/occurredAt') return true
  return inEnvelope.pointer.startsWith('/case/') && inEnvelope.title === inContent.title
}

/** Whether there may be a record in which both are the same text: what each surely reads, the other reads, too. */
const areCopies = (a: FactRule, b: FactRule): boolean => {
  const areTimes = { a: a.isTime, b: b.isTime }
  const isShared = ([one, other]: readonly [FactRule['pieces'][number], FactRule['pieces'][number]]): boolean =>
    mayBeOne(one.source, other.source) && mayBeSame(one, other, areTimes)
  const shared = a.pieces.flatMap((one) => b.pieces.map((other) => [one, other] as const)).filter(isShared)
  const isCovered = (piece: FactRule['pieces'][number]): boolean =>
    !piece.isSure || shared.some((pair) => pair.some((one) => one === piece))
  return shared.length > 0 && [...a.pieces, ...b.pieces].every(isCovered)
}

const copy = (fact: FactRule, other: FactRule): GatewayError =>
  GatewayError.of('MAPPING_INVALID', {
    at: fact.at,
    reason: {
      zh: `法律事实 ${fact.pointer} 与 ${other.pointer}（${other.at}）同取自 ${fact.source}：一处只能是一个事实，来源没有的应留空`,
      en: `the legal facts ${fact.pointer} and ${other.pointer} (${other.at}) are both read from ${fact.source}: one place is one fact, and what the source does not have stays absent`,
    },
  })

/** Two events that read their own time from one place, which only a record that holds several texts at one of `paths` gives both. */
interface Rivals {
  event: EventFacts
  other: EventFacts
  fact: FactRule
  paths: readonly string[]
}

/** Within one event any two facts; across events that one record can give, their own times, which are what is copied there. */
export const findCopies = (events: readonly EventFacts[]): { copies: GatewayError[]; rivals: Rivals[] } => {
  const copies: GatewayError[] = []
  const rivals: Rivals[] = []
  const ownTimesIn = ({ facts, ownTimes }: EventFacts): FactRule[] => facts.filter(({ pointer }) => ownTimes.includes(pointer))
  for (const [index, event] of events.entries()) {
    const copied = new Map<FactRule, FactRule>()
    for (const [number, fact] of event.facts.entries()) {
      const own = event.facts.slice(0, number).find((other) => !isSameFact(other, fact) && areCopies(other, fact))
      if (own) copied.set(fact, own)
    }
    for (const other of events.slice(0, index).filter(({ type }) => type !== event.type)) {
      for (const fact of ownTimesIn(event)) {
        const foreign = ownTimesIn(other).find((one) => areCopies(one, fact))
        const meet = foreign ? meeting(other.demand, event.demand) : 'no'
        if (meet === 'yes' && !copied.has(fact)) copied.set(fact, foreign!)
        if (typeof meet === 'object') rivals.push({ event, other, fact, paths: meet.several })
      }
    }
    copies.push(...[...copied].map(([fact, other]) => copy(fact, other)))
  }
  return { copies, rivals }
}

/**
 * Lint lets one place be the time of two events where the `when` of each wants another text of one path. A record that holds both texts there would
 * give both: VALUE_AMBIGUOUS. `made` are the numbers of the events that it gives.
 */
export const refuseRivals = (
  context: CompileContext,
  rivals: readonly Rivals[],
): ((scope: Scope, made: ReadonlySet<number>) => void) => {
  const compiled = rivals.map(({ event, other, fact, paths }) => ({
    pair: [event.number, other.number],
    at: context.yaml.at(['events', event.number, 'when']),
    field: fact.pointer,
    origins: paths.map((path) => compilePath({ ...context, paths: [], problems: [] }, path, [])),
  }))
  return (scope, made) => {
    for (const { pair, at, field, origins } of compiled) {
      if (!pair.every((number) => made.has(number))) continue
      const counted = origins.map(({ source, select }) => ({ path: source, count: select(scope).length }))
      const several = counted.find(({ count }) => count > 1) ?? counted[0]!
      throw GatewayError.of('VALUE_AMBIGUOUS', { at, field, entry: '', ...several })
    }
  }
}
