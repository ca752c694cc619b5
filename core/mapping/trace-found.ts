import { locate } from '../codec/locate.ts'
import { structure, textOf } from '../codec/path.ts'
import type { CompileContext, Origin, Scope } from './compile-context.ts'
import type { Found, TracedRule, Tracer } from './trace.ts'

/** What stands where a rule or a condition looks, with its places. */
export const findings = (source: Origin, scope: Scope): Found[] => {
  const { mapped } = source
  if (!mapped) return source.select(scope).map((value) => ({ place: source.source, holds: 'text', received: String(value) }))
  return locate(mapped.path, scope).map(({ node, place }) => {
    const text = textOf(node)
    if (text === structure) return { place, holds: 'structure' }
    return text === undefined ? { place, holds: 'nil' } : { place, holds: 'text', received: text }
  })
}

/** The same rule compiled twice is one rule. */
export const declareRule = (trace: Tracer, rule: TracedRule): TracedRule => {
  const known = trace.rules.find(({ at, pointer }) => at === rule.at && pointer === rule.pointer)
  if (!known) trace.rules.push(rule)
  return known ?? rule
}

export const placeOf = (context: CompileContext, path: (string | number)[]): { at: string; event: number | undefined } => ({
  at: context.yaml.at(path),
  event: path[0] === 'events' ? Number(path[1]) : undefined,
})
