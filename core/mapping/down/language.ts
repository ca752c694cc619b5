/** How mappings of the way down are written. The compiler takes its words from here, the reference is printed from here, the examples are tests. */

import type { ErrorCode, Text } from '../../errors.ts'
import type { PlannedOperation } from '../../operation.ts'

export type DownResult =
  | { operations: readonly PlannedOperation[] }
  | { ignored: string }
  | { quarantined: ErrorCode }
  | { refused: ErrorCode }

export interface DownExample {
  about?: Text
  /** Keys at the top, beside the operation of the example mapping or in place of it. */
  mapping?: string
  /** Lines under `values` of the operation of the example mapping. */
  values?: string
  files?: Readonly<Record<string, string>>
  /** Members of the content of the example message, beside or in place of its own. */
  content?: Readonly<Record<string, unknown>>
  result: DownResult
}

export interface DownConstruct {
  meaning: Text
  examples: readonly [DownExample, ...DownExample[]]
}

export type DownFamily<K extends string = string> = Readonly<Record<K, DownConstruct>>

const construct = (zh: string, en: string, ...examples: [DownExample, ...DownExample[]]): DownConstruct => ({
  meaning: { zh, en },
  examples,
})

const one = (values: PlannedOperation['values']): DownResult => ({ operations: [{ write: 'SB', values }] })

const operation = (...lines: string[]): string =>
  ['operations:', '  - write: SB', ...lines.map((line) => `    ${line}`)].join('\n')

export const downTop = {
  summary: construct('给人看的说明', 'What it is, for people', {
    mapping: 'summary: 申请写入部门前置库',
    values: 'NO: case/sourceCaseNo',
    result: one({ NO: 'P-1' }),
  }),
  zone: construct('目标系统时间所在时区；不写为 "+08:00"', 'The zone of the target’s times; "+08:00" by default', {
    mapping: 'zone: "Z"',
    values: 'SJ: { from: content/receivedAt, date: yyyy-MM-dd HH:mm:ss }',
    result: one({ SJ: '2026-03-02 01:30:00' }),
  }),
  codes: construct('代码表，与上行相同，反向使用', 'Code tables as on the way up, used the other way round', {
    mapping: 'codes:\n  kind: { "1": natural, "2": enterprise }',
    values: 'LX: { from: content/applicant/kind, codes: kind }',
    result: one({ LX: '2' }),
  }),
  operations: construct(
    '一条消息要写的各项，依次写入；都不适用则隔离',
    'What is to be written for a message, in order; when none applies it waits for a person',
    { values: 'NO: case/sourceCaseNo', result: one({ NO: 'P-1' }) },
    {
      mapping: operation('type: result.collected', 'values: { NO: case/sourceCaseNo }'),
      result: { quarantined: 'OPERATION_UNMAPPED' },
    },
  ),
  ignore: construct(
    '确应忽略的消息，先于 operations 检查',
    'Messages that are rightly ignored; looked at before the operations',
    {
      mapping: 'ignore:\n  - { when: { path: content/channel, equals: window }, reason: 窗口件由部门自己收 }',
      content: { channel: 'window' },
      result: { ignored: '窗口件由部门自己收' },
    },
  ),
} satisfies DownFamily

export const ignorePart = {
  when: downTop.ignore,
  reason: downTop.ignore,
} satisfies DownFamily

export const operationParts = {
  write: construct(
    '写法的名称：系统 deliver.options.writes 之一，必填',
    'The name of a write: one of deliver.options.writes of the system; mandatory',
    {
      mapping: 'operations:\n  - write: SQ\n    values: { NO: case/sourceCaseNo }',
      result: { operations: [{ write: 'SQ', values: { NO: 'P-1' } }] },
    },
  ),
  type: construct('消息类型，一个或列表；不写则任何类型', 'The type of message, one or a list; any when it is left out', {
    mapping: operation('type: [application.received, case.amended]', 'values: { NO: case/sourceCaseNo }'),
    result: one({ NO: 'P-1' }),
  }),
  when: construct('符合此条件才写，写法见“条件”', 'Written when this holds; see conditions', {
    mapping: operation('when: { path: content/channel, equals: online }', 'values: { NO: case/sourceCaseNo }'),
    result: one({ NO: 'P-1' }),
  }),
  values: construct('目标的名称（列、元素）: 规则；必填', 'Names of the target (columns, elements) with their rules; mandatory', {
    values: 'NO: case/sourceCaseNo\nMC: content/applicant/name',
    result: one({ NO: 'P-1', MC: '示例建设有限公司' }),
  }),
} satisfies DownFamily

