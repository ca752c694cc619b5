/**
 * Numbers of nobody for numbers of somebody: from the ranges that CONTRIBUTING reserves for fixtures (organisation codes PDY00001 to
 * PDY99999, citizens born in 1888). A number whose check digit is right gives one whose check digit is right; one that is wrong gives one
 * that is wrong in the same way, so that the gateway says of it what it said of the original.
 */
import { checkCitizenId, checkOrganisationCode, checkUscc } from '../canonical/index.ts'

const region = '150902'
const organisationCheck = '0123456789X'
const citizenCheck = '0123456789X'
const usccCheck = '0123456789ABCDEFGHJKLMNPQRTUWXY'

const isLetter = (character: string): boolean => /[A-Za-z]/.test(character)

/** Of the numbers that `make` gives, the first whose check character is as `wanted`: right or wrong, a letter or a digit. */
const search = (
  number: number,
  make: (number: number) => string,
  alphabet: string,
  check: (made: string) => boolean,
  wanted: { right: boolean; last: string },
): string => {
  for (let at = number; at < number + 200; at++) {
    const stem = make(at)
    const found = [...alphabet].find((last) => isLetter(last) === isLetter(wanted.last) && check(stem + last) === wanted.right)
    if (found !== undefined) return stem + found
  }
  throw new Error('no number of the reserved range has such a check digit')
}

const padded = (number: number, length: number): string => String(number % 10 ** length).padStart(length, '0')

const organisationStem = (number: number): string => `PDY${padded((number % 99_999) + 1, 5)}`

const isDay = (year: number, month: number, day: number): boolean => {
  const date = new Date(Date.UTC(year, month - 1, day))
  return date.getUTCMonth() === month - 1 && date.getUTCDate() === day
}

/** A province that is none, a day that is none, or neither. */
const citizenFault = (original: string): 'province' | 'day' | undefined => {
  if (checkCitizenId(`${original.slice(0, 6)}000101000`) === 'bad') return 'province'
  const born = original.length === 18 ? original.slice(6, 14) : `19${original.slice(6, 12)}`
  return isDay(Number(born.slice(0, 4)), Number(born.slice(4, 6)), Number(born.slice(6, 8))) ? undefined : 'day'
}

const citizenId = (original: string, number: number): string => {
  const fault = citizenFault(original)
  const place = fault === 'province' ? '000000' : region
  const dayOf = (at: number) => (fault === 'day' ? '0230' : padded(1 + (at % 12), 2) + padded(1 + (Math.floor(at / 12) % 28), 2))
  // The form without a century cannot say 1888; its year is one that had no such numbers.
  if (original.length === 15) return `${place}00${dayOf(number)}${padded(number, 3)}`
  const last = original.at(-1)!
  const make = (at: number) => `${place}1888${dayOf(at)}${padded(at, 3)}`
  const right = checkCitizenId(original) === 'ok'
  const made =
    fault === undefined
      ? search(number, make, citizenCheck, (whole) => checkCitizenId(whole) === 'ok', { right, last })
      : `${make(number)}${isLetter(last) ? 'X' : padded(number, 1)}`
  return last === 'x' ? made.toLowerCase() : made
}

const organisationCode = (original: string, number: number): string => {
  const hyphen = original.includes('-') ? '-' : ''
  const right = checkOrganisationCode(original) === 'ok'
  const make = (at: number) => organisationStem(at) + hyphen
  const check = (whole: string) => checkOrganisationCode(whole) === 'ok'
  return search(number, make, organisationCheck, check, { right, last: original.at(-1)! })
}

const uscc = (original: string, number: number): string => {
  const right = checkUscc(original) === 'ok'
  const upper = original.toUpperCase()
  const kind = /^[0-9A-HJ-NPQRTUWXY]{2}/.exec(upper)?.[0] ?? '91'
  const make = (at: number) => {
    const stem = organisationStem(at)
    return kind + region + stem + [...organisationCheck].find((last) => checkOrganisationCode(stem + last) === 'ok')!
  }
  const made = search(number, make, usccCheck, (whole) => checkUscc(whole) === 'ok', {
    right: right || upper !== original,
    last: upper.at(-1)!,
  })
  // Letters that the standard does not know, and small ones, are the fault themselves.
  return [...made].map((character, at) => (/[IOSVZ]/.test(upper[at]!) ? upper[at]! : character)).join('')
}

const looksBorn = (text: string): boolean => /^\d{6}(18|19|20)\d{2}(0[1-9]|1[0-2])\d{5}[\dXx]$/.test(text)

/** The number that stands for another of the same kind; undefined for what is none of those that have a check digit. */
export const numberFor = (original: string, number: number): string | undefined => {
  const isUscc = checkUscc(original) === 'ok'
  if (/^\d{15}$/.test(original)) return citizenId(original, number)
  if (/^\d{17}[\dXx]$/.test(original) && !isUscc && (looksBorn(original) || checkCitizenId(original) === 'ok'))
    return citizenId(original, number)
  if (/^[0-9A-Za-z]{18}$/.test(original)) {
    const made = uscc(original, number)
    return original === original.toLowerCase() && original !== original.toUpperCase() ? made.toLowerCase() : made
  }
  if (/^[0-9A-Z]{8}-?[0-9X]$/.test(original) && (original.includes('-') || checkOrganisationCode(original) === 'ok'))
    return organisationCode(original, number)
  return undefined
}
