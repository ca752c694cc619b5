/** Posts to a SOAP stream: the envelope, and what it carries. */
import {
  GatewayError,
  type Receipt,
  readEnvelope,
  type SoapEnvelope,
  type SoapVersion,
  type SourceRecord,
  structure,
  textOf,
  toGatewayError,
  toPath,
  type XmlElement,
} from '../../core/contract.ts'
import type { Answer } from './answers.ts'
import type { BodyHead } from './body.ts'
import type { SoapStreamOptions, StreamOptions } from './options.ts'
import type { Records } from './records.ts'
import { createSoapAnswers } from './soap-answer.ts'

const isMandatory = ({ attributes }: XmlElement): boolean =>
  Object.entries(attributes).some(([name, value]) => /:mustUnderstand$/.test(name) && /^\s*(1|true)\s*$/.test(value))

/** Contract: the stream has `soap`. */
export const createSoapReader = (stream: StreamOptions & { soap: SoapStreamOptions }, records: Records) => {
  const { soap, path } = stream
  const part = toPath(soap.part)
  const answers = createSoapAnswers(soap, stream.charset)
  const typedPath = soap.kind === 'typed' ? (stream.records ?? '*') : undefined

  const innerOf = async (text: string, { body }: SoapEnvelope): Promise<SourceRecord[]> => {
    const strings = part
      .select({ root: body, node: body })
      .map(textOf)
      .filter((found) => found !== structure)
    const inner = strings.length === 1 ? (strings[0] ?? '').trim() : ''
    if (inner !== '') return records.readXmlDocument(inner)
    const reason = {
      zh: `路径 ${soap.part} 处应有 1 个字符串，内容是 XML`,
      en: `there must be one string at ${soap.part}, whose content is XML`,
    }
    return [records.unreadable(text, GatewayError.of('RECORD_UNREADABLE', { reason }))]
  }

  const open = (text: string): SoapEnvelope | SourceRecord => {
    try {
      return readEnvelope(text, typedPath)
    } catch (error) {
      return records.unreadable(text, toGatewayError(error))
    }
  }

  const findMandatory = ({ header }: SoapEnvelope): XmlElement | undefined =>
    header?.children.find((child): child is XmlElement => typeof child !== 'string' && isMandatory(child))

  const read = async (decoded: string | SourceRecord, { mediaType }: BodyHead) => {
    const post = (version: SoapVersion, found: SourceRecord[]) => ({
      records: found,
      answer: (receipts: Receipt[]): Answer => answers.answer(version, receipts),
    })
    const opened = typeof decoded === 'string' ? open(decoded) : decoded
    // No SOAP message: it is kept, and answered in the version that its media type promises.
    if (typeof decoded !== 'string' || !('version' in opened))
      return post(mediaType === 'application/soap+xml' ? '1.2' : '1.1', [opened as SourceRecord])
    const { version } = opened
    const unknown = findMandatory(opened)
    if (unknown) {
      const reason = {
        zh: `报文头 ${unknown.name} 要求必须理解，网关不处理它`,
        en: `header <${unknown.name}> must be understood, and the gateway does not know it`,
      }
      const error = GatewayError.of('PUSH_REFUSED', { request: `POST ${path}`, reason })
      return { records: [], answer: () => answers.notUnderstood(version, error) }
    }
    return post(version, typedPath === undefined ? await innerOf(decoded, opened) : records.fromElements(decoded, opened.records))
  }

  return read
}
