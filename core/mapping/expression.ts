/**
 * Expressions, for what a path and one step cannot say. JSONata, cut down to what keeps the promises of a mapping: an expression sees nothing but
 * the texts it names, knows no clock and no chance, and of a legal fact it may put together and cut what the record says, not choose or state it.
 */
import jsonata from 'jsonata'
import { structure, type TreeNode, textOf } from '../codec/path.ts'
import type { Text } from '../errors.ts'
import type { YamlPath } from '../yaml.ts'
import { type CompileContext, compilePath, type Origin, problem, type Scope } from './compile-context.ts'
import { callOf, type ExpressionNode, findInvention, type Piece, piecesOf } from './expression-facts.ts'
import { expressionReason } from './expression-reasons.ts'
import { readers, refusedFunctions } from './language/expressions.ts'

/** Every node below and including this one. */
function* nodesOf(value: unknown): Generator<ExpressionNode> {
  if (typeof value !== 'object' || value === null) return
  if ('type' in value) yield value as ExpressionNode
  for (const member of Object.values(value)) yield* nodesOf(member)
}

/**
 * What an expression came to. `absent`: a text that it needs is not there; `placeholder`: one stands in its place. `skipped` are placeholders that it
 * could do without. No reason repeats a value of the record.
 */
export type ExpressionResult =
  | { text: string; skipped: readonly string[] }
  | 'absent'
  | { placeholder: string }
  | { ambiguous: { source: string; count: number } }
  | { reason: Text }

const noText: Text = { zh: '结果不是单个值', en: 'its result is not a single value' }

export interface Expression {
  /** The places it names, in the order of the text. */
  sources: readonly Origin[]
  /** What the value of a legal fact is put together of; `from` for what that gave. Empty for any other value. */
  pieces: readonly Piece<Origin | 'from'>[]
  /** `received` is what `from` gave; undefined without one. Never throws. */
  evaluate(scope: Scope, received: string | undefined): ExpressionResult
}

/** Thrown through the expression by what it reads. */
class Stopped {
  readonly result: ExpressionResult
  constructor(result: ExpressionResult) {
    this.result = result
  }
}

const parse = (context: CompileContext, written: unknown, path: YamlPath): jsonata.Expression | undefined => {
  try {
    return jsonata(String(written))
  } catch (error) {
    const { position } = error as jsonata.JsonataError
    const { zh, en } = expressionReason(error as jsonata.JsonataError)
    problem(context, path, {
      zh: `表达式有误${position === undefined ? '' : `（第 ${position} 个字符处）`}：${zh}`,
      en: `this is no expression${position === undefined ? '' : `, at character ${position}`}: ${en}`,
    })
    return undefined
  }
}

/** Whether it names only what it may. */
const checkNames = (context: CompileContext, root: ExpressionNode, path: YamlPath): boolean => {
  const before = context.problems.length
  for (const node of nodesOf(root)) {
    if (node.type === 'variable' && Object.hasOwn(refusedFunctions, String(node.value)))
      problem(context, path, {
        zh: `表达式不得用 $${node.value}：同一条记录须总是得出同样的结果`,
        en: `an expression must not use $${node.value}: the same record must always give the same`,
      })
    if (node.type === 'name')
      problem(context, path, {
        zh: `表达式里不能直接写“${node.value}”：写 $text('${node.value}')`,
        en: `an expression does not see "${node.value}" by itself: write $text('${node.value}')`,
      })
  }
  return context.problems.length === before
}

/**
 * `$text('path')` is one text, and without it the whole is absent; `$optional('path')` may be missing; `$texts('path')` are all there are; `$` is what
 * `from` gave. Placeholders count as absent, and are told. Mistakes are collected; undefined when it cannot be used.
 */
