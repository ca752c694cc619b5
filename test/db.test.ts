// needs: postgresql, mariadb
import pg from 'pg'
import t from 'tap'
import adapter from '../adapters/db/index.ts'
import { digestOf } from '../core/attachments/attachment-files.ts'
import { type Adapter, type Emit, GatewayError, type Json, type SourceRecord } from '../core/contract.ts'
import {
  checkedOptions,
  collector,
  type FaultKind,
  runOnce,
  testContext,
  testSource,
  within,
  withSource,
} from './contract/source-contract.ts'
import {
  type Mode,
  mariadbSystem,
  openMariadb,
  openPostgresql,
  openSqlite,
  password,
  postgresqlSystem,
  sqliteSystem,
} from './departments/databases.ts'
import { until } from './temporary.ts'

const db = adapter as unknown as Adapter
const network: FaultKind[] = ['dead', 'silent', 'garbage', 'half']
const suites: [string, Mode, typeof postgresqlSystem, FaultKind[]][] = [
  ['PostgreSQL by watermark', 'watermark', postgresqlSystem, network],
  ['PostgreSQL by flag', 'flag', postgresqlSystem, network],
  ['PostgreSQL by anti-join', 'anti-join', postgresqlSystem, []],
  ['MariaDB by watermark', 'watermark', mariadbSystem, network],
  ['MariaDB by flag', 'flag', mariadbSystem, network],
  ['MariaDB by anti-join', 'anti-join', mariadbSystem, []],
  ['SQLite by watermark', 'watermark', sqliteSystem, ['dead', 'silent', 'garbage']],
  ['SQLite by flag', 'flag', sqliteSystem, ['dead', 'silent', 'garbage']],
  ['SQLite by anti-join', 'anti-join', sqliteSystem, []],
]
for (const [name, mode, openSystem, faults] of suites) {
  testSource(t, name, {
    adapter: db,
    faults,
    seesChanges: mode !== 'anti-join',
    secrets: [password],
    openSystem: (t) => openSystem(t, mode),
  })
}

type Stream = Record<string, unknown>
const optionsOf = (engine: string, connection: object, streams: Stream[], more: object = {}) => ({
  engine,
  connection,
  streams,
  ...more,
})
const byTime = (column = 'ts', overlap = '5m') => ({ mode: 'watermark', watermark: { column, kind: 'time', overlap } })
const byNumber = (column: string) => ({ mode: 'watermark', watermark: { column, kind: 'number' } })
const byFlag = (column: string) => ({ mode: 'flag', flag: { column, pending: ['0', null], done: '1' } })

const runWith = (options: Record<string, unknown>, kept: { checkpoint(): Json | undefined }, emit: Emit) =>
  withSource(db, options, (source) => runOnce(source, kept, emit))

/** Runs once, from the beginning, and gives the rows that were read. */
const rowsOf = async (options: Record<string, unknown>): Promise<SourceRecord[]> => {
  const gateway = collector()
  await runWith(options, gateway, gateway.emit)
  return gateway.batches.flatMap(({ records }) => records)
}

const faultOf = async (work: Promise<unknown>): Promise<GatewayError> => {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  if (!(error instanceof GatewayError)) throw new Error('a GatewayError was expected', { cause: error })
  return error
}

t.test('equal timestamps across batches are all read, also after a restart at any batch', async (t) => {
  const { admin, connection } = await openPostgresql(t)
  await admin.query(`CREATE TABLE j (a varchar(10), b int, ts timestamp NOT NULL, PRIMARY KEY (a, b));
    INSERT INTO j SELECT CASE i % 3 WHEN 0 THEN 'x|y' WHEN 1 THEN 'x\\' ELSE 'x' END, i, '2026-01-31 08:00:00.123456' FROM generate_series(1, 23) i`)
  const options = optionsOf('postgresql', connection, [{ table: 'j', key: ['a', 'b'], ...byTime() }], { batchSize: 5 })
  const gateway = collector()
  for (let dying = 1; dying <= 4; dying++) {
    let emits = 0
    await faultOf(
      runWith(options, gateway, (batch) => {
        emits += 1
        if (emits === 2) throw GatewayError.of('UNEXPECTED', { reason: 'the gateway dies' })
        return gateway.emit(batch)
      }),
    )
  }
  await runWith(options, gateway, gateway.emit)
  t.equal(gateway.keys().length, 23)
  t.equal(new Set(gateway.keys()).size, 23, 'nothing was read twice')
  t.ok(gateway.batches.every(({ records }) => records.length <= 5))
  t.ok(gateway.keys().includes('x\\|y|3') && gateway.keys().includes('x\\\\|1'), 'a separator inside a value is escaped')
})

t.test('a row that is committed late inside the overlap is read', async (t) => {
  const { admin, connection } = await openPostgresql(t)
  await admin.query('CREATE TABLE j (id int PRIMARY KEY, ts timestamptz NOT NULL DEFAULT clock_timestamp())')
  const slow = new pg.Client({ host: '127.0.0.1', user: 'postgres', database: connection.database })
  await slow.connect()
  t.teardown(() => slow.end())
  const options = optionsOf('postgresql', connection, [{ table: 'j', key: ['id'], ...byTime() }])
  const gateway = collector()
  await slow.query('BEGIN')
  await slow.query('INSERT INTO j (id) VALUES (1)')
  await admin.query('INSERT INTO j (id) VALUES (2)')
  await runWith(options, gateway, gateway.emit)
  t.same(gateway.keys(), ['2'])
  await slow.query('COMMIT')
  await runWith(options, gateway, gateway.emit)
  t.same(gateway.keys(), ['2', '1'])
})

