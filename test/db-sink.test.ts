// needs: postgresql, mariadb
import { randomBytes } from 'node:crypto'
import { readdirSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import t, { type Test } from 'tap'
import adapter from '../adapters/db/index.ts'
import type { Operation, OperationValues, Sink, Verdict } from '../core/contract.ts'
import { sharedController } from '../core/linked-signal.ts'
import { contentOf, damagedContent } from './contract/content.ts'
import { schemaCompiler, testContext } from './contract/source-harness.ts'
import { openMariadb, openPostgresql, openSqlite } from './departments/databases.ts'
import { openFaultProxy } from './departments/fault-proxy.ts'
import { temporaryFolder, until } from './temporary.ts'

const definition = adapter.sink!
const never = sharedController().signal

interface Place {
  engine: 'postgresql' | 'mysql' | 'sqlite'
  connection: Record<string, unknown>
  run(statement: string): Promise<unknown>
  rows(query: string): Promise<Record<string, unknown>[]>
}

const places: [string, (t: Test) => Promise<Place>][] = [
  [
    'PostgreSQL',
    async (t) => {
      const { admin, connection } = await openPostgresql(t)
      return {
        engine: 'postgresql',
        connection,
        run: (statement) => admin.query(statement),
        rows: async (query) => (await admin.query(query)).rows,
      }
    },
  ],
  [
    'MariaDB',
    async (t) => {
      const { admin, connection } = await openMariadb(t)
      return {
        engine: 'mysql',
        connection,
        run: (statement) => admin.query(statement),
        rows: async (query) => (await admin.query(query))[0] as Record<string, unknown>[],
      }
    },
  ],
  [
    'SQLite',
    async (t) => {
      const { admin, connection } = openSqlite(t)
      return {
        engine: 'sqlite',
        connection,
        run: async (statement) => admin.exec(statement),
        rows: async (query) => admin.prepare(query).all() as Record<string, unknown>[],
      }
    },
  ],
]

const problemsOf = (options: object, engine = 'postgresql') =>
  definition.checkOptions!(options as never, { engine, connection: {} } as never).map(({ path }) => path)

const openSink = (
  t: Test,
  { engine, connection }: Pick<Place, 'engine' | 'connection'>,
  options: Record<string, unknown>,
): Sink => {
  const filled = structuredClone(options)
  const check = schemaCompiler().compile(definition.options)
  if (!check(filled)) throw new Error(JSON.stringify(check.errors))
  const sink = definition.open(filled as never, { engine, connection } as never, testContext())
  t.teardown(() => sink.close())
  return sink
}

let count = 0
const operation = (values: OperationValues, write = 'sb'): Operation => ({ id: `m:${++count}`, write, values })

/** In lower case, so that the unquoted names of these statements are the same in all three. */
const table = 'CREATE TABLE sb (no varchar(10) PRIMARY KEY, name varchar(4), at varchar(19))'

for (const [name, openPlace] of places) {
  t.test(`${name}: an operation with its lists is one transaction`, async (t) => {
    const place = await openPlace(t)
    await place.run(table)
    await place.run('CREATE TABLE cl (no varchar(10), mc varchar(20) NOT NULL)')
    const children = [{ name: 'cl', table: 'cl', on: { no: 'no' } }]
    const sink = openSink(t, place, { writes: { sb: { table: 'sb', children, unknown: 'manual' } } })
    const values = { no: 'A1', name: '云远山', at: null, cl: [{ mc: '图纸' }, { mc: '合同' }] }
    t.same(await sink.deliver(operation(values), never), { verdict: 'accepted' })
    t.match(await place.rows('SELECT * FROM sb'), [{}])
    t.equal((await place.rows('SELECT * FROM cl')).length, 2)
    t.match(await sink.deliver(operation({ ...values, no: 'A2', cl: [{ mc: '图纸' }, { mc: null }] }), never), {
      verdict: 'rejected',
    })
    t.equal((await place.rows('SELECT * FROM sb')).length, 1, 'of what is refused nothing stays')
    t.equal((await place.rows('SELECT * FROM cl')).length, 2)
  })

  t.test(`${name}: with a table of what was written, twice is as once`, async (t) => {
    const place = await openPlace(t)
    await place.run(table.replace(' PRIMARY KEY', ''))
    const applied = { table: 'QZ_APPLIED', create: true }
    const sink = openSink(t, place, { applied, writes: { sb: { table: 'sb', unknown: 'idempotent' } } })
    const given = operation({ no: 'A1', name: '甲', at: null })
    t.match(await sink.confirm(given, never), { confirmed: 'absent' })
    t.match(await sink.deliver(given, never), { verdict: 'accepted' })
    t.match(await sink.deliver(given, never), { verdict: 'duplicate' })
    t.match(await sink.confirm(given, never), { confirmed: 'applied' })
    t.match(await sink.deliver({ ...given, id: 'another' }, never), { verdict: 'accepted' })
    for (const id of ['Another', 'anothér']) t.match(await sink.deliver({ ...given, id }, never), { verdict: 'accepted' }, id)
    t.equal((await place.rows('SELECT * FROM sb')).length, 4)
    await place.run(`DROP TABLE ${place.engine === 'mysql' ? 'QZ_APPLIED' : '"QZ_APPLIED"'}`)
    t.match(await sink.deliver({ ...given, id: 'later' }, never), { verdict: 'transient' })
    t.match(await sink.deliver({ ...given, id: 'later' }, never), { verdict: 'accepted' }, 'a table that went away is made again')
  })

  t.test(`${name}: many at once, of whom the first makes the table of what was written`, async (t) => {
    const place = await openPlace(t)
    await place.run(table)
    const applied = { table: 'qz_applied', create: true }
    const sink = openSink(t, place, { applied, writes: { sb: { table: 'sb', unknown: 'idempotent' } } })
    const verdicts = await Promise.all(
      Array.from({ length: 12 }, (_, n) => sink.deliver(operation({ no: `A${n}`, name: '甲', at: null }), never)),
    )
    t.same(new Set(verdicts.map(({ verdict }) => verdict)), new Set(['accepted']), JSON.stringify(verdicts))
    t.equal((await place.rows('SELECT * FROM sb')).length, 12)
  })

  t.test(`${name}: contents of attachments go into binary columns, in the transaction of their rows`, async (t) => {
    const place = await openPlace(t)
    const [binary, large] = place.engine === 'postgresql' ? ['bytea', 'bytea'] : ['BLOB', 'LONGBLOB']
    await place.run(`CREATE TABLE sb (no varchar(10) PRIMARY KEY, name varchar(80), body ${large})`)
    await place.run(`CREATE TABLE cl (no varchar(10), mc varchar(20) NOT NULL, small ${binary}, body ${large})`)
    const children = [{ name: 'cl', table: 'cl', on: { no: 'no' } }]
    const writes = {
      sb: { table: 'sb', mode: 'upsert', key: ['no'], children, unknown: 'idempotent' },
      one: { table: 'sb', key: ['no'], unknown: 'confirm' },
    }
    const sink = openSink(t, place, { writes })
    const [scan, plan] = [randomBytes(3_000_001), randomBytes(700_000)]
    const cl = [
      { mc: '图纸', small: contentOf(Buffer.alloc(0)), body: contentOf(scan) },
      { mc: '合同', small: contentOf(Buffer.from([0, 255, 39, 92])), body: contentOf(plan) },
    ]
    const values = { no: 'A1', name: null, body: contentOf(scan), cl }
    t.same(await sink.deliver(operation(values), never), { verdict: 'accepted' })
    const read = async () => (await place.rows('SELECT mc, small, body FROM cl ORDER BY mc DESC')) as Record<string, Buffer>[]
    const [first, second] = (await read()).sort((a, b) => b['body']!.length - a['body']!.length)
    t.ok(first!['body']!.equals(scan))
    t.ok(second!['body']!.equals(plan))
    t.same([first!['small'], second!['small']], [Buffer.alloc(0), Buffer.from([0, 255, 39, 92])])
    t.same(await sink.deliver(operation({ ...values, body: contentOf(plan), cl: [] }), never), { verdict: 'accepted' })
    t.ok((await place.rows('SELECT body FROM sb'))[0]!['body'] instanceof Buffer)
    t.same(await read(), [])

    const ask = async (body: Buffer, no = 'A1') =>
      (await sink.confirm(operation({ no, name: null, body: contentOf(body) }, 'one'), never)).confirmed
    t.equal(await ask(plan), 'applied')
    t.equal(await ask(scan), 'unknown', 'the key is there, with another content')
    t.equal(await ask(plan, 'A2'), 'absent')

    const damaged = operation({ no: 'A3', name: null, body: damagedContent(scan), cl: [] })
    t.match(await sink.deliver(damaged, never), { verdict: 'transient', error: { code: 'ATTACHMENT_DAMAGED' } })
    t.equal((await place.rows('SELECT * FROM sb')).length, 1, 'and nothing of it stays')
    if (place.engine === 'postgresql')
      t.same(await place.rows('SELECT oid FROM pg_largeobject_metadata'), [], 'nor of what was on the way')
    const misfit = (changes: OperationValues) =>
      t.rejects(sink.deliver(operation({ ...values, cl: [], ...changes }), never), { code: 'DELIVERY_MISFIT' })
    await misfit({ no: contentOf(plan) })
    await misfit({ name: contentOf(plan) })
    await misfit({ body: { ...contentOf(plan), size: 2 ** 33 } })
    if (place.engine === 'mysql') await misfit({ cl: [{ mc: 'x', small: contentOf(Buffer.alloc(65_536)), body: null }] })
  })

  t.test(`${name}: an upsert changes its row and replaces its child rows`, async (t) => {
    const place = await openPlace(t)
    await place.run(table)
    await place.run('CREATE TABLE cl (no varchar(10), mc varchar(20))')
    const children = [{ name: 'cl', table: 'cl', on: { no: 'no' } }]
    const writes = { sb: { table: 'sb', mode: 'upsert', key: ['no'], children, unknown: 'idempotent' } }
    const sink = openSink(t, place, { writes })
    for (const [person, material] of [
      ['甲', '图纸'],
      ['乙', '合同'],
      ['乙', '合同'],
    ])
      t.match(await sink.deliver(operation({ no: 'A1', name: person!, cl: [{ mc: material! }] }), never), { verdict: 'accepted' })
    const found = (await place.rows('SELECT name FROM sb')).map((row) => Object.values(row))
    t.same(found, [['乙']])
    t.same(
      (await place.rows('SELECT mc FROM cl')).map((row) => Object.values(row)),
      [['合同']],
    )
  })

  t.test(`${name}: what the target refuses is told with its code, and without what it quotes of a row`, async (t) => {
    const place = await openPlace(t)
    await place.run(table)
    const sink = openSink(t, place, { writes: { sb: { table: 'sb', key: ['no'], unknown: 'confirm' } } })
    const values = { no: 'A1', name: '云远山', at: '2026-03-02' }
    await sink.deliver(operation(values), never)
    const refused = (await sink.deliver(operation({ ...values, name: '别人' }), never)) as Verdict & {
      code: string
      text: string
    }
    t.match(refused, { verdict: 'rejected', code: /23|CONSTRAINT/ })
    t.notMatch(refused.text, /A1/)
    t.match(await sink.confirm(operation(values), never), { confirmed: 'applied' })
    t.match(
      await sink.confirm(operation({ ...values, name: '别人' }), never),
      { confirmed: 'unknown' },
      'the key is there, with other values',
    )
    t.match(await sink.confirm(operation({ ...values, at: null }), never), { confirmed: 'unknown' })
    t.match(await sink.confirm(operation({ ...values, no: 'A9' }), never), { confirmed: 'absent' })
  })

  t.test(`${name}: a value that has no column, or a list that has no table, waits for a person`, async (t) => {
    const place = await openPlace(t)
    await place.run(table)
    const sink = openSink(t, place, { writes: { sb: { table: 'sb', unknown: 'manual' } } })
    await t.rejects(sink.deliver(operation({ no: 'A1', names: '甲' }), never), {
      code: 'DELIVERY_MISFIT',
      text: { zh: /names.*是否想写“name”/, en: /"names".*Did you mean "name"/ },
    })
    await t.rejects(sink.deliver(operation({ no: 'A1', cl: [] }), never), { code: 'DELIVERY_MISFIT', text: { zh: /cl.*子表/ } })
    t.same(await place.rows('SELECT * FROM sb'), [])
  })

  t.test(`${name}: the probe tries each write and changes nothing`, async (t) => {
    const place = await openPlace(t)
    await place.run(table)
    const writes = { sb: { table: 'sb', unknown: 'manual' }, X: { table: 'NOWHERE', unknown: 'manual' } }
    const steps = await openSink(t, place, { writes }).probe(never)
    t.same(
      steps.map(({ ok }) => ok),
      [true, true, false],
    )
    t.same(await place.rows('SELECT * FROM sb'), [])
  })
}

t.test('text that a column cannot hold as it is is refused, never cut and never replaced', async (t) => {
  const maria = await places[1]![1](t)
  await maria.run(
    'CREATE TABLE sb (no varchar(10) CHARACTER SET utf8mb3, name varchar(4) CHARACTER SET gbk, bz tinytext CHARACTER SET gbk)',
  )
  await maria.run("SET GLOBAL sql_mode = ''")
  t.teardown(() => maria.run('SET GLOBAL sql_mode = DEFAULT'))
  const sink = openSink(t, maria, { writes: { sb: { table: 'sb', unknown: 'manual' } } })
  const refused: [OperationValues, string][] = [
    [{ no: '𠮷' }, 'U+20BB7'],
    [{ name: '䶮' }, 'U+4DAE'],
    [{ name: '一二三四五' }, '5 个字符'],
    [{ bz: '字'.repeat(128) }, '256 字节'],
  ]
  for (const [values, reason] of refused)
    await t.rejects(sink.deliver(operation(values), never), {
      code: 'DELIVERY_MISFIT',
      text: { zh: new RegExp(reason.replace('+', '\\+')) },
    })
  t.same(await maria.rows('SELECT * FROM sb'), [])
  t.match(await sink.deliver(operation({ no: '䶮', name: '巴·尔', bz: '字'.repeat(127) }), never), { verdict: 'accepted' })
  const [row] = await maria.rows('SELECT * FROM sb')
  t.same(row, { no: '䶮', name: '巴·尔', bz: '字'.repeat(127) })

  const postgres = await places[0]![1](t)
  await postgres.run(table)
  const other = openSink(t, postgres, { writes: { sb: { table: 'sb', unknown: 'manual' } } })
  await t.rejects(other.deliver(operation({ no: 'A1', name: '一二三四五' }), never), {
    code: 'DELIVERY_MISFIT',
    text: { en: /has 5 characters, the column holds 4/ },
  })
})

t.test('a procedure is called with its values, and what it raises is a refusal', async (t) => {
  const postgres = await places[0]![1](t)
  await postgres.run('CREATE TABLE T (no text, N int)')
  await postgres.run(`CREATE PROCEDURE P(a text, b int) LANGUAGE plpgsql AS $$ BEGIN
    IF b < 0 THEN RAISE EXCEPTION 'no case %', a; END IF; INSERT INTO T VALUES (a, b); END $$`)
  const write = {
    procedure: 'p',
    parameters: ['no', 'N'],
    unknown: 'confirm',
    confirm: "SELECT 1 FROM T WHERE no = :no AND 'a:b' <> 'c'",
  }
  const sink = openSink(t, postgres, { writes: { P: write } })
  const given = operation({ no: "A'1", N: '7' }, 'P')
  t.match(await sink.confirm(given, never), { confirmed: 'absent' })
  t.match(await sink.deliver(given, never), { verdict: 'accepted' })
  t.match(await sink.confirm(given, never), { confirmed: 'applied' })
  t.match(await sink.deliver(operation({ no: 'A2', N: '-1' }, 'P'), never), { verdict: 'rejected', code: 'P0001' })

  const maria = await places[1]![1](t)
  await maria.run('CREATE TABLE T (no varchar(20), N int)')
  await maria.run(`CREATE PROCEDURE P(a varchar(20), b int) BEGIN
    IF b < 0 THEN SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'no'; END IF; INSERT INTO T VALUES (a, b); END`)
  const other = openSink(t, maria, { writes: { P: { ...write, procedure: 'P' } } })
  t.match(await other.deliver(given, never), { verdict: 'accepted' })
  t.match(await other.deliver(operation({ no: 'A2', N: '-1' }, 'P'), never), { verdict: 'rejected', code: '45000' })
  t.match(await other.confirm(given, never), { confirmed: 'applied' })
})

t.test('a table of what was written that takes two ids for one is told, and nothing is taken for written', async (t) => {
  const maria = await places[1]![1](t)
  await maria.run('CREATE TABLE sb (no varchar(20), name varchar(80))')
  await maria.run('CREATE TABLE Q (MESSAGE_ID varchar(255) COLLATE utf8mb4_general_ci PRIMARY KEY)')
  const sink = openSink(t, maria, { applied: { table: 'Q' }, writes: { sb: { table: 'sb', unknown: 'idempotent' } } })
  const given = operation({ no: 'A1', name: '甲' })
  t.match(await sink.deliver({ ...given, id: 'SQ-e' }, never), { verdict: 'accepted' })
  for (const id of ['sq-E', 'SQ-é'])
    t.match(await sink.deliver({ ...given, id }, never), {
      verdict: 'transient',
      error: { code: 'SOURCE_OPTIONS_INVALID', message: /utf8mb4_bin/ },
    })
  t.equal((await maria.rows('SELECT * FROM sb')).length, 1)
})

t.test('SQLite makes no other number of a text', async (t) => {
  const place = await places[2]![1](t)
  await place.run('CREATE TABLE sb (no STRING, name TEXT, at NUMERIC, r REAL)')
  const sink = openSink(t, place, { writes: { sb: { table: 'sb', unknown: 'manual' } } })
  const put = (values: OperationValues) => sink.deliver(operation(values), never)
  for (const values of [
    { no: '00012' },
    { no: '12345678901234567890' },
    { at: '+5' },
    { at: '1e5' },
    { r: '1234567890123456' },
    { at: '0.1234567890123456' },
  ])
    await t.rejects(put(values), { code: 'DELIVERY_MISFIT', message: /TEXT/ }, JSON.stringify(values))
  for (const values of [
    { no: 'A-1', name: '00012' },
    { no: '150902199001010015' },
    { at: '100.50', r: '12.5' },
    { at: '2026-03-02' },
    { no: '0', at: '-1' },
  ])
    t.match(await put(values), { verdict: 'accepted' }, JSON.stringify(values))
  t.same(await place.rows('SELECT name, CAST(no AS TEXT) no, CAST(at AS TEXT) at FROM sb'), [
    { name: '00012', no: 'A-1', at: null },
    { name: null, no: '150902199001010015', at: null },
    { name: null, no: null, at: '100.5' },
    { name: null, no: null, at: '2026-03-02' },
    { name: null, no: '0', at: '-1' },
  ])
})

t.test('a SQLite file that was replaced, with a write-ahead log, too, is looked for anew', async (t) => {
  const folder = temporaryFolder(t)
  const file = join(folder, 'one.db')
  const make = (): void => {
    const db = new Database(file)
    db.pragma('journal_mode = WAL')
    db.exec('CREATE TABLE sb (no TEXT, name TEXT)')
    db.close()
  }
  make()
  const writes = { sb: { table: 'sb', unknown: 'manual' } }
  const sink = openSink(t, { engine: 'sqlite', connection: { file } }, { writes })
  t.match(await sink.deliver(operation({ no: 'A1' }), never), { verdict: 'accepted' })
  for (const name of readdirSync(folder)) renameSync(join(folder, name), join(folder, `old-${name}`))
  make()
  t.match(await sink.deliver(operation({ no: 'A2' }), never), { verdict: 'transient', error: { code: 'SOURCE_UNREACHABLE' } })
  t.match(await sink.deliver(operation({ no: 'A2' }), never), { verdict: 'accepted' })
  const db = new Database(file)
  t.same(db.prepare('SELECT no FROM sb').all(), [{ no: 'A2' }])
  db.close()
})

t.test('a target that is gone is transient; one that goes while it commits leaves the outcome unknown', async (t) => {
  const postgres = await places[0]![1](t)
  await postgres.run(table)
  // A constraint that is looked at when the transaction commits keeps the commit waiting for as long as the test wants.
  await postgres.run(
    'CREATE FUNCTION wait() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(0.3); RETURN NULL; END $$',
  )
  await postgres.run(
    'CREATE CONSTRAINT TRIGGER late AFTER INSERT ON sb DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION wait()',
  )
  const proxy = await openFaultProxy('127.0.0.1', 5432)
  t.teardown(() => proxy.close())
  const connection = { ...postgres.connection, port: proxy.port }
  const sink = openSink(
    t,
    { engine: 'postgresql', connection },
    { timeoutMs: 5000, writes: { sb: { table: 'sb', key: ['no'], unknown: 'confirm' } } },
  )
  const given = operation({ no: 'A1', name: '甲' })
  const delivering = sink.deliver(given, never)
  const isCommitting = async () =>
    (
      await postgres.rows(
        "SELECT 1 FROM pg_stat_activity WHERE application_name = 'qianzhi' AND query = 'COMMIT' AND state = 'active'",
      )
    ).length > 0
  await until('it commits', isCommitting)
  await proxy.breakDown('dead')
  t.match(await delivering, { verdict: 'unknown' })
  t.match(await sink.deliver(operation({ no: 'A2' }), never), { verdict: 'transient', error: { code: 'SOURCE_UNREACHABLE' } })
  t.match(await sink.confirm(given, never), { confirmed: 'unknown' })
  await proxy.mend()
  // The server goes on with a commit that nobody waits for any more: until then it says, truly, that it does not have it.
  await until(
    'the commit has its effect although nobody was told',
    async () => (await sink.confirm(given, never)).confirmed === 'applied',
  )
})

t.test('a write must say what is done when the outcome is unknown, and be able to', (t) => {
  t.same(problemsOf({ writes: { A: { table: 'T', mode: 'insert', unknown: 'idempotent' } } }), ['/writes/A/unknown'])
  t.same(problemsOf({ writes: { A: { table: 'T', mode: 'insert', unknown: 'confirm' } } }), ['/writes/A/unknown'])
  t.same(problemsOf({ writes: { A: { table: 'T', mode: 'insert', key: ['K'], unknown: 'confirm' } } }), [])
  t.same(problemsOf({ writes: { A: { table: 'T', mode: 'upsert', unknown: 'idempotent' } } }), ['/writes/A/key'])
  t.same(problemsOf({ applied: { table: 'Q' }, writes: { A: { table: 'T', mode: 'insert', unknown: 'idempotent' } } }), [])
  t.same(problemsOf({ writes: { A: { procedure: 'P', unknown: 'manual' } } }), ['/writes/A/parameters'])
  t.same(problemsOf({ writes: { A: { procedure: 'P', parameters: ['A'], unknown: 'confirm' } } }), ['/writes/A/unknown'])
  t.same(problemsOf({ writes: { A: { procedure: 'P', parameters: ['A'], unknown: 'manual' } } }, 'sqlite'), [
    '/writes/A/procedure',
  ])
  t.notOk(schemaCompiler().compile(definition.options)({ writes: { A: { table: 'T' } } }), 'without a policy it is refused')
  for (const { options } of definition.examples) {
    t.ok(schemaCompiler().compile(definition.options)(structuredClone(options)))
    t.same(problemsOf(options), [])
  }
  t.end()
})
