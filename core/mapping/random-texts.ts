/** Texts as legacy systems hold them, right and wrong, by what the rules of a mapping say of a value. */
import fc, { type Arbitrary } from 'fast-check'
import type { IdentifierKind } from '../canonical/index.ts'
import { writeFields } from './dates.ts'
import type { Hints } from './mapping-template.ts'
import { isNumber, type TargetSchema } from './target.ts'

const two = (number: number): string => String(number).padStart(2, '0')

/** A day that exists, at a time that exists. */
const dateIn = (format: string): Arbitrary<string> =>
  fc
    .tuple(fc.integer({ min: 1990, max: 2040 }), fc.nat(364), fc.nat(86_399), fc.constantFrom('+08:00', 'Z', '-0330'))
    .map(([year, day, second, zone]) => {
      const at = new Date(Date.UTC(year, 0, 1 + day, 0, 0, second))
      return writeFields(format, {
        year: String(at.getUTCFullYear()),
        month: two(at.getUTCMonth() + 1),
        day: two(at.getUTCDate()),
        hour: two(at.getUTCHours()),
        minute: two(at.getUTCMinutes()),
        second: two(at.getUTCSeconds()),
        fraction: String(second % 1000),
        offset: zone,
      })
    })

const impossible = (format: string): Arbitrary<string> =>
  fc
    .constantFrom(['0000', '00', '00', '00'], ['2026', '02', '30', '10'], ['2026', '13', '01', '10'], ['2026', '01', '01', '25'])
    .map(([year, month, day, hour]) =>
      writeFields(format, {
        year: year!,
        month: month!,
        day: day!,
        hour: hour!,
        minute: '59',
        second: '60',
        fraction: '0',
        offset: '+08:00',
      }),
    )

const placeholders = ['无', '暂无', '没有', 'null', '-', '/', '——', '空']

const plain = fc.constantFrom(
  '巴特尔·额尔敦',
  '集宁区示例建设有限公司',
  '150902188801010017',
  '15090218880101002X',
  '91150902PDY00001XY',
  'PDY00001-X',
  '0474-0000001',
  '150902',
  'HZJ001',
  '材料不全',
  '请补正后再报',
)

/** What stands where it should not: empty, a placeholder, another column’s value, too long, damaged, outside the first plane. */
const odd: Arbitrary<string> = fc.oneof(
  fc.constantFrom('', ' ', '　', '\t', ...placeholders),
  plain,
  fc.constantFrom('zz', '9', '01', '１', '-1', '1e5', '2026-02-30', '{}', '<a/>', '&amp;', '锟斤拷', '浣犲ソ', 'null'),
  fc.constantFrom('名字𠮷', '😀', '\u200b', '\ue5e5', 'é', 'ᠮᠣᠩᠭᠣᠯ'),
  fc.integer({ min: 200, max: 5000 }).map((length) => '长'.repeat(length)),
  fc.string({ unit: 'binary', maxLength: 12 }),
)

const patternText = (source: string): Arbitrary<string> | undefined => {
  try {
    return fc.stringMatching(new RegExp(`^(?:${source})$`, 'u'), { maxLength: 100 })
  } catch {
    // What the generator cannot read of a pattern is left to chance: the mapping itself was compiled with it.
    return undefined
  }
}

/** Numbers of nobody that the checks of the platform's language take. */
const identifiers: Partial<Record<IdentifierKind, readonly string[]>> = {
  uscc: ['91150902PDY00001XY'],
  organisation: ['PDY00001-X'],
  region: ['150900', '150902', '150902001'],
  'id-number': ['150902188801010017'],
}

/** What a field takes: of several that take the same text, the one that takes least. */
const textFor = (fields: readonly TargetSchema[]): Arbitrary<string> | undefined => {
  const kind = fields.find(({ identifier }) => identifier !== undefined)?.identifier
  const known = kind && identifiers[kind]
  if (known) return fc.constantFrom(...known)
  const number = fields.find(isNumber)
  if (number) {
    const { minimum = 0, maximum = minimum + 1000 } = number
    const whole = fc.integer({ min: minimum, max: Math.min(maximum, minimum + 1000) }).map(String)
    return number.type === 'integer'
      ? whole
      : fc.oneof(
          whole,
          whole.map((text) => `${text}.5`),
        )
  }
  const shape = fields.find(({ pattern }) => pattern !== undefined)?.pattern
  if (shape !== undefined) return patternText(shape.replace(/^\^|\$$/g, ''))
  const longest = Math.min(...fields.map(({ maxLength = 100 }) => maxLength))
  return Number.isFinite(longest) ? plain.map((text) => text.slice(0, longest)) : undefined
}

/** A value by its rules, most often one that they take, of a `careful` record always; `wished` is what makes the event of the record hold. */
export const textBy = (hints: Hints | undefined, wished: readonly string[] | undefined, careful: boolean): Arbitrary<string> => {
  const fitting: Arbitrary<string>[] = []
  if (hints && hints.texts.size > 0) fitting.push(fc.constantFrom(...hints.texts))
  for (const format of hints?.dates ?? []) fitting.push(dateIn(format))
  for (const pattern of hints?.patterns ?? []) {
    const matching = patternText(pattern)
    if (matching) fitting.push(matching)
  }
  const taken = textFor(hints?.fields ?? [])
  if (taken && fitting.length === 0) fitting.push(taken)
  if (hints?.called || (hints?.numbers && !taken))
    fitting.push(fc.oneof(fc.nat(100).map(String), fc.constantFrom('0', '12.50', '+3', '999999999')))
  if (fitting.length === 0 || hints?.called) fitting.push(plain)
  const wrong = [odd, ...[...(hints?.dates ?? [])].map(impossible)]
  const ignored = [...(hints?.ignored ?? [])]
  const right = wished && wished.length > 0 ? fc.constantFrom(...wished) : fc.oneof(...fitting)
  if (careful) return right
  return fc.oneof(
    { weight: 60, arbitrary: right },
    { weight: wished ? 1 : 3, arbitrary: fc.oneof(...fitting).map((text) => ` ${text} `) },
    { weight: 1, arbitrary: fc.oneof(...wrong) },
    ...(ignored.length > 0 ? [{ weight: 4, arbitrary: fc.constantFrom(...ignored) }] : []),
  )
}
