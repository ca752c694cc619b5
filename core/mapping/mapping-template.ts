/** What the rules of a mapping read, as one tree: where each path of it leads, and what stands there by its rules. */
import type { Filter, Path } from '../codec/path.ts'
import { parseYaml, type YamlFile, type YamlPath } from '../yaml.ts'
import type { CodeTable } from './codes/table.ts'
import { isMapping, type MappedPath } from './compile-context.ts'
import type { Mapping } from './mapping.ts'
import type { TargetSchema } from './target.ts'

/** What the rules say of a value: texts that they know, dates and patterns that they want. */
export interface Hints {
  texts: Set<string>
  dates: Set<string>
  patterns: Set<string>
  numbers: boolean
  /** What takes it as it stands, or as a number. */
  fields: TargetSchema[]
  /** A function takes it: what that is, nobody here knows. */
  called: boolean
  /** What an `ignore` looks for: it ends the record, and is met now and then only. */
  ignored: Set<string>
}

/** A part of a record: an element, a property, or an attribute. */
export interface TemplateNode {
  kind: 'child' | 'attribute'
  name: string
  filters: readonly Filter[]
  isList: boolean
  /** Undefined for what only holds others. */
  hints: Hints | undefined
  children: TemplateNode[]
}

export interface Template {
  root: TemplateNode
  streams: readonly string[]
  /** For each event, the values by which its `when` is most likely to hold: of nodes, and of the stream. */
  wishes: readonly { nodes: ReadonlyMap<TemplateNode, readonly string[]>; streams: readonly string[] }[]
  /** Attributes are a thing of XML. */
  isXml: boolean
}

const createNode = (kind: TemplateNode['kind'], name: string, filters: readonly Filter[] = []): TemplateNode => ({
  kind,
  name,
  filters,
  isList: false,
  hints: undefined,
  children: [],
})

const childOf = (parent: TemplateNode, kind: TemplateNode['kind'], name: string, filters: readonly Filter[]): TemplateNode => {
  const wanted = JSON.stringify([kind, name, filters])
  const known = parent.children.find((child) => JSON.stringify([child.kind, child.name, child.filters]) === wanted)
  if (known) return known
  const made = createNode(kind, name, filters)
  parent.children.push(made)
  return made
}

/** Where a path leads; `*` is a child of some name. */
const follow = (from: TemplateNode, { steps }: Path): TemplateNode =>
  steps.reduce(
    (node, { kind, name, filters }) => (kind === 'self' ? node : childOf(node, kind, name === '*' ? 'any' : name, filters)),
    from,
  )

const noHints = (): Hints => ({
  texts: new Set(),
  dates: new Set(),
  patterns: new Set(),
  numbers: false,
  fields: [],
  called: false,
  ignored: new Set(),
})

const scalars = (value: unknown): string[] =>
  [value].flat().flatMap((one) => (['string', 'number', 'boolean'].includes(typeof one) ? [String(one)] : []))

const rowsNamed = (tables: ReadonlyMap<string, CodeTable>, name: string): string[] =>
  (tables.get(name) ?? tables.get(name.replace(/@[^@]*$/, '')))?.versions.flatMap(({ rows }) => rows.map(({ code }) => code)) ??
  []

/** Adds what the mapping around a path (`from`, `path`, or a bare text) says of the value there. */
const addHints = (hints: Hints, rule: unknown, tables: ReadonlyMap<string, CodeTable>): void => {
  if (!isMapping(rule)) return
  const add = (to: Set<string>, values: unknown) => {
    for (const value of scalars(values)) to.add(value)
  }
  const { codes } = rule
  const table = isMapping(codes) ? codes['table'] : codes
  if (typeof table === 'string') add(hints.texts, rowsNamed(tables, table))
  add(hints.dates, rule['date'])
  add(hints.texts, rule['equals'])
  add(hints.texts, rule['in'])
  add(hints.patterns, rule['matches'])
  add(hints.patterns, rule['pattern'])
  if (isMapping(rule['values'])) add(hints.texts, Object.keys(rule['values']))
  if (rule['number'] !== undefined) hints.numbers = true
  if (rule['call'] !== undefined) hints.called = true
}

interface WrittenPath {
  at: string
  rule: unknown
  path: YamlPath
  written: unknown
}

/** Every text of a YAML value with its place and the mapping that it stands in. */
function* textsIn(yaml: YamlFile, value: unknown, path: YamlPath, around: unknown): Generator<WrittenPath> {
  if (typeof value === 'string') yield { at: yaml.at(path), rule: around, path, written: value }
  else if (Array.isArray(value))
    for (const [index, entry] of value.entries()) yield* textsIn(yaml, entry, [...path, index], undefined)
  else if (isMapping(value)) {
    for (const [key, member] of Object.entries(value)) {
      const isRead = key === 'from' || key === 'path' || key === 'each'
      yield* textsIn(yaml, member, [...path, key], isRead ? value : undefined)
    }
  }
}

