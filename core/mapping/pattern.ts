/**
 * Regular expressions of a mapping. They run in time linear in the text (RE2), whatever is written: no expression and no record can hold up the
 * gateway. What that excludes, look-around and back-references, is refused when the mapping is compiled.
 */
import { RE2JS, RE2JSSyntaxException } from 're2js'
import type { Text } from '../errors.ts'
import type { YamlPath } from '../yaml.ts'
import { type CompileContext, problem } from './compile-context.ts'

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
  return known === undefined ? { zh: en, en } : { zh: en.replace(known, reasons[known]!), en }
}

/** A test whether a text matches as a whole, written as in JavaScript; undefined, with the problem told, for what is no expression. */
export const compilePattern = (
  context: CompileContext,
  written: unknown,
  path: YamlPath,
): ((text: string) => boolean) | undefined => {
  try {
    const pattern = RE2JS.compile(RE2JS.translateRegExp(String(written).replaceAll(/\\p\{(?:Script|sc)=/g, '\\p{')))
    return (text) => pattern.matches(text)
  } catch (error) {
    if (!(error instanceof RE2JSSyntaxException)) throw error
    const { zh, en } = reasonOf(error)
    problem(context, path, { zh: `正则表达式有误：${zh}`, en: `this is no regular expression: ${en}` })
    return undefined
  }
}
