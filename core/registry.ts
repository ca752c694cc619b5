import { existsSync, readdirSync } from 'node:fs'
import { dirname, extname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import type { Adapter } from './contract.ts'
import { GatewayError } from './errors.ts'

const here = fileURLToPath(import.meta.url)

const isAdapter = (value: unknown): value is Adapter =>
  typeof value === 'object' && value !== null && 'kind' in value && 'options' in value && 'openSource' in value

/**
 * Finds the adapters: each folder of `adapters/` whose `index` exports one by default. Adding an adapter touches nothing else.
 * Throws ADAPTER_INVALID when a folder is not what its name says.
 */
export const loadAdapters = async (folder = join(dirname(here), '..', 'adapters')): Promise<Map<string, Adapter>> => {
  const adapters = new Map<string, Adapter>()
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const index = join(folder, entry.name, `index${extname(here)}`)
    if (!entry.isDirectory() || !existsSync(index)) continue
    const { default: adapter } = (await import(pathToFileURL(index).href)) as { default?: unknown }
    const invalid = (zh: string, en: string) =>
      GatewayError.of('ADAPTER_INVALID', { folder: `adapters/${entry.name}`, reason: { zh, en } })
    if (!isAdapter(adapter)) throw invalid('默认导出不是适配器', 'the default export is not an adapter')
    if (adapter.kind !== entry.name)
      throw invalid(`kind 是“${adapter.kind}”，应与文件夹同名`, `its kind "${adapter.kind}" must equal the folder name`)
    adapters.set(adapter.kind, adapter)
  }
  return adapters
}
