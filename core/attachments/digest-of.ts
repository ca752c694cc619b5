import { createHash } from 'node:crypto'
import { GatewayError } from '../errors.ts'
import type { Keep } from './kept-content.ts'

/** Passes a content on while it has no more than so many bytes; then it throws ATTACHMENT_TOO_LARGE. */
export async function* within(limit: number, content: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let size = 0
  for await (const piece of content) {
    size += piece.byteLength
    if (size > limit) throw GatewayError.of('ATTACHMENT_TOO_LARGE', { limit })
    yield piece
  }
}

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
