import { defineAdapter, defineSink } from '../../core/contract.ts'
import type { DriverContext, SqlDriver } from './driver.ts'
import { examples, sinkExamples } from './examples.ts'
import { createMysql } from './mysql.ts'
import {
  type Engine,
  findConnectionProblems,
  options,
  overlapOf,
  type Problem,
  type StreamOptions,
  streamName,
  timeoutOf,
} from './options.ts'
import { createPostgresql } from './postgresql.ts'
import { createSink } from './sink.ts'
import { checkSinkOptions, claimsOf, sinkOptions, targetOf } from './sink-options.ts'
import { createSource } from './source.ts'
import { createSqlite } from './sqlite.ts'

const drivers: Record<Engine, (context: DriverContext) => SqlDriver> = {
  postgresql: createPostgresql,
  mysql: createMysql,
  sqlite: createSqlite,
}

/** Behind comments and brackets. What else a query may not hold, the database says. */
const beginsAsSelect = /^(\s|\(|(--|#).*\r?\n|\/\*([^*]|\*(?!\/))*\*\/)*(select|with)\b/i

const checkStream = (stream: StreamOptions, path: string): Problem[] => {
  const problems: Problem[] = []
  const demand = (holds: boolean, at: string, zh: string, en: string) => {
    if (!holds) problems.push({ path: `${path}${at}`, expected: { zh, en } })
  }
  const { table, query, mode, watermark, flag, antiJoin, key, name } = stream
  demand((table === undefined) !== (query === undefined), '', 'table 与 query 恰好给出一个', 'exactly one of table and query')
  demand(query === undefined || name !== undefined, '/name', '用 query 时必须命名', 'a name, when query is used')
  if (query !== undefined)
    demand(beginsAsSelect.test(query) && !/;\s*$/.test(query), '/query', '一个 SELECT，不带分号', 'one SELECT, without semicolon')
  demand(mode !== 'flag' || table !== undefined, '/table', 'flag 方式必须给出 table', 'a table, in mode flag')
  const blocks = { watermark, flag, 'anti-join': antiJoin }
  for (const [of, block] of Object.entries(blocks)) {
    const at = of === 'anti-join' ? '/antiJoin' : `/${of}`
    demand((block !== undefined) === (of === mode), at, `mode 为 ${of} 时给出，否则不给`, `given in mode ${of}, and only then`)
  }
  if (antiJoin)
    demand(antiJoin.columns.length === key.length, '/antiJoin/columns', '与 key 列数相同', 'as many columns as key has')
  if (watermark?.kind === 'number') {
    demand(typeof watermark.overlap !== 'string', '/watermark/overlap', 'kind 为 number 时为个数', 'a count, for kind number')
  }
  if (watermark) demand(Number.isSafeInteger(overlapOf(watermark)), '/watermark/overlap', '较小的值', 'a smaller value')
  if (flag)
    demand(!flag.pending.map(String).includes(String(flag.done)), '/flag/done', '不是 pending 之一', 'none of the pending values')
  return problems
}

export default defineAdapter({
  kind: 'db',
  summary: {
    zh: '读写 PostgreSQL、MySQL/MariaDB、SQLite 前置库：读表、视图或查询，写表或存储过程',
    en: 'reads tables, views or queries of PostgreSQL, MySQL/MariaDB and SQLite front-end databases, writes to tables and procedures',
  },
  options,
  examples,
  checkOptions(given) {
    const names = given.streams.map(streamName)
    const twice = names.findIndex((name, index) => names.indexOf(name) !== index)
    return [
      ...findConnectionProblems(given.engine, given.connection),
      ...given.streams.flatMap((stream, index) => checkStream(stream, `/streams/${index}`)),
      ...(twice < 0
        ? []
        : [
            { path: `/streams/${twice}/name`, expected: { zh: '与其他数据流不同的名称', en: 'a name that no other stream has' } },
          ]),
    ]
  },
  openSource(given, context) {
    const { baseFolder, wait } = context
    const driver = drivers[given.engine]({ connection: given.connection, baseFolder, timeoutMs: timeoutOf(given), wait })
    return createSource(given, driver, context)
  },
  sink: defineSink<typeof options, typeof sinkOptions>({
    options: sinkOptions,
    examples: sinkExamples,
    checkOptions: checkSinkOptions,
    claims: claimsOf,
    writes: ({ writes }) => new Map(Object.entries(writes).map(([name, { unknown }]) => [name, unknown])),
    open(given, reading, context) {
      const { baseFolder, wait } = context
      const { engine, connection } = targetOf(given, reading)!
      const driver = drivers[engine]({ connection, baseFolder, timeoutMs: given.timeoutMs ?? 30_000, wait })
      return createSink(given, driver, context)
    },
  }),
})
