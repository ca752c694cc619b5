/**
 * What is wrong with a text that is well-formed: signs that somebody before us decoded it by the wrong charset, or escaped it twice. Damage
 * that cannot be undone is never sent as if it were what the source said; what may be true is sent as it is, and flagged.
 */
import iconv from 'iconv-lite'
import type { Text } from '../errors.ts'

export interface TextRule {
  name: string
  severity: 'quarantine' | 'flag'
  title: Text
  /** An example of a value that breaks it. */
  example: string
  breaks(value: string): boolean
}

const decode = (bytes: Uint8Array, charset: string): string | undefined => {
  try {
    return new TextDecoder(charset, { fatal: true }).decode(bytes)
  } catch {
    return undefined
  }
}

const allHan = (text: string | undefined, atLeast: number): boolean =>
  text !== undefined &&
  new Set(text).size >= Math.min(2, atLeast) &&
  new RegExp(`^[\\p{Script=Han}，。、：；（）《》“”·—]{${atLeast},}$`, 'u').test(text)

/** What Windows-1252 shows for bytes 80 to 9F, beside the characters that Latin-1 has there. */
const windows1252 = '€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ'
const continuation = `[\u0080-\u00bf${windows1252}]`
const utf8AsLatin = new RegExp(`(?:[\u00e3-\u00e9]${continuation}{2}){2}`)

const latinRun = /[\u00a1-\u00fe]{6,}/g
/** Signs such as × · ° are what people mask and measure with, few of them at a time: letters give it away, or how many signs there are. */
const isVaried = (run: string): boolean => {
  const [letters, all] = [new Set(run.match(/\p{L}/gu)).size, new Set(run).size]
  return letters >= 3 || all >= (letters > 0 ? 4 : 5)
}
const gbkAsLatin = (value: string): boolean =>
  (value.match(latinRun) ?? [])
    .filter(isVaried)
    .some((run) => allHan(decode(Buffer.from(run.slice(0, run.length & ~1), 'latin1'), 'gb18030'), 3))

/** What GBK shows for the first two of the three bytes that a Han character has in UTF-8. */
const utf8Heads = (() => {
  const pairs: number[] = []
  for (let lead = 0xe4; lead <= 0xe9; lead++) for (let next = 0x80; next <= 0xbf; next++) pairs.push(lead, next)
  return new TextDecoder('gb18030').decode(Uint8Array.from(pairs))
})()
const utf8Head = new RegExp(`[${utf8Heads}]`)
/** The same of every character that may begin what `allHan` takes: Han, their radicals, their punctuation, and the middle dot. */
const utf8Begin = (() => {
  const pairs = [0xc2, 0xb7, 0xe2, 0x80]
  for (let next = 0xba; next <= 0xbf; next++) pairs.push(0xe2, next)
  for (const lead of [0xe3, 0xef, 0xf0]) for (let next = 0x80; next <= 0xbf; next++) pairs.push(lead, next)
  return new RegExp(`^[${utf8Heads}${new TextDecoder('gb18030').decode(Uint8Array.from(pairs))}]`)
})()
/** GBK shows the byte 80 as €, and its encoder has another place for that. */
const gbkBytesOf = (text: string): Uint8Array =>
  Buffer.concat(text.split('€').flatMap((part, at) => [...(at > 0 ? [Buffer.of(0x80)] : []), iconv.encode(part, 'gb18030')]))

const utf8AsGbk = (value: string): boolean => {
  if (!utf8Head.test(value)) return false
  return (value.match(/[^\u0020-\u007e]{4,}/g) ?? []).some((text) => {
    // Most text has a head somewhere in it: to encode and decode all of that would take longer than everything else.
    if (!utf8Begin.test(text)) return false
    const bytes = gbkBytesOf(text)
    // The last character may have lost its end.
    return [0, 1, 2].some((cut) => allHan(decode(bytes.subarray(0, bytes.length - cut), 'utf-8'), 3))
  })
}

/** Two different Han characters that GB 2312 has: others by the thousand come of ordinary text when its bytes are read the other way. */
const isShortName = (text: string | undefined): boolean =>
  allHan(text, 2) && /^(?:[\xb0-\xf7][\xa1-\xfe]){2}$/.test(iconv.encode(text!, 'gb18030').toString('latin1'))

/** Two pairs of bytes as GB 2312 has Han, apart from other words. */
const latinPairs = /(?<![\p{L}\p{N}\u00a1-\u00ff])(?:[\u00b0-\u00f7][\u00a1-\u00fe]){2}(?![\p{L}\p{N}\u00a1-\u00ff])/gu
const shortGbkAsLatin = (value: string): boolean =>
  (value.match(latinPairs) ?? []).some(
    (run) => new Set(run).size >= 3 && /\p{L}/u.test(run) && isShortName(decode(Buffer.from(run, 'latin1'), 'gb18030')),
  )

