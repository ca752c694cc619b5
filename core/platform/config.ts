import { join, resolve } from 'node:path'
import { type Static, Type } from '@sinclair/typebox'
import type { BucketOptions } from '../attachments/bucket-options.ts'
import { checkAgainst } from '../config/check.ts'
import { bucket, bytes, duration } from '../config/sections.ts'
import { attempt, type Settled, settleBucket, settleKind } from '../config/settle.ts'
import type { GatewayError } from '../errors.ts'
import { type Knowledge, type KnowledgeFiles, loadKnowledge } from '../supervision/knowledge.ts'
import { type TransportKind, transportKinds } from '../transport/kinds.ts'
import { readYaml } from '../yaml.ts'
import { type StoreKind, storeKinds } from './store-kinds.ts'

export interface PlatformConfig {
  /** As whom the platform writes to gateways; absent where it only receives. */
  sender?: Sender | undefined
  /** What it supervises by; absent where it only receives. */
  supervision?: Knowledge | undefined
  /** Relative paths in options are relative to it. */
  folder: string
  transport: Settled<TransportKind>
  store: Settled<StoreKind>
  /** Absent where attachments go in chunks. */
  bucket?: BucketOptions | undefined
  attachments: AttachmentOptions
}

const sender = Type.Object(
  {
    system: Type.String({
      title: '系统 / System',
      description: '平台自己的系统名，写入下行消息的来源。 / The platform’s own name, in the source of its messages.',
      pattern: '^[a-z][a-z0-9-]{0,31}$',
    }),
    department: Type.Object(
      {
        code: Type.String({
          title: '统一社会信用代码 / Unified social credit code',
          description: '平台主管部门的统一社会信用代码，18 位。 / Of the authority that runs the platform, 18 characters.',
          pattern: '^[0-9A-HJ-NPQRTUWXY]{18}$',
        }),
        name: Type.String({ title: '名称 / Name', description: '全称。 / Full name.', minLength: 1, maxLength: 200 }),
        region: Type.String({
          title: '行政区划 / Region',
          description: '6 位行政区划代码。 / Six-digit region code.',
          pattern: '^\\d{6}$',
        }),
      },
      { additionalProperties: false, title: '部门 / Department', description: '平台的主管部门。 / The authority that runs it.' },
    ),
  },
  {
    additionalProperties: false,
    title: '下发方 / Sender',
    description: '平台以谁的名义向网关下发消息。 / As whom the platform writes to gateways.',
  },
)

export type Sender = Static<typeof sender>

const section = (kinds: object, title: string, description: string) =>
  Type.Object(
    {
      kind: Type.Union(
        Object.keys(kinds).map((kind) => Type.Literal(kind)),
        { title: '种类 / Kind', description },
      ),
    },
    { additionalProperties: true, title, description },
  )

const path = (title: string, description: string) => Type.String({ title, description, minLength: 1 })

const supervision = Type.Object(
  {
    calendar: path('工作日历 / Calendar', 'YAML 文件。 / A YAML file.'),
    rules: path('监察规则 / Rules', 'YAML 文件。 / A YAML file.'),
    catalogues: Type.Array(path('事项目录 / Catalogue', 'YAML 或 CSV 文件。 / A YAML or CSV file.'), {
      minItems: 1,
      title: '事项目录 / Catalogues',
      description:
        '各版本一个文件，旧的留着：过去的办件按当时的版本计算。 / A file for each version. Old ones stay: past cases are judged by them.',
    }),
  },
  {
    additionalProperties: false,
    title: '统一监管 / Supervision',
    description: '按什么监管；相对路径从配置文件夹算起。 / What it supervises by; relative to the configuration folder.',
  },
)

const attachments = Type.Object(
  {
    folder: Type.String({
      title: '文件夹 / Folder',
      description:
        '收到的和下发的附件的存放文件夹，须在本地磁盘；相对路径从配置文件夹算起。 / Where attachments that were received, or are sent, are kept, on a local disk; relative to the configuration folder.',
      default: '../data/platform-attachments',
      minLength: 1,
    }),
    maxBytes: bytes('附件上限 / Attachment limit', '更大的附件拒收。 / Larger attachments are refused.', 2 * 1024 * 1024 * 1024),
    reserveBytes: bytes(
      '磁盘保留空间 / Disk reserve',
      '磁盘剩余空间低于此值时暂停接收附件。 / With less free disk than this, no attachments are taken.',
      512 * 1024 * 1024,
      0,
    ),
    partials: duration(
      '未完附件保留期 / Partial attachments',
      '没有收全的附件，这么久没有新的分块即删除；再送时从头收。 / An attachment that is not whole is removed after so long without a chunk; sent again it begins anew.',
      '7d',
    ),
  },
  {
    additionalProperties: false,
    default: {},
    title: '附件 / Attachments',
    description: '与网关往来的扫描件、图纸等。 / Scans and drawings that gateways send, or are sent.',
  },
)

type AttachmentOptions = Static<typeof attachments>

/** `config/platform.yaml`, without the options of the transport and of the store, which their kinds describe. */
export const platformSchema = Type.Object(
  {
    transport: section(
      transportKinds,
      '传输 / Transport',
      '消息从哪里来，与网关的 transport 相同。 / Where messages come from; the same as the gateway’s transport.',
    ),
    sender: Type.Optional(sender),
    supervision: Type.Optional(supervision),
    store: section(storeKinds, '接收库 / Store', '收到的消息存放在哪里。 / Where what was received is kept.'),
    attachments,
    bucket: Type.Optional(bucket),
  },
  { additionalProperties: false, title: 'config/platform.yaml' },
)

/** Reads `platform.yaml` in a folder and reports all mistakes at once; `config` is there only when there are none. */
export const loadPlatformConfig = (
  givenFolder: string,
  env: NodeJS.ProcessEnv,
): { config: PlatformConfig | undefined; problems: GatewayError[] } => {
  const folder = resolve(givenFolder)
  const problems: GatewayError[] = []
  const yaml = attempt(problems, () => readYaml(join(folder, 'platform.yaml'), 'config/platform.yaml'))
  if (!yaml) return { config: undefined, problems }
  problems.push(...checkAgainst(platformSchema, yaml.value ?? {}, yaml))
  const file = { yaml, folder, env, problems }
  const transport = settleKind<TransportKind>(transportKinds, 'transport', file)
  const store = settleKind<StoreKind>(storeKinds, 'store', file)
  const bucket = settleBucket(file)
  const { supervision: files } = (yaml.value ?? {}) as { supervision?: KnowledgeFiles }
  const knowledge = files && problems.length === 0 ? loadKnowledge(files, file) : undefined
  if (problems.length > 0 || !transport || !store) return { config: undefined, problems }
  const { sender, attachments } = yaml.value as Pick<PlatformConfig, 'sender' | 'attachments'>
  return { config: { folder, sender, transport, store, supervision: knowledge, attachments, bucket }, problems }
}
