/** Finds records in a document while it is parsed, and cuts their text out of it. */
import type { SaxesParser, SaxesTagNS } from 'saxes'
import { createAttributes, XmlElement } from './xml-element.ts'

export interface SplitRecord {
  /** The record's element exactly as received; namespaces that its ancestors declare are repeated on its start tag. */
  text: string
  /** What parsing `text` would give. Absent when it is longer than `maxHeldLength` characters. */
  element?: XmlElement
  /** Position among the records of the document, from 0. */
  index: number
  /** Where it ends in the document, in characters, a byte order mark not counted. */
  end: number
}

type Parser = SaxesParser<{ xmlns: true; position: true }>

/** The text that is still needed: a list of chunks, joined only when a record is taken out, so that its length costs nothing. */
export const createHeldText = () => {
  let parts: string[] = []
  let from = 0
  return {
    add: (text: string): void => void parts.push(text),
    slice(start: number, end: number): string {
      if (parts.length > 1) parts = [parts.join('')]
      return (parts[0] ?? '').slice(start - from, end - from)
    },
    dropBefore(position: number): void {
      while (parts.length > 0 && from + parts[0]!.length <= position) from += parts.shift()!.length
      if (parts.length !== 1) return
      parts = [parts[0]!.slice(position - from)]
      from = position
    },
  }
}

/** What the ancestors of a record declare and it does not. */
const inheritedOf = (scopes: Record<string, string>[]): [name: string, uri: string][] => {
  const inherited: Record<string, string> = {}
  for (const scope of scopes.slice(0, -1)) Object.assign(inherited, scope)
  for (const prefix of Object.keys(scopes.at(-1) ?? {})) delete inherited[prefix]
  return Object.entries(inherited).map(([prefix, uri]) => [prefix === '' ? 'xmlns' : `xmlns:${prefix}`, uri])
}

const escaped = (value: string): string => value.replace(/&/g, '&amp;').replace(/"/g, '&quot;').replace(/</g, '&lt;')

/** Repeats on the record's start tag what its ancestors declare, so that it stands as a document of its own. */
const textAlone = (raw: string, inherited: [string, string][]): string => {
  if (inherited.length === 0) return raw
  const declarations = inherited.map(([name, uri]) => ` ${name}="${escaped(uri)}"`).join('')
  return raw.replace(/^<[^\s/>]+/, (start) => start + declarations)
}

/** The element that `textAlone` is the text of. The document's own stays as it is. */
const elementAlone = (element: XmlElement, inherited: [string, string][]): XmlElement => {
  if (inherited.length === 0) return element
  const attributes = createAttributes()
  for (const [name, uri] of [...inherited, ...Object.entries(element.attributes)]) attributes[name] = uri
  return new XmlElement(element.name, element.local, element.uri, attributes, element.children, element.isNil)
}

/** `path`: local names from the root on, `*` for any. Contract: hears of every tag in order, and of each chunk before it is parsed. */
export const openCutter = (parser: Parser, path: string) => {
  const wanted = path.split('/').filter((step) => step !== '')
  const trail: string[] = []
  const scopes: Record<string, string>[] = []
  let chunk = ''
  let chunkFrom = 0
  let lastTagFrom = 0
  let recordFrom = -1
  let index = 0
  /** No start tag holds a second `<`: the nearest one before its end begins it, in this chunk or as the last one of those before. */
  const tagFrom = (): number => {
    const at = chunk.lastIndexOf('<', parser.position - chunkFrom - 1)
    return at < 0 ? lastTagFrom : chunkFrom + at
  }
  return {
    begin(text: string): void {
      chunk = text
    },
    /** The chunk is parsed. */
    end(): void {
      const at = chunk.lastIndexOf('<')
      if (at >= 0) lastTagFrom = chunkFrom + at
      chunkFrom += chunk.length
    },
    /** Answers whether a record begins with this tag, which was just parsed to its end. */
    enter({ local, ns }: SaxesTagNS): boolean {
      trail.push(local)
      scopes.push(ns ?? {})
      const isRecord =
        recordFrom < 0 && trail.length === wanted.length && wanted.every((step, depth) => step === '*' || step === trail[depth])
      if (isRecord) recordFrom = tagFrom()
      return isRecord
    },
    /** Gives the record that ends with this tag. */
    leave(slice: (from: number, end: number) => string, element: XmlElement | undefined): SplitRecord | undefined {
      let record: SplitRecord | undefined
      if (recordFrom >= 0 && trail.length === wanted.length) {
        const end = parser.position
        const inherited = inheritedOf(scopes)
        const text = textAlone(slice(recordFrom, end), inherited)
        record = { text, index, end, ...(element && { element: elementAlone(element, inherited) }) }
        index += 1
        recordFrom = -1
      }
      trail.pop()
      scopes.pop()
      return record
    },
    /** Whether the element that was entered last stands as deep as records do. */
    isAsDeep: (): boolean => recordFrom < 0 && trail.length === wanted.length,
    /** Whether a record has begun and not ended. */
    isInside: (): boolean => recordFrom >= 0,
    /** Text before this position is needed no more. */
    neededFrom: (): number => (recordFrom < 0 ? lastTagFrom : recordFrom),
    /** How far the document has been given. */
    position: (): number => chunkFrom,
  }
}
