/**
 * A post with attachments, which is read while it comes:
 *
 *     parts beside the record ──▶ keep                     multipart/form-data; MTOM (multipart/related)
 *     texts inside of it      ──▶ keep, digest in place    base64 in XML and SOAP
 *     the rest                ──▶ the document, whole, as any other post's
 */
import type { IncomingMessage } from 'node:http'
import { createUnzip } from 'node:zlib'
import {
  type Arriving,
  contentKey,
  GatewayError,
  type Keep,
  liftBytes,
  liftPlaces,
  type MediaType,
  openArriving,
  type Part,
  parseDisposition,
  parseMediaType,
  readMultipart,
  readXopPackage,
  type SourceRecord,
  type Text,
} from '../../core/contract.ts'
import { type BodyHead, damaged, isUnfit, readHead, tooLarge } from './body.ts'
import type { StreamOptions } from './options.ts'
import { refused } from './refusal.ts'

/** What has arrived of a post. */
export interface Arrival {
  document: Uint8Array
  head: BodyHead
  /** The records of the document with their attachments. Rejects with a Refusal when they do not name all that came. */
  settle(records: SourceRecord[]): Promise<SourceRecord[]>
}

type Found = Pick<Arrival, 'document' | 'head'>

/** What stands at the paths of a stream, where nothing is said: SOAP knows base64 alone, and XOP in place of it. */
export const holdsOf = ({ format, attachments }: StreamOptions) =>
  attachments?.holds ?? (format === 'soap' ? 'base64' : 'fileName')

/** The type of several parts that a stream takes. */
export const partsOf = (stream: StreamOptions): string | undefined => {
  if (!stream.attachments) return undefined
  if (stream.soap) return 'multipart/related'
  return holdsOf(stream) === 'base64' ? undefined : 'multipart/form-data'
}

