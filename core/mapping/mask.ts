import { masked, type Personal } from '../canonical/index.ts'
import { replaceNumbers } from './personal-numbers.ts'

const shortened = (value: string): string => {
  const characters = [...value]
  return characters.length > 60 ? `${characters.slice(0, 60).join('')}…` : value
}

/** A text that is nobody's, with the numbers of people in it masked. */
export const maskNumbers = (text: string): string => replaceNumbers(text, masked)

/** What a person may see of a personal value in an error or a log: enough to find the record by, never the value. */
export const mask = (value: string, personal: Personal | undefined): string => {
  // A column that slipped puts the number of a person where a code or a day belongs.
  if (personal === undefined) return shortened(maskNumbers(value))
  const characters = [...value]
  if (personal === 'name')
    return characters.length === 0 ? '' : `${characters[0]}${'*'.repeat(Math.max(1, characters.length - 1))}`
  if (personal === 'identity' || personal === 'contact') return masked(value)
  return `（${characters.length} 字/characters）`
}

/**
 * A text that is nobody's, with the numbers and names of the record in it masked: a file that is called by its applicant. A single character, and what has no
 * letter, is no name there.
 */
export const maskNames = (text: string, names: Iterable<string>): string => {
  const found = [...names].filter((name) => [...name].length > 1 && /\p{L}/u.test(name))
  // A name may be the beginning of another.
  const longestFirst = found.sort((one, other) => other.length - one.length)
  return longestFirst.reduce((made, name) => made.replaceAll(name, () => mask(name, 'name')), mask(text, undefined))
}

/** Letters of Han, Mongolian, Tibetan and the like: codes, days and numbers are written with others. */
const letters = (value: string): string[] => (value.match(/\p{L}/gu) ?? []).filter((letter) => !/\p{Script=Latin}/u.test(letter))

/** Not longer than this a text of such letters may be a name; longer, an address. */
const longestName = 4

/** So many Latin letters and no digit: no month, no mark of a zone; one word in capitals is a program's. */
const isLatinText = (value: string): boolean =>
  !/\d/.test(value) && (value.match(/\p{Script=Latin}/gu) ?? []).length >= 5 && !/^\p{Lu}+$/u.test(value)

/** The same where a day, a number or a version belongs: other words there may be a name or an address from the next column. */
export const maskUnknown = (value: string, personal?: Personal): string => {
  const words = letters(value).filter((character) => !'年月日时分秒点上下午'.includes(character))
  const hasDigit = /\d/.test(value)
  if (personal !== undefined) return mask(value, personal)
  if (words.length === 0) return mask(value, isLatinText(value) ? 'name' : undefined)
  if (words.length > longestName) return mask(value, 'free-text')
  return hasDigit && words.length < 2 ? mask(value, personal) : mask(value, 'name')
}

/** Half of its characters in the same code: it may be another spelling of it, which is what has to be seen. */
const isLike = (characters: readonly string[], code: string): boolean =>
  characters.filter((character) => code.includes(character)).length * 2 >= characters.length

/** Two words and no digit, as no code of the table is written: rather somebody's name. */
const isLatinName = (value: string, codes: readonly string[]): boolean =>
  isLatinText(value) && /\p{L}[\s·.'-]+\p{L}/u.test(value) && !codes.some((code) => /\s/.test(code.trim()))

/** The same where a code belongs: what is no code of that table may be a name or an address from the next column. */
export const maskCode = (value: string, codes: Iterable<string>, personal?: Personal): string => {
  const words = letters(value)
  const known = [...codes]
  if (personal !== undefined) return mask(value, personal)
  if (words.length < 2) return mask(value, isLatinName(value, known) ? 'name' : undefined)
  const inWords = known.filter((code) => letters(code).length > 0)
  if (words.length > longestName)
    return inWords.some((code) => isLike(words, code)) ? mask(value, undefined) : mask(value, 'free-text')
  return mask(value, inWords.length === 0 ? 'name' : undefined)
}
