/**
 * The HTTP server of one system.
 *
 *     head ── who · what · is there room ──▶ body, whole ──▶ records ──▶ store ──▶ receipts ──▶ answer
 *
 * What is wrong with the head is answered before the body is read. Nothing is answered with success before it is on disk. A post with attachments
 * is read while it comes (`arrive.ts`).
 */
import { type IncomingMessage, STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import fastify, { type FastifyReply, type FastifyRequest } from 'fastify'
import {
  type AdapterContext,
  encodeText,
  GatewayError,
  type Keep,
  type Receipt,
  type SourceRecord,
  systemReason,
  toGatewayError,
} from '../../core/contract.ts'
import { createAdmission } from './admission.ts'
import { type Answer, refusalBody } from './answers.ts'
import { createArrivals, partsOf } from './arrive.ts'
import { type BodyHead, inflateBody, isUnfit, readHead, tooLarge } from './body.ts'
import { readCertificates } from './certificates.ts'
import type { HttpOptions, StreamOptions } from './options.ts'
import { createPostReader } from './read-post.ts'
import { createUnavailable, faultReason, Refusal, refused } from './refusal.ts'
import { createRoom } from './room.ts'
import { writeWsdl } from './wsdl.ts'

/** Connections beyond that are dropped: each is an open file, and the store needs some, too. */
const maxConnections = 512
/** How long requests under way have for their answer when it stops. */
const stopGraceMs = 5000
/** However long a body may take, a head is short. */
const maxHeadMs = 30_000
/** The operator is told of denied senders once in that time. */
const warnEveryMs = 60_000

export interface Listener {
  /** Takes no new request, answers those under way, and frees the port. */
  stop(): Promise<void>
}

const jsonType = 'application/json; charset=utf-8'

const pathOf = ({ url }: IncomingMessage): string => (url ?? '').split('?')[0]!
const nameOf = (request: IncomingMessage): string => `${request.method} ${pathOf(request)}`

/** Written past the server, which has given the request up. */
const answerBroken = (cause: NodeJS.ErrnoException, socket: Socket): void => {
  const fault = faultReason(cause)
  if (!fault || !socket.writable) return void socket.destroy()
  const { status, reason } = fault
  const body = JSON.stringify(refusalBody(GatewayError.of('PUSH_REFUSED', { request: 'HTTP', reason })))
  const head = `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\ncontent-type: ${jsonType}\r\ncontent-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n`
  socket.end(head + body, () => socket.destroy())
}

/**
 * `store` resolves when the records are on disk, `keep` when a content is; from the abort of `signal` on, requests are refused. Rejects with SOURCE_PORT_UNUSABLE, and
 * as `readCertificates` does.
 */
export const openListener = async (
  options: HttpOptions,
  context: AdapterContext,
  { store, keep }: { store(records: SourceRecord[]): Promise<Receipt[]>; keep: Keep },
  signal: AbortSignal,
): Promise<Listener> => {
  const { system } = context
  const { listen, streams, tls, maxBodyBytes, maxRecords, timeoutMs } = options
  const admit = createAdmission(system, options)
  const room = createRoom(options)
  const unavailable = createUnavailable(system)
  const heads = new WeakMap<FastifyRequest, BodyHead>()
  const certificates = tls && (await readCertificates(tls, context)).given
  const limits = {
    headersTimeout: Math.min(timeoutMs, maxHeadMs),
    // Node compares the two when the server is made.
    requestTimeout: timeoutMs,
    connectionsCheckingInterval: Math.min(1000, timeoutMs),
  }

  const server = fastify({
    ...(certificates ? { https: { ...certificates, ...limits, handshakeTimeout: timeoutMs } } : { http: limits }),
    bodyLimit: maxBodyBytes,
    requestTimeout: timeoutMs,
    keepAliveTimeout: 5000,
    exposeHeadRoutes: false,
    return503OnClosing: false,
    clientErrorHandler: answerBroken,
  })
  server.server.maxConnections = maxConnections
  server.removeAllContentTypeParsers()
  server.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body))

  const refuse = (reply: FastifyReply, { status, error, headers }: Refusal) =>
    reply
      .code(status)
      .headers(headers)
      .type(jsonType)
      .send(JSON.stringify(refusalBody(error)))

  let warnedAt = Number.NEGATIVE_INFINITY
  const warn = (error: GatewayError): void => {
    if (context.now() - warnedAt < warnEveryMs) return
    warnedAt = context.now()
    context.warn(error)
  }

  let underWay = 0
  /** A connection without a request, even one that has never had any, does not hold up a stop. */
  const cutIdle = (): void => {
    if (signal.aborted && underWay === 0) server.server.closeAllConnections()
  }

  const onlyPost = (raw: IncomingMessage): Refusal =>
    refused(405, nameOf(raw), { zh: '只接受 POST', en: 'only POST is taken' }, { allow: 'POST' })

  /** What is at no path is refused here, too: the server would first read its body. */
  const findNoPath = (raw: IncomingMessage): Refusal =>
    streams.some(({ path }) => path === pathOf(raw))
      ? onlyPost(raw)
      : refused(404, nameOf(raw), { zh: '没有这个路径', en: 'there is no such path' })

  server.addHook('onRequest', async ({ raw, is404 }, reply) => {
    underWay += 1
    reply.raw.once('close', () => {
      underWay -= 1
      cutIdle()
    })
    if (signal.aborted) throw unavailable.stopping()
    const denial = admit(raw)
    if (denial) {
      warn(denial.error)
      throw new Refusal(denial.status, denial.error, denial.status === 401 ? { 'www-authenticate': 'Bearer' } : {})
    }
    if (is404) throw findNoPath(raw)
  })

  server.setErrorHandler((thrown: Error & { code?: string }, { raw }, reply) => {
    if (thrown instanceof Refusal) return refuse(reply, thrown)
    if (thrown.code === 'FST_ERR_CTP_BODY_TOO_LARGE')
      return refuse(reply, refused(413, nameOf(raw), tooLarge(maxBodyBytes).reason))
    const fault = faultReason(thrown)
    if (fault) return refuse(reply, refused(fault.status, nameOf(raw), fault.reason))
    context.warn(toGatewayError(thrown))
    return refuse(reply, unavailable.failed())
  })

  /** Before the body is read. */
  const begin = (stream: StreamOptions, request: FastifyRequest, reply: FastifyReply): void => {
    const { raw, headers } = request
    const head = readHead(headers, stream.format, partsOf(stream))
    if (isUnfit(head)) throw refused(head.status, nameOf(raw), head.reason)
    const length = head.isCompressed ? undefined : headers['content-length']
    const leave = room.enter(Math.min(maxBodyBytes, length === undefined ? maxBodyBytes : Number(length)))
    if (!leave) throw unavailable.full()
    reply.raw.once('close', leave)
    heads.set(request, head)
  }

  const bodyOf = async ({ raw, body }: FastifyRequest, head: BodyHead): Promise<Uint8Array> => {
    const bytes = (body ?? new Uint8Array()) as Uint8Array
    if (bytes.byteLength === 0) throw refused(400, nameOf(raw), { zh: '没有内容', en: 'it has no body' })
    const plain = head.isCompressed ? await inflateBody(bytes, maxBodyBytes) : bytes
    if (isUnfit(plain)) throw refused(plain.status, nameOf(raw), plain.reason)
    return plain
  }

  /** What the gateway cannot take now is a refusal. */
  const taking = async <T>(taken: Promise<T>): Promise<T> => {
    try {
      return await taken
    } catch (error) {
      if (signal.aborted) throw unavailable.stopping()
      if (error instanceof GatewayError && error.code.startsWith('STORE_')) throw unavailable.paused(error)
      throw error
    }
  }

  const keepNow: Keep = (content) => keep(content, { wait: false })

  for (const stream of streams) {
    const { path, soap } = stream
    const read = createPostReader(stream, maxRecords)
    const arrive = stream.attachments && createArrivals(stream, maxBodyBytes, keepNow)
    const take = async (request: FastifyRequest, head: BodyHead): Promise<Answer> => {
      const arrived = arrive && (await taking(arrive(request.raw, head)))
      const post = arrived ? await read(arrived.document, arrived.head) : await read(await bodyOf(request, head), head)
      const records = arrived ? await taking(arrived.settle(post.records)) : post.records
      return post.answer(records.length === 0 ? [] : await taking(store(records)))
    }
    server.register((scope, _options, done) => {
      if (arrive) {
        scope.removeAllContentTypeParsers()
        scope.addContentTypeParser('*', (_request, _payload, done) => done(null))
      }
      scope.post(path, {
        onRequest: async (request, reply) => begin(stream, request, reply),
        handler: async (request, reply) => {
          const { status, contentType, body } = await take(request, heads.get(request)!)
          return reply
            .code(status)
            .type(contentType)
            .send(typeof body === 'string' ? body : Buffer.from(body))
        },
      })
      done()
    })
    if (!soap) continue
    server.get(path, async ({ raw, query, headers }, reply) => {
      const isAsked = Object.keys(query as object).some((name) => name.toLowerCase() === 'wsdl')
      if (!isAsked) throw onlyPost(raw)
      const named = /^[\w.:[\]-]+$/.exec(headers.host ?? '')?.[0] ?? `${listen.host}:${listen.port}`
      const wsdl = writeWsdl(soap, `${tls ? 'https' : 'http'}://${named}${path}`, stream.charset)
      return reply.type(`text/xml; charset=${stream.charset}`).send(Buffer.from(encodeText(wsdl, stream.charset)))
    })
  }

  try {
    await server.listen({ host: listen.host, port: listen.port })
  } catch (cause) {
    const address = `${listen.host}:${listen.port}`
    throw GatewayError.of('SOURCE_PORT_UNUSABLE', { system, address, reason: systemReason(cause) }, { cause })
  }

  const stop = async (): Promise<void> => {
    const closed = new AbortController()
    const late = context.wait(stopGraceMs, closed.signal).then(
      () => server.server.closeAllConnections(),
      () => undefined,
    )
    const ended = server.close()
    cutIdle()
    await ended
    closed.abort()
    await late
  }
  return { stop }
}
