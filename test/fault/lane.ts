/** A gateway and a platform that share a RabbitMQ, each killed again and again, for tests of the lane of attachments. */
import { openSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Test } from 'tap'
import { systemClock } from '../../core/clock.ts'
import { openSqliteReceiverStore } from '../../core/platform/sqlite-store.ts'
import { openStore } from '../../core/store/open-store.ts'
import { writeFiles } from '../contract/department-database.ts'
import { brokerUrl, createRabbitmqPlace } from '../contract/rabbitmq-place.ts'
import { connected } from '../contract/transport-messages.ts'
import { temporaryFolder } from '../temporary.ts'
import { endedByItself, killRunning, type Log, type Program, startProgram } from './children.ts'
import type { LanePoint, Plan, PlatformPoint } from './points.ts'

/** Where each dies, one after the other. */
export interface Deaths {
  gateway: Plan<LanePoint>[]
  platform: Plan<PlatformPoint>[]
}

type Role = keyof Deaths
const roles: readonly Role[] = ['gateway', 'platform']
const gateway = 'one-gateway'

/** When the gateway has died there is something more to do, and when it does not die for so long. */
const workEveryMs = 15_000

const namesIn = (folder: string): string[] => {
  try {
    return readdirSync(folder)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}

/** `files`: the systems and their mappings. `both`: sections of both configurations. What stands in the queues is removed after the test. */
export const openLane = async (t: Test, files: Record<string, string>, both = '') => {
  const folder = temporaryFolder(t)
  const { prefix, open, openAttachments, deadLetters } = await createRabbitmqPlace(t)
  await connected(open({ gateway }))
  await connected(openAttachments({ gateway }) as never)
  const transport = `transport: ${JSON.stringify({ kind: 'rabbitmq', urls: [brokerUrl], prefix, reconnect: { initialMs: 20, maxMs: 200 } })}\n`
  writeFiles(folder, {
    'config/gateway.yaml': `name: ${gateway}\nstore: { file: ../gateway.db, reserveBytes: 0 }\n${transport}retry: { first: 20ms, longest: 100ms }\nlog: { level: error }\n${both}`,
    'config/platform.yaml': `${transport}${both}store: { kind: sqlite, file: ../platform.sqlite }\nattachments: { folder: ../platform, reserveBytes: 0 }
sender: { system: city, department: { code: 11150900PDY00001XA, name: 示例平台, region: "150900" } }\n`,
    ...files,
  })
  const config = join(folder, 'config')
  const log: Log = { file: join(folder, 'output.log'), fd: openSync(join(folder, 'output.log'), 'a') }
  t.teardown(() => killRunning(log))
  const folders = { gateway: join(folder, 'gateway.db.attachments'), platform: join(folder, 'platform') }

  const startDoomed = (role: Role, plan: Deaths[Role][number]): Program =>
    startProgram(`test/fault/${role}-process.js`, [config, JSON.stringify(plan)], log)
  const startToLive = {
    gateway: () => startProgram('core/cli/main.js', ['run', '--config', config], log),
    platform: () => startProgram('test/fault/platform-process.js', [config], log),
  }
  const living: Program[] = []

  return {
    folder,
    config,
    folders,
    gateway,
    deadLetters,
    /** Each is started, killed at its points, and after the last runs in peace; `work` is called beside it again and again. */
    async killOften(deaths: Deaths, work: () => Promise<void>): Promise<void> {
      let died = (): void => undefined
      const dieOften = async (role: Role): Promise<void> => {
        for (const plan of deaths[role]) {
          const ended = await startDoomed(role, plan).ended
          if (ended.signal !== 'SIGKILL') throw endedByItself(role, ended, log)
          if (role === 'gateway') died()
        }
        living.push(startToLive[role]())
      }
      let areOver = false
      const all = Promise.all(roles.map(dieOften)).finally(() => {
        areOver = true
      })
      // Whoever waits for it below hears of it.
      all.catch(() => undefined)
      while (!areOver) {
        const next = new Promise<void>((resolve) => {
          died = resolve
        })
        await work()
        await Promise.race([all, next, systemClock.wait(workEveryMs)])
      }
      await all
    },
    /** Those that live stop as an operator stops them. */
    async stop(): Promise<void> {
      for (const program of living) program.kill('SIGTERM')
      for (const program of living) t.match(await program.ended, { code: 0 }, readFileSync(log.file, 'utf8'))
    },
    openGatewayStore() {
      const store = openStore(join(folder, 'gateway.db'), 1)
      t.teardown(() => store.close())
      return store
    },
    openPlatformStore() {
      const store = openSqliteReceiverStore(join(folder, 'platform.sqlite'), 1)
      t.teardown(() => store.close())
      return store
    },
    /** Files of either side that are no whole content. */
    leftOver: (): string[] =>
      Object.values(folders).flatMap((one) => [
        ...namesIn(join(one, 'partial')),
        ...namesIn(one).filter((name) => name.endsWith('.tmp')),
      ]),
    /** The digests of the contents of one side. */
    contentsOf: (role: Role): string[] =>
      namesIn(folders[role])
        .filter((name) => /^[0-9a-f]{2}$/.test(name))
        .flatMap((shelf) => namesIn(join(folders[role], shelf)).map((hex) => `sha256:${hex}`)),
  }
}
