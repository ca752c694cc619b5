import type { Flag } from '../../canonical/index.ts'
import { didYouMean } from '../../did-you-mean.ts'
import { type ErrorCode, type ErrorValues, GatewayError } from '../../errors.ts'
import type { YamlPath } from '../../yaml.ts'
import { type CompileContext, checkKeys, isMapping, type Mapping, problem, type Scope } from '../compile-context.ts'
import { tableUse } from '../language/codes.ts'
import { wordsOf } from '../language/construct.ts'
import { maskCode } from '../mask.ts'
import { allowedValues, isNumber, type TargetSchema } from '../target.ts'
import { compileChoice, compileDay, compileNamed } from './choose-version.ts'
import { isPossible, shownDays } from './days.ts'
import { compileLookup, type Lookup } from './lookup.ts'
import type { CanonicalValue, CodeTable, TableVersion } from './table.ts'

/** Quarantines the record, or flags the field: never silent. */
type Fail = <C extends ErrorCode>(
  scope: Scope,
  code: C,
  values: Omit<ErrorValues<C>, 'at' | 'field' | 'entry'>,
  flag: Flag['code'],
  found?: string,
) => undefined

type Step = (text: string, scope: Scope) => unknown

const nothing: Step = () => undefined

/** The table that a rule names, and those of its versions that may apply. */
export const namedTable = (context: CompileContext, name: string, path: YamlPath): CodeTable | undefined => {
  const whole = context.codes.get(name)
  if (whole) return whole
  const [, tableName = name, wanted] = /^(.*)@([^@]*)$/.exec(name) ?? []
  const table = context.codes.get(tableName)
  if (!table) {
    const { zh, en } = didYouMean(tableName, [...context.codes.keys()])
    problem(context, path, { zh: `没有代码表“${tableName}”。${zh}`, en: `there is no code table "${tableName}". ${en}` })
    return undefined
  }
  const versions = table.versions.filter(({ version }) => version === wanted)
  if (versions.length > 0 || table.versions.length === 0) return { ...table, versions }
  const known = table.versions.map(({ version }) => version ?? '').filter((version) => version !== '')
  const { zh, en } = didYouMean(wanted ?? '', known)
  problem(context, path, {
    zh: `代码表 ${tableName} 没有“${wanted}”这一版。${zh}`,
    en: `code table ${tableName} has no version "${wanted}". ${en}`,
  })
  return undefined
}

const fits = (value: CanonicalValue, schema: TargetSchema, allowed: unknown[] | undefined): boolean => {
  if (allowed) return allowed.includes(value)
  if (!isNumber(schema)) return typeof value === 'string'
  const number = /^-?\d{1,9}$/.test(String(value)) ? Number(value) : Number.NaN
  return number >= (schema.minimum ?? -Infinity) && number <= (schema.maximum ?? Infinity)
}

const checkValues = (context: CompileContext, { label, rows }: TableVersion, schema: TargetSchema): void => {
  const allowed = allowedValues(schema)
  for (const { code, value, valueAt } of rows) {
    if (fits(value, schema, allowed)) continue
    const { minimum, maximum } = schema
    const said = allowed
      ? didYouMean(String(value), allowed.map(String))
      : isNumber(schema)
        ? {
            zh: `应为 ${minimum ?? ''}…${maximum ?? ''} 的整数`,
            en: `It must be a whole number ${minimum ?? ''}…${maximum ?? ''}`,
          }
        : { zh: '应为文字', en: 'It must be text' }
    const error = GatewayError.of('MAPPING_INVALID', {
      at: valueAt,
      reason: {
        zh: `代码表 ${label}：代码“${code}”的目标值“${value}”不在规范代码中。${said.zh}`,
        en: `code table ${label}: the value "${value}" of code "${code}" is not in the canonical vocabulary. ${said.en}`,
      },
    })
    // A table that several fields use is wrong once.
    if (!context.problems.some(({ message }) => message === error.message)) context.problems.push(error)
  }
}

const hasDays = (version: TableVersion): boolean => shownDays(version) !== '' && isPossible(version)

