/** One HTTP exchange with a total time limit and a byte limit; what went wrong is told as a SOURCE error. */
import { Readable } from 'node:stream'
import { promisify } from 'node:util'
import { createUnzip, unzip } from 'node:zlib'
import { Agent, type Dispatcher, request } from 'undici'
import { decodeText } from './codec/charset.ts'
import { GatewayError } from './errors.ts'
import { linkSignal } from './linked-signal.ts'

/** A body that is made while it is sent. */
export interface StreamedBody {
  byteLength: number
  stream(): AsyncIterable<Uint8Array>
}

export interface Exchange {
  method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH'
  url: string
  headers: Record<string, string>
  body?: Uint8Array | StreamedBody
}

export interface HttpAnswer {
  status: number
  contentType: string
  bytes: Uint8Array
}

/** An answer while it comes. */
export interface StreamedAnswer {
  status: number
  contentType: string
  /** Throws SOURCE_ANSWER_INVALID when it is compressed and damaged. */
  content: AsyncIterable<Uint8Array>
}

export interface Http {
  /**
   * Rejects with the signal's reason when `signal` aborts, otherwise with a SOURCE error. Redirects are not followed. `sending` is called
   * before the first byte of a request with a body goes out: until then the other side knows nothing of it.
   */
  exchange(exchange: Exchange, signal: AbortSignal, sending?: () => void): Promise<HttpAnswer>
  /**
   * The same for an answer of any size: what `read` makes of it while it comes, all within the total time limit. The byte limit is
   * that of `read`; what it rejects with as an error of the catalogue is passed on.
   */
  stream<T>(exchange: Exchange, signal: AbortSignal, read: (answer: StreamedAnswer) => Promise<T>): Promise<T>
  close(): Promise<void>
}

const inflate = promisify<Uint8Array, { maxOutputLength: number }, Buffer>(unzip)

const codeOf = (error: unknown): string => {
  const code = (error as { code?: unknown }).code
  return typeof code === 'string' ? code : error instanceof Error ? error.message : String(error)
}

/** undici asks for the body once it is connected, and writes nothing before it has it. */
async function* told(body: Uint8Array | StreamedBody, sending: () => void): AsyncGenerator<Uint8Array> {
  sending()
  if ('stream' in body) yield* body.stream()
  else yield body
}

/**
 * Idle connections are dropped before an ordinary server drops them: a request on a connection that is just being closed fails. Where that would
 * leave in the dark whether it had an effect, `isWriting`, each request has a connection of its own.
 */
