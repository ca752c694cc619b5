import { GatewayError, type Text } from '../../errors.ts'
import { sharedValues } from './check-rows.ts'
import { holds } from './days.ts'
import type { CanonicalValue, CodeRow, TableVersion } from './table.ts'

/** The code of a value, or undefined when the table has none: never one that is near. */
export type Reverse = (value: CanonicalValue, day?: string) => string | undefined

const refuse = ({ at, label }: TableVersion, reason: Text): GatewayError =>
  GatewayError.of('CODE_TABLE_IRREVERSIBLE', { at, table: label, reason })

const undecided = ({ rows, reverse }: TableVersion): [CodeRow, CodeRow] | undefined =>
  sharedValues(rows).find(([{ value }]) => !reverse.has(value))

/** A row may lead back when its value has no preferred code, or when it is that code. */
const leadsBack = ({ reverse }: TableVersion, { value, code }: CodeRow): boolean =>
  !reverse.has(value) || reverse.get(value) === code

/**
 * The way back of one version of a table. Throws CODE_TABLE_IRREVERSIBLE for a table that is declared for the way up only, and for one in
 * which codes share a value, unless its `reverse` says which of them stands for it. A condition is not looked at on the way back: each of
 * the values of one code has that code. A row with days counts only for a `day` within them.
 */
export const reverseOf = (table: TableVersion): Reverse => {
  if (table.declared && table.direction === 'up')
    throw refuse(table, {
      zh: '它只用于上行（direction: up）',
      en: 'it is for the way up only (direction: up)',
    })
  const shared = undecided(table)
  if (shared) {
    const [first, { code, value, at }] = shared
    throw refuse(table, {
      zh: `代码“${first.code}”（${first.at}）与“${code}”（${at}）同为“${value}”，而 reverse 没有写明用哪个`,
      en: `codes "${first.code}" (${first.at}) and "${code}" (${at}) share the value "${value}", and reverse does not say which stands for it`,
    })
  }
  const rows = table.rows.filter((row) => leadsBack(table, row))
  const dated = rows.filter(({ from, to }) => from !== undefined || to !== undefined)
  const always = new Map(rows.filter((row) => !dated.includes(row)).map(({ value, code }) => [value, code]))
  return (value, day) =>
    always.get(value) ?? (day === undefined ? undefined : dated.find((row) => row.value === value && holds(row, day))?.code)
}
