/** What a stream makes of a post: its records, and the answer to their receipts. */
import type { Receipt, SourceRecord } from '../../core/contract.ts'
import { type Answer, jsonAnswer } from './answers.ts'
import type { BodyHead } from './body.ts'
import type { StreamOptions } from './options.ts'
import { createRecords } from './records.ts'
import { createSoapReader } from './soap.ts'

export interface Post {
  records: SourceRecord[]
  answer(receipts: Receipt[]): Answer
}

/** Contract: the options have passed `checkHttpOptions`. `bytes` are not compressed. Rejects with a Refusal for too many records. */
export const createPostReader = (
  stream: StreamOptions,
  maxRecords: number,
): ((bytes: Uint8Array, head: BodyHead) => Promise<Post>) => {
  const records = createRecords(stream, maxRecords)
  const { soap } = stream
  const readSoap = soap && createSoapReader({ ...stream, soap }, records)
  return async (bytes, head) => {
    const decoded = records.decode(bytes, head.charset)
    if (readSoap) return readSoap(decoded, head)
    if (typeof decoded !== 'string') return { records: [decoded], answer: jsonAnswer }
    const found = stream.format === 'json' ? await records.readJsonDocument(decoded) : await records.readXmlDocument(decoded)
    return { records: found, answer: jsonAnswer }
  }
}
