/** Marks what the parser has made, so that no JSON document can pass for an element. */
export const elementMark: unique symbol = Symbol('element')

/** An element as received: names with their prefix, attributes, text and child elements in document order. */
export interface XmlElement {
  [elementMark]: true
  /** As written, prefix included. */
  name: string
  /** Without prefix. */
  local: string
  /** Namespace name; empty when there is none. */
  uri: string
  /** By name as written; no prototype, so no attribute name is special. Not to be written to: elements may share one. */
  attributes: Readonly<Record<string, string>>
  children: (XmlElement | string)[]
}
