import type { Text } from '../errors.ts'

/** What holds any text, up to its end or the end of the document, and a reference, up to its semicolon. */
const held = /<!--[\s\S]*?(-->|$)|<!\[CDATA\[[\s\S]*?(\]\]>|$)|<\?[\s\S]*?(\?>|$)|&([^;]*)(;|$)/g

const reference = /^(#\d+|#x[\da-f]+|[\p{L}_:][\p{L}\p{N}._:-]*)$/iu

const neverEnds = (opening: string, ending: string): Text => ({
  zh: `“${opening}”没有结束，缺少“${ending}”`,
  en: `"${opening}" never ends: "${ending}" is missing`,
})

const reasonOf = (match: RegExpMatchArray, isWhole: boolean): Text | undefined => {
  const [, comment, section, instruction, name, semicolon] = match
  if (name === undefined && !isWhole) return undefined
  if (comment === '') return neverEnds('<!--', '-->')
  if (section === '') return neverEnds('<![CDATA[', ']]>')
  if (instruction === '') return neverEnds('<?', '?>')
  if (name === undefined || (semicolon === ';' && reference.test(name))) return undefined
  return {
    zh: '此处的“&”不是字符引用的开头；“&”本身须写成 &amp;',
    en: 'this "&" begins no reference; write the sign itself as &amp;',
  }
}

/**
 * The true cause of a fault that a parser finds only behind it: it takes everything after a bare `&` for a name, and everything after an opening
 * for its inside. `text`: what was read up to the fault; `isWhole`: that is all there is. Undefined when the fault is
 * where the parser says.
 */
export const hiddenFault = (text: string, isWhole: boolean): { at: number; reason: Text } | undefined => {
  for (const match of text.matchAll(held)) {
    const reason = reasonOf(match, isWhole)
    if (reason) return { at: match.index, reason }
  }
  return undefined
}

export interface Place {
  line: number
  column: number
}

/** The place behind `text`, which begins at `from`. Lines as XML counts them, columns in characters. */
export const placeAfter = (text: string, from: Place): Place => {
  const lines = text.split(/\r\n?|\n/)
  const last = [...lines.at(-1)!].length
  return lines.length === 1
    ? { line: from.line, column: from.column + last }
    : { line: from.line + lines.length - 1, column: 1 + last }
}
