/**
 * Paths in an XML record, by local names: `Case/No`, `Field[@FieldName='SBLSH']`, `standardInfo/@process`, `*` for any element
 * and `.` for the element itself.
 */
import type { XmlElement } from '../../core/contract.ts'

const childElements = (element: XmlElement): XmlElement[] =>
  element.children.filter((child): child is XmlElement => typeof child !== 'string')

const textOf = (element: XmlElement): string =>
  element.children.map((child) => (typeof child === 'string' ? child : textOf(child))).join('')

/** A condition's value may hold a slash, so the path is matched, not split. */
const steps = (path: string): { name: string; attribute?: string; value?: string }[] =>
  [...path.matchAll(/(@?[^/[\]]+)(?:\[@([^=\]]+)=(?:'([^']*)'|"([^"]*)")\])?(?:\/|$)/g)].map(
    ([, name, attribute, single, double]) => ({
      name: name!,
      ...(attribute !== undefined && { attribute, value: single ?? double ?? '' }),
    }),
  )

/** The text of everything at `path` below `element`, in document order. */
export const textsAt = (element: XmlElement, path: string): string[] => {
  if (path === '.') return [textOf(element)]
  let found = [element]
  for (const { name, attribute, value } of steps(path)) {
    if (name.startsWith('@')) return found.flatMap((parent) => parent.attributes[name.slice(1)] ?? [])
    found = found
      .flatMap(childElements)
      .filter((child) => name === '*' || child.local === name)
      .filter((child) => attribute === undefined || child.attributes[attribute] === value)
  }
  return found.map(textOf)
}
