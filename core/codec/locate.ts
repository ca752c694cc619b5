/** Where in a record the nodes of a path stand, as a person finds them: `/ExInfo/Field[7]`, `SQRMC`, `steps[2]/AT`. */
import { elementsIn, type Filter, isElement, keeps, type Path, type PathContext, type TreeNode } from './path.ts'

export interface Located {
  node: TreeNode
  /** A column, a property, or a path of elements; the second of a name is `[2]`, and one that has no twin has no number. */
  place: string
}

const below = (place: string, name: string): string => (place === '' ? name : `${place}/${name}`)

const entriesOf = (value: TreeNode, place: string): Located[] =>
  Array.isArray(value) ? value.flatMap((entry, index) => entriesOf(entry, `${place}[${index + 1}]`)) : [{ node: value, place }]

const childrenOf = ({ node, place }: Located, name: string): Located[] => {
  if (isElement(node)) {
    return elementsIn(node, name).map((child) => {
      const twins = node.children.filter((other) => typeof other !== 'string' && other.name === child.name)
      return { node: child, place: below(place, twins.length === 1 ? child.name : `${child.name}[${twins.indexOf(child) + 1}]`) }
    })
  }
  if (typeof node !== 'object' || node === null) return []
  return Object.entries(node)
    .filter(([key]) => name === '*' || key === name)
    .flatMap(([key, value]) => entriesOf(value, below(place, key)))
}

const attributeOf = ({ node, place }: Located, name: string): Located[] =>
  isElement(node) && Object.hasOwn(node.attributes, name)
    ? [{ node: node.attributes[name]!, place: below(place, `@${name}`) }]
    : []

const filtered = (found: Located[], filters: Filter[]): Located[] =>
  filters.reduce(
    (kept, filter) =>
      filter.kind === 'index' ? kept.slice(filter.index - 1, filter.index) : kept.filter(({ node }) => keeps(node, filter)),
    found,
  )

/** The nodes that `path.select` gives, in the same order, each with its place. `place` is that of the node to begin at, unless it is the root. */
export const locate = ({ fromTop, steps }: Path, { root, node, place }: PathContext & { place?: string }): Located[] => {
  const top = { node: root, place: isElement(root) ? `/${root.name}` : '' }
  const start = fromTop || node === root ? top : { node, place: place ?? '' }
  return steps.reduce<Located[]>(
    (found, { kind, name, filters }) =>
      found.flatMap((from) => {
        if (kind === 'self') return [from]
        return kind === 'attribute' ? attributeOf(from, name) : filtered(childrenOf(from, name), filters)
      }),
    [start],
  )
}
