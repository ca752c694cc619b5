/** Records on their way to the store: of one file, or of several small ones. */
import type { Emit, SourceRecord } from '../../core/contract.ts'
import { addReceipt, type Verdict } from './reply.ts'

/** A batch is also full at this many characters, whatever its number of records. */
const maxLength = 8 * 1024 * 1024

export const createBatch = (size: number, emit: Emit) => {
  let records: SourceRecord[] = []
  let verdicts: Verdict[] = []
  let newest = new Map<string, { record: SourceRecord; verdict: Verdict }>()
  let length = 0
  let broken = false
  const nameOf = ({ stream, key }: SourceRecord): string => JSON.stringify([stream, key])
  return {
    /**
     * True when another file has given a version of the same record to this batch: that file must be answered and moved first. Read
     * again after a crash, it would otherwise come as a newer version than the one that corrects it.
     */
    holdsOther(record: SourceRecord, verdict: Verdict): boolean {
      const known = newest.get(nameOf(record))
      return known !== undefined && known.verdict !== verdict
    },
    /** The verdict is that on the record's file. */
    add(record: SourceRecord, verdict: Verdict): void {
      if (record.fault) verdict.readable = false
      const name = nameOf(record)
      const known = newest.get(name)
      if (known && known.record.body !== record.body) {
        verdict.amended += 1
        verdict.amendedFirst ??= record.key
      }
      records.push(record)
      verdicts.push(verdict)
      newest.set(name, { record, verdict })
      length += record.body.length
    },
    isFull: (): boolean => records.length >= size || length >= maxLength,
    /** True when something that was added could not be stored: then no file may be moved. */
    isBroken: (): boolean => broken,
    /** Resolves when all that was added is on disk, and in the verdicts. */
    async flush(): Promise<void> {
      if (records.length === 0) return
      const [stored, judged] = [records, verdicts]
      records = []
      verdicts = []
      newest = new Map()
      length = 0
      broken = true
      const receipts = await emit({ records: stored })
      broken = false
      for (const [index, receipt] of receipts.entries()) addReceipt(judged[index]!, receipt)
    },
  }
}
