import { findValueFault } from '../canonical/index.ts'
import { isElement, type TreeNode, textOf } from '../codec/path.ts'
import { didYouMean } from '../did-you-mean.ts'
import { GatewayError, type Text } from '../errors.ts'
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
  scopeAt,
  withinList,
} from './compile-context.ts'
import { whereIn } from './entries.ts'
import { wordsOf } from './language/construct.ts'
import { constantParts, listParts } from './language/rules.ts'
import { mask } from './mask.ts'
import { compileScalar, scalarKeys } from './scalar-rule.ts'
import { allowedValues, type Target, type TargetSchema } from './target.ts'
import { traceConstant, traceEntry, traceList } from './trace-rules.ts'

const compileConstant = (context: CompileContext, value: Mapping, path: YamlPath, target: Target): Rule => {
  const { schema } = target
  const pointer = context.base + target.pointer
  const others = scalarKeys.filter((key) => key in value)
  if (others.length > 0)
    problem(context, path, {
      zh: `字段 ${pointer}：constant 与 ${others.join('、')} 不能同时写`,
      en: `field ${pointer}: constant and ${others.join(', ')} cannot both be given`,
    })
  else checkKeys(context, value, path, wordsOf(constantParts))
  const { constant } = value
  const say = (zh: string, en: string) =>
    problem(context, [...path, 'constant'], { zh: `字段 ${pointer} ${zh}`, en: `field ${pointer} ${en}` })
  const allowed = allowedValues(schema)
  if (schema.legalFact) say('是法律事实，不得写成常量', 'is a legal fact: it must come from the source, never from a constant')
  else if (allowed && !allowed.includes(constant)) say(`只能是 ${allowed.join('、')}`, `must be one of ${allowed.join(', ')}`)
  else if (!['string', 'number', 'boolean'].includes(typeof constant))
    say('的常量须为文字、数字或 true/false', 'takes text, a number or true/false')
  else {
    const fault = findValueFault(schema, constant)
    if (fault) say(`的常量不合规范：${fault.zh}`, `takes no such constant: ${fault.en}`)
  }
  const rule: Rule = ({ base, notes }) => {
    notes.derived.push(base + target.pointer)
    return constant
  }
  return context.trace ? traceConstant(context, context.trace, { path, target }, rule) : rule
}

const membersOf = (node: TreeNode & object, isEntry: boolean): TreeNode[] => {
  if (!isElement(node)) return Object.values(node)
  if (node.children.length > 0 || !isEntry) return node.children
  return Object.entries(node.attributes).flatMap(([name, text]) => (/^(xmlns|xsi)\b/.test(name) ? [] : [text]))
}

/** Whether there is a text in it that is no placeholder. Attributes count in an entry that holds nothing else: elsewhere they are names. */
const saysSomething = (node: TreeNode, placeholders: ReadonlySet<string>, isEntry = true): boolean => {
  if (node === null) return false
  if (typeof node !== 'object') return String(node).trim() !== '' && !placeholders.has(String(node).trim())
  return membersOf(node, isEntry).some((member) => saysSomething(member, placeholders, false))
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
  if ((value['fields'] === undefined) === (value['value'] === undefined)) {
    problem(context, path, {
      zh: `字段 ${pointer} 的 each 须写 fields 或 value 之一`,
      en: `each of field ${pointer} needs either fields or value`,
    })
    return () => undefined
  }
  const inner = withinList(context, source, `${pointer}/*`)
  const plain = compileRule(inner, value[key], [...path, key], { pointer: '', schema: schema.items })
  const entry = context.trace ? traceEntry(context.trace, plain) : plain
  const at = context.yaml.at(path)
  /** Of an entry that says something nothing was read, and nobody told. A text where fields should be is worse: it may be a whole list. */
  const tellUnread = (scope: Scope, node: TreeNode, field: string): void => {
    if (!saysSomething(node, context.placeholders)) return
    const text = key === 'fields' ? textOf(node) : undefined
    if (typeof text !== 'string' || text.trim() === '') {
      scope.flags.push({ path: field, code: 'missing' })
      return
    }
    if (context.placeholders.has(text.trim())) scope.flags.push({ path: field, code: 'placeholder', found: text.trim() })
    else if (context.onFailure === 'flag') scope.flags.push({ path: field, code: 'invalid' })
    else {
      const expected = { zh: '含有各字段的一项，而不是一段文字', en: 'an entry with fields: it is a text' }
      const entry = whereIn(field, scope.entry)
      throw GatewayError.of('VALUE_INVALID', { at, field, entry, value: mask(text.trim(), 'free-text'), expected })
    }
  }
  const rule: Rule<unknown[]> = (scope) => {
    const { flags, notes } = scope
    const list = scope.base + pointer
    const entries: unknown[] = []
    const kept: number[] = []
    const nodes = source.select(scope)
    for (const [number, node] of nodes.entries()) {
      const base = `${list}/${number}`
      const told = flags.length + notes.corrected.length
      const made = entry(scopeAt(scope, node, base))
      if (made !== undefined) {
        entries.push(made)
        kept.push(number)
      } else if (flags.length + notes.corrected.length === told) tellUnread(scope, node, base)
    }
    if (entries.length < nodes.length) {
      notes.kept ??= new Map()
      notes.kept.set(list, kept)
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
    const property = Object.hasOwn(properties, name) ? properties[name] : undefined
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
    if (Object.hasOwn(value, name)) continue
    const field = `${context.base}${pointer}/${name}`
    problem(context, path, { zh: `缺少必填字段 ${field}`, en: `the mandatory field ${field} has no rule` })
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

/** One value cannot be an object, nor a list, nor a list one value. What is no rule at all is told elsewhere. */
const fitsShape = (value: unknown, { type }: TargetSchema): boolean => {
  const isOne = typeof value === 'string' || (isMapping(value) && 'constant' in value)
  if (type === 'object') return !isOne
  return type !== 'array' || !(isOne || (isMapping(value) && !('each' in value)))
}

const shapeWanted = (value: unknown, { pointer, schema }: Target): Text => {
  const path = typeof value === 'string' ? value : isMapping(value) && typeof value['from'] === 'string' ? value['from'] : '…'
  const fieldsOf = ({ properties = {} }: TargetSchema): string[] => Object.keys(properties)
  if (schema.type === 'object') {
    const fields = fieldsOf(schema)
    return {
      zh: `字段 ${pointer} 是对象，各字段分别写规则，如 { ${fields[0]}: ${path} }；可用：${fields.join('、')}`,
      en: `field ${pointer} is an object: each of its fields has a rule, as in { ${fields[0]}: ${path} }; it has ${fields.join(', ')}`,
    }
  }
  const fields = schema.items ? fieldsOf(schema.items) : []
  const entry = fields.length === 0 ? 'value: …' : `fields: { ${fields[0]}: … }`
  return {
    zh: `字段 ${pointer} 是列表，写明每一项从何而来，如 { each: ${path}, ${entry} }`,
    en: `field ${pointer} is a list: say where its entries come from, as in { each: ${path}, ${entry} }`,
  }
}

/**
 * One rule of a mapping. A text is a path. `{from …}` is one value, `{constant}` a fixed one, `{each, fields|value}` a list;
 * any other mapping is an object whose keys are fields.
 */
export const compileRule = (context: CompileContext, value: unknown, path: YamlPath, target: Target): Rule => {
  context.places.push({ at: context.yaml.at(path), pointer: context.base + target.pointer })
  if (!fitsShape(value, target.schema)) {
    problem(context, path, shapeWanted(value, { ...target, pointer: context.base + target.pointer }))
    return () => undefined
  }
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
