/**
 * The data path up, on one page.
 *
 *     source ── emit(batch) ──▶ receive ── read · translate · stamp ──▶ one commit: record, messages, outbox, checkpoint
 *                                                                          │ receipts back to the source
 *                                                                          ▼
 *     broker ◀── publish ◀── claim (the first of each lane, on disk) ◀── outbox
 *        │
 *        └── confirm / return / nack / loss ──▶ one commit: confirmed, or due again later
 *
 * Nothing is acknowledged to the left before its commit is synced; nothing is done to the right before the broker's confirm.
 * What cannot become a message is kept as received in quarantine, holds back its own case, and nobody else.
 */
import {
  checkInvariants,
  contentHashOf,
  decideVersion,
  identityOf,
  laneOf,
  type MessageDraft,
  type Stamp,
  toCloudEvent,
  validateDraft,
} from './canonical/index.ts'
import { type Clock, dayOf } from './clock.ts'
import type { Batch, Receipt, SourceRecord } from './contract.ts'
import { GatewayError, toGatewayError } from './errors.ts'
import type { Events } from './events.ts'
import type { Mapping, Translation } from './mapping/compile.ts'
import { readRecord } from './read-record.ts'
import { sha256 } from './sha256.ts'
import type { Counter, NewMessage, Store, StoredRecord } from './store/store.ts'

/** One system and what its records go through. */
export interface Route {
  system: string
  adapter: string
  department: { code: string; name?: string; region: string }
  mapping: Mapping
  maxRecordBytes: number
  maxMessageBytes: number
}

type PreparedMessage = Omit<NewMessage, 'recordSeq' | 'book' | 'place'>

/** What a record comes to, decided before anything is written: all of its messages, or none. */
type Decision =
  | { disposition: 'translated'; messages: PreparedMessage[] }
  | { disposition: 'ignored'; reason: string }
  | { disposition: 'quarantined'; error: GatewayError; lane: string | null }

const stampOf = (
  { system, adapter, department, mapping }: Route,
  seenAt: number,
): Omit<Stamp, 'dataVersion' | 'dataVersionOrigin'> => ({
  source: {
    system,
    department: department.code,
    ...(department.name === undefined ? {} : { departmentName: department.name }),
    region: department.region,
    adapter,
    mapping: mapping.name,
    mappingVersion: mapping.version,
    ...(mapping.standard.name === undefined ? {} : { standard: mapping.standard.name }),
    ...(mapping.standard.version === undefined ? {} : { standardVersion: mapping.standard.version }),
  },
  seenAt,
})

