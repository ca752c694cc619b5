import { realpathSync } from 'node:fs'
import { type AcceptingSystem, startAccepting } from './accept.ts'
import { adapterContext } from './adapter-context.ts'
import { openAttachmentLane } from './attachments/attachment-lane.ts'
import { watchBroker } from './broker-health.ts'
import type { EventType } from './canonical/index.ts'
import { type Clock, systemClock } from './clock.ts'
import { demandFit } from './compare-systems.ts'
import { type ConfigContext, durationMs, type GatewayConfig, type SystemConfig } from './config/load.ts'
import type { ReadConfig } from './config/read.ts'
import type { RunContext } from './contract.ts'
import { createRoute, type Route } from './decide.ts'
import { type Delivering, type DeliveringTarget, startDelivering } from './deliver.ts'
import { createEvents, type Events } from './events.ts'
import { openGate, storeFileOf } from './gate.ts'
import { keepHouse } from './housekeeping.ts'
import { createPipeline, type Pipeline } from './pipeline.ts'
import { type Publisher, startPublisher } from './publisher.ts'
import { openReloading } from './reload.ts'
import { openSchedule } from './schedule.ts'
import { type SourceRunner, startSource } from './source-runner.ts'
import { openWarnings } from './source-warnings.ts'
import { startStating } from './stating.ts'
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
/** So often the outcome of one message may be unknown, although the target was at hand, before a person is asked. */
const maxUnknown = 10

export const routeOf = (
  system: SystemConfig,
  { mappingModule }: ReadConfig,
  { name, limits, catalogue }: GatewayConfig['options'],
): Route =>
  createRoute({
    system: system.name,
    gateway: name,
    adapter: system.adapter,
    department: system.department,
    mapping: mappingModule,
    exchange: system.exchange,
    unknownItem: catalogue.unknownItem,
    maxRecordBytes: limits.maxRecordBytes,
    maxMessageBytes: limits.maxMessageBytes,
  })

const acceptingOf = ({ deliver }: SystemConfig): AcceptingSystem => ({
  isTarget: deliver !== undefined,
  writes: (type) => deliver !== undefined && (deliver.mappingModule.types?.has(type as EventType) ?? true),
})

/** What runs of a system that is read. */
interface Reading {
  runner: SourceRunner
  route: Route
}

