/** Random XML documents, each with what it means, written in the many ways in which one meaning can be written. */
import fc from 'fast-check'
import type { XmlElement } from '../core/codec/xml-element.ts'

/** An element as plain data, for comparing. */
export interface PlainElement {
  name: string
  local: string
  uri: string
  attributes: [name: string, value: string][]
  children: (PlainElement | string)[]
}

export const plainOf = ({ name, local, uri, attributes, children }: XmlElement): PlainElement => ({
  name,
  local,
  uri,
  attributes: Object.entries(attributes),
  children: children.map((child) => (typeof child === 'string' ? child : plainOf(child))),
})

interface Written {
  text: string
  meaning: PlainElement
}

const xsi = 'http://www.w3.org/2001/XMLSchema-instance'
const uris = ['urn:a', 'urn:乙', 'http://example.invalid/x?a=1&b=2']
const names = ['Record', 'SBLSH', '申请人', 'a', 'b-1', 'c.d', '_e']

const characters = fc.constantFrom('a', '1', '中', '𠮷', '·', ' ', '\n', '\t', '&', '<', '>', '"', "'", ']', ']]>', 'é', '\r')
const content = fc.array(characters, { minLength: 1, maxLength: 8 }).map((parts) => parts.join(''))

const reference: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&apos;', '\r': '&#13;' }

/** One text in one of its ways: references by name or number, CDATA, comments and instructions between its parts. */
const textWays: ((text: string) => string)[] = [
  (text) => text.replaceAll(/[&<>\r]/g, (character) => reference[character]!),
  (text) => [...text].map((character) => `&#x${character.codePointAt(0)!.toString(16)};`).join(''),
  (text) => [...text].map((character) => reference[character] ?? `<!-- < & -->${character}<?note > ?>`).join(''),
  (text) => (text.includes('\r') ? textWays[0]!(text) : `<![CDATA[${text.replaceAll(']]>', ']]]]><![CDATA[>')}]]>`),
]

const attributeWays: ((value: string) => string)[] = [
  (value) => `"${value.replaceAll(/[&<"\r\n\t]/g, (one) => reference[one] ?? `&#${one.charCodeAt(0)};`)}"`,
  (value) => `'${[...value].map((one) => `&#${one.codePointAt(0)};`).join('')}'`,
]

interface Node {
  local: string
  prefix: string
  /** What the start tag declares: prefix to namespace. */
  declares: Record<string, string>
  attributes: Record<string, string>
  isNil: boolean
  children: (Node | { text: string; way: number })[]
  way: number
}

const prefixes = ['', 'p', 'q']

const { node } = fc.letrec<{ node: Node; child: Node | { text: string; way: number } }>((tie) => ({
  child: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.record({ text: content, way: fc.nat(3) }),
    tie('node') as fc.Arbitrary<Node>,
  ),
  node: fc.record({
    local: fc.constantFrom(...names),
    prefix: fc.constantFrom(...prefixes),
    declares: fc.dictionary(fc.constantFrom(...prefixes), fc.constantFrom(...uris), { maxKeys: 2 }),
    attributes: fc.dictionary(fc.constantFrom('id', '名称', 'xml:lang', 'x'), content, { maxKeys: 3 }),
    isNil: fc.boolean(),
    children: fc.array(tie('child'), { maxLength: 4 }),
    way: fc.nat(7),
  }),
}))

/** Writes a node where `scope` is declared. A prefix that is not in scope is declared by the element itself. */
const write = ({ local, prefix, declares, attributes, isNil, children, way }: Node, above: Record<string, string>): Written => {
  const own: Record<string, string> = { ...declares }
  if (prefix !== '' && !(prefix in own) && !(prefix in above)) own[prefix] = uris[0]!
  if (isNil && !('xsi' in above)) own['xsi'] = xsi
  const scope = { ...above, ...own }
  const all: [string, string][] = [
    ...Object.entries(own).map(([name, uri]): [string, string] => [name === '' ? 'xmlns' : `xmlns:${name}`, uri]),
    ...Object.entries(attributes),
    ...(isNil ? [['xsi:nil', 'true'] as [string, string]] : []),
  ]
  const name = prefix === '' ? local : `${prefix}:${local}`
  const inside = isNil ? [] : children
  const parts = inside.map((child) =>
    'text' in child ? { text: textWays[child.way]!(child.text), meaning: child.text } : write(child, scope),
  )
  const merged: (PlainElement | string)[] = []
  for (const { meaning } of parts) {
    if (typeof meaning === 'string' && typeof merged.at(-1) === 'string') merged.push(String(merged.pop()) + meaning)
    else merged.push(meaning)
  }
  const gap = way % 2 === 0 ? ' ' : '\n  '
  const head = `<${name}${all.map(([attribute, value]) => `${gap}${attribute}=${attributeWays[way & 1]!(value)}`).join('')}`
  const text = parts.length === 0 && way > 3 ? `${head} />` : `${head}>${parts.map((part) => part.text).join('')}</${name} >`
  return { text, meaning: { name, local, uri: scope[prefix] ?? '', attributes: all, children: merged } }
}

const around = (text: string, way: number): string =>
  way % 2 === 0 ? text : `<?xml version="1.0" encoding="UTF-8"?>\n<!-- 申请 & < -->\n${text}\n<?end ?>`

export const xmlDocument: fc.Arbitrary<Written> = fc.record({ root: node, way: fc.nat(3) }).map(({ root, way }) => {
  const { text, meaning } = write(root, {})
  return { text: around(text, way), meaning }
})

/** A document of records, one or many, with white space and comments between them. */
export const recordsDocument: fc.Arbitrary<Written> = fc
  .record({
    records: fc.array(node, { maxLength: 5 }),
    declares: fc.constantFrom<Record<string, string>>({}, { '': 'urn:a', p: 'urn:乙' }),
    way: fc.nat(3),
  })
  .map(({ records, declares, way }) => {
    const children: Node['children'] = records.flatMap((record) => [record, { text: '\n', way: 2 }])
    const root: Node = { local: 'Records', prefix: '', declares, attributes: {}, isNil: false, children, way }
    const { text, meaning } = write(root, {})
    return { text: around(text, way), meaning }
  })
