import { healthOf } from '../broker-health.ts'
import type { Clock } from '../clock.ts'
import { durationMs, type GatewayConfig } from '../config/load.ts'
import type { Content } from '../contract.ts'
import type { Events } from '../events.ts'
import { attachmentFolderOf } from '../gate.ts'
import type { Store } from '../store/store.ts'
import { transportKinds } from '../transport/kinds.ts'
import { sendAnswers } from '../transport/send-answers.ts'
import { attachmentsDownAddress, attachmentsUpAddress, type Transport, upAddress } from '../transport/transport.ts'
import { openAttachmentFiles } from './attachment-files.ts'
import { createKeeper } from './attachment-keeper.ts'
import { openBucket } from './bucket.ts'
import { openContent } from './open-content.ts'
import { attachmentReceiptMessages } from './receipt-messages.ts'
import { type AttachmentReceiver, type OwedAttachmentReceipt, startAttachmentReceiver } from './receiver.ts'
import { startSending } from './sender.ts'
import type { Transfers } from './transfers.ts'

export interface LaneParts {
  config: GatewayConfig
  store: Store
  clock: Clock
  events: Events
  /** That of messages: the receipts of what comes down go up by it. */
  messages: Transport
  /** Tells of the lane's connections: one is made when there is something to send, the other when something may come. */
  say(component: 'attachments' | 'attachments:down', state: string, detail: object): void
  /** Contents have come down, or may have: messages that wait for them are due. */
  onArrived(): void
  retry: { initialMs: number; maxMs: number }
  lookMs: number
}

/** The way up, as the sender asks for it. */
export const upTransfersOf = (
  { commit, attachments }: Pick<Store, 'commit' | 'attachments'>,
  gateway: string | undefined,
): Transfers => ({
  due: async (now, order, inHand, limit) => {
    const digests = inHand.map(({ digest }) => digest)
    return attachments.due(now, order, digests, limit).map(({ department, region, ...transfer }) => ({
      ...transfer,
      gateway,
      address: attachmentsUpAddress({ department, region }),
    }))
  },
  confirm: async (transfer, confirmed) => commit(() => attachments.confirm(transfer, confirmed)),
  finish: async (transfer, now, askAt) => commit(() => attachments.finish(transfer, now, askAt)),
  postpone: async (transfer, error, dueAt) => commit(() => attachments.postpone(transfer, error, dueAt)),
  stop: async ({ digest }, error, now) => commit(() => attachments.stop(digest, error, now)),
})

/** Everything of the gateway that is about attachments: where they are kept, what carries them to the platform, and what takes those that come down. */
export const openAttachmentLane = (parts: LaneParts) => {
  const { config, store, clock, events, messages, say, onArrived, retry, lookMs } = parts
  const { name: gateway, limits, store: kept, statements } = config.options
  const { kind, options } = config.transport
  const files = openAttachmentFiles(attachmentFolderOf(config), {
    maxBytes: limits.maxAttachmentBytes,
    reserveBytes: kept.reserveBytes,
  })
  const { swept, keep } = createKeeper({ store, files, clock, events })
  const openTransport = (component: Parameters<typeof say>[0]): Transport<Buffer> => {
    const transport = transportKinds[kind].openAttachments(options, clock, config.folder, { gateway })
    transport.onChange((state) => {
      const { state: shown, detail, error } = healthOf(state)
      say(component, shown, { kind, ...detail, ...(error ? { error: { code: error.code, ...error.text } } : {}) })
    })
    return transport
  }
  const bucket = config.bucket && openBucket(config.bucket, config.folder)
  const sending = startSending({
    ...{ transfers: upTransfersOf(store, gateway), files, clock, by: bucket && { bucket, direction: 'up' } },
    openTransport: () => openTransport('attachments'),
    onSent: (sent) => void events.emit('attachment:sent', sent),
    onStopped: (stopped) => void events.emit('attachment:stopped', stopped),
    onFailed: (error) => void events.emit('publisher:failed', { error }),
    options: { retry, lookMs, askMs: durationMs(statements.again) },
  })

  let receiving: Promise<{ receiver: AttachmentReceiver; transport: Transport<Buffer> }> | undefined
  let isStopping = false
  const startReceiving = async (name: string, department: { code: string; region: string }) => {
    // What is swept is not received meanwhile: its line would come behind the file.
    await swept
    const transport = openTransport('attachments:down')
    const address = upAddress({ region: department.region, department: department.code })
    const answer = async (owed: readonly OwedAttachmentReceipt[]): Promise<boolean> => {
      if (owed.some(({ outcome }) => outcome === 'arrived')) onArrived()
      for (const { outcome, digest, size } of owed) {
        if (outcome === 'arrived') events.emit('attachment:arrived', { digest, size })
        if (outcome === 'too_large') events.emit('attachment:refused', { digest, size, limit: limits.maxAttachmentBytes })
      }
      return sendAnswers(
        messages,
        attachmentReceiptMessages(owed, `/gateways/${name}`, () => address, clock.now()),
        clock,
      )
    }
    const receiver = startAttachmentReceiver({
      ...{
        transport,
        queue: attachmentsDownAddress(name),
        gateway: name,
        by: bucket && { bucket, direction: 'down' },
        store: store.attachments.received,
        files,
        clock,
        answer,
      },
      maxBytes: limits.maxAttachmentBytes,
      onFailed: (error) => {
        if (error.code === 'ATTACHMENT_CHUNK_INVALID') events.emit('delivery:refused', { error })
        else if (error.code === 'BUCKET_FAILED') events.emit('bucket:failed', { error })
        else events.emit('store:paused', { error })
      },
    })
    transport.open()
    return { receiver, transport }
  }

  return {
    files,
    keep,
    /** A kept content, for sinks. One whose file is found to be another is forgotten, so that it can come again. */
    contentOf: (digest: string): Content =>
      openContent(files, digest, store.attachments.sizeOf(digest) ?? 0, () => {
        store.commit(() => store.attachments.remove(digest, clock.now()))
        files.remove(digest)
      }),
    /** Takes what comes down from now on: there is a system that is written to. `department`: by whose address it is answered. */
    receive(department: { code: string; region: string }): void {
      if (gateway === undefined || isStopping) return
      receiving ??= startReceiving(gateway, department)
    },
    /** Removes partial attachments that nobody has gone on with since a time. Answers how many. */
    abandon: async (before: number): Promise<number> => (await receiving)?.receiver.abandon(before) ?? 0,
    async stopReceiving(graceMs: number): Promise<void> {
      isStopping = true
      const opened = await receiving
      await opened?.receiver.close()
      await opened?.transport.close(graceMs)
    },
    async stop(graceMs: number): Promise<void> {
      await Promise.all([swept, sending.stop(graceMs)])
      bucket?.close()
    },
  }
}
