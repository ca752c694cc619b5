/** Mappings beside what the systems that use them can tell of their records. */
import { GatewayError } from './errors.ts'
import { comparePaths, type PathFindings } from './mapping/compare-paths.ts'
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

/** A mapping that several systems share is compared with the streams of all of them, and not at all while one of them is not known. */
export const compareMappings = (systems: readonly ComparedSystem[]): PathFindings[] => {
  const mappings = new Map(systems.map(({ mapping }) => [mapping.name, mapping]))
  return [...mappings.values()].flatMap((mapping) => {
    const users = systems.filter((system) => system.mapping.name === mapping.name)
    if (users.some(({ streams }) => streams.length === 0)) return []
    return [
      comparePaths(
        mapping,
        users.flatMap(({ streams }) => streams),
      ),
    ]
  })
}

/**
 * The same while a gateway runs. A path that leads to nothing that a source has would be an absent field without a word, in every message: a
 * system whose source tells what its records hold is not read then. `usersOf`: all systems that say that they use a mapping, those that do not
 * run included.
 */
export const openComparison = (usersOf: (mapping: string) => readonly string[]) => {
  const systems = new Map<string, ComparedSystem>()
  return {
    /** A system that runs, of which nothing is known yet. */
    add(name: string, mapping: Mapping): void {
      systems.set(name, { mapping, streams: [] })
    },
    remove(name: string): void {
      systems.delete(name)
    },
    /** See `RunContext.describe`. */
    describe(name: string, streams: readonly StreamFields[]): void {
      const system = systems.get(name)
      if (!system) return
      const { mapping } = system
      system.streams = streams
      const users = usersOf(mapping.name).map((user) => systems.get(user) ?? { mapping, streams: [] })
      const [first, ...others] = compareMappings(users).flatMap(({ problems }) => problems)
      if (first) throw GatewayError.of('SOURCE_MAPPING_MISFIT', { system: name, reason: first.text, count: 1 + others.length })
    },
  }
}
