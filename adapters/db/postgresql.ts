import { readFileSync } from 'node:fs'
import { Socket } from 'node:net'
import { resolve } from 'node:path'
import pg from 'pg'
import Cursor from 'pg-cursor'
import type { Cells, Connection, DriverContext, Fault, SqlDriver } from './driver.ts'
import { type Column, join, raw, type Shape, type Sql, sql, textValue, type Value } from './sql.ts'

const byteaOid = 17
const asIs = (value: string) => value
const asBase64 = (value: string) => Buffer.from(value.slice(2), 'hex').toString('base64')
/** Every value stays the text that PostgreSQL sent; bytea comes as \x and hexadecimal digits. */
const types = { getTypeParser: (oid: number) => (oid === byteaOid ? asBase64 : asIs) } as pg.CustomTypesConfig

const render = ({ parts, values }: Sql) => ({
  text: parts.reduce((all, part, index) => {
    const value = values[index - 1]
    const type = value?.column.type || 'text'
    return `${all}$${index}::${type}${Array.isArray(value?.text) ? '[]' : ''}${part}`
  }),
  values: values.map((value) => value.text),
})

const quote = (name: string): string => `"${name.replaceAll('"', '""')}"`
const quoteTable = (table: string): string => table.split('.').map(quote).join('.')

/** By the category of the type, which its domains have, too: strings, enumerations and texts without a type are texts. */
const categories: Record<string, Shape> = { N: 'number', D: 'time', S: 'text', E: 'text', X: 'text' }
/** Of the times and numbers of the category: those of a day, and those that no number can be taken from. */
const others = /^pg_catalog\."(time(tz)?|money|oid|reg[a-z]+)"$/
const shapeOf = (category: string, type: string): Shape =>
  type.endsWith('"bytea"') ? 'binary' : others.test(type) ? 'other' : (categories[category] ?? 'other')

const isLargeObject = ({ type }: Column): boolean => /"(oid|lo)"$/.test(type)

const typesOf = (oids: number[], tables: number[], positions: number[]): Sql => sql`
  SELECT t.oid::text, quote_ident(n.nspname) || '.' || '"' || t.typname || '"', t.typcategory::text, coalesce(a.attnotnull, false)::text
  FROM unnest(${list(oids)}::oid[], ${list(tables)}::oid[], ${list(positions)}::int[]) WITH ORDINALITY c(type, tab, pos, nth)
  JOIN pg_catalog.pg_type t ON t.oid = c.type
  JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace
  LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = c.tab AND a.attnum = c.pos
  ORDER BY c.nth`

const list = (numbers: number[]): Value => ({ ...textValue(''), text: numbers.map(String) })

const openConnection = ({ connection, baseFolder, timeoutMs }: DriverContext): Connection => {
  const { host, port, database, user, password, tls } = connection
  const socket = new Socket()
  const client = new pg.Client({
    ...(host !== undefined && { host }),
    ...(port !== undefined && { port }),
    ...(database !== undefined && { database }),
    ...(user !== undefined && { user }),
    ...(password !== undefined && { password }),
    ...(tls && {
      ssl: { rejectUnauthorized: true, ...(tls.ca !== undefined && { ca: readFileSync(resolve(baseFolder, tls.ca)) }) },
    }),
    application_name: 'qianzhi',
    options: '-c DateStyle=ISO,YMD -c bytea_output=hex',
    statement_timeout: timeoutMs,
    keepAlive: true,
    stream: () => socket,
  })
  // The client also throws what it has reported to the waiting query; unheard, that would end the process.
  client.on('error', () => undefined)

  const run = (statement: Sql) => client.query<Cells, unknown[]>({ ...render(statement), rowMode: 'array', types })

  return {
    connect: async () => {
      await client.connect()
    },
    query: async (statement) => (await run(statement)).rows,
    async describe(statement) {
      const { fields } = await run(statement)
      const found = await run(
        typesOf(
          fields.map((field) => field.dataTypeID),
          fields.map((field) => field.tableID),
          fields.map((field) => field.columnID),
        ),
      )
      return fields.map(({ name }, index): Column => {
        const [, type, category, notNull] = found.rows[index] ?? []
        return { name, type: type ?? '', shape: shapeOf(category ?? '', type ?? ''), nullable: notNull !== 'true' }
      })
    },
    async *stream(statement, size) {
      // The server would count the time in which the gateway stores what it got; each wait for an answer has its own end here.
      await client.query('BEGIN READ ONLY; SET LOCAL statement_timeout = 0')
      const { text, values } = render(statement)
      const cursor = client.query(new Cursor(text, values, { rowMode: 'array', types }))
      for (let rows = await cursor.read(size); rows.length > 0; rows = rows.length < size ? [] : await cursor.read(size))
        yield rows
      await client.query('COMMIT')
    },
    destroy: () => void socket.destroy(),
    end: () => client.end(),
  }
}

