import type { CorrectedRecord } from './correction.ts'
import type { StoredRecord } from './store/store.ts'

/** A stored record as its source once gave it, with what persons have decided about it since. */
export const toSourceRecord = (
  { stream, key, contentType, charset, decoded, corrections }: StoredRecord,
  body: Buffer,
): CorrectedRecord => ({
  stream,
  key,
  body: decoded ? body.toString() : body,
  contentType: contentType as CorrectedRecord['contentType'],
  ...(charset === null ? {} : { charset }),
  ...(corrections.length === 0 ? {} : { corrections }),
})
