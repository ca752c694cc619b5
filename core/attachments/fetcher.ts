/**
 * From the bucket to the receiver: objects are read from the first byte that is not on disk, and handed over as the broker hands over chunks.
 * What is to be fetched stands in the store, so that after a crash it goes on. Two are those that were longest without a byte and two those with the
 * least to fetch, so that neither a large one nor many small ones keep the others waiting.
 */
import type { Clock } from '../clock.ts'
import { GatewayError, toGatewayError } from '../errors.ts'
import type { Bucket } from './bucket.ts'
import { BucketFault, isOfOne } from './bucket-errors.ts'
import { type Chunk, maxChunkBytes } from './chunk.ts'
import { firstGap } from './ranges.ts'
import { type PartialKey, type PartialStanding, partialName } from './received.ts'

/** By which lines are looked for: the longest silence, or the smallest size, first. */
export type FetchOrder = 'oldest' | 'smallest'

export interface FetchingParts {
  bucket: Bucket
  keyOf(partial: PartialKey): string
  due(order: FetchOrder, limit: number): Promise<PartialStanding[]>
  isThere(partial: PartialKey): Promise<boolean>
  isTooLarge(partial: PartialKey): boolean
  /** Keeps chunks. Answers what became of the whole, once that is decided. */
  take(chunks: readonly Chunk[]): Promise<'arrived' | 'different' | undefined>
  /** Says what became of it to whoever sends it, then drops its line. `lost`: there is no such object, and what is on disk stays. */
  settle(partial: PartialStanding, outcome: 'arrived' | 'different' | 'too_large' | 'lost'): Promise<void>
  clock: Clock
  onFailed(error: GatewayError): void
}

/** At the same time, of each order. */
const slots: Record<FetchOrder, number> = { oldest: 2, smallest: 2 }
/** Chunks that are kept in one commit: memory is theirs, for each fetch. */
const maxBatch = 4
/** Pauses after trouble, of which the last attempt is never the last. */
const retry = { initialMs: 1000, maxMs: 300_000 }
/** Lines that are looked at for one that may begin. */
const mostLooked = 1000
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

export const startFetching = (parts: FetchingParts) => {
  const { bucket, keyOf, due, isThere, isTooLarge, take, settle, clock, onFailed } = parts
  const stopping = new AbortController()
  const inHand = new Map<string, { order: FetchOrder; done: Promise<void> }>()
  /** What failed alone waits alone: an object that nobody may read holds up no other. */
  const later = new Map<string, { failures: number; dueAt: number }>()
  /** While the bucket, the disk or the broker is not well, all wait. */
  let failures = 0
  let pausedUntil = 0
  let woken = (): void => undefined

  const afterPause = (times: number): number => clock.now() + Math.min(retry.maxMs, retry.initialMs * 2 ** Math.min(times, 20))

  /** The object goes first: what is answered is not asked for again, and would stay. */
  const finish = async (partial: PartialStanding, outcome: 'arrived' | 'different' | 'too_large'): Promise<void> => {
    if (outcome !== 'arrived') demandName(partial)
    await bucket.remove(keyOf(partial), stopping.signal)
    await settle(partial, outcome)
  }

  /** Whom nobody can tell would never send again: its line stays, and the log says so again and again. */
  const demandName = (partial: PartialStanding): void => {
    if (partial.gateway !== '') return
    const cause = new BucketFault(
      '对象不见、不符或太大，而其网关没有名字，无从告知',
      'it is gone, another or too large, and its gateway has no name to be told by',
    )
    throw GatewayError.of('BUCKET_FAILED', { bucket: keyOf(partial), reason: cause.reason }, { cause })
  }

  const fetch = async (partial: PartialStanding): Promise<void> => {
    if (await isThere(partial)) return finish(partial, 'arrived')
    if (isTooLarge(partial)) return finish(partial, 'too_large')
    const { digest, size, gateway, ranges } = partial
    let offset = firstGap(ranges, size) ?? 0
    const bytes = await bucket.read(keyOf(partial), offset, size, stopping.signal)
    if (!bytes) {
      demandName(partial)
      return settle(partial, 'lost')
    }
    let batch: Chunk[] = []
    for await (const piece of inPieces(bytes, maxChunkBytes)) {
      batch.push({ digest, offset, size, gateway: gateway || undefined, bytes: piece })
      offset += piece.length
      if (batch.length < maxBatch && offset < size) continue
      if (stopping.signal.aborted) return
      const outcome = await take(batch)
      if (outcome) return finish(partial, outcome)
      batch = []
    }
    const cause = new BucketFault('对象没有给全', 'it gave less of an object than there is')
    throw GatewayError.of('BUCKET_FAILED', { bucket: keyOf(partial), reason: cause.reason }, { cause })
  }

  const failed = (name: string, thrown: unknown): void => {
    if (stopping.signal.aborted) return
    const times = later.get(name)?.failures ?? 0
    later.set(name, { failures: times + 1, dueAt: afterPause(times) })
    // Of fetches side by side the first pauses all.
    if (!isOfOne(thrown) && clock.now() >= pausedUntil) {
      pausedUntil = afterPause(failures)
      failures += 1
    }
    onFailed(toGatewayError(thrown))
  }

  const begin = (partial: PartialStanding, order: FetchOrder): void => {
    const name = partialName(partial)
    const done = fetch(partial)
      .then(() => {
        later.delete(name)
        failures = 0
      })
      .catch((thrown: unknown) => failed(name, thrown))
      .finally(() => {
        inHand.delete(name)
        woken()
      })
    inHand.set(name, { order, done })
  }

  const mayBegin = (partial: PartialStanding): boolean => {
    const name = partialName(partial)
    return !inHand.has(name) && (later.get(name)?.dueAt ?? 0) <= clock.now()
  }

  /** What went away by itself, such as by the last of its chunks, is not waited for. */
  const forgetAllBut = (names: ReadonlySet<string>): void => {
    for (const name of later.keys()) if (!names.has(name) && !inHand.has(name)) later.delete(name)
  }

  const fill = async (): Promise<void> => {
    for (const order of Object.keys(slots) as FetchOrder[]) {
      const free = slots[order] - [...inHand.values()].filter((one) => one.order === order).length
      if (free === 0 || clock.now() < pausedUntil) continue
      const limit = Math.min(mostLooked, free + inHand.size + later.size)
      const waiting = await due(order, limit)
      if (waiting.length < limit) forgetAllBut(new Set(waiting.map(partialName)))
      for (const one of waiting.filter(mayBegin).slice(0, free)) if (!stopping.signal.aborted) begin(one, order)
    }
  }

  const look = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      const nap = new AbortController()
      woken = () => nap.abort()
      const now = clock.now()
      try {
        await fill()
      } catch (thrown) {
        pausedUntil = now + retry.initialMs
        onFailed(toGatewayError(thrown))
      }
      if (stopping.signal.aborted) return
      // Whatever ends or comes meanwhile waits for the end of the pause like all.
      if (pausedUntil > clock.now()) {
        await clock.wait(pausedUntil - clock.now(), stopping.signal)
        continue
      }
      // What is due and has not begun waits for a slot, which wakes; so does what is in hand.
      let next = now + lookMs
      for (const { dueAt } of later.values()) if (dueAt > now && dueAt < next) next = dueAt
      await clock.wait(Math.max(1, next - clock.now()), nap.signal)
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
