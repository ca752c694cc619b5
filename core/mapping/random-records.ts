/** Records at random, as the rules of one mapping lead to expect them. */
import fc, { type Arbitrary } from 'fast-check'
import { writeXml } from '../codec/write-xml.ts'
import { XmlElement } from '../codec/xml-element.ts'
import type { SourceRecord } from '../contract.ts'
import type { Template, TemplateNode } from './mapping-template.ts'
import { textBy } from './random-texts.ts'

interface Made {
  kind: TemplateNode['kind']
  name: string
  isList: boolean
  /** Undefined for one that is there without a value. */
  text: string | undefined
  children: Made[]
}

type Wishes = Template['wishes'][number]['nodes']

const leaf = (kind: Made['kind'], name: string, text: string | undefined): Made => ({
  kind,
  name,
  isList: false,
  text,
  children: [],
})

/** What the filters of a path demand of the node: an attribute or a child of that value. */
const demandedBy = ({ filters }: TemplateNode): Made[] =>
  filters.flatMap((filter) =>
    filter.kind === 'equals' ? [leaf(filter.attribute ? 'attribute' : 'child', filter.name, filter.value)] : [],
  )

const oneOf = (node: TemplateNode, wishes: Wishes, careful: boolean): Arbitrary<Made> => {
  const { kind, name, isList } = node
  const text = fc.oneof(
    { weight: 40, arbitrary: textBy(node.hints, wishes.get(node), careful) },
    ...(careful ? [] : [{ weight: 1, arbitrary: fc.constant(undefined) }]),
  )
  if (node.children.length === 0) return text.map((value) => ({ ...leaf(kind, name, value), isList, children: demandedBy(node) }))
  const children = fc.tuple(...node.children.map((child) => copiesOf(child, wishes, careful))).map((lists) => lists.flat())
  // Now and then a text stands where others are expected inside.
  return fc.tuple(fc.integer({ min: 0, max: 60 }), text, children).map(([chance, value, inside]) => {
    const isText = node.hints !== undefined ? chance > 30 : chance === 60 && !careful
    return { kind, name, isList, text: value, children: [...demandedBy(node), ...(isText ? [] : inside)] }
  })
}

/** As often as it may stand there: lists are empty, single and long, other things are absent or twice now and then. */
const copiesOf = (node: TemplateNode, wishes: Wishes, careful: boolean): Arbitrary<Made[]> => {
  const one = oneOf(node, wishes, careful)
  if (node.kind === 'attribute' && !careful)
    return fc.oneof({ weight: 40, arbitrary: one.map((made) => [made]) }, { weight: 1, arbitrary: fc.constant<Made[]>([]) })
  const most = Math.max(3, ...node.filters.map((filter) => (filter.kind === 'index' ? filter.index : 0)))
  if (node.isList || node.filters.some(({ kind }) => kind === 'index')) return fc.array(one, { maxLength: most })
  if (careful) return one.map((made) => [made])
  return fc.oneof(
    { weight: 60, arbitrary: one.map((made) => [made]) },
    { weight: wishes.has(node) ? 1 : 4, arbitrary: fc.constant<Made[]>([]) },
    { weight: 1, arbitrary: fc.tuple(one, one).map((two) => [...two]) },
  )
}

/** What no XML document may hold (XML 1.0, 2.2) is left out. */
const xmlText = (text: string): string => text.replaceAll(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '')

const toElement = (made: Made, root: Record<string, string>): XmlElement => {
  const attributes: Record<string, string> = {}
  const children: XmlElement['children'] = []
  for (const child of made.children) {
    if (child.kind === 'attribute') attributes[child.name] = xmlText(child.text ?? '')
    else children.push(toElement(child, root))
  }
  const [prefix] = made.name.includes(':') ? made.name.split(':') : []
  if (prefix) root[`xmlns:${prefix}`] = `urn:${prefix}`
  if (children.length === 0 && made.text !== undefined) children.push(xmlText(made.text))
  return new XmlElement(made.name, made.name, '', attributes, children)
}

const toXml = (made: Made): string => {
  const spaces: Record<string, string> = {}
  const root = toElement(made, spaces)
  return writeXml({ ...root, attributes: { ...spaces, ...root.attributes } })
}

/** What a record is: a row of a database or of a file holds one value under a name, and lists of rows; JSON may hold a list anywhere. */
export const recordForms = ['xml', 'row', 'json'] as const
export type RecordForm = (typeof recordForms)[number]

/** A number is written as one where that changes nothing of its digits. */
const toJson = (made: Made, form: RecordForm, asNumbers: boolean): string => {
  const { text, children } = made
  if (children.length === 0) {
    if (text === undefined) return 'null'
    return asNumbers && /^(0|-?[1-9]\d{0,14})$/.test(text) ? text : JSON.stringify(text)
  }
  const byName = new Map<string, Made[]>()
  for (const child of children) byName.set(child.name, [...(byName.get(child.name) ?? []), child])
  const members = [...byName].map(([name, named]) => {
    const isList = named[0]!.isList
    const values = (form === 'row' && !isList ? named.slice(0, 1) : named).map((one) => toJson(one, form, asNumbers))
    return `${JSON.stringify(name)}:${values.length > 1 || isList ? `[${values.join(',')}]` : values[0]}`
  })
  return `{${members.join(',')}}`
}

/** Records that the mapping would meet, in one of the forms: each most likely one of its events, and each now and then wrong in a few places. */
export const randomRecords = (
  { root, streams, wishes, isXml }: Template,
  forms: readonly RecordForm[] = recordForms,
): Arbitrary<SourceRecord> => {
  const recordOf = ({ nodes, streams: wanted }: Template['wishes'][number]): Arbitrary<SourceRecord> => {
    const likely = wanted.length > 0 ? wanted : streams.length > 0 ? streams : ['RECORD']
    const stream = fc.oneof(
      { weight: 40, arbitrary: fc.constantFrom(...likely) },
      { weight: 1, arbitrary: fc.constantFrom('OTHER', ...streams) },
    )
    const childrenOf = (careful: boolean) =>
      fc.tuple(...root.children.map((child) => copiesOf(child, nodes, careful))).map((lists) => lists.flat())
    // Of a wide record something is wrong nearly always, where each of its places may be.
    const children = fc.oneof(childrenOf(true), childrenOf(false))
    const form = isXml ? fc.constant('xml' as const) : fc.constantFrom(...forms)
    return fc
      .record({ stream, children, form, asNumbers: fc.boolean() })
      .map(({ stream: named, children: inside, form: as, asNumbers }) => {
        const made: Made = { kind: 'child', name: 'record', isList: false, text: undefined, children: inside }
        return as === 'xml'
          ? { stream: named, key: 'random', body: toXml(made), contentType: 'application/xml' }
          : { stream: named, key: 'random', body: toJson(made, as, asNumbers), contentType: 'application/json' }
      })
  }
  const any: Template['wishes'][number] = { nodes: new Map(), streams: [] }
  return fc.oneof(...(wishes.length > 0 ? wishes : [any]).map(recordOf), recordOf(any))
}
