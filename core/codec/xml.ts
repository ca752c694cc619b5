import { SaxesParser, type SaxesTagNS } from 'saxes'
import { GatewayError, type Text } from '../errors.ts'
import { createHeldText, openCutter, type SplitRecord } from './cut-xml.ts'
import { hiddenFault, type Place, placeAfter } from './hidden-fault.ts'
import { createAttributes, noAttributes, XmlElement } from './xml-element.ts'
import { inWords } from './xml-reasons.ts'

/** A longer record is not also held as a tree while it is read: that would take many times its length. */
const maxHeldLength = 1024 * 1024

/** JSON Schema pattern of the paths that `splitXml` takes. */
export const elementPath = '^[^/\\[\\]@\'"\\s]+(/[^/\\[\\]@\'"\\s]+)*$'

export interface XmlLimits {
  /** Elements inside each other. The parser's namespace lookup costs time by depth, so this is a safety limit, too. */
  maxDepth?: number
  /** Characters that `splitXml` holds: of one record, or of a tag or comment between two. */
  maxRecordLength?: number
  /** `splitXml` adds the names of the elements that stand as deep as a record and are none. */
  others?: Set<string>
}

const failure = (parser: { line: number; column: number }, reason: Text, cause?: unknown): GatewayError =>
  // Before it has read anything the parser counts from 0.
  GatewayError.of('XML_INVALID', { line: parser.line, column: Math.max(1, parser.column), reason }, { cause })

/**
 * Strict, with namespaces; no document type (so no entities beyond the five of XML); depth limited. saxes keeps each listener as a
 * property of the parser: six are the most that V8 still keeps as a fast object, a seventh made parsing three times as slow.
 */
