/** An answer with attachments, which is read while it comes: what is large is kept, and the rest is an answer as any other. */
import {
  GatewayError,
  type HttpAnswer,
  isXopPackage,
  type Keep,
  liftBytes,
  liftPlaces,
  openArriving,
  parseMediaType,
  readXopPackage,
  type SourceRecord,
  type StreamedAnswer,
  type Text,
} from '../../core/contract.ts'
import type { Page } from './answer.ts'
import type { SoapOptions } from './options.ts'

/** Contract: the options have `attachments`, and have passed `checkSoapOptions`. */
export const createArrivalReader = (system: string, options: SoapOptions, readPage: (answer: HttpAnswer) => Page) => {
  const { maxAnswerBytes, answer } = options
  const { paths, maxCount } = options.attachments!
  const { records } = answer
  const places = liftPlaces(
    answer.kind === 'xml-string'
      ? { document: `Envelope/Body/${answer.part}`, records, paths }
      : { records: `Envelope/Body/${records}`, paths },
  )
  const invalid = (reason: Text, cause?: unknown): GatewayError =>
    GatewayError.of('SOURCE_ANSWER_INVALID', { system, reason }, { cause })

  const collect = async (pieces: AsyncIterable<Uint8Array>): Promise<Buffer> => {
    const collected: Uint8Array[] = []
    let size = 0
    for await (const piece of pieces) {
      size += piece.byteLength
      if (size > maxAnswerBytes)
        throw invalid({
          zh: `附件以外的部分超过上限 maxAnswerBytes ${maxAnswerBytes} 字节`,
          en: `without its attachments it is larger than maxAnswerBytes, ${maxAnswerBytes} bytes`,
        })
      collected.push(piece)
    }
    return Buffer.concat(collected)
  }

  return async ({ status, contentType, content }: StreamedAnswer, keep: Keep): Promise<Page> => {
    const arriving = openArriving({ paths, isContent: true }, keep)
    const collectDocument = (pieces: AsyncIterable<Uint8Array>) => collect(liftBytes(pieces, places, arriving.lift))

    const readBody = async (): Promise<HttpAnswer> => {
      const type = parseMediaType(contentType)
      if (!type || !isXopPackage(type))
        return { status, contentType: contentType.toLowerCase(), bytes: await collectDocument(content) }
      try {
        const { contentType: own, document } = await readXopPackage(content, type, maxCount, arriving, collectDocument)
        return { status, contentType: own.toLowerCase(), bytes: document }
      } catch (thrown) {
        if (!(thrown instanceof GatewayError) || thrown.code !== 'RECORD_UNREADABLE') throw thrown
        const { zh, en } = thrown.values['reason'] as Text
        throw invalid({ zh: `multipart/related：${zh}`, en: `multipart/related: ${en}` }, thrown)
      }
    }

    const page = readPage(await readBody())
    const settled: SourceRecord[] = []
    for (const record of page.records) settled.push(await arriving.attach(record))
    const unclaimed = arriving.unclaimed()
    const faulty = settled.findIndex(({ fault }) => fault !== undefined)
    if (unclaimed.length > 0 && faulty < 0)
      throw invalid({
        zh: `没有记录在 ${paths.join('、')} 处提到：${unclaimed.slice(0, 5).join(', ')}`,
        en: `no record refers at ${paths.join(', ')} to what came with it: ${unclaimed.slice(0, 5).join(', ')}`,
      })
    return { ...page, records: faulty < 0 ? settled : settled.with(faulty, arriving.attachUnclaimed(settled[faulty]!)) }
  }
}