t.test('an idle table is not read again once the overlap has passed', async (t) => {
  const postgresql = await openPostgresql(t)
  const mariadb = await openMariadb(t)
  const sqlite = openSqlite(t)
  await postgresql.admin.query(
    `CREATE TABLE j (id int PRIMARY KEY, ts timestamp); INSERT INTO j SELECT i, localtimestamp - interval '1 h' FROM generate_series(1, 12) i`,
  )
  await mariadb.admin.query('CREATE TABLE j (id int PRIMARY KEY, ts datetime)')
  await mariadb.admin.query('INSERT INTO j SELECT seq, UTC_TIMESTAMP() + INTERVAL 7 HOUR FROM seq_1_to_12')
  sqlite.admin.exec(`CREATE TABLE j (id INTEGER PRIMARY KEY, ts TEXT);
    WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 12) INSERT INTO j SELECT i, datetime('now', '+7 hours') FROM n`)
  const east = { mode: 'watermark', watermark: { column: 'ts', kind: 'time', overlap: '5m', zone: '+08:00' } }
  for (const [engine, connection, mode] of [
    ['postgresql', postgresql.connection, byTime()],
    ['mysql', mariadb.connection, east],
    ['sqlite', sqlite.connection, east],
  ] as const) {
    for (const batchSize of [4, 5]) {
      const options = optionsOf(engine, connection, [{ table: 'j', key: ['id'], ...mode }], { batchSize })
      const gateway = collector()
      await runWith(options, gateway, gateway.emit)
      t.equal(gateway.keys().length, 12)
      const read = gateway.batches.length
      await runWith(options, gateway, gateway.emit)
      await runWith(options, gateway, gateway.emit)
      t.equal(gateway.batches.length, read, `${engine}, batches of ${batchSize}`)
    }
  }
})

t.test('a column that knows only days gets the rows of the same day', async (t) => {
  const postgresql = await openPostgresql(t)
  const mariadb = await openMariadb(t)
  const define = 'CREATE TABLE j (id int PRIMARY KEY, ts date)'
  const engines = [
    ['postgresql', postgresql.connection, (sql: string) => postgresql.admin.query(sql)],
    ['mysql', mariadb.connection, (sql: string) => mariadb.admin.query(sql)],
  ] as const
  for (const [engine, connection, query] of engines) {
    await query(define)
    await query('INSERT INTO j VALUES (1, current_date)')
    const options = optionsOf(engine, connection, [{ table: 'j', key: ['id'], ...byTime('ts', '0s') }])
    const gateway = collector()
    await runWith(options, gateway, gateway.emit)
    await query('INSERT INTO j VALUES (2, current_date)')
    await runWith(options, gateway, gateway.emit)
    t.same(gateway.keys(), ['1', '2'], engine)
  }
})

t.test('a row that is updated between reading and flagging stays pending and is read again', async (t) => {
  const postgresql = await openPostgresql(t)
  const mariadb = await openMariadb(t)
  const sqlite = openSqlite(t)
  const engines = [
    ['postgresql', postgresql.connection, async (sql: string) => (await postgresql.admin.query(sql)).rows],
    ['mysql', mariadb.connection, async (sql: string) => (await mariadb.admin.query(sql))[0] as object[]],
    [
      'sqlite',
      sqlite.connection,
      async (sql: string) => (/^SELECT/.test(sql) ? sqlite.admin.prepare(sql).all() : void sqlite.admin.exec(sql)),
    ],
  ] as const
  for (const [engine, connection, query] of engines) {
    await query(
      'CREATE TABLE j (id bigint PRIMARY KEY, name varchar(50), price float, remark varchar(9), flag varchar(1), other varchar(1))',
    )
    await query(
      `INSERT INTO j VALUES (9007199254740992, 'a', 0.1, NULL, '0', '0'), (9007199254740993, 'b', 3.3, '', NULL, '0'), (-7, 'c', 1e9, ' ', '0', '0')`,
    )
    const own = { table: 'j', key: ['id'], columns: ['id', 'name', 'price', 'remark'], ...byFlag('flag') }
    const options = optionsOf(engine, connection, [own], { batchSize: 2 })
    const gateway = collector()
    await withSource(db, options, async (source) => {
      await runOnce(source, gateway, async (batch) => {
        if (batch.records.some(({ key }) => key === '9007199254740992'))
          await query(`UPDATE j SET name = 'A' WHERE id = 9007199254740992`)
        return gateway.emit(batch)
      })
      t.equal(gateway.batches.flatMap(({ records }) => records).length, 3, 'once each, although one stays pending')
      const after = await query('SELECT name, flag, other FROM j ORDER BY id')
      t.same(
        after,
        [
          { name: 'c', flag: '1', other: '0' },
          { name: 'A', flag: '0', other: '0' },
          { name: 'b', flag: '1', other: '0' },
        ],
        `${engine}: the changed row stays pending, the other party's flag is left alone`,
      )
      await runOnce(source, gateway, gateway.emit)
      await runOnce(source, gateway, gateway.emit)
    })
    t.match(gateway.contentOf('9007199254740992'), /"name":"A"/)
    t.equal(gateway.batches.flatMap(({ records }) => records).length, 4)
    t.notOk(gateway.contentOf('-7')?.includes('flag'), 'our own flag is no part of the record')

    const others = collector()
    await runWith(optionsOf(engine, connection, [{ ...own, ...byFlag('other') }]), others, others.emit)
    t.equal(others.keys().length, 3, 'the other party takes every row, too')
    t.same(
      await query('SELECT DISTINCT flag, other FROM j'),
      [{ flag: '1', other: '1' }],
      `${engine}: each party has set its own flag`,
    )
  }
})

