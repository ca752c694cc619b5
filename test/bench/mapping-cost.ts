/** What mapping costs. */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { MessageDraft } from '../../core/canonical/index.ts'
import { listMappings, loadMapping } from '../../core/mapping/load.ts'
import type { Mapping, ReadableRecord } from '../../core/mapping/mapping.ts'
import { readSampleRecord } from '../../core/mapping/samples.ts'
import { traceMapping } from '../../core/mapping/trace-mapping.ts'
import { packageRoot } from '../../core/package-root.ts'
import { readRecord } from '../../core/read-record.ts'
import { quantile } from './statistics.ts'

const leavesIn = (value: unknown): number =>
  typeof value === 'object' && value !== null ? Object.values(value).reduce<number>((sum, one) => sum + leavesIn(one), 0) : 1

const fieldsOf = ({ case: caseKey, content, stage, occurredAt, recordedAt }: MessageDraft): number =>
  leavesIn({ case: caseKey, content, stage, occurredAt, recordedAt })

const draftsOf = (mapping: Mapping, record: ReadableRecord): MessageDraft[] => {
  const translation = mapping.translate(record)
  return translation.outcome === 'drafts' ? translation.drafts : []
}

/** The sample whose first message has the most fields. */
const fullest = (mappings: string, mapping: Mapping): ReadableRecord => {
  const [department, name] = mapping.name.split('/') as [string, string]
  const folder = join(mappings, department, 'samples', name)
  const records = readdirSync(folder)
    .filter((file) => file.endsWith('.yaml'))
    .map((file) => readSampleRecord(folder, file))
    .map((record): ReadableRecord => ({ stream: record.stream, key: record.key, tree: readRecord(record) }))
  const sized = records.map((record) => [Math.max(0, ...draftsOf(mapping, record).map(fieldsOf)), record] as const)
  return sized.reduce((most, one) => (one[0] > most[0] ? one : most))[1]
}

/** CPU microseconds per message, the median of rounds. */
const cost = (mapping: Mapping, record: ReadableRecord, records: number, after: () => void = () => undefined): number => {
  const rounds: number[] = []
  for (let round = 0; round < 7; round++) {
    const before = process.cpuUsage()
    let messages = 0
    for (let i = 0; i < records; i++) {
      messages += draftsOf(mapping, record).length
      after()
    }
    const { user, system } = process.cpuUsage(before)
    // The first rounds are those in which the functions are compiled.
    if (round >= 2) rounds.push((user + system) / messages)
  }
  return quantile(rounds, 0.5)
}

const round = (number: number): number => Math.round(number * 10) / 10

export interface MappingCost {
  mapping: string
  fields: number
  /** Microseconds of CPU for one message. */
  us: number
  usPer40Fields: number
  /** The same while it tells what it does, as explain and coverage have it: what the path does not pay. */
  tracedUs: number
}

/** By the fullest application of each shipped mapping, provenance on, from the parsed record to the draft. */
export const measureMappings = async (records: number): Promise<MappingCost[]> => {
  const mappings = join(packageRoot, 'mappings')
  const costs: MappingCost[] = []
  for (const name of listMappings(mappings)) {
    const { mapping, problems } = await loadMapping(mappings, name)
    if (!mapping) throw problems[0]
    const record = fullest(mappings, mapping)
    const fields = Math.max(...draftsOf(mapping, record).map(fieldsOf))
    const us = cost(mapping, record, records)
    const { mapping: tracing, trace } = await traceMapping(mapping)
    const forget = () => {
      trace.fields.length = 0
      trace.decisions.length = 0
    }
    const traced = cost(tracing, record, records / 20, forget)
    await mapping.isolated?.close()
    costs.push({ mapping: name, fields, us: round(us), usPer40Fields: round((us / fields) * 40), tracedUs: round(traced) })
  }
  return costs
}
