/** The text of a file, chunk by chunk. */
import type { FileHandle } from 'node:fs/promises'
import { createTextDecoder, decodeText, GatewayError, type Overriding } from '../../core/contract.ts'

const chunkSize = 64 * 1024

export interface TextReader {
  /** From the beginning of the file to its end. */
  chunks(): AsyncGenerator<string>
  /** Where the chunk that was given last begins in the file, in bytes. */
  offset(): number
}

/**
 * Chunks end behind the last `>` or line feed, which are never part of a longer character in UTF-8 and GB 18030: so each can be read
 * by itself to find the byte that is no text. What stands before that byte is still given, then CHARSET_INVALID is thrown with its
 * offset in the file. Reads `size` bytes: what a file has grown by since it was listed is not of the version that was listed.
 */
export const openTextReader = (handle: FileHandle, size: number, charset: string | Overriding): TextReader => {
  let offset = 0

  const upToFault = (chunk: Uint8Array, { values }: GatewayError): { text: string; fault: GatewayError } => {
    const found = String(values.charset)
    const overriding = { overriding: found }
    try {
      decodeText(chunk, overriding)
      return { text: '', fault: GatewayError.of('CHARSET_INVALID', { charset: found, offset }) }
    } catch (error) {
      if (!(error instanceof GatewayError) || error.code !== 'CHARSET_INVALID') throw error
      const at = Number(error.values.offset)
      const text = at > 0 ? decodeText(chunk.subarray(0, at), overriding) : ''
      return { text, fault: GatewayError.of('CHARSET_INVALID', { charset: found, offset: offset + at }, { cause: error }) }
    }
  }

  async function* chunks(): AsyncGenerator<string> {
    const decoder = createTextDecoder(charset)
    const buffer = Buffer.alloc(Math.min(size, chunkSize))
    let kept = 0
    offset = 0
    while (offset < size) {
      const wanted = Math.min(buffer.length - kept, size - offset - kept)
      const { bytesRead } = await handle.read(buffer, kept, wanted, offset + kept)
      const filled = kept + bytesRead
      if (filled === 0) break
      const filledPart = buffer.subarray(0, filled)
      const boundary = Math.max(filledPart.lastIndexOf('>'), filledPart.lastIndexOf('\n')) + 1
      const isLast = bytesRead === 0 || offset + filled === size
      const end = isLast || boundary === 0 ? filled : boundary
      const chunk = filledPart.subarray(0, end)
      let text: string
      try {
        text = decoder.decode(chunk)
      } catch (error) {
        if (!(error instanceof GatewayError) || error.code !== 'CHARSET_INVALID') throw error
        const front = upToFault(chunk, error)
        yield front.text
        throw front.fault
      }
      yield text
      offset += end
      kept = filled - end
      buffer.copyWithin(0, end, filled)
    }
    const rest = decoder.end()
    if (rest !== '') yield rest
  }

  return { chunks, offset: () => offset }
}
