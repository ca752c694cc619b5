const decimal = /^[+-]?\d{1,15}(\.\d{1,6})?$/

/** As far as every decimal number comes back from a double as it was written. */
const certain = 15

/** What two ways of writing a number have in common. */
const digitsOf = (text: string): string => {
  const plain = text.replace(/^[+-]?0*/, '')
  return plain.includes('.') ? plain.replace(/\.?0*$/, '') : plain
}

/** The number that a text writes; undefined for what is none, `inexact` for one that would be sent with other digits. */
export const decimalOf = (text: string): number | 'inexact' | undefined => {
  if (!decimal.test(text)) return undefined
  const number = Number(text)
  return text.length <= certain || digitsOf(String(number)) === digitsOf(text) ? number : 'inexact'
}
