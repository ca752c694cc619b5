import { structure, textOf } from '../codec/path.ts'
import type { YamlPath } from '../yaml.ts'
import { type CompileContext, compilePath, type Mapping, type Origin, problem, type Scope } from './compile-context.ts'
import { compileExpression } from './expression.ts'
import type { Piece } from './expression-facts.ts'
import type { Fail } from './steps.ts'
import type { Target } from './target.ts'

/** What could not be read, and was told: a failure, or a flag of the field. */
export const told = Symbol('told')

export interface Reading {
  /** The places it reads; several only for an expression. */
  sources: readonly Origin[]
  /** As written, for messages. */
  source: string
  /** What of the record a legal fact is put together of. */
  pieces: readonly Piece<Origin>[]
  /** A text as the record has it, or as the expression made it; undefined when there is none. */
  read(scope: Scope): string | undefined | typeof told
}

const readPath = (source: Origin, fail: Fail): Reading => ({
  sources: [source],
  source: source.source,
  pieces: [{ source, cuts: [], isSure: true }],
  read: (scope) => {
    const nodes = source.select(scope)
    if (nodes.length === 0) return undefined
    if (nodes.length > 1) {
      fail(scope, 'VALUE_AMBIGUOUS', { path: source.source, count: nodes.length }, 'invalid')
      return told
    }
    const text = textOf(nodes[0]!)
    if (text !== structure) return text
    const expected = { zh: `单个值，而 ${source.source} 处是一个结构`, en: `a single value: ${source.source} holds a structure` }
    fail(scope, 'VALUE_INVALID', { value: '{…}', expected }, 'invalid')
    return told
  },
})

const nothing: Reading = { sources: [], source: '', pieces: [], read: () => undefined }

const readExpression = (
  context: CompileContext,
  value: Mapping,
  path: YamlPath,
  { pointer, schema }: Target,
  fail: Fail,
): Reading => {
  const at = [...path, 'expression']
  const from =
    value['from'] === undefined ? undefined : readPath(compilePath(context, value['from'], [...path, 'from'], true), fail)
  const expression = compileExpression(context, value['expression'], at, schema.legalFact === true)
  if (!expression) return nothing
  const sources = [...(from?.sources ?? []), ...expression.sources]
  if (sources.length === 0)
    problem(context, at, {
      zh: '表达式没有取用记录中的任何值：用 $text(路径)，或写 from',
      en: "the expression reads nothing of the record: use $text('path'), or write from",
    })
  const enter = context.own.add(context.yaml.at(at))
  return {
    sources,
    source: sources.map(({ source }) => source).join(', '),
    pieces: expression.pieces.flatMap(({ source, ...piece }) => {
      const read = source === 'from' ? from?.sources[0] : source
      return read ? [{ ...piece, source: read }] : []
    }),
    read: (scope) => {
      const received = from?.read(scope)
      if (received === told) return told
      const text = received?.trim()
      if (from && (text === undefined || text === '' || context.placeholders.has(text))) return text
      enter()
      const result = expression.evaluate(scope, text)
      if (result === 'absent') return undefined
      if ('text' in result) {
        for (const found of new Set(result.skipped)) scope.flags.push({ path: scope.base + pointer, code: 'placeholder', found })
        return result.text
      }
      if ('placeholder' in result) return result.placeholder
      if ('ambiguous' in result) {
        const { source, count } = result.ambiguous
        fail(scope, 'VALUE_AMBIGUOUS', { path: source, count }, 'invalid')
      } else fail(scope, 'MAPPING_EXPRESSION_FAILED', { reason: result.reason }, 'invalid')
      return told
    },
  }
}

/** Where a rule takes its text from: a place of the record, or an expression over some. */
export const compileReading = (context: CompileContext, value: Mapping, path: YamlPath, target: Target, fail: Fail): Reading => {
  if (value['expression'] !== undefined) return readExpression(context, value, path, target, fail)
  const origin = compilePath(context, value['from'], value['from'] === undefined ? path : [...path, 'from'], true)
  const isTurned = ['codes', 'date', 'call'].some((step) => value[step] !== undefined)
  if (origin.mapped && !isTurned) origin.mapped.field = target.schema
  return readPath(origin, fail)
}
