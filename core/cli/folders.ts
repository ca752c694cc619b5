/** Where a command finds the mappings, and how it names folders to people. */
import { existsSync } from 'node:fs'
import { relative, resolve } from 'node:path'
import { loadGatewayOptions } from '../config/load.ts'
import { GatewayError } from '../errors.ts'
import { systemReason } from '../system-reason.ts'

/** For commands that need the mappings alone. */
export const mappingsFlag = [
  '-m, --mappings <folder>',
  '映射文件夹；不写则用 -c 的配置所写的，都不写则为 mappings / mappings folder; else that of the configuration given by -c, else mappings',
] as const
export const configForMappingsFlag = [
  '-c, --config <folder>',
  '配置文件夹，映射文件夹以它为准 / configuration folder, which says where the mappings are',
] as const

export interface MappingsOptions {
  mappings?: string
  config?: string
}

/** Absolute, whether there is such a folder or not. Throws the mistakes of the configuration. */
export const saidMappingsFolder = ({ mappings, config }: MappingsOptions): string =>
  mappings !== undefined || config === undefined
    ? resolve(mappings ?? 'mappings')
    : resolve(config, loadGatewayOptions(config).mappings)

/** The same; throws CONFIG_UNREADABLE when there is none. */
export const mappingsFolder = (options: MappingsOptions): string => {
  const folder = saidMappingsFolder(options)
  if (!existsSync(folder))
    throw GatewayError.of('CONFIG_UNREADABLE', { file: shownFolder(folder), reason: systemReason({ code: 'ENOENT' }) })
  return folder
}

/** As a person in this folder would write it. */
const shownFolder = (folder: string): string => {
  const near = relative('.', folder)
  return near === '' ? '.' : near.startsWith('..') ? folder : near
}

/**
 * Messages say `config/…` and `mappings/…` whatever the folders are called: the same words in every installation, in the store and in the log.
 * A line that tells a person here what they stand for; none when that is what they are called.
 */
export const foldersNote = (folders: { config?: string | undefined; mappings?: string | undefined }): string[] => {
  const others = Object.entries(folders).flatMap(([name, folder]) => {
    const shown = folder === undefined ? name : shownFolder(resolve(folder))
    return shown === name ? [] : [{ name, shown }]
  })
  if (others.length === 0) return []
  const zh = others.map(({ name, shown }) => `${name}/ 即 ${shown}/`).join('，')
  const en = others.map(({ name, shown }) => `${name}/ is ${shown}/`).join(', ')
  return [`上文中 ${zh}。 / Above, ${en}.`]
}
