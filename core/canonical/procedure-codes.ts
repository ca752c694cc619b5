/** The words of the approval procedure: parties, stages, decisions, outcomes. */
export const procedureCodes = {
  outcome: {
    title: { zh: '办结结果', en: 'Outcome of a case' },
    values: {
      granted: { zh: '准予（出证）', en: 'granted, with a document' },
      granted_without_document: { zh: '准予（无证照批文）', en: 'granted, without a document' },
      denied: { zh: '不予许可', en: 'denied' },
      refused_acceptance: { zh: '不予受理', en: 'acceptance refused' },
      returned_prereview: { zh: '预审退回', en: 'returned at preliminary review' },
      returned_no_supplement: { zh: '补正不来退件', en: 'returned, supplement never came' },
      withdrawn: { zh: '申请人撤回', en: 'withdrawn by the applicant' },
      forwarded: { zh: '转报办结', en: 'forwarded to a higher authority' },
      voided: { zh: '作废', en: 'voided' },
      deleted_technical: { zh: '技术性删除', en: 'deleted for a technical reason' },
      terminated: { zh: '终止', en: 'terminated' },
      unknown_legacy: { zh: '原系统结果含义不明', en: 'meaning of the legacy code is not known' },
    },
  },
  applicantKind: {
    title: { zh: '申请人类型', en: 'Kind of applicant' },
    values: {
      natural: { zh: '自然人', en: 'natural person' },
      enterprise: { zh: '企业法人', en: 'enterprise' },
      public_institution: { zh: '事业法人', en: 'public institution' },
      social_organisation: { zh: '社会组织', en: 'social organisation' },
      government: { zh: '行政机关', en: 'government body' },
      other: { zh: '其他', en: 'other' },
    },
  },
  caseKind: {
    title: { zh: '办件类型', en: 'Kind of case' },
    values: {
      instant: { zh: '即办件', en: 'decided on the spot' },
      promise: { zh: '承诺件', en: 'decided within a promised limit' },
      joint: { zh: '联办件', en: 'joint review' },
      upward: { zh: '上报件', en: 'reported to the higher level' },
      notice_commitment: { zh: '告知承诺件', en: 'approved on commitment, paper follows' },
      other: { zh: '其他', en: 'other' },
    },
  },
  channel: {
    title: { zh: '申报来源', en: 'Channel of application' },
    values: {
      window: { zh: '窗口', en: 'service window' },
      online: { zh: '网上（电脑端）', en: 'online' },
      mobile: { zh: '移动端', en: 'mobile' },
      post: { zh: '信函或快递', en: 'post or courier' },
      fax: { zh: '传真', en: 'fax' },
      email: { zh: '电子邮件', en: 'electronic mail' },
      data_exchange: { zh: '电子数据交换', en: 'data exchange' },
      other: { zh: '其他', en: 'other' },
    },
  },
  stage: {
    title: { zh: '审批环节', en: 'Stage' },
    values: {
      reception: { zh: '接收', en: 'reception' },
      acceptance: { zh: '受理', en: 'acceptance' },
      review: { zh: '审核', en: 'review' },
      approval: { zh: '批准', en: 'approval' },
      issuance: { zh: '发证', en: 'issuance' },
    },
  },
  nodeKind: {
    title: { zh: '节点类型', en: 'Kind of node' },
    values: {
      start: { zh: '开始', en: 'start' },
      middle: { zh: '中间', en: 'middle' },
      end: { zh: '结束', en: 'end' },
      sole: { zh: '唯一（开始即结束）', en: 'sole' },
    },
  },
  nodeState: {
    title: { zh: '环节办理状态', en: 'State of a node' },
    values: { pending: { zh: '待办', en: 'pending' }, done: { zh: '已办', en: 'done' } },
  },
  specialKind: {
    title: { zh: '特别程序种类', en: 'Kind of special procedure' },
    values: {
      extension: { zh: '延长审批', en: 'extension' },
      hearing: { zh: '听证', en: 'hearing' },
      publicity: { zh: '公示', en: 'public notice' },
      verification: { zh: '核实', en: 'verification on site' },
      inspection: { zh: '检验', en: 'inspection' },
      testing: { zh: '检测', en: 'testing' },
      quarantine: { zh: '检疫', en: 'quarantine inspection' },
      appraisal: { zh: '鉴定', en: 'appraisal' },
      expert: { zh: '专家评审', en: 'expert review' },
      bidding: { zh: '招标', en: 'bidding' },
      auction: { zh: '拍卖', en: 'auction' },
      suspension: { zh: '挂起', en: 'suspension' },
      other: { zh: '其他', en: 'other' },
    },
  },
  timeUnit: {
    title: { zh: '时限单位', en: 'Unit of a time limit' },
    values: {
      working_day: { zh: '工作日', en: 'working day' },
      calendar_day: { zh: '自然日', en: 'calendar day' },
      hour: { zh: '小时', en: 'hour' },
      minute: { zh: '分钟', en: 'minute' },
      month: { zh: '月', en: 'month' },
    },
  },
  prereviewDecision: {
    title: { zh: '预审结论', en: 'Decision of preliminary review' },
    values: {
      passed: { zh: '预审通过', en: 'passed' },
      returned: { zh: '预审退回', en: 'returned' },
      supplement: { zh: '需补正', en: 'supplement needed' },
    },
  },
  acceptanceDecision: {
    title: { zh: '受理结论', en: 'Decision on acceptance' },
    values: { accepted: { zh: '准予受理', en: 'accepted' }, refused: { zh: '不予受理', en: 'refused' } },
  },
  reviewDecision: {
    title: { zh: '审核结论', en: 'Decision of review' },
    values: {
      agreed: { zh: '同意', en: 'agreed' },
      conditional: { zh: '附条件同意', en: 'agreed with conditions' },
      disagreed: { zh: '不同意', en: 'disagreed' },
      returned: { zh: '退回', en: 'returned to the previous node' },
    },
  },
  approvalDecision: {
    title: { zh: '批准结论', en: 'Decision of approval' },
    values: {
      approved: { zh: '批准', en: 'approved' },
      denied: { zh: '不予批准', en: 'denied' },
      returned: { zh: '退回审核', en: 'returned to review' },
    },
  },
  supplementPhase: {
    title: { zh: '补正阶段', en: 'Phase of a supplement' },
    values: {
      before_acceptance: { zh: '受理前', en: 'before acceptance' },
      after_acceptance: { zh: '受理后', en: 'after acceptance' },
    },
  },
  documentType: {
    title: { zh: '结果文书类型', en: 'Type of result document' },
    values: {
      licence: { zh: '证照', en: 'licence' },
      approval: { zh: '批文', en: 'written approval' },
      other: { zh: '其他', en: 'other' },
      none: { zh: '无', en: 'none' },
    },
  },
  deliveryWay: {
    title: { zh: '送达方式', en: 'Way of delivery' },
    values: {
      window: { zh: '窗口领取', en: 'at the window' },
      post: { zh: '邮寄', en: 'by post' },
      e_licence: { zh: '电子证照', en: 'as electronic licence' },
      other: { zh: '其他', en: 'other' },
    },
  },
  jointMode: {
    title: { zh: '联审方式', en: 'Mode of joint review' },
    values: { all: { zh: '全部同意', en: 'all must agree' }, any: { zh: '任一同意', en: 'one is enough' } },
  },
  orgLevel: {
    title: { zh: '机构层级', en: 'Level of an authority' },
    values: {
      nation: { zh: '国家', en: 'nation' },
      province: { zh: '自治区（省）', en: 'autonomous region or province' },
      city: { zh: '市', en: 'city' },
      banner: { zh: '旗县市区', en: 'banner, county or district' },
      sumu: { zh: '苏木乡镇街道', en: 'sumu, township or street' },
      village: { zh: '嘎查村社区', en: 'village or community' },
    },
  },
  limitBasis: {
    title: { zh: '时限依据', en: 'Basis of a time limit' },
    values: {
      statutory: { zh: '法定', en: 'by law' },
      promise: { zh: '承诺', en: 'promised' },
      stage: { zh: '环节', en: 'of the stage' },
    },
  },
  voidKind: {
    title: { zh: '作废方式', en: 'Kind of voiding' },
    values: {
      void: { zh: '作废', en: 'void' },
      delete_technical: { zh: '技术性删除', en: 'deleted for a technical reason' },
    },
  },
} as const