const threeHan = /(?<![^\u0020-\u007e])[^\u0020-\u007e]{3}(?![^\u0020-\u007e])/g
const shortUtf8AsGbk = (value: string): boolean =>
  utf8Head.test(value) && (value.match(threeHan) ?? []).some((run) => isShortName(decode(gbkBytesOf(run), 'utf-8')))

/** What has two bytes in UTF-8, apart from other words. */
const twoBytes = /(?<![A-Za-z\u00a1-\u07ff])[\u00a1-\u07ff]{2,}(?![A-Za-z])/g
const scripts = ['Latin', 'Greek', 'Cyrillic', 'Armenian', 'Hebrew', 'Arabic', 'Syriac', 'Thaana', 'Nko'].map(
  (name) => [name, new RegExp(`\\p{Script=${name}}`, 'u')] as const,
)
/** No word has letters of two of them, or begins with a mark; a formula may have Greek beside Latin. */
const isOfTwoScripts = (run: string): boolean => {
  const kinds = new Set(
    [...run].flatMap((character, at) =>
      at === 0 && /\p{M}/u.test(character) ? ['mark'] : scripts.flatMap(([name, has]) => (has.test(character) ? [name] : [])),
    ),
  )
  return kinds.size > 2 || (kinds.size === 2 && !(kinds.has('Latin') && kinds.has('Greek')))
}
/** Both bytes of each are those of a Han character of GB 2312: the first from C2 to DF, as it is in UTF-8, and the second above A0. */
const gbkAsUtf8 = (value: string): string[] =>
  (value.match(twoBytes) ?? []).filter(
    (run) => [...run].every((character) => (character.charCodeAt(0) & 0x3f) > 0x20) && isOfTwoScripts(run),
  )

const invisible =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
  /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]/

