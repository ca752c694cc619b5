/** One playing of a flow while its gateway and its departments' programs are killed and started again. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once, setMaxListeners } from 'node:events'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { systemClock } from '../../core/clock.ts'
import type { ConfigContext, GatewayConfig } from '../../core/config/load.ts'
import type { Seen } from '../../core/flows/city.ts'
import { type Desk, type Flow, openStage, type StageGateway, type StageParts, startDesk } from '../../core/flows/stage.ts'
import { storeFileOf } from '../../core/gate.ts'
import { packageRoot } from '../../core/package-root.ts'
import { openStore } from '../../core/store/open-store.ts'
import type { Store } from '../../core/store/store.ts'
import { until } from '../temporary.ts'
import { removeTopology } from './broker.ts'
import { type Kept, keepRunning } from './keep-running.ts'
import type { Random } from './random.ts'

/** Those that keep everything in a database, and so are whole again after a kill. The others would forget what they were told. */
const killableDesks = new Set(['market', 'planning', 'licence', 'tax', 'window', 'food'])

const playsWithinMs = 600_000
const lookEveryMs = 100

export interface SoakFlowParts {
  context: ConfigContext
  /** Where the folder of the flow is made. */
  folder: string
  broker: string
  random: Random
  /** Mean time between two kills. */
  killEveryMs: number
  /** An open file for what the programs say. */
  log: number
}

const runGateway = async (folder: string, log: number): Promise<ChildProcess> => {
  const script = join(packageRoot, 'dist/core/cli/main.js')
  const child = spawn(process.execPath, [script, 'run', '--config', folder], { stdio: ['ignore', 'ignore', log] })
  await once(child, 'spawn')
  return child
}

/** What the store of the gateway says; the program itself is another process. */
const watch = (store: Store, kept: Kept): StageGateway => {
  let listener: Parameters<StageGateway['onTrouble']>[0] | undefined
  const timer = setInterval(() => {
    const [quarantined] = store.openQuarantine({ limit: 1 })
    const [undecided] = store.inbox.list({ states: ['quarantined', 'unknown', 'refused'], limit: 1 })
    if (quarantined) listener?.({ zh: `隔离：${quarantined.zh}`, en: `in quarantine: ${quarantined.en}` })
    // An outcome that is unknown for a moment is what a kill leaves; the policy of the write settles it.
    if (undecided && undecided.state !== 'unknown')
      listener?.({ zh: `待决定：${JSON.stringify(undecided.detail)}`, en: `undecided: ${JSON.stringify(undecided.detail)}` })
  }, lookEveryMs)
  return {
    store,
    isConnected: () => store.health().some(({ component, state }) => component === 'broker' && state === 'connected'),
    onTrouble: (given) => {
      listener = given
    },
    async stop() {
      clearInterval(timer)
      await kept.stop()
      store.close()
    },
  }
}

/** Ids that one side has and the other has not. */
const unequalIds = async (store: Store, seen: readonly Seen[], kept: (id: string) => Promise<boolean>): Promise<string[]> => {
  const cases = new Set(seen.map((one) => one.case))
  const ids = [...cases].flatMap((no) => store.messageIdsOfCase(no))
  const missing: string[] = []
  for (const id of ids) if (!(await kept(id))) missing.push(id)
  return missing
}

/** Throws what went wrong; answers what was killed and how much went each way. */
export const soakFlow = async (flow: Flow, { context, folder, broker, random, killEveryMs, log }: SoakFlowParts) => {
  const ending = new AbortController()
  // Everything that waits listens to it.
  setMaxListeners(100, ending.signal)
  const late = setTimeout(() => ending.abort(), playsWithinMs)
  const seen: Seen[] = []
  let failure: Error | undefined
  const onFailed = (error: Error): void => {
    failure ??= error
    ending.abort()
  }
  const programs: Kept[] = []

  const startKept = async (name: string, at: string): Promise<Desk> => {
    if (!killableDesks.has(name)) return startDesk(name, at)
    const kept = await keepRunning(async () => (await startDesk(name, at)).process, onFailed)
    programs.push(kept)
    return { addresses: [], stop: kept.stop }
  }
  let owner: { prefix: string; gateway: string } | undefined
  /** The broker would recover them at each of its starts, and with those of all rounds it would be killed again before it is done. */
  const removeQueues = async (): Promise<void> => {
    const { prefix, gateway } = owner ?? {}
    if (prefix === undefined || gateway === undefined || flow.bringsBrokers) return
    const remove = () => removeTopology(broker, prefix, { gateway })
    await until(
      'its queues are gone',
      () =>
        remove().then(
          () => true,
          () => false,
        ),
      120_000,
    )
  }
  const startGateway: StageParts['startGateway'] = async (config: GatewayConfig, at) => {
    owner = { prefix: String((config.transport.options as { prefix?: string }).prefix), gateway: String(config.options.name) }
    const kept = await keepRunning(() => runGateway(at, log), onFailed)
    programs.push(kept)
    const file = storeFileOf(config)
    try {
      await until('the gateway has made its store', () => existsSync(file), 60_000)
      return watch(openStore(file, systemClock.now()), kept)
    } catch (error) {
      await kept.stop()
      throw error
    }
  }
  const stage = await openStage(flow, {
    context,
    folder,
    signal: ending.signal,
    onSeen: (one) => void seen.push(one),
    // A broker that is being killed is what is wanted here.
    onFailed: () => undefined,
    ...(flow.bringsBrokers ? {} : { broker }),
    startDesk: startKept,
    startGateway,
  }).catch((error: Error) => {
    clearTimeout(late)
    // Of two, the first is the cause: a program that has ended makes everything that waits for it fail.
    throw failure ?? error
  })
  let isPlaying = true
  const killing = (async () => {
    while (isPlaying && !ending.signal.aborted) {
      await systemClock.wait(killEveryMs / 2 + random(killEveryMs), ending.signal)
      if (isPlaying) programs[random(programs.length)]?.strike()
    }
  })()
  try {
    await flow.play(stage.city)
    isPlaying = false
    const books = await stage.settledBooks()
    const unequal = await unequalIds(stage.gateway.store, seen, (id) => stage.city.platform.store.has(id))
    if (unequal.length > 0) throw new Error(`the platform has not: ${unequal.join(', ')}`)
    const kills = programs.reduce((sum, one) => sum + one.kills(), 0)
    return { kills, up: books.up.gateway['confirmed']!, down: books.down.gateway['delivered']! }
  } catch (error) {
    throw failure ?? error
  } finally {
    isPlaying = false
    clearTimeout(late)
    ending.abort()
    await killing.catch(() => undefined)
    await stage.close()
    await removeQueues()
  }
}
