import type { Quarantined } from './case.ts'
import { recordFamily } from './records.ts'

const noDate = (value: string): Quarantined => ({
  code: 'DATE_INVALID',
  zh: `one.yaml:24:17 字段 /occurredAt：“${value}”不是按 yyyy-MM-dd HH:mm:ss | yyyyMMdd 写的、真实存在的日期或时间`,
  en: `one.yaml:24:17 field /occurredAt: "${value}" is no day or time that exists, written as yyyy-MM-dd HH:mm:ss | yyyyMMdd`,
})

/** Days that never were, formats that nobody agreed on, and times before their cause. */
export const dates = recordFamily('dates', [
  { name: '30 February', record: { SBSJ: '2026-02-30 09:00:00' }, expect: noDate('2026-02-30 09:00:00') },
  { name: '29 February in a year that has none', record: { SBSJ: '2023-02-29 09:00:00' }, expect: noDate('2023-02-29 09:00:00') },
  { name: '29 February 2100, which is no leap year, as a day', record: { SBSJ: '21000229' }, expect: noDate('21000229') },
  { name: '31 April', record: { SBSJ: '20260431' }, expect: noDate('20260431') },
  { name: 'month 13', record: { SBSJ: '20261301' }, expect: noDate('20261301') },
  { name: 'month 00, as a form without a month gives', record: { SBSJ: '20260012' }, expect: noDate('20260012') },
  { name: 'day 00, where only the month was known', record: { SBSJ: '20260300' }, expect: noDate('20260300') },
  { name: 'the zero date of MySQL', record: { SBSJ: '0000-00-00 00:00:00' }, expect: noDate('0000-00-00 00:00:00') },
  { name: 'hour 24', record: { SBSJ: '2026-03-02 24:00:00' }, expect: noDate('2026-03-02 24:00:00') },
  { name: 'minute 60', record: { SBSJ: '2026-03-02 09:60:00' }, expect: noDate('2026-03-02 09:60:00') },
  {
    name: 'a leap second that the format has no place for',
    record: { SBSJ: '2016-12-31 23:59:60' },
    expect: noDate('2016-12-31 23:59:60'),
  },
  { name: 'twelve-hour clock with 下午', record: { SBSJ: '2026-03-02 下午 3:20:00' }, expect: noDate('2026-03-02 下午 3:20:00') },
  { name: 'no leading zeros, as Excel shows it', record: { SBSJ: '2026/3/2 9:00' }, expect: noDate('2026/3/2 9:00') },
  { name: 'the serial number of Excel for a day', record: { SBSJ: 46083 }, expect: noDate('46083') },
  { name: 'milliseconds since 1970', record: { SBSJ: 1772413200000 }, expect: noDate('1772413200000') },
  { name: 'a year of two digits', record: { SBSJ: '26-03-02 09:00:00' }, expect: noDate('26-03-02 09:00:00') },
  { name: 'a year of the Republican calendar', record: { SBSJ: '1150302' }, expect: noDate('1150302') },
  { name: 'Chinese numerals', record: { SBSJ: '二〇二六年三月二日' }, expect: noDate('（9 字/characters）') },
  { name: 'full-width digits', record: { SBSJ: '２０２６０３０２' }, expect: noDate('２０２６０３０２') },
  { name: 'a day only where the moment was agreed, with dashes', record: { SBSJ: '2026-03-02' }, expect: noDate('2026-03-02') },
  { name: 'no seconds', record: { SBSJ: '2026-03-02 09:00' }, expect: noDate('2026-03-02 09:00') },
  { name: 'the T of ISO 8601', record: { SBSJ: '2026-03-02T09:00:00' }, expect: noDate('2026-03-02T09:00:00') },
  { name: 'a fraction that Oracle adds', record: { SBSJ: '2026-03-02 09:00:00.0' }, expect: noDate('2026-03-02 09:00:00.0') },
  { name: 'an offset of its own', record: { SBSJ: '2026-03-02 09:00:00+08:00' }, expect: noDate('2026-03-02 09:00:00+08:00') },
  {
    name: 'day and month in the order of another country',
    record: { SBSJ: '02-03-2026 09:00:00' },
    expect: noDate('02-03-2026 09:00:00'),
  },
  { name: 'month name of Oracle', record: { SBSJ: '02-MAR-26' }, expect: noDate('02-MAR-26') },
  { name: 'a word instead of a day', record: { SBSJ: '待定' }, expect: noDate('待*') },
  { name: 'two days in one field', record: { SBSJ: '2026-03-02 至 2026-03-05' }, expect: noDate('2026-03-02 至 2026-03-05') },
  {
    name: 'received after it was promised to be decided',
    record: { CNSJ: '2026-03-01' },
    expect: {
      code: 'MESSAGE_INVARIANT_BROKEN',
      zh: 'one.yaml:37:22 消息 application.received 的字段 /content/promisedDueAt 违反业务规则 times-in-order：后发生的时间不得早于先发生的时间',
      en: 'one.yaml:37:22 message application.received: field /content/promisedDueAt breaks rule times-in-order: what ends or falls due later must not come before what began earlier',
    },
  },
  {
    name: 'accepted after the day for which the decision was promised',
    stream: 'SL',
    record: { CNSJ: '2026-03-02' },
    expect: {
      flags: [{ path: '/content/decidedAt', code: 'suspect', rule: 'accepted-within-promise' }],
      sent: { '/content/decidedAt': '2026-03-03T09:00:00+08:00' },
    },
  },
  {
    name: 'a step that ends before it starts',
    stream: 'HJ',
    record: { JSSJ: '2026-03-04 08:59:59' },
    expect: {
      code: 'MESSAGE_INVARIANT_BROKEN',
      zh: 'one.yaml:50:79 消息 review.step 的字段 /content/endedAt 违反业务规则 times-in-order：后发生的时间不得早于先发生的时间',
      en: 'one.yaml:50:79 message review.step: field /content/endedAt breaks rule times-in-order: what ends or falls due later must not come before what began earlier',
    },
  },
  {
    name: 'a supplement due before it was asked for',
    stream: 'BZ',
    record: { QX: '2026-03-01' },
    expect: {
      code: 'MESSAGE_INVARIANT_BROKEN',
      zh: 'one.yaml:57:72 消息 supplement.requested 的字段 /content/dueAt 违反业务规则 times-in-order：后发生的时间不得早于先发生的时间',
      en: 'one.yaml:57:72 message supplement.requested: field /content/dueAt breaks rule times-in-order: what ends or falls due later must not come before what began earlier',
    },
  },
  {
    name: 'a special procedure that ends before it starts',
    stream: 'TE',
    record: { KSSJ: '2026-03-05 09:00:01' },
    expect: {
      code: 'MESSAGE_INVARIANT_BROKEN',
      zh: 'one.yaml:65:79 消息 special.ended 的字段 /content/endedAt 违反业务规则 times-in-order：后发生的时间不得早于先发生的时间',
      en: 'one.yaml:65:79 message special.ended: field /content/endedAt breaks rule times-in-order: what ends or falls due later must not come before what began earlier',
    },
  },
  {
    name: 'an answer from above due before the case was forwarded',
    stream: 'SX',
    record: { QX: '2026-03-04' },
    expect: {
      code: 'MESSAGE_INVARIANT_BROKEN',
      zh: 'one.yaml:75:77 消息 upward.forwarded 的字段 /content/dueAt 违反业务规则 times-in-order：后发生的时间不得早于先发生的时间',
      en: 'one.yaml:75:77 message upward.forwarded: field /content/dueAt breaks rule times-in-order: what ends or falls due later must not come before what began earlier',
    },
  },
  {
    name: 'a licence that ends before it begins',
    stream: 'BJ',
    record: { ZJLX: '10', ZJBH: 'X1', FZJG: '示例局', QSRQ: '20260310', JZRQ: '20260309' },
    expect: {
      code: 'MESSAGE_INVARIANT_BROKEN',
      zh: 'one.yaml:85:148 消息 case.closed 的字段 /content/document/validTo 违反业务规则 times-in-order：后发生的时间不得早于先发生的时间',
      en: 'one.yaml:85:148 message case.closed: field /content/document/validTo breaks rule times-in-order: what ends or falls due later must not come before what began earlier',
    },
  },
  {
    name: 'stored before it happened',
    record: { INSERTTIME: '2026-03-01 23:59:59' },
    expect: {
      flags: [{ path: '/recordedAt', code: 'suspect', rule: 'recorded-after-occurred' }],
      sent: { '/recordedAt': '2026-03-01T23:59:59+08:00' },
    },
  },
  {
    name: 'the time of storing is no time',
    record: { INSERTTIME: 'SYSDATE' },
    expect: {
      code: 'DATE_INVALID',
      zh: 'one.yaml:20:13 字段 /recordedAt：“SYSDATE”不是按 yyyy-MM-dd HH:mm:ss 写的、真实存在的日期或时间',
      en: 'one.yaml:20:13 field /recordedAt: "SYSDATE" is no day or time that exists, written as yyyy-MM-dd HH:mm:ss',
    },
  },
  {
    name: 'a step without any time',
    stream: 'HJ',
    record: { KSSJ: undefined, JSSJ: null },
    expect: {
      code: 'MESSAGE_INVALID',
      zh: 'one.yaml:47:5 消息 review.step 的字段 /content 不合规范：至少应有其一：startedAt、endedAt',
      en: 'one.yaml:47:5 message review.step: field /content breaks its schema: needs at least one of startedAt, endedAt',
    },
  },
])
