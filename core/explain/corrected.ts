/** What a correction of a record would be for, by the mapping of now. */
import type { CorrectedRecord, Correction } from '../correction.ts'
import { GatewayError } from '../errors.ts'
import type { MappingFiles } from '../mapping/compile-files.ts'
import { openOwnCode } from '../mapping/own-code.ts'
import type { FieldTrace } from '../mapping/trace.ts'
import { traceMapping } from '../mapping/trace-mapping.ts'
import { retrace } from './retrace.ts'

/** One draft that takes it: its number, and that of its event; undefined when the field is of the record, and so of every event alike. */
export interface Taker {
  draft: number
  event: number | undefined
}

const isCorrected = ({ steps }: FieldTrace): boolean => steps.some(({ kind }) => kind === 'corrected')

/** Finds the drafts that take a correction, also where the record has other mistakes. Own code is not run: it may not end. */
export const openTakers = async (mapping: MappingFiles, record: CorrectedRecord) => {
  const own = openOwnCode(() => {
    throw GatewayError.of('MAPPING_CODE_STOPPED', { at: mapping.name, reason: '' })
  })
  const traced = await traceMapping(mapping, { own })
  const { trace } = traced
  return (correction: Correction): Taker[] => {
    trace.fields.length = 0
    trace.goesOn = true
    retrace(traced, { ...record, corrections: [correction] })
    return trace.fields.flatMap((line) =>
      line.draft !== undefined && isCorrected(line) ? [{ draft: line.draft, event: line.rule.event }] : [],
    )
  }
}
