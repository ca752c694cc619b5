/**
 * The data path up, on one page.
 *
 *     source ── emit(batch) ──▶ receive ── read · translate · stamp ──▶ one commit: record, messages, outbox, checkpoint
 *                               (a mapping with own code: translated ahead, in a thread of its own)
 *                                                                          │ receipts back to the source
 *                                                                          ▼
 *     broker ◀── publish ◀── claim (the first of each lane, on disk: in that commit when there is room, else later) ◀── outbox
 *        │
 *        └── confirm / return / nack / loss ──▶ one commit: confirmed, or due again later
 *
 * Nothing is acknowledged to the left before its commit is synced; nothing is done to the right before the broker's confirm.
 * What cannot become a message is kept as received in quarantine, holds back its own case, and nobody else.
 */
import { type Clock, dayOf } from './clock.ts'
import { createUtf8Encoder } from './codec/utf8-encoder.ts'
import type { Batch, Receipt, SourceRecord } from './contract.ts'
import { type Ahead, type Decision, decide, type Route } from './decide.ts'
import { GatewayError } from './errors.ts'
import type { Events } from './events.ts'
import type { Translation } from './mapping/mapping.ts'
import { sha256 } from './sha256.ts'
import { toSourceRecord } from './source-record.ts'
import type { ClaimedMessage, Counter, NewMessage, OpenVersion, Store } from './store/store.ts'

type Count = (counter: Counter, by?: number) => void

/** Where messages leave. */
export interface Outlet {
  /** How many more may leave now. */
  room(): number
  /** A batch is on disk: what of it was claimed leaves now, the rest as soon as it may. */
  stored(claimed: ClaimedMessage[]): void
}

/** Nothing leaves from here: the messages wait in the outbox. */
const shut: Outlet = { room: () => 0, stored: () => undefined }

/** Claims what a batch adds as long as there is room. Older messages that are ready go first: then it claims nothing. */
const openClaims = (store: Store, route: Route, room: number, now: number) => {
  const { department, region } = route.source
  const claimed: ClaimedMessage[] = []
  const limit = room > 0 && !store.hasReady(now) ? room : 0
  return {
    claimed,
    add(message: NewMessage): void {
      const added = store.addMessage(message, claimed.length < limit ? now : undefined)
      if (!added.claimed) return
      const { book, lane, identity, dataVersion, type, body } = message
      claimed.push({ seq: added.seq, attempt: 1, identity, dataVersion, type, lane, department, region, book, seenAt: now, body })
    },
  }
}

