import { resolve } from 'node:path'
import { type Clock, systemClock } from './clock.ts'
import { type ConfigContext, durationMs, type GatewayConfig, listSystems, loadSystem, type SystemConfig } from './config/load.ts'
import type { AdapterContext } from './contract.ts'
import { GatewayError } from './errors.ts'
import { createEvents, type Events } from './events.ts'
import { createPipeline, type Pipeline, type Route } from './pipeline.ts'
import { type Publisher, startPublisher } from './publisher.ts'
import { openSchedule } from './schedule.ts'
import { type Gate, type SourceRunner, startSource } from './source-runner.ts'
import { lockStore } from './store/lock.ts'
import { openStore } from './store/open-store.ts'
import type { Store } from './store/store.ts'
import { transportKinds } from './transport/kinds.ts'
import type { Transport } from './transport/transport.ts'

export interface GatewaySettings {
  config: GatewayConfig
  context: ConfigContext
  clock?: Clock
  events?: Events
  /** Ends each source after its first good run; a source that fails makes `finished` reject. */
  once?: boolean
}

/** How long unanswered messages are waited for when the gateway stops; they are on disk and go out after the next start. */
const stopGraceMs = 10_000
const lookMs = 500
const pruneEveryMs = 600_000
const pruneAtOnce = 2000
const heartbeatMs = 5000

export const routeOf = (system: SystemConfig, limits: GatewayConfig['options']['limits']): Route => ({
  system: system.name,
  adapter: system.adapter,
  department: system.department,
  mapping: system.mappingModule,
  maxRecordBytes: limits.maxRecordBytes,
  maxMessageBytes: limits.maxMessageBytes,
})

export const storeFileOf = (config: GatewayConfig): string => resolve(config.folder, config.options.store.file)

const adapterContext = (system: SystemConfig, config: GatewayConfig, clock: Clock, events: Events): AdapterContext => ({
  system: system.name,
  baseFolder: config.folder,
  now: clock.now,
  wait: async (ms, signal) => {
    await clock.wait(ms, signal)
    signal?.throwIfAborted()
  },
  warn: (error) => void events.emit('source:warned', { system: system.name, error }),
})

/** Reading waits while the disk is nearly full or too much waits for the broker; sending goes on, which frees both. */
const openGate = (store: Store, config: GatewayConfig, clock: Clock, events: Events): Gate => {
  const { reserveBytes } = config.options.store
  const limit = config.options.limits.maxWaiting
  let isOpen = true
  const findObstacle = (): GatewayError | undefined => {
    const waiting = store.waiting()
    if (waiting >= limit) return GatewayError.of('STORE_BACKLOG_FULL', { waiting, limit })
    return store.isDiskLow(reserveBytes)
      ? GatewayError.of('STORE_DISK_LOW', { file: storeFileOf(config), reserveBytes })
      : undefined
  }
  return async (signal) => {
    for (let obstacle = findObstacle(); obstacle && !signal.aborted; obstacle = findObstacle()) {
      if (isOpen) events.emit('store:paused', { error: obstacle })
      isOpen = false
      await clock.wait(1000, signal)
    }
    if (!isOpen) events.emit('store:resumed', {})
    isOpen = true
  }
}

export interface Gateway {
  events: Events
  store: Store
  pipeline: Pipeline
  transport: Transport
  /** With `once`: resolves when every source has had its good run and nothing waits for the broker any more. */
  finished(): Promise<void>
  /** Reads the configuration of the systems again and restarts just those that changed, came or went. A file with mistakes changes nothing. */
  reload(): Promise<void>
  /** Stops in the order of the data path: sources, publisher, transport, store. */
  stop(): Promise<void>
}

/**
 * Builds the gateway and starts it. Neither a dead legacy system nor a dead broker keeps it from starting. Throws STORE_IN_USE and
 * the other STORE_ errors.
 */
