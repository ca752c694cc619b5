/** How a rule uses a code table. */
import { construct, type Family } from './construct.ts'

const channel = 'channel: { from: LY, codes: channel }'
const twoVersions = [
  'codes:',
  '  channel:',
  '    - { version: old, to: 2020-12-31, rows: [{ code: "1", value: window }] }',
  '    - { version: new, from: 2021-01-01, rows: [{ code: "1", value: online }] }',
].join('\n')

/** `codes: …` of a rule. */
export const tableUse = {
  table: construct(
    '哪张表；只写这一项时可省略成一个文字，`表@版本` 固定用一版',
    'Which table; a bare text is the same, and `table@version` is always that version',
    {
      mapping: 'codes:\n  channel: { "1": window }',
      content: 'channel: { from: LY, codes: { table: channel } }',
      record: { LY: '1' },
      result: { message: { '/content/channel': 'window' } },
    },
    {
      mapping: twoVersions,
      content: 'channel: { from: LY, codes: channel@old }',
      record: { LY: '1' },
      result: { message: { '/content/channel': 'window' } },
    },
    {
      about: { zh: '有几版而没有写用哪一版', en: 'several versions, and not said which' },
      mapping: twoVersions,
      content: channel,
      result: { refused: 'MAPPING_INVALID' },
    },
  ),
  version: construct(
    '看记录自己的一列是哪一版',
    'The record says in a column which version it follows',
    {
      mapping: twoVersions,
      content: 'channel: { from: LY, codes: { table: channel, version: { from: BZBB } } }',
      record: { LY: '1', BZBB: 'new' },
      result: { message: { '/content/channel': 'online' } },
    },
    {
      about: { zh: '不认识的版本', en: 'a version that is not known' },
      mapping: twoVersions,
      content: 'channel: { from: LY, codes: { table: channel, version: { from: BZBB } } }',
      record: { LY: '1', BZBB: '2030' },
      result: { quarantined: 'CODE_VERSION_UNKNOWN', field: '/content/channel' },
    },
  ),
  by: construct(
    '看事实发生的日期落在哪一版；与 version 同写时，记录没有写版本才看',
    'The day of the fact decides; beside version, only where the record names none',
    {
      mapping: twoVersions,
      content: 'channel: { from: LY, codes: { table: channel, by: { from: AT, date: yyyy-MM-dd } } }',
      record: { LY: '1', AT: '2020-06-01' },
      result: { message: { '/content/channel': 'window' } },
    },
  ),
} satisfies Family

/** `version: { … }`. */
export const namedVersion = {
  from: construct('哪一列写着版本', 'The column that holds it', {
    mapping: twoVersions,
    content: 'channel: { from: LY, codes: { table: channel, version: { from: BZBB } } }',
    record: { LY: '1', BZBB: 'old' },
    result: { message: { '/content/channel': 'window' } },
  }),
  values: construct(
    '列中的写法与版本名；不写即列中就是版本名',
    'What the column says and the version it means; without it the column holds the version itself',
    {
      mapping: twoVersions,
      content: 'channel: { from: LY, codes: { table: channel, version: { from: BZBB, values: { V1: old, V2: new } } } }',
      record: { LY: '1', BZBB: 'V2' },
      result: { message: { '/content/channel': 'online' } },
    },
  ),
} satisfies Family

/** `by: { … }`. */
export const dayOfFact = {
  from: construct('哪一列是事实发生的日期', 'The column that holds the day', {
    mapping: twoVersions,
    content: 'channel: { from: LY, codes: { table: channel, by: { from: SJ, date: yyyyMMdd } } }',
    record: { LY: '1', SJ: '20210101' },
    result: { message: { '/content/channel': 'online' } },
  }),
  date: construct('它的格式，一个或几个', 'Its format, or several', {
    mapping: twoVersions,
    content: 'channel: { from: LY, codes: { table: channel, by: { from: SJ, date: [yyyyMMdd, yyyy-MM-dd] } } }',
    record: { LY: '1', SJ: '2020-12-31' },
    result: { message: { '/content/channel': 'window' } },
  }),
} satisfies Family
