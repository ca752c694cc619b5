/** The records of a file that somebody wants to see mapped. Named as the file adapter names them, but for keys: here only the place is known. */
import { readFileSync } from 'node:fs'
import { basename, extname } from 'node:path'
import { decodeText } from '../codec/charset.ts'
import { type Json, parseJson } from '../codec/json.ts'
import { findPathProblems } from '../codec/naming.ts'
import { openTextReader, type TextReader } from '../codec/read-text.ts'
import { splitCsv } from '../codec/split-csv.ts'
import { splitJson, splitLines } from '../codec/split-json.ts'
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

const handleOf = (bytes: Buffer) => ({
  read: async (buffer: Uint8Array, offset: number, length: number, position: number) => ({
    bytesRead: bytes.copy(buffer, offset, position, position + length),
  }),
})

type Unnamed = Omit<SourceRecord, 'key' | 'stream'> & { stream?: string }

const readAs = (body: string, read: () => Json): Unnamed => {
  const contentType = 'application/json' as const
  try {
    return { body, contentType, value: read() }
  } catch (thrown) {
    return { body, contentType, fault: toGatewayError(thrown) }
  }
}

/** Of a file of JSON: the entries of its list, or what it is as a whole. */
async function* jsonRecords(text: string): AsyncGenerator<Unnamed> {
  const isList = /^\s*\[/.test(text)
  for await (const one of isList ? splitJson([text], '', text.length) : [text]) yield readAs(one, () => parseJson(one))
}

/** As the file adapter cuts a file of lines with its default options: what is wrong with one record is told with it. */
async function* recordsByLine(type: 'csv' | 'lines', { chunks, damageIn }: TextReader, size: number): AsyncGenerator<Unnamed> {
  const contentType = 'application/json' as const
  if (type === 'lines') {
    for await (const one of splitLines(chunks(), size)) {
      const damage = damageIn(one)
      yield damage ? { body: damage.bytes, contentType, fault: damage.fault } : readAs(one, () => parseJson(one))
    }
    return
  }
  for await (const { raw, values, fault } of splitCsv(chunks(), { delimiter: ',', quote: '"', maxLength: size })) {
    const damage = damageIn(raw)
    if (damage) yield { body: damage.bytes, contentType, fault: damage.fault }
    else if (values) yield { body: JSON.stringify(values), contentType, value: values }
    else yield { body: raw, contentType, ...(fault ? { fault } : {}) }
  }
}

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
 * there is no such file, nothing says of what type it is, or `records` is no path or finds nothing.
 */
export const recordsOfFile = async (
  file: string,
  { type: given, charset, stream, records: path }: FileQuestion,
): Promise<SourceRecord[]> => {
  const name = basename(file)
  const type = given ?? endings[extname(name).toLowerCase()]
  if (!type) {
    const types = fileTypes.join(', ')
    throw usage(`看不出 ${name} 的类型；用 --type 写明：${types}`, `what is ${name}? Say it with --type: ${types}`)
  }
  const [badPath] = findPathProblems('--records', path)
  if (badPath) throw usage(`--records 有误：${badPath.expected.zh}`, `--records is wrong: ${badPath.expected.en}`)
  if (path !== undefined && type !== 'xml') throw usage('--records 只用于 XML 文件', '--records is for XML files only')
  const bytes = readBytes(file)
  // Who names a charset here wants to see what it gives.
  const decoding = charset === undefined ? undefined : { overriding: charset }
  const found: Unnamed[] = []
  try {
    if (type === 'xml') found.push(...xmlRecords(decodeText(bytes, decoding), path))
    else if (type === 'json') for await (const record of jsonRecords(decodeText(bytes, decoding))) found.push(record)
    else {
      const text = openTextReader(handleOf(bytes), bytes.byteLength, decoding, { byLine: true })
      for await (const record of recordsByLine(type, text, bytes.byteLength)) found.push(record)
    }
  } catch (thrown) {
    const contentType = type === 'xml' ? 'application/xml' : 'application/json'
    found.push({ body: bytes, contentType, fault: toGatewayError(thrown) })
  }
  if (path !== undefined && found.length === 0)
    throw usage(`--records ${path} 在 ${name} 里没有选中任何元素`, `--records ${path} finds no element in ${name}`)
  const named = charset === undefined ? {} : { charset }
  const byName = basename(name, extname(name))
  return found.map((record, index) => ({
    ...record,
    ...(record.fault && named),
    stream: stream ?? record.stream ?? byName,
    key: `${name}#${index}`,
  }))
}