export const createPipeline = ({ store, clock, events }: { store: Store; clock: Clock; events: Events }) => {
  const translate = (route: Route, record: SourceRecord): Translation => {
    try {
      if (record.fault) throw record.fault
      return route.mapping.translate({ stream: record.stream, key: record.key, tree: readRecord(record, route.maxRecordBytes) })
    } catch (thrown) {
      return { caseNo: undefined, outcome: 'failed', error: toGatewayError(thrown) }
    }
  }

  /** Turns one draft into a message; undefined when the platform already has it, or has something newer. Throws what quarantines the record. */
  const prepare = (route: Route, draft: MessageDraft, seenAt: number): PreparedMessage | 'unchanged' | 'stale' => {
    const invalid = validateDraft(draft)
    if (invalid) throw invalid
    const { flags, error } = checkInvariants(draft)
    if (error) throw error
    const identity = identityOf(route.system, draft)
    const contentHash = contentHashOf(draft)
    const previous = store.newestMessage(identity)
    const { verdict, dataVersion, origin } = decideVersion(previous, { dataVersion: draft.dataVersion, contentHash })
    if (verdict === 'duplicate') return 'unchanged'
    if (verdict === 'stale') return 'stale'
    if (verdict === 'conflict') throw GatewayError.of('MESSAGE_CONFLICT', { id: `${identity}:${dataVersion}` })
    const flagged = flags.length === 0 ? draft : { ...draft, flags: [...draft.flags, ...flags] }
    const { body } = toCloudEvent(flagged, { ...stampOf(route, seenAt), dataVersion, dataVersionOrigin: origin }, contentHash)
    const size = Buffer.byteLength(body)
    if (size > route.maxMessageBytes) throw GatewayError.of('RECORD_TOO_LARGE', { size, limit: route.maxMessageBytes })
    return { lane: laneOf(route.system, draft), identity, dataVersion, contentHash, type: draft.type, body }
  }

  const decide = (route: Route, translation: Translation, seenAt: number): Decision => {
    const lane = translation.caseNo === undefined ? null : laneOf(route.system, { case: { sourceCaseNo: translation.caseNo } })
    if (translation.outcome === 'ignored') return { disposition: 'ignored', reason: translation.reason }
    if (translation.outcome === 'failed') return { disposition: 'quarantined', error: translation.error, lane }
    try {
      const messages: PreparedMessage[] = []
      let reason = 'unchanged'
      for (const draft of translation.drafts) {
        const prepared = prepare(route, draft, seenAt)
        if (typeof prepared === 'string') {
          if (prepared === 'stale') reason = 'stale'
          continue
        }
        const twin = messages.find(({ identity }) => identity === prepared.identity)
        if (twin && twin.contentHash !== prepared.contentHash) {
          throw GatewayError.of('MESSAGE_CONFLICT', { id: `${prepared.identity}:${prepared.dataVersion}` })
        }
        if (!twin) messages.push(prepared)
      }
      return messages.length === 0 ? { disposition: 'ignored', reason } : { disposition: 'translated', messages }
    } catch (thrown) {
      return { disposition: 'quarantined', error: toGatewayError(thrown), lane }
    }
  }

  /** Writes what a decision means for a record that is already there: used for a new record and for a replayed one. */
  const apply = (
    recordSeq: number,
    book: number,
    place: number,
    decision: Decision,
    count: (counter: Counter, by?: number) => void,
  ): void => {
    if (decision.disposition === 'quarantined') {
      store.quarantine(recordSeq, book, decision.lane, place, decision.error, clock.now())
      return
    }
    count(decision.disposition)
    if (decision.disposition === 'ignored') return
    count('messages', decision.messages.length)
    for (const message of decision.messages) store.addMessage({ ...message, recordSeq, book, place })
  }

  /** A new version of a quarantined record is its correction: it closes the old line and takes over its place in the lane. */
  const supersede = (record: SourceRecord, route: Route, recordSeq: number): { place: number; lanes: string[] } => {
    const open = store.openVersionsOf(route.system, record.stream, record.key)
    for (const { recordSeq: old, book } of open) {
      const reason = `superseded by record ${recordSeq}`
      store.closeQuarantine(old, 'superseded', 'gateway', reason, clock.now())
      store.setDisposition(old, 'ignored', reason, null)
      store.count(book, 'ignored')
    }
    return { place: open[0]?.place ?? recordSeq, lanes: open.flatMap(({ lane }) => lane ?? []) }
  }

  const take = (route: Route, record: SourceRecord, book: number, count: (counter: Counter, by?: number) => void): Receipt => {
    const hash = sha256(record.body)
    const newest = store.newestRecord(route.system, record.stream, record.key)
    if (newest?.hash.equals(hash)) {
      count('duplicates')
      return { key: record.key, outcome: 'duplicate', recordSeq: newest.seq }
    }
    const receivedAt = clock.now()
    const decision = decide(route, translate(route, record), receivedAt)
    count('read')
    const recordSeq = store.addRecord({
      book,
      route: route.system,
      stream: record.stream,
      key: record.key,
      hash,
      receivedAt,
      disposition: decision.disposition,
      reason: decision.disposition === 'ignored' ? decision.reason : null,
      mappingVersion: route.mapping.version,
      contentType: record.contentType,
      charset: record.charset ?? null,
      body: record.body,
    })
    const { place, lanes } = newest ? supersede(record, route, recordSeq) : { place: recordSeq, lanes: [] }
    apply(recordSeq, book, place, decision, count)
    for (const lane of lanes) store.advance(lane)
    if (decision.disposition !== 'quarantined') {
      return { key: record.key, outcome: decision.disposition === 'translated' ? 'stored' : 'ignored', recordSeq }
    }
    return { key: record.key, outcome: 'quarantined', recordSeq, error: decision.error }
  }

  /** Stores a batch and answers its receipts; what it returns from is on the disk. */
  const receive = (route: Route, batch: Batch): Receipt[] => {
    events.emit('batch:received', { system: route.system, records: batch.records.length })
    const receipts = store.commit(() => {
      store.keepMapping(route.mapping.version, route.mapping.name, route.mapping.files, clock.now())
      const tally = openTally(store, dayOf(clock.now()), route.system)
      const taken = batch.records.map((record) => {
        const book = tally.book(record.stream)
        return take(route, record, book, (counter, by = 1) => tally.count(book, counter, by))
      })
      tally.write()
      if (batch.checkpoint !== undefined) store.setCheckpoint(route.system, batch.checkpoint, clock.now())
      return taken
    })
    announce(route, batch, receipts)
    return receipts
  }

  const announce = (route: Route, batch: Batch, receipts: Receipt[]): void => {
    const sum = (outcome: Receipt['outcome']) => receipts.filter((receipt) => receipt.outcome === outcome).length
    for (const [index, { key, recordSeq, error }] of receipts.entries()) {
      if (error)
        events.emit('record:quarantined', { system: route.system, stream: batch.records[index]!.stream, key, recordSeq, error })
    }
    events.emit('batch:stored', {
      system: route.system,
      stored: sum('stored'),
      duplicates: sum('duplicate'),
      quarantined: sum('quarantined'),
      ignored: sum('ignored'),
    })
  }

  /** Translates a quarantined record again by the mapping of now. Still failing, it stays where it is, under its new error. Throws QUARANTINE_NOT_FOUND. */
  const replay = (
    route: Route,
    recordSeq: number,
    by: string,
  ): { outcome: 'stored' | 'ignored' } | { outcome: 'quarantined'; error: GatewayError } =>
    store.commit(() => {
      const record = store.record(recordSeq)
      const entry = store.quarantineEntry(recordSeq)
      if (!record || record.body === null || entry?.state !== 'open')
        throw GatewayError.of('QUARANTINE_NOT_FOUND', { seq: recordSeq })
      const decision = decide(route, translate(route, toSourceRecord(record)), record.receivedAt)
      if (decision.disposition === 'quarantined') return { outcome: 'quarantined', error: decision.error }
      store.keepMapping(route.mapping.version, route.mapping.name, route.mapping.files, clock.now())
      const closed = store.closeQuarantine(recordSeq, 'replayed', by, null, clock.now())!
      const reason = decision.disposition === 'ignored' ? decision.reason : null
      store.setDisposition(recordSeq, decision.disposition, reason, route.mapping.version)
      apply(recordSeq, closed.book, closed.place, decision, (counter, n) => store.count(closed.book, counter, n))
      if (closed.lane !== null) store.advance(closed.lane)
      return { outcome: decision.disposition === 'translated' ? 'stored' : 'ignored' }
    })

  /** A person decides that a record will not be sent. The record and the reason are kept. Throws QUARANTINE_NOT_FOUND. */
  const discard = (recordSeq: number, by: string, reason: string): void =>
    store.commit(() => {
      const closed = store.closeQuarantine(recordSeq, 'discarded', by, reason, clock.now())
      if (!closed) throw GatewayError.of('QUARANTINE_NOT_FOUND', { seq: recordSeq })
      store.setDisposition(recordSeq, 'ignored', `discarded: ${reason}`, null)
      store.count(closed.book, 'ignored')
      if (closed.lane !== null) store.advance(closed.lane)
    })

  return { receive, replay, discard }
}

export type Pipeline = ReturnType<typeof createPipeline>

/** Counts a batch in memory and writes each counter once, in the batch's own commit. */
const openTally = (store: Store, day: string, route: string) => {
  const books = new Map<string, number>()
  const counts = new Map<number, Map<Counter, number>>()
  return {
    book: (stream: string): number => {
      const book = books.get(stream) ?? store.book(day, route, stream)
      books.set(stream, book)
      return book
    },
    count: (book: number, counter: Counter, by: number): void => {
      const line = counts.get(book) ?? new Map<Counter, number>()
      counts.set(book, line)
      line.set(counter, (line.get(counter) ?? 0) + by)
    },
    write: (): void => {
      for (const [book, line] of counts) for (const [counter, by] of line) store.count(book, counter, by)
    },
  }
}

const toSourceRecord = ({ stream, key, body, contentType, charset }: StoredRecord): SourceRecord => ({
  stream,
  key,
  body: body!,
  contentType: contentType as SourceRecord['contentType'],
  ...(charset === null ? {} : { charset }),
})
