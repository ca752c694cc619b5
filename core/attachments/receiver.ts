/**
 * The lane of attachments from the broker to the files, at the platform and at a gateway.
 *
 *     broker ── chunks ──▶ check each ──▶ write at its offset, sync ──▶ whole? verify, give it its name ──▶ one commit ──▶ receipts ──▶ verdicts
 *
 * A chunk is acknowledged when it is on disk, and so is that it is. Chunks may come again and in any order. Whose last chunk has come is answered:
 * that it has arrived, from where on something is missing, or that its content is another. One that is too large is answered at once, and no byte
 * of it kept. A notice says that the whole is in the bucket: it is acknowledged when that is on disk, and what is fetched there is taken as chunks are.
 */
import { mkdirSync } from 'node:fs'
import { type FileHandle, open, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { AttachmentReceipt } from '../canonical/index.ts'
import { type Clock, dayOf } from '../clock.ts'
import { GatewayError, toGatewayError } from '../errors.ts'
import type { Delivery, DeliveryVerdict, Subscription, Transport } from '../transport/transport.ts'
import { type AttachmentFiles, digestOf, namesIn, piecesOf, removeOlder, syncFolder, toDiskError } from './attachment-files.ts'
import { type Bucket, objectKey } from './bucket.ts'
import { type Chunk, type Notice, readChunk } from './chunk.ts'
import { type Fetching, startFetching } from './fetcher.ts'
import { addRange, covers, firstGap } from './ranges.ts'
import type { AttachmentCounter, AttachmentFindings, PartialKey, PartialState, Ranges, ReceivedAttachments } from './received.ts'
import { openTally, partialName } from './received.ts'

/** Chunks of one commit, at most: memory is theirs, twice, for each partition. */
const maxBatch = 4

export type OwedAttachmentReceipt = Omit<AttachmentReceipt, 'at'> & { gateway: string }

export interface AttachmentReceiverParts {
  transport: Transport<Buffer>
  /** Where notices lead to, and which way what comes goes. Without it a notice is refused. */
  by?: { bucket: Bucket; direction: 'up' | 'down' } | undefined
  /** The queue of a gateway; that of the platform when absent. */
  queue?: string
  /** The gateway that it is: it takes nothing that is for another. Absent at the platform. */
  gateway?: string
  store: ReceivedAttachments
  files: AttachmentFiles
  /** Larger ones are answered, and not taken. */
  maxBytes: number
  clock: Clock
  /** False: they were not sent, since the broker takes nothing more; whoever is owed them asks again. */
  answer(receipts: readonly OwedAttachmentReceipt[]): Promise<boolean>
  /** Called for each chunk that is none, and when a batch could not be taken. Must not throw. */
  onFailed(error: GatewayError): void
}

export interface AttachmentReceiver extends Subscription {
  /** Removes what nobody has gone on with since a time, in milliseconds since 1970: never what a chunk has come of after it. Answers how many. */
  abandon(before: number): Promise<number>
}

type Arrival = Chunk | Notice
const isChunk = (arrival: Arrival): arrival is Chunk => 'bytes' in arrival
const keyOf = ({ gateway = '', digest, size }: Arrival): PartialKey => ({ gateway, digest, size })

export const startAttachmentReceiver = (parts: AttachmentReceiverParts): AttachmentReceiver => {
  const { transport, queue, gateway, by, store, files, maxBytes, clock, answer, onFailed } = parts
  const folder = join(files.folder, 'partial')
  const pathOf = (key: PartialKey): string => join(folder, partialName(key))

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

  /** All that came of one attachment in a batch. */
  const takeOf = async (
    key: PartialKey,
    arrivals: readonly Arrival[],
    findings: AttachmentFindings,
    count: (counter: AttachmentCounter) => void,
  ): Promise<Omit<OwedAttachmentReceipt, 'gateway'> | undefined> => {
    const { digest, size } = key
    const chunks = arrivals.filter(isChunk)
    const isInBucket = chunks.length < arrivals.length
    const isThere = files.has(digest) && (await store.has(digest))
    // A process that died behind giving it its name has not told the store.
    if (!isThere && files.has(digest)) {
      findings.arrived.push(key)
      if (isInBucket) findings.partials.push({ ...key, ranges: [], inBucket: true })
      count('arrived')
      return { digest, size, outcome: 'arrived' }
    }
    const known: PartialState = { ...key, ranges: [], inBucket: false, ...(isThere ? {} : await store.partial(key)) }
    const before = known.ranges
    const fresh = isThere
      ? []
      : chunks.filter(({ offset, bytes }) => size === 0 || !covers(before, [offset, offset + bytes.length]))
    for (let n = fresh.length; n < (isThere ? arrivals : chunks).length; n++) count('duplicates')
    if (isThere) {
      // Said anew, so that it is not removed before whoever was about to name it does.
      findings.arrived.push(key)
      if (!isInBucket) return { digest, size, outcome: 'arrived' }
      findings.partials.push({ ...known, inBucket: true })
      return undefined
    }
    const ranges = fresh.length === 0 ? before : await write(key, fresh, before)
    const gap = firstGap(ranges, size)
    if (gap === undefined) {
      const outcome = await settle(key)
      // Its line stays until its object is removed, and whoever sends it is answered.
      const stays = isInBucket || known.inBucket
      if (stays) findings.partials.push({ ...key, ranges: [], inBucket: true })
      if (outcome === 'arrived') findings.arrived.push(key)
      else if (!stays) findings.dropped.push(key)
      count(outcome)
      return { digest, size, outcome }
    }
    findings.partials.push({ ...key, ranges, inBucket: known.inBucket || isInBucket })
    const isEnd = chunks.some(({ offset, bytes }) => offset + bytes.length === size)
    return isEnd ? { digest, size, outcome: 'incomplete', from: gap } : undefined
  }

  /** Why an arrival is none for us. */
  const check = (delivery: Delivery<Buffer>): Arrival | GatewayError => {
    const arrival = readChunk(delivery)
    if (arrival instanceof GatewayError) return arrival
    const refuse = (zh: string, en: string) =>
      GatewayError.of('ATTACHMENT_CHUNK_INVALID', { id: delivery.id, reason: { zh, en } })
    if (gateway !== undefined && arrival.gateway !== gateway) return refuse('不是给本网关的', 'it is not for this gateway')
    if (isChunk(arrival) || by) return arrival
    return refuse('附件在对象存储里，而本端没有配置 bucket', 'the attachment is in a bucket, and this side has no section bucket')
  }

  /** Keeps what came, in one commit. Answers what is owed for it, and of which what became of the whole is decided. */
  const take = async (
    arrivals: readonly (Arrival | GatewayError)[],
  ): Promise<{ owed: OwedAttachmentReceipt[]; decided: ReadonlyMap<string, 'arrived' | 'different'> }> => {
    const decided = new Map<string, 'arrived' | 'different'>()
    const at = clock.now()
    const tally = openTally(dayOf(at))
    const findings: AttachmentFindings = { at, partials: [], arrived: [], dropped: [], tally: [] }
    const owed: OwedAttachmentReceipt[] = []
    const groups = new Map<string, { key: PartialKey; arrivals: Arrival[] }>()
    mkdirSync(files.folder, { recursive: true })
    files.demandSpace()
    for (const one of arrivals) {
      const gateway = one instanceof GatewayError ? '' : (one.gateway ?? '')
      tally.count(gateway, 'chunks')
      if (one instanceof GatewayError) {
        tally.count(gateway, 'refused')
        onFailed(one)
        continue
      }
      const key = keyOf(one)
      const group = groups.get(partialName(key)) ?? { key, arrivals: [] }
      group.arrivals.push(one)
      groups.set(partialName(key), group)
    }
    for (const { key, arrivals } of groups.values()) {
      const count = (counter: AttachmentCounter) => tally.count(key.gateway, counter)
      const isRefused = key.size > maxBytes && arrivals.every(isChunk)
      if (isRefused) for (const _ of arrivals) count('refused')
      const receipt = isRefused
        ? { digest: key.digest, size: key.size, outcome: 'too_large' as const, limit: maxBytes }
        : await takeOf(key, arrivals, findings, count)
      if (receipt?.outcome === 'arrived' || receipt?.outcome === 'different') decided.set(partialName(key), receipt.outcome)
      if (receipt && key.gateway !== '') owed.push({ ...receipt, gateway: key.gateway })
    }
    await store.record({ ...findings, tally: tally.lines() })
    return { owed, decided }
  }

  const takeBatch = async (deliveries: Delivery<Buffer>[]): Promise<DeliveryVerdict[]> => {
    const checked = deliveries.map(check)
    await answer((await take(checked)).owed)
    if (checked.some((one) => !(one instanceof GatewayError) && !isChunk(one))) fetching?.wake()
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

  const abandonNow = async (before: number): Promise<number> => {
    const partials = await store.partials()
    // What is in the bucket is fetched, or found gone.
    const dropped = partials.filter(({ lastAt, inBucket }) => lastAt < before && !(inBucket && by))
    for (const key of dropped) await rm(pathOf(key), { force: true })
    if (dropped.length > 0) await store.record({ at: clock.now(), partials: [], arrived: [], dropped, tally: [] })
    // What a process that died has left without a line.
    const known = new Set(partials.map(partialName))
    const unknown = (await namesIn(folder)).filter((name) => !known.has(name)).map((name) => join(folder, name))
    const unnamed = (await namesIn(files.folder)).filter((name) => name.endsWith('.tmp')).map((name) => join(files.folder, name))
    return dropped.length + (await removeOlder([...unknown, ...unnamed], before))
  }

  // Partitions hand over side by side; one after the other, no two batches write one file, and none that is being removed.
  let last: Promise<unknown> = Promise.resolve()
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const done = last.then(work)
    last = done.catch(() => undefined)
    return done
  }

  /** While the broker is away, or takes nothing more, the line waits. */
  const answerFetched = async (key: PartialKey, receipt: Omit<AttachmentReceipt, 'at' | 'digest' | 'size'>): Promise<void> => {
    if (key.gateway === '') return
    if (!(await answer([{ ...key, ...receipt }]))) throw GatewayError.of('PUBLISH_INTERRUPTED', {})
  }

  const receiptOf = (outcome: 'arrived' | 'different' | 'too_large' | 'lost', size: number, ranges: Ranges) => {
    if (outcome === 'too_large') return { outcome, limit: maxBytes }
    return outcome === 'lost' ? { outcome: 'incomplete' as const, from: firstGap(ranges, size) ?? 0 } : { outcome }
  }

  const startFetchingBy = ({ bucket, direction }: NonNullable<typeof by>): Fetching =>
    startFetching({
      bucket,
      keyOf: (partial) => objectKey(direction, partial),
      due: (order, limit) => store.inBucket(order, limit),
      isThere: async ({ digest }) => files.has(digest) && store.has(digest),
      isTooLarge: ({ size }) => size > maxBytes,
      take: (chunks) =>
        inTurn(async () => {
          try {
            return (await take(chunks)).decided.get(partialName(keyOf(chunks[0]!)))
          } catch (thrown) {
            throw toDiskError(files.folder, thrown)
          }
        }),
      async settle({ gateway, digest, size, ranges }, outcome) {
        const key = { gateway, digest, size }
        await answerFetched(key, receiptOf(outcome, size, ranges))
        await inTurn(async () => {
          const now = await store.partial(key)
          // What is on disk of a lost one is gone on with.
          const stays = outcome === 'lost' && now !== undefined && now.ranges.length > 0
          if (!stays) await rm(pathOf(key), { force: true })
          const left = stays ? { partials: [{ ...key, ...now, inBucket: false }], dropped: [] } : { partials: [], dropped: [key] }
          await store.record({ at: clock.now(), arrived: [], tally: [], ...left })
        })
      },
      clock,
      onFailed,
    })
  const fetching = by && startFetchingBy(by)
  const { close } = transport.subscribe((deliveries) => inTurn(() => takeOrFail(deliveries)), {
    maxBatch,
    ...(queue === undefined ? {} : { queue }),
  })
  return {
    async close() {
      await Promise.all([close(), fetching?.stop()])
      await last
    },
    abandon: (before) => inTurn(() => abandonNow(before)),
  }
}
