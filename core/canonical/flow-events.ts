/** What passes between authorities: joint review, reports to the higher level, paper that follows, and the platform's own words. */
import * as part from './entities.ts'
import { define, exampleParts as x } from './event-definition.ts'
import { as, code, entity, many, moment, shaped, text, whole, yesNo } from './fields.ts'

const { actor, org, opinion, evidence, documentNo } = part.handling
const { materials, project, subject, statutoryLimit } = part.caseFacts
const decision = code('reviewDecision', '意见结论', 'Decision', { legalFact: true })
const originOrg = as('初审机构：旗县', 'Authority that forwarded it', part.org)
const reviewerOrg = as('审核机构：市级', 'Authority that reviews it', part.org)

export const flowEvents = {
  'joint.notice': define({
    title: { zh: '联审通知', en: 'Joint review notice' },
    description: {
      zh: '联合受理窗口通知一个部门参加联审，每个部门一条。',
      en: 'The joint window asks one department for its opinion; one message each.',
    },
    stage: 'review',
    content: entity(
      { org: as('联审部门', 'Department asked', part.org), noticedAt: moment('通知时间', 'When it was asked') },
      {
        dueAt: moment('反馈期限', 'When its opinion is due'),
        mode: code('jointMode', '联审方式', 'Mode of joint review'),
        leadOrg: as('牵头机构', 'Lead authority', part.org),
        applicant: as('申请人', 'Applicant', part.applicant),
        subject,
        project,
        materials,
        statutoryLimit,
        actor,
        documentNo,
      },
    ),
    example: {
      sequence: '1',
      occurredAt: '2015-06-01T09:00:00+08:00',
      content: {
        org: x.city,
        noticedAt: '2015-06-01T09:00:00+08:00',
        dueAt: '2015-06-08',
        mode: 'all',
        applicant: x.applicant,
        project: { code: '2015-150900-47-01-000001', name: '示例厂房项目' },
        statutoryLimit: { amount: 45, unit: 'working_day', basis: 'statutory' },
      },
    },
  }),
  'joint.opinion': define({
    title: { zh: '联审意见', en: 'Joint review opinion' },
    description: { zh: '一个部门对联审给出明确意见。', en: 'One department gives its explicit opinion.' },
    stage: 'review',
    content: entity(
      { org: as('联审部门', 'Department that answers', part.org), decision, givenAt: moment('反馈时间', 'When it was given') },
      { opinion, reason: part.reason, actor, documentNo, evidence },
    ),
    example: {
      sequence: '1',
      occurredAt: '2015-06-05T16:00:00+08:00',
      content: { org: x.city, decision: 'agreed', givenAt: '2015-06-05T16:00:00+08:00', opinion: '同意', actor: x.actor },
    },
  }),
  'joint.summarised': define({
    title: { zh: '联审汇总', en: 'Joint review summarised' },
    description: { zh: '联合受理窗口汇总各部门意见。', en: 'The joint window has drawn the opinions together.' },
    stage: 'review',
    content: entity(
      { decision, summarisedAt: moment('汇总时间', 'When it was summarised') },
      {
        participants: many('联审部门', 'Departments taking part', part.participant),
        opinion,
        reason: part.reason,
        actor,
        org,
        documentNo,
        evidence,
      },
    ),
    example: {
      occurredAt: '2015-06-09T10:00:00+08:00',
      content: {
        decision: 'agreed',
        summarisedAt: '2015-06-09T10:00:00+08:00',
        participants: [
          { org: x.city, decision: 'agreed', givenAt: '2015-06-05T16:00:00+08:00' },
          { org: x.banner, timedOut: true },
        ],
        actor: x.actor,
      },
    },
  }),
  'upward.forwarded': define({
    title: { zh: '上报', en: 'Forwarded upward' },
    description: { zh: '旗县窗口初审后将办件上报市级窗口。', en: 'A banner has reviewed a case and forwards it to the city.' },
    stage: 'review',
    content: entity(
      { forwardedAt: moment('上报时间', 'When it was forwarded') },
      {
        originOrg,
        reviewerOrg,
        materials,
        paperFollows: yesNo('纸质材料另行送交', 'The paper is carried separately', { legalFact: true }),
        dueAt: moment('审核期限', 'When the answer is due'),
        opinion,
        actor,
        documentNo,
        evidence,
      },
    ),
    example: {
      occurredAt: '2015-07-02T09:00:00+08:00',
      content: {
        forwardedAt: '2015-07-02T09:00:00+08:00',
        originOrg: x.banner,
        reviewerOrg: x.city,
        paperFollows: true,
        actor: x.actor,
      },
    },
  }),
  'upward.returned': define({
    title: { zh: '上报件反馈', en: 'Returned from above' },
    description: {
      zh: '市级审核意见反馈旗县，由旗县出具结果。',
      en: 'The city has decided; the banner that forwarded the case issues the result.',
    },
    stage: 'approval',
    content: entity(
      { decision, returnedAt: moment('反馈时间', 'When it was returned') },
      {
        originOrg,
        reviewerOrg,
        issuingOrg: as('出证机构：即初审机构', 'Authority that issues: the one that forwarded', part.org),
        opinion,
        reason: part.reason,
        actor,
        documentNo,
        evidence,
      },
    ),
    example: {
      occurredAt: '2015-07-06T15:00:00+08:00',
      content: {
        decision: 'agreed',
        returnedAt: '2015-07-06T15:00:00+08:00',
        originOrg: x.banner,
        reviewerOrg: x.city,
        issuingOrg: x.banner,
        actor: x.actor,
      },
    },
  }),
  'paper.filed': define({
    title: { zh: '纸质材料归档', en: 'Paper filed' },
    description: { zh: '告知承诺或上报件的纸质材料送达归档。', en: 'The paper that was owed after the decision has been filed.' },
    stage: 'any',
    content: entity(
      { filedAt: moment('归档时间', 'When it was filed') },
      { materials, complete: yesNo('已全部送达', 'Nothing is owed any more', { legalFact: true }), actor, org },
    ),
    example: {
      occurredAt: '2015-07-20T10:00:00+08:00',
      content: {
        filedAt: '2015-07-20T10:00:00+08:00',
        complete: true,
        materials: [{ name: '申请书', form: 'paper', verifiedAgainstPaper: true }],
      },
    },
  }),
  'data.rejected_by_platform': define({
    title: { zh: '平台退回数据', en: 'Data rejected by the platform' },
    description: {
      zh: '上级平台质检不通过而退回的数据，由来源系统的反馈表读出。',
      en: 'A higher platform has refused data; read from the answer tables of the source.',
    },
    stage: 'any',
    content: entity(
      {
        rejectedAt: moment('退回时间', 'When it was rejected'),
        errorText: text('错误信息', 'Error as written by the platform', 4000, { legalFact: true, personal: 'free-text' }),
      },
      {
        errorCode: text('错误代码', 'Error code', 100, { legalFact: true }),
        batchNo: text('批次号', 'Batch number', 100, { legalFact: true }),
        table: text('数据表', 'Table that was refused', 100),
        field: text('字段', 'Field that was refused', 100),
        messageId: text('消息编号', 'Message that was refused', 255),
      },
    ),
    example: {
      sequence: 'B20150508-1',
      occurredAt: '2015-05-08T02:00:00+08:00',
      content: {
        rejectedAt: '2015-05-08T02:00:00+08:00',
        errorText: '事项编码不存在',
        batchNo: 'B20150508',
        table: 'up_pro_accept',
      },
    },
  }),
  'supervision.alert': define({
    title: { zh: '监察预警', en: 'Supervision alert' },
    description: {
      zh: '电子监察对超时、无理由不予受理等情形发出提醒、黄牌或红牌。',
      en: 'Electronic supervision reminds or warns: over time, refusal without reason and the like.',
    },
    stage: 'any',
    content: entity(
      {
        ruleNo: text('监察规则编号', 'Number of the rule (GB/T 39046: an..20)', 20, { legalFact: true }),
        colour: code('alertColour', '预警级别', 'Colour', { legalFact: true }),
        raisedAt: moment('预警时间', 'When it was raised'),
      },
      {
        alertNo: text('监察编号', 'Number of the alert (GB/T 39046: an..20)', 20, { legalFact: true }),
        scope: code('alertScope', '监察范围', 'Scope'),
        stage: code('stage', '预警环节', 'Stage concerned'),
        description: text('监察结果描述', 'Description', 1000, { personal: 'free-text' }),
        org: as('责任部门', 'Department responsible', part.org),
        limit: as('适用时限', 'Limit that applies', part.timeLimit),
        usedPercent: whole('已用时限百分比', 'Share of the limit used, in percent', 0, 100000),
        calendarVersion: text('工作日历版本', 'Version of the working calendar', 50),
        catalogueVersion: whole('事项目录版本', 'Version of the item catalogue', 1, Number.MAX_SAFE_INTEGER),
        rulesVersion: text('监察规则版本', 'Version of the rules', 50),
        basis: shaped(
          '依据消息：其编号，1 到 255 个非空白字符',
          'Message it is based on: its id, 1 to 255 characters, no blanks',
          '^\\S{1,255}$',
        ),
        handledAt: moment('处理时间', 'When it was handled'),
        handling: text('处理情况', 'How it was handled', 1000, { personal: 'free-text', legalFact: true }),
      },
    ),
    example: {
      sequence: 'J2015-0001',
      occurredAt: '2015-05-20T08:00:00+08:00',
      content: {
        ruleNo: 'CS-90',
        colour: 'yellow',
        raisedAt: '2015-05-20T08:00:00+08:00',
        scope: 'case',
        usedPercent: 90,
        calendarVersion: '2015-1',
        org: x.city,
      },
    },
  }),
}
