import { mappingFamily } from './loaders.ts'

const file = 'mappings/dept/one.yaml'
const inline = '{ "1": natural, "2": enterprise }'
const csv = 'mappings/dept/codes/kind.csv'
const yaml = 'mappings/dept/codes/kind.yaml'
const toYaml: [string, string, string] = [file, inline, 'codes/kind.yaml']

/** What must hold between the rows and the versions of a code table. */
export const tableVersions = mappingFamily('versions of code tables', [
  {
    name: 'loss that is not declared',
    change: toYaml,
    files: { [yaml]: 'rows:\n  - { code: "1", value: natural }\n  - { code: "2", value: natural }\n' },
    expect: [
      {
        code: 'MAPPING_INVALID',
        zh: 'mappings/dept/codes/kind.yaml:3:25 映射有误：代码表 kind：代码“2”与“1”（mappings/dept/codes/kind.yaml:2:13）同为“natural”，反向时分不清；确属如此须声明 lossy: true',
        en: 'mappings/dept/codes/kind.yaml:3:25 the mapping is wrong: code table kind: codes "2" and "1" (mappings/dept/codes/kind.yaml:2:13) share the value "natural" and cannot be told apart on the way back; declare lossy: true if that is so',
      },
    ],
  },
  {
    name: 'a code twice, once without a condition',
    change: toYaml,
    files: {
      [yaml]: 'rows:\n  - { code: "1", value: natural }\n  - { code: "1", value: other, when: { path: LX, equals: x } }\n',
    },
    expect: [
      {
        code: 'MAPPING_INVALID',
        zh: 'mappings/dept/codes/kind.yaml:3:13 映射有误：代码表 kind：代码“1”重复（另见 mappings/dept/codes/kind.yaml:2:13）；同一代码的几行须各写 when，或日期不重叠',
        en: 'mappings/dept/codes/kind.yaml:3:13 the mapping is wrong: code table kind: code "1" is given twice (also at mappings/dept/codes/kind.yaml:2:13); rows of one code each need a when, or days that do not overlap',
      },
    ],
  },
  {
    name: 'a code of the standard without a row',
    change: toYaml,
    files: { [yaml]: 'source: ["1", "2"]\nrows: [{ code: "1", value: natural }]\n' },
    expect: [
      {
        code: 'MAPPING_INVALID',
        zh: 'mappings/dept/codes/kind.yaml:1:15 映射有误：代码表 kind：source 中的代码“2”没有对应的行',
        en: 'mappings/dept/codes/kind.yaml:1:15 the mapping is wrong: code table kind: code "2" of source has no row',
      },
    ],
  },
  {
    name: 'a row that the standard does not have',
    change: toYaml,
    files: { [yaml]: 'source: ["1"]\nrows: [{ code: "1", value: natural }, { code: "9", value: other }]\n' },
    expect: [
      {
        code: 'MAPPING_INVALID',
        zh: 'mappings/dept/codes/kind.yaml:2:47 映射有误：代码表 kind：代码“9”不在 source 中。是否想写“1”？可用：1',
        en: 'mappings/dept/codes/kind.yaml:2:47 the mapping is wrong: code table kind: code "9" is not in source. Did you mean "1"? Known: 1',
      },
    ],
  },
  {
    name: 'a preferred code that has another value',
    change: toYaml,
    files: { [yaml]: 'reverse: { natural: "2" }\nrows: [{ code: "1", value: natural }, { code: "2", value: other }]\n' },
    expect: [
      {
        code: 'MAPPING_INVALID',
        zh: 'mappings/dept/codes/kind.yaml:1:21 映射有误：代码表 kind：reverse 中“natural”的代码应为 1，实为“2”',
        en: 'mappings/dept/codes/kind.yaml:1:21 the mapping is wrong: code table kind: the code of "natural" in reverse must be one of 1, not "2"',
      },
    ],
  },
  {
    name: 'a version without rows',
    change: toYaml,
    files: { [yaml]: 'version: "2020"\n' },
    expect: [
      {
        code: 'CONFIG_KEY_MISSING',
        zh: 'mappings/dept/codes/kind.yaml:1:1 缺少必填配置项“rows”',
        en: 'mappings/dept/codes/kind.yaml:1:1 the required key "rows" is missing',
      },
      {
        code: 'MAPPING_INVALID',
        zh: 'mappings/dept/codes/kind.yaml:1:10 映射有误：代码表 kind：代码“version”的目标值“2020”不在规范代码中。可用：natural, enterprise, public_institution, social_organisation, government, other',
        en: 'mappings/dept/codes/kind.yaml:1:10 the mapping is wrong: code table kind: the value "2020" of code "version" is not in the canonical vocabulary. Known: natural, enterprise, public_institution, social_organisation, government, other',
      },
    ],
  },
  {
    name: 'a row that is a text',
    change: toYaml,
    files: { [yaml]: 'rows: [natural]\n' },
    expect: [
      {
        code: 'MAPPING_INVALID',
        zh: 'mappings/dept/codes/kind.yaml:1:8 映射有误：每一行写成 { code: …, value: … }',
        en: 'mappings/dept/codes/kind.yaml:1:8 the mapping is wrong: each row is written { code: …, value: … }',
      },
      {
        code: 'MAPPING_INVALID',
        zh: 'mappings/dept/codes/kind.yaml:1:8 映射有误：这一行没有代码（code）',
        en: 'mappings/dept/codes/kind.yaml:1:8 the mapping is wrong: this row has no code',
      },
    ],
  },
  {
    name: 'rows with days and no day to tell them by',
    change: toYaml,
    files: { [yaml]: 'rows: [{ code: "1", value: natural, to: 2020-12-31 }]\n' },
    expect: [
      {
        code: 'MAPPING_INVALID',
        zh: 'mappings/dept/one.yaml:9:61 映射有误：代码表 kind 的行有起止日期：用 by 写明按哪个日期',
        en: 'mappings/dept/one.yaml:9:61 the mapping is wrong: rows of code table kind begin or end on a day: say with by which date counts',
      },
    ],
  },
  {
    name: 'two versions of one name',
    change: [file, inline, '[codes/kind.yaml, codes/kind.csv]'],
    files: {
      [yaml]: 'version: a\nto: 2020-12-31\nrows: [{ code: "1", value: natural }]\n',
      [csv]: 'version,a\nfrom,2021-01-01\ncode,value\n1,other\n',
    },
    expect: [
      {
        code: 'MAPPING_INVALID',
        zh: 'mappings/dept/codes/kind.csv:1:1 映射有误：代码表 kind 的 a 版重复（另见 mappings/dept/codes/kind.yaml:1:1）',
        en: 'mappings/dept/codes/kind.csv:1:1 the mapping is wrong: version a of code table kind is given twice (also at mappings/dept/codes/kind.yaml:1:1)',
      },
      {
        code: 'MAPPING_INVALID',
        zh: 'mappings/dept/one.yaml:9:61 映射有误：代码表 kind 有几版（kind@a, kind@a）：写明用哪一版，如 codes: kind@a，或用 version、by',
        en: 'mappings/dept/one.yaml:9:61 the mapping is wrong: code table kind has several versions (kind@a, kind@a): say which, as in codes: kind@a, or with version or by',
      },
    ],
  },
  {
    name: 'two versions with a day that neither has',
    change: [file, inline, '[codes/kind.yaml, codes/kind.csv]'],
    files: {
      [yaml]: 'version: a\nto: 2020-12-31\nrows: [{ code: "1", value: natural }]\n',
      [csv]: 'version,b\nfrom,2021-01-02\ncode,value\n1,other\n',
    },
    expect: [
      {
        code: 'MAPPING_INVALID',
        zh: 'mappings/dept/codes/kind.csv:1:1 映射有误：代码表 kind 两版之间有空缺 2021-01-01…2021-01-01：kind@a …2020-12-31, kind@b 2021-01-02… (mappings/dept/codes/kind.yaml:1:1)',
        en: 'mappings/dept/codes/kind.csv:1:1 the mapping is wrong: no version of code table kind is for 2021-01-01…2021-01-01: kind@a …2020-12-31, kind@b 2021-01-02… (mappings/dept/codes/kind.yaml:1:1)',
      },
      {
        code: 'MAPPING_INVALID',
        zh: 'mappings/dept/one.yaml:9:61 映射有误：代码表 kind 有几版（kind@a, kind@b）：写明用哪一版，如 codes: kind@a，或用 version、by',
        en: 'mappings/dept/one.yaml:9:61 the mapping is wrong: code table kind has several versions (kind@a, kind@b): say which, as in codes: kind@a, or with version or by',
      },
    ],
  },
])
