import { resolve } from 'node:path'
import { openAttachmentFiles } from '../attachments/attachment-files.ts'
import type { Clock } from '../clock.ts'
import { transportKinds } from '../transport/kinds.ts'
import type { Transport } from '../transport/transport.ts'
import { startAttachmentReceiver } from './attachment-receiver.ts'
import type { PlatformConfig } from './config.ts'
import { type ReceiverParts, startReceiver } from './receiver.ts'
import type { ReceiverStore } from './receiver-store.ts'
import { sendAnswers } from './send-answers.ts'
import { storeKinds } from './store-kinds.ts'

export interface Platform {
  transport: Transport
  store: ReceiverStore
  /** Takes no more, settles what is in hand, and closes transport and store, in this order. Called once. */
  close(): Promise<void>
}

/** How long the transport may take over its goodbye. The batch in hand was settled before. */
const graceMs = 5000

export const openPlatformStore = ({ store, folder }: PlatformConfig, clock: Clock): ReceiverStore =>
  storeKinds[store.kind].open(store.options, clock, folder)

/**
 * Opens store and transport and starts receiving. A broker or a PostgreSQL that is down is tried again until it is there;
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
  const answer: ReceiverParts['answer'] = (owed) => sendAnswers(outgoing, owed, clock)
  const receiver = startReceiver({ ...parts, transport, store, answer })
  const { folder, maxBytes, reserveBytes } = config.attachments
  const files = openAttachmentFiles(resolve(config.folder, folder), { maxBytes, reserveBytes })
  const chunks = transportKinds[kind].openAttachments(options, clock, config.folder)
  const attachmentReceiver = startAttachmentReceiver({
    ...{ transport: chunks, store: store.attachments, files, maxBytes, clock, onFailed },
    answer: (attachments) => sendAnswers(outgoing, { receipts: [], comparisons: [], attachments }, clock),
  })
  transport.open()
  chunks.open()
  return {
    transport,
    store,
    async close() {
      await Promise.all([receiver.close(), attachmentReceiver.close()])
      await Promise.all([transport.close(graceMs), chunks.close(graceMs)])
      await outgoing.close(graceMs)
      await store.close()
    },
  }
}
