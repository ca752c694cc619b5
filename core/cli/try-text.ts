/** What records would come to, as a person reads it. */
import { stringify } from 'yaml'
import type { SourceRecord } from '../contract.ts'
import type { Tried, TriedMessage } from '../explain/retrace.ts'
import { createShowing } from '../explain/shown.ts'
import { shownMessage } from '../explain/shown-message.ts'
import type { TracedMapping } from '../mapping/trace-mapping.ts'
import { aroundText, fieldText } from './explain-text.ts'
import { errorToJson, formatError } from './io.ts'

export interface Shown {
  explain: boolean
  unmasked: boolean
}

const indented = (text: string): string => text.trimEnd().replaceAll(/^/gm, '  ')

const messageText = ({ type, at, draft }: TriedMessage, unmasked: boolean): string[] => {
  const head = `消息 message   ${type}  ${at}`
  if (!draft) return [`${head}  ✗ 规则失败，没有完成 / a rule failed: not made`]
  const { type: _, flags, ...said } = shownMessage(draft, unmasked)
  const told = (flags as { path: string; code: string; found?: string; rule?: string }[]).map(({ path, code, found, rule }) =>
    `标记 flag      ${path}  ${code}  ${found ?? rule ?? ''}`.trimEnd(),
  )
  return [head, indented(stringify(said, { lineWidth: 0 })), ...told]
}

/** One record: its messages, why it is ignored, or the error that would quarantine it; with `explain` each field’s source. */
export const triedText = (record: SourceRecord, number: number, tried: Tried, traced: TracedMapping, shown: Shown): string => {
  const showing = createShowing(traced, shown.unmasked)
  const outcome =
    tried.outcome === 'ignored'
      ? [`按规则忽略：${tried.reason} / ignored by a rule`]
      : tried.error
        ? ['✗ 将被隔离 / would be quarantined', indented(formatError(tried.error))]
        : []
  const explained = shown.explain ? aroundText(tried, traced, showing) : []
  return [
    `记录 record    ${number}  ${record.stream} / ${showing.key(record.key)}`,
    ...outcome,
    ...tried.messages.flatMap((message) => [
      ...messageText(message, shown.unmasked),
      ...(shown.explain ? message.fields.map(showing.field).map(fieldText) : []),
    ]),
    ...explained,
    '',
  ].join('\n')
}

/** The same for a program. */
export const triedJson = ({ stream, key }: SourceRecord, tried: Tried, traced: TracedMapping, { explain, unmasked }: Shown) => {
  const showing = createShowing(traced, unmasked)
  return {
    stream,
    key: showing.key(key),
    outcome: tried.outcome,
    reason: tried.reason,
    error: tried.error && errorToJson(tried.error),
    messages: tried.messages.map(({ type, at, draft, error, fields }) => ({
      type,
      at,
      message: draft && shownMessage(draft, unmasked),
      error: error && errorToJson(error),
      ...(explain ? { fields: fields.map(showing.field) } : {}),
    })),
    ...(explain ? { before: tried.before.map(showing.field), conditions: tried.conditions.map(showing.condition) } : {}),
  }
}