export const textRules: TextRule[] = [
  {
    name: 'replacement-character',
    severity: 'quarantine',
    title: { zh: '含替换字符 U+FFFD：原文的字符已丢失', en: 'holds U+FFFD: a character was lost before it came here' },
    example: '王\ufffd',
    breaks: (value) => value.includes('\ufffd'),
  },
  {
    name: 'lost-twice',
    severity: 'quarantine',
    title: {
      zh: '含“锟斤拷”“烫烫烫”等：丢失的字符又被误解码',
      en: 'holds "锟斤拷", "烫烫烫" or the like: lost characters were decoded once more',
    },
    example: '锟斤拷锟斤拷',
    breaks: (value) => /锟斤|斤拷(?!贝)|烫{4,}|屯{3,}/.test(value),
  },
  {
    name: 'question-marks-only',
    severity: 'quarantine',
    title: {
      zh: '整段只有问号：写下它的系统没有这些字符',
      en: 'nothing but question marks: the system that wrote it did not have the characters',
    },
    example: '????',
    breaks: (value) => /^\s*\?(?:\s*\?)+\s*$/.test(value),
  },
  {
    name: 'utf8-read-as-latin1',
    severity: 'quarantine',
    title: { zh: 'UTF-8 被当作 Latin-1 解码', en: 'UTF-8 was decoded as Latin-1' },
    example: 'ä¸­æ–‡',
    breaks: (value) => utf8AsLatin.test(value),
  },
  {
    name: 'gbk-read-as-latin1',
    severity: 'quarantine',
    title: { zh: 'GBK 被当作 Latin-1 解码', en: 'GBK was decoded as Latin-1' },
    example: 'ÖÐ»ªÈËÃñ',
    breaks: gbkAsLatin,
  },
  {
    name: 'utf8-read-as-gbk',
    severity: 'quarantine',
    title: { zh: 'UTF-8 被当作 GBK 解码', en: 'UTF-8 was decoded as GBK' },
    example: '缁忚惀璁稿彲',
    breaks: utf8AsGbk,
  },
  {
    name: 'gbk-read-as-utf8',
    severity: 'quarantine',
    title: {
      zh: 'GBK 被当作 UTF-8 解码：一个词里有几种文字的字母',
      en: 'GBK was decoded as UTF-8: letters of several scripts in one word',
    },
    example: 'Ѧΰԣ',
    breaks: (value) => gbkAsUtf8(value).some(({ length }) => length >= 3),
  },
  {
    name: 'short-gbk-read-as-utf8',
    severity: 'flag',
    title: {
      zh: '像是两个汉字的 GBK 被当作 UTF-8 解码',
      en: 'looks like two Han characters of GBK that were decoded as UTF-8',
    },
    example: 'Ѧΰ',
    breaks: (value) => gbkAsUtf8(value).some(({ length }) => length === 2),
  },
  {
    name: 'short-gbk-read-as-latin1',
    severity: 'flag',
    title: {
      zh: '像是两个汉字的 GBK 被当作 Latin-1 解码',
      en: 'looks like two Han characters of GBK that were decoded as Latin-1',
    },
    example: 'ÍõÃ÷',
    breaks: shortGbkAsLatin,
  },
  {
    name: 'short-utf8-read-as-gbk',
    severity: 'flag',
    title: {
      zh: '像是两个汉字的 UTF-8 被当作 GBK 解码',
      en: 'looks like two Han characters of UTF-8 that were decoded as GBK',
    },
    example: '鐜嬫槑',
    breaks: shortUtf8AsGbk,
  },
  {
    name: 'question-mark-among-han',
    severity: 'flag',
    title: {
      zh: '汉字之间有问号（半角）：像是写下它的系统没有的字',
      en: 'a question mark between Han characters: it may stand for one that the system which wrote it did not have',
    },
    example: '王?明',
    breaks: (value) => /\p{Script=Han}\?+\p{Script=Han}/u.test(value),
  },
  {
    name: 'private-use',
    severity: 'flag',
    title: {
      zh: '含自造字（U+E000–U+F8FF 等私用区）：只有来源的字体认得',
      en: 'holds private-use characters, which only the fonts of the source know',
    },
    example: '王\ue000',
    breaks: (value) => /[\ue000-\uf8ff]|[\u{f0000}-\u{10fffd}]/u.test(value),
  },
  {
    name: 'invisible',
    severity: 'flag',
    title: {
      zh: '含不可见字符（控制符、BOM、零宽或方向符）',
      en: 'holds invisible characters (control, byte order mark, zero width, direction)',
    },
    example: '王\u200b小明',
    breaks: (value) => invisible.test(value),
  },
  {
    name: 'escaped-twice',
    severity: 'flag',
    title: {
      zh: '解析后仍含 &lt; &amp; &#…; 等：被转义了两次',
      en: 'still holds &lt; &amp; &#…; after parsing: it was escaped twice',
    },
    example: '甲&amp;乙',
    breaks: (value) => /&(?:amp|lt|gt|quot|apos|#\d{1,7}|#[xX][0-9a-fA-F]{1,6});/.test(value),
  },
  {
    name: 'other-middle-dot',
    severity: 'flag',
    title: {
      zh: '姓名中点用了 U+30FB、U+2022 或 U+2027，而非 U+00B7：比对姓名请用消息里的 matchKeys',
      en: 'the dot between Han characters is U+30FB, U+2022 or U+2027, not U+00B7: compare names by the matchKeys of the message',
    },
    example: '巴特尔・额尔敦',
    breaks: (value) => /\p{Script=Han}[\u30fb\u2022\u2027]\p{Script=Han}/u.test(value),
  },
]

/** By code unit: 1 for each that a broken rule needs. A table, since a character class of as many ranges took ten times as long. */
const signs = (() => {
  const table = new Uint8Array(0x10000)
  const ranges = [
    [0x00, 0x08],
    [0x0b, 0x0c],
    [0x0e, 0x1f],
    [0x7f, 0x9f],
    [0xa1, 0xb6],
    [0xb8, 0xff],
    [0x200b, 0x200f],
    [0x202a, 0x202e],
    [0x2060, 0x2069],
    [0xdb80, 0xdbff],
    [0xe000, 0xf8ff],
  ] as const
  for (const [from, to] of ranges) table.fill(1, from, to + 1)
  // Of two scripts one at least is not Cyrillic, in which Mongolian is written.
  for (let unit = 0x100; unit <= 0x7ff; unit++) if ((unit & 0x3f) > 0x20 && unit >> 8 !== 4) table[unit] = 1
  // In JSON a backslash begins control characters.
  for (const character of `${utf8Heads}\ufffd\ufeff\u2022\u2027\u30fb锟斤烫屯&?\\`) table[character.charCodeAt(0)] = 1
  return table
})()

/** Cheap, for a value or JSON text of any length: false when no value in it breaks a rule. */
export const mayBreakTextRules = (text: string): boolean => {
  for (let at = 0; at < text.length; at++) if (signs[text.charCodeAt(at)] === 1) return true
  return false
}

export const brokenTextRules = (value: string): TextRule[] => textRules.filter(({ breaks }) => breaks(value))

/**
 * A name as two sides compare it, beside the text as received and never in place of it: Unicode NFKC, every middle dot as U+00B7, no blanks
 * around it, upper case. The same bytes A1A4 come as U+00B7 from one decoder and as U+30FB from another.
 */
export const matchKeyOf = (name: string): string =>
  name
    .normalize('NFKC')
    .replace(/\s*[\u00b7\u30fb\u2022\u2027\u22c5\u2219\uff65]\s*/gu, '·')
    .replace(/\s+/gu, ' ')
    .trim()
    .toUpperCase()
