/** A record of somebody as a record of nobody, which the mapping takes the same way. */
import type { Filter, TreeNode } from '../codec/path.ts'
import { judgeReading, type MappingWords, wordsOf } from './harmless.ts'
import { mask } from './mask.ts'
import { replaceNumbers } from './personal-numbers.ts'
import { createPseudonyms, type Secrecy } from './pseudonyms.ts'
import { type Leaf, leavesOf, memberNamesOf, rewriteLeaves } from './record-leaves.ts'
import { spacedPattern } from './spaced.ts'
import type { TracedMapping } from './trace-mapping.ts'

export interface Pseudonymised {
  tree: TreeNode
  /** The same for the name of the record, of which every part is replaced that stands in the record. */
  key: string
  /** What was replaced because of what it is: none of it may be found in the result. */
  personal: string[]
}

/** The most secret first: a value that is read twice is what it is at its most secret. */
const order: readonly (Secrecy | 'kept' | 'plain')[] = [
  'identity',
  'contact',
  'name',
  'address',
  'biometric',
  'free-text',
  'organisation',
  'number',
  'kept',
  'plain',
  'unmapped',
]

type Verdict = (typeof order)[number]

const isPersonal = (verdict: Verdict): verdict is Secrecy => order.indexOf(verdict) <= order.indexOf('free-text')

/** What each place of the record holds, by all rules that read it; a rule that fails keeps none from being asked. */
const readingsOf = ({ mapping, trace }: TracedMapping, record: { stream: string; key: string; tree: TreeNode }) => {
  trace.fields.length = 0
  trace.goesOn = true
  try {
    mapping.translate(record)
  } finally {
    trace.goesOn = false
  }
  const readings = new Map<string, Verdict[]>()
  for (const line of trace.fields) {
    if (line.rule.kind !== 'value') continue
    for (const { place, received } of line.found) {
      if (received === undefined) continue
      readings.set(place, [...(readings.get(place) ?? []), judgeReading(line, received.trim())])
    }
  }
  return readings
}

/** Attributes by which paths of the mapping choose elements: they name what stands in them, as a column does. */
const namingAttributes = ({ mapping }: TracedMapping): Set<string> =>
  new Set(
    mapping.paths.flatMap(({ path }) =>
      path.steps.flatMap(({ filters }) =>
        filters.flatMap((filter) => (filter.kind === 'equals' && filter.attribute ? [filter.name] : [])),
      ),
    ),
  )

const identifier = /^[A-Za-z_][\w.-]{0,60}$/

/**
 * The names of members that are somebody's for all we know. A name is a column's when the mapping says it, or looks like an identifier in a record
 * that has some of the mapping's names: in one that has none the header line was forgotten, and every name is a value of its first row.
 */
const doubtfulNames = ({ mapping }: TracedMapping, tree: TreeNode): string[] => {
  const said = new Set(
    mapping.paths.flatMap(({ path }) => path.steps.flatMap(({ name, filters }) => [name, ...filters.flatMap(namesIn)])),
  )
  const names = memberNamesOf(tree)
  const isOurs = names.some((name) => said.has(name))
  return names.filter((name) => !said.has(name) && !(isOurs && identifier.test(name) && mask(name, undefined) === name))
}

const namesIn = (filter: Filter): string[] => (filter.kind === 'equals' ? [filter.name] : [])

const isStructural = ({ attribute, text }: Leaf, naming: ReadonlySet<string>): boolean =>
  attribute !== undefined &&
  (/^(xmlns|xml|xsi)(:|$)/.test(attribute) ||
    (attribute.endsWith(':nil') && /^(true|false|0|1)$/.test(text)) ||
    (naming.has(attribute) && identifier.test(text)))

/** As long as this a value is searched for inside others: shorter ones stand in dates and codes by chance. */
const isSearchable = (value: string): boolean =>
  /[^\p{ASCII}]/u.test(value) ? [...value].length >= 2 : value.length >= (/^\d+$/.test(value) ? 7 : 5)

/** The same value as another column may write it. */
const variantsOf = (value: string): string[] => [
  ...new Set([value, value.replaceAll(/[\s·•．.]/gu, ''), value.normalize('NFKC'), value.toUpperCase(), value.toLowerCase()]),
]

