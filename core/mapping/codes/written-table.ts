/** A code table as texts with places, the same from YAML and CSV. */
import { GatewayError, type Text } from '../../errors.ts'
import { wordsOf } from '../language/construct.ts'
import { declarations, rowParts } from '../language/tables.ts'
import type { RowCondition } from './table.ts'

/** Of a workbook's cell that is no text: what it is, and why the text that it shows is not to be relied on. */
export interface StoredCell {
  kind: 'text' | 'number' | 'day' | 'boolean' | 'merged' | 'nothing'
  unlike: Text | undefined
  /** `YYYY-MM-DD`, where a whole day is shown. */
  day: string | undefined
}

export interface Written {
  text: string
  at: string
  stored?: StoredCell
}

/** One line of a list with its cells, trimmed, each with its place. */
export type TableLine = readonly Written[]

/** What a table may say of itself, and what a row may hold. */
export const declarationKeys: readonly string[] = wordsOf(declarations)
export const rowKeys: readonly string[] = wordsOf(rowParts)

export interface WrittenRow {
  cells: ReadonlyMap<string, Written>
  when: RowCondition | undefined
  at: string
}

export interface WrittenTable {
  name: string
  declared: boolean
  declarations: ReadonlyMap<string, Written>
  source: readonly Written[] | undefined
  /** Value and code. */
  reverse: readonly (readonly [Written, Written])[]
  rows: readonly WrittenRow[]
  at: string
}

/** Mistakes keep a mapping from running; warnings are only told. */
export interface Findings {
  problems: GatewayError[]
  warnings: GatewayError[]
}

export const invalid = (at: string, reason: Text): GatewayError => GatewayError.of('MAPPING_INVALID', { at, reason })
