/** From the bytes of a post to its records. What cannot be read is a record, too: it is kept as it came. */
import {
  contentKey,
  createNaming,
  decodeText,
  GatewayError,
  parseJson,
  parseXml,
  type SourceRecord,
  type SplitRecord,
  splitJson,
  splitXml,
  type TreeNode,
  toGatewayError,
} from '../../core/contract.ts'
import type { StreamOptions } from './options.ts'
import { type Refusal, refused } from './refusal.ts'

const sliceLength = 64 * 1024

/** What is cut at a time: a document of more records than may be is not read to its end. */
function* slicesOf(text: string): Generator<string> {
  for (let from = 0; from < text.length; from += sliceLength) yield text.slice(from, from + sliceLength)
}

export const createRecords = (options: StreamOptions, maxRecords: number) => {
  const { nameOf, unreadableStream } = createNaming(options)
  const path = options.records ?? '*'
  const tooMany = (): Refusal =>
    refused(413, `POST ${options.path}`, {
      zh: `多于 maxRecords ${maxRecords} 条记录，请分几次发`,
      en: `it holds more than maxRecords, ${maxRecords} records: send it in parts`,
    })
  const noRecord = (): GatewayError =>
    GatewayError.of('RECORD_UNREADABLE', {
      reason: { zh: `没有位于 ${path} 的记录`, en: `there is no record at ${path}` },
    })
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

  /** Of a document that breaks off the records before that, and the document itself; when it holds none, the document. */
  const collect = async (document: string, found: AsyncIterable<SourceRecord>, mayBeEmpty: boolean): Promise<SourceRecord[]> => {
    const records: SourceRecord[] = []
    try {
      for await (const record of found) {
        records.push(record)
        if (records.length > maxRecords) throw tooMany()
      }
      if (records.length === 0 && !mayBeEmpty) throw noRecord()
    } catch (error) {
      if (!(error instanceof GatewayError)) throw error
      records.push(unreadable(document, error))
    }
    return records
  }

  async function* cutXml(document: string): AsyncGenerator<SourceRecord> {
    const cut = splitXml(slicesOf(document), path, { maxRecordLength: document.length })
    for await (const { text, element } of cut) yield guarded(text, () => element ?? parseXml(text))
  }

  async function* cutJson(document: string): AsyncGenerator<SourceRecord> {
    for await (const text of splitJson([document], options.records ?? '', document.length))
      yield guarded(text, () => parseJson(text))
  }

  const readXmlDocument = (document: string) => collect(document, cutXml(document), false)

  const readJsonDocument = async (document: string): Promise<SourceRecord[]> => {
    const isList = options.records !== undefined || document.trimStart().startsWith('[')
    return isList ? collect(document, cutJson(document), true) : [guarded(document, () => parseJson(document))]
  }

  /** The records of a SOAP message, which has been read whole. */
  const fromElements = (document: string, found: SplitRecord[]): SourceRecord[] => {
    if (found.length > maxRecords) throw tooMany()
    if (found.length === 0) return [unreadable(document, noRecord())]
    return found.map(({ text, element }) => guarded(text, () => element!))
  }

  /** `charset`: that of the transport. What is no text in its charset is kept as bytes. */
  const decode = (bytes: Uint8Array, charset: string | undefined): string | SourceRecord => {
    try {
      return decodeText(bytes, charset === undefined ? options.charset : { overriding: charset })
    } catch (error) {
      return unreadable(bytes, toGatewayError(error), charset)
    }
  }

  return { decode, unreadable, fromElements, readXmlDocument, readJsonDocument }
}

export type Records = ReturnType<typeof createRecords>
