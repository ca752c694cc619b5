/** What own code says of its failure, without what the record says: it may repeat any value, or a piece of one. */
import type { TreeNode } from '../codec/path.ts'
import { isLeaking } from './leaks.ts'
import { leavesOf } from './record-leaves.ts'

/** Pieces as long as these are no accident. */
const pieces = /\p{Script=Han}{2,}|[\p{L}\p{N}]{5,}/gu

export const withoutRecord = (said: string, tree: TreeNode): string => {
  const texts = [...new Set(leavesOf(tree).map(({ text }) => text.trim()))]
    .filter((text) => text !== '')
    .sort((one, other) => other.length - one.length)
  const whole = texts.filter((text) => [...text].length >= 2).reduce((left, text) => left.replaceAll(text, '…'), said)
  const left = whole.replaceAll(pieces, (piece) => (texts.some((text) => text.includes(piece)) ? '…' : piece))
  // Spaced out, escaped or encoded: then nothing of it is told.
  const longer = texts.filter((text) => [...text].length >= 2)
  return isLeaking(left, longer) ? '…' : left
}
