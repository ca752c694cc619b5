/** Whether a code means the same in two tables. */
import { isMapping } from '../compile-context.ts'
import { dayAfter, holds } from './days.ts'
import type { CodeRow, RowCondition } from './table.ts'

/** Equal for two conditions that one record always meets both or neither, where that is plain; in doubt they differ. */
const conditionKey = ({ yaml, value, path }: RowCondition): string => {
  const written = (text: unknown, at: RowCondition['path']): string => (yaml.textAt(at) ?? String(text)).trim()
  const group = (word: string, parts: unknown[], at: RowCondition['path']): string => {
    const keys = [...new Set(parts.map((part, index) => conditionKey({ yaml, value: part, path: [...at, index] })))].sort()
    return keys.length === 1 ? keys[0]! : JSON.stringify([word, keys])
  }
  if (Array.isArray(value)) return group('all', value, path)
  if (!isMapping(value)) return JSON.stringify(value)
  if ('all' in value) return conditionKey({ yaml, value: value['all'], path: [...path, 'all'] })
  if (Array.isArray(value['any'])) return group('any', value['any'], [...path, 'any'])
  if ('not' in value) return JSON.stringify(['not', conditionKey({ yaml, value: value['not'], path: [...path, 'not'] })])
  const { path: place, equals, in: list } = value
  if (equals !== undefined) return JSON.stringify(['in', place, [written(equals, [...path, 'equals'])]])
  if (Array.isArray(list)) {
    const texts = list.map((text, index) => written(text, [...path, 'in', index]))
    return JSON.stringify(['in', place, [...new Set(texts)].sort()])
  }
  return JSON.stringify(Object.entries(value).sort())
}

/** What the rows of one code say on a day, and when. A value that has two rows under one condition is still one. */
const meaningOn = (rows: readonly CodeRow[], day: string): string => {
  const said = rows.filter((row) => holds(row, day)).map(({ value, when }) => [when ? conditionKey(when) : '', String(value)])
  return [...new Set(said.map((one) => JSON.stringify(one)))].sort().join('\n')
}

/** Before every day on which a table changes. */
const firstDay = '0001-01-01'

/** On every day, and under the same conditions, the rows of one code give the same values; where they give none, both do. */
export const meanSame = (before: readonly CodeRow[], after: readonly CodeRow[]): boolean => {
  const turns = [...before, ...after].flatMap(({ from, to }) => [from, to === undefined ? undefined : dayAfter(to)])
  const days = new Set([firstDay, ...turns.filter((day) => day !== undefined)])
  return [...days].every((day) => meaningOn(before, day) === meaningOn(after, day))
}
