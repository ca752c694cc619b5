/** Most elements have none, and an object without prototype is a large one. */
export const noAttributes: Readonly<Record<string, string>> = Object.freeze(Object.create(null))

/** An element as received. A class, so that no JSON document can pass for one, and since it is built faster than an object with a mark. */
export class XmlElement {
  /** As written, prefix included. */
  readonly name: string
  /** Without prefix. */
  readonly local: string
  /** Namespace name; empty when there is none. */
  readonly uri: string
  /** By name as written; no prototype, so no attribute name is special. Not to be written to: elements may share one. */
  readonly attributes: Readonly<Record<string, string>>
  /** Text and elements, in document order. */
  children: (XmlElement | string)[]

  constructor(name: string, local: string, uri: string, attributes: XmlElement['attributes'], children: XmlElement['children']) {
    this.name = name
    this.local = local
    this.uri = uri
    this.attributes = attributes
    this.children = children
  }
}
