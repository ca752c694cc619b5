/**
 * Compares the paths of a mapping with what the records of its streams hold: a name that is nowhere would be an absent field without a
 * word, a structure read as a value would quarantine every record that has it.
 */
import type { Path } from '../codec/path.ts'
import { didYouMean } from '../did-you-mean.ts'
import { GatewayError, type Text } from '../errors.ts'
import type { Field, StreamFields } from '../probe.ts'
import { fromTop, type MappedPath } from './compile-context.ts'
import type { Mapping } from './mapping.ts'

/** What the nodes at a place hold, one entry for each kind of node; undefined: not known, so anything may be there. */
type Held = (readonly Field[] | undefined)[]

interface Missing {
  name: string
  known: string[]
}

interface Followed {
  held: Held | undefined
  /** Everything that the path goes through or asks of. */
  touched: Field[]
  missing: Missing[]
  /** What stands at the end of the path; none when that is not known. */
  found: readonly Field[]
  /** The step at which there may be several, none of which the path chooses. */
  several: string | undefined
  /** A step that was only found without its prefix. */
  prefixed: string | undefined
}

const isAttribute = ({ name }: Field): boolean => name.startsWith('@')

/** Attributes that every XML document may have: xsi:nil, xsi:type, xml:lang. */
const isAnywhere = (name: string): boolean => /^@(xsi|xml):/.test(name)

/**
 * A schema does not know the prefix that a document uses, and that a path may repeat. Elements are found without, too; attributes of a
 * namespace, which schemas name `@:href`, only with one.
 */
const withoutPrefix = (name: string): string =>
  name.startsWith('@') ? name.replace(/^@[^:]*:/, '@:') : name.replace(/^[^:]*:/, '')

const named = (held: Held, name: string): Field[] => {
  const all = held.flatMap((fields) => fields ?? [])
  if (name === '*') return all.filter((field) => !isAttribute(field))
  const exact = all.filter((field) => field.name === name)
  if (exact.length > 0) return exact
  const others = all.filter((field) => field.name === withoutPrefix(name))
  return others.length > 0 || !name.startsWith('@') ? others : all.filter((field) => field.name === '@*')
}

/** Where a path leads from there. */
const follow = (steps: Path['steps'], from: Held): Followed => {
  const missing: Missing[] = []
  const touched: Field[] = []
  let prefixed: string | undefined
  const find = (held: Held, attribute: boolean, written: string): Field[] => {
    const name = attribute ? `@${written}` : written
    if (held.includes(undefined) || isAnywhere(name)) return []
    const found = named(held, name)
    if (found.length === 0)
      missing.push({ name, known: [...new Set(held.flatMap((fields) => (fields ?? []).map((field) => field.name)))] })
    else if (!attribute && name !== '*' && found.every((field) => field.name !== name)) prefixed ??= name
    touched.push(...found)
    return found
  }
  let held: Held = from
  let found: readonly Field[] = []
  let several: string | undefined
  for (const { kind, name, filters } of steps) {
    if (kind === 'self') continue
    found = find(held, kind === 'attribute', name)
    if (found.length === 0) return { held: undefined, touched, missing, found, several, prefixed }
    held = found.map(({ fields }) => fields)
    if (filters.length === 0 && found.some(({ repeats }) => repeats)) several ??= name
    for (const filter of filters) if (filter.kind === 'equals') find(held, filter.attribute, filter.name)
  }
  return { held, touched, missing, found, several, prefixed }
}

const structureRead = (one: boolean, { found }: Followed): Text | undefined =>
  one && found.length > 0 && found.every(({ isStructure }) => isStructure)
    ? {
        zh: '此处只有下级元素，没有文字，取不到单个值',
        en: 'there are only elements there and no text: it gives no single value',
      }
    : undefined

