import { type Path, type PathContext, parsePath, type TreeNode, textOf } from '../codec/path.ts'
import type { RecordView } from '../contract.ts'

const paths = new Map<string, Path>()

const pathOf = (written: string): Path => {
  const known = paths.get(written) ?? parsePath(written)
  if (!known) throw new TypeError(`"${written}" is not a path`)
  paths.set(written, known)
  return known
}

/** The record, or the entry of a list, that a function of a plug-in is called for. */
export const viewOf = ({ root, node }: PathContext): RecordView => {
  const texts = (path: string): string[] =>
    pathOf(path)
      .select({ root, node })
      .map((found: TreeNode) => textOf(found))
      .filter((text) => typeof text === 'string')
      .map((text) => text.trim())
  return {
    texts,
    text(path) {
      const found = texts(path)
      if (found.length > 1) throw new TypeError(`${path} has ${found.length} values`)
      return found[0] === '' ? undefined : found[0]
    },
  }
}
