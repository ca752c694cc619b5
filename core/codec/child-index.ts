import type { XmlElement } from './xml-element.ts'

/** What a child is found by; undefined for one that is not found by it at all. */
export type ChildKey = (child: XmlElement) => string | undefined

const indexes = new WeakMap<XmlElement, Map<ChildKey, Map<string, XmlElement[]>>>()

const index = (element: XmlElement, keyOf: ChildKey): Map<string, XmlElement[]> => {
  const children = new Map<string, XmlElement[]>()
  for (const child of element.children) {
    const key = typeof child === 'string' ? undefined : keyOf(child)
    if (key === undefined) continue
    const known = children.get(key)
    if (known) known.push(child as XmlElement)
    else children.set(key, [child as XmlElement])
  }
  return children
}

/**
 * The children under a key, in document order. The index over all of them is made when it is first asked for: reading every child for
 * every path would cost the square of their number. Contract: the children no longer change.
 */
export const childrenBy = (element: XmlElement, keyOf: ChildKey, key: string): XmlElement[] => {
  let byKeys = indexes.get(element)
  if (byKeys === undefined) {
    byKeys = new Map()
    indexes.set(element, byKeys)
  }
  let children = byKeys.get(keyOf)
  if (children === undefined) {
    children = index(element, keyOf)
    byKeys.set(keyOf, children)
  }
  return children.get(key) ?? []
}

export const byLocal: ChildKey = ({ local }) => local
export const byName: ChildKey = ({ name }) => name

const attributeKeys = new Map<string, ChildKey>()

/** By the value of an attribute, trimmed, among the children of one name: where a dialect keeps every field in one kind of element. */
export const byAttribute = (name: string, attribute: string): ChildKey => {
  const known = `${name}/@${attribute}`
  let keyOf = attributeKeys.get(known)
  if (keyOf === undefined) {
    const nameOf = name.includes(':') ? byName : byLocal
    keyOf = (child) =>
      nameOf(child) === name && Object.hasOwn(child.attributes, attribute) ? child.attributes[attribute]!.trim() : undefined
    attributeKeys.set(known, keyOf)
  }
  return keyOf
}
