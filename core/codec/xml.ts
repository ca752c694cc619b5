import { SaxesParser, type SaxesTagNS } from 'saxes'
import { GatewayError, type Text } from '../errors.ts'

/** Marks what the parser has made, so that no JSON document can pass for an element. */
export const elementMark: unique symbol = Symbol('element')

/** An element as received: names with their prefix, attributes, text and child elements in document order. */
export interface XmlElement {
  [elementMark]: true
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
  /** Where it ends in the document, in characters, a byte order mark not counted. */
  end: number
}

/** JSON Schema pattern of the paths that `splitXml` takes. */
export const elementPath = '^[^/\\[\\]@\'"\\s]+(/[^/\\[\\]@\'"\\s]+)*$'

export interface XmlLimits {
  /** Elements inside each other. The parser's namespace lookup costs time by depth, so this is a safety limit, too. */
  maxDepth?: number
  /** Characters that `splitXml` holds: of one record, or of a tag or comment between two. */
  maxRecordLength?: number
}

const failure = (parser: { line: number; column: number }, reason: Text, cause?: unknown): GatewayError =>
  GatewayError.of('XML_INVALID', { line: parser.line, column: parser.column, reason }, { cause })

/** Strict, with namespaces; no document type (so no entities beyond the five of XML); depth limited. */
const openParser = (limits: XmlLimits) => {
  const parser = new SaxesParser({ xmlns: true, position: true })
  const maxDepth = limits.maxDepth ?? 100
  let depth = 0
  let leftAt = -1
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
      leftAt = parser.position
    },
    /** After a fault: whether it lies in the end tag just left. The parser tells of the end before it compares the names. */
    leftTooEarly: () => leftAt === parser.position,
  }
}

/** What parsing throws for the document; bugs are thrown on. */
const faultOf = (parse: () => unknown): GatewayError | undefined => {
  try {
    parse()
    return undefined
  } catch (error) {
    if (error instanceof GatewayError) return error
    throw error
  }
}

const attributesOf = (tag: SaxesTagNS): Record<string, string> => {
  const attributes: Record<string, string> = Object.create(null)
  for (const name in tag.attributes) attributes[name] = tag.attributes[name]!.value
  return attributes
}

/** The encoding named inside a string is no longer true, and a byte order mark inside it is no text. */
const withoutByteOrderMark = (text: string): string => (text.charCodeAt(0) === 0xfeff ? text.slice(1) : text)

/** Nothing that was still open at a fault is known whole: of its children those stay that were closed. */
const prune = (open: XmlElement[]): void => {
  for (const [depth, element] of [...open.entries()].reverse()) {
    const next = open[depth + 1]
    element.children = element.children.filter(
      (child) => typeof child !== 'string' && (child !== next || child.children.length > 0),
    )
  }
}

/**
 * One document held in memory, also when it breaks off: `above` has its root as the only child, or none. With a fault (XML_INVALID with
 * line and column), only elements that were closed before it and those around them are there. Digits stay text, lists stay lists,
 * empty stays empty: nothing is interpreted here.
 */
export const readXml = (text: string, limits: XmlLimits = {}): { above: XmlElement; fault: GatewayError | undefined } => {
  const { parser, enter, leave, leftTooEarly } = openParser(limits)
  const above: XmlElement = { [elementMark]: true, name: '', local: '', uri: '', attributes: Object.create(null), children: [] }
  const open: XmlElement[] = [above]
  parser.on('opentag', (tag) => {
    enter()
    const element: XmlElement = {
      [elementMark]: true,
      name: tag.name,
      local: tag.local,
      uri: tag.uri,
      attributes: attributesOf(tag),
      children: [],
    }
    open[open.length - 1]!.children.push(element)
    open.push(element)
  })
  let left: XmlElement | undefined
  parser.on('closetag', () => {
    leave()
    left = open.pop()
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
  const fault = faultOf(() => parser.write(withoutByteOrderMark(text)).close())
  if (fault) prune(left && leftTooEarly() ? [...open, left] : open)
  return { above, fault }
}

/** As `readXml`; throws XML_INVALID and gives the root. */
export const parseXml = (text: string, limits: XmlLimits = {}): XmlElement => {
  const { above, fault } = readXml(text, limits)
  if (fault) throw fault
  return above.children[0] as XmlElement
}

/** The text that is still needed: a list of chunks, joined only when a record is taken out, so that its length costs nothing. */
const createHeldText = () => {
  let parts: string[] = []
  let from = 0
  return {
    add: (text: string): void => void parts.push(text),
    slice(start: number, end: number): string {
      if (parts.length > 1) parts = [parts.join('')]
      return parts[0]!.slice(start - from, end - from)
    },
    dropBefore(position: number): void {
      while (parts.length > 0 && from + parts[0]!.length <= position) from += parts.shift()!.length
      if (parts.length !== 1) return
      parts = [parts[0]!.slice(position - from)]
      from = position
    },
  }
}

/**
 * Cuts the records out of a document of any size: the elements at `path`, local names from the root on (`Records/Record`).
 * Holds one record and one chunk. Throws XML_INVALID where the document breaks and RECORD_TOO_LARGE; every record before that is
 * yielded first.
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
  const held = createHeldText()
  let chunk = ''
  let chunkFrom = 0
  let lastTagFrom = 0
  let recordFrom = -1
  let tagFrom = 0
  let index = 0

  // A name holds no `<`: the nearest one before it begins the tag, in this chunk or as the last one of those before.
  parser.on('opentagstart', () => {
    const at = chunk.lastIndexOf('<', parser.position - chunkFrom - 1)
    tagFrom = at < 0 ? lastTagFrom : chunkFrom + at
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
      const end = parser.position
      found.push({ text: withNamespaces(held.slice(recordFrom, end), scopes), index, end })
      index += 1
      recordFrom = -1
    }
    leave()
    trail.pop()
    scopes.pop()
  })

  let first = true
  for await (const next of chunks) {
    chunk = first ? withoutByteOrderMark(next) : next
    first = false
    held.add(chunk)
    const fault = faultOf(() => parser.write(chunk))
    // Its end tag has another name: it is told of before that is found out.
    if (fault && found.at(-1)?.end === parser.position) found.pop()
    yield* found.splice(0)
    if (fault) throw fault
    const at = chunk.lastIndexOf('<')
    if (at >= 0) lastTagFrom = chunkFrom + at
    chunkFrom += chunk.length
    const neededFrom = recordFrom < 0 ? lastTagFrom : recordFrom
    if (chunkFrom - neededFrom > maxLength) {
      throw GatewayError.of('RECORD_TOO_LARGE', { size: chunkFrom - neededFrom, limit: maxLength })
    }
    held.dropBefore(neededFrom)
  }
  parser.close()
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