export interface Gateway {
  events: Events
  store: Store
  pipeline: Pipeline
  transport: Transport
  /** With `once`: resolves when every source has had its good run and nothing waits but what stands behind quarantined records. */
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
    // By its real name: a link to the store is the same store.
    unlock = lockStore(realpathSync(file))
  } catch (error) {
    store.close()
    throw error
  }
  store.commit(() => store.releaseClaims(clock.now()))
  const { kind, options } = config.transport
  const gateway = config.options.name
  const transport = transportKinds[kind].open(options, clock, config.folder, { gateway })
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
  watchBroker(transport, events, ({ state, detail, error }) =>
    say('broker', state, { kind, ...detail, ...(error ? { error: { code: error.code, ...error.text } } : {}) }),
  )
  transport.open()
  const retry = { initialMs: durationMs(config.options.retry.first), maxMs: durationMs(config.options.retry.longest) }
  const wakeAll = (): void => {
    for (const { delivering } of running.values()) delivering?.wake()
  }
  const { files, keep, ...lane } = openAttachmentLane({
    ...{ config, store, clock, events, messages: transport, say, onArrived: wakeAll, retry, lookMs },
  })
  const publisher: Publisher = startPublisher({
    store,
    transport,
    clock,
    events,
    options: { retry, lookMs },
  })

  const running = new Map<string, { fingerprint: string; reading: Reading | undefined; delivering: Delivering | undefined }>()
  const deliveringOf = (system: SystemConfig): Delivering | undefined => {
    const { deliver } = system
    if (!deliver) return undefined
    lane.receive(system.department)
    const target: DeliveringTarget = {
      system: system.name,
      mapping: deliver.mappingModule,
      exchange: system.exchange,
      sink: deliver.sink.open(deliver.options, system.read?.options, adapterContext(system, config, clock, events)),
      contentOf: lane.contentOf,
      policies: deliver.sink.writes(deliver.options),
      parallel: deliver.parallel,
      confirmAfterMs: durationMs(deliver.confirmAfter),
    }
    return startDelivering({ target, store, clock, events, options: { retry, lookMs, maxUnknown, stopGraceMs } })
  }
  const prepareReading = (system: SystemConfig, read: ReadConfig): (() => Reading) => {
    const warnings = openWarnings(system.name, events)
    const context = { ...adapterContext(system, config, clock, events), warn: warnings.warn }
    const source = system.adapterModule.openSource(read.options, context)
    const nextRunAt = openSchedule(system.schedule)
    const backoff = { initialMs: durationMs(system.backoff.first), maxMs: durationMs(system.backoff.longest) }
    const route = routeOf(system, read, config.options)
    return () => {
      const options = { nextRunAt, backoff }
      const describe: RunContext['describe'] = (streams) => demandFit(system.name, read.mappingModule, streams)
      const common = { pipeline, store, clock, events, gate, once, outlet: publisher, keep }
      const runner = startSource({ route, source, options, describe, warnings, ...common })
      // With `once` the failure is answered by `finished`; otherwise a runner never rejects.
      runner.done.catch(() => undefined)
      return { runner, route }
    }
  }
  const keepRoutes = (systems: readonly SystemConfig[]): void =>
    store.commit(() => {
      for (const { name, department } of systems) store.keepRoute(name, department.code, department.region)
    })
  /** Everything that can go wrong comes first: what it returns only has to be called. */
  const prepareSystem = (system: SystemConfig): (() => void) => {
    const startReading = system.read && prepareReading(system, system.read)
    return () => {
      const delivering = deliveringOf(system)
      running.set(system.name, { fingerprint: system.fingerprint, reading: startReading?.(), delivering })
    }
  }
  // What comes for a system that is not enabled waits for it.
  const addressed = new Map(config.systems.map((system) => [system.name, acceptingOf(system)]))
  const enabled = config.systems.filter((system) => system.enabled)
  keepRoutes(enabled)
  for (const system of enabled) prepareSystem(system)()
  const accepting =
    gateway === undefined
      ? undefined
      : startAccepting({
          transport,
          store,
          clock,
          events,
          gateway,
          systemOf: (name) => addressed.get(name),
          onTaken: (systems) => {
            for (const name of systems) running.get(name)?.delivering?.wake()
          },
        })
  events.emit('gateway:started', { systems: [...running.keys()] })

  const { bodies, lines, partials } = config.options.store.retention
  const retention = { bodiesMs: durationMs(bodies), linesMs: durationMs(lines), partialsMs: durationMs(partials) }
  const sayRunning = () => say('gateway', 'running', { pid: process.pid, systems: [...running.keys()] })
  const kept = keepHouse({ store, files, abandon: lane.abandon, clock, events, retention, signal: stopping.signal, sayRunning })
  const { every, after, again } = config.options.statements
  const times = { quietMs: durationMs(after), againMs: durationMs(again), keptMs: retention.linesMs, lookMs }
  const stating =
    gateway === undefined ? undefined : startStating({ transport, store, clock, events, gateway, options: { every, ...times } })

  const stopSystem = async (name: string): Promise<void> => {
    const stopping = running.get(name)
    await Promise.all([stopping?.reading?.runner.stop(), stopping?.delivering?.stop()])
    await stopping?.reading?.route.mapping.isolated?.close()
    running.delete(name)
  }

  const reloading = openReloading({
    config,
    context,
    store,
    events,
    say,
    signal: stopping.signal,
    systems: {
      running: () => [...running.keys()],
      fingerprintOf: (name) => running.get(name)?.fingerprint,
      prepare: prepareSystem,
      keepRoutes,
      stop: stopSystem,
      address: (system) => void addressed.set(system.name, acceptingOf(system)),
      keepOnly: (names) => {
        for (const name of addressed.keys()) if (!names.includes(name)) addressed.delete(name)
      },
    },
  })

  let stopped: Promise<void> | undefined
  const stop = async (): Promise<void> => {
    stopping.abort()
    await reloading.ended()
    await Promise.all([accepting?.close(), lane.stopReceiving(stopGraceMs)])
    await stating?.stop()
    await Promise.all([...running.keys()].map(stopSystem))
    await Promise.all([publisher.stop(() => transport.close(stopGraceMs)), lane.stop(stopGraceMs)])
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
      // One that fails keeps no other from being read to its end.
      const ended = await Promise.allSettled([...running.values()].map(({ reading }) => reading?.runner.done))
      for (const one of ended) if (one.status === 'rejected') throw one.reason
      while (store.waiting() > store.held() && !stopping.signal.aborted) await clock.wait(20, stopping.signal)
    },
    reload: reloading.reload,
    stop: () => {
      stopped ??= stop()
      return stopped
    },
  }
}
