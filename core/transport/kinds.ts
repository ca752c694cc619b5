import type { TObject } from '@sinclair/typebox'
import type { Clock } from '../clock.ts'
import type { Text } from '../errors.ts'
import { type EmbeddedOptions, embeddedOptions, openEmbedded, openEmbeddedAttachments } from './embedded.ts'
import { findUnsafeSettings, openRabbitmq, openRabbitmqAttachments, type RabbitmqOptions, rabbitmqOptions } from './rabbitmq.ts'
import type { Transport, TransportOwner } from './transport.ts'

interface TransportDefinition {
  options: TObject
  /** What is well formed but may lose or expose messages; lint refuses it. */
  findUnsafeSettings(options: Record<string, unknown>): { path: string; reason: Text }[]
  /** For messages. */
  open(options: Record<string, unknown>, clock: Clock, baseFolder: string, owner?: TransportOwner): Transport
  /** For chunks of attachments, by a connection of its own: whatever it carries, messages never stand behind it. */
  openAttachments(options: Record<string, unknown>, clock: Clock, baseFolder: string, owner?: TransportOwner): Transport<Buffer>
}

/** The transports by the name they have in configuration. Options were checked by their schema before they come here. */
export const transportKinds = {
  rabbitmq: {
    options: rabbitmqOptions,
    findUnsafeSettings: (options) => findUnsafeSettings(options as unknown as RabbitmqOptions),
    open: (options, clock, baseFolder, owner = {}) =>
      openRabbitmq(options as unknown as RabbitmqOptions, clock, baseFolder, owner),
    openAttachments: (options, clock, baseFolder, owner = {}) =>
      openRabbitmqAttachments(options as unknown as RabbitmqOptions, clock, baseFolder, owner),
  },
  embedded: {
    options: embeddedOptions,
    findUnsafeSettings: () => [],
    open: (options, clock, baseFolder, owner = {}) =>
      openEmbedded(options as unknown as EmbeddedOptions, clock, baseFolder, owner),
    openAttachments: (options, clock, baseFolder, owner = {}) =>
      openEmbeddedAttachments(options as unknown as EmbeddedOptions, clock, baseFolder, owner),
  },
} satisfies Record<string, TransportDefinition>

export type TransportKind = keyof typeof transportKinds
