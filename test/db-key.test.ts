// needs: postgresql, mariadb
import t from 'tap'
import adapter from '../adapters/db/index.ts'
import { keyRows } from '../adapters/db/key.ts'
import type { Adapter, GatewayError, ProbeStep } from '../core/contract.ts'
import { checkedOptions, collector, runOnce, testContext, withSource } from './contract/source-contract.ts'
import { type Engine, openEngines, uniqueName } from './departments/databases.ts'

const db = adapter as unknown as Adapter
const modes = {
  watermark: { mode: 'watermark', watermark: { column: 'n', kind: 'number' } },
  flag: { mode: 'flag', flag: { column: 'flag', pending: [0], done: 1 } },
  'anti-join': { mode: 'anti-join', antiJoin: { table: 'sent', columns: ['no'] } },
}
const unproven = /没有唯一索引保证 key（.+）不重复 \/ no unique index guarantees that key \(.+\) is there once only/

/** The step of the only stream. */
const probed = async ({ engine, connection }: Engine, stream: object): Promise<ProbeStep> => {
  const options = { engine, connection, streams: [stream] }
  const steps = await withSource(db, options, (source) => source.probe(new AbortController().signal))
  return steps.at(-1)!
}

const refused = { ok: false, error: { code: 'SOURCE_OPTIONS_INVALID', message: /does not tell the rows apart/ } }

t.test('a key that several rows have is found in every mode, in a table, a view and a query', async (t) => {
  for (const engine of await openEngines(t)) {
    await engine.change('CREATE TABLE j (no varchar(20), area varchar(6), n int, flag int)')
    await engine.change('CREATE TABLE sent (no varchar(20) PRIMARY KEY)')
    await engine.change('CREATE VIEW v AS SELECT * FROM j')
    const { watermark, flag, 'anti-join': antiJoin } = modes
    const all = [
      ...[watermark, flag, antiJoin].map((mode) => ({ table: 'j', ...mode })),
      ...[watermark, antiJoin].map((mode) => ({ table: 'v', ...mode })),
      ...[watermark, antiJoin].map((mode) => ({ name: 'q', query: 'SELECT * FROM j', ...mode })),
    ]
    await engine.change(
      `INSERT INTO j VALUES ('A1', '150902', 1, 0), ('A2', '150902', 2, 0), (NULL, '150902', 3, 0), (NULL, '150902', 4, 0)`,
    )
    for (const stream of all) {
      const { ok, detail } = await probed(engine, { ...stream, key: ['no'] })
      t.match({ ok, detail }, { ok: true, detail: unproven }, `${engine.engine}: ${JSON.stringify(stream)}`)
    }
    await engine.change(`INSERT INTO j VALUES ('A1', '150921', 5, 1)`)
    for (const stream of all) {
      const { ok } = await probed(engine, { ...stream, key: ['no'] })
      t.equal(ok, stream.mode === 'flag', `${engine.engine}: ${stream.mode}; of the two rows one is pending`)
    }
    await engine.change(`UPDATE j SET flag = 0`)
    for (const stream of all)
      t.match(await probed(engine, { ...stream, key: ['no'] }), refused, `${engine.engine}: ${stream.mode}`)
    const both = await probed(engine, { table: 'j', key: ['no', 'area'], ...modes.watermark })
    t.match(both, { ok: true, detail: unproven }, 'together the columns tell them apart')
  }
})

