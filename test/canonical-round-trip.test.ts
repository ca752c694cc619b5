/** Each event type: what its schema allows is accepted, sent, verified by the receiver and the same there; what breaks it is refused. */
import fc from 'fast-check'
import t from 'tap'
import { draftSchemaOf } from '../core/canonical/envelope.ts'
import {
  canonicalTextOf,
  contentSchemaOf,
  eventTypes,
  identityOf,
  type MessageDraft,
  type Stamp,
  toCloudEvent,
  validateDraft,
} from '../core/canonical/index.ts'
import { GatewayError } from '../core/errors.ts'
import { verifyDelivery } from '../core/platform/verify.ts'
import type { Delivery } from '../core/transport/transport.ts'
import { broken, faultsOf, instanceOf, type Schema } from './canonical-instances.ts'

const stamp: Stamp = {
  dataVersion: 1,
  dataVersionOrigin: 'derived',
  seenAt: Date.parse('2026-11-23T09:00:00+08:00'),
  source: {
    department: '11150900PDY00001XA',
    region: '150900',
    system: 'one',
    adapter: 'file',
    mapping: 'dept/one',
    mappingVersion: 'v1',
  },
}

const schemaOfContent = (type: MessageDraft['type']): Schema => contentSchemaOf(type) as unknown as Schema

/** Whole drafts: case, stage, times, flags and provenance vary as the content does. An id of AMQP has 255 bytes at most. */
const drafts = (type: MessageDraft['type']): fc.Arbitrary<MessageDraft> =>
  instanceOf(draftSchemaOf(type) as unknown as Schema)
    .map((draft) => draft as MessageDraft)
    .filter((draft) => Buffer.byteLength(identityOf(stamp.source.system, draft)) < 240)

/** As the transport hands it over: bytes, and the properties beside them. */
const deliveredOf = (draft: MessageDraft): Delivery => {
  const made = toCloudEvent(draft, stamp, canonicalTextOf(draft))
  const body = Buffer.from(made.body).toString('utf8')
  const { partitionkey } = JSON.parse(body) as { partitionkey: string }
  return { id: made.id, type: draft.type, lane: partitionkey, body, redelivered: false }
}

const sorted = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, member]) => [name, sorted(member)]),
  )
}

/** Canonical form orders members by name: content is compared whatever their order. */
const isSame = (a: unknown, b: unknown): boolean => JSON.stringify(sorted(a)) === JSON.stringify(sorted(b))

t.equal(eventTypes.length, 23)

for (const type of eventTypes) {
  t.test(`${type}: what its schema allows arrives as it was`, async () => {
    fc.assert(
      fc.property(drafts(type), (draft) => {
        const refused = validateDraft(draft)
        if (refused) throw refused
        const verified = verifyDelivery(deliveredOf(draft))
        if (verified instanceof GatewayError) throw verified
        const { source, dataVersion, dataVersionOrigin, ...facts } = verified.facts
        const { dataVersion: own, ...sent } = JSON.parse(JSON.stringify(draft))
        const gateways = { operation: undefined, seenAt: undefined }
        return isSame({ ...facts, ...gateways }, { ...sent, ...gateways })
      }),
      { numRuns: 100 },
    )
  })

  t.test(`${type}: what breaks its schema is refused with the place`, async () => {
    fc.assert(
      fc.property(drafts(type), fc.nat(), (draft, choice) => {
        const faults = faultsOf(schemaOfContent(type), draft.content)
        const fault = faults[choice % faults.length]!
        const refused = validateDraft({ ...draft, content: broken(draft.content, fault) })
        const path = `/content${fault.pointer}`
        return refused?.code === 'MESSAGE_INVALID' && String(refused.values['field']).startsWith(path)
      }),
      { numRuns: 200 },
    )
  })
}
