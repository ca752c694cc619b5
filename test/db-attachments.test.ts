// needs: postgresql, mariadb
/** Attachments out of database columns: all of each, in pieces, of rows and of their child rows, in every engine and mode. */
import { createHash, randomBytes } from 'node:crypto'
import type Database from 'better-sqlite3'
import type mysql from 'mysql2/promise'
import type pg from 'pg'
import t, { type Test } from 'tap'
import adapter from '../adapters/db/index.ts'
import { type Adapter, digestOf, GatewayError, type KeptContent, type SourceRecord, within } from '../core/contract.ts'
import { collector, runOnce, withSource } from './contract/source-contract.ts'
import { openMariadb, openPostgresql, openSqlite } from './departments/databases.ts'

const db = adapter as unknown as Adapter
const keptOf = (bytes: Buffer): KeptContent => ({
  digest: `sha256:${createHash('sha256').update(bytes).digest('hex')}`,
  size: bytes.length,
})

interface Engine {
  options: object
  /** Statements with `?` for contents. */
  execute(sql: string, values?: unknown[]): Promise<void>
  binary: string
}

const engines: Record<string, (t: Test) => Promise<Engine>> = {
  async postgresql(t) {
    const { admin, connection } = await openPostgresql(t)
    let numbered = 0
    const execute = async (sql: string, values: unknown[] = []) => {
      numbered = 0
      await (admin as pg.Client).query(
        sql.replaceAll('?', () => `$${++numbered}`),
        values,
      )
    }
    return { options: { engine: 'postgresql', connection }, execute, binary: 'bytea' }
  },
  async mysql(t) {
    const { admin, connection } = await openMariadb(t)
    const execute = async (sql: string, values: unknown[] = []) => void (await (admin as mysql.Connection).query(sql, values))
    return { options: { engine: 'mysql', connection }, execute, binary: 'longblob' }
  },
  async sqlite(t) {
    const { admin, connection } = openSqlite(t)
    const execute = async (sql: string, values: unknown[] = []) => void (admin as Database.Database).prepare(sql).run(...values)
    return { options: { engine: 'sqlite', connection }, execute, binary: 'BLOB' }
  },
}

/** Takes everything there is, and what was kept, in pieces. */
const readAll = async (options: object, streams: object[], kept = collector()) => {
  const pieces: number[] = []
  const keep = async (content: AsyncIterable<Uint8Array>) => {
    async function* watched(): AsyncGenerator<Uint8Array> {
      for await (const piece of content) {
        pieces.push(piece.byteLength)
        yield piece
      }
    }
    return digestOf(watched())
  }
  await withSource(db, { ...options, streams }, (source) => runOnce(source, kept, kept.emit, undefined, keep))
  return { records: kept.batches.flatMap(({ records }) => records), pieces }
}

const contentOf = ({ body }: SourceRecord) => JSON.parse(body as string)

