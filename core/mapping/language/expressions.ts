/** How an expression names texts of the record. It sees nothing else. */
import { type Construct, construct, type Family } from './construct.ts'

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
  '? :': construct(
    '法律事实的表达式只能拼接、截取，不得选择或写固定值：含义不同的代码写进代码表',
    'Of a legal fact an expression puts together and cuts; it must not choose or state: that belongs in a code table',
    {
      content: `receiptNo: { expression: "$text('LX') = '1' ? $text('A') : $text('B')" }`,
      result: { refused: 'MAPPING_INVALID' },
    },
  ),
} satisfies Family

const refused = (zh: string, en: string, call: string): Construct =>
  construct(zh, en, { content: `subject: { expression: "$text('ZY') & ${call}" }`, result: { refused: 'MAPPING_INVALID' } })

/** What an expression must not call: the same text gives the same value, always and everywhere, and nothing is run that lint has not seen. */
export const refusedFunctions = {
  now: refused('不得使用：时钟', 'Refused: the clock', '$now()'),
  millis: refused('不得使用：时钟', 'Refused: the clock', '$string($millis())'),
  random: refused('不得使用：随机数', 'Refused: chance', '$string($random())'),
  shuffle: refused('不得使用：随机的次序', 'Refused: an order by chance', "$join($shuffle($texts('SX')))"),
  eval: refused('不得使用：运行 lint 没有看过的文字', 'Refused: it runs a text that lint has not seen', "$eval($text('GS'))"),
  toMillis: refused('不得使用：时间写 date', 'Refused: times are read by date', "$string($toMillis($text('RQ')))"),
  fromMillis: refused('不得使用：时间写 date', 'Refused: times are read by date', '$fromMillis(0)'),
} satisfies Family
