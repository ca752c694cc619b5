import type { TObject } from '@sinclair/typebox'
import type { Clock } from '../clock.ts'
import type { Text } from '../errors.ts'
import { type EmbeddedOptions, embeddedOptions, openEmbedded } from './embedded.ts'
import { findUnsafeSettings, openRabbitmq, type RabbitmqOptions, rabbitmqOptions } from './rabbitmq.ts'
import type { Transport, TransportOwner } from './transport.ts'

interface TransportDefinition {
  options: TObject
  /** What is well formed but may lose or expose messages; lint refuses it. */
  findUnsafeSettings(options: Record<string, unknown>): { path: string; reason: Text }[]
  open(options: Record<string, unknown>, clock: Clock, baseFolder: string, owner?: TransportOwner): Transport
}

/** The transports by the name they have in configuration. Options were checked by their schema before they come here. */
export const transportKinds = {
  rabbitmq: {
    options: rabbitmqOptions,
    findUnsafeSettings: (options) => findUnsafeSettings(options as unknown as RabbitmqOptions),
    open: (options, clock, baseFolder, owner = {}) =>
      openRabbitmq(options as unknown as RabbitmqOptions, clock, baseFolder, owner),
  },
  embedded: {
    options: embeddedOptions,
    findUnsafeSettings: () => [],
    open: (options, clock, baseFolder, owner = {}) =>
      openEmbedded(options as unknown as EmbeddedOptions, clock, baseFolder, owner),
  },
} satisfies Record<string, TransportDefinition>

export type TransportKind = keyof typeof transportKinds
