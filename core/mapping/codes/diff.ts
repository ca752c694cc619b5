/** Compares two code tables by what their codes stand for. */
import { shownDays } from './days.ts'
import { meanSame } from './same-meaning.ts'
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
  /** Codes that stand for something else on some day or under some condition, or may: what a reader of one table gets wrong in the other. */
  flipped: CodeDifference[]
  /** Codes that stand for the same on every day and under every condition, and whose labels or ways of writing that are not the same. */
  reworded: CodeDifference[]
  same: number
}

const meaningOf = (row: CodeRow): Meaning => {
  const days = shownDays(row)
  const parts = [days, row.when === undefined ? '' : JSON.stringify(row.when.value)].filter((part) => part !== '')
  return { value: String(row.value), label: row.label, only: parts.length === 0 ? undefined : parts.join(' '), at: row.at }
}

const rowsByCode = ({ rows }: TableVersion): Map<string, CodeRow[]> => {
  const byCode = new Map<string, CodeRow[]>()
  for (const row of rows) byCode.set(row.code, [...(byCode.get(row.code) ?? []), row])
  return byCode
}

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
  const [old, now] = [rowsByCode(before), rowsByCode(after)]
  const difference: TableDifference = {
    declared: declaredIn(before, after),
    added: [],
    removed: [],
    flipped: [],
    reworded: [],
    same: 0,
  }
  for (const code of new Set([...old.keys(), ...now.keys()])) {
    const [was, is] = [old.get(code) ?? [], now.get(code) ?? []]
    const entry = { code, before: was.map(meaningOf), after: is.map(meaningOf) }
    if (entry.before.length === 0) difference.added.push(entry)
    else if (entry.after.length === 0) difference.removed.push(entry)
    else if (!meanSame(was, is)) difference.flipped.push(entry)
    else if (wordsOf(entry.before) !== wordsOf(entry.after)) difference.reworded.push(entry)
    else difference.same += 1
  }
  return difference
}
