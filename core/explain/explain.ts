import { parseMessageId } from '../canonical/index.ts'
import { GatewayError } from '../errors.ts'
import type { Mapping } from '../mapping/mapping.ts'
import { type TracedMapping, traceMapping } from '../mapping/trace-mapping.ts'
import { sha256 } from '../sha256.ts'
import type { QuarantineEntry, Store, StoredMessage, StoredRecord } from '../store/store.ts'
import { type Recomputed, recompute } from './recompute.ts'

export interface Explanation extends Recomputed {
  record: StoredRecord & { body: Buffer }
  quarantine: QuarantineEntry | undefined
  mapping: Pick<Mapping, 'name' | 'version' | 'files'>
  traced: TracedMapping
  /** False when the store and what is recomputed from it disagree: then either is wrong, and nothing here is to be trusted. */
  reproduced: boolean
}

/** Quarantined for what the record alone does not tell: no mapping gives these errors. */
const beyondMapping = new Set<string>([
  'MESSAGE_CONFLICT',
  'EXCHANGE_CONFLICT',
  'MESSAGE_AMBIGUOUS',
  'MESSAGE_OVERTURNED',
  'VERSION_OVERTURNED',
  'EXCHANGE_ITEM_UNKNOWN',
  'ITEM_NOT_IN_CATALOGUE',
  'RECORD_TOO_LARGE',
  'PUBLISH_TOO_LARGE',
])

const isReproduced = (
  record: StoredRecord & { body: Buffer },
  quarantine: QuarantineEntry | undefined,
  made: Recomputed,
): boolean => {
  if (!sha256(record.body).equals(record.hash)) return false
  if (made.messages.some(({ check }) => check === 'different' || check === 'gone')) return false
  if (record.faulty || record.disposition === 'translated') return true
  // Closed by a person or by a newer version: it is still explained why it was there.
  if (quarantine && quarantine.state !== 'replayed')
    return beyondMapping.has(quarantine.code) || made.error?.code === quarantine.code
  return made.outcome === 'ignored' ? made.reason === record.reason : made.outcome === 'messages'
}

const neverKept = { zh: '存储中没有留存', en: 'the store has not kept it' }

/**
 * A trace runs the mapping's own code here, outside of its thread. It is pure: where it ended for this record once, it ends again, and where it
 * had to be stopped nothing can be traced.
 */
const refuseEndless = (store: Store, seq: number, entry: QuarantineEntry | undefined): void => {
  if (entry?.code !== 'MAPPING_CODE_STOPPED' || entry.state === 'replayed') return
  const { zh, en } = entry
  throw store.openError(seq) ?? GatewayError.of('MAPPING_CODE_STOPPED', { at: `${entry.route}/${entry.key}`, reason: { zh, en } })
}

/** From a record back to its source. Throws RECORD_UNKNOWN, RECORD_EXPIRED, MAPPING_VERSION_UNKNOWN, and MAPPING_CODE_STOPPED when own code does not end. Changes nothing. */
export const explainRecord = async (store: Store, seq: number): Promise<Explanation> => {
  const record = store.record(seq)
  if (!record) throw GatewayError.of('RECORD_UNKNOWN', { seq })
  const { body } = record
  if (body === null) throw GatewayError.of('RECORD_EXPIRED', { seq })
  const version = record.mappingVersion ?? '—'
  const mapping = store.keptMapping(version)
  if (!mapping) throw GatewayError.of('MAPPING_VERSION_UNKNOWN', { mapping: '—', version, reason: neverKept })
  const quarantine = store.quarantineEntry(seq)
  refuseEndless(store, seq, quarantine)
  const traced = await traceMapping(mapping)
  const whole = { ...record, body }
  const made = recompute(store, traced, record, body)
  return {
    ...made,
    // What its source could not read was never given to a mapping.
    ...(record.faulty ? { outcome: 'failed', error: store.openError(seq), messages: [], before: [], conditions: [] } : {}),
    record: whole,
    quarantine,
    mapping,
    traced,
    reproduced: isReproduced(whole, quarantine, made),
  }
}

/** The stored message of an id; throws COMMAND_USAGE for what is no id. */
export const messageOf = (store: Store, id: string): StoredMessage | undefined => {
  try {
    parseMessageId(id)
  } catch (cause) {
    const ofCase = store.messageIdsOfCase(id)
    const shown = ofCase.slice(0, 30).join('、')
    const reason = {
      zh: ofCase.length > 0 ? `“${id}”是办件编号，请给出其中一条消息：${shown}` : `“${id}”不是消息编号，也不是记录编号`,
      en:
        ofCase.length > 0
          ? `"${id}" is the number of a case; say which of its messages: ${shown}`
          : `"${id}" is neither the id of a message nor the number of a record`,
    }
    throw GatewayError.of('COMMAND_USAGE', { reason }, { cause })
  }
  const version = id.lastIndexOf(':')
  return store.message(id.slice(0, version), Number(id.slice(version + 1)))
}

/** The same for one message, by its id; the other messages of its record are left out. Throws MESSAGE_UNKNOWN, too. */
export const explainMessage = async (store: Store, id: string): Promise<Explanation> => {
  const message = messageOf(store, id)
  if (!message) throw GatewayError.of('MESSAGE_UNKNOWN', { id })
  const explanation = await explainRecord(store, message.recordSeq)
  return { ...explanation, messages: explanation.messages.filter((made) => made.id === id) }
}
