/**
 * Contents in a request that is otherwise a text. While the request is written each stands as a mark, which no escaping changes; then it goes out in
 * its place, in pieces, so that none is ever whole in memory and the length of the request is known before.
 */
import { randomUUID } from 'node:crypto'
import type { StreamedBody } from './http-client.ts'
import type { Content } from './operation.ts'

async function* base64Of(content: Content): AsyncGenerator<Uint8Array> {
  let rest = Buffer.alloc(0)
  for await (const piece of content.read()) {
    const all =
      rest.byteLength === 0 ? Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength) : Buffer.concat([rest, piece])
    // Three bytes are four digits: what is over waits for the next piece.
    const whole = all.byteLength - (all.byteLength % 3)
    rest = Buffer.from(all.subarray(whole))
    yield Buffer.from(all.toString('base64', 0, whole), 'latin1')
  }
  if (rest.byteLength > 0) yield Buffer.from(rest.toString('base64'), 'latin1')
}

/** How contents stand in a request. */
const forms = {
  base64: { pieces: base64Of, length: ({ size }: Content) => 4 * Math.ceil(size / 3) },
  bytes: { pieces: (content: Content) => content.read(), length: ({ size }: Content) => size },
}

export const createEnclosures = () => {
  const key = randomUUID().replaceAll('-', '')
  const contents: Content[] = []
  return {
    markOf(content: Content): string {
      contents.push(content)
      return `${key}${String(contents.length).padStart(6, '0')}`
    },
    /** Whether a text is a mark. */
    isMark: (text: string): boolean => text.startsWith(key),
    /**
     * Reads each content once and keeps nothing of it: throws ATTACHMENT_DAMAGED before a request begins that nobody could take back.
     */
    async verify(): Promise<void> {
      for (const content of new Map(contents.map((one) => [one.digest, one])).values()) for await (const _ of content.read());
    },
    /** A request as it was written, with its contents in place of their marks. */
    bodyOf(written: Uint8Array, form: keyof typeof forms): Uint8Array | StreamedBody {
      if (contents.length === 0) return written
      const bytes = Buffer.from(written.buffer, written.byteOffset, written.byteLength)
      const { pieces, length } = forms[form]
      const parts: (Buffer | Content)[] = []
      let at = 0
      for (let mark = bytes.indexOf(key, at); mark >= 0; mark = bytes.indexOf(key, at)) {
        const end = mark + key.length + 6
        parts.push(bytes.subarray(at, mark), contents[Number(bytes.toString('latin1', end - 6, end)) - 1]!)
        at = end
      }
      parts.push(bytes.subarray(at))
      const isText = (part: Buffer | Content): part is Buffer => Buffer.isBuffer(part)
      if (parts.filter((part) => !isText(part)).length !== contents.length)
        throw new Error('a content is not in its request once')
      async function* stream(): AsyncGenerator<Uint8Array> {
        for (const part of parts) {
          if (isText(part)) yield part
          else yield* pieces(part)
        }
      }
      const byteLength = parts.reduce((sum, part) => sum + (isText(part) ? part.byteLength : length(part)), 0)
      return { byteLength, stream }
    },
  }
}

export type Enclosures = ReturnType<typeof createEnclosures>
