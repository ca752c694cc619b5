/** Cuts the elements of one array out of a JSON document of any size, each exactly as received: a parsed number may lose digits. */
import { GatewayError, type Text } from '../../core/contract.ts'

interface Frame {
  open: '{' | '['
  /** The member or position that is being read. */
  at: string | number
  awaitsKey: boolean
}

const invalid = (zh: string, en: string): GatewayError => GatewayError.of('JSON_INVALID', { reason: { zh, en } satisfies Text })

/** RFC 6901. */
const pointerTokens = (pointer: string): string[] =>
  pointer
    .split('/')
    .slice(1)
    .map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'))

/**
 * The elements of the array at `pointer` (RFC 6901; empty for the document itself), as text. The elements are not checked here: one
 * that is no JSON spoils itself only. Throws JSON_INVALID when the brackets do not match or the array is not there, and
 * RECORD_TOO_LARGE; what was yielded before stands.
 */
export async function* splitJson(chunks: AsyncIterable<string>, pointer: string, maxLength: number): AsyncGenerator<string> {
  const wanted = pointerTokens(pointer)
  const stack: Frame[] = []
  let arrayDepth = 0
  let found = false
  let count = 0
  let held = ''
  let inString = false
  let escaped = false

  for await (const chunk of chunks) {
    let from = 0
    for (let at = 0; at < chunk.length; at++) {
      const character = chunk[at]!
      if (inString) {
        if (escaped) escaped = false
        else if (character === '\\') escaped = true
        else if (character === '"') {
          inString = false
          const frame = stack.at(-1)
          if (frame?.awaitsKey && arrayDepth === 0) frame.at = keyOf(held + chunk.slice(from, at + 1))
        }
        continue
      }
      const frame = stack.at(-1)
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
        const here = character === '[' && arrayDepth === 0 && !found && stack.length === wanted.length + 1
        if (here && wanted.every((token, depth) => String(stack[depth]!.at) === token)) {
          found = true
          arrayDepth = stack.length
          from = at + 1
        }
      } else if (character === '}' || character === ']') {
        if (frame?.open !== (character === '}' ? '{' : '[')) throw invalid('括号不匹配', 'the brackets do not match')
        stack.pop()
        if (stack.length < arrayDepth) arrayDepth = 0
      } else if (character === ',' && frame) {
        if (typeof frame.at === 'number') frame.at += 1
        frame.awaitsKey = frame.open === '{'
      } else if (character === ':' && frame) {
        frame.awaitsKey = false
      }
    }
    held = arrayDepth > 0 || inString ? held + chunk.slice(from) : ''
    if (held.length > maxLength) throw GatewayError.of('RECORD_TOO_LARGE', { size: held.length, limit: maxLength })
  }
  if (stack.length > 0 || inString) throw invalid('内容不完整', 'it breaks off')
  if (!found) throw invalid(`没有位于“${pointer}”的数组`, `there is no array at "${pointer}"`)
}

const keyOf = (text: string): string => {
  try {
    return JSON.parse(text) as string
  } catch {
    throw invalid(`成员名 ${text.slice(0, 40)} 有误`, `the member name ${text.slice(0, 40)} is wrong`)
  }
}

/** One record a line; empty lines are none. */
export async function* splitLines(chunks: AsyncIterable<string>, maxLength: number): AsyncGenerator<string> {
  let held = ''
  for await (const chunk of chunks) {
    const lines = (held + chunk).split('\n')
    held = lines.pop()!
    yield* lines.map((line) => line.trim()).filter((line) => line !== '')
    if (held.length > maxLength) throw GatewayError.of('RECORD_TOO_LARGE', { size: held.length, limit: maxLength })
  }
  if (held.trim() !== '') yield held.trim()
}
