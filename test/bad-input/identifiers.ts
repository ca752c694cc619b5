import type { SentFlagged } from './case.ts'
import { recordFamily } from './records.ts'

/** Sent as the source wrote it, and flagged; the flag shows no more of it than a person needs to find it. */
const fails = (value: string, found: string, path = '/content/applicant/idNumber'): SentFlagged => ({
  flags: [{ path, found, code: 'invalid', rule: 'identifier-check' }],
  sent: { [path]: value },
})

/** Identifiers that cannot be true. Numbers are of the reserved range: persons born in 1888, organisations PDY00001 to PDY99999. */
export const identifiers = recordFamily('identifiers', [
  {
    name: 'a citizen number with a wrong check digit',
    record: { SQRZJLX: '111', SQRZJHM: '150902188801010018' },
    expect: fails('150902188801010018', '15***************8'),
  },
  {
    name: 'two neighbouring digits swapped',
    record: { SQRZJLX: '111', SQRZJHM: '150902188801010071' },
    expect: fails('150902188801010071', '15***************1'),
  },
  {
    name: 'X where the check digit is a number',
    record: { SQRZJLX: '111', SQRZJHM: '15090218880101001X' },
    expect: fails('15090218880101001X', '15***************X'),
  },
  {
    name: 'a birthday that never was',
    record: { SQRZJLX: '111', SQRZJHM: '150921188902290021' },
    expect: fails('150921188902290021', '15***************1'),
  },
  {
    name: 'a province that does not exist',
    record: { SQRZJLX: '111', SQRZJHM: '990902188801010017' },
    expect: fails('990902188801010017', '99***************7'),
  },
  {
    name: 'seventeen digits, the last one lost',
    record: { SQRZJLX: '111', SQRZJHM: '15090218880101001' },
    expect: fails('15090218880101001', '15**************1'),
  },
  {
    name: 'letter O for zero',
    record: { SQRZJLX: '111', SQRZJHM: '15O902188801010017' },
    expect: fails('15O902188801010017', '15***************7'),
  },
  {
    name: 'a blank inside the number',
    record: { SQRZJLX: '111', SQRZJHM: '150902 18880101001' },
    expect: fails('150902 18880101001', '15***************1'),
  },
  {
    name: 'masked by the source itself',
    record: { SQRZJLX: '111', SQRZJHM: '150902********0017' },
    expect: fails('150902********0017', '15***************7'),
  },
  {
    name: 'rounded by a spreadsheet',
    record: { SQRZJLX: '111', SQRZJHM: '150902188801010000' },
    expect: fails('150902188801010000', '15***************0'),
  },
  {
    name: 'in the notation of a spreadsheet',
    record: { SQRZJLX: '111', SQRZJHM: '1.50902E+17' },
    expect: fails('1.50902E+17', '1.********7'),
  },
  {
    name: 'full-width digits',
    record: { SQRZJLX: '111', SQRZJHM: '１５０９０２１８８８０１０１００１７' },
    expect: fails('１５０９０２１８８８０１０１００１７', '１５***************７'),
  },
  {
    name: 'the old form with a month 13',
    record: { SQRZJLX: '111', SQRZJHM: '150902881301001' },
    expect: fails('150902881301001', '15************1'),
  },
  {
    name: 'a passport number called a citizen number',
    record: { SQRZJLX: '111', SQRZJHM: 'E00000001' },
    expect: fails('E00000001', 'E0******1'),
  },
  {
    name: 'a citizen number called a unified code',
    record: { SQRZJLX: '001', SQRZJHM: '150902188801010017' },
    expect: fails('150902188801010017', '15***************7'),
  },
  {
    name: 'a unified code called a citizen number',
    record: { SQRZJLX: '111', SQRZJHM: '91150902PDY00001XY' },
    expect: fails('91150902PDY00001XY', '91***************Y'),
  },
  {
    name: 'a unified code with a wrong check character',
    record: { SQRZJLX: '001', SQRZJHM: '91150902PDY00001XX' },
    expect: fails('91150902PDY00001XX', '91***************X'),
  },
  {
    name: 'a unified code in lower case',
    record: { SQRZJLX: '001', SQRZJHM: '91150902pdy00001xy' },
    expect: fails('91150902pdy00001xy', '91***************y'),
  },
  {
    name: 'a unified code with letter O, which the alphabet leaves out',
    record: { SQRZJLX: '001', SQRZJHM: '9115O902PDY00001XY' },
    expect: fails('9115O902PDY00001XY', '91***************Y'),
  },
  {
    name: 'a unified code with the hyphen of the organisation code',
    record: { SQRZJLX: '001', SQRZJHM: '91150902PDY0000-1X' },
    expect: fails('91150902PDY0000-1X', '91***************X'),
  },
  {
    name: 'an organisation code with a wrong check character',
    record: { SQRZJLX: '002', SQRZJHM: 'PDY00001-0' },
    expect: fails('PDY00001-0', 'PD*******0'),
  },
  {
    name: 'an organisation code with a blank for the hyphen',
    record: { SQRZJLX: '002', SQRZJHM: 'PDY00001 X' },
    expect: fails('PDY00001 X', 'PD*******X'),
  },
  {
    name: 'two numbers in one field',
    record: { SQRZJLX: '111', SQRZJHM: '150902188801010017,150921188802290021' },
    expect: {
      code: 'MESSAGE_INVALID',
      zh: 'one.yaml:31:19 消息 application.received 的字段 /content/applicant/idNumber 不合规范：超过 18 个字符',
      en: 'one.yaml:31:19 message application.received: field /content/applicant/idNumber breaks its schema: has more than 18 characters',
    },
  },
  { name: 'a text where the number belongs', record: { SQRZJLX: '111', SQRZJHM: '见附件' }, expect: fails('见附件', '***') },
  {
    name: 'zeros to fill the field',
    record: { SQRZJLX: '111', SQRZJHM: '000000000000000000' },
    expect: fails('000000000000000000', '00***************0'),
  },
  {
    name: 'the code of the authority has a wrong check character',
    record: { JSBM: '11150900PDY00001XB' },
    expect: fails('11150900PDY00001XB', '11***************B', '/content/receivingOrg/code'),
  },
  {
    name: 'the authority is given by its old code in the column of the new',
    record: { JSBM: 'PDY00001-X' },
    expect: fails('PDY00001-X', 'PD*******X', '/content/receivingOrg/code'),
  },
  {
    name: 'the old code of the authority is the new one',
    record: { JSBMJG: '11150900PDY00001XA' },
    expect: {
      code: 'MESSAGE_INVALID',
      zh: 'one.yaml:35:47 消息 application.received 的字段 /content/receivingOrg/legacyCode 不合规范：超过 10 个字符',
      en: 'one.yaml:35:47 message application.received: field /content/receivingOrg/legacyCode breaks its schema: has more than 10 characters',
    },
  },
  {
    name: 'the old code of the authority with a wrong check character',
    record: { JSBMJG: 'PDY00002-X' },
    expect: fails('PDY00002-X', 'PD*******X', '/content/receivingOrg/legacyCode'),
  },
  {
    name: 'a banner number of the city that was never given',
    record: { XZQHDM: '150930' },
    expect: fails('150930', '15***0', '/content/region'),
  },
  { name: 'a region of no province', record: { XZQHDM: '990100' }, expect: fails('990100', '99***0', '/content/region') },
  {
    name: 'a region of eight digits',
    record: { XZQHDM: '15090200' },
    expect: {
      code: 'MESSAGE_INVALID',
      zh: 'one.yaml:36:15 消息 application.received 的字段 /content/region 不合规范：应为行政区划代码：6、9 或 12 位数字（GB/T 2260）',
      en: 'one.yaml:36:15 message application.received: field /content/region breaks its schema: must be: Region code, 6, 9 or 12 digits (GB/T 2260)',
    },
  },
  {
    name: 'a region by its name',
    record: { XZQHDM: '集宁区' },
    expect: {
      code: 'MESSAGE_INVALID',
      zh: 'one.yaml:36:15 消息 application.received 的字段 /content/region 不合规范：应为行政区划代码：6、9 或 12 位数字（GB/T 2260）',
      en: 'one.yaml:36:15 message application.received: field /content/region breaks its schema: must be: Region code, 6, 9 or 12 digits (GB/T 2260)',
    },
  },
  {
    name: 'a region with a P, as one system marks provinces',
    record: { XZQHDM: 'P15090' },
    expect: {
      code: 'MESSAGE_INVALID',
      zh: 'one.yaml:36:15 消息 application.received 的字段 /content/region 不合规范：应为行政区划代码：6、9 或 12 位数字（GB/T 2260）',
      en: 'one.yaml:36:15 message application.received: field /content/region breaks its schema: must be: Region code, 6, 9 or 12 digits (GB/T 2260)',
    },
  },
  {
    name: 'a project code without hyphens',
    record: { XMDM: '20151509004701000001' },
    expect: fails('20151509004701000001', '20151509004701000001', '/case/projectCode'),
  },
  {
    name: 'a project code with full-width hyphens',
    record: { XMDM: '2015－150900－47－01－000001' },
    expect: fails('2015－150900－47－01－000001', '2015－150900－47－01－000001', '/case/projectCode'),
  },
  {
    name: 'a project code that lost its last digit',
    record: { XMDM: '2015-150900-47-01-00000' },
    expect: fails('2015-150900-47-01-00000', '2015-150900-47-01-00000', '/case/projectCode'),
  },
  {
    name: 'an item code that is longer than any scheme',
    record: { SXBM: '11150900PDY00001XA4000100000100000001' + '0' },
    expect: {
      code: 'MESSAGE_INVALID',
      zh: 'one.yaml:18:62 消息 application.received 的字段 /case/itemCode 不合规范：超过 36 个字符',
      en: 'one.yaml:18:62 message application.received: field /case/itemCode breaks its schema: has more than 36 characters',
    },
  },
  {
    name: 'the collector has a number that fails its check',
    stream: 'LQ',
    record: { LQR: '丙', ZJLX: '111', ZJHM: '150981188812310134' },
    expect: fails('150981188812310134', '15***************4', '/content/collector/idNumber'),
  },
])
