import { decodeText } from './codec/charset.ts'
import { parseJson } from './codec/json.ts'
import type { TreeNode } from './codec/path.ts'
import { parseXml } from './codec/xml.ts'
import type { SourceRecord } from './contract.ts'
import { GatewayError } from './errors.ts'

/** The body of a record as values. Throws what quarantines it: too large, not in its charset, not well-formed. */
export const readRecord = (record: SourceRecord, maxBytes: number): TreeNode => {
  const size = typeof record.body === 'string' ? Buffer.byteLength(record.body) : record.body.byteLength
  if (size > maxBytes) throw GatewayError.of('RECORD_TOO_LARGE', { size, limit: maxBytes })
  if (record.value !== undefined) return record.value
  const text = typeof record.body === 'string' ? record.body : decodeText(record.body, record.charset)
  return record.contentType === 'application/xml' ? parseXml(text) : parseJson(text)
}
