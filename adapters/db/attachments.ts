/** Contents of rows, read in pieces, so that none is ever whole in memory. */
import { type Attachment, GatewayError, type Json, type KeptContent, type RunContext } from '../../core/contract.ts'
import type { Cells, SqlDriver } from './driver.ts'
import type { AttachmentPlan } from './plan.ts'
import { optionsInvalid, type Session } from './session.ts'
import { type Column, raw, type Sql, sql } from './sql.ts'

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
  system: string
  name: string
  from: Sql
  identity: readonly Column[]
}

/** One piece; shorter than asked for at the end of the content. */
const readPiece = async (
  driver: SqlDriver,
  session: Session,
  { system, name, from, identity }: Holder,
  of: Content,
  offset: number,
) => {
  const { column, key } = of
  const rows = await session.query(
    sql`SELECT ${raw(driver.piece(column, offset, pieceBytes))} FROM ${from} r WHERE ${driver.anyOf(identity, [key])}`,
  )
  if (rows.length > 1) {
    const columns = identity.map((one) => one.name).join(', ')
    throw optionsInvalid(system, {
      zh: `${name}：${columns} 不能区分各行，附件不知属于哪一行`,
      en: `${name}: ${columns} does not tell the rows apart, so that nobody knows whose the attachment is`,
    })
  }
  const cell = rows[0]?.[0]
  if (cell === undefined || cell === null) {
    const reason = { zh: '读取期间被删除', en: 'it was removed while it was read' }
    throw GatewayError.of('ATTACHMENT_MISSING', { name: `${name}.${column.name}`, reason })
  }
  return Buffer.from(cell, 'base64')
}

async function* piecesOf(driver: SqlDriver, { session, begin }: Contents, holder: Holder, of: Content): AsyncGenerator<Buffer> {
  const reader = await session()
  let failed = false
  if (begin !== undefined) await reader.query(raw(begin))
  try {
    for (let offset = 0; ; offset += pieceBytes) {
      const piece = await readPiece(driver, reader, holder, of, offset)
      if (piece.length > 0) yield piece
      if (piece.length < pieceBytes) return
    }
  } catch (error) {
    failed = true
    throw error
  } finally {
    // Also when the content is not read to its end. What has failed ends the run, and with it the connection.
    if (begin !== undefined && !failed) await reader.query(raw('COMMIT'))
  }
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
      if (!(error instanceof GatewayError) || error.code !== 'ATTACHMENT_TOO_LARGE') throw error
      value[column.name] = { digest: null }
      kept.fault = error
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
