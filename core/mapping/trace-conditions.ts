import type { YamlPath } from '../yaml.ts'
import { type CompileContext, compilePath, isMapping, type Scope } from './compile-context.ts'
import type { TracedCondition, Tracer } from './trace.ts'
import { findings } from './trace-found.ts'

const testOf = (value: unknown, source: string | undefined): string => {
  if (!isMapping(value)) return 'all'
  if (source === undefined) return Object.keys(value)[0] ?? 'all'
  const [test, wanted] = Object.entries(value).find(([key]) => key !== 'path') ?? ['', '']
  return `${source} ${test} ${JSON.stringify(wanted)}`
}

/** A condition that tells a trace its result and what it looked at. */
export const traceCondition = (
  context: CompileContext,
  trace: Tracer,
  value: unknown,
  path: YamlPath,
  condition: (scope: Scope) => boolean,
): ((scope: Scope) => boolean) => {
  const written = isMapping(value) ? value['path'] : undefined
  // Compiled before, and its mistakes told then.
  const source =
    written === undefined ? undefined : compilePath({ ...context, paths: [], problems: [] }, written, [...path, 'path'])
  const within = path[0] === 'ignore' ? 'ignore' : path[0] === 'events' || path[0] === 'operations' ? 'events' : 'codes'
  const whole = { events: 'when', ignore: 'ignore', codes: 'row' } as const
  const traced: TracedCondition = {
    at: context.yaml.at(path),
    role: path.at(-1) === 'when' ? whole[within] : 'part',
    within,
    of: within === 'codes' ? undefined : Number(path[1]),
    test: testOf(value, source?.source),
    ...(source ? { path: source.source } : {}),
  }
  trace.conditions.push(traced)
  return (scope) => {
    const result = condition(scope)
    trace.decisions.push({ condition: traced, found: source ? findings(source, scope) : [], result })
    return result
  }
}
