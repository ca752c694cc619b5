import { masked, type Personal } from '../canonical/index.ts'
import { replaceNumbers } from './personal-numbers.ts'

const shortened = (value: string): string => {
  const characters = [...value]
  return characters.length > 60 ? `${characters.slice(0, 60).join('')}…` : value
}

/** What a person may see of a personal value in an error or a log: enough to find the record by, never the value. */
export const mask = (value: string, personal: Personal | undefined): string => {
  // A column that slipped puts the number of a person where a code or a day belongs.
  if (personal === undefined) return shortened(replaceNumbers(value, masked))
  const characters = [...value]
  if (personal === 'name')
    return characters.length === 0 ? '' : `${characters[0]}${'*'.repeat(Math.max(1, characters.length - 1))}`
  if (personal === 'identity' || personal === 'contact') return masked(value)
  return `（${characters.length} 字/characters）`
}

const hanIn = (value: string): string[] => value.match(/\p{Script=Han}/gu) ?? []

/** Not longer than this a text of Han characters may be a name; longer, an address. */
const longestName = 4

/** The same where a day, a number or a version belongs: other words there may be a name or an address from the next column. */
export const maskUnknown = (value: string, personal?: Personal): string => {
  const words = hanIn(value).filter((character) => !'年月日时分秒点上下午'.includes(character))
  const hasDigit = /\d/.test(value)
  if (personal !== undefined || words.length === 0) return mask(value, personal)
  if (words.length > longestName) return mask(value, 'free-text')
  return hasDigit && words.length < 2 ? mask(value, personal) : mask(value, 'name')
}

/** Half of its characters in the same code: it may be another spelling of it, which is what has to be seen. */
const isLike = (characters: readonly string[], code: string): boolean =>
  characters.filter((character) => code.includes(character)).length * 2 >= characters.length

/** The same where a code belongs: what is no code of that table may be a name or an address from the next column. */
export const maskCode = (value: string, codes: Iterable<string>, personal?: Personal): string => {
  const words = hanIn(value)
  if (personal !== undefined || words.length < 2) return mask(value, personal)
  const inHan = [...codes].filter((code) => /\p{Script=Han}/u.test(code))
  if (words.length > longestName)
    return inHan.some((code) => isLike(words, code)) ? mask(value, undefined) : mask(value, 'free-text')
  return mask(value, inHan.length === 0 ? 'name' : undefined)
}
