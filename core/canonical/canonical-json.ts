import { hash } from 'node:crypto'
import type { MessageDraft } from './message.ts'

const unfit = (what: string) => new TypeError(`${what} has no canonical JSON form`)

const isPlain = (value: object): boolean => {
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}

/** True when plain JSON.stringify already gives the canonical text. Allocates nothing. */
const isOrdered = (value: unknown): boolean => {
  if (typeof value !== 'object') {
    if (typeof value === 'string' || typeof value === 'boolean') return true
    if (typeof value === 'number' && Number.isFinite(value)) return true
    throw unfit(String(value))
  }
  if (value === null) return true
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i++) if (!isOrdered(value[i])) return false
    return true
  }
  if (!isPlain(value)) throw unfit(Object.prototype.toString.call(value))
  let previous: string | undefined
  for (const key in value) {
    if (previous !== undefined && key < previous) return false
    previous = key
    const member = (value as Record<string, unknown>)[key]
    if (member !== undefined && !isOrdered(member)) return false
  }
  return true
}

const write = (value: unknown): string => {
  if (typeof value !== 'object' || value === null) {
    isOrdered(value)
    return JSON.stringify(value)
  }
  if (Array.isArray(value)) return `[${Array.from(value, write).join(',')}]`
  if (!isPlain(value)) throw unfit(Object.prototype.toString.call(value))
  let text = ''
  for (const key of Object.keys(value).sort()) {
    const member = (value as Record<string, unknown>)[key]
    if (member !== undefined) text += `${text === '' ? '' : ','}${JSON.stringify(key)}:${write(member)}`
  }
  return `{${text}}`
}

/**
 * JSON with object keys in the order of their UTF-16 code units and no white space, as RFC 8785. Members that are undefined
 * are left out. Throws a TypeError for what JSON or RFC 8785 does not know: NaN, functions, dates, lone surrogates.
 */
export const canonicalJson = (value: unknown): string => {
  const text = isOrdered(value) ? JSON.stringify(value) : write(value)
  // JSON.stringify escapes a lone surrogate, and nothing else, as \udXXX; an even number of backslashes before it is the user's own text.
  if (text.includes('\\ud') && /(?<!\\)(?:\\\\)*\\ud[89a-f]/.test(text)) throw unfit('a lone surrogate')
  return text
}

/** What a draft says, and nothing else. */
export interface CanonicalText {
  /** Canonical JSON of case, content, times and stage; a message holds it as it stands. */
  text: string
  /** Hex SHA-256 over the text in UTF-8. */
  hash: string
}

/**
 * Flags, stamps and versions are no facts: a better code table or another gateway must not make an old fact look new. Throws what
 * `canonicalJson` throws.
 */
export const canonicalTextOf = (draft: MessageDraft): CanonicalText => {
  const { content, occurredAt, recordedAt, stage } = draft
  const text = canonicalJson({ case: draft.case, content, occurredAt, recordedAt, stage })
  return { text, hash: hash('sha256', text) }
}
