/**
 * Paths into a record or an answer, one language for rows, JSON and XML.
 *
 *     SQRMC                         a column, a property, or the child elements of that name
 *     Info/Applicant/Name           steps
 *     /Info/Name                    from the top, also inside `each` of a mapping
 *     Field[@FieldName='SBLSH']     only those whose attribute (or child, without @) has this value, blanks around it apart
 *     Item[2]                       the second (from 1)
 *     Field/@type                   an attribute
 *     *                             any child; the entries of a list need no step of their own
 *     .                             the node itself
 *
 * Names of XML elements match with their prefix when the path gives one, otherwise without. Mappings and the options of adapters
 * speak it alike; mappings add the words that only they know (`compilePath`).
 */
import type { Text } from '../errors.ts'
import { byAttribute, byLocal, byName, childrenBy } from './child-index.ts'
import type { Json } from './json.ts'
import { XmlElement } from './xml-element.ts'

export type TreeNode = XmlElement | Json

export interface PathContext {
  root: TreeNode
  node: TreeNode
}

export interface Path {
  source: string
  /** Begins at the top of the record, wherever it is used. */
  fromTop: boolean
  steps: readonly Step[]
  /** Every node that matches, in document order. */
  select(context: PathContext): TreeNode[]
}

export interface Step {
  kind: 'child' | 'attribute' | 'self'
  name: string
  filters: Filter[]
}

export type Filter = { kind: 'index'; index: number } | { kind: 'equals'; attribute: boolean; name: string; value: string }

export const isElement = (node: TreeNode | undefined): node is XmlElement => node instanceof XmlElement

/** Below this many children looking at each is cheaper than an index. */
const fewChildren = 8

export const elementsIn = (element: XmlElement, name: string): XmlElement[] => {
  const { children } = element
  const nameOf = name.includes(':') ? byName : byLocal
  if (name !== '*' && children.length >= fewChildren) return childrenBy(element, nameOf, name)
  return children.filter((child): child is XmlElement => typeof child !== 'string' && (name === '*' || nameOf(child) === name))
}

const flatten = (value: Json | undefined): TreeNode[] =>
  value === undefined ? [] : Array.isArray(value) ? value.flatMap(flatten) : [value]

const childrenOf = (node: TreeNode, name: string): TreeNode[] => {
  if (isElement(node)) return elementsIn(node, name)
  if (typeof node !== 'object' || node === null) return []
  if (name === '*') return Object.values(node).flatMap(flatten)
  return Object.hasOwn(node, name) ? flatten((node as { [key: string]: Json })[name]) : []
}

/** What holds children has no text of its own. */
export const structure: unique symbol = Symbol('structure')

const isSomething = (child: XmlElement | string): boolean => typeof child !== 'string' || child.trim() !== ''

/**
 * The text of a leaf: of an element, its own text; of a JSON scalar, as it prints. Undefined for what is absent (null, xsi:nil); an element that says
 * it is nil and holds something is not.
 */
export const textOf = (node: TreeNode): string | undefined | typeof structure => {
  if (node === null) return undefined
  if (isElement(node)) {
    if (node.isNil && !node.children.some(isSomething)) return undefined
    if (node.children.length === 1 && typeof node.children[0] === 'string') return node.children[0]
    return node.children.some((child) => typeof child !== 'string') ? structure : node.children.join('')
  }
  return typeof node === 'object' ? structure : String(node)
}

export const keeps = (node: TreeNode, filter: Filter & { kind: 'equals' }): boolean => {
  const fits = (text: unknown): boolean => typeof text === 'string' && text.trim() === filter.value
  if (filter.attribute) return isElement(node) && fits(node.attributes[filter.name])
  return childrenOf(node, filter.name).some((child) => fits(textOf(child)))
}

const filtered = (nodes: TreeNode[], filters: Filter[]): TreeNode[] => {
  let kept = nodes
  for (const filter of filters) {
    kept = filter.kind === 'index' ? kept.slice(filter.index - 1, filter.index) : kept.filter((node) => keeps(node, filter))
  }
  return kept
}

