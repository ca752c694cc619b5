import { type Static, Type } from '@sinclair/typebox'

const strict = { additionalProperties: false }

/** Options of the receiver's store in a SQLite file. */
export const sqliteOptions = Type.Object(
  {
    file: Type.String({
      title: '文件 / File',
      description:
        '接收库的 SQLite 文件，须在本地磁盘；相对路径从配置文件夹算起。 / The SQLite file, on a local disk; relative to the configuration folder.',
      default: '../data/platform.sqlite',
      minLength: 1,
    }),
  },
  strict,
)

const text = (title: string, description: string, byDefault: string) =>
  Type.String({ title, description, default: byDefault, minLength: 1 })

/** Options of the receiver's store in PostgreSQL. Synced commits are no option: they are always on. */
export const postgresqlOptions = Type.Object(
  {
    host: text('主机 / Host', '数据库主机名或地址。 / Name or address of the database host.', '127.0.0.1'),
    port: Type.Integer({
      title: '端口 / Port',
      description: '数据库端口。 / Port of the database.',
      default: 5432,
      minimum: 1,
      maximum: 65_535,
    }),
    database: text(
      '数据库 / Database',
      '接收端专用的数据库，须已建好。 / A database of the receiver’s own, which must exist.',
      'qianzhi_platform',
    ),
    user: text('用户名 / User', '可在该库建表的用户。 / A user who may create tables there.', 'qianzhi_platform'),
    password: Type.Optional(
      Type.String({ title: '密码 / Password', description: '该用户的密码。 / The password of that user.', secret: true }),
    ),
    tls: Type.Optional(
      Type.Object(
        {
          ca: Type.Optional(
            Type.String({
              title: '签发者证书 / CA certificate',
              description: 'PEM 文件路径；缺省用系统信任的。 / Path of a PEM file; the trusted ones of Node.js when absent.',
              minLength: 1,
            }),
          ),
        },
        {
          ...strict,
          title: '加密连接 / TLS',
          description:
            '给出即加密，并总是核验服务器证书。 / When given, the connection is encrypted and the server’s certificate always verified.',
        },
      ),
    ),
  },
  strict,
)

export type SqliteOptions = Static<typeof sqliteOptions>
export type PostgresqlOptions = Static<typeof postgresqlOptions>
