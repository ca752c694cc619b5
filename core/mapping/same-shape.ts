/** Other text of the same length and kinds of characters. It is made of a number alone, so that nothing of the original is in it. */

const charactersFrom = (first: number, count: number): string[] =>
  Array.from({ length: count }, (_, index) => String.fromCodePoint(first + index))

/** What stands for the characters of a kind; the first kind that fits counts. */
const kinds: readonly (readonly [RegExp, readonly string[]])[] = [
  [/[0-9]/, [...'0123456789']],
  [/[A-Z]/, [...'ABCDEFGHJKLMNPQRTUWXY']],
  [/[a-z]/, [...'abcdefghjkmnpqrstuvwxyz']],
  [/[０-９]/u, charactersFrom(0xff10, 10)],
  [/[Ａ-Ｚ]/u, charactersFrom(0xff21, 26)],
  [/[ａ-ｚ]/u, charactersFrom(0xff41, 26)],
  [/[\u{f0000}-\u{10ffff}]/u, charactersFrom(0xf0000, 16)],
  // A character outside the first plane stays outside it: it has four bytes in UTF-8 and in GB 18030.
  [/[\u{10000}-\u{10ffff}]/u, charactersFrom(0x20000, 16)],
  [/\p{Co}/u, charactersFrom(0xe000, 16)],
  [/\p{Script=Mongolian}/u, charactersFrom(0x1820, 16)],
  [/[\p{L}\p{N}]/u, [...'甲乙丙丁戊己庚辛壬癸子丑寅卯辰巳午未申酉戌亥']],
]

/** Damage that says nothing of what it has destroyed, and entities that were escaped twice: the error of the original stays. */
const harmless = /锟斤拷|\uFFFD|&(?:amp|lt|gt|quot|apos);/gu

const keptIn = (text: string, words: readonly string[]): Set<number> => {
  const kept = new Set<number>()
  const keep = (from: number, length: number) => {
    for (let at = from; at < from + length; at++) kept.add(at)
  }
  for (const { index, 0: found } of text.matchAll(harmless)) keep(index, found.length)
  for (const word of words) for (let at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + 1)) keep(at, word.length)
  return kept
}

/**
 * The `number`-th text of the shape of `text`: numbers give different texts while there are any. Punctuation and white space stay, and so
 * do the `words`, wherever they occur.
 */
export const sameShape = (text: string, number: number, words: readonly string[] = []): string => {
  const kept = keptIn(text, words)
  let rest = number
  let position = 0
  let made = ''
  let at = text.length
  for (const character of [...text].reverse()) {
    at -= character.length
    const pool = kept.has(at) ? undefined : kinds.find(([kind]) => kind.test(character))?.[1]
    if (!pool) {
      made = character + made
      continue
    }
    made = pool[((rest % pool.length) + position * 5) % pool.length]! + made
    rest = Math.floor(rest / pool.length)
    position += 1
  }
  return made
}
