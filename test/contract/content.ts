import type { Content } from '../../core/contract.ts'
import { GatewayError } from '../../core/errors.ts'
import { digestOf } from './attachment-place.ts'

/** A content as a sink is given it. `pieces` counts how much of it was read. */
export const contentOf = (bytes: Buffer, length = 1024 * 1024): Content & { pieces: number } => {
  const content = {
    digest: digestOf(bytes),
    size: bytes.length,
    pieces: 0,
    async *read() {
      for (let at = 0; at < bytes.length; at += length) {
        content.pieces += 1
        yield bytes.subarray(at, at + length)
      }
    },
  }
  return content
}

/** One whose file turns out to be another when it was read. */
export const damagedContent = (bytes: Buffer): Content => {
  const whole = contentOf(bytes)
  return {
    ...whole,
    async *read() {
      yield* whole.read()
      throw GatewayError.of('ATTACHMENT_DAMAGED', { digest: whole.digest, reason: { zh: '坏了', en: 'it is broken' } })
    },
  }
}
