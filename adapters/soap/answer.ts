/** From the bytes of an answer to the records of a page. */
import {
  decodeText,
  GatewayError,
  parseXml,
  type SourceRecord,
  type Text,
  toGatewayError,
  type XmlElement,
} from '../../core/contract.ts'
import { cutXml } from './cut-xml.ts'
import type { HttpAnswer } from './http.ts'
import type { SoapOptions } from './options.ts'
import { textsAt } from './path.ts'
import { toRecord, unreadable } from './record.ts'

export interface Page {
  records: SourceRecord[]
  /** False when the inner document breaks off: then the number of records says nothing about the page. */
  whole: boolean
  cursor: string | undefined
}

/** The document that holds the records. `tree` has its root as a child; undefined when the document is broken somewhere. */
interface Inner {
  text: string
  tree: XmlElement | undefined
  /** Leads from the root of `text` to where the paths of the options begin. */
  prefix: string
}

const envelopes = ['http://schemas.xmlsoap.org/soap/envelope/', 'http://www.w3.org/2003/05/soap-envelope']

/** A fault keeps no more of a broken document than this many characters. */
const maxFaultLength = 256 * 1024
const chunkLength = 16 * 1024

function* chunksOf(text: string): Generator<string> {
  for (let from = 0; from < text.length; from += chunkLength) yield text.slice(from, from + chunkLength)
}

const above = (root: XmlElement): XmlElement => ({ name: '', local: '', uri: '', attributes: {}, children: [root] })

const childOf = (element: XmlElement, local: string): XmlElement | undefined =>
  element.children.find((child): child is XmlElement => typeof child !== 'string' && child.local === local)

export const createAnswerReader = (system: string, options: SoapOptions) => {
  const invalid = (reason: Text, cause?: unknown): GatewayError =>
    GatewayError.of('SOURCE_ANSWER_INVALID', { system, reason }, { cause })

  /** The HTTP header wins over the XML declaration (RFC 7303), so the declaration is taken off when the header names a charset. */
  const decode = ({ bytes, contentType }: HttpAnswer): string => {
    const header = /charset\s*=\s*"?([^\s";]+)/.exec(contentType)?.[1]
    const start = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.byteLength, 256)).toString('latin1')
    const declaration = header === undefined ? undefined : /^(?:\u00ef\u00bb\u00bf)?\s*<\?xml[^>]*\?>/.exec(start)?.[0]
    try {
      return decodeText(bytes.subarray(declaration?.length ?? 0), header)
    } catch (cause) {
      const { text } = toGatewayError(cause)
      throw invalid({ zh: `编码不符：${text.zh}`, en: `wrong charset: ${text.en}` }, cause)
    }
  }

  const bodyOf = (text: string, status: number): XmlElement => {
    let root: XmlElement
    try {
      root = parseXml(text)
    } catch (cause) {
      const reason = toGatewayError(cause).text
      throw invalid({ zh: `HTTP ${status}，${reason.zh}`, en: `HTTP ${status}, ${reason.en}` }, cause)
    }
    const body = envelopes.includes(root.uri) && root.local === 'Envelope' ? childOf(root, 'Body') : undefined
    if (!body)
      throw invalid({
        zh: `HTTP ${status}，根元素 ${root.name} 不是 SOAP 报文`,
        en: `HTTP ${status}, <${root.name}> is no SOAP message`,
      })
    const fault = childOf(body, 'Fault')
    const first = (...paths: string[]): string => paths.flatMap((path) => textsAt(fault!, path))[0]?.trim() ?? ''
    if (fault)
      throw GatewayError.of('SOURCE_FAULT', {
        system,
        code: first('faultcode', 'Code/Value'),
        reason: first('faultstring', 'Reason/Text'),
      })
    if (status !== 200) throw invalid({ zh: `HTTP ${status}`, en: `HTTP ${status}` })
    return body
  }

  const innerOf = (text: string, body: XmlElement): Inner => {
    const { kind, part } = options.answer
    if (kind === 'typed') return { text, tree: body, prefix: 'Envelope/Body/' }
    const strings = textsAt(body, part)
    if (strings.length !== 1) {
      throw invalid({
        zh: `路径 ${part} 处有 ${strings.length} 个值，应为 1 个`,
        en: `${part} holds ${strings.length} values, not 1`,
      })
    }
    const inner = strings[0]!.trim()
    try {
      return { text: inner, tree: inner === '' ? above({ ...body, children: [] }) : above(parseXml(inner)), prefix: '' }
    } catch {
      // What is wrong with it is told by the fault record, in its place among the readable ones.
      return { text: inner, tree: undefined, prefix: '' }
    }
  }

  /** A broken document still tells what stands before the break: one bad record must not hide the others. */
  const valueIn = async ({ text, tree }: Inner, path: string): Promise<string | undefined> => {
    if (tree) return textsAt(tree, path)[0]?.trim()
    try {
      for await (const found of cutXml(() => chunksOf(text), path)) return textsAt(parseXml(found.text), '.')[0]?.trim()
    } catch (cause) {
      const reason = toGatewayError(cause).text
      throw invalid({ zh: `内层文档：${reason.zh}`, en: `inner document: ${reason.en}` }, cause)
    }
    return undefined
  }

  const checkSuccess = async (body: XmlElement, text: string): Promise<Inner> => {
    const rule = options.success
    if (!rule) return innerOf(text, body)
    const envelope: Inner = { text, tree: body, prefix: '' }
    const over = rule.over === 'envelope' ? envelope : innerOf(text, body)
    const found = await valueIn(over, rule.path)
    if (found === undefined) throw invalid({ zh: `路径 ${rule.path} 处没有结果码`, en: `no result code at ${rule.path}` })
    if (!rule.equals.includes(found)) {
      const told = async (path: string | undefined) => (path === undefined ? undefined : await valueIn(over, path))
      throw GatewayError.of('SOURCE_FAULT', {
        system,
        code: (await told(rule.codePath)) ?? found,
        reason: (await told(rule.textPath)) ?? '',
      })
    }
    return over === envelope ? innerOf(text, body) : over
  }

  const cursorIn = async (inner: Inner): Promise<string | undefined> => {
    const { kind, path } = options.paging
    return kind === 'cursor' && path !== undefined ? (await valueIn(inner, path)) || undefined : undefined
  }

  /** `position` names the page, for records that have no key of their own. */
  const readPage = async (answer: HttpAnswer, position: string): Promise<Page> => {
    if (answer.status === 401 || answer.status === 403)
      throw GatewayError.of('SOURCE_DENIED', { system, reason: `HTTP ${answer.status}` })
    const text = decode(answer)
    const inner = await checkSuccess(bodyOf(text, answer.status), text)
    const records: SourceRecord[] = []
    let whole = true
    let goodTo = 0
    try {
      for await (const { text: cut, index } of cutXml(() => chunksOf(inner.text), inner.prefix + options.answer.records)) {
        records.push(toRecord(cut, `${position}#${index}`, options))
        // All but the start tag is verbatim: there the namespaces of the ancestors were added.
        const rest = cut.slice(cut.indexOf('>'))
        goodTo = inner.text.indexOf(rest, goodTo) + rest.length
      }
    } catch (error) {
      if (inner.text !== '') {
        whole = false
        const rest = inner.text.slice(goodTo, goodTo + maxFaultLength)
        records.push(unreadable(rest, `${position}#${records.length}`, toGatewayError(error), options))
      }
    }
    const cursor = whole && inner.text !== '' ? await cursorIn(inner) : undefined
    return { records, whole, cursor }
  }

  return { readPage }
}
