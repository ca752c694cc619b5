/** The rows of a CSV text (RFC 4180) by the column names of its first line. */
import { GatewayError, type Text } from '../errors.ts'

export interface Row {
  /** The row as received, without its line end. */
  raw: string
  values?: Record<string, string>
  fault?: GatewayError
}

/** A row that is being read, as far as the text goes: more text goes on from here. */
interface RawRow {
  from: number
  values: string[]
  /** Where the value begins that is read next. */
  at: number
  /** The mark that ends this value is not before. */
  searched: number
  /** The values of several lines: where their quotes are, counted from the beginning of the row. */
  quoted: { column: number; opens: number; closes: number }[]
  /** Behind its line end, once that is known; of a row with a fault, behind the line where the fault lies. */
  end?: number
  fault?: Text
}

const beginRow = (from: number): RawRow => ({ from, values: [], at: from, searched: from, quoted: [] })

/** The same row, when so much of the text before it is gone. */
const moved = ({ from, at, searched, end, ...row }: RawRow, by: number): RawRow => ({
  ...row,
  from: from - by,
  at: at - by,
  searched: searched - by,
  ...(end !== undefined && { end: end - by }),
})

const invalid = (line: number, reason: Text): GatewayError => GatewayError.of('CSV_INVALID', { line, reason })

const lineEnds = /\r\n|\r|\n/g

const find = (marks: RegExp, text: string, from: number): { index: number; mark: string } => {
  marks.lastIndex = from
  const match = marks.exec(text)
  return match ? { index: match.index, mark: match[0] } : { index: text.length, mark: '' }
}

const lineEnd = (text: string, from: number): number => {
  const { index, mark } = find(lineEnds, text, from)
  return index + mark.length
}

/** Of fewer than this many columns a line of a text may have as many by accident. */
const leastDelimiters = 2

/**
 * Where a line begins that looks like a row by itself, inside of a value of several lines: two quotes too many, one in each of two rows, make one
 * value of all that is between them. The last of these lines goes on behind the value.
 */
const rowInside = (text: string, { from, end, quoted }: RawRow, columns: number, delimiter: string) => {
  const delimitersIn = (start: number, stop: number): number => text.slice(start, stop).split(delimiter).length - 1
  for (const { column, opens, closes } of quoted) {
    for (let at = lineEnd(text, from + opens); at <= from + closes; at = lineEnd(text, at)) {
      const within = Math.min(lineEnd(text, at), from + closes)
      const stop = within < from + closes ? within : end!
      if (delimitersIn(at, within) >= leastDelimiters && delimitersIn(at, stop) === columns - 1) return { at, column }
    }
  }
  return undefined
}

const checkColumns = (names: string[]): void => {
  const repeated = names.findIndex((name, index) => names.indexOf(name) !== index)
  if (repeated < 0) return
  // Not by name: where the line of names was forgotten, it is a row of data.
  const [first, second] = [names.indexOf(names[repeated]!) + 1, repeated + 1]
  throw invalid(1, { zh: `第 ${first} 列与第 ${second} 列同名`, en: `columns ${first} and ${second} have the same name` })
}

/**
 * Reads a row on, up to its end: false when that takes more text. Not csv-parse: behind a wrong quote that takes the rows which follow
 * for the inside of a value.
 */
const createRowReader = (delimiter: string, quote: string) => {
  const literally = (character: string): string => `\\u{${character.codePointAt(0)!.toString(16)}}`
  const marks = new RegExp(`${literally(quote)}|${literally(delimiter)}|${lineEnds.source}`, 'gu')

  const closingQuote = (text: string, from: number): number => {
    let at = text.indexOf(quote, from)
    while (at >= 0 && text.startsWith(quote, at + quote.length)) at = text.indexOf(quote, at + 2 * quote.length)
    return at
  }

  return (row: RawRow, text: string, isLast: boolean): boolean => {
    // The last characters may be half of a line end or of a doubled quote.
    const isOpen = (end: number): boolean => end === text.length && !isLast
    while (row.end === undefined) {
      const { values, at } = row
      const column = values.length + 1
      if (isOpen(at)) return false
      const isQuoted = text.startsWith(quote, at)
      let after = at
      if (isQuoted) {
        const closing = closingQuote(text, Math.max(row.searched, at + quote.length))
        row.searched = closing < 0 ? text.length : closing
        after = row.searched + quote.length
        if (closing < 0 && isLast) {
          row.fault = { zh: `第 ${column} 列的引号没有结束`, en: `the quote in column ${column} is never closed` }
          row.end = text.length
          break
        }
        if (closing < 0 || isOpen(after)) return false
      }
      const { index, mark } = find(marks, text, Math.max(row.searched, after))
      if (!isQuoted) row.searched = index
      if (mark === quote || (isQuoted && index > after)) {
        const end = lineEnd(text, index)
        if (isOpen(end) && !text.endsWith('\n')) return false
        row.fault = { zh: `第 ${column} 列的引号有误`, en: `the quotes in column ${column} are wrong` }
        row.end = end
        break
      }
      const next = index + mark.length
      if (isOpen(next) && (mark === '' || mark === '\r')) return false
      if (isQuoted && /[\r\n]/.test(text.slice(at, index)))
        row.quoted.push({ column, opens: at - row.from, closes: row.searched - row.from })
      values.push(
        isQuoted ? text.slice(at + quote.length, after - quote.length).replaceAll(quote + quote, quote) : text.slice(at, index),
      )
      row.at = next
      row.searched = next
      if (mark !== delimiter) row.end = next
    }
    return true
  }
}

