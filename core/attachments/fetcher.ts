/**
 * From the bucket to the receiver: objects are read from the first byte that is not on disk, and handed over as the broker hands over chunks.
 * What is to be fetched stands in the store, so that after a crash it goes on. Two are those that were longest without a byte and two those with the
 * least to fetch, so that neither a large one nor many small ones keep the others waiting.
 */
import type { Clock } from '../clock.ts'
import { GatewayError, toGatewayError } from '../errors.ts'
import type { Bucket } from './bucket.ts'
import { type Chunk, maxChunkBytes } from './chunk.ts'
import { firstGap } from './ranges.ts'
import { type PartialKey, type PartialStanding, partialName } from './received.ts'

export interface FetchingParts {
  bucket: Bucket
  keyOf(partial: PartialKey): string
  /** Those that are not whole; those of the longest silence first. */
  partials(): Promise<PartialStanding[]>
  isThere(partial: PartialKey): Promise<boolean>
  /** Keeps chunks, and answers what is owed but for what has arrived. False: nothing more is wanted. */
  take(chunks: readonly Chunk[]): Promise<boolean>
  /** It is whole and verified: says so to whoever sends it, and drops its line. */
  arrived(partial: PartialKey): Promise<void>
  /** There is no such object: says so, and drops what there is of it. */
  lost(partial: PartialKey): Promise<void>
  clock: Clock
  onFailed(error: GatewayError): void
}

/** At the same time, of each order. */
const slots = { oldest: 2, smallest: 2 } as const
type Order = keyof typeof slots
/** Chunks that are kept in one commit: memory is theirs, for each fetch. */
const maxBatch = 4
/** Pauses after trouble, of which the last attempt is never the last. */
const retry = { initialMs: 1000, maxMs: 300_000 }
/** How often it is looked without a word. */
const lookMs = 60_000

/** The same bytes in pieces of `size`, but for the last. */
async function* inPieces(bytes: AsyncIterable<Uint8Array>, size: number): AsyncGenerator<Buffer> {
  let held: Uint8Array[] = []
  let length = 0
  for await (const some of bytes) {
    held.push(some)
    length += some.byteLength
    if (length < size) continue
    const all = Buffer.concat(held)
    let at = 0
    for (; length - at >= size; at += size) yield all.subarray(at, at + size)
    held = [all.subarray(at)]
    length -= at
  }
  if (length > 0) yield Buffer.concat(held)
}

const missing = ({ size, ranges }: PartialStanding): number => size - (firstGap(ranges, size) ?? size)

export const startFetching = (parts: FetchingParts) => {
  const { bucket, keyOf, partials, isThere, take, clock, onFailed } = parts
  const stopping = new AbortController()
  const inHand = new Map<string, { order: Order; done: Promise<void> }>()
  let failures = 0
  let pausedUntil = 0
  let woken = (): void => undefined

  /** The object goes first: what is answered is not asked for again, and would stay. */
  const finish = async (partial: PartialStanding): Promise<void> => {
    await bucket.remove(keyOf(partial), stopping.signal)
    await parts.arrived(partial)
  }

  const fetch = async (partial: PartialStanding): Promise<void> => {
    if (await isThere(partial)) return finish(partial)
    const { digest, size, gateway, ranges } = partial
    let offset = firstGap(ranges, size) ?? 0
    const object = await bucket.read(keyOf(partial), offset, stopping.signal)
    if (object?.size !== size) return parts.lost(partial)
    let batch: Chunk[] = []
    for await (const bytes of inPieces(object.bytes, maxChunkBytes)) {
      batch.push({ digest, offset, size, gateway: gateway || undefined, bytes })
      offset += bytes.length
      if (batch.length < maxBatch && offset < size) continue
      if (stopping.signal.aborted) return
      const isWanted = await take(batch)
      failures = 0
      if (await isThere(partial)) return finish(partial)
      if (!isWanted) return
      batch = []
    }
    if (offset < size) {
      const reason = { zh: '对象没有给全', en: 'it gave less of an object than there is' }
      throw GatewayError.of('BUCKET_FAILED', { bucket: keyOf(partial), reason })
    }
  }

  const begin = (partial: PartialStanding, order: Order): void => {
    const name = partialName(partial)
    const done = fetch(partial)
      .catch((thrown: unknown) => {
        if (stopping.signal.aborted) return
        // Of fetches side by side the first pauses all: it is one bucket, and one disk.
        if (clock.now() >= pausedUntil) {
          pausedUntil = clock.now() + Math.min(retry.maxMs, retry.initialMs * 2 ** Math.min(failures, 20))
          failures += 1
        }
        onFailed(toGatewayError(thrown))
      })
      .finally(() => {
        inHand.delete(name)
        woken()
      })
    inHand.set(name, { order, done })
  }

  const fill = async (): Promise<void> => {
    if (clock.now() < pausedUntil) return
    const waiting = (await partials()).filter((one) => one.inBucket)
    const orders: Record<Order, PartialStanding[]> = {
      oldest: waiting,
      smallest: [...waiting].sort((a, b) => missing(a) - missing(b)),
    }
    for (const order of Object.keys(slots) as Order[]) {
      const free = slots[order] - [...inHand.values()].filter((one) => one.order === order).length
      const next = orders[order].filter((one) => !inHand.has(partialName(one))).slice(0, free)
      for (const one of next) if (!stopping.signal.aborted) begin(one, order)
    }
  }

  const look = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      const nap = new AbortController()
      let isWoken = false
      woken = () => {
        isWoken = true
        nap.abort()
      }
      try {
        await fill()
      } catch (thrown) {
        onFailed(toGatewayError(thrown))
      }
      const pause = pausedUntil - clock.now()
      // What ends while another fetch has trouble waits for the end of the pause like all.
      if (pause > 0) await clock.wait(pause, stopping.signal)
      else if (!isWoken && !stopping.signal.aborted) await clock.wait(lookMs, nap.signal)
    }
  }
  const looking = look()

  return {
    /** Something is in the bucket. */
    wake: () => woken(),
    /** Reads no more, and resolves when what was in hand is kept. */
    async stop(): Promise<void> {
      stopping.abort()
      woken()
      await looking
      await Promise.all([...inHand.values()].map(({ done }) => done))
    },
  }
}

export type Fetching = ReturnType<typeof startFetching>
