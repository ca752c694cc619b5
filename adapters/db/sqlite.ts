import { statSync } from 'node:fs'
import { isAbsolute, resolve } from 'node:path'
import Database from 'better-sqlite3'
import type { Text } from '../../core/contract.ts'
import type { Cells, Connection, DriverContext, Fault, SqlDriver } from './driver.ts'
import { type Column, join, raw, type Shape, type Sql, sql, textValue, type Value } from './sql.ts'

const busyPauseMs = 20

const render = ({ parts, values }: Sql) => ({ text: parts.join('?'), values: values.map((value) => value.text) })

const quote = (name: string): string => `"${name.replaceAll('"', '""')}"`

/**
 * By the column affinity rules of SQLite, section 3.1 of "Datatypes In SQLite". What a type that SQLite does not know means (STRING) is not
 * known: it keeps texts, although they give it numeric affinity.
 */
const shapeOf = (declared: string): Shape => {
  const type = declared.toUpperCase()
  if (type.includes('INT')) return 'number'
  if (/CHAR|CLOB|TEXT|DATE|TIME/.test(type)) return 'text'
  if (type.includes('BLOB')) return 'binary'
  if (/BOOL|JSON/.test(type)) return 'other'
  return /REAL|FLOA|DOUB|NUM|DEC/.test(type) ? 'number' : 'untyped'
}

const toCells = (row: unknown[]): Cells =>
  row.map((value) => {
    if (value === null || typeof value === 'string') return value
    return Buffer.isBuffer(value) ? value.toString('base64') : String(value)
  })

const pathOf = ({ connection, baseFolder }: DriverContext): string => resolve(baseFolder, connection.file ?? '')

/** The file as it was looked for, and what a relative name is relative to. */
const aboutFile = (context: DriverContext): Text => {
  const file = context.connection.file ?? ''
  const path = pathOf(context)
  if (isAbsolute(file)) return { zh: `“${path}”`, en: `"${path}"` }
  const { baseFolder } = context
  return {
    zh: `“${path}”（connection.file 为“${file}”，相对于配置目录“${baseFolder}”）`,
    en: `"${path}" (connection.file is "${file}", relative to the folder of the configuration "${baseFolder}")`,
  }
}

/** By the affinity of the declared type (sqlite.org/datatype3): such a column makes a number of what looks like one. */
const numberAffinity = (type: string): 'exact' | 'real' | undefined => {
  if (/INT/i.test(type)) return 'exact'
  if (type === '' || /CHAR|CLOB|TEXT|BLOB/i.test(type)) return undefined
  return /REAL|FLOA|DOUB/i.test(type) ? 'real' : 'exact'
}

