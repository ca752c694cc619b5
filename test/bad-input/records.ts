/** Bad records, one at a time, between two good records of other cases and before another fact of their own case. */
import type { SourceRecord } from '../../core/contract.ts'
import type { Case, Expected, Family } from './case.ts'
import type { Members } from './department.ts'
import { flagsIn, followUp, inFolder, openGateway, quarantineOf, recordOf } from './gateway.ts'

export interface RecordCase {
  name: string
  /** `SB`, an application, unless it is said. */
  stream?: string
  /** What differs from the good record of the stream. */
  record?: Members
  /** Versions of the same record that came earlier, and were good. */
  earlier?: Members[]
  /** The record as it came, in place of `record`. */
  body?: string | Uint8Array
  contentType?: SourceRecord['contentType']
  charset?: string
  expect: Expected
}

const neighbours = ['one:A:application.received:::1', 'one:C:application.received:::1']

const badRecord = ({ stream = 'SB', record, body, contentType, charset }: RecordCase): SourceRecord => {
  if (body === undefined) return recordOf(stream, 'B', record)
  return { stream, key: 'B', body, contentType: contentType ?? 'application/json', ...(charset !== undefined && { charset }) }
}

const find = (given: RecordCase) =>
  inFolder(async (folder) => {
    const gateway = openGateway(folder)
    const { store, receive, publishAll } = gateway
    try {
      for (const members of given.earlier ?? []) receive(recordOf(given.stream ?? 'SB', 'B', members))
      const earlier = (await publishAll()).map(({ id }) => id)
      const bad = badRecord(given)
      const receipts = receive(recordOf('SB', 'A'), bad, recordOf('SB', 'C'), followUp('B'))
      const arrived = (await publishAll()).filter(({ id }) => !earlier.includes(id))
      const ids = arrived.map(({ id }) => id)
      const [entry, ...others] = quarantineOf(gateway)
      const delivered = ids.filter((id) => neighbours.includes(id))
      const rest = { delivered, followUpWaits: !ids.includes('one:B:acceptance.decided:99::1'), booksAgree: booksAgree(store) }
      if (!entry) {
        const ofBad = arrived.filter(({ id }) => !neighbours.includes(id) && !id.includes(':99::'))
        return { outcome: receipts[1]?.outcome, ...ofBad.map(flagsIn)[0], ...rest }
      }
      const told = receipts[1]?.error
      const bodyKept = entry.body.equals(Buffer.from(bad.body as string))
      const saidAlike = told?.text.zh === entry.refusal.zh && told.text.en === entry.refusal.en
      return {
        outcome: receipts[1]?.outcome,
        ...entry.refusal,
        lane: entry.lane,
        others: others.length,
        bodyKept,
        saidAlike,
        ...rest,
      }
    } finally {
      store.close()
    }
  })

const booksAgree = (store: ReturnType<typeof openGateway>['store']): boolean =>
  JSON.stringify(store.books()) === JSON.stringify(store.recount()) && store.books().every(({ balanced }) => balanced)

const whole = (expect: Expected) => {
  const rest = { delivered: neighbours, booksAgree: true }
  if ('flags' in expect) return { outcome: 'stored', ...expect, followUpWaits: false, ...rest }
  const { caseUnknown, ofCase, ...refusal } = expect
  const lane = caseUnknown ? null : `one/${ofCase ?? 'B'}`
  const kept = { lane, others: 0, bodyKept: true, saidAlike: true, followUpWaits: lane === 'one/B' }
  return { outcome: 'quarantined', ...refusal, ...kept, ...rest }
}

export const recordFamily = (name: string, cases: RecordCase[]): Family => ({
  name,
  cases: cases.map((given): Case => ({ name: given.name, find: () => find(given), expected: whole(given.expect) })),
})
