/** What a message tells of its values: how they came about, and what was wrong with the source. */
import type { Flag } from '../../canonical/index.ts'
import { construct, type Family } from './construct.ts'

const nothingSaid = { '/provenance/derived': null, '/provenance/mapped': null }

export const provenanceKinds = {
  as_received: construct('原样：与来源所写相同；消息不列出', 'As the source has it; messages do not list it', {
    content: 'subject: ZY',
    record: { ZY: '砍伐许可' },
    result: { message: { '/content/subject': '砍伐许可', ...nothingSaid } },
  }),
  mapped: construct('查表：由代码表得出', 'Looked up in a code table', {
    mapping: 'codes:\n  channel: { "2": online }',
    content: 'channel: { from: LY, codes: channel }',
    record: { LY: '2' },
    result: { message: { '/provenance/mapped': ['/content/channel'] } },
  }),
  normalised: construct(
    '规范化：同一个值，换了写法（去空白、日期、数值）',
    'The same value in another form: white space, dates, numbers',
    {
      content: 'receivedAt: { from: AT, date: yyyyMMdd }',
      record: { AT: '20260302' },
      result: { message: { '/provenance/normalised': ['/content/receivedAt'] } },
    },
  ),
  derived: construct(
    '推导：出自常量、表达式、插件、$stream 或 $key',
    'From a constant, an expression, a plug-in, $stream or $key',
    {
      content: 'subject: $stream',
      result: { message: { '/provenance/derived': ['/content/subject'] } },
    },
  ),
  corrected: construct(
    '人员更正：部门人员用 quarantine correct 决定，附何人、何时',
    'Decided by a person of the department with quarantine correct, with who and when',
    {
      content: 'subject: ZY',
      record: { ZY: '采伐' },
      corrections: [
        {
          type: null,
          entry: null,
          pointer: '/content/subject',
          value: '林木采伐许可',
          by: 'wang',
          at: 1772413200000,
          reason: '部门来函',
        },
      ],
      result: {
        message: {
          '/content/subject': '林木采伐许可',
          '/provenance/corrected': [{ path: '/content/subject', by: 'wang', at: '2026-03-02T09:00:00+08:00' }],
        },
      },
    },
  ),
} satisfies Family

/** What is told of times beside it. */
export const timeNotes = {
  precision: construct('来源没有给到秒', 'The source gave it without seconds', {
    content: 'promisedDueAt: { from: CNSJ, date: yyyy-MM-dd HH:mm }',
    record: { CNSJ: '2026-03-12 17:30' },
    result: { message: { '/provenance/precision': [{ path: '/content/promisedDueAt', unit: 'minute' }] } },
  }),
  zone: construct('来源自带其他时区', 'The source wrote another offset of its own', {
    content: 'promisedDueAt: { from: CNSJ, date: yyyy-MM-ddTHH:mm:ssXXX }',
    record: { CNSJ: '2026-03-12T09:30:00Z' },
    result: { message: { '/provenance/zone': [{ path: '/content/promisedDueAt', offset: 'Z' }] } },
  }),
} satisfies Family

/** Every flag that comes of a mapping or of the checks behind it: the gateway cuts no text (`truncated`), and quarantines contradictions (`invariant`). */
export const flagCodes = {
  placeholder: construct('占位词，按缺失处理', 'A placeholder, treated as absent', {
    content: 'subject: ZY',
    record: { ZY: '无' },
    result: { message: { '/content/subject': null, '/flags': [{ path: '/content/subject', code: 'placeholder', found: '无' }] } },
  }),
  missing: construct(
    '应有而缺失（required 且 onFailure: flag；或业务规则）',
    'Expected and absent: required with onFailure: flag, or a rule of the domain',
    {
      content: 'subject: { from: ZY, required: true, onFailure: flag }',
      result: { message: { '/flags': [{ path: '/content/subject', code: 'missing' }] } },
    },
  ),
  invalid: construct(
    '读不成（日期、数值、pattern、几个值；onFailure: flag）',
    'Could not be read: a date, a number, a pattern, several values; with onFailure: flag',
    {
      content: 'promisedDueAt: { from: CNRQ, date: yyyyMMdd, onFailure: flag }',
      record: { CNRQ: '近期' },
      result: { message: { '/flags': [{ path: '/content/promisedDueAt', code: 'invalid' }] } },
    },
  ),
  unmapped: construct('代码不在表中（onFailure: flag）', 'The code is not in the table; with onFailure: flag', {
    mapping: 'codes:\n  channel: { "2": online }',
    content: 'channel: { from: LY, codes: channel, onFailure: flag }',
    record: { LY: '9' },
    result: { message: { '/content/channel': null, '/flags': [{ path: '/content/channel', code: 'unmapped', found: '9' }] } },
  }),
  suspect: construct('照原样送出而可疑，见[字符](characters.md)', 'Sent as it is and suspect; see [characters](characters.md)', {
    content: 'subject: ZY',
    record: { ZY: '甲&amp;乙' },
    result: { message: { '/content/subject': '甲&amp;乙', '/flags/0/code': 'suspect', '/flags/0/rule': 'escaped-twice' } },
  }),
} satisfies Record<Exclude<Flag['code'], 'truncated' | 'invariant'>, Family[string]>
