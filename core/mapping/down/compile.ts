import { type EventType, eventTypes } from '../../canonical/index.ts'
import type { Json } from '../../contract.ts'
import { didYouMean } from '../../did-you-mean.ts'
import { GatewayError, toGatewayError } from '../../errors.ts'
import type { YamlFile, YamlPath } from '../../yaml.ts'
import { tablesOf } from '../codes/declared-tables.ts'
import { unusedTables } from '../codes/unused.ts'
import {
  type CompileContext,
  checkKeys,
  isMapping,
  openContext,
  problem,
  type Scope,
  setZone,
  type Mapping as YamlMapping,
} from '../compile-context.ts'
import { type Condition, compileCondition } from '../conditions.ts'
import { wordsOf } from '../language/construct.ts'
import { openNotes } from '../provenance.ts'
import type { Tracer } from '../trace.ts'
import { findStrayPaths } from './check-paths.ts'
import { downTop, ignorePart, operationParts } from './language.ts'
import type { DownMapping, MessageToWrite } from './mapping.ts'
import { compileValues } from './value.ts'

interface CompiledOperation {
  write: string
  types: ReadonlySet<string> | undefined
  when: Condition
  values: ReturnType<typeof compileValues>
}

const typesOf = (context: CompileContext, given: unknown, path: YamlPath): ReadonlySet<string> | undefined => {
  if (given === undefined) return undefined
  const types = Array.isArray(given) ? given : [given]
  for (const [index, type] of types.entries()) {
    if ((eventTypes as unknown[]).includes(type)) continue
    const { zh, en } = didYouMean(String(type), eventTypes)
    problem(context, Array.isArray(given) ? [...path, index] : path, {
      zh: `没有事件类型“${String(type)}”。${zh}`,
      en: `there is no event type "${String(type)}". ${en}`,
    })
  }
  return new Set(types.map(String))
}

const compileOperation = (context: CompileContext, given: unknown, path: YamlPath): CompiledOperation | undefined => {
  if (!isMapping(given) || typeof given['write'] !== 'string') {
    problem(context, path, { zh: '每个操作须写 write 与 values', en: 'an operation needs write and values' })
    return undefined
  }
  checkKeys(context, given, path, wordsOf(operationParts))
  context.trace?.events.push({ type: given['write'], at: context.yaml.at(path) })
  const types = typesOf(context, given['type'], [...path, 'type'])
  const before = context.paths.length
  const compiled = {
    write: given['write'],
    types,
    when: given['when'] === undefined ? () => true : compileCondition(context, given['when'], [...path, 'when']),
    values: compileValues(context, given['values'], [...path, 'values']),
  }
  context.problems.push(...findStrayPaths(context.paths.slice(before), types))
  return compiled
}

const listOf = (context: CompileContext, top: YamlMapping, key: 'operations' | 'ignore'): unknown[] => {
  const given = top[key]
  if (given === undefined || given === null) return []
  if (Array.isArray(given)) return given
  problem(context, [key], { zh: `${key} 须为列表`, en: `${key} must be a list` })
  return []
}

/**
 * Turns a mapping of the way down into a function. All mistakes are added to `problems`; the result is only to be used when there are none.
 * `files` are its own files by name, as seen from the department's folder. With `trace`, the result tells it what its rules do.
 */
export const compileDown = (
  name: string,
  version: string,
  yaml: YamlFile,
  files: Record<string, string>,
  problems: GatewayError[],
  trace?: Tracer,
): DownMapping => {
  const top: YamlMapping = isMapping(yaml.value) ? yaml.value : {}
  const context: CompileContext = { ...openContext(yaml, problems), trace }
  checkKeys(context, top, [], wordsOf(downTop))
  setZone(context, top['zone'])
  if (top['operations'] === undefined)
    problems.push(GatewayError.of('CONFIG_KEY_MISSING', { at: yaml.at([]), key: 'operations' }))
  const warnings: GatewayError[] = []
  context.codes = tablesOf(yaml, top['codes'], files, { problems, warnings }, yaml.file.replace(/down\/[^/]*$/, ''))
  const writes = new Map<string, string>()
  const operations = listOf(context, top, 'operations').flatMap((given, index) => {
    const operation = compileOperation(context, given, ['operations', index])
    if (operation && !writes.has(operation.write)) writes.set(operation.write, yaml.at(['operations', index, 'write']))
    return operation ?? []
  })
  const ignores = listOf(context, top, 'ignore').flatMap((rule, index) => {
    const path: YamlPath = ['ignore', index]
    if (!isMapping(rule) || typeof rule['reason'] !== 'string') {
      problem(context, path, { zh: '每条忽略须写 when 与 reason', en: 'ignore needs when and reason' })
      return []
    }
    checkKeys(context, rule, path, wordsOf(ignorePart))
    const before = context.paths.length
    const when = compileCondition(context, rule['when'], [...path, 'when'])
    context.problems.push(...findStrayPaths(context.paths.slice(before), undefined))
    return [{ when, reason: rule['reason'] }]
  })

  const scopeOf = ({ id, type, data }: MessageToWrite): Scope => {
    const root = { ...data, type } as unknown as Json
    return {
      root,
      node: root,
      variables: { stream: type, key: id },
      flags: [],
      notes: openNotes(),
      corrected: undefined,
      base: '',
    }
  }

  return {
    name,
    version,
    files,
    writes,
    types: operations.every(({ types }) => types)
      ? new Set(operations.flatMap(({ types }) => [...types!] as EventType[]))
      : undefined,
    warnings: [...warnings, ...unusedTables(context.codes.values(), context.usedTables)],
    translate: (message) => {
      const scope = scopeOf(message)
      try {
        const ignored = ignores.find(({ when }) => when(scope))
        if (ignored) return { outcome: 'ignored', reason: ignored.reason }
        const found = operations.filter(({ types, when }) => (types?.has(message.type) ?? true) && when(scope))
        if (found.length === 0)
          return { outcome: 'failed', error: GatewayError.of('OPERATION_UNMAPPED', { mapping: name, type: message.type }) }
        return { outcome: 'operations', operations: found.map(({ write, values }) => ({ write, values: values(scope) })) }
      } catch (thrown) {
        return { outcome: 'failed', error: toGatewayError(thrown) }
      }
    },
  }
}
