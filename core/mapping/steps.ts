import { types } from 'node:util'
import type { Flag } from '../canonical/index.ts'
import { type ErrorCode, type ErrorValues, GatewayError } from '../errors.ts'
import type { YamlPath } from '../yaml.ts'
import { codeStep } from './codes/code-step.ts'
import { type CompileContext, checkKeys, isMapping, type Mapping, oneOf, problem, type Scope } from './compile-context.ts'
import { compileDates, type DateFormat } from './dates.ts'
import { decimalOf } from './decimal.ts'
import { whereIn } from './entries.ts'
import { wordsOf } from './language/construct.ts'
import { failureWays } from './language/rules.ts'
import { patternParts, steps } from './language/steps.ts'
import { maskUnknown } from './mask.ts'
import { compilePattern } from './pattern.ts'
import { withoutRecord } from './plugin-words.ts'
import { viewOf } from './record-view.ts'
import { acceptsInstant, allowedValues, isNumber, isTime, type Target } from './target.ts'

/** Turns a text into the value of a field. */
export type Step = (text: string, scope: Scope) => unknown

/** A step that could not do its work: the record is quarantined, or the field stays absent and is flagged. Never silent. */
export const failing = (context: CompileContext, value: Mapping, path: YamlPath, target: Target) => {
  const at = context.yaml.at(path)
  const onFailure = oneOf(context, value['onFailure'], [...path, 'onFailure'], wordsOf(failureWays), context.onFailure)
  return <C extends ErrorCode>(
    scope: Scope,
    code: C,
    values: Omit<ErrorValues<C>, 'at' | 'field' | 'entry'>,
    flag: Flag['code'],
    found?: string,
  ): undefined => {
    const pointer = scope.base + target.pointer
    if (onFailure === 'quarantine') {
      const entry = whereIn(pointer, scope.entry)
      throw GatewayError.of(code, { at, field: pointer, entry, ...values } as unknown as ErrorValues<C>)
    }
    scope.flags.push({ path: pointer, code: flag, ...(found === undefined ? {} : { found }) })
    return undefined
  }
}

export type Fail = ReturnType<typeof failing>

/** The same for what a function made of the text that was read: the source does not say it. */
export const failingOnMade =
  (fail: Fail, by: string): Fail =>
  (scope, code, values, ...rest) => {
    const made = Object.entries(values).map(([name, said]) =>
      name === 'value' || name === 'code'
        ? [name, { zh: `${said}（函数 ${by} 得出）`, en: `${said} (made by function ${by})` }]
        : [name, said],
    )
    return fail(scope, code, Object.fromEntries(made), ...rest)
  }

/** What the source did not say, or said otherwise, is told beside the time: that it carries seconds and Beijing's offset proves nothing. */
const noteTime = ({ precision, ownZone }: DateFormat, text: string, { base, notes }: Scope, { pointer }: Target): void => {
  const path = base + pointer
  if (precision !== undefined) notes.precision.push({ path, unit: precision })
  const offset = ownZone(text)
  if (offset !== undefined) notes.zone.push({ path, offset })
}

const dateStep = (context: CompileContext, given: unknown, path: YamlPath, target: Target, fail: Fail): Step => {
  const read = compileDates(context, given, path)
  const formats = [given].flat().join(' | ')
  const instant = acceptsInstant(target.schema)
  return (text, scope) => {
    const found = read(text)
    if (found === undefined || found === 'ambiguous') {
      const value = maskUnknown(text, target.schema.personal)
      return fail(scope, found ? 'DATE_AMBIGUOUS' : 'DATE_INVALID', { value, formats }, 'invalid')
    }
    const { value, format } = found
    if (value.length === 10) return value
    // The field wants a day only: the time of day that the source also gives is left out, not rounded.
    if (!instant) return value.slice(0, 10)
    noteTime(format, text, scope, target)
    return value
  }
}

const expectedNumbers = {
  whole: { zh: '整数', en: 'a whole number' },
  decimal: { zh: '十进制数', en: 'a decimal number' },
  exact: {
    zh: '能原样发送的十进制数（有效数字至多 15 位）',
    en: 'a decimal number that can be sent as it is (15 significant digits at most)',
  },
}

const numberStep = (target: Target, fail: Fail): Step => {
  const isInteger = target.schema.type === 'integer'
  return (text, scope) => {
    const value = decimalOf(text)
    if (typeof value === 'number' && !(isInteger && !Number.isInteger(value))) return value
    const expected = expectedNumbers[isInteger ? 'whole' : value === 'inexact' ? 'exact' : 'decimal']
    return fail(scope, 'VALUE_INVALID', { value: maskUnknown(text, target.schema.personal), expected }, 'invalid')
  }
}

/** `pattern: regex`, or `pattern: { not: regex }` for what must not be there: an identity document in the column of a licence. */
const patternStep = (context: CompileContext, given: unknown, path: YamlPath, target: Target, fail: Fail): Step => {
  const isRefused = isMapping(given) && 'not' in given
  if (isRefused) checkKeys(context, given, path, wordsOf(patternParts))
  const source = isRefused ? given['not'] : given
  const matches = compilePattern(context, source, isRefused ? [...path, 'not'] : path)
  if (!matches) return () => undefined
  const expected = isRefused
    ? { zh: `不符合 ${source}`, en: `not like ${source}` }
    : { zh: `符合 ${source}`, en: `like ${source}` }
  return (text, scope) =>
    matches(text) === isRefused
      ? fail(scope, 'VALUE_INVALID', { value: maskUnknown(text, target.schema.personal), expected }, 'invalid')
      : text
}

