/** What an expression may be made of when it gives a legal fact: pieces of the record's own texts, and signs between them. */
import type jsonata from 'jsonata'
import type { Text } from '../errors.ts'
import { readers } from './language/expressions.ts'

export type ExpressionNode = jsonata.ExprNode & Record<string, unknown>

/** The name that is called and what it is given; undefined for what is no plain call. */
export const callOf = (node: ExpressionNode): { name: string; given: ExpressionNode[] } | undefined => {
  const { type, procedure } = node
  if (type !== 'function' || procedure?.type !== 'variable') return undefined
  return { name: String(procedure.value), given: (node.arguments ?? []) as ExpressionNode[] }
}

/** Anything more would be a condition, a grouping or an order: by them an expression can say one thing or another. */
const members: Readonly<Record<string, readonly string[]>> = {
  string: [],
  number: [],
  variable: [],
  binary: ['lhs', 'rhs'],
  block: ['expressions'],
  function: ['arguments', 'procedure'],
}

const isPlain = (node: ExpressionNode): boolean =>
  Object.entries(node).every(
    ([name, value]) => value === undefined || ['type', 'value', 'position', ...(members[node.type] ?? [])].includes(name),
  )

const isSign = ({ type, value }: ExpressionNode): boolean => type === 'string' && !/[\p{L}\p{N}]/u.test(String(value))
const isNumber = ({ type }: ExpressionNode): boolean => type === 'number'
/** That it is written out is asked of every expression. */
const isPlace = (): boolean => true
const isAll = (node: ExpressionNode): boolean => callOf(node)?.name === 'texts' && findForeign(node, true) === undefined
const isPiece = (node: ExpressionNode): boolean => findForeign(node) === undefined

/** What each function takes, and how much of it there must be. */
const functions: Readonly<Record<string, readonly [least: number, ...takes: ((node: ExpressionNode) => boolean)[]]>> = {
  text: [1, isPlace],
  optional: [1, isPlace],
  substring: [2, isPiece, isNumber, isNumber],
  substringBefore: [2, isPiece, isPiece],
  substringAfter: [2, isPiece, isPiece],
  trim: [1, isPiece],
  join: [1, isAll, isSign],
}

/** The first part that is not allowed; undefined when there is none. */
const findForeign = (node: ExpressionNode, isAllTexts = false): ExpressionNode | undefined => {
  if (!isPlain(node)) return node
  if (isSign(node)) return undefined
  if (node.type === 'variable') return node.value === '' ? undefined : node
  if (node.type === 'binary' && node.value === '&')
    return findForeign(node.lhs as ExpressionNode) ?? findForeign(node.rhs as ExpressionNode)
  if (node.type === 'block' && node.expressions?.length === 1) return findForeign(node.expressions[0] as ExpressionNode)
  const call = callOf(node)
  if (!call) return node
  const [least, ...takes] = isAllTexts
    ? ([1, isPlace] as const)
    : Object.hasOwn(functions, call.name)
      ? functions[call.name]!
      : [0]
  if (least === 0 || call.given.length < least || call.given.length > takes.length) return node
  return call.given.find((argument, index) => !takes[index]!(argument))
}

/** Why an expression must not give a legal fact; undefined when it may. */
export const findInvention = (root: ExpressionNode): Text | undefined => {
  const foreign = findForeign(root)
  if (!foreign) {
    if (readsSomething(root)) return undefined
    return { zh: '法律事实须取自来源，不得写成固定值', en: 'a legal fact must come from the source, never from a fixed value' }
  }
  const [zh, en] =
    foreign.position === undefined ? ['', ''] : [`（第 ${foreign.position} 个字符处）`, ` (at character ${foreign.position})`]
  return {
    zh: `法律事实的表达式不得选择或自造${zh}：只能用 & 连接 $text、$optional、$，用 $substring、$substringBefore、$substringAfter、$trim、$join($texts(…)) 截取，其间的文字不得含字母、汉字、数字；含义不同的代码写进代码表，用 when 区分`,
    en: `the expression of a legal fact must not choose or state${en}: it may join $text, $optional and $ with &, cut them by $substring, $substringBefore, $substringAfter, $trim and $join($texts(…)), and hold no text with letters or digits; codes that mean different things belong in a code table, told apart by when`,
  }
}

const readsSomething = (node: ExpressionNode): boolean => {
  if (node.type === 'variable') return true
  if (node.type === 'binary') return [node.lhs, node.rhs].some((side) => readsSomething(side as ExpressionNode))
  if (node.type === 'block') return readsSomething(node.expressions![0] as ExpressionNode)
  const call = callOf(node)
  return call !== undefined && (Object.hasOwn(readers, call.name) || call.given.some(readsSomething))
}

/**
 * The place whose one text an expression passes on as it is, but for white space: as written, '' for what `from` gave; undefined for an expression
 * that makes another value.
 */
export const passedOn = (node: ExpressionNode): string | undefined => {
  if (!isPlain(node)) return undefined
  if (node.type === 'variable') return node.value === '' ? '' : undefined
  if (node.type === 'block' && node.expressions?.length === 1) return passedOn(node.expressions[0] as ExpressionNode)
  if (node.type === 'binary' && node.value === '&') {
    const sides = [node.lhs, node.rhs] as ExpressionNode[]
    const said = sides.filter(({ type, value }) => type !== 'string' || String(value).trim() !== '')
    return said.length === 1 ? passedOn(said[0]!) : undefined
  }
  const call = callOf(node)
  const [first] = call?.given ?? []
  if (!call || !first) return undefined
  if (call.name === 'trim' || call.name === 'join') return passedOn(first)
  return Object.hasOwn(readers, call.name) && first.type === 'string' ? String(first.value) : undefined
}
