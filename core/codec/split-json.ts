/** Cuts the elements of one array out of a JSON document of any size, each exactly as received: a parsed number may lose digits. */
import { GatewayError, type Text } from '../errors.ts'

interface Frame {
  open: '{' | '['
  /** The member or position that is being read. */
  at: string | number
  awaitsKey: boolean
}

/** Of the next character, both from 1. */
interface Place {
  line: number
  column: number
}

const behind = ({ line, column }: Place, text: string): Place => {
  const lines = text.split('\n')
  const last = lines.at(-1)!.length
  return lines.length === 1 ? { line, column: column + last } : { line: line + lines.length - 1, column: last + 1 }
}

const invalid = (reason: Text): GatewayError => GatewayError.of('JSON_INVALID', { reason })

const invalidAt = ({ line, column }: Place, zh: string, en: string): GatewayError =>
  invalid({ zh: `第 ${line} 行第 ${column} 列${zh}`, en: `at line ${line}, column ${column} ${en}` })

/** RFC 6901. */
const pointerTokens = (pointer: string): string[] =>
  pointer
    .split('/')
    .slice(1)
    .map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'))

/**
 * The elements of the array at `pointer` (RFC 6901; empty for the document itself), as text. The elements are not checked here: one
 * that is no JSON spoils itself only. Throws JSON_INVALID when the brackets do not match, when the array is not there or is there a
 * second time, and when anything stands outside the one document; and RECORD_TOO_LARGE. What was yielded before stands, and no error
 * holds any part of the text.
 */
export async function* splitJson(
  chunks: AsyncIterable<string> | Iterable<string>,
  pointer: string,
  maxLength: number,
): AsyncGenerator<string> {
  const wanted = pointerTokens(pointer)
  const stack: Frame[] = []
  let place: Place = { line: 1, column: 1 }
  let ended = false
  let arrayDepth = 0
  let found = false
  let count = 0
  let held = ''
  let inString = false
  let escaped = false

  for await (const chunk of chunks) {
    let from = 0
    const failAt = (at: number, zh: string, en: string): GatewayError => invalidAt(behind(place, chunk.slice(0, at)), zh, en)
    for (let at = 0; at < chunk.length; at++) {
      const character = chunk[at]!
      if (inString) {
        if (escaped) escaped = false
        else if (character === '\\') escaped = true
        else if (character === '"') {
          inString = false
          const frame = stack.at(-1)
          if (frame?.awaitsKey && arrayDepth === 0) {
            const key = keyOf(held + chunk.slice(from, at + 1))
            if (key === undefined) throw failAt(at, '之前的成员名有误', 'a member name that is wrong ends')
            frame.at = key
          }
        }
        continue
      }
      const frame = stack.at(-1)
      if (!frame && !' \t\r\n'.includes(character)) {
        if (ended) throw failAt(at, '起还有内容，文档在此之前已经结束', 'there is more, although the document has ended before')
        if (!'{['.includes(character)) throw failAt(at, '不是对象或数组', 'there is neither an object nor an array')
      }
      const atElementEnd = arrayDepth > 0 && stack.length === arrayDepth && (character === ',' || character === ']')
      if (atElementEnd) {
        const text = (held + chunk.slice(from, at)).trim()
        if (character === ',' || text !== '' || count > 0) {
          count += 1
          yield text
        }
        held = ''
        from = at + 1
      }
      if (character === '"') {
        inString = true
        if (arrayDepth === 0) {
          held = ''
          from = at
        }
      } else if (character === '{' || character === '[') {
        stack.push({ open: character, at: 0, awaitsKey: character === '{' })
        const here = character === '[' && arrayDepth === 0 && stack.length === wanted.length + 1
        if (here && wanted.every((token, depth) => String(stack[depth]!.at) === token)) {
          // Which of the two is meant, nobody knows.
          if (found) throw failAt(at, `是位于“${pointer}”的又一个数组`, `another array begins at "${pointer}"`)
          found = true
          arrayDepth = stack.length
          from = at + 1
        }
      } else if (character === '}' || character === ']') {
        if (frame?.open !== (character === '}' ? '{' : '[')) throw failAt(at, '的括号不匹配', 'the brackets do not match')
        stack.pop()
        ended = stack.length === 0
        if (stack.length < arrayDepth) arrayDepth = 0
      } else if (character === ',' && frame) {
        if (typeof frame.at === 'number') frame.at += 1
        frame.awaitsKey = frame.open === '{'
      } else if (character === ':' && frame) {
        frame.awaitsKey = false
      }
    }
    place = behind(place, chunk)
    held = arrayDepth > 0 || inString ? held + chunk.slice(from) : ''
    if (held.length > maxLength) throw GatewayError.of('RECORD_TOO_LARGE', { size: held.length, limit: maxLength })
  }
  if (stack.length > 0 || inString) throw invalidAt(place, '之后没有内容，文档不完整', 'it breaks off')
  if (!found && pointer === '') throw invalid({ zh: '整个文件应是一个数组', en: 'the whole file must be one array' })
  if (!found) throw invalid({ zh: `没有位于“${pointer}”的数组`, en: `there is no array at "${pointer}"` })
}

const keyOf = (text: string): string | undefined => {
  try {
    return JSON.parse(text) as string
  } catch {
    return undefined
  }
}

/** One record a line; empty lines are none. */
export async function* splitLines(chunks: AsyncIterable<string> | Iterable<string>, maxLength: number): AsyncGenerator<string> {
  let held = ''
  for await (const chunk of chunks) {
    const lines = (held + chunk).split('\n')
    held = lines.pop()!
    yield* lines.map((line) => line.trim()).filter((line) => line !== '')
    if (held.length > maxLength) throw GatewayError.of('RECORD_TOO_LARGE', { size: held.length, limit: maxLength })
  }
  if (held.trim() !== '') yield held.trim()
}
