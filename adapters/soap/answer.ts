/** From the bytes of an answer to the records of a page. */
import {
  decodeText,
  GatewayError,
  type Path,
  readXml,
  type SourceRecord,
  type SplitRecord,
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
  /** The records before the fault. */
  records: SplitRecord[]
  fault: GatewayError | undefined
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
  const typedPath = options.answer.kind === 'typed' ? `Envelope/Body/${options.answer.records}` : undefined
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

  /** The body of the message; of a typed answer, with its records. */
  const envelopeOf = (text: string, status: number): Inner => {
    const { above, records, fault: broken } = readXml(text, typedPath === undefined ? {} : { path: typedPath })
    if (broken) throw invalid({ zh: `HTTP ${status}，${broken.text.zh}`, en: `HTTP ${status}, ${broken.text.en}` }, broken)
    const root = above.children[0] as XmlElement
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
    return { text, tree: body, records, fault: undefined }
  }

  const innerOf = (envelope: Inner): Inner => {
    if (typedPath !== undefined) return envelope
    const body = envelope.tree
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
    const { above, records, fault } = readXml(inner, { path: options.answer.records })
    return { text: inner, tree: above, records, fault: inner === '' ? undefined : fault }
  }

  const valueIn = ({ tree }: Inner, path: Path | undefined): string | undefined => path && textsAt(tree, path)[0]?.trim()

  const checkSuccess = (envelope: Inner): Inner => {
    if (!rule) return innerOf(envelope)
    const over = rule.over === 'envelope' ? envelope : innerOf(envelope)
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
    return over === envelope ? innerOf(envelope) : over
  }

  /** `position` names the page, for records that have no key of their own. */
  const readPage = (answer: HttpAnswer, position: string): Page => {
    if (answer.status === 401 || answer.status === 403)
      throw GatewayError.of('SOURCE_DENIED', { system, reason: `HTTP ${answer.status}` })
    const inner = checkSuccess(envelopeOf(decode(answer), answer.status))
    const records = inner.records.map((record) => toRecord(record, `${position}#${record.index}`))
    if (!inner.fault) return { records, whole: true, cursor: valueIn(inner, cursorPath) || undefined }
    const goodTo = inner.records.at(-1)?.end ?? 0
    const rest = inner.text.slice(goodTo, goodTo + maxFaultLength)
    records.push(unreadable(rest, `${position}#${records.length}`, inner.fault))
    return { records, whole: false, cursor: undefined }
  }

  return { readPage }
}
