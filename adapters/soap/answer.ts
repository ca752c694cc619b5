/** From the bytes of an answer to the records of a page. */
import {
  decodeText,
  GatewayError,
  type Path,
  parseXml,
  readXml,
  type SourceRecord,
  splitXml,
  structure,
  type Text,
  textOf,
  textsAt,
  toGatewayError,
  toPath,
  type XmlElement,
} from '../../core/contract.ts'
import type { HttpAnswer } from './http.ts'
import type { SoapOptions } from './options.ts'
import { createRecords } from './record.ts'

export interface Page {
  records: SourceRecord[]
  /** False when the inner document breaks off: then the number of records says nothing about the page. */
  whole: boolean
  cursor: string | undefined
}

/** The document that holds the records. */
interface Inner {
  text: string
  /** The paths of the options begin at its children. Holds what stands before the fault when the document breaks off. */
  tree: XmlElement
  fault: GatewayError | undefined
  /** Leads from the root of `text` to where the paths of the options begin. */
  prefix: string
}

const envelopes = ['http://schemas.xmlsoap.org/soap/envelope/', 'http://www.w3.org/2003/05/soap-envelope']

/** A fault keeps no more of a broken document than this many characters. */
const maxFaultLength = 256 * 1024

const faultCodes = ['faultcode', 'Code/Value'].map(toPath)
const faultTexts = ['faultstring', 'Reason/Text'].map(toPath)

const childOf = (element: XmlElement, local: string): XmlElement | undefined =>
  element.children.find((child): child is XmlElement => typeof child !== 'string' && child.local === local)

export const createAnswerReader = (system: string, options: SoapOptions) => {
  const { toRecord, unreadable } = createRecords(options)
  const { success, paging } = options
  const part = toPath(options.answer.part)
  const cursorPath = paging.kind === 'cursor' && paging.path !== undefined ? toPath(paging.path) : undefined
  const rule = success && {
    ...success,
    result: toPath(success.path),
    code: success.codePath === undefined ? undefined : toPath(success.codePath),
    text: success.textPath === undefined ? undefined : toPath(success.textPath),
  }

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
    if (fault) {
      const first = (paths: Path[]): string => paths.flatMap((path) => textsAt(fault, path))[0]?.trim() ?? ''
      throw GatewayError.of('SOURCE_FAULT', { system, code: first(faultCodes), reason: first(faultTexts) })
    }
    if (status !== 200) throw invalid({ zh: `HTTP ${status}`, en: `HTTP ${status}` })
    return body
  }

  const innerOf = (text: string, body: XmlElement): Inner => {
    if (options.answer.kind === 'typed') return { text, tree: body, fault: undefined, prefix: 'Envelope/Body/' }
    const strings = part
      .select({ root: body, node: body })
      .map(textOf)
      .filter((text) => text !== structure)
    if (strings.length !== 1) {
      throw invalid({
        zh: `路径 ${part.source} 处有 ${strings.length} 个值，应为 1 个`,
        en: `${part.source} holds ${strings.length} values, not 1`,
      })
    }
    // A nil string is one, too: with nothing in it.
    const inner = strings[0]?.trim() ?? ''
    const { above, fault } = readXml(inner)
    return { text: inner, tree: above, fault: inner === '' ? undefined : fault, prefix: '' }
  }

  const valueIn = ({ tree }: Inner, path: Path | undefined): string | undefined => path && textsAt(tree, path)[0]?.trim()

  const checkSuccess = (body: XmlElement, text: string): Inner => {
    if (!rule) return innerOf(text, body)
    const envelope: Inner = { text, tree: body, fault: undefined, prefix: '' }
    const over = rule.over === 'envelope' ? envelope : innerOf(text, body)
    const found = valueIn(over, rule.result)
    if (found === undefined && over.fault) {
      const { zh, en } = over.fault.text
      throw invalid({ zh: `内层文档：${zh}`, en: `inner document: ${en}` }, over.fault)
    }
    if (found === undefined) throw invalid({ zh: `路径 ${rule.path} 处没有结果码`, en: `no result code at ${rule.path}` })
    if (!rule.equals.includes(found)) {
      throw GatewayError.of('SOURCE_FAULT', {
        system,
        code: valueIn(over, rule.code) ?? found,
        reason: valueIn(over, rule.text) ?? '',
      })
    }
    return over === envelope ? innerOf(text, body) : over
  }

  /** `position` names the page, for records that have no key of their own. */
  const readPage = async (answer: HttpAnswer, position: string): Promise<Page> => {
    if (answer.status === 401 || answer.status === 403)
      throw GatewayError.of('SOURCE_DENIED', { system, reason: `HTTP ${answer.status}` })
    const text = decode(answer)
    const inner = checkSuccess(bodyOf(text, answer.status), text)
    const records: SourceRecord[] = []
    let goodTo = 0
    try {
      for await (const { text: cut, index, end } of splitXml([inner.text], inner.prefix + options.answer.records)) {
        records.push(toRecord(cut, `${position}#${index}`))
        goodTo = end
      }
    } catch (error) {
      if (inner.text === '') return { records, whole: true, cursor: undefined }
      const rest = inner.text.slice(goodTo, goodTo + maxFaultLength)
      records.push(unreadable(rest, `${position}#${records.length}`, toGatewayError(error)))
      return { records, whole: false, cursor: undefined }
    }
    return { records, whole: true, cursor: valueIn(inner, cursorPath) || undefined }
  }

  return { readPage }
}