export const openHttp = (
  system: string,
  limits: { timeoutMs: number; maxAnswerBytes: number },
  { isWriting = false } = {},
): Http => {
  const dispatcher = new Agent({
    keepAliveTimeout: 1000,
    keepAliveMaxTimeout: 1000,
    ...(isWriting && { pipelining: 0 }),
    headersTimeout: 0,
    bodyTimeout: 0,
    connect: { timeout: limits.timeoutMs },
  })

  const invalid = (zh: string, en: string, cause?: unknown): GatewayError =>
    GatewayError.of('SOURCE_ANSWER_INVALID', { system, reason: { zh, en } }, { cause })

  const tooLarge = (cause?: unknown): GatewayError =>
    invalid(
      `超过上限 maxAnswerBytes ${limits.maxAnswerBytes} 字节`,
      `larger than maxAnswerBytes, ${limits.maxAnswerBytes} bytes`,
      cause,
    )

  const read = async (body: AsyncIterable<Uint8Array>): Promise<Uint8Array> => {
    const chunks: Uint8Array[] = []
    let size = 0
    for await (const chunk of body) {
      size += chunk.byteLength
      if (size > limits.maxAnswerBytes) throw tooLarge()
      chunks.push(chunk)
    }
    return Buffer.concat(chunks)
  }

  const demandKnown = (encoding: string): void => {
    if (!/^(x-)?gzip$|^deflate$/.test(encoding))
      throw invalid(`压缩方式 ${encoding} 不支持`, `compression ${encoding} is not supported`)
  }

  const damaged = (cause: unknown): GatewayError => invalid('压缩内容损坏', 'the compressed content is damaged', cause)

  /** Compression was not asked for; a server that compresses all the same must stay within the limit after inflating, too. */
  const plain = async (bytes: Uint8Array, encoding: string): Promise<Uint8Array> => {
    if (encoding === '' || encoding === 'identity') return bytes
    demandKnown(encoding)
    try {
      return await inflate(bytes, { maxOutputLength: limits.maxAnswerBytes })
    } catch (cause) {
      throw codeOf(cause) === 'ERR_BUFFER_TOO_LARGE' ? tooLarge(cause) : damaged(cause)
    }
  }

  async function* unzipped(body: Readable, encoding: string): AsyncGenerator<Uint8Array> {
    if (encoding === '' || encoding === 'identity') return yield* body
    demandKnown(encoding)
    const unzip = createUnzip()
    body.once('error', (error) => unzip.destroy(error))
    try {
      yield* body.pipe(unzip)
    } catch (cause) {
      throw codeOf(cause).startsWith('Z_') ? damaged(cause) : cause
    }
  }

  const ask = async <T>(
    { method, url, headers, body }: Exchange,
    signal: AbortSignal,
    sending: () => void,
    take: (answer: Dispatcher.ResponseData) => Promise<T>,
  ): Promise<T> => {
    const { own, unlink } = linkSignal(signal)
    const timeout = new Error('the time is over')
    const timer = setTimeout(() => own.abort(timeout), limits.timeoutMs)
    const length = body && { 'content-length': String(body.byteLength) }
    let answered: Dispatcher.ResponseData | undefined
    try {
      answered = await request(url, {
        method,
        headers: { 'accept-encoding': 'identity', ...headers, ...length },
        ...(body && { body: Readable.from(told(body, sending)) }),
        dispatcher,
        signal: own.signal,
      })
      return await take(answered)
    } catch (cause) {
      // What is left of it would hold the connection.
      answered?.body.on('error', () => undefined).destroy()
      if (cause instanceof GatewayError) throw cause
      if (signal.aborted) throw signal.reason
      if (own.signal.reason === timeout)
        throw GatewayError.of('SOURCE_TIMEOUT', { system, timeoutMs: limits.timeoutMs }, { cause })
      if (answered) throw invalid('内容在中途断开', 'it broke off in the middle', cause)
      throw GatewayError.of('SOURCE_UNREACHABLE', { system, reason: codeOf(cause) }, { cause })
    } finally {
      clearTimeout(timer)
      unlink()
    }
  }

  const headerOf = (answer: Dispatcher.ResponseData, name: string): string => String(answer.headers[name] ?? '')

  const exchange: Http['exchange'] = (given, signal, sending = () => undefined) =>
    ask(given, signal, sending, async (answer) => {
      const bytes = await plain(await read(answer.body), headerOf(answer, 'content-encoding').toLowerCase())
      return { status: answer.statusCode, contentType: headerOf(answer, 'content-type').toLowerCase(), bytes }
    })

  const stream: Http['stream'] = (given, signal, taken) =>
    ask(
      given,
      signal,
      () => undefined,
      (answer) =>
        taken({
          status: answer.statusCode,
          contentType: headerOf(answer, 'content-type'),
          content: unzipped(answer.body, headerOf(answer, 'content-encoding').toLowerCase()),
        }),
    )

  return { exchange, stream, close: () => dispatcher.destroy() }
}

/**
 * The body as text. The HTTP header wins over an XML declaration (RFC 7303), so the declaration is taken off when the header names a charset.
 * Throws CHARSET_INVALID and RECORD_UNREADABLE.
 */
export const answerText = ({ bytes, contentType }: HttpAnswer): string => {
  const header = /charset\s*=\s*"?([^\s";]+)/.exec(contentType)?.[1]
  const start = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.byteLength, 256)).toString('latin1')
  const declaration = header === undefined ? undefined : /^(?:\u00ef\u00bb\u00bf)?\s*<\?xml[^>]*\?>/.exec(start)?.[0]
  return decodeText(bytes.subarray(declaration?.length ?? 0), header)
}
