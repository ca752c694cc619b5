/** One end of the lane of attachments as a process of its own, which tells its parent of every commit. `send` or `receive`, and the folder. */
import { join } from 'node:path'
import { openAttachmentFiles } from '../../core/attachments/attachment-files.ts'
import { upTransfersOf } from '../../core/attachments/attachment-lane.ts'
import { startAttachmentReceiver } from '../../core/attachments/receiver.ts'
import { startSending } from '../../core/attachments/sender.ts'
import { openSqliteReceiverStore } from '../../core/platform/sqlite-store.ts'
import { openStore } from '../../core/store/open-store.ts'
import { openEmbeddedAttachments } from '../../core/transport/embedded.ts'
import { realClock } from './transport-messages.ts'

const [role, folder] = process.argv.slice(2) as ['send' | 'receive', string]
const limits = { maxBytes: 2 ** 31, reserveBytes: 0 }
const openTransport = () =>
  openEmbeddedAttachments({ file: join(folder, 'transport.sqlite'), partitions: 4, window: 8, pollMs: 10 }, realClock)
const tell = (): void => void process.send!('progress')
tell()

if (role === 'send') {
  const store = openStore(join(folder, 'gateway.db'), 1)
  const commit: typeof store.commit = (work) => {
    const done = store.commit(work)
    tell()
    return done
  }
  startSending({
    transfers: upTransfersOf({ ...store, commit }, 'one-gateway'),
    files: openAttachmentFiles(join(folder, 'attachments'), limits),
    openTransport,
    clock: realClock,
    onSent: () => undefined,
    onStopped: ({ error }) => console.error(error),
    onFailed: (error) => console.error(error),
    options: { retry: { initialMs: 20, maxMs: 100 }, lookMs: 10, askMs: 3_600_000 },
  })
} else {
  const { attachments } = openSqliteReceiverStore(join(folder, 'platform.sqlite'), 1)
  const transport = openTransport()
  startAttachmentReceiver({
    transport,
    store: { ...attachments, record: (findings) => attachments.record(findings).then(tell) },
    files: openAttachmentFiles(join(folder, 'received'), limits),
    maxBytes: limits.maxBytes,
    clock: realClock,
    answer: async () => true,
    onFailed: ({ message }) => console.error(message),
  })
  transport.open()
}