t.test('a unique index on columns of the key is enough, and only such a one', async (t) => {
  const partial = {
    postgresql: 'CREATE UNIQUE INDEX u ON j (no) WHERE n > 0',
    sqlite: 'CREATE UNIQUE INDEX u ON j (no) WHERE n > 0',
  }
  const ofExpression = {
    postgresql: 'CREATE UNIQUE INDEX u ON j (no, lower(area))',
    sqlite: 'CREATE UNIQUE INDEX u ON j (no, lower(area))',
  }
  const included = { postgresql: 'CREATE UNIQUE INDEX u ON j (no) INCLUDE (n)' }
  const primary = { postgresql: 'ALTER TABLE j ADD PRIMARY KEY (no)', mysql: 'ALTER TABLE j ADD PRIMARY KEY (no)' }
  const on = (columns: string, unique = 'UNIQUE') => ({
    postgresql: `CREATE ${unique} INDEX u ON j (${columns})`,
    mysql: `CREATE ${unique} INDEX u ON j (${columns})`,
    sqlite: `CREATE ${unique} INDEX u ON j (${columns})`,
  })
  const cases: [Record<string, string>, string[], boolean][] = [
    [on('no'), ['no'], true],
    [on('no'), ['area', 'no'], true],
    [on('no, area'), ['area', 'no'], true],
    [on('no, area'), ['no'], false],
    [on('no', ''), ['no'], false],
    [partial, ['no'], false],
    [ofExpression, ['no'], false],
    [included, ['no'], true],
    [primary, ['no'], true],
  ]
  for (const engine of await openEngines(t)) {
    for (const [index, key, isGuaranteed] of cases) {
      const define = index[engine.engine]
      if (define === undefined) continue
      await engine.change('DROP TABLE IF EXISTS j')
      await engine.change('CREATE TABLE j (no varchar(20) NOT NULL, area varchar(6) NOT NULL, n int)')
      await engine.change(define)
      const { ok, detail } = await probed(engine, { table: 'j', key, ...modes.watermark })
      t.ok(ok)
      t.equal(unproven.test(detail ?? ''), !isGuaranteed, `${engine.engine}: ${define}, key ${key}`)
    }
  }
  const [postgresql, , sqlite] = await openEngines(t)
  await sqlite!.change(
    'CREATE TABLE k (no INTEGER PRIMARY KEY, n int); CREATE TABLE w (no TEXT PRIMARY KEY, n int) WITHOUT ROWID',
  )
  for (const table of ['k', 'w'])
    t.notMatch(
      (await probed(sqlite!, { table, key: ['no'], ...modes.watermark })).detail,
      unproven,
      `a row id, or none: ${table}`,
    )
  await postgresql!.change('CREATE TABLE p (no int PRIMARY KEY, n int); CREATE TABLE c () INHERITS (p)')
  await postgresql!.change('INSERT INTO p VALUES (1, 1); INSERT INTO c VALUES (1, 2)')
  t.match(
    await probed(postgresql!, { table: 'p', key: ['no'], ...modes.watermark }),
    refused,
    'its index does not see the rows of c',
  )
})

t.test('no more than so many rows are looked at, where an index helps in the order of the key', async (t) => {
  const [engine] = await openEngines(t)
  await engine!.change(`CREATE TABLE j (no int NOT NULL, n int NOT NULL);
    INSERT INTO j SELECT i, i FROM generate_series(1, ${keyRows}) i; INSERT INTO j VALUES (1, ${keyRows + 1})`)
  const stream = { table: 'j', key: ['no'], ...modes.watermark }
  t.match(await probed(engine!, stream), { ok: true, detail: unproven }, 'its double is beyond what is looked at')
  await engine!.change('CREATE INDEX i ON j (no)')
  t.match(await probed(engine!, stream), refused)
})

t.test('rows that only the database holds to be equal have one key: it could not order them', async (t) => {
  const engine = (await openEngines(t))[1]!
  await engine.change('CREATE TABLE j (no varchar(20), n int)')
  await engine.change(`INSERT INTO j VALUES ('a1', 1), ('A1', 2)`)
  t.match(await probed(engine, { table: 'j', key: ['no'], ...modes.watermark }), refused)
})

