/** The configuration of the systems, read again while the gateway runs. */
import { resolve } from 'node:path'
import { findSharedClaims } from './config/claims.ts'
import { type ConfigContext, type GatewayConfig, listSystems, loadSystem, type SystemConfig } from './config/load.ts'
import { GatewayError, toGatewayError } from './errors.ts'
import type { Events } from './events.ts'
import type { Store } from './store/store.ts'

export interface ReloadParts {
  config: GatewayConfig
  context: ConfigContext
  store: Store
  events: Events
  say(component: string, state: string, detail: object): void
  /** The gateway stops. */
  signal: AbortSignal
  systems: {
    running(): string[]
    /** Of what runs of a system; undefined when nothing does. */
    fingerprintOf(name: string): string | undefined
    /** Does everything that can go wrong; what it returns starts the system. */
    prepare(system: SystemConfig): () => void
    stop(name: string): Promise<void>
    /** Takes what is sent to a system from now on, whether it runs or waits. */
    address(system: SystemConfig): void
    /** Of the systems that are sent to only these are in the configuration now. */
    keepOnly(names: readonly string[]): void
  }
}

/** What `status` shows while a file that was changed is not in use, because of its mistakes. */
const componentOf = (system: string): string => `config:${system}`

export const openReloading = ({ config, context, store, events, say, signal, systems }: ReloadParts) => {
  const refused = new Set(
    store
      .health()
      .flatMap(({ component, state }) => (component.startsWith(componentOf('')) && state === 'refused' ? component : [])),
  )
  const refuse = (system: string, problems: GatewayError[]): void => {
    events.emit('config:refused', { system, problems })
    const [first] = problems
    refused.add(componentOf(system))
    say(componentOf(system), 'refused', first ? { code: first.code, ...first.text, mistakes: problems.length } : {})
  }
  const accept = (system: string): void => {
    if (refused.delete(componentOf(system))) say(componentOf(system), 'accepted', {})
  }
  // A configuration with mistakes does not start.
  for (const component of refused) say(component, 'accepted', {})
  refused.clear()

  /** What each system has for itself alone, by the file of it that is in use. */
  const claims = new Map(config.systems.map((system) => [system.name, system.claims]))

  /** Ends the thread that was started to look at a file that will not be used. */
  const drop = (system: SystemConfig | undefined): Promise<void> | undefined => system?.read?.mappingModule.isolated?.close()

  const load = async (name: string): Promise<SystemConfig | undefined> => {
    const mappings = resolve(config.folder, config.options.mappings)
    const { config: system, problems } = await loadSystem(config.folder, name, mappings, context)
    if (!system) refuse(name, problems)
    else if (system.deliver && config.options.name === undefined)
      refuse(name, [GatewayError.of('CONFIG_KEY_MISSING', { at: 'config/gateway.yaml:1:1', key: 'name' })])
    else return system
    await drop(system)
    return undefined
  }

  const isSame = ({ name, fingerprint }: SystemConfig): boolean => systems.fingerprintOf(name) === fingerprint

  /** Those whose file has a mistake go on as they were. Of two that want one thing, who has it keeps it. */
  const loadAll = async (names: string[]): Promise<SystemConfig[]> => {
    const loaded: SystemConfig[] = []
    for (const name of names) {
      if (signal.aborted) return loaded
      const system = await load(name).catch((error) => refuse(name, [toGatewayError(error)]))
      if (system) loaded.push(system)
    }
    const kept = names.filter((name) => !loaded.some((system) => system.name === name)).flatMap((name) => claims.get(name) ?? [])
    const rank = (system: SystemConfig): number => (isSame(system) ? 0 : claims.has(system.name) ? 1 : 2)
    const wanted = loaded.toSorted((a, b) => rank(a) - rank(b))
    const shared = findSharedClaims([...kept, ...wanted.flatMap((system) => system.claims)])
    const isShared = ({ name }: SystemConfig): boolean => shared.some(({ system }) => system === name)
    for (const system of loaded.filter(isShared)) {
      await drop(system)
      const own = shared.filter((one) => one.system === system.name)
      refuse(
        system.name,
        own.map(({ problem }) => problem),
      )
    }
    return loaded.filter((system) => !isShared(system))
  }

  const apply = async (system: SystemConfig): Promise<void> => {
    const { name } = system
    claims.set(name, system.claims)
    systems.address(system)
    const running = systems.fingerprintOf(name)
    if (running === system.fingerprint || (running === undefined && !system.enabled)) {
      // What runs goes on as it is.
      await drop(system)
      return accept(name)
    }
    const start = system.enabled ? systems.prepare(system) : () => undefined
    await systems.stop(name)
    if (signal.aborted) return drop(system)
    start()
    accept(name)
    events.emit('system:reloaded', { system: name, change: running === undefined ? 'added' : 'changed' })
  }

  const reloadAll = async (): Promise<void> => {
    const names = listSystems(config.folder)
    systems.keepOnly(names)
    for (const name of systems.running().filter((known) => !names.includes(known))) {
      if (signal.aborted) return
      await systems.stop(name)
      events.emit('system:reloaded', { system: name, change: 'removed' })
    }
    for (const name of claims.keys()) if (!names.includes(name)) claims.delete(name)
    for (const component of [...refused]) {
      const name = component.slice(componentOf('').length)
      if (!names.includes(name)) accept(name)
    }
    for (const system of await loadAll(names)) {
      if (signal.aborted) {
        await drop(system)
        continue
      }
      // One system's trouble, foreseen or not, is told and leaves the others, and what runs of it, as they are.
      await apply(system).catch((error) => refuse(system.name, [toGatewayError(error)]))
    }
  }
  let reloading = Promise.resolve()

  return {
    /** Restarts just the systems that changed, came or went. A file with mistakes changes nothing. */
    reload(): Promise<void> {
      reloading = reloading.then(reloadAll).catch((error) => refuse('*', [toGatewayError(error)]))
      return reloading
    },
    ended: (): Promise<void> => reloading,
  }
}
