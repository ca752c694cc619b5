import type { XmlElement } from './xml-element.ts'

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\r': '&#13;',
  '\n': '&#10;',
  '\t': '&#9;',
}

const inText = (text: string): string => text.replaceAll(/[&<>\r]/g, (character) => entities[character]!)
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
  return `${head}>${children.map((child) => (typeof child === 'string' ? inText(child) : write(child, scope))).join('')}</${name}>`
}

/**
 * An element as text that parses to the same element; one from the middle of a document declares the namespace of its name and of those inside,
 * and `xsi`. What is no part of an element, such as a comment, is not in it. Other prefixes of attributes must be declared in the element.
 */
export const writeXml = (element: XmlElement): string => write(element, {})
