import type { YamlPath } from '../yaml.ts'
import { codeTracer } from './codes/trace-code.ts'
import { type CompileContext, isMapping, type Mapping, type Scope } from './compile-context.ts'
import { compileDates } from './dates.ts'
import type { TraceStep } from './trace.ts'

/** Tells what the step of a rule used to turn `text` into `value`; undefined for a rule without one; its function is no step. */
export const stepTracer = (
  context: CompileContext,
  rule: Mapping,
  path: YamlPath,
): ((text: string, value: unknown, scope: Scope) => Omit<TraceStep, 'before' | 'after'>) | undefined => {
  if (rule['codes'] !== undefined) {
    const tellRow = codeTracer(context, rule['codes'], [...path, 'codes'])
    return (text, _value, scope) => ({ kind: 'codes', ...tellRow(text, scope) })
  }
  if (rule['date'] !== undefined) {
    const read = compileDates({ ...context, problems: [] }, rule['date'], [...path, 'date'])
    return (text, value) => {
      const found = value === undefined ? undefined : read(text)
      return { kind: 'date', ...(typeof found === 'object' ? { by: found.format.source } : {}) }
    }
  }
  if (rule['number'] !== undefined) return () => ({ kind: 'number' })
  const pattern = rule['pattern']
  if (pattern !== undefined)
    return () => ({ kind: 'pattern', by: isMapping(pattern) ? `not ${pattern['not']}` : String(pattern) })
  return undefined
}