/** What a function of the plug-in makes of the text that was read. `next` is the step that reads what it made, and reads text alone. */
export const callStep = (context: CompileContext, name: unknown, path: YamlPath, next: string | undefined): Step => {
  const { plugin } = context
  if (!plugin) return () => undefined
  const call = Object.hasOwn(plugin, String(name)) ? plugin[String(name)] : undefined
  const at = context.yaml.at(path)
  if (!call) {
    const known = Object.keys(plugin).join(', ') || '—'
    problem(context, path, {
      zh: `插件没有导出函数“${String(name)}”；已导出：${known}`,
      en: `the plug-in exports no function "${String(name)}"; it exports: ${known}`,
    })
    return () => undefined
  }
  const enter = context.own.add(at)
  const failed = (zh: string, en: string, cause?: unknown) =>
    GatewayError.of(
      'MAPPING_PLUGIN_FAILED',
      { at, reason: { zh: `插件函数 ${String(name)} ${zh}`, en: `its function ${String(name)} ${en}` } },
      { cause },
    )
  return (text, scope) => {
    enter()
    let made: unknown
    try {
      made = call(text, viewOf(scope)) ?? undefined
    } catch (cause) {
      const said = withoutRecord(types.isNativeError(cause) ? cause.message : String(cause), scope.root)
      throw failed(`报“${said}”`, `says "${said}"`, cause)
    }
    if (typeof made === 'function') throw failed('得出的是函数，须得出值', 'gives a function: it must give a value')
    const kind = typeof made
    if (types.isPromise(made))
      throw failed(
        '得出的是 Promise：它须立即得出值，不能用 async',
        'gives a promise: it must give the value at once, without async',
      )
    // Of these only can be told what they are, in the thread and in a message.
    if (made !== undefined && kind !== 'string' && kind !== 'number' && kind !== 'boolean')
      throw failed(
        `得出的是 ${kind}，须得出文字、数字、true、false 或什么都不得出`,
        `gives ${kind === 'object' ? 'an' : 'a'} ${kind}: it must give text, a number, true, false or nothing`,
      )
    if (next !== undefined && made !== undefined && kind !== 'string')
      throw failed(`得出的是 ${kind}，而 ${next} 只读文字`, `gives a ${kind}, but ${next} reads text only`)
    return made
  }
}

/** The step that a rule names beside `call`. */
export const stepOf = (value: Mapping): Exclude<keyof typeof steps, 'call'> | undefined =>
  wordsOf(steps).find((step) => step !== 'call' && value[step] !== undefined) as ReturnType<typeof stepOf>

/** The one step that turns the text, as it was read or as a function made it, into the field's value; plain text fields have none. */
export const chooseStep = (
  context: CompileContext,
  value: Mapping,
  path: YamlPath,
  target: Target,
  fail: Fail,
): Step | undefined => {
  const { schema } = target
  const given = wordsOf(steps).filter((step) => step !== 'call' && value[step] !== undefined)
  if (given.length > 1)
    problem(context, path, { zh: `${given.join('、')} 只能取其一`, en: `only one of ${given.join(', ')} may be given` })
  const step = stepOf(value)
  const isCalled = value['call'] !== undefined
  const need = (zh: string, en: string) =>
    problem(context, path, { zh: `字段 ${target.pointer} ${zh}`, en: `field ${target.pointer} ${en}` })
  if (isTime(schema) && step !== 'date')
    need(
      isCalled ? '是时间，须用 date 写明函数得出的文字是什么格式' : '是时间，须用 date 写明格式',
      isCalled ? 'is a time: give with date the formats of what the function makes' : 'is a time: give its formats with date',
    )
  if (!isCalled) {
    if (allowedValues(schema) && step !== 'codes')
      need('是代码，须用 codes 指明代码表', 'is a code: name the code table with codes')
    if (isNumber(schema) && step !== 'number' && step !== 'codes')
      need('是数值，须写 number: true，或用 codes 换算', 'is a number: write number: true, or convert it with codes')
  }
  if (step === 'date' && !isTime(schema)) need('不是时间，不能用 date', 'is no time: date cannot be used')
  if (step === 'number' && !isNumber(schema)) need('不是数值，不能用 number', 'is no number: number cannot be used')
  if (step === 'codes') return codeStep(context, value['codes'], [...path, 'codes'], schema, fail)
  if (step === 'date') return dateStep(context, value['date'], [...path, 'date'], target, fail)
  if (step === 'number') {
    if (value['number'] !== true) problem(context, [...path, 'number'], { zh: 'number 只能写 true', en: 'number must be true' })
    return numberStep(target, fail)
  }
  if (step === 'pattern') return patternStep(context, value['pattern'], [...path, 'pattern'], target, fail)
  return undefined
}
