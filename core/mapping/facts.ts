/**
 * No place of a record may stand for two legal facts: of the times of submission and acceptance, or of two authorities, the one that the
 * source does not have would be invented. Codes are no copies: one code may decide several facts.
 */
import { GatewayError } from '../errors.ts'
import { type CompileContext, type FactRule, isMapping, type Mapping, type Origin } from './compile-context.ts'
import { isTime, type Target } from './target.ts'

/** What the `when` of an event surely demands: of a path the texts of which it must hold one, or may hold none. */
interface Demand {
  path: string
  texts: ReadonlySet<string>
  refused: boolean
}

/** The facts of one event. */
export interface EventFacts {
  type: string
  demands: readonly Demand[]
  facts: readonly FactRule[]
}

/** Undefined for a field that is no legal fact, and for a step that makes another value of what it reads. */
export const factOf = (
  context: CompileContext,
  at: string,
  { pointer, schema }: Target,
  { source, mapped }: Origin,
): FactRule | undefined => {
  if (!schema.legalFact || !mapped) return undefined
  const around = mapped.path.fromTop || !mapped.within ? '' : `${mapped.within.path.source} › `
  return {
    at,
    pointer: context.base + pointer,
    title: schema.title ?? '',
    isTime: isTime(schema),
    place: around + mapped.path.source.replace(/^\//, ''),
    source,
  }
}

/** Only what is joined by "and" is surely demanded. */
export const demandsOf = (when: unknown): Demand[] => {
  if (Array.isArray(when)) return when.flatMap(demandsOf)
  if (!isMapping(when)) return []
  if ('all' in when) return demandsOf(when['all'])
  const refused = isMapping(when['not'])
  const { path, equals, in: list } = (refused ? when['not'] : when) as Mapping
  const texts = equals !== undefined ? [equals] : Array.isArray(list) ? list : undefined
  return texts === undefined ? [] : [{ path: String(path), texts: new Set(texts.map(String)), refused }]
}

/** Whether one record can give both. */
const mayMeet = (some: readonly Demand[], others: readonly Demand[]): boolean =>
  !some.some((a) => others.some((b) => a.path === b.path && excludes(a, b)))

const excludes = (a: Demand, b: Demand): boolean => {
  if (a.refused && b.refused) return false
  if (a.refused) return [...b.texts].every((text) => a.texts.has(text))
  return b.refused ? excludes(b, a) : ![...a.texts].some((text) => b.texts.has(text))
}

/** When it happened is the time of the fact that the event is about; the case is named in the message and, in part, in its content. */
const isSameFact = (a: FactRule, b: FactRule): boolean => {
  if (a.pointer === b.pointer) return true
  const [inEnvelope, inContent] = a.pointer.startsWith('/content/') ? [b, a] : [a, b]
  if (!inContent.pointer.startsWith('/content/')) return false
  if (inEnvelope.pointer === '/occurredAt') return true
  return inEnvelope.pointer.startsWith('/case/') && inEnvelope.title === inContent.title
}

const copy = (fact: FactRule, other: FactRule): GatewayError =>
  GatewayError.of('MAPPING_INVALID', {
    at: fact.at,
    reason: {
      zh: `法律事实 ${fact.pointer} 与 ${other.pointer}（${other.at}）同取自 ${fact.source}：一处只能是一个事实，来源没有的应留空`,
      en: `the legal facts ${fact.pointer} and ${other.pointer} (${other.at}) are both read from ${fact.source}: one place is one fact, and what the source does not have stays absent`,
    },
  })

/** Within one event any two facts; across events that one record can give, the times, which are what is copied there. */
export const findCopies = (events: readonly EventFacts[]): GatewayError[] => {
  const copies: GatewayError[] = []
  for (const [index, event] of events.entries()) {
    for (const [number, fact] of event.facts.entries()) {
      const own = event.facts.slice(0, number).find((other) => other.place === fact.place && !isSameFact(other, fact))
      const foreign = events
        .slice(0, index)
        .filter(({ type, demands }) => type !== event.type && mayMeet(demands, event.demands))
        .flatMap(({ facts }) => facts)
        .find((other) => isContentTime(fact) && isContentTime(other) && other.place === fact.place)
      const other = own ?? foreign
      if (other) copies.push(copy(fact, other))
    }
  }
  return copies
}

const isContentTime = ({ isTime, pointer }: FactRule): boolean => isTime && pointer.startsWith('/content/')
