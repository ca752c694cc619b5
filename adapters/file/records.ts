/** From the text of a file to its records, by format. */
import { GatewayError, type Json, parseXml, type SourceRecord, toGatewayError, type XmlElement } from '../../core/contract.ts'
import { cutXml } from './cut-xml.ts'
import type { FileOptions } from './options.ts'
import { textsAt } from './path.ts'
import { splitCsv } from './split-csv.ts'
import { pointerTokens, splitJson, splitLines } from './split-json.ts'

/** What names a record: the values at a path inside it. */
interface Content {
  element?: string
  textsAt(path: string): string[]
}

const joinKey = (values: string[]): string => values.map((value) => value.replaceAll('%', '%25').replaceAll('/', '%2F')).join('/')

const one = (content: Content, path: string): string => {
  const values = content
    .textsAt(path)
    .map((value) => value.trim())
    .filter(Boolean)
  if (values.length === 1) return values[0]!
  throw GatewayError.of('RECORD_UNREADABLE', {
    reason: { zh: `路径 ${path} 处有 ${values.length} 个值，应为 1 个`, en: `${path} holds ${values.length} values, not 1` },
  })
}

const xmlContent = (element: XmlElement): Content => ({ element: element.local, textsAt: (path) => textsAt(element, path) })

const jsonContent = (value: Json): Content => ({
  textsAt: (path) => {
    let found: Json | undefined = value
    for (const token of path.startsWith('/') ? pointerTokens(path) : [path]) {
      const inside: Json | undefined =
        typeof found === 'object' && found !== null ? (found as Record<string, Json>)[token] : undefined
      found = inside
    }
    if (typeof found === 'number' && Number.isInteger(found) && !Number.isSafeInteger(found)) {
      throw GatewayError.of('RECORD_UNREADABLE', {
        reason: { zh: `${path} 处的整数过长，不能作主键`, en: `the integer at ${path} is too long to name a record` },
      })
    }
    return typeof found === 'string' || typeof found === 'number' ? [String(found)] : []
  },
})

const parseJson = (text: string): Json => {
  try {
    return JSON.parse(text) as Json
  } catch (cause) {
    throw GatewayError.of('JSON_INVALID', { reason: cause instanceof Error ? cause.message : String(cause) }, { cause })
  }
}

/** Text without a tag is no record; it must not be held without end either. */
async function* bounded(chunks: AsyncIterable<string>, maxLength: number): AsyncGenerator<string> {
  let sinceTag = 0
  for await (const chunk of chunks) {
    const tag = chunk.lastIndexOf('>')
    sinceTag = tag < 0 ? sinceTag + chunk.length : chunk.length - tag - 1
    if (sinceTag > maxLength) throw GatewayError.of('RECORD_TOO_LARGE', { size: sinceTag, limit: maxLength })
    yield chunk
  }
}

export const createRecordReader = (options: FileOptions) => {
  const { format, maxRecordBytes, csv } = options
  const contentType = format === 'xml' ? ('application/xml' as const) : ('application/json' as const)

  /** A stream that depends on the content of what cannot be read is that of no mapping. */
  const unreadable = (body: string | Uint8Array, position: string, fault: GatewayError): SourceRecord => ({
    stream: options.stream.includes('{') ? 'unreadable' : options.stream,
    key: position,
    body,
    contentType,
    charset: options.charset,
    fault,
  })

  const named = (body: string, content: Content, position: string): SourceRecord => ({
    stream: options.stream.replace(/\{([^}]+)\}/g, (_, path: string) =>
      path === 'element' ? (content.element ?? '') : one(content, path),
    ),
    key: options.key.length === 0 ? position : joinKey(options.key.map((path) => one(content, path))),
    body,
    contentType,
  })

  const guarded = (body: string, position: string, read: () => SourceRecord): SourceRecord => {
    try {
      const size = Buffer.byteLength(body)
      if (size > maxRecordBytes) throw GatewayError.of('RECORD_TOO_LARGE', { size, limit: maxRecordBytes })
      return read()
    } catch (error) {
      return unreadable(body, position, toGatewayError(error))
    }
  }

  /** The records in order; `open` gives the text from its beginning; `position` names the one that is next. Throws what makes the rest of the file unreadable. */
  async function* read(open: () => AsyncIterable<string>, position: (index: number) => string): AsyncGenerator<SourceRecord> {
    let index = 0
    if (format === 'xml') {
      const text = (): AsyncIterable<string> => bounded(open(), maxRecordBytes)
      for await (const { text: cut } of cutXml(text, options.records, { maxRecordLength: maxRecordBytes })) {
        const here = position(index++)
        yield guarded(cut, here, () => named(cut, xmlContent(parseXml(cut)), here))
      }
    } else if (format === 'json') {
      const texts =
        options.records === 'lines' ? splitLines(open(), maxRecordBytes) : splitJson(open(), options.records, maxRecordBytes)
      for await (const text of texts) {
        const here = position(index++)
        yield guarded(text, here, () => named(text, jsonContent(parseJson(text)), here))
      }
    } else {
      for await (const { raw, values, fault } of splitCsv(open(), { ...csv, maxLength: maxRecordBytes })) {
        const here = position(index++)
        if (!values) yield unreadable(raw, here, fault!)
        else
          yield guarded(JSON.stringify(values), here, () => ({
            ...named(JSON.stringify(values), jsonContent(values), here),
            value: values,
          }))
      }
    }
  }

  return { read, unreadable }
}
