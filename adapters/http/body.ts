/** What a request says of its body, and the body as it was before it was compressed. */
import { promisify } from 'node:util'
import { unzip } from 'node:zlib'
import { isCharset, type MediaType, parseMediaType, type Text } from '../../core/contract.ts'
import type { StreamOptions } from './options.ts'

/** Why a body is not taken. */
export interface Unfit {
  status: 400 | 413 | 415
  reason: Text
}

export interface BodyHead {
  /** Without parameters, in lower case. */
  mediaType: string
  /** That of the transport, which wins over the XML declaration (RFC 7303). */
  charset: string | undefined
  isCompressed: boolean
  /** Set when the body is one of several parts; `mediaType` and `charset` are then those of no part. */
  multipart?: MediaType
}

const mediaTypes: Record<StreamOptions['format'], { pattern: RegExp; shown: string }> = {
  json: { pattern: /^(application|text)\/([\w.-]+\+)?json$/, shown: 'application/json' },
  xml: { pattern: /^(application|text)\/([\w.-]+\+)?xml$/, shown: 'application/xml, text/xml' },
  soap: { pattern: /^(text\/xml|application\/(soap\+)?xml)$/, shown: 'text/xml (SOAP 1.1), application/soap+xml (SOAP 1.2)' },
}

const unfit = (status: Unfit['status'], zh: string, en: string): Unfit => ({ status, reason: { zh, en } })

/** `headers` by their names in lower case; `parts`: the type of several parts that may come instead. */
export const readHead = (
  headers: NodeJS.Dict<string | string[]>,
  format: StreamOptions['format'],
  parts?: string,
): BodyHead | Unfit => {
  const contentType = String(headers['content-type'] ?? '')
  const mediaType = contentType.split(';')[0]!.trim().toLowerCase()
  const { pattern, shown } = mediaTypes[format]
  const multipart = mediaType === parts ? parseMediaType(contentType) : undefined
  if (!pattern.test(mediaType) && !multipart) {
    const wanted = parts === undefined ? shown : `${parts}, ${shown}`
    return unfit(415, `Content-Type 为“${mediaType}”，应为 ${wanted}`, `Content-Type is "${mediaType}" and must be ${wanted}`)
  }
  if (multipart && !multipart.parameter('boundary'))
    return unfit(400, `Content-Type ${mediaType} 没有 boundary`, `Content-Type ${mediaType} has no boundary`)
  const charset = /;\s*charset\s*=\s*"?([^\s";]+)/i.exec(contentType)?.[1]
  if (charset !== undefined && !isCharset(charset))
    return unfit(415, `不认识的字符编码“${charset}”`, `the charset "${charset}" is unknown`)
  const encoding = String(headers['content-encoding'] ?? 'identity')
    .trim()
    .toLowerCase()
  const isCompressed = /^((x-)?gzip|deflate)$/.test(encoding)
  if (!isCompressed && encoding !== 'identity')
    return unfit(415, `压缩方式“${encoding}”不支持，可用 gzip、deflate`, `Content-Encoding "${encoding}" is not gzip or deflate`)
  return { mediaType, charset, isCompressed, ...(multipart && { multipart }) }
}

export const isUnfit = (given: object): given is Unfit => 'status' in given

export const damaged: Unfit = unfit(400, '压缩内容损坏', 'the compressed body is damaged')

export const tooLarge = (limit: number): Unfit =>
  unfit(413, `内容超过上限 maxBodyBytes ${limit} 字节`, `the body is larger than maxBodyBytes, ${limit} bytes`)

const inflate = promisify<Uint8Array, { maxOutputLength: number }, Buffer>(unzip)

/** Never more than `limit` bytes, however small the compressed body is. */
export const inflateBody = async (bytes: Uint8Array, limit: number): Promise<Uint8Array | Unfit> => {
  try {
    return await inflate(bytes, { maxOutputLength: limit })
  } catch (error) {
    return (error as { code?: unknown }).code === 'ERR_BUFFER_TOO_LARGE' ? tooLarge(limit) : damaged
  }
}
