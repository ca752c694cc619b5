/**
 * The lane of attachments, from the files to the broker.
 *
 *     due ──▶ file from the last confirmed byte on ──▶ chunks, a few in flight ──▶ broker
 *              ▲                                            │
 *              └── one commit every few chunks: confirmed ◀─┘ confirms, in order
 *
 * With a bucket the object is put there instead, in parts, and word of it is the one message that leaves.
 *
 * Nothing is kept only in memory: after a crash each transfer goes on from what is confirmed in the store, and what the broker gets twice, the
 * other side has already. Two transfers are those that wait for longest and two those with the least to send, so that neither a large one nor many
 * small ones keep the others waiting.
 */
import type { FileHandle } from 'node:fs/promises'
import type { Clock } from '../clock.ts'
import { GatewayError, toGatewayError } from '../errors.ts'
import type { PublishOutcome, Transport } from '../transport/transport.ts'
import { type AttachmentFiles, digestOf, piecesOf } from './attachment-files.ts'
import { type Bucket, objectKey } from './bucket.ts'
import { chunkBytes, toChunkMessage, toNoticeMessage } from './chunk.ts'
import { anotherContent, openWhole } from './open-content.ts'
import type { Transfer, Transfers } from './transfers.ts'

export interface SendingParts {
  transfers: Transfers
  files: AttachmentFiles
  /** Opened when there is something to send. */
  openTransport(): Transport<Buffer>
  /** In place of the chunks, and which way it goes. */
  by?: { bucket: Bucket; direction: 'up' | 'down' } | undefined
  clock: Clock
  /** The broker has all of one. */
  onSent(sent: { digest: string; size: number }): void
  /** One waits for a person. */
  onStopped(stopped: { digest: string; error: GatewayError }): void
  /** Store, disk or broker are not well: it is tried again. */
  onFailed(error: unknown): void
  options: {
    retry: { initialMs: number; maxMs: number }
    lookMs: number
    /** How long after its last chunk the other side is asked about an attachment; doubles each time. */
    askMs: number
  }
}

/** Transfers at the same time, of each order. */
const slots = { oldest: 2, smallest: 2 } as const
type Order = keyof typeof slots
/** Chunks of one transfer that wait for their confirm. */
const inFlight = 2
/** The store is told of so many confirmed bytes at once: that much is sent again after a crash, at most. */
const storedEvery = 4 * 1024 * 1024
/** The other side is asked so often. Then only a person does. */
const maxQuestions = 10

