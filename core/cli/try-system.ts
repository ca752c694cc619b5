/** The first records of a live system, of which nothing is taken: the source never hears that they are on disk. */
import { digestOf } from '../attachments/attachment-files.ts'
import type { Batch, Emit, Json, Source, SourceRecord } from '../contract.ts'
import type { StreamFields } from '../probe.ts'
import { sha256 } from '../sha256.ts'

export interface Peek {
  limit: number
  /** Only the records of this stream. */
  stream: string | undefined
  /** A source that is pushed to waits for its senders. */
  onServing?: () => void
  /** See `RunContext.describe`: called with each batch anew. */
  onDescribed?: (streams: readonly StreamFields[]) => void
  interrupted: AbortSignal
}

/** One run up to its first batch. `emit` never resolves, which is what would let the source mark, move or confirm anything. */
const firstBatch = async (
  source: Source,
  checkpoint: Json | undefined,
  { interrupted, onServing = () => undefined, onDescribed = () => undefined }: Peek,
): Promise<Batch | undefined> => {
  const stop = new AbortController()
  const enough = new Error('the records were only looked at')
  let batch: Batch | undefined
  const emit: Emit = (given) => {
    batch ??= given
    stop.abort(enough)
    return Promise.reject(enough)
  }
  try {
    await source.run(emit, {
      checkpoint,
      signal: AbortSignal.any([interrupted, stop.signal]),
      // Looked at, and not kept.
      keep: digestOf,
      describe: onDescribed,
      ready: onServing,
    })
  } catch (error) {
    // A source whose batch was refused may end in any way; one that gave none is not well.
    if (!batch) throw error
  }
  return batch
}

/** Short, since a stream that is looked for may stand behind a large one. */
const nameOf = ({ stream, key, body }: SourceRecord): string =>
  sha256(JSON.stringify([stream, key, sha256(body).toString('hex')]))
    .toString('base64')
    .slice(0, 16)

/**
 * The first records as the adapter gives them, reading on from batch to batch by the checkpoint that each carries, which is kept in memory
 * only. A source that goes on only after something was acknowledged (a flag, a file that is moved) gives its first batch and no more; one that
 * is pushed to, the first that comes, which its sender keeps.
 * `goesOn`: by a checkpoint. Rejects as the source does.
 */
export const peek = async (source: Source, options: Peek): Promise<{ records: SourceRecord[]; goesOn: boolean }> => {
  const { limit, stream, interrupted } = options
  const found: SourceRecord[] = []
  const seen = new Set<string>()
  let checkpoint: Json | undefined
  let empty = 0
  while (found.length < limit && !interrupted.aborted) {
    const batch = await firstBatch(source, checkpoint, options)
    if (!batch) break
    const fresh = batch.records.filter((record) => !seen.has(nameOf(record)))
    for (const record of fresh) seen.add(nameOf(record))
    found.push(...fresh.filter((record) => stream === undefined || record.stream === stream))
    empty = fresh.length === 0 ? empty + 1 : 0
    const isStanding = batch.checkpoint === undefined || JSON.stringify(batch.checkpoint) === JSON.stringify(checkpoint)
    // Twice nothing new: it has begun anew.
    if (isStanding || empty > 1) break
    checkpoint = batch.checkpoint
  }
  return { records: found.slice(0, limit), goesOn: checkpoint !== undefined }
}
