import { createHash } from 'node:crypto'
import type { Keep } from './kept-content.ts'

/** As `keep` answers, of a content that is not kept. Rejects with what the content throws. */
export const digestOf: Keep = async (content) => {
  const hash = createHash('sha256')
  let size = 0
  for await (const piece of content) {
    hash.update(piece)
    size += piece.byteLength
  }
  return { digest: `sha256:${hash.digest('hex')}`, size }
}
