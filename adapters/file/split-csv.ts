/** The rows of a CSV text (RFC 4180) by the column names of its first line. */
import { finished } from 'node:stream/promises'
import { type CsvError, parse } from 'csv-parse'
import { GatewayError, type Text } from '../../core/contract.ts'

export interface Row {
  /** The row as received, for one that cannot be read. */
  raw: string
  values?: Record<string, string>
  fault?: GatewayError
}

const invalid = (line: number, reason: string | Text, cause?: unknown): GatewayError =>
  GatewayError.of('CSV_INVALID', { line, reason }, { cause })

const checkColumns = (names: string[]): void => {
  const repeated = names.find((name, index) => names.indexOf(name) !== index)
  if (repeated !== undefined) throw invalid(1, { zh: `列名“${repeated}”重复`, en: `column "${repeated}" occurs twice` })
}

/**
 * A row that breaks the format is given with its fault, and the ones behind it are read. Throws CSV_INVALID for an unusable first line
 * and RECORD_TOO_LARGE, for example behind a quote that is never closed.
 */
export async function* splitCsv(
  chunks: AsyncIterable<string>,
  { delimiter, quote, maxLength }: { delimiter: string; quote: string; maxLength: number },
): AsyncGenerator<Row> {
  let columns: string[] | undefined
  let rows: Row[] = []
  let sinceRow = 0
  let checked = false

  const add = ({ record: values, raw }: { record: string[]; raw: string }): void => {
    if (columns) rows.push({ raw, values: Object.fromEntries(columns.map((name, index) => [name, values[index]!])) })
    else columns = values.map((name) => name.trim())
  }
  const parser = parse({
    delimiter,
    quote,
    escape: quote,
    raw: true,
    skip_empty_lines: true,
    skip_records_with_error: true,
    // Rows and faults are taken in their order from here; none goes through the stream, which drops good rows on a fault.
    on_record: (row: unknown) => {
      add(row as { record: string[]; raw: string })
      return null
    },
  })
  // A row with several faults is told of several times, the last time with most of its text: so it waits for what follows.
  parser.on('skip', (error: CsvError & { lines?: number }, raw = '') => {
    const line = error.lines ?? 0
    if (rows.at(-1)?.fault?.values.line === line) rows.pop()
    rows.push({ raw, fault: invalid(line, error.message.replace(/\s+/g, ' ').slice(0, 200), error) })
  })
  const take = (): Row[] => {
    const kept = rows.at(-1)?.fault ? 1 : 0
    const taken = rows.slice(0, rows.length - kept)
    rows = rows.slice(rows.length - kept)
    return taken
  }

  for await (const chunk of chunks) {
    for (const line of chunk.split(/(?<=\n)/)) {
      sinceRow += line.length
      if (sinceRow > maxLength) {
        yield* rows
        throw GatewayError.of('RECORD_TOO_LARGE', { size: sinceRow, limit: maxLength })
      }
      parser.write(line)
      // Without its first line nothing says what the others mean.
      if (!columns && rows[0]?.fault) throw rows[0].fault
      if (columns && !checked) checkColumns(columns)
      checked = columns !== undefined
      const taken = take()
      if (taken.length > 0 || rows.length > 0) sinceRow = 0
      yield* taken
    }
  }
  await finished(parser.end().resume())
  yield* rows
  if (!columns) throw invalid(1, { zh: '没有列名行', en: 'there is no line with the names of the columns' })
}
