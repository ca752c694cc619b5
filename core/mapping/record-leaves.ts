/** Every text of a record with its place, as a trace names places; and the record again with other texts. */
import type { Json } from '../codec/json.ts'
import { isElement, type TreeNode } from '../codec/path.ts'
import { XmlElement } from '../codec/xml-element.ts'

export interface Leaf {
  place: string
  text: string
  /** The name of the attribute that holds it. */
  attribute?: string
}

/** Answers the text that stands at the leaf from now on. */
export type Rewrite = (leaf: Leaf) => string

/** Answers the name of a JSON member from now on; places keep the name that it had. */
export type Rename = (name: string) => string

const below = (place: string, name: string): string => (place === '' ? name : `${place}/${name}`)

const rewriteElement = (element: XmlElement, place: string, rewrite: Rewrite): XmlElement => {
  const attributes = Object.assign(
    Object.create(null) as Record<string, string>,
    ...Object.entries(element.attributes).map(([attribute, text]) => ({
      [attribute]: rewrite({ place: below(place, `@${attribute}`), text, attribute }),
    })),
  )
  const counts = new Map<string, number>()
  for (const child of element.children) if (typeof child !== 'string') counts.set(child.name, (counts.get(child.name) ?? 0) + 1)
  const seen = new Map<string, number>()
  const children = element.children.map((child) => {
    if (typeof child === 'string') return rewrite({ place, text: child })
    const number = (seen.get(child.name) ?? 0) + 1
    seen.set(child.name, number)
    const name = counts.get(child.name) === 1 ? child.name : `${child.name}[${number}]`
    return rewriteElement(child, below(place, name), rewrite)
  })
  const { name, local, uri, isNil } = element
  return new XmlElement(name, local, uri, attributes, children, isNil)
}

const rewriteJson = (value: Json, place: string, rewrite: Rewrite, rename: Rename): Json => {
  if (Array.isArray(value)) return value.map((entry, index) => rewriteJson(entry, `${place}[${index + 1}]`, rewrite, rename))
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(
      Object.entries(value).map(([name, member]) => [rename(name), rewriteJson(member, below(place, name), rewrite, rename)]),
    )
  }
  return typeof value === 'string' || typeof value === 'number' ? rewrite({ place, text: String(value) }) : value
}

/** The same record with the texts that `rewrite` gives; order and structure stay, and names but for what `rename` says. Leaves come in the order of the record. */
export const rewriteLeaves = (tree: TreeNode, rewrite: Rewrite, rename: Rename = (name) => name): TreeNode =>
  isElement(tree) ? rewriteElement(tree, `/${tree.name}`, rewrite) : rewriteJson(tree, '', rewrite, rename)

export const leavesOf = (tree: TreeNode): Leaf[] => {
  const leaves: Leaf[] = []
  rewriteLeaves(tree, (leaf) => {
    leaves.push(leaf)
    return leaf.text
  })
  return leaves
}

/** The names of all JSON members, each once. */
export const memberNamesOf = (tree: TreeNode): string[] => {
  const names = new Set<string>()
  rewriteLeaves(
    tree,
    ({ text }) => text,
    (name) => {
      names.add(name)
      return name
    },
  )
  return [...names]
}
