/** Mappings beside what the systems that use them can tell of their records. */
import { GatewayError } from './errors.ts'
import { comparePaths, findUnknownStreams, type PathFindings } from './mapping/compare-paths.ts'
import type { Mapping } from './mapping/mapping.ts'
import type { ProbeStep, StreamFields } from './probe.ts'

export interface ComparedSystem {
  mapping: Mapping
  /** Of all its streams, or of none: when its adapter cannot tell, or a step failed. */
  streams: readonly StreamFields[]
}

/** What the steps of a probe tell of all streams of their source; nothing when one of them failed. */
export const streamsOf = (steps: readonly ProbeStep[]): readonly StreamFields[] =>
  steps.every(({ ok }) => ok) ? steps.flatMap((step) => step.streams ?? []) : []

/** Two systems of one vendor have the same streams, and the same mistakes. */
const eachOnce = (errors: readonly GatewayError[]): GatewayError[] => [
  ...new Map(errors.map((error) => [error.message, error])).values(),
]

/** Each system is compared by itself; a stream is unknown when none has it, which cannot be said while one of them is not known. */
export const compareMappings = (systems: readonly ComparedSystem[]): PathFindings[] => {
  const mappings = new Map(systems.map(({ mapping }) => [mapping.name, mapping]))
  return [...mappings.values()].map((mapping) => {
    const users = systems.filter((system) => system.mapping.name === mapping.name)
    const found = users.filter(({ streams }) => streams.length > 0).map(({ streams }) => comparePaths(mapping, streams))
    const all = users.flatMap(({ streams }) => streams)
    const unknown = users.every(({ streams }) => streams.length > 0) ? findUnknownStreams(mapping, all) : []
    return {
      problems: [...unknown, ...eachOnce(found.flatMap(({ problems }) => problems))],
      warnings: eachOnce(found.flatMap(({ warnings }) => warnings)),
    }
  })
}

/** See `RunContext.describe`. What is not known now has nothing: that a column may be there is no reason to send records without it. */
export const demandFit = (system: string, mapping: Mapping, streams: readonly StreamFields[]): void => {
  const known = streams.filter(({ fields }) => fields !== undefined)
  const [first, ...others] = comparePaths(mapping, known).problems
  if (first) throw GatewayError.of('SOURCE_MAPPING_MISFIT', { system, reason: first.text, count: 1 + others.length })
}
