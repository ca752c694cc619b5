/**
 * No place of a record may stand for two legal facts: of the times of submission and acceptance, or of two authorities, the one that the
 * source does not have would be invented. Codes are no copies: one code may decide several facts.
 */
import { GatewayError } from '../errors.ts'
import type { YamlPath } from '../yaml.ts'
import { type CompileContext, compilePath, type FactRule, problem, type Scope } from './compile-context.ts'
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
  /** When it happened, as JSON pointers. */
  ownTimes: readonly string[]
  /** What its `when` demands. */
  demand: Demand
  facts: readonly FactRule[]
}

/** What kind of event it is may follow from the table that the record is of, if a code table says so. */
const mayFollowStream = (pointer: string, isLookedUp: boolean): boolean => isLookedUp && pointer === '/content/kind'

/** `$stream` is a word of the configuration and `$key` may be the name of a file: nobody's fact. */
export const refuseVariables = (
  context: CompileContext,
  at: YamlPath,
  { pointer, schema }: Target,
  { sources }: Reading,
  isLookedUp: boolean,
): void => {
  const variable = sources.find(({ mapped, source }) => !mapped && source.startsWith('$'))
  if (!schema.legalFact || !variable || mayFollowStream(context.base + pointer, isLookedUp)) return
  problem(context, at, {
    zh: `字段 ${context.base + pointer} 是法律事实，须取自记录本身；${variable.source} 是记录所属的流或它的名称，不在记录里（事件的种类 /content/kind 可用代码表由 $stream 得出）`,
    en: `field ${context.base + pointer} is a legal fact and must come from the record itself; ${variable.source} names its stream or the record and is not in it (the kind of an event, /content/kind, may come from $stream by a code table)`,
  })
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

/** The times that an event of this type cannot be without; of a type without such, those that its content has by itself. */
export const ownTimesOf = ({ properties = {}, required = [] }: TargetSchema): string[] => {
  const times = Object.keys(properties).filter((name) => isTime(properties[name]!))
  const needed = times.filter((name) => required.includes(name))
  return ['/occurredAt', ...(needed.length > 0 ? needed : times).map((name) => `/content/${name}`)]
}

/** When an event happened is its own time; the case is named in the message and, in part, in its content. */
const isSameFact = (a: FactRule, b: FactRule, { ownTimes }: EventFacts): boolean => {
  if (a.pointer === b.pointer) return true
  const [inEnvelope, inContent] = a.pointer.startsWith('/content/') ? [b, a] : [a, b]
  if (!inContent.pointer.startsWith('/content/')) return false
  if (inEnvelope.pointer === '/occurredAt') return ownTimes.includes(inContent.pointer)
  return inEnvelope.pointer.startsWith('/case/') && inEnvelope.title === inContent.title
}

/** A day that was promised, or the node that a record is of, is one and the same in all of its events; when each happened is not. */
const isSameTime = (fact: FactRule, event: EventFacts, other: FactRule, otherEvent: EventFacts): boolean =>
  fact.pointer === other.pointer &&
  fact.title === other.title &&
  !(event.ownTimes.includes(fact.pointer) && otherEvent.ownTimes.includes(other.pointer))

/**
 * Whether there may be a record in which both are the same text: what each surely reads, the other reads, too. Of two times it is enough that one
 * of them has nothing of its own: the day of a time is that time, whatever is joined to it.
 */
const areCopies = (a: FactRule, b: FactRule): boolean => {
  const areTimes = { a: a.isTime, b: b.isTime }
  const isShared = ([one, other]: readonly [FactRule['pieces'][number], FactRule['pieces'][number]]): boolean =>
    mayBeOne(one.source, other.source) && mayBeSame(one, other, areTimes)
  const shared = a.pieces.flatMap((one) => b.pieces.map((other) => [one, other] as const)).filter(isShared)
  const isCovered = ({ pieces }: FactRule): boolean =>
    pieces.every((piece) => !piece.isSure || shared.some((pair) => pair.some((one) => one === piece)))
  return shared.length > 0 && (a.isTime && b.isTime ? isCovered(a) || isCovered(b) : isCovered(a) && isCovered(b))
}

const copy = (fact: FactRule, other: FactRule): GatewayError =>
  GatewayError.of('MAPPING_INVALID', {
    at: fact.at,
    reason: {
      zh: `法律事实 ${fact.pointer} 与 ${other.pointer}（${other.at}）同取自 ${fact.source}：一处只能是一个事实，来源没有的应留空`,
      en: `the legal facts ${fact.pointer} and ${other.pointer} (${other.at}) are both read from ${fact.source}: one place is one fact, and what the source does not have stays absent`,
    },
  })

/** Two events that read a time from one place, which only a record that holds several texts at one of `paths` gives both. */
interface Rivals {
  event: EventFacts
  other: EventFacts
  fact: FactRule
  paths: readonly string[]
}

/** Within one event any two facts; across events that one record can give, their times, which are what is copied there. */
export const findCopies = (events: readonly EventFacts[]): { copies: GatewayError[]; rivals: Rivals[] } => {
  const copies: GatewayError[] = []
  const rivals: Rivals[] = []
  const timesIn = (event: EventFacts): FactRule[] => {
    // When it was registered is about the record, not about one of its events.
    const times = event.facts.filter(({ isTime, pointer }) => isTime && pointer !== '/recordedAt')
    const occurred = times.find(({ pointer }) => pointer === '/occurredAt')
    const isOwn = (fact: FactRule): boolean => fact !== occurred && event.ownTimes.includes(fact.pointer)
    const isSaidTwice = occurred !== undefined && times.some((fact) => isOwn(fact) && areCopies(fact, occurred))
    return isSaidTwice ? times.filter((fact) => fact !== occurred) : times
  }
  for (const [index, event] of events.entries()) {
    const copied = new Map<FactRule, FactRule>()
    for (const [number, fact] of event.facts.entries()) {
      const own = event.facts.slice(0, number).find((other) => !isSameFact(other, fact, event) && areCopies(other, fact))
      if (own) copied.set(fact, own)
    }
    for (const other of events.slice(0, index).filter(({ type }) => type !== event.type)) {
      for (const fact of timesIn(event)) {
        const foreign = timesIn(other).find((one) => !isSameTime(fact, event, one, other) && areCopies(one, fact))
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
