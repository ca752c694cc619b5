import { csvHeader, goodCsv } from './department.ts'
import { fileFamily } from './files.ts'

/** Rows of CSV that are wrong between good ones. */
export const rows = fileFamily('CSV files', [
  {
    name: 'a row with a column too few',
    format: 'csv',
    file: `${csvHeader}${goodCsv('B1')}B,2026-03-02 09:00:00,甲\n${goodCsv('B2')}`,
    alsoDelivered: ['B1', 'B2'],
    expect: {
      code: 'CSV_INVALID',
      zh: 'CSV 第 3 行有误：应有 4 列，实有 3 列',
      en: 'CSV is wrong at line 3: 3 columns instead of 4',
      caseUnknown: true,
    },
  },
  {
    name: 'a row with a comma in a name',
    format: 'csv',
    file: `${csvHeader}B,2026-03-02 09:00:00,甲,乙,1\n${goodCsv('B1')}`,
    alsoDelivered: ['B1'],
    expect: {
      code: 'CSV_INVALID',
      zh: 'CSV 第 2 行有误：应有 4 列，实有 5 列',
      en: 'CSV is wrong at line 2: 5 columns instead of 4',
      caseUnknown: true,
    },
  },
  {
    name: 'a quote that is not closed',
    format: 'csv',
    file: `${csvHeader}B,2026-03-02 09:00:00,"甲,1\n${goodCsv('B1')}`,
    alsoDelivered: ['B1'],
    expect: {
      code: 'CSV_INVALID',
      zh: 'CSV 第 2 行有误：第 3 列的引号没有结束',
      en: 'CSV is wrong at line 2: the quote in column 3 is never closed',
      caseUnknown: true,
    },
  },
  {
    name: 'a quote in the middle of a value',
    format: 'csv',
    file: `${csvHeader}${goodCsv('B1')}B,2026-03-02 09:00:00,甲"乙,1\n`,
    alsoDelivered: ['B1'],
    expect: {
      code: 'CSV_INVALID',
      zh: 'CSV 第 3 行有误：第 3 列的引号有误',
      en: 'CSV is wrong at line 3: the quotes in column 3 are wrong',
      caseUnknown: true,
    },
  },
  {
    name: 'a text behind the closing quote',
    format: 'csv',
    file: `${csvHeader}B,2026-03-02 09:00:00,"甲"乙,1\n${goodCsv('B1')}`,
    alsoDelivered: ['B1'],
    expect: {
      code: 'CSV_INVALID',
      zh: 'CSV 第 2 行有误：第 3 列的引号有误',
      en: 'CSV is wrong at line 2: the quotes in column 3 are wrong',
      caseUnknown: true,
    },
  },
  {
    name: 'no line of names',
    format: 'csv',
    file: `${goodCsv('B1')}${goodCsv('B')}`,
    expect: {
      code: 'RECORD_UNREADABLE',
      zh: '记录无法读取：路径 SBLSH 处有 0 个值，应为 1 个',
      en: 'the record cannot be read: SBLSH holds 0 values, not 1',
      caseUnknown: true,
    },
  },
  {
    name: 'a column twice',
    format: 'csv',
    file: 'SBLSH,SBSJ,SQRMC,SQRMC\nB,2026-03-02 09:00:00,甲,1\n',
    expect: {
      code: 'CSV_INVALID',
      zh: 'CSV 第 1 行有误：第 3 列与第 4 列同名',
      en: 'CSV is wrong at line 1: columns 3 and 4 have the same name',
      caseUnknown: true,
    },
  },
  {
    name: 'a quote in the line of names',
    format: 'csv',
    file: 'SBLSH,"SBSJ,SQRMC\nB,1,2\n',
    expect: {
      code: 'CSV_INVALID',
      zh: 'CSV 第 1 行有误：第 2 列的引号没有结束',
      en: 'CSV is wrong at line 1: the quote in column 2 is never closed',
      caseUnknown: true,
    },
  },
  {
    name: 'an empty file',
    format: 'csv',
    file: '',
    expect: {
      code: 'CSV_INVALID',
      zh: 'CSV 第 1 行有误：没有列名行',
      en: 'CSV is wrong at line 1: there is no line with the names of the columns',
      caseUnknown: true,
    },
  },
  {
    name: 'another delimiter than configured',
    format: 'csv',
    file: 'SBLSH;SBSJ;SQRMC;SQRLX\nB;2026-03-02 09:00:00;甲;1\n',
    expect: {
      code: 'RECORD_UNREADABLE',
      zh: '记录无法读取：路径 SBLSH 处有 0 个值，应为 1 个',
      en: 'the record cannot be read: SBLSH holds 0 values, not 1',
      caseUnknown: true,
    },
  },
  {
    name: 'a line of sums at the end',
    format: 'csv',
    file: `${csvHeader}${goodCsv('B1')}合计,,,\n`,
    alsoDelivered: ['B1'],
    expect: {
      code: 'MESSAGE_INVALID',
      zh: 'one.yaml:28:9 消息 application.received 的字段 /content/applicant 不合规范：缺少此项',
      en: 'one.yaml:28:9 message application.received: field /content/applicant breaks its schema: it is missing',
      ofCase: '合计',
    },
  },
  {
    name: 'a row without its key',
    format: 'csv',
    file: `${csvHeader},2026-03-02 09:00:00,甲,1\n${goodCsv('B1')}`,
    alsoDelivered: ['B1'],
    expect: {
      code: 'RECORD_UNREADABLE',
      zh: '记录无法读取：路径 SBLSH 处有 0 个值，应为 1 个',
      en: 'the record cannot be read: SBLSH holds 0 values, not 1',
      caseUnknown: true,
    },
  },
  {
    name: 'a name of the column misspelt',
    format: 'csv',
    file: 'SBLSH,SBSJ,SQRNC,SQRLX\nB,2026-03-02 09:00:00,甲,1\n',
    expect: {
      code: 'MESSAGE_INVALID',
      zh: 'one.yaml:28:15 消息 application.received 的字段 /content/applicant/name 不合规范：缺少此项',
      en: 'one.yaml:28:15 message application.received: field /content/applicant/name breaks its schema: it is missing',
    },
  },
  {
    name: 'columns that slipped by one',
    format: 'csv',
    file: `${csvHeader}${goodCsv('B1')}B,甲,2026-03-02 09:00:00,1\n`,
    alsoDelivered: ['B1'],
    expect: {
      code: 'DATE_INVALID',
      zh: 'one.yaml:24:17 字段 /occurredAt：“甲*”不是按 yyyy-MM-dd HH:mm:ss | yyyyMMdd 写的、真实存在的日期或时间',
      en: 'one.yaml:24:17 field /occurredAt: "甲*" is no day or time that exists, written as yyyy-MM-dd HH:mm:ss | yyyyMMdd',
    },
  },
  {
    name: 'an apostrophe in front of a number, as a spreadsheet hides it',
    format: 'csv',
    file: `${csvHeader}B,2026-03-02 09:00:00,甲,'1\n`,
    expect: {
      code: 'CODE_UNKNOWN',
      zh: "one.yaml:29:15 字段 /content/applicant/kind：代码表 kind 中没有代码“'1”；表中有 1、2、3",
      en: 'one.yaml:29:15 field /content/applicant/kind: code table kind has no code "\'1"; it has 1, 2, 3',
    },
  },
  {
    name: 'a line break inside a name, in quotes, and a code that is none',
    format: 'csv',
    file: `${csvHeader}B,2026-03-02 09:00:00,"甲\n乙",9\n${goodCsv('B1')}`,
    alsoDelivered: ['B1'],
    expect: {
      code: 'CODE_UNKNOWN',
      zh: 'one.yaml:29:15 字段 /content/applicant/kind：代码表 kind 中没有代码“9”；表中有 1、2、3',
      en: 'one.yaml:29:15 field /content/applicant/kind: code table kind has no code "9"; it has 1, 2, 3',
    },
  },
  {
    name: 'a row beyond the limit of a record',
    format: 'csv',
    options: { maxRecordBytes: 1024 },
    file: `${csvHeader}${goodCsv('B1')}B,2026-03-02 09:00:00,${'甲'.repeat(400)},1\n${goodCsv('B2')}`,
    alsoDelivered: ['B1', 'B2'],
    expect: {
      code: 'RECORD_TOO_LARGE',
      zh: '记录有 1265 字节，超过上限 1024 字节',
      en: 'the record has 1265 bytes, more than the limit of 1024',
      caseUnknown: true,
    },
  },
])
