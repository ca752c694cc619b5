/** Runs one pretend department with the gateway and the platform's receiver, and tells what the receiver made of each case. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Test } from 'tap'
import { type CaseProgress, takeEvent } from '../../core/canonical/index.ts'
import { systemClock } from '../../core/clock.ts'
import { loadConfig } from '../../core/config/load.ts'
import { createEvents } from '../../core/events.ts'
import { startGateway } from '../../core/gateway.ts'
import { packageRoot } from '../../core/package-root.ts'
import { loadPlatformConfig } from '../../core/platform/config.ts'
import { openPlatform } from '../../core/platform/platform.ts'
import type { ReceivedMessage } from '../../core/platform/receiver-store.ts'
import { loadAdapters } from '../../core/registry.ts'
import { gatewayYaml, writeFiles } from '../contract/department-database.ts'
import { temporaryFolder, until } from '../temporary.ts'
import type { DepartmentCase } from './department-case.ts'

/** What the receiver made of one case. */
export interface Told {
  /** In the order in which they were applied: type, what was decided (of a closing also the original code), data version; `early` when it had to wait. */
  applied: string[]
  status: string | undefined
  held: number
}

type Applied = { id: string; type: string; dataVersion: number; content: Record<string, unknown>; stage?: { state?: string } }

const wordsOf = ({ type, content, dataVersion, stage }: Applied): string => {
  const original = type === 'case.closed' ? `(${(content['original'] as { value: string }).value})` : undefined
  const said = content['decision'] ?? content['outcome'] ?? content['kind'] ?? content['score']
  return [type, said, original, stage?.state, `v${dataVersion}`].filter((word) => word !== undefined).join(' ')
}

const readMessage = ({ id, type, dataVersion, body }: ReceivedMessage): Applied => {
  const { content, stage, occurredAt } = JSON.parse(body).data
  return { id, type, dataVersion, content, stage, occurredAt } as Applied
}

/** Replays a lane as the receiver does, to tell when each message was applied. */
const appliedOf = (messages: ReceivedMessage[]): string[] => {
  const all = messages.filter(({ state }) => state === 'applied').map(readMessage)
  const byId = new Map(all.map((message) => [message.id, message]))
  const applied: string[] = []
  const waited = new Set<string>()
  let progress: CaseProgress | undefined
  for (const message of all) {
    const before = progress?.held ?? []
    progress = takeEvent(progress, message as never).progress
    const held = new Set((progress.held ?? []).map(({ id }) => id))
    if (held.has(message.id)) waited.add(message.id)
    else applied.push(message.id)
    const freed = before
      .filter(({ id }) => !held.has(id))
      .sort((a, b) => (a.occurredAt ?? '~').localeCompare(b.occurredAt ?? '~'))
    applied.push(...freed.map(({ id }) => id))
  }
  return applied.map((id) => `${wordsOf(byId.get(id)!)}${waited.has(id) ? ' early' : ''}`)
}

/** `edit` points the system of `config/adapters/<name>.yaml` at the pretend department. */
export const runDepartment = async (t: Test, name: string, edit: (yaml: string) => string, env: NodeJS.ProcessEnv = {}) => {
  const folder = temporaryFolder(t)
  const system = readFileSync(join(packageRoot, 'config', 'adapters', `${name}.yaml`), 'utf8')
  writeFiles(folder, {
    'config/gateway.yaml': `${gatewayYaml}mappings: ${join(packageRoot, 'mappings')}\n`,
    'config/platform.yaml':
      'transport: { kind: embedded, file: ../data/transport.sqlite, pollMs: 20 }\nstore: { kind: sqlite, file: ../data/platform.sqlite }\n',
    [`config/adapters/${name}.yaml`]: edit(system.replace(/every: \d+s/, 'every: 50ms')),
  })
  const context = { adapters: await loadAdapters(), env }
  const { config, problems } = await loadConfig(join(folder, 'config'), context)
  if (!config) throw problems[0]
  const platform = loadPlatformConfig(join(folder, 'config'), {})
  if (!platform.config) throw platform.problems[0]

  const taken: ReceivedMessage[] = []
  const gateway = startGateway({ config, context, events: createEvents() })
  const receiver = openPlatform(platform.config, {
    clock: systemClock,
    onTaken: ({ messages }) => void taken.push(...messages),
    onFailed: (error) => t.fail(error.message),
  })
  t.teardown(async () => {
    await gateway.stop()
    await receiver.close()
  })
  return {
    quarantined: () => gateway.store.openQuarantine({ limit: 10 }).map(({ stream, code, en }) => ({ stream, code, en })),
    waiting: (): number => gateway.store.waiting(),
    received: (): number => taken.length,
    /** How many messages of a case the receiver has. */
    countOf: (caseNo: string): number => taken.filter((message) => message.caseNo === caseNo).length,
    tellOf: async (caseNo: string): Promise<Told> => {
      const { state } = await receiver.store.caseHistory(`${name}/${caseNo}`)
      const messages = taken.filter((message) => message.caseNo === caseNo)
      return { applied: appliedOf(messages), status: state?.status, held: state?.held?.length ?? 0 }
    },
  }
}

/** One case of a department, and what the receiver must have made of it. */
export interface Expected extends Told {
  name: string
  source: DepartmentCase
}

type Run = Awaited<ReturnType<typeof runDepartment>>

/** Each case at the receiver as expected, and no message more; `heldBack` wait in the gateway behind a record in quarantine. */
export const checkSequences = async (t: Test, run: Run, cases: Expected[], heldBack: number): Promise<void> => {
  const total = cases.reduce((sum, { applied }) => sum + applied.length, 0)
  await until('all is sent that can be', () => run.received() >= total && run.waiting() === heldBack)
  for (const { name, source, ...expected } of cases) t.same(await run.tellOf(source.no), expected, name)
  t.equal(run.received(), total)
}
