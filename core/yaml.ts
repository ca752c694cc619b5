import { readFileSync } from 'node:fs'
import { type Document, isMap, isNode, LineCounter, type Node, parseDocument } from 'yaml'
import { GatewayError } from './errors.ts'

export type YamlPath = (string | number)[]

export interface YamlFile {
  file: string
  text: string
  value: unknown
  /** `file:line:column` of the value at a path, or of the nearest one above it. */
  at(path: YamlPath): string
  /** The same for the key itself, so that a misspelt key is pointed at. */
  keyAt(path: YamlPath): string
  /** What the file itself says at a path: of a secret, where it is and never what it is. */
  written(path: YamlPath): unknown
}

const reader = (file: string, text: string, document: Document, lines: LineCounter): YamlFile => {
  const place = (offset: number | undefined): string => {
    const { line, col } = lines.linePos(offset ?? 0)
    return `${file}:${line}:${col}`
  }
  const offsetOf = (path: YamlPath): number | undefined => {
    const node = path.length === 0 ? document.contents : document.getIn(path, true)
    if (isNode(node) && (node as Node).range) return (node as Node).range![0]
    return path.length === 0 ? 0 : offsetOf(path.slice(0, -1))
  }
  return {
    file,
    text,
    value: document.toJS(),
    at: (path) => place(offsetOf(path)),
    keyAt: (path) => {
      const parent = path.length === 1 ? document.contents : document.getIn(path.slice(0, -1), true)
      const pair = isMap(parent)
        ? parent.items.find(({ key }) => String((key as { value?: unknown }).value) === String(path.at(-1)))
        : undefined
      return pair ? place((pair.key as Node).range?.[0]) : place(offsetOf(path))
    },
    written: (path) => {
      const node = document.getIn(path, true)
      return isNode(node) ? node.toJS(document) : undefined
    },
  }
}

/** YAML 1.2 with positions. Throws CONFIG_SYNTAX with file, line and column; duplicate keys and alias bombs are refused. */
export const parseYaml = (file: string, text: string): YamlFile => {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, strict: true, uniqueKeys: true })
  const [error] = document.errors
  if (error) {
    const { line, col } = lines.linePos(error.pos[0])
    throw GatewayError.of(
      'CONFIG_SYNTAX',
      { at: `${file}:${line}:${col}`, reason: error.message.split('\n')[0]! },
      { cause: error },
    )
  }
  return reader(file, text, document, lines)
}

/** `shownAs` is the name used in messages to people, relative to the folder they work in. */
export const readYaml = (path: string, shownAs = path): YamlFile => {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (cause) {
    throw GatewayError.of('CONFIG_UNREADABLE', { file: shownAs, reason: (cause as Error).message }, { cause })
  }
  return parseYaml(shownAs, text)
}
