import { adapterContext } from '../adapter-context.ts'
import { objectFolder, openBucket } from '../attachments/bucket.ts'
import { systemClock } from '../clock.ts'
import { type ComparedSystem, compareMappings, streamsOf } from '../compare-systems.ts'
import type { GatewayConfig, SystemConfig } from '../config/load.ts'
import type { ReadConfig } from '../config/read.ts'
import type { AdapterContext } from '../contract.ts'
import { GatewayError, toGatewayError } from '../errors.ts'
import { createEvents } from '../events.ts'
import { probeBudget, probeMs } from '../probe.ts'
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

interface ProbedSystem extends Tried, ComparedSystem {}

const probeSource = async (
  system: SystemConfig,
  { options, mappingModule }: ReadConfig,
  config: GatewayConfig,
  interrupted: AbortSignal,
): Promise<ProbedSystem> => {
  const problems: GatewayError[] = []
  const events = createEvents()
  events.on('source:warned', ({ error }) => problems.push(error))
  const source = system.adapterModule.openSource(options, adapterContext(system, config, systemClock, events))
  try {
    const late = GatewayError.of('SOURCE_TIMEOUT', { system: system.name, timeoutMs: probeMs })
    const steps = await source.probe(probeBudget(interrupted, late))
    for (const { error } of steps) if (error) problems.push(error)
    const probes = steps.map(({ ok, name, detail }) => ({ name: system.name, ok, ...name, detail }))
    return { probes, problems, mapping: mappingModule, streams: streamsOf(steps) }
  } finally {
    await source.close()
  }
}

const probeTarget = async (
  { name, deliver, read }: SystemConfig,
  context: AdapterContext,
  interrupted: AbortSignal,
): Promise<Tried> => {
  if (!deliver) return { probes: [], problems: [] }
  const sink = deliver.sink.open(deliver.options, read?.options, context)
  try {
    const late = GatewayError.of('SOURCE_TIMEOUT', { system: name, timeoutMs: probeMs })
    const steps = await sink.probe(probeBudget(interrupted, late))
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
    const { server } = await transport.probe(probeBudget(interrupted, late))
    return { probes: [{ ...shown, ok: true, detail: server }], problems: [] }
  } catch (error) {
    return { probes: [{ ...shown, ok: false }], problems: [toGatewayError(error)] }
  }
}

const probeBucket = async (
  { bucket: options, options: gateway, folder }: GatewayConfig,
  interrupted: AbortSignal,
): Promise<Tried> => {
  if (!options) return { probes: [], problems: [] }
  const shown = { name: options.name, zh: '对象存储', en: 'bucket' }
  const bucket = openBucket(options, folder)
  try {
    const reason = { zh: `${probeMs} 毫秒内没有答复`, en: `no answer within ${probeMs} ms` }
    const late = GatewayError.of('BUCKET_FAILED', { bucket: options.endpoint, reason })
    const folders = (['up', 'down'] as const).map((direction) => objectFolder(direction, gateway.name))
    await bucket.probe(folders, probeBudget(interrupted, late))
    return { probes: [{ ...shown, ok: true, detail: options.endpoint }], problems: [] }
  } catch (error) {
    return { probes: [{ ...shown, ok: false }], problems: [toGatewayError(error)] }
  } finally {
    bucket.close()
  }
}

/** Tries every source, the broker and the bucket at the same time, then compares the mappings; answers in the order of the configuration. */
export const probeAll = async (config: GatewayConfig, interrupted: AbortSignal): Promise<Probed> => {
  const [sources, targets, broker, bucket] = await Promise.all([
    Promise.all(config.systems.flatMap((system) => (system.read ? probeSource(system, system.read, config, interrupted) : []))),
    Promise.all(
      config.systems.map((system) =>
        probeTarget(system, adapterContext(system, config, systemClock, createEvents()), interrupted),
      ),
    ),
    probeBroker(config, interrupted),
    probeBucket(config, interrupted),
  ])
  const probed = [...sources, ...targets, broker, bucket]
  const compared = compareMappings(sources)
  return {
    probes: probed.flatMap(({ probes }) => probes),
    problems: [...probed, ...compared].flatMap(({ problems }) => problems),
    warnings: compared.flatMap(({ warnings }) => warnings),
  }
}
