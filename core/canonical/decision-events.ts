/** Review and approval of an accepted application, with the special procedures that interrupt them. */
import * as part from './entities.ts'
import { define, exampleParts as x } from './event-definition.ts'
import { as, code, entity, moment, text, yesNo } from './fields.ts'

const decidedAt = moment('决定时间', 'When it was decided')

// Strict mode wants each required member declared beside the keyword.
const needs = (name: string) => ({ properties: { [name]: {} }, required: [name] })

export const decisionEvents = {
  'review.step': define({
    title: { zh: '办理步骤', en: 'Review step' },
    description: { zh: '审核过程中的一个环节开始或办完。', en: 'One node of the review has begun or ended.' },
    stage: 'review',
    content: entity(
      {},
      { ...part.handling, decision: code('reviewDecision', '环节结论', 'Decision of the node', { legalFact: true }) },
      { anyOf: [needs('startedAt'), needs('endedAt')] },
    ),
    example: {
      sequence: '2',
      state: 'done',
      occurredAt: '2015-05-08T16:40:00+08:00',
      content: {
        nodeName: '承办',
        nodeKind: 'middle',
        startedAt: '2015-05-08T09:00:00+08:00',
        endedAt: '2015-05-08T16:40:00+08:00',
        stageLimit: { amount: 3, unit: 'working_day', basis: 'stage' },
        actor: x.actor,
        org: x.city,
      },
    },
  }),
  'review.decided': define({
    title: { zh: '审核结论', en: 'Review decided' },
    description: { zh: '审核环节作出结论。', en: 'The review has come to its decision.' },
    stage: 'review',
    content: entity(
      { decision: code('reviewDecision', '审核结论', 'Decision', { legalFact: true }), decidedAt },
      { reason: part.reason, ...part.handling },
    ),
    example: {
      sequence: '3',
      occurredAt: '2015-05-11T10:00:00+08:00',
      content: {
        decision: 'agreed',
        decidedAt: '2015-05-11T10:00:00+08:00',
        opinion: '符合条件，同意',
        actor: x.actor,
        org: x.city,
      },
    },
  }),
  'approval.decided': define({
    title: { zh: '批准决定', en: 'Approval decided' },
    description: { zh: '批准环节作出决定。', en: 'The deciding official has decided.' },
    stage: 'approval',
    content: entity(
      { decision: code('approvalDecision', '批准结论', 'Decision', { legalFact: true }), decidedAt },
      { reason: part.reason, paperObligation: part.caseFacts.paperObligation, ...part.handling },
    ),
    example: {
      sequence: '4',
      occurredAt: '2015-05-12T09:30:00+08:00',
      content: { decision: 'approved', decidedAt: '2015-05-12T09:30:00+08:00', actor: x.actor, org: x.city },
    },
  }),
  'special.started': define({
    title: { zh: '特别程序开始', en: 'Special procedure started' },
    description: {
      zh: '听证、检测、延长审批等特别程序开始；只能来自来源系统。',
      en: 'A hearing, a test, an extension has begun; only a source can say so.',
    },
    stage: 'any',
    content: entity(
      {
        kind: code('specialKind', '特别程序种类', 'Kind of special procedure', { legalFact: true }),
        startedAt: moment('开始时间', 'When it started'),
      },
      {
        original: as('原种类代码', 'Kind as the source wrote it', part.originalCode),
        reason: part.reason,
        legalBasis: text('法律依据', 'Legal basis', 1000, { legalFact: true }),
        approver: as('批准人', 'Official who approved it', part.actor),
        applicantToldAt: moment('告知申请人时间', 'When the applicant was told in writing'),
        grantedLimit: as('特别程序时限', 'Time granted', part.timeLimit),
        countsAgainstLimit: yesNo('是否计入办理时限', 'Whether its time counts against the limit', { legalFact: true }),
        actor: part.handling.actor,
        org: part.handling.org,
        documentNo: part.documentNo,
      },
    ),
    example: {
      sequence: '1',
      occurredAt: '2015-05-08T17:00:00+08:00',
      content: {
        kind: 'expert',
        startedAt: '2015-05-08T17:00:00+08:00',
        reason: '需组织专家评审',
        approver: x.actor,
        grantedLimit: { amount: 5, unit: 'working_day' },
        countsAgainstLimit: false,
      },
    },
  }),
  'special.ended': define({
    title: { zh: '特别程序结束', en: 'Special procedure ended' },
    description: { zh: '同一序号的特别程序结束。', en: 'The special procedure of the same sequence has ended.' },
    stage: 'any',
    content: entity(
      { endedAt: moment('结束时间', 'When it ended') },
      {
        kind: code('specialKind', '特别程序种类', 'Kind of special procedure', { legalFact: true }),
        startedAt: moment('开始时间', 'When it started'),
        result: text('特别程序结果', 'Result', 2000, { legalFact: true, personal: 'free-text' }),
        fee: as('收费', 'Fee', part.fee),
        actor: part.handling.actor,
        org: part.handling.org,
        opinion: part.opinion,
      },
    ),
    example: {
      sequence: '1',
      occurredAt: '2015-05-10T17:00:00+08:00',
      content: { kind: 'expert', endedAt: '2015-05-10T17:00:00+08:00', result: '评审通过', actor: x.actor },
    },
  }),
}
