import { adapterContext } from '../adapter-context.ts'
import { systemClock } from '../clock.ts'
import type { GatewayConfig, SystemConfig } from '../config/load.ts'
import type { AdapterContext } from '../contract.ts'
import { GatewayError, toGatewayError } from '../errors.ts'
import { createEvents } from '../events.ts'
import { comparePaths, type PathFindings } from '../mapping/compare-paths.ts'
import type { StreamFields } from '../probe.ts'
import { transportKinds } from '../transport/kinds.ts'

export interface Probe {
  name: string
  ok: boolean
  zh: string
  en: string
  detail?: string | undefined
}

interface Tried {
  probes: Probe[]
  problems: GatewayError[]
}

export interface Probed extends Tried {
  warnings: GatewayError[]
}

interface ProbedSystem extends Tried {
  mapping: SystemConfig['mappingModule']
  /** Of all its streams, or of none: when its adapter cannot tell, or a step failed. */
  streams: readonly StreamFields[]
}

/** What each system, and the broker, has for its answer: one that hangs takes nothing from its neighbours. */
const probeMs = 15_000

/** Aborts with `late` when the time is over. */
const budget = (interrupted: AbortSignal, late: GatewayError): AbortSignal => {
  const over = new AbortController()
  AbortSignal.timeout(probeMs).addEventListener('abort', () => over.abort(late), { once: true })
  return AbortSignal.any([interrupted, over.signal])
}

const probeSystem = async (system: SystemConfig, config: GatewayConfig, interrupted: AbortSignal): Promise<ProbedSystem> => {
  const problems: GatewayError[] = []
  const events = createEvents()
  events.on('source:warned', ({ error }) => problems.push(error))
  const source = system.adapterModule.openSource(system.options, adapterContext(system, config, systemClock, events))
  try {
    const late = GatewayError.of('SOURCE_TIMEOUT', { system: system.name, timeoutMs: probeMs })
    const steps = await source.probe(budget(interrupted, late))
    for (const { error } of steps) if (error) problems.push(error)
    const probes = steps.map(({ ok, name, detail }) => ({ name: system.name, ok, ...name, detail }))
    const streams = steps.every(({ ok }) => ok) ? steps.flatMap((step) => step.streams ?? []) : []
    return { probes, problems, mapping: system.mappingModule, streams }
  } finally {
    await source.close()
  }
}

const probeTarget = async (
  { name, deliver, options }: SystemConfig,
  context: AdapterContext,
  interrupted: AbortSignal,
): Promise<Tried> => {
  if (!deliver) return { probes: [], problems: [] }
  const sink = deliver.sink.open(deliver.options, options, context)
  try {
    const late = GatewayError.of('SOURCE_TIMEOUT', { system: name, timeoutMs: probeMs })
    const steps = await sink.probe(budget(interrupted, late))
    return {
      probes: steps.map(({ ok, name: step, detail }) => ({ name, ok, ...step, detail })),
      problems: steps.flatMap(({ error }) => error ?? []),
    }
  } finally {
    await sink.close()
  }
}

const probeBroker = async (config: GatewayConfig, interrupted: AbortSignal): Promise<Tried> => {
  const { kind, options } = config.transport
  const shown = { name: kind, zh: '消息队列', en: 'broker' }
  const reason = { zh: `${probeMs} 毫秒内没有答复`, en: `no answer within ${probeMs} ms` }
  try {
    const transport = transportKinds[kind].open(options, systemClock, config.folder, { gateway: config.options.name })
    const late = GatewayError.of('BROKER_UNREACHABLE', { url: kind, reason })
    const { server } = await transport.probe(budget(interrupted, late))
    return { probes: [{ ...shown, ok: true, detail: server }], problems: [] }
  } catch (error) {
    return { probes: [{ ...shown, ok: false }], problems: [toGatewayError(error)] }
  }
}

/** A mapping that several systems share is compared with the streams of all of them, and not at all while one of them is not known. */
const compareMappings = (systems: readonly ProbedSystem[]): PathFindings[] => {
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

/** Tries every source and the broker at the same time, then compares the mappings; answers in the order of the configuration. */
export const probeAll = async (config: GatewayConfig, interrupted: AbortSignal): Promise<Probed> => {
  const [systems, targets, broker] = await Promise.all([
    Promise.all(config.systems.map((system) => probeSystem(system, config, interrupted))),
    Promise.all(
      config.systems.map((system) =>
        probeTarget(system, adapterContext(system, config, systemClock, createEvents()), interrupted),
      ),
    ),
    probeBroker(config, interrupted),
  ])
  const probed = [...systems, ...targets, broker]
  const compared = compareMappings(systems)
  return {
    probes: probed.flatMap(({ probes }) => probes),
    problems: [...probed, ...compared].flatMap(({ problems }) => problems),
    warnings: compared.flatMap(({ warnings }) => warnings),
  }
}