for (const [engine, open] of Object.entries(engines)) {
  t.test(`${engine}: contents are read in pieces, and stand as digest and size in the record`, async (t) => {
    const { options, execute, binary } = await open(t)
    await execute(`CREATE TABLE cl (id int PRIMARY KEY, name varchar(50), mime varchar(50), scan ${binary}, n int NOT NULL)`)
    const large = randomBytes(5_000_001)
    const even = randomBytes(4 * 1024 * 1024)
    const add = (id: number, scan: Buffer | null, mime: string | null = 'application/pdf') =>
      execute('INSERT INTO cl VALUES (?, ?, ?, ?, ?)', [id, `材料${id}.pdf`, mime, scan, id])
    await add(1, large)
    await add(2, null)
    await add(3, Buffer.alloc(0), null)
    await add(4, even)
    const stream = {
      ...{ table: 'cl', key: ['id'], mode: 'watermark', watermark: { column: 'n', kind: 'number' }, columns: ['id', 'name'] },
      attachments: [{ column: 'scan', fileName: 'name', mediaType: 'mime' }],
    }
    const { records, pieces } = await readAll(options, [stream])
    t.same(records.map(contentOf), [
      { id: '1', name: '材料1.pdf', scan: keptOf(large), mime: 'application/pdf' },
      { id: '2', name: '材料2.pdf', scan: null, mime: 'application/pdf' },
      { id: '3', name: '材料3.pdf', scan: keptOf(Buffer.alloc(0)), mime: null },
      { id: '4', name: '材料4.pdf', scan: keptOf(even), mime: 'application/pdf' },
    ])
    t.same(
      records.map(({ attachments }) => attachments),
      [
        [{ at: 'scan', ...keptOf(large), fileName: '材料1.pdf', mediaType: 'application/pdf' }],
        undefined,
        [{ at: 'scan', ...keptOf(Buffer.alloc(0)), fileName: '材料3.pdf' }],
        [{ at: 'scan', ...keptOf(even), fileName: '材料4.pdf', mediaType: 'application/pdf' }],
      ],
    )
    t.ok(pieces.length >= 5 && pieces.every((size) => size > 0 && size <= 512 * 1024), 'no piece is larger than 512 KiB')
    t.same(
      records.map(({ value }) => JSON.stringify(value)),
      records.map(({ body }) => body),
    )
  })

  t.test(`${engine}: child rows have attachments of their own`, async (t) => {
    const { options, execute, binary } = await open(t)
    await execute('CREATE TABLE sb (no varchar(20) PRIMARY KEY, n int NOT NULL)')
    await execute(`CREATE TABLE cl (no varchar(20), xh int, body ${binary}, PRIMARY KEY (no, xh))`)
    const scans = [randomBytes(10), randomBytes(3_000_000), randomBytes(20)]
    await execute("INSERT INTO sb VALUES ('A', 1)")
    await execute("INSERT INTO sb VALUES ('B', 2)")
    await execute("INSERT INTO cl VALUES ('A', 1, ?)", [scans[0]])
    await execute("INSERT INTO cl VALUES ('A', 2, ?)", [scans[1]])
    await execute("INSERT INTO cl VALUES ('B', 1, ?)", [scans[2]])
    const child = { name: 'cl', table: 'cl', on: { no: 'no' }, orderBy: ['xh'], attachments: [{ column: 'body' }] }
    const stream = { table: 'sb', key: ['no'], mode: 'watermark', watermark: { column: 'n', kind: 'number' }, include: [child] }
    const { records } = await readAll(options, [stream])
    t.same(
      records.map((record) => contentOf(record).cl.map(({ body }: { body: unknown }) => body)),
      [[keptOf(scans[0]!), keptOf(scans[1]!)], [keptOf(scans[2]!)]],
    )
    t.same(
      records.map(({ attachments }) => attachments!.map(({ at }) => at)),
      [['cl/0/body', 'cl/1/body'], ['cl/0/body']],
    )
  })

  t.test(`${engine}: a content that changes before its row is marked leaves the row pending`, async (t) => {
    const { options, execute, binary } = await open(t)
    await execute(`CREATE TABLE cl (id int PRIMARY KEY, flag int NOT NULL, scan ${binary})`)
    const [first, second] = [randomBytes(2_500_000), randomBytes(2_500_000)]
    await execute('INSERT INTO cl VALUES (1, 0, ?)', [first])
    const stream = {
      ...{ table: 'cl', key: ['id'], mode: 'flag', flag: { column: 'flag', pending: ['0'], done: '1' } },
      attachments: [{ column: 'scan' }],
    }
    const kept = collector()
    const emit = async (batch: Parameters<typeof kept.emit>[0]) => {
      if (kept.batches.length === 0) await execute('UPDATE cl SET scan = ? WHERE id = 1', [second])
      return kept.emit(batch)
    }
    for (let run = 0; run < 3; run++)
      await withSource(db, { ...options, streams: [stream] }, (source) => runOnce(source, kept, emit, undefined, digestOf))
    t.same(
      kept.batches.flatMap(({ records }) => records.map((record) => contentOf(record).scan)),
      [keptOf(first), keptOf(second)],
      'the second is read by the next run, and then no more',
    )
  })

  t.test(`${engine}: a row whose content is too large is marked as taken once it is stored`, async (t) => {
    const { options, execute, binary } = await open(t)
    await execute(`CREATE TABLE cl (id int PRIMARY KEY, flag int NOT NULL, scan ${binary})`)
    for (const [id, size] of [3_000_000, 5].entries()) await execute('INSERT INTO cl VALUES (?, 0, ?)', [id, Buffer.alloc(size)])
    const stream = {
      ...{ table: 'cl', key: ['id'], mode: 'flag', flag: { column: 'flag', pending: ['0'], done: '1' } },
      attachments: [{ column: 'scan' }],
    }
    const kept = collector()
    const keep = (content: AsyncIterable<Uint8Array>) => digestOf(within(100, content))
    for (let run = 0; run < 2; run++)
      await withSource(db, { ...options, streams: [stream] }, (source) => runOnce(source, kept, kept.emit, undefined, keep))
    t.same(
      kept.batches.flatMap(({ records }) => records.map((record) => [record.key, record.fault?.code])),
      [
        ['0', 'ATTACHMENT_TOO_LARGE'],
        ['1', undefined],
      ],
      'the second run finds nothing',
    )
  })

  t.test(`${engine}: one content that is too large is the fault of its record alone`, async (t) => {
    const { options, execute, binary } = await open(t)
    await execute(`CREATE TABLE cl (id int PRIMARY KEY, scan ${binary})`)
    for (const [id, size] of [3_000_000, 5, 3_000_000, 6].entries())
      await execute('INSERT INTO cl VALUES (?, ?)', [id, Buffer.alloc(size)])
    const stream = {
      ...{ table: 'cl', key: ['id'], mode: 'watermark', watermark: { column: 'id', kind: 'number' } },
      attachments: [{ column: 'scan' }],
    }
    const kept = collector()
    const keep = async (content: AsyncIterable<Uint8Array>) => {
      let size = 0
      for await (const piece of content) {
        size += piece.byteLength
        if (size > 100) throw GatewayError.of('ATTACHMENT_TOO_LARGE', { limit: 100 })
      }
      return keptOf(Buffer.alloc(size))
    }
    await withSource(db, { ...options, streams: [stream] }, (source) => runOnce(source, kept, kept.emit, undefined, keep))
    t.same(
      kept.batches.flatMap(({ records }) => records.map((record) => [contentOf(record).scan.digest, record.fault?.code])),
      [
        [null, 'ATTACHMENT_TOO_LARGE'],
        [keptOf(Buffer.alloc(5)).digest, undefined],
        [null, 'ATTACHMENT_TOO_LARGE'],
        [keptOf(Buffer.alloc(6)).digest, undefined],
      ],
    )
  })
}

