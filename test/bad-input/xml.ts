import { goodXml } from './department.ts'
import { fileFamily } from './files.ts'

/** Files that are no XML, or no XML that anybody should read. What stands before the fault is delivered. */
export const xml = fileFamily('XML files', [
  {
    name: 'tags that cross',
    format: 'xml',
    file: '<Records><SB><SBLSH>B</SBLSH><SQRMC>甲</SB></SQRMC></Records>',
    expect: {
      code: 'XML_INVALID',
      zh: 'XML 第 1 行第 42 列有误：结束标签与开始标签不匹配',
      en: 'XML is wrong at line 1, column 42: unexpected close tag',
      caseUnknown: true,
    },
  },
  {
    name: 'a record that is never closed, behind a good one',
    format: 'xml',
    file: `<Records>${goodXml('B1')}<SB><SBLSH>B</SBLSH></Records>`,
    alsoDelivered: ['B1'],
    expect: {
      code: 'XML_INVALID',
      zh: 'XML 第 1 行第 129 列有误：结束标签与开始标签不匹配',
      en: 'XML is wrong at line 1, column 129: unexpected close tag',
      caseUnknown: true,
    },
  },
  {
    name: 'broken off in the middle of a tag',
    format: 'xml',
    file: `<Records>${goodXml('B1')}<SB><SBLS`,
    alsoDelivered: ['B1'],
    expect: {
      code: 'XML_INVALID',
      zh: 'XML 第 1 行第 108 列有误：元素“SB”没有结束标签',
      en: 'XML is wrong at line 1, column 108: unclosed tag: SB',
      caseUnknown: true,
    },
  },
  {
    name: 'broken off in the middle of a text',
    format: 'xml',
    file: `<Records>${goodXml('B1')}<SB><SBLSH>B</SBLSH><SQRMC>甲`,
    alsoDelivered: ['B1'],
    expect: {
      code: 'XML_INVALID',
      zh: 'XML 第 1 行第 127 列有误：元素“SQRMC”没有结束标签',
      en: 'XML is wrong at line 1, column 127: unclosed tag: SQRMC',
      caseUnknown: true,
    },
  },
  {
    name: 'the root is never closed',
    format: 'xml',
    file: `<Records>${goodXml('B1')}`,
    alsoDelivered: ['B1'],
    expect: {
      code: 'XML_INVALID',
      zh: 'XML 第 1 行第 99 列有误：元素“Records”没有结束标签',
      en: 'XML is wrong at line 1, column 99: unclosed tag: Records',
      caseUnknown: true,
    },
  },
  {
    name: 'tags with a blank after the bracket',
    format: 'xml',
    file: '<Records>< SB><SBLSH>B</SBLSH></ SB></Records>',
    expect: {
      code: 'XML_INVALID',
      zh: 'XML 第 1 行第 11 列有误：元素名中有不允许的字符；文字中的“<”须写成 &lt;',
      en: 'XML is wrong at line 1, column 11: disallowed character in tag name; "<" in a text is written &lt;',
      caseUnknown: true,
    },
  },
  {
    name: 'a less-than sign in a text',
    format: 'xml',
    file: '<Records><SB><SBLSH>B</SBLSH><YJ>面积 < 300</YJ></SB></Records>',
    expect: {
      code: 'XML_INVALID',
      zh: 'XML 第 1 行第 38 列有误：元素名中有不允许的字符；文字中的“<”须写成 &lt;',
      en: 'XML is wrong at line 1, column 38: disallowed character in tag name; "<" in a text is written &lt;',
      caseUnknown: true,
    },
  },
  {
    name: 'an ampersand in a name, and records behind it',
    format: 'xml',
    file: `<Records>${goodXml('B1')}<SB><SBLSH>B</SBLSH><SQRMC>甲&乙公司</SQRMC></SB>${goodXml('B2')}</Records>`,
    alsoDelivered: ['B1'],
    expect: {
      code: 'XML_INVALID',
      zh: 'XML 第 1 行第 128 列有误：此处的“&”不是字符引用的开头；“&”本身须写成 &amp;',
      en: 'XML is wrong at line 1, column 128: this "&" begins no reference; write the sign itself as &amp;',
      caseUnknown: true,
    },
  },
  {
    name: 'an ampersand in front of a reference on the next line',
    format: 'xml',
    file: '<Records>\n<SB>\n<SBLSH>B</SBLSH><SQRMC>甲 & 乙</SQRMC>\n<YJ>1 &lt; 2</YJ></SB></Records>',
    expect: {
      code: 'XML_INVALID',
      zh: 'XML 第 3 行第 26 列有误：此处的“&”不是字符引用的开头；“&”本身须写成 &amp;',
      en: 'XML is wrong at line 3, column 26: this "&" begins no reference; write the sign itself as &amp;',
      caseUnknown: true,
    },
  },
  {
    name: 'an entity of HTML',
    format: 'xml',
    file: '<Records><SB><SBLSH>B</SBLSH><SQRMC>甲&nbsp;乙</SQRMC></SB></Records>',
    expect: {
      code: 'XML_INVALID',
      zh: 'XML 第 1 行第 43 列有误：实体没有定义；只可用 &amp; &lt; &gt; &quot; &apos;',
      en: 'XML is wrong at line 1, column 43: undefined entity; there are only &amp; &lt; &gt; &quot; &apos;',
      caseUnknown: true,
    },
  },
  {
    name: 'a document type with an entity bomb',
    format: 'xml',
    file: '<!DOCTYPE r [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><Records><SB><SBLSH>&b;</SBLSH></SB></Records>',
    expect: {
      code: 'XML_INVALID',
      zh: 'XML 第 1 行第 56 列有误：不接受文档类型声明（DOCTYPE）',
      en: 'XML is wrong at line 1, column 56: a document type declaration (DOCTYPE) is not accepted',
      caseUnknown: true,
    },
  },
  {
    name: 'a document type that reads a file of the machine',
    format: 'xml',
    file: '<?xml version="1.0"?>\n<!DOCTYPE Records [<!ENTITY f SYSTEM "file:///etc/passwd">]>\n<Records><SB><SBLSH>&f;</SBLSH></SB></Records>',
    expect: {
      code: 'XML_INVALID',
      zh: 'XML 第 2 行第 60 列有误：不接受文档类型声明（DOCTYPE）',
      en: 'XML is wrong at line 2, column 60: a document type declaration (DOCTYPE) is not accepted',
      caseUnknown: true,
    },
  },
  {
    name: 'a document type without anything in it',
    format: 'xml',
    file: '<!DOCTYPE Records>\n<Records/>',
    expect: {
      code: 'XML_INVALID',
      zh: 'XML 第 1 行第 18 列有误：不接受文档类型声明（DOCTYPE）',
      en: 'XML is wrong at line 1, column 18: a document type declaration (DOCTYPE) is not accepted',
      caseUnknown: true,
    },
  },
  {
    name: 'nested deeper than 100 levels',
    format: 'xml',
    file: `<Records><SB><SBLSH>B</SBLSH>${'<a>'.repeat(100)}${'</a>'.repeat(100)}</SB></Records>`,
    expect: {
      code: 'XML_INVALID',
      zh: 'XML 第 1 行第 326 列有误：嵌套超过 100 层',
      en: 'XML is wrong at line 1, column 326: nested deeper than 100 levels',
      caseUnknown: true,
    },
  },
  {
    name: 'an attribute without quotes',
    format: 'xml',
    file: '<Records><SB id=1><SBLSH>B</SBLSH></SB></Records>',
    expect: {
      code: 'XML_INVALID',
      zh: 'XML 第 1 行第 17 列有误：属性值没有引号',
      en: 'XML is wrong at line 1, column 17: unquoted attribute value',
      caseUnknown: true,
    },
  },
  {
    name: 'an attribute without a value',
    format: 'xml',
    file: '<Records><SB new><SBLSH>B</SBLSH></SB></Records>',
    expect: {
      code: 'XML_INVALID',
      zh: 'XML 第 1 行第 17 列有误：属性没有值',
      en: 'XML is wrong at line 1, column 17: attribute without value',
      caseUnknown: true,
    },
  },
  {
    name: 'an attribute twice',
    format: 'xml',
    file: '<Records><SB id="1" id="2"><SBLSH>B</SBLSH></SB></Records>',
    expect: {
      code: 'XML_INVALID',
      zh: 'XML 第 1 行第 27 列有误：属性“id”重复',
      en: 'XML is wrong at line 1, column 27: duplicate attribute: id',
      caseUnknown: true,
    },
  },
  {
    name: 'attributes without a blank between them',
    format: 'xml',
    file: '<Records><SB id="1"no="2"><SBLSH>B</SBLSH></SB></Records>',
    expect: {
      code: 'XML_INVALID',
      zh: 'XML 第 1 行第 20 列有误：属性之间没有空格',
      en: 'XML is wrong at line 1, column 20: no whitespace between attributes',
      caseUnknown: true,
    },
  },
  {
    name: 'a prefix that is not declared',
    format: 'xml',
    file: '<Records><g:SB><SBLSH>B</SBLSH></g:SB></Records>',
    expect: {
      code: 'XML_INVALID',
      zh: 'XML 第 1 行第 15 列有误：命名空间前缀 "g" 没有声明',
      en: 'XML is wrong at line 1, column 15: unbound namespace prefix: "g"',
      caseUnknown: true,
    },
  },
  {
    name: 'a control character',
    format: 'xml',
    file: '<Records><SB><SBLSH>B</SBLSH><YJ>同意\u0001</YJ></SB></Records>',
    expect: {
      code: 'XML_INVALID',
      zh: 'XML 第 1 行第 36 列有误：有 XML 不允许的字符',
      en: 'XML is wrong at line 1, column 36: disallowed character',
      caseUnknown: true,
    },
  },
  {
    name: 'a control character as a number',
    format: 'xml',
    file: '<Records><SB><SBLSH>B</SBLSH><YJ>同意&#1;</YJ></SB></Records>',
    expect: {
      code: 'XML_INVALID',
      zh: 'XML 第 1 行第 39 列有误：字符引用有误',
      en: 'XML is wrong at line 1, column 39: malformed character entity',
      caseUnknown: true,
    },
  },
])
