/** What an event of a mapping may say. */
import { construct, type Example, type Family } from './construct.ts'

const content = 'content: { receivedAt: { from: AT, date: yyyy-MM-dd }, applicant: { name: NAME } }'

/** One event of its own with one more line. */
const event = (line: string, more = ''): string => `events:\n  - type: application.received\n    ${line}\n    ${content}${more}`

export const eventParts = {
  type: construct(
    '事件类型，必填：[消息](messages.md)的标题之一',
    'The type of event, mandatory: one of the headings of [messages](messages.md)',
    {
      mapping:
        'events:\n  - type: case.voided\n    content: { kind: { from: SC, codes: kind }, voidedAt: { from: AT, date: yyyy-MM-dd } }\ncodes:\n  kind: { D: delete_technical }',
      record: { SC: 'D' },
      result: { message: { '/type': 'case.voided', '/content/kind': 'delete_technical' } },
    },
    {
      mapping: 'events:\n  - type: application.recieved\n    content: {}',
      result: { refused: 'MAPPING_INVALID' },
    },
  ),
  when: construct('符合此条件才给出；不写则总是，见“条件”', 'Given when this holds; always when it is left out. See conditions', {
    mapping: event('when: { path: ZT, equals: "1" }'),
    record: { ZT: '1' },
    result: { message: { '/type': 'application.received' } },
  }),
  each: construct(
    '此处每有一项，就有一个事件；事件的路径从该项算起',
    'One event for each of these; its paths begin at the entry',
    {
      mapping: [
        'events:',
        '  - type: supplement.requested',
        '    each: BZ',
        '    stage: { sequence: XH }',
        '    content: { toldAt: { from: SJ, date: yyyy-MM-dd }, reason: YY }',
      ].join('\n'),
      record: {
        BZ: [
          { XH: '1', SJ: '2026-03-03', YY: '缺图纸' },
          { XH: '2', SJ: '2026-03-06', YY: '缺签字' },
        ],
      },
      result: {
        messages: [
          { '/stage/sequence': '1', '/content/toldAt': '2026-03-03' },
          { '/stage/sequence': '2', '/content/reason': '缺签字' },
        ],
      },
    },
  ),
  stage: construct(
    '同一办件有几个同类事件时的序号（sequence）与办理状态（state）',
    'The sequence of events of one type in a case, and the state of the node',
    {
      mapping: `${event('stage: { sequence: XH, state: { from: JDZT, codes: state } }')}\ncodes:\n  state: { "01": pending, "02": done }`,
      record: { XH: '2', JDZT: '02' },
      result: { message: { '/stage': { sequence: '2', state: 'done' } } },
    },
  ),
  occurredAt: construct('发生时间', 'When it happened', {
    mapping: event('occurredAt: { from: FSSJ, date: yyyy-MM-dd HH:mm:ss }'),
    record: { FSSJ: '2026-03-02 09:00:00' },
    result: { message: { '/occurredAt': '2026-03-02T09:00:00+08:00' } },
  }),
  recordedAt: construct(
    '登记时间；不写则用顶层的，~ 为没有',
    'When the source recorded it; that of the top when it is left out, none with ~',
    {
      mapping: `recordedAt: { from: GXSJ, date: yyyy-MM-dd }\n${event('recordedAt: { from: DJSJ, date: yyyy-MM-dd }')}`,
      record: { GXSJ: '2026-03-09', DJSJ: '2026-03-04' },
      result: { message: { '/recordedAt': '2026-03-04' } },
    },
    {
      mapping: `recordedAt: { from: GXSJ, date: yyyy-MM-dd }\n${event('recordedAt: ~')}`,
      record: { GXSJ: '2026-03-09' },
      result: { message: { '/recordedAt': null } },
    },
  ),
  content: construct(
    '内容：该类型的字段，名称见[消息](messages.md)',
    'The content: fields of the type, named as in [messages](messages.md)',
    {
      mapping: event(''),
      result: { message: { '/content': { applicant: { name: '云远山' }, receivedAt: '2026-03-02' } } },
    },
    {
      about: { zh: '规范里没有的字段', en: 'a field that messages do not have' },
      content: 'recievedAt: AT',
      result: { refused: 'CONFIG_KEY_UNKNOWN' },
    },
    {
      about: { zh: '规范必填而没有规则的字段', en: 'a mandatory field without a rule' },
      mapping: 'events:\n  - type: application.received\n    content: { applicant: { name: NAME } }',
      result: { refused: 'MAPPING_INVALID' },
    },
  ),
} satisfies Family

/** Every field that a case may have. */
export const caseExamples: readonly Example[] = [
  {
    mapping: [
      'case:',
      '  sourceCaseNo: NO',
      '  platformCaseNo: BJBH',
      '  businessNo: YWLSH',
      '  itemCode: SXBM',
      '  itemName: SXMC',
      '  projectCode: XMDM',
      '  parentCaseNo: ZBJ',
    ].join('\n'),
    record: { BJBH: 'P-9', YWLSH: 'Y-7', SXBM: '0100', SXMC: '砍伐许可', XMDM: '2026-150900-48-01-000001', ZBJ: 'A-0' },
    result: {
      message: {
        '/case': {
          sourceCaseNo: 'A-1',
          platformCaseNo: 'P-9',
          businessNo: 'Y-7',
          itemCode: '0100',
          itemName: '砍伐许可',
          projectCode: '2026-150900-48-01-000001',
          parentCaseNo: 'A-0',
        },
      },
    },
  },
  {
    about: {
      zh: 'sourceCaseNo 决定顺序：没有就隔离',
      en: 'sourceCaseNo decides the order: without it the record is quarantined',
    },
    record: { NO: '' },
    result: { quarantined: 'VALUE_MISSING', field: '/case/sourceCaseNo' },
  },
]
