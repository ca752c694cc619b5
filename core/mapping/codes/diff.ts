/** Compares two code tables by what their codes stand for. */
import { shownDays } from './days.ts'
import type { CodeRow, TableVersion } from './table.ts'

export interface Meaning {
  value: string
  label: string | undefined
  /** Its days and its condition, as people read them; undefined when it always holds. */
  only: string | undefined
  at: string
}

export interface CodeDifference {
  code: string
  before: Meaning[]
  after: Meaning[]
}

/** Of what a table says of itself, beside its name. */
export interface DeclarationDifference {
  name: 'direction' | 'lossy' | 'reverse'
  before: string
  after: string
}

export interface TableDifference {
  declared: DeclarationDifference[]
  added: CodeDifference[]
  removed: CodeDifference[]
  /** Codes that stand for something else: what a reader of one table gets wrong in the other. */
  flipped: CodeDifference[]
  /** Codes whose values are the same, under conditions and on days that both name, too, and whose labels, days or conditions are not. */
  reworded: CodeDifference[]
  same: number
}

const meaningOf = (row: CodeRow): Meaning => {
  const days = shownDays(row)
  const parts = [days, row.when === undefined ? '' : JSON.stringify(row.when.value)].filter((part) => part !== '')
  return { value: String(row.value), label: row.label, only: parts.length === 0 ? undefined : parts.join(' '), at: row.at }
}

const meaningsIn = ({ rows }: TableVersion): Map<string, Meaning[]> => {
  const meanings = new Map<string, Meaning[]>()
  for (const row of rows) meanings.set(row.code, [...(meanings.get(row.code) ?? []), meaningOf(row)])
  return meanings
}

const valuesOf = (meanings: readonly Meaning[]): string => [...new Set(meanings.map(({ value }) => value))].sort().join('\n')

/** Whether a condition or a time that both tables name stands for another value in the other. */
const isSwapped = (before: readonly Meaning[], after: readonly Meaning[]): boolean =>
  before.some(({ only, value }) => after.some((other) => other.only === only && other.value !== value))

const wordsOf = (meanings: readonly Meaning[]): string =>
  JSON.stringify(meanings.map(({ value, label, only }) => [value, label, only]))

const declarationsOf = ({ direction, lossy, reverse }: TableVersion): Record<DeclarationDifference['name'], string> => ({
  direction,
  lossy: String(lossy),
  reverse: [...reverse]
    .map(([value, code]) => `${value}: ${code}`)
    .sort()
    .join(', '),
})

const declaredIn = (before: TableVersion, after: TableVersion): DeclarationDifference[] => {
  const [old, now] = [declarationsOf(before), declarationsOf(after)]
  return (Object.keys(old) as DeclarationDifference['name'][])
    .filter((name) => old[name] !== now[name])
    .map((name) => ({ name, before: old[name], after: now[name] }))
}

/** What became of each code from one table to the other, in the order of the tables. */
export const diffTables = (before: TableVersion, after: TableVersion): TableDifference => {
  const [old, now] = [meaningsIn(before), meaningsIn(after)]
  const difference: TableDifference = {
    declared: declaredIn(before, after),
    added: [],
    removed: [],
    flipped: [],
    reworded: [],
    same: 0,
  }
  for (const code of new Set([...old.keys(), ...now.keys()])) {
    const entry = { code, before: old.get(code) ?? [], after: now.get(code) ?? [] }
    if (entry.before.length === 0) difference.added.push(entry)
    else if (entry.after.length === 0) difference.removed.push(entry)
    else if (valuesOf(entry.before) !== valuesOf(entry.after) || isSwapped(entry.before, entry.after))
      difference.flipped.push(entry)
    else if (wordsOf(entry.before) !== wordsOf(entry.after)) difference.reworded.push(entry)
    else difference.same += 1
  }
  return difference
}
