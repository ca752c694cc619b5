/** Rules that tell a trace what they do. Each runs the rule as it is and looks at what goes in and comes out. */
import type { Flag } from '../canonical/index.ts'
import { GatewayError } from '../errors.ts'
import type { YamlPath } from '../yaml.ts'
import type { CompileContext, Mapping, Origin, Rule, Scope } from './compile-context.ts'
import { openNotes, provenanceOf, type StepProvenance } from './provenance.ts'
import type { Reading } from './reading.ts'
import type { Target } from './target.ts'
import type { FieldTrace, Found, TracedRule, Tracer, TraceStep } from './trace.ts'
import { declareRule, findings, placeOf } from './trace-found.ts'
import { stepTracer } from './trace-step.ts'

/** Runs a rule and keeps what came of it. The line is there before the rule runs, so that those of a list follow theirs. */
const observe = (
  trace: Tracer,
  traced: TracedRule,
  scope: Scope,
  pointer: string,
  found: Found[],
  run: () => unknown,
  settle: (line: FieldTrace, value: unknown) => void,
): unknown => {
  const draft = trace.drafts.length === 0 ? undefined : trace.drafts.length - 1
  const line: FieldTrace = { rule: traced, pointer: scope.base + pointer, draft, found, steps: [], outcome: 'failed' }
  trace.fields.push(line)
  const before = scope.flags.length
  // Its own, or of an entry of its list that is none; those of fields inside have lines of their own.
  const isOwn = ({ path }: Flag) => path.startsWith(line.pointer) && /^(\/\d+)?$/.test(path.slice(line.pointer.length))
  try {
    const value = run()
    const flag = scope.flags.slice(before).find(isOwn)
    line.outcome = value !== undefined ? 'set' : flag ? 'flagged' : 'absent'
    if (line.outcome === 'flagged') line.code = flag!.code
    settle(line, value)
    return value
  } catch (thrown) {
    if (thrown instanceof GatewayError) line.code = thrown.code
    settle(line, undefined)
    if (trace.goesOn && thrown instanceof GatewayError) return undefined
    throw thrown
  }
}

export const traceScalar = (
  context: CompileContext,
  trace: Tracer,
  {
    value: written,
    path,
    target,
    reading,
    made,
    called,
  }: { value: Mapping; path: YamlPath; target: Target; reading: Reading; made: StepProvenance; called: () => unknown },
  rule: Rule,
): Rule => {
  const { personal } = target.schema
  const traced = declareRule(trace, {
    ...placeOf(context, path),
    pointer: context.base + target.pointer,
    kind: 'value',
    path: reading.source,
    ...(personal === undefined ? {} : { personal }),
  })
  const tellStep = stepTracer(context, written, path)
  /** What is done to every text; `text` is what is left of it. */
  const cleaned = (received: string): { steps: TraceStep[]; text?: string } => {
    const text = received.trim()
    const steps: TraceStep[] = text === received ? [] : [{ kind: 'trimmed', before: received, after: text }]
    if (text === '') return { steps }
    return context.placeholders.has(text) ? { steps: [...steps, { kind: 'placeholder', before: text }] } : { steps, text }
  }
  const turned = ({ steps, text }: ReturnType<typeof cleaned>, value: unknown, scope: Scope): TraceStep[] =>
    tellStep && text !== undefined ? [...steps, { ...tellStep(text, value, scope), before: text, after: value }] : steps
  const stepsOf = (received: string, value: unknown, scope: Scope): TraceStep[] => {
    const first = cleaned(received)
    if (written['call'] === undefined || first.text === undefined) return turned(first, value, scope)
    const after = called()
    const calling: TraceStep = { kind: 'call', by: String(written['call']), before: first.text, after }
    return [...first.steps, calling, ...(typeof after === 'string' ? turned(cleaned(after), value, scope) : [])]
  }
  const expression = written['expression'] === undefined ? undefined : String(written['expression'])
  /** What an expression came to, from what its places held; nothing is changed by asking it once more. */
  const expressed = (found: Found[], scope: Scope): { text: string; step: TraceStep } | undefined => {
    const text = reading.read({ ...scope, flags: [], notes: openNotes() })
    if (typeof text !== 'string') return undefined
    const before = found.map(({ received }) => received ?? '').join(' | ')
    return { text, step: { kind: 'expression', by: expression!, before, after: text } }
  }
  return (scope) => {
    const found = reading.sources.flatMap((source): Found[] => {
      const at = findings(source, scope)
      return at.length > 0 || reading.sources.length === 1 ? at : [{ place: source.source, holds: 'nothing' }]
    })
    return observe(
      trace,
      traced,
      scope,
      target.pointer,
      found,
      () => rule(scope),
      (line, value) => {
        const decided = scope.corrected?.get(line.pointer)
        if (decided) {
          const before = found.map(({ received }) => received ?? '').join(' | ')
          line.steps = [{ kind: 'corrected', by: `${decided.by}：${decided.reason}`, before, after: value }]
          if (value !== undefined) Object.assign(line, { value, provenance: 'corrected' })
          return
        }
        const result = expression === undefined || line.outcome === 'failed' ? undefined : expressed(found, scope)
        const received = result?.text ?? (found.length === 1 && expression === undefined ? found[0]!.received : undefined)
        if (received !== undefined) line.steps = [...(result ? [result.step] : []), ...stepsOf(received, value, scope)]
        if (value === undefined) return
        line.value = value
        line.provenance = provenanceOf(made, received, value)
      },
    )
  }
}

export const traceConstant = (
  context: CompileContext,
  trace: Tracer,
  { path, target }: { path: YamlPath; target: Target },
  rule: Rule,
): Rule => {
  const pointer = context.base + target.pointer
  const traced = declareRule(trace, { ...placeOf(context, path), pointer, kind: 'constant' })
  return (scope) =>
    observe(
      trace,
      traced,
      scope,
      target.pointer,
      [],
      () => rule(scope),
      (line, value) => {
        line.value = value
        line.provenance = 'derived'
      },
    )
}

export const traceList = (
  context: CompileContext,
  trace: Tracer,
  { path, target, source }: { path: YamlPath; target: Target; source: Origin },
  rule: Rule<unknown[]>,
): Rule<unknown[]> => {
  const pointer = context.base + target.pointer
  const traced = declareRule(trace, { ...placeOf(context, path), pointer, kind: 'list', path: source.source })
  return (scope) => {
    const found = findings(source, scope)
    const outer = trace.entries
    trace.entries = found.map(({ place }) => place)
    const run = () => {
      try {
        return rule(scope)
      } finally {
        trace.entries = outer
      }
    }
    return observe(trace, traced, scope, target.pointer, found, run, () => undefined) as unknown[] | undefined
  }
}

/** The rule of a list's entries: each runs at the place of its own. */
export const traceEntry =
  (trace: Tracer, rule: Rule): Rule =>
  (scope) =>
    rule({ ...scope, place: trace.entries.shift() ?? '' })
