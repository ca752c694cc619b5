import { mappingFamily } from './loaders.ts'

const file = 'mappings/dept/one.yaml'
const inline = '{ "1": natural, "2": enterprise }'
const csv = 'mappings/dept/codes/kind.csv'
const yaml = 'mappings/dept/codes/kind.yaml'
const toCsv: [string, string, string] = [file, inline, 'codes/kind.csv']
const toYaml: [string, string, string] = [file, inline, 'codes/kind.yaml']

/** Code tables in files of their own, as spreadsheets save them. */
export const tableFiles = mappingFamily('files of code tables', [
  {
    name: 'a CSV with a column misspelt',
    change: toCsv,
    files: { [csv]: 'code,value,lable\n1,natural,自然人\n' },
    expect: [
      {
        code: 'CONFIG_KEY_UNKNOWN',
        zh: 'mappings/dept/codes/kind.csv:1:12 未知配置项“lable”。是否想写“label”？可用：code, value, label, note, from, to, when',
        en: 'mappings/dept/codes/kind.csv:1:12 unknown key "lable". Did you mean "label"? Known: code, value, label, note, from, to, when',
      },
    ],
  },
  {
    name: 'a spreadsheet',
    change: [file, inline, 'codes/kind.xlsx'],
    files: { 'mappings/dept/codes/kind.xlsx': 'PK' },
    expect: [
      {
        code: 'MAPPING_INVALID',
        zh: 'mappings/dept/one.yaml:2:9 映射有误：代码表文件 codes/kind.xlsx 须为 .csv 或 .yaml；电子表格请用 qianzhi codes import 生成代码表，或另存为“CSV UTF-8”',
        en: 'mappings/dept/one.yaml:2:9 the mapping is wrong: code table file codes/kind.xlsx must be .csv or .yaml; make a table of a spreadsheet with qianzhi codes import, or save it as "CSV UTF-8"',
      },
    ],
  },
  {
    name: 'a spreadsheet that is called a CSV',
    change: toCsv,
    files: { [csv]: 'PK\u0003\u0004' },
    expect: [
      {
        code: 'CONFIG_UNREADABLE',
        zh: '配置文件 mappings/dept/codes/kind.csv 无法读取：这是电子表格文件，请用 qianzhi codes import 生成代码表，或另存为“CSV UTF-8”',
        en: 'cannot read configuration file mappings/dept/codes/kind.csv: it is a spreadsheet; make a table of it with qianzhi codes import, or save it as "CSV UTF-8"',
      },
    ],
  },
  {
    name: 'a CSV with a row without a value',
    change: toCsv,
    files: { [csv]: 'code,value\n1,natural\n2,\n' },
    expect: [
      {
        code: 'MAPPING_INVALID',
        zh: 'mappings/dept/codes/kind.csv:3:1 映射有误：代码“2”没有目标值（value）',
        en: 'mappings/dept/codes/kind.csv:3:1 the mapping is wrong: code "2" has no value',
      },
    ],
  },
  {
    name: 'a CSV with a row without a code',
    change: toCsv,
    files: { [csv]: 'code,value\n1,natural\n,enterprise\n' },
    expect: [
      {
        code: 'MAPPING_INVALID',
        zh: 'mappings/dept/codes/kind.csv:3:1 映射有误：这一行没有代码（code）',
        en: 'mappings/dept/codes/kind.csv:3:1 the mapping is wrong: this row has no code',
      },
    ],
  },
  {
    name: 'a CSV with a quote that is never closed',
    change: toCsv,
    files: { [csv]: 'code,value\n1,"natural\n' },
    expect: [
      {
        code: 'MAPPING_INVALID',
        zh: 'mappings/dept/codes/kind.csv:2:1 映射有误：CSV 的引号有误',
        en: 'mappings/dept/codes/kind.csv:2:1 the mapping is wrong: the quotes of the CSV are wrong',
      },
    ],
  },
  {
    name: 'a CSV that nobody can tell whether it is UTF-8 or GB 18030',
    change: toCsv,
    files: { [csv]: Buffer.from('636f64652c76616c75650ac5ae2c6e61747572616c0a', 'hex') },
    expect: [
      {
        code: 'CONFIG_UNREADABLE',
        zh: '配置文件 mappings/dept/codes/kind.csv 无法读取：看不出是 UTF-8 还是 GB18030，请另存为“CSV UTF-8”',
        en: 'cannot read configuration file mappings/dept/codes/kind.csv: it may be UTF-8 or GB 18030; save it as "CSV UTF-8"',
      },
    ],
  },
  {
    name: 'a CSV that is neither',
    change: toCsv,
    files: { [csv]: Buffer.from('636f64652c76616c75650aff2c6e61747572616c0a', 'hex') },
    expect: [
      {
        code: 'CONFIG_UNREADABLE',
        zh: '配置文件 mappings/dept/codes/kind.csv 无法读取：既不是 UTF-8 也不是 GB18030',
        en: 'cannot read configuration file mappings/dept/codes/kind.csv: it is neither UTF-8 nor GB 18030',
      },
    ],
  },
  {
    name: 'a condition in a cell that is none',
    change: toCsv,
    files: { [csv]: 'code,value,when\n1,natural,"{ path: LX"\n' },
    expect: [
      {
        code: 'MAPPING_INVALID',
        zh: 'mappings/dept/codes/kind.csv:2:1 映射有误：when 不是条件：“}”没有写，或缩进不够',
        en: 'mappings/dept/codes/kind.csv:2:1 the mapping is wrong: when is no condition: the closing "}" is missing, or not indented enough',
      },
    ],
  },
  {
    name: 'a declaration misspelt',
    change: toCsv,
    files: { [csv]: 'verison,2020\ncode,value\n1,natural\n' },
    expect: [
      {
        code: 'CONFIG_KEY_UNKNOWN',
        zh: 'mappings/dept/codes/kind.csv:1:1 未知配置项“verison”。是否想写“version”？可用：summary, system, standard, version, from, to, direction, lossy, source, reverse',
        en: 'mappings/dept/codes/kind.csv:1:1 unknown key "verison". Did you mean "version"? Known: summary, system, standard, version, from, to, direction, lossy, source, reverse',
      },
    ],
  },
  {
    name: 'a day that never was',
    change: toYaml,
    files: { [yaml]: 'from: 2021-02-30\nrows: [{ code: "1", value: natural }]\n' },
    expect: [
      {
        code: 'MAPPING_INVALID',
        zh: 'mappings/dept/codes/kind.yaml:1:7 映射有误：from 应为日期，如 2021-01-01，实为“2021-02-30”',
        en: 'mappings/dept/codes/kind.yaml:1:7 the mapping is wrong: from must be a day such as 2021-01-01, not "2021-02-30"',
      },
    ],
  },
  {
    name: 'an end before the beginning',
    change: toYaml,
    files: { [yaml]: 'from: 2021-01-01\nto: 2020-12-31\nrows: [{ code: "1", value: natural }]\n' },
    expect: [
      {
        code: 'MAPPING_INVALID',
        zh: 'mappings/dept/codes/kind.yaml:2:5 映射有误：to 2020-12-31 早于 from 2021-01-01',
        en: 'mappings/dept/codes/kind.yaml:2:5 the mapping is wrong: to 2020-12-31 is before from 2021-01-01',
      },
    ],
  },
  {
    name: 'a direction that is none',
    change: toYaml,
    files: { [yaml]: 'direction: back\nrows: [{ code: "1", value: natural }]\n' },
    expect: [
      {
        code: 'MAPPING_INVALID',
        zh: 'mappings/dept/codes/kind.yaml:1:12 映射有误：只能是 up、down、both',
        en: 'mappings/dept/codes/kind.yaml:1:12 the mapping is wrong: must be up or down or both',
      },
    ],
  },
  {
    name: 'a table for the way down',
    change: toYaml,
    files: { [yaml]: 'direction: down\nrows: [{ code: "1", value: natural }]\n' },
    expect: [
      {
        code: 'MAPPING_INVALID',
        zh: 'mappings/dept/one.yaml:9:61 映射有误：代码表 kind 只用于下行（direction: down）',
        en: 'mappings/dept/one.yaml:9:61 the mapping is wrong: code table kind is for the way down only (direction: down)',
      },
    ],
  },
])
