import { readFileSync } from 'node:fs'
import { decodeText } from '../../codec/charset.ts'
import { GatewayError, type Text } from '../../errors.ts'
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

export const isZip = (bytes: Uint8Array): boolean => Buffer.from(bytes.subarray(0, 4)).toString('hex') === '504b0304'

/** A ZIP file, as .xlsx and .et are, or one of the compound files before them. */
export const isSpreadsheet = (bytes: Uint8Array): boolean =>
  isZip(bytes) || Buffer.from(bytes.subarray(0, 4)).toString('hex') === 'd0cf11e0'

export const unreadable = (file: string, reason: Text, cause?: unknown): GatewayError =>
  GatewayError.of('CONFIG_UNREADABLE', { file, reason }, { cause })

/** Throws CONFIG_UNREADABLE. */
export const readBytes = (path: string, shownAs: string): Buffer => {
  try {
    return readFileSync(path)
  } catch (cause) {
    throw unreadable(shownAs, systemReason(cause), cause)
  }
}

/**
 * Text of a table that a spreadsheet has saved: UTF-8, with or without a byte order mark, or GB 18030, which Chinese Windows writes.
 * Bytes that are right in both, and of which only a person can tell, throw: a wrong code is never read without a word.
 */
export const decodeTable = (bytes: Uint8Array, shownAs: string): string => {
  if (isSpreadsheet(bytes))
    throw unreadable(shownAs, {
      zh: '这是电子表格文件，请用 qianzhi codes import 生成代码表，或另存为“CSV UTF-8”',
      en: 'it is a spreadsheet; make a table of it with qianzhi codes import, or save it as "CSV UTF-8"',
    })
  const hasMark = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf
  const [utf8, gb18030] = [decodes(bytes, 'utf-8'), hasMark ? undefined : decodes(bytes, 'gb18030')]
  if (utf8 === undefined && gb18030 === undefined)
    throw unreadable(shownAs, { zh: '既不是 UTF-8 也不是 GB18030', en: 'it is neither UTF-8 nor GB 18030' })
  // Chinese text in UTF-8 has characters of three bytes; without any, what is not ASCII may be GB 18030 that happens to be right.
  const isDoubtful = utf8 !== undefined && gb18030 !== undefined && /[\u0080-\u07ff]/.test(utf8) && !/[\u0800-\uffff]/.test(utf8)
  if (isDoubtful)
    throw unreadable(shownAs, {
      zh: '看不出是 UTF-8 还是 GB18030，请另存为“CSV UTF-8”',
      en: 'it may be UTF-8 or GB 18030; save it as "CSV UTF-8"',
    })
  return (utf8 ?? gb18030)!
}

/** A table's file as text: YAML is UTF-8, CSV as spreadsheets save it. Throws CONFIG_UNREADABLE. */
export const readTableText = (path: string, shownAs: string): string => {
  return isCsv(path) || /\.(xlsx?|et)$/i.test(path) ? decodeTable(readBytes(path, shownAs), shownAs) : readUtf8(path, shownAs)
}
