/** `options` and `mapping` of a system's file: how it is read. A system that is only written to has neither. */

import type { Adapter } from '../contract.ts'
import { didYouMean } from '../did-you-mean.ts'
import { GatewayError } from '../errors.ts'
import { pointerToPath } from '../json-pointer.ts'
import { isMapping } from '../mapping/compile-context.ts'
import { listMappings, loadMapping } from '../mapping/load.ts'
import type { Mapping } from '../mapping/mapping.ts'
import { invalidValue } from './check.ts'
import type { SystemOptions } from './schema.ts'
import { type CheckedFile, settleOptions } from './settle.ts'

/** How a system is read, checked. */
export interface ReadConfig {
  options: Record<string, unknown>
  mappingModule: Mapping
}

const findMapping = async (name: unknown, folder: string, { yaml, problems }: CheckedFile): Promise<Mapping | undefined> => {
  if (typeof name !== 'string') return undefined
  const known = listMappings(folder)
  if (!known.includes(name)) {
    problems.push(GatewayError.of('MAPPING_UNKNOWN', { at: yaml.at(['mapping']), name, suggestion: didYouMean(name, known) }))
    return undefined
  }
  const loaded = await loadMapping(folder, name)
  problems.push(...loaded.problems)
  return loaded.mapping
}

/** `options` with secrets and defaults filled in; undefined where there are none, and where something is wrong: `problems` then says what. */
export const settleReading = (options: unknown, adapter: Adapter, file: CheckedFile): Record<string, unknown> | undefined => {
  if (!isMapping(options)) return undefined
  if (!settleOptions(adapter.options, options, file, ['options'])) return undefined
  const wrong = adapter.checkOptions?.(options) ?? []
  for (const { path, expected } of wrong) file.problems.push(invalidValue(file.yaml, pointerToPath(path, ['options']), expected))
  return wrong.length === 0 ? options : undefined
}

/** Both, or neither and `deliver`: a system is read, or written to. */
const demandBoth = ({ options, mapping, deliver }: Partial<SystemOptions>, { yaml, problems }: CheckedFile): void => {
  const missing = (['options', 'mapping'] as const).filter((key) => ({ options, mapping })[key] === undefined)
  if (missing.length === 0) return
  if (deliver === undefined)
    return void problems.push(...missing.map((key) => GatewayError.of('CONFIG_KEY_MISSING', { at: yaml.at([]), key })))
  const [given] = (['options', 'mapping'] as const).filter((key) => !missing.includes(key))
  if (given === undefined) {
    const expected = { zh: '不写：本系统只写入，不读取', en: 'left out: the system is only written to, and not read' }
    for (const key of ['schedule', 'backoff'])
      if (yaml.written([key]) !== undefined) problems.push(invalidValue(yaml, [key], expected))
    return
  }
  const expected = {
    zh: `与 ${missing[0]} 一同给出；只写入的系统两者都不写，连接写在 deliver.options 里`,
    en: `given with ${missing[0]}; a system that is only written to has neither, and its connection under deliver.options`,
  }
  problems.push(GatewayError.of('CONFIG_VALUE_INVALID', { at: yaml.keyAt([given]), key: given, found: '…', expected }))
}

/** `options` are settled. Undefined for a system that is only written to, and where something is wrong: `problems` then says what. */
export const checkRead = async (
  system: Partial<SystemOptions>,
  options: Record<string, unknown> | undefined,
  mappings: string,
  file: CheckedFile,
): Promise<ReadConfig | undefined> => {
  // Of what is no mapping at all the schema has told.
  if (isMapping(file.yaml.value ?? {})) demandBoth(system, file)
  const mappingModule = await findMapping(system.mapping, mappings, file)
  if (options && mappingModule) return { options, mappingModule }
  await mappingModule?.isolated?.close()
  return undefined
}
