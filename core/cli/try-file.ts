/** The records of a file that somebody wants to see mapped. Named as the file adapter names them, but for keys: here only the place is known. */
import { readFileSync } from 'node:fs'
import { basename, extname } from 'node:path'
import { parse } from 'csv-parse/sync'
import { decodeText } from '../codec/charset.ts'
import { type Json, parseJson } from '../codec/json.ts'
import { readXml } from '../codec/xml.ts'
import type { SourceRecord } from '../contract.ts'
import { GatewayError, toGatewayError } from '../errors.ts'

export const fileTypes = ['xml', 'json', 'lines', 'csv'] as const
export type FileType = (typeof fileTypes)[number]

export interface FileQuestion {
  type?: FileType
  charset?: string
  /** What the records are one of. Left out: the element's name for XML, otherwise the name of the file without its ending. */
  stream?: string
  /** XML only: the path of the records in the document, as for the file adapter. Left out: the document is the record. */
  records?: string
}

const endings: Readonly<Record<string, FileType>> = {
  '.xml': 'xml',
  '.json': 'json',
  '.jsonl': 'lines',
  '.ndjson': 'lines',
  '.csv': 'csv',
}

const usage = (zh: string, en: string, cause?: unknown) => GatewayError.of('COMMAND_USAGE', { reason: { zh, en } }, { cause })

const readBytes = (file: string): Buffer => {
  try {
    return readFileSync(file)
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code ?? ''
    throw usage(`文件 ${file} 无法读取：${code}`, `cannot read ${file}: ${code}`, cause)
  }
}

/** One value or the other would be dropped without a word. */
const columnsOf = (written: string[]): string[] => {
  const names = written.map((name) => name.trim())
  const second = names.findIndex((name, at) => names.indexOf(name) < at)
  if (second < 0) return names
  const first = names.indexOf(names[second]!)
  const reason = {
    zh: `第 ${first + 1} 列与第 ${second + 1} 列同名`,
    en: `columns ${first + 1} and ${second + 1} have the same name`,
  }
  throw GatewayError.of('CSV_INVALID', { line: 1, reason })
}

const rowsOf = (text: string): Json[] => {
  try {
    return parse(text, { bom: true, columns: columnsOf, skip_empty_lines: true })
  } catch (cause) {
    if (cause instanceof GatewayError) throw cause
    const { lines = 1, code = '' } = cause as { lines?: number; code?: string }
    const reason = { zh: `引号或列数有误（${code}）`, en: `its quotes or its number of columns are wrong (${code})` }
    throw GatewayError.of('CSV_INVALID', { line: lines, reason })
  }
}

const valuesOf = (type: FileType, text: string): Json[] => {
  if (type === 'csv') return rowsOf(text)
  if (type === 'lines')
    return text
      .split('\n')
      .filter((line) => line.trim() !== '')
      .map(parseJson)
  const value = parseJson(text)
  return Array.isArray(value) ? value : [value]
}

type Unnamed = Omit<SourceRecord, 'key' | 'stream'> & { stream?: string }

const xmlRecords = (text: string, path: string | undefined): Unnamed[] => {
  const contentType = 'application/xml' as const
  if (path === undefined) {
    const { above, fault } = readXml(text)
    const root = above.children[0]
    const stream = typeof root === 'object' ? { stream: root.local } : {}
    return [{ ...stream, body: text, contentType, ...(fault ? { fault } : typeof root === 'object' ? { value: root } : {}) }]
  }
  const { records, fault } = readXml(text, { path })
  const cut = records.map(({ text: body, element }) => ({
    body,
    contentType,
    ...(element ? { stream: element.local, value: element } : {}),
  }))
  return fault ? [...cut, { body: '', contentType, fault }] : cut
}

/**
 * Every record of the file in order. What cannot be read is a record with its fault, as a source would give it. Throws COMMAND_USAGE when
 * there is no such file, or nothing says of what type it is.
 */
export const recordsOfFile = (file: string, { type: given, charset, stream, records: path }: FileQuestion): SourceRecord[] => {
  const name = basename(file)
  const type = given ?? endings[extname(name).toLowerCase()]
  if (!type) {
    const types = fileTypes.join(', ')
    throw usage(`看不出 ${name} 的类型；用 --type 写明：${types}`, `what is ${name}? Say it with --type: ${types}`)
  }
  const bytes = readBytes(file)
  const read = (): Unnamed[] => {
    // Who names a charset here wants to see what it gives.
    const text = decodeText(bytes, charset === undefined ? undefined : { overriding: charset })
    if (type === 'xml') return xmlRecords(text, path)
    return valuesOf(type, text).map((value) => ({ body: JSON.stringify(value), contentType: 'application/json', value }))
  }
  const unreadable = (thrown: unknown): Unnamed[] => {
    const contentType = type === 'xml' ? 'application/xml' : 'application/json'
    return [{ body: bytes, contentType, ...(charset === undefined ? {} : { charset }), fault: toGatewayError(thrown) }]
  }
  let found: Unnamed[]
  try {
    found = read()
  } catch (thrown) {
    found = unreadable(thrown)
  }
  const byName = basename(name, extname(name))
  return found.map((record, index) => ({ ...record, stream: stream ?? record.stream ?? byName, key: `${name}#${index}` }))
}
