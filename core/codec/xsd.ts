/**
 * What an XML Schema (W3C XML Schema 1.0) says of the shape of documents: which elements and attributes there are, and which elements may
 * be there more than once. Types of text, defaults and fixed values are not taken from it: a value is what the document has.
 */
import type { Field } from '../probe.ts'
import type { XmlElement } from './xml-element.ts'
import { anything, type Content, field, merged, nothing, together } from './xsd-content.ts'
import { type Prefixes, parse, parts, prefixesOf, SchemaFault, type SchemaFile, schemaNamespace, schemasIn } from './xsd-files.ts'

export { locationsIn, SchemaFault, type SchemaFile } from './xsd-files.ts'

/** Where names are resolved. */
interface Names {
  prefixes: Prefixes
  /** The namespace that the schema defines; that of whoever includes it when it names none. */
  target: string
  file: string
}

interface Component {
  element: XmlElement
  names: Names
}

const kinds = ['element', 'complexType', 'simpleType', 'group', 'attributeGroup', 'attribute'] as const
type Kind = (typeof kinds)[number]

const mayRepeat = ({ attributes: { maxOccurs = '1' } }: XmlElement): boolean => maxOccurs === 'unbounded' || Number(maxOccurs) > 1

/**
 * Reads schemas that belong together. `fieldsAt` follows a path of element names from a global element on and gives what the element
 * there holds (`undefined`: the schema leaves it open). Names are local, as paths without prefix find them. Both throw SchemaFault.
 */
