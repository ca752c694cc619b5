/** The platform's side of the way down: messages to the systems of gateways. */
import { canonicalTextOf, laneOf, type MessageDraft, type Stamp, toCloudEvent, validateDraft } from '../canonical/index.ts'
import type { Clock } from '../clock.ts'
import type { OutgoingMessage, PublishOutcome, Transport } from '../transport/transport.ts'
import { downAddress, upAddress } from '../transport/transport.ts'

/** Who sends, and to whom. */
export interface Sending {
  source: Stamp['source']
  gateway: string
  /** The system of that gateway. */
  system: string
}

/** A draft as it goes to a gateway. Throws MESSAGE_INVALID. */
export const downMessageOf = (draft: MessageDraft, { source, gateway, system }: Sending, clock: Clock): OutgoingMessage => {
  const invalid = validateDraft(draft)
  if (invalid) throw invalid
  const { dataVersion = 1 } = draft
  const stamp: Stamp = { source, dataVersion, dataVersionOrigin: 'source', seenAt: clock.now(), target: system }
  const { id, body } = toCloudEvent(draft, stamp, canonicalTextOf(draft))
  return { id, type: draft.type, address: downAddress(gateway), lane: laneOf(source.system, draft), body, sentAt: clock.now() }
}

/**
 * What the platform sends to a department belongs to the case as much as the answer does: without the application, which no department reports,
 * everything that answers it would be early. To the platform's own receiver, as it goes to the gateway.
 */
export const recordOf = (message: OutgoingMessage, source: Stamp['source']): OutgoingMessage => ({
  ...message,
  address: upAddress(source),
})

/** As `sendDown`, with a record behind each that the broker has: nothing is in a case that was never sent. An answer that is faster is held there. */
export const sendRecorded = async (
  transport: Transport,
  messages: readonly OutgoingMessage[],
  source: Stamp['source'],
  clock: Clock,
): Promise<PublishOutcome[]> => {
  const outcomes = await sendDown(transport, messages, clock)
  const sent = messages.filter((_, index) => outcomes[index]!.outcome === 'confirmed')
  const records = sent.map((message) => recordOf(message, source))
  const recorded = await sendDown(transport, records, clock)
  return outcomes.map((outcome) => (outcome.outcome === 'confirmed' ? recorded.shift()! : outcome))
}

/**
 * Sends messages in their order and answers what became of each. What is returned has no queue: no gateway of that name has ever been
 * connected. Whoever sends keeps a message until it is confirmed, and may send it again under its id.
 */
export const sendDown = async (
  transport: Transport,
  messages: readonly OutgoingMessage[],
  clock: Clock,
): Promise<PublishOutcome[]> => {
  const outcomes: Promise<PublishOutcome>[] = []
  for (const message of messages) {
    while (transport.capacity() === 0) await clock.wait(5)
    outcomes.push(transport.publish(message))
  }
  return Promise.all(outcomes)
}