export const startGateway = ({
  config,
  context,
  clock = systemClock,
  events = createEvents(),
  once = false,
}: GatewaySettings): Gateway => {
  const file = storeFileOf(config)
  const store = openStore(file, clock.now())
  let unlock: () => void
  try {
    unlock = lockStore(file)
  } catch (error) {
    store.close()
    throw error
  }
  store.commit(() => store.releaseClaims(clock.now()))
  const { kind, options } = config.transport
  const transport = transportKinds[kind].open(options, clock, config.folder)
  const pipeline = createPipeline({ store, clock, events })
  const gate = openGate(store, config, clock, events)
  const stopping = new AbortController()

  const say = (component: string, state: string, detail: object): void => {
    try {
      store.commit(() => store.report(component, state, JSON.parse(JSON.stringify(detail)), clock.now()))
    } catch (error) {
      events.emit('publisher:failed', { error })
    }
  }
  transport.onChange((state) => {
    const { state: name, ...detail } = state
    const error = 'error' in detail && detail.error ? { error: { code: detail.error.code, ...detail.error.text } } : {}
    if (name !== lastTransportState) {
      lastTransportState = name
      events.emit('transport:changed', state)
      say('broker', name, { kind, ...detail, ...error })
    }
  })
  let lastTransportState = ''
  transport.open()
  const publisher: Publisher = startPublisher({
    store,
    transport,
    clock,
    events,
    options: {
      retry: { initialMs: durationMs(config.options.retry.first), maxMs: durationMs(config.options.retry.longest) },
      lookMs,
    },
  })

  const running = new Map<string, { fingerprint: string; runner: SourceRunner }>()
  const startSystem = (system: SystemConfig): void => {
    if (!system.enabled) return
    const { code, region } = system.department
    store.commit(() => store.keepRoute(system.name, code, region))
    const runner = startSource({
      route: routeOf(system, config.options.limits),
      source: system.adapterModule.openSource(system.options, adapterContext(system, config, clock, events)),
      pipeline,
      store,
      clock,
      events,
      gate,
      options: {
        nextRunAt: openSchedule(system.schedule),
        backoff: { initialMs: durationMs(system.backoff.first), maxMs: durationMs(system.backoff.longest) },
      },
      once,
      onStored: publisher.wake,
    })
    // With `once` the failure is answered by `finished`; otherwise a runner never rejects.
    runner.done.catch(() => undefined)
    running.set(system.name, { fingerprint: system.fingerprint, runner })
  }
  for (const system of config.systems) startSystem(system)
  events.emit('gateway:started', { systems: [...running.keys()] })

  const housekeeping = async (): Promise<void> => {
    let prunedAt = clock.now()
    while (!stopping.signal.aborted) {
      say('gateway', 'running', { pid: process.pid, systems: [...running.keys()] })
      if (clock.now() - prunedAt >= pruneEveryMs) {
        prunedAt = clock.now()
        const { bodies, lines } = config.options.store.retention
        const pruned = store.commit(() =>
          store.prune(clock.now() - durationMs(bodies), clock.now() - durationMs(lines), pruneAtOnce),
        )
        if (pruned.bodies + pruned.lines > 0) events.emit('store:pruned', pruned)
      }
      await clock.wait(heartbeatMs, stopping.signal)
    }
  }
  const kept = housekeeping().catch((error) => void events.emit('publisher:failed', { error }))

  const stopSystem = async (name: string): Promise<void> => {
    await running.get(name)?.runner.stop()
    running.delete(name)
  }

  const reload = async (): Promise<void> => {
    const names = listSystems(config.folder)
    for (const name of [...running.keys()].filter((known) => !names.includes(known))) {
      await stopSystem(name)
      events.emit('system:reloaded', { system: name, change: 'removed' })
    }
    for (const name of names) {
      const mappings = resolve(config.folder, config.options.mappings)
      const { config: system, problems } = await loadSystem(config.folder, name, mappings, context)
      if (!system) {
        events.emit('config:refused', { system: name, problems })
        continue
      }
      const known = running.get(name)
      if (known?.fingerprint === system.fingerprint || (!known && !system.enabled)) continue
      await stopSystem(name)
      startSystem(system)
      events.emit('system:reloaded', { system: name, change: known ? 'changed' : 'added' })
    }
  }

  let stopped: Promise<void> | undefined
  const stop = async (): Promise<void> => {
    stopping.abort()
    await Promise.all([...running.keys()].map(stopSystem))
    await publisher.stop(() => transport.close(stopGraceMs))
    await kept
    say('gateway', 'stopped', {})
    events.emit('gateway:stopped', {})
    unlock()
    store.close()
  }

  return {
    events,
    store,
    pipeline,
    transport,
    finished: async () => {
      await Promise.all([...running.values()].map(({ runner }) => runner.done))
      while (store.waiting() > 0 && !stopping.signal.aborted) await clock.wait(20, stopping.signal)
    },
    reload,
    stop: () => {
      stopped ??= stop()
      return stopped
    },
  }
}
