import { decodeText } from './codec/charset.ts'
import { parseJson } from './codec/json.ts'
import type { TreeNode } from './codec/path.ts'
import { parseXml } from './codec/xml.ts'
import type { SourceRecord } from './contract.ts'

/** The body of a record as values. Throws what quarantines it: not in its charset, not well-formed. */
export const readRecord = (record: SourceRecord): TreeNode => {
  if (record.value !== undefined) return record.value
  const text = typeof record.body === 'string' ? record.body : decodeText(record.body, record.charset)
  return record.contentType === 'application/xml' ? parseXml(text) : parseJson(text)
}
