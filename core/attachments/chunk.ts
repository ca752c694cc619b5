/**
 * Chunks: parts of an attachment as they travel. The body of the delivery is the bytes, its headers say which they are. Where an attachment goes by a
 * bucket, a notice without bytes travels in the same lane: the object is there.
 */
import { GatewayError } from '../errors.ts'
import type { Delivery, OutgoingMessage } from '../transport/transport.ts'
import { isDigest } from './kept-content.ts'

export const chunkType = 'attachment.chunk'
export const noticeType = 'attachment.object'

/** Bytes of a chunk that we send; see the bench for how it was chosen. */
export const chunkBytes = 512 * 1024
/** Of any chunk. */
export const maxChunkBytes = 1024 * 1024

export interface Chunk {
  digest: string
  /** In the attachment, in bytes. */
  offset: number
  /** Of the whole attachment. */
  size: number
  /**
   * The gateway at the end of the lane that is not the platform: on the way up who sends it and is told what became of it, undefined for one
   * without a name; on the way down whom it is for.
   */
  gateway: string | undefined
  bytes: Buffer
}

/** That an attachment is whole in the bucket. */
export type Notice = Omit<Chunk, 'offset' | 'bytes'>

export const toChunkMessage = (chunk: Chunk, address: string, sentAt: number): OutgoingMessage => {
  const { digest, offset, size, gateway, bytes } = chunk
  return {
    id: `${digest}:${offset}`,
    type: chunkType,
    address,
    // In one queue, so that they arrive in their order; those of other attachments go beside them.
    lane: digest,
    headers: { digest, offset, size, ...(gateway === undefined ? {} : { gateway }) },
    body: bytes,
    sentAt,
  }
}

export const toNoticeMessage = ({ digest, size, gateway }: Notice, address: string, sentAt: number): OutgoingMessage => ({
  id: `${digest}:object`,
  type: noticeType,
  address,
  lane: digest,
  headers: { digest, size, ...(gateway === undefined ? {} : { gateway }) },
  body: Buffer.alloc(0),
  sentAt,
})

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0

/** Why a delivery is neither chunk nor notice, in words; undefined when it is one. */
const findFlaw = ({ type, headers = {}, body }: Delivery<Buffer>): { zh: string; en: string } | undefined => {
  const { digest, size, gateway } = headers
  const isNotice = type === noticeType
  const offset = isNotice ? 0 : headers['offset']
  if (!isNotice && type !== chunkType)
    return { zh: `类型应为 ${chunkType} 或 ${noticeType}`, en: `its type must be ${chunkType} or ${noticeType}` }
  if (!isDigest(digest))
    return {
      zh: 'digest 须为 sha256: 加 64 位小写十六进制数',
      en: 'digest must be sha256: and 64 hexadecimal digits in lower case',
    }
  if (!isCount(offset) || !isCount(size))
    return { zh: 'offset 与 size 须为非负整数', en: 'offset and size must be whole numbers from 0 on' }
  if (gateway !== undefined && (typeof gateway !== 'string' || !/^[a-z][a-z0-9-]{0,63}$/.test(gateway)))
    return { zh: 'gateway 不是网关名称', en: 'gateway is no name of a gateway' }
  if (body.length > maxChunkBytes) return { zh: `超过 ${maxChunkBytes} 字节`, en: `it has more than ${maxChunkBytes} bytes` }
  if (isNotice) return body.length === 0 ? undefined : { zh: '通知不带内容', en: 'a notice has no bytes' }
  if (body.length === 0 && size > 0) return { zh: '没有内容', en: 'it is empty' }
  return offset + body.length > size ? { zh: '超出附件末尾', en: 'it goes beyond the end of the attachment' } : undefined
}

/** What a delivery carries, or ATTACHMENT_CHUNK_INVALID; never throws. */
export const readChunk = (delivery: Delivery<Buffer>): Chunk | Notice | GatewayError => {
  const reason = findFlaw(delivery)
  if (reason) return GatewayError.of('ATTACHMENT_CHUNK_INVALID', { id: delivery.id.slice(0, 100), reason })
  const { digest, offset, size, gateway } = delivery.headers as unknown as Omit<Chunk, 'bytes'>
  const notice = { digest, size, gateway }
  return delivery.type === noticeType ? notice : { ...notice, offset, bytes: delivery.body }
}
