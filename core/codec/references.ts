/**
 * What stands in a record for an attachment, and digest and size put beside it: in XML as attributes of the element, in JSON in its place. It is the
 * name of a file, or the content itself, or in an element the reference that XOP (MTOM) puts in place of that.
 */
import type { KeptContent } from '../attachments/kept-content.ts'
import type { Text } from '../errors.ts'
import type { Json } from './json.ts'
import { elementsIn, isElement, notAPath, parsePath, type structure, type TreeNode, textOf, toPath } from './path.ts'
import { createAttributes, XmlElement } from './xml-element.ts'

/** For `checkOptions`: such a path has plain names alone. */
export const findReferencePathProblems = (option: string, written: string): { path: string; expected: Text }[] => {
  const path = parsePath(written)
  if (!path) return [{ path: option, expected: notAPath(written) }]
  const isPlain = path.steps.every(({ kind, filters, name }) => kind === 'child' && filters.length === 0 && name !== '*')
  if (isPlain && !path.fromTop) return []
  const expected = { zh: '只由名称组成的路径，如 MATERIALS/FILE', en: 'a path of plain names, such as MATERIALS/FILE' }
  return [{ path: option, expected }]
}

const xop = 'http://www.w3.org/2004/08/xop/include'

const isSomething = (child: XmlElement | string): boolean => typeof child !== 'string' || child.trim() !== ''

/** `cid:` and the decoded Content-ID of what an XOP reference, alone in its element, stands for. */
const includedBy = (node: TreeNode): string | undefined => {
  if (!isElement(node)) return undefined
  const [only, ...others] = node.children.filter(isSomething)
  if (typeof only !== 'object' || others.length > 0 || only.uri !== xop || only.local !== 'Include') return undefined
  return decodeContentId(only.attributes['href'] ?? '')
}

/** As in a URL; what is none stays as it is, and refers to nothing. */
const decodeContentId = (href: string): string => {
  try {
    return decodeURIComponent(href)
  } catch {
    return href
  }
}

const standsIn = (node: TreeNode): string | typeof structure | undefined => {
  const included = includedBy(node)
  if (included !== undefined) return included
  const text = textOf(node)
  return typeof text === 'string' ? text.trim() : text
}

/**
 * What stands at a path for attachments, without white space around it, each once; what is empty stands for nothing. `structure`: something stands
 * there that holds children.
 */
export const namesAt = (record: TreeNode, path: string): (string | typeof structure)[] => [
  ...new Set(
    toPath(path)
      .select({ root: record, node: record })
      .map(standsIn)
      .filter((found): found is string | typeof structure => found !== undefined && found !== ''),
  ),
]

/** `isContent`: what stands there is the content itself, and goes; a name stays. */
export interface Referring {
  of: ReadonlyMap<string, KeptContent>
  isContent: boolean
}

const inElement = (element: XmlElement, [name, ...rest]: string[], referring: Referring): XmlElement => {
  const { name: own, local, uri, attributes, children, isNil } = element
  if (name === undefined) {
    const found = standsIn(element)
    const kept = typeof found === 'string' ? referring.of.get(found) : undefined
    if (!kept) return element
    const named = Object.assign(createAttributes(), attributes, { digest: kept.digest, size: String(kept.size) })
    return new XmlElement(own, local, uri, named, referring.isContent ? [] : children, isNil)
  }
  const wanted = new Set(elementsIn(element, name))
  const changed = children.map((child) =>
    typeof child !== 'string' && wanted.has(child) ? inElement(child, rest, referring) : child,
  )
  return new XmlElement(own, local, uri, attributes, changed, isNil)
}

const inJson = (value: Json, steps: string[], referring: Referring): Json => {
  if (Array.isArray(value)) return value.map((entry) => inJson(entry, steps, referring))
  const [name, ...rest] = steps
  if (name === undefined) {
    const kept = typeof value === 'string' ? referring.of.get(value.trim()) : undefined
    if (!kept) return value
    return referring.isContent ? { ...kept } : { fileName: value, ...kept }
  }
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return value
  return { ...value, [name]: inJson(value[name]!, rest, referring) }
}

/** The record with what was kept of each at a path. The one that is given stays as it is. */
export const putReferences = (record: TreeNode, path: string, referring: Referring): TreeNode => {
  const steps = toPath(path).steps.map(({ name }) => name)
  return isElement(record) ? inElement(record, steps, referring) : inJson(record, steps, referring)
}