const checkUse = (
  context: CompileContext,
  { name, versions }: CodeTable,
  use: Mapping,
  lookups: Lookup[],
  path: YamlPath,
): void => {
  const labels = versions.map(({ label }) => label).join(', ')
  const [named, dated] = [use['version'] !== undefined, use['by'] !== undefined]
  const [only] = versions
  // Outside its days it says nothing: only who names the version takes it for every day.
  if (versions.length === 1 && name === use['table'] && !named && !dated && hasDays(only!))
    problem(context, path, {
      zh: `代码表 ${only!.label} 只在 ${shownDays(only!)} 有效：用 by 写明按哪个日期；要不论日期都用这一版，写 codes: 表@版本`,
      en: `code table ${only!.label} counts for ${shownDays(only!)} only: say with by which date counts; to use it whatever the day, write codes: table@version`,
    })
  if (versions.length > 1 && !named && !dated)
    problem(context, path, {
      zh: `代码表 ${name} 有几版（${labels}）：写明用哪一版，如 codes: ${labels.split(', ')[0]}，或用 version、by`,
      en: `code table ${name} has several versions (${labels}): say which, as in codes: ${labels.split(', ')[0]}, or with version or by`,
    })
  if (lookups.some(({ isDated }) => isDated) && !dated)
    problem(context, path, {
      zh: `代码表 ${labels} 的行有起止日期：用 by 写明按哪个日期`,
      en: `rows of code table ${labels} begin or end on a day: say with by which date counts`,
    })
  if (dated && versions.length > 1 && versions.some(({ from, to }) => from === undefined && to === undefined))
    problem(context, path, {
      zh: `按日期选版本时，代码表 ${name} 的每一版须写 from 或 to`,
      en: `to be chosen by date, each version of code table ${name} must say from or to`,
    })
  for (const { label, direction } of versions) {
    if (direction === 'down')
      problem(context, path, {
        zh: `代码表 ${label} 只用于下行（direction: down）`,
        en: `code table ${label} is for the way down only (direction: down)`,
      })
  }
}

/**
 * The step of `codes:`: `codes: table`, `codes: table@version`, or `codes: { table, version: { from, values }, by: { from, date } }`.
 * While the code alone decides, it is one look into a `Map`.
 */
export const codeStep = (context: CompileContext, given: unknown, path: YamlPath, schema: TargetSchema, fail: Fail): Step => {
  if (isMapping(given) && given['table'] === undefined) {
    problem(context, path, {
      zh: '字段的 codes 写表的名称（codes: 表名，或 { table: 表名, … }）；表本身写在映射顶层的 codes: 下',
      en: 'codes of a field names a table (codes: name, or { table: name, … }); the table itself belongs under codes: at the top of the mapping',
    })
    return nothing
  }
  const use: Mapping = isMapping(given) ? given : { table: given }
  const tablePath = isMapping(given) ? [...path, 'table'] : path
  checkKeys(context, use, path, wordsOf(tableUse))
  const table = namedTable(context, String(use['table'] ?? ''), tablePath)
  if (!table) return nothing
  for (const version of table.versions) {
    context.usedTables.add(version)
    checkValues(context, version, schema)
  }
  const lookups = table.versions.map((version) => [version, compileLookup(context, version, isNumber(schema))] as const)
  checkUse(
    context,
    table,
    use,
    lookups.map(([, lookup]) => lookup),
    tablePath,
  )
  const codes = new Set(table.versions.flatMap(({ rows }) => rows.map(({ code }) => code)))
  const shown = (text: string) => maskCode(text, codes, schema.personal)
  const unknown = (scope: Scope, text: string, lookup: Lookup, label = lookup.label) =>
    fail(scope, 'CODE_UNKNOWN', { table: label, code: shown(text), known: lookup.known(text) }, 'unmapped', shown(text))

  const [only] = lookups
  if (!only) return nothing
  const [, lookup] = only
  const { plain } = lookup
  if (lookups.length === 1 && plain && use['version'] === undefined && use['by'] === undefined) {
    return (text, scope) => {
      const value = plain.get(text)
      return value === undefined ? unknown(scope, text, lookup) : value
    }
  }
  const known = table.versions.map(({ version }) => version ?? '')
  const named = use['version'] === undefined ? undefined : compileNamed(context, use['version'], [...path, 'version'], known)
  const day = use['by'] === undefined ? undefined : compileDay(context, use['by'], [...path, 'by'])
  const choose = compileChoice(lookups, named, day)
  return (text, scope) => {
    const choice = choose(scope)
    if ('reason' in choice)
      return fail(scope, 'CODE_VERSION_UNKNOWN', { table: table.name, reason: choice.reason }, 'unmapped', shown(text))
    const found = choice.lookup.find(text, scope, choice.day)
    if (found === undefined)
      return choice.day === undefined
        ? unknown(scope, text, choice.lookup)
        : unknown(scope, text, choice.lookup, `${choice.lookup.label} (${choice.day})`)
    if ('value' in found) return found.value
    const values = { table: choice.lookup.label, code: shown(text), count: found.candidates }
    return fail(scope, 'CODE_AMBIGUOUS', values, 'unmapped', shown(text))
  }
}
