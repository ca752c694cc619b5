/** Compares the paths of a mapping with what the records of its streams hold: a name that is nowhere would be an absent field without a word. */
import type { Path } from '../codec/path.ts'
import { didYouMean } from '../did-you-mean.ts'
import { GatewayError } from '../errors.ts'
import type { Field, StreamFields } from '../probe.ts'
import { fromTop, type MappedPath } from './compile-context.ts'
import type { Mapping } from './mapping.ts'

/** What the nodes at a place hold, one entry for each kind of node; undefined: not known, so anything may be there. */
type Held = (readonly Field[] | undefined)[]

interface Missing {
  name: string
  known: string[]
}

const isAttribute = ({ name }: Field): boolean => name.startsWith('@')

const named = (held: Held, name: string): Field[] =>
  held.flatMap((fields) => (fields ?? []).filter((field) => (name === '*' ? !isAttribute(field) : field.name === name)))

/** Where a path leads from there; undefined when that is not known. */
const follow = (steps: Path['steps'], from: Held): { held: Held | undefined; missing: Missing[] } => {
  const missing: Missing[] = []
  const find = (held: Held, attribute: boolean, written: string): Held | undefined => {
    if (held.includes(undefined)) return undefined
    const name = attribute ? `@${written}` : written
    const found = named(held, name)
    if (found.length > 0) return found.map(({ fields }) => fields)
    missing.push({ name, known: [...new Set(held.flatMap((fields) => (fields ?? []).map((field) => field.name)))] })
    return undefined
  }
  let held: Held | undefined = from
  for (const { kind, name, filters } of steps) {
    if (kind === 'self') continue
    held = find(held, kind === 'attribute', name)
    if (!held) break
    for (const filter of filters) if (filter.kind === 'equals') find(held, filter.attribute, filter.name)
  }
  return { held, missing }
}

/**
 * One mistake for each name that no record has. A path is looked for in the streams that the `when` of its event names by `$stream`, or in all;
 * it is in order when one of them has it. Contract: `streams` are all that the mapping is used for.
 */
export const findUnknownPaths = ({ paths }: Pick<Mapping, 'paths'>, streams: readonly StreamFields[]): GatewayError[] => {
  const entries = new Map<MappedPath, Held>()
  return paths.flatMap((mapped) => {
    const { at, path, within } = mapped
    const named = streams.filter(({ stream }) => mapped.streams?.has(stream) ?? true)
    // A stream that the source does not have is told by nobody here: then the path is looked for in all.
    const own = named.length > 0 ? named : streams
    const from = path.fromTop || !within ? own.map(({ fields }) => fields) : (entries.get(within) ?? [undefined])
    const { held, missing } = follow(path.steps, from)
    entries.set(mapped, held ?? [undefined])
    return missing.map(({ name, known }) =>
      GatewayError.of('MAPPING_PATH_UNKNOWN', {
        at,
        path: fromTop(mapped),
        streams: own.map(({ stream }) => stream).join(', '),
        name,
        suggestion: didYouMean(name, known),
      }),
    )
  })
}
