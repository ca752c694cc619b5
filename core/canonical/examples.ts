import { definitionOf, type EventType } from './events.ts'
import type { MessageDraft } from './message.ts'

/** A valid draft of the type about nobody, for documents and tests. */
export const exampleOf = (type: EventType): MessageDraft => {
  const { sequence, state, occurredAt, content } = definitionOf(type).example
  const stage = { ...(sequence === undefined ? {} : { sequence }), ...(state === undefined ? {} : { state }) }
  return {
    type,
    case: { sourceCaseNo: 'SL20150504-0001', itemCode: '11150900PDY00001XA3000117001000', itemName: '建筑工程施工许可证核发' },
    ...(Object.keys(stage).length > 0 ? { stage } : {}),
    ...(occurredAt === undefined ? {} : { occurredAt }),
    content,
    flags: [],
  }
}
