import { existsSync, readdirSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import type { BucketOptions } from '../attachments/bucket-options.ts'
import { checkUscc } from '../canonical/index.ts'
import type { Adapter } from '../contract.ts'
import { didYouMean } from '../did-you-mean.ts'
import { GatewayError } from '../errors.ts'
import type { ExchangeTable } from '../exchange.ts'
import { pointerToPath } from '../json-pointer.ts'
import { isMapping } from '../mapping/compile-context.ts'
import { findMisnamed } from '../misnamed.ts'
import { findCronProblem, findZoneProblem, parseDuration } from '../schedule.ts'
import { sha256 } from '../sha256.ts'
import { systemReason } from '../system-reason.ts'
import { type TransportKind, transportKinds } from '../transport/kinds.ts'
import { readYaml, type YamlFile, type YamlPath } from '../yaml.ts'
import { checkAgainst, invalidValue } from './check.ts'
import { type Claim, findSharedClaims } from './claims.ts'
import { checkDeliver, type DeliverConfig } from './deliver.ts'
import { checkExchange, loadExchange } from './exchange.ts'
import { checkRead, type ReadConfig, settleReading } from './read.ts'
import { type GatewayOptions, gatewaySchema, type SystemOptions, storeSection, systemSchema } from './schema.ts'
import { attempt, type Settled, settleBucket, settleKind } from './settle.ts'

export interface SystemConfig extends Omit<SystemOptions, 'options' | 'mapping' | 'deliver' | 'exchange'> {
  /** Absent for a system that is only written to. */
  read?: ReadConfig | undefined
  /** Absent for a system that is only read. */
  deliver?: DeliverConfig | undefined
  /** Absent where everything is brought up, and anything may be sent down. */
  exchange?: ExchangeTable | undefined
  /** The file name without `.yaml`: names the system everywhere. */
  name: string
  adapterModule: Adapter
  /**
   * Changes when the system's file, its mapping (with code tables and plug-in) or one of its secrets changes: SHA-256, so that no
   * secret can be read from it. What an adapter reads by itself (WSDL, certificates) is not part of it.
   */
  fingerprint: string
  /** None of a system that is not enabled. */
  claims: Claim[]
}

export interface GatewayConfig {
  folder: string
  options: GatewayOptions
  transport: Settled<TransportKind>
  /** Absent where attachments go in chunks. */
  bucket?: BucketOptions | undefined
  systems: SystemConfig[]
}

export interface LoadedSystem {
  name: string
  config: SystemConfig | undefined
  problems: GatewayError[]
}

/** What is read from outside besides the files. */
export interface ConfigContext {
  adapters: ReadonlyMap<string, Adapter>
  env: NodeJS.ProcessEnv
}

const systemName = /^[a-z][a-z0-9-]{0,31}$/

/** Reads and checks `config/adapters/<name>.yaml` with its adapter and its mapping. */
export const loadSystem = async (
  folder: string,
  name: string,
  mappingsFolder: string,
  context: ConfigContext,
): Promise<LoadedSystem> => {
  const problems: GatewayError[] = []
  const shown = `config/adapters/${name}.yaml`
  const yaml = attempt(problems, () => readYaml(join(folder, 'adapters', `${name}.yaml`), shown))
  if (!yaml) return { name, config: undefined, problems }
  const value = (yaml.value ?? {}) as SystemOptions
  if (!systemName.test(name)) {
    const expected = {
      zh: '文件名须为小写字母、数字与连字符，字母开头',
      en: 'the file name must be lower-case letters, digits and hyphens',
    }
    problems.push(
      GatewayError.of('CONFIG_VALUE_INVALID', { at: shown, key: { zh: '文件名', en: 'the file name' }, found: name, expected }),
    )
  }
  problems.push(...checkAgainst(systemSchema, value, yaml))
  const adapter = context.adapters.get(value.adapter)
  if (!adapter && typeof value.adapter === 'string') {
    const suggestion = didYouMean(value.adapter, [...context.adapters.keys()])
    problems.push(GatewayError.of('ADAPTER_UNKNOWN', { at: yaml.at(['adapter']), kind: value.adapter, suggestion }))
  }
  const checked = { yaml, folder, env: context.env, problems }
  const options = adapter && settleReading(value.options, adapter, checked)
  const read = await checkRead(value, options, mappingsFolder, checked)
  const deliver =
    adapter && isMapping(value.deliver)
      ? checkDeliver(value.deliver, adapter, { isGiven: value.options !== undefined, options }, mappingsFolder, checked)
      : undefined
  const exchange = typeof value.exchange === 'string' ? loadExchange(value.exchange, checked) : undefined
  const { code } = value.department ?? {}
  // Of another length it is told by the schema already.
  if (typeof code === 'string' && code.length === 18 && checkUscc(code) === 'bad') {
    problems.push(invalidValue(yaml, ['department', 'code'], { zh: '校验位不对', en: 'its check digit is wrong' }))
  }
  const { schedule } = value
  if (isMapping(schedule) && 'cron' in schedule && typeof schedule.cron === 'string') {
    const reason = findCronProblem(schedule.cron)
    if (reason) problems.push(invalidValue(yaml, ['schedule', 'cron'], reason))
    const misfit = typeof schedule.zone === 'string' ? findZoneProblem(schedule.zone) : undefined
    if (misfit) problems.push(invalidValue(yaml, ['schedule', 'zone'], misfit))
  }
  const isWhole = adapter !== undefined && (read ?? deliver) !== undefined
  if (exchange && isWhole && problems.length === 0)
    checkExchange(exchange, read?.mappingModule.types ?? new Set(), deliver ? deliver.mappingModule.types : new Set(), problems)
  if (problems.length > 0 || !isWhole) {
    await read?.mappingModule.isolated?.close()
    return { name, config: undefined, problems }
  }
  const parts = [value, read?.mappingModule.version, deliver?.mappingModule.version, exchange?.version]
  const fingerprint = sha256(JSON.stringify(parts)).toString('hex')
  const claimed = (found: { path: string; name: string }[] | undefined, base: YamlPath): Claim[] =>
    (value.enabled ? (found ?? []) : []).map(({ path, name: claim }) => {
      const key = pointerToPath(path, base)
      return { system: name, name: claim, at: yaml.at(key), key: key.join('.'), found: JSON.stringify(yaml.written(key)) }
    })
  const claims = [
    ...claimed(read && adapter.claims?.(read.options), ['options']),
    ...claimed(deliver?.sink.claims?.(deliver.options, read?.options), ['deliver', 'options']),
  ]
  const { options: _options, mapping: _mapping, ...rest } = value
  const config = { ...rest, name, read, deliver, exchange, adapterModule: adapter, fingerprint, claims }
  return { name, config, problems }
}

/** The systems by the names of their files, in order. Throws CONFIG_UNREADABLE, also where there is no such folder. */
export const listSystems = (folder: string): string[] => {
  let files: string[]
  try {
    files = readdirSync(join(folder, 'adapters'))
  } catch (cause) {
    throw GatewayError.of('CONFIG_UNREADABLE', { file: 'config/adapters', reason: systemReason(cause) }, { cause })
  }
  return files
    .filter((file) => file.endsWith('.yaml'))
    .map((file) => basename(file, '.yaml'))
    .sort()
}

/** The same where there may be no folder of systems yet. Throws CONFIG_UNREADABLE for one that is there. */
export const listAnySystems = (folder: string): string[] => (existsSync(join(folder, 'adapters')) ? listSystems(folder) : [])

const readGatewayFile = (folder: string): YamlFile => readYaml(join(folder, 'gateway.yaml'), 'config/gateway.yaml')

/**
 * The absolute path of the store, by the `store` section of `gateway.yaml` alone: who only looks at the store depends neither on the
 * departments' files nor on the service's secrets. Throws the first mistake.
 */
export const loadStoreFile = (givenFolder: string): string => {
  const folder = resolve(givenFolder)
  const yaml = readGatewayFile(folder)
  const { store } = (yaml.value ?? {}) as Partial<GatewayOptions>
  const section = (store === undefined ? {} : { store }) as Pick<GatewayOptions, 'store'>
  const [problem] = checkAgainst(storeSection, section, yaml)
  if (problem) throw problem
  return resolve(folder, section.store.file)
}

/** `gateway.yaml` without the transport's own options and secrets. Throws the first mistake. */
export const loadGatewayOptions = (givenFolder: string): GatewayOptions => {
  const yaml = readGatewayFile(resolve(givenFolder))
  const options = (yaml.value ?? {}) as GatewayOptions
  const [problem] = checkAgainst(gatewaySchema, options, yaml)
  if (problem) throw problem
  return options
}

/** What a system's file says, unchecked; undefined where it cannot be read. */
const saidOf = (folder: string, name: string): Partial<SystemOptions> | undefined => {
  const yaml = attempt([], () => readYaml(join(folder, 'adapters', `${name}.yaml`)))
  return yaml && ((yaml.value as Partial<SystemOptions> | null | undefined) ?? {})
}

/** What runs of a system by its file alone; undefined where that cannot be read. */
export const partsOf = (
  folder: string,
  name: string,
): { isEnabled: boolean; isRead: boolean; isWritten: boolean } | undefined => {
  const said = saidOf(folder, name)
  if (!said) return undefined
  const { enabled, mapping, options, deliver } = said
  const isWritten = deliver !== undefined
  return { isEnabled: enabled !== false, isRead: !isWritten || mapping !== undefined || options !== undefined, isWritten }
}

export interface LoadedConfig {
  config: GatewayConfig | undefined
  /** Absolute; undefined when `gateway.yaml` does not say. */
  mappingsFolder?: string
  systems: LoadedSystem[]
  problems: GatewayError[]
}

/**
 * Reads everything under a configuration folder and reports all mistakes at once. `config` is there only when there are none: a
 * configuration that does not lint does not run.
 */
export const loadConfig = async (givenFolder: string, context: ConfigContext): Promise<LoadedConfig> => {
  const folder = resolve(givenFolder)
  const problems: GatewayError[] = []
  const yaml = attempt(problems, () => readGatewayFile(folder))
  if (!yaml) return { config: undefined, systems: [], problems }
  const options = (yaml.value ?? {}) as GatewayOptions
  problems.push(...checkAgainst(gatewaySchema, options, yaml))
  const transport = settleKind<TransportKind>(transportKinds, 'transport', { yaml, folder, env: context.env, problems })
  const bucket = settleBucket({ yaml, folder, env: context.env, problems })
  const mappingsFolder = resolve(folder, typeof options.mappings === 'string' ? options.mappings : '../mappings')
  const systems: LoadedSystem[] = []
  const names = attempt(problems, () => listAnySystems(folder))
  if (names) problems.push(...findMisnamed(join(folder, 'adapters'), 'config/adapters'))
  for (const name of names ?? []) systems.push(await loadSystem(folder, name, mappingsFolder, context))
  problems.push(...systems.flatMap((system) => system.problems))
  const claims = systems.flatMap(({ config }) => config?.claims ?? [])
  problems.push(...findSharedClaims(claims).map(({ problem }) => problem))
  if (options.name === undefined && systems.some(({ config }) => config?.deliver))
    problems.push(GatewayError.of('CONFIG_KEY_MISSING', { at: yaml.at([]), key: 'name' }))
  if (problems.length > 0 || !transport) return { config: undefined, mappingsFolder, systems, problems }
  const configured = systems.map(({ config }) => config!)
  return { config: { folder, options, transport, bucket, systems: configured }, mappingsFolder, systems, problems }
}

/** A duration that the schema has already checked. */
export const durationMs = (text: string): number => parseDuration(text)!
