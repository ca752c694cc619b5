/** The text of a file, chunk by chunk. */
import { GatewayError } from '../errors.ts'
import { createTextDecoder, decodeText, type Overriding, readableText } from './charset.ts'

const chunkSize = 64 * 1024

const lineFeed = Buffer.from('\n')

/** Behind the end of a line: LF, CRLF or CR, none of which is part of a longer character in UTF-8 and GB 18030. */
const lineEnd = (bytes: Uint8Array, from: number): number => {
  let at = from
  while (at < bytes.length && bytes[at] !== 0x0a && bytes[at] !== 0x0d) at += 1
  if (bytes[at] === 0x0d && bytes[at + 1] === 0x0a) at += 1
  return Math.min(at + 1, bytes.length)
}

/** More lines than this that are no text: not the lines are wrong, but the charset. */
const maxDamagedLines = 20

/** Stands for what is no text: no decoder gives half of a character, so that it is known from a U+FFFD that the file itself holds. */
export const lost = '\ud800'

/** A line that is no text. */
export interface Damage {
  /** As received, with its line end. */
  bytes: Uint8Array
  fault: GatewayError
}

const countLost = (text: string): number => text.split(lost).length - 1

/** What is used of an open file. */
export interface ReadableHandle {
  read(buffer: Uint8Array, offset: number, length: number, position: number): Promise<{ bytesRead: number }>
}

export interface TextReader {
  /** From the beginning of the file to its end. */
  chunks(): AsyncGenerator<string>
  /** The first damaged line that a record of the text from `chunks` holds. To be asked for each record, in order. */
  damageIn(text: string): Damage | undefined
  /** Where the chunk that was given last begins in the file, in bytes. */
  offset(): number
}

/**
 * Chunks end behind the last `>` or line feed, which are never part of a longer character in UTF-8 and GB 18030: so each can be read
 * by itself to find the byte that is no text. What stands before that byte is still given, then CHARSET_INVALID is thrown with its
 * offset in the file; but with `byLine` such a line stands in the text with `lost` for what is no text, `damageIn` knows it, and the next line
 * follows, up to twenty times. Reads `size` bytes: what a file has grown by since it was listed is not of the version that was listed.
 */
export const openTextReader = (
  handle: ReadableHandle,
  size: number,
  charset: string | Overriding | undefined,
  { byLine = false } = {},
): TextReader => {
  let offset = 0
  /** In the order of the file, with how much of each is not taken up yet by a record. */
  const damaged: (Damage & { shown: string; left: number })[] = []
  let damagedLines = 0

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

  /** Line by line. Throws CHARSET_INVALID for one damaged line too many; what was given before stands. */
  function* linesOf(chunk: Uint8Array, found: string): Generator<string> {
    const overriding = { overriding: found }
    for (let from = 0; from < chunk.length; ) {
      const line = chunk.subarray(from, lineEnd(chunk, from))
      // A byte order mark is one at the beginning of a file alone; a line feed before keeps it from being taken for one.
      const isFirst = offset + from === 0
      const given = isFirst ? line : Buffer.concat([lineFeed, line])
      try {
        yield decodeText(given, overriding).slice(isFirst ? 0 : 1)
      } catch (cause) {
        if (!(cause instanceof GatewayError) || cause.code !== 'CHARSET_INVALID') throw cause
        const values = { charset: found, offset: offset + from + Number(cause.values.offset) - (isFirst ? 0 : 1) }
        const fault = GatewayError.of('CHARSET_INVALID', values, { cause })
        if (damagedLines === maxDamagedLines) throw fault
        damagedLines += 1
        const shown = readableText(given, found)
          .slice(isFirst ? 0 : 1)
          .replaceAll('\ufffd', lost)
        // The buffer goes on to hold what follows.
        damaged.push({ bytes: Buffer.from(line), fault, shown: shown.trim(), left: countLost(shown) })
        yield shown
      }
      from += line.length
    }
  }

  async function* chunks(): AsyncGenerator<string> {
    let decoder = createTextDecoder(charset)
    const buffer = Buffer.alloc(Math.min(size, chunkSize))
    let kept = 0
    /** Whether the chunk at hand begins between two characters. */
    let isWhole = true
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
        const found = String(error.values.charset)
        // By itself such a chunk cannot be read up to its fault: it begins within a character, perhaps.
        if (!isWhole) throw GatewayError.of('CHARSET_INVALID', { charset: found, offset }, { cause: error })
        if (!byLine || found.startsWith('utf-16') || boundary === 0) {
          const front = upToFault(chunk, error)
          yield front.text
          throw front.fault
        }
        yield* linesOf(chunk, found)
        // The one that failed has lost its state; behind a boundary there is none.
        decoder = createTextDecoder({ overriding: found })
        text = ''
      }
      yield text
      isWhole = boundary > 0
      offset += end
      kept = filled - end
      buffer.copyWithin(0, end, filled)
    }
    const rest = decoder.end()
    if (rest !== '') yield rest
  }

  const damageIn = (text: string): Damage | undefined => {
    let taken = countLost(text)
    const [line] = damaged
    if (taken === 0 || !line) return undefined
    // A row may hold several lines, or a part of one.
    while (taken > 0 && damaged[0]) {
      const here = Math.min(taken, damaged[0].left)
      taken -= here
      damaged[0].left -= here
      if (damaged[0].left === 0) damaged.shift()
    }
    const { fault, bytes, shown } = line
    // A row of several lines is kept as it can be read: the file itself is in the error folder.
    return { fault, bytes: shown === text.trim() ? bytes : Buffer.from(text) }
  }

  return { chunks, damageIn, offset: () => offset }
}