const doubtsOf = (one: boolean, { several, prefixed }: Followed): Text[] => [
  ...(one && several !== undefined
    ? [
        {
          zh: `“${several}”可以出现多次，而此处取单个值：出现多次的记录会被隔离`,
          en: `"${several}" may be there several times, and one value is wanted: a record with several is quarantined`,
        },
      ]
    : []),
  ...(prefixed !== undefined
    ? [
        {
          zh: `“${prefixed}”只认原样写这个前缀的文件；去掉前缀则任何前缀都认`,
          en: `"${prefixed}" is found only in documents that write this very prefix; without it, it is found under any`,
        },
      ]
    : []),
]

/** What no path touches, as paths from the record on; below what is not touched at all nothing is told. */
const unreadIn = (fields: readonly Field[], touched: ReadonlySet<Field>, seen: readonly Field[] = []): string[] =>
  fields
    .filter((field) => field.name !== '@*' && !seen.includes(field))
    .flatMap((field) => {
      if (!touched.has(field)) return [field.name]
      const inner = field.isStructure ? (field.fields ?? []) : []
      return unreadIn(inner, touched, [...seen, field]).map((name) => `${field.name}/${name}`)
    })

export interface PathFindings {
  problems: GatewayError[]
  warnings: GatewayError[]
}

/** Streams that a `when` names and none of these is: their events would never come. `streams`: of all that use the mapping. */
export const findUnknownStreams = (
  { paths }: Pick<Mapping, 'paths'>,
  streams: readonly Pick<StreamFields, 'stream'>[],
): GatewayError[] => {
  const known = streams.map(({ stream }) => stream)
  const told = new Set<string>()
  return paths.flatMap(({ streams: wanted }) =>
    [...(wanted ?? [])]
      .filter(([name, at]) => !known.includes(name) && !told.has(at))
      .map(([name, at]) => {
        told.add(at)
        const place = { at, path: '$stream', streams: known.join(', '), name, suggestion: didYouMean(name, known) }
        return GatewayError.of('MAPPING_PATH_UNKNOWN', place)
      }),
  )
}

/**
 * One mistake for each name that no record has, and each value that is none; a warning for what a record may have several of, for what is
 * never read, and for what is nowhere but may be missing. A path is looked for in the streams that the `when` of its event names by `$stream`, or in all; it
 * is in order when one of them has it. An event that is for none of them is another system's. Contract: `streams` are all that a system reads.
 */
export const comparePaths = (
  { name, paths }: Pick<Mapping, 'name' | 'paths'>,
  streams: readonly StreamFields[],
): PathFindings => {
  const entries = new Map<MappedPath, Held>()
  const findings: PathFindings = { problems: [], warnings: [] }
  const touched = new Set<Field>()
  for (const mapped of paths) {
    const { at, path, within, isOne } = mapped
    const own = streams.filter(({ stream }) => mapped.streams?.has(stream) ?? true)
    if (own.length === 0) continue
    const from = path.fromTop || !within ? own.map(({ fields }) => fields) : (entries.get(within) ?? [undefined])
    const followed = follow(path.steps, from)
    entries.set(mapped, followed.held ?? [undefined])
    for (const field of followed.touched) touched.add(field)
    const place = { at, path: fromTop(mapped), streams: own.map(({ stream }) => stream).join(', ') }
    for (const { name, known } of followed.missing)
      (mapped.mayBeMissing ? findings.warnings : findings.problems).push(
        GatewayError.of('MAPPING_PATH_UNKNOWN', { ...place, name, suggestion: didYouMean(name, known) }),
      )
    const mistake = structureRead(isOne, followed)
    if (mistake) findings.problems.push(GatewayError.of('MAPPING_PATH_SHAPE', { ...place, reason: mistake }))
    else
      for (const reason of doubtsOf(isOne, followed))
        findings.warnings.push(GatewayError.of('MAPPING_PATH_SHAPE', { ...place, reason }))
  }
  for (const { stream, fields = [] } of streams) {
    const unread = unreadIn(fields, touched)
    if (unread.length > 0)
      findings.warnings.push(
        GatewayError.of('MAPPING_FIELDS_UNREAD', { at: `mappings/${name}.yaml:1:1`, stream, names: unread.join(', ') }),
      )
  }
  return findings
}
