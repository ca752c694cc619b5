/** Statements put together from pieces, so that a value can never be read as SQL. Each engine writes the values its own way. */

/**
 * `text`: a text; `number`: exact digits; `time`: a date or a point in time; `binary`: read as base64; `other`: what is none of these and
 * is read as its text, such as a boolean, a time of day or JSON; `untyped`: whatever it is given (SQLite only).
 */
export type Shape = 'text' | 'number' | 'time' | 'binary' | 'other' | 'untyped'

/** A column as the engine describes it. */
export interface Column {
  name: string
  /** The engine's own name of the type; empty when there is none. */
  type: string
  shape: Shape
  nullable: boolean
}

/**
 * A value for a column, as the text that the database itself gives for it, or as bytes. A list is for engines that take one parameter per column.
 */
export interface Value {
  column: Column
  text: string | null | readonly (string | null)[] | Uint8Array
}

export interface Sql {
  /** One more than `values`. */
  parts: readonly string[]
  values: readonly Value[]
}

export const raw = (text: string): Sql => ({ parts: [text], values: [] })

const isSql = (inner: Sql | Value): inner is Sql => 'parts' in inner

/** Template tag: inner statements are put in place, inner values stay values. */
export const sql = (strings: TemplateStringsArray, ...inner: (Sql | Value)[]): Sql => {
  const parts: string[] = [strings[0] ?? '']
  const values: Value[] = []
  const append = (text: string) => {
    parts[parts.length - 1] += text
  }
  inner.forEach((piece, index) => {
    const after = strings[index + 1] ?? ''
    if (isSql(piece)) {
      append(piece.parts[0] ?? '')
      piece.values.forEach((value, position) => {
        values.push(value)
        parts.push(piece.parts[position + 1] ?? '')
      })
      append(after)
    } else {
      values.push(piece)
      parts.push(after)
    }
  })
  return { parts, values }
}

export const join = (pieces: readonly Sql[], separator: string): Sql =>
  pieces.length === 0
    ? raw('')
    : pieces.slice(1).reduce((all, piece) => sql`${all}${raw(separator)}${piece}`, pieces[0] ?? raw(''))

export const all = (conditions: readonly Sql[]): Sql => (conditions.length === 0 ? raw('1 = 1') : join(conditions, ' AND '))

const noColumn: Column = { name: '', type: '', shape: 'text', nullable: true }

/** A value that stands for no column. */
export const textValue = (text: string): Value => ({ column: noColumn, text })
