import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import mysql from 'mysql2'
import type { Cells, Connection, DriverContext, Fault, SqlDriver } from './driver.ts'
import { type Column, join, raw, type Shape, type Sql, sql, textValue, type Value } from './sql.ts'

const { Types } = mysql
const numbers = new Set([
  Types.TINY,
  Types.SHORT,
  Types.LONG,
  Types.INT24,
  Types.LONGLONG,
  Types.FLOAT,
  Types.DOUBLE,
  Types.DECIMAL,
  Types.NEWDECIMAL,
  Types.YEAR,
  // Read as digits, and written so: as text it would be its character.
  Types.BIT,
])
const times = new Set([Types.DATE, Types.NEWDATE, Types.DATETIME, Types.TIMESTAMP])
/** The types of time that differ in how the clock is compared with them. */
const timeTypes: Record<number, string> = { [Types.DATE]: 'DATE', [Types.NEWDATE]: 'DATE', [Types.TIMESTAMP]: 'TIMESTAMP' }
const strings = new Set([
  Types.VARCHAR,
  Types.VAR_STRING,
  Types.STRING,
  Types.TINY_BLOB,
  Types.MEDIUM_BLOB,
  Types.LONG_BLOB,
  Types.BLOB,
])
const binaryCharset = 63
const notNullFlag = 1

/** What mysql2 tells of a column; its own declaration leaves out the charset. */
type Field = mysql.FieldPacket & { columnType?: number; characterSet?: number; flags?: number | string[] }

const others = new Set([Types.JSON, Types.TIME])

const shapeOf = ({ columnType = -1, characterSet }: Field): Shape => {
  if (columnType === Types.GEOMETRY || (strings.has(columnType) && characterSet === binaryCharset)) return 'binary'
  if (others.has(columnType)) return 'other'
  return numbers.has(columnType) ? 'number' : times.has(columnType) ? 'time' : 'text'
}

type Decode = (bytes: Buffer) => string

/** The connection's charset is utf8mb4, so whatever the charset of a column is, the server sends UTF-8. BIT columns become digits. */
const decoderOf = (field: Field): Decode => {
  if (field.columnType === Types.BIT) return (bytes) => BigInt(`0x${bytes.toString('hex') || '0'}`).toString()
  const encoding = shapeOf(field) === 'binary' ? 'base64' : 'utf8'
  return (bytes) => bytes.toString(encoding)
}

const toCells = (row: (Buffer | null)[], decoders: Decode[]): Cells => {
  const cells: Cells = new Array(row.length)
  for (let index = 0; index < row.length; index++) {
    const bytes = row[index] ?? null
    cells[index] = bytes === null ? null : decoders[index]!(bytes)
  }
  return cells
}

/** Hexadecimal, so that no sql_mode and no charset can make a value end early. Digits stay digits: as text they would be compared as floats. */
const literal = ({ column, text }: Value): string => {
  if (text === null) return 'NULL'
  if (text instanceof Uint8Array) return `X'${Buffer.from(text.buffer, text.byteOffset, text.byteLength).toString('hex')}'`
  if (typeof text !== 'string') throw new TypeError('MySQL takes one value at a time')
  if (column.shape === 'number' && /^-?\d+(\.\d+)?$/.test(text)) return text
  if (column.shape === 'binary') return `X'${Buffer.from(text, 'base64').toString('hex')}'`
  return `_utf8mb4 X'${Buffer.from(text).toString('hex')}'`
}

const render = ({ parts, values }: Sql): string =>
  parts.reduce((all, part, index) => `${all}${literal(values[index - 1]!)}${part}`)

/** Of a content in one statement, which is twice as long: every server takes that. */
const pieceBytes = 256 * 1024

const bytes = (piece: Uint8Array): Value => ({ ...textValue(''), text: piece })

const quote = (name: string): string => `\`${name.replaceAll('`', '``')}\``

/** mysql2 puts the statement on its errors, and with it the values of rows: personal data that must not reach a log. */
const withoutStatement = (error: Error & { sql?: unknown }): Error => {
  delete error.sql
  return error
}

