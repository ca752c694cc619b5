import type { Static } from '@sinclair/typebox'
import type { Content, Text } from '../../core/contract.ts'
import type { connectionOptions } from './options.ts'
import type { Column, Sql } from './sql.ts'

/** A row: every value as the text that the database gives for it, binary values as base64, or null. */
export type Cells = (string | null)[]

export interface Connection {
  /** Resolves when the server has let us in. */
  connect(): Promise<void>
  query(statement: Sql): Promise<Cells[]>
  /** The columns that a SELECT would give; reads no row. */
  describe(statement: Sql): Promise<Column[]>
  /** The rows in arrays of `size`, only the last one shorter; reads no further while the consumer is busy. */
  stream(statement: Sql, size: number): AsyncGenerator<Cells[], void, undefined>
  /** At once and in any state: whatever is under way fails. */
  destroy(): void
  end(): Promise<void>
}

/** What went wrong, in the words of the error catalogue. `missing`: no such table. */
export interface Fault {
  kind: 'unreachable' | 'timeout' | 'denied' | 'missing' | 'options' | 'invalid' | 'failure'
  /** The engine's own code. */
  code: string
  /** SQLSTATE (ISO 9075), when it is the server that speaks. */
  state?: string
  /** What it is about, where the error itself does not say it. */
  about?: Text
}

/** A content on its way into a statement. */
export interface Staged {
  /** Brings it to the database, within the transaction of the statement. */
  put(query: (statement: Sql) => Promise<Cells[]>): Promise<void>
  /** Stands for it in the statement, once it is there. */
  value: Sql
  /** Takes away what was only needed on the way; undefined where there is nothing. */
  clear: Sql | undefined
}

/** One database engine: what differs from the others, and nothing else. */
export interface SqlDriver {
  /** `readOnly`: nothing will be written through this connection. */
  open(readOnly: boolean): Connection
  /** Each session has a connection of its own: the file of an embedded database may be another one by the next. */
  reopens: boolean
  quote(name: string): string
  /** How a column is read, so that its value arrives as text. */
  read(column: Column): string
  /** Text when a column has a content, NULL when it has none; reads nothing of it. */
  presence(column: Column): string
  /** So many bytes of the content of a column from `offset` on, as base64; fewer at its end. */
  piece(column: Column, offset: number, length: number): string
  /** Begins a transaction that sees one state of the database; undefined where that would keep others from writing. */
  snapshot: string | undefined
  /** How a column is ordered and compared. */
  operand(column: Column): string
  /** True for the rows whose columns hold one of the tuples. */
  anyOf(columns: readonly Column[], tuples: readonly Cells[]): Sql
  /** The function for the smaller of two values. */
  least: string
  /**
   * The database's own clock less so many seconds, cut to what the column can hold or to whole seconds, as the column prints it.
   * `zone`: seconds east of Greenwich, for a column whose times are in another zone than that of the session.
   */
  clock(column: Column, seconds: number, zone: number | undefined): Sql
  begin: string
  /** Follows a SELECT and locks its rows until the transaction ends; empty when beginning has locked the database. */
  lockRows: string
  /** An open cursor keeps the department's own programs from writing: it must not stay open while the gateway stores. */
  cursorBlocksWriters: boolean
  version: Sql
  /** The names of tables and views, in one column, as `table` would name them. */
  tables: Sql
  /** The number of indexes that begin with this column, in one row. */
  indexesOn(table: string, column: string): Sql
  /** The unique indexes over all rows of a table, a row for each column of theirs: the index, and the column, null for an expression. */
  uniqueIndexes(table: string): Sql
  /** Whether a column holds nothing but values of its type. */
  typesBind: boolean
  /** For advice: a number from a text like 20260320 or 2026-03-20. */
  numberOf(text: string): string
  /** For advice: a time, as a watermark takes it, from a text like 20260320080000. */
  timeOf(text: string): string
  faultOf(error: Error & { code?: unknown }): Fault
  /** Whether the fault is about the values that were to be written, and so comes again with them. */
  refuses(fault: Fault): boolean
  /** Follows a SELECT of rows that are about to be written. */
  lockForWrite: string
  /**
   * What the columns of a table can hold, a row each: name, characters at most, bytes at most, and the name of a charset of
   * `charsets`; null where there is no such limit. Undefined for an engine that limits nothing.
   */
  limits(table: string): Sql | undefined
  /** `nth`: of the contents of one operation. */
  stage(content: Content, nth: number): Staged
  /** True for rows whose column holds a content. */
  holds(column: Column, content: Content): Sql
  /** Why a text would become another value in a column, without an error of the engine; absent where the engine refuses what it cannot keep. */
  alters?(column: Column, text: string): Text | undefined
  /** The type of a text that is told from every other by each of its characters, of at most 255. */
  idType: string
  /** The bytes of the largest content that the server takes at once, in one row. */
  contentLimit: Sql
  /** The types of a procedure's parameters, in order, as `Column.type`; undefined where the engine converts by itself. */
  parameterTypes(procedure: string): Sql | undefined
}

export type ConnectionOptions = Static<typeof connectionOptions>

export interface DriverContext {
  connection: ConnectionOptions
  /** Relative file names are relative to it. */
  baseFolder: string
  timeoutMs: number
  wait(ms: number, signal?: AbortSignal): Promise<void>
}
