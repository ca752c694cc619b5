import { structure, type TreeNode, textOf } from '../codec/path.ts'
import type { YamlPath } from '../yaml.ts'
import { type CompileContext, checkKeys, compilePath, isMapping, problem, type Scope } from './compile-context.ts'
import { conditionGroups, conditionPlace, conditionTests } from './language/conditions.ts'
import { wordsOf } from './language/construct.ts'
import { compilePattern } from './pattern.ts'
import { traceCondition } from './trace-conditions.ts'

export type Condition = (scope: Scope) => boolean

const isScalar = (value: unknown): boolean => ['string', 'number', 'boolean'].includes(typeof value)

/** Of XML and of rows three things are told apart: a value that is said to be none, one of no characters, and none at all. */
const states: Partial<Record<keyof typeof conditionTests, (nodes: TreeNode[], placeholders: ReadonlySet<string>) => boolean>> = {
  present: (nodes, placeholders) =>
    nodes.some((node) => textOf(node) === structure) || holds(nodes, (text) => text !== '' && !placeholders.has(text)),
  nil: (nodes) => nodes.some((node) => textOf(node) === undefined),
  empty: (nodes) => holds(nodes, (text) => text === ''),
  absent: (nodes) => nodes.length === 0,
}

const tests = wordsOf(conditionTests)

/** Whether one of the texts there passes. Asked by every `when` of every record: it makes no lists. */
const holds = (nodes: TreeNode[], passes: (text: string) => boolean): boolean => {
  for (const node of nodes) {
    const text = textOf(node)
    if (typeof text === 'string' && passes(text.trim())) return true
  }
  return false
}

/** None of them holds, or all of none: of no record, or of every one. */
const refuseEmpty = (context: CompileContext, list: unknown[], path: YamlPath, word: string): void => {
  if (list.length === 0) problem(context, path, { zh: `${word} 须为非空列表`, en: `${word} must be a list that is not empty` })
}

const leaf = (context: CompileContext, value: Record<string, unknown>, path: YamlPath): Condition => {
  checkKeys(context, value, path, wordsOf({ ...conditionPlace, ...conditionTests }))
  const source = compilePath(context, value['path'], [...path, 'path'], false, value['absent'] === true)
  const whether =
    (passes: (text: string) => boolean): Condition =>
    (scope: Scope) =>
      holds(source.select(scope), passes)
  const given = tests.filter((test) => value[test] !== undefined)
  const [test] = given
  if (given.length !== 1 || test === undefined) {
    problem(context, path, {
      zh: `每个条件须且只能有 ${tests.join('、')} 之一`,
      en: `a condition needs exactly one of ${tests.join(', ')}`,
    })
    return () => false
  }
  const wanted = value[test]
  /** What the file says, not what YAML makes of it: `equals: 01` means the text 01. */
  const written = (at: YamlPath, value: unknown) => context.yaml.textAt([...path, ...at]) ?? String(value)
  if (test === 'equals') {
    if (!isScalar(wanted)) problem(context, [...path, 'equals'], { zh: 'equals 须为一个值', en: 'equals must be a single value' })
    const text = written(['equals'], wanted).trim()
    return whether((found) => found === text)
  }
  if (test === 'in') {
    if (!Array.isArray(wanted)) problem(context, [...path, 'in'], { zh: 'in 须为列表', en: 'in must be a list' })
    else refuseEmpty(context, wanted, [...path, 'in'], 'in')
    const allowed = new Set((Array.isArray(wanted) ? wanted : []).map((value, index) => written(['in', index], value).trim()))
    return whether((found) => allowed.has(found))
  }
  const state = states[test]
  if (state) {
    if (typeof wanted !== 'boolean')
      problem(context, [...path, test], { zh: `${test} 须为 true 或 false`, en: `${test} must be true or false` })
    return (scope) => state(source.select(scope), context.placeholders) === wanted
  }
  const matches = compilePattern(context, wanted, [...path, 'matches'])
  return matches ? whether(matches) : () => false
}

const compileParts = (context: CompileContext, value: unknown, path: YamlPath): Condition => {
  if (Array.isArray(value)) {
    const word = typeof path.at(-1) === 'string' ? String(path.at(-1)) : 'all'
    refuseEmpty(context, value, path, word)
    const parts = value.map((part, index) => compileCondition(context, part, [...path, index]))
    return (scope) => parts.every((part) => part(scope))
  }
  if (!isMapping(value)) {
    problem(context, path, { zh: '条件须写成 {path: …, equals: …} 的形式', en: 'a condition is written {path: …, equals: …}' })
    return () => false
  }
  const group = wordsOf(conditionGroups).find((word) => word in value)
  if (group === undefined) return leaf(context, value, path)
  checkKeys(context, value, path, [group])
  if (group === 'all') return compileCondition(context, value['all'], [...path, 'all'])
  if (group === 'any') {
    const list = Array.isArray(value['any']) ? value['any'] : []
    refuseEmpty(context, list, [...path, 'any'], 'any')
    const parts = list.map((part, index) => compileCondition(context, part, [...path, 'any', index]))
    return (scope) => parts.some((part) => part(scope))
  }
  const inner = compileCondition(context, value['not'], [...path, 'not'])
  return (scope) => !inner(scope)
}

/** `{path, equals|in|present|matches}`, or `all`, `any`, `not` of conditions; a list is `all`. */
export const compileCondition = (context: CompileContext, value: unknown, path: YamlPath): Condition => {
  const condition = compileParts(context, value, path)
  return context.trace ? traceCondition(context, context.trace, value, path, condition) : condition
}
