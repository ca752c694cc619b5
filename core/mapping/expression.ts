/**
 * Expressions, for what a path and one step cannot say. JSONata, cut down to what keeps the promises of a mapping: an expression sees nothing but
 * the texts it names, knows no clock and no chance, and of a legal fact it may put together and cut what the record says, not choose or state it.
 */
import jsonata from 'jsonata'
import { structure, textOf } from '../codec/path.ts'
import type { Text } from '../errors.ts'
import type { YamlPath } from '../yaml.ts'
import { type CompileContext, compilePath, type Origin, problem, type Scope } from './compile-context.ts'
import { expressionReason } from './expression-reasons.ts'
import { readers, refusedFunctions } from './language/expressions.ts'

type Node = jsonata.ExprNode & Record<string, unknown>

/** Every node below and including this one. */
function* nodesOf(value: unknown): Generator<Node> {
  if (typeof value !== 'object' || value === null) return
  if ('type' in value) yield value as Node
  for (const member of Object.values(value)) yield* nodesOf(member)
}

const calledName = ({ type, procedure }: Node): string | undefined =>
  type === 'function' && procedure?.type === 'variable' ? String(procedure.value) : undefined

/** What a result may be taken from as it is: where a choice or a fixed value there would be a fact of the mapping's own. */
function* resultsOf(node: Node): Generator<Node> {
  const last = (node.expressions ?? []).at(-1) as Node | undefined
  if (node.type === 'block' && last) yield* resultsOf(last)
  else if (node.type === 'binary' && node.value === '&') for (const side of [node.lhs, node.rhs]) yield* resultsOf(side as Node)
  else yield node
}

const stated = ['string', 'number', 'value', 'regex']
/** By any of them an expression can say one thing or another; a list or an object is looked into for that. */
const choosing = ['condition', 'unary', 'lambda']

const findInvention = (root: Node): Text | undefined => {
  const results = [...resultsOf(root)]
  if ([...nodesOf(root)].some(({ type }) => choosing.includes(type)))
    return {
      zh: '法律事实的表达式不得含选择（? :、列表等）：含义不同的代码写进代码表，用 when 区分',
      en: 'the expression of a legal fact must not choose (? :, lists): codes that mean different things belong in a code table, told apart by when',
    }
  return results.every(({ type }) => stated.includes(type))
    ? { zh: '法律事实须取自来源，不得写成固定值', en: 'a legal fact must come from the source, never from a fixed value' }
    : undefined
}

/** What an expression came to. `absent`: a text that it needs is not there. No reason repeats a value of the record. */
export type ExpressionResult = { text: string } | 'absent' | { ambiguous: { source: string; count: number } } | { reason: Text }

const noText: Text = { zh: '结果不是单个值', en: 'its result is not a single value' }

export interface Expression {
  /** The places it names, in the order of the text. */
  sources: readonly Origin[]
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

const checkNames = (context: CompileContext, root: Node, path: YamlPath): void => {
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
}

/**
 * `$text('path')` is one text, and without it the whole is absent; `$optional('path')` may be missing; `$texts('path')` are all there are; `$` is what
 * `from` gave. Placeholders count as absent. Mistakes are collected; undefined when it cannot be used.
 */
export const compileExpression = (
  context: CompileContext,
  written: unknown,
  path: YamlPath,
  isLegalFact: boolean,
): Expression | undefined => {
  const expression = parse(context, written, path)
  if (!expression) return undefined
  const root = expression.ast() as Node
  checkNames(context, root, path)
  const invention = isLegalFact ? findInvention(root) : undefined
  if (invention) problem(context, path, invention)

  const origins = new Map<string, Origin>()
  for (const node of nodesOf(root)) {
    const name = calledName(node)
    if (name === undefined || !Object.hasOwn(readers, name)) continue
    const [argument] = node.arguments ?? []
    if (argument?.type === 'string' && node.arguments?.length === 1) {
      const place = String(argument.value)
      if (!origins.has(place)) origins.set(place, compilePath(context, place, path, name !== 'texts'))
    } else problem(context, path, { zh: `$${name} 须写成 $${name}('路径')`, en: `$${name} is written $${name}('path')` })
  }

  let scope: Scope | undefined
  const textsAt = (place: string): string[] => {
    const origin = origins.get(place)!
    const texts: string[] = []
    for (const node of origin.select(scope!)) {
      const text = textOf(node)
      if (text === structure)
        throw new Stopped({
          reason: { zh: `${origin.source} 处是一个结构`, en: `${origin.source} holds a structure` },
        })
      const trimmed = text?.trim() ?? ''
      if (trimmed !== '' && !context.placeholders.has(trimmed)) texts.push(trimmed)
    }
    return texts
  }
  const oneAt = (place: string): string | undefined => {
    const [text, ...more] = textsAt(place)
    if (more.length > 0) throw new Stopped({ ambiguous: { source: origins.get(place)!.source, count: more.length + 1 } })
    return text
  }
  const bindings: Record<keyof typeof readers, (place: string) => unknown> = {
    optional: oneAt,
    texts: textsAt,
    text: (place: string): string => {
      const text = oneAt(place)
      if (text === undefined) throw new Stopped('absent')
      return text
    },
  }
  return {
    sources: [...origins.values()],
    evaluate: (given, received) => {
      scope = given
      try {
        const value: unknown = expression.evaluate(received, bindings)
        if (value === undefined || value === null) return 'absent'
        if (typeof value === 'object' || typeof value === 'function') return { reason: noText }
        return { text: String(value) }
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
