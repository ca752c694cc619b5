import type { Flag } from '../canonical/index.ts'
import { notAPath, type Path, type PathContext, parsePath, type Step, type TreeNode } from '../codec/path.ts'
import type { MappingFunction } from '../contract.ts'
import type { Correction } from '../correction.ts'
import { didYouMean } from '../did-you-mean.ts'
import { GatewayError, type Text } from '../errors.ts'
import type { YamlFile, YamlPath } from '../yaml.ts'
import type { CodeTable, TableVersion } from './codes/table.ts'
import type { EventEntry } from './entries.ts'
import type { Piece } from './expression-facts.ts'
import { wordsOf } from './language/construct.ts'
import { zonePattern } from './language/dates.ts'
import { recordWords } from './language/paths.ts'
import type { failureWays } from './language/rules.ts'
import { type OwnCode, openOwnCode } from './own-code.ts'
import type { ProvenanceNotes } from './provenance.ts'
import type { TargetSchema } from './target.ts'
import type { Tracer } from './trace.ts'

export type PluginFunction = MappingFunction

/** What one mapping file is compiled with. Mistakes are collected, so that lint shows all of them at once. */
export interface CompileContext {
  yaml: YamlFile
  zone: string
  onFailure: OnFailure
  placeholders: ReadonlySet<string>
  /** The path that a plain name stands for, with `?` in its place; for dialects that keep every value in one kind of element. */
  names: string | undefined
  codes: ReadonlyMap<string, CodeTable>
  /** What of them the rules use. */
  usedTables: Set<TableVersion>
  /** Undefined for a plug-in with a mistake, which is told by itself: which functions it has is not known. */
  plugin: Readonly<Record<string, PluginFunction>> | undefined
  own: OwnCode
  /** Every path that was compiled, a list before the paths of its entries. */
  paths: MappedPath[]
  /** The place of every rule that was compiled since the event began, or since the mapping did. */
  places: RulePlace[]
  /** The legal facts that were compiled since the event began, or since the mapping did. */
  facts: FactRule[]
  /** The streams that the event at work is for, with the place that names each; undefined outside of events, and when it may be for any. */
  streams: ReadonlyMap<string, string> | undefined
  /** The list whose entries the rules are about; undefined for the record. */
  within: MappedPath | undefined
  /** JSON pointer of the lists around, `*` for an entry; empty at the top. */
  base: string
  problems: GatewayError[]
  /** Set when the rules are to tell what they do. Consulted while compiling only: what is compiled without it knows nothing of it. */
  trace: Tracer | undefined
}

/** What a mapping is compiled with before anything of it was read: the way up sets what it has more of. */
export const openContext = (yaml: YamlFile, problems: GatewayError[]): CompileContext => ({
  yaml,
  zone: '+08:00',
  onFailure: 'quarantine',
  placeholders: new Set(),
  names: undefined,
  codes: new Map(),
  usedTables: new Set(),
  plugin: {},
  own: openOwnCode(),
  paths: [],
  places: [],
  facts: [],
  streams: undefined,
  within: undefined,
  base: '',
  problems,
  trace: undefined,
})

/** The time zone that a mapping declares, in which times without one are read or written. */
export const setZone = (context: CompileContext, given: unknown): void => {
  if (given === undefined) return
  if (zonePattern.test(String(given))) context.zone = String(given)
  else
    problem(context, ['zone'], {
      zh: '时区写法如 "+08:00"，不超过 14:00',
      en: 'zone is written like "+08:00", and is no more than 14:00',
    })
}

/** A path of a mapping and its place, for comparing it with what records hold. */
export interface MappedPath {
  /** `file:line:column`. */
  at: string
  path: Path
  /** The list of the `each` around it; undefined when it begins at the record. */
  within: MappedPath | undefined
  /** The streams that its event is for, by its `when`, with the place that names each; undefined when it may be for any. */
  streams: ReadonlyMap<string, string> | undefined
  /** Whoever reads it wants one text. */
  isOne: boolean
  /** Whoever reads it reckons with a record that knows nothing of it. */
  mayBeMissing: boolean
  /** The field that takes the text as it stands, or as a number. */
  field?: TargetSchema
}

/** The path as it would be written at the top of the record. */
export const fromTop = ({ path, within }: MappedPath): string =>
  path.fromTop || !within ? path.source : `${fromTop(within)}/${path.source}`

/** Where the rule of a field stands. */
export interface RulePlace {
  /** `file:line:column`. */
  at: string
  /** JSON pointer in the message, `*` for the entries of a list. */
  pointer: string
}

