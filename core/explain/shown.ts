/** What a person may see of an explanation: personal values are masked by their class, as in errors and logs. */
import type { Personal } from '../canonical/index.ts'
import { wordsOf } from '../mapping/harmless.ts'
import { mask, maskCode, maskNames, maskUnknown } from '../mapping/mask.ts'
import { general } from '../mapping/pointer.ts'
import type { Difference } from '../mapping/samples.ts'
import type { ConditionTrace, FieldTrace, Found, TracedRule } from '../mapping/trace.ts'
import type { TracedMapping } from '../mapping/trace-mapping.ts'

export interface Showing {
  field(line: FieldTrace): FieldTrace
  condition(line: ConditionTrace): ConditionTrace
  difference(difference: Difference): Difference
  /** What a record is called: as its source names it, which may be by somebody's number. */
  key(key: string): string
}

const isSingle = ({ kind }: TracedRule): boolean => kind === 'value' || kind === 'constant'

const plainPath = (path: string | undefined): string => (path ?? '').replace(/^\.?\//, '')

type Mask = (value: string) => string

const plain: Mask = (value) => mask(value, undefined)

/** `unmasked` shows everything as it is. */
export const createShowing = ({ mapping, trace: { rules, fields, tables } }: TracedMapping, unmasked: boolean): Showing => {
  const words = wordsOf(mapping).values
  /** Of the record that was traced, as its rules have read them. */
  const namesOf = (): Set<string> =>
    new Set(
      fields.flatMap(({ rule, found }) =>
        rule.personal === 'name'
          ? found.flatMap(({ received }) => received?.trim() ?? []).filter((name) => !mapping.placeholders.has(name))
          : [],
      ),
    )
  let names: Set<string> | undefined
  /** Inside of what is nobody's a name is masked, too; what is somebody's is masked as a whole. */
  const masked = (value: string, by: Mask): string => {
    const made = by(value)
    if (made !== plain(value)) return made
    names ??= namesOf()
    return maskNames(value, names)
  }
  const isPlaceholder = (value: string): boolean => mapping.placeholders.has(value.trim())
  const shown = <Value>(value: Value, by: Mask): Value =>
    unmasked || typeof value !== 'string' || isPlaceholder(value) ? value : (masked(value, by) as Value)
  const foundAs = (found: Found[], by: Mask): Found[] =>
    found.map(({ received, ...place }) => (received === undefined ? place : { ...place, received: shown(received, by) }))
  const maskOf =
    (personal: Personal | undefined): Mask =>
    (value) =>
      mask(value, personal)
  const codesOf = (table = ''): string[] =>
    tables.filter(({ name }) => name === table || name.startsWith(`${table}@`)).flatMap(({ rows }) => rows.map(([code]) => code))
  /** What a rule could not take may be anything, as in the error that says so; what it took, or what says that there is nothing, is what belongs there. */
  const maskOfLine = ({ rule: { personal }, outcome, steps }: FieldTrace): Mask => {
    const isTaken = outcome === 'set' || outcome === 'absent' || steps.some(({ kind }) => kind === 'placeholder')
    if (personal !== undefined || isTaken) return maskOf(personal)
    const table = steps.find(({ kind }) => kind === 'codes')
    return table ? (value) => maskCode(value, codesOf(table.by)) : (value) => maskUnknown(value)
  }
  const pathClass = new Map(rules.filter(({ personal }) => personal).map(({ path, personal }) => [plainPath(path), personal]))
  /** A condition has no field that says what its values are; the fields that are read from the same place do. What none reads may be anything. */
  const maskAt = ({ place, received = '' }: Found, path: string | undefined): Mask => {
    const lines = fields.filter(({ found }) => found.some((one) => one.place === place))
    const personal = lines.find(({ rule }) => rule.personal)?.rule.personal ?? pathClass.get(plainPath(path))
    if (personal) return maskOf(personal)
    // What the mapping itself says is nobody's.
    if (place.startsWith('$') || words.has(received.trim())) return plain
    if (lines.length === 0) return maskOf('free-text')
    return lines.map(maskOfLine).find((by) => by !== plain) ?? plain
  }
  /** What is different as a whole may hold anything that is somebody's in it. */
  const fieldClass = (pointer: string): Personal | undefined => {
    const at = general(pointer)
    const inside = rules.some((rule) => rule.personal && rule.pointer.startsWith(`${at}/`))
    return rules.find((rule) => rule.pointer === at)?.personal ?? (inside ? 'free-text' : undefined)
  }
  return {
    field: (line) => {
      // The entries of a list are told by the rules inside it, each as personal as it is.
      if (!isSingle(line.rule)) return { ...line, found: line.found.map(({ place, holds }) => ({ place, holds })) }
      const by = maskOfLine(line)
      const steps = line.steps.map((step) => ({ ...step, before: shown(step.before, by), after: shown(step.after, by) }))
      const value = line.value === undefined ? {} : { value: shown(line.value, by) }
      return { ...line, found: foundAs(line.found, by), steps, ...value }
    },
    condition: ({ condition, found, result }) => ({
      condition,
      found: found.flatMap((one) => foundAs([one], maskAt(one, condition.path))),
      result,
    }),
    key: (key) => shown(key, plain),
    difference: ({ path, expected, found }) => {
      const by = maskOf(fieldClass(path))
      return { path, expected: shown(expected, by), found: shown(found, by) }
    },
  }
}
