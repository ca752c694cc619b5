/** Whether something of a record is still in what was made of it. */
import { encodeText } from '../codec/charset.ts'
import { spacedPattern } from './spaced.ts'

const percent = (bytes: Uint8Array): string => [...bytes].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join('')

/** What of a Base64 text does not depend on the bytes around, for each of the three places where they can begin. */
const base64Cores = (bytes: Uint8Array): string[] =>
  [0, 1, 2].map((before) => {
    const text = Buffer.concat([Buffer.alloc(before), bytes]).toString('base64')
    const from = Math.ceil((before * 4) / 3)
    return text.slice(from, Math.floor(((before + bytes.byteLength) * 8) / 6))
  })

const inGb18030 = (value: string): Uint8Array | undefined => {
  try {
    return encodeText(value, 'gb18030')
  } catch {
    // A character that GB 18030 does not have is in no text of that charset.
    return undefined
  }
}

/** A value as another notation would hide it, in lower case: escapes of JSON, XML and URLs, hexadecimal and Base64 of both charsets. */
const disguisesOf = (value: string): string[] => {
  const units = Array.from({ length: value.length }, (_, at) => value.charCodeAt(at))
  const points = [...value].map((character) => character.codePointAt(0)!)
  const encoded = [Buffer.from(value), inGb18030(value)].filter((bytes) => bytes !== undefined)
  return [
    value,
    units.map((unit) => `\\u${unit.toString(16).padStart(4, '0')}`).join(''),
    points.map((point) => `&#x${point.toString(16)};`).join(''),
    points.map((point) => `&#${point};`).join(''),
    ...encoded.flatMap((bytes) => [percent(bytes), Buffer.from(bytes).toString('hex'), ...base64Cores(bytes)]),
  ].filter((text) => text.length >= 2)
}

/** True when the text holds one of the values, as it is or in disguise. */
export const isLeaking = (text: string, values: readonly string[]): boolean => {
  const lower = text.toLowerCase()
  return values.some((value) =>
    disguisesOf(value).some((disguise) => {
      // Base64 of a short value is short, and such a text is met by chance.
      return disguise === value ? spacedPattern(value).test(text) : disguise.length >= 5 && lower.includes(disguise.toLowerCase())
    }),
  )
}
