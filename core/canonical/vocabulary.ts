/**
 * Every code list of the canonical model: the one table from which types, schemas, checks and documents are made.
 * A code means the same in every version. A legacy code without a certain counterpart here is never forced into a list:
 * its field stays absent, or for outcomes becomes `unknown_legacy` with the original code kept beside it.
 */
import type { Text } from '../errors.ts'
import { procedureCodes } from './procedure-codes.ts'
import { recordCodes } from './record-codes.ts'

interface CodeList {
  title: Text
  values: Record<string, Text>
}

export const vocabulary = { ...procedureCodes, ...recordCodes } satisfies Record<string, CodeList>

export type ListName = keyof typeof vocabulary

/** A code of one list, such as `Code<'outcome'>`. */
export type Code<L extends ListName> = keyof (typeof vocabulary)[L]['values'] & string

/** The codes of a list, in the order of the table. */
export const codesOf = <L extends ListName>(list: L): Code<L>[] => Object.keys(vocabulary[list].values) as Code<L>[]
