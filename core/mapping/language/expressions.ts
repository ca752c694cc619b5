/** How an expression names texts of the record. It sees nothing else. */
import { construct, type Family } from './construct.ts'

/** Functions, each with a path in quotes. */
export const readers = {
  text: construct(
    "`$text('路径')`：该处的文字；没有就整个没有值",
    'The text there; without it the whole is absent',
    {
      content: `promisedDueAt: { expression: "$text('RQ') & ' ' & $text('SJ')", date: yyyyMMdd HHmm }`,
      record: { RQ: '20260312', SJ: '1730' },
      result: { message: { '/content/promisedDueAt': '2026-03-12T17:30:00+08:00' } },
    },
    {
      content: `promisedDueAt: { expression: "$text('RQ') & ' ' & $text('SJ')", date: yyyyMMdd HHmm }`,
      record: { RQ: '20260312' },
      result: { message: { '/content/promisedDueAt': null } },
    },
  ),
  optional: construct("`$optional('路径')`：可以没有", 'May be missing', {
    content: `subject: { expression: "$text('ZY') & $optional('BZ')" }`,
    record: { ZY: '砍伐许可' },
    result: { message: { '/content/subject': '砍伐许可' } },
  }),
  texts: construct("`$texts('路径')`：全部文字的列表", 'The list of all texts', {
    content: `subject: { expression: "$join($texts('SX'), '、')" }`,
    record: { SX: ['砍伐', '运输'] },
    result: { message: { '/content/subject': '砍伐、运输' } },
  }),
} satisfies Family

export const expressionForms = {
  $: construct('`$`：from 给出的文字', 'The text that from gave', {
    content: 'subject: { from: ZY, expression: "$substringBefore($, \'（\')" }',
    record: { ZY: '砍伐（加急）' },
    result: { message: { '/content/subject': '砍伐' } },
  }),
  'now, random, eval …': construct(
    '同一条记录须总是得出同样的结果：时钟、随机数、$eval 不得使用',
    'The same record must always give the same: no clock, no chance, no $eval',
    { content: `subject: { expression: "$text('ZY') & $now()" }`, result: { refused: 'MAPPING_INVALID' } },
  ),
  '? :': construct(
    '法律事实的表达式只能拼接、截取，不得选择或写固定值：含义不同的代码写进代码表',
    'Of a legal fact an expression puts together and cuts; it must not choose or state: that belongs in a code table',
    {
      content: `receiptNo: { expression: "$text('LX') = '1' ? $text('A') : $text('B')" }`,
      result: { refused: 'MAPPING_INVALID' },
    },
  ),
} satisfies Family