t.test('an account that may only read sees the indexes, and may not set a flag', async (t) => {
  const [postgresql, mariadb] = await openEngines(t)
  const reader = uniqueName('r')
  const grants = {
    postgresql: [`CREATE ROLE ${reader} LOGIN`, `GRANT SELECT ON j TO ${reader}`],
    mysql: [`CREATE USER '${reader}'@'%'`, `GRANT SELECT ON j TO '${reader}'@'%'`],
  }
  for (const engine of [postgresql!, mariadb!]) {
    await engine.change('CREATE TABLE j (no int PRIMARY KEY, n int, flag int)')
    for (const grant of grants[engine.engine as keyof typeof grants]) await engine.change(grant)
    t.teardown(() =>
      engine.change(engine.engine === 'mysql' ? `DROP USER '${reader}'@'%'` : `DROP OWNED BY ${reader}; DROP ROLE ${reader}`),
    )
    const own = { ...engine, connection: { ...engine.connection, user: reader, password: '' } }
    const watermark = await probed(own, { table: 'j', key: ['no'], ...modes.watermark })
    t.equal(watermark.ok, true, engine.engine)
    t.notMatch(watermark.detail, unproven)
    t.match(await probed(own, { table: 'j', key: ['no'], ...modes.flag }), { ok: false, error: { code: 'SOURCE_DENIED' } })
  }
})

t.test(
  'two rows of one key are told by a run that comes back to rows that it has read, and are no amendments of each other',
  async (t) => {
    for (const engine of await openEngines(t)) {
      const time = engine.engine === 'sqlite' ? 'TEXT' : engine.engine === 'mysql' ? 'datetime' : 'timestamp'
      await engine.change(`CREATE TABLE j (no varchar(20), name varchar(20), at ${time})`)
      await engine.change(
        "INSERT INTO j VALUES ('B1', 'x', '2020-01-01 00:00:00'), ('A1', 'x', '2020-01-02 00:00:00'), ('A1', 'y', '2020-01-03 00:00:00')",
      )
      const { engine: kind, connection } = engine
      const opened = (watermark: object) => {
        const streams = [{ table: 'j', key: ['no'], mode: 'watermark', watermark: { column: 'at', kind: 'time', ...watermark } }]
        const gateway = collector()
        return async () => {
          warnings.length = 0
          const source = db.openSource(checkedOptions(db, { engine: kind, connection, streams }), testContext(warnings))
          await runOnce(source, gateway, gateway.emit).finally(() => source.close())
        }
      }
      const warnings: GatewayError[] = []
      const again = opened({ overlap: '36500d' })
      await again()
      for (let run = 0; run < 3; run++)
        await t.rejects(
          again(),
          { code: 'SOURCE_OPTIONS_INVALID', message: /several have "A1"/ },
          `${kind}: what is read for the first time goes on; then it is told until it is mended`,
        )
      const once = opened({ overlap: '0s' })
      await once()
      t.match(warnings, [{ code: 'SOURCE_OPTIONS_INVALID', message: /several have "A1"/ }], 'read once, it is warned of')
      await once()
    }
  },
)

t.test(
  'of two rows that stand at one place none is taken, wherever a batch or a run ends, until one of them is gone',
  async (t) => {
    for (const engine of await openEngines(t)) {
      await engine.change('CREATE TABLE j (no varchar(20), name varchar(20), n int, flag int)')
      await engine.change(
        "INSERT INTO j VALUES ('A1', 'x', 1, 0), ('A2', 'x', 2, 0), ('A3', 'x', 3, 0), ('A3', 'y', 3, 0), ('A4', 'x', 4, 0)",
      )
      const { engine: kind, connection } = engine
      for (const mode of ['watermark', 'flag'] as const)
        for (const limits of [
          { batchSize: 1 },
          { batchSize: 3 },
          { batchSize: 10 },
          { maxRowsPerRun: 1 },
          { maxRowsPerRun: 3 },
        ]) {
          const gateway = collector()
          const options = { engine: kind, connection, ...limits, streams: [{ table: 'j', key: ['no'], ...modes[mode] }] }
          const run = () => withSource(db, options, (source) => runOnce(source, gateway, gateway.emit))
          const said: unknown[] = []
          for (let runs = 0; runs < 6; runs++)
            said.push(
              await run().then(
                () => undefined,
                (error: unknown) => error,
              ),
            )
          const name = `${kind}, ${mode}, ${JSON.stringify(limits)}`
          t.match(said.at(-1), { code: 'SOURCE_OPTIONS_INVALID', message: /several have "A3"/ }, name)
          t.same([...new Set(gateway.keys())], ['A1', 'A2'], name)
          t.notOk(JSON.stringify(gateway.batches).includes('A4'), 'nothing behind them')
          await engine.change("DELETE FROM j WHERE name = 'y'")
          for (let runs = 0; runs < 4; runs++) await run()
          t.same([...new Set(gateway.keys())], ['A1', 'A2', 'A3', 'A4'], name)
          await engine.change("INSERT INTO j VALUES ('A3', 'y', 3, 0)")
          await engine.change('UPDATE j SET flag = 0')
        }
    }
  },
)

