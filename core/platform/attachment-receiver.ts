/**
 * The platform's side of the lane of attachments.
 *
 *     broker ── chunks ──▶ check each ──▶ write at its offset, sync ──▶ whole? verify, give it its name ──▶ one commit ──▶ receipts ──▶ verdicts
 *
 * A chunk is acknowledged when it is on disk, and so is that it is. Chunks may come again and in any order. Whose last chunk has come is answered:
 * that it has arrived, from where on something is missing, or that its content is another.
 */
import { mkdirSync } from 'node:fs'
import { type FileHandle, open, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { type AttachmentFiles, digestOf, piecesOf, syncFolder, toDiskError } from '../attachments/attachment-files.ts'
import { type Chunk, readChunk } from '../attachments/chunk.ts'
import type { AttachmentReceipt } from '../canonical/index.ts'
import { type Clock, dayOf } from '../clock.ts'
import { GatewayError, toGatewayError } from '../errors.ts'
import type { Delivery, DeliveryVerdict, Subscription, Transport } from '../transport/transport.ts'
import { addRange, covers, firstGap } from './ranges.ts'
import type {
  AttachmentCounter,
  AttachmentFindings,
  AttachmentTally,
  PartialKey,
  Ranges,
  ReceivedAttachments,
} from './received-attachments.ts'

/** Chunks of one commit, at most: memory is theirs, twice, for each partition. */
const maxBatch = 4

export type OwedAttachmentReceipt = Omit<AttachmentReceipt, 'at'> & { gateway: string }

export interface AttachmentReceiverParts {
  transport: Transport<Buffer>
  store: ReceivedAttachments
  files: AttachmentFiles
  /** Larger ones are refused. */
  maxBytes: number
  clock: Clock
  answer(receipts: readonly OwedAttachmentReceipt[]): Promise<void>
  /** Called for each chunk that is none, and when a batch could not be taken. Must not throw. */
  onFailed(error: GatewayError): void
}

const openTally = (day: string) => {
  const lines = new Map<string, AttachmentTally>()
  return {
    count(gateway: string, counter: AttachmentCounter): void {
      const line = lines.get(gateway) ?? { day, gateway, chunks: 0, duplicates: 0, refused: 0, arrived: 0, different: 0 }
      line[counter] += 1
      lines.set(gateway, line)
    },
    lines: () => [...lines.values()],
  }
}

const keyOf = ({ gateway = '', digest, size }: Chunk): PartialKey => ({ gateway, digest, size })
const nameOf = ({ gateway, digest, size }: PartialKey): string => `${digest.slice('sha256:'.length)}.${size}.${gateway || '_'}`

export const startAttachmentReceiver = (parts: AttachmentReceiverParts): Subscription => {
  const { transport, store, files, maxBytes, clock, answer, onFailed } = parts
  const folder = join(files.folder, 'partial')
  const pathOf = (key: PartialKey): string => join(folder, nameOf(key))

  const openPartial = async (path: string): Promise<FileHandle> => {
    try {
      return await open(path, 'r+')
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    }
    mkdirSync(folder, { recursive: true })
    const file = await open(path, 'wx+', 0o600)
    syncFolder(folder)
    return file
  }

  /** Writes what is new and answers what is on disk then. */
  const write = async (key: PartialKey, chunks: readonly Chunk[], ranges: Ranges): Promise<Ranges> => {
    const file = await openPartial(pathOf(key))
    try {
      for (const { offset, bytes } of chunks) await file.write(bytes, 0, bytes.length, offset)
      await file.sync()
    } finally {
      await file.close()
    }
    return chunks.reduce((all, { offset, bytes }) => addRange(all, [offset, offset + bytes.length]), ranges)
  }

  /** Gives a whole file its name when it is what its digest says; drops it when it is not. */
  const settle = async (key: PartialKey): Promise<'arrived' | 'different'> => {
    const path = pathOf(key)
    const file = await openPartial(path)
    let isRight: boolean
    try {
      const found = await digestOf(piecesOf(file))
      isRight = found.digest === key.digest && found.size === key.size
    } finally {
      await file.close()
    }
    if (isRight) files.place(path, key.digest)
    else await rm(path, { force: true })
    return isRight ? 'arrived' : 'different'
  }

  /** All chunks of one attachment in a batch. */
  const takeOf = async (
    key: PartialKey,
    chunks: readonly Chunk[],
    findings: AttachmentFindings,
    count: (counter: AttachmentCounter) => void,
  ): Promise<Omit<OwedAttachmentReceipt, 'gateway'> | undefined> => {
    const { digest, size } = key
    const isThere = files.has(digest) && (await store.has(digest))
    // A process that died behind giving it its name has not told the store.
    if (!isThere && files.has(digest)) {
      findings.arrived.push(key)
      count('arrived')
      return { digest, size, outcome: 'arrived' }
    }
    const before = isThere ? [] : await store.rangesOf(key)
    const fresh = isThere
      ? []
      : chunks.filter(({ offset, bytes }) => size === 0 || !covers(before, [offset, offset + bytes.length]))
    for (let n = fresh.length; n < chunks.length; n++) count('duplicates')
    if (isThere) return { digest, size, outcome: 'arrived' }
    const ranges = fresh.length === 0 ? before : await write(key, fresh, before)
    const gap = firstGap(ranges, size)
    if (gap === undefined) {
      const outcome = await settle(key)
      findings[outcome === 'arrived' ? 'arrived' : 'dropped'].push(key)
      count(outcome)
      return { digest, size, outcome }
    }
    findings.partials.push({ ...key, ranges })
    const isEnd = chunks.some(({ offset, bytes }) => offset + bytes.length === size)
    return isEnd ? { digest, size, outcome: 'incomplete', from: gap } : undefined
  }

  /** Why a chunk is not taken. */
  const check = (delivery: Delivery<Buffer>): Chunk | GatewayError => {
    const chunk = readChunk(delivery)
    if (chunk instanceof GatewayError || chunk.size <= maxBytes) return chunk
    const reason = { zh: `附件超过 ${maxBytes} 字节`, en: `the attachment has more than ${maxBytes} bytes` }
    return GatewayError.of('ATTACHMENT_CHUNK_INVALID', { id: delivery.id, reason })
  }

  const takeBatch = async (deliveries: Delivery<Buffer>[]): Promise<DeliveryVerdict[]> => {
    const at = clock.now()
    const tally = openTally(dayOf(at))
    const findings: AttachmentFindings = { at, partials: [], arrived: [], dropped: [], tally: [] }
    const owed: OwedAttachmentReceipt[] = []
    const checked = deliveries.map(check)
    const groups = new Map<string, { key: PartialKey; chunks: Chunk[] }>()
    mkdirSync(files.folder, { recursive: true })
    files.demandSpace()
    for (const one of checked) {
      const gateway = one instanceof GatewayError ? '' : (one.gateway ?? '')
      tally.count(gateway, 'chunks')
      if (one instanceof GatewayError) {
        tally.count(gateway, 'refused')
        onFailed(one)
        continue
      }
      const key = keyOf(one)
      const group = groups.get(nameOf(key)) ?? { key, chunks: [] }
      group.chunks.push(one)
      groups.set(nameOf(key), group)
    }
    for (const { key, chunks } of groups.values()) {
      const receipt = await takeOf(key, chunks, findings, (counter) => tally.count(key.gateway, counter))
      if (receipt && key.gateway !== '') owed.push({ ...receipt, gateway: key.gateway })
    }
    await store.record({ ...findings, tally: tally.lines() })
    await answer(owed)
    return checked.map((one) => (one instanceof GatewayError ? 'reject' : 'ack'))
  }

  const takeOrFail = async (deliveries: Delivery<Buffer>[]): Promise<DeliveryVerdict[]> => {
    try {
      return await takeBatch(deliveries)
    } catch (thrown) {
      onFailed(toGatewayError(toDiskError(files.folder, thrown)))
      return deliveries.map(() => 'retry')
    }
  }

  // Partitions hand over side by side; one after the other, no two batches write one file.
  let last: Promise<unknown> = Promise.resolve()
  return transport.subscribe(
    (deliveries) => {
      const verdicts = last.then(() => takeOrFail(deliveries))
      last = verdicts
      return verdicts
    },
    { maxBatch },
  )
}
