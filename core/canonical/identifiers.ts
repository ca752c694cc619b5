/**
 * Checks of identifiers. Pure; none throws. `ok`: its check digit (or its list) confirms it. `bad`: it cannot be a true
 * one. `not-checkable`: the shape fits and nothing in it could confirm more.
 */
import type { Code } from './vocabulary.ts'

export type Check = 'ok' | 'bad' | 'not-checkable'

const usccAlphabet = '0123456789ABCDEFGHJKLMNPQRTUWXY'
const usccShape = /^[0-9A-HJ-NPQRTUWXY]{2}\d{6}[0-9A-HJ-NPQRTUWXY]{10}$/

/** Unified social credit code, GB 32100-2015: 18 characters, upper case; weights 3^(i-1) mod 31, C = (31 - sum mod 31) mod 31. */
export const checkUscc = (code: string): Check => {
  if (!usccShape.test(code)) return 'bad'
  let sum = 0
  let weight = 1
  for (let i = 0; i < 17; i++) {
    sum += usccAlphabet.indexOf(code.charAt(i)) * weight
    weight = (weight * 3) % 31
  }
  return usccAlphabet[(31 - (sum % 31)) % 31] === code[17] ? 'ok' : 'bad'
}

const organisationWeights = [3, 7, 9, 10, 5, 8, 4, 2]

/**
 * Organisation code, GB 11714-1997: 8 characters and a check character, with or without the hyphen between them; A-Z count
 * 10 to 35; C = 11 - sum mod 11, where 10 is written X and 11 is written 0.
 */
export const checkOrganisationCode = (code: string): Check => {
  if (!/^[0-9A-Z]{8}-?[0-9X]$/.test(code)) return 'bad'
  const sum = organisationWeights.reduce((total, weight, i) => total + Number.parseInt(code.charAt(i), 36) * weight, 0)
  return '0X987654321'.charAt(sum % 11) === code.at(-1) ? 'ok' : 'bad'
}

const citizenWeights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]
const provinces = new Set(
  '11 12 13 14 15 21 22 23 31 32 33 34 35 36 37 41 42 43 44 45 46 50 51 52 53 54 61 62 63 64 65 71 81 82 83'.split(' '),
)

const isDay = (year: number, month: number, day: number): boolean => {
  const date = new Date(Date.UTC(year, month - 1, day))
  return date.getUTCMonth() === month - 1 && date.getUTCDate() === day
}

/**
 * Citizen identity number, GB 11643-1999: ISO 7064 MOD 11-2 over 17 digits, the check character may arrive as lower-case x.
 * The 15-digit form of before 1999 has no check digit: `not-checkable` when its region and birth date can be.
 */
export const checkCitizenId = (number: string): Check => {
  const old = /^\d{15}$/.test(number)
  if (!old && !/^\d{17}[\dXx]$/.test(number)) return 'bad'
  const born = old ? `19${number.slice(6, 12)}` : number.slice(6, 14)
  if (!provinces.has(number.slice(0, 2))) return 'bad'
  if (!isDay(Number(born.slice(0, 4)), Number(born.slice(4, 6)), Number(born.slice(6, 8)))) return 'bad'
  if (old) return 'not-checkable'
  const sum = citizenWeights.reduce((total, weight, i) => total + Number(number.charAt(i)) * weight, 0)
  return '10X98765432'.charAt(sum % 11) === number.charAt(17).toUpperCase() ? 'ok' : 'bad'
}

/** The divisions of Ulanqab, GB/T 2260. 150901 is the customary pseudo-code of bodies directly under the city. */
export const ulanqabRegions: Readonly<Record<string, string>> = {
  150900: '乌兰察布市',
  150901: '市辖区',
  150902: '集宁区',
  150921: '卓资县',
  150922: '化德县',
  150923: '商都县',
  150924: '兴和县',
  150925: '凉城县',
  150926: '察哈尔右翼前旗',
  150927: '察哈尔右翼中旗',
  150928: '察哈尔右翼后旗',
  150929: '四子王旗',
  150981: '丰镇市',
}

