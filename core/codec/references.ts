/** Names of attachments in a record, and digest and size put beside each: in XML as attributes of the element, in JSON in its place. */
import type { KeptContent } from '../attachments/kept-content.ts'
import type { Text } from '../errors.ts'
import type { Json } from './json.ts'
import { elementsIn, isElement, notAPath, parsePath, type TreeNode, textsAt, toPath } from './path.ts'
import { XmlElement } from './xml-element.ts'

/** For `checkOptions`: such a path has plain names alone. */
export const findReferencePathProblems = (option: string, written: string): { path: string; expected: Text }[] => {
  const path = parsePath(written)
  if (!path) return [{ path: option, expected: notAPath(written) }]
  const isPlain = path.steps.every(({ kind, filters, name }) => kind === 'child' && filters.length === 0 && name !== '*')
  if (isPlain && !path.fromTop) return []
  const expected = { zh: '只由名称组成的路径，如 MATERIALS/FILE', en: 'a path of plain names, such as MATERIALS/FILE' }
  return [{ path: option, expected }]
}

/** The names that stand at a path, without white space around them, each once; what is empty names nothing. */
export const namesAt = (record: TreeNode, path: string): string[] => [
  ...new Set(
    textsAt(record, toPath(path))
      .map((text) => text.trim())
      .filter(Boolean),
  ),
]

const inElement = (element: XmlElement, [name, ...rest]: string[], of: ReadonlyMap<string, KeptContent>): XmlElement => {
  const { name: own, local, uri, attributes, children, isNil } = element
  if (name === undefined) {
    const kept = of.get(children.join('').trim())
    if (!kept || children.some((child) => typeof child !== 'string')) return element
    const referring = { ...attributes, digest: kept.digest, size: String(kept.size) }
    return new XmlElement(own, local, uri, Object.assign(Object.create(null), referring), children, isNil)
  }
  const wanted = new Set(elementsIn(element, name))
  const changed = children.map((child) => (typeof child !== 'string' && wanted.has(child) ? inElement(child, rest, of) : child))
  return new XmlElement(own, local, uri, attributes, changed, isNil)
}

const inJson = (value: Json, steps: string[], of: ReadonlyMap<string, KeptContent>): Json => {
  if (Array.isArray(value)) return value.map((entry) => inJson(entry, steps, of))
  const [name, ...rest] = steps
  if (name === undefined) {
    const kept = typeof value === 'string' ? of.get(value.trim()) : undefined
    return kept ? { fileName: value, ...kept } : value
  }
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return value
  return { ...value, [name]: inJson(value[name]!, rest, of) }
}

/** The record with what was kept of each name at a path. The one that is given stays as it is. */
export const putReferences = (record: TreeNode, path: string, of: ReadonlyMap<string, KeptContent>): TreeNode => {
  const steps = toPath(path).steps.map(({ name }) => name)
  return isElement(record) ? inElement(record, steps, of) : inJson(record, steps, of)
}
