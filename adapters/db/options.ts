import { type Static, Type } from '@sinclair/typebox'

export const choice = <const Values extends readonly string[]>(
  values: Values,
  about: { title: string; description: string; default?: string },
) => Type.Unsafe<Values[number]>({ type: 'string', enum: [...values], ...about })

export const name = (title: string, description: string) => Type.String({ minLength: 1, title, description })
export const names = (title: string, description: string) =>
  Type.Array(Type.String({ minLength: 1 }), { minItems: 1, uniqueItems: true, title, description })

const strict = { additionalProperties: false }

export const connectionOptions = Type.Object(
  {
    host: Type.Optional(name('主机 / Host', '数据库服务器的名称或地址。 / Name or address of the database server.')),
    port: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 65535,
        title: '端口 / Port',
        description: '缺省为引擎的标准端口。 / The usual port of the engine when absent.',
      }),
    ),
    database: Type.Optional(name('数据库 / Database', '库名。 / Name of the database.')),
    user: Type.Optional(
      name(
        '用户 / User',
        '只读账号即可；标志与反连接方式还需要写标志列或已发送表。 / A read-only account is enough; flag and anti-join modes also write the flag or the sent table.',
      ),
    ),
    password: Type.Optional(
      Type.String({
        secret: true,
        title: '密码 / Password',
        description: '用密钥引用给出，不写在文件里。 / Give a reference to a secret, not the password itself.',
      }),
    ),
    tls: Type.Optional(
      Type.Object(
        {
          ca: Type.Optional(
            name(
              '签发者证书 / CA certificate',
              'PEM 文件路径；缺省用系统信任的。 / Path of a PEM file; the trusted ones of Node.js when absent.',
            ),
          ),
        },
        {
          ...strict,
          title: '加密连接 / TLS',
          description:
            '给出即加密，并总是核验服务器证书。 / When given, the connection is encrypted and the certificate of the server is always verified.',
        },
      ),
    ),
    file: Type.Optional(
      name('文件 / File', 'SQLite 数据库文件，相对于配置目录。 / The SQLite file, relative to the folder of the configuration.'),
    ),
  },
  {
    ...strict,
    title: '连接 / Connection',
    description: 'SQLite 只用 file；其余引擎用 host、database、user。 / SQLite takes file only; the others host, database, user.',
  },
)

const watermark = Type.Object(
  {
    column: name(
      '列 / Column',
      '只增不减的列：更新时间或序号。 / A column that only grows: time of update, or a sequence number.',
    ),
    kind: choice(['time', 'number'], {
      title: '类别 / Kind',
      description:
        'time：日期时间列（文本须形如 2026-01-31 08:00:00）；number：数值列。 / time: a date or time column (as text only like 2026-01-31 08:00:00); number: a numeric column.',
    }),
    overlap: Type.Optional(
      Type.Union([Type.Integer({ minimum: 0 }), Type.String({ pattern: '^[0-9]+[smhd]$' })], {
        title: '重叠 / Overlap',
        description:
          '迟提交的行最多迟多久（如 5m）或多少个序号；这一段每次重读，重复的会被网关丢弃。缺省 5m 或 0。 / How late a row may be committed: a duration (5m), or a count of numbers; this stretch is read again each time and the gateway drops the duplicates. Default 5m, or 0.',
      }),
    ),
    zone: Type.Optional(
      Type.String({
        pattern: '^[+-]((0[0-9]|1[0-3]):[0-5][0-9]|14:00)$',
        title: '时区 / Zone',
        description:
          '该列时间所用时区，如 +08:00；缺省为数据库会话的时区（SQLite 为 UTC）；自带时区的列不用。写得偏东，晚提交的行会漏读。 / The zone of the times in this column, such as +08:00; that of the database session when absent (SQLite: UTC); not for columns that carry their zone. Given too far east, rows that are committed late are missed.',
      }),
    ),
  },
  { ...strict, title: '水位 / Watermark', description: 'mode 为 watermark 时必填。 / Required in mode watermark.' },
)