const judgeValues = (
  traced: TracedMapping,
  tree: TreeNode,
  leaves: Leaf[],
  words: MappingWords,
  context: { stream: string; key: string },
) => {
  const readings = readingsOf(traced, { ...context, tree })
  const verdicts = new Map<string, Verdict>()
  for (const { place, text } of leaves) {
    const value = text.trim()
    if (value === '') continue
    // The mapping says of it that it is no value, and flags it; what took its place would be one.
    if (traced.mapping.placeholders.has(value)) {
      verdicts.set(value, 'kept')
      continue
    }
    const read = readings.get(place) ?? []
    const found: Verdict[] = read.length > 0 ? read : [words.values.has(value) ? 'kept' : 'unmapped']
    const known = verdicts.get(value)
    const all = known === undefined ? found : [known, ...found]
    verdicts.set(value, order.find((verdict) => all.includes(verdict))!)
  }
  return verdicts
}

/**
 * Replaces every text that is not shown to be harmless. What stays: codes, days and numbers that a rule reads as such; text that feeds a field
 * which is not personal; what the mapping itself says; the names of elements, columns and naming attributes, where they are names. In text that stays, a personal
 * value of the record, one that no rule reads, and whatever looks like a person’s number, is replaced where it occurs.
 */
export const pseudonymise = (traced: TracedMapping, record: { stream: string; key: string; tree: TreeNode }): Pseudonymised => {
  const words = wordsOf(traced.mapping)
  const naming = namingAttributes(traced)
  const leaves = leavesOf(record.tree).filter((leaf) => !isStructural(leaf, naming))
  const verdicts = judgeValues(traced, record.tree, leaves, words, record)
  const personal = [...verdicts].filter(([, verdict]) => isPersonal(verdict)).map(([value]) => value)
  const searched = personal.filter(isSearchable)
  const pseudonymOf = createPseudonyms(searched, words.sought)

  const replaced = new Map<string, string>()
  for (const [value, verdict] of verdicts) {
    if (verdict !== 'kept' && verdict !== 'plain') replaced.set(value, pseudonymOf(value, verdict))
  }
  // A name that no rule reads may stand in a text that one does; codes, which numbers are part of, stay.
  const unread = [...verdicts].flatMap(([value, verdict]) =>
    verdict === 'unmapped' && /\p{Script=Han}/u.test(value) && isSearchable(value) && replaced.get(value) !== value
      ? [value]
      : [],
  )
  const inside = [...searched, ...unread]
    .flatMap((value) => variantsOf(value).map((variant) => [variant, replaced.get(value)!] as const))
    .filter(([variant]) => isSearchable(variant))
    .sort(([one], [other]) => other.length - one.length)
    .map(([variant, pseudonym]) => [spacedPattern(variant), pseudonym] as const)
  const nobodys = new Set(replaced.values())
  const clean = (text: string): string => {
    let made = text
    for (const [pattern, pseudonym] of inside) made = made.replaceAll(pattern, () => pseudonym)
    return replaceNumbers(made, (found) => (nobodys.has(found) ? found : pseudonymOf(found, 'unmapped')))
  }
  // The letters of a case number stay, unless they are somebody’s name.
  for (const [value, pseudonym] of replaced) if (verdicts.get(value) === 'number') replaced.set(value, clean(pseudonym))
  const rewriteValue = (value: string): string =>
    replaced.get(value) ?? (verdicts.get(value) === 'plain' && !words.values.has(value) ? clean(value) : value)
  const rewrite = (leaf: Leaf): string => {
    const value = leaf.text.trim()
    if (value === '' || isStructural(leaf, naming)) return leaf.text
    const at = leaf.text.indexOf(value)
    return leaf.text.slice(0, at) + rewriteValue(value) + leaf.text.slice(at + value.length)
  }
  const key = record.key
    .split('|')
    .map((part) => replaced.get(part) ?? (verdicts.has(part) ? rewriteValue(part) : pseudonymOf(part, 'unmapped')))
    .join('|')
  const names = new Map(doubtfulNames(traced, record.tree).map((name) => [name, pseudonymOf(name, 'unmapped')]))
  const tree = rewriteLeaves(record.tree, rewrite, (name) => names.get(name) ?? name)
  const left = [...searched.filter((value) => replaced.get(value) !== value), ...[...names.keys()].filter(isSearchable)]
  return { tree, key, personal: left }
}