export const createPipeline = ({ store, clock, events }: { store: Store; clock: Clock; events: Events }) => {
  /** Writes what a decision means for a record that is already there: used for a new record and for a replayed one. */
  const apply = (
    recordSeq: number,
    book: number,
    place: number,
    decision: Decision,
    count: Count,
    add: (message: NewMessage) => void,
  ): void => {
    if (decision.disposition === 'quarantined') {
      store.quarantine(recordSeq, book, decision.lane, place, decision.error, clock.now())
      // Its place may be before messages that were allowed to leave.
      if (decision.lane !== null) store.advance(decision.lane)
      return
    }
    count(decision.disposition)
    for (const one of decision.withheld) {
      if (store.keepWithheld(recordSeq, one)) count(one.reason === 'echo' ? 'echoes' : 'unexchanged')
    }
    if (decision.disposition === 'ignored') return
    count('messages', decision.messages.length)
    for (const { after: _, ...message } of decision.messages) add({ recordSeq, book, place, ...message })
  }

  /**
   * A new version of a quarantined record is its correction: it closes the old line and takes over its place in the lane, unless the
   * same fact has meanwhile come by another record. A version that does not even tell its case stays in the case of the one before.
   */
  const correct = (route: Route, record: SourceRecord, open: OpenVersion[], recordSeq: number, decision: Decision) => {
    for (const { recordSeq: old, book } of open) {
      const reason = `superseded by record ${recordSeq}`
      store.closeQuarantine(old, 'superseded', 'gateway', reason, clock.now())
      store.setDisposition(old, 'ignored', reason, null)
      store.count(book, 'ignored')
    }
    const lanes = open.flatMap(({ lane }) => lane ?? [])
    const inherited = open[0]?.place ?? recordSeq
    const isOvertaken = decision.disposition === 'translated' && decision.messages.some(({ after }) => after > inherited)
    const knowsNoCase = decision.disposition === 'quarantined' && decision.lane === null
    return {
      place: isOvertaken ? recordSeq : inherited,
      lanes,
      decision: knowsNoCase ? { ...decision, lane: store.laneOf(route.system, record.stream, record.key) ?? null } : decision,
    }
  }

  /** A person has said what is to become of it: it is not read as if nobody had. */
  const isDecided = (recordSeq: number): boolean =>
    store.quarantineEntry(recordSeq)?.state === 'discarded' || (store.record(recordSeq)?.corrections.length ?? 0) > 0

  const take = (
    route: Route,
    record: SourceRecord,
    book: number,
    receivedAt: number,
    ahead: Ahead | undefined,
    count: Count,
    add: (message: NewMessage) => void,
  ): Receipt & { isNew: boolean } => {
    const body = toBytes(record.body)
    const hash = sha256(body)
    const newest = store.newestRecord(route.system, record.stream, record.key)
    const open = newest ? store.openVersionsOf(route.system, record.stream, record.key) : []
    const isSame = newest?.hash.equals(hash) ?? false
    // An earlier version may wait for a person without its body: what was in it can only come by the newest one, which waits in its place.
    const waiting =
      newest && isSame && open.length > 0 && !isDecided(newest.seq)
        ? open.find(({ recordSeq, bodyless }) => bodyless && recordSeq !== newest.seq)
        : undefined
    if (newest && isSame && !waiting) {
      count('duplicates')
      // Told again, so that a source that died before it could answer its sender answers the truth.
      const error = open.length > 0 ? store.openError(newest.seq) : undefined
      // A person may have to decide it long after its body has gone by retention: here it is again.
      if (error) store.restoreBody(newest.seq, body)
      const told = error ? { outcome: 'quarantined' as const, error } : { outcome: 'duplicate' as const }
      return { key: record.key, recordSeq: newest.seq, isNew: false, ...told }
    }
    const overturned = waiting && store.openError(waiting.recordSeq)
    const decided: Decision = overturned
      ? { disposition: 'quarantined', error: overturned, lane: waiting.lane }
      : decide(store, route, record, {
          size: body.byteLength,
          seenAt: receivedAt,
          place: Number.POSITIVE_INFINITY,
          ahead,
        })
    count('read')
    const recordSeq = store.addRecord({
      book,
      route: route.system,
      stream: record.stream,
      key: record.key,
      hash,
      receivedAt,
      disposition: decided.disposition,
      reason: decided.disposition === 'ignored' ? decided.reason : null,
      mappingVersion: route.mapping.version,
      contentType: record.contentType,
      charset: record.charset ?? null,
      decoded: typeof record.body === 'string',
      faulty: record.fault !== undefined,
      body,
    })
    for (const attachment of record.attachments ?? []) store.attachments.addToRecord(recordSeq, attachment)
    const { place, lanes, decision } = newest
      ? correct(route, record, open, recordSeq, decided)
      : { place: recordSeq, lanes: [], decision: decided }
    apply(recordSeq, book, place, decision, count, add)
    for (const lane of lanes) store.advance(lane)
    const outcome = decision.disposition === 'translated' ? 'stored' : decision.disposition
    const error = decision.disposition === 'quarantined' ? { error: decision.error } : {}
    return { key: record.key, recordSeq, isNew: true, outcome, ...error }
  }

  /**
   * Stores a batch and answers its receipts; what it returns from is on the disk. What may leave at once goes to the outlet. `ahead` is what
   * `translateAhead` gave of these records.
   */
  const receive = (route: Route, batch: Batch, outlet = shut, ahead?: Ahead): Receipt[] => {
    events.emit('batch:received', { system: route.system, records: batch.records.length })
    const { taken, claimed } = store.commit(() => {
      // One moment for the whole batch: its book and its statement are of the same day.
      const now = clock.now()
      store.keepMapping(route.mapping.version, route.mapping.name, route.mapping.files, now)
      const tally = openTally(store, dayOf(now), route.system)
      const claims = openClaims(store, route, outlet.room(), now)
      const receipts = batch.records.map((record) => {
        const book = tally.book(record.stream)
        return take(route, record, book, now, ahead, (counter, by = 1) => tally.count(book, counter, by), claims.add)
      })
      tally.write()
      if (batch.checkpoint !== undefined) store.setCheckpoint(route.system, batch.checkpoint, now)
      return { taken: receipts, claimed: claims.claimed }
    })
    outlet.stored(claimed)
    const sum = (outcome: Receipt['outcome']) => taken.filter((receipt) => receipt.isNew && receipt.outcome === outcome).length
    for (const [index, { key, recordSeq, error, isNew }] of taken.entries()) {
      const { stream } = batch.records[index]!
      if (error && isNew) events.emit('record:quarantined', { system: route.system, stream, key, recordSeq, error })
    }
    events.emit('batch:stored', {
      system: route.system,
      stored: sum('stored'),
      duplicates: taken.filter(({ isNew }) => !isNew).length,
      quarantined: sum('quarantined'),
      ignored: sum('ignored'),
    })
    return taken.map(({ isNew: _, ...receipt }) => receipt)
  }

  /**
   * Translates a quarantined record again by the mapping of now. Still failing, it stays where it is, under its new error. What its
   * source could not read no mapping can mend: it must come again from the source. `translation` is what a mapping with own code gave of the
   * record. Throws QUARANTINE_NOT_FOUND.
   */
  const replay = (
    route: Route,
    recordSeq: number,
    by: string,
    translation?: Translation,
  ): { outcome: 'stored' } | { outcome: 'ignored'; reason: string } | { outcome: 'quarantined'; error: GatewayError } =>
    store.commit(() => {
      const record = store.record(recordSeq)
      const entry = store.quarantineEntry(recordSeq)
      const error = store.openError(recordSeq)
      if (!record || !entry || !error) throw GatewayError.of('QUARANTINE_NOT_FOUND', { seq: recordSeq })
      if (record.body === null) return { outcome: 'quarantined', error: GatewayError.of('RECORD_EXPIRED', { seq: recordSeq }) }
      if (record.faulty) return { outcome: 'quarantined', error }
      const source = toSourceRecord(record, record.body)
      const ahead = translation && new Map([[source, translation]])
      const given = { size: record.body.byteLength, seenAt: record.receivedAt, place: entry.place, ahead }
      const decision = decide(store, route, source, given)
      store.keepMapping(route.mapping.version, route.mapping.name, route.mapping.files, clock.now())
      if (decision.disposition === 'quarantined') {
        store.requarantine(recordSeq, decision.lane, decision.error, route.mapping.version)
        if (decision.lane !== null) store.advance(decision.lane)
        return { outcome: 'quarantined', error: decision.error }
      }
      const closed = store.closeQuarantine(recordSeq, 'replayed', by, null, clock.now())!
      const reason = decision.disposition === 'ignored' ? decision.reason : null
      store.setDisposition(recordSeq, decision.disposition, reason, route.mapping.version)
      const count: Count = (counter, by) => store.count(closed.book, counter, by)
      apply(recordSeq, closed.book, closed.place, decision, count, store.addMessage)
      if (closed.lane !== null) store.advance(closed.lane)
      return reason === null ? { outcome: 'stored' } : { outcome: 'ignored', reason }
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

/** What it encodes is needed no longer than until it is stored. */
const encode = createUtf8Encoder()
const toBytes = (body: string | Uint8Array): Uint8Array => (typeof body === 'string' ? encode(body) : body)
