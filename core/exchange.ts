/** The exchange table: which side is the authority of each item and stage, and so which way its events go. */
import type { EventType, MessageDraft } from './canonical/index.ts'
import { GatewayError, type Text } from './errors.ts'

/** `up`: the department's system is the authority; `down`: the platform is; `none`: the stage is not exchanged. */
export const directions = ['up', 'down', 'none'] as const
export type Direction = (typeof directions)[number]

/** The row of every item that has none of its own. */
export const anyItem = '*'

export interface ExchangeRow {
  /** Code of the item, or `*`. */
  item: string
  /** `file:line:column`. */
  at: string
  stages: ReadonlyMap<EventType, { direction: Direction; at: string }>
}

export interface ExchangeTable {
  /** SHA-256 of its file, in hexadecimal. */
  version: string
  file: string
  rows: ReadonlyMap<string, ExchangeRow>
}

/** What the table says of one event, and where. A type without a column is not exchanged. Throws EXCHANGE_ITEM_UNKNOWN. */
export const directionOf = (
  { rows, file }: ExchangeTable,
  item: string | undefined,
  type: EventType,
): { direction: Direction; at: string } => {
  const row = (item === undefined ? undefined : rows.get(item)) ?? rows.get(anyItem)
  if (row) return row.stages.get(type) ?? { direction: 'none', at: row.at }
  throw GatewayError.of('EXCHANGE_ITEM_UNKNOWN', {
    file,
    type,
    item: item ?? { zh: '（消息没有事项编码）', en: '(it names none)' },
  })
}

type Fault = Direction | 'changed' | 'forgotten'

const reasons: Record<Fault, Text> = {
  up: { zh: '该环节由部门负责，平台不应下发', en: 'the department is its authority: the platform must not send it' },
  down: {
    zh: '该环节由平台负责，部门系统却有平台没有下发过的内容',
    en: 'the platform is its authority, and the department’s system has what the platform never sent',
  },
  changed: {
    zh: '该环节由平台负责，部门系统里的内容与平台下发的不同',
    en: 'the platform is its authority, and the department’s system has other content than the platform sent',
  },
  forgotten: {
    zh: '该环节由平台负责，平台下发的原文已过保留期，无法核对是否回声',
    en: 'the platform is its authority, and what it sent is past its retention: nobody can tell whether this is its echo',
  },
  none: { zh: '该环节不交换，平台不应下发', en: 'the stage is not exchanged: the platform must not send it' },
}

export const exchangeConflict = (at: string, type: EventType, fault: Fault, field: string): GatewayError =>
  GatewayError.of('EXCHANGE_CONFLICT', { at, type, field, reason: reasons[fault] })

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null

const moment = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}/

/** A day says as much as a moment of that day, and a second as much as a part of it: legacy columns often keep no more. */
const isSame = (found: unknown, sent: unknown): boolean => {
  if (found === sent) return true
  if (typeof found !== 'string' || typeof sent !== 'string' || !moment.test(sent)) return false
  return /^\d{4}-\d{2}-\d{2}$/.test(found) ? sent.startsWith(`${found}T`) : moment.exec(found)?.[0] === moment.exec(sent)?.[0]
}

/**
 * The first field of `found` that `sent` does not say, as a JSON pointer; undefined when all of it was sent. What a legacy system has no place
 * for it does not give back: less than was sent is an echo, too. More is not.
 */
export const firstUnsent = (found: unknown, sent: unknown, pointer = '/content'): string | undefined => {
  if (!isObject(found)) return isSame(found, sent) ? undefined : pointer
  if (!isObject(sent) || Array.isArray(found) !== Array.isArray(sent)) return pointer
  if (Array.isArray(found) && found.length !== (sent as unknown as unknown[]).length) return pointer
  for (const [name, member] of Object.entries(found)) {
    const unsent = firstUnsent(member, sent[name], `${pointer}/${name}`)
    if (unsent !== undefined) return unsent
  }
  return undefined
}

/** What was sent down of the same stage of the same case, the newest first. */
export type SentDown = readonly { seq: number; body: string | null }[]

/**
 * Whether a draft that the platform is the authority of is what it sent itself, come back: the number of that message in the inbox. Throws
 * EXCHANGE_CONFLICT when it is not.
 */
export const findEcho = (draft: MessageDraft, sent: SentDown, at: string): number => {
  let nearest: string | undefined
  for (const { seq, body } of sent) {
    if (body === null) continue
    const { content, stage } = (JSON.parse(body) as { data: Pick<MessageDraft, 'content' | 'stage'> }).data
    // Another round of the same stage, where both sides count them.
    if (draft.stage?.sequence !== undefined && stage?.sequence !== undefined && draft.stage.sequence !== stage.sequence) continue
    const unsent = firstUnsent(draft.content, content)
    if (unsent === undefined) return seq
    nearest ??= unsent
  }
  const fault = nearest !== undefined ? 'changed' : sent.length > 0 ? 'forgotten' : 'down'
  throw exchangeConflict(at, draft.type, fault, nearest ?? '/content')
}
