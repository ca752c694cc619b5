import { recordFamily } from './records.ts'

/** Numbers that are words, overflow, or lack what they count. */
export const numbers = recordFamily('numbers', [
  {
    name: 'a telephone number without a digit',
    record: { SQRSJ: '13800138' },
    expect: {
      code: 'VALUE_INVALID',
      zh: 'one.yaml:32:17 字段 /content/applicant/mobile：值“13*****8”不合要求，应为：符合 1\\d{10}',
      en: 'one.yaml:32:17 field /content/applicant/mobile: the value "13*****8" is not like 1\\d{10}',
    },
  },
  {
    name: 'two telephone numbers',
    record: { SQRSJ: '13800000000/13800000000' },
    expect: {
      code: 'VALUE_INVALID',
      zh: 'one.yaml:32:17 字段 /content/applicant/mobile：值“13********************0”不合要求，应为：符合 1\\d{10}',
      en: 'one.yaml:32:17 field /content/applicant/mobile: the value "13********************0" is not like 1\\d{10}',
    },
  },
  {
    name: 'a postcode where the mobile number belongs',
    record: { SQRSJ: '012000' },
    expect: {
      code: 'VALUE_INVALID',
      zh: 'one.yaml:32:17 字段 /content/applicant/mobile：值“01***0”不合要求，应为：符合 1\\d{10}',
      en: 'one.yaml:32:17 field /content/applicant/mobile: the value "01***0" is not like 1\\d{10}',
    },
  },
  {
    name: 'a limit in words',
    record: { CNSX: '十个工作日', CNDW: 'G' },
    expect: {
      code: 'VALUE_INVALID',
      zh: 'one.yaml:38:32 字段 /content/promisedLimit/amount：值“十****”不合要求，应为：整数',
      en: 'one.yaml:38:32 field /content/promisedLimit/amount: the value "十****" is not a whole number',
    },
  },
  {
    name: 'a limit with its unit',
    record: { CNSX: '10天', CNDW: 'G' },
    expect: {
      code: 'VALUE_INVALID',
      zh: 'one.yaml:38:32 字段 /content/promisedLimit/amount：值“10天”不合要求，应为：整数',
      en: 'one.yaml:38:32 field /content/promisedLimit/amount: the value "10天" is not a whole number',
    },
  },
  {
    name: 'a limit of half a day',
    record: { CNSX: '0.5', CNDW: 'G' },
    expect: {
      code: 'VALUE_INVALID',
      zh: 'one.yaml:38:32 字段 /content/promisedLimit/amount：值“0.5”不合要求，应为：整数',
      en: 'one.yaml:38:32 field /content/promisedLimit/amount: the value "0.5" is not a whole number',
    },
  },
  {
    name: 'a limit below zero',
    record: { CNSX: -1, CNDW: 'G' },
    expect: {
      code: 'MESSAGE_INVALID',
      zh: 'one.yaml:38:32 消息 application.received 的字段 /content/promisedLimit/amount 不合规范：小于 0',
      en: 'one.yaml:38:32 message application.received: field /content/promisedLimit/amount breaks its schema: is less than 0',
    },
  },
  {
    name: 'a limit that overflows',
    record: { CNSX: '99999999999999999999', CNDW: 'G' },
    expect: {
      code: 'VALUE_INVALID',
      zh: 'one.yaml:38:32 字段 /content/promisedLimit/amount：值“99999999999999999999”不合要求，应为：整数',
      en: 'one.yaml:38:32 field /content/promisedLimit/amount: the value "99999999999999999999" is not a whole number',
    },
  },
  {
    name: 'a limit that stands for none',
    record: { CNSX: 999999, CNDW: 'G' },
    expect: {
      code: 'MESSAGE_INVALID',
      zh: 'one.yaml:38:32 消息 application.received 的字段 /content/promisedLimit/amount 不合规范：大于 100000',
      en: 'one.yaml:38:32 message application.received: field /content/promisedLimit/amount breaks its schema: is more than 100000',
    },
  },
  {
    name: 'a limit without its unit',
    record: { CNSX: 10 },
    expect: {
      code: 'MESSAGE_INVALID',
      zh: 'one.yaml:38:68 消息 application.received 的字段 /content/promisedLimit/unit 不合规范：缺少此项',
      en: 'one.yaml:38:68 message application.received: field /content/promisedLimit/unit breaks its schema: it is missing',
    },
  },
  {
    name: 'a unit without its limit',
    record: { CNDW: 'G' },
    expect: {
      code: 'MESSAGE_INVALID',
      zh: 'one.yaml:38:32 消息 application.received 的字段 /content/promisedLimit/amount 不合规范：缺少此项',
      en: 'one.yaml:38:32 message application.received: field /content/promisedLimit/amount breaks its schema: it is missing',
    },
  },
  {
    name: 'a limit in the notation of a spreadsheet',
    record: { CNSX: '1E1', CNDW: 'G' },
    expect: {
      code: 'VALUE_INVALID',
      zh: 'one.yaml:38:32 字段 /content/promisedLimit/amount：值“1E1”不合要求，应为：整数',
      en: 'one.yaml:38:32 field /content/promisedLimit/amount: the value "1E1" is not a whole number',
    },
  },
  {
    name: 'a limit in full-width digits',
    record: { CNSX: '１０', CNDW: 'G' },
    expect: {
      code: 'VALUE_INVALID',
      zh: 'one.yaml:38:32 字段 /content/promisedLimit/amount：值“１０”不合要求，应为：整数',
      en: 'one.yaml:38:32 field /content/promisedLimit/amount: the value "１０" is not a whole number',
    },
  },
  {
    name: 'a fee with a thousands separator',
    stream: 'BJ',
    record: { SFSF: '1', SFJE: '1,200.00' },
    expect: {
      code: 'VALUE_INVALID',
      zh: 'one.yaml:86:59 字段 /content/fee/amount：值“1,200.00”不合要求，应为：十进制数',
      en: 'one.yaml:86:59 field /content/fee/amount: the value "1,200.00" is not a decimal number',
    },
  },
  {
    name: 'a fee in words',
    stream: 'BJ',
    record: { SFSF: '1', SFJE: '壹佰元整' },
    expect: {
      code: 'VALUE_INVALID',
      zh: 'one.yaml:86:59 字段 /content/fee/amount：值“壹***”不合要求，应为：十进制数',
      en: 'one.yaml:86:59 field /content/fee/amount: the value "壹***" is not a decimal number',
    },
  },
  {
    name: 'a fee with a decimal comma',
    stream: 'BJ',
    record: { SFSF: '1', SFJE: '12,50' },
    expect: {
      code: 'VALUE_INVALID',
      zh: 'one.yaml:86:59 字段 /content/fee/amount：值“12,50”不合要求，应为：十进制数',
      en: 'one.yaml:86:59 field /content/fee/amount: the value "12,50" is not a decimal number',
    },
  },
  {
    name: 'a fee of more digits than a message can send unchanged',
    stream: 'BJ',
    record: { SFSF: '1', SFJE: '99999999999999.99' },
    expect: {
      code: 'VALUE_INVALID',
      zh: 'one.yaml:86:59 字段 /content/fee/amount：值“99999999999999.99”不合要求，应为：能原样发送的十进制数（有效数字至多 15 位）',
      en: 'one.yaml:86:59 field /content/fee/amount: the value "99999999999999.99" is not a decimal number that can be sent as it is (15 significant digits at most)',
    },
  },
  {
    name: 'a fee below zero',
    stream: 'BJ',
    record: { SFSF: '1', SFJE: '-5' },
    expect: {
      code: 'MESSAGE_INVALID',
      zh: 'one.yaml:86:59 消息 case.closed 的字段 /content/fee/amount 不合规范：小于 0',
      en: 'one.yaml:86:59 message case.closed: field /content/fee/amount breaks its schema: is less than 0',
    },
  },
  {
    name: 'a fee of which nobody says whether it was charged',
    stream: 'BJ',
    record: { SFJE: '5' },
    expect: {
      code: 'MESSAGE_INVALID',
      zh: 'one.yaml:86:23 消息 case.closed 的字段 /content/fee/charged 不合规范：缺少此项',
      en: 'one.yaml:86:23 message case.closed: field /content/fee/charged breaks its schema: it is missing',
    },
  },
  {
    name: 'a version that counts in letters',
    record: { VERSION: 'A' },
    expect: {
      code: 'VALUE_INVALID',
      zh: 'one.yaml:19:14 字段 /dataVersion：值“A”不合要求，应为：整数',
      en: 'one.yaml:19:14 field /dataVersion: the value "A" is not a whole number',
    },
  },
  {
    name: 'version 0',
    record: { VERSION: 0 },
    expect: {
      code: 'MESSAGE_INVALID',
      zh: 'one.yaml:19:14 消息 application.received 的字段 /dataVersion 不合规范：小于 1',
      en: 'one.yaml:19:14 message application.received: field /dataVersion breaks its schema: is less than 1',
    },
  },
  {
    name: 'version 1.5',
    record: { VERSION: 1.5 },
    expect: {
      code: 'VALUE_INVALID',
      zh: 'one.yaml:19:14 字段 /dataVersion：值“1.5”不合要求，应为：整数',
      en: 'one.yaml:19:14 field /dataVersion: the value "1.5" is not a whole number',
    },
  },
])
