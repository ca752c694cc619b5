/** Whether a text can stand in a column as it is. What cannot is refused: servers cut and replace without a word. */
import iconv from 'iconv-lite'
import type { Text } from '../../core/contract.ts'

export interface ColumnLimits {
  characters: number | undefined
  bytes: number | undefined
  charset: string | undefined
}

/**
 * By the name that MySQL has: its encoding, and the bytes of UTF-8 that it takes at most. A database's GBK is code page 936, which lacks the
 * characters that GB 18030 has since put in its place.
 */
const charsets: Record<string, { encoding: string; widest?: number }> = {
  utf8: { encoding: 'utf-8', widest: 3 },
  utf8mb3: { encoding: 'utf-8', widest: 3 },
  utf8mb4: { encoding: 'utf-8' },
  gbk: { encoding: 'cp936' },
  gb2312: { encoding: 'cp936' },
  gb18030: { encoding: 'gb18030' },
  latin1: { encoding: 'latin1' },
  ascii: { encoding: 'ascii' },
}

const pointOf = (character: string): string => `U+${character.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')}`

const canEncode = (text: string, encoding: string): boolean => iconv.decode(iconv.encode(text, encoding), encoding) === text

/** Why a text does not fit, or nothing: the length in bytes and the first character are named, never the text itself. */
export const misfitOf = (text: string, { characters, bytes, charset }: ColumnLimits): Text | undefined => {
  const known = charset === undefined ? undefined : charsets[charset]
  const encoding = known?.encoding ?? 'utf-8'
  const lost = [...text].find(
    (character) => (known?.widest === 3 && character.length > 1) || (known !== undefined && !canEncode(character, encoding)),
  )
  if (lost !== undefined) {
    const point = pointOf(lost)
    return { zh: `字符 ${point} 不能用 ${charset} 表示`, en: `character ${point} does not exist in ${charset}` }
  }
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
