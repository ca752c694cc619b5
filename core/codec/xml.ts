import { SaxesParser, type SaxesTagNS } from 'saxes'
import { GatewayError, type Text } from '../errors.ts'

/** An element as received: names with their prefix, attributes, text and child elements in document order. */
export interface XmlElement {
  /** As written, prefix included. */
  name: string
  /** Without prefix. */
  local: string
  /** Namespace name; empty when there is none. */
  uri: string
  /** By name as written; no prototype, so no attribute name is special. */
  attributes: Record<string, string>
  children: (XmlElement | string)[]
}

export interface SplitRecord {
  /** The record's element exactly as received; namespaces that its ancestors declare are repeated on its start tag. */
  text: string
  /** Position among the records of the document, from 0. */
  index: number
}

export interface XmlLimits {
  /** Elements inside each other. The parser's namespace lookup costs time by depth, so this is a safety limit, too. */
  maxDepth?: number
  /** Characters of one record in `splitXml`. */
  maxRecordLength?: number
}

const failure = (parser: { line: number; column: number }, reason: Text, cause?: unknown): GatewayError =>
  GatewayError.of('XML_INVALID', { line: parser.line, column: parser.column, reason }, { cause })

/** Strict, with namespaces; no document type (so no entities beyond the five of XML); depth limited. */
const openParser = (limits: XmlLimits) => {
  const parser = new SaxesParser({ xmlns: true, position: true })
  const maxDepth = limits.maxDepth ?? 100
  let depth = 0
  parser.on('error', (cause) => {
    const reason = cause.message.replace(/^\d+:\d+: /, '').replace(/\.$/, '')
    throw failure(parser, { zh: reason, en: reason }, cause)
  })
  parser.on('doctype', () => {
    throw failure(parser, { zh: '不接受文档类型声明（DOCTYPE）', en: 'a document type declaration (DOCTYPE) is not accepted' })
  })
  return {
    parser,
    enter: () => {
      depth += 1
      if (depth > maxDepth) throw failure(parser, { zh: `嵌套超过 ${maxDepth} 层`, en: `nested deeper than ${maxDepth} levels` })
    },
    leave: () => {
      depth -= 1
    },
  }
}

const attributesOf = (tag: SaxesTagNS): Record<string, string> => {
  const attributes: Record<string, string> = Object.create(null)
  for (const name in tag.attributes) attributes[name] = tag.attributes[name]!.value
  return attributes
}

/** The encoding named inside a string is no longer true, and a byte order mark inside it is no text. */
const withoutByteOrderMark = (text: string): string => (text.charCodeAt(0) === 0xfeff ? text.slice(1) : text)

/**
 * One document held in memory. Throws XML_INVALID with line and column. Digits stay text, lists stay lists, empty stays empty:
 * nothing is interpreted here.
 */
export const parseXml = (text: string, limits: XmlLimits = {}): XmlElement => {
  const { parser, enter, leave } = openParser(limits)
  const top: XmlElement = { name: '', local: '', uri: '', attributes: {}, children: [] }
  const open: XmlElement[] = [top]
  parser.on('opentag', (tag) => {
    enter()
    const element: XmlElement = { name: tag.name, local: tag.local, uri: tag.uri, attributes: attributesOf(tag), children: [] }
    open[open.length - 1]!.children.push(element)
    open.push(element)
  })
  parser.on('closetag', () => {
    leave()
    open.pop()
  })
  const addText = (part: string): void => {
    const { children } = open[open.length - 1]!
    const last = children.length - 1
    if (typeof children[last] === 'string') children[last] += part
    else children.push(part)
  }
  parser.on('text', (part) => {
    if (open.length > 1) addText(part)
  })
  parser.on('cdata', addText)
  parser.write(withoutByteOrderMark(text)).close()
  return top.children.find((child): child is XmlElement => typeof child !== 'string')!
}

/**
 * Cuts the records out of a document of any size: the elements at `path`, local names from the root on (`Records/Record`).
 * Holds one record and one chunk. Throws XML_INVALID where the document breaks; what was yielded before stands.
 */
export async function* splitXml(
  chunks: AsyncIterable<string> | Iterable<string>,
  path: string,
  limits: XmlLimits = {},
): AsyncGenerator<SplitRecord> {
  const { parser, enter, leave } = openParser(limits)
  const maxLength = limits.maxRecordLength ?? 16 * 1024 * 1024
  const wanted = path.split('/').filter((step) => step !== '')
  const trail: string[] = []
  const scopes: Record<string, string>[] = []
  const found: SplitRecord[] = []
  let held = ''
  let heldFrom = 0
  let recordFrom = -1
  let tagFrom = 0
  let index = 0

  parser.on('opentagstart', () => {
    tagFrom = heldFrom + held.lastIndexOf('<', parser.position - heldFrom - 1)
  })
  parser.on('opentag', (tag) => {
    enter()
    trail.push(tag.local)
    scopes.push(tag.ns ?? {})
    const isRecord =
      recordFrom < 0 && trail.length === wanted.length && wanted.every((step, depth) => step === '*' || step === trail[depth])
    if (isRecord) recordFrom = tagFrom
  })
  parser.on('closetag', () => {
    if (recordFrom >= 0 && trail.length === wanted.length) {
      const raw = held.slice(recordFrom - heldFrom, parser.position - heldFrom)
      found.push({ text: withNamespaces(raw, scopes), index })
      index += 1
      recordFrom = -1
    }
    leave()
    trail.pop()
    scopes.pop()
  })

  let first = true
  for await (const chunk of chunks) {
    const text = first ? withoutByteOrderMark(chunk) : chunk
    first = false
    held += text
    parser.write(text)
    yield* found.splice(0)
    const keepFrom = recordFrom >= 0 ? recordFrom : Math.max(heldFrom, held.lastIndexOf('<') + heldFrom)
    if (recordFrom >= 0 && parser.position - recordFrom > maxLength) {
      throw GatewayError.of('RECORD_TOO_LARGE', { size: parser.position - recordFrom, limit: maxLength })
    }
    held = held.slice(keepFrom - heldFrom)
    heldFrom = keepFrom
  }
  parser.close()
  yield* found.splice(0)
}

/** Repeats on the record's start tag what its ancestors declare, so that it stands as a document of its own. */
const withNamespaces = (raw: string, scopes: Record<string, string>[]): string => {
  const inherited: Record<string, string> = {}
  for (const scope of scopes.slice(0, -1)) Object.assign(inherited, scope)
  for (const prefix of Object.keys(scopes.at(-1) ?? {})) delete inherited[prefix]
  const declarations = Object.entries(inherited)
    .map(
      ([prefix, uri]) =>
        ` xmlns${prefix === '' ? '' : `:${prefix}`}="${uri.replace(/&/g, '&amp;').replace(/"/g, '&quot;').replace(/</g, '&lt;')}"`,
    )
    .join('')
  return declarations === '' ? raw : raw.replace(/^<[^\s/>]+/, (start) => start + declarations)
}
