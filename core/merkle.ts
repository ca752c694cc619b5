/**
 * Merkle trees as in RFC 6962, section 2.1, over ids.
 *
 *     leaf = SHA-256(0x00 ‖ id in UTF-8)    node = SHA-256(0x01 ‖ left ‖ right)    of no ids: SHA-256 of nothing
 *
 * The left child of n leaves covers the largest power of two below n. Pairing neighbours level by level, and taking the last up as it is
 * where it has none, gives the same tree. So the root over the roots of equal parts of 2^k leaves is that of the whole.
 */
import { sha256 } from './sha256.ts'

const nodePrefix = Buffer.of(1)

const rise = (level: readonly Buffer[]): Buffer[] =>
  Array.from({ length: Math.ceil(level.length / 2) }, (_, at) => {
    const [left, right] = [level[2 * at]!, level[2 * at + 1]]
    return right === undefined ? left : sha256(Buffer.concat([nodePrefix, left, right]))
  })

/** The root over nodes of one level. */
export const rootOfNodes = (nodes: readonly Buffer[]): Buffer => {
  if (nodes.length === 0) return sha256('')
  let level = nodes
  while (level.length > 1) level = rise(level)
  return level[0]!
}

/** The root over ids, in the order given: whoever compares roots sorts by the bytes of UTF-8. 32 bytes. */
export const rootOfIds = (ids: readonly string[]): Buffer => rootOfNodes(ids.map((id) => sha256(`\0${id}`)))