/**
 * A row that breaks the format is given with its fault (CSV_INVALID with the line where it begins), and the ones behind it are read: a row
 * with wrong quotes ends before the first line that is a good row by itself, at the latest with the line where they prove wrong. A value of
 * several lines of which one looks like a row, with three columns or more, is such a fault, too.
 * Line ends are CRLF, LF or CR; empty lines are no rows. Throws CSV_INVALID for an unusable first line and RECORD_TOO_LARGE when a row
 * has no end within `maxLength` characters; the rows before it are yielded first. No error holds any part of the text.
 */
export async function* splitCsv(
  chunks: AsyncIterable<string> | Iterable<string>,
  { delimiter, quote, maxLength }: { delimiter: string; quote: string; maxLength: number },
): AsyncGenerator<Row> {
  const readRow = createRowReader(delimiter, quote)
  let columns: string[] | undefined
  let text = ''
  let line = 1
  let row = beginRow(0)
  let behind: RawRow | undefined

  /** Where the row ends in truth; undefined when that takes more text. */
  const settle = (isLast: boolean): number | undefined => {
    if (!readRow(row, text, isLast)) return undefined
    if (!columns) return row.end
    if (!row.fault) {
      const inside = row.quoted.length === 0 ? undefined : rowInside(text, row, columns.length, delimiter)
      if (!inside) return row.end
      const { at, column } = inside
      row.fault = {
        zh: `第 ${column} 列的引号里有像是另一行的一行：引号多半有误`,
        en: `inside of the quotes of column ${column} a line looks like another row: a quote is wrong`,
      }
      return at
    }
    behind ??= beginRow(lineEnd(text, row.from))
    while (behind.from < row.end!) {
      if (!readRow(behind, text, isLast)) return undefined
      if (!behind.fault && behind.values.length === columns.length) break
      behind = beginRow(lineEnd(text, behind.from))
    }
    return behind.from
  }
  const toRow = (raw: string, { values, fault }: RawRow): Row | undefined => {
    // Without its first line nothing says what the others mean.
    if (fault && !columns) throw invalid(line, fault)
    if (fault) return { raw, fault: invalid(line, fault) }
    if (!columns) {
      columns = values.map((name) => name.trim())
      // Of a column whose name is not whole nobody knows which it is.
      if (columns.some((name) => /[\ufffd\ud800-\udfff]/u.test(name)))
        throw invalid(line, { zh: '列名里有丢失的字符', en: 'the name of a column holds a lost character' })
      checkColumns(columns)
      return undefined
    }
    const [wanted, found] = [columns.length, values.length]
    if (found !== wanted) {
      return {
        raw,
        fault: invalid(line, { zh: `应有 ${wanted} 列，实有 ${found} 列`, en: `${found} columns instead of ${wanted}` }),
      }
    }
    return { raw, values: Object.fromEntries(columns.map((name, index) => [name, values[index]!])) }
  }
  /** Takes every settled row out of the text. */
  function* take(isLast: boolean): Generator<Row> {
    while (row.from < text.length) {
      const end = settle(isLast)
      if (end === undefined) break
      const whole = text.slice(row.from, end)
      const raw = whole.replace(/(\r\n|\r|\n)$/, '')
      const taken = raw === '' ? undefined : toRow(raw, row)
      if (taken) yield taken
      line += whole.match(lineEnds)?.length ?? 0
      row = beginRow(end)
      behind = undefined
    }
    const gone = row.from
    text = text.slice(gone)
    row = moved(row, gone)
    behind &&= moved(behind, gone)
  }

  for await (const chunk of chunks) {
    text += chunk
    yield* take(false)
    const size = text.length - (behind ?? row).from
    if (size > maxLength) throw GatewayError.of('RECORD_TOO_LARGE', { size, limit: maxLength })
  }
  yield* take(true)
  if (!columns) throw invalid(1, { zh: '没有列名行', en: 'there is no line with the names of the columns' })
}
