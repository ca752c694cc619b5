import { type Static, Type } from '@sinclair/typebox'

/** Options of the embedded transport: a queue in a SQLite file, for one machine without a broker. */
export const embeddedOptions = Type.Object(
  {
    file: Type.String({
      title: '文件 / File',
      description:
        '队列所在的 SQLite 文件，须在本地磁盘；相对路径从配置文件夹算起。 / The SQLite file of the queues, on a local disk; relative to the configuration folder.',
      default: 'data/transport.sqlite',
      minLength: 1,
    }),
    partitions: Type.Integer({
      title: '分区数 / Partitions',
      description:
        '队列个数；同一办件总在同一分区。建立后不能改。 / Number of queues; a case stays in one of them. Fixed once created.',
      default: 4,
      minimum: 1,
      maximum: 256,
    }),
    window: Type.Integer({
      title: '在途上限 / Window',
      description: '一次提交的消息最多几条。 / Messages of one commit, at most.',
      default: 500,
      minimum: 1,
      maximum: 65_535,
    }),
    pollMs: Type.Integer({
      title: '查看间隔 / Poll interval',
      description: '每隔多少毫秒查看其他进程放入的消息。 / Milliseconds between looks for what another process has put in.',
      default: 200,
      minimum: 1,
    }),
  },
  { additionalProperties: false },
)

export type EmbeddedOptions = Static<typeof embeddedOptions>
