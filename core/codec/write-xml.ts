import type { Text } from '../errors.ts'
import { codePointOf } from './charset.ts'
import { noAttributes, XmlElement } from './xml-element.ts'

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\r': '&#13;',
  '\n': '&#10;',
  '\t': '&#9;',
}

/** Text as the content of an element: whoever reads it has the same text, line breaks of all kinds included. */
export const escapeXml = (text: string): string => text.replaceAll(/[&<>\r]/g, (character) => entities[character]!)
const inAttribute = (text: string): string => text.replaceAll(/[&<>"\r\n\t]/g, (character) => entities[character]!)

type Scope = Readonly<Record<string, string>>

const prefixOf = (name: string): string => (name.includes(':') ? name.slice(0, name.indexOf(':')) : '')

const declaredBy = (attributes: XmlElement['attributes']): Record<string, string> => {
  const declared: Record<string, string> = {}
  for (const [name, value] of Object.entries(attributes)) {
    if (name === 'xmlns') declared[''] = value
    else if (name.startsWith('xmlns:')) declared[name.slice(6)] = value
  }
  return declared
}

/** Of what only an ancestor declared, all that is known: the namespace of the element's own name, and the one in which `nil` stands. */
const missingIn = ({ name, uri, attributes }: XmlElement, scope: Scope): [name: string, uri: string][] => {
  const missing: [string, string][] = []
  const prefix = prefixOf(name)
  // None is what no ancestor declared, or what the element itself takes back.
  if (uri !== '' && prefix !== 'xml' && scope[prefix] !== uri) missing.push([prefix === '' ? 'xmlns' : `xmlns:${prefix}`, uri])
  const usesXsi = Object.keys(attributes).some((attribute) => attribute.startsWith('xsi:'))
  if (usesXsi && scope['xsi'] === undefined) missing.push(['xmlns:xsi', 'http://www.w3.org/2001/XMLSchema-instance'])
  return missing
}

const write = (element: XmlElement, above: Scope): string => {
  const { name, attributes, children } = element
  const declared = { ...above, ...declaredBy(attributes) }
  const missing = missingIn(element, declared)
  const scope = missing.length === 0 ? declared : { ...declared, ...declaredBy(Object.fromEntries(missing)) }
  const all = [...missing, ...Object.entries(attributes)]
  const head = `<${name}${all.map(([attribute, value]) => ` ${attribute}="${inAttribute(value)}"`).join('')}`
  if (children.length === 0) return `${head}/>`
  return `${head}>${children.map((child) => (typeof child === 'string' ? escapeXml(child) : write(child, scope))).join('')}</${name}>`
}

/**
 * An element as text that parses to the same element; one from the middle of a document declares the namespace of its name and of those inside,
 * and `xsi`. What is no part of an element, such as a comment, is not in it. Other prefixes of attributes must be declared in the element.
 */
export const writeXml = (element: XmlElement): string => write(element, {})

/** What XML 1.0 has no place for, escaped or not: most control characters, and halves of a surrogate pair. */
const unwritable = /[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/u

/** Why a text cannot stand in an XML document. */
export const xmlMisfit = (text: string): Text | undefined => {
  const found = unwritable.exec(text)?.[0]
  if (found === undefined) return undefined
  const shown = codePointOf(found)
  return { zh: `字符 ${shown} 不能写入 XML`, en: `character ${shown} cannot stand in XML` }
}

/** NameStartChar and NameChar of XML 1.0, fifth edition, without the colon of a prefix. */
const nameStart =
  'A-Z_a-z\\xC0-\\xD6\\xD8-\\xF6\\xF8-\\u02FF\\u0370-\\u037D\\u037F-\\u1FFF\\u200C\\u200D\\u2070-\\u218F\\u2C00-\\u2FEF\\u3001-\\uD7FF\\uF900-\\uFDCF\\uFDF0-\\uFFFD\\u{10000}-\\u{EFFFF}'
const xmlName = new RegExp(`^[${nameStart}][${nameStart}.0-9\\xB7\\u0300-\\u036F\\u203F\\u2040-]*$`, 'u')

/** Whether a text can be the name of an element, without a prefix. */
export const isXmlName = (name: string): boolean => xmlName.test(name)

/** Names of elements by their texts, by what they hold, or by a list of either for an element that repeats. */
export type XmlContent = string | readonly XmlContent[] | { readonly [name: string]: XmlContent }

const childrenOf = (content: XmlContent): XmlElement['children'] => {
  if (typeof content === 'string') return content === '' ? [] : [content]
  return Object.entries(content).flatMap(([name, inner]) =>
    (Array.isArray(inner) ? inner : [inner]).map((one) => new XmlElement(name, name, '', noAttributes, childrenOf(one))),
  )
}

/** A document without namespaces and attributes. Contract: `content` has one name, and one entry under it. */
export const writeDocument = (content: { readonly [name: string]: XmlContent }, encoding?: string): string =>
  `${encoding === undefined ? '' : `<?xml version="1.0" encoding="${encoding}"?>`}${childrenOf(content)
    .map((child) => (typeof child === 'string' ? '' : writeXml(child)))
    .join('')}`
