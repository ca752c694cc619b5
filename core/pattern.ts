/**
 * Regular expressions that people write in mappings and configuration. They run in time linear in the text (RE2), whatever is written: no
 * expression, record or answer can hold up the gateway. What that excludes, look-around and back-references, is refused when it is compiled.
 */
import { RE2JS, RE2JSSyntaxException } from 're2js'
import type { Text } from './errors.ts'

/** The library explains in English only. */
const reasons: Record<string, string> = {
  'missing closing ]': '缺少 ]',
  'missing closing )': '缺少 )',
  'unexpected )': '多出 )',
  'invalid escape sequence': '不认识的转义',
  'invalid or unsupported Perl syntax': '不支持的写法（前后断言、反向引用等）',
  'missing argument to repetition operator': '重复符号之前没有内容',
  'invalid repeat count': '重复次数有误（上限 1000）',
  'invalid nested repetition operator': '重复符号不能连用',
  'invalid character class range': '字符范围有误',
  'invalid named capture': '命名分组有误',
  'trailing backslash at end of expression': '末尾多出反斜线',
  'expression nests too deeply': '嵌套过深',
}

const reasonOf = (error: RE2JSSyntaxException): Text => {
  const known = Object.keys(reasons).find((kind) => error.message.includes(kind))
  const en = error.message.replace(/^error parsing regexp: /, '')
  const zh = known === undefined ? en : en.replace(known, reasons[known]!)
  return { zh: `正则表达式有误：${zh}`, en: `this is no regular expression: ${en}` }
}

export interface Pattern {
  /** Whether the text matches as a whole. */
  matches(text: string): boolean
  /** The named groups of a text that matches as a whole, those apart that took no part in it; undefined for one that does not match. */
  groupsOf(text: string): Readonly<Record<string, string>> | undefined
  /** The names of its groups. */
  groups: readonly string[]
}

/** Written as in JavaScript; what is no expression gives the problem. */
export const parsePattern = (
  written: string,
): { pattern: Pattern; problem?: undefined } | { pattern?: undefined; problem: Text } => {
  try {
    const compiled = RE2JS.compile(RE2JS.translateRegExp(written.replaceAll(/\\p\{(?:Script|sc)=/g, '\\p{')))
    const groups = Object.keys(compiled.namedGroups())
    const groupsOf = (text: string): Record<string, string> | undefined => {
      const matcher = compiled.matcher(text)
      if (!matcher.matches()) return undefined
      const found = groups.map((name) => [name, matcher.group(name)] as const).filter(([, value]) => value !== null)
      return Object.fromEntries(found) as Record<string, string>
    }
    return { pattern: { matches: (text) => compiled.matches(text), groupsOf, groups } }
  } catch (error) {
    if (!(error instanceof RE2JSSyntaxException)) throw error
    return { problem: reasonOf(error) }
  }
}
