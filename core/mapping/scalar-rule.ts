import { beijingTime } from '../clock.ts'
import type { Correction } from '../correction.ts'
import type { YamlPath } from '../yaml.ts'
import { type CompileContext, checkKeys, type Mapping, problem, type Rule, type Scope } from './compile-context.ts'
import { factOf, refuseVariables } from './facts.ts'
import { wordsOf } from './language/construct.ts'
import { demands, readings } from './language/rules.ts'
import { steps } from './language/steps.ts'
import { provenanceOf, type StepProvenance } from './provenance.ts'
import { compileReading, type Reading, told } from './reading.ts'
import { callStep, chooseStep, failing, failingOnMade, stepOf } from './steps.ts'
import { allowedValues, type Target } from './target.ts'
import { traceScalar } from './trace-rules.ts'

export const scalarKeys = wordsOf({ ...readings, ...steps, ...demands })

/** What the rule makes of every value; undefined when a value has to be looked at. */
const stepProvenance = (value: Mapping, { sources: [source] }: Reading): StepProvenance => {
  if (!source?.mapped || value['call'] !== undefined || value['expression'] !== undefined) return 'derived'
  return value['codes'] === undefined ? undefined : 'mapped'
}

/** What a person decided takes the place of reading: whatever the record says there, and whether it can be read. */
const noteCorrection = ({ pointer, value, by, at }: Correction, { notes }: Scope): unknown => {
  notes.corrected.push({ path: pointer, by, at: `${beijingTime(at)}+08:00` })
  return value ?? undefined
}

/** A code is looked up, by a table or by a function: it may decide several facts. Whatever else a function makes is still what was read. */
const isPassedOn = (value: Mapping, { schema }: Target): boolean =>
  value['codes'] === undefined && !(value['call'] !== undefined && allowedValues(schema))

/**
 * One value: read, trimmed, checked for placeholders (无, 暂无 …: absent and flagged), then turned into the field's type by its step. A
 * path that gives several values, or a structure, is a failure like any other.
 */
export const compileScalar = (context: CompileContext, given: Mapping | string, path: YamlPath, target: Target): Rule => {
  const value: Mapping = typeof given === 'string' ? { from: given } : given
  checkKeys(context, value, path, scalarKeys)
  const fail = failing(context, value, path, target)
  const reading = compileReading(context, value, path, target, fail)
  const call = value['call'] === undefined ? undefined : callStep(context, value['call'], [...path, 'call'], stepOf(value))
  const step = chooseStep(context, value, path, target, call ? failingOnMade(fail, String(value['call'])) : fail)
  const fromPath = typeof given === 'string' ? path : [...path, value['expression'] === undefined ? 'from' : 'expression']
  refuseVariables(context, fromPath, target, reading, value['codes'] !== undefined)
  const fact = isPassedOn(value, target) ? factOf(context, context.yaml.at(fromPath), target, reading) : undefined
  if (fact) context.facts.push(fact)
  if (value['required'] !== undefined && typeof value['required'] !== 'boolean')
    problem(context, [...path, 'required'], { zh: 'required 须为 true 或 false', en: 'required must be true or false' })
  const required = value['required'] === true
  const { placeholders } = context
  const provenance = stepProvenance(value, reading)
  const note = ({ base, notes }: Scope, received: string, made: unknown): void => {
    const kind = provenanceOf(provenance, received, made)
    if (kind !== 'as_received') notes[kind].push(base + target.pointer)
  }
  const missing = (scope: Scope, text = '') => {
    if (!required) return undefined
    const word = text.trim()
    const found = word === '' ? '' : { zh: `：写的是占位词“${word}”`, en: `: it says "${word}", which stands for none` }
    return fail(scope, 'VALUE_MISSING', { path: reading.source, found }, 'missing')
  }

  /** Trimmed; undefined when there is nothing, or a placeholder, which is told. */
  const said = (scope: Scope, text: string | undefined): string | undefined => {
    const trimmed = text?.trim()
    if (trimmed === undefined || trimmed === '') return undefined
    if (!placeholders.has(trimmed)) return trimmed
    scope.flags.push({ path: scope.base + target.pointer, code: 'placeholder', found: trimmed })
    return undefined
  }
  /** What the function of the plug-in made of the last text: for a trace. */
  let called: unknown
  const rule: Rule = (scope) => {
    const decided = scope.corrected?.get(scope.base + target.pointer)
    if (decided) return noteCorrection(decided, scope)
    const read = reading.read(scope)
    if (read === told) return undefined
    const text = said(scope, read)
    if (read === undefined || text === undefined) return missing(scope, read)
    called = undefined
    // What a plug-in makes of a text is looked at as the text was.
    if (call) called = call(text, scope)
    const given = !call ? text : typeof called === 'string' ? said(scope, called) : called
    if (given === undefined) return missing(scope, typeof called === 'string' ? called : '')
    const made = step ? step(given as string, scope) : given
    if (made !== undefined) note(scope, read, made)
    return made
  }
  return context.trace
    ? traceScalar(context, context.trace, { value, path, target, reading, made: provenance, called: () => called }, rule)
    : rule
}
