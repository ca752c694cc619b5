import { resolve } from 'node:path'
import { type AttachmentFiles, openAttachmentFiles } from '../attachments/attachment-files.ts'
import { openBucket } from '../attachments/bucket.ts'
import { startAttachmentReceiver } from '../attachments/receiver.ts'
import { startSending } from '../attachments/sender.ts'
import type { Clock } from '../clock.ts'
import { durationMs } from '../config/load.ts'
import { toGatewayError } from '../errors.ts'
import { transportKinds } from '../transport/kinds.ts'
import { sendAnswers } from '../transport/send-answers.ts'
import type { Transport } from '../transport/transport.ts'
import type { PlatformConfig } from './config.ts'
import { answersOf } from './owed.ts'
import { type ReceiverParts, startReceiver } from './receiver.ts'
import type { ReceiverStore } from './receiver-store.ts'
import { storeKinds } from './store-kinds.ts'

export interface Platform {
  transport: Transport
  store: ReceiverStore
  /** The contents that it keeps, those that it has received and those that it sends. */
  files: AttachmentFiles
  /** Takes and sends no more, settles what is in hand, and closes transports and store, in this order. Called once. */
  close(): Promise<void>
}

/** How long the transport may take over its goodbye. The batch in hand was settled before. */
const graceMs = 5000
/** How attachments are sent: pauses after trouble, how often it is looked what is due, and how long after its last chunk a gateway is asked. */
const sendingOptions = { retry: { initialMs: 1000, maxMs: 300_000 }, lookMs: 500, askMs: 3_600_000 }
/** How often it is looked for partial attachments that nobody goes on with. */
const abandonEveryMs = 600_000

export const openPlatformStore = ({ store, folder }: PlatformConfig, clock: Clock): ReceiverStore =>
  storeKinds[store.kind].open(store.options, clock, folder)

export const openPlatformFiles = ({ attachments, folder }: PlatformConfig): AttachmentFiles =>
  openAttachmentFiles(resolve(folder, attachments.folder), attachments)

/**
 * Opens store and transport and starts receiving, and sending attachments. A broker or a PostgreSQL that is down is tried again until it is there;
 * throws what SQLite throws when its file cannot be opened.
 */
export const openPlatform = (config: PlatformConfig, parts: Pick<ReceiverParts, 'clock' | 'onTaken' | 'onFailed'>): Platform => {
  const { clock, onFailed } = parts
  const store = openPlatformStore(config, clock)
  const { kind, options } = config.transport
  const transport = transportKinds[kind].open(options, clock, config.folder)
  // A connection of its own: a broker in need takes nothing from one that publishes, and its acknowledgements would stay with it.
  const outgoing = transportKinds[kind].open(options, clock, config.folder)
  outgoing.open()
  const answer = (owed: Parameters<ReceiverParts['answer']>[0]): Promise<boolean> =>
    sendAnswers(outgoing, answersOf(owed, clock.now()), clock)
  const receiver = startReceiver({ ...parts, transport, store, answer })
  const { maxBytes, partials } = config.attachments
  const files = openPlatformFiles(config)
  const bucket = config.bucket && openBucket(config.bucket, config.folder)
  const openChunks = () => transportKinds[kind].openAttachments(options, clock, config.folder)
  const chunks = openChunks()
  const attachmentReceiver = startAttachmentReceiver({
    ...{ transport: chunks, store: store.attachments, files, maxBytes, clock, onFailed },
    by: bucket && { bucket, direction: 'up' },
    answer: (attachments) => answer({ receipts: [], comparisons: [], attachments }),
  })
  const sending = startSending({
    ...{ transfers: store.transfers, files, openTransport: openChunks, clock, options: sendingOptions },
    by: bucket && { bucket, direction: 'down' },
    onSent: () => undefined,
    onStopped: ({ error }) => onFailed(error),
    onFailed: (thrown) => onFailed(toGatewayError(thrown)),
  })
  const stopping = new AbortController()
  const tidy = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      await attachmentReceiver
        .abandon(clock.now() - durationMs(partials))
        .catch((thrown: unknown) => onFailed(toGatewayError(thrown)))
      await clock.wait(abandonEveryMs, stopping.signal)
    }
  }
  const tidied = tidy()
  transport.open()
  chunks.open()
  return {
    transport,
    store,
    files,
    async close() {
      stopping.abort()
      await Promise.all([receiver.close(), attachmentReceiver.close(), sending.stop(graceMs), tidied])
      bucket?.close()
      await Promise.all([transport.close(graceMs), chunks.close(graceMs)])
      await outgoing.close(graceMs)
      await store.close()
    },
  }
}
