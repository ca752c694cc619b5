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

/** What is taken of a text. A range counts characters from 0, its end not included; an `unplaced` one begins nobody knows where. */
export type Cut =
  | { kind: 'range'; from: number; to: number }
  | { kind: 'before' | 'after'; sign: string | undefined }
  | { kind: 'unplaced' }

/** A text, or what is taken of it, as it goes into a value. */
export interface Piece<Source = string> {
  /** The path as written; '' for what `from` gave. */
  source: Source
  /** From the first that is made. */
  cuts: readonly Cut[]
  /** Without it there is no value: others may be empty. */
  isSure: boolean
}

const unplaced: Cut = { kind: 'unplaced' }

const cutAll = (pieces: readonly Piece[], cut: Cut, staysSure = false): Piece[] =>
  pieces.map(({ source, cuts, isSure }) => ({ source, cuts: [...cuts, cut], isSure: isSure && staysSure }))

/** Cut from what was joined before, signs of the expression among it. */
const isJoined = (node: ExpressionNode): boolean =>
  node.type === 'binary' ||
  [node.expressions?.[0], callOf(node)?.given[0]].some((inner) => inner !== undefined && isJoined(inner as ExpressionNode))

const rangeIn = (node: ExpressionNode, from: number, to: number): readonly Piece[] => {
  const pieces = piecesOf(node)
  if (from === 0 && to === Infinity) return pieces
  if (from >= 0 && to <= from) return []
  // Counted from the end it begins anywhere.
  const cut: Cut = from < 0 || isJoined(node) ? unplaced : { kind: 'range', from, to }
  return cutAll(pieces, cut, from === 0)
}

/** The texts of the record that make up the value of an expression that may give a legal fact. */
export const piecesOf = (node: ExpressionNode): readonly Piece[] => {
  if (node.type === 'variable') return [{ source: '', cuts: [], isSure: true }]
  if (node.type === 'binary') return [node.lhs, node.rhs].flatMap((side) => piecesOf(side as ExpressionNode))
  if (node.type === 'block') return piecesOf(node.expressions![0] as ExpressionNode)
  const { name, given } = callOf(node) ?? { name: '', given: [] }
  const [first, second, third] = given
  if (!first) return []
  if (Object.hasOwn(readers, name)) return [{ source: String(first.value), cuts: [], isSure: name === 'text' }]
  if (name === 'substring') {
    const from = Number(second!.value)
    return rangeIn(first, from, third ? from + Number(third.value) : Infinity)
  }
  const pieces = piecesOf(first)
  if (name !== 'substringBefore' && name !== 'substringAfter') return pieces
  const sign = second!.type === 'string' ? String(second!.value) : undefined
  if (sign === '') return name === 'substringBefore' ? [] : pieces
  const kind = name === 'substringBefore' ? 'before' : 'after'
  return cutAll(pieces, isJoined(first) ? unplaced : { kind, sign })
}

const areApart = (a: Cut, b: Cut): boolean => {
  if (a.kind === 'range' && b.kind === 'range') return a.to <= b.from || b.to <= a.from
  const isSplit = (a.kind === 'before' && b.kind === 'after') || (a.kind === 'after' && b.kind === 'before')
  return isSplit && a.sign !== undefined && a.sign === b.sign
}

/** Whether two pieces of one text surely have no character in common. */
const haveNothingInCommon = (a: readonly Cut[], b: readonly Cut[]): boolean => {
  const at = a.findIndex((cut, index) => JSON.stringify(cut) !== JSON.stringify(b[index]))
  return at >= 0 && b[at] !== undefined && areApart(a[at]!, b[at])
}

/** The beginning of a text may be all of it; what comes after something in it never is. */
const leavesSomething = (cuts: readonly Cut[]): boolean =>
  cuts.some((cut) => cut.kind === 'after' || (cut.kind === 'range' && cut.from > 0))

/**
 * Whether two pieces of one text may be the same value. Of two times one is the other's as soon as they have a character in common: the day of a
 * time is that time. Elsewhere a part is another value than the whole: a number that holds another; the words of a validity and its last day.
 */
export const mayBeSame = (a: Piece<unknown>, b: Piece<unknown>, areTimes: { a: boolean; b: boolean }): boolean => {
  if (haveNothingInCommon(a.cuts, b.cuts)) return false
  if (JSON.stringify(a.cuts) === JSON.stringify(b.cuts)) return true
  if (areTimes.a !== areTimes.b) return false
  return areTimes.a || leavesSomething(a.cuts) === leavesSomething(b.cuts)
}