const openParser = (limits: XmlLimits) => {
  const parser = new SaxesParser({ xmlns: true, position: true })
  const maxDepth = limits.maxDepth ?? 100
  let depth = 0
  let leftAt = -1
  parser.on('error', (cause) => {
    const reason = cause.message.replace(/^\d+:\d+: /, '').replace(/\.$/, '')
    throw failure(parser, inWords(reason), cause)
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

/** The fault where it truly is. `read`: the text from `from` up to where the parser found it, `isWhole` when that is the end. */
const atItsCause = (fault: GatewayError, read: string, isWhole: boolean, from: Place): GatewayError => {
  const hidden = hiddenFault(read, isWhole)
  if (!hidden) return fault
  return GatewayError.of(
    'XML_INVALID',
    { ...placeAfter(read.slice(0, hidden.at), from), reason: hidden.reason },
    { cause: fault },
  )
}

const documentStart: Place = { line: 1, column: 1 }

const instanceNamespace = 'http://www.w3.org/2001/XMLSchema-instance'

/** Of an element that has none so far: most have one, and a list that something is pushed into has room for seventeen. */
const noChildren = Object.freeze([]) as unknown as XmlElement['children']

const addChild = (element: XmlElement, child: XmlElement | string): void => {
  if (element.children === noChildren) element.children = [child]
  else element.children.push(child)
}

const elementOf = (tag: SaxesTagNS): XmlElement => {
  let attributes: Record<string, string> | undefined
  let isNil = false
  for (const name in tag.attributes) {
    const { local, uri, value } = tag.attributes[name]!
    attributes ??= createAttributes()
    attributes[name] = value
    if (local === 'nil' && uri === instanceNamespace) isNil = /^\s*(true|1)\s*$/.test(value)
  }
  return new XmlElement(tag.name, tag.local, tag.uri, attributes ?? noAttributes, noChildren, isNil)
}

/** The encoding named inside a string is no longer true, and a byte order mark inside it is no text. */
const withoutByteOrderMark = (text: string): string => (text.charCodeAt(0) === 0xfeff ? text.slice(1) : text)

const addText = (element: XmlElement, part: string): void => {
  const { children } = element
  const last = children.length - 1
  if (typeof children[last] === 'string') children[last] += part
  else addChild(element, part)
}

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
 * line and column), only elements that were closed before it and those around them are there; of the `records` (the elements at `path`,
 * as for `splitXml`) those that were. Digits stay text, lists stay lists, empty stays empty: nothing is interpreted here.
 */
export const readXml = (
  text: string,
  limits: XmlLimits & { path?: string } = {},
): { above: XmlElement; records: SplitRecord[]; fault: GatewayError | undefined } => {
  const { parser, enter, leave, leftTooEarly } = openParser(limits)
  const document = withoutByteOrderMark(text)
  const above = new XmlElement('', '', '', noAttributes, [])
  const open: XmlElement[] = [above]
  const cutter = limits.path === undefined ? undefined : openCutter(parser, limits.path)
  cutter?.begin(document)
  const records: SplitRecord[] = []
  parser.on('opentag', (tag) => {
    enter()
    const element = elementOf(tag)
    addChild(open[open.length - 1]!, element)
    open.push(element)
    cutter?.enter(tag)
  })
  let left: XmlElement | undefined
  parser.on('closetag', () => {
    left = open.pop()
    const cut = cutter?.leave((from, end) => document.slice(from, end), left)
    if (cut) records.push(cut)
    leave()
  })
  parser.on('text', (part) => {
    if (open.length > 1) addText(open[open.length - 1]!, part)
  })
  parser.on('cdata', (part) => addText(open[open.length - 1]!, part))
  const broken = faultOf(() => parser.write(document))
  // Only within the document: a fault at its end says nothing of the element that was closed last.
  const isTooEarly = broken !== undefined && leftTooEarly()
  const found = broken ?? faultOf(() => parser.close())
  const fault = found && atItsCause(found, document.slice(0, parser.position), broken === undefined, documentStart)
  if (isTooEarly && records.at(-1)?.end === parser.position) records.pop()
  if (fault) prune(left && isTooEarly ? [...open, left] : open)
  return { above, records, fault }
}

/** As `readXml`; throws XML_INVALID and gives the root. */
export const parseXml = (text: string, limits: XmlLimits = {}): XmlElement => {
  const { above, fault } = readXml(text, limits)
  if (fault) throw fault
  return above.children[0] as XmlElement
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
  const cutter = openCutter(parser, path)
  const held = createHeldText()
  const found: SplitRecord[] = []
  /** The elements that are open inside the record; none outside, nor in a record that is too long for a tree. */
  let open: XmlElement[] = []
  let left: XmlElement | undefined

  parser.on('opentag', (tag) => {
    enter()
    const isRecord = cutter.enter(tag)
    if (!isRecord && open.length === 0) {
      if (cutter.isAsDeep()) limits.others?.add(tag.local)
      return
    }
    const element = elementOf(tag)
    const parent = open.at(-1)
    if (parent) addChild(parent, element)
    open.push(element)
    if (parser.position - cutter.neededFrom() > maxHeldLength) open = []
  })
  parser.on('closetag', () => {
    left = open.pop()
    const cut = cutter.leave(held.slice, left)
    if (cut) found.push(cut)
    leave()
  })
  const addToRecord = (part: string): void => {
    const element = open.at(-1)
    if (element) addText(element, part)
  }
  parser.on('text', addToRecord)
  parser.on('cdata', addToRecord)

  /** Where the held text begins. */
  let heldFrom = 0
  let heldPlace = documentStart
  const explained = (fault: GatewayError, isWhole: boolean): GatewayError => {
    // Text that may begin inside of a comment says nothing: of the document's head and of a record the beginning is known.
    const from = cutter.isInside() ? cutter.neededFrom() : heldFrom
    if (!cutter.isInside() && heldFrom > 0) return fault
    return atItsCause(fault, held.slice(from, parser.position), isWhole, placeAfter(held.slice(heldFrom, from), heldPlace))
  }

  let first = true
  for await (const next of chunks) {
    const chunk = first ? withoutByteOrderMark(next) : next
    first = false
    held.add(chunk)
    cutter.begin(chunk)
    const fault = faultOf(() => parser.write(chunk))
    // Its end tag has another name: it is told of before that is found out.
    if (fault && found.at(-1)?.end === parser.position) found.pop()
    yield* found.splice(0)
    if (fault) throw explained(fault, false)
    cutter.end()
    const length = cutter.position() - cutter.neededFrom()
    if (length > maxLength) throw GatewayError.of('RECORD_TOO_LARGE', { size: length, limit: maxLength })
    const needed = cutter.neededFrom()
    if (needed === heldFrom) continue
    heldPlace = placeAfter(held.slice(heldFrom, needed), heldPlace)
    heldFrom = needed
    held.dropBefore(needed)
  }
  const fault = faultOf(() => parser.close())
  if (fault) throw explained(fault, true)
}
