/** One element of a page as a record of its stream. */
import {
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

  /** What cannot be read: kept as it is, under its position. */
  const unreadable = (text: string, position: string, fault: GatewayError): SourceRecord => ({
    stream: unreadableStream,
    key: position,
    body: text,
    contentType: 'application/xml',
    fault,
  })

  const toRecord = ({ text, element }: SplitRecord, position: string): SourceRecord => {
    try {
      const value = element ?? parseXml(text)
      const { stream, key = position } = nameOf(value)
      return { stream, key, body: text, contentType: 'application/xml', value }
    } catch (error) {
      return unreadable(text, position, toGatewayError(error))
    }
  }

  return { toRecord, unreadable }
}
