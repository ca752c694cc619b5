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

/** An element as text that parses to the same element. What is no part of one, such as a comment, is not in it. */
export const writeXml = ({ name, attributes, children }: XmlElement): string => {
  const written = Object.entries(attributes).map(([attribute, value]) => ` ${attribute}="${inAttribute(value)}"`)
  const head = `<${name}${written.join('')}`
  if (children.length === 0) return `${head}/>`
  return `${head}>${children.map((child) => (typeof child === 'string' ? inText(child) : writeXml(child))).join('')}</${name}>`
}
