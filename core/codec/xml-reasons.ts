import type { Text } from '../errors.ts'

/** What saxes says of a fault, in Chinese, and in English where its own words lack the next step. Only names of elements, attributes and entities are quoted, as saxes does: never content. */
const reasons: [said: RegExp, zh: string, en?: string][] = [
  [/^unclosed tag: (.+)$/, '元素“$1”没有结束标签'],
  [/^unmatched closing tag: (.+)$/, '结束标签“$1”没有与之对应的开始标签'],
  [/^unexpected close tag$/, '结束标签与开始标签不匹配'],
  [/^unexpected end$/, '文档意外结束'],
  [/^weird empty close tag$/, '结束标签没有名称'],
  [/^duplicate attribute: (.+)$/, '属性“$1”重复'],
  [/^attribute without value$/, '属性没有值'],
  [/^unquoted attribute value$/, '属性值没有引号'],
  [/^no whitespace between attributes$/, '属性之间没有空格'],
  [/^disallowed character in attribute name$/, '属性名中有不允许的字符'],
  [
    /^disallowed character in tag name$/,
    '元素名中有不允许的字符；文字中的“<”须写成 &lt;',
    'disallowed character in tag name; "<" in a text is written &lt;',
  ],
  [/^disallowed character in closing tag$/, '结束标签中有不允许的字符'],
  [/^disallowed character in entity name$/, '实体名中有不允许的字符'],
  [/^disallowed character$/, '有 XML 不允许的字符'],
  [/^malformed character entity$/, '字符引用有误'],
  [
    /^undefined entity$/,
    '实体没有定义；只可用 &amp; &lt; &gt; &quot; &apos;',
    'undefined entity; there are only &amp; &lt; &gt; &quot; &apos;',
  ],
  [/^empty entity name$/, '“&”之后没有实体名；“&”本身须写成 &amp;'],
  [/^malformed comment$/, '注释有误'],
  [/^malformed name: (.+)$/, '名称“$1”有误'],
  [/^unbound namespace prefix: (.+)$/, '命名空间前缀 $1 没有声明'],
  [/^document must contain a root element$/, '文档没有根元素'],
  [/^documents may contain only one root$/, '文档只能有一个根元素'],
  [/^text data outside of root node$/, '根元素之外有文字'],
  [/^the string "\]\]>" is disallowed in char data$/, '文字中不得有“]]>”'],
  [/^forward-slash in opening tag not followed by >$/, '开始标签中的“/”之后不是“>”'],
  [/^an XML declaration must be at the start of the document$/, 'XML 声明须在文档开头'],
  [/^the XML declaration must appear at the start of the document$/, 'XML 声明须在文档开头'],
  [/^XML declaration (is incomplete|must contain a version)$/, 'XML 声明不完整'],
  [/^expected (?:one of|the name) (.+)$/, 'XML 声明中此处应为 $1'],
  [/^version number must match/, 'XML 声明的 version 有误'],
  [/^encoding value must match/, 'XML 声明的 encoding 有误'],
  [/^standalone value must match/, 'XML 声明的 standalone 有误'],
  [/^processing instruction without a target$/, '处理指令没有名称'],
  [/^disallowed character in processing instruction name$/, '处理指令的名称中有不允许的字符'],
]

/** The fault in both languages; where none of these fits, the parser's own words: a reader is told too little rather than something wrong. */
export const inWords = (said: string): Text => {
  for (const [pattern, zh, en] of reasons) if (pattern.test(said)) return { zh: said.replace(pattern, zh), en: en ?? said }
  return { zh: `不合 XML 语法（${said}）`, en: said }
}