t.test('a large object of PostgreSQL is an attachment, too', async (t) => {
  const { admin, connection } = await openPostgresql(t)
  const scan = randomBytes(4_500_000)
  await admin.query('CREATE TABLE cl (id int PRIMARY KEY, scan oid)')
  await admin.query('INSERT INTO cl SELECT 1, lo_from_bytea(0, $1)', [scan])
  await admin.query('INSERT INTO cl VALUES (2, NULL)')
  const stream = {
    ...{ table: 'cl', key: ['id'], mode: 'watermark', watermark: { column: 'id', kind: 'number' } },
    attachments: [{ column: 'scan' }],
  }
  const { records } = await readAll({ engine: 'postgresql', connection }, [stream])
  t.same(
    records.map((record) => contentOf(record).scan),
    [keptOf(scan), null],
  )
})

t.test(
  'a large object that is no more is the fault of its record, and so is a child row that is not told from another',
  async (t) => {
    const { admin, connection } = await openPostgresql(t)
    await admin.query('CREATE TABLE sb (no varchar(20) PRIMARY KEY, n int NOT NULL, scan oid)')
    await admin.query('CREATE TABLE cl (no varchar(20), xh int, body bytea)')
    await admin.query("INSERT INTO sb VALUES ('A', 1, NULL), ('B', 2, lo_from_bytea(0, 'b')), ('C', 3, NULL), ('D', 4, NULL)")
    await admin.query('SELECT lo_unlink(scan) FROM sb WHERE scan IS NOT NULL')
    await admin.query("INSERT INTO cl VALUES ('A', 1, 'a'), ('A', 1, 'b'), ('C', NULL, 'c'), ('C', 1, 'd')")
    const child = { name: 'cl', table: 'cl', on: { no: 'no' }, orderBy: ['xh'], attachments: [{ column: 'body' }] }
    const stream = {
      ...{ table: 'sb', key: ['no'], mode: 'watermark', watermark: { column: 'n', kind: 'number' }, include: [child] },
      attachments: [{ column: 'scan' }],
    }
    const { records } = await readAll({ engine: 'postgresql', connection }, [stream])
    t.same(
      records.map(({ key, fault }) => [key, fault?.code]),
      [
        ['A', 'ATTACHMENT_UNREADABLE'],
        ['B', 'ATTACHMENT_MISSING'],
        ['C', undefined],
        ['D', undefined],
      ],
    )
    t.same(
      contentOf(records[2]!).cl.map(({ xh, body }: { xh: unknown; body: unknown }) => [xh, body]),
      [
        ['1', keptOf(Buffer.from('d'))],
        [null, keptOf(Buffer.from('c'))],
      ],
      'a NULL among what orders the child rows is no fault',
    )
  },
)
