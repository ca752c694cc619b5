import type { Text } from '../errors.ts'

/** What JSONata says by a code, in words. `$1`: the part of the expression or the function that it is about; never a value of a record. */
const sentences: Record<string, [zh: string, en: string]> = {
  S0101: ['字符串没有结束', 'a text in quotes never ends'],
  S0102: ['数字过大', 'a number is out of range'],
  S0103: ['不支持的转义 \\$1', 'the escape \\$1 is not supported'],
  S0104: ['\\u 之后须有四位十六进制数', '\\u needs four hexadecimal digits'],
  S0105: ['反引号中的名称没有结束', 'a name in backquotes never ends'],
  S0106: ['注释没有结束', 'a comment never ends'],
  S0201: ['此处不应有“$1”', '"$1" is not expected here'],
  S0202: ['此处应为“$2”，而写的是“$1”', '"$2" is expected here, but "$1" is written'],
  S0203: ['末尾缺少“$2”', '"$2" is missing at the end'],
  S0204: ['没有运算符“$1”', 'there is no operator "$1"'],
  S0205: ['此处不应有“$1”', '"$1" is not expected here'],
  S0207: ['表达式没有写完', 'the expression ends too early'],
  S0208: ['函数的参数须写成 $名称', 'the parameter of a function is written $name'],
  S0209: ['分组之后不能再写条件', 'no condition may follow a grouping'],
  S0210: ['一步只能有一个分组', 'a step has one grouping at most'],
  S0211: ['“$1”须写在两项之间', '"$1" stands between two parts'],
  S0212: [':= 的左边须是 $名称', 'left of := stands a $name'],
  S0213: ['固定值“$1”不能是路径的一步', 'the fixed value "$1" is no step of a path'],
  S0301: ['正则表达式是空的', 'the regular expression is empty'],
  S0302: ['正则表达式没有以“/”结束', 'the regular expression does not end with "/"'],
  T0410: ['函数 $1 的参数种类不对', 'function $1 takes no argument of this kind'],
  T0412: ['函数 $1 的列表含有别种的值', 'the list given to function $1 holds values of another kind'],
  T1005: ['没有函数 $1', 'there is no function $1'],
  T1006: ['没有这个函数', 'there is no such function'],
  T2001: ['“$1”的左边不是数；连接文字用 &', 'left of "$1" stands no number; texts are joined with &'],
  T2002: ['“$1”的右边不是数；连接文字用 &', 'right of "$1" stands no number; texts are joined with &'],
  T2009: ['“$1”两边的种类不同', 'both sides of "$1" must be of one kind'],
  T2010: ['“$1”的一边既不是数也不是文字', 'a side of "$1" is neither number nor text'],
  D1001: ['数字超出范围', 'a number is out of range'],
  D1002: ['负号之后不是数', 'no number follows the minus'],
  D3001: ['得出的不是有限的数', 'the result is no finite number'],
  D3030: ['取得的文字不是数', 'the text it was given is no number'],
  D3061: ['乘方得不出数', 'a power has no result'],
  D3137: ['表达式自己用 $error 报错', 'the expression itself says $error'],
}

/** An error of JSONata as a sentence with its code. Its own words are not repeated: they may hold a value of the record. */
export const expressionReason = ({ code, token, value }: { code?: string; token?: unknown; value?: unknown }): Text => {
  const known = code === undefined ? undefined : sentences[code]
  if (!known) return { zh: `不合 JSONata 语法（${code ?? '?'}）`, en: `it breaks the syntax of JSONata (${code ?? '?'})` }
  const filled = (sentence: string) =>
    `${sentence.replace('$1', () => String(token ?? '')).replace('$2', () => (code?.startsWith('S') ? String(value ?? '') : ''))}`
  return { zh: `${filled(known[0])}（${code}）`, en: `${filled(known[1])} (${code})` }
}
