/** What must hold between the rows of one code table. */
import { didYouMean } from '../../did-you-mean.ts'
import { GatewayError, type Text } from '../../errors.ts'
import { dayAfter, isPossible, overlap, shownDays } from './days.ts'
import type { CodeRow, TableVersion } from './table.ts'
import { type Findings, invalid, type WrittenTable } from './written-table.ts'

const groupBy = <K>(rows: readonly CodeRow[], keyOf: (row: CodeRow) => K): CodeRow[][] => {
  const groups = new Map<K, CodeRow[]>()
  for (const row of rows) {
    const key = keyOf(row)
    groups.set(key, [...(groups.get(key) ?? []), row])
  }
  return [...groups.values()]
}

/** The first row of each group that stands against an earlier one. */
const firstConflict = (group: CodeRow[], conflict: (a: CodeRow, b: CodeRow) => boolean): [CodeRow, CodeRow] | undefined => {
  for (const [index, row] of group.entries()) {
    const other = group.slice(0, index).find((earlier) => overlap(earlier, row) && conflict(earlier, row))
    if (other) return [other, row]
  }
  return undefined
}

const checkTwice = ({ rows, label }: TableVersion, { problems }: Findings): void => {
  for (const group of groupBy(rows, ({ code }) => code)) {
    const found = firstConflict(group, (a, b) => a.when === undefined || b.when === undefined)
    if (!found) continue
    const [{ at: first }, { at, code }] = found
    problems.push(
      invalid(at, {
        zh: `代码表 ${label}：代码“${code}”重复（另见 ${first}）；同一代码的几行须各写 when，或日期不重叠`,
        en: `code table ${label}: code "${code}" is given twice (also at ${first}); rows of one code each need a when, or days that do not overlap`,
      }),
    )
  }
}

/** Codes that a person or a spreadsheet takes for the same: full width, compatibility forms, leading zeros. */
const looksLike = (code: string): string =>
  code
    .normalize('NFKC')
    .trim()
    .replace(/^0+(?=.)/, '')

const checkLookAlikes = ({ rows, label }: TableVersion, { warnings }: Findings): void => {
  for (const group of groupBy(rows, ({ code }) => looksLike(code))) {
    const [first] = group
    const other = group.find(({ code }) => code !== first!.code)
    if (!first || !other) continue
    const reason = {
      zh: `代码“${other.code}”与“${first.code}”（${first.at}）看上去是同一个，网关视为两个`,
      en: `code "${other.code}" looks like "${first.code}" (${first.at}); to the gateway they are two`,
    }
    warnings.push(GatewayError.of('CODE_TABLE_DOUBTFUL', { at: other.at, table: label, reason }))
  }
}

/** What a spreadsheet makes of a long code, and of one such as 1-2, when it saves them; and what nobody sees. */
const doubtsOf = (code: string): Text | undefined => {
  if (/^\d(\.\d+)?E\+?\d+$/i.test(code))
    return { zh: '像是表格软件把长数字改写成的', en: 'looks like a long number that a spreadsheet has shortened' }
  if (/^(\d{1,2}[月-][A-Za-z]{3}|\d{1,2}月\d{1,2}日?|\d{4}[/-]\d{1,2}[/-]\d{1,2})$/.test(code))
    return { zh: '像是表格软件改成的日期', en: 'looks like a day that a spreadsheet has made of it' }
  const unseen = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u.exec(code)?.[0].codePointAt(0)
  if (unseen === undefined) return undefined
  const point = `U+${unseen.toString(16).toUpperCase().padStart(4, '0')}`
  return { zh: `含有看不见的字符 ${point}`, en: `holds the character ${point}, which nobody sees` }
}

const checkSpelling = ({ rows, label }: TableVersion, { warnings }: Findings): void => {
  for (const { code, at } of rows) {
    const doubt = doubtsOf(code)
    if (!doubt) continue
    const reason = { zh: `代码“${code}”${doubt.zh}`, en: `code "${code}" ${doubt.en}` }
    warnings.push(GatewayError.of('CODE_TABLE_DOUBTFUL', { at, table: label, reason }))
  }
}

/** Groups of rows that share a value although their codes differ, on a common day. */
export const sharedValues = (rows: readonly CodeRow[]): [CodeRow, CodeRow][] =>
  groupBy(rows, ({ value }) => value)
    .map((group) => firstConflict(group, (a, b) => a.code !== b.code))
    .filter((found) => found !== undefined)

