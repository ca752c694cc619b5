/**
 * No place of a record may stand for two legal facts: of the times of submission and acceptance, or of two authorities, the one that the
 * source does not have would be invented. Codes are no copies: one code may decide several facts.
 */
import { GatewayError } from '../errors.ts'
import type { YamlFile, YamlPath } from '../yaml.ts'
import { type CompileContext, type FactRule, isMapping, type MappedPath, type Mapping, type Origin } from './compile-context.ts'
import { isTime, type Target, type TargetSchema } from './target.ts'

/** What the `when` of an event surely demands: of a path the texts of which it must hold one, or may hold none. */
interface Demand {
  path: string
  texts: ReadonlySet<string>
  refused: boolean
}

/** The facts of one event. */
export interface EventFacts {
  type: string
  /** Its own time: the times that an event of this type cannot be without, as JSON pointers. */
  ownTimes: readonly string[]
  /** The ways in which its `when` can hold. */
  demands: readonly (readonly Demand[])[]
  facts: readonly FactRule[]
}

/** However it is spelt: `./NAME`, `NAME[1]` and `/NAME` are the place `NAME`, where a rule wants one text. */
const stepsOf = ({ path, within }: MappedPath): unknown[] => [
  ...(path.fromTop || !within ? [] : stepsOf(within)),
  ...path.steps
    .filter(({ kind }) => kind !== 'self')
    .map(({ kind, name, filters }) => [kind, name, filters.filter((filter) => filter.kind !== 'index' || filter.index !== 1)]),
]

/** Undefined for a field that is no legal fact, and for a step that makes another value of what it reads. */
export const factOf = (
  context: CompileContext,
  at: string,
  { pointer, schema }: Target,
  { source, mapped }: Origin,
): FactRule | undefined => {
  if (!schema.legalFact || !mapped) return undefined
  return {
    at,
    pointer: context.base + pointer,
    title: schema.title ?? '',
    place: JSON.stringify(stepsOf(mapped)),
    source,
  }
}

/**
 * The ways in which the `when` at `at` can hold, each with what it surely demands; other conditions than equality demand nothing here. Texts
 * are those of the file, as for the condition itself: `01` is no `1`.
 */
export const demandsOf = (yaml: YamlFile, when: unknown, at: YamlPath): Demand[][] => {
  const both = (parts: unknown[], under: YamlPath): Demand[][] =>
    parts
      .map((part, index) => demandsOf(yaml, part, [...under, index]))
      .reduce<Demand[][]>((ways, more) => ways.flatMap((way) => more.map((one) => [...way, ...one])), [[]])
  if (Array.isArray(when)) return both(when, at)
  if (!isMapping(when)) return [[]]
  if ('all' in when) return demandsOf(yaml, when['all'], [...at, 'all'])
  if (Array.isArray(when['any'])) return when['any'].flatMap((part, index) => demandsOf(yaml, part, [...at, 'any', index]))
  const refused = isMapping(when['not'])
  const test = (refused ? when['not'] : when) as Mapping
  const under = refused ? [...at, 'not'] : at
  const { path, equals, in: list } = test
  const written = (value: unknown, ...key: (string | number)[]): string => yaml.textAt([...under, ...key]) ?? String(value)
  const texts =
    equals !== undefined
      ? [written(equals, 'equals')]
      : Array.isArray(list)
        ? list.map((value, index) => written(value, 'in', index))
        : undefined
  return texts === undefined ? [[]] : [[{ path: String(path), texts: new Set(texts), refused }]]
}

/** The streams of which a record must be one, when every way says so. */
export const streamsOf = (ways: EventFacts['demands']): ReadonlySet<string> | undefined => {
  const named = ways.map((way) => way.find(({ path, refused }) => path === '$stream' && !refused)?.texts)
  return named.every((texts) => texts !== undefined) ? new Set(named.flatMap((texts) => [...texts])) : undefined
}

/** The pointers of its own times, by the schema of its content. */
export const ownTimesOf = ({ properties = {}, required = [] }: TargetSchema): string[] =>
  required.filter((name) => isTime(properties[name] ?? {})).map((name) => `/content/${name}`)

/** Whether one record can give both. */
const mayMeet = (some: EventFacts['demands'], others: EventFacts['demands']): boolean =>
  some.some((way) => others.some((other) => !way.some((a) => other.some((b) => a.path === b.path && excludes(a, b)))))

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

/** Within one event any two facts; across events that one record can give, their own times, which are what is copied there. */
export const findCopies = (events: readonly EventFacts[]): GatewayError[] => {
  const copies: GatewayError[] = []
  for (const [index, event] of events.entries()) {
    for (const [number, fact] of event.facts.entries()) {
      const own = event.facts.slice(0, number).find((other) => other.place === fact.place && !isSameFact(other, fact))
      const foreign = events
        .slice(0, index)
        .filter(({ type, demands }) => type !== event.type && mayMeet(demands, event.demands))
        .flatMap(({ facts, ownTimes }) => facts.filter(({ pointer }) => ownTimes.includes(pointer)))
        .find((other) => event.ownTimes.includes(fact.pointer) && other.place === fact.place)
      const other = own ?? foreign
      if (other) copies.push(copy(fact, other))
    }
  }
  return copies
}
