import { literal } from './pattern.ts'

/** What people put between the characters of a name, to fill a column or for looks. */
const gap = '[\\s·•．.]*'

/** Finds a value also where blanks or dots stand beside its Han characters: `王明` is in `王　明`. */
export const spacedPattern = (value: string): RegExp => {
  const characters = [...value]
  const isHan = (character: string | undefined): boolean => /\p{Script=Han}/u.test(character ?? '')
  const joined = characters.map((character, at) =>
    at > 0 && (isHan(character) || isHan(characters[at - 1])) ? gap + literal(character) : literal(character),
  )
  return new RegExp(joined.join(''), 'gu')
}