const openConnection = (
  { connection: { host, port, database, user, password, tls }, baseFolder, timeoutMs }: DriverContext,
  readOnly: boolean,
): Connection => {
  let lost: Error | undefined
  const open = () => {
    const connection = mysql.createConnection({
      ...(host !== undefined && { host }),
      ...(port !== undefined && { port }),
      ...(database !== undefined && { database }),
      ...(user !== undefined && { user }),
      ...(password !== undefined && { password }),
      ...(tls && {
        ssl: { rejectUnauthorized: true, ...(tls.ca !== undefined && { ca: readFileSync(resolve(baseFolder, tls.ca)) }) },
      }),
      charset: 'utf8mb4',
      connectTimeout: timeoutMs,
      typeCast: false,
      rowsAsArray: true,
    })
    connection.on('error', (error) => {
      lost = error
    })
    return connection
  }
  let connection: mysql.Connection | undefined

  const opened = (): mysql.Connection => {
    if (!connection || lost) throw lost ?? new Error('not connected')
    return connection
  }

  const run = (statement: string) =>
    new Promise<{ rows: Cells[]; fields: Field[] }>((resolve, reject) => {
      opened().query(statement, (error, rows, fields: Field[] | undefined) => {
        if (error) return reject(withoutStatement(error))
        const decoders = (fields ?? []).map(decoderOf)
        resolve({
          rows: Array.isArray(rows) ? rows.map((row) => toCells(row as unknown as (Buffer | null)[], decoders)) : [],
          fields: fields ?? [],
        })
      })
    })

  return {
    async connect() {
      connection = open()
      await once(connection, 'connect')
      // A batch may wait for the gateway for longer than the minute that the server otherwise grants.
      await run('SET SESSION net_write_timeout = 3600')
      // Otherwise a server may cut what is too long and write ? for what it cannot hold.
      if (!readOnly) await run("SET SESSION sql_mode = CONCAT(@@SESSION.sql_mode, ',STRICT_ALL_TABLES')")
    },
    query: async (statement) => (await run(render(statement))).rows,
    async describe(statement) {
      const { fields } = await run(render(statement))
      return fields.map(
        (field): Column => ({
          name: field.name,
          type: timeTypes[field.columnType ?? -1] ?? '',
          shape: shapeOf(field),
          nullable: typeof field.flags !== 'number' || (field.flags & notNullFlag) === 0,
        }),
      )
    },
    async *stream(statement, size) {
      const current = opened()
      const query = current.query(render(statement))
      let decoders: Decode[] = []
      query.on('fields', (fields: Field[]) => {
        decoders = fields.map(decoderOf)
      })
      const rows = query.stream({ highWaterMark: Math.min(size, 100) })
      let failed: Error | undefined
      rows.on('error', (error) => {
        failed = withoutStatement(error)
      })
      let wake = () => {}
      const changed = () => wake()
      for (const event of ['readable', 'end', 'error', 'close']) rows.on(event, changed)
      // A connection that is lost tells the connection only, never the query whose rows are being read.
      current.on('error', changed)
      try {
        let batch: Cells[] = []
        while (!rows.readableEnded) {
          const row = rows.read() as (Buffer | null)[] | null
          if (row) {
            batch.push(toCells(row, decoders))
            if (batch.length < size) continue
            yield batch
            batch = []
          } else if (failed ?? lost) throw failed ?? lost
          else if (rows.destroyed) throw new Error('the result broke off')
          else {
            await new Promise<void>((resolve) => {
              wake = resolve
            })
          }
        }
        if (batch.length > 0) yield batch
      } finally {
        current.off('error', changed)
      }
    },
    destroy: () => connection?.destroy(),
    end: () => new Promise((resolve) => (connection && !lost ? connection.end(() => resolve()) : resolve())),
  }
}

const kinds: [Fault['kind'], number[]][] = [
  ['denied', [1044, 1045, 1142, 1143, 1227, 1290, 1370, 1698]],
  ['missing', [1146]],
  ['timeout', [1205, 1969, 3024]],
  ['unreachable', [1040, 1053, 1077, 1158, 1159, 1160, 1161, 1317, 1927, 3169]],
  ['options', [1049, 1052, 1054, 1060, 1064, 1109, 1221, 1222, 1241, 1248, 1267, 1292, 1366]],
]

/** The rows of information_schema about a table. */
const about = (table: string): Sql => {
  const [name = '', schema] = table.split('.').reverse()
  return sql`table_schema = ${schema === undefined ? raw('database()') : textValue(schema)} AND table_name = ${textValue(name)}`
}

