// needs: postgresql, mariadb
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { parse } from 'yaml'
import adapter from '../adapters/db/index.ts'
import type { Adapter, GatewayError, ProbeStep, SourceRecord } from '../core/contract.ts'
import { checkedOptions, collector, runOnce, testContext, withSource } from './contract/source-contract.ts'
import { type Engine, openEngines } from './departments/databases.ts'
import { temporaryFolder } from './temporary.ts'

const db = adapter as unknown as Adapter

type Stream = Record<string, unknown>

const optionsOf = ({ engine, connection }: Omit<Engine, 'change'>, stream: Stream) => ({ engine, connection, streams: [stream] })
const by = (column: string, kind: string, more: object = {}) => ({ mode: 'watermark', watermark: { column, kind, ...more } })

/** The step of the only stream. */
const probed = async (options: Record<string, unknown>): Promise<ProbeStep> => {
  const steps = await withSource(db, options, (source) => source.probe(new AbortController().signal))
  return steps.at(-1)!
}

/** What a run over these options would read, or why it fails. */
const run = async (options: Record<string, unknown>): Promise<{ records: SourceRecord[] } | { error: GatewayError }> => {
  const gateway = collector()
  try {
    await withSource(db, options, async (source) => {
      await runOnce(source, gateway, gateway.emit)
      await runOnce(source, gateway, gateway.emit)
    })
    return { records: gateway.batches.flatMap(({ records }) => records) }
  } catch (error) {
    return { error: error as GatewayError }
  }
}

/** The probe refuses, and a run does in the very same words. */
const refusedAlike = async (t: Test, options: Record<string, unknown>, told: RegExp, what: string): Promise<void> => {
  const { ok, error } = await probed(options)
  t.equal(ok, false, what)
  t.match(error, { code: 'SOURCE_OPTIONS_INVALID', text: { en: told } }, what)
  const ran = await run(options)
  t.same('error' in ran && ran.error.text, error?.text, `${what}: a run says the same`)
}

/** By engine, the columns of a table whose shape makes them no watermark of a kind. */
const unfit: Record<string, { time: string[]; number: string[]; neither: string[] }> = {
  postgresql: {
    time: ['int', 'numeric(20, 2)', 'float8'],
    number: ['text', 'varchar(20)', 'timestamp', 'date'],
    neither: ['boolean', 'bytea', 'json', 'jsonb', 'uuid', 'interval', 'time', 'money', 'oid'],
  },
  mysql: {
    time: ['int', 'decimal(20, 2)', 'double', 'year'],
    number: ['text', 'varchar(20)', 'datetime', 'date', 'timestamp', "enum('a')"],
    neither: ['blob', 'time'],
  },
  sqlite: {
    time: ['INTEGER', 'REAL', 'NUMERIC', 'DECIMAL(20, 2)'],
    number: ['TEXT', 'VARCHAR(20)', 'DATETIME'],
    neither: ['BOOLEAN', 'BLOB', 'JSON'],
  },
}

t.test('a column whose shape makes it no watermark is refused by the probe and by a run, also without rows', async (t) => {
  let nth = 0
  for (const engine of await openEngines(t)) {
    const { time, number, neither } = unfit[engine.engine]!
    const cases = [
      ...[...time, ...neither].map((type) => ['time', type, /no column of times/] as const),
      ...[...number, ...neither].map((type) => ['number', type, /no numeric column/] as const),
    ]
    for (const [kind, type, told] of cases) {
      const table = `t${++nth}`
      await engine.change(`CREATE TABLE ${table} (no int PRIMARY KEY, mark ${type})`)
      const options = optionsOf(engine, { table, key: ['no'], ...by('mark', kind) })
      await refusedAlike(t, options, told, `${engine.engine}: ${kind} on ${type}`)
    }
  }
})

