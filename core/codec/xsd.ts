/**
 * What an XML Schema (W3C XML Schema 1.0) says of the shape of documents: which elements and attributes there are, and which elements may
 * be there more than once. Types of text, defaults and fixed values are not taken from it: a value is what the document has.
 */
import type { Field } from '../probe.ts'
import type { XmlElement } from './xml-element.ts'
import { type Component, collectComponents, keyOf, type Names, resolved } from './xsd-components.ts'
import { anything, type Content, field, merged, nothing, together } from './xsd-content.ts'
import { parts, prefixesOf, SchemaFault, type SchemaFile, schemaNamespace } from './xsd-files.ts'

export { referencesIn, SchemaFault, type SchemaFile } from './xsd-files.ts'

const mayRepeat = ({ attributes: { maxOccurs = '1' } }: XmlElement): boolean => maxOccurs === 'unbounded' || Number(maxOccurs) > 1

const isTrue = (value: string | undefined): boolean => value === 'true' || value === '1'

/** Of a namespace: a path finds it by any prefix, and never without. */
const qualified = (name: string): string => `@:${name}`

/**
 * Reads schemas that belong together. `fieldsAt` follows a path of element names from a global element on and gives what the element
 * there holds (`undefined`: the schema leaves it open). Names are local, as paths without prefix find them. Both throw SchemaFault.
 */
export const readSchemas = (files: readonly SchemaFile[]) => {
  const { components, originals, find, substitutes, madeFrom } = collectComponents(files)
  /** What groups hold is asked for once: groups of groups would otherwise be gone through over and over. */
  const groups = new Map<string, Content>()

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
    const others = madeFrom(resolved(written, names))
    const own = ownContent(written, names, [])
    return others.length === 0 ? own : together([own, ...others.map((other) => contentIn(other.element, other.names, []))], false)
  }

  const ownContent = (written: string, names: Names, within: readonly string[]): Content => {
    const full = resolved(written, names)
    if (full.startsWith(`{${schemaNamespace}}`)) return full.endsWith('}anyType') ? anything : nothing
    const original = within.at(-1) === full ? originals.get(keyOf('complexType', full)) : undefined
    if (original) return contentIn(original.element, original.names, [...within, `redefined ${full}`])
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
        case 'attributeGroup':
          return ref === undefined ? nothing : groupIn(part.local, ref, inner, within, many || mayRepeat(part))
        case 'attribute':
          return attributeIn(part)
        case 'any':
          return anything
        case 'anyAttribute':
          return { fields: [{ name: '@*', fields: [] }], isOpen: false }
        default:
          return nothing
      }
    })
    const content = together(contents, element.local !== 'choice')
    return isTrue(element.attributes['mixed']) ? { ...content, isMixed: true } : content
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

  const groupIn = (
    kind: 'group' | 'attributeGroup',
    ref: string,
    names: Names,
    within: readonly string[],
    many: boolean,
  ): Content => {
    const full = keyOf(kind, resolved(ref, names))
    const original = within.at(-1) === full ? originals.get(full) : undefined
    if (original) return contentIn(original.element, original.names, [...within, `redefined ${full}`], many)
    refuseRing(full, names, within)
    const asked = `${full} ${many}`
    let content = groups.get(asked)
    if (content === undefined) {
      const found = find(kind, ref, names)
      content = found ? contentIn(found.element, found.names, [...within, full], many) : anything
      groups.set(asked, content)
    }
    return content
  }

  const attributeIn = ({ attributes: { name, ref, use, form } }: XmlElement): Content => {
    const written = name === undefined ? ref?.split(':').at(-1) : name
    if (written === undefined || use === 'prohibited') return nothing
    const isQualified = name === undefined ? ref?.includes(':') === true : form === 'qualified'
    return { fields: [{ name: isQualified ? qualified(written) : `@${written}`, fields: [] }], isOpen: false }
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
