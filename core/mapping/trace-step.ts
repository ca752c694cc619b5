import { type CompileContext, isMapping, type Mapping } from './compile-context.ts'
import { parseDateFormat } from './dates.ts'
import type { TraceStep } from './trace.ts'

/** Tells what the step of a rule used to turn `text` into `value`; undefined for a rule without a step. */
export const stepTracer = (
  context: CompileContext,
  rule: Mapping,
): ((text: string, value: unknown) => Omit<TraceStep, 'before' | 'after'>) | undefined => {
  if (rule['codes'] !== undefined) {
    const { trace } = context
    const given = rule['codes']
    const name = String(isMapping(given) ? given['table'] : given)
    const versions = [...context.codes.values()].flatMap((table) => table.versions)
    return (text, value) => {
      // Left by the step itself; without it, no version of the table applied.
      const label = trace?.table
      if (trace) trace.table = undefined
      const row = versions
        .find((version) => version.label === label)
        ?.rows.find((one) => one.code === text && String(one.value) === String(value))
      return { kind: 'codes', by: label ?? name, ...(row === undefined ? {} : { at: row.valueAt }) }
    }
  }
  if (rule['date'] !== undefined) {
    const formats = [rule['date']].flat().map((format) => parseDateFormat(String(format), context.zone))
    return (text, value) => {
      // A field that wants a day only takes the day of what the format gives.
      const fits = formats.find((format) => value !== undefined && format?.parse(text)?.startsWith(String(value)))
      return { kind: 'date', ...(fits ? { by: fits.source } : {}) }
    }
  }
  if (rule['number'] !== undefined) return () => ({ kind: 'number' })
  if (rule['pattern'] !== undefined) return () => ({ kind: 'pattern', by: String(rule['pattern']) })
  if (rule['call'] !== undefined) return () => ({ kind: 'call', by: String(rule['call']) })
  return undefined
}
