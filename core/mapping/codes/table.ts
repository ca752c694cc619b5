/** What code tables are, compiled: knows nothing of how they were written. */

import type { YamlFile, YamlPath } from '../../yaml.ts'
import type { directionWays } from '../language/tables.ts'

/** Text, or true or false. Digits stay text; a field that wants a number makes one of it. */
export type CanonicalValue = string | boolean

/** Inclusive days, `2021-01-01`; an absent bound is open. */
export interface Days {
  from: string | undefined
  to: string | undefined
}

/** A condition that is written beside a code, compiled for each rule that uses the table. */
export interface RowCondition {
  yaml: YamlFile
  path: YamlPath
  value: unknown
}

export interface CodeRow extends Days {
  code: string
  value: CanonicalValue
  label: string | undefined
  note: string | undefined
  when: RowCondition | undefined
  /** `file:line:column` of the code, and of the value. */
  at: string
  valueAt: string
}

export type Direction = keyof typeof directionWays

/** One version of a code table: what is not in its rows is unknown, and never guessed. */
export interface TableVersion extends Days {
  /** `doneResult@2020`, or the table's name when it has no versions. */
  label: string
  /** Whether it says what it is; a short table of codes and values says nothing, and nothing is demanded of it. */
  declared: boolean
  system: string | undefined
  standard: string | undefined
  version: string | undefined
  direction: Direction
  /** Several codes share one value: the way back is not known. */
  lossy: boolean
  /** Every code that the source may use, when declared. */
  source: readonly string[] | undefined
  /** Value -> the code that stands for it on the way back. */
  reverse: ReadonlyMap<CanonicalValue, string>
  rows: readonly CodeRow[]
  /** `file:line:column`. */
  at: string
}

/** A table as the rules of a mapping name it: all of its versions. */
export interface CodeTable {
  name: string
  versions: readonly TableVersion[]
  /** `file:line:column` in the mapping. */
  at: string
}