const flagValue = Type.Union([Type.String(), Type.Integer(), Type.Null()])

const flag = Type.Object(
  {
    column: name(
      '列 / Column',
      '本方的标志列；其他各方的标志不受影响。 / The flag of this party; those of others are left alone.',
    ),
    pending: Type.Array(flagValue, {
      minItems: 1,
      title: '待取值 / Pending values',
      description: '表示待取的值，可含 null。 / The values that mean waiting; null may be one.',
    }),
    done: Type.Union([Type.String(), Type.Integer()], {
      title: '已取值 / Done value',
      description: '记录落盘后写入的值。 / Written when the record is on the gateway’s disk.',
    }),
  },
  { ...strict, title: '标志 / Flag', description: 'mode 为 flag 时必填。 / Required in mode flag.' },
)

const antiJoin = Type.Object(
  {
    table: name('已发送表 / Sent table', '存放已取行主键的表。 / The table that holds the keys of the rows taken.'),
    columns: names('列 / Columns', '与 key 一一对应。 / One for each column of key, in the same order.'),
  },
  { ...strict, title: '反连接 / Anti-join', description: 'mode 为 anti-join 时必填。 / Required in mode anti-join.' },
)

const attachments = Type.Array(
  Type.Object(
    {
      column: name(
        '列 / Column',
        '存放内容的列：bytea、大对象编号（oid）、BLOB。 / The column with the content: bytea, the oid of a large object, a BLOB.',
      ),
      fileName: Type.Optional(name('文件名列 / File name', '存放文件名的列。 / The column with its file name.')),
      mediaType: Type.Optional(name('类型列 / Media type', '存放媒体类型的列。 / The column with its media type.')),
    },
    { ...strict },
  ),
  {
    minItems: 1,
    title: '附件 / Attachments',
    description:
      '内容作为附件的列：分段读出、单独存放，记录中在该列之处为 digest 与 size。 / Columns whose content is an attachment: read in pieces and kept apart; the record has digest and size in place of the column.',
  },
)

const include = Type.Object(
  {
    name: name('名称 / Name', '子行在记录中的名称。 / The name of the child rows in the record.'),
    table: name('表 / Table', '子表或视图，可写“模式.表”。 / The child table or view; schema.table is allowed.'),
    on: Type.Record(Type.String(), Type.String(), {
      minProperties: 1,
      title: '关联 / Join',
      description: '子表列: 父行列。 / Child column: column of the parent row.',
    }),
    orderBy: names(
      '排序 / Order',
      '子行的顺序，最后一列应唯一。 / The order of the child rows; the last column should be unique.',
    ),
    attachments: Type.Optional(attachments),
  },
  { ...strict },
)

export const streamOptions = Type.Object(
  {
    name: Type.Optional(name('名称 / Name', '缺省为表名。 / The table when absent.')),
    table: Type.Optional(name('表 / Table', '表或视图，可写“模式.表”。 / A table or view; schema.table is allowed.')),
    query: Type.Optional(
      name(
        '查询 / Query',
        '代替 table 的 SELECT 语句，不带分号与排序。 / A SELECT in place of table, without semicolon and order.',
      ),
    ),
    columns: Type.Optional(
      names(
        '列 / Columns',
        '缺省为除二进制列外的全部列；二进制列列出时以 base64 读取。 / All but binary columns when absent; a binary column that is listed is read as base64.',
      ),
    ),
    key: names('主键 / Key', '唯一确定一行的列。 / The columns that tell one row from all others.'),
    mode: choice(['watermark', 'flag', 'anti-join'], {
      title: '方式 / Mode',
      description:
        'watermark：只读，按水位增量；flag：取后置标志；anti-join：取后记入已发送表。 / watermark: reads only, what is beyond the mark; flag: sets a flag on what was taken; anti-join: notes what was taken in a table.',
    }),
    watermark: Type.Optional(watermark),
    flag: Type.Optional(flag),
    antiJoin: Type.Optional(antiJoin),
    attachments: Type.Optional(attachments),
    include: Type.Optional(
      Type.Array(include, {
        title: '子行 / Child rows',
        description:
          '附在每行上的其他表的行；其变化本身不会使父行重读。 / Rows of other tables put on each row; their change alone does not make the row be read again.',
      }),
    ),
  },
  strict,
)

