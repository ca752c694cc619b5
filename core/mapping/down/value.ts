import { isDigest } from '../../attachments/kept-content.ts'
import { vocabulary } from '../../canonical/index.ts'
import { structure, textOf } from '../../codec/path.ts'
import { type ErrorCode, type ErrorValues, GatewayError, toGatewayError } from '../../errors.ts'
import type { ContentName, ValuesWith } from '../../operation.ts'
import type { YamlPath } from '../../yaml.ts'
import { namedTable } from '../codes/code-step.ts'
import { reverseOf } from '../codes/reverse.ts'
import {
  type CompileContext,
  checkKeys,
  compilePath,
  isMapping,
  type Mapping,
  problem,
  type Scope,
  scopeAt,
  withinList,
} from '../compile-context.ts'
import { wordsOf } from '../language/construct.ts'
import { maskUnknown } from '../mask.ts'
import { attachmentParts, constantParts, listParts, textParts, valueParts } from './language.ts'
import { traceReverse, traceValue } from './trace.ts'
import { dateWriter } from './write-date.ts'

/** The words of the platform's own lists: nobody's name, and what has to be added to the table. */
const canonicalWords = new Set(Object.values(vocabulary).flatMap(({ values }) => Object.keys(values)))

type Values = ValuesWith<ContentName>

export type ValueRule = (scope: Scope) => string | null | ContentName | Values[]

type Step = (text: string) => string

const nothing: ValueRule = () => null

const thrower =
  (at: string, field: string) =>
  <C extends ErrorCode>(code: C, values: Omit<ErrorValues<C>, 'at' | 'field' | 'entry'>): GatewayError =>
    GatewayError.of(code, { at, field, entry: '', ...values } as unknown as ErrorValues<C>)

type Fail = ReturnType<typeof thrower>

const codeStep = (context: CompileContext, given: unknown, path: YamlPath, fail: Fail): Step | undefined => {
  const table = namedTable(context, String(given), path)
  if (!table) return undefined
  for (const version of table.versions) context.usedTables.add(version)
  const [version, other] = table.versions
  if (!version) return undefined
  if (other) {
    problem(context, path, {
      zh: `代码表 ${table.name} 有几版：写明用哪一版，如 ${version.label}`,
      en: `code table ${table.name} has several versions: say which, as in ${version.label}`,
    })
    return undefined
  }
  try {
    const reverse = reverseOf(version)
    const tell = context.trace && traceReverse(context.trace, version)
    const known = version.rows.map(({ value }) => String(value))
    return (text) => {
      const code = reverse(text) ?? (text === 'true' || text === 'false' ? reverse(text === 'true') : undefined)
      if (code !== undefined) {
        tell?.(text, code)
        return code
      }
      throw fail('CODE_FOR_VALUE_UNKNOWN', {
        table: version.label,
        value: canonicalWords.has(text) ? text : maskUnknown(text),
        known: [...new Set(known)].join(', '),
      })
    }
  } catch (thrown) {
    context.problems.push(toGatewayError(thrown))
    return undefined
  }
}

/** What is no time may be anything, a name for one. */
const isMoment = (text: string): boolean => /^\d{4}-\d{2}-\d{2}(T[\d:.]+\+08:00)?$/.test(text)

const dateStep = (context: CompileContext, given: unknown, path: YamlPath, fail: Fail): Step | undefined => {
  const format = context.yaml.textAt(path) ?? String(given)
  const write = dateWriter(format, context.zone)
  if ('refused' in write) {
    problem(context, path, write.refused)
    return undefined
  }
  return (text) => {
    const written = write(text)
    if (written !== undefined) return written
    if (isMoment(text)) throw fail('TIME_UNKNOWN', { value: text, format })
    throw fail('VALUE_INVALID', { value: maskUnknown(text), expected: { zh: '日期或时间', en: 'a day or a time' } })
  }
}

const compileConstant = (context: CompileContext, value: Mapping, path: YamlPath): ValueRule => {
  checkKeys(context, value, path, wordsOf(constantParts))
  const written = context.yaml.textAt([...path, 'constant'])
  if (written === undefined || typeof value['constant'] === 'object') {
    problem(context, [...path, 'constant'], { zh: '常量须为一个值', en: 'constant must be a single value' })
    return nothing
  }
  return () => written
}

const compileEach = (context: CompileContext, value: Mapping, path: YamlPath, name: string): ValueRule => {
  checkKeys(context, value, path, wordsOf(listParts))
  const source = compilePath(context, value['each'], [...path, 'each'])
  const row = compileValues(withinList(context, source), value['values'], [...path, 'values'], `${name}/*`)
  return (scope) => source.select(scope).map((node) => row(scopeAt(scope, node)))
}

