/** What a transport carries: small messages, or the chunks of attachments. Each has its own connection, exchanges and queues. */
import { isUtf8 } from 'node:buffer'
import { attachmentsDownAddress, downAddress } from './transport.ts'

export interface Cargo<Body extends string | Buffer> {
  /** The first words of its addresses, each of which has an exchange. */
  exchanges: readonly string[]
  /** The queue that is the platform's. */
  queue: string
  /** The queue of a gateway, by its name. */
  queueOf(gateway: string): string
  contentType: string
  contentEncoding?: string
  /** A body as a taker gets it; undefined for what is none. */
  read(content: Buffer): Body | undefined
}

export const messages: Cargo<string> = {
  exchanges: ['up', 'down'],
  queue: 'up',
  queueOf: downAddress,
  contentType: 'application/cloudevents+json',
  contentEncoding: 'utf-8',
  // What is not UTF-8 could not be shown unchanged.
  read: (content) => (isUtf8(content) ? content.toString('utf8') : undefined),
}

export const attachments: Cargo<Buffer> = {
  exchanges: ['attachments'],
  queue: 'attachments.up',
  queueOf: attachmentsDownAddress,
  contentType: 'application/octet-stream',
  read: (content) => content,
}

/** Unconfirmed chunks at most: enough to keep a line busy, and little memory. */
const chunkWindow = 8
/** Larger than any chunk. */
const chunkLimit = 2 * 1024 * 1024

/** The options of a transport of messages, as those of one of attachments. */
export const forAttachments = <O extends { window: number; maxMessageBytes?: number }>(options: O): O => ({
  ...options,
  window: chunkWindow,
  ...(options.maxMessageBytes === undefined ? {} : { maxMessageBytes: Math.max(options.maxMessageBytes, chunkLimit) }),
})
