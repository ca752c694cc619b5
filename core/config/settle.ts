/** Options against the schema of the kind that they configure: shared by the gateway's files and the platform's. */

import type { TSchema } from '@sinclair/typebox'
import { type BucketOptions, bucketOptions, findUnsafeBucket } from '../attachments/bucket-options.ts'
import { GatewayError, type Text } from '../errors.ts'
import { pointerToPath } from '../json-pointer.ts'
import type { YamlFile, YamlPath } from '../yaml.ts'
import { checkAgainst } from './check.ts'
import { resolveSecrets } from './secrets.ts'

/** A file that is being checked. What is wrong is added to `problems`, so that all mistakes are told at once. */
export interface CheckedFile {
  yaml: YamlFile
  /** Files that hold secrets are relative to it. */
  folder: string
  env: NodeJS.ProcessEnv
  problems: GatewayError[]
}

export interface Kind {
  options: TSchema
  /** What is well formed but may lose or expose messages; lint refuses it. */
  findUnsafeSettings?(options: Record<string, unknown>): { path: string; reason: Text }[]
}

export interface Settled<K extends string> {
  kind: K
  options: Record<string, unknown>
}

/** What `work` gives; undefined when it throws what a person must be told. */
export const attempt = <T>(problems: GatewayError[], work: () => T): T | undefined => {
  try {
    return work()
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error
    problems.push(error)
    return undefined
  }
}

/** Fills in secrets and defaults (`value` is changed in place) and checks; true when nothing is wrong. */
export const settleOptions = (schema: TSchema, value: unknown, file: CheckedFile, base: YamlPath): boolean => {
  const { yaml, folder, env, problems } = file
  // Secrets first, so that the schema sees the text it asks for.
  const missing = resolveSecrets(schema, value, folder, env, yaml, base)
  const wrong = checkAgainst(schema, value, yaml, base)
    // A secret that could not be read was taken out: that it is then missing is no second mistake.
    .filter(({ code }) => code !== 'CONFIG_KEY_MISSING' || missing.length === 0)
  problems.push(...missing, ...wrong)
  return missing.length + wrong.length === 0
}

/** The section `name`, whose `kind` says which options it takes. An unknown kind is left to the schema of the whole file. */
export const settleKind = <K extends string>(kinds: Record<K, Kind>, name: string, file: CheckedFile): Settled<K> | undefined => {
  const section = ((file.yaml.value ?? {}) as Record<string, unknown>)[name]
  const { kind, ...options } = (section ?? {}) as Record<string, unknown>
  if (typeof kind !== 'string' || !Object.hasOwn(kinds, kind)) return undefined
  const definition = kinds[kind as K]
  if (!settleOptions(definition.options, options, file, [name])) return undefined
  refuseUnsafe(name, definition.findUnsafeSettings?.(options) ?? [], file)
  return { kind: kind as K, options }
}

const refuseUnsafe = (name: string, unsafe: readonly { path: string; reason: Text }[], file: CheckedFile): void => {
  for (const { path, reason } of unsafe) {
    const key = pointerToPath(path, [name])
    file.problems.push(GatewayError.of('CONFIG_UNSAFE', { at: file.yaml.at(key), key: key.join('.'), reason }))
  }
}

/** The section `bucket`, where there is one. */
export const settleBucket = (file: CheckedFile): BucketOptions | undefined => {
  const section = ((file.yaml.value ?? {}) as { bucket?: unknown }).bucket
  if (typeof section !== 'object' || section === null || Array.isArray(section)) return undefined
  if (!settleOptions(bucketOptions, section, file, ['bucket'])) return undefined
  const options = section as BucketOptions
  refuseUnsafe('bucket', findUnsafeBucket(options), file)
  return options
}
