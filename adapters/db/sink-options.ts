import { type Static, Type } from '@sinclair/typebox'
import { pointerWord, unknownPolicies } from '../../core/contract.ts'
import {
  type ConnectionOptions,
  choice,
  connectionOptions,
  type Engine,
  engines,
  findConnectionProblems,
  name,
  names,
  type Problem,
  timeoutOption,
} from './options.ts'

const strict = { additionalProperties: false }

const child = Type.Object(
  {
    name: name('名称 / Name', '操作中的列表。 / The list in the operation.'),
    table: name('表 / Table', '子表，可写“模式.表”。 / The child table; schema.table is allowed.'),
    on: Type.Record(Type.String(), Type.String(), {
      minProperties: 1,
      title: '关联 / Join',
      description: '子表列: 操作中的值。 / Child column: value of the operation.',
    }),
  },
  { ...strict },
)

const write = Type.Object(
  {
    table: Type.Optional(name('表 / Table', '写入的表，可写“模式.表”。 / The table to write to; schema.table is allowed.')),
    mode: Type.Optional(
      choice(['insert', 'upsert'], {
        title: '方式 / Mode',
        description:
          'insert：总是新增；upsert：按 key 有则改、无则增。 / insert: always a new row; upsert: changes the row with this key, or adds it.',
        default: 'insert',
      }),
    ),
    key: Type.Optional(names('主键 / Key', '唯一确定一行的列。 / The columns that tell one row from all others.')),
    children: Type.Optional(
      Type.Array(child, {
        title: '子行 / Child rows',
        description:
          '操作中的列表写入其他表；upsert 时先删去旧的子行。 / Lists of the operation, written to other tables; an upsert first takes the old child rows away.',
      }),
    ),
    procedure: Type.Optional(
      name('存储过程 / Procedure', '代替 table：调用的存储过程。 / In place of table: the stored procedure to call.'),
    ),
    parameters: Type.Optional(
      names('参数 / Parameters', '依次传入的值的名称。 / The names of the values that are passed, in order.'),
    ),
    unknown: choice(unknownPolicies, {
      title: '结果不明时 / When the outcome is unknown',
      description:
        'idempotent：再写一次（须写两次等于一次：upsert，或有 applied）；confirm：先查目标（按 key，或用 confirm 查询）；manual：由人决定。 / idempotent: again (twice must be as once: an upsert, or with applied); confirm: the target is asked first (by key, or by the query confirm); manual: a person decides.',
    }),
    confirm: Type.Optional(
      name(
        '确认查询 / Confirm',
        '一个 SELECT，:名称 处代入操作的值；有行即已写入。 / A SELECT with :name for values of the operation; a row means that it has an effect.',
      ),
    ),
  },
  { ...strict },
)

const applied = Type.Object(
  {
    table: name(
      '表 / Table',
      '部门库中记下已写操作编号的表。 / A table in the department’s database that holds the ids of what was written.',
    ),
    column: Type.String({
      minLength: 1,
      default: 'MESSAGE_ID',
      title: '列 / Column',
      description: '其主键列，至少 255 字符。 / Its primary key, of at least 255 characters.',
    }),
    create: Type.Boolean({
      default: false,
      title: '创建 / Create',
      description: '没有时由网关创建。 / The gateway makes it where it is missing.',
    }),
  },
  {
    ...strict,
    title: '已写表 / Applied',
    description:
      '与数据同一事务写入，故每个操作恰好生效一次。 / Written in the transaction of the data, so that each operation has its effect once.',
  },
)

export const sinkOptions = Type.Object(
  {
    engine: Type.Optional(
      choice(engines, {
        title: '引擎 / Engine',
        description:
          '与 connection 一同使用；缺省与读取相同，只写入的系统必填。 / Of connection; that of reading when absent. Required for a system that is only written to.',
      }),
    ),
    connection: Type.Optional({
      ...connectionOptions,
      title: '连接 / Connection',
      description:
        '可写的账号；缺省与读取相同，只写入的系统必填。 / The account that may write; that of reading when absent. Required for a system that is only written to.',
    }),
    writes: Type.Record(Type.String({ minLength: 1 }), write, {
      minProperties: 1,
      title: '写法 / Writes',
      description: '映射的 write 所指的名称，各写到哪里。 / The names that write of a mapping gives, and where each goes.',
    }),
    applied: Type.Optional(applied),
    timeoutMs: timeoutOption,
  },
  strict,
)

