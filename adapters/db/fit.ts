/** Whether a text can stand in a column as it is. What cannot is refused: servers cut and replace without a word. */
import iconv from 'iconv-lite'
import { characterMisfit, charsetMisfit, type Text } from '../../core/contract.ts'

export interface ColumnLimits {
  characters: number | undefined
  bytes: number | undefined
  charset: string | undefined
}

/** By the name that MySQL has: its encoding, and the bytes of UTF-8 that it takes at most. */
const charsets: Record<string, { encoding: string; widest?: number }> = {
  utf8: { encoding: 'utf-8', widest: 3 },
  utf8mb3: { encoding: 'utf-8', widest: 3 },
  utf8mb4: { encoding: 'utf-8' },
  gbk: { encoding: 'gbk' },
  gb2312: { encoding: 'gb2312' },
  gb18030: { encoding: 'gb18030' },
  latin1: { encoding: 'latin1' },
  ascii: { encoding: 'ascii' },
}

/** Why a text does not fit, or nothing: the length in bytes and the first character are named, never the text itself. */
export const misfitOf = (text: string, { characters, bytes, charset }: ColumnLimits): Text | undefined => {
  const known = charset === undefined ? undefined : charsets[charset]
  const encoding = known?.encoding ?? 'utf-8'
  const wide = known?.widest === 3 ? [...text].find((character) => character.length > 1) : undefined
  if (wide !== undefined) return characterMisfit(wide, charset!)
  const lost = known && charsetMisfit(text, known.encoding, charset)
  if (lost) return lost
  const length = [...text].length
  if (characters !== undefined && length > characters)
    return {
      zh: `有 ${length} 个字符，列只容 ${characters} 个`,
      en: `it has ${length} characters, the column holds ${characters}`,
    }
  const size = iconv.encode(text, encoding).byteLength
  if (bytes !== undefined && size > bytes)
    return { zh: `有 ${size} 字节，列只容 ${bytes} 字节`, en: `it has ${size} bytes, the column holds ${bytes}` }
  return undefined
}
