import { GatewayError, type Text } from '../errors.ts'

export type Json = string | number | boolean | null | Json[] | { [key: string]: Json }

/** As for XML: whoever walks through the value may do so by recursion. */
const maxDepth = 100

/** A longer text is not searched for its fault: that would parse it some twenty times. */
const searchableLength = 1_000_000

const attempt = (text: string): { value: Json; message?: undefined } | { value?: undefined; message: string } => {
  try {
    return { value: JSON.parse(text) as Json }
  } catch (error) {
    return { message: (error as Error).message }
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
    const { message: failure } = attempt(begun)
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

const refuse = (text: string, place: number, { zh, en }: Text): never => {
  const [line, column] = lineAndColumn(text, place)
  throw GatewayError.of('JSON_INVALID', {
    reason: { zh: `第 ${line} 行第 ${column} 列：${zh}`, en: `line ${line}, column ${column}: ${en}` },
  })
}

const code = (character: string): number => character.charCodeAt(0)
const [quote, backslash, colon, minus, zero, nine] = [...'"\\:-09'].map(code) as [number, number, number, number, number, number]
const [opensObject, closesObject, opensList, closesList] = [...'{}[]'].map(code)

const isDigit = (unit: number): boolean => unit >= zero && unit <= nine

/** Where the string that begins at `from` ends, its quote included. By search: a pattern that repeats over escapes overflows its stack. */
const stringEnd = (text: string, from: number): number => {
  let at = from
  for (;;) {
    at = text.indexOf('"', at + 1)
    let before = at
    while (text.charCodeAt(before - 1) === backslash) before -= 1
    if ((at - before) % 2 === 0) return at + 1
  }
}

const numberEnd = /[^\d.eE+-]|$/g
const blanksEnd = /[^ \t\n\r]|$/g
const endBy = (pattern: RegExp, text: string, from: number): number => {
  pattern.lastIndex = from
  return pattern.exec(text)!.index
}

/** A text that is known to be JSON, with every number in quotes. Two members of one name are refused: RFC 8259 leaves open which of them counts. */
const quoteNumbers = (text: string): string => {
  const names: (Set<string> | undefined)[] = []
  const enter = (known: Set<string> | undefined, place: number): void => {
    names.push(known)
    if (names.length > maxDepth)
      refuse(text, place, { zh: `嵌套超过 ${maxDepth} 层`, en: `nested deeper than ${maxDepth} levels` })
  }
  const addName = (written: string, place: number): void => {
    const name = written.includes('\\') ? (JSON.parse(written) as string) : written.slice(1, -1)
    const known = names.at(-1)!
    if (known.has(name)) refuse(text, place, { zh: '同一对象中已有同名成员', en: 'the object already has a member of this name' })
    known.add(name)
  }
  let quoted = ''
  let done = 0
  for (let at = 0; at < text.length; ) {
    const unit = text.charCodeAt(at)
    let end = at + 1
    if (unit === quote) {
      end = stringEnd(text, at)
      if (names.at(-1) && text.charCodeAt(endBy(blanksEnd, text, end)) === colon) addName(text.slice(at, end), at)
    } else if (unit === minus || isDigit(unit)) {
      end = endBy(numberEnd, text, at)
      quoted += `${text.slice(done, at)}"${text.slice(at, end)}"`
      done = end
    } else if (unit === opensObject) enter(new Set(), at)
    else if (unit === opensList) enter(undefined, at)
    else if (unit === closesObject || unit === closesList) names.pop()
    at = end
  }
  return done === 0 ? text : quoted + text.slice(done)
}

/**
 * Digits stay text: a number is read as it is written, so that 20 digits, `1.10` and `1e5` reach a mapping unchanged and are
 * never rounded. Throws JSON_INVALID with the place of the fault, without any part of the text and without V8's error as its cause;
 * also for two members of one name, and for lists and objects more than a hundred deep.
 */
export const parseJson = (text: string): Json => {
  // First as it stands, since only what is JSON may have its numbers put in quotes.
  const { value, message } = attempt(text)
  if (message !== undefined) throw GatewayError.of('JSON_INVALID', { reason: reasonFor(text, message) })
  const quoted = quoteNumbers(text)
  return quoted === text ? value : (JSON.parse(quoted) as Json)
}
