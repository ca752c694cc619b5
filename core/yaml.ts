import { readFileSync } from 'node:fs'
import {
  type Document,
  type ErrorCode,
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type Pair,
  parseDocument,
  visit,
  type YAMLError,
  type YAMLMap,
} from 'yaml'
import { GatewayError, type Text } from './errors.ts'
import { systemReason } from './system-reason.ts'

export type YamlPath = (string | number)[]

export interface YamlFile {
  file: string
  text: string
  value: unknown
  /** `file:line:column` of the value at a path, or of the nearest one above it. */
  at(path: YamlPath): string
  /** The same for the key itself, so that a misspelt key is pointed at. */
  keyAt(path: YamlPath): string
  /** What the file itself says at a path: of a secret, where it is and never what it is. */
  written(path: YamlPath): unknown
  /** A scalar as the file has it, before YAML makes a number of it: `01` stays `01`. Undefined for anything else. */
  textAt(path: YamlPath): string | undefined
  /** The entries of a mapping with their keys as the file has them, each with its place. Empty for anything else. */
  entriesAt(path: YamlPath): YamlEntry[]
}

export interface YamlEntry {
  key: string
  value: unknown
  /** The value as the file has it; undefined when it is no scalar. */
  text: string | undefined
  /** `file:line:column` of the value, and of the key. */
  at: string
  keyAt: string
}

const reader = (file: string, text: string, document: Document, lines: LineCounter): YamlFile => {
  const place = (offset: number | undefined): string => {
    const { line, col } = lines.linePos(offset ?? 0)
    return `${file}:${line}:${col}`
  }
  const offsetOf = (path: YamlPath): number | undefined => {
    const node = path.length === 0 ? document.contents : document.getIn(path, true)
    if (isNode(node) && (node as Node).range) return (node as Node).range![0]
    return path.length === 0 ? 0 : offsetOf(path.slice(0, -1))
  }
  const anchored = (node: unknown): unknown => (isAlias(node) ? node.resolve(document) : node)
  /** By the key as `value` has it: YAML's number 1 is the key "1" there. */
  const pairOf = (map: YAMLMap, key: string | number) =>
    (map.items as Pair<Node, Node | null>[]).find((pair) => {
      const written = anchored(pair.key)
      return isScalar(written) && String(written.value) === String(key)
    })
  /** Below an alias as below its anchor: what is used twice says the same twice. */
  const nodeAt = (path: YamlPath): unknown =>
    path.reduce<unknown>((above, key) => {
      const node = anchored(above)
      return isMap(node) ? pairOf(node, key)?.value : isSeq(node) ? node.items[Number(key)] : undefined
    }, document.contents)
  const textOf = (node: unknown): string | undefined => {
    const scalar = anchored(node)
    return isScalar(scalar) ? (scalar.source ?? String(scalar.value)) : undefined
  }
  return {
    file,
    text,
    value: document.toJS(),
    at: (path) => place(offsetOf(path)),
    keyAt: (path) => {
      const parent = anchored(nodeAt(path.slice(0, -1)))
      const pair = isMap(parent) ? pairOf(parent, path.at(-1)!) : undefined
      return pair ? place(pair.key.range?.[0]) : place(offsetOf(path))
    },
    written: (path) => {
      const node = nodeAt(path)
      return isNode(node) ? node.toJS(document) : undefined
    },
    textAt: (path) => textOf(nodeAt(path)),
    entriesAt: (path) => {
      const node = anchored(nodeAt(path))
      if (!isMap(node)) return []
      return node.items.map(({ key, value }) => ({
        key: textOf(key) ?? String(key),
        value: isNode(value) ? value.toJS(document) : value,
        text: textOf(value),
        at: place((isNode(value) ? value : (key as Node)).range?.[0]),
        keyAt: place((key as Node).range?.[0]),
      }))
    },
  }
}

/** The parser explains in English only. */
const reasons: Partial<Record<ErrorCode, string>> = {
  BAD_INDENT: '缩进有误',
  TAB_AS_INDENT: '缩进不能用制表符',
  MISSING_CHAR: '缺少字符（引号、括号、逗号、冒号或空格）',
  UNEXPECTED_TOKEN: '此处不应有这些字符',
  BAD_ALIAS: '别名（*）有误或没有对应的锚点',
  BAD_SCALAR_START: '未加引号的值不能以此字符开头',
  BAD_DQ_ESCAPE: '双引号中的转义有误',
  BLOCK_AS_IMPLICIT_KEY: '一行中有两个“键: 值”，或值的缩进有误',
  BLOCK_IN_FLOW: '{ } 或 [ ] 之内不能换用缩进写法',
  MULTILINE_IMPLICIT_KEY: '键不能跨行；可能缺少冒号',
  MULTIPLE_DOCS: '一个文件只能有一份 YAML 文档',
  MULTIPLE_ANCHORS: '一个值只能有一个锚点',
  TAG_RESOLVE_FAILED: '不认识的标签（!）',
  RESOURCE_EXHAUSTION: '别名展开过多',
  BAD_COLLECTION_TYPE: '标签（!）与其值的种类不符',
  BAD_DIRECTIVE: '% 开头的指令有误',
  BAD_PROP_ORDER: '锚点（&）和标签（!）须写在“-”“?”“:”之后',
  MULTIPLE_TAGS: '一个值只能有一个标签（!）',
  ALIAS_PROPS: '别名（*）不能再有锚点或标签',
  KEY_OVER_1024_CHARS: '键太长，或缺少冒号',
  NON_STRING_KEY: '键须是文字',
  IMPOSSIBLE: '无法解析',
}

