import { GatewayError, type Text } from '../errors.ts'

export type Json = string | number | boolean | null | Json[] | { [key: string]: Json }

/** Of a text that is known to be JSON: a string (with a colon: a member's name), a number, or a bracket. */
const token = /"[^"\\]*(?:\\.[^"\\]*)*"(\s*:)?|-?\d[\d.eE+-]*|[{}[\]]/g

/** A longer text is not searched for its fault: that would parse it some twenty times. */
const searchableLength = 1_000_000

const failureOf = (text: string): string | undefined => {
  try {
    JSON.parse(text)
    return undefined
  } catch (error) {
    return (error as Error).message
  }
}

/** V8 tells the place of most faults; "Unexpected token" it explains with a quotation instead. */
const statedPlace = (text: string, message: string): number | undefined => {
  if (message.endsWith('end of JSON input')) return text.length
  const position = /at position (\d+)(?: \(line \d+ column \d+\))?$/.exec(message)?.[1]
  return position === undefined ? undefined : Number(position)
}

/** The index of the character that makes `text` no JSON: what stands before it could still become some. */
const faultPlace = (text: string, message: string): number => {
  const stated = statedPlace(text, message)
  if (stated !== undefined) return stated
  let good = 0
  for (let bad = text.length; good < bad; ) {
    const middle = (good + bad) >>> 1
    const begun = text.slice(0, middle + 1)
    const failure = failureOf(begun)
    if (failure !== undefined && statedPlace(begun, failure) === undefined) bad = middle
    else good = middle + 1
  }
  return good
}

const lineAndColumn = (text: string, place: number): [line: number, column: number] => {
  const lines = text.slice(0, place).split('\n')
  return [lines.length, lines.at(-1)!.length + 1]
}

/** Says where, never what: V8's own sentence quotes the text, which may be personal, and sentences reach logs. */
const reasonFor = (text: string, message: string): Text => {
  const unplaced = statedPlace(text, message) === undefined && text.length > searchableLength
  if (unplaced) return { zh: `${text.length} 个字符不是合法的 JSON`, en: `${text.length} characters are no valid JSON` }
  const [line, column] = lineAndColumn(text, faultPlace(text, message))
  return { zh: `第 ${line} 行第 ${column} 列附近不是合法的 JSON`, en: `no valid JSON near line ${line}, column ${column}` }
}

/** Two members of one name: one value or the other would be dropped without a word (RFC 8259 leaves open which). */
const refuseTwin = (text: string, place: number): never => {
  const [line, column] = lineAndColumn(text, place)
  const reason = {
    zh: `第 ${line} 行第 ${column} 列：同一对象中已有同名成员`,
    en: `line ${line}, column ${column}: the object already has a member of this name`,
  }
  throw GatewayError.of('JSON_INVALID', { reason })
}

/** The JSON text with every number in quotes. */
const quoteNumbers = (text: string): string => {
  const names: (Set<string> | undefined)[] = []
  return text.replace(token, (found: string, colon: string | undefined, place: number) => {
    if (colon !== undefined) {
      const quoted = found.slice(0, -colon.length)
      const name = quoted.includes('\\') ? (JSON.parse(quoted) as string) : quoted.slice(1, -1)
      const known = names.at(-1)!
      if (known.has(name)) refuseTwin(text, place)
      known.add(name)
      return found
    }
    if (found.startsWith('"')) return found
    if (found === '{') names.push(new Set())
    else if (found === '[') names.push(undefined)
    else if (found === '}' || found === ']') names.pop()
    else return `"${found}"`
    return found
  })
}

/**
 * Digits stay text: a number is read as it is written, so that 20 digits, `1.10` and `1e5` reach a mapping unchanged and are
 * never rounded. Throws JSON_INVALID with the place of the fault, without any part of the text and without V8's error as its cause;
 * also for two members of one name.
 */
export const parseJson = (text: string): Json => {
  // First as it stands, since only what is JSON may have its numbers put in quotes.
  const message = failureOf(text)
  if (message !== undefined) throw GatewayError.of('JSON_INVALID', { reason: reasonFor(text, message) })
  return JSON.parse(quoteNumbers(text)) as Json
}