/** Contract: the stream has `attachments`, and has passed `checkHttpOptions`. Rejects with a Refusal, and as `keep`. */
export const createArrivals = (stream: StreamOptions, maxBodyBytes: number, keep: Keep) => {
  const { path, format, records = '*', soap, key } = stream
  const { paths, recordPart, maxCount } = stream.attachments!
  const holds = holdsOf(stream)
  const isContent = holds === 'base64'
  const places = liftPlaces(
    soap?.kind === 'xml-string'
      ? { document: `Envelope/Body/${soap.part}`, records, paths }
      : { records: soap ? `Envelope/Body/${records}` : records, paths },
  )
  const refuse = (status: number, zh: string, en: string) => refused(status, `POST ${path}`, { zh, en })

  const collect = async (pieces: AsyncIterable<Uint8Array>): Promise<Buffer> => {
    const collected: Uint8Array[] = []
    let size = 0
    for await (const piece of pieces) {
      size += piece.byteLength
      if (size > maxBodyBytes) throw refused(413, `POST ${path}`, tooLarge(maxBodyBytes).reason)
      collected.push(piece)
    }
    return Buffer.concat(collected)
  }

  /** The document, without the texts that are contents. */
  const collectDocument = (pieces: AsyncIterable<Uint8Array>, arriving: Arriving): Promise<Buffer> =>
    collect(isContent && format !== 'json' ? liftBytes(pieces, places, arriving.lift) : pieces)

  const addPart = async (arriving: Arriving, name: string, { headers, content }: Part, fileName?: string): Promise<void> => {
    const mediaType = parseMediaType(headers.get('content-type') ?? '')?.essence
    const told = { ...(fileName !== undefined && { fileName }), ...(mediaType !== undefined && { mediaType }) }
    if (await arriving.addPart(name, content, told)) return
    throw refuse(400, `有两个部分都叫“${name}”`, `two parts are called "${name}"`)
  }

  const partHead = (headers: Part['headers']): BodyHead => {
    const given = headers.get('content-type')
    if (given === undefined) return { mediaType: '', charset: undefined, isCompressed: false }
    const head = readHead({ 'content-type': given }, format)
    if (!isUnfit(head)) return head
    const { status, reason } = head
    const named: Text = { zh: `部分“${recordPart}”：${reason.zh}`, en: `part "${recordPart}": ${reason.en}` }
    throw refused(status, `POST ${path}`, named)
  }

  const readForm = async (parts: AsyncIterable<Part>, arriving: Arriving): Promise<Found> => {
    let found: Found | undefined
    for await (const part of parts) {
      const { kind, name, fileName } = parseDisposition(part.headers.get('content-disposition') ?? '')
      if (kind !== 'form-data' || !name)
        throw refuse(
          400,
          '有一个部分没有名称（Content-Disposition: form-data; name=…）',
          'a part has no name (Content-Disposition: form-data; name=…)',
        )
      if (name === recordPart) {
        if (found) throw refuse(400, `有两个部分都叫“${name}”`, `two parts are called "${name}"`)
        found = { head: partHead(part.headers), document: await collect(part.content) }
        continue
      }
      const called = holds === 'partName' ? name : fileName
      if (!called) throw refuse(400, `部分“${name}”没有文件名（filename）`, `part "${name}" has no filename`)
      await addPart(arriving, called, part, fileName)
    }
    if (found) return found
    throw refuse(400, `没有名为“${recordPart}”的部分，即记录`, `there is no part "${recordPart}", which is the record`)
  }

  const readMessage = async (pieces: AsyncIterable<Uint8Array>, type: MediaType, arriving: Arriving): Promise<Found> => {
    const readRoot = (content: AsyncIterable<Uint8Array>) => collectDocument(content, arriving)
    const { root, document } = await readXopPackage(pieces, type, maxCount, arriving, readRoot)
    const mediaType = (root.parameter('type') ?? '').split(';')[0]!.trim().toLowerCase()
    return { head: { mediaType, charset: root.parameter('charset'), isCompressed: false }, document }
  }

  const read = async (pieces: AsyncIterable<Uint8Array>, head: BodyHead, arriving: Arriving): Promise<Found> => {
    if (!head.multipart) return { head, document: await collectDocument(pieces, arriving) }
    try {
      if (soap) return await readMessage(pieces, head.multipart, arriving)
      return await readForm(readMultipart(pieces, head.multipart.parameter('boundary')!, maxCount + 1), arriving)
    } catch (error) {
      if (!(error instanceof GatewayError) || error.code !== 'RECORD_UNREADABLE') throw error
      throw refused(400, `POST ${path}`, error.values['reason'] as Text)
    }
  }

  /** Whoever stops in the middle leaves the connection open, for the answer. */
  async function* piecesOf(raw: IncomingMessage, isCompressed: boolean): AsyncGenerator<Uint8Array> {
    const given = raw.iterator({ destroyOnReturn: false })
    if (!isCompressed) return yield* given
    const unzip = createUnzip()
    raw.once('error', (error) => unzip.destroy(error))
    raw.pipe(unzip)
    try {
      yield* unzip
    } catch (error) {
      throw String((error as NodeJS.ErrnoException).code).startsWith('Z_')
        ? refused(damaged.status, `POST ${path}`, damaged.reason)
        : error
    }
  }

  /** Without a key of its own a record is named by its content, that of its attachments included. */
  const renamed = (record: SourceRecord): SourceRecord =>
    key.length === 0 && record.attachments ? { ...record, key: contentKey(record.body) } : record

  const settle = async (records: SourceRecord[], arriving: Arriving): Promise<SourceRecord[]> => {
    // A message of SOAP that is not understood: its answer says so.
    if (soap && records.length === 0) return records
    const settled: SourceRecord[] = []
    for (const record of records) settled.push(renamed(await arriving.attach(record)))
    const unclaimed = arriving.unclaimed()
    if (unclaimed.length === 0) return settled
    const faulty = settled.findIndex(({ fault }) => fault !== undefined)
    if (faulty >= 0) return settled.with(faulty, arriving.attachUnclaimed(settled[faulty]!))
    const names = unclaimed.slice(0, 5).join(', ')
    throw refuse(
      400,
      `没有记录在 ${paths.join('、')} 处提到：${names}`,
      `no record names at ${paths.join(', ')} what came with it: ${names}`,
    )
  }

  return async (raw: IncomingMessage, head: BodyHead): Promise<Arrival> => {
    const arriving = openArriving({ paths, isContent }, keep)
    try {
      const { document, head: own } = await read(piecesOf(raw, head.isCompressed), head, arriving)
      if (document.byteLength === 0) throw refuse(400, '没有内容', 'it has no body')
      return { document, head: own, settle: (records) => settle(records, arriving) }
    } finally {
      // What is left of a post that is refused must come before its sender reads the answer.
      raw.resume()
    }
  }
}
