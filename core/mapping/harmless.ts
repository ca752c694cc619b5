/** Which values of a record are shown to be nobody’s: all others are replaced when it becomes a sample. */
import { checkCitizenId, checkOrganisationCode, checkUscc, type Personal } from '../canonical/index.ts'
import { parseYaml } from '../yaml.ts'
import { isMapping } from './compile-context.ts'
import type { Mapping } from './mapping.ts'
import { mask } from './mask.ts'
import type { Secrecy } from './pseudonyms.ts'
import type { FieldTrace } from './trace.ts'

export interface MappingWords {
  /** Everything that the mapping and its tables say: codes, values that conditions compare with, placeholders. */
  values: ReadonlySet<string>
  /** What its conditions look for inside a text. */
  sought: readonly string[]
}

function* scalarsIn(value: unknown): Generator<string> {
  if (Array.isArray(value)) for (const entry of value) yield* scalarsIn(entry)
  else if (isMapping(value)) {
    for (const [key, member] of Object.entries(value)) {
      yield key
      yield* scalarsIn(member)
    }
  } else if (value !== null && value !== undefined) yield String(value)
}

function* patternsIn(value: unknown): Generator<string> {
  if (Array.isArray(value)) for (const entry of value) yield* patternsIn(entry)
  else if (isMapping(value)) {
    for (const [key, member] of Object.entries(value)) {
      if (key === 'matches') yield String(member)
      else yield* patternsIn(member)
    }
  }
}

/** What is written in a mapping is known to everybody who has it, and says nothing of the record. */
export const wordsOf = ({ files, tables }: Mapping): MappingWords => {
  const values = new Set<string>()
  const patterns: string[] = []
  for (const [name, text] of Object.entries(files)) {
    if (!name.endsWith('.yaml')) continue
    const { value } = parseYaml(name, text)
    for (const scalar of scalarsIn(value)) values.add(scalar)
    patterns.push(...patternsIn(value))
  }
  for (const { versions } of tables.values()) {
    for (const { version, rows } of versions) {
      if (version !== undefined) values.add(version)
      for (const { code, when } of rows) {
        values.add(code)
        if (when) patterns.push(...patternsIn(when.value))
      }
    }
  }
  const sought = patterns.flatMap((pattern) => pattern.match(/\p{Script=Han}{2,}/gu) ?? [])
  return { values, sought: [...new Set(sought)] }
}

const isSuspicious = (text: string): boolean => mask(text, undefined) !== text

/** Looks like a day or a time, whether there is such a day or not. */
const isTimeLike = (text: string): boolean =>
  /^[12]\d{3}[-/.年]?\d{1,2}[-/.月]?\d{1,2}日?([ T]?\d{1,2}[:时]?\d{1,2}([:分]?\d{1,2}秒?)?([.,]\d+)?(Z|[+-]\d{2}:?\d{2})?)?$/.test(
    text,
  ) && !isSuspicious(text)

const caseNumbers = /^\/case\/(sourceCaseNo|platformCaseNo|businessNo|projectCode|parentCaseNo)$/
const documentNumbers = /(No|\/number|Serial)$/
/** Names of files and their digests lead to the file. */
const fileNames = /\/(reference|digest)$/

/** What one rule makes of a value that it read. `kept`: a code, a day, a number. `plain`: text of a field that is not personal. */
export const judgeReading = ({ rule, pointer, outcome, steps }: FieldTrace, text: string): Secrecy | 'kept' | 'plain' => {
  const personal: Personal | undefined = rule.personal
  if (personal !== undefined) return personal
  const step = steps.find(({ kind }) => kind === 'codes' || kind === 'date' || kind === 'number')
  if (step) {
    // A mobile number is a number, too: only a code is known to be nobody's by its table.
    if (outcome === 'set' && step.kind !== 'codes' && isSuspicious(text))
      return checkCitizenId(text) === 'bad' ? 'contact' : 'identity'
    if (outcome === 'set') return 'kept'
    // A column that slipped has put something else where a code or a day belongs.
    if (step.kind === 'codes') return /^[\w.-]{1,8}$/.test(text) && !isSuspicious(text) ? 'kept' : 'unmapped'
    if (step.kind === 'date') return isTimeLike(text) ? 'kept' : 'unmapped'
    return /^[+-]?[\d.,]{1,10}$/.test(text) && !isSuspicious(text) ? 'kept' : 'unmapped'
  }
  if (checkUscc(text) === 'ok' || (text.length >= 9 && checkOrganisationCode(text) === 'ok')) return 'organisation'
  if (caseNumbers.test(pointer) || documentNumbers.test(pointer)) return 'number'
  return fileNames.test(pointer) ? 'unmapped' : 'plain'
}
