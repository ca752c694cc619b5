/** Small enough that a text that is kept does not hold much, large enough that dozens of messages share one. */
const chunkBytes = 64 * 1024
/** What may be larger than this share of a chunk has memory of its own. */
const maxShare = 4
/** Of a UTF-16 code unit. */
const maxBytes = 3

/**
 * Encodes texts in UTF-8, one behind the other in chunks of memory, since memory of its own for each took longer than writing it. A chunk lives as long
 * as any text in it: texts that live long and texts that do not have an encoder each. A text may come in parts, none of which ends in the middle of a
 * character.
 */
export const createUtf8Encoder = () => {
  let chunk = Buffer.alloc(0)
  let used = 0
  return (...parts: readonly string[]): Buffer => {
    let most = 0
    for (const part of parts) most += part.length * maxBytes
    if (most > chunkBytes / maxShare) return Buffer.from(parts.join(''))
    if (most > chunk.length - used) {
      chunk = Buffer.allocUnsafeSlow(chunkBytes)
      used = 0
    }
    const start = used
    for (const part of parts) used += chunk.write(part, used)
    return chunk.subarray(start, used)
  }
}