const texts = (mapping: Mapping): WrittenPath[] => {
  const [department, file] = mapping.name.split('/') as [string, string]
  const main = `${file}.yaml`
  const yaml = parseYaml(`mappings/${department}/${main}`, mapping.files[main] ?? '')
  const ofTables = [...mapping.tables.values()].flatMap(({ versions }) =>
    versions.flatMap(({ rows }) =>
      rows.flatMap(({ when }) => (when ? [...textsIn(when.yaml, when.value, when.path, undefined)] : [])),
    ),
  )
  return [...textsIn(yaml, yaml.value, [], undefined), ...ofTables]
}

/** The conditions that a `when` demands at once; what stands behind `any` and `not` is left to chance. */
const demanded = (when: unknown): Record<string, unknown>[] => {
  if (Array.isArray(when)) return when.flatMap(demanded)
  if (!isMapping(when)) return []
  return 'all' in when ? demanded(when['all']) : 'path' in when ? [when] : []
}

/** Everything that `mapping` reads, in one tree. */
export const templateOf = (mapping: Mapping): Template => {
  const root = createNode('child', 'record')
  const nodes = new Map<MappedPath, TemplateNode>()
  const places = new Map<string, TemplateNode[]>()
  const nodeOf = (mapped: MappedPath): TemplateNode => {
    const known = nodes.get(mapped)
    if (known) return known
    const made = follow(mapped.within && !mapped.path.fromTop ? nodeOf(mapped.within) : root, mapped.path)
    if (mapped.within) nodeOf(mapped.within).isList = true
    nodes.set(mapped, made)
    return made
  }
  for (const mapped of mapping.paths) {
    const node = nodeOf(mapped)
    if (mapped.field) {
      node.hints ??= noHints()
      node.hints.fields.push(mapped.field)
    }
    places.set(mapped.at, [...(places.get(mapped.at) ?? []), node])
  }
  const streams = new Set<string>()
  const written = texts(mapping)
  for (const { at, rule, written: text, path } of written) {
    if (text === '$stream') {
      const hints = noHints()
      addHints(hints, rule, mapping.tables)
      for (const stream of hints.texts) streams.add(stream)
      continue
    }
    for (const node of places.get(at) ?? []) {
      if (path.at(-1) === 'each') {
        node.isList = true
        continue
      }
      node.hints ??= noHints()
      if (path[0] === 'ignore' && isMapping(rule))
        for (const text of scalars(rule['equals'] ?? rule['in'])) node.hints.ignored.add(text)
      else addHints(node.hints, rule, mapping.tables)
    }
  }
  const events = written.length === 0 ? [] : eventsOf(mapping)
  const wishes = events.map((event) => {
    const wanted = new Map<TemplateNode, readonly string[]>()
    const wantedStreams: string[] = []
    for (const { condition, at } of event) {
      const values = scalars(condition['equals'] ?? condition['in'])
      if (values.length === 0) continue
      if (condition['path'] === '$stream') wantedStreams.push(...values)
      else for (const node of places.get(at) ?? []) wanted.set(node, values)
    }
    return { nodes: wanted, streams: wantedStreams }
  })
  const isAttribute = (node: TemplateNode): boolean =>
    node.kind === 'attribute' ||
    node.filters.some((filter) => filter.kind === 'equals' && filter.attribute) ||
    node.children.some(isAttribute)
  return { root, streams: [...streams], wishes, isXml: isAttribute(root) }
}

/** The conditions that each event demands, with the place of their path. */
const eventsOf = (mapping: Mapping): { condition: Record<string, unknown>; at: string }[][] => {
  const [department, file] = mapping.name.split('/') as [string, string]
  const yaml = parseYaml(`mappings/${department}/${file}.yaml`, mapping.files[`${file}.yaml`] ?? '')
  const events = isMapping(yaml.value) && Array.isArray(yaml.value['events']) ? yaml.value['events'] : []
  const placesIn = new Map<unknown, string>()
  const walk = (value: unknown, path: YamlPath): void => {
    if (Array.isArray(value)) for (const [index, entry] of value.entries()) walk(entry, [...path, index])
    else if (isMapping(value)) {
      if ('path' in value) placesIn.set(value, yaml.at([...path, 'path']))
      for (const [key, member] of Object.entries(value)) walk(member, [...path, key])
    }
  }
  for (const [index, event] of events.entries()) walk(isMapping(event) ? event['when'] : undefined, ['events', index, 'when'])
  return events.map((event) =>
    demanded(isMapping(event) ? event['when'] : undefined).map((condition) => ({ condition, at: placesIn.get(condition) ?? '' })),
  )
}
