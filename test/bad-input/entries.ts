import { goodJson } from './department.ts'
import { fileFamily } from './files.ts'

/** Entries of JSON files that are wrong between good ones. */
export const entries = fileFamily('JSON files', [
  {
    name: 'an entry that is no JSON',
    format: 'json',
    file: `[${goodJson('B1')},{"SBLSH":"B",},${goodJson('B2')}]`,
    alsoDelivered: ['B1', 'B2'],
    expect: {
      code: 'JSON_INVALID',
      zh: 'JSON 有误：第 1 行第 14 列附近不是合法的 JSON',
      en: 'JSON is wrong: no valid JSON near line 1, column 14',
      caseUnknown: true,
    },
  },
  {
    name: 'an entry with a member twice',
    format: 'json',
    file: `[${goodJson('B1')},{"SBLSH":"B","SBLSH":"B"}]`,
    alsoDelivered: ['B1'],
    expect: {
      code: 'JSON_INVALID',
      zh: 'JSON 有误：第 1 行第 14 列：同一对象中已有同名成员',
      en: 'JSON is wrong: line 1, column 14: the object already has a member of this name',
      caseUnknown: true,
    },
  },
  {
    name: 'an array that is never closed',
    format: 'json',
    file: `[${goodJson('B1')},{"SBLSH":"B"`,
    alsoDelivered: ['B1'],
    expect: {
      code: 'JSON_INVALID',
      zh: 'JSON 有误：第 1 行第 82 列之后没有内容，文档不完整',
      en: 'JSON is wrong: at line 1, column 82 it breaks off',
      caseUnknown: true,
    },
  },
  {
    name: 'a document behind the array',
    format: 'json',
    file: `[${goodJson('B1')}]\n[${goodJson('B')}]`,
    alsoDelivered: ['B1'],
    expect: {
      code: 'JSON_INVALID',
      zh: 'JSON 有误：第 2 行第 1 列起还有内容，文档在此之前已经结束',
      en: 'JSON is wrong: at line 2, column 1 there is more, although the document has ended before',
      caseUnknown: true,
    },
  },
  {
    name: 'a comma behind the last entry',
    format: 'json',
    file: `[${goodJson('B1')},]`,
    alsoDelivered: ['B1'],
    expect: {
      code: 'JSON_INVALID',
      zh: 'JSON 有误：第 1 行第 1 列附近不是合法的 JSON',
      en: 'JSON is wrong: no valid JSON near line 1, column 1',
      caseUnknown: true,
    },
  },
  {
    name: 'one object where a list is configured',
    format: 'json',
    file: goodJson('B'),
    expect: {
      code: 'JSON_INVALID',
      zh: 'JSON 有误：整个文件应是一个数组',
      en: 'JSON is wrong: the whole file must be one array',
      caseUnknown: true,
    },
  },
  {
    name: 'the list is not at its place',
    format: 'json',
    options: { records: '/data/list' },
    file: '{"data":{"rows":[]}}',
    expect: {
      code: 'JSON_INVALID',
      zh: 'JSON 有误：没有位于“/data/list”的数组',
      en: 'JSON is wrong: there is no array at "/data/list"',
      caseUnknown: true,
    },
  },
  {
    name: 'null in the list',
    format: 'json',
    file: `[${goodJson('B1')},null,${goodJson('B2')}]`,
    alsoDelivered: ['B1', 'B2'],
    expect: {
      code: 'RECORD_UNREADABLE',
      zh: '记录无法读取：路径 SBLSH 处有 0 个值，应为 1 个',
      en: 'the record cannot be read: SBLSH holds 0 values, not 1',
      caseUnknown: true,
    },
  },
  {
    name: 'a key that is a list',
    format: 'json',
    file: `[{"SBLSH":["B","B3"]},${goodJson('B1')}]`,
    alsoDelivered: ['B1'],
    expect: {
      code: 'RECORD_UNREADABLE',
      zh: '记录无法读取：路径 SBLSH 处有 2 个值，应为 1 个',
      en: 'the record cannot be read: SBLSH holds 2 values, not 1',
      caseUnknown: true,
    },
  },
  {
    name: 'an XML document in a file that should be JSON',
    format: 'json',
    file: '<Records/>',
    expect: {
      code: 'JSON_INVALID',
      zh: 'JSON 有误：第 1 行第 1 列不是对象或数组',
      en: 'JSON is wrong: at line 1, column 1 there is neither an object nor an array',
      caseUnknown: true,
    },
  },
  {
    name: 'one line of many that is broken off',
    format: 'json',
    options: { records: 'lines' },
    file: `${goodJson('B1')}\n{"SBLSH":"B","SQRMC":\n${goodJson('B2')}\n`,
    alsoDelivered: ['B1', 'B2'],
    expect: {
      code: 'JSON_INVALID',
      zh: 'JSON 有误：第 1 行第 22 列附近不是合法的 JSON',
      en: 'JSON is wrong: no valid JSON near line 1, column 22',
      caseUnknown: true,
    },
  },
])
