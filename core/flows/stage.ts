/**
 * What a flow is played on: its configuration, copied to a folder of its own, with the departments' programs, the gateway and the platform
 * running on it. Nothing in it knows what the flow is about.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { createInterface } from 'node:readline'
import { systemClock } from '../clock.ts'
import { type ConfigContext, loadConfig } from '../config/load.ts'
import { GatewayError } from '../errors.ts'
import type { Events } from '../events.ts'
import { type Gateway, startGateway } from '../gateway.ts'
import { packageRoot } from '../package-root.ts'
import { loadPlatformConfig } from '../platform/config.ts'
import { type FlowBooks, findDifference, readFlowBooks } from './books.ts'
import { type City, openCity, type Seen } from './city.ts'
import { diverged } from './diverged.ts'

/** A flow of the city's plan, as a story that is played with real departments. */
export interface Flow {
  name: string
  title: { zh: string; en: string }
  /**
   * Programs of the departments (test/departments/desks), each with the address that stands for it in the configuration. The one that it really
   * listens at takes its place; a database or a folder needs none.
   */
  desks: Record<string, string | undefined>
  /** How much of what the platform wrote is read back, and must not go up as news. */
  echoes: number
  /** Throws FLOW_DIVERGED when something is not as it must be. */
  play(city: City): Promise<void>
}

export interface StageParts {
  context: ConfigContext
  events: Events
  signal: AbortSignal
  onSeen(seen: Seen): void
  /** Where its folder is made; data/flows when absent. */
  folder?: string | undefined
  onFailed(error: GatewayError): void
  /** A RabbitMQ (amqp://host:port) in place of the embedded transport; the names of its queues begin with that of the folder. */
  broker?: string | undefined
}

export interface Stage {
  folder: string
  gateway: Gateway
  city: City
  /** Waits until both sides agree. Throws FLOW_DIVERGED when they never do. */
  settledBooks(): Promise<FlowBooks>
  close(): Promise<void>
}

/** The desk ends by itself when this process does: it holds its standard input. */
const startDesk = async (name: string, folder: string): Promise<{ process: ChildProcess; address: string | undefined }> => {
  const script = join(packageRoot, 'dist', 'test', 'departments', 'desks', `${name}.js`)
  const child = spawn(process.execPath, [script, folder], { stdio: ['pipe', 'pipe', 'inherit'] })
  const line = await new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stdout! }).once('line', resolve)
    child.once('exit', (code) => reject(GatewayError.of('UNEXPECTED', { reason: `${name}: exit ${code}` })))
  })
  return { process: child, address: (JSON.parse(line) as { address?: string }).address }
}

/** SIGTERM, and then waits for its end: it may have a database open in the folder. */
const stopDesk = async (child: ChildProcess): Promise<void> => {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = new Promise((resolve) => child.once('exit', resolve))
  child.kill('SIGTERM')
  await ended
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
  const adapters = join(folder, 'adapters')
  for (const file of readdirSync(adapters)) edit(join(adapters, file), (text) => text.replaceAll(configured, address))
}

/** Throws the first mistake of the configuration, and what the gateway throws when it cannot start. */
export const openStage = async (flow: Flow, parts: StageParts): Promise<Stage> => {
  const { context, events, signal, onSeen, onFailed } = parts
  const folder = copyConfiguration(flow, parts)
  const closing: (() => Promise<void>)[] = []
  const close = async (): Promise<void> => {
    for (const one of closing.splice(0).reverse()) await one()
  }
  try {
    for (const [name, configured] of Object.entries(flow.desks)) {
      const desk = await startDesk(name, join(folder, 'departments'))
      closing.push(() => stopDesk(desk.process))
      if (configured !== undefined && desk.address !== undefined) pointAt(folder, configured, desk.address)
    }
    const { config, problems } = await loadConfig(folder, context)
    if (!config) throw problems[0]
    const platform = loadPlatformConfig(folder, context.env)
    if (!platform.config) throw platform.problems[0]
    const { sender } = platform.config
    if (!sender) throw GatewayError.of('CONFIG_KEY_MISSING', { at: 'config/platform.yaml:1:1', key: 'sender' })
    const gateway = startGateway({ config, context, events })
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
    // In a flow, what waits for a person is a mistake of the flow.
    events.on('record:quarantined', ({ error }) => city.fail(error))
    events.on('delivery:refused', ({ error }) => city.fail(error))
    events.on('message:undecided', ({ id, reason }) =>
      city.fail(diverged(flow.name, { zh: `${id} 等人决定：${reason}`, en: `${id} waits for a person: ${reason}` })),
    )
    await city.until({ zh: '网关连上消息队列', en: 'the gateway is with the broker' }, () => gateway.transport.capacity() > 0)
    if (platform.config.supervision) {
      // What a department says is judged by the catalogue: it must be there before anything is said.
      await city.sendCatalogue()
      const { version } = platform.config.supervision.catalogues.at(-1)!
      await city.until({ zh: '网关收到事项目录', en: 'the gateway has the item catalogue' }, () =>
        gateway.store.catalogues.versions().some((one) => one.version === version && one.wholeAt !== null),
      )
    }
    const ownName = sender.system
    return {
      folder,
      gateway,
      city,
      async settledBooks() {
        const look = async () => {
          const books = await readFlowBooks(gateway.store, city.platform, city.seen)
          const own = city.seen.filter(({ direction, system }) => direction === 'up' && system === ownName).length
          return { books, difference: findDifference(books, { own, echoes: flow.echoes }) }
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