/**
 * Region code, GB/T 2260 (6 digits), with sumu level (9) or village level (12) of GB/T 10114. Codes of Ulanqab are checked
 * against the list; elsewhere, and below banner level, only shape and province can be.
 */
export const checkRegionCode = (code: string): Check => {
  if (!/^\d{6}(\d{3}){0,2}$/.test(code) || !provinces.has(code.slice(0, 2))) return 'bad'
  if (!code.startsWith('1509')) return 'not-checkable'
  if (ulanqabRegions[code.slice(0, 6)] === undefined) return 'bad'
  return /^0*$/.test(code.slice(6)) ? 'ok' : 'not-checkable'
}

/**
 * Code of an investment project (2017 Order No. 3): 4 time, 6 region, 2 guiding department, 2 type, 5 random digits and a
 * check digit whose algorithm is not published: only the shape is judged.
 */
export const checkProjectCode = (code: string): Check => (/^\d{4}-\d{6}-\d{2}-\d{2}-\d{6}$/.test(code) ? 'not-checkable' : 'bad')

/** The item code schemes met in practice. `uscc`: the first 18 characters are the code of the implementing body. */
export const itemCodeProfiles = {
  'gbt-39046': { zh: 'GB/T 39046 实施编码', en: 'GB/T 39046 implementation code', shape: /^[0-9A-Z]{1,24}$/, uscc: false },
  'national-31': {
    zh: '国家实施编码 31 位',
    en: 'national code, 31 characters',
    shape: /^[0-9A-Z]{18}[1-7][0-9A-Z]{12}$/,
    uscc: true,
  },
  'national-33': {
    zh: '国家业务办理项 33 位',
    en: 'national handling item, 33 characters',
    shape: /^[0-9A-Z]{18}[1-7][0-9A-Z]{14}$/,
    uscc: true,
  },
  'guangdong-26': { zh: '广东 26 位', en: 'Guangdong, 26 characters', shape: /^[0-9A-Z]{26}$/, uscc: false },
  'jiangsu-32': { zh: '江苏 32 位', en: 'Jiangsu, 32 digits', shape: /^\d{32}$/, uscc: false },
  'guizhou-10': { zh: '贵州 DB52/T 1264-2018', en: 'Guizhou DB52/T 1264-2018', shape: /^[A-Z]{2}\d{8}$/, uscc: false },
  'hubei-16': { zh: '湖北 16 位', en: 'Hubei, 16 digits', shape: /^\d{16}$/, uscc: false },
} as const

export type ItemCodeProfile = keyof typeof itemCodeProfiles

/** Item code by the scheme its department uses: practice is longer than the standard's 24 characters, so there is no one rule. */
export const checkItemCode = (code: string, profile: ItemCodeProfile): Check => {
  const { shape, uscc } = itemCodeProfiles[profile]
  if (!shape.test(code)) return 'bad'
  return uscc ? checkUscc(code.slice(0, 18)) : 'not-checkable'
}

/** Number of an identity document by its type; types without a published check are `not-checkable`. */
export const checkIdNumber = (type: Code<'idType'> | undefined, number: string): Check => {
  if (type === 'citizen_id' || type === 'temporary_citizen_id') return checkCitizenId(number)
  if (type === 'unified_social_credit_code') return checkUscc(number)
  if (type === 'organisation_code') return checkOrganisationCode(number)
  return 'not-checkable'
}

/** An identifier as it may be shown to a person: first two and last character, the rest as stars. Four characters and fewer show nothing. */
export const masked = (value: string): string =>
  value.length <= 4 ? '*'.repeat(value.length) : `${value.slice(0, 2)}${'*'.repeat(value.length - 3)}${value.slice(-1)}`
