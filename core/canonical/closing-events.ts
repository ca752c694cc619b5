/** The end of a case, what follows it, and the corrections that may come at any time. */
import * as part from './entities.ts'
import { define, exampleParts as x } from './event-definition.ts'
import { as, code, entity, moment, text, whole } from './fields.ts'

export const closingEvents = {
  'case.closed': define({
    title: { zh: '办结', en: 'Case closed' },
    description: { zh: '办件以一个结果办结。', en: 'The case has ended with an outcome.' },
    stage: 'issuance',
    content: entity(
      {
        outcome: code('outcome', '办结结果', 'Outcome', { legalFact: true }),
        decidedAt: moment('办结时间', 'When it was closed'),
      },
      {
        original: as('原结果代码', 'Outcome as the source wrote it', part.originalCode),
        reason: part.reason,
        description: text('结果描述', 'Description of the result', 2000, { personal: 'free-text', legalFact: true }),
        document: as('结果文书', 'Result document', part.resultDocument),
        fee: as('收费', 'Fee', part.fee),
        delivery: as('送达', 'Delivery', part.delivery),
        paperObligation: part.caseFacts.paperObligation,
        actor: part.handling.actor,
        org: part.handling.org,
        documentNo: part.documentNo,
        evidence: part.handling.evidence,
      },
    ),
    example: {
      occurredAt: '2015-05-12T10:00:00+08:00',
      content: {
        outcome: 'granted',
        decidedAt: '2015-05-12T10:00:00+08:00',
        document: {
          type: 'licence',
          name: '建筑工程施工许可证',
          number: '示例证〔2015〕0001',
          issuer: x.city,
          validFrom: '2015-05-12',
          validTo: '2018-05-11',
        },
        fee: { charged: false },
        actor: x.actor,
        org: x.city,
      },
    },
  }),
  'result.collected': define({
    title: { zh: '结果领取', en: 'Result collected' },
    description: { zh: '申请人领取或收到结果文书。', en: 'The applicant has the result in hand.' },
    stage: 'issuance',
    content: entity(
      { collectedAt: moment('领取时间', 'When it was collected') },
      {
        way: code('deliveryWay', '领取方式', 'Way of collection', { legalFact: true }),
        collector: as('领取人', 'Who collected it', part.person),
        documentNumber: text('证照编号', 'Number of the document', 50, { legalFact: true }),
        actor: part.handling.actor,
        org: part.handling.org,
      },
    ),
    example: {
      occurredAt: '2015-05-13T09:00:00+08:00',
      content: { collectedAt: '2015-05-13T09:00:00+08:00', way: 'window', collector: x.person, actor: x.actor },
    },
  }),
  'evaluation.given': define({
    title: { zh: '满意度评价', en: 'Evaluation given' },
    description: {
      zh: '申请人评价。原标尺不同的一律换算为 1 非常满意至 5 非常不满意。',
      en: 'The applicant rates the service, on the one scale 1 (best) to 5 (worst).',
    },
    stage: 'any',
    content: entity(
      {
        score: whole(
          '满意度：1 非常满意至 5 非常不满意',
          'Score, 1 very satisfied to 5 very dissatisfied (GB/T 39046 A.8)',
          1,
          5,
          { legalFact: true },
        ),
      },
      {
        givenAt: moment('评价时间', 'When it was given'),
        originalValue: text('原评价值', 'Value as the source wrote it', 50),
        originalScale: code('evaluationScale', '原评价标尺', 'Scale of the original value'),
        comment: text('评价内容', 'Comment', 2000, { personal: 'free-text', legalFact: true }),
      },
    ),
    example: {
      occurredAt: '2015-05-13T09:05:00+08:00',
      content: { score: 1, givenAt: '2015-05-13T09:05:00+08:00', originalValue: '5', originalScale: 'five_best' },
    },
  }),
  'case.amended': define({
    title: { zh: '办件信息更正', en: 'Case amended' },
    description: {
      zh: '更正办件基本信息；给出的字段替换原值，未给出的不变。',
      en: 'Corrects facts of the case: what is given replaces, what is absent stays.',
    },
    stage: 'any',
    content: entity(
      { amendedAt: moment('更正时间', 'When it was amended') },
      {
        ...part.caseFacts,
        applicant: as('申请人', 'Applicant', part.applicant),
        reason: part.reason,
        actor: part.handling.actor,
        org: part.handling.org,
      },
      { minProperties: 2 },
    ),
    example: {
      sequence: '1',
      occurredAt: '2015-05-08T08:30:00+08:00',
      content: {
        amendedAt: '2015-05-08T08:30:00+08:00',
        subject: '建设工程施工许可申请（二期）',
        reason: '项目名称更正',
        actor: x.actor,
      },
    },
  }),
  'case.voided': define({
    title: { zh: '办件作废', en: 'Case voided' },
    description: {
      zh: '办件作废，或因技术原因删除；历史数据保留。',
      en: 'The case is void, or deleted for a technical reason; its history stays.',
    },
    stage: 'any',
    content: entity(
      { kind: code('voidKind', '作废方式', 'Kind of voiding', { legalFact: true }) },
      {
        voidedAt: moment('作废时间', 'When it was voided'),
        reason: part.reason,
        actor: part.handling.actor,
        org: part.handling.org,
      },
    ),
    example: {
      occurredAt: '2015-05-09T09:00:00+08:00',
      content: { kind: 'void', voidedAt: '2015-05-09T09:00:00+08:00', reason: '重复申报', actor: x.actor },
    },
  }),
}
