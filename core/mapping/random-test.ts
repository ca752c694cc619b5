import fc from 'fast-check'
import type { SourceRecord } from '../contract.ts'
import type { Text } from '../errors.ts'
import type { Mapping } from './mapping.ts'
import { templateOf } from './mapping-template.ts'
import { randomRecords } from './random-records.ts'
import { judgeRecord, type OutcomeName } from './record-properties.ts'
import type { TracedMapping } from './trace-mapping.ts'

export interface RandomFailure {
  broken: Text
  /** The smallest record found for which it does not hold. */
  record: SourceRecord
}

export interface RandomResult {
  seed: number
  records: number
  outcomes: Record<OutcomeName, number>
  /** How many records were quarantined under each code. */
  codes: Record<string, number>
  failure: RandomFailure | undefined
}

/** Runs records at random through a mapping; the same seed gives the same records. Stops at the first that breaks a property. */
export const testAtRandom = (
  mapping: Mapping,
  traced: TracedMapping,
  { records, seed }: { records: number; seed: number },
): RandomResult => {
  const outcomes = { messages: 0, ignored: 0, quarantined: 0 }
  const codes: Record<string, number> = {}
  let tried = 0
  let failed = false
  const property = fc.property(randomRecords(templateOf(mapping)), (record) => {
    const { outcome, code, broken } = judgeRecord(mapping, traced, record)
    failed ||= broken !== undefined
    // What comes while the smallest record is searched says nothing of the mapping.
    if (!failed) {
      tried += 1
      if (outcome) outcomes[outcome] += 1
      if (code !== undefined) codes[code] = (codes[code] ?? 0) + 1
    }
    return broken === undefined
  })
  const { counterexample } = fc.check(property, { numRuns: records, seed })
  const record = counterexample?.[0]
  const broken = record && judgeRecord(mapping, traced, record).broken
  return { seed, records: tried, outcomes, codes, failure: record && broken ? { broken, record } : undefined }
}