export type SinkOptions = Static<typeof sinkOptions>
export type WriteOptions = Static<typeof write>
export type ChildOptions = Static<typeof child>

interface Place {
  engine: Engine
  connection: ConnectionOptions
}

/** Which database is written to; undefined where nothing says it. */
export const targetOf = ({ engine, connection }: SinkOptions, reading: Place | undefined): Place | undefined => {
  const [of, by] = [engine ?? reading?.engine, connection ?? reading?.connection]
  return of === undefined || by === undefined ? undefined : { engine: of, connection: by }
}

/** By the id of a message another system with the same table would take its own for written. */
export const claimsOf = (given: SinkOptions, reading: Place | undefined): { path: string; name: string }[] => {
  const target = targetOf(given, reading)
  if (!given.applied || !target) return []
  const { host, port, database, file } = target.connection
  const where = file ?? `${host}${port === undefined ? '' : `:${port}`}/${database}`
  return [{ path: '/applied/table', name: `${target.engine} ${where} ${given.applied.table}` }]
}

const checkTarget = (given: SinkOptions, reading: Place | undefined): Problem[] => {
  const { engine, connection } = given
  const target = targetOf(given, reading)
  if (!target) {
    const expected = { zh: '只写入的系统必填', en: 'required for a system that is only written to' }
    return (['engine', 'connection'] as const).flatMap((key) => (given[key] === undefined ? { path: `/${key}`, expected } : []))
  }
  if (engine !== undefined && connection === undefined)
    return [{ path: '/engine', expected: { zh: '与 connection 一同给出', en: 'given with connection' } }]
  return connection ? findConnectionProblems(target.engine, connection) : []
}

/** What the schema cannot say: above all that a policy for unknown outcomes is one that can be kept. */
export const checkSinkOptions = (given: SinkOptions, reading: Place | undefined): Problem[] => [
  ...checkTarget(given, reading),
  ...checkWrites(given, targetOf(given, reading)?.engine),
]

const checkWrites = ({ writes, applied: once }: SinkOptions, engine: Engine | undefined): Problem[] =>
  Object.entries(writes).flatMap(([word, { table, procedure, parameters, mode, key, children, unknown, confirm }]) => {
    const problems: Problem[] = []
    const demand = (holds: boolean, at: string, zh: string, en: string) => {
      if (!holds) problems.push({ path: `/writes/${pointerWord(word)}${at}`, expected: { zh, en } })
    }
    demand(
      (table === undefined) !== (procedure === undefined),
      '',
      'table 与 procedure 恰好给出一个',
      'exactly one of table and procedure',
    )
    demand(procedure === undefined || engine !== 'sqlite', '/procedure', 'SQLite 没有存储过程', 'SQLite has no procedures')
    demand(
      (procedure === undefined) === (parameters === undefined),
      '/parameters',
      '与 procedure 一同给出',
      'given with procedure, and only then',
    )
    demand(procedure === undefined || children === undefined, '/children', '存储过程没有子行', 'a procedure has no child rows')
    demand(mode !== 'upsert' || key !== undefined, '/key', 'upsert 须有 key', 'an upsert needs a key')
    demand(
      unknown !== 'idempotent' || (table !== undefined && mode === 'upsert') || once !== undefined,
      '/unknown',
      '写两次等于一次才可用 idempotent：改用 upsert，或给出 applied',
      'idempotent only where twice is as once: use an upsert, or give applied',
    )
    demand(
      unknown !== 'confirm' || once !== undefined || confirm !== undefined || (table !== undefined && key !== undefined),
      '/unknown',
      'confirm 须有依据：给出 key、confirm 查询或 applied',
      'confirm needs something to ask by: give key, a confirm query or applied',
    )
    return problems
  })
