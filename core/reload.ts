/** The configuration of the systems, read again while the gateway runs. */
import { resolve } from 'node:path'
import { type Claim, findSharedClaims } from './config/claims.ts'
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
    /** Does everything that can go wrong, and keeps nothing; what it returns starts the system. */
    prepare(system: SystemConfig): () => void
    /** Their messages are addressed by these from now on. */
    keepRoutes(of: readonly SystemConfig[]): void
    stop(name: string): Promise<void>
    /** Takes what is sent to a system from now on, whether it runs or waits. */
    address(system: SystemConfig): void
    /** Of the systems that are sent to only these are in the configuration now. */
    keepOnly(names: readonly string[]): void
  }
}

/** What `status` shows while a file that was changed is not in use, because of its mistakes. */
const componentOf = (system: string): string => `config:${system}`

const isEmpty = {
  zh: '其中一个系统的文件也没有；要停用最后一个系统，请写 enabled: false，或停止网关',
  en: 'it holds no file of a system; to stop the last one, write enabled: false or stop the gateway',
}

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

  /** A system that was read again, and what starts it where that is to be done. */
  interface Read {
    system: SystemConfig
    start?: () => void
  }

  /** Those whose file has a mistake go on as they were. */
  const loadAll = async (names: string[]): Promise<Read[]> => {
    const loaded: Read[] = []
    for (const name of names) {
      if (signal.aborted) return loaded
      const system = await load(name).catch((error) => refuse(name, [toGatewayError(error)]))
      if (system) loaded.push({ system })
    }
    return loaded
  }

  const dropAll = async (loaded: Read[]): Promise<void> => {
    for (const { system } of loaded) await drop(system)
  }

  const takeOut = async (wanted: Read[], { system }: Read, problems: GatewayError[]): Promise<Read[]> => {
    await drop(system)
    refuse(system.name, problems)
    return wanted.filter((one) => one.system !== system)
  }

  /**
   * Of two that want one thing, who has it keeps it. What was refused goes on with what it had, which another may have been about to take:
   * so all are compared again.
   */
  const settleClaims = async (names: string[], loaded: Read[]): Promise<Read[]> => {
    let wanted = loaded
    for (;;) {
      const staying = names.filter((name) => !wanted.some(({ system }) => system.name === name))
      const kept = staying.flatMap((name) => claims.get(name) ?? [])
      const asked = wanted.flatMap(({ system }) => system.claims)
      const isHeld = ({ system, name }: Claim): boolean => claims.get(system)?.some((one) => one.name === name) ?? false
      const shared = findSharedClaims([...kept, ...asked.filter(isHeld), ...asked.filter((claim) => !isHeld(claim))])
      const loser = wanted.find(({ system }) => shared.some((one) => one.system === system.name))
      if (!loser) return wanted
      const own = shared.filter(({ system }) => system === loser.system.name)
      wanted = await takeOut(
        wanted,
        loser,
        own.map(({ problem }) => problem),
      )
    }
  }

  /** What runs goes on as it is. */
  const isToChange = ({ system }: Read): boolean => {
    const running = systems.fingerprintOf(system.name)
    return running !== system.fingerprint && (running !== undefined || system.enabled)
  }

  /** Nothing is stopped before all of them could be prepared. */
  const prepareAll = async (names: string[], loaded: Read[]): Promise<Read[]> => {
    let wanted = await settleClaims(names, loaded)
    for (const one of loaded.filter(isToChange)) {
      if (!wanted.includes(one)) continue
      try {
        one.start = one.system.enabled ? systems.prepare(one.system) : () => undefined
      } catch (error) {
        wanted = await settleClaims(names, await takeOut(wanted, one, [toGatewayError(error)]))
      }
    }
    return wanted
  }

  const change = ({ system, start }: Read, wasRunning: boolean): void => {
    const { name } = system
    claims.set(name, system.claims)
    systems.address(system)
    start?.()
    accept(name)
    if (start) events.emit('system:reloaded', { system: name, change: wasRunning ? 'changed' : 'added' })
  }

  /** Each starts when it is stopped, and so is whoever had what it takes: one that does not end keeps no other. */
  const apply = async (wanted: Read[]): Promise<void> => {
    const changing = wanted.filter(({ start }) => start)
    try {
      systems.keepRoutes(changing.flatMap(({ system }) => (system.enabled ? system : [])))
    } catch (error) {
      await dropAll(wanted)
      throw error
    }
    const wereRunning = new Set(systems.running())
    const had = new Map(claims)
    const stops = new Map(changing.map(({ system: { name } }) => [name, systems.stop(name)]))
    const stopped = async ({ name, claims: taken }: SystemConfig): Promise<void> => {
      const isTakenFrom = (other: string): boolean => taken.some((one) => had.get(other)?.some((its) => its.name === one.name))
      await Promise.all([...stops].map(([other, stop]) => (other === name || isTakenFrom(other) ? stop : undefined)))
    }
    const applyOne = async (one: Read): Promise<void> => {
      const { system, start } = one
      try {
        await stopped(system)
        // The thread of one that goes on as it is was started to look at its file alone.
        if (!start || signal.aborted) await drop(system)
        if (!signal.aborted) change(one, wereRunning.has(system.name))
      } catch (error) {
        await drop(system)
        refuse(system.name, [toGatewayError(error)])
      }
    }
    await Promise.all(wanted.map(applyOne))
  }

  const reloadAll = async (): Promise<void> => {
    const names = listSystems(config.folder)
    // A mount that is away leaves an empty folder.
    if (names.length === 0 && claims.size > 0)
      throw GatewayError.of('CONFIG_UNREADABLE', { file: 'config/adapters', reason: isEmpty })
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
    const loaded = await loadAll(names)
    if (signal.aborted) return dropAll(loaded)
    await apply(await prepareAll(names, loaded))
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
