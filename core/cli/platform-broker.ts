import type { Command } from 'commander'
import { onBrokerError } from '../broker-health.ts'
import { systemClock } from '../clock.ts'
import { GatewayError } from '../errors.ts'
import { loadPlatformConfig, type PlatformConfig, type Sender } from '../platform/config.ts'
import { openPlatformStore } from '../platform/platform.ts'
import type { ReceiverStore } from '../platform/receiver-store.ts'
import type { Knowledge } from '../supervision/knowledge.ts'
import { transportKinds } from '../transport/kinds.ts'
import type { Transport } from '../transport/transport.ts'
import { formatError, type Io } from './io.ts'

/** How long a broker may take to answer before it counts as unreachable. */
const connectMs = 15_000
const graceMs = 5000

/** Runs `work` while the platform's transport is connected. Throws BROKER_UNREACHABLE, or what keeps it from connecting. */
export const withBroker = async <T>(
  { transport: { kind, options }, folder }: PlatformConfig,
  io: Io,
  work: (transport: Transport) => Promise<T>,
): Promise<T> => {
  const transport = transportKinds[kind].open(options, systemClock, folder)
  transport.open()
  try {
    const late = systemClock.now() + connectMs
    while (transport.capacity() === 0 && systemClock.now() < late) await systemClock.wait(20, io.interrupted)
    if (transport.capacity() === 0) {
      const state = transport.state()
      const reason = { zh: `${connectMs} 毫秒内没有连上`, en: `no connection within ${connectMs} ms` }
      throw ('error' in state && state.error) || GatewayError.of('BROKER_UNREACHABLE', { url: kind, reason })
    }
    // Whoever waits for a confirm that does not come is told why.
    onBrokerError(transport, (error) => io.err(formatError(error)))
    return await work(transport)
  } finally {
    await transport.close(graceMs)
  }
}

/** Whether JSON is wanted: `platform` has the option, too, and takes it wherever it stands. */
export const wantsJson = (command: Command): boolean => (command.optsWithGlobals() as { json?: boolean }).json === true

/** The platform's configuration; with mistakes, prints all of them and answers undefined. */
export const openPlatformConfig = (command: Command, io: Io): PlatformConfig | undefined => {
  // `platform` has the same options, and takes them when they stand before the name of the command.
  const { config: folder } = command.optsWithGlobals() as { config: string }
  const { config, problems } = loadPlatformConfig(folder, io.env)
  for (const problem of problems) io.err(formatError(problem))
  if (!config) io.exit(1)
  return config
}

const missing = (key: string): GatewayError => GatewayError.of('CONFIG_KEY_MISSING', { at: 'config/platform.yaml:1:1', key })

/** Throws CONFIG_KEY_MISSING. */
export const knowledgeOf = ({ supervision }: PlatformConfig): Knowledge => {
  if (!supervision) throw missing('supervision')
  return supervision
}

/** Throws CONFIG_KEY_MISSING. */
export const senderOf = ({ sender }: PlatformConfig): Sender => {
  if (!sender) throw missing('sender')
  return sender
}

/** Runs `work` on the platform's store and closes it. */
export const withPlatformStore = async <T>(config: PlatformConfig, work: (store: ReceiverStore) => Promise<T>): Promise<T> => {
  const store = openPlatformStore(config, systemClock)
  try {
    return await work(store)
  } finally {
    await store.close()
  }
}