const checkLoss = ({ rows, label, lossy, declared }: TableVersion, { problems }: Findings): void => {
  if (!declared || lossy) return
  for (const [first, { valueAt: at, code, value }] of sharedValues(rows)) {
    problems.push(
      invalid(at, {
        zh: `代码表 ${label}：代码“${code}”与“${first.code}”（${first.at}）同为“${value}”，反向时分不清；确属如此须声明 lossy: true`,
        en: `code table ${label}: codes "${code}" and "${first.code}" (${first.at}) share the value "${value}" and cannot be told apart on the way back; declare lossy: true if that is so`,
      }),
    )
  }
}

const checkTotal = ({ rows, label }: TableVersion, { source, ...written }: WrittenTable, { problems }: Findings): void => {
  if (!source) return
  // As written: a row that is wrong is told as that, and not as missing, too.
  const mapped = new Set(written.rows.map(({ cells }) => cells.get('code')?.text))
  const known = source.map(({ text }) => text)
  for (const { text, at } of source) {
    if (mapped.has(text)) continue
    const reason = {
      zh: `代码表 ${label}：source 中的代码“${text}”没有对应的行`,
      en: `code table ${label}: code "${text}" of source has no row`,
    }
    problems.push(invalid(at, reason))
  }
  for (const { code, at } of rows) {
    if (known.includes(code)) continue
    const { zh, en } = didYouMean(code, known)
    problems.push(
      invalid(at, {
        zh: `代码表 ${label}：代码“${code}”不在 source 中。${zh}`,
        en: `code table ${label}: code "${code}" is not in source. ${en}`,
      }),
    )
  }
}

const checkReverse = ({ rows, label, reverse }: TableVersion, written: WrittenTable, { problems }: Findings): void => {
  for (const [index, [value, code]] of [...reverse].entries()) {
    const codes = rows.filter((row) => row.value === value).map((row) => row.code)
    if (codes.includes(code)) continue
    const reason = {
      zh: `代码表 ${label}：reverse 中“${value}”的代码应为 ${[...new Set(codes)].join('、') || '（表中没有该值）'}，实为“${code}”`,
      en: `code table ${label}: the code of "${value}" in reverse must be one of ${[...new Set(codes)].join(', ') || '(no row has it)'}, not "${code}"`,
    }
    problems.push(invalid(written.reverse[index]?.[1].at ?? written.at, reason))
  }
}

/** Days that no row of a code is for, between others that one is. */
const checkGaps = ({ rows, label }: TableVersion, { warnings }: Findings): void => {
  for (const group of groupBy(rows.filter(isPossible), ({ code }) => code)) {
    const ordered = [...group].sort((a, b) => ((a.from ?? '') < (b.from ?? '') ? -1 : 1))
    let last = ordered[0]?.to
    for (const { code, from, to, at } of ordered.slice(1)) {
      if (last === undefined) break
      if (from !== undefined && from > dayAfter(last)) {
        const days = shownDays({ from: dayAfter(last), to: dayAfter(from, -1) })
        const reason = { zh: `代码“${code}”在 ${days} 没有行`, en: `code "${code}" has no row for ${days}` }
        warnings.push(GatewayError.of('CODE_TABLE_DOUBTFUL', { at, table: label, reason }))
      }
      last = to === undefined || to > last ? to : last
    }
  }
}

/** A row is looked at on the days of its version only. */
const checkReach = ({ rows, label, ...version }: TableVersion, { problems }: Findings): void => {
  for (const { code, at, ...days } of rows) {
    if (!isPossible(version) || !isPossible(days) || overlap(version, days)) continue
    const reason = {
      zh: `代码表 ${label}：代码“${code}”的这一行只在 ${shownDays(days)} 有效，而这一版只在 ${shownDays(version)} 有效`,
      en: `code table ${label}: this row of code "${code}" counts for ${shownDays(days)} only, and the version for ${shownDays(version)}`,
    }
    problems.push(invalid(at, reason))
  }
}

/** Codes given twice or looking alike, loss that is not declared, codes of the source list that are missing, days that a row or nobody is for. */
export const checkRows = (table: TableVersion, written: WrittenTable, findings: Findings): void => {
  checkTwice(table, findings)
  checkLookAlikes(table, findings)
  checkSpelling(table, findings)
  checkLoss(table, findings)
  checkTotal(table, written, findings)
  checkReverse(table, written, findings)
  checkReach(table, findings)
  checkGaps(table, findings)
}
