import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import type { TSchema } from '@sinclair/typebox'
import { GatewayError } from '../errors.ts'
import type { YamlFile, YamlPath } from '../yaml.ts'

type Node = Record<string, unknown>

const isNode = (value: unknown): value is Node => typeof value === 'object' && value !== null && !Array.isArray(value)

const read = (given: unknown, folder: string, env: NodeJS.ProcessEnv, at: string, key: string): string => {
  if (isNode(given) && typeof given['env'] === 'string') {
    const value = env[given['env']]
    if (value === undefined || value === '') throw GatewayError.of('CONFIG_SECRET_MISSING', { at, name: given['env'] })
    return value
  }
  if (isNode(given) && typeof given['file'] === 'string') {
    try {
      return readFileSync(resolve(folder, given['file']), 'utf8').trimEnd()
    } catch (cause) {
      throw GatewayError.of('CONFIG_SECRET_MISSING', { at, name: given['file'] }, { cause })
    }
  }
  const expected = {
    zh: '密钥不得写在配置里，须写成 {env: 变量名} 或 {file: 文件}',
    en: 'a secret is never written in configuration: write {env: NAME} or {file: path}',
  }
  throw GatewayError.of('CONFIG_VALUE_INVALID', { at, key, found: '***', expected })
}

const branches = (schema: TSchema): TSchema[] => [schema, ...((schema['anyOf'] as TSchema[] | undefined) ?? []).flatMap(branches)]

/** The schema of each entry that the value has; an object whose names are the user's own has one for all. */
const propertiesOf = (branch: TSchema, value: Node): [string, TSchema][] => {
  const known = (branch['properties'] as Record<string, TSchema> | undefined) ?? {}
  const [any] = Object.values((branch['patternProperties'] as Record<string, TSchema> | undefined) ?? {})
  return Object.keys(value).flatMap((name): [string, TSchema][] => {
    const property = Object.hasOwn(known, name) ? known[name] : any
    return property ? [[name, property]] : []
  })
}

/**
 * Puts the secrets themselves where the configuration only says where they are, at every place that the schema marks `secret`.
 * Returns what could not be found, or was written in plain text.
 */
export const resolveSecrets = (
  schema: TSchema,
  value: unknown,
  folder: string,
  env: NodeJS.ProcessEnv,
  yaml: YamlFile,
  path: YamlPath = [],
): GatewayError[] => {
  const problems: GatewayError[] = []
  for (const branch of branches(schema)) {
    if (Array.isArray(value)) {
      const items = branch['items'] as TSchema | undefined
      if (items)
        for (const [index, entry] of value.entries())
          problems.push(...resolveSecrets(items, entry, folder, env, yaml, [...path, index]))
      continue
    }
    if (!isNode(value)) continue
    for (const [name, property] of propertiesOf(branch, value)) {
      if (property['secret'] !== true) {
        problems.push(...resolveSecrets(property, value[name], folder, env, yaml, [...path, name]))
        continue
      }
      if (typeof value[name] === 'string' && resolved.get(value)?.has(name)) continue
      try {
        value[name] = read(value[name], folder, env, yaml.at([...path, name]), [...path, name].join('.'))
        resolved.set(value, (resolved.get(value) ?? new Set()).add(name))
      } catch (error) {
        if (!(error instanceof GatewayError)) throw error
        problems.push(error)
        delete value[name]
      }
    }
  }
  return problems
}

/** Two branches of a union may both name the same secret: it is read once. */
const resolved = new WeakMap<Node, Set<string>>()
