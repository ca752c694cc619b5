/** How a code table is written, in the mapping or in a file of its own. */
import { construct, type Example, type Family, type Result } from './construct.ts'

const content = 'channel: { from: LY, codes: channel }'
const online: Result = { message: { '/content/channel': 'online' } }

/** A table in the mapping that says `declarations` of itself, beside its rows. */
const declared = (declarations: string, result: Result, more: Partial<Example> = {}): Example => ({
  mapping: `codes:\n  channel:\n    ${declarations}\n    rows:\n      - { code: "1", value: window }\n      - { code: "2", value: online }`,
  content,
  record: { LY: '2' },
  result,
  ...more,
})

const rows = (lines: string, result: Result, more: Partial<Example> = {}): Example => ({
  mapping: `codes:\n  channel:\n    rows:\n      ${lines.replaceAll('\n', '\n      ')}`,
  content,
  record: { LY: '2' },
  result,
  ...more,
})

const byDay = 'channel: { from: LY, codes: { table: channel, by: { from: AT, date: yyyy-MM-dd } } }'

export const tableForms = {
  short: construct('只有代码和值：写在映射里', 'Codes and values only: in the mapping', {
    mapping: 'codes:\n  channel: { "1": window, "2": online }',
    content,
    record: { LY: '2' },
    result: online,
  }),
  'YAML file': construct('本部门文件夹中的 YAML 文件', 'A YAML file of the department’s folder', {
    mapping: 'codes:\n  channel: codes/channel.yaml',
    files: { 'codes/channel.yaml': 'system: 审批系统\nrows:\n  - { code: "2", value: online }\n' },
    content,
    record: { LY: '2' },
    result: online,
  }),
  'CSV file': construct(
    'CSV 文件：表头行写列名，表头之上每行一项说明',
    'A CSV file: the header line names the columns, the lines above say what the table is',
    {
      mapping: 'codes:\n  channel: codes/channel.csv',
      files: { 'codes/channel.csv': 'version,2020\nsource,1,2\ncode,value,label\n1,window,窗口\n2,online,网上\n' },
      content,
      record: { LY: '2' },
      result: online,
    },
  ),
  list: construct('同一张表的几版', 'Several versions of one table', {
    mapping: 'codes:\n  channel:\n    - codes/channel-old.yaml\n    - { version: new, rows: [{ code: "2", value: mobile }] }',
    files: { 'codes/channel-old.yaml': 'version: old\nrows: [{ code: "2", value: online }]\n' },
    content: 'channel: { from: LY, codes: channel@old }',
    record: { LY: '2' },
    result: online,
  }),
} satisfies Family

/** What a table may say of itself. */
export const declarations = {
  summary: construct('给人看的说明', 'What it is, for people', declared('summary: 申报来源 LY', online)),
  system: construct('哪个来源系统的代码', 'The system whose codes these are', declared('system: 审批系统', online)),
  standard: construct('哪个标准的代码', 'The standard they are of', declared('standard: EA_JC', online)),
  version: construct(
    '哪一版',
    'Their version',
    declared('version: "2020"', online, { content: 'channel: { from: LY, codes: channel@2020 }' }),
  ),
  from: construct(
    '生效的首日（含）；不写即不限',
    'The first day, included; open when it is left out',
    declared('from: 2021-01-01', online, { content: byDay }),
    declared('from: 2026-03-03', { quarantined: 'CODE_VERSION_UNKNOWN', field: '/content/channel' }, { content: byDay }),
  ),
  to: construct(
    '末日（含）',
    'The last day, included',
    declared('to: 2026-03-02', online, { content: byDay }),
    declared('to: 2026-03-01', { quarantined: 'CODE_VERSION_UNKNOWN', field: '/content/channel' }, { content: byDay }),
  ),
  direction: construct('用于哪个方向，见下', 'The ways it is for, as below', declared('direction: both', online)),
  lossy: construct(
    'true：几个代码同为一个值。须声明',
    'true: several codes share a value. It must be declared',
    rows('- { code: "2", value: online }\n- { code: "3", value: online }', { refused: 'MAPPING_INVALID' }),
    {
      mapping: 'codes:\n  channel:\n    lossy: true\n    rows: [{ code: "2", value: online }, { code: "3", value: online }]',
      content,
      record: { LY: '3' },
      result: online,
    },
  ),
  source: construct(
    '来源标准列出的全部代码：每个都须有行，也不得有别的',
    'Every code of the source: each needs a row, and no other may have one',
    declared('source: ["1", "2"]', online),
    declared('source: ["1", "2", "3"]', { refused: 'MAPPING_INVALID' }),
  ),
  reverse: construct('反向时，共用的值用哪个代码', 'The code that a shared value has on the way back', {
    mapping:
      'codes:\n  channel:\n    lossy: true\n    reverse: { online: "2" }\n    rows: [{ code: "2", value: online }, { code: "3", value: online }]',
    content,
    record: { LY: '3' },
    result: online,
  }),
} satisfies Family

export const directionWays = {
  up: construct('只用于上行；不写即此', 'The way up only; so by default', declared('direction: up', online)),
  down: construct('只用于下行', 'The way down only', declared('direction: down', { refused: 'MAPPING_INVALID' })),
  both: construct('上行与下行', 'Both ways', declared('direction: both', online)),
} satisfies Family

export const tableParts = {
  rows: construct('各行，见下', 'The rows, as below', rows('- { code: "2", value: online }', online)),
} satisfies Family

export const rowParts = {
  code: construct(
    '代码，与来源写的一样：01 不是 1',
    'The code as the source writes it: 01 is not 1',
    rows('- { code: "02", value: online }', { quarantined: 'CODE_UNKNOWN', field: '/content/channel' }),
  ),
  value: construct(
    '规范代码、true/false，或（数值字段）整数',
    'A canonical code, true or false, or a whole number for fields that are numbers',
    rows('- { code: "2", value: online }', online),
    rows('- { code: "2", value: onlin }', { refused: 'MAPPING_INVALID' }),
  ),
  label: construct('来源对代码的叫法', 'What the source calls it', rows('- { code: "2", value: online, label: 网上 }', online)),
  note: construct('备注', 'A note', rows('- { code: "2", value: online, note: 旧版为“其他” }', online)),
  from: construct(
    '这一行生效的首日',
    'The first day of the row',
    rows('- { code: "2", value: online, from: 2022-01-01 }', online, { content: byDay }),
  ),
  to: construct(
    '这一行的末日',
    'The last day of the row',
    rows(
      '- { code: "2", value: online, to: 2022-01-01 }\n- { code: "2", value: mobile, from: 2022-01-02 }',
      { message: { '/content/channel': 'mobile' } },
      {
        content: byDay,
      },
    ),
  ),
  when: construct(
    '同一代码有几行时各写条件；须恰好符合一行',
    'Of several rows of a code, exactly one must hold',
    rows(
      '- { code: "2", value: online, when: { path: SB, equals: PC } }\n- { code: "2", value: mobile, when: { path: SB, equals: SJ } }',
      online,
      {
        record: { LY: '2', SB: 'PC' },
      },
    ),
    rows(
      '- { code: "2", value: online, when: { path: SB, equals: PC } }\n- { code: "2", value: mobile, when: { path: SB, equals: SJ } }',
      { quarantined: 'CODE_AMBIGUOUS', field: '/content/channel' },
    ),
  ),
} satisfies Family
