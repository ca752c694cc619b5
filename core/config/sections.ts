/** Parts of the configuration's schema that stand for themselves. */
import { Type } from '@sinclair/typebox'

export const strict = { additionalProperties: false }

export const duration = (title: string, description: string, byDefault?: string) =>
  Type.String({
    title,
    description,
    pattern: '^\\d{1,9}(ms|s|m|h|d)$',
    ...(byDefault === undefined ? {} : { default: byDefault }),
  })

export const bytes = (title: string, description: string, byDefault: number, minimum = 1024) =>
  Type.Integer({ title, description, default: byDefault, minimum })

/** Its options are those of `core/attachments/bucket-options.ts`, checked when its secrets are there. */
export const bucket = Type.Object(
  {},
  {
    additionalProperties: true,
    title: '对象存储 / Bucket',
    description:
      '附件改经 S3 兼容的对象存储送达，不再分块经消息队列；网关与平台都须配置，见下。 / Attachments go by an S3-compatible store instead of in chunks by the broker. Both sides need it; see below.',
  },
)

export const retry = Type.Object(
  {
    first: duration(
      '首次间隔 / First pause',
      '第一次重试前的等待，之后每次加倍。 / The pause before the first retry; doubles each time.',
      '1s',
    ),
    longest: duration('最长间隔 / Longest pause', '两次重试之间最长的等待。 / The longest pause between two attempts.', '1m'),
  },
  {
    ...strict,
    default: {},
    title: '重试 / Retry',
    description: '被退回或拒收的消息何时再发。 / When returned or refused messages are sent again.',
  },
)

export const retention = Type.Object(
  {
    bodies: duration(
      '原文保留期 / Bodies',
      '已完成的原始记录与消息正文保留多久，之后只留行。 / How long the bodies of finished records and messages are kept; then only their lines.',
      '90d',
    ),
    lines: duration(
      '台账明细保留期 / Lines',
      '记录与消息的行保留多久；之后同一记录再来即视为新记录。账簿汇总永久保留。 / How long lines of records and messages are kept; a record that comes again later is as new. The books stay for ever.',
      '3650d',
    ),
    partials: duration(
      '未完附件保留期 / Partial attachments',
      '没有收全的下行附件，这么久没有新的分块即删除；再送时从头收。 / An attachment of the platform that is not whole is removed after so long without a chunk; sent again it begins anew.',
      '7d',
    ),
  },
  {
    ...strict,
    default: {},
    title: '保留期 / Retention',
    description: '隔离与待发的内容不受保留期影响。 / What is in quarantine or waits is never touched.',
  },
)

export const statements = Type.Object(
  {
    every: Type.Union([Type.Literal('day'), Type.Literal('hour')], {
      title: '时段 / Period',
      description: '按日或按小时对账（北京时间）。 / A statement for each day, or for each hour, of Beijing.',
      default: 'day',
    }),
    after: duration(
      '静默 / After',
      '时段结束后，其中消息最后一次确认多久之后报对账单。 / How long after the end of a period, and after the last confirm of one of its messages, it is stated.',
      '10m',
    ),
    again: duration(
      '再报 / Again',
      '没有答复或不相符时多久再报，之后每次加倍。 / When a period without an answer, or one that differs, is stated again; doubles each time.',
      '1h',
    ),
  },
  {
    ...strict,
    default: {},
    title: '对账 / Statements',
    description: '有名称的网关与平台对账。 / How a gateway with a name reconciles with the platform.',
  },
)

export const catalogue = Type.Object(
  {
    unknownItem: Type.Union([Type.Literal('flag'), Type.Literal('quarantine')], {
      title: '目录外事项 / Unknown item',
      description:
        '事项不在平台下发的事项目录中时：flag 照常报送并打标记，quarantine 进隔离区。没有收到目录则不核对。 / When an item is not in the catalogue that the platform has sent: flag sends the message with a flag, quarantine keeps the record back. Without a catalogue nothing is checked.',
      default: 'flag',
    }),
  },
  {
    ...strict,
    default: {},
    title: '事项目录 / Item catalogue',
    description: '怎样用平台下发的事项目录。 / How the city’s item catalogue is used.',
  },
)
