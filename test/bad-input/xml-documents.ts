import { goodXml } from './department.ts'
import { fileFamily } from './files.ts'

/** Documents that break off, go on too long, or hold records that say two things. */
export const xmlDocuments = fileFamily('XML documents and records', [
  {
    name: 'a number of a character that does not exist',
    format: 'xml',
    file: '<Records><SB><SBLSH>B</SBLSH><YJ>&#x110000;</YJ></SB></Records>',
    expect: {
      code: 'XML_INVALID',
      zh: 'XML 第 1 行第 43 列有误：字符引用有误',
      en: 'XML is wrong at line 1, column 43: malformed character entity',
      caseUnknown: true,
    },
  },
  {
    name: 'a comment with two hyphens in it',
    format: 'xml',
    file: '<Records><!-- 旧 -- 新 --><SB><SBLSH>B</SBLSH></SB></Records>',
    expect: {
      code: 'XML_INVALID',
      zh: 'XML 第 1 行第 19 列有误：注释有误',
      en: 'XML is wrong at line 1, column 19: malformed comment',
      caseUnknown: true,
    },
  },
  {
    name: 'the end of a CDATA section in a text',
    format: 'xml',
    file: '<Records><SB><SBLSH>B</SBLSH><YJ>同意]]></YJ></SB></Records>',
    expect: {
      code: 'XML_INVALID',
      zh: 'XML 第 1 行第 38 列有误：文字中不得有“]]>”',
      en: 'XML is wrong at line 1, column 38: the string "]]>" is disallowed in char data',
      caseUnknown: true,
    },
  },
  {
    name: 'a CDATA section that never ends',
    format: 'xml',
    file: '<Records><SB><SBLSH>B</SBLSH><YJ><![CDATA[同意</YJ></SB></Records>',
    expect: {
      code: 'XML_INVALID',
      zh: 'XML 第 1 行第 34 列有误：“<![CDATA[”没有结束，缺少“]]>”',
      en: 'XML is wrong at line 1, column 34: "<![CDATA[" never ends: "]]>" is missing',
      caseUnknown: true,
    },
  },
  {
    name: 'two roots',
    format: 'xml',
    file: `<Records>${goodXml('B1')}</Records>\n<Records/>`,
    alsoDelivered: ['B1'],
    expect: {
      code: 'XML_INVALID',
      zh: 'XML 第 2 行第 9 列有误：文档只能有一个根元素',
      en: 'XML is wrong at line 2, column 9: documents may contain only one root',
      caseUnknown: true,
    },
  },
  {
    name: 'a text behind the root',
    format: 'xml',
    file: `<Records>${goodXml('B1')}</Records>\n完`,
    alsoDelivered: ['B1'],
    expect: {
      code: 'XML_INVALID',
      zh: 'XML 第 2 行第 1 列有误：根元素之外有文字',
      en: 'XML is wrong at line 2, column 1: text data outside of root node',
      caseUnknown: true,
    },
  },
  {
    name: 'a blank line in front of the declaration',
    format: 'xml',
    file: '\n<?xml version="1.0"?><Records/>',
    expect: {
      code: 'XML_INVALID',
      zh: 'XML 第 2 行第 6 列有误：XML 声明须在文档开头',
      en: 'XML is wrong at line 2, column 6: an XML declaration must be at the start of the document',
      caseUnknown: true,
    },
  },
  {
    name: 'a declaration without its version',
    format: 'xml',
    file: '<?xml encoding="UTF-8"?><Records/>',
    expect: {
      code: 'XML_INVALID',
      zh: 'XML 第 1 行第 15 列有误：XML 声明中此处应为 version',
      en: 'XML is wrong at line 1, column 15: expected one of version',
      caseUnknown: true,
    },
  },
  {
    name: 'a declaration in the middle, as two files that were joined',
    format: 'xml',
    file: `<Records>${goodXml('B1')}<?xml version="1.0"?>${goodXml('B2')}</Records>`,
    alsoDelivered: ['B1'],
    expect: {
      code: 'XML_INVALID',
      zh: 'XML 第 1 行第 105 列有误：XML 声明须在文档开头',
      en: 'XML is wrong at line 1, column 105: an XML declaration must be at the start of the document',
      caseUnknown: true,
    },
  },
  {
    name: 'an element whose name begins with a digit',
    format: 'xml',
    file: '<Records><SB><1SBLSH>B</1SBLSH></SB></Records>',
    expect: {
      code: 'XML_INVALID',
      zh: 'XML 第 1 行第 15 列有误：元素名中有不允许的字符；文字中的“<”须写成 &lt;',
      en: 'XML is wrong at line 1, column 15: disallowed character in tag name; "<" in a text is written &lt;',
      caseUnknown: true,
    },
  },
  {
    name: 'end tags of another case',
    format: 'xml',
    file: '<Records><SB><SBLSH>B</sblsh></SB></Records>',
    expect: {
      code: 'XML_INVALID',
      zh: 'XML 第 1 行第 29 列有误：结束标签与开始标签不匹配',
      en: 'XML is wrong at line 1, column 29: unexpected close tag',
      caseUnknown: true,
    },
  },
  {
    name: 'an end tag too many',
    format: 'xml',
    file: `<Records>${goodXml('B1')}</SB></Records>`,
    alsoDelivered: ['B1'],
    expect: {
      code: 'XML_INVALID',
      zh: 'XML 第 1 行第 104 列有误：结束标签与开始标签不匹配',
      en: 'XML is wrong at line 1, column 104: unexpected close tag',
      caseUnknown: true,
    },
  },
  {
    name: 'an empty file',
    format: 'xml',
    file: '',
    expect: {
      code: 'XML_INVALID',
      zh: 'XML 第 1 行第 1 列有误：文档没有根元素',
      en: 'XML is wrong at line 1, column 1: document must contain a root element',
      caseUnknown: true,
    },
  },
  {
    name: 'JSON in a file that should be XML',
    format: 'xml',
    file: '{"SBLSH":"B"}',
    expect: {
      code: 'XML_INVALID',
      zh: 'XML 第 1 行第 13 列有误：根元素之外有文字',
      en: 'XML is wrong at line 1, column 13: text data outside of root node',
      caseUnknown: true,
    },
  },
  {
    name: 'a record without its key',
    format: 'xml',
    file: `<Records>${goodXml('B1')}<SB><SQRMC>甲</SQRMC></SB>${goodXml('B2')}</Records>`,
    alsoDelivered: ['B1', 'B2'],
    expect: {
      code: 'RECORD_UNREADABLE',
      zh: '记录无法读取：路径 SBLSH 处有 0 个值，应为 1 个',
      en: 'the record cannot be read: SBLSH holds 0 values, not 1',
      caseUnknown: true,
    },
  },
  {
    name: 'a record with its key twice',
    format: 'xml',
    file: `<Records><SB><SBLSH>B</SBLSH><SBLSH>B2</SBLSH></SB>${goodXml('B1')}</Records>`,
    alsoDelivered: ['B1'],
    expect: {
      code: 'RECORD_UNREADABLE',
      zh: '记录无法读取：路径 SBLSH 处有 2 个值，应为 1 个',
      en: 'the record cannot be read: SBLSH holds 2 values, not 1',
      caseUnknown: true,
    },
  },
  {
    name: 'a record with two names, between good ones',
    format: 'xml',
    file: `<Records>${goodXml('B1')}${goodXml('B', '<SQRMC>乙</SQRMC>')}${goodXml('B2')}</Records>`,
    alsoDelivered: ['B1', 'B2'],
    expect: {
      code: 'VALUE_AMBIGUOUS',
      zh: 'one.yaml:28:15 字段 /content/applicant/name：来源 SQRMC 有 2 个值',
      en: 'one.yaml:28:15 field /content/applicant/name: SQRMC holds 2 values',
    },
  },
  {
    name: 'a name with an element inside',
    format: 'xml',
    file: '<Records><SB><SBLSH>B</SBLSH><SBSJ>20260302</SBSJ><SQRMC>甲<b>乙</b></SQRMC></SB></Records>',
    expect: {
      code: 'VALUE_INVALID',
      zh: 'one.yaml:28:15 字段 /content/applicant/name：值“{…}”不合要求，应为：单个值，而 SQRMC 处是一个结构',
      en: 'one.yaml:28:15 field /content/applicant/name: the value "{…}" is not a single value: SQRMC holds a structure',
    },
  },
  {
    name: 'an element that says it is nil',
    format: 'xml',
    file: '<Records><SB xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><SBLSH>B</SBLSH><SBSJ>20260302</SBSJ><SQRMC xsi:nil="true"> </SQRMC></SB></Records>',
    expect: {
      code: 'MESSAGE_INVALID',
      zh: 'one.yaml:28:9 消息 application.received 的字段 /content/applicant 不合规范：缺少此项',
      en: 'one.yaml:28:9 message application.received: field /content/applicant breaks its schema: it is missing',
    },
  },
  {
    name: 'an empty element for the time',
    format: 'xml',
    file: '<Records><SB><SBLSH>B</SBLSH><SBSJ/><SQRMC>甲</SQRMC></SB></Records>',
    expect: {
      code: 'MESSAGE_INVALID',
      zh: 'one.yaml:26:19 消息 application.received 的字段 /content/receivedAt 不合规范：缺少此项',
      en: 'one.yaml:26:19 message application.received: field /content/receivedAt breaks its schema: it is missing',
    },
  },
  {
    name: 'escaped twice through a map without order',
    format: 'xml',
    file: `<Records>${goodXml('B', '<LXRXM>甲&amp;amp;乙</LXRXM>')}</Records>`,
    expect: {
      flags: [{ path: '/content/contact/name', code: 'suspect', rule: 'escaped-twice' }],
      sent: { '/content/contact/name': '甲&amp;乙' },
    },
  },
])
