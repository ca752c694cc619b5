import { type TreeNode, textOf } from '../codec/path.ts'
import { didYouMean } from '../did-you-mean.ts'
import { GatewayError } from '../errors.ts'
import type { YamlPath } from '../yaml.ts'
import {
  type CompileContext,
  checkKeys,
  compilePath,
  isMapping,
  type Mapping,
  problem,
  type Rule,
  type Scope,
  withinList,
} from './compile-context.ts'
import { wordsOf } from './language/construct.ts'
import { constantParts, listParts } from './language/rules.ts'
import { mask } from './mask.ts'
import { compileScalar, scalarKeys } from './scalar-rule.ts'
import { allowedValues, type Target, type TargetSchema } from './target.ts'
import { traceConstant, traceEntry, traceList } from './trace-rules.ts'

const compileConstant = (context: CompileContext, value: Mapping, path: YamlPath, target: Target): Rule => {
  const { pointer, schema } = target
  checkKeys(context, value, path, wordsOf(constantParts))
  const { constant } = value
  const say = (zh: string, en: string) =>
    problem(context, [...path, 'constant'], { zh: `字段 ${pointer} ${zh}`, en: `field ${pointer} ${en}` })
  const allowed = allowedValues(schema)
  if (schema.legalFact) say('是法律事实，不得写成常量', 'is a legal fact: it must come from the source, never from a constant')
  else if (allowed && !allowed.includes(constant)) say(`只能是 ${allowed.join('、')}`, `must be one of ${allowed.join(', ')}`)
  else if (!['string', 'number', 'boolean'].includes(typeof constant))
    say('的常量须为文字、数字或 true/false', 'takes text, a number or true/false')
  const rule: Rule = ({ base, notes }) => {
    notes.derived.push(base + pointer)
    return constant
  }
  return context.trace ? traceConstant(context, context.trace, { path, target }, rule) : rule
}

const compileList = (context: CompileContext, value: Mapping, path: YamlPath, target: Target): Rule<unknown[]> => {
  const { pointer, schema } = target
  checkKeys(context, value, path, wordsOf(listParts))
  const source = compilePath(context, value['each'], [...path, 'each'])
  if (schema.type !== 'array' || !schema.items) {
    problem(context, path, {
      zh: `字段 ${pointer} 不是列表，不能用 each`,
      en: `field ${pointer} is not a list: each cannot be used`,
    })
    return () => undefined
  }
  const key = value['fields'] === undefined ? 'value' : 'fields'
  if (value[key] === undefined) {
    problem(context, path, {
      zh: `字段 ${pointer} 的 each 须写 fields 或 value`,
      en: `each of field ${pointer} needs fields or value`,
    })
    return () => undefined
  }
  const inner = withinList(context, source, `${pointer}/*`)
  const plain = compileRule(inner, value[key], [...path, key], { pointer: '', schema: schema.items })
  const entry = context.trace ? traceEntry(context.trace, plain) : plain
  const at = context.yaml.at(path)
  /** Of an entry that is a text and should hold fields nothing would be read, and nobody told. */
  const refuseText = (scope: Scope, node: TreeNode, field: string): void => {
    const text = key === 'fields' ? textOf(node) : undefined
    if (typeof text !== 'string' || text.trim() === '') return
    if (context.placeholders.has(text.trim())) scope.flags.push({ path: field, code: 'placeholder', found: text.trim() })
    else if (context.onFailure === 'flag') scope.flags.push({ path: field, code: 'invalid' })
    else {
      const expected = { zh: '含有各字段的一项，而不是一段文字', en: 'an entry with fields: it is a text' }
      throw GatewayError.of('VALUE_INVALID', { at, field, value: mask(text.trim(), 'free-text'), expected })
    }
  }
  const rule: Rule<unknown[]> = (scope) => {
    const entries: unknown[] = []
    for (const node of source.select(scope)) {
      const base = `${scope.base}${pointer}/${entries.length}`
      const told = scope.flags.length
      const made = entry({ ...scope, node, base })
      if (made === undefined && scope.flags.length === told) refuseText(scope, node, base)
      if (made !== undefined) entries.push(made)
    }
    return entries.length === 0 ? undefined : entries
  }
  return context.trace ? traceList(context, context.trace, { path, target, source }, rule) : rule
}

/** An object of the canonical schema. Fields come out sorted by name, as canonical JSON wants them; with none present it is absent. */
export const compileObject = (
  context: CompileContext,
  value: Mapping,
  path: YamlPath,
  { pointer, schema }: Target,
): Rule<Mapping> => {
  const properties = schema.properties ?? {}
  const known = Object.keys(properties)
  const rules: [string, Rule][] = []
  for (const name of Object.keys(value).sort()) {
    const property = properties[name]
    if (property) {
      rules.push([name, compileRule(context, value[name], [...path, name], { pointer: `${pointer}/${name}`, schema: property })])
      continue
    }
    const suggestion = didYouMean(name, known)
    context.problems.push(
      GatewayError.of('CONFIG_KEY_UNKNOWN', { at: context.yaml.keyAt([...path, name]), key: name, suggestion }),
    )
  }
  for (const name of schema.required ?? []) {
    if (name in value) continue
    problem(context, path, { zh: `缺少必填字段 ${pointer}/${name}`, en: `the mandatory field ${pointer}/${name} has no rule` })
  }
  return (scope) => {
    let made: Mapping | undefined
    for (const [name, rule] of rules) {
      const field = rule(scope)
      if (field === undefined) continue
      made ??= {}
      made[name] = field
    }
    return made
  }
}

/**
 * One rule of a mapping. A text is a path. `{from …}` is one value, `{constant}` a fixed one, `{each, fields|value}` a list;
 * any other mapping is an object whose keys are fields.
 */
export const compileRule = (context: CompileContext, value: unknown, path: YamlPath, target: Target): Rule => {
  if (typeof value === 'string') return compileScalar(context, value, path, target)
  if (!isMapping(value)) {
    problem(context, path, {
      zh: `字段 ${target.pointer} 的规则应为路径，或 {from: …}、{constant: …}、{each: …}`,
      en: `the rule of field ${target.pointer} must be a path, {from: …}, {constant: …} or {each: …}`,
    })
    return () => undefined
  }
  if ('constant' in value) return compileConstant(context, value, path, target)
  if ('each' in value) return compileList(context, value, path, target)
  if (scalarKeys.some((key) => key in value) && target.schema.type !== 'object')
    return compileScalar(context, value, path, target)
  if (target.schema.type !== 'object') {
    problem(context, path, {
      zh: `字段 ${target.pointer} 是单个值，须写 from`,
      en: `field ${target.pointer} is a single value: say from where`,
    })
    return () => undefined
  }
  return compileObject(context, value, path, target)
}

export type { TargetSchema }
