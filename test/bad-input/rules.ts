import { recordFamily } from './records.ts'

/** Messages that cannot be true, or that lack what the law wants of them. */
export const rules = recordFamily('message rules', [
  {
    name: 'acceptance refused without a reason',
    stream: 'SL',
    record: { ZT: '2' },
    expect: {
      flags: [{ path: '/content/reason', code: 'missing', rule: 'negative-needs-reason' }],
      sent: { '/content/reason': null },
    },
  },
  {
    name: 'acceptance refused with a placeholder for a reason',
    stream: 'SL',
    record: { ZT: '2', BSLYY: '无' },
    expect: {
      flags: [
        { path: '/content/reason', code: 'placeholder', found: '无' },
        { path: '/content/reason', code: 'missing', rule: 'negative-needs-reason' },
      ],
      sent: { '/content/reason': null },
    },
  },
  {
    name: 'returned at preliminary review without a reason',
    stream: 'YS',
    record: { ZT: '2' },
    expect: {
      flags: [{ path: '/content/reason', code: 'missing', rule: 'negative-needs-reason' }],
      sent: { '/content/reason': null },
    },
  },
  {
    name: 'not approved without a reason',
    stream: 'PZ',
    record: { ZT: '0' },
    expect: {
      flags: [{ path: '/content/reason', code: 'missing', rule: 'negative-needs-reason' }],
      sent: { '/content/reason': null },
    },
  },
  {
    name: 'closed as denied without a reason',
    stream: 'BJ',
    record: { BJJG: '1' },
    expect: {
      flags: [{ path: '/content/reason', code: 'missing', rule: 'negative-needs-reason' }],
      sent: { '/content/reason': null },
    },
  },
  {
    name: 'closed as refused at acceptance without a reason, for which the standard asks none',
    stream: 'BJ',
    record: { BJJG: '6' },
    expect: {
      flags: [{ path: '/content/reason', code: 'missing', rule: 'negative-needs-reason' }],
      sent: { '/content/reason': null },
    },
  },
  {
    name: 'closed as void without a reason, in the old version',
    stream: 'BJ',
    record: { STDVER: 'old', BJJG: '2' },
    expect: {
      flags: [{ path: '/content/reason', code: 'missing', rule: 'negative-needs-reason' }],
      sent: { '/content/reason': null },
    },
  },
  {
    name: 'voided without a reason',
    stream: 'ZF',
    record: { YY: undefined },
    expect: {
      flags: [{ path: '/content/reason', code: 'missing', rule: 'negative-needs-reason' }],
      sent: { '/content/reason': null },
    },
  },
  {
    name: 'disagreed from above without a reason',
    stream: 'SH',
    record: { ZT: '0' },
    expect: {
      flags: [{ path: '/content/reason', code: 'missing', rule: 'negative-needs-reason' }],
      sent: { '/content/reason': null },
    },
  },
  {
    name: 'a joint review that disagrees without a reason',
    stream: 'HZ',
    record: { ZT: '0' },
    expect: {
      flags: [{ path: '/content/reason', code: 'missing', rule: 'negative-needs-reason' }],
      sent: { '/content/reason': null },
    },
  },
  {
    name: 'a step that returns the case without a reason or an official',
    stream: 'HJ',
    record: { JL: '7', BLR: null },
    expect: {
      flags: [
        { path: '/content/reason', code: 'missing', rule: 'negative-needs-reason' },
        { path: '/content/actor', code: 'missing', rule: 'decision-needs-actor' },
      ],
      sent: { '/content/reason': null, '/content/actor': null },
    },
  },
  {
    name: 'accepted by nobody',
    stream: 'SL',
    record: { BLR: undefined },
    expect: {
      flags: [{ path: '/content/actor', code: 'missing', rule: 'decision-needs-actor' }],
      sent: { '/content/actor': null },
    },
  },
  {
    name: 'closed by nobody',
    stream: 'BJ',
    record: { BLR: '－' },
    expect: {
      flags: [
        { path: '/content/actor/name', code: 'placeholder', found: '－' },
        { path: '/content/actor', code: 'missing', rule: 'decision-needs-actor' },
      ],
      sent: { '/content/actor/name': null, '/content/actor': null },
    },
  },
  {
    name: 'a licence without a number',
    stream: 'BJ',
    record: { ZJLX: '10', FZJG: '示例局' },
    expect: {
      flags: [{ path: '/content/document/number', code: 'missing', rule: 'document-needs-number-and-issuer' }],
      sent: { '/content/document/number': null },
    },
  },
  {
    name: 'a licence without its issuer',
    stream: 'BJ',
    record: { ZJLX: '10', ZJBH: '示例证1' },
    expect: {
      flags: [{ path: '/content/document/issuer', code: 'missing', rule: 'document-needs-number-and-issuer' }],
      sent: { '/content/document/issuer': null },
    },
  },
  {
    name: 'a licence with placeholders for number and issuer',
    stream: 'BJ',
    record: { ZJLX: '10', ZJBH: '无', FZJG: '/' },
    expect: {
      flags: [
        { path: '/content/document/issuer/name', code: 'placeholder', found: '/' },
        { path: '/content/document/number', code: 'placeholder', found: '无' },
        { path: '/content/document/number', code: 'missing', rule: 'document-needs-number-and-issuer' },
        { path: '/content/document/issuer', code: 'missing', rule: 'document-needs-number-and-issuer' },
      ],
      sent: { '/content/document/issuer/name': null, '/content/document/number': null, '/content/document/issuer': null },
    },
  },
  {
    name: 'a number of a licence without saying what document it is',
    stream: 'BJ',
    record: { ZJBH: '示例证1' },
    expect: {
      code: 'MESSAGE_INVALID',
      zh: 'one.yaml:85:25 消息 case.closed 的字段 /content/document/type 不合规范：缺少此项',
      en: 'one.yaml:85:25 message case.closed: field /content/document/type breaks its schema: it is missing',
    },
  },
  {
    name: 'a summary before the last opinion was given',
    stream: 'HZ',
    record: { BM: [{ MC: '甲局', YJ: '1', SJ: '2026-03-06 09:00:01' }] },
    expect: {
      code: 'MESSAGE_INVARIANT_BROKEN',
      zh: 'one.yaml:72:41 消息 joint.summarised 的字段 /content/participants/0（第几项按来源从 0 数） 违反业务规则 opinions-before-summary：联审汇总前各部门应已反馈，逾期未反馈的须明确标注',
      en: 'one.yaml:72:41 message joint.summarised: field /content/participants/0 (entries counted from 0, as in the source) breaks rule opinions-before-summary: a joint review is summarised when each opinion is there or marked as timed out',
    },
  },
  {
    name: 'a summary while one department has not answered',
    stream: 'HZ',
    record: { BM: [{ MC: '甲局', YJ: '1', SJ: '2026-03-05 09:00:00' }, { MC: '乙局' }] },
    expect: {
      code: 'MESSAGE_INVARIANT_BROKEN',
      zh: 'one.yaml:72:41 消息 joint.summarised 的字段 /content/participants/1（第几项按来源从 0 数） 违反业务规则 opinions-before-summary：联审汇总前各部门应已反馈，逾期未反馈的须明确标注',
      en: 'one.yaml:72:41 message joint.summarised: field /content/participants/1 (entries counted from 0, as in the source) breaks rule opinions-before-summary: a joint review is summarised when each opinion is there or marked as timed out',
    },
  },
  {
    name: 'a summary in which a department is late and said not to be',
    stream: 'HZ',
    record: { BM: [{ MC: '甲局', YQ: '0' }] },
    expect: {
      code: 'MESSAGE_INVARIANT_BROKEN',
      zh: 'one.yaml:72:41 消息 joint.summarised 的字段 /content/participants/0（第几项按来源从 0 数） 违反业务规则 opinions-before-summary：联审汇总前各部门应已反馈，逾期未反馈的须明确标注',
      en: 'one.yaml:72:41 message joint.summarised: field /content/participants/0 (entries counted from 0, as in the source) breaks rule opinions-before-summary: a joint review is summarised when each opinion is there or marked as timed out',
    },
  },
  {
    name: 'a summary with a department without a name',
    stream: 'HZ',
    record: { BM: [{ YJ: '1' }] },
    expect: {
      code: 'MESSAGE_INVALID',
      zh: 'one.yaml:72:48 消息 joint.summarised 的字段 /content/participants/0/org（第几项按来源从 0 数） 不合规范：缺少此项',
      en: 'one.yaml:72:48 message joint.summarised: field /content/participants/0/org (entries counted from 0, as in the source) breaks its schema: it is missing',
    },
  },
  {
    name: 'the reviewer issues what the banner should',
    stream: 'SH',
    record: { CSJG: '12150902PDY00001X4', CZJG: '11150900PDY00001XA' },
    expect: {
      code: 'MESSAGE_INVARIANT_BROKEN',
      zh: 'one.yaml:78:168 消息 upward.returned 的字段 /content/issuingOrg/code 违反业务规则 origin-issues：上报件由初审机构出证',
      en: 'one.yaml:78:168 message upward.returned: field /content/issuingOrg/code breaks rule origin-issues: a case reported upward is issued by the authority that forwarded it',
    },
  },
  {
    name: 'a score that is not the original one on the same scale',
    stream: 'PJ',
    record: { MYD: '1', YZ: '5', BC: 'gb' },
    expect: {
      code: 'MESSAGE_INVARIANT_BROKEN',
      zh: 'one.yaml:93:23 消息 evaluation.given 的字段 /content/score 违反业务规则 score-agrees-with-scale：满意度应与原评价值和标尺一致',
      en: 'one.yaml:93:23 message evaluation.given: field /content/score breaks rule score-agrees-with-scale: the score must agree with the original value and its scale',
    },
  },
  {
    name: 'a score that was not turned round for the other scale',
    stream: 'PJ',
    record: { MYD: '1', YZ: '1', BC: 'gd' },
    expect: {
      code: 'MESSAGE_INVARIANT_BROKEN',
      zh: 'one.yaml:93:23 消息 evaluation.given 的字段 /content/score 违反业务规则 score-agrees-with-scale：满意度应与原评价值和标尺一致',
      en: 'one.yaml:93:23 message evaluation.given: field /content/score breaks rule score-agrees-with-scale: the score must agree with the original value and its scale',
    },
  },
  {
    name: 'voided without saying in which way',
    stream: 'ZF',
    record: { FS: undefined },
    expect: {
      code: 'MESSAGE_INVALID',
      zh: 'one.yaml:96:22 消息 case.voided 的字段 /content/kind 不合规范：缺少此项',
      en: 'one.yaml:96:22 message case.voided: field /content/kind breaks its schema: it is missing',
    },
  },
  {
    name: 'a collector of whom nothing is known but a type of document that is a placeholder',
    stream: 'LQ',
    record: { ZJLX: '无' },
    expect: {
      flags: [{ path: '/content/collector/idType', code: 'placeholder', found: '无' }],
      sent: { '/content/collector/idType': null },
    },
  },
  {
    name: 'collected without a time',
    stream: 'LQ',
    record: { SJ: '' },
    expect: {
      code: 'MESSAGE_INVALID',
      zh: 'one.yaml:90:29 消息 result.collected 的字段 /content/collectedAt 不合规范：缺少此项',
      en: 'one.yaml:90:29 message result.collected: field /content/collectedAt breaks its schema: it is missing',
    },
  },
])
