import { type Static, Type } from '@sinclair/typebox'
import { bucket, bytes, catalogue, duration, retention, retry, statements, strict } from './sections.ts'

/** `config/gateway.yaml`, without the transport's own options, which their kind describes. */
export const gatewaySchema = Type.Object(
  {
    name: Type.Optional(
      Type.String({
        title: '网关名称 / Name',
        description:
          '小写字母、数字与连字符；平台按此名称下发，全市不得重名。有系统配置了 deliver 时必填。 / Lower-case letters, digits and hyphens: the platform sends to it by this name, which no other gateway has. Required when a system has deliver.',
        pattern: '^[a-z][a-z0-9-]{0,63}$',
      }),
    ),
    store: Type.Object(
      {
        file: Type.String({
          title: '存储文件 / Store file',
          description:
            '网关的 SQLite 存储，须在本地磁盘；相对路径从配置文件夹算起。 / The gateway’s SQLite store, on a local disk; relative to the configuration folder.',
          default: '../data/gateway.db',
        }),
        reserveBytes: bytes(
          '磁盘保留空间 / Disk reserve',
          '磁盘剩余空间低于此值时暂停读取来源，发送照常。 / With less free disk than this, sources are not read; sending goes on.',
          512 * 1024 * 1024,
          0,
        ),
        attachments: Type.Optional(
          Type.String({
            title: '附件文件夹 / Attachments',
            description:
              '附件的存放文件夹，须在本地磁盘，不得与其他程序或网关共用；不写则为存储文件旁的同名 .attachments。 / Where attachments are kept, on a local disk, shared with no other program or gateway; beside the store file, with .attachments behind its name, when absent.',
            minLength: 1,
          }),
        ),
        retention,
      },
      {
        ...strict,
        default: {},
        title: '存储 / Store',
        description: '原始记录、消息与账簿的存放。 / Where records, messages and books are kept.',
      },
    ),
    transport: Type.Object(
      {
        kind: Type.Union([Type.Literal('rabbitmq'), Type.Literal('embedded')], {
          title: '种类 / Kind',
          description:
            'rabbitmq：消息队列；embedded：本机文件队列，仅供演示与联调。 / rabbitmq: the broker; embedded: a queue in a local file, for trying out.',
        }),
      },
      {
        additionalProperties: true,
        title: '传输 / Transport',
        description: '消息怎样送往平台。 / How messages reach the platform.',
      },
    ),
    limits: Type.Object(
      {
        maxRecordBytes: bytes(
          '记录上限 / Record limit',
          '更大的原始记录进入隔离区。 / A larger raw record is quarantined.',
          16 * 1024 * 1024,
        ),
        maxMessageBytes: bytes(
          '消息上限 / Message limit',
          '更大的消息使其记录进入隔离区；不得高于队列服务器的上限。 / A larger message quarantines its record; not above the broker’s own limit.',
          8 * 1024 * 1024,
        ),
        maxAttachmentBytes: bytes(
          '附件上限 / Attachment limit',
          '附件更大的记录进入隔离区。 / A record with a larger attachment is quarantined.',
          2 * 1024 * 1024 * 1024,
        ),
        maxWaiting: Type.Integer({
          title: '待发上限 / Waiting limit',
          description: '待发消息达到此数时暂停读取来源。 / With so many messages waiting, sources are not read.',
          default: 2_000_000,
          minimum: 1,
        }),
      },
      {
        ...strict,
        default: {},
        title: '上限 / Limits',
        description: '防止单条或积压过大。 / Against oversized records and backlogs.',
      },
    ),
    bucket: Type.Optional(bucket),
    retry,
    statements,
    catalogue,
    mappings: Type.String({
      title: '映射文件夹 / Mappings folder',
      description:
        '各部门映射所在的文件夹，相对于配置文件夹。 / The folder of the departments’ mappings, relative to the configuration folder.',
      default: '../mappings',
    }),
    log: Type.Object(
      {
        level: Type.Union([Type.Literal('debug'), Type.Literal('info'), Type.Literal('warn'), Type.Literal('error')], {
          title: '级别 / Level',
          description: '记录到此级别为止。 / What is logged.',
          default: 'info',
        }),
        file: Type.Optional(
          Type.String({
            title: '日志文件 / Log file',
            description:
              '不写则输出到标准错误；相对路径从配置文件夹算起。 / Standard error when absent; relative to the configuration folder.',
          }),
        ),
      },
      { ...strict, default: {}, title: '日志 / Log', description: '运行日志（JSON 行）。 / The log, one JSON line each.' },
    ),
  },
  { ...strict, title: 'config/gateway.yaml' },
)

/** As much of it as is needed to look at the store. */
export const storeSection = Type.Object({ store: gatewaySchema.properties.store })

export type GatewayOptions = Static<typeof gatewaySchema>

