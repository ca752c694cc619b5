/** What a person may see of an explanation: personal values are masked by their class, as in errors and logs. */
import type { Personal } from '../canonical/index.ts'
import { wordsOf } from '../mapping/harmless.ts'
import { mask } from '../mapping/mask.ts'
import { general } from '../mapping/pointer.ts'
import type { Difference } from '../mapping/samples.ts'
import type { ConditionTrace, FieldTrace, Found, TracedRule } from '../mapping/trace.ts'
import type { TracedMapping } from '../mapping/trace-mapping.ts'

export interface Showing {
  field(line: FieldTrace): FieldTrace
  condition(line: ConditionTrace): ConditionTrace
  difference(difference: Difference): Difference
}

const isSingle = ({ kind }: TracedRule): boolean => kind === 'value' || kind === 'constant'

const plainPath = (path: string | undefined): string => (path ?? '').replace(/^\.?\//, '')

/** `unmasked` shows everything as it is. */
export const createShowing = ({ mapping, trace: { rules, fields } }: TracedMapping, unmasked: boolean): Showing => {
  const words = wordsOf(mapping).values
  const shown = <Value>(value: Value, personal: Personal | undefined): Value =>
    unmasked || typeof value !== 'string' ? value : (mask(value, personal) as Value)
  const foundAs = (found: Found[], personal: Personal | undefined): Found[] =>
    found.map(({ received, ...place }) => (received === undefined ? place : { ...place, received: shown(received, personal) }))
  const read = new Set(fields.flatMap(({ found }) => found.map(({ place }) => place)))
  // A condition has no field that says how personal its values are; the fields that are read from the same place do.
  const placeClass = new Map(
    fields
      .flatMap(({ rule, found }) => found.map(({ place }) => [place, rule.personal] as const))
      .filter(([, personal]) => personal),
  )
  const pathClass = new Map(rules.filter(({ personal }) => personal).map(({ path, personal }) => [plainPath(path), personal]))
  /** What no field reads may be anything, unless the mapping itself says it. */
  const classOf = ({ place, received = '' }: Found, path: string | undefined): Personal | undefined =>
    placeClass.get(place) ??
    pathClass.get(plainPath(path)) ??
    (read.has(place) || place.startsWith('$') || words.has(received.trim()) ? undefined : 'free-text')
  const fieldClass = (pointer: string) => rules.find((rule) => rule.pointer === general(pointer))?.personal
  return {
    field: (line) => {
      const { personal } = line.rule
      // The entries of a list are told by the rules inside it, each as personal as it is.
      if (!isSingle(line.rule)) return { ...line, found: line.found.map(({ place, holds }) => ({ place, holds })) }
      const steps = line.steps.map((step) => ({
        ...step,
        before: shown(step.before, personal),
        after: shown(step.after, personal),
      }))
      const value = line.value === undefined ? {} : { value: shown(line.value, personal) }
      return { ...line, found: foundAs(line.found, personal), steps, ...value }
    },
    condition: ({ condition, found, result }) => ({
      condition,
      found: found.flatMap((one) => foundAs([one], classOf(one, condition.path))),
      result,
    }),
    difference: ({ path, expected, found }) => {
      const personal = fieldClass(path)
      return { path, expected: shown(expected, personal), found: shown(found, personal) }
    },
  }
}
