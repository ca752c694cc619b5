import { type Path, type PathContext, parsePath, structure, type TreeNode, textOf } from '../codec/path.ts'
import type { RecordView } from '../contract.ts'

const paths = new Map<string, Path>()
/** A plug-in may make its paths of values: then there is no end of them. */
const mostPaths = 1000

const pathOf = (written: string): Path => {
  const known = paths.get(written) ?? parsePath(written)
  if (!known) throw new TypeError(`"${written}" is not a path`)
  if (paths.size >= mostPaths) paths.clear()
  paths.set(written, known)
  return known
}

/** The record, or the entry of a list, that a function of a plug-in is called for. */
export const viewOf = ({ root, node }: PathContext): RecordView => {
  const found = (path: string) =>
    pathOf(path)
      .select({ root, node })
      .map((one: TreeNode) => textOf(one))
  const trimmed = (texts: readonly (string | undefined | typeof structure)[]): string[] =>
    texts.filter((text) => typeof text === 'string').map((text) => text.trim())
  return {
    texts: (path) => trimmed(found(path)),
    text(path) {
      const all = found(path)
      if (all.includes(structure)) throw new TypeError(`${path} holds a structure`)
      const texts = trimmed(all)
      if (texts.length > 1) throw new TypeError(`${path} has ${texts.length} values`)
      return texts[0] === '' ? undefined : texts[0]
    },
  }
}
