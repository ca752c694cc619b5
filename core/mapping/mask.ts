import { checkCitizenId, masked, type Personal } from '../canonical/index.ts'

const looksPersonal = (value: string): boolean => /^1[3-9]\d{9}$/.test(value) || checkCitizenId(value) !== 'bad'

/** What a person may see of a personal value in an error or a log: enough to find the record by, never the value. */
export const mask = (value: string, personal: Personal | undefined): string => {
  const characters = [...value]
  // A column that slipped puts the number of a person where a code or a day belongs.
  if (personal === undefined && looksPersonal(value)) return masked(value)
  if (personal === undefined) return characters.length > 60 ? `${characters.slice(0, 60).join('')}…` : value
  if (personal === 'name')
    return characters.length === 0 ? '' : `${characters[0]}${'*'.repeat(Math.max(1, characters.length - 1))}`
  if (personal === 'identity' || personal === 'contact') return masked(value)
  return `（${characters.length} 字/characters）`
}

/** The same where a day or a version belongs: words without a digit may be the name of a person from the next column. */
export const maskUnknown = (value: string, personal?: Personal): string =>
  mask(value, /\p{Script=Han}/u.test(value) && !/\d/.test(value) ? 'name' : personal)
