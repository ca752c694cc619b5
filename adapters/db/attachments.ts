/** Contents of rows, read in pieces, so that none is ever whole in memory. */
import {
  type Attachment,
  attachmentFault,
  GatewayError,
  type Json,
  type KeptContent,
  type RunContext,
} from '../../core/contract.ts'
import type { Cells, SqlDriver } from './driver.ts'
import type { AttachmentPlan } from './plan.ts'
import type { Session } from './session.ts'
import { all, type Column, raw, type Sql, sql } from './sql.ts'

/** Bytes of one query: what the driver makes of each is several times as much until it is collected. */
const pieceBytes = 512 * 1024

/** How contents are read and what becomes of them. */
export interface Contents {
  session(): Promise<Session>
  keep: RunContext['keep']
  /** Begins a transaction for each content, so that all of its pieces are of one state; undefined where none is needed, or possible. */
  begin: string | undefined
}

interface Content {
  column: Column
  key: Cells
}

/** Where the rows with the contents are, and what tells one from all others. */
export interface Holder {
  name: string
  from: Sql
  identity: readonly Column[]
}

/** True for the row with this key. A NULL equals nothing, and is a value of a row all the same. */
const isAt = (driver: SqlDriver, identity: readonly Column[], key: Cells): Sql => {
  const [known, unknown] = [identity.filter((_, at) => key[at] !== null), identity.filter((_, at) => key[at] === null)]
  return all([
    ...(known.length > 0 ? [driver.anyOf(known, [key.filter((value) => value !== null)])] : []),
    ...unknown.map((column) => raw(`${driver.operand(column)} IS NULL`)),
  ])
}

/** One piece, shorter than asked for at the end of the content; or why there is none, which is a fault of the record. */
const readPiece = async (
  driver: SqlDriver,
  session: Session,
  { name, from, identity }: Holder,
  { column, key }: Content,
  offset: number,
): Promise<Buffer | GatewayError> => {
  const rows = await session.query(
    sql`SELECT ${raw(driver.piece(column, offset, pieceBytes))} FROM ${from} r WHERE ${isAt(driver, identity, key)}`,
  )
  const named = `${name}.${column.name}`
  if (rows.length > 1) {
    const columns = identity.map((one) => one.name).join(', ')
    const reason = {
      zh: `${columns} 不能区分各行，附件不知属于哪一行`,
      en: `${columns} does not tell the rows apart, so that nobody knows whose it is`,
    }
    return GatewayError.of('ATTACHMENT_UNREADABLE', { name: named, reason })
  }
  const cell = rows[0]?.[0]
  if (cell !== undefined && cell !== null) return Buffer.from(cell, 'base64')
  const reason = { zh: '数据库中没有它的内容', en: 'the database has no content of it' }
  return GatewayError.of('ATTACHMENT_MISSING', { name: named, reason })
}

async function* piecesOf(driver: SqlDriver, { session, begin }: Contents, holder: Holder, of: Content): AsyncGenerator<Buffer> {
  const reader = await session()
  let failed = false
  let fault: GatewayError | undefined
  if (begin !== undefined) await reader.query(raw(begin))
  try {
    for (let offset = 0; ; offset += pieceBytes) {
      const piece = await readPiece(driver, reader, holder, of, offset)
      if (piece instanceof GatewayError) {
        fault = piece
        break
      }
      if (piece.length > 0) yield piece
      if (piece.length < pieceBytes) break
    }
  } catch (error) {
    failed = true
    throw error
  } finally {
    // Also when the content is not read to its end. What has failed ends the run, and with it the connection.
    if (begin !== undefined && !failed) await reader.query(raw('COMMIT'))
  }
  if (fault) throw fault
}

/** What becomes of the attachments of one row. */
export interface KeptRow {
  attachments: Attachment[]
  /** One of them cannot be kept, and no other attempt would end otherwise. */
  fault: GatewayError | undefined
}

/**
 * Keeps the contents of a row and puts digest and size into `value`, in place of each. `prefix`: where in the record the row is. Rejects when
 * one cannot be read or kept now.
 */
export const keepRow = async (
  driver: SqlDriver,
  holder: Holder,
  plans: readonly AttachmentPlan[],
  row: { key: Cells; value: Record<string, Json>; prefix: string },
  contents: Contents,
): Promise<KeptRow> => {
  const { key, value, prefix } = row
  const kept: KeptRow = { attachments: [], fault: undefined }
  const textOf = (column: Column | undefined): string | undefined => {
    const text = column && value[column.name]
    return typeof text === 'string' && text !== '' ? text : undefined
  }
  for (const { column, fileName, mediaType } of plans) {
    if (value[column.name] === null) continue
    let content: KeptContent
    try {
      content = await contents.keep(piecesOf(driver, contents, holder, { column, key }))
    } catch (error) {
      kept.fault = attachmentFault(error)
      value[column.name] = { digest: null }
      continue
    }
    value[column.name] = { ...content }
    const [named, typed] = [textOf(fileName), textOf(mediaType)]
    kept.attachments.push({
      at: `${prefix}${column.name}`,
      ...content,
      ...(named === undefined ? {} : { fileName: named }),
      ...(typed === undefined ? {} : { mediaType: typed }),
    })
  }
  return kept
}
