import type { TreeNode } from '../codec/path.ts'
import type { YamlPath } from '../yaml.ts'
import type { CompileContext, Origin, Scope } from './compile-context.ts'
import { sentPointer } from './entries.ts'
import type { Kept } from './provenance.ts'
import type { FieldTrace, Tracer } from './trace.ts'
import { declareRule, findings, placeOf } from './trace-found.ts'

interface MadeEvent {
  type: string
  at: string
}

/** The `each` of an event: tells its entries, and keeps their places for the drafts that are made of them. */
export const traceEach = (
  context: CompileContext,
  trace: Tracer,
  path: YamlPath,
  each: Origin,
  nodes: (scope: Scope) => TreeNode[],
): ((scope: Scope) => TreeNode[]) => {
  const rule = declareRule(trace, { ...placeOf(context, path), pointer: '', kind: 'events', path: each.source })
  return (scope) => {
    const found = findings(each, scope)
    const outcome = found.length === 0 ? 'absent' : 'set'
    trace.fields.push({ rule, pointer: '', draft: undefined, found, steps: [], outcome })
    trace.entries = found.map(({ place }) => place)
    return nodes(scope)
  }
}

/** What the rules of a draft did, by the fields of its message when `kept` tells how that counts its entries; else as the source does. */
export const linesOf = ({ fields }: Tracer, draft: number, kept: Kept | undefined): FieldTrace[] => {
  const lines = fields.filter((line) => line.draft === draft)
  return kept ? lines.map((line) => ({ ...line, pointer: sentPointer(line.pointer, kept) })) : lines
}

export const traceDraft =
  <Event extends MadeEvent, Draft, Record extends Scope>(
    trace: Tracer,
    make: (event: Event, record: Record, node: TreeNode, number: number) => Draft,
  ): typeof make =>
  (event, record, node, number) => {
    trace.drafts.push({ type: event.type, at: event.at })
    return make(event, { ...record, place: trace.entries.shift() ?? '' }, node, number)
  }

/** The drafts of a record are counted from its beginning. */
export const traceRecord =
  <Given, Result>(trace: Tracer, translate: (record: Given) => Result): typeof translate =>
  (record) => {
    trace.drafts = []
    trace.entries = []
    return translate(record)
  }
