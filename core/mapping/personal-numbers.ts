/** Numbers that are somebody's wherever they stand: identity, telephone and bank card numbers, mail addresses. */
import { checkUscc } from '../canonical/index.ts'

/** Character by character, so that what is found in one is at the same place in the other. */
const narrow = (text: string): string =>
  text.replaceAll(/[\uff01-\uff5e]/g, (wide) => String.fromCharCode(wide.charCodeAt(0) - 0xfee0))

const mail = /[^\s@,;:，。；：、（）()<>]+@[^\s@,;，。；、（）()<>]+\.[A-Za-z]{2,}/g
/** Its area set apart, or in brackets. */
const landline = /(?<!\d)(?:\(0\d{2,3}\)|0\d{2,3}[-—\s])\s*\d{7,8}(?:[-转]\d{1,6})?(?!\d)/g
/** Groups of digits as people set them apart; a day and a month are too short for one. What stands behind a decimal point is none. */
const digits = /(?<!\d|\d\.)(?:\+?86[-\s]?)?\d{3,}(?:[-\s]\d{3,})*[Xx]?(?!\d)/g

const time = /^(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])(?:[01]\d|2[0-3])[0-5]\d[0-5]\d/

const born = /^\d{6}(?:(?:18|19|20)\d{2}|\d{2}(?=\d{7}$))(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])/

const isLetter = (character: string | undefined): boolean => /^[A-Za-z]$/.test(character ?? '')

const isTelephone = (number: string): boolean => /^(?:\+?86)?1[3-9]\d{9}$/.test(number) || /^0[1-9]\d{9,10}$/.test(number)

/** Of an identity or a bank card. Whatever its check digit says: a wrong one is the commonest fault of an identity number. */
const isLongNumber = (number: string, before: string | undefined, after: string | undefined): boolean => {
  if (!/^(?:\d{15,19}|\d{17}[Xx])$/.test(number) || time.test(number)) return false
  // With a letter at its end it is part of a code, and with one before it may be.
  if (isLetter(after)) return false
  return born.test(number) || (!isLetter(before) && checkUscc(number) !== 'ok')
}

/** The groups of a run of digits that make one number: of several numbers in a row, each. */
const numbersIn = (run: string, before: string | undefined, after: string | undefined): [from: number, to: number][] => {
  const groups = [...run.matchAll(/\+?[\dXx]+/g)].map(({ 0: text, index }) => ({ from: index, to: index + text.length }))
  const found: [number, number][] = []
  for (let first = 0; first < groups.length; first++) {
    const { from } = groups[first]!
    const joined = groups.slice(first).map(({ to }) => run.slice(from, to).replaceAll(/[-\s]/g, ''))
    const telephone = joined.findIndex(isTelephone)
    const count = telephone >= 0 ? telephone : joined.findLastIndex((number) => isLongNumber(number, before, after))
    if (count < 0) continue
    found.push([from, groups[first + count]!.to])
    first += count
  }
  return found
}

/** The text with something else in place of each such number, as `replace` says; full-width digits count as others. */
export const replaceNumbers = (text: string, replace: (found: string) => string): string => {
  const plain = narrow(text)
  const spans = [mail, landline].flatMap((pattern) =>
    [...plain.matchAll(pattern)].map(({ 0: found, index }): [number, number] => [index, index + found.length]),
  )
  for (const { 0: run, index } of plain.matchAll(digits))
    for (const [from, to] of numbersIn(run, plain[index - 1], plain[index + run.length])) spans.push([index + from, index + to])
  let made = ''
  let at = 0
  for (const [from, to] of spans.sort(([a], [b]) => a - b)) {
    // What is part of a longer one, as the digits of a mail address, went with it.
    if (from < at) continue
    made += text.slice(at, from) + replace(text.slice(from, to))
    at = to
  }
  return made + text.slice(at)
}
