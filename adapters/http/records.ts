/** From the bytes of a post to its records. What cannot be read is a record, too: it is kept as it came. */
import { createHash } from 'node:crypto'
import {
  createNaming,
  decodeText,
  GatewayError,
  parseJson,
  readXml,
  type SourceRecord,
  type SplitRecord,
  splitJson,
  type TreeNode,
  toGatewayError,
} from '../../core/contract.ts'
import type { StreamOptions } from './options.ts'

/** Without one of its own, a record is named by what it holds. */
const contentKey = (body: string | Uint8Array): string => createHash('sha256').update(body).digest('hex')

export const createRecords = (options: StreamOptions) => {
  const { nameOf, unreadableStream } = createNaming(options)
  const contentType = options.format === 'json' ? ('application/json' as const) : ('application/xml' as const)

  const unreadable = (body: string | Uint8Array, fault: GatewayError, charset = options.charset): SourceRecord => ({
    stream: unreadableStream,
    key: contentKey(body),
    body,
    contentType,
    charset,
    fault,
  })

  const guarded = (body: string, read: () => TreeNode): SourceRecord => {
    try {
      const value = read()
      const { stream, key = contentKey(body) } = nameOf(value)
      return { stream, key, body, contentType, value }
    } catch (error) {
      return unreadable(body, toGatewayError(error))
    }
  }

  /** Those that were cut out of a document, and when it breaks off, or holds none, the document itself. */
  const fromXml = (document: string, found: SplitRecord[], fault: GatewayError | undefined): SourceRecord[] => {
    const records = found.map(({ text, element }) => guarded(text, () => element!))
    if (fault) return [...records, unreadable(document, fault)]
    if (records.length > 0) return records
    const path = options.records ?? '*'
    const reason = { zh: `没有位于 ${path} 的记录`, en: `there is no record at ${path}` }
    return [unreadable(document, GatewayError.of('RECORD_UNREADABLE', { reason }))]
  }

  const readXmlDocument = (text: string): SourceRecord[] => {
    const { records, fault } = readXml(text, { path: options.records ?? '*' })
    return fromXml(text, records, fault)
  }

  const readJsonDocument = async (text: string): Promise<SourceRecord[]> => {
    const isList = options.records !== undefined || text.trimStart().startsWith('[')
    if (!isList) return [guarded(text, () => parseJson(text))]
    const records: SourceRecord[] = []
    try {
      for await (const entry of splitJson([text], options.records ?? '', text.length))
        records.push(guarded(entry, () => parseJson(entry)))
    } catch (error) {
      records.push(unreadable(text, toGatewayError(error)))
    }
    return records
  }

  /** `charset`: that of the transport. What is no text in its charset is kept as bytes. */
  const decode = (bytes: Uint8Array, charset: string | undefined): string | SourceRecord => {
    try {
      return decodeText(bytes, charset === undefined ? options.charset : { overriding: charset })
    } catch (error) {
      return unreadable(bytes, toGatewayError(error), charset)
    }
  }

  return { decode, unreadable, fromXml, readXmlDocument, readJsonDocument }
}

export type Records = ReturnType<typeof createRecords>