t.test('a child row that changes while the gateway stores keeps its parent pending', async (t) => {
  const { admin, connection } = await openPostgresql(t)
  await admin.query(`CREATE TABLE j (id int PRIMARY KEY, flag int); CREATE TABLE m (id int PRIMARY KEY, j int, name text);
    INSERT INTO j VALUES (1, 0), (2, 0); INSERT INTO m VALUES (1, 1, '申请表'), (2, 2, '申请表')`)
  const include = [{ name: 'materials', table: 'm', on: { j: 'id' }, orderBy: ['id'] }]
  const options = optionsOf('postgresql', connection, [{ table: 'j', key: ['id'], include, ...byFlag('flag') }])
  const gateway = collector()
  await runWith(options, gateway, async (batch) => {
    await admin.query(`INSERT INTO m VALUES (3, 2, '身份证')`)
    return gateway.emit(batch)
  })
  t.same((await admin.query('SELECT id, flag FROM j ORDER BY id')).rows, [
    { id: 1, flag: 1 },
    { id: 2, flag: 0 },
  ])
})

t.test('child rows are put on their rows, in order, and never dropped', async (t) => {
  const postgresql = await openPostgresql(t)
  const mariadb = await openMariadb(t)
  const sqlite = openSqlite(t)
  const engines = [
    ['postgresql', postgresql.connection, (sql: string) => postgresql.admin.query(sql)],
    ['mysql', mariadb.connection, (sql: string) => mariadb.admin.query(sql)],
    ['sqlite', sqlite.connection, async (sql: string) => sqlite.admin.exec(sql)],
  ] as const
  for (const [engine, connection, query] of engines) {
    await query('CREATE TABLE 办件 (编号 varchar(20) PRIMARY KEY, 区划 varchar(6), n int)')
    await query('CREATE TABLE 材料 (编号 varchar(20), 区划 varchar(6), 序 int, 名称 varchar(50), PRIMARY KEY (编号, 区划, 序))')
    await query("INSERT INTO 办件 VALUES ('A1', '150902', 1), ('A2', '150921', 2), ('A3', NULL, 3)")
    await query(
      "INSERT INTO 材料 VALUES ('A2', '150921', 10, '营业执照'), ('A2', '150921', 9, '申请表'), ('A2', '150902', 1, '别的区划')",
    )
    const include = [{ name: 'materials', table: '材料', on: { 编号: '编号', 区划: '区划' }, orderBy: ['序'] }]
    const stream = { table: '办件', columns: ['编号', 'n'], key: ['编号'], include, ...byNumber('n') }
    const records = await rowsOf(optionsOf(engine, connection, [stream]))
    const material = (序: string, 名称: string) => ({ 编号: 'A2', 区划: '150921', 序, 名称 })
    t.same(
      records.map(({ value }) => value),
      [
        { 编号: 'A1', n: '1', materials: [] },
        { 编号: 'A2', n: '2', materials: [material('9', '申请表'), material('10', '营业执照')] },
        { 编号: 'A3', n: '3', materials: [] },
      ],
      engine,
    )
  }
  await mariadb.admin.query("UPDATE 办件 SET 编号 = 'a2' WHERE 编号 = 'A2'")
  const include = [{ name: 'materials', table: '材料', on: { 编号: '编号', 区划: '区划' }, orderBy: ['序'] }]
  const options = optionsOf('mysql', mariadb.connection, [{ table: '办件', key: ['编号'], include, ...byNumber('n') }])
  t.same(
    (await rowsOf(options)).map(({ key, fault }) => [key, fault?.code]),
    [
      ['A1', undefined],
      ['a2', 'RECORD_UNREADABLE'],
      ['A3', undefined],
    ],
    'what only the database holds to be equal is neither taken nor left out: it is the fault of its record',
  )
  for (let n = 10; n < 20; n++) {
    await mariadb.admin.query(`INSERT INTO 办件 VALUES ('b${n}', '150921', ${n})`)
    await mariadb.admin.query(`INSERT INTO 材料 VALUES ('B${n}', '150921', 1, '申请表')`)
  }
  t.equal(
    (await faultOf(rowsOf(options))).code,
    'SOURCE_OPTIONS_INVALID',
    'of so many, and none that is alike, the options are wrong',
  )
})

