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
    {
      about: { zh: '该处是占位词：如同直接读取', en: 'a placeholder there counts as when it is read by itself' },
      content: `subject: { expression: "$text('ZY') & $text('DD')" }`,
      record: { ZY: '砍伐', DD: '无' },
      result: {
        message: { '/content/subject': null, '/flags': [{ path: '/content/subject', code: 'placeholder', found: '无' }] },
      },
    },
  ),
  optional: construct(
    "`$optional('路径')`：可以没有；是占位词也算没有，并打标记",
    'May be missing; a placeholder counts as missing, and is flagged',
    {
      content: `subject: { expression: "$text('ZY') & $optional('BZ')" }`,
      record: { ZY: '砍伐许可' },
      result: { message: { '/content/subject': '砍伐许可', '/flags': [] } },
    },
    {
      content: `subject: { expression: "$text('ZY') & $optional('BZ')" }`,
      record: { ZY: '砍伐许可', BZ: '无' },
      result: { message: { '/content/subject': '砍伐许可', '/flags/0/code': 'placeholder' } },
    },
  ),
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
    '法律事实的表达式只能用 &、$substring、$substringBefore、$substringAfter、$trim、$join 拼接与截取，其间的文字不得含字母、汉字、数字；不得选择或写固定值：含义不同的代码写进代码表',
    'Of a legal fact an expression puts together and cuts by &, $substring, $substringBefore, $substringAfter, $trim and $join, with no text of letters or digits in it; it must not choose or state: that belongs in a code table',
    {
      content: `receiptNo: { expression: "$substringBefore($text('A'), '/') & '-' & $trim($text('B'))" }`,
      record: { A: '15/x', B: '07' },
      result: { message: { '/content/receiptNo': '15-07' } },
    },
    {
      content: `receiptNo: { expression: "$text('LX') = '1' ? $text('A') : $text('B')" }`,
      result: { refused: 'MAPPING_INVALID' },
    },
    {
      content: `receiptNo: { expression: "$text('A') & '号'" }`,
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
