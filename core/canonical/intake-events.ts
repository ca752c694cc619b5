/** From the arrival of an application to the decision whether it is accepted. */
import * as part from './entities.ts'
import { define, exampleParts as x } from './event-definition.ts'
import { as, code, entity, many, moment, yesNo } from './fields.ts'

const decidedAt = moment('决定时间', 'When it was decided')
const limits = {
  statutoryLimit: part.caseFacts.statutoryLimit,
  promisedLimit: part.caseFacts.promisedLimit,
  promisedDueAt: part.caseFacts.promisedDueAt,
}
const supplementPhase = code('supplementPhase', '补正阶段', 'Before or after acceptance', { legalFact: true })

export const intakeEvents = {
  'application.received': define({
    title: { zh: '申请接收', en: 'Application received' },
    description: { zh: '申请到达受理机关。', en: 'An application has reached the authority.' },
    stage: 'reception',
    content: entity(
      {
        applicant: as('申请人', 'Applicant', part.applicant),
        receivedAt: moment('申请时间：申请到达的时间', 'When the application arrived'),
      },
      { ...part.caseFacts, actor: as('接收人', 'Official who received it', part.actor) },
    ),
    example: {
      occurredAt: '2015-05-04T09:12:00+08:00',
      content: {
        applicant: x.applicant,
        receivedAt: '2015-05-04T09:12:00+08:00',
        kind: 'promise',
        channel: 'online',
        subject: '建设工程施工许可申请',
        contact: x.person,
        receivingOrg: x.city,
        promisedLimit: { amount: 10, unit: 'working_day', basis: 'promise' },
        materials: [{ name: '施工图审查合格书', form: 'electronic', copyKind: 'copy', count: 1 }],
      },
    },
  }),
  'prereview.decided': define({
    title: { zh: '预审结论', en: 'Preliminary review decided' },
    description: {
      zh: '窗口对网上申报材料作出预审结论。',
      en: 'The window has looked at an online application before acceptance.',
    },
    stage: 'reception',
    content: entity(
      { decision: code('prereviewDecision', '预审结论', 'Decision', { legalFact: true }), decidedAt },
      { reason: part.reason, wanted: many('应补材料', 'Materials asked for', part.wanted), ...part.handling },
    ),
    example: {
      occurredAt: '2015-05-04T10:05:00+08:00',
      content: { decision: 'passed', decidedAt: '2015-05-04T10:05:00+08:00', actor: x.actor, org: x.city },
    },
  }),
  'supplement.requested': define({
    title: { zh: '补正告知', en: 'Supplement requested' },
    description: { zh: '一次性告知申请人需要补正的材料。', en: 'The applicant is told, once, what must be supplemented.' },
    stage: 'acceptance',
    content: entity(
      { toldAt: moment('告知时间', 'When the applicant was told') },
      {
        phase: supplementPhase,
        wanted: many('应补材料', 'Materials asked for', part.wanted),
        reason: part.reason,
        dueAt: moment('补正期限', 'When the supplement is due'),
        ...part.handling,
      },
    ),
    example: {
      sequence: '1',
      occurredAt: '2015-05-05T09:00:00+08:00',
      content: {
        toldAt: '2015-05-05T09:00:00+08:00',
        phase: 'before_acceptance',
        wanted: [{ name: '中标通知书', requirement: '提交原件' }],
        dueAt: '2015-05-15',
        actor: x.actor,
        documentNo: '补正〔2015〕1号',
      },
    },
  }),
  'supplement.received': define({
    title: { zh: '补正受理', en: 'Supplement received' },
    description: { zh: '收到申请人补正的材料。', en: 'The applicant has supplemented materials.' },
    stage: 'acceptance',
    content: entity(
      { receivedAt: moment('补正时间', 'When the supplement arrived') },
      {
        phase: supplementPhase,
        materials: many('补正材料', 'Materials received', part.material),
        complete: yesNo('已补齐', 'Nothing is missing any more', { legalFact: true }),
        ...part.handling,
      },
    ),
    example: {
      sequence: '1',
      occurredAt: '2015-05-06T15:30:00+08:00',
      content: {
        receivedAt: '2015-05-06T15:30:00+08:00',
        materials: [{ name: '中标通知书', form: 'paper', copyKind: 'original', count: 1 }],
        complete: true,
        actor: x.actor,
      },
    },
  }),
  'acceptance.decided': define({
    title: { zh: '受理决定', en: 'Acceptance decided' },
    description: { zh: '决定受理或不予受理。', en: 'The application is accepted or refused.' },
    stage: 'acceptance',
    content: entity(
      { decision: code('acceptanceDecision', '受理结论', 'Decision', { legalFact: true }), decidedAt },
      { reason: part.reason, materials: many('受理材料', 'Materials', part.material), ...limits, ...part.handling },
    ),
    example: {
      occurredAt: '2015-05-07T11:20:00+08:00',
      content: {
        decision: 'accepted',
        decidedAt: '2015-05-07T11:20:00+08:00',
        promisedDueAt: '2015-05-21',
        documentNo: '受理〔2015〕1号',
        actor: x.actor,
        org: x.city,
        materials: [{ name: '施工图审查合格书', verifiedAgainstPaper: true }],
        evidence: [{ purpose: 'acceptance', form: 'ses', verdict: 'not_checked' }],
      },
    },
  }),
}
