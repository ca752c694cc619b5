/** The envelope of a SOAP message, whichever side reads it. */
import { GatewayError } from '../errors.ts'
import type { SplitRecord } from './cut-xml.ts'
import { readXml } from './xml.ts'
import type { XmlElement } from './xml-element.ts'

export const soapNamespaces = {
  '1.1': 'http://schemas.xmlsoap.org/soap/envelope/',
  '1.2': 'http://www.w3.org/2003/05/soap-envelope',
} as const

export type SoapVersion = keyof typeof soapNamespaces

export interface SoapEnvelope {
  version: SoapVersion
  header: XmlElement | undefined
  body: XmlElement
  /** The elements at the path that was asked for. */
  records: SplitRecord[]
}

const childOf = (element: XmlElement, local: string): XmlElement | undefined =>
  element.children.find(
    (child): child is XmlElement => typeof child !== 'string' && child.local === local && child.uri === element.uri,
  )

/**
 * SOAP 1.1 and 1.2, whole or not at all. `path`, as for `readXml`, leads from the child of Body on to the records. Throws XML_INVALID, and
 * RECORD_UNREADABLE for a document that is no SOAP message.
 */
export const readEnvelope = (text: string, path?: string): SoapEnvelope => {
  const { above, records, fault } = readXml(text, path === undefined ? {} : { path: `Envelope/Body/${path}` })
  if (fault) throw fault
  const root = above.children[0] as XmlElement
  const version = (Object.keys(soapNamespaces) as SoapVersion[]).find((each) => soapNamespaces[each] === root.uri)
  const body = root.local === 'Envelope' ? childOf(root, 'Body') : undefined
  if (version && body) return { version, header: childOf(root, 'Header'), body, records }
  const reason = { zh: `根元素 ${root.name} 不是 SOAP 报文`, en: `<${root.name}> is no SOAP message` }
  throw GatewayError.of('RECORD_UNREADABLE', { reason })
}
