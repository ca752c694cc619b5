import { GatewayError } from '../errors.ts'

export type Json = string | number | boolean | null | Json[] | { [key: string]: Json }

/** Throws JSON_INVALID. */
export const parseJson = (text: string): Json => {
  try {
    return JSON.parse(text) as Json
  } catch (cause) {
    throw GatewayError.of('JSON_INVALID', { reason: cause instanceof Error ? cause.message : String(cause) }, { cause })
  }
}