t.test('a row whose value joins nothing is read without its child rows, waits for a person, and keeps no other', async (t) => {
  for (const mode of [byNumber('n'), byFlag('flag')]) {
    const { admin, connection } = await openPostgresql(t)
    await admin.query(`CREATE TABLE j (id int PRIMARY KEY, m text, n int, flag int); CREATE TABLE m (id int PRIMARY KEY, name text);
      CREATE TABLE f (id int PRIMARY KEY, fee int); INSERT INTO f SELECT id, id FROM generate_series(1, 9) id;
      INSERT INTO j SELECT id, id, id, 0 FROM generate_series(1, 9) id; UPDATE j SET m = 'N/A' WHERE id IN (3, 4);
      INSERT INTO m SELECT id, '申请表' FROM generate_series(1, 9) id`)
    const include = [
      { name: 'materials', table: 'm', on: { id: 'm' }, orderBy: ['id'] },
      { name: 'fees', table: 'f', on: { id: 'id' }, orderBy: ['id'] },
    ]
    const stream = { table: 'j', columns: ['id', 'm', 'n'], key: ['id'], include, ...mode }
    const gateway = collector()
    const options = optionsOf('postgresql', connection, [stream])
    await runWith(options, gateway, gateway.emit)
    const records = gateway.batches.flatMap((batch) => batch.records)
    t.same(
      records.map(({ key, fault }) => [key, fault?.code]),
      [1, 2, 3, 4, 5, 6, 7, 8, 9].map((id) => [`${id}`, id === 3 || id === 4 ? 'RECORD_UNREADABLE' : undefined]),
    )
    t.same(records[2]!.value, { id: '3', m: 'N/A', n: '3', fees: [{ id: '3', fee: '3' }] })
    t.match(records[3]!.fault?.text.en, /child rows "materials" \(.+\): (?!.*N\/A)/)
    if (mode.mode !== 'flag') continue
    t.same((await admin.query('SELECT count(*)::int AS n FROM j WHERE flag = 0')).rows, [{ n: 0 }], 'all of them are marked')
  }
})

t.test('values arrive exactly as the database holds them', async (t) => {
  const postgresql = await openPostgresql(t)
  await postgresql.admin.query(`CREATE TABLE v (id bigint PRIMARY KEY, 金额 numeric(30, 10), 编码 varchar(10), 时间 timestamp(6), 时刻 timestamptz,
    日期 date, 空 text, 空串 text, 布尔 boolean, 姓名 text, 附件 bytea);
    INSERT INTO v VALUES (9223372036854775807, 12345678901234567890.0123456789, '007', '2026-01-31 08:00:00.123456', '2026-01-31 08:00:00.000001+08',
    '2026-01-31', NULL, '', true, '巴特尔·䶮"\\', '\\x00ff')`)
  const stream = { table: 'v', key: ['id'], ...byNumber('id') }
  const [row] = await rowsOf(optionsOf('postgresql', postgresql.connection, [stream]))
  const zone = (await postgresql.admin.query(`SELECT ('2026-01-31 08:00:00.000001+08'::timestamptz)::text AS s`)).rows[0]
    .s as string
  t.same(row?.value, {
    id: '9223372036854775807',
    金额: '12345678901234567890.0123456789',
    编码: '007',
    时间: '2026-01-31 08:00:00.123456',
    时刻: zone,
    日期: '2026-01-31',
    空: null,
    空串: '',
    布尔: 't',
    姓名: '巴特尔·䶮"\\',
  })
  const [binary] = await rowsOf(optionsOf('postgresql', postgresql.connection, [{ ...stream, columns: ['附件'] }]))
  t.same(binary?.value, { 附件: 'AP8=' }, 'bytes are read only when they are named')
  t.equal(binary?.key, '9223372036854775807', 'the key need not be among the columns')

  const mariadb = await openMariadb(t)
  await mariadb.admin.query(`CREATE TABLE v (id bigint unsigned PRIMARY KEY, 金额 decimal(30, 10), 编码 varchar(10), 零 int(5) zerofill, 时间 datetime(6),
    日期 date, 空 text, 空串 text, 位 bit(1), 浮 double, 姓名 varchar(50) CHARACTER SET gbk, 附件 blob)`)
  await mariadb.admin.query(`INSERT INTO v VALUES (18446744073709551615, 12345678901234567890.0123456789, '007', 42, '2026-01-31 08:00:00.123456',
    '0000-00-00', NULL, '', 1, 0.1, '巴特尔·王"\\\\', X'00ff')`)
  const [second] = await rowsOf(optionsOf('mysql', mariadb.connection, [stream]))
  t.same(second?.value, {
    id: '18446744073709551615',
    金额: '12345678901234567890.0123456789',
    编码: '007',
    零: '00042',
    时间: '2026-01-31 08:00:00.123456',
    日期: '0000-00-00',
    空: null,
    空串: '',
    位: '1',
    浮: '0.1',
    姓名: '巴特尔·王"\\',
  })
  const [bytes] = await rowsOf(optionsOf('mysql', mariadb.connection, [{ ...stream, columns: ['附件'] }]))
  t.same(bytes?.value, { 附件: 'AP8=' })

  const sqlite = openSqlite(t)
  sqlite.admin.exec(`CREATE TABLE v (id INTEGER PRIMARY KEY, 编码 TEXT, 数 REAL, 任意, 姓名 TEXT, 附件 BLOB);
    INSERT INTO v VALUES (9223372036854775807, '007', 0.5, 12, '巴特尔·䶮', X'00ff')`)
  const [third] = await rowsOf(optionsOf('sqlite', sqlite.connection, [stream]))
  t.same(third?.value, { id: '9223372036854775807', 编码: '007', 数: '0.5', 任意: '12', 姓名: '巴特尔·䶮' })
})

