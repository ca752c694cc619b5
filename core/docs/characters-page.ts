/** What is done with characters, told by the code that does it: every example here is computed. */
import { charsetSources, decodeText, supersets } from '../codec/charset.ts'
import { matchKeyOf, textRules } from '../codec/text-rules.ts'

const pointOf = (character: string): string => `U+${character.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')}`

const escaped = (text: string): string => text.replace(/[<>&|]/g, (character) => `&#${character.charCodeAt(0)};`)

const shown = (text: string): string =>
  escaped([...text].map((character) => (/[\p{C}\ufffd]/u.test(character) ? `<${pointOf(character)}>` : character)).join(''))

const table = (head: string[], rows: string[][]): string =>
  [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n')

/** Bytes that decoders disagree about. */
const disputed = [
  ['A1A4', '人名中点；严格的 GB 2312 解码器给出 U+30FB / dot in names; a strict GB 2312 decoder gives U+30FB'],
  ['A1AA', '破折号；严格的 GB 2312 解码器给出 U+2015 / dash; a strict GB 2312 decoder gives U+2015'],
  ['FE9F', '姓氏用字；GBK 解码器给出 U+E863 / a family name; a GBK decoder gives U+E863'],
  ['95328236', '四字节字符；GBK 中没有 / four bytes; not in GBK'],
] as const

const names = ['巴特尔・额尔敦', '巴特尔•额尔敦', ' 巴特尔 · 额尔敦 ', 'ＡＢｃ·李']

export const charactersPage = (): string[] => [
  '# 字符 / Characters',
  '字节按下列顺序决定编码，先有者为准；都没有则按 UTF-8。服务、数据库给的字符串已解码，其内部写的编码不再相信。不合编码的字节一律隔离，从不替换。',
  'The first of these that tells a charset decides; UTF-8 when none does. A string from a service or a database is decoded already: what it says of its encoding inside is not believed. Bytes that are none in their charset are quarantined, never replaced.',
  charsetSources.map(({ title }, index) => `${index + 1}. ${title.zh} / ${title.en}`).join('\n'),
  '## 标签与实际 / Labels and truth',
  table(
    ['标签 Label', '按此解码 Decoded as'],
    supersets.map(({ charset, labels }) => [labels.map((label) => `\`${label}\``).join(' '), `\`${charset}\``]),
  ),
  table(
    ['字节 Bytes', '字符 Character', '说明 Remark'],
    disputed.map(([bytes, remark]) => {
      const text = decodeText(Buffer.from(bytes, 'hex'), 'gb2312')
      return [`\`${bytes}\``, `${text} ${pointOf(text)}`, remark]
    }),
  ),
  '## 文字检查 / Checks of text',
  '对消息的每个文字值进行。`quarantine`：整条记录隔离（TEXT_DAMAGED）；`flag`：照原样送出并加 `suspect` 标记。 / On every text of a message. `quarantine`: the record waits for a person (TEXT_DAMAGED); `flag`: it is sent as it is, with the flag `suspect`.',
  table(
    ['规则 Rule', '处理 Outcome', '含义 Meaning', '例 Example'],
    textRules.map(({ name, severity, title, example }) => [
      `\`${name}\``,
      severity,
      escaped(`${title.zh} / ${title.en}`),
      shown(example),
    ]),
  ),
  '## 比对键 / Match keys',
  '人名与机构名照原样送出；两边比对用比对键：NFKC、中点统一为 U+00B7、去掉两端与中点旁的空白、大写。消息的 `data.matchKeys` 列出键与原文不同的名称；没有列出的，原文就是键。不计入内容摘要。',
  'Names of persons and authorities are sent as received; two sides compare them by match keys: NFKC, every middle dot as U+00B7, no white space at the ends and beside the dot, upper case. `data.matchKeys` of a message has those of the names that are not their own key. They are no part of the content that is hashed.',
  table(
    ['姓名 Name', '比对键 Match key'],
    names.map((name) => [shown(name), shown(matchKeyOf(name))]),
  ),
]
