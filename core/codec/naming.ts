/** How the options of an adapter name a record by what stands in it. */
import { createHash } from 'node:crypto'
import { GatewayError, type Text } from '../errors.ts'
import { isElement, notAPath, type Path, parsePath, type TreeNode, textsAt, toPath } from './path.ts'

export interface NamingOptions {
  /** Fixed text, or text with `{element}`, the name of the record's element, and `{path}`, the value there. */
  stream: string
  /** Paths whose values together name the record. */
  key: string[]
}

export interface Naming {
  /** The stream and, with paths for it, the key. Throws RECORD_UNREADABLE unless each path leads to one value. */
  nameOf(content: TreeNode): { stream: string; key: string | undefined }
  /** The stream of what cannot be read: that of no mapping when it depends on the content. */
  unreadableStream: string
}

/**
 * What names a record that has no name of its own: what it holds. By a place, such as the third of a page, it would be the correction of whatever
 * stood there at the last reading.
 */
export const contentKey = (body: string | Uint8Array): string => createHash('sha256').update(body).digest('hex')

const placeholder = /\{([^}]+)\}/g

/** For `checkOptions`: what is wrong with a path that an option holds. */
export const findPathProblems = (option: string, written: string | undefined): { path: string; expected: Text }[] =>
  written === undefined || parsePath(written) ? [] : [{ path: option, expected: notAPath(written) }]

/** For `checkOptions`, over the options `stream` and `key`. */
export const findNamingProblems = ({ stream, key }: NamingOptions): { path: string; expected: Text }[] => [
  ...[...stream.matchAll(placeholder)].flatMap(([, path]) => findPathProblems('/stream', path)),
  ...key.flatMap((path, index) => findPathProblems(`/key/${index}`, path)),
]

const unreadable = (zh: string, en: string): GatewayError => GatewayError.of('RECORD_UNREADABLE', { reason: { zh, en } })

const one = (content: TreeNode, path: Path): string => {
  const values = textsAt(content, path)
    .map((value) => value.trim())
    .filter(Boolean)
  if (values.length === 1) return values[0]!
  throw unreadable(
    `路径 ${path.source} 处有 ${values.length} 个值，应为 1 个`,
    `${path.source} holds ${values.length} values, not 1`,
  )
}

/** Several key values in one: a slash between them, so a slash inside one is written %2F. */
const joinKey = (values: string[]): string => values.map((value) => value.replaceAll('%', '%25').replaceAll('/', '%2F')).join('/')

/** Contract: the options have passed `findNamingProblems`. */
export const createNaming = ({ stream, key }: NamingOptions): Naming => {
  const keyPaths = key.map(toPath)
  const streamPaths = new Map([...stream.matchAll(placeholder)].map(([, path]) => [path!, toPath(path!)]))
  const filler = (content: TreeNode, path: string): string =>
    path === 'element' && isElement(content) ? content.local : one(content, streamPaths.get(path)!)
  return {
    nameOf: (content) => ({
      stream: stream.replace(placeholder, (_, path: string) => filler(content, path)),
      key: keyPaths.length === 0 ? undefined : joinKey(keyPaths.map((path) => one(content, path))),
    }),
    unreadableStream: streamPaths.size > 0 ? 'unreadable' : stream,
  }
}
