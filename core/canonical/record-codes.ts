/** The words of what is kept about a procedure: documents, seals, ratings, alerts, and the message itself. */
export const recordCodes = {
  materialForm: {
    title: { zh: '材料形式', en: 'Form of a material' },
    values: {
      paper: { zh: '纸质', en: 'paper' },
      electronic: { zh: '电子', en: 'electronic' },
      licence_library: { zh: '证照库引用', en: 'taken from the licence library' },
      shared_data: { zh: '数据共享', en: 'shared data' },
      other: { zh: '其他', en: 'other' },
    },
  },
  copyKind: {
    title: { zh: '材料原件类型', en: 'Original or copy' },
    values: {
      original: { zh: '原件', en: 'original' },
      copy: { zh: '复印件', en: 'copy' },
      e_original: { zh: '电子件', en: 'electronic original' },
    },
  },
  idType: {
    title: { zh: '证件类型', en: 'Type of identity document' },
    values: {
      citizen_id: { zh: '居民身份证', en: 'citizen identity card' },
      temporary_citizen_id: { zh: '临时居民身份证', en: 'temporary identity card' },
      household_register: { zh: '户口簿', en: 'household register' },
      military_id: { zh: '军人证件', en: 'military identity document' },
      passport: { zh: '护照', en: 'passport' },
      hk_macao_permit: { zh: '港澳居民来往内地通行证', en: 'mainland travel permit, Hong Kong and Macao' },
      taiwan_permit: { zh: '台湾居民来往大陆通行证', en: 'mainland travel permit, Taiwan' },
      hk_macao_taiwan_residence: { zh: '港澳台居民居住证', en: 'residence permit, Hong Kong, Macao, Taiwan' },
      foreigner_residence: { zh: '外国人永久居留身份证', en: 'permanent residence card of foreigners' },
      unified_social_credit_code: { zh: '统一社会信用代码', en: 'unified social credit code' },
      organisation_code: { zh: '组织机构代码', en: 'organisation code' },
      business_licence: { zh: '营业执照注册号', en: 'business licence number' },
      other: { zh: '其他', en: 'other' },
    },
  },
  timePrecision: {
    title: { zh: '时间精度', en: 'Precision of a time' },
    values: {
      hour: { zh: '到时：分、秒未给出', en: 'to the hour: no minutes or seconds were given' },
      minute: { zh: '到分：秒未给出', en: 'to the minute: no seconds were given' },
    },
  },
  evaluationScale: {
    title: { zh: '原评价标尺', en: 'Original evaluation scale' },
    values: {
      one_best: { zh: '五级，1 为非常满意', en: 'five grades, 1 is best (GB/T 39046)' },
      five_best: { zh: '五级，5 为非常满意', en: 'five grades, 5 is best' },
      other: { zh: '其他标尺', en: 'another scale' },
    },
  },
  sealPurpose: {
    title: { zh: '签章用途', en: 'Purpose of a seal' },
    values: {
      acceptance: { zh: '受理文书', en: 'acceptance notice' },
      opinion: { zh: '审核意见', en: 'review opinion' },
      output: { zh: '结果文书', en: 'output document' },
    },
  },
  sealForm: {
    title: { zh: '签章数据形式', en: 'Form of a seal' },
    values: {
      der: { zh: 'DER 签名值', en: 'DER signature' },
      raw: { zh: '裸签名值', en: 'raw signature' },
      signed_data: { zh: 'SignedData', en: 'SignedData' },
      ses: { zh: '电子签章（GB/T 38540）', en: 'electronic seal (GB/T 38540)' },
    },
  },
  sealVerdict: {
    title: { zh: '签章核验结论', en: 'Verdict on a seal' },
    values: {
      valid: { zh: '有效', en: 'valid' },
      invalid: { zh: '无效', en: 'invalid' },
      not_checked: { zh: '未核验', en: 'not checked' },
    },
  },
  alertColour: {
    title: { zh: '监察预警级别', en: 'Colour of an alert' },
    values: {
      reminder: { zh: '提醒', en: 'reminder' },
      yellow: { zh: '黄牌', en: 'yellow' },
      red: { zh: '红牌', en: 'red' },
    },
  },
  alertScope: {
    title: { zh: '监察范围', en: 'Scope of an alert' },
    values: { case: { zh: '整件', en: 'whole case' }, stage: { zh: '单个环节', en: 'one stage' } },
  },
  operation: {
    title: { zh: '数据操作', en: 'Operation' },
    values: {
      create: { zh: '首次报送', en: 'first report' },
      amend: { zh: '更正重报', en: 'report that replaces the previous' },
      void: { zh: '作废', en: 'void' },
      delete_technical: { zh: '技术性删除', en: 'deleted for a technical reason' },
    },
  },
  dataVersionOrigin: {
    title: { zh: '数据版本来源', en: 'Origin of the data version' },
    values: {
      source: { zh: '来源系统给出', en: 'given by the source' },
      derived: { zh: '网关按内容变化计数', en: 'counted by the gateway' },
    },
  },
  flagCode: {
    title: { zh: '数据质量标记', en: 'Data quality flag' },
    values: {
      placeholder: { zh: '占位值（如“无”），按缺失处理', en: 'placeholder, treated as absent' },
      missing: { zh: '应有而缺失', en: 'expected but absent' },
      invalid: { zh: '校验不通过', en: 'fails its check' },
      unmapped: { zh: '代码未对应', en: 'code without counterpart' },
      truncated: { zh: '超长截断', en: 'cut to length' },
      suspect: { zh: '可疑', en: 'suspect' },
      invariant: { zh: '违反业务规则', en: 'breaks a rule of the domain' },
    },
  },
} as const
