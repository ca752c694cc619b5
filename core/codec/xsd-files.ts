/** The files that schemas stand in. */
import { type Text, toGatewayError } from '../errors.ts'
import { isElement } from './path.ts'
import { parseXml, readXml } from './xml.ts'
import { XmlElement } from './xml-element.ts'

export const schemaNamespace = 'http://www.w3.org/2001/XMLSchema'

/** A schema, or a WSDL whose types hold schemas. */
export interface SchemaFile {
  file: string
  text: string
  /** The files that it includes or redefines: one that names no namespace is a part of its own. */
  includes?: readonly string[]
}

/** Thrown for what is wrong with a schema; the reason says in which file. */
export class SchemaFault extends Error {
  readonly reason: Text

  constructor(zh: string, en: string) {
    super(en)
    this.reason = { zh, en }
  }
}

/** Namespaces by prefix; the empty prefix is the default. */
export type Prefixes = Readonly<Record<string, string>>

const isSchema = ({ uri, local }: XmlElement): boolean => uri === schemaNamespace && local === 'schema'
export const parts = (element: XmlElement): XmlElement[] =>
  element.children.filter((child): child is XmlElement => isElement(child) && child.uri === schemaNamespace)
const elementsOf = (element: XmlElement): XmlElement[] => element.children.filter(isElement)

export const prefixesOf = ({ attributes }: XmlElement, outer: Prefixes): Prefixes => {
  const own = Object.entries(attributes).filter(([name]) => name === 'xmlns' || name.startsWith('xmlns:'))
  return own.length === 0 ? outer : { ...outer, ...Object.fromEntries(own.map(([name, uri]) => [name.slice(6), uri])) }
}

/** The schemas in a document, each with the prefixes that are known where it stands. */
export const schemasIn = (element: XmlElement, outer: Prefixes): { schema: XmlElement; prefixes: Prefixes }[] => {
  const prefixes = prefixesOf(element, outer)
  if (isSchema(element)) return [{ schema: element, prefixes }]
  return elementsOf(element).flatMap((child) => schemasIn(child, prefixes))
}

/** White space in the values of a schema's attributes says nothing (XML Schema, 4.3.6 whiteSpace collapse). */
const collapsed = ({ name, local, uri, attributes, children }: XmlElement): XmlElement => {
  const trimmed = Object.fromEntries(Object.entries(attributes).map(([key, value]) => [key, value.trim()]))
  return new XmlElement(
    name,
    local,
    uri,
    trimmed,
    children.map((child) => (isElement(child) ? collapsed(child) : child)),
  )
}

export const parse = ({ file, text }: SchemaFile): XmlElement => {
  try {
    return collapsed(parseXml(text))
  } catch (cause) {
    const { zh, en } = toGatewayError(cause).text
    throw new SchemaFault(`${file}：${zh}`, `${file}: ${en}`)
  }
}

/** A reference that leads nowhere outside of the folder: its attributes belong to XML itself. */
const xmlAttributes = 'http://www.w3.org/XML/1998/namespace'

export interface SchemaReference {
  location: string
  /** `import` for another namespace, or of a WSDL. */
  kind: 'include' | 'import'
}

/** What a schema or WSDL includes, redefines or imports, as it writes it; of what is no XML nothing. */
export const referencesIn = ({ text }: SchemaFile): SchemaReference[] => {
  const found = (element: XmlElement): SchemaReference[] => {
    const { local, attributes } = element
    const location = (attributes['schemaLocation'] ?? attributes['location'])?.trim()
    const names = ['include', 'import', 'redefine'].includes(local) && attributes['namespace'] !== xmlAttributes
    const own: SchemaReference[] =
      names && location !== undefined ? [{ location, kind: local === 'import' ? 'import' : 'include' }] : []
    return [...elementsOf(element).flatMap(found), ...own]
  }
  return readXml(text).above.children.filter(isElement).flatMap(found)
}
