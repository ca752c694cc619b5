/**
 * What two sides say of the same period, compared. Ids are sorted by their bytes in UTF-8. A long list is stated in parts of 2^k ids, each
 * with its first id and its root, so that one answer can hold what differs: the other side's ids of the parts whose roots are not the same.
 */
import { eventTypes, maxIdsAtOnce, type StatementLine, type StatementRange } from './canonical/index.ts'
import { rootOfIds, rootOfNodes } from './merkle.ts'

export interface StatedId {
  type: string
  id: string
}

const smallestPart = 256
const mostParts = 512

const byType = (sorted: readonly StatedId[]): Map<string, string[]> => {
  const lists = new Map<string, string[]>()
  for (const { type, id } of sorted) {
    const list = lists.get(type)
    if (list) list.push(id)
    else lists.set(type, [id])
  }
  return lists
}

const lineOf = (type: string, ids: readonly string[]): StatementLine => {
  let size = smallestPart
  while (ids.length > size * mostParts) size *= 2
  const roots = Array.from({ length: Math.ceil(ids.length / size) }, (_, at) => rootOfIds(ids.slice(at * size, (at + 1) * size)))
  const parts = roots.map((root, at) => ({ from: ids[at * size]!, root: root.toString('hex') }))
  return { type, count: ids.length, root: rootOfNodes(roots).toString('hex'), parts: parts.length > 1 ? parts : [] }
}

/** A line for each type there is, zeros included. */
export const linesOf = (sorted: readonly StatedId[]): StatementLine[] => {
  const lists = byType(sorted)
  return [...new Set([...eventTypes, ...lists.keys()])].map((type) => lineOf(type, lists.get(type) ?? []))
}

/** The ids of a sorted list that are in [from, until). */
const within = (
  sorted: readonly string[],
  { from, until }: { from?: string | undefined; until?: string | undefined },
): string[] => {
  const placeOf = (bound: string): number => {
    const bytes = Buffer.from(bound)
    let [low, high] = [0, sorted.length]
    while (low < high) {
      const middle = (low + high) >>> 1
      if (Buffer.compare(Buffer.from(sorted[middle]!), bytes) < 0) low = middle + 1
      else high = middle
    }
    return low
  }
  return sorted.slice(from === undefined ? 0 : placeOf(from), until === undefined ? sorted.length : placeOf(until))
}

const rangeOf = (type: string, ids: string[], from: string | undefined, until: string | undefined): StatementRange => ({
  type,
  ids,
  ...(from === undefined ? {} : { from }),
  ...(until === undefined ? {} : { until }),
})

/** The same range in pieces that one message can hold. */
const piecesOf = ({ type, ids, from, until }: StatementRange): StatementRange[] =>
  Array.from({ length: Math.max(1, Math.ceil(ids.length / maxIdsAtOnce)) }, (_, at) => {
    const [first, next] = [at * maxIdsAtOnce, (at + 1) * maxIdsAtOnce]
    return rangeOf(type, ids.slice(first, next), at === 0 ? from : ids[first], ids[next] ?? until)
  })

/** Where a statement differs from `sorted`, with all ids of `sorted` there. */
export const differingRanges = (lines: readonly StatementLine[], sorted: readonly StatedId[]): StatementRange[] => {
  const lists = byType(sorted)
  const stated = new Map(lines.map((line) => [line.type, line]))
  return [...new Set([...stated.keys(), ...lists.keys()])].flatMap((type) => {
    const ids = lists.get(type) ?? []
    const { root, parts } = stated.get(type) ?? lineOf(type, [])
    if (rootOfIds(ids).toString('hex') === root) return []
    if (parts.length === 0) return piecesOf(rangeOf(type, ids, undefined, undefined))
    return parts.flatMap(({ from, root }, at) => {
      // What stands before the first part or behind the last belongs to it.
      const bounds = { from: at === 0 ? undefined : from, until: parts[at + 1]?.from }
      const there = within(ids, bounds)
      return rootOfIds(there).toString('hex') === root ? [] : piecesOf(rangeOf(type, there, bounds.from, bounds.until))
    })
  })
}

/** What each side has in these ranges that the other has not. */
export const differencesIn = (
  ranges: readonly StatementRange[],
  ours: readonly StatedId[],
): { missing: StatedId[]; foreign: StatedId[] } => {
  const lists = byType(ours)
  const found = { missing: [] as StatedId[], foreign: [] as StatedId[] }
  for (const { type, ids, ...bounds } of ranges) {
    const [mine, theirs] = [new Set(within(lists.get(type) ?? [], bounds)), new Set(ids)]
    for (const id of mine) if (!theirs.has(id)) found.missing.push({ type, id })
    for (const id of theirs) if (!mine.has(id)) found.foreign.push({ type, id })
  }
  return found
}