export const timeoutOption = Type.Optional(
  Type.Integer({
    minimum: 100,
    default: 30_000,
    title: '超时 / Time-out',
    description: '连接与每次等待数据库答复的毫秒数。 / Milliseconds for connecting and for each answer of the database.',
  }),
)

export const engines = ['postgresql', 'mysql', 'sqlite'] as const

export const options = Type.Object(
  {
    engine: choice(engines, {
      title: '引擎 / Engine',
      description: 'mysql 也用于 MariaDB。 / mysql is for MariaDB, too.',
    }),
    connection: connectionOptions,
    streams: Type.Array(streamOptions, {
      minItems: 1,
      title: '数据流 / Streams',
      description:
        '每个表或视图一个，按书写顺序读取：先写前面的环节。 / One for each table or view, read in the order written: earlier stages first.',
    }),
    batchSize: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 5_000,
        default: 500,
        title: '批量 / Batch size',
        description: '一次交给网关、也是内存中最多的行数。 / Rows handed over at once, and the most in memory.',
      }),
    ),
    maxRowsPerRun: Type.Optional(
      Type.Integer({
        minimum: 1,
        default: 100_000,
        title: '每次最多行数 / Rows per run',
        description:
          '到此即止，下次从断点继续，以免长期占用数据库快照。 / The run ends there and the next one continues, so that no snapshot is held for long.',
      }),
    ),
    timeoutMs: timeoutOption,
  },
  strict,
)

export type Options = Static<typeof options>
export type StreamOptions = Static<typeof streamOptions>
export type Watermark = Static<typeof watermark>
export type AttachmentOptions = Static<typeof attachments>
export type IncludeOptions = Static<typeof include>
export const batchSizeOf = ({ batchSize }: Options): number => batchSize ?? 500
export const maxRowsOf = ({ maxRowsPerRun }: Options): number => maxRowsPerRun ?? 100_000
export const timeoutOf = ({ timeoutMs }: Options): number => timeoutMs ?? 30_000
export const streamName = ({ name, table }: StreamOptions): string => name ?? table ?? ''

const secondsIn: Record<string, number> = { s: 1, m: 60, h: 3600, d: 86_400 }

/** Seconds for a time, a count for a number. */
export const overlapOf = ({ kind, overlap }: Watermark): number => {
  const written = overlap ?? (kind === 'time' ? '5m' : 0)
  if (typeof written === 'number') return written
  return Number(written.slice(0, -1)) * (secondsIn[written.slice(-1)] ?? 1)
}

/** Seconds east of Greenwich; undefined for the zone of the database. */
export const zoneOf = ({ zone }: Watermark): number | undefined => {
  if (zone === undefined) return undefined
  const seconds = Number(zone.slice(1, 3)) * 3600 + Number(zone.slice(4, 6)) * 60
  return zone.startsWith('-') ? -seconds : seconds
}

export type Engine = (typeof engines)[number]
export type ConnectionOptions = Static<typeof connectionOptions>

/** What the schema cannot say: `path` is a pointer into the options. */
export type Problem = { path: string; expected: { zh: string; en: string } }

/** What a connection must say for its engine. */
export const findConnectionProblems = (engine: Engine, connection: ConnectionOptions): Problem[] =>
  (engine === 'sqlite' ? (['file'] as const) : (['host', 'database', 'user'] as const))
    .filter((key) => connection[key] === undefined)
    .map((key) => ({ path: `/connection/${key}`, expected: { zh: `${engine} 必填`, en: `required for ${engine}` } }))
