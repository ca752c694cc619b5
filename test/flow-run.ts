/** Plays a flow by its command, as anybody would, and tells what its last line says. */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Test } from 'tap'
import { loadConfig, loadGatewayOptions } from '../core/config/load.ts'
import { packageRoot } from '../core/package-root.ts'
import { loadAdapters } from '../core/registry.ts'
import { brokerUrl, sweepBroker } from './contract/rabbitmq-place.ts'
import { runCommand } from './run-command.ts'
import { temporaryFolder } from './temporary.ts'

interface FlowEvent {
  type: string
  system: string
  case: string
  parent?: string
  direction: 'up' | 'down'
  dataVersion: number
}

export const playFlow = async (t: Test, name: string, { overRabbitmq = false } = {}) => {
  const folder = temporaryFolder(t)
  if (overRabbitmq)
    t.teardown(() => {
      const [prefix] = readdirSync(folder) as [string]
      return sweepBroker(prefix, [loadGatewayOptions(join(folder, prefix)).name!])
    })
  const words = ['demo', name, '--once', '--folder', folder, ...(overRabbitmq ? ['--broker', brokerUrl] : [])]
  const { out, err, codes } = await runCommand(...words)
  const told = JSON.parse(out.trimEnd().split('\n').at(-1)!)
  t.match({ err, codes, reason: told.reason }, { err: '', codes: [], reason: undefined })
  t.match(told, { flow: name, passed: true, books: { balanced: true } })
  const of = (no: string, system?: string): string[] =>
    (told.events as FlowEvent[])
      .filter((one) => one.case === no && (system === undefined || one.system === system))
      .map(({ direction, type, dataVersion }) => `${direction} ${type}${dataVersion > 1 ? ` v${dataVersion}` : ''}`)
  return { told, of, folder: told.folder as string }
}

/** The configuration that a flow is copied from, as it lies there: no mistake in it, and its samples give what they say. */
export const lintFlow = async (t: Test, name: string): Promise<void> => {
  const folder = join(packageRoot, 'config', 'flows', name)
  const { problems } = await loadConfig(folder, { adapters: await loadAdapters(), env: {} })
  t.same(
    problems.map(({ message }) => message),
    [],
  )
  const samples = await runCommand('test', '--mappings', join(folder, 'mappings'))
  t.match(samples, { error: undefined, codes: [0] }, samples.out)
}
