/** Rules of the way down that tell a trace what they gave: for the coverage of samples. What is compiled without a trace knows nothing of it. */
import type { YamlPath } from '../../yaml.ts'
import { reverseOf } from '../codes/reverse.ts'
import type { TableVersion } from '../codes/table.ts'
import type { CompileContext, Scope } from '../compile-context.ts'
import type { FieldTrace, TracedRule, Tracer } from '../trace.ts'
import { declareRule } from '../trace-found.ts'

const outcomeOf = (value: unknown): FieldTrace['outcome'] =>
  value === null || (Array.isArray(value) && value.length === 0) ? 'absent' : 'set'

/** `pointer`: the name in the operation, `*` for the rows of a list. */
export const traceValue = <V>(
  context: CompileContext,
  trace: Tracer,
  { kind, path, pointer, source }: { kind: TracedRule['kind']; path: YamlPath; pointer: string; source?: string },
  rule: (scope: Scope) => V,
): ((scope: Scope) => V) => {
  const traced = declareRule(trace, {
    at: context.yaml.at(path),
    pointer,
    kind,
    event: Number(path[1]),
    ...(source === undefined ? {} : { path: source }),
  })
  return (scope) => {
    // There before the rule runs, so that its steps find it, and the lines of a list follow its own.
    const line: FieldTrace = { rule: traced, pointer, draft: undefined, found: [], steps: [], outcome: 'failed' }
    trace.fields.push(line)
    const value = rule(scope)
    line.outcome = outcomeOf(value)
    if (Array.isArray(value)) line.found = value.map((_, index) => ({ place: `${source}[${index}]`, holds: 'structure' }))
    return value
  }
}

/** The rows that the way back of a table can take: those that a message with a value of its own leads to. */
export const traceReverse = (trace: Tracer, version: TableVersion): ((text: string, code: string) => void) => {
  const reverse = reverseOf(version)
  const rows = version.rows.filter(({ value, code }) => reverse(value) === code)
  if (!trace.tables.some(({ name }) => name === version.label))
    trace.tables.push({ name: version.label, rows: rows.map(({ code, valueAt }) => [code, valueAt]) })
  return (text, code) => {
    const at = rows.find((row) => row.code === code && String(row.value) === text)?.valueAt
    trace.fields.at(-1)?.steps.push({ kind: 'codes', before: text, after: code, by: version.label, ...(at ? { at } : {}) })
  }
}
