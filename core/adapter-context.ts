import type { Clock } from './clock.ts'
import type { GatewayConfig, SystemConfig } from './config/load.ts'
import type { AdapterContext } from './contract.ts'
import type { Events } from './events.ts'

/** What the sources and sinks of a system know of the gateway. */
export const adapterContext = (
  system: SystemConfig,
  config: Pick<GatewayConfig, 'folder'>,
  clock: Clock,
  events: Events,
): AdapterContext => ({
  system: system.name,
  baseFolder: config.folder,
  now: clock.now,
  wait: async (ms, signal) => {
    await clock.wait(ms, signal)
    signal?.throwIfAborted()
  },
  warn: (error) => void events.emit('source:warned', { system: system.name, error }),
})