/** The text at a path, trimmed. What is not there is null, and never made up. */
const compileReading = (
  context: CompileContext,
  { required, given, path, at }: { required: unknown; given: unknown; path: YamlPath; at: YamlPath },
  fail: Fail,
): ((scope: Scope) => string | null) => {
  const source = compilePath(context, given, path, true)
  if (required !== undefined && typeof required !== 'boolean')
    problem(context, [...at, 'required'], { zh: 'required 须为 true 或 false', en: 'required must be true or false' })
  return (scope) => {
    const nodes = source.select(scope)
    if (nodes.length > 1) throw fail('VALUE_AMBIGUOUS', { path: source.source, count: nodes.length })
    const text = nodes[0] === undefined ? undefined : textOf(nodes[0])
    if (text === structure) {
      const expected = {
        zh: `单个值，而 ${source.source} 处是一个结构`,
        en: `a single value: ${source.source} holds a structure`,
      }
      throw fail('VALUE_INVALID', { value: '{…}', expected })
    }
    if (text === undefined || text === '') {
      if (required === true) throw fail('VALUE_MISSING', { path: source.source, found: '' })
      return null
    }
    return text
  }
}

/** One value: read, then put in the target's words by its step. */
const compileText = (context: CompileContext, given: Mapping | string, path: YamlPath, name: string): ValueRule => {
  const value: Mapping = typeof given === 'string' ? { from: given } : given
  checkKeys(context, value, path, wordsOf(textParts))
  const fail = thrower(context.yaml.at(path), name)
  const from = typeof given === 'string' ? path : [...path, 'from']
  const read = compileReading(context, { required: value['required'], given: value['from'], path: from, at: path }, fail)
  if (value['codes'] !== undefined && value['date'] !== undefined)
    problem(context, path, { zh: 'codes 与 date 只能有其一', en: 'only one of codes and date' })
  const step =
    value['codes'] !== undefined
      ? codeStep(context, value['codes'], [...path, 'codes'], fail)
      : value['date'] !== undefined
        ? dateStep(context, value['date'], [...path, 'date'], fail)
        : undefined
  return (scope) => {
    const text = read(scope)
    return text !== null && step ? step(text) : text
  }
}

/** A content, by the digest that the message has for it. */
const compileAttachment = (context: CompileContext, value: Mapping, path: YamlPath, name: string): ValueRule => {
  checkKeys(context, value, path, wordsOf(attachmentParts))
  const fail = thrower(context.yaml.at(path), name)
  const from = [...path, 'attachment']
  const read = compileReading(context, { required: value['required'], given: value['attachment'], path: from, at: path }, fail)
  return (scope) => {
    const digest = read(scope)
    if (digest === null) return null
    if (isDigest(digest)) return { attachment: digest }
    const expected = {
      zh: '附件的摘要：sha256: 加 64 位小写十六进制数',
      en: 'the digest of an attachment: sha256: and 64 hexadecimal digits in lower case',
    }
    throw fail('VALUE_INVALID', { value: maskUnknown(digest), expected })
  }
}

const plainValue = (context: CompileContext, value: unknown, path: YamlPath, name: string): ValueRule => {
  if (typeof value === 'string') return compileText(context, value, path, name)
  if (isMapping(value)) {
    if ('constant' in value) return compileConstant(context, value, path)
    if ('attachment' in value) return compileAttachment(context, value, path, name)
    if ('each' in value) return compileEach(context, value, path, name)
    if ('from' in value) return compileText(context, value, path, name)
    checkKeys(context, value, path, wordsOf(valueParts))
  }
  problem(context, path, {
    zh: `“${name}”的规则应为路径，或 {from: …}、{constant: …}、{attachment: …}、{each: …}`,
    en: `the rule of "${name}" must be a path, {from: …}, {constant: …}, {attachment: …} or {each: …}`,
  })
  return nothing
}

const kindOf = (value: Mapping): { kind: 'value' | 'constant' | 'list'; source?: string } => {
  if ('constant' in value) return { kind: 'constant' }
  if ('each' in value) return { kind: 'list', source: String(value['each']) }
  return { kind: 'value', source: String(value['attachment'] ?? value['from']) }
}

const compileValue = (context: CompileContext, value: unknown, path: YamlPath, name: string): ValueRule => {
  const rule = plainValue(context, value, path, name)
  const { trace } = context
  if (!trace) return rule
  return traceValue(context, trace, { ...kindOf(isMapping(value) ? value : { from: value }), path, pointer: name }, rule)
}

/** `values`: each name of the target with its rule. */
export const compileValues = (
  context: CompileContext,
  given: unknown,
  path: YamlPath,
  below = '',
): ((scope: Scope) => Values) => {
  if (!isMapping(given) || Object.keys(given).length === 0) {
    problem(context, path, { zh: 'values 须写目标的各列及其规则', en: 'values needs the names of the target with their rules' })
    return () => ({})
  }
  const rules = Object.entries(given).map(
    ([name, value]) => [name, compileValue(context, value, [...path, name], `${below}/${name}`)] as const,
  )
  return (scope) => Object.fromEntries(rules.map(([name, rule]) => [name, rule(scope)]))
}
