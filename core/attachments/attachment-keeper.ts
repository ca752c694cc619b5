import type { Clock } from '../clock.ts'
import type { RunContext } from '../contract.ts'
import { toGatewayError } from '../errors.ts'
import type { Events } from '../events.ts'
import type { Store } from '../store/store.ts'
import type { AttachmentFiles } from './attachment-files.ts'

/**
 * Keeps contents for the sources, each with its line in the store. What a process that died has left is swept first: until then nothing is
 * kept, so that nothing new is taken for a leftover.
 */
export const createKeeper = (parts: { store: Store; files: AttachmentFiles; clock: Clock; events: Events }) => {
  const { store, files, clock, events } = parts
  const swept = files
    .sweep((digest) => store.attachments.sizeOf(digest) !== undefined)
    .then(
      (count) => void (count > 0 && events.emit('attachments:removed', { count })),
      (error) => void events.emit('housekeeping:failed', { error: toGatewayError(error) }),
    )
  const keep: RunContext['keep'] = async (content) => {
    await swept
    return files.keep(content, ({ digest, size }) =>
      store.commit(() => {
        const now = clock.now()
        store.attachments.keep(digest, size, now)
        store.inbox.arrive(digest, now)
      }),
    )
  }
  return { swept, keep }
}