t.test('what a column can be is not refused', async (t) => {
  const fit: Record<string, [string, string, string][]> = {
    postgresql: [
      ['time', 'timestamptz NOT NULL', `'2026-01-31 08:00:00+08'`],
      ['time', 'date', 'NULL'],
      ['time', 'text', `'2026-01-31T08:00:00'`],
      ['number', 'bigint', '7'],
      ['number', 'numeric', '7.5'],
    ],
    mysql: [
      ['time', 'datetime', `'2026-01-31 08:00:00'`],
      ['time', 'date', 'NULL'],
      ['time', 'varchar(40)', `'2026-01-31 08:00:00'`],
      ['number', 'int(5) zerofill', '7'],
    ],
    sqlite: [
      ['time', 'DATETIME', `'2026-01-31 08:00:00'`],
      ['time', 'STRING', `'2026-01-31 08:00:00'`],
      ['time', 'TEXT', 'NULL'],
      ['time', '', `'2026-01-31 08:00:00'`],
      ['number', 'INTEGER', '7'],
      ['number', 'STRING', '7'],
      ['number', '', '7'],
      ['number', '', `'20260320'`],
    ],
  }
  let nth = 0
  for (const engine of await openEngines(t)) {
    for (const [kind, type, value] of fit[engine.engine]!) {
      const table = `t${++nth}`
      await engine.change(`CREATE TABLE ${table} (no int PRIMARY KEY, mark ${type})`)
      const options = optionsOf(engine, { table, key: ['no'], ...by('mark', kind, { overlap: kind === 'time' ? '0s' : 0 }) })
      t.match(await probed(options), { ok: true }, `${engine.engine}: ${kind} on ${type}, no row`)
      await engine.change(`INSERT INTO ${table} VALUES (1, ${value})`)
      t.match(await probed(options), { ok: true }, `${engine.engine}: ${kind} on ${type} of ${value}`)
      t.match(await run(options), { records: value === 'NULL' ? [] : [{ key: '1' }] }, `${engine.engine}: ${kind} on ${type}`)
    }
  }
})

t.test('texts that are no times are found at either end of the order', async (t) => {
  for (const engine of await openEngines(t)) {
    await engine.change('CREATE TABLE j (no int PRIMARY KEY, mark varchar(40))')
    const options = optionsOf(engine, { table: 'j', key: ['no'], ...by('mark', 'time') })
    await engine.change(`INSERT INTO j VALUES (1, '2026-01-31 08:00:00'), (2, NULL)`)
    for (const wrong of ['2025/01/31 08:00', 'soon']) {
      await engine.change(`INSERT INTO j VALUES (3, '${wrong}')`)
      await refusedAlike(t, options, new RegExp(`"${wrong}" in watermark column "mark" is no time`), engine.engine)
      await engine.change('DELETE FROM j WHERE no = 3')
    }
    t.match(await probed(options), { ok: true })
  }
})

t.test('a column of SQLite that may hold anything, and holds texts, is no column of numbers', async (t) => {
  const engine = (await openEngines(t)).at(-1)!
  for (const type of ['', 'INTEGER', 'STRING']) {
    await engine.change(`DROP TABLE IF EXISTS j; CREATE TABLE j (no INTEGER PRIMARY KEY, mark ${type});
      INSERT INTO j VALUES (1, 7), (2, '2026-01-31 08:00:00')`)
    const stream = { table: 'j', key: ['no'], ...by('mark', 'number') }
    if (type === '') await engine.change('DELETE FROM j WHERE no = 1')
    await refusedAlike(t, optionsOf(engine, stream), /"2026-01-31 08:00:00" in watermark column "mark" is no number/, type)
  }
  const query = 'SELECT no, mark || x AS mark FROM (SELECT no, mark, no AS x FROM j)'
  await refusedAlike(t, optionsOf(engine, { name: 'q', query, key: ['no'], ...by('mark', 'number') }), /is no number/, 'a query')
})

