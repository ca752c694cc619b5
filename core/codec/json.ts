import { GatewayError } from '../errors.ts'

export type Json = string | number | boolean | null | Json[] | { [key: string]: Json }

const stringOrNumber = /"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*/g

/**
 * Digits stay text: a number is read as it is written, so that 20 digits, `1.10` and `1e5` reach a mapping unchanged and are
 * never rounded. Throws JSON_INVALID.
 */
export const parseJson = (text: string): Json => {
  try {
    // First as it stands, since only what is JSON may have its numbers put in quotes.
    JSON.parse(text)
    return JSON.parse(text.replace(stringOrNumber, (token) => (token.startsWith('"') ? token : `"${token}"`))) as Json
  } catch (cause) {
    throw GatewayError.of('JSON_INVALID', { reason: cause instanceof Error ? cause.message : String(cause) }, { cause })
  }
}
