import { csvHeader, goodCsv, goodXml } from './department.ts'
import { fileFamily } from './files.ts'

/** Bytes that are not in the charset in which they say they are. */
export const encodings = fileFamily('encodings', [
  {
    name: 'GBK that says UTF-8',
    format: 'xml',
    writtenIn: 'gbk',
    file: `<?xml version="1.0" encoding="UTF-8"?><Records>${goodXml('B')}</Records>`,
    expect: {
      code: 'CHARSET_INVALID',
      zh: '字节 106 处不是合法的 utf-8 编码',
      en: 'byte 106 is not valid utf-8',
      caseUnknown: true,
    },
  },
  {
    name: 'GBK that says nothing, where UTF-8 is configured',
    format: 'xml',
    writtenIn: 'gbk',
    file: `<Records>${goodXml('B')}</Records>`,
    expect: {
      code: 'CHARSET_INVALID',
      zh: '字节 68 处不是合法的 utf-8 编码',
      en: 'byte 68 is not valid utf-8',
      caseUnknown: true,
    },
  },
  {
    name: 'UTF-8 that says GB2312',
    format: 'xml',
    file: '<?xml version="1.0" encoding="gb2312"?><Records><SB><SBLSH>B</SBLSH><SBSJ>20260302</SBSJ><SQRMC>内蒙古</SQRMC></SB></Records>',
    expect: {
      code: 'CHARSET_INVALID',
      zh: '字节 104 处不是合法的 gb18030 编码',
      en: 'byte 104 is not valid gb18030',
      caseUnknown: true,
    },
  },
  {
    name: 'UTF-8 that says GBK, of an even number of bytes',
    format: 'xml',
    file: '<?xml version="1.0" encoding="GBK"?><Records><SB><SBLSH>B</SBLSH><SBSJ>20260302</SBSJ><SQRMC>申请人名称表</SQRMC></SB></Records>',
    expect: {
      code: 'TEXT_DAMAGED',
      zh: 'one.yaml:28:15 字段 /content/applicant/name 的文字已损坏：UTF-8 被当作 GBK 解码',
      en: 'one.yaml:28:15 the text of field /content/applicant/name is damaged: UTF-8 was decoded as GBK',
    },
  },
  {
    name: 'UTF-8 that says GBK, of an odd number of bytes',
    format: 'xml',
    file: '<?xml version="1.0" encoding="GBK"?><Records><SB><SBLSH>B</SBLSH><SBSJ>20260302</SBSJ><SQRMC>申请人名称</SQRMC></SB></Records>',
    expect: {
      code: 'CHARSET_INVALID',
      zh: '字节 107 处不是合法的 gb18030 编码',
      en: 'byte 107 is not valid gb18030',
      caseUnknown: true,
    },
  },
  {
    name: 'GBK cut inside a character by the length of the column',
    format: 'xml',
    charset: 'gbk',
    file: ['<Records><SB><SBLSH>B</SBLSH><SQRMC>示例', [0xb9], '</SQRMC></SB></Records>'],
    expect: {
      code: 'CHARSET_INVALID',
      zh: '字节 40 处不是合法的 gb18030 编码',
      en: 'byte 40 is not valid gb18030',
      caseUnknown: true,
    },
  },
  {
    name: 'UTF-8 cut inside a character',
    format: 'xml',
    file: [`<Records>${goodXml('B1')}<SB><SBLSH>B</SBLSH><SQRMC>示例`, [0xe5, 0x85], '</SQRMC></SB></Records>'],
    alsoDelivered: ['B1'],
    expect: {
      code: 'CHARSET_INVALID',
      zh: '字节 134 处不是合法的 utf-8 编码',
      en: 'byte 134 is not valid utf-8',
      caseUnknown: true,
    },
  },
  {
    name: 'the file ends inside a character',
    format: 'csv',
    file: [csvHeader + goodCsv('B1'), 'B,2026-03-02 09:00:00,', [0xe7, 0x94]],
    alsoDelivered: ['B1'],
    expect: {
      code: 'CHARSET_INVALID',
      zh: '字节 76 处不是合法的 utf-8 编码',
      en: 'byte 76 is not valid utf-8',
      caseUnknown: true,
    },
  },
  {
    name: 'a GBK row in a file of UTF-8',
    format: 'csv',
    file: [csvHeader + goodCsv('B1'), 'B,2026-03-02 09:00:00,', [0xbc, 0xd7], ',1\n'],
    alsoDelivered: ['B1'],
    expect: {
      code: 'CHARSET_INVALID',
      zh: '字节 74 处不是合法的 utf-8 编码',
      en: 'byte 74 is not valid utf-8',
      caseUnknown: true,
    },
  },
  {
    name: 'a four-byte character of GB 18030 that lost its last byte',
    format: 'xml',
    charset: 'gb18030',
    file: ['<Records><SB><SBLSH>B</SBLSH><SQRMC>王', [0x95, 0x32, 0x82], '</SQRMC></SB></Records>'],
    expect: {
      code: 'CHARSET_INVALID',
      zh: '字节 38 处不是合法的 gb18030 编码',
      en: 'byte 38 is not valid gb18030',
      caseUnknown: true,
    },
  },
  {
    name: 'a byte that no GBK has',
    format: 'xml',
    charset: 'gbk',
    file: ['<Records><SB><SBLSH>B</SBLSH><SQRMC>王', [0xff], '</SQRMC></SB></Records>'],
    expect: {
      code: 'CHARSET_INVALID',
      zh: '字节 38 处不是合法的 gb18030 编码',
      en: 'byte 38 is not valid gb18030',
      caseUnknown: true,
    },
  },
  {
    name: 'a surrogate in UTF-8, as Java writes it',
    format: 'xml',
    file: ['<Records><SB><SBLSH>B</SBLSH><SQRMC>', [0xed, 0xa1, 0x82, 0xed, 0xbe, 0xb7], '</SQRMC></SB></Records>'],
    expect: {
      code: 'CHARSET_INVALID',
      zh: '字节 36 处不是合法的 utf-8 编码',
      en: 'byte 36 is not valid utf-8',
      caseUnknown: true,
    },
  },
  {
    name: 'an overlong slash in UTF-8',
    format: 'xml',
    file: ['<Records><SB><SBLSH>B', [0xc0, 0xaf], '</SBLSH></SB></Records>'],
    expect: {
      code: 'CHARSET_INVALID',
      zh: '字节 21 处不是合法的 utf-8 编码',
      en: 'byte 21 is not valid utf-8',
      caseUnknown: true,
    },
  },
  {
    name: 'a charset of another country',
    format: 'xml',
    file: '<?xml version="1.0" encoding="x-klingon"?><Records/>',
    expect: {
      code: 'RECORD_UNREADABLE',
      zh: '记录无法读取：不认识的字符编码“x-klingon”',
      en: 'the record cannot be read: unknown charset "x-klingon"',
      caseUnknown: true,
    },
  },
  {
    name: 'a charset that the XML declaration misspells',
    format: 'xml',
    file: '<?xml version="1.0" encoding="UFT-8"?><Records/>',
    expect: {
      code: 'RECORD_UNREADABLE',
      zh: '记录无法读取：不认识的字符编码“uft-8”',
      en: 'the record cannot be read: unknown charset "uft-8"',
      caseUnknown: true,
    },
  },
  {
    name: 'UTF-16 with its mark, cut in the middle of a unit',
    format: 'xml',
    file: [[0xff, 0xfe, 0x3c, 0x00, 0x61]],
    expect: {
      code: 'CHARSET_INVALID',
      zh: '字节 5 处不是合法的 utf-16le 编码',
      en: 'byte 5 is not valid utf-16le',
      caseUnknown: true,
    },
  },
  {
    name: 'a mark of UTF-8 in front of GBK',
    format: 'csv',
    charset: 'gbk',
    file: [[0xef, 0xbb, 0xbf], csvHeader, 'B,2026-03-02 09:00:00,甲,1\n'],
    expect: {
      code: 'CHARSET_INVALID',
      zh: '字节 48 处不是合法的 utf-8 编码',
      en: 'byte 48 is not valid utf-8',
      caseUnknown: true,
    },
  },
  {
    name: 'the replacement character in UTF-8: somebody before lost it',
    format: 'xml',
    file: ['<Records><SB><SBLSH>B</SBLSH><SQRMC>王', [0xef, 0xbf, 0xbd], '</SQRMC><SBSJ>20260302</SBSJ></SB></Records>'],
    expect: {
      code: 'TEXT_DAMAGED',
      zh: 'one.yaml:28:15 字段 /content/applicant/name 的文字已损坏：含替换字符 U+FFFD：原文的字符已丢失',
      en: 'one.yaml:28:15 the text of field /content/applicant/name is damaged: holds U+FFFD: a character was lost before it came here',
    },
  },
  {
    name: 'a character of the private zone',
    format: 'xml',
    charset: 'gb18030',
    file: [`<Records><SB><SBLSH>B</SBLSH><SBSJ>20260302</SBSJ><SQRMC>王`, [0xaa, 0xa1], '</SQRMC></SB></Records>'],
    expect: {
      flags: [{ path: '/content/applicant/name', code: 'suspect', rule: 'private-use' }],
      sent: { '/content/applicant/name': '王' },
    },
  },
  {
    name: 'GBK bytes that were made UTF-8 as Latin-1',
    format: 'xml',
    file: '<Records><SB><SBLSH>B</SBLSH><SBSJ>20260302</SBSJ><SQRMC>ÄÚÃÉ¹ÅÎÚÀ¼²ì²¼</SQRMC></SB></Records>',
    expect: {
      code: 'TEXT_DAMAGED',
      zh: 'one.yaml:28:15 字段 /content/applicant/name 的文字已损坏：GBK 被当作 Latin-1 解码',
      en: 'one.yaml:28:15 the text of field /content/applicant/name is damaged: GBK was decoded as Latin-1',
    },
  },
  {
    name: '锟斤拷 in GBK',
    format: 'csv',
    charset: 'gbk',
    file: [csvHeader, 'B,2026-03-02 09:00:00,', [0xef, 0xbf, 0xbd, 0xef, 0xbf, 0xbd], ',1\n'],
    expect: {
      code: 'TEXT_DAMAGED',
      zh: 'one.yaml:28:15 字段 /content/applicant/name 的文字已损坏：含“锟斤拷”“烫烫烫”等：丢失的字符又被误解码',
      en: 'one.yaml:28:15 the text of field /content/applicant/name is damaged: holds "锟斤拷", "烫烫烫" or the like: lost characters were decoded once more',
    },
  },
])
