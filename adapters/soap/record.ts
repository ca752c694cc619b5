/** One element of a page as a record of its stream. */
import { GatewayError, parseXml, type SourceRecord, toGatewayError, type XmlElement } from '../../core/contract.ts'
import type { SoapOptions } from './options.ts'
import { textsAt } from './path.ts'

type Naming = Pick<SoapOptions, 'stream' | 'key'>

/** Several key values in one: a slash between them, so a slash inside one is written %2F. */
const joinKey = (values: string[]): string => values.map((value) => value.replaceAll('%', '%25').replaceAll('/', '%2F')).join('/')

const one = (element: XmlElement, path: string): string => {
  const values = textsAt(element, path).map((value) => value.trim())
  if (values.length === 1 && values[0] !== '') return values[0]!
  throw GatewayError.of('RECORD_UNREADABLE', {
    reason: {
      zh: `路径 ${path} 处有 ${values.filter(Boolean).length} 个值，应为 1 个`,
      en: `${path} holds ${values.filter(Boolean).length} values, not 1`,
    },
  })
}

const streamOf = (element: XmlElement, template: string): string =>
  template.replace(/\{([^}]+)\}/g, (_, path: string) => (path === 'element' ? element.local : one(element, path)))

/** What cannot be read: kept as it is, under its position. A stream that depends on its content is that of no mapping. */
export const unreadable = (text: string, position: string, fault: GatewayError, { stream }: Naming): SourceRecord => ({
  stream: stream.includes('{') ? 'unreadable' : stream,
  key: position,
  body: text,
  contentType: 'application/xml',
  fault,
})

export const toRecord = (text: string, position: string, naming: Naming): SourceRecord => {
  try {
    const element = parseXml(text)
    const key = joinKey(naming.key.map((path) => one(element, path)))
    return { stream: streamOf(element, naming.stream), key, body: text, contentType: 'application/xml' }
  } catch (error) {
    return unreadable(text, position, toGatewayError(error), naming)
  }
}
