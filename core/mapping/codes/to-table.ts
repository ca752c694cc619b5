import { wordsOf } from '../language/construct.ts'
import { directionWays } from '../language/tables.ts'
import { checkRows } from './check-rows.ts'
import { toDay } from './days.ts'
import type { CanonicalValue, CodeRow, Direction, TableVersion } from './table.ts'
import { type Findings, invalid, type Written, type WrittenRow, type WrittenTable } from './written-table.ts'

const toValue = (text: string): CanonicalValue => (text === 'true' ? true : text === 'false' ? false : text)

const dayOf = (key: 'from' | 'to', cells: ReadonlyMap<string, Written>, { problems }: Findings): string | undefined => {
  const written = cells.get(key)
  if (!written) return undefined
  const day = toDay(written.text)
  if (day === undefined)
    problems.push(
      invalid(written.at, {
        zh: `${key} 应为日期，如 2021-01-01，实为“${written.text}”`,
        en: `${key} must be a day such as 2021-01-01, not "${written.text}"`,
      }),
    )
  return day
}

const daysOf = (cells: ReadonlyMap<string, Written>, findings: Findings) => {
  const [from, to] = [dayOf('from', cells, findings), dayOf('to', cells, findings)]
  if (from !== undefined && to !== undefined && from > to)
    findings.problems.push(
      invalid(cells.get('to')!.at, { zh: `to ${to} 早于 from ${from}`, en: `to ${to} is before from ${from}` }),
    )
  return { from, to }
}

const rowOf = ({ cells, when, at }: WrittenRow, findings: Findings): CodeRow | undefined => {
  const [code, value] = [cells.get('code'), cells.get('value')]
  if (!code) {
    findings.problems.push(invalid(at, { zh: '这一行没有代码（code）', en: 'this row has no code' }))
    return undefined
  }
  if (!value) {
    const reason = { zh: `代码“${code.text}”没有目标值（value）`, en: `code "${code.text}" has no value` }
    findings.problems.push(invalid(code.at, reason))
    return undefined
  }
  return {
    ...daysOf(cells, findings),
    code: code.text,
    value: toValue(value.text),
    label: cells.get('label')?.text,
    note: cells.get('note')?.text,
    when,
    at: code.at,
    valueAt: value.at,
  }
}

const oneOf = <T extends string>(written: Written | undefined, allowed: readonly T[], otherwise: T, findings: Findings): T => {
  if (!written) return otherwise
  const found = allowed.find((choice) => choice === written.text)
  if (found === undefined)
    findings.problems.push(invalid(written.at, { zh: `只能是 ${allowed.join('、')}`, en: `must be ${allowed.join(' or ')}` }))
  return found ?? otherwise
}

/** Checks a table as far as it can be checked by itself: its vocabulary is that of the fields that use it. */
export const toTableVersion = (written: WrittenTable, findings: Findings): TableVersion => {
  const { name, declarations, source } = written
  const said = (key: string) => declarations.get(key)?.text
  const version = said('version')
  const table: TableVersion = {
    ...daysOf(declarations, findings),
    label: version === undefined ? name : `${name}@${version}`,
    declared: written.declared,
    system: said('system'),
    standard: said('standard'),
    version,
    direction: oneOf<Direction>(declarations.get('direction'), wordsOf(directionWays), 'up', findings),
    lossy: oneOf(declarations.get('lossy'), ['true', 'false'], 'false', findings) === 'true',
    source: source?.map(({ text }) => text),
    reverse: new Map(written.reverse.map(([value, code]) => [toValue(value.text), code.text])),
    rows: written.rows.map((row) => rowOf(row, findings)).filter((row) => row !== undefined),
    at: written.at,
  }
  checkRows(table, written, findings)
  return table
}
