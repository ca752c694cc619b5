import { TextDecoder } from 'node:util'
import iconv from 'iconv-lite'
import { GatewayError, type Text } from '../errors.ts'

/**
 * GB 18030 is a superset of GBK, and GBK of GB 2312; text labelled with the smaller set is often in the larger one, and a strict
 * GB 2312 decoder gives other characters for the same bytes (A1A4 is the middle dot of many personal names). Windows-1252 likewise holds what
 * is labelled Latin-1 or ASCII. The labels are those of the WHATWG Encoding Standard, and two that systems write beside them.
 */
export const supersets = [
  {
    charset: 'gb18030',
    labels: 'gb2312 gb_2312 gb_2312-80 csgb2312 csiso58gb231280 iso-ir-58 chinese gbk x-gbk cp936'.split(' '),
  },
  {
    charset: 'windows-1252',
    labels:
      'latin1 l1 csisolatin1 iso-8859-1 iso8859-1 iso88591 iso_8859-1 iso_8859-1:1987 iso-ir-100 cp819 ibm819 ascii us-ascii ansi_x3.4-1968 cp1252 x-cp1252'.split(
        ' ',
      ),
  },
  { charset: 'utf-8', labels: ['utf8'] },
] as const

const charsetOf = new Map(supersets.flatMap(({ charset, labels }) => labels.map((label) => [label, charset] as const)))

const normalise = (label: string): string => {
  const lower = label.trim().toLowerCase()
  return charsetOf.get(lower) ?? lower
}

const fromByteOrderMark = (bytes: Uint8Array): string | undefined => {
  if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) return 'utf-8'
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return 'utf-16le'
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return 'utf-16be'
  return undefined
}

const declaration = /^\s*<\?xml[^>]{0,200}?encoding\s*=\s*["']([A-Za-z0-9._:-]{1,40})["']/

const fromXmlDeclaration = (bytes: Uint8Array): string | undefined =>
  declaration.exec(Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.byteLength, 256)).toString('latin1'))?.[1]

/** What tells the charset of bytes, the first that does so winning. A text that came decoded is not asked: what it says inside is past. */
export const charsetSources: { title: Text; find(bytes: Uint8Array, configured?: string): string | undefined }[] = [
  { title: { zh: '字节序标记（BOM）', en: 'the byte order mark' }, find: fromByteOrderMark },
  { title: { zh: 'XML 声明的 encoding', en: 'encoding in the XML declaration' }, find: fromXmlDeclaration },
  { title: { zh: '配置的编码', en: 'the configured charset' }, find: (_bytes, configured) => configured },
]

/** A charset that counts whatever the XML declaration says: for systems whose declaration is known to be wrong. A byte order mark still wins. */
export interface Overriding {
  overriding: string
}

/** Whether bytes can be read by this charset. */
export const isCharset = (label: string): boolean => {
  try {
    openDecoder(normalise(label))
    return true
  } catch {
    return false
  }
}

/** The charset by which bytes are read; UTF-8 when nothing tells it. */
export const detectCharset = (bytes: Uint8Array, configured?: string | Overriding): string => {
  if (typeof configured === 'object') return normalise(fromByteOrderMark(bytes) ?? configured.overriding)
  for (const { find } of charsetSources) {
    const found = find(bytes, configured)
    if (found !== undefined) return normalise(found)
  }
  return 'utf-8'
}

interface Decoder {
  decode(bytes: Uint8Array, options?: { stream: boolean }): string
}

/** Some releases of Node decode Windows-1252 as Latin-1, which has control characters for 80 to 9F. Bytes without a character become U+FFFD. */
const windows1252: Decoder = {
  decode: (bytes) => iconv.decode(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength), 'windows-1252'),
}

const openDecoder = (charset: string, fatal = true): Decoder => {
  if (charset === 'windows-1252') return windows1252
  try {
    return new TextDecoder(charset, { fatal })
  } catch (cause) {
    throw GatewayError.of(
      'RECORD_UNREADABLE',
      { reason: { zh: `不认识的字符编码“${charset}”`, en: `unknown charset "${charset}"` } },
      { cause },
    )
  }
}

/** Whether U+FFFD in what was decoded may be what was written. Windows-1252 cannot say it: there it is a byte without a character. */
const hasReplacement = (charset: string): boolean => charset !== 'windows-1252'

const isLost = (text: string, charset: string): boolean => !hasReplacement(charset) && text.includes('\uFFFD')

