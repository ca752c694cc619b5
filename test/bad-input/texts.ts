import { recordFamily } from './records.ts'

/** Text that is well-formed JSON and yet was damaged, or is doubtful, before it came. */
export const texts = recordFamily('texts', [
  {
    name: '锟斤拷 in a name',
    record: { SQRMC: '锟斤拷锟斤拷公司' },
    expect: {
      code: 'TEXT_DAMAGED',
      zh: 'one.yaml:28:15 字段 /content/applicant/name 的文字已损坏：含“锟斤拷”“烫烫烫”等：丢失的字符又被误解码',
      en: 'one.yaml:28:15 the text of field /content/applicant/name is damaged: holds "锟斤拷", "烫烫烫" or the like: lost characters were decoded once more',
    },
  },
  {
    name: 'half of 锟斤拷, cut by the length of the column',
    record: { SQRMC: '示例公司斤拷' },
    expect: {
      code: 'TEXT_DAMAGED',
      zh: 'one.yaml:28:15 字段 /content/applicant/name 的文字已损坏：含“锟斤拷”“烫烫烫”等：丢失的字符又被误解码',
      en: 'one.yaml:28:15 the text of field /content/applicant/name is damaged: holds "锟斤拷", "烫烫烫" or the like: lost characters were decoded once more',
    },
  },
  {
    name: '烫烫烫 of memory that was never filled',
    record: { SQRMC: '烫烫烫烫' },
    expect: {
      code: 'TEXT_DAMAGED',
      zh: 'one.yaml:28:15 字段 /content/applicant/name 的文字已损坏：含“锟斤拷”“烫烫烫”等：丢失的字符又被误解码',
      en: 'one.yaml:28:15 the text of field /content/applicant/name is damaged: holds "锟斤拷", "烫烫烫" or the like: lost characters were decoded once more',
    },
  },
  {
    name: '屯屯屯 in an opinion',
    stream: 'HJ',
    record: { YJ: '同意屯屯屯' },
    expect: {
      code: 'TEXT_DAMAGED',
      zh: 'one.yaml:50:131 字段 /content/opinion 的文字已损坏：含“锟斤拷”“烫烫烫”等：丢失的字符又被误解码',
      en: 'one.yaml:50:131 the text of field /content/opinion is damaged: holds "锟斤拷", "烫烫烫" or the like: lost characters were decoded once more',
    },
  },
  {
    name: 'the replacement character in a name',
    record: { SQRMC: '王\ufffd' },
    expect: {
      code: 'TEXT_DAMAGED',
      zh: 'one.yaml:28:15 字段 /content/applicant/name 的文字已损坏：含替换字符 U+FFFD：原文的字符已丢失',
      en: 'one.yaml:28:15 the text of field /content/applicant/name is damaged: holds U+FFFD: a character was lost before it came here',
    },
  },
  {
    name: 'UTF-8 read as Latin-1',
    record: { SQRMC: 'ä¸\u00adå›½' },
    expect: {
      code: 'TEXT_DAMAGED',
      zh: 'one.yaml:28:15 字段 /content/applicant/name 的文字已损坏：UTF-8 被当作 Latin-1 解码',
      en: 'one.yaml:28:15 the text of field /content/applicant/name is damaged: UTF-8 was decoded as Latin-1',
    },
  },
  {
    name: 'UTF-8 read as Windows-1252, in a material',
    record: { CL: [{ MC: 'ç”³è¯·ä¹¦' }] },
    expect: {
      code: 'TEXT_DAMAGED',
      zh: 'one.yaml:39:46 字段 /content/materials/0/name（第几项按来源从 0 数） 的文字已损坏：UTF-8 被当作 Latin-1 解码',
      en: 'one.yaml:39:46 the text of field /content/materials/0/name (entries counted from 0, as in the source) is damaged: UTF-8 was decoded as Latin-1',
    },
  },
  {
    name: 'GBK read as Latin-1',
    record: { SQRMC: 'ÖÐ»ªÈËÃñ¹«Ë¾' },
    expect: {
      code: 'TEXT_DAMAGED',
      zh: 'one.yaml:28:15 字段 /content/applicant/name 的文字已损坏：GBK 被当作 Latin-1 解码',
      en: 'one.yaml:28:15 the text of field /content/applicant/name is damaged: GBK was decoded as Latin-1',
    },
  },
  {
    name: 'UTF-8 read as GBK',
    record: { SQRMC: '鐢宠浜哄悕绉' },
    expect: {
      code: 'TEXT_DAMAGED',
      zh: 'one.yaml:28:15 字段 /content/applicant/name 的文字已损坏：UTF-8 被当作 GBK 解码',
      en: 'one.yaml:28:15 the text of field /content/applicant/name is damaged: UTF-8 was decoded as GBK',
    },
  },
  {
    name: 'UTF-8 read as GBK, in the reason of a refusal',
    stream: 'SL',
    record: { ZT: '2', BSLYY: '鏉愭枡涓嶉綈鍏' },
    expect: {
      code: 'TEXT_DAMAGED',
      zh: 'one.yaml:43:117 字段 /content/reason 的文字已损坏：UTF-8 被当作 GBK 解码',
      en: 'one.yaml:43:117 the text of field /content/reason is damaged: UTF-8 was decoded as GBK',
    },
  },
  {
    name: 'a character that only the fonts of the source know',
    record: { SQRMC: '王\ue863' },
    expect: {
      flags: [{ path: '/content/applicant/name', code: 'suspect', rule: 'private-use' }],
      sent: { '/content/applicant/name': '王' },
    },
  },
  {
    name: 'a private-use character of plane 15',
    record: { SQRMC: '王\u{f0000}' },
    expect: {
      flags: [{ path: '/content/applicant/name', code: 'suspect', rule: 'private-use' }],
      sent: { '/content/applicant/name': '王󰀀' },
    },
  },
  {
    name: 'a blank of no width',
    record: { SQRMC: '云\u200b山' },
    expect: {
      flags: [{ path: '/content/applicant/name', code: 'suspect', rule: 'invisible' }],
      sent: { '/content/applicant/name': '云​山' },
    },
  },
  {
    name: 'a byte order mark inside a text',
    record: { SQRMC: '云\ufeff山' },
    expect: {
      flags: [{ path: '/content/applicant/name', code: 'suspect', rule: 'invisible' }],
      sent: { '/content/applicant/name': '云﻿山' },
    },
  },
  {
    name: 'a mark that turns the direction of writing',
    record: { SQRMC: '甲\u202e乙' },
    expect: {
      flags: [{ path: '/content/applicant/name', code: 'suspect', rule: 'invisible' }],
      sent: { '/content/applicant/name': '甲‮乙' },
    },
  },
  {
    name: 'a NUL inside a text',
    record: { SQRMC: '甲\u0000乙' },
    expect: {
      flags: [{ path: '/content/applicant/name', code: 'suspect', rule: 'invisible' }],
      sent: { '/content/applicant/name': '甲\u0000乙' },
    },
  },
  {
    name: 'a vertical tab of an old editor',
    stream: 'HJ',
    record: { YJ: '同意\u000b请核' },
    expect: {
      flags: [{ path: '/content/opinion', code: 'suspect', rule: 'invisible' }],
      sent: { '/content/opinion': '同意\u000b请核' },
    },
  },
  {
    name: 'a delete character',
    record: { SQRMC: '甲\u007f' },
    expect: {
      flags: [{ path: '/content/applicant/name', code: 'suspect', rule: 'invisible' }],
      sent: { '/content/applicant/name': '甲' },
    },
  },
  {
    name: 'escaped twice: an ampersand',
    record: { SQRMC: '甲&amp;乙公司' },
    expect: {
      flags: [{ path: '/content/applicant/name', code: 'suspect', rule: 'escaped-twice' }],
      sent: { '/content/applicant/name': '甲&amp;乙公司' },
    },
  },
  {
    name: 'escaped twice: a tag',
    stream: 'HJ',
    record: { YJ: '&lt;p&gt;同意&lt;/p&gt;' },
    expect: {
      flags: [{ path: '/content/opinion', code: 'suspect', rule: 'escaped-twice' }],
      sent: { '/content/opinion': '&lt;p&gt;同意&lt;/p&gt;' },
    },
  },
  {
    name: 'escaped twice: numbers of characters',
    record: { SQRMC: '&#30002;&#20057;' },
    expect: {
      flags: [{ path: '/content/applicant/name', code: 'suspect', rule: 'escaped-twice' }],
      sent: { '/content/applicant/name': '&#30002;&#20057;' },
    },
  },
  {
    name: 'the middle dot of a strict GB 2312 decoder',
    record: { SQRMC: '巴特尔・额尔敦' },
    expect: {
      flags: [{ path: '/content/applicant/name', code: 'suspect', rule: 'other-middle-dot' }],
      sent: { '/content/applicant/name': '巴特尔・额尔敦' },
    },
  },
  {
    name: 'a bullet for the middle dot',
    record: { SQRMC: '巴特尔•额尔敦' },
    expect: {
      flags: [{ path: '/content/applicant/name', code: 'suspect', rule: 'other-middle-dot' }],
      sent: { '/content/applicant/name': '巴特尔•额尔敦' },
    },
  },
  {
    name: 'a hyphenation point for the middle dot',
    record: { SQRMC: '巴特尔‧额尔敦' },
    expect: {
      flags: [{ path: '/content/applicant/name', code: 'suspect', rule: 'other-middle-dot' }],
      sent: { '/content/applicant/name': '巴特尔‧额尔敦' },
    },
  },
  {
    name: 'half of a surrogate pair',
    body: '{"SBLSH":"B","SBSJ":"20260302","SQRMC":"王\\ud842","SQRLX":"1"}',
    expect: {
      code: 'MESSAGE_INVALID',
      zh: 'one.yaml:28:15 消息 application.received 的字段 /content/applicant/name 不合规范：含有不成对的代理字符或其他不能表示的内容',
      en: 'one.yaml:28:15 message application.received: field /content/applicant/name breaks its schema: it holds half of a surrogate pair, or what JSON cannot say',
    },
  },
  {
    name: 'the second half of a surrogate pair alone',
    body: '{"SBLSH":"B","SBSJ":"20260302","SQRMC":"\\udfb7","SQRLX":"1"}',
    expect: {
      code: 'MESSAGE_INVALID',
      zh: 'one.yaml:28:15 消息 application.received 的字段 /content/applicant/name 不合规范：含有不成对的代理字符或其他不能表示的内容',
      en: 'one.yaml:28:15 message application.received: field /content/applicant/name breaks its schema: it holds half of a surrogate pair, or what JSON cannot say',
    },
  },
  {
    name: 'half of a surrogate pair in the case number',
    body: '{"SBLSH":"B\\ud842","SBSJ":"20260302","SQRMC":"甲","SQRLX":"1"}',
    expect: {
      code: 'MESSAGE_INVALID',
      zh: 'one.yaml:18:23 消息 application.received 的字段 /case/sourceCaseNo 不合规范：含有不成对的代理字符或其他不能表示的内容',
      en: 'one.yaml:18:23 message application.received: field /case/sourceCaseNo breaks its schema: it holds half of a surrogate pair, or what JSON cannot say',
      ofCase: 'B\ufffd',
    },
  },
  {
    name: 'two kinds of doubt in one name',
    record: { SQRMC: '巴特尔•额尔敦\ue000' },
    expect: {
      flags: [
        { path: '/content/applicant/name', code: 'suspect', rule: 'private-use' },
        { path: '/content/applicant/name', code: 'suspect', rule: 'other-middle-dot' },
      ],
      sent: { '/content/applicant/name': '巴特尔•额尔敦' },
    },
  },
  {
    name: 'doubt in two fields',
    record: { SQRMC: '甲&amp;乙', LXRXM: '丙\u200b' },
    expect: {
      flags: [
        { path: '/content/applicant/name', code: 'suspect', rule: 'escaped-twice' },
        { path: '/content/contact/name', code: 'suspect', rule: 'invisible' },
      ],
      sent: { '/content/applicant/name': '甲&amp;乙', '/content/contact/name': '丙​' },
    },
  },
])
