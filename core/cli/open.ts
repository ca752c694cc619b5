import { existsSync, statSync } from 'node:fs'
import { resolve } from 'node:path'
import { InvalidArgumentError } from 'commander'
import { type ConfigContext, type GatewayConfig, loadConfig, loadStoreFile } from '../config/load.ts'
import { GatewayError } from '../errors.ts'
import { loadAdapters } from '../registry.ts'
import { openStore } from '../store/open-store.ts'
import type { Store } from '../store/store.ts'
import { foldersNote } from './folders.ts'
import { formatError, type Io } from './io.ts'

const toFolder = (text: string): string => {
  if (/\.ya?ml$/i.test(text) && !isFolder(text))
    throw new InvalidArgumentError('须为配置文件夹，而不是其中的文件 / it is the folder of the configuration, not a file in it')
  return text
}
const isFolder = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false

export const configFlag = ['-c, --config <folder>', '配置文件夹 / configuration folder', toFolder, 'config'] as const
export const jsonFlag = ['--json', '以 JSON 输出 / print JSON'] as const

export const configContext = async (io: Io): Promise<ConfigContext> => ({ adapters: await loadAdapters(), env: io.env })

/** Reads the configuration; with mistakes, prints all of them and answers undefined: what does not lint does not run. */
export const openConfig = async (
  folder: string,
  io: Io,
): Promise<{ config: GatewayConfig; context: ConfigContext } | undefined> => {
  const context = await configContext(io)
  const { config, mappingsFolder: mappings, problems } = await loadConfig(resolve(folder), context)
  if (config) return { config, context }
  for (const problem of problems) io.err(formatError(problem))
  for (const note of foldersNote({ config: folder, mappings })) io.err(note)
  io.err(`\n配置有 ${problems.length} 处错误，未执行。 / ${problems.length} mistakes in the configuration; nothing was done.`)
  io.exit(1)
  return undefined
}

/** Runs `work` on the store of a configuration and closes it. A store that does not exist yet is an error, not made. */
export const withStore = async <T>(folder: string, work: (store: Store) => T | Promise<T>): Promise<T> => {
  const file = loadStoreFile(folder)
  if (!existsSync(file)) throw GatewayError.of('STORE_MISSING', { file })
  const store = openStore(file, Date.now())
  try {
    return await work(store)
  } finally {
    store.close()
  }
}
