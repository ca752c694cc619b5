/** From the text of a file to its records, by format. */
import {
  createNaming,
  GatewayError,
  parseJson,
  parseXml,
  type SourceRecord,
  splitCsv,
  splitJson,
  splitLines,
  splitXml,
  type TextReader,
  type TreeNode,
  toGatewayError,
} from '../../core/contract.ts'
import type { FileOptions } from './options.ts'

export const createRecordReader = (options: FileOptions) => {
  const { format, maxRecordBytes, csv } = options
  const { nameOf, unreadableStream } = createNaming(options)
  const contentType = format === 'xml' ? ('application/xml' as const) : ('application/json' as const)

  const unreadable = (body: string | Uint8Array, position: string, fault: GatewayError): SourceRecord => ({
    stream: unreadableStream,
    key: position,
    body,
    contentType,
    charset: options.charset,
    fault,
  })

  const named = (body: string, content: TreeNode, position: string): SourceRecord => {
    const { stream, key = position } = nameOf(content)
    return { stream, key, body, contentType, value: content }
  }

  const guarded = (body: string, position: string, read: () => SourceRecord): SourceRecord => {
    try {
      const size = Buffer.byteLength(body)
      if (size > maxRecordBytes) throw GatewayError.of('RECORD_TOO_LARGE', { size, limit: maxRecordBytes })
      return read()
    } catch (error) {
      return unreadable(body, position, toGatewayError(error))
    }
  }

  /**
   * The records in order; `position` names the one that is next, `others` gets the names of elements that stand where records should. Throws
   * what makes the rest of the file unreadable. `damageIn` knows the lines that are no text, in formats by line.
   */
  async function* read(
    chunks: AsyncIterable<string>,
    position: (index: number) => string,
    others: Set<string>,
    damageIn: TextReader['damageIn'],
  ): AsyncGenerator<SourceRecord> {
    let index = 0
    if (format === 'xml') {
      for await (const { text, element } of splitXml(chunks, options.records, { maxRecordLength: maxRecordBytes, others })) {
        const here = position(index++)
        yield guarded(text, here, () => named(text, element ?? parseXml(text), here))
      }
    } else if (format === 'json') {
      const texts =
        options.records === 'lines' ? splitLines(chunks, maxRecordBytes) : splitJson(chunks, options.records, maxRecordBytes)
      for await (const text of texts) {
        const here = position(index++)
        const damage = damageIn(text)
        if (damage) yield unreadable(damage.bytes, here, damage.fault)
        else yield guarded(text, here, () => named(text, parseJson(text), here))
      }
    } else {
      for await (const { raw, values, fault } of splitCsv(chunks, { ...csv, maxLength: maxRecordBytes })) {
        const here = position(index++)
        const damage = damageIn(raw)
        if (damage) yield unreadable(damage.bytes, here, damage.fault)
        else if (!values) yield unreadable(raw, here, fault!)
        else yield guarded(JSON.stringify(values), here, () => named(JSON.stringify(values), values, here))
      }
    }
  }

  return { read, unreadable }
}