export const textParts = {
  from: construct(
    '从消息何处读；只写路径时可省略成一个文字。没有则写 null',
    'Where in the message; a bare text is the same. Null where there is nothing',
    { values: 'MC: { from: content/applicant/name }', result: one({ MC: '示例建设有限公司' }) },
    { values: 'DH: content/applicant/mobile', result: one({ DH: null }) },
  ),
  codes: construct(
    '反查代码表；没有对应代码则隔离。有损的表须写 reverse',
    'The code of the table for this value; without one the message waits for a person. A lossy table needs reverse',
    {
      mapping: 'codes:\n  channel: { "1": window }',
      values: 'FS: { from: content/channel, codes: channel }',
      result: { quarantined: 'CODE_FOR_VALUE_UNKNOWN' },
    },
    {
      mapping: 'codes:\n  kind: { "1": natural, "2": enterprise, "3": enterprise }',
      values: 'LX: { from: content/applicant/kind, codes: kind }',
      result: { refused: 'CODE_TABLE_IRREVERSIBLE' },
    },
  ),
  date: construct(
    '按此格式写时间；消息只有日期而格式要时刻则隔离，时刻从不编造',
    'Writes a time in this format; when the message has only the day and the format wants a time, the message waits: none is made up',
    { values: 'SJ: { from: content/receivedAt, date: yyyyMMddHHmmss }', result: one({ SJ: '20260302093000' }) },
    {
      values: 'SJ: { from: content/receivedAt, date: yyyyMMddHHmmss }',
      content: { receivedAt: '2026-03-02' },
      result: { quarantined: 'TIME_UNKNOWN' },
    },
  ),
  required: construct('true：没有值则隔离', 'true: without a value the message waits for a person', {
    values: 'DH: { from: content/applicant/mobile, required: true }',
    result: { quarantined: 'VALUE_MISSING' },
  }),
} satisfies DownFamily

export const constantParts = {
  constant: construct('固定的文字', 'A fixed text', { values: 'REC_FLAG: { constant: "0" }', result: one({ REC_FLAG: '0' }) }),
} satisfies DownFamily

const digest = `sha256:${'5'.repeat(64)}`
const materials = [{ name: '申请书', digest }, { name: '图纸' }]

export const attachmentParts = {
  attachment: construct(
    '附件的内容，凭此处的摘要；到齐之前消息等着。没有摘要则写 null',
    'The content of the attachment whose digest stands there; the message waits until it has arrived. Null where there is no digest',
    {
      values: 'CL: { each: content/materials, values: { MC: name, NR: { attachment: digest } } }',
      content: { materials },
      result: one({
        CL: [
          { MC: '申请书', NR: { attachment: digest } },
          { MC: '图纸', NR: null },
        ],
      }),
    },
    {
      values: 'CL: { each: content/materials, values: { NR: { attachment: name } } }',
      content: { materials },
      result: { quarantined: 'VALUE_INVALID' },
    },
  ),
  required: construct('true：没有摘要则隔离', 'true: without a digest the message waits for a person', {
    values: 'CL: { each: content/materials, values: { NR: { attachment: digest, required: true } } }',
    content: { materials },
    result: { quarantined: 'VALUE_MISSING' },
  }),
} satisfies DownFamily

export const listParts = {
  each: construct('列表：此处每有一项，就有一行', 'A list: a row for each entry there', {
    values: 'CL: { each: content/materials, values: { MC: name, XS: { from: form, codes: form } } }',
    mapping: 'codes:\n  form: { "1": paper, "2": electronic }',
    content: {
      materials: [
        { name: '申请书', form: 'paper' },
        { name: '图纸', form: 'electronic' },
      ],
    },
    result: one({
      CL: [
        { MC: '申请书', XS: '1' },
        { MC: '图纸', XS: '2' },
      ],
    }),
  }),
  values: construct('列表中每一行的各值，路径从该项算起', 'The values of a row of the list; paths begin at the entry', {
    values: 'CL: { each: content/materials, values: { MC: name } }',
    result: one({ CL: [] }),
  }),
} satisfies DownFamily

export const valueParts = { ...textParts, ...constantParts, ...attachmentParts, ...listParts } satisfies DownFamily

export const downLanguage: readonly { title: Text; family: DownFamily }[] = [
  { title: { zh: '顶层', en: 'Top level' }, family: downTop },
  { title: { zh: '操作 operations', en: 'operations' }, family: operationParts },
  { title: { zh: '值 values', en: 'values' }, family: valueParts },
]
