import type { Clock } from '../clock.ts'
import { durationMs, type GatewayConfig } from '../config/load.ts'
import type { Events } from '../events.ts'
import { attachmentFolderOf } from '../gate.ts'
import type { Store } from '../store/store.ts'
import { transportKinds } from '../transport/kinds.ts'
import { openAttachmentFiles } from './attachment-files.ts'
import { createKeeper } from './attachment-keeper.ts'
import { startSending } from './sender.ts'

export interface LaneParts {
  config: GatewayConfig
  store: Store
  clock: Clock
  events: Events
  /** Tells of the lane's connection, which is made when there is something to send. */
  say(state: string, detail: object): void
  retry: { initialMs: number; maxMs: number }
  lookMs: number
}

/** Everything of the gateway that is about attachments: where they are kept, and what carries them to the platform. */
export const openAttachmentLane = ({ config, store, clock, events, say, retry, lookMs }: LaneParts) => {
  const { name: gateway, limits, store: kept, statements } = config.options
  const { kind, options } = config.transport
  const files = openAttachmentFiles(attachmentFolderOf(config), {
    maxBytes: limits.maxAttachmentBytes,
    reserveBytes: kept.reserveBytes,
  })
  const { swept, keep } = createKeeper({ store, files, clock, events })
  const sending = startSending({
    ...{ store, files, clock, events, gateway },
    openTransport: () => {
      const transport = transportKinds[kind].openAttachments(options, clock, config.folder, { gateway })
      transport.onChange((state) => {
        const { error, ...detail } = { error: undefined, ...state }
        say(state.state, { kind, ...detail, ...(error ? { error: { code: error.code, ...error.text } } : {}) })
      })
      return transport
    },
    options: { retry, lookMs, askMs: durationMs(statements.again) },
  })
  return {
    files,
    keep,
    async stop(graceMs: number): Promise<void> {
      await Promise.all([swept, sending.stop(graceMs)])
    },
  }
}
