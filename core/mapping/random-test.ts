import fc from 'fast-check'
import type { SourceRecord } from '../contract.ts'
import type { Text } from '../errors.ts'
import type { Mapping } from './mapping.ts'
import { templateOf } from './mapping-template.ts'
import { type RecordForm, randomRecords } from './random-records.ts'
import { derivedFactsOf, judgeRecord, type OutcomeName } from './record-properties.ts'
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

/** Own code that has seen so many texts and always said the same has not read them. */
const enoughTexts = 8

/** Watches what own code makes of the texts of records, over all that are tried. */
const openWatch = () => {
  const seen = new Map<string, { pointer: string; texts: Set<string>; values: Set<string>; record: SourceRecord }>()
  return {
    look({ trace }: TracedMapping, record: SourceRecord): void {
      for (const { at, pointer, texts, value } of derivedFactsOf(trace)) {
        const known = seen.get(at) ?? { pointer, texts: new Set(), values: new Set(), record }
        seen.set(at, known)
        known.texts.add(texts)
        known.values.add(JSON.stringify(value))
      }
    },
    /** A legal fact that is the same whatever the record says. */
    findConstant(): RandomFailure | undefined {
      for (const [at, { pointer, texts, values, record }] of seen) {
        if (values.size > 1 || texts.size < enoughTexts) continue
        const broken = {
          zh: `${at} ${pointer} 是法律事实，来源的 ${texts.size} 种文字都得同一个值：它不出自来源`,
          en: `${at} ${pointer} is a legal fact, and ${texts.size} different texts all gave one value: it is not from the source`,
        }
        return { broken, record }
      }
      return undefined
    },
  }
}

/** Runs records at random through a mapping; the same seed gives the same records. Stops at the first that breaks a property. */
export const testAtRandom = (
  mapping: Mapping,
  traced: TracedMapping,
  { records, seed, forms }: { records: number; seed: number; forms?: readonly RecordForm[] },
): RandomResult => {
  const outcomes = { messages: 0, ignored: 0, quarantined: 0 }
  const codes: Record<string, number> = {}
  let tried = 0
  let failed = false
  const watch = openWatch()
  const property = fc.property(randomRecords(templateOf(mapping), forms), (record) => {
    const { outcome, code, broken } = judgeRecord(mapping, traced, record)
    failed ||= broken !== undefined
    // What comes while the smallest record is searched says nothing of the mapping.
    if (!failed) {
      tried += 1
      if (outcome) outcomes[outcome] += 1
      // Also what was made of a record that came to nothing.
      if (outcome) watch.look(traced, record)
      if (code !== undefined) codes[code] = (codes[code] ?? 0) + 1
    }
    return broken === undefined
  })
  const { counterexample } = fc.check(property, { numRuns: records, seed })
  const record = counterexample?.[0]
  const broken = record && judgeRecord(mapping, traced, record).broken
  const failure = record && broken ? { broken, record } : watch.findConstant()
  return { seed, records: tried, outcomes, codes, failure }
}