const deliver = Type.Object(
  {
    mapping: Type.String({
      title: '下行映射 / Mapping',
      description: 'mappings/<部门>/down/ 下的“部门/文件名”。 / <department>/<file> under mappings/<department>/down/.',
      pattern: '^[^/]+/[^/]+$',
    }),
    options: Type.Object(
      {},
      {
        additionalProperties: true,
        title: '写入选项 / Options',
        description: '见各适配器的写入选项表。 / See the table of what the adapter writes.',
      },
    ),
    parallel: Type.Integer({
      title: '并行 / Parallel',
      description:
        '同时写入几个办件；同一办件总是按序写入。 / How many cases are written at the same time; one case always in order.',
      default: 4,
      minimum: 1,
      maximum: 64,
    }),
    confirmAfter: duration(
      '多久后询问 / Confirm after',
      '答复丢失后多久询问目标是否已写入；须长于目标处理一次写入的时间。 / How long after a lost answer the target is asked whether it has the write; longer than it may take over one.',
      '30s',
    ),
  },
  {
    ...strict,
    title: '下行 / Deliver',
    description: '平台的消息怎样写入本系统。 / How messages of the platform are written to the system.',
  },
)

/** `config/adapters/<system>.yaml`; `options` is checked by the schema of its adapter. */
export const systemSchema = Type.Object(
  {
    summary: Type.Optional(Type.String({ title: '说明 / Summary', description: '给人看的说明。 / For people.' })),
    enabled: Type.Boolean({
      title: '启用 / Enabled',
      description: 'false 时不读取，也不写入。 / Neither read nor written to when false.',
      default: true,
    }),
    department: Type.Object(
      {
        code: Type.String({
          title: '统一社会信用代码 / Unified social credit code',
          description:
            '部门的统一社会信用代码（GB 32100，18 位，校验位须正确）。 / Of the department (GB 32100, 18 characters, check digit included).',
          pattern: '^[0-9A-HJ-NPQRTUWXY]{18}$',
        }),
        name: Type.String({
          title: '部门名称 / Name',
          description: '部门全称。 / Full name of the department.',
          minLength: 1,
          maxLength: 200,
        }),
        region: Type.String({
          title: '行政区划 / Region',
          description: '6 位行政区划代码（GB/T 2260）。 / Six-digit region code (GB/T 2260).',
          pattern: '^\\d{6}$',
        }),
      },
      { ...strict, title: '部门 / Department', description: '数据所属的部门。 / The department the data belongs to.' },
    ),
    adapter: Type.String({ title: '适配器 / Adapter', description: 'adapters/ 下的文件夹名。 / A folder name under adapters/.' }),
    options: Type.Optional(
      Type.Object(
        {},
        {
          additionalProperties: true,
          title: '读取选项 / Options',
          description:
            '怎样读取，见各适配器的选项表；与 mapping 一同给出，只写入的系统都不写。 / How it is read: see the table of the adapter. Given with mapping; a system that is only written to has neither.',
        },
      ),
    ),
    mapping: Type.Optional(
      Type.String({
        title: '映射 / Mapping',
        description: 'mappings/ 下的“部门/文件名”。 / <department>/<file> under mappings/.',
        pattern: '^[^/]+/[^/]+$',
      }),
    ),
    schedule: Type.Union(
      [
        Type.Object(
          { every: duration('间隔 / Every', '上次读完后隔多久再读。 / How long after the end of one run the next begins.') },
          strict,
        ),
        Type.Object(
          {
            cron: Type.String({
              title: '日程 / Cron',
              description: 'cron 表达式，可含秒。 / A cron expression, seconds allowed.',
            }),
            zone: Type.Optional(
              Type.String({ title: '时区 / Zone', description: '默认 Asia/Shanghai。 / Asia/Shanghai by default.' }),
            ),
          },
          strict,
        ),
      ],
      {
        default: { every: '10s' },
        title: '读取时间 / Schedule',
        description:
          '写成 {every: 10s}（单位 ms s m h d）或 {cron: "0 8 * * *"}，二者取其一。 / Write {every: 10s} (ms, s, m, h or d) or {cron: "0 8 * * *"}, one of the two.',
      },
    ),
    exchange: Type.Optional(
      Type.String({
        title: '交换表 / Exchange table',
        description:
          'YAML 或 CSV 文件，写明每个事项的每个环节由哪一方负责；相对路径从配置文件夹算起。不写则都由部门报送、都可下发。 / A YAML or CSV file that says which side is the authority of each stage of each item; relative to the configuration folder. Without it everything is brought up, and anything may be sent down.',
        pattern: '\\.(yaml|csv)$',
      }),
    ),
    deliver: Type.Optional(deliver),
    backoff: Type.Object(
      {
        first: duration(
          '首次间隔 / First pause',
          '来源出错后第一次重试前的等待，之后每次加倍。 / The pause after a first failure; doubles each time.',
          '2s',
        ),
        longest: duration('最长间隔 / Longest pause', '两次重试之间最长的等待。 / The longest pause between two attempts.', '5m'),
      },
      {
        ...strict,
        default: {},
        title: '出错重试 / Back-off',
        description: '来源出错后何时再读。 / When a failing source is read again.',
      },
    ),
  },
  { ...strict, title: 'config/adapters/<system>.yaml' },
)

export type SystemOptions = Static<typeof systemSchema>
