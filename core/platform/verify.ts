import {
  canonicalTextOf,
  type EventType,
  identityOf,
  laneOf,
  type MessageDraft,
  messageIdOf,
  type Stamp,
  typeOfWire,
  validateMessage,
} from '../canonical/index.ts'
import { beijingTimeOf } from '../clock.ts'
import { GatewayError, type Text } from '../errors.ts'
import type { Delivery } from '../transport/transport.ts'

/** What a message says of its case. */
export type Facts = MessageDraft & Pick<Stamp, 'source' | 'dataVersion' | 'dataVersionOrigin'>

/** A message that is what it claims to be. */
export interface VerifiedMessage {
  id: string
  /** The id without the data version. */
  identity: string
  /** Of its case: on the way down, that of the system that it is for, where the answers to it are. */
  lane: string
  contentHash: string
  facts: Facts
  /** When the gateway read it, in Beijing, `YYYY-MM-DDTHH:mm:ss`. */
  seenAt: string
  /** On the way down: the system of the gateway that it is for. */
  target?: string | undefined
  /** As received. */
  body: string
}

interface Envelope {
  id: string
  source: string
  type: string
  subject: string
  partitionkey: string
  contenthash: string
  target?: string
  data: Omit<Facts, 'type'> & { seenAt: string }
}

const refuse = (type: string, path: string, reason: Text, cause?: unknown): GatewayError =>
  GatewayError.of('MESSAGE_INVALID', { at: '', type, field: path, entry: '', reason }, { cause })

/** What the attributes must be if the data is true. Throws for text without a canonical form (a lone surrogate), and for an id too long. */
const expectedOf = (facts: Facts) => {
  const { system, department } = facts.source
  const identity = identityOf(system, facts)
  return {
    identity,
    attributes: {
      id: messageIdOf(identity, facts.dataVersion),
      source: `/departments/${department}/systems/${encodeURIComponent(system)}`,
      subject: facts.case.sourceCaseNo,
      partitionkey: laneOf(system, facts),
      contenthash: canonicalTextOf(facts).hash,
    },
  }
}

const judgeEvent = (event: Envelope, type: EventType, delivery: Delivery): VerifiedMessage | GatewayError => {
  const facts: Facts = { ...event.data, type }
  let expected: ReturnType<typeof expectedOf>
  try {
    expected = expectedOf(facts)
  } catch (cause) {
    return refuse(type, '/data', { zh: '含有无法规范表示的文字', en: 'it holds text without a canonical form' }, cause)
  }
  for (const [name, value] of Object.entries(expected.attributes)) {
    if (event[name as keyof typeof expected.attributes] === value) continue
    return refuse(type, `/${name}`, {
      zh: `与内容不符，按内容应为 ${value}`,
      en: `it contradicts the content, which gives ${value}`,
    })
  }
  const carried = { id: event.id, type, lane: event.partitionkey }
  for (const [name, value] of Object.entries(carried)) {
    if (delivery[name as keyof typeof carried] === value) continue
    return refuse(type, '/', {
      zh: `投递属性 ${name} 应为 ${value}`,
      en: `the property ${name} of its delivery must be ${value}`,
    })
  }
  const { identity } = expected
  const lane = event.target === undefined ? event.partitionkey : laneOf(event.target, facts)
  return {
    id: event.id,
    identity,
    lane,
    contentHash: event.contenthash,
    facts,
    seenAt: beijingTimeOf(event.data.seenAt),
    target: event.target,
    body: delivery.body,
  }
}

/**
 * Judges one delivery: JSON, a CloudEvent valid by the schema of its type, every attribute in agreement with the data (the
 * content hash is computed anew), and the delivery's own properties in agreement with the event. Answers MESSAGE_INVALID, never
 * throws it: one bad message must not stop its batch.
 */
export const verifyDelivery = (delivery: Delivery): VerifiedMessage | GatewayError => {
  let event: unknown
  try {
    event = JSON.parse(delivery.body)
  } catch (cause) {
    return refuse('?', '/', { zh: '不是合法的 JSON', en: 'it is not JSON' }, cause)
  }
  const invalid = validateMessage(event)
  if (invalid) return invalid
  const envelope = event as Envelope
  return judgeEvent(envelope, typeOfWire(envelope.type) as EventType, delivery)
}