/** A rule that gives a legal fact as the record has it, in one place or put together of some. */
export interface FactRule {
  /** `file:line:column`. */
  at: string
  /** JSON pointer in the message, `*` for the entries of a list. */
  pointer: string
  title: string
  isTime: boolean
  pieces: readonly Piece<readonly Step[]>[]
  /** Where it reads, as written. */
  source: string
}

export type OnFailure = keyof typeof failureWays

/** What a compiled rule sees of the record it runs on. */
export interface Scope extends PathContext {
  variables: Record<Variable, string>
  flags: Flag[]
  notes: ProvenanceNotes
  /** What a person decided of this record, by field. */
  corrected: ReadonlyMap<string, Correction> | undefined
  /** The entry of the event's `each`; undefined in rules about the record. */
  entry?: EventEntry | undefined
  /** JSON pointer of the list entry that the rule runs inside, counted by the source; empty at the top. */
  base: string
  /** Where that entry stands in the record; told only while tracing. */
  place?: string
}

/**
 * The scope of another node. A bare spread, and then the members: on Node.js 20, V8 gives each object of `{ ...scope, node }` a shape of its own,
 * which takes a hundred times as long, and whatever reads it afterwards is slow, too (decision 24).
 */
export const scopeAt = (scope: Scope, node: TreeNode, base = scope.base): Scope => {
  const inner = { ...scope }
  inner.node = node
  inner.base = base
  return inner
}

/** `$stream` and `$key`: what the record is one of, and its name at the source. */
type Variable = keyof typeof recordWords

/** Where a rule takes its values from. */
export interface Origin {
  /** As written, for messages. */
  source: string
  select(scope: Scope): TreeNode[]
  /** Undefined for `$stream` and `$key`, which are no part of the record. */
  mapped?: MappedPath
}

export type Rule<T = unknown> = (scope: Scope) => T | undefined

export type Mapping = Record<string, unknown>

export const isMapping = (value: unknown): value is Mapping =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

export const problem = (context: CompileContext, path: YamlPath, reason: Text): void => {
  context.problems.push(GatewayError.of('MAPPING_INVALID', { at: context.yaml.at(path), reason }))
}

/** Says of each key that is not allowed here where it stands and what was probably meant. */
export const checkKeys = (
  context: Pick<CompileContext, 'yaml' | 'problems'>,
  value: Mapping,
  path: YamlPath,
  allowed: readonly string[],
): void => {
  for (const key of Object.keys(value)) {
    if (allowed.includes(key)) continue
    context.problems.push(
      GatewayError.of('CONFIG_KEY_UNKNOWN', {
        at: context.yaml.keyAt([...path, key]),
        key,
        suggestion: didYouMean(key, allowed),
      }),
    )
  }
}

const plainName = /^[\p{L}\p{N}_-]+$/u

const isVariable = (written: string): written is `$${Variable}` => wordsOf(recordWords).some((word) => written === `$${word}`)

/**
 * A path as in core/codec/path.ts, and what only a mapping knows: `$stream`, `$key`, and, with `names: Field[@FieldName='?']`, the
 * plain name `SBLSH` as short for Field[@FieldName='SBLSH']. `isOne`: whoever reads it wants one text.
 */
export const compilePath = (
  context: CompileContext,
  value: unknown,
  path: YamlPath,
  isOne = false,
  mayBeMissing = false,
): Origin => {
  const written = typeof value === 'string' ? value.trim() : ''
  const source = context.names !== undefined && plainName.test(written) ? context.names.replaceAll('?', written) : written
  if (isVariable(source)) {
    const name = source.slice(1) as Variable
    return { source, select: ({ variables }) => [variables[name]] }
  }
  const compiled = parsePath(source)
  if (compiled) {
    const { within, streams } = context
    const mapped: MappedPath = { at: context.yaml.at(path), path: compiled, within, streams, isOne, mayBeMissing }
    context.paths.push(mapped)
    return { source, select: compiled.select, mapped }
  }
  problem(context, path, notAPath(String(value)))
  return { source, select: () => [] }
}

/** For the rules inside an `each`; `pointer` is what an entry adds to theirs. */
export const withinList = (context: CompileContext, { mapped }: Origin, pointer = ''): CompileContext => ({
  ...context,
  within: mapped ?? context.within,
  base: context.base + pointer,
})

export const oneOf = <T extends string>(
  context: CompileContext,
  value: unknown,
  path: YamlPath,
  allowed: readonly T[],
  otherwise: T,
): T => {
  if (value === undefined) return otherwise
  if (allowed.includes(value as T)) return value as T
  problem(context, path, { zh: `只能是 ${allowed.join(' 或 ')}`, en: `must be ${allowed.join(' or ')}` })
  return otherwise
}