const looksNumeric = /^\s*[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?\s*$/i
const longestInteger = 2n ** 63n - 1n
const exactDigits = 15

/** Leading zeros, a sign that says nothing and digits beyond those of a double would be gone; zeros at the end of a fraction say nothing. */
const isKept = (text: string, affinity: 'exact' | 'real'): boolean => {
  const [, integer, fraction] = /^-?(0|[1-9]\d*)(\.\d+)?$/.exec(text) ?? []
  if (integer === undefined) return false
  if (fraction === undefined && affinity === 'exact') return BigInt(integer) <= longestInteger
  return `${integer}${fraction ?? ''}`.replace(/^0(?=\.)|\.|(?<=\..*)0+$/g, '').length <= exactDigits
}

/** Which file stands at a path; undefined where none does. */
const fileOf = (path: string): string | undefined => {
  const found = statSync(path, { throwIfNoEntry: false })
  return found && `${found.dev}:${found.ino}`
}

const moved = (): Error => new Database.SqliteError('the file has been moved or replaced', 'SQLITE_READONLY_DBMOVED')

const openConnection = (context: DriverContext, readOnly: boolean): Connection => {
  const { wait } = context
  let database: Database.Database | undefined
  let destroyed = false
  const path = pathOf(context)
  /** With a write-ahead log SQLite goes on writing into a file that was moved away, and says nothing. */
  let opened: string | undefined

  /** The library would wait for a lock inside SQLite and stop the whole process meanwhile; so we wait outside. */
  const patiently = async <T>(work: (database: Database.Database) => T): Promise<T> => {
    for (;;) {
      if (!database || destroyed) throw new Error('the connection is closed')
      if (fileOf(path) !== opened) throw moved()
      try {
        return work(database)
      } catch (error) {
        if (!(error instanceof Database.SqliteError) || !error.code.startsWith('SQLITE_BUSY')) throw error
        await wait(busyPauseMs)
      }
    }
  }

  const destroy = () => {
    destroyed = true
    database?.close()
  }

  const query = (statement: Sql): Promise<Cells[]> =>
    patiently((database) => {
      const { text, values } = render(statement)
      const prepared = database.prepare<unknown[], unknown[]>(text)
      if (prepared.reader)
        return prepared
          .raw()
          .all(...values)
          .map(toCells)
      prepared.run(...values)
      return []
    })

  const nullable = (database: Database.Database, table: string, column: string): boolean =>
    database
      .prepare<string[], number>(
        `SELECT 1 FROM pragma_table_info(?) WHERE name = ? AND ("notnull" OR (pk = 1 AND upper(type) = 'INTEGER'
          AND (SELECT count(*) FROM pragma_table_info(?) WHERE pk > 0) = 1))`,
      )
      .get(table, column, table) === undefined

  return {
    async connect() {
      opened = fileOf(path)
      database = new Database(path, { readonly: readOnly, fileMustExist: true, timeout: 0 })
      await query(raw('SELECT count(*) FROM sqlite_master'))
    },
    query,
    describe: (statement) =>
      patiently((database) =>
        database
          .prepare(render(statement).text)
          .columns()
          .map(({ name, column, table, type }): Column => {
            const declared = type ?? ''
            return {
              name,
              type: declared,
              shape: shapeOf(declared),
              nullable: !table || !column || nullable(database, table, column),
            }
          }),
      ),
    async *stream(statement, size) {
      const rows = await query(statement)
      for (let start = 0; start < rows.length; start += size) yield rows.slice(start, start + size)
    },
    destroy,
    end: async () => destroy(),
  }
}

const kinds: [RegExp, Fault['kind']][] = [
  [/^SQLITE_(BUSY|LOCKED)/, 'timeout'],
  [/^SQLITE_READONLY_DBMOVED/, 'unreachable'],
  [/^SQLITE_(PERM|AUTH|READONLY)/, 'denied'],
  [/^SQLITE_(NOTADB|CORRUPT)/, 'invalid'],
  [/^SQLITE_(ERROR|MISMATCH|RANGE)/, 'options'],
  [/^SQLITE_(CONSTRAINT|FULL|TOOBIG)/, 'failure'],
]

/**
 * SQLite. Statements run in this process: one that is slow holds up the gateway, so the watermark column needs an index.
 * Values arrive as text by SQLite's own conversion; only a BLOB stays bytes.
 */
export const createSqlite = (context: DriverContext): SqlDriver => {
  const operand = ({ name, shape, type }: Column): string =>
    type === '' ? `CAST(${quote(name)} AS ${shape === 'number' ? 'NUMERIC' : 'TEXT'})` : quote(name)
  return {
    open: (readOnly) => openConnection(context, readOnly),
    quote,
    read: ({ name }) => `CASE typeof(${quote(name)}) WHEN 'blob' THEN ${quote(name)} ELSE CAST(${quote(name)} AS TEXT) END`,
    presence: ({ name }) => `CAST(length(CAST(${quote(name)} AS BLOB)) AS TEXT)`,
    // Of an empty content, SQLite says that a part is NULL.
    piece: ({ name }, offset, length) =>
      `CASE WHEN ${quote(name)} IS NOT NULL THEN coalesce(substr(CAST(${quote(name)} AS BLOB), ${offset + 1}, ${length}), x'') END`,
    alters: ({ type }, text) => {
      const affinity = numberAffinity(type)
      if (affinity === undefined || !looksNumeric.test(text) || isKept(text, affinity)) return undefined
      return {
        zh: `SQLite 会把它存成另一个数（列类型 ${type}）：改用 TEXT 列`,
        en: `SQLite would keep another number in its place (the column is ${type}): use a TEXT column`,
      }
    },
    // Without a write-ahead log, a reader that stays would keep the department's own programs from writing.
    snapshot: undefined,
    operand,
    anyOf: (columns, tuples) => {
      const rows = tuples.map(
        (tuple) =>
          sql`(${join(
            columns.map((column, index) => sql`${{ column, text: tuple[index] ?? null }}`),
            ', ',
          )})`,
      )
      return sql`(${raw(columns.map(operand).join(', '))}) IN (VALUES ${join(rows, ', ')})`
    },
    least: 'MIN',
    clock: (_, seconds, zone) => raw(`strftime('%Y-%m-%d %H:%M:%S', 'now', '${(zone ?? 0) - seconds} seconds')`),
    begin: 'BEGIN IMMEDIATE',
    lockRows: '',
    reopens: true,
    cursorBlocksWriters: true,
    version: raw("SELECT 'SQLite ' || sqlite_version()"),
    tables: raw("SELECT name FROM sqlite_master WHERE type IN ('table', 'view')"),
    indexesOn: (table, column) => sql`
      SELECT count(*) FROM (
        SELECT 1 FROM pragma_index_list(${textValue(table)}) l, pragma_index_info(l.name) i WHERE i.seqno = 0 AND i.name = ${textValue(column)}
        UNION ALL SELECT 1 FROM pragma_table_info(${textValue(table)}) WHERE pk = 1 AND name = ${textValue(column)})`,
    uniqueIndexes: (table) => sql`
      SELECT l.name, i.name FROM pragma_index_list(${textValue(table)}) l, pragma_index_info(l.name) i WHERE l."unique" AND NOT l.partial
      UNION ALL SELECT '', name FROM pragma_table_info(${textValue(table)}) WHERE pk > 0`,
    typesBind: false,
    numberOf: (text) => `CAST(replace(${text}, '-', '') AS INTEGER)`,
    timeOf: (text) => {
      const part = (start: number, length: number) => `substr(${text}, ${start}, ${length})`
      const day = [part(1, 4), part(5, 2), part(7, 2)].join(" || '-' || ")
      return `${day} || ' ' || ${[part(9, 2), part(11, 2), part(13, 2)].join(" || ':' || ")}`
    },
    refuses: ({ code }) => /^SQLITE_(CONSTRAINT|MISMATCH|TOOBIG)/.test(code),
    lockForWrite: '',
    limits: () => undefined,
    parameterTypes: () => undefined,
    // Whole in memory: the library takes no pieces.
    stage: (content) => {
      const value: Value = { ...textValue(''), text: null }
      return {
        async put() {
          const pieces: Uint8Array[] = []
          for await (const piece of content.read()) pieces.push(piece)
          value.text = Buffer.concat(pieces)
        },
        value: sql`${value}`,
        clear: undefined,
      }
    },
    // It has no hash: the length is all that can be compared.
    holds: ({ name }, { size }) => raw(`length(CAST(${quote(name)} AS BLOB)) = ${size}`),
    idType: 'VARCHAR(255)',
    contentLimit: raw("SELECT '1000000000'"),
    faultOf: ({ code, message }) => {
      const written = typeof code === 'string' ? code : ''
      if (message.startsWith('no such table')) return { kind: 'missing', code: written }
      const kind = kinds.find(([pattern]) => pattern.test(written))?.[1] ?? 'unreachable'
      // The library itself says, without a code, that the folder is not there.
      const isOfFile = /^SQLITE_(CANTOPEN|NOTADB|IOERR)/.test(written) || message.includes('directory does not exist')
      return { kind, code: written, ...(isOfFile && { about: aboutFile(context) }) }
    },
  }
}
