/**
 * What a flow is played on: its configuration, copied to a folder of its own, with the departments' programs, the gateway and the platform
 * running on it. Nothing in it knows what the flow is about.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { createInterface } from 'node:readline'
import { systemClock } from '../clock.ts'
import { type ConfigContext, type GatewayConfig, loadConfig } from '../config/load.ts'
import { GatewayError, type Text } from '../errors.ts'
import type { Events } from '../events.ts'
import { startGateway } from '../gateway.ts'
import { packageRoot } from '../package-root.ts'
import { loadPlatformConfig } from '../platform/config.ts'
import type { Store } from '../store/store.ts'
import { type FlowBooks, findDifference, readFlowBooks } from './books.ts'
import { type City, openCity, type Seen } from './city.ts'
import { diverged } from './diverged.ts'

/** A flow of the city's plan, as a story that is played with real departments. */
export interface Flow {
  name: string
  title: { zh: string; en: string }
  /**
   * Programs of the departments (test/departments/desks), each with the addresses that stand for it in the configuration. Those that it really
   * listens at take their place; a database or a folder needs none.
   */
  desks: Record<string, string[]>
  /** It has brokers of its own among its programs: no other transport can take their place. */
  bringsBrokers?: boolean
  /** How much of what the platform wrote is read back, and must not go up as news. */
  echoes: number
  /** Throws FLOW_DIVERGED when something is not as it must be. */
  play(city: City): Promise<void>
}

/** A program of a department. */
export interface Desk {
  /** Where it listens, in the order of the flow's addresses for it. */
  addresses: string[]
  stop(): Promise<void>
}

/** What a stage must know of its gateway, wherever it runs. */
export interface StageGateway {
  store: Store
  /** Whether it is with the broker. */
  isConnected(): boolean
  /** Calls back with what a person would have to decide: in a flow, each is a mistake. */
  onTrouble(listener: (trouble: GatewayError | Text) => void): void
  stop(): Promise<void>
}

export interface StageParts {
  context: ConfigContext
  signal: AbortSignal
  onSeen(seen: Seen): void
  /** Where its folder is made; data/flows when absent. */
  folder?: string | undefined
  onFailed(error: GatewayError): void
  /** A RabbitMQ (amqp://host:port) in place of the embedded transport; the names of its queues begin with that of the folder. */
  broker?: string | undefined
  startDesk(name: string, folder: string): Promise<Desk>
  startGateway(config: GatewayConfig, folder: string): Promise<StageGateway>
}

export interface Stage {
  folder: string
  gateway: StageGateway
  city: City
  /** Waits until both sides agree. Throws FLOW_DIVERGED when they never do. */
  settledBooks(): Promise<FlowBooks>
  close(): Promise<void>
}

/** A desk in a process of its own, which ends by itself when this one does: it holds its standard input. Throws COMMAND_USAGE when it lacks something. */
export const startDesk = async (name: string, folder: string): Promise<Desk & { process: ChildProcess }> => {
  const script = join(packageRoot, 'dist', 'test', 'departments', 'desks', `${name}.js`)
  const child = spawn(process.execPath, [script, folder], { stdio: ['pipe', 'pipe', 'inherit'] })
  const line = await new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stdout! }).once('line', resolve)
    child.once('exit', (code) => reject(GatewayError.of('UNEXPECTED', { reason: `${name}: exit ${code}` })))
  })
  const said = JSON.parse(line) as { addresses: string[] } | { failure: Text }
  if ('failure' in said) throw GatewayError.of('COMMAND_USAGE', { reason: said.failure })
  return {
    process: child,
    addresses: said.addresses,
    /** SIGTERM, and then waits for its end: it may have a database open in the folder. */
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return
      const ended = new Promise((resolve) => child.once('exit', resolve))
      child.kill('SIGTERM')
      await ended
    },
  }
}

/** The gateway within this process. */
export const startInside =
  (context: ConfigContext, events: Events): StageParts['startGateway'] =>
  async (config) => {
    const { store, transport, stop } = startGateway({ config, context, events })
    return {
      store,
      isConnected: () => transport.capacity() > 0,
      onTrouble(listener) {
        events.on('record:quarantined', ({ error }) => listener(error))
        events.on('delivery:refused', ({ error }) => listener(error))
        events.on('message:undecided', ({ id, reason }) =>
          listener({ zh: `${id} 等人决定：${reason}`, en: `${id} waits for a person: ${reason}` }),
        )
      },
      stop,
    }
  }

