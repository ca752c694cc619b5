/** A code table as texts with places, the same from YAML and CSV. */
import { GatewayError, type Text } from '../../errors.ts'
import type { RowCondition } from './table.ts'

export interface Written {
  text: string
  at: string
}

/** What a table may say of itself, and what a row may hold. */
export const declarationKeys = [
  'summary',
  'system',
  'standard',
  'version',
  'from',
  'to',
  'direction',
  'lossy',
  'source',
  'reverse',
]
export const rowKeys = ['code', 'value', 'label', 'note', 'from', 'to', 'when']

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
