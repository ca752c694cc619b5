import { structure, type TreeNode, textOf } from '../codec/path.ts'
import type { YamlPath } from '../yaml.ts'
import { type CompileContext, checkKeys, compilePath, isMapping, problem, type Scope } from './compile-context.ts'
import { traceCondition } from './trace-conditions.ts'

export type Condition = (scope: Scope) => boolean

const isScalar = (value: unknown): boolean => ['string', 'number', 'boolean'].includes(typeof value)

const tests = ['equals', 'in', 'present', 'matches'] as const

const leaf = (context: CompileContext, value: Record<string, unknown>, path: YamlPath): Condition => {
  checkKeys(context, value, path, ['path', ...tests])
  const source = compilePath(context, value['path'], [...path, 'path'])
  const textsOf = (nodes: TreeNode[]) =>
    nodes
      .map(textOf)
      .filter((text) => typeof text === 'string')
      .map((text) => text.trim())
  const texts = (scope: Scope) => textsOf(source.select(scope))
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
    return (scope) => texts(scope).includes(text)
  }
  if (test === 'in') {
    if (!Array.isArray(wanted)) problem(context, [...path, 'in'], { zh: 'in 须为列表', en: 'in must be a list' })
    const allowed = new Set((Array.isArray(wanted) ? wanted : []).map((value, index) => written(['in', index], value).trim()))
    return (scope) => texts(scope).some((text) => allowed.has(text))
  }
  if (test === 'present') {
    if (typeof wanted !== 'boolean')
      problem(context, [...path, 'present'], { zh: 'present 须为 true 或 false', en: 'present must be true or false' })
    return (scope) => {
      const nodes = source.select(scope)
      const told = (text: string) => text !== '' && !context.placeholders.has(text)
      return (nodes.some((node) => textOf(node) === structure) || textsOf(nodes).some(told)) === wanted
    }
  }
  try {
    const pattern = new RegExp(`^(?:${String(wanted)})$`, 'u')
    return (scope) => texts(scope).some((text) => pattern.test(text))
  } catch (error) {
    problem(context, [...path, 'matches'], { zh: `正则表达式有误：${(error as Error).message}`, en: (error as Error).message })
    return () => false
  }
}

const compileParts = (context: CompileContext, value: unknown, path: YamlPath): Condition => {
  if (Array.isArray(value)) {
    const parts = value.map((part, index) => compileCondition(context, part, [...path, index]))
    return (scope) => parts.every((part) => part(scope))
  }
  if (!isMapping(value)) {
    problem(context, path, { zh: '条件须写成 {path: …, equals: …} 的形式', en: 'a condition is written {path: …, equals: …}' })
    return () => false
  }
  if ('all' in value) {
    checkKeys(context, value, path, ['all'])
    return compileCondition(context, value['all'], [...path, 'all'])
  }
  if ('any' in value) {
    checkKeys(context, value, path, ['any'])
    const list = Array.isArray(value['any']) ? value['any'] : []
    if (list.length === 0)
      problem(context, [...path, 'any'], { zh: 'any 须为非空列表', en: 'any must be a list that is not empty' })
    const parts = list.map((part, index) => compileCondition(context, part, [...path, 'any', index]))
    return (scope) => parts.some((part) => part(scope))
  }
  if ('not' in value) {
    checkKeys(context, value, path, ['not'])
    const inner = compileCondition(context, value['not'], [...path, 'not'])
    return (scope) => !inner(scope)
  }
  return leaf(context, value, path)
}

/** `{path, equals|in|present|matches}`, or `all`, `any`, `not` of conditions; a list is `all`. */
export const compileCondition = (context: CompileContext, value: unknown, path: YamlPath): Condition => {
  const condition = compileParts(context, value, path)
  return context.trace ? traceCondition(context, context.trace, value, path, condition) : condition
}
