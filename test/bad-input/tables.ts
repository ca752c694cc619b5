import { mappingFamily } from './loaders.ts'

const file = 'mappings/dept/one.yaml'
const inline = '{ "1": natural, "2": enterprise }'
const csv = 'mappings/dept/codes/kind.csv'
const toCsv: [string, string, string] = [file, inline, 'codes/kind.csv']

/** Code tables as departments write them. What only needs a look is told and does not stop the mapping. */
export const tables = mappingFamily('code tables', [
  {
    name: 'a value that the platform does not know',
    change: [file, 'natural', 'person'],
    expect: [
      {
        code: 'MAPPING_INVALID',
        zh: 'mappings/dept/one.yaml:2:16 映射有误：代码表 kind：代码“1”的目标值“person”不在规范代码中。可用：natural, enterprise, public_institution, social_organisation, government, other',
        en: 'mappings/dept/one.yaml:2:16 the mapping is wrong: code table kind: the value "person" of code "1" is not in the canonical vocabulary. Known: natural, enterprise, public_institution, social_organisation, government, other',
      },
    ],
  },
  {
    name: 'a value with a letter too few',
    change: [file, 'natural', 'natual'],
    expect: [
      {
        code: 'MAPPING_INVALID',
        zh: 'mappings/dept/one.yaml:2:16 映射有误：代码表 kind：代码“1”的目标值“natual”不在规范代码中。是否想写“natural”？可用：natural, enterprise, public_institution, social_organisation, government, other',
        en: 'mappings/dept/one.yaml:2:16 the mapping is wrong: code table kind: the value "natual" of code "1" is not in the canonical vocabulary. Did you mean "natural"? Known: natural, enterprise, public_institution, social_organisation, government, other',
      },
    ],
  },
  {
    name: 'a value in Chinese',
    change: [file, 'natural', '自然人'],
    expect: [
      {
        code: 'MAPPING_INVALID',
        zh: 'mappings/dept/one.yaml:2:16 映射有误：代码表 kind：代码“1”的目标值“自然人”不在规范代码中。可用：natural, enterprise, public_institution, social_organisation, government, other',
        en: 'mappings/dept/one.yaml:2:16 the mapping is wrong: code table kind: the value "自然人" of code "1" is not in the canonical vocabulary. Known: natural, enterprise, public_institution, social_organisation, government, other',
      },
    ],
  },
  {
    name: 'a code without a value',
    change: [file, '"1": natural', '"1": '],
    expect: [
      {
        code: 'MAPPING_INVALID',
        zh: 'mappings/dept/one.yaml:2:16 映射有误：代码“1”的目标值应为文字、整数或 true/false',
        en: 'mappings/dept/one.yaml:2:16 the mapping is wrong: the target of code "1" must be text, a whole number or true/false',
      },
    ],
  },
  {
    name: 'a code with a list of values',
    change: [file, '"1": natural', '"1": [natural, other]'],
    expect: [
      {
        code: 'MAPPING_INVALID',
        zh: 'mappings/dept/one.yaml:2:16 映射有误：代码“1”的目标值应为文字、整数或 true/false',
        en: 'mappings/dept/one.yaml:2:16 the mapping is wrong: the target of code "1" must be text, a whole number or true/false',
      },
    ],
  },
  {
    name: 'a code twice in the short form',
    change: [file, '"2": enterprise', '"1": enterprise'],
    expect: [
      {
        code: 'CONFIG_SYNTAX',
        zh: 'mappings/dept/one.yaml:2:25 YAML 语法错误：同一层有重复的键；数字写法不同（01 与 1）也算同一个，代码要写在引号里',
        en: 'mappings/dept/one.yaml:2:25 YAML syntax error: a key is given twice; 01 and 1 are one number: put codes in quotes',
      },
    ],
  },
  {
    name: 'codes that look alike: full width',
    change: [file, '"2": enterprise', '"１": enterprise'],
    expect: [
      {
        code: 'CODE_TABLE_DOUBTFUL',
        zh: 'mappings/dept/one.yaml:2:25 代码表 kind 需要留意：代码“１”与“1”（mappings/dept/one.yaml:2:11）看上去是同一个，网关视为两个',
        en: 'mappings/dept/one.yaml:2:25 code table kind needs attention: code "１" looks like "1" (mappings/dept/one.yaml:2:11); to the gateway they are two',
      },
    ],
  },
  {
    name: 'codes that look alike: leading zeros',
    change: [file, '"2": enterprise', '"01": enterprise'],
    expect: [
      {
        code: 'CODE_TABLE_DOUBTFUL',
        zh: 'mappings/dept/one.yaml:2:25 代码表 kind 需要留意：代码“01”与“1”（mappings/dept/one.yaml:2:11）看上去是同一个，网关视为两个',
        en: 'mappings/dept/one.yaml:2:25 code table kind needs attention: code "01" looks like "1" (mappings/dept/one.yaml:2:11); to the gateway they are two',
      },
    ],
  },
  {
    name: 'a table that no rule uses',
    change: [file, inline, '{ "1": natural, "2": enterprise }\n  more: { "1": other }'],
    expect: [
      {
        code: 'CODE_TABLE_DOUBTFUL',
        zh: 'mappings/dept/one.yaml:3:3 代码表 more 需要留意：没有规则使用它',
        en: 'mappings/dept/one.yaml:3:3 code table more needs attention: no rule uses it',
      },
    ],
  },
  {
    name: 'a name of a table misspelt',
    change: [file, 'codes: kind', 'codes: knid'],
    expect: [
      {
        code: 'MAPPING_INVALID',
        zh: 'mappings/dept/one.yaml:9:61 映射有误：没有代码表“knid”。是否想写“kind”？可用：kind',
        en: 'mappings/dept/one.yaml:9:61 the mapping is wrong: there is no code table "knid". Did you mean "kind"? Known: kind',
      },
    ],
  },
  {
    name: 'a version where the table has none',
    change: [file, 'codes: kind', 'codes: kind@2020'],
    expect: [
      {
        code: 'MAPPING_INVALID',
        zh: 'mappings/dept/one.yaml:9:61 映射有误：代码表 kind 没有“2020”这一版。可用：（无）',
        en: 'mappings/dept/one.yaml:9:61 the mapping is wrong: code table kind has no version "2020". Known: (none)',
      },
    ],
  },
  {
    name: 'a table that is a number',
    change: [file, inline, '3'],
    expect: [
      {
        code: 'MAPPING_INVALID',
        zh: 'mappings/dept/one.yaml:2:9 映射有误：代码表 kind 应写成 代码: 目标值，或 rows',
        en: 'mappings/dept/one.yaml:2:9 the mapping is wrong: code table kind must be written as code: value, or with rows',
      },
    ],
  },
  {
    name: 'an empty list of versions',
    change: [file, inline, '[]'],
    expect: [
      {
        code: 'MAPPING_INVALID',
        zh: 'mappings/dept/one.yaml:2:9 映射有误：代码表的列表为空',
        en: 'mappings/dept/one.yaml:2:9 the mapping is wrong: the list of versions is empty',
      },
    ],
  },
  {
    name: 'a file that is not there',
    change: toCsv,
    expect: [
      {
        code: 'MAPPING_INVALID',
        zh: 'mappings/dept/one.yaml:2:9 映射有误：找不到代码表文件 codes/kind.csv',
        en: 'mappings/dept/one.yaml:2:9 the mapping is wrong: there is no code table file codes/kind.csv',
      },
    ],
  },
  {
    name: 'a file of another department',
    change: [file, inline, '../other/kind.csv'],
    expect: [
      {
        code: 'MAPPING_INVALID',
        zh: 'mappings/dept/one.yaml:2:9 映射有误：代码表文件 ../other/kind.csv 须在本部门的文件夹内',
        en: "mappings/dept/one.yaml:2:9 the mapping is wrong: code table file ../other/kind.csv must be in the department's own folder",
      },
    ],
  },
  {
    name: 'a CSV without a header',
    change: toCsv,
    files: { [csv]: '1,natural\n2,enterprise\n' },
    expect: [
      {
        code: 'MAPPING_INVALID',
        zh: 'mappings/dept/codes/kind.csv:1:1 映射有误：表头行须含 code 与 value 两列',
        en: 'mappings/dept/codes/kind.csv:1:1 the mapping is wrong: the header line must name the columns code and value',
      },
    ],
  },
  {
    name: 'a CSV with the header in Chinese',
    change: toCsv,
    files: { [csv]: '代码,含义\n1,natural\n' },
    expect: [
      {
        code: 'MAPPING_INVALID',
        zh: 'mappings/dept/codes/kind.csv:1:1 映射有误：表头行须含 code 与 value 两列',
        en: 'mappings/dept/codes/kind.csv:1:1 the mapping is wrong: the header line must name the columns code and value',
      },
    ],
  },
])
