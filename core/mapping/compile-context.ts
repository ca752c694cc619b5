import type { Flag } from '../canonical/index.ts'
import { didYouMean } from '../did-you-mean.ts'
import { GatewayError, type Text } from '../errors.ts'
import type { YamlFile, YamlPath } from '../yaml.ts'
import type { CodeTable } from './codes.ts'
import { type Path, type PathContext, parsePath } from './path.ts'

export type PluginFunction = (value: unknown, record: unknown) => unknown

/** What one mapping file is compiled with. Mistakes are collected, so that lint shows all of them at once. */
export interface CompileContext {
  yaml: YamlFile
  zone: string
  onFailure: OnFailure
  placeholders: ReadonlySet<string>
  /** The path that a plain name stands for, with `?` in its place; for dialects that keep every value in one kind of element. */
  names: string | undefined
  codes: ReadonlyMap<string, CodeTable>
  plugin: Readonly<Record<string, PluginFunction>>
  problems: GatewayError[]
}

export type OnFailure = 'quarantine' | 'flag'

/** What a compiled rule sees of the record it runs on. */
export interface Scope extends PathContext {
  flags: Flag[]
  /** JSON pointer of the list entry that the rule runs inside; empty at the top. */
  base: string
}

export type Rule<T = unknown> = (scope: Scope) => T | undefined

export type Mapping = Record<string, unknown>

export const isMapping = (value: unknown): value is Mapping =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

export const problem = (context: CompileContext, path: YamlPath, reason: Text): void => {
  context.problems.push(GatewayError.of('MAPPING_INVALID', { at: context.yaml.at(path), reason }))
}

/** Says of each key that is not allowed here where it stands and what was probably meant. */
export const checkKeys = (context: CompileContext, value: Mapping, path: YamlPath, allowed: readonly string[]): void => {
  for (const key of Object.keys(value)) {
    if (allowed.includes(key)) continue
    context.problems.push(
      GatewayError.of('CONFIG_KEY_UNKNOWN', {
        at: context.yaml.keyAt([...path, key]),
        key,
        suggestion: didYouMean(key, allowed),
      }),
    )
  }
}

const plainName = /^[\p{L}\p{N}_-]+$/u

export const compilePath = (context: CompileContext, value: unknown, path: YamlPath): Path => {
  const isPlain = context.names !== undefined && typeof value === 'string' && plainName.test(value)
  const written = isPlain ? context.names!.replaceAll('?', value) : value
  const compiled = typeof written === 'string' ? parsePath(written) : undefined
  if (compiled) return compiled
  problem(context, path, {
    zh: `“${String(value)}”不是合法的路径；例：Info/Applicant/Name、Field[@FieldName='SBLSH']、$stream`,
    en: `"${String(value)}" is not a path; examples: Info/Applicant/Name, Field[@FieldName='SBLSH'], $stream`,
  })
  return { source: String(value), select: () => [] }
}

export const oneOf = <T extends string>(
  context: CompileContext,
  value: unknown,
  path: YamlPath,
  allowed: readonly T[],
  otherwise: T,
): T => {
  if (value === undefined) return otherwise
  if (allowed.includes(value as T)) return value as T
  problem(context, path, { zh: `只能是 ${allowed.join(' 或 ')}`, en: `must be ${allowed.join(' or ')}` })
  return otherwise
}
