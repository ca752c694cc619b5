import { recordFamily } from './records.ts'

/** Bodies that are no JSON, or say two things at once. Nothing of them is in the sentence. */
export const json = recordFamily('JSON records', [
  {
    name: 'nothing at all',
    body: '',
    expect: {
      code: 'JSON_INVALID',
      zh: 'JSON 有误：第 1 行第 1 列附近不是合法的 JSON',
      en: 'JSON is wrong: no valid JSON near line 1, column 1',
      caseUnknown: true,
    },
  },
  {
    name: 'blanks only',
    body: ' \r\n ',
    expect: {
      code: 'JSON_INVALID',
      zh: 'JSON 有误：第 2 行第 2 列附近不是合法的 JSON',
      en: 'JSON is wrong: no valid JSON near line 2, column 2',
      caseUnknown: true,
    },
  },
  {
    name: 'broken off',
    body: '{"SBLSH":"B","SQRMC":"甲',
    expect: {
      code: 'JSON_INVALID',
      zh: 'JSON 有误：第 1 行第 24 列附近不是合法的 JSON',
      en: 'JSON is wrong: no valid JSON near line 1, column 24',
      caseUnknown: true,
    },
  },
  {
    name: 'a comma too many',
    body: '{"SBLSH":"B","SQRMC":"甲",}',
    expect: {
      code: 'JSON_INVALID',
      zh: 'JSON 有误：第 1 行第 26 列附近不是合法的 JSON',
      en: 'JSON is wrong: no valid JSON near line 1, column 26',
      caseUnknown: true,
    },
  },
  {
    name: 'a comma too few',
    body: '{"SBLSH":"B"\n"SQRMC":"甲"}',
    expect: {
      code: 'JSON_INVALID',
      zh: 'JSON 有误：第 2 行第 1 列附近不是合法的 JSON',
      en: 'JSON is wrong: no valid JSON near line 2, column 1',
      caseUnknown: true,
    },
  },
  {
    name: 'single quotes',
    body: "{'SBLSH':'B'}",
    expect: {
      code: 'JSON_INVALID',
      zh: 'JSON 有误：第 1 行第 2 列附近不是合法的 JSON',
      en: 'JSON is wrong: no valid JSON near line 1, column 2',
      caseUnknown: true,
    },
  },
  {
    name: 'names without quotes',
    body: '{SBLSH:"B"}',
    expect: {
      code: 'JSON_INVALID',
      zh: 'JSON 有误：第 1 行第 2 列附近不是合法的 JSON',
      en: 'JSON is wrong: no valid JSON near line 1, column 2',
      caseUnknown: true,
    },
  },
  {
    name: 'a comment',
    body: '{"SBLSH":"B" /* 流水号 */}',
    expect: {
      code: 'JSON_INVALID',
      zh: 'JSON 有误：第 1 行第 14 列附近不是合法的 JSON',
      en: 'JSON is wrong: no valid JSON near line 1, column 14',
      caseUnknown: true,
    },
  },
  {
    name: 'quotes of typography',
    body: '{“SBLSH”:“B”}',
    expect: {
      code: 'JSON_INVALID',
      zh: 'JSON 有误：第 1 行第 2 列附近不是合法的 JSON',
      en: 'JSON is wrong: no valid JSON near line 1, column 2',
      caseUnknown: true,
    },
  },
  {
    name: 'a number with a leading zero',
    body: '{"SBLSH":007}',
    expect: {
      code: 'JSON_INVALID',
      zh: 'JSON 有误：第 1 行第 11 列附近不是合法的 JSON',
      en: 'JSON is wrong: no valid JSON near line 1, column 11',
      caseUnknown: true,
    },
  },
  {
    name: 'NaN',
    body: '{"SBLSH":"B","CNSX":NaN}',
    expect: {
      code: 'JSON_INVALID',
      zh: 'JSON 有误：第 1 行第 21 列附近不是合法的 JSON',
      en: 'JSON is wrong: no valid JSON near line 1, column 21',
      caseUnknown: true,
    },
  },
  {
    name: 'None of another language',
    body: '{"SBLSH":"B","SQRMC":None}',
    expect: {
      code: 'JSON_INVALID',
      zh: 'JSON 有误：第 1 行第 22 列附近不是合法的 JSON',
      en: 'JSON is wrong: no valid JSON near line 1, column 22',
      caseUnknown: true,
    },
  },
  {
    name: 'a line break inside a text',
    body: '{"SBLSH":"B","SQRMC":"甲\n乙"}',
    expect: {
      code: 'JSON_INVALID',
      zh: 'JSON 有误：第 1 行第 24 列附近不是合法的 JSON',
      en: 'JSON is wrong: no valid JSON near line 1, column 24',
      caseUnknown: true,
    },
  },
  {
    name: 'a tab inside a text',
    body: '{"SBLSH":"B","SQRMC":"甲\t乙"}',
    expect: {
      code: 'JSON_INVALID',
      zh: 'JSON 有误：第 1 行第 24 列附近不是合法的 JSON',
      en: 'JSON is wrong: no valid JSON near line 1, column 24',
      caseUnknown: true,
    },
  },
  {
    name: 'a backslash of a path',
    body: '{"SBLSH":"B","WJ":"D:\\申报\\a.pdf"}',
    expect: {
      code: 'JSON_INVALID',
      zh: 'JSON 有误：第 1 行第 23 列附近不是合法的 JSON',
      en: 'JSON is wrong: no valid JSON near line 1, column 23',
      caseUnknown: true,
    },
  },
  {
    name: 'two documents',
    body: '{"SBLSH":"B"}{"SBLSH":"B"}',
    expect: {
      code: 'JSON_INVALID',
      zh: 'JSON 有误：第 1 行第 14 列附近不是合法的 JSON',
      en: 'JSON is wrong: no valid JSON near line 1, column 14',
      caseUnknown: true,
    },
  },
  {
    name: 'a member that is there twice',
    body: '{"SBLSH":"B","SQRMC":"甲","SQRMC":"乙"}',
    expect: {
      code: 'JSON_INVALID',
      zh: 'JSON 有误：第 1 行第 26 列：同一对象中已有同名成员',
      en: 'JSON is wrong: line 1, column 26: the object already has a member of this name',
      caseUnknown: true,
    },
  },
  {
    name: 'a member that is there twice, once escaped',
    body: '{"SBLSH":"B","SQRLX":"1","SQR\\u004cX":"2"}',
    expect: {
      code: 'JSON_INVALID',
      zh: 'JSON 有误：第 1 行第 26 列：同一对象中已有同名成员',
      en: 'JSON is wrong: line 1, column 26: the object already has a member of this name',
      caseUnknown: true,
    },
  },
  {
    name: 'a member that is there twice in the second material',
    body: '{"SBLSH":"B","CL":[{"MC":"1"},{"MC":"1",\n"MC":"2"}]}',
    expect: {
      code: 'JSON_INVALID',
      zh: 'JSON 有误：第 2 行第 1 列：同一对象中已有同名成员',
      en: 'JSON is wrong: line 2, column 1: the object already has a member of this name',
      caseUnknown: true,
    },
  },
  {
    name: 'an answer of HTML',
    body: '<html><body>502 Bad Gateway</body></html>',
    expect: {
      code: 'JSON_INVALID',
      zh: 'JSON 有误：第 1 行第 1 列附近不是合法的 JSON',
      en: 'JSON is wrong: no valid JSON near line 1, column 1',
      caseUnknown: true,
    },
  },
  {
    name: 'a list of records where one is expected',
    body: '[{"SBLSH":"B"},{"SBLSH":"B2"}]',
    expect: {
      code: 'VALUE_MISSING',
      zh: 'one.yaml:18:23 字段 /case/sourceCaseNo 在来源 SBLSH 中没有值',
      en: 'one.yaml:18:23 field /case/sourceCaseNo has no value at SBLSH',
      caseUnknown: true,
    },
  },
  {
    name: 'a text that holds JSON',
    body: '"{\\"SBLSH\\":\\"B\\"}"',
    expect: {
      code: 'VALUE_MISSING',
      zh: 'one.yaml:18:23 字段 /case/sourceCaseNo 在来源 SBLSH 中没有值',
      en: 'one.yaml:18:23 field /case/sourceCaseNo has no value at SBLSH',
      caseUnknown: true,
    },
  },
  {
    name: 'null',
    body: 'null',
    expect: {
      code: 'VALUE_MISSING',
      zh: 'one.yaml:18:23 字段 /case/sourceCaseNo 在来源 SBLSH 中没有值',
      en: 'one.yaml:18:23 field /case/sourceCaseNo has no value at SBLSH',
      caseUnknown: true,
    },
  },
  {
    name: 'a byte order mark in front of a decoded text',
    body: '\ufeff{"SBLSH":"B"}',
    expect: {
      code: 'JSON_INVALID',
      zh: 'JSON 有误：第 1 行第 1 列附近不是合法的 JSON',
      en: 'JSON is wrong: no valid JSON near line 1, column 1',
      caseUnknown: true,
    },
  },
  {
    name: 'brackets that do not match',
    body: '{"SBLSH":["B"}]',
    expect: {
      code: 'JSON_INVALID',
      zh: 'JSON 有误：第 1 行第 14 列附近不是合法的 JSON',
      en: 'JSON is wrong: no valid JSON near line 1, column 14',
      caseUnknown: true,
    },
  },
])