/** What a message says in place of what was refused: part of a stream, to the letter. */
const adviceIn = (text: string): { query: string; watermark: object; name?: string } => {
  const [, name, query, watermark] =
    /(?:(name: \S+?)[,、] ?)?(query: SELECT .+? t)(?: in place| 代替|（| \().*?(watermark: \{.+?\})/.exec(text)!
  return parse([name, query, watermark].join('\n')) as { query: string; watermark: object; name?: string }
}

t.test('whoever follows the advice for a column of texts has a stream that reads, in both languages', async (t) => {
  const values = { days: ['20260319', '20260320', '20260320'], dashed: ['2026-03-19', '2026-03-20', '2026-03-20'] }
  for (const engine of await openEngines(t)) {
    for (const [table, [first, second, later]] of Object.entries(values)) {
      await engine.change(`CREATE TABLE ${table} (no int PRIMARY KEY, 更新日 varchar(40))`)
      await engine.change(`INSERT INTO ${table} VALUES (1, '${first}'), (2, '${second}')`)
      const refused = [
        { own: { table }, kind: 'time' },
        { own: { table }, kind: 'number' },
        { own: { name: 'q', query: `SELECT * FROM ${table}` }, kind: 'number' },
      ]
      for (const { own, kind } of refused) {
        const stream = { key: ['no'], ...by('更新日', kind) }
        const { text } = (await probed(optionsOf(engine, { ...own, ...stream }))).error!
        for (const told of Object.values(text)) {
          const advice = adviceIn(told)
          const query = advice.query.replace('(…)', `(SELECT * FROM ${table})`)
          const options = optionsOf(engine, { name: 'q', ...stream, ...advice, query })
          t.match(await probed(options), { ok: true }, `${engine.engine}: ${advice.query}`)
          const gateway = collector()
          await withSource(db, options, async (source) => {
            await runOnce(source, gateway, gateway.emit)
            t.same(gateway.keys(), ['1', '2'])
            await engine.change(`INSERT INTO ${table} VALUES (3, '${later}')`)
            await runOnce(source, gateway, gateway.emit)
            t.same(gateway.keys(), ['1', '2', '3'], 'a later row of the same day is read')
            await engine.change(`DELETE FROM ${table} WHERE no = 3`)
          })
        }
      }
    }
  }
})

t.test('the advice for times that are written otherwise holds, too', async (t) => {
  for (const engine of await openEngines(t)) {
    await engine.change('CREATE TABLE j (no int PRIMARY KEY, ts varchar(40))')
    await engine.change(`INSERT INTO j VALUES (1, '20260320080000'), (2, '20260320080001')`)
    const stream = { key: ['no'], ...by('ts', 'time') }
    const { text } = (await probed(optionsOf(engine, { table: 'j', ...stream }))).error!
    const patterns = {
      en: /20260320080000 convert by (.+?), kind: time/,
      zh: /20260320080000 这样的时间则转换为 (.+?)，kind: time/,
    }
    for (const [language, pattern] of Object.entries(patterns)) {
      const told = text[language as 'en' | 'zh']
      const { name, query, watermark } = adviceIn(told)
      const converted = query.replace(/(?<=SELECT t\.\*, ).+(?= AS )/, pattern.exec(told)![1]!)
      const { overlap: _, ...own } = { overlap: 0, ...watermark, kind: 'time' }
      const options = optionsOf(engine, { ...stream, name, ...parse(`query: ${converted}`), watermark: own })
      t.match(await probed(options), { ok: true }, `${engine.engine}: ${converted}`)
      t.match(await run(options), { records: [{ key: '1' }, { key: '2' }] })
    }
  }
})

t.test(
  'days in another format than the advised one lose no later row of the day, with the overlap that goes with them',
  async (t) => {
    const formats: Record<string, [string, string, string]> = {
      postgresql: ['YYYYMMDDHH24MISS', 'YYYY/MM/DD', `to_char(current_date, 'YYYY/MM/DD')`],
      mysql: ['%Y%m%d%H%i%s', '%Y/%m/%d', `date_format(current_date, '%Y/%m/%d')`],
    }
    for (const engine of (await openEngines(t)).filter((one) => one.engine in formats)) {
      const [advised, format, today] = formats[engine.engine]!
      await engine.change('CREATE TABLE j (no int PRIMARY KEY, ts varchar(40))')
      await engine.change(`INSERT INTO j VALUES (1, ${today})`)
      const stream = { key: ['no'], ...by('ts', 'time') }
      const told = (await probed(optionsOf(engine, { table: 'j', ...stream }))).error!.text.en
      const [, expression, overlap] = /20260320080000 convert by (.+?), kind: time .* for days alone add overlap: (\w+)\)/.exec(
        told,
      )!
      const query = `SELECT t.*, ${expression!.replace(advised, format)} AS ts_mark FROM j t`
      const options = optionsOf(engine, { ...stream, name: 'j', query, ...by('ts_mark', 'time', { overlap }) })
      const gateway = collector()
      await withSource(db, options, async (source) => {
        await runOnce(source, gateway, gateway.emit)
        await engine.change(`INSERT INTO j VALUES (2, ${today})`)
        await runOnce(source, gateway, gateway.emit)
      })
      t.same(gateway.keys(), ['1', '2'], engine.engine)
    }
  },
)

