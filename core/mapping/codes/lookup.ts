import type { Text } from '../../errors.ts'
import type { CompileContext, MappedPath, Scope } from '../compile-context.ts'
import { type Condition, compileCondition } from '../conditions.ts'
import { holds, shownDays } from './days.ts'
import type { CanonicalValue, CodeRow, RowCondition, TableVersion } from './table.ts'

/** The value as the field wants it: a score is a number. */
export type FieldValue = CanonicalValue | number

/** What a code stands for; or how many of its rows hold when that is not exactly one. */
export type Found = { value: FieldValue } | { candidates: number } | undefined

export interface Lookup {
  label: string
  /** For whoever meets a code that it does not have: the first of its codes, and how many there are; of one that it has, on which days. */
  known(code: string): Text
  /** Set when a code alone decides, which is the rule: nothing else is looked at. */
  plain: ReadonlyMap<string, FieldValue> | undefined
  /** Whether rows begin or end on a day, so that one is needed. */
  isDated: boolean
  find(code: string, scope: Scope, day: string | undefined): Found
}

/** A condition of a table is compiled once for each list in which the table is used, however many fields use it. */
const compiled = new WeakMap<RowCondition, Map<MappedPath | undefined, Condition>>()

const conditionOf = (context: CompileContext, { when }: CodeRow): Condition | undefined => {
  if (!when) return undefined
  const known = compiled.get(when) ?? new Map<MappedPath | undefined, Condition>()
  compiled.set(when, known)
  const condition = known.get(context.within) ?? compileCondition({ ...context, yaml: when.yaml }, when.value, when.path)
  known.set(context.within, condition)
  return condition
}

const shownCodes = 8

const knownCodes =
  (rows: readonly CodeRow[]) =>
  (code: string): Text => {
    const days = rows.filter((row) => row.code === code).map(shownDays)
    if (days.length > 0) {
      const shown = [...new Set(days)].join(', ')
      return { zh: `；该代码的行只在 ${shown} 有效`, en: `; the rows of that code count for ${shown} only` }
    }
    const codes = [...new Set(rows.map(({ code }) => code))]
    const [listed, more] = [codes.slice(0, shownCodes), Math.max(0, codes.length - shownCodes)]
    if (codes.length === 0) return { zh: '；表是空的', en: '; the table is empty' }
    return {
      zh: `；表中有 ${listed.join('、')}${more > 0 ? `，另有 ${more} 个` : ''}`,
      en: `; it has ${listed.join(', ')}${more > 0 ? ` and ${more} more` : ''}`,
    }
  }

/** One version of a table as a function of a code: a `Map` while codes alone decide. */
export const compileLookup = (context: CompileContext, { label, rows }: TableVersion, asNumber: boolean): Lookup => {
  const toField = ({ value }: CodeRow): FieldValue => (asNumber ? Number(value) : value)
  const known = knownCodes(rows)
  const isDated = rows.some(({ from, to }) => from !== undefined || to !== undefined)
  if (!isDated && rows.every(({ when }) => when === undefined)) {
    const plain = new Map(rows.map((row) => [row.code, toField(row)]))
    return {
      label,
      known,
      plain,
      isDated,
      find: (code) => {
        const value = plain.get(code)
        return value === undefined ? undefined : { value }
      },
    }
  }
  const byCode = new Map<string, { row: CodeRow; value: FieldValue; condition: Condition | undefined }[]>()
  for (const row of rows) {
    const candidate = { row, value: toField(row), condition: conditionOf(context, row) }
    const candidates = byCode.get(row.code)
    if (candidates) candidates.push(candidate)
    else byCode.set(row.code, [candidate])
  }
  return {
    label,
    known,
    plain: undefined,
    isDated,
    find: (code, scope, day) => {
      let known = false
      let count = 0
      let found: { value: FieldValue } | undefined
      for (const candidate of byCode.get(code) ?? []) {
        const { row, condition } = candidate
        if (day !== undefined && !holds(row, day)) continue
        known = true
        if (condition && !condition(scope)) continue
        count += 1
        found = candidate
      }
      if (!known) return undefined
      return count === 1 ? found! : { candidates: count }
    },
  }
}