export const readSchemas = (files: readonly SchemaFile[]) => {
  const components = new Map<string, Component>()
  const namespaces = new Set<string>([schemaNamespace])
  const heads = new Map<string, string[]>()
  const derived = new Map<string, string[]>()
  const keyOf = (kind: Kind, name: string): string => `${kind} ${name}`

  const resolved = (written: string, { prefixes, target }: Names): string => {
    const [prefix, local] = written.includes(':') ? (written.split(':') as [string, string]) : ['', written]
    return `{${prefixes[prefix] ?? (prefix === '' ? target : '')}}${local}`
  }

  const register = (element: XmlElement, names: Names): void => {
    const { local, attributes } = element
    if (local === 'redefine') for (const part of parts(element)) register(part, names)
    const { name, substitutionGroup } = attributes
    if (!kinds.includes(local as Kind) || name === undefined) return
    const full = `{${names.target}}${name}`
    components.set(keyOf(local as Kind, full), { element, names })
    if (local === 'element' && substitutionGroup !== undefined) {
      const head = resolved(substitutionGroup, names)
      heads.set(head, [...(heads.get(head) ?? []), full])
    }
    const derivation = parts(element).find((part) => part.local === 'complexContent')
    const base = derivation && parts(derivation)[0]?.attributes['base']
    if (base === undefined || resolved(base, names) === full) return
    const type = resolved(base, names)
    derived.set(type, [...(derived.get(type) ?? []), full])
  }

  const all = files.flatMap((file) => schemasIn(parse(file), {}).map((found) => ({ ...found, file: file.file })))
  // A schema without a namespace of its own is a part of the one that includes it.
  const named = all.map(({ schema }) => schema.attributes['targetNamespace']).find((target) => target !== undefined) ?? ''
  for (const { schema, prefixes, file } of all) {
    const target = schema.attributes['targetNamespace'] ?? named
    namespaces.add(target)
    for (const element of parts(schema)) register(element, { prefixes: prefixesOf(element, prefixes), target, file })
  }
  if (all.length === 0) {
    const shown = files.map(({ file }) => file).join(', ')
    throw new SchemaFault(`${shown} 里没有 XML Schema`, `${shown} holds no XML Schema`)
  }

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

  const contentOfElement = ({ element, names }: Component): Content => {
    const inner: Names = { ...names, prefixes: prefixesOf(element, names.prefixes) }
    const type = element.attributes['type']
    if (type !== undefined) return contentOfType(type, inner)
    const own = parts(element).find(({ local }) => local === 'complexType')
    if (own) return contentIn(own, inner, [])
    return parts(element).some(({ local }) => local === 'simpleType') ? nothing : anything
  }

  /** Of a type and of all that are made from it: a document may say by xsi:type that it uses one of those. */
  const contentOfType = (written: string, names: Names): Content => {
    const others = madeFrom(resolved(written, names)).map((type) => components.get(keyOf('complexType', type))!)
    const own = ownContent(written, names, [])
    return others.length === 0 ? own : together([own, ...others.map((other) => contentIn(other.element, other.names, []))], false)
  }

  const madeFrom = (type: string, seen: readonly string[] = []): string[] =>
    (derived.get(type) ?? []).filter((next) => !seen.includes(next)).flatMap((next) => [next, ...madeFrom(next, [...seen, type])])

  const ownContent = (written: string, names: Names, within: readonly string[]): Content => {
    const full = resolved(written, names)
    if (full.startsWith(`{${schemaNamespace}}`)) return full.endsWith('}anyType') ? anything : nothing
    refuseRing(full, names, within)
    if (components.has(keyOf('simpleType', full))) return nothing
    const found = find('complexType', written, names)
    return found ? contentIn(found.element, found.names, [...within, full]) : anything
  }

  const refuseRing = (name: string, { file }: Names, within: readonly string[]): void => {
    if (!within.includes(name)) return
    const local = name.slice(name.indexOf('}') + 1)
    throw new SchemaFault(`${file} 中的“${local}”由自身定义`, `${file}: "${local}" is defined by itself`)
  }

  /** What stands in a type, a derivation, a model group or a group of attributes. */
  const contentIn = (element: XmlElement, names: Names, within: readonly string[], repeats = false): Content => {
    const many = repeats || mayRepeat(element)
    const contents = parts(element).map((part): Content => {
      const inner: Names = { ...names, prefixes: prefixesOf(part, names.prefixes) }
      const { ref } = part.attributes
      switch (part.local) {
        case 'element':
          return elementIn(part, inner, many)
        case 'sequence':
        case 'choice':
        case 'all':
        case 'complexContent':
        case 'simpleContent':
          return contentIn(part, inner, within, many)
        case 'extension':
          return together([baseOf(part, inner, within), contentIn(part, inner, within, many)], true)
        case 'restriction':
          return restricted(part, inner, within)
        case 'group':
        case 'attributeGroup': {
          if (ref === undefined) return nothing
          const full = `${part.local} ${resolved(ref, inner)}`
          refuseRing(full, inner, within)
          const found = find(part.local, ref, inner)
          return found ? contentIn(found.element, found.names, [...within, full], many || mayRepeat(part)) : anything
        }
        case 'attribute':
          return attributeIn(part)
        case 'any':
        case 'anyAttribute':
          return anything
        default:
          return nothing
      }
    })
    const content = together(contents, element.local !== 'choice')
    return element.attributes['mixed'] === 'true' ? { ...content, isMixed: true } : content
  }

  const baseOf = (derivation: XmlElement, names: Names, within: readonly string[]): Content => {
    const { base } = derivation.attributes
    return base === undefined ? nothing : ownContent(base, names, within)
  }

  /** It names again what of its base it keeps, but for the attributes. */
  const restricted = (derivation: XmlElement, names: Names, within: readonly string[]): Content => {
    const base = baseOf(derivation, names, within)
    const attributes = base.fields.filter(({ name }) => name.startsWith('@'))
    return together([{ fields: attributes, isOpen: base.isOpen }, contentIn(derivation, names, within)], false)
  }

  const attributeIn = ({ attributes: { name, ref, use } }: XmlElement): Content => {
    const written = name ?? ref?.split(':').at(-1)
    return written === undefined || use === 'prohibited'
      ? nothing
      : { fields: [{ name: `@${written}`, fields: [] }], isOpen: false }
  }

  const elementIn = (element: XmlElement, names: Names, many: boolean): Content => {
    const { name, ref, maxOccurs } = element.attributes
    if (maxOccurs === '0') return nothing
    const repeats = many || mayRepeat(element)
    if (name !== undefined) return { fields: [field(name, repeats, () => contentOfElement({ element, names }))], isOpen: false }
    if (ref === undefined) return nothing
    const found = find('element', ref, names)
    if (!found) return anything
    const standing = [found, ...substitutes(resolved(ref, names))]
    const fields = standing.map((one) => field(one.element.attributes['name']!, repeats, () => contentOfElement(one)))
    return { fields: merged(fields, false), isOpen: false }
  }

  const substitutes = (head: string, seen: readonly string[] = []): Component[] =>
    (heads.get(head) ?? [])
      .filter((name) => !seen.includes(name))
      .flatMap((name) => [components.get(keyOf('element', name))!, ...substitutes(name, [...seen, head])])

  const roots = [...components]
    .filter(([key]) => key.startsWith('element '))
    .map(([, component]) => field(component.element.attributes['name']!, false, () => contentOfElement(component)))

  return {
    /** The names that a path may begin with. */
    rootNames: roots.map(({ name }) => name),
    fieldsAt: (path: readonly string[]): readonly Field[] | undefined => {
      let held: readonly Field[] = merged(roots, false)
      for (const [index, name] of path.entries()) {
        const found = held.find((one) => one.name === name)
        if (!found) {
          const shown = path.slice(0, index + 1).join('/')
          const known = held.map((one) => one.name).filter((one) => !one.startsWith('@'))
          throw new SchemaFault(
            `模式里没有元素 ${shown}；此处有：${known.join('、')}`,
            `the schema has no element ${shown}; there it has: ${known.join(', ')}`,
          )
        }
        if (!found.fields) return undefined
        held = found.fields
      }
      return held
    },
  }
}