export const startSending = (parts: SendingParts) => {
  const { transfers, files, by, clock, options } = parts
  const stopping = new AbortController()
  const inHand = new Map<Transfer, { order: Order; done: Promise<void> }>()
  /** What goes out again by the bucket, and was removed there before. */
  const begunAnew = new Set<string>()
  let opened: Transport<Buffer> | undefined
  let wakeAll: (() => void)[] = []

  const wake = (): void => {
    const waiting = wakeAll
    wakeAll = []
    for (const one of waiting) one()
  }

  const transport = (): Transport<Buffer> => {
    if (!opened) {
      opened = parts.openTransport()
      opened.onChange(wake)
      opened.open()
    }
    return opened
  }

  /** Resolves when a chunk may leave, or the gateway stops. */
  const room = async (): Promise<void> => {
    while (!stopping.signal.aborted && transport().capacity() === 0)
      await new Promise<void>((resolve) => {
        wakeAll.push(resolve)
      })
  }

  const after = (failures: number, initialMs: number, maxMs: number): number =>
    clock.now() + Math.min(maxMs, initialMs * 2 ** Math.min(failures, 20))

  const stop = async (transfer: Transfer, error: GatewayError): Promise<void> => {
    await transfers.stop(transfer, error, clock.now())
    parts.onStopped({ digest: transfer.digest, error })
  }

  const publish = async (file: FileHandle, { digest, size, address, gateway }: Transfer, offset: number) => {
    const length = Math.min(chunkBytes, size - offset)
    const { bytesRead, buffer } = await file.read(Buffer.allocUnsafe(length), 0, length, offset)
    if (bytesRead < length) throw shorter(digest)
    const chunk = { digest, offset, size, gateway, bytes: buffer }
    return {
      end: offset + length,
      outcome: transport().publish(toChunkMessage(chunk, address, clock.now())),
    }
  }

  /** Sends on from `transfer.confirmed`. Answers how far it came, and the answer that stopped it. */
  const sendOn = async (file: FileHandle, transfer: Transfer): Promise<{ confirmed: number; failed?: PublishOutcome }> => {
    const { size } = transfer
    const waiting: { end: number; outcome: Promise<PublishOutcome> }[] = []
    let { confirmed } = transfer
    let [next, stored] = [confirmed, confirmed]
    // An empty content is one empty chunk.
    let hasMore = next < size || size === 0
    while (hasMore || waiting.length > 0) {
      while (hasMore && waiting.length < inFlight) {
        await room()
        if (stopping.signal.aborted) return { confirmed }
        const sent = await publish(file, transfer, next)
        waiting.push(sent)
        next = sent.end
        hasMore = next < size
      }
      const first = waiting.shift()!
      const outcome = await first.outcome
      if (outcome.outcome !== 'confirmed') {
        await Promise.all(waiting.map((one) => one.outcome))
        return { confirmed, failed: outcome }
      }
      confirmed = first.end
      if (confirmed - stored < storedEvery && confirmed < size) continue
      const isThisOne = size === 0 || (await transfers.confirm(transfer, confirmed))
      if (!isThisOne) return { confirmed, failed: superseded }
      stored = confirmed
    }
    return { confirmed }
  }

  const notify = async (transfer: Transfer): Promise<PublishOutcome> => {
    await room()
    if (stopping.signal.aborted) return superseded
    return transport().publish(toNoticeMessage(transfer, transfer.address, clock.now()))
  }

  /** As `sendOn`, by the bucket. What is there of the object already is not put again. */
  const sendByBucket = async (
    { bucket, direction }: NonNullable<typeof by>,
    file: FileHandle,
    transfer: Transfer,
  ): Promise<{ confirmed: number; failed?: PublishOutcome }> => {
    const { size, restarts, confirmed } = transfer
    const key = objectKey(direction, transfer)
    const attempt = `${key} ${restarts}`
    try {
      // What was put before did not arrive as it is.
      if (restarts > 0 && !begunAnew.has(attempt)) await bucket.remove(key, stopping.signal)
      begunAnew.add(attempt)
      // How much is there stands in the bucket; `confirmed` is what went in chunks.
      const isWhole = await bucket.put(key, file, size, async () => !stopping.signal.aborted, stopping.signal)
      if (!isWhole) return { confirmed }
    } catch (thrown) {
      if (stopping.signal.aborted) return { confirmed }
      const error = toGatewayError(thrown)
      if (error.code !== 'BUCKET_FAILED') throw error
      return { confirmed, failed: { outcome: 'refused', error } }
    }
    const outcome = await notify(transfer)
    if (outcome.outcome !== 'confirmed') return { confirmed, failed: outcome }
    begunAnew.delete(attempt)
    return { confirmed: size }
  }

  const carry = async (file: FileHandle, given: Transfer): Promise<void> => {
    let transfer = given
    for (;;) {
      const { confirmed, failed } = await (by ? sendByBucket(by, file, transfer) : sendOn(file, transfer))
      if (failed === superseded) return
      if (!failed && !stopping.signal.aborted) break
      // So that nothing of it is sent again.
      if (confirmed > transfer.confirmed) await transfers.confirm(transfer, confirmed)
      if (stopping.signal.aborted) return
      transfer = { ...transfer, confirmed }
      // The connection broke: what was under way may be there or not, and goes out again as soon as there is another.
      if (failed?.outcome === 'interrupted') continue
      const { error } = failed as { error: GatewayError }
      const dueAt = after(transfer.failures, options.retry.initialMs, options.retry.maxMs)
      return transfers.postpone(transfer, error, dueAt)
    }
    const askAt = transfer.gateway === undefined ? null : after(0, options.askMs, options.askMs)
    await transfers.finish(transfer, clock.now(), askAt)
    parts.onSent({ digest: transfer.digest, size: transfer.size })
  }

  /** The last chunk, or word of the object, once more: the other side answers what it has. */
  const ask = async (file: FileHandle, transfer: Transfer): Promise<void> => {
    await room()
    if (stopping.signal.aborted) return
    if (by) await notify(transfer)
    else await (await publish(file, transfer, Math.max(0, transfer.size - chunkBytes))).outcome
    const isLast = transfer.failures + 1 >= maxQuestions
    const dueAt = isLast ? null : after(transfer.failures + 1, options.askMs, 30 * 86_400_000)
    await transfers.postpone(transfer, undefined, dueAt)
  }

  /** What was sent before and did not arrive as it was is sent again only if it is still what it should be. */
  const verify = async (file: FileHandle, { digest, restarts, confirmed }: Transfer): Promise<void> => {
    if (restarts === 0 || confirmed > 0) return
    const { digest: found } = await digestOf(piecesOf(file))
    if (found !== digest) throw anotherContent(digest)
  }

  const work = async (transfer: Transfer): Promise<void> => {
    try {
      const file = await openWhole(files, transfer)
      try {
        if (transfer.state === 'sent') return await ask(file, transfer)
        await verify(file, transfer)
        await carry(file, transfer)
      } finally {
        await file.close()
      }
    } catch (thrown) {
      const error = toGatewayError(thrown)
      if (error.code === 'ATTACHMENT_DAMAGED') await stop(transfer, error)
      else throw error
    }
  }

  const begin = (transfer: Transfer, order: Order): void => {
    const done = work(transfer).then(
      () => {
        inHand.delete(transfer)
        void fill()
      },
      (error) => {
        // The disk: looked at again after a pause.
        inHand.delete(transfer)
        parts.onFailed(error)
      },
    )
    inHand.set(transfer, { order, done })
  }

  const fillNow = async (): Promise<void> => {
    for (const order of Object.keys(slots) as Order[]) {
      const free = slots[order] - [...inHand.values()].filter((one) => one.order === order).length
      if (free === 0 || stopping.signal.aborted) continue
      for (const transfer of await transfers.due(clock.now(), order, [...inHand.keys()], free))
        if (!stopping.signal.aborted) begin(transfer, order)
    }
  }
  /** One after the other: what one has found due, the next finds in hand. */
  let filling: Promise<void> = Promise.resolve()
  const fill = (): Promise<void> => {
    filling = filling.then(fillNow).catch(parts.onFailed)
    return filling
  }

  const look = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      await fill()
      await clock.wait(options.lookMs, stopping.signal)
    }
  }
  const looking = look()

  return {
    /** Sends no more and waits for what is under way; the rest goes on after the next start. */
    async stop(graceMs: number): Promise<void> {
      stopping.abort()
      wake()
      await looking
      await filling
      await opened?.close(graceMs)
      await Promise.all([...inHand.values()].map(({ done }) => done))
    },
  }
}

/** The transfer was begun anew meanwhile, or has ended: whoever carried it lets go. */
const superseded: PublishOutcome = { outcome: 'interrupted', error: GatewayError.of('PUBLISH_INTERRUPTED', {}) }

const shorter = (digest: string): GatewayError => {
  const reason = { zh: '文件变短了', en: 'the file is shorter than it was' }
  return GatewayError.of('ATTACHMENT_DAMAGED', { digest, reason })
}

export type Sending = ReturnType<typeof startSending>
