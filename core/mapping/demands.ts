/** What the `when` of an event demands, as far as it says: which streams it is for, and whether one record can meet two of them. */
import type { YamlFile, YamlPath } from '../yaml.ts'
import { isMapping } from './compile-context.ts'

type Places = ReadonlyMap<string, string>

/** That a path holds one of some texts, or none of them. */
interface TextDemand {
  kind: 'text'
  path: string
  /** With the place of each, `file:line:column`. */
  texts: Places
  refused: boolean
}

/** A tree as the file has it: written out in all the ways in which it can hold, it would double with every `any`. */
export type Demand = TextDemand | { kind: 'all' | 'any'; parts: readonly Demand[] }

/** Other conditions than equality may hold of any record. */
const nothing: Demand = { kind: 'all', parts: [] }

/** Texts are those of the file, as for the condition itself: `01` is no `1`. Under `not` it is turned round down to its tests. */
export const demandOf = (yaml: YamlFile, when: unknown, at: YamlPath, refused = false): Demand => {
  const group = (parts: unknown[], isAll: boolean, under: YamlPath): Demand => ({
    kind: isAll === refused ? 'any' : 'all',
    parts: parts.map((part, index) => demandOf(yaml, part, [...under, index], refused)),
  })
  if (Array.isArray(when)) return group(when, true, at)
  if (!isMapping(when)) return nothing
  if ('all' in when) return demandOf(yaml, when['all'], [...at, 'all'], refused)
  if (Array.isArray(when['any'])) return group(when['any'], false, [...at, 'any'])
  if ('not' in when) return demandOf(yaml, when['not'], [...at, 'not'], !refused)
  const { path, equals, in: list } = when
  const written = (value: unknown, ...key: YamlPath): [text: string, at: string] => [
    (yaml.textAt([...at, ...key]) ?? String(value)).trim(),
    yaml.at([...at, ...key]),
  ]
  const texts =
    equals !== undefined
      ? [written(equals, 'equals')]
      : Array.isArray(list)
        ? list.map((value, index) => written(value, 'in', index))
        : undefined
  return texts === undefined ? nothing : { kind: 'text', path: String(path), texts: new Map(texts), refused }
}

/** The streams of which a record must be one, with the place of each name; undefined when it may be of any. */
export const streamsOf = (demand: Demand): Places | undefined => {
  if (demand.kind === 'text') return demand.path === '$stream' && !demand.refused ? demand.texts : undefined
  const named = demand.parts.map(streamsOf)
  if (demand.kind === 'all') return named.find((streams) => streams !== undefined)
  return named.every((streams) => streams !== undefined) ? new Map(named.flatMap((streams) => [...streams])) : undefined
}

/** The tests of a demand, wherever they stand in it. */
const testsOf = (demand: Demand): TextDemand[] => (demand.kind === 'text' ? [demand] : demand.parts.flatMap(testsOf))

/** Two texts at one path exclude each other only where it holds a single one: `$stream` and `$key` do, others may hold several. */
const excludes = (a: TextDemand, b: TextDemand, single: boolean): boolean => {
  if (a.path !== b.path || (a.refused && b.refused)) return false
  if (a.refused) return [...b.texts.keys()].every((text) => a.texts.has(text))
  if (b.refused) return excludes(b, a, single)
  return (single || a.path.startsWith('$')) && ![...a.texts.keys()].some((text) => b.texts.has(text))
}

/** Never true of two that one record can meet. Each pair of parts is looked at once, however they are nested. */
const neverBoth = (one: Demand, other: Demand, single: boolean): boolean => {
  const known = new Map<Demand, Map<Demand, boolean>>()
  const decide = (a: Demand, b: Demand): boolean => {
    if (a.kind === 'any') return a.parts.every((part) => look(part, b))
    if (b.kind === 'any') return b.parts.every((part) => look(a, part))
    if (a.kind === 'text' && b.kind === 'text') return excludes(a, b, single)
    return (
      (a.kind === 'all' && a.parts.some((part) => look(part, b))) || (b.kind === 'all' && b.parts.some((part) => look(a, part)))
    )
  }
  const look = (a: Demand, b: Demand): boolean => {
    const row = known.get(a) ?? new Map<Demand, boolean>()
    known.set(a, row)
    const found = row.get(b) ?? decide(a, b)
    row.set(b, found)
    return found
  }
  return look(one, other)
}

/**
 * Whether one record can meet both: `no`, `yes`, or, named by their paths, only a record that holds several texts at one of them.
 */
export const meeting = (one: Demand, other: Demand): 'no' | 'yes' | { several: readonly string[] } => {
  if (neverBoth(one, other, false)) return 'no'
  if (!neverBoth(one, other, true)) return 'yes'
  const paths = new Set(testsOf(other).map(({ path }) => path))
  const shared = testsOf(one).filter(({ path }) => paths.has(path) && !path.startsWith('$'))
  return { several: [...new Set(shared.map(({ path }) => path))] }
}