const edit = (file: string, change: (text: string) => string): void => writeFileSync(file, change(readFileSync(file, 'utf8')))

/** A copy of the flow's configuration that can be run, and looked at afterwards like any other. */
const copyConfiguration = (flow: Flow, { folder: given, broker }: StageParts): string => {
  const parent = given ?? join(packageRoot, 'data', 'flows')
  mkdirSync(parent, { recursive: true })
  const folder = mkdtempSync(join(parent, `${flow.name}-`))
  cpSync(join(packageRoot, 'config', 'flows', flow.name), folder, { recursive: true })
  mkdirSync(join(folder, 'departments'))
  if (broker !== undefined) {
    const transport = `transport:\n  kind: rabbitmq\n  urls: ["${broker}"]\n  prefix: ${basename(folder)}\n`
    for (const file of ['gateway.yaml', 'platform.yaml'])
      edit(join(folder, file), (text) => text.replace(/^transport:\n(?: .*\n)+/m, transport))
  }
  return folder
}

const pointAt = (folder: string, configured: string, address: string): void => {
  const adapters = readdirSync(join(folder, 'adapters')).map((file) => join('adapters', file))
  for (const file of ['gateway.yaml', 'platform.yaml', ...adapters])
    edit(join(folder, file), (text) => text.replaceAll(configured, address))
}

/** Throws the first mistake of the configuration, and what the gateway throws when it cannot start. */
export const openStage = async (flow: Flow, parts: StageParts): Promise<Stage> => {
  const { context, signal, onSeen, onFailed } = parts
  if (flow.bringsBrokers && parts.broker !== undefined) {
    const zh = `流程 ${flow.name} 用自己启动的两个 RabbitMQ，不要写 --broker`
    throw GatewayError.of('COMMAND_USAGE', {
      reason: { zh, en: `the flow ${flow.name} starts two brokers of its own: leave out --broker` },
    })
  }
  const folder = copyConfiguration(flow, parts)
  const closing: (() => Promise<void>)[] = []
  const close = async (): Promise<void> => {
    for (const one of closing.splice(0).reverse()) await one()
  }
  try {
    for (const [name, configured] of Object.entries(flow.desks)) {
      const desk = await parts.startDesk(name, join(folder, 'departments'))
      closing.push(desk.stop)
      for (const [index, address] of desk.addresses.entries()) pointAt(folder, configured[index]!, address)
    }
    const { config, problems } = await loadConfig(folder, context)
    if (!config) throw problems[0]
    const platform = loadPlatformConfig(folder, context.env)
    if (!platform.config) throw platform.problems[0]
    const { sender } = platform.config
    if (!sender) throw GatewayError.of('CONFIG_KEY_MISSING', { at: 'config/platform.yaml:1:1', key: 'sender' })
    const gateway = await parts.startGateway(config, folder)
    closing.push(() => gateway.stop())
    const city = openCity({
      config: { ...platform.config, sender },
      gateway: config.options.name!,
      flow: flow.name,
      clock: systemClock,
      signal,
      onSeen,
      onFailed,
    })
    closing.push(() => city.close())
    gateway.onTrouble((trouble) => city.fail(trouble instanceof GatewayError ? trouble : diverged(flow.name, trouble)))
    await city.until({ zh: '网关连上消息队列', en: 'the gateway is with the broker' }, () => gateway.isConnected())
    if (platform.config.supervision) {
      // What a department says is judged by the catalogue: it must be there before anything is said.
      await city.sendCatalogue()
      const { version } = platform.config.supervision.catalogues.at(-1)!
      await city.until({ zh: '网关收到事项目录', en: 'the gateway has the item catalogue' }, () =>
        gateway.store.catalogues.versions().some((one) => one.version === version && one.wholeAt !== null),
      )
    }
    return {
      folder,
      gateway,
      city,
      async settledBooks() {
        const look = async () => {
          const books = await readFlowBooks(gateway.store, city.platform, city.seen)
          return { books, difference: findDifference(books, { own: city.own(), echoes: flow.echoes }) }
        }
        let last = await look()
        while (last.difference !== undefined && !signal.aborted) {
          await systemClock.wait(20, signal)
          last = await look()
        }
        if (last.difference !== undefined) throw diverged(flow.name, last.difference)
        return last.books
      },
      close,
    }
  } catch (thrown) {
    await close()
    throw thrown
  }
}
