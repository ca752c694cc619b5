/** From the bytes of an answer to the message in it, and to the string in that. */
import {
  answerText,
  GatewayError,
  type HttpAnswer,
  type Path,
  readEnvelope,
  type SplitRecord,
  structure,
  type Text,
  textOf,
  textsAt,
  toGatewayError,
  toPath,
  type XmlElement,
} from '../../core/contract.ts'

/** `body` holds what the paths of options begin at; `fault` is the element of that name in it. */
export interface SoapMessage {
  text: string
  body: XmlElement
  records: SplitRecord[]
  fault: XmlElement | undefined
}

/** Where SOAP 1.1 and 1.2 have them in a fault. */
export const faultCodes = ['faultcode', 'Code/Value']
export const faultTexts = ['faultstring', 'Reason/Text']

const childOf = (element: XmlElement, local: string): XmlElement | undefined =>
  element.children.find((child): child is XmlElement => typeof child !== 'string' && child.local === local)

const firstAt = (fault: XmlElement, paths: readonly Path[]): string =>
  paths.flatMap((path) => textsAt(fault, path))[0]?.trim() ?? ''

const [codePaths, textPaths] = [faultCodes.map(toPath), faultTexts.map(toPath)]

/** Throws SOURCE_ANSWER_INVALID, and SOURCE_DENIED for an account that is refused. */
export const createEnvelopeReader = (system: string) => {
  const invalid = (reason: Text, cause?: unknown): GatewayError =>
    GatewayError.of('SOURCE_ANSWER_INVALID', { system, reason }, { cause })

  const refuseDenied = ({ status }: HttpAnswer): void => {
    if (status === 401 || status === 403) throw GatewayError.of('SOURCE_DENIED', { system, reason: `HTTP ${status}` })
  }

  const decode = (answer: HttpAnswer): string => {
    try {
      return answerText(answer)
    } catch (cause) {
      const { text } = toGatewayError(cause)
      throw invalid({ zh: `编码不符：${text.zh}`, en: `wrong charset: ${text.en}` }, cause)
    }
  }

  /** `records`: the path of the elements that are to be cut out, from the child of Body on. */
  const readMessage = (answer: HttpAnswer, records?: string): SoapMessage => {
    const { status } = answer
    const text = decode(answer)
    try {
      const { body, records: cut } = readEnvelope(text, records)
      return { text, body, records: cut, fault: childOf(body, 'Fault') }
    } catch (thrown) {
      const { code, text: said, values } = toGatewayError(thrown)
      // Of what is no SOAP message, the reason alone: no record was asked for.
      const { zh, en } = code === 'RECORD_UNREADABLE' ? (values['reason'] as Text) : said
      throw invalid({ zh: `HTTP ${status}，${zh}`, en: `HTTP ${status}, ${en}` }, thrown)
    }
  }

  /** The one string at a path, which is another document. A nil string is one, too: with nothing in it. */
  const stringAt = (body: XmlElement, part: Path): string => {
    const strings = part
      .select({ root: body, node: body })
      .map(textOf)
      .filter((text) => text !== structure)
    if (strings.length === 1) return strings[0]?.trim() ?? ''
    throw invalid({
      zh: `路径 ${part.source} 处有 ${strings.length} 个值，应为 1 个`,
      en: `${part.source} holds ${strings.length} values, not 1`,
    })
  }

  const faultOf = (fault: XmlElement): GatewayError =>
    GatewayError.of('SOURCE_FAULT', { system, code: firstAt(fault, codePaths), reason: firstAt(fault, textPaths) })

  return { invalid, refuseDenied, readMessage, stringAt, faultOf }
}
