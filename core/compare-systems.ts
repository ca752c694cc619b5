/** Mappings beside what the systems that use them can tell of their records. */
import type { Source } from './contract.ts'
import { GatewayError, toGatewayError } from './errors.ts'
import type { Events } from './events.ts'
import { comparePaths, type PathFindings } from './mapping/compare-paths.ts'
import type { Mapping } from './mapping/mapping.ts'
import { type ProbeStep, probeBudget, probeMs, type StreamFields } from './probe.ts'

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

/** What a source tells of its records without reading any; nothing when it cannot. Rejects as it does. */
export const fieldsOf = async (name: string, source: Source, signal: AbortSignal): Promise<readonly StreamFields[]> => {
  const late = GatewayError.of('SOURCE_TIMEOUT', { system: name, timeoutMs: probeMs })
  return (await source.fields?.(probeBudget(signal, late))) ?? []
}

/**
 * The same while a gateway runs. A path that leads to nothing that a source has would be an absent field without a word: it is told as
 * `source:warned`, once for each start of the source. `usersOf`: all systems that say that they use a mapping, those that do not run included.
 */
export const openComparison = (events: Events, usersOf: (mapping: string) => readonly string[]) => {
  const systems = new Map<string, ComparedSystem>()
  return {
    /** A system that runs, of which nothing is known yet. */
    add(name: string, mapping: Mapping): void {
      systems.set(name, { mapping, streams: [] })
    },
    remove(name: string): void {
      systems.delete(name)
    },
    /** Asks the source of a system what its records hold. Never rejects. */
    async look(name: string, source: Source, signal: AbortSignal): Promise<void> {
      const system = systems.get(name)
      if (!system) return
      const { mapping } = system
      try {
        system.streams = await fieldsOf(name, source, signal)
        const users = usersOf(mapping.name).map((user) => systems.get(user) ?? { mapping, streams: [] })
        for (const { problems } of compareMappings(users))
          for (const error of problems) events.emit('source:warned', { system: name, error })
      } catch (error) {
        if (!signal.aborted) events.emit('source:warned', { system: name, error: toGatewayError(error) })
      }
    },
  }
}
