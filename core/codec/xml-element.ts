const withoutNames: object = Object.create(null)

/** No name of an attribute is special in it. What has no prototype at all V8 keeps as a hash table: this has one without names. */
export const createAttributes = (): Record<string, string> => Object.create(withoutNames)

/** Most elements have none. */
export const noAttributes: Readonly<Record<string, string>> = Object.freeze(createAttributes())

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
  /** It says of itself that it has no value: `nil` of XML Schema, whatever the prefix. */
  readonly isNil: boolean

  constructor(
    name: string,
    local: string,
    uri: string,
    attributes: XmlElement['attributes'],
    children: XmlElement['children'],
    isNil = false,
  ) {
    this.name = name
    this.local = local
    this.uri = uri
    this.attributes = attributes
    this.children = children
    this.isNil = isNil
  }
}