/** MySQL 5.7 and later, MariaDB 10 and later; error numbers as both publish them. */
export const createMysql = (context: DriverContext): SqlDriver => ({
  open: (readOnly) => openConnection(context, readOnly),
  quote,
  read: ({ name }) => quote(name),
  presence: ({ name }) => `OCTET_LENGTH(${quote(name)})`,
  piece: ({ name }, offset, length) => `SUBSTRING(${quote(name)}, ${offset + 1}, ${length})`,
  snapshot: 'START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY',
  operand: ({ name }) => quote(name),
  anyOf: (columns, tuples) => {
    const rows = tuples.map(
      (tuple) =>
        sql`(${join(
          columns.map((column, index) => sql`${{ column, text: tuple[index] ?? null }}`),
          ', ',
        )})`,
    )
    return sql`(${raw(columns.map(({ name }) => quote(name)).join(', '))}) IN (${join(rows, ', ')})`
  },
  least: 'LEAST',
  clock: ({ type }, seconds, zone) => {
    const local = zone === undefined || type === 'TIMESTAMP' ? 'NOW()' : `UTC_TIMESTAMP() + INTERVAL ${zone} SECOND`
    return raw(`CAST(${local} - INTERVAL ${seconds} SECOND AS ${type === 'DATE' ? 'DATE' : 'DATETIME'})`)
  },
  begin: 'START TRANSACTION',
  lockRows: 'FOR UPDATE',
  reopens: false,
  cursorBlocksWriters: false,
  version: raw('SELECT version()'),
  tables: raw('SELECT table_name FROM information_schema.tables WHERE table_schema = database()'),
  indexesOn: (table, column) =>
    sql`SELECT count(*) FROM information_schema.statistics WHERE ${about(table)} AND column_name = ${textValue(column)} AND seq_in_index = 1`,
  uniqueIndexes: (table) =>
    sql`SELECT index_name, column_name FROM information_schema.statistics WHERE ${about(table)} AND non_unique = 0`,
  typesBind: true,
  numberOf: (text) => `CAST(REPLACE(${text}, '-', '') AS SIGNED)`,
  timeOf: (text) => `STR_TO_DATE(${text}, '%Y%m%d%H%i%s')`,
  refuses: ({ code, state = '' }) => /^(22|23|45)/.test(state) || code === 'ER_TRUNCATED_WRONG_VALUE_FOR_FIELD',
  lockForWrite: 'FOR UPDATE',
  limits: (table) =>
    sql`SELECT column_name, character_maximum_length, character_octet_length, character_set_name FROM information_schema.columns
      WHERE ${about(table)} AND character_octet_length IS NOT NULL`,
  // In a variable of the session, which grows by pieces.
  stage: (content, nth) => {
    const variable = raw(`@qianzhi_content_${nth}`)
    return {
      async put(query) {
        await query(sql`SET ${variable} = ${bytes(new Uint8Array())}`)
        for await (const whole of content.read())
          for (let at = 0; at < whole.byteLength; at += pieceBytes)
            await query(sql`SET ${variable} = CONCAT(${variable}, ${bytes(whole.subarray(at, at + pieceBytes))})`)
        // A server that cannot hold it says so by NULL, with a warning that nobody reads.
        const [length] = (await query(sql`SELECT OCTET_LENGTH(${variable})`))[0] ?? []
        if (length !== String(content.size)) throw new Error(`the server holds ${length ?? 'nothing'} of ${content.size} bytes`)
      },
      value: variable,
      clear: sql`SET ${variable} = NULL`,
    }
  },
  holds: ({ name }, { digest }) => sql`SHA2(${raw(quote(name))}, 256) = ${textValue(digest.slice('sha256:'.length))}`,
  idType: 'VARCHAR(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin',
  contentLimit: raw('SELECT @@SESSION.max_allowed_packet'),
  parameterTypes: () => undefined,
  faultOf: (error) => {
    const { errno: number, sqlState } = error as { errno?: unknown; sqlState?: unknown }
    const code = String(error.code ?? number ?? '')
    const state = typeof sqlState === 'string' ? { state: sqlState } : {}
    const known = kinds.find(([, list]) => typeof number === 'number' && list.includes(number))?.[0]
    if (known) return { kind: known, code, ...state }
    if (code === 'ETIMEDOUT') return { kind: 'timeout', code }
    if (/MALFORMED|OUT_OF_ORDER|UNEXPECTED_PACKET/.test(code)) return { kind: 'invalid', code }
    return { kind: 'sqlState' in error && !code.startsWith('PROTOCOL_') ? 'failure' : 'unreachable', code, ...state }
  },
})