t.test('two hundred thousand rows pass through bounded memory', async (t) => {
  const postgresql = await openPostgresql(t)
  const mariadb = await openMariadb(t)
  const filler = '乌兰察布市集宁区'.repeat(20)
  await postgresql.admin.query(
    `CREATE TABLE j (id int PRIMARY KEY, a text, b text); INSERT INTO j SELECT i, '${filler}', '${filler}' FROM generate_series(1, 200000) i`,
  )
  await mariadb.admin.query('CREATE TABLE j (id int PRIMARY KEY, a text, b text)')
  await mariadb.admin.query(`INSERT INTO j SELECT seq, '${filler}', '${filler}' FROM seq_1_to_200000`)
  const stream = { table: 'j', key: ['id'], ...byNumber('id') }
  for (const [engine, connection] of [
    ['postgresql', postgresql.connection],
    ['mysql', mariadb.connection],
  ] as const) {
    const options = optionsOf(engine, connection, [stream], { batchSize: 500, maxRowsPerRun: 150_000 })
    const sizes = new Set<number>()
    let rows = 0
    let runs = 0
    let next = 1
    let checkpoint: Json | undefined
    let before = 0
    let peak = 0
    const emit: Emit = async ({ records, checkpoint: kept }) => {
      sizes.add(records.length)
      if (records[0]?.key !== String(next)) t.fail(`${records[0]?.key} follows ${next - 1}`)
      next += records.length
      rows += records.length
      const { rss } = process.memoryUsage()
      if (before === 0 && rows >= 20_000) before = rss
      peak = Math.max(peak, rss)
      checkpoint = kept
      return []
    }
    for (; rows < 200_000 && runs < 3; runs++) await runWith(options, { checkpoint: () => checkpoint }, emit)
    t.equal(rows, 200_000, engine)
    t.equal(runs, 2, 'a run ends at maxRowsPerRun and the next one continues')
    t.ok([...sizes].every((size) => size <= 500))
    const grown = Math.round((peak - before) / 1024 / 1024)
    t.ok(grown < 100, `memory grew by ${grown} MiB after the first 20,000 rows`)
  }
})

t.test('storing may take longer than the time-out of the database', async (t) => {
  const postgresql = await openPostgresql(t)
  const mariadb = await openMariadb(t)
  const stream = { table: 'slow', key: ['id'], ...byNumber('id') }
  for (const [engine, { admin: given, connection }] of Object.entries({ postgresql, mysql: mariadb })) {
    const admin: { query(text: string): Promise<unknown> } = given
    await admin.query('CREATE TABLE slow (id int PRIMARY KEY, a text)')
    // Beyond what the sockets hold, so that the database still has to send when the first batch is stored.
    for (let id = 1; id <= 40; id++) await admin.query(`INSERT INTO slow VALUES (${id}, '${'x'.repeat(60_000)}')`)
    const options = optionsOf(engine, connection, [stream], { batchSize: 10, timeoutMs: 500 })
    const gateway = collector()
    await runWith(options, gateway, async (batch) => {
      if (gateway.batches.length === 0) await postgresql.admin.query('SELECT pg_sleep(1.5)')
      return gateway.emit(batch)
    })
    t.equal(gateway.batches.flatMap(({ records }) => records).length, 40, engine)
  }
})

