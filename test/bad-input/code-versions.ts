import { recordFamily } from './records.ts'

/** Codes that mean another thing in another version, or that only a second field decides. */
export const codeVersions = recordFamily('versions of codes', [
  {
    name: 'a code of the new table in a row that says the old version',
    stream: 'BJ',
    record: { STDVER: 'old', BJJG: '7' },
    expect: {
      code: 'CODE_UNKNOWN',
      zh: 'one.yaml:82:16 字段 /content/outcome：代码表 doneResult@old 中没有代码“7”；表中有 0、1、2、4、5、6',
      en: 'one.yaml:82:16 field /content/outcome: code table doneResult@old has no code "7"; it has 0, 1, 2, 4, 5, 6',
    },
  },
  {
    name: 'a code of the old table on a day of the new one',
    stream: 'BJ',
    record: { BJJG: '2' },
    expect: {
      code: 'CODE_UNKNOWN',
      zh: 'one.yaml:82:16 字段 /content/outcome：代码表 doneResult@2020 (2026-03-06) 中没有代码“2”；表中有 0、1、5、6',
      en: 'one.yaml:82:16 field /content/outcome: code table doneResult@2020 (2026-03-06) has no code "2"; it has 0, 1, 5, 6',
    },
  },
  {
    name: 'a version that nobody has heard of',
    stream: 'BJ',
    record: { STDVER: '2024', BJJG: '6' },
    expect: {
      code: 'CODE_VERSION_UNKNOWN',
      zh: 'one.yaml:82:16 字段 /content/outcome：无法确定代码表 doneResult 用哪一版：不认识版本“2024”；已有 old, 2020',
      en: 'one.yaml:82:16 field /content/outcome: which version of code table doneResult applies cannot be told: version "2024" is not known; there are old, 2020',
    },
  },
  {
    name: 'a version in another spelling',
    stream: 'BJ',
    record: { STDVER: '2020版', BJJG: '6' },
    expect: {
      code: 'CODE_VERSION_UNKNOWN',
      zh: 'one.yaml:82:16 字段 /content/outcome：无法确定代码表 doneResult 用哪一版：不认识版本“2020版”；已有 old, 2020',
      en: 'one.yaml:82:16 field /content/outcome: which version of code table doneResult applies cannot be told: version "2020版" is not known; there are old, 2020',
    },
  },
  {
    name: 'two versions',
    stream: 'BJ',
    record: { STDVER: ['old', '2020'], BJJG: '6' },
    expect: {
      code: 'CODE_VERSION_UNKNOWN',
      zh: 'one.yaml:82:16 字段 /content/outcome：无法确定代码表 doneResult 用哪一版：STDVER 不是单个值',
      en: 'one.yaml:82:16 field /content/outcome: which version of code table doneResult applies cannot be told: STDVER does not hold a single value',
    },
  },
  {
    name: 'no version and no day to tell it by',
    stream: 'BJ',
    record: { SJ: null, BJJG: '6' },
    expect: {
      code: 'CODE_VERSION_UNKNOWN',
      zh: 'one.yaml:82:16 字段 /content/outcome：无法确定代码表 doneResult 用哪一版：by 没有值',
      en: 'one.yaml:82:16 field /content/outcome: which version of code table doneResult applies cannot be told: by has no value',
    },
  },
  {
    name: 'no version and a day that is none',
    stream: 'BJ',
    record: { SJ: '2026-13-01 00:00:00', BJJG: '6' },
    expect: {
      code: 'DATE_INVALID',
      zh: 'one.yaml:83:18 字段 /content/decidedAt：“2026-13-01 00:00:00”不是按 yyyy-MM-dd HH:mm:ss 写的、真实存在的日期或时间',
      en: 'one.yaml:83:18 field /content/decidedAt: "2026-13-01 00:00:00" is no day or time that exists, written as yyyy-MM-dd HH:mm:ss',
    },
  },
  {
    name: 'an ambiguous code without the text that decides',
    stream: 'BJ',
    record: { BJJG: '5' },
    expect: {
      code: 'CODE_AMBIGUOUS',
      zh: 'one.yaml:82:16 字段 /content/outcome：代码表 doneResult@2020 的代码“5”按 when 有 0 行成立，须恰好一行',
      en: 'one.yaml:82:16 field /content/outcome: 0 rows of code "5" in code table doneResult@2020 hold by their when; exactly one must',
    },
  },
  {
    name: 'an ambiguous code whose text says neither',
    stream: 'BJ',
    record: { BJJG: '5', BJYY: '退件' },
    expect: {
      code: 'CODE_AMBIGUOUS',
      zh: 'one.yaml:82:16 字段 /content/outcome：代码表 doneResult@2020 的代码“5”按 when 有 0 行成立，须恰好一行',
      en: 'one.yaml:82:16 field /content/outcome: 0 rows of code "5" in code table doneResult@2020 hold by their when; exactly one must',
    },
  },
  {
    name: 'an ambiguous code whose text says both',
    stream: 'BJ',
    record: { BJJG: '5', BJYY: '逾期未补正，申请人放弃' },
    expect: {
      code: 'CODE_AMBIGUOUS',
      zh: 'one.yaml:82:16 字段 /content/outcome：代码表 doneResult@2020 的代码“5”按 when 有 2 行成立，须恰好一行',
      en: 'one.yaml:82:16 field /content/outcome: 2 rows of code "5" in code table doneResult@2020 hold by their when; exactly one must',
    },
  },
  {
    name: 'an ambiguous code of the old version with a placeholder as its text',
    stream: 'BJ',
    record: { STDVER: 'old', BJJG: '1', BJYY: '无' },
    expect: {
      code: 'CODE_AMBIGUOUS',
      zh: 'one.yaml:82:16 字段 /content/outcome：代码表 doneResult@old 的代码“1”按 when 有 0 行成立，须恰好一行',
      en: 'one.yaml:82:16 field /content/outcome: 0 rows of code "1" in code table doneResult@old hold by their when; exactly one must',
    },
  },
  {
    name: 'the form of the second material',
    record: {
      CL: [
        { MC: '申请书', XS: '0' },
        { MC: '身份证', XS: '2' },
      ],
    },
    expect: {
      code: 'CODE_UNKNOWN',
      zh: 'one.yaml:39:56 字段 /content/materials/1/form（第几项按来源从 0 数）：代码表 form 中没有代码“2”；表中有 0、1',
      en: 'one.yaml:39:56 field /content/materials/1/form (entries counted from 0, as in the source): code table form has no code "2"; it has 0, 1',
    },
  },
])
