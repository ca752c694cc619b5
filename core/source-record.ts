import type { SourceRecord } from './contract.ts'
import type { StoredRecord } from './store/store.ts'

/** A stored record as its source once gave it. */
export const toSourceRecord = ({ stream, key, contentType, charset, decoded }: StoredRecord, body: Buffer): SourceRecord => ({
  stream,
  key,
  body: decoded ? body.toString() : body,
  contentType: contentType as SourceRecord['contentType'],
  ...(charset === null ? {} : { charset }),
})
