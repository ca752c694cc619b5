/** Which version of a code table a record was written by: its own word, or the day of the fact. */
import { textOf } from '../../codec/path.ts'
import { didYouMean } from '../../did-you-mean.ts'
import type { Text } from '../../errors.ts'
import type { YamlPath } from '../../yaml.ts'
import { type CompileContext, checkKeys, compilePath, isMapping, type Mapping, problem, type Scope } from '../compile-context.ts'
import { compileDates } from '../dates.ts'
import { dayOfFact, namedVersion } from '../language/codes.ts'
import { wordsOf } from '../language/construct.ts'
import { maskUnknown } from '../mask.ts'
import { holds } from './days.ts'
import type { Lookup } from './lookup.ts'
import type { TableVersion } from './table.ts'

/** What a place holds: its text, nothing, or why it says nothing certain. */
type Told<T> = { value: T } | 'absent' | { reason: Text }

export interface Choice {
  lookup: Lookup
  /** The day of the fact, when it was asked for. */
  day: string | undefined
}

const told = (context: CompileContext, from: unknown, path: YamlPath): ((scope: Scope) => Told<string>) => {
  const { source, select } = compilePath(context, from, path)
  return (scope) => {
    const nodes = select(scope)
    if (nodes.length === 0) return 'absent'
    const read = nodes.length === 1 ? textOf(nodes[0]!) : null
    if (read === undefined) return 'absent'
    if (typeof read !== 'string') return { reason: { zh: `${source} 不是单个值`, en: `${source} does not hold a single value` } }
    const text = read.trim()
    return text === '' || context.placeholders.has(text) ? 'absent' : { value: text }
  }
}

/** `by: { from: OCCURTIME, date: yyyy-MM-dd }`: the day of the fact on Beijing's clock. */
export const compileDay = (context: CompileContext, by: unknown, path: YamlPath): ((scope: Scope) => Told<string>) => {
  const given: Mapping = isMapping(by) ? by : {}
  checkKeys(context, given, path, wordsOf(dayOfFact))
  if (given['date'] === undefined)
    problem(context, path, { zh: 'by 须写 { from: 路径, date: 格式 }', en: 'by is written { from: path, date: format }' })
  const dateIn = given['date'] === undefined ? () => undefined : compileDates(context, given['date'], [...path, 'date'])
  const formats = [given['date']].flat().join(' | ')
  const read = told(context, given['from'], [...path, 'from'])
  return (scope) => {
    const found = read(scope)
    if (found === 'absent' || 'reason' in found) return found
    const date = dateIn(found.value)
    if (date !== undefined && date !== 'ambiguous') return { value: date.value.slice(0, 10) }
    const shown = maskUnknown(found.value)
    const reason = date
      ? { zh: `“${shown}”按 ${formats} 有不同读法`, en: `"${shown}" is read differently by ${formats}` }
      : { zh: `“${shown}”不符合日期格式 ${formats}`, en: `"${shown}" fits none of the date formats ${formats}` }
    return { reason }
  }
}

/** `version: { from: STDVER, values: { "V2": "2020" } }`: the version that the record names. */
export const compileNamed = (
  context: CompileContext,
  version: unknown,
  path: YamlPath,
  known: readonly string[],
): ((scope: Scope) => Told<string>) => {
  const given: Mapping = isMapping(version) ? version : {}
  checkKeys(context, given, path, wordsOf(namedVersion))
  const names = new Map<string, string>()
  for (const { key, text = '', at } of context.yaml.entriesAt([...path, 'values'])) {
    names.set(key, text)
    if (known.includes(text)) continue
    const { zh, en } = didYouMean(text, known)
    problem({ ...context, yaml: { ...context.yaml, at: () => at } }, path, {
      zh: `没有“${text}”这一版。${zh}`,
      en: `there is no version "${text}". ${en}`,
    })
  }
  if (given['values'] === undefined) for (const name of known) names.set(name, name)
  const read = told(context, given['from'], [...path, 'from'])
  return (scope) => {
    const found = read(scope)
    if (found === 'absent' || 'reason' in found) return found
    const name = names.get(found.value)
    if (name !== undefined) return { value: name }
    const shown = maskUnknown(found.value)
    const listed = [...names.keys()].filter((one) => one !== '').join(', ')
    return {
      reason: {
        zh: `不认识版本“${shown}”；已有 ${listed || '—'}`,
        en: `version "${shown}" is not known; there are ${listed || '—'}`,
      },
    }
  }
}

const absent = (source: string): Text => ({ zh: `${source} 没有值`, en: `${source} has no value` })

const onDay = (lookups: readonly (readonly [TableVersion, Lookup])[], day: string): Choice | { reason: Text } => {
  const found = lookups.filter(([version]) => holds(version, day))
  if (found.length === 1) return { lookup: found[0]![1], day }
  return { reason: { zh: `${day} 有 ${found.length} 版有效`, en: `${found.length} versions are in effect on ${day}` } }
}

/**
 * The record's own word goes before the day of the fact, which decides only where the record says nothing: a version that is not
 * known is no reason to take the one that was in effect.
 */
export const compileChoice = (
  lookups: readonly (readonly [TableVersion, Lookup])[],
  named: ((scope: Scope) => Told<string>) | undefined,
  day: ((scope: Scope) => Told<string>) | undefined,
): ((scope: Scope) => Choice | { reason: Text }) => {
  const byName = new Map(lookups.map(([version, lookup]) => [version.version ?? '', lookup]))
  const only = lookups.length === 1 ? lookups[0]![1] : undefined
  return (scope) => {
    const name = named?.(scope) ?? 'absent'
    if (name !== 'absent' && 'reason' in name) return name
    const lookup = name === 'absent' ? undefined : byName.get(name.value)
    if (lookup && !lookup.isDated) return { lookup, day: undefined }
    const fact = day?.(scope)
    if (fact === undefined) return only && !named ? { lookup: only, day: undefined } : { reason: absent('version') }
    if (fact === 'absent') return { reason: absent('by') }
    if ('reason' in fact) return fact
    return lookup ? { lookup, day: fact.value } : onDay(lookups, fact.value)
  }
}