t.test('the advice for a column of numbers, of times, and of texts among numbers holds', async (t) => {
  for (const engine of await openEngines(t)) {
    await engine.change('CREATE TABLE j (no int PRIMARY KEY, n int, ts timestamp NULL)')
    await engine.change(`INSERT INTO j VALUES (1, 20260320, '2026-01-31 08:00:00')`)
    const told = async (column: string, kind: string) =>
      (await probed(optionsOf(engine, { table: 'j', key: ['no'], ...by(column, kind) }))).error?.text.en
    t.match(await told('n', 'time'), /use kind: number; .* with overlap: 1/)
    t.match(await run(optionsOf(engine, { table: 'j', key: ['no'], ...by('n', 'number', { overlap: 1 }) })), {
      records: [{ key: '1' }],
    })
    t.match(await told('ts', 'number'), /use kind: time/)
    t.match(await run(optionsOf(engine, { table: 'j', key: ['no'], ...by('ts', 'time') })), { records: [{ key: '1' }] })
    if (engine.engine !== 'sqlite') continue
    await engine.change(`UPDATE j SET n = '2026-01-31 08:00:00'`)
    const advice = adviceIn((await told('n', 'number'))!)
    const options = optionsOf(engine, { key: ['no'], mode: 'watermark', ...advice })
    t.match(await probed(options), { ok: true })
    t.match(await run(options), { records: [{ key: '1' }] })
  }
})

t.test('a file of SQLite that is not there is told as it was looked for, and from where', async (t) => {
  const folder = temporaryFolder(t)
  const reasonOf = async (file: string) => {
    const options = optionsOf({ engine: 'sqlite', connection: { file } }, { table: 'j', key: ['no'], ...by('n', 'number') })
    const source = db.openSource(checkedOptions(db, options), { ...testContext(), baseFolder: folder })
    t.teardown(() => source.close())
    const [step] = await source.probe(new AbortController().signal)
    t.match(step?.error, { code: 'SOURCE_UNREACHABLE' })
    return step!.error!.text
  }
  for (const file of ['../ban.db', 'none/ban.db']) {
    const { zh, en } = await reasonOf(file)
    t.ok(zh.endsWith(`“${join(folder, file)}”（connection.file 为“${file}”，相对于配置目录“${folder}”）`), zh)
    t.ok(
      en.endsWith(
        `"${join(folder, file)}" (connection.file is "${file}", relative to the folder of the configuration "${folder}")`,
      ),
      en,
    )
  }
  const absolute = join(folder, 'ban.db')
  const { zh, en } = await reasonOf(absolute)
  t.ok(zh.endsWith(`：“${absolute}”`) && en.endsWith(`: "${absolute}"`), en)
})
