/** Answers of a SOAP stream, in the version in which they were asked for. */
import { Builder } from 'xml2js'
import { encodeText, type GatewayError, type Receipt, type SoapVersion, soapNamespaces } from '../../core/contract.ts'
import { type Answer, firstQuarantined, keptNote, refusalBody, shownReceipt } from './answers.ts'
import type { SoapStreamOptions } from './options.ts'

const mediaTypes: Record<SoapVersion, string> = { '1.1': 'text/xml', '1.2': 'application/soap+xml' }

/** By the sender's fault; SOAP 1.1 over HTTP knows no other status than 500 for a fault. */
const senderFault = { '1.1': { code: 'soap:Client', status: 500 }, '1.2': { code: 'soap:Sender', status: 400 } } as const

const illegal = /[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu

/** An answer that could not be written would have its records sent for ever: what XML has no character for is replaced. */
const writable = (body: object): object =>
  JSON.parse(JSON.stringify(body), (_, value: unknown) => (typeof value === 'string' ? value.replace(illegal, '\ufffd') : value))

/** A character that the charset lacks makes the whole answer UTF-8: it is never replaced. */
const encode = (body: object, charset: string): { charset: string; bytes: Uint8Array } => {
  const write = (encoding: string): string =>
    new Builder({ renderOpts: { pretty: false }, xmldec: { version: '1.0', encoding } }).buildObject(writable(body))
  try {
    return { charset, bytes: encodeText(write(charset), charset) }
  } catch {
    return { charset: 'utf-8', bytes: encodeText(write('utf-8'), 'utf-8') }
  }
}

const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')

/** The string of the department's own shape. */
const fillReply = (template: string, receipts: Receipt[], error: GatewayError | undefined): string => {
  const values: Record<string, string> = {
    records: String(receipts.length),
    recordSeqs: receipts.map(({ recordSeq }) => recordSeq).join(','),
    code: error?.code ?? '',
    message: error ? `${error.text.zh}（${keptNote.zh}）` : '已收下',
  }
  const shown = template.trimStart().startsWith('<') ? escaped : (text: string) => text
  return template.replace(/\{(records|recordSeqs|code|message)\}/g, (_, name: string) => shown(values[name]!))
}

export const createSoapAnswers = ({ kind, operation, namespace, reply }: SoapStreamOptions, charset: string) => {
  const envelope = (version: SoapVersion, status: number, body: object): Answer => {
    const encoded = encode({ 'soap:Envelope': { $: { 'xmlns:soap': soapNamespaces[version] }, 'soap:Body': body } }, charset)
    return { status, contentType: `${mediaTypes[version]}; charset=${encoded.charset}`, body: encoded.bytes }
  }

  const fault = (version: SoapVersion, status: number, code: string, { zh, en }: { zh: string; en: string }, detail: object) => {
    const inner = { error: { $: { xmlns: namespace }, ...detail } }
    const said =
      version === '1.1'
        ? { faultcode: code, faultstring: `${zh} / ${en}`, detail: inner }
        : {
            'soap:Code': { 'soap:Value': code },
            'soap:Reason': {
              'soap:Text': [
                { $: { 'xml:lang': 'zh' }, _: zh },
                { $: { 'xml:lang': 'en' }, _: en },
              ],
            },
            'soap:Detail': inner,
          }
    return envelope(version, status, { 'soap:Fault': said })
  }

  const quarantined = (version: SoapVersion, receipts: Receipt[], error: GatewayError): Answer => {
    const { code, status } = senderFault[version]
    const text = { zh: `${error.text.zh}（${keptNote.zh}）`, en: `${error.text.en} (${keptNote.en})` }
    const detail = { ...refusalBody(error), kept: true, receipt: receipts.map(shownReceipt) }
    return fault(version, status, code, text, detail)
  }

  /** A header block that must be understood, and is not. */
  const notUnderstood = (version: SoapVersion, error: GatewayError): Answer =>
    fault(version, 500, 'soap:MustUnderstand', error.text, refusalBody(error))

  const answer = (version: SoapVersion, receipts: Receipt[]): Answer => {
    const error = firstQuarantined(receipts)
    const template = error ? reply.failed : reply.stored
    if (error && (kind === 'typed' || template === undefined)) return quarantined(version, receipts, error)
    const content = kind === 'typed' ? { receipt: receipts.map(shownReceipt) } : { return: fillReply(template!, receipts, error) }
    return envelope(version, 200, { [`${operation}Response`]: { $: { xmlns: namespace }, ...content } })
  }

  return { answer, notUnderstood }
}
