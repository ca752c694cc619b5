import { readFileSync } from 'node:fs'
import { decodeText } from '../../codec/charset.ts'
import { GatewayError } from '../../errors.ts'
import { systemReason } from '../../system-reason.ts'
import { readUtf8 } from '../../yaml.ts'

/** A table is one of two kinds of files, told by its name alone. */
export const isCsv = (file: string): boolean => /\.csv$/i.test(file)

const decodes = (bytes: Uint8Array, charset: string): string | undefined => {
  try {
    return decodeText(bytes, charset)
  } catch {
    return undefined
  }
}

/** A ZIP file, as .xlsx and .et are, or one of the compound files before them. */
const isSpreadsheet = (bytes: Uint8Array): boolean =>
  /^(504b0304|d0cf11e0)/.test(Buffer.from(bytes.subarray(0, 4)).toString('hex'))

/**
 * Text of a table that a spreadsheet has saved: UTF-8, with or without a byte order mark, or GB 18030, which Chinese Windows writes.
 * Bytes that are right in both, and of which only a person can tell, throw: a wrong code is never read without a word.
 */
export const decodeTable = (bytes: Uint8Array, shownAs: string): string => {
  const unreadable = (zh: string, en: string) => GatewayError.of('CONFIG_UNREADABLE', { file: shownAs, reason: { zh, en } })
  if (isSpreadsheet(bytes))
    throw unreadable('这是电子表格文件，请另存为“CSV UTF-8”', 'it is a spreadsheet; save it as "CSV UTF-8"')
  const hasMark = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf
  const [utf8, gb18030] = [decodes(bytes, 'utf-8'), hasMark ? undefined : decodes(bytes, 'gb18030')]
  if (utf8 === undefined && gb18030 === undefined)
    throw unreadable('既不是 UTF-8 也不是 GB18030', 'it is neither UTF-8 nor GB 18030')
  // Chinese text in UTF-8 has characters of three bytes; without any, what is not ASCII may be GB 18030 that happens to be right.
  const isDoubtful = utf8 !== undefined && gb18030 !== undefined && /[\u0080-\u07ff]/.test(utf8) && !/[\u0800-\uffff]/.test(utf8)
  if (isDoubtful)
    throw unreadable('看不出是 UTF-8 还是 GB18030，请另存为“CSV UTF-8”', 'it may be UTF-8 or GB 18030; save it as "CSV UTF-8"')
  return (utf8 ?? gb18030)!
}

/** A table's file as text: YAML is UTF-8, CSV as spreadsheets save it. Throws CONFIG_UNREADABLE. */
export const readTableText = (path: string, shownAs: string): string => {
  if (!isCsv(path)) return readUtf8(path, shownAs)
  let bytes: Uint8Array
  try {
    bytes = readFileSync(path)
  } catch (cause) {
    throw GatewayError.of('CONFIG_UNREADABLE', { file: shownAs, reason: systemReason(cause) }, { cause })
  }
  return decodeTable(bytes, shownAs)
}
