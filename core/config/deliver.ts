/** The `deliver` of a system's file: how it is written to. */

import type { Adapter, SinkDefinition } from '../contract.ts'
import { didYouMean } from '../did-you-mean.ts'
import { GatewayError } from '../errors.ts'
import { pointerToPath } from '../json-pointer.ts'
import { listDownMappings, loadDownMapping } from '../mapping/down/load.ts'
import type { DownMapping } from '../mapping/down/mapping.ts'
import { invalidValue } from './check.ts'
import type { SystemOptions } from './schema.ts'
import { type CheckedFile, settleOptions } from './settle.ts'

export type DeliverOptions = NonNullable<SystemOptions['deliver']>

/** How a system is written to, checked. */
export interface DeliverConfig extends DeliverOptions {
  sink: SinkDefinition
  mappingModule: DownMapping
}

const findMapping = (name: unknown, folder: string, { yaml, problems }: CheckedFile): DownMapping | undefined => {
  if (typeof name !== 'string') return undefined
  const known = listDownMappings(folder)
  if (!known.includes(name)) {
    const at = yaml.at(['deliver', 'mapping'])
    problems.push(GatewayError.of('MAPPING_UNKNOWN', { at, name, suggestion: didYouMean(name, known) }))
    return undefined
  }
  const loaded = loadDownMapping(folder, name)
  problems.push(...loaded.problems)
  return loaded.mapping
}

/** Every write that the mapping names must be one of the sink's. */
const checkWrites = (mapping: DownMapping, known: readonly string[], problems: GatewayError[]): void => {
  for (const [write, at] of mapping.writes) {
    if (known.includes(write)) continue
    const { zh, en } = didYouMean(write, known)
    const reason = {
      zh: `deliver.options.writes 里没有“${write}”。${zh}`,
      en: `deliver.options.writes has no "${write}". ${en}`,
    }
    problems.push(GatewayError.of('MAPPING_INVALID', { at, reason }))
  }
}

/** `reading` are the options by which the system is read, settled: given and wrong, they are told elsewhere. Undefined where something is wrong: `problems` then says what. */
export const checkDeliver = (
  deliver: DeliverOptions,
  adapter: Adapter,
  reading: { isGiven: boolean; options: Record<string, unknown> | undefined },
  mappings: string,
  file: CheckedFile,
): DeliverConfig | undefined => {
  const { yaml, problems } = file
  const { sink } = adapter
  if (!sink) {
    const expected = { zh: `适配器 ${adapter.kind} 只读，不能写入`, en: `adapter ${adapter.kind} only reads` }
    problems.push(GatewayError.of('CONFIG_VALUE_INVALID', { at: yaml.at(['deliver']), key: 'deliver', found: '{…}', expected }))
    return undefined
  }
  const mapping = findMapping(deliver.mapping, mappings, file)
  if (typeof deliver.options !== 'object' || !settleOptions(sink.options, deliver.options, file, ['deliver', 'options']))
    return undefined
  if (reading.isGiven && !reading.options) return undefined
  const wrong = sink.checkOptions?.(deliver.options, reading.options) ?? []
  for (const { path, expected } of wrong) problems.push(invalidValue(yaml, pointerToPath(path, ['deliver', 'options']), expected))
  if (!mapping || wrong.length > 0) return undefined
  checkWrites(mapping, [...sink.writes(deliver.options).keys()], problems)
  return { ...deliver, sink, mappingModule: mapping }
}