const kinds: [RegExp, Fault['kind']][] = [
  [/^(28...|42501)$/, 'denied'],
  [/^42P01$|^3F000$/, 'missing'],
  [/^(57014|55P03)$/, 'timeout'],
  [/^(08...|57P0.|53...|25P03)$/, 'unreachable'],
  [/^(42...|22...|3D...|0A...)$/, 'options'],
]

/** PostgreSQL: error classes by its Appendix A. A cursor is a portal inside a read-only transaction, so it sees one snapshot. */
export const createPostgresql = (context: DriverContext): SqlDriver => ({
  open: () => openConnection(context),
  quote,
  read: ({ name }) => quote(name),
  presence: (column) => (isLargeObject(column) ? `${quote(column.name)}::text` : `octet_length(${quote(column.name)})::text`),
  piece: (column, offset, length) =>
    isLargeObject(column)
      ? // Of an object that is no more, lo_get fails, and its transaction with it.
        `CASE WHEN EXISTS (SELECT 1 FROM pg_largeobject_metadata WHERE oid = ${quote(column.name)}) THEN lo_get(${quote(column.name)}, ${offset}, ${length}) END`
      : `substring(${quote(column.name)} FROM ${offset + 1} FOR ${length})`,
  snapshot: 'BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY',
  operand: ({ name }) => quote(name),
  anyOf: (columns, tuples) => {
    const lists = columns.map((column, index) => sql`${{ column, text: tuples.map((tuple) => tuple[index] ?? null) }}`)
    return sql`(${raw(columns.map(({ name }) => quote(name)).join(', '))}) IN (SELECT * FROM unnest(${join(lists, ', ')}))`
  },
  least: 'LEAST',
  clock: ({ type, shape }, seconds, zone) => {
    const local =
      zone === undefined || type.endsWith('"timestamptz"')
        ? 'clock_timestamp()'
        : `(clock_timestamp() AT TIME ZONE interval '${zone} seconds')`
    const then = `date_trunc('second', ${local} - interval '${seconds} seconds')`
    return raw(shape === 'time' ? `CAST(${then} AS ${type})` : `to_char(${then}, 'YYYY-MM-DD HH24:MI:SS')`)
  },
  begin: 'BEGIN',
  // A row that somebody is just changing stays pending; the others need not wait for it.
  lockRows: 'FOR UPDATE SKIP LOCKED',
  reopens: false,
  cursorBlocksWriters: false,
  version: raw('SELECT version()'),
  tables: raw(`SELECT CASE WHEN table_schema = current_schema() THEN '' ELSE table_schema || '.' END || table_name
    FROM information_schema.tables WHERE table_schema NOT IN ('pg_catalog', 'information_schema')`),
  indexesOn: (table, column) => sql`
    SELECT count(*) FROM pg_catalog.pg_index i
    JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]
    WHERE i.indrelid = ${textValue(quoteTable(table))}::regclass AND a.attname = ${textValue(column)} AND i.indpred IS NULL`,
  // indclass is as long as the index has columns without those that it only includes. A table that others inherit from is read with
  // their rows, which its own index does not see.
  uniqueIndexes: (table) => sql`
    SELECT i.indexrelid::text, a.attname FROM pg_catalog.pg_index i
    CROSS JOIN LATERAL unnest(i.indkey) WITH ORDINALITY k(attnum, nth)
    LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum
    WHERE i.indrelid = ${textValue(quoteTable(table))}::regclass AND i.indisunique AND i.indisvalid AND i.indpred IS NULL
      AND k.nth <= array_length(i.indclass::oid[], 1) AND NOT EXISTS (
        SELECT 1 FROM pg_catalog.pg_inherits h JOIN pg_catalog.pg_class c ON c.oid = h.inhparent
        WHERE c.oid = i.indrelid AND c.relkind = 'r')`,
  typesBind: true,
  numberOf: (text) => `CAST(replace(${text}, '-', '') AS bigint)`,
  timeOf: (text) => `CAST(to_timestamp(${text}, 'YYYYMMDDHH24MISS') AS timestamp)`,
  refuses: ({ state = '' }) => /^(22|23|P0)/.test(state),
  lockForWrite: 'FOR UPDATE',
  limits: (table) => sql`
    SELECT a.attname, CASE WHEN t.typname IN ('varchar', 'bpchar') AND a.atttypmod > 4 THEN (a.atttypmod - 4)::text END, NULL,
      CASE pg_encoding_to_char(d.encoding) WHEN 'UTF8' THEN 'utf8mb4' WHEN 'GBK' THEN 'gbk' WHEN 'LATIN1' THEN 'latin1' END
    FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
    JOIN pg_catalog.pg_database d ON d.datname = current_database()
    WHERE a.attrelid = ${textValue(quoteTable(table))}::regclass AND a.attnum > 0 AND t.typcategory = 'S'`,
  // As a large object, which takes pieces; from it the server makes the value by itself.
  stage: (content) => {
    const oid: Value = { column: { name: '', type: 'oid', shape: 'number', nullable: false }, text: null }
    const bytea = (piece: Uint8Array): Value => ({
      column: { name: '', type: 'bytea', shape: 'binary', nullable: false },
      text: piece,
    })
    return {
      async put(query) {
        oid.text = (await query(raw('SELECT lo_create(0)::text')))[0]?.[0] ?? null
        let at = 0
        for await (const piece of content.read()) {
          await query(sql`SELECT lo_put(${oid}, ${raw(String(at))}, ${bytea(piece)})`)
          at += piece.byteLength
        }
      },
      value: sql`lo_get(${oid})`,
      clear: sql`SELECT lo_unlink(${oid})`,
    }
  },
  holds: ({ name }, { digest }) => sql`encode(sha256(${raw(quote(name))}), 'hex') = ${textValue(digest.slice('sha256:'.length))}`,
  idType: 'VARCHAR(255)',
  // What one value may have: a gigabyte less its header.
  contentLimit: raw("SELECT '1073741819'"),
  parameterTypes: (procedure) => sql`
    SELECT quote_ident(n.nspname) || '.' || '"' || t.typname || '"'
    FROM pg_catalog.pg_proc p, unnest(p.proargtypes) WITH ORDINALITY a(type, nth)
    JOIN pg_catalog.pg_type t ON t.oid = a.type JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace
    WHERE p.oid = ${textValue(quoteTable(procedure))}::regproc ORDER BY a.nth`,
  faultOf: (error) => {
    const { code, message } = error
    const written = typeof code === 'string' ? code : ''
    // Codes of the operating system (EPIPE) can look like an SQLSTATE.
    if (error instanceof pg.DatabaseError)
      return { kind: kinds.find(([pattern]) => pattern.test(written))?.[1] ?? 'failure', code: written, state: written }
    if (written === 'ETIMEDOUT') return { kind: 'timeout', code: written }
    return { kind: /invalid response|unexpected .* message/.test(message) ? 'invalid' : 'unreachable', code: written }
  },
})