type Take = (node: TreeNode) => TreeNode[]

const compileStep = ({ kind, name, filters }: Step): Take => {
  if (kind === 'self') return (node) => [node]
  if (kind === 'attribute')
    return (node) => (isElement(node) && Object.hasOwn(node.attributes, name) ? [node.attributes[name]!] : [])
  const takeAny: Take = (node) => filtered(childrenOf(node, name), filters)
  const [first, ...rest] = filters
  if (first?.kind !== 'equals' || !first.attribute || name === '*') return takeAny
  const keyOf = byAttribute(name, first.name)
  return (node) =>
    isElement(node) && node.children.length >= fewChildren ? filtered(childrenBy(node, keyOf, first.value), rest) : takeAny(node)
}

const stepPattern = /^(@?)([^[\]/@]+)((?:\[[^\]]*\])*)$/u
const equalsPattern = /^(@?)([^=@]+?)\s*=\s*(?:'([^']*)'|"([^"]*)")$/u

const parseFilter = (text: string): Filter | undefined => {
  if (/^[1-9]\d*$/.test(text)) return { kind: 'index', index: Number(text) }
  const equals = equalsPattern.exec(text)
  if (!equals) return undefined
  return { kind: 'equals', attribute: equals[1] === '@', name: equals[2]!.trim(), value: (equals[3] ?? equals[4] ?? '').trim() }
}

/** A slash inside a filter belongs to the value. */
const splitSteps = (text: string): string[] => text.match(/(?:[^/[]|\[[^\]]*\])+/gu) ?? []

/** Returns undefined for what is not a path; the caller knows the place and says so. */
export const parsePath = (source: string): Path | undefined => {
  const text = source.trim()
  // `$` is kept for the words of whoever uses the language.
  if (text === '' || text.startsWith('$')) return undefined
  const fromTop = text.startsWith('/')
  const steps: Step[] = []
  const parts = splitSteps(text)
  if (`${fromTop ? '/' : ''}${parts.join('/')}` !== text) return undefined
  for (const part of parts) {
    if (part === '.') {
      steps.push({ kind: 'self', name: '.', filters: [] })
      continue
    }
    const found = stepPattern.exec(part)
    if (!found) return undefined
    const filters = (found[3]!.match(/\[[^\]]*\]/gu) ?? []).map((filter) => parseFilter(filter.slice(1, -1)))
    if (filters.includes(undefined)) return undefined
    steps.push({ kind: found[1] === '@' ? 'attribute' : 'child', name: found[2]!, filters: filters as Filter[] })
  }
  const [first, ...rest] = steps.map(compileStep)
  if (first === undefined) return undefined
  return {
    source,
    fromTop,
    steps,
    select: ({ root, node }) => {
      let nodes = first(fromTop ? root : node)
      for (const take of rest) nodes = nodes.length === 1 ? take(nodes[0]!) : nodes.flatMap(take)
      return nodes
    },
  }
}

/** What to tell the person who wrote it. */
export const notAPath = (written: string): Text => ({
  zh: `“${written}”不是合法的路径；例：Info/Applicant/Name、Field[@FieldName='SBLSH']、Field/@type`,
  en: `"${written}" is not a path; examples: Info/Applicant/Name, Field[@FieldName='SBLSH'], Field/@type`,
})

/** For what has been checked before: here a text that is no path is a bug. */
export const toPath = (checked: string): Path => {
  const path = parsePath(checked)
  if (!path) throw new Error(`not a path: ${checked}`)
  return path
}

/** The texts of the leaves at a path inside `node`, in document order. What is absent, or holds children, has none. */
export const textsAt = (node: TreeNode, path: Path): string[] =>
  path
    .select({ root: node, node })
    .map(textOf)
    .filter((text) => typeof text === 'string')
