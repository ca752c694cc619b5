/** Bodies of several parts (RFC 2046): forms (multipart/form-data) and SOAP messages with their contents beside them (multipart/related). */
import { once } from 'node:events'
import type { Readable } from 'node:stream'
import { MIMEType } from 'node:util'
import { Dicer } from '@fastify/busboy'
import { GatewayError } from '../errors.ts'
import { decodeBase64 } from './base64.ts'

export interface Part {
  /** By names in lower case; bytes that are no ASCII are read as UTF-8. */
  headers: ReadonlyMap<string, string>
  /** To be read before the next part is asked for; what is not read is passed over. */
  content: AsyncIterable<Buffer>
}

/** The value before the first semicolon, in lower case, and what follows; undefined when it is none. */
export interface MediaType {
  essence: string
  parameter(name: string): string | undefined
}

/** Parses `Content-Type`. */
export const parseMediaType = (header: string): MediaType | undefined => {
  try {
    // Of bytes beyond ASCII it knows Latin-1 alone.
    const { essence, params } = new MIMEType(Buffer.from(header).toString('latin1'))
    const parameter = (name: string): string | undefined => {
      const value = params.get(name)
      return value === null ? undefined : Buffer.from(value, 'latin1').toString()
    }
    return { essence, parameter }
  } catch {
    return undefined
  }
}

/** Parses `Content-Disposition`. `file`: as RFC 7578 writes it, or RFC 5987. */
export const parseDisposition = (header: string): { kind: string; name: string | undefined; fileName: string | undefined } => {
  const parsed = parseMediaType(`x/${header}`)
  const extended = /^utf-8'[^']*'(.*)$/i.exec(parsed?.parameter('filename*') ?? '')?.[1]
  return {
    kind: parsed?.essence.slice(2) ?? '',
    name: parsed?.parameter('name'),
    fileName: extended === undefined ? parsed?.parameter('filename') : decoded(extended),
  }
}

const decoded = (text: string): string => {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

const broken = (zh: string, en: string, cause?: unknown): GatewayError =>
  GatewayError.of('RECORD_UNREADABLE', { reason: { zh, en } }, { cause })

/** A part of which the head has not come whole is not told of. */
const limits = { maxHeaderPairs: 50, maxHeaderSize: 16 * 1024, partHwm: 16 * 1024 }

async function* inLatin1(content: AsyncIterable<Buffer>): AsyncGenerator<string> {
  for await (const piece of content) yield piece.toString('latin1')
}

/** As it was before the transfer encoding (RFC 2045), which HTTP does not need and MIME software puts there all the same. */
const plain = (headers: Part['headers'], content: AsyncIterable<Buffer>): Part['content'] => {
  const encoding = (headers.get('content-transfer-encoding') ?? 'binary').trim().toLowerCase()
  if (encoding === 'base64') return decodeBase64(inLatin1(content), headers.get('content-id') ?? encoding)
  if (['binary', '8bit', '7bit'].includes(encoding)) return content
  throw broken(`传输编码 ${encoding} 不支持`, `Content-Transfer-Encoding ${encoding} is not supported`)
}

/**
 * The parts in their order, each as it comes, with a bounded number of bytes in memory however large they are. Throws RECORD_UNREADABLE for a
 * body that is none, or not whole, and for more than `maxParts`; and what the chunks throw.
 */
export async function* readMultipart(
  chunks: AsyncIterable<Uint8Array>,
  boundary: string,
  maxParts: number,
): AsyncGenerator<Part> {
  const dicer = new Dicer({ boundary, ...limits })
  const ended = once(dicer, 'finish')
  ended.catch(() => undefined)
  const waiting: { stream: Readable; headers: Part['headers'] | undefined }[] = []
  const over = new AbortController()
  let count = 0
  let failed: unknown
  let isOver = false
  let wake = (): void => undefined

  const fail = (error: unknown): void => {
    failed ??= error
    for (const { stream } of waiting) stream.destroy(failed as Error)
    over.abort()
    wake()
  }
  const headless = (): GatewayError => broken('有一个部分没有完整的头', 'a part has no whole head')

  /** Leaves the part open to whoever stops in the middle, so that the rest of it is passed over. */
  async function* contentOf(stream: Readable): AsyncGenerator<Buffer> {
    try {
      yield* stream.iterator({ destroyOnReturn: false })
    } catch (error) {
      throw failed ?? error
    }
  }

  dicer.on('part', (stream) => {
    const part: (typeof waiting)[number] = { stream: stream as Readable, headers: undefined }
    // Whoever reads the part hears of it.
    part.stream.on('error', () => undefined)
    if (waiting.some(({ headers }) => headers === undefined)) return fail(headless())
    if (++count > maxParts) return fail(broken(`多于 ${maxParts} 个部分`, `it has more than ${maxParts} parts`))
    waiting.push(part)
    stream.on('header', (header) => {
      const entries = Object.entries(header as Record<string, string[]>)
      part.headers = new Map(entries.map(([name, values]) => [name, Buffer.from(values.join(', '), 'latin1').toString()]))
      wake()
    })
  })
  dicer.on('error', (cause) => fail(broken('没有以分界线结束', 'it does not end with its boundary', cause)))

  /** Goes on beside whoever reads the parts, and waits while a part is full. */
  const pump = async (): Promise<void> => {
    try {
      for await (const chunk of chunks) {
        if (over.signal.aborted) return
        if (!dicer.write(chunk)) await once(dicer, 'drain', { signal: over.signal })
      }
      dicer.end()
      await ended
      if (waiting.some(({ headers }) => headers === undefined)) fail(headless())
    } catch (error) {
      fail(error)
    } finally {
      isOver = true
      wake()
    }
  }
  void pump()

  try {
    for (;;) {
      while (failed === undefined && !waiting[0]?.headers && !isOver)
        await new Promise<void>((resolve) => {
          wake = resolve
        })
      if (failed !== undefined) throw failed
      const part = waiting[0]
      if (!part?.headers) return
      const closed = once(part.stream, 'close')
      closed.catch(() => undefined)
      yield { headers: part.headers, content: plain(part.headers, contentOf(part.stream)) }
      part.stream.resume()
      await closed
      waiting.shift()
      // The parser waits while a part is full, and for some that have ended it would wait for ever.
      part.stream._read(0)
    }
  } finally {
    over.abort()
  }
}