export const compileExpression = (
  context: CompileContext,
  written: unknown,
  path: YamlPath,
  isLegalFact: boolean,
): Expression | undefined => {
  const expression = parse(context, written, path)
  if (!expression) return undefined
  const root = expression.ast() as ExpressionNode
  const isFact = checkNames(context, root, path) && isLegalFact
  const invention = isFact ? findInvention(root) : undefined
  if (invention) problem(context, path, invention)

  const origins = new Map<string, Origin>()
  for (const node of nodesOf(root)) {
    const { name, given } = callOf(node) ?? { name: '', given: [] }
    if (!Object.hasOwn(readers, name)) continue
    const [argument] = given
    if (argument?.type === 'string' && given.length === 1) {
      const place = String(argument.value)
      const isOptional = name === 'optional'
      const known = origins.get(place)
      if (!known) origins.set(place, compilePath(context, place, path, name !== 'texts', isOptional))
      else if (known.mapped && !isOptional) known.mapped.mayBeMissing = false
    } else problem(context, path, { zh: `$${name} 须写成 $${name}('路径')`, en: `$${name} is written $${name}('path')` })
  }

  let scope: Scope | undefined
  let skipped: string[] = []
  const textAt = (source: string, node: TreeNode): string => {
    const text = textOf(node)
    if (text === structure) throw new Stopped({ reason: { zh: `${source} 处是一个结构`, en: `${source} holds a structure` } })
    return text?.trim() ?? ''
  }
  /** The one text there, a placeholder included; undefined when there is none. */
  const oneAt = (place: string): string | undefined => {
    const { source, select } = origins.get(place)!
    const nodes = select(scope!)
    if (nodes.length > 1) throw new Stopped({ ambiguous: { source, count: nodes.length } })
    return nodes.length === 0 ? undefined : textAt(source, nodes[0]!) || undefined
  }
  const isSaid = (text: string): boolean => {
    const isPlaceholder = context.placeholders.has(text)
    if (isPlaceholder) skipped.push(text)
    return text !== '' && !isPlaceholder
  }
  const readings: Record<keyof typeof readers, (place: string) => unknown> = {
    optional: (place) => {
      const text = oneAt(place)
      return text !== undefined && isSaid(text) ? text : undefined
    },
    texts: (place) => {
      const { source, select } = origins.get(place)!
      return select(scope!)
        .map((node) => textAt(source, node))
        .filter(isSaid)
    },
    text: (place: string): string => {
      const text = oneAt(place)
      if (text === undefined) throw new Stopped('absent')
      if (context.placeholders.has(text)) throw new Stopped({ placeholder: text })
      return text
    },
  }
  /** JSONata gives the whole text where the sign is not in it: it would be the fact that stands before the sign, too. */
  const substringAfter = (text: string | undefined, sign: string | undefined): string | undefined => {
    if (text === undefined) return undefined
    if (sign === undefined || !text.includes(sign)) throw new Stopped('absent')
    return text.slice(text.indexOf(sign) + sign.length)
  }
  const bindings = isLegalFact ? { ...readings, substringAfter } : readings
  const pieces = isFact && !invention ? piecesOf(root) : []
  return {
    sources: [...origins.values()],
    pieces: pieces.flatMap((piece) => {
      const source = piece.source === '' ? 'from' : origins.get(piece.source)
      return source === undefined ? [] : [{ ...piece, source }]
    }),
    evaluate: (given, received) => {
      scope = given
      skipped = []
      try {
        const value: unknown = expression.evaluate(received, bindings)
        if (value === undefined || value === null) return 'absent'
        if (typeof value === 'object' || typeof value === 'function') return { reason: noText }
        return { text: String(value), skipped }
      } catch (thrown) {
        if (thrown instanceof Stopped) return thrown.result
        const { code, token } = thrown as Partial<jsonata.JsonataError>
        const said =
          code === undefined ? { zh: (thrown as Error).name, en: (thrown as Error).name } : expressionReason({ code, token })
        return { reason: { zh: `算不出结果：${said.zh}`, en: `it has no result: ${said.en}` } }
      }
    },
  }
}
