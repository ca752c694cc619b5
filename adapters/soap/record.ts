/** One element of a page as a record of its stream. */
import {
  contentKey,
  createNaming,
  type GatewayError,
  parseXml,
  type SourceRecord,
  type SplitRecord,
  toGatewayError,
} from '../../core/contract.ts'
import type { SoapOptions } from './options.ts'

export const createRecords = (options: SoapOptions) => {
  const { nameOf, unreadableStream } = createNaming(options)

  /** What cannot be read: kept as it is. */
  const unreadable = (text: string, fault: GatewayError): SourceRecord => ({
    stream: unreadableStream,
    key: contentKey(text),
    body: text,
    contentType: 'application/xml',
    fault,
  })

  const toRecord = ({ text, element }: SplitRecord): SourceRecord => {
    try {
      const value = element ?? parseXml(text)
      const { stream, key = contentKey(text) } = nameOf(value)
      return { stream, key, body: text, contentType: 'application/xml', value }
    } catch (error) {
      return unreadable(text, toGatewayError(error))
    }
  }

  return { toRecord, unreadable }
}