t.test('a number that is committed late inside the overlap is read, also when the pass is interrupted', async (t) => {
  for (const engine of await openEngines(t)) {
    await engine.change('CREATE TABLE j (no varchar(20) PRIMARY KEY, n int)')
    const put = (...numbers: number[]) =>
      engine.change(`INSERT INTO j VALUES ${numbers.map((n) => `('A${n}', ${n})`).join(', ')}`)
    await put(1, 2, 4)
    const { engine: kind, connection } = engine
    const watermark = { column: 'n', kind: 'number', overlap: 2 }
    const streams = [{ table: 'j', key: ['no'], mode: 'watermark', watermark }]
    const gateway = collector()
    const run = (maxRowsPerRun: number) =>
      withSource(db, { engine: kind, connection, maxRowsPerRun, streams }, (source) => runOnce(source, gateway, gateway.emit))
    await run(2)
    await run(1)
    await put(3, 5, 6, 7, 8)
    for (let runs = 0; runs < 3; runs++) await run(100)
    t.same([...new Set(gateway.keys())].sort(), ['A1', 'A2', 'A3', 'A4', 'A5', 'A6', 'A7', 'A8'], kind)
  }
})

t.test('a number that is none is told: as the largest of all it would end the reading', async (t) => {
  for (const engine of await openEngines(t)) {
    if (engine.engine !== 'postgresql') continue
    await engine.change("CREATE TABLE j (no text PRIMARY KEY, n float8); INSERT INTO j VALUES ('A1', 1), ('A2', 'NaN')")
    const stream = { table: 'j', key: ['no'], ...modes.watermark }
    const told = { code: 'SOURCE_OPTIONS_INVALID', message: /"NaN" in watermark column "n" is no number/ }
    t.match(await probed(engine, stream), { ok: false, error: told })
    const gateway = collector()
    const { engine: kind, connection } = engine
    const once = () =>
      withSource(db, { engine: kind, connection, streams: [stream] }, (source) => runOnce(source, gateway, gateway.emit))
    await t.rejects(once(), told)
    t.same(gateway.keys(), ['A1'], 'the rows before it are taken')
    await engine.change("INSERT INTO j VALUES ('A3', 2)")
    await t.rejects(once(), told)
    t.same(gateway.keys(), ['A1', 'A3'], 'and so are those that come to stand before it')
  }
})

t.test('a flag of one bit is read and set', async (t) => {
  for (const engine of await openEngines(t)) {
    if (engine.engine !== 'mysql') continue
    await engine.change('CREATE TABLE j (no varchar(20) PRIMARY KEY, flag bit(1) NOT NULL)')
    await engine.change("INSERT INTO j VALUES ('A1', b'0'), ('A2', b'1')")
    const { engine: kind, connection } = engine
    const streams = [{ table: 'j', key: ['no'], mode: 'flag', flag: { column: 'flag', pending: [0], done: 1 } }]
    const gateway = collector()
    const runs = () => withSource(db, { engine: kind, connection, streams }, (source) => runOnce(source, gateway, gateway.emit))
    await runs()
    await runs()
    t.same(
      gateway.batches.flatMap(({ records }) => records.map(({ key }) => key)),
      ['A1'],
      'once, and then it is set',
    )
  }
})
