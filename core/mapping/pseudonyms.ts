import { checkCitizenId, checkOrganisationCode, checkUscc, type Personal } from '../canonical/index.ts'
import { numberFor } from './pseudonym-numbers.ts'
import { sameShape } from './same-shape.ts'

/**
 * Why a value is replaced. `organisation` is the number of a body, which is public, but not for fixtures; `number` names a case or a
 * document; `unmapped` feeds no field, so that nobody has said what it is.
 */
export type Secrecy = Personal | 'organisation' | 'number' | 'unmapped'

const digitsLike = (text: string, number: number): string => {
  const digits = String(number)
  const count = (text.match(/\d/g) ?? []).length
  const wanted = digits.slice(-count).padStart(count, '0')
  let at = 0
  return text.replaceAll(/\d/g, () => wanted[at++]!)
}

/** Numbers of nobody we know of: zeros, and a small number at the end. The area code, or what makes it a mobile number, stays. */
const phoneLike = (text: string, number: number, secrecy: Secrecy): string | undefined => {
  if (/^1[3-9]\d{9}$/.test(text)) return text.slice(0, 2) + digitsLike(text.slice(2), number)
  // Digits alone may be any number where nobody has said that they are a telephone’s.
  if (secrecy !== 'contact' && /^\d+$/.test(text)) return undefined
  const [, area, rest] = /^(\(?0\d{2,3}\)?[- ]?)(\d{7,8}(?:[- ]\d{1,5})?)$/.exec(text) ?? []
  return area === undefined || rest === undefined ? undefined : area + digitsLike(rest, number)
}

/** Digests and the identifiers of machines stay hexadecimal. */
const hexLike = (text: string, number: number): string | undefined => {
  const [, head, digits] = /^([a-z0-9]+:|)([0-9a-f]{32,}|[0-9A-F]{32,})$/.exec(text) ?? []
  if (head === undefined || digits === undefined || !/[A-Fa-f]/.test(digits)) return undefined
  const made = number.toString(16).padStart(digits.length, '0')
  return head + (digits === digits.toUpperCase() ? made.toUpperCase() : made)
}

/** Everything before the last dot is replaced: a domain may be a person’s own. */
const mailLike = (text: string, number: number): string | undefined => {
  const [, named, end] = /^([^@\s]+@[^@\s]+)(\.[A-Za-z]{2,})$/.exec(text) ?? []
  return named === undefined || end === undefined ? undefined : sameShape(named, number) + end
}

const candidate = (text: string, secrecy: Secrecy, number: number, words: readonly string[]): string => {
  // Also where a name or an opinion belongs: columns slip.
  const ofSomebody = numberFor(text, number)
  if (ofSomebody !== undefined) return ofSomebody
  if (secrecy === 'unmapped') {
    const found = hexLike(text, number)
    if (found !== undefined) return found
  }
  if (secrecy === 'contact' || secrecy === 'unmapped') {
    const found = phoneLike(text, number, secrecy) ?? mailLike(text, number)
    if (found !== undefined) return found
  }
  if (secrecy === 'number' && /\d/.test(text)) return digitsLike(text, number)
  return sameShape(text, number, secrecy === 'free-text' || secrecy === 'unmapped' ? words : [])
}

/** Every check of a number says of the one what it says of the other: a wrong number does not come right by chance. */
const areJudgedAlike = (one: string, other: string): boolean =>
  [checkCitizenId, checkOrganisationCode, checkUscc].every((check) => check(one) === check(other))

/** After so many a shape has no more texts: a single digit has ten. */
const patience = 200

/**
 * Pseudonyms of the values of one record. What a value gets depends on its shape, its secrecy and how many came before it, and on nothing
 * else: the same record gives the same pseudonyms, equal values equal ones, and none leads back. None of them is or holds one of the
 * `avoided`. `words` stay inside free text.
 */
export const createPseudonyms = (avoided: readonly string[], words: readonly string[]) => {
  const given = new Map<string, string>()
  const used = new Set<string>()
  let count = 0
  const isFree = (text: string, original: string): boolean =>
    text !== original && !used.has(text) && areJudgedAlike(text, original) && !avoided.some((value) => text.includes(value))
  return (original: string, secrecy: Secrecy): string => {
    const known = given.get(original)
    if (known !== undefined) return known
    let made = original
    for (let tries = 0; tries < patience; tries++) {
      count += 1
      made = candidate(original, secrecy, count, words)
      if (isFree(made, original)) break
    }
    given.set(original, made)
    used.add(made)
    return made
  }
}

export type Pseudonyms = ReturnType<typeof createPseudonyms>
