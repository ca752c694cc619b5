/** Whether two paths may lead to one text, however they are spelt. */
import type { Filter, Step } from '../codec/path.ts'
import type { MappedPath } from './compile-context.ts'

/** Where a text stands, from the top of the record. */
export type Place = readonly Step[]

/** `./NAME` and `/NAME` are the place `NAME`. */
export const placeOf = ({ path, within }: MappedPath): Place => [
  ...(path.fromTop || !within ? [] : placeOf(within)),
  ...path.steps.filter(({ kind }) => kind !== 'self'),
]

const local = (name: string): string => name.slice(name.indexOf(':') + 1)

/** `*[@n='AT']` means the elements that have such an attribute, and no step that asks for none. */
const takesAny = (step: Step, other: Step): boolean => {
  const asked = new Set(other.filters.map((filter) => JSON.stringify(filter)))
  return step.name === '*' && step.filters.every((filter) => filter.kind === 'index' || asked.has(JSON.stringify(filter)))
}

/** A name without a prefix takes elements of any. */
const shareName = (a: Step, b: Step): boolean =>
  a.name === b.name ||
  takesAny(a, b) ||
  takesAny(b, a) ||
  (local(a.name) === local(b.name) && (a.name === local(a.name) || b.name === local(b.name)))

const isTwo = (a: Filter, b: Filter): boolean =>
  a.kind === 'equals' && b.kind === 'equals' && a.attribute === b.attribute && a.name === b.name && a.value !== b.value

/** What counts before the first index, and that index. */
const counted = ({ filters }: Step): { before: Filter[]; index: number | undefined } => {
  const at = filters.findIndex(({ kind }) => kind === 'index')
  const found = filters[at]
  return { before: at < 0 ? filters : filters.slice(0, at), index: found?.kind === 'index' ? found.index : undefined }
}

/** Another number of the same count; at the end of a path also the second of what the other takes as the only one. */
const isOtherNumber = (a: Step, b: Step, isLast: boolean): boolean => {
  const [one, other] = [counted(a), counted(b)]
  if (a.name !== b.name || JSON.stringify(one.before) !== JSON.stringify(other.before)) return false
  if (one.index !== undefined && other.index !== undefined) return one.index !== other.index
  return isLast && (one.index ?? 1) !== (other.index ?? 1)
}

const meet = (a: Step, b: Step, isLast: boolean): boolean =>
  a.kind === b.kind &&
  shareName(a, b) &&
  !a.filters.some((filter) => b.filters.some((other) => isTwo(filter, other))) &&
  !isOtherNumber(a, b, isLast)

/** False only where they surely lead to two: for rules that each want one text. */
export const mayBeOne = (a: Place, b: Place): boolean =>
  a.length === b.length && a.every((step, index) => meet(step, b[index]!, index === a.length - 1))