t.test('a connection that is killed in the middle of reading is reported, and the next run continues', async (t) => {
  const postgresql = await openPostgresql(t)
  const mariadb = await openMariadb(t)
  const wide = 'x'.repeat(2000)
  await postgresql.admin.query(
    `CREATE TABLE j (id int PRIMARY KEY, a text); INSERT INTO j SELECT i, '${wide}' FROM generate_series(1, 5000) i`,
  )
  await mariadb.admin.query('CREATE TABLE j (id int PRIMARY KEY, a text)')
  await mariadb.admin.query(`INSERT INTO j SELECT seq, '${wide}' FROM seq_1_to_5000`)
  const stream = { table: 'j', key: ['id'], ...byNumber('id') }
  const kill = {
    postgresql: async () => {
      const { rowCount } = await postgresql.admin.query(
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1 AND application_name = 'qianzhi'`,
        [postgresql.connection.database],
      )
      return rowCount
    },
    mysql: async () => {
      const [found] = await mariadb.admin.query('SELECT id FROM information_schema.processlist WHERE user = ?', [
        mariadb.connection.user,
      ])
      const list = found as { id: number }[]
      for (const { id } of list) await mariadb.admin.query(`KILL ${id}`)
      return list.length
    },
  }
  for (const [engine, connection] of [
    ['postgresql', postgresql.connection],
    ['mysql', mariadb.connection],
  ] as const) {
    const options = optionsOf(engine, connection, [stream], { batchSize: 100 })
    const gateway = collector()
    const error = await faultOf(
      runWith(options, gateway, async (batch) => {
        const receipts = await gateway.emit(batch)
        if (gateway.batches.length === 3) t.equal(await kill[engine](), 1)
        return receipts
      }),
    )
    t.equal(error.code, 'SOURCE_UNREACHABLE', engine)
    await runWith(options, gateway, gateway.emit)
    t.equal(gateway.keys().length, 5000, 'nothing is lost')
    t.equal(gateway.batches.flatMap(({ records }) => records).length, 5000, 'nothing is read twice')
  }
})

t.test('runs that are close to each other share a connection, which is given back when none comes', async (t) => {
  const postgresql = await openPostgresql(t)
  const mariadb = await openMariadb(t)
  for (const statement of ['CREATE TABLE j (id int PRIMARY KEY)', 'INSERT INTO j VALUES (1), (2)']) {
    await postgresql.admin.query(statement)
    await mariadb.admin.query(statement)
  }
  const engines = {
    postgresql: {
      connection: postgresql.connection,
      connections: async (): Promise<number[]> => {
        const { rows } = await postgresql.admin.query(
          `SELECT pid FROM pg_stat_activity WHERE datname = $1 AND application_name = 'qianzhi'`,
          [postgresql.connection.database],
        )
        return rows.map(({ pid }) => pid)
      },
      kill: (id: number) => postgresql.admin.query('SELECT pg_terminate_backend($1)', [id]),
    },
    mysql: {
      connection: mariadb.connection,
      connections: async (): Promise<number[]> => {
        const user = mariadb.connection.user
        const [found] = await mariadb.admin.query('SELECT id FROM information_schema.processlist WHERE user = ?', [user])
        return (found as { id: number }[]).map(({ id }) => Number(id))
      },
      kill: (id: number) => mariadb.admin.query(`KILL ${id}`),
    },
  }
  for (const [engine, { connection, connections, kill }] of Object.entries(engines)) {
    const options = optionsOf(engine, connection, [{ table: 'j', key: ['id'], ...byNumber('id') }])
    const gone = async () => (await connections()).length === 0
    await withSource(db, options, async (source) => {
      const gateway = collector()
      const run = async () => {
        await runOnce(source, gateway, gateway.emit)
        return connections()
      }
      const first = await run()
      t.equal(first.length, 1, `${engine}: it rests`)
      t.same(await run(), first, `${engine}: the next run uses it`)
      await kill(first[0]!)
      await until('the server has ended it', gone)
      const second = await run()
      t.ok(second.length === 1 && second[0] !== first[0], `${engine}: a run that finds it ended has another`)
      await until('nobody has come for it', gone)
      t.equal((await run()).length, 1)
    })
    await until('a closed source holds none', gone)
  }
})

t.test('an abort ends a run that waits for the database', async (t) => {
  const { admin, connection } = await openPostgresql(t)
  const other = new pg.Client({ host: '127.0.0.1', user: 'postgres', database: connection.database })
  await other.connect()
  t.teardown(() => other.end())
  await admin.query('CREATE TABLE j (id int PRIMARY KEY)')
  await other.query('BEGIN')
  await other.query('LOCK TABLE j')
  const options = optionsOf('postgresql', connection, [{ table: 'j', key: ['id'], ...byNumber('id') }], { timeoutMs: 60_000 })
  await withSource(db, options, async (source) => {
    const stop = new AbortController()
    const running = source.run(collector().emit, {
      checkpoint: undefined,
      signal: stop.signal,
      keep: digestOf,
      describe: () => undefined,
    })
    const waits = `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'qianzhi' AND wait_event_type = 'Lock'`
    await within(
      10_000,
      untilFound(() => admin.query(waits)),
      'the run waits for the lock',
    )
    stop.abort(new Error('the gateway stops'))
    await within(2_000, running, 'the end of the run')
  })
  const short = { ...options, timeoutMs: 300 }
  t.equal((await faultOf(rowsOf(short))).code, 'SOURCE_TIMEOUT', 'without an abort the time-out ends it')
  await other.query('ROLLBACK')
})

const untilFound = async (ask: () => Promise<{ rows: unknown[] }>): Promise<void> => {
  while ((await ask()).rows.length === 0);
}

t.test('a read-only account is enough for a watermark, and the probe tells when it is not for a flag', async (t) => {
  const { admin, connection } = await openPostgresql(t)
  const reader = `${connection.database}_reader`
  await admin.query(`CREATE TABLE j (id int PRIMARY KEY, flag int); INSERT INTO j VALUES (1, 0)`)
  await admin.query(`CREATE ROLE ${reader} LOGIN; GRANT SELECT ON j TO ${reader}`)
  t.teardown(async () => {
    await admin.query(`DROP OWNED BY ${reader}; DROP ROLE ${reader}`)
  })
  const own = { ...connection, user: reader }
  t.equal((await rowsOf(optionsOf('postgresql', own, [{ table: 'j', key: ['id'], ...byNumber('id') }]))).length, 1)
  const flag = optionsOf('postgresql', own, [{ table: 'j', key: ['id'], ...byFlag('flag') }])
  const steps = await withSource(db, flag, (source) => source.probe(new AbortController().signal))
  t.same(
    steps.map(({ ok, error }) => [ok, error?.code]),
    [
      [true, undefined],
      [false, 'SOURCE_DENIED'],
    ],
  )
})

t.test('the probe tells what the records of each stream hold, and the records hold just that', async (t) => {
  const postgresql = await openPostgresql(t)
  const mariadb = await openMariadb(t)
  const sqlite = openSqlite(t)
  const engines = [
    ['postgresql', postgresql.connection, (sql: string) => postgresql.admin.query(sql), 'bytea'],
    ['mysql', mariadb.connection, (sql: string) => mariadb.admin.query(sql), 'blob'],
    ['sqlite', sqlite.connection, async (sql: string) => sqlite.admin.exec(sql), 'blob'],
  ] as const
  const plain = (...names: string[]) => names.map((name) => ({ name, fields: [] }))
  for (const [engine, connection, query, bytes] of engines) {
    await query(`CREATE TABLE 办件 (编号 varchar(20) PRIMARY KEY, 姓名 varchar(20), 附件 ${bytes}, flag int, n int)`)
    await query(`CREATE TABLE 材料 (编号 varchar(20), 序 int, 名称 varchar(50), 原件 ${bytes}, PRIMARY KEY (编号, 序))`)
    await query(`INSERT INTO 办件 (编号, 姓名, flag, n) VALUES ('A1', '云·远山', 0, 1)`)
    await query(`INSERT INTO 材料 (编号, 序, 名称) VALUES ('A1', 1, '申请表')`)
    const include = [{ name: 'materials', table: '材料', on: { 编号: '编号' }, orderBy: ['序'] }]
    const options = optionsOf(engine, connection, [
      { name: '受理', table: '办件', key: ['编号'], include, ...byFlag('flag') },
      { name: '部分', table: '办件', columns: ['姓名', '附件'], key: ['编号'], ...byNumber('n') },
    ])
    const steps = await withSource(db, options, (source) => source.probe(new AbortController().signal))
    const told = steps.flatMap(({ streams }) => streams ?? [])
    t.same(
      told,
      [
        {
          stream: '受理',
          fields: [
            ...plain('编号', '姓名', 'n'),
            { name: 'materials', fields: plain('编号', '序', '名称'), repeats: true, isStructure: true },
          ],
        },
        { stream: '部分', fields: plain('姓名', '附件') },
      ],
      `${engine}: without the flag, binary columns only when they are listed`,
    )
    const records = await rowsOf(options)
    t.same(
      records.map(({ stream, value }) => [stream, Object.keys(value as object)]),
      told.map(({ stream, fields = [] }) => [stream, fields.map(({ name }) => name)]),
      engine,
    )
    const [material] = (records[0]!.value as { materials: object[] }).materials
    t.same(Object.keys(material!), ['编号', '序', '名称'], engine)
  }
})

t.test('a wrong name is told with what there is, and a wrong password without it', async (t) => {
  const { admin, connection } = await openPostgresql(t)
  await admin.query('CREATE TABLE up_pro_accept (project_no text PRIMARY KEY, cd_time timestamp, n numeric)')
  const fault = (stream: Stream) =>
    faultOf(rowsOf(optionsOf('postgresql', connection, [{ key: ['project_no'], ...byTime('cd_time'), ...stream }])))
  const table = await fault({ table: 'UP_PRO_ACEPT' })
  t.equal(table.code, 'SOURCE_OPTIONS_INVALID')
  t.match(table.text, { zh: /没有表“UP_PRO_ACEPT”.*up_pro_accept/, en: /Did you mean "up_pro_accept"/ })
  const column = await fault({ table: 'up_pro_accept', key: ['projectno'] })
  t.match(column.text.en, /no column "projectno"\. Did you mean "project_no"/)
  const both = await fault({ table: 'up_pro_accept', key: ['projectno'], ...byTime('cdtime') })
  t.match(both.text.en, /no column "projectno"\..* It has no column "cdtime"\. Did you mean "cd_time"/, 'all at once')
  t.match((await fault({ table: 'up_pro_accept', ...byNumber('project_no') })).text.en, /no numeric column/)
  t.match((await fault({ name: 'q', query: 'SELECT 1 AS a, 2 AS a' })).text.en, /"a" is there twice/)

  await admin.query(`INSERT INTO up_pro_accept VALUES ('甲', '2026-01-01'), ('乙', '2026-01-01')`)
  const query = 'SELECT 1 AS same, cd_time FROM up_pro_accept'
  t.match((await fault({ name: 'q', query, key: ['same'] })).text.en, /does not tell the rows apart/)
  const textTime = await fault({ name: 'q', query: `SELECT project_no, 'soon' AS t FROM up_pro_accept`, ...byTime('t') })
  t.match(textTime.text.en, /"soon" in watermark column "t" is no time/)

  const mariadb = await openMariadb(t)
  const wrong = { ...mariadb.connection, password: 'not-the-password' }
  const denied = await faultOf(rowsOf(optionsOf('mysql', wrong, [{ table: 'j', key: ['id'], ...byNumber('id') }])))
  t.equal(denied.code, 'SOURCE_DENIED')
  t.notMatch(JSON.stringify([denied.text, denied.values]), /not-the-password/)
})

t.test('what the database quotes from a row is not told; its code, and the names it quotes, are', async (t) => {
  const { admin, connection } = await openPostgresql(t)
  await admin.query(`CREATE TABLE j (id int PRIMARY KEY, name text, flag int); INSERT INTO j VALUES (1, 'GEHEIM "x" O''B', 0)`)
  const ofQuery = (query: string) =>
    faultOf(rowsOf(optionsOf('postgresql', connection, [{ name: 'q', query, key: ['id'], ...byNumber('id') }])))
  const syntax = await ofQuery('SELECT id, name::int AS n FROM j')
  t.match(syntax, { code: 'SOURCE_OPTIONS_INVALID', values: { reason: '22P02 invalid input syntax for type integer: …' } })
  const named = await ofQuery('SELECT id, nme FROM j')
  t.equal(named.values.reason, '42703 column "nme" does not exist')
  await admin.query(`CREATE UNIQUE INDEX once ON j (name, flag); INSERT INTO j VALUES (2, 'GEHEIM "x" O''B', 1)`)
  const taken = await faultOf(rowsOf(optionsOf('postgresql', connection, [{ table: 'j', key: ['id'], ...byFlag('flag') }])))
  t.match(taken, { code: 'SOURCE_FAULT', values: { code: '23505', reason: 'duplicate key value violates unique constraint …' } })

  const mariadb = await openMariadb(t)
  await mariadb.admin.query('CREATE TABLE j (id int PRIMARY KEY, name varchar(40), flag int, UNIQUE (name, flag))')
  await mariadb.admin.query(`INSERT INTO j VALUES (1, 'O''B GEHEIM', 0), (2, 'O''B GEHEIM', 1)`)
  const twice = await faultOf(rowsOf(optionsOf('mysql', mariadb.connection, [{ table: 'j', key: ['id'], ...byFlag('flag') }])))
  t.match(twice, { code: 'SOURCE_FAULT', values: { code: 'ER_DUP_ENTRY', reason: 'Duplicate entry …' } })
  for (const error of [syntax, taken, twice]) t.notMatch(JSON.stringify([error.message, error.values]), /GEHEIM|O'B/)
})

t.test('rows without a watermark or key are counted in a warning, not skipped in silence', async (t) => {
  const { admin, connection } = await openPostgresql(t)
  await admin.query(
    `CREATE TABLE j (id int PRIMARY KEY, ts timestamp); INSERT INTO j VALUES (1, '2026-01-01'), (2, NULL), (3, NULL)`,
  )
  const warnings: GatewayError[] = []
  const gateway = collector()
  const options = optionsOf('postgresql', connection, [{ table: 'j', key: ['id'], ...byTime() }])
  const source = db.openSource(checkedOptions(db, options), testContext(warnings))
  await runOnce(source, gateway, gateway.emit)
  await runOnce(source, gateway, gateway.emit)
  t.same(gateway.keys(), ['1'])
  const skipped = { code: 'SOURCE_ROWS_SKIPPED', values: { count: 2 } }
  t.match(warnings, [skipped, skipped], 'in each run as long as it is so')
  await admin.query('INSERT INTO j VALUES (4, NULL)')
  await runOnce(source, gateway, gateway.emit)
  t.match(warnings.slice(2), [{ values: { count: 3 } }])
  await source.close()
  await admin.query('DELETE FROM j WHERE id = 4')
  await admin.query(`UPDATE j SET ts = clock_timestamp() WHERE ts IS NULL`)
  await runWith(options, gateway, gateway.emit)
  t.same(gateway.keys(), ['1', '2', '3'], 'completed, they are read')
})

t.test('the server must prove itself when encryption is asked for', async (t) => {
  const { connection } = await openPostgresql(t)
  const options = optionsOf('postgresql', { ...connection, tls: {} }, [{ table: 'j', key: ['id'], ...byNumber('id') }])
  t.equal((await faultOf(rowsOf(options))).code, 'SOURCE_UNREACHABLE')
})

t.test('options that contradict each other are named', async (t) => {
  const check = (stream: Stream, more: object = {}) =>
    adapter.checkOptions?.({ ...adapter.examples[0]?.options, streams: [stream], ...more } as never).map(({ path }) => path)
  t.same(check({ key: ['id'], ...byNumber('id') }), ['/streams/0'])
  t.same(check({ query: 'SELECT 1', key: ['id'], ...byNumber('id') }), ['/streams/0/name'])
  t.same(check({ table: 'j', key: ['id'], mode: 'flag' }), ['/streams/0/flag'])
  t.same(check({ table: 'j', key: ['id'], ...byFlag('f'), flag: { column: 'f', pending: [1], done: '1' } }), [
    '/streams/0/flag/done',
  ])
  t.same(check({ table: 'j', key: ['id'], mode: 'watermark', watermark: { column: 'n', kind: 'number', overlap: '5m' } }), [
    '/streams/0/watermark/overlap',
  ])
  t.same(check({ table: 'j', key: ['a', 'b'], mode: 'anti-join', antiJoin: { table: 's', columns: ['a'] } }), [
    '/streams/0/antiJoin/columns',
  ])
  t.same(check({ table: 'j', key: ['id'], ...byNumber('id') }, { engine: 'sqlite' }), ['/connection/file'])
})
