import type { AttachmentFiles } from './attachments/attachment-files.ts'
import type { Clock } from './clock.ts'
import { toGatewayError } from './errors.ts'
import type { Events } from './events.ts'
import type { Store } from './store/store.ts'

const pruneEveryMs = 600_000
const pruneAtOnce = 2000
const heartbeatMs = 5000
/** So long a kept attachment may wait for the record that names it. */
const unnamedMs = 86_400_000

/** Says every few seconds that the gateway lives, and ends the retention of what is finished. Goes on until `signal`; never rejects. */
export const keepHouse = async (parts: {
  store: Store
  files: AttachmentFiles
  /** Removes partial attachments that nobody has gone on with since a time, and answers how many. */
  abandon(before: number): Promise<number>
  clock: Clock
  events: Events
  retention: { bodiesMs: number; linesMs: number; partialsMs: number }
  signal: AbortSignal
  sayRunning(): void
}): Promise<void> => {
  const { store, files, abandon, clock, events, retention, signal, sayRunning } = parts

  const prune = async (): Promise<void> => {
    const before = [clock.now() - retention.bodiesMs, clock.now() - retention.linesMs] as const
    for (let more = true; more && !signal.aborted; ) {
      const [up, down] = store.commit(() => [store.prune(...before, pruneAtOnce), store.inbox.prune(...before, pruneAtOnce)])
      const pruned = { bodies: up!.bodies + down!.bodies, lines: up!.lines + down!.lines }
      if (pruned.bodies + pruned.lines > 0) events.emit('store:pruned', pruned)
      more = [up!, down!].some(({ bodies, lines }) => bodies === pruneAtOnce || lines === pruneAtOnce)
      await clock.wait(0)
    }
    removeAttachments()
    const count = await abandon(clock.now() - retention.partialsMs)
    if (count > 0) events.emit('attachments:abandoned', { count })
  }

  /** First the line, then the file, in one turn: whoever keeps the same content again does so before or after both. */
  const removeAttachments = (): void => {
    const now = clock.now()
    // What was kept a moment ago is about to be named by a record.
    const before = now - Math.max(retention.bodiesMs, unnamedMs)
    const digests = store.commit(() => {
      const removable = store.attachments.removable(before, pruneAtOnce)
      for (const digest of removable) store.attachments.remove(digest, now)
      return removable
    })
    for (const digest of digests) files.remove(digest)
    if (digests.length > 0) events.emit('attachments:removed', { count: digests.length })
  }

  let prunedAt = clock.now()
  while (!signal.aborted) {
    sayRunning()
    if (clock.now() - prunedAt >= pruneEveryMs) {
      prunedAt = clock.now()
      await prune().catch((error) => void events.emit('housekeeping:failed', { error: toGatewayError(error) }))
    }
    await clock.wait(heartbeatMs, signal)
  }
}
