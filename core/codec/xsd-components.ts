/** What schemas define by name. */
import type { XmlElement } from './xml-element.ts'
import { type Prefixes, parse, parts, prefixesOf, SchemaFault, type SchemaFile, schemaNamespace, schemasIn } from './xsd-files.ts'

/** Where names are resolved. */
export interface Names {
  prefixes: Prefixes
  /** The namespace that the schema defines; that of whoever includes it when it names none. */
  target: string
  file: string
}

export interface Component {
  element: XmlElement
  names: Names
}

const kinds = ['element', 'complexType', 'simpleType', 'group', 'attributeGroup', 'attribute'] as const
export type Kind = (typeof kinds)[number]

export const keyOf = (kind: Kind, name: string): string => `${kind} ${name}`

export const resolved = (written: string, { prefixes, target }: Names): string => {
  const [prefix, local] = written.includes(':') ? (written.split(':') as [string, string]) : ['', written]
  return `{${prefixes[prefix] ?? (prefix === '' ? target : '')}}${local}`
}

/** The target namespaces of a schema that names none: those of whoever includes it. */
const targetsOf = (file: string, files: readonly SchemaFile[], own: ReadonlyMap<string, string | undefined>): string[] => {
  const found = new Set<string>()
  const seen = new Set<string>()
  const look = (included: string): void => {
    if (seen.has(included)) return
    seen.add(included)
    for (const { file: includer, includes = [] } of files) {
      if (!includes.includes(included)) continue
      const target = own.get(includer)
      if (target === undefined) look(includer)
      else found.add(target)
    }
  }
  look(file)
  return found.size === 0 ? [''] : [...found]
}

/** Collects what the files define. Throws SchemaFault when there is no schema in them, or one that is no XML. */
export const collectComponents = (files: readonly SchemaFile[]) => {
  const components = new Map<string, Component>()
  /** What was redefined, under the name that its redefinition took. */
  const originals = new Map<string, Component>()
  const namespaces = new Set<string>([schemaNamespace])
  /** Elements by the element in whose place they may stand. */
  const heads = new Map<string, string[]>()
  /** Types by the type that they are made from. */
  const derived = new Map<string, string[]>()

  const register = (element: XmlElement, names: Names, redefines: boolean): void => {
    const { local, attributes } = element
    const { name, substitutionGroup } = attributes
    if (!kinds.includes(local as Kind) || name === undefined) return
    const full = `{${names.target}}${name}`
    const key = keyOf(local as Kind, full)
    const known = components.get(key)
    if (redefines && known) originals.set(key, known)
    components.set(key, { element, names })
    if (local === 'element' && substitutionGroup !== undefined) {
      const head = resolved(substitutionGroup, names)
      heads.set(head, [...(heads.get(head) ?? []), full])
    }
    const derivation = parts(element).find((part) => part.local === 'complexContent' || part.local === 'simpleContent')
    const base = derivation && parts(derivation)[0]?.attributes['base']
    if (base === undefined || resolved(base, names) === full) return
    const type = resolved(base, names)
    derived.set(type, [...(derived.get(type) ?? []), full])
  }

  const all = files.flatMap((file) => schemasIn(parse(file), {}).map((found) => ({ ...found, file: file.file })))
  if (all.length === 0) {
    const shown = files.map(({ file }) => file).join(', ')
    throw new SchemaFault(`${shown} 里没有 XML Schema`, `${shown} holds no XML Schema`)
  }
  const own = new Map(all.map(({ file, schema }) => [file, schema.attributes['targetNamespace']]))
  const redefinitions: [element: XmlElement, names: Names][] = []
  for (const { schema, prefixes, file } of all) {
    const named = schema.attributes['targetNamespace']
    for (const target of named === undefined ? targetsOf(file, files, own) : [named]) {
      namespaces.add(target)
      for (const element of parts(schema)) {
        const names = { prefixes: prefixesOf(element, prefixes), target, file }
        if (element.local === 'redefine') for (const part of parts(element)) redefinitions.push([part, names])
        else register(element, names, false)
      }
    }
  }
  // Last, so that they take the place of what they redefine, in whichever file that stands.
  for (const [element, names] of redefinitions) register(element, names, true)

  /** Undefined for what another namespace defines that none of the files has. */
  const find = (kind: Kind, written: string, names: Names): Component | undefined => {
    const name = resolved(written, names)
    const found = components.get(keyOf(kind, name))
    const namespace = name.slice(1, name.indexOf('}'))
    if (found || !namespaces.has(namespace)) return found
    throw new SchemaFault(
      `${names.file} 引用的 ${kind} “${written}”没有定义`,
      `${names.file} refers to ${kind} "${written}", which is defined nowhere`,
    )
  }

  const substitutes = (head: string, seen: readonly string[] = []): Component[] =>
    (heads.get(head) ?? [])
      .filter((name) => !seen.includes(name))
      .flatMap((name) => [components.get(keyOf('element', name))!, ...substitutes(name, [...seen, head])])

  const madeFrom = (type: string, seen: readonly string[] = []): Component[] =>
    (derived.get(type) ?? [])
      .filter((next) => !seen.includes(next))
      .flatMap((next) => [components.get(keyOf('complexType', next))!, ...madeFrom(next, [...seen, type])])

  return {
    components,
    originals,
    find,
    /** The elements that may stand in the place of one. */
    substitutes,
    /** The types that are made from one, by extension or restriction. */
    madeFrom,
  }
}