/** Where the kind of a mistake says too little. */
const closer: [said: RegExp, text: Text][] = [
  [
    /^Map keys must be unique/,
    {
      zh: '同一层有重复的键；数字写法不同（01 与 1）也算同一个，代码要写在引号里',
      en: 'a key is given twice; 01 and 1 are one number: put codes in quotes',
    },
  ],
  [/^Missing closing ['"]quote/, { zh: '引号没有结束', en: 'a quote is never closed' }],
  [/be followed by map values/, { zh: '键之后缺少冒号', en: 'a key lacks its colon' }],
  [/^Missing , (or : )?between/, { zh: '各项之间缺少逗号', en: 'a comma is missing between two entries' }],
  [/^Missing space after :/, { zh: '冒号之后缺少空格', en: 'the blank after a colon is missing' }],
  [/^Comments must be separated/, { zh: '注释（#）之前缺少空格', en: 'the blank before a comment (#) is missing' }],
  [/end with a ([}\]])$/, { zh: '“$1”没有写，或缩进不够', en: 'the closing "$1" is missing, or not indented enough' }],
]

const reasonOf = ({ code, message }: YAMLError): Text => {
  const said = message.split('\n')[0]!.replace(/ at line \d+, column \d+:?$/, '')
  for (const [pattern, { zh, en }] of closer) {
    const [, named = ''] = pattern.exec(said) ?? []
    if (pattern.test(said)) return { zh: zh.replace('$1', named), en: en.replace('$1', named) }
  }
  const en = code === 'MULTIPLE_DOCS' ? 'a file holds one YAML document' : said
  return { zh: reasons[code] ?? `写法有误（${en}）`, en }
}

const fullWidth = /[：，｛｝［］“”＃]/gu

/** Signs of an input method look like those of YAML and are letters to it. Told where the line that does not parse has any. */
const fullWidthIn = (line: string): Text | undefined => {
  const found = [...new Set(line.replace(/#.*$/u, '').match(fullWidth) ?? [])].join(' ')
  if (found === '') return undefined
  return {
    zh: `；该行有全角的“${found}”，YAML 的标点须是半角`,
    en: `; the line has the full-width "${found}": the signs of YAML are half-width`,
  }
}

/** YAML 1.2 with positions. Throws CONFIG_SYNTAX with file, line and column; duplicate keys and alias bombs are refused. */
export const parseYaml = (file: string, text: string): YamlFile => {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, strict: true, uniqueKeys: true })
  const [error] = document.errors
  if (error) {
    const { line, col } = lines.linePos(error.pos[0])
    const { zh, en } = reasonOf(error)
    const wide = fullWidthIn(text.split('\n')[line - 1] ?? '')
    const reason = { zh: `${zh}${wide?.zh ?? ''}`, en: `${en}${wide?.en ?? ''}` }
    throw GatewayError.of('CONFIG_SYNTAX', { at: `${file}:${line}:${col}`, reason }, { cause: error })
  }
  try {
    return reader(file, text, document, lines)
  } catch (cause) {
    // Only aliases are followed so late: the parser does not say where they stand.
    const reason = {
      zh: '别名（*）没有对应的锚点（&），或展开过多',
      en: 'an alias (*) has no anchor (&) before it, or aliases expand to too much',
    }
    throw GatewayError.of('CONFIG_SYNTAX', { at: `${file}:${aliasPlace(document, lines)}`, reason }, { cause })
  }
}

/** Line and column of the first alias without an anchor, or else of the first alias. */
const aliasPlace = (document: Document, lines: LineCounter): string => {
  const offsets: { offset: number; resolved: boolean }[] = []
  visit(document, {
    Alias: (_, alias) => {
      offsets.push({ offset: alias.range?.[0] ?? 0, resolved: alias.resolve(document) !== undefined })
    },
  })
  const { line, col } = lines.linePos((offsets.find(({ resolved }) => !resolved) ?? offsets[0])?.offset ?? 0)
  return `${line}:${col}`
}

const notUtf8: Text = { zh: '它不是 UTF-8，请另存为 UTF-8', en: 'it is not UTF-8; save it as UTF-8' }

/** A file of UTF-8 text. Throws CONFIG_UNREADABLE, also for bytes that are none: half a character would be read as another. */
export const readUtf8 = (path: string, shownAs = path): string => {
  let bytes: Uint8Array
  try {
    bytes = readFileSync(path)
  } catch (cause) {
    throw GatewayError.of('CONFIG_UNREADABLE', { file: shownAs, reason: systemReason(cause) }, { cause })
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch (cause) {
    throw GatewayError.of('CONFIG_UNREADABLE', { file: shownAs, reason: notUtf8 }, { cause })
  }
}

/** `shownAs` is the name used in messages to people, relative to the folder they work in. */
export const readYaml = (path: string, shownAs = path): YamlFile => parseYaml(shownAs, readUtf8(path, shownAs))