const invalidAt = (bytes: Uint8Array, charset: string, cause?: unknown): GatewayError => {
  const readable = openDecoder(charset, false).decode(bytes)
  const written = iconv.encode('\uFFFD', charset)
  const isWritten = (at: number): boolean =>
    hasReplacement(charset) && written.equals(bytes.subarray(at, at + written.byteLength))
  // The decoder drops the mark; it is of the bytes all the same.
  let offset = fromByteOrderMark(bytes) === charset ? (charset === 'utf-8' ? 3 : 2) : 0
  let from = 0
  for (let found = readable.indexOf('\uFFFD'); found >= 0; found = readable.indexOf('\uFFFD', from)) {
    offset += iconv.encode(readable.slice(from, found), charset).byteLength
    if (!isWritten(offset)) break
    offset += written.byteLength
    from = found + 1
  }
  return GatewayError.of('CHARSET_INVALID', { charset, offset }, { cause })
}

/**
 * Bytes to text, never guessing: bytes that are not valid in their charset throw CHARSET_INVALID with the byte offset. A byte order mark is
 * dropped. U+FFFD that was written as such (somebody before us lost a character) is text: the rules of text know it in its field.
 * GB 18030 and Windows-1252 by the WHATWG Encoding Standard, but that its five bytes without a character are no control characters here.
 */
export const decodeText = (bytes: Uint8Array, configured?: string | Overriding): string => {
  const charset = detectCharset(bytes, configured)
  const decoder = openDecoder(charset)
  let text: string
  try {
    text = decoder.decode(bytes)
  } catch (cause) {
    throw invalidAt(bytes, charset, cause)
  }
  if (isLost(text, charset)) throw invalidAt(bytes, charset)
  return text
}

/** What can be read of bytes that are no text, with U+FFFD for the rest. To be shown, never to be sent. */
export const readableText = (bytes: Uint8Array, charset: string): string => openDecoder(normalise(charset), false).decode(bytes)

export interface StreamingTextDecoder {
  /** Throws CHARSET_INVALID; the offset is that of the chunk in which the fault was met. */
  decode(chunk: Uint8Array): string
  /** Throws CHARSET_INVALID when the input ends inside a character. */
  end(): string
}

/** The same for input too large to hold: give it the chunks in order. The first chunk must hold the XML declaration, if there is one. */
export const createTextDecoder = (configured?: string | Overriding): StreamingTextDecoder => {
  let decoder: Decoder | undefined
  let charset = ''
  let offset = 0
  const run = (chunk: Uint8Array, stream: boolean): string => {
    if (!decoder) {
      charset = detectCharset(chunk, configured)
      decoder = openDecoder(charset)
    }
    let text: string
    try {
      text = decoder.decode(chunk, { stream })
    } catch (cause) {
      throw GatewayError.of('CHARSET_INVALID', { charset, offset }, { cause })
    }
    if (isLost(text, charset)) throw GatewayError.of('CHARSET_INVALID', { charset, offset })
    offset += chunk.byteLength
    return text
  }
  return { decode: (chunk) => run(chunk, true), end: () => run(new Uint8Array(), false) }
}

/** Sets that a receiver takes by their own table, which lacks what GB 18030 has since put in the place of private characters. */
const narrow: Readonly<Record<string, string>> = { gbk: 'cp936', gb2312: 'cp936' }

/** Read back by the decoder of this house: the encoder still writes private-use characters to places that GB 18030-2022 gave to others. */
const survives = (text: string, charset: string): boolean =>
  openDecoder(normalise(charset), false).decode(iconv.encode(text, charset)) === text

/** A character by its code point, such as U+4DAE: the way to name one without quoting a text. */
export const codePointOf = (character: string): string =>
  `U+${character.codePointAt(0)?.toString(16).toUpperCase().padStart(4, '0')}`

/** What to tell a person of a character that does not exist in a charset. */
export const characterMisfit = (character: string, charset: string): Text => {
  const point = codePointOf(character)
  return { zh: `字符 ${point} 不能用 ${charset} 表示`, en: `character ${point} does not exist in ${charset}` }
}

/**
 * Why a target that reads by this charset cannot hold a text as it is; the first character that it lacks is named by its code point, never the
 * text. Stricter than `encodeText` where GBK is meant: a receiver's GBK is not GB 18030. `name` is what the person calls the charset.
 */
export const charsetMisfit = (text: string, charset: string, name = charset): Text | undefined => {
  const own = narrow[charset.toLowerCase()] ?? charset
  const holds = (part: string): boolean =>
    survives(part, charset) && (own === charset || iconv.decode(iconv.encode(part, own), own) === part)
  return holds(text) ? undefined : characterMisfit([...text].find((character) => !holds(character)) ?? text, name)
}

/**
 * Text to bytes for a legacy system. A character that the charset cannot hold throws RECORD_UNREADABLE with its code point:
 * it is never replaced by a question mark.
 */
export const encodeText = (text: string, charset: string): Uint8Array => {
  if (survives(text, charset)) return iconv.encode(text, charset)
  const lost = [...text].find((character) => !survives(character, charset)) ?? ''
  throw GatewayError.of('RECORD_UNREADABLE', { reason: characterMisfit(lost, charset) })
}
