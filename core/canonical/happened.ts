/** When the fact that a message tells of happened. */
import type { EventType } from './events.ts'
import type { MessageDraft } from './message.ts'
import { textAt } from './read-content.ts'

/** The member of the content that says so; the later one first where a node has begun and ended. */
const members: Record<EventType, readonly string[]> = {
  'application.received': ['receivedAt'],
  'prereview.decided': ['decidedAt'],
  'supplement.requested': ['toldAt'],
  'supplement.received': ['receivedAt'],
  'acceptance.decided': ['decidedAt'],
  'review.step': ['endedAt', 'startedAt'],
  'review.decided': ['decidedAt'],
  'approval.decided': ['decidedAt'],
  'special.started': ['startedAt'],
  'special.ended': ['endedAt'],
  'case.closed': ['decidedAt'],
  'result.collected': ['collectedAt'],
  'evaluation.given': ['givenAt'],
  'case.amended': ['amendedAt'],
  'case.voided': ['voidedAt'],
  'joint.notice': ['noticedAt'],
  'joint.opinion': ['givenAt'],
  'joint.summarised': ['summarisedAt'],
  'upward.forwarded': ['forwardedAt'],
  'upward.returned': ['returnedAt'],
  'paper.filed': ['filedAt'],
  'data.rejected_by_platform': ['rejectedAt'],
  'supervision.alert': ['raisedAt'],
}

/** A moment of the canonical form, or only a day; what the content says of it goes before what stands beside. Undefined when nothing does. */
export const happenedAt = ({
  type,
  content,
  occurredAt,
}: Pick<MessageDraft, 'type' | 'content' | 'occurredAt'>): string | undefined => {
  for (const member of members[type]) {
    const said = textAt(content, member)
    if (said !== undefined) return said
  }
  return occurredAt
}
