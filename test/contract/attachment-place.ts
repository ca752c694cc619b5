/** The two ends of the lane of attachments, each as it is, for tests that put something of their own between them. */
import { createHash, randomBytes } from 'node:crypto'
import { join } from 'node:path'
import type { Test } from 'tap'
import { openAttachmentFiles } from '../../core/attachments/attachment-files.ts'
import { upTransfersOf } from '../../core/attachments/attachment-lane.ts'
import type { Bucket } from '../../core/attachments/bucket.ts'
import type { Chunk } from '../../core/attachments/chunk.ts'
import type { ReceivedAttachments } from '../../core/attachments/received.ts'
import { type OwedAttachmentReceipt, startAttachmentReceiver } from '../../core/attachments/receiver.ts'
import { startSending } from '../../core/attachments/sender.ts'
import type { GatewayError } from '../../core/errors.ts'
import { createEvents } from '../../core/events.ts'
import { openStore } from '../../core/store/open-store.ts'
import type { Store } from '../../core/store/store.ts'
import type { Delivery, DeliveryVerdict, Transport } from '../../core/transport/transport.ts'
import { temporaryFolder } from '../temporary.ts'
import { realClock } from './transport-messages.ts'

export const limits = { maxBytes: 64 * 1024 * 1024, reserveBytes: 0 }

export const digestOf = (bytes: Uint8Array): string => `sha256:${createHash('sha256').update(bytes).digest('hex')}`

async function* inOne(bytes: Buffer): AsyncGenerator<Buffer> {
  yield bytes
}

/** A store with attachments that messages name, so that each is to be sent. */
export const openSendingPlace = (t: Test, folder = temporaryFolder(t)) => {
  const store = openStore(join(folder, 'gateway.db'), 1)
  t.teardown(() => store.close())
  store.commit(() => store.keepRoute('one', '12150902PDY00001X4', '150902'))
  const files = openAttachmentFiles(join(folder, 'attachments'), limits)
  const put = async (bytes: Buffer): Promise<string> => {
    const { digest, size } = await files.keep(inOne(bytes), (kept) =>
      store.commit(() => store.attachments.keep(kept.digest, kept.size, realClock.now())),
    )
    nameAttachment(store, { digest, size })
    return digest
  }
  const standing = (digest: string) =>
    store.attachments.transfers({ states: ['open', 'sent', 'arrived', 'stopped'], digest, limit: 1 })[0]
  return { folder, store, files, put, standing }
}

/** A record that holds an attachment, and its message. */
export const nameAttachment = (store: Store, { digest, size }: { digest: string; size: number }): void =>
  store.commit(() => {
    const book = store.book('2026-03-02', 'one', 'CL')
    const key = randomBytes(8).toString('hex')
    const recordSeq = store.addRecord({
      ...{ book, route: 'one', stream: 'CL', key, hash: randomBytes(32), receivedAt: 0, disposition: 'translated' as const },
      ...{ reason: null, mappingVersion: '1', contentType: 'application/json', charset: null, decoded: true, faulty: false },
      body: Buffer.from('{}'),
    })
    for (const counter of ['read', 'translated', 'messages'] as const) store.count(book, counter)
    store.attachments.addToRecord(recordSeq, { at: 'SCAN', digest, size })
    const line = { lane: `one/${key}`, place: recordSeq, identity: `one:${key}`, dataVersion: 1, contentHash: key }
    store.addMessage({ recordSeq, book, ...line, type: 'case.amended', body: Buffer.from('{}'), digests: [digest] })
  })

export const startSender = (
  t: Test,
  { store, files }: Pick<ReturnType<typeof openSendingPlace>, 'store' | 'files'>,
  openTransport: () => Transport<Buffer>,
  {
    gateway = 'one-gateway' as string | null,
    askMs = 3_600_000,
    clock = realClock,
    bucket = undefined as Bucket | undefined,
  } = {},
) => {
  const events = createEvents()
  const stopped: GatewayError[] = []
  const sender = startSending({
    ...{ transfers: upTransfersOf(store, gateway ?? undefined), files, openTransport, clock },
    by: bucket && { bucket, direction: 'up' },
    onSent: (sent) => void events.emit('attachment:sent', sent),
    onStopped: ({ error }) => void stopped.push(error),
    onFailed: (error) => void events.emit('publisher:failed', { error }),
    options: { retry: { initialMs: 5, maxMs: 20 }, lookMs: 5, askMs },
  })
  t.teardown(() => sender.stop(0))
  return { sender, events, stopped }
}

/** A receiver that is handed chunks by the test itself. */
export const openReceivingPlace = (
  t: Test,
  store: ReceivedAttachments,
  folder = temporaryFolder(t),
  clock = realClock,
  bucket?: Bucket,
) => {
  const files = openAttachmentFiles(join(folder, 'received'), limits)
  const receipts: OwedAttachmentReceipt[] = []
  const failures: GatewayError[] = []
  /** Whether the broker takes what it is answered. */
  const answers = { areTaken: true }
  let take: (deliveries: Delivery<Buffer>[]) => Promise<DeliveryVerdict[]> = async () => []
  const transport = {
    subscribe: (given: typeof take) => {
      take = given
      return { close: async () => undefined }
    },
  } as unknown as Transport<Buffer>
  const { abandon, close } = startAttachmentReceiver({
    ...{ transport, store, files, maxBytes: limits.maxBytes, clock },
    by: bucket && { bucket, direction: 'up' },
    answer: async (owed) => {
      if (answers.areTaken) receipts.push(...owed)
      return answers.areTaken
    },
    onFailed: (error) => void failures.push(error),
  })
  const deliver = (...deliveries: Delivery<Buffer>[]) => take(deliveries)
  if (bucket) t.teardown(close)
  return { files, receipts, failures, answers, deliver, abandon, close }
}

/** A chunk as a receiver is given it; what is wrong with it is in `changes`. */
export const deliveryOf = (chunk: Omit<Chunk, 'gateway'>, changes: object = {}, type = 'attachment.chunk'): Delivery<Buffer> => {
  const { digest, offset, size, bytes } = chunk
  const headers = { digest, offset, size, gateway: 'one-gateway', ...changes }
  return { id: `${digest}:${offset}`, type, lane: digest, headers, body: bytes, redelivered: false }
}

/** That a content is in the bucket. */
export const noticeOf = (bytes: Buffer, changes: object = {}): Delivery<Buffer> => {
  const digest = digestOf(bytes)
  const headers = { digest, size: bytes.length, gateway: 'one-gateway', ...changes }
  return { id: `${digest}:object`, type: 'attachment.object', lane: digest, headers, body: Buffer.alloc(0), redelivered: false }
}

/** All chunks of a content. */
export const chunksOf = (bytes: Buffer, length = 100_000, changes: object = {}): Delivery<Buffer>[] =>
  Array.from({ length: Math.max(1, Math.ceil(bytes.length / length)) }, (_, n) =>
    deliveryOf(
      { digest: digestOf(bytes), offset: n * length, size: bytes.length, bytes: bytes.subarray(n * length, (n + 1) * length) },
      changes,
    ),
  )
