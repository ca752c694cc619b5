/** What must hold of every record, whatever it is: of the mapping, of the gateway around it, and of the two compilings that must agree. */
import { caseKeySchema, type EventType, fieldsOf, type MessageDraft } from '../canonical/index.ts'
import type { TreeNode } from '../codec/path.ts'
import type { SourceRecord } from '../contract.ts'
import { type GatewayError, type Text, toGatewayError } from '../errors.ts'
import { judgeDraft } from '../judge-draft.ts'
import { readRecord } from '../read-record.ts'
import type { DraftOrigin } from './entries.ts'
import type { Mapping, ReadableRecord } from './mapping.ts'
import { general } from './pointer.ts'
import { leavesOf } from './record-leaves.ts'
import type { FieldTrace, Tracer } from './trace.ts'
import { linesOf } from './trace-drafts.ts'
import type { TracedMapping } from './trace-mapping.ts'

/** What a record came to, as far as two runs can be compared. */
type Outcome =
  | { outcome: 'messages'; drafts: MessageDraft[]; origins: readonly DraftOrigin[] }
  | { outcome: 'ignored'; reason: string }
  | { outcome: 'quarantined'; error: GatewayError }

export type OutcomeName = Outcome['outcome']

/** A property that does not hold. `outcome` is undefined when the mapping threw. */
export interface Judgement {
  outcome: OutcomeName | undefined
  /** Of what is quarantined. */
  code: string | undefined
  broken: Text | undefined
}

const judged = (mapping: Mapping, record: ReadableRecord): Outcome => {
  const translation = mapping.translate(record)
  if (translation.outcome === 'failed') return { outcome: 'quarantined', error: translation.error }
  if (translation.outcome === 'ignored') return { outcome: 'ignored', reason: translation.reason }
  try {
    const { drafts, origins } = translation
    const flagged = drafts.map((draft, index) => judgeDraft(draft, origins[index]!, mapping).flagged)
    return { outcome: 'messages', drafts: flagged, origins }
  } catch (thrown) {
    return { outcome: 'quarantined', error: toGatewayError(thrown) }
  }
}

const said = (outcome: Outcome): string =>
  JSON.stringify(outcome.outcome === 'quarantined' ? [outcome.error.code, outcome.error.message] : outcome)

/** Where the person who reads it has to look: a line of the mapping, a field of the message, a place in the record, or the stream. */
const hasLocation = ({ values }: GatewayError): boolean =>
  /:\d+:\d+$/.test(String(values['at'] ?? '')) || ['field', 'path', 'line', 'stream'].some((name) => values[name] !== undefined)

const toPointer = (path: string): string => `/${path.replaceAll('[]', '.*').replaceAll('.', '/')}`

const legalFacts = new Map<EventType, ReadonlySet<string>>()

const legalFactsOf = (type: EventType): ReadonlySet<string> => {
  const known = legalFacts.get(type)
  if (known) return known
  const content = fieldsOf(type).filter(({ schema }) => schema.legalFact === true)
  const ofCase = Object.entries(caseKeySchema.properties).filter(([, schema]) => schema['legalFact'] === true)
  const made = new Set([
    ...content.map(({ path }) => `/content${toPointer(path)}`),
    ...ofCase.map(([name]) => `/case/${name}`),
    '/occurredAt',
    '/recordedAt',
  ])
  legalFacts.set(type, made)
  return made
}

function* valuesIn(value: unknown, pointer: string): Generator<[pointer: string, value: unknown]> {
  if (Array.isArray(value)) for (const [index, entry] of value.entries()) yield* valuesIn(entry, `${pointer}/${index}`)
  else if (typeof value === 'object' && value !== null)
    for (const [name, member] of Object.entries(value)) yield* valuesIn(member, `${pointer}/${name}`)
  else if (value !== undefined) yield [pointer, value]
}

const isVariable = ({ rule }: FieldTrace): boolean => rule.path?.startsWith('$') === true
/** As lint has it: the kind of an event may follow from the table that the record is of. */
const mayBeVariable = (line: FieldTrace, isFact: boolean): boolean =>
  isVariable(line) && (!isFact || line.steps.some(({ kind }) => kind === 'codes'))

const invented = (pointer: string, zh: string, en: string): Text => ({ zh: `${pointer} ${zh}`, en: `${pointer} ${en}` })

/** A value that nobody can lead back to the record. `texts` is everything that stands in it. */
const findInvented = (draft: MessageDraft, lines: readonly FieldTrace[], texts: ReadonlySet<string>): Text | undefined => {
  const { type, case: caseKey, stage, dataVersion, occurredAt, recordedAt, content } = draft
  const facts = legalFactsOf(type)
  const values = valuesIn({ case: caseKey, stage, dataVersion, occurredAt, recordedAt, content }, '')
  for (const [pointer, value] of values) {
    const line = lines.find((one) => one.pointer === pointer && one.outcome === 'set' && one.value === value)
    if (!line) return invented(pointer, '没有规则说明它的来由', 'is explained by no rule')
    const received = line.found.flatMap((found) => (found.received === undefined ? [] : [found.received]))
    const isFact = facts.has(general(pointer))
    const inRecord = received.some((text) => text.trim() !== '' && (texts.has(text) || mayBeVariable(line, isFact)))
    if (isFact && !inRecord)
      return invented(pointer, '是法律事实，来源中却没有值', 'is a legal fact without a value in the record')
    if (line.provenance !== 'derived' && !inRecord) return invented(pointer, '不出自记录', 'comes from nowhere in the record')
    if (line.provenance === 'as_received' && !received.includes(String(value)))
      return invented(pointer, '与来源所写不同', 'is not what the record says')
  }
  return undefined
}

/** A legal fact that own code made of what the record says, in the record that was tried last. */
export interface DerivedFact {
  /** `file:line:column` of its rule. */
  at: string
  pointer: string
  texts: string
  value: unknown
}

export const derivedFactsOf = ({ fields, drafts }: Tracer): DerivedFact[] =>
  fields.flatMap(({ rule, pointer, draft, found, outcome, value, provenance }) => {
    const type = draft === undefined ? undefined : drafts[draft]?.type
    if (type === undefined || outcome !== 'set' || provenance !== 'derived' || rule.kind !== 'value') return []
    if (!legalFactsOf(type as EventType).has(general(pointer))) return []
    return [{ at: rule.at, pointer: general(pointer), texts: JSON.stringify(found.map(({ received }) => received)), value }]
  })

const textsOf = (tree: TreeNode): Set<string> => new Set(leavesOf(tree).map(({ text }) => text))

const judgeReadable = (
  mapping: Mapping,
  { mapping: tracing, trace }: TracedMapping,
  record: SourceRecord,
  tree: TreeNode,
): Judgement => {
  const given = { stream: record.stream, key: record.key, tree }
  let first: Outcome
  let second: Outcome
  let traced: Outcome
  try {
    first = judged(mapping, given)
    second = judged(mapping, given)
    trace.fields.length = 0
    trace.decisions.length = 0
    traced = judged(tracing, given)
  } catch (thrown) {
    const { message } = toGatewayError(thrown)
    return {
      outcome: undefined,
      code: undefined,
      broken: { zh: `映射抛出了异常：${message}`, en: `the mapping threw: ${message}` },
    }
  }
  const code = first.outcome === 'quarantined' ? first.error.code : undefined
  return { outcome: first.outcome, code, broken: findBroken([first, second, traced], trace, tree) }
}

const findBroken = ([first, second, traced]: [Outcome, Outcome, Outcome], trace: Tracer, tree: TreeNode): Text | undefined => {
  if (said(first) !== said(second)) return { zh: '同一记录两次结果不同', en: 'the same record gave two different results' }
  if (said(first) !== said(traced)) return { zh: '追溯所得与编译所得不同', en: 'what is traced and what is compiled differ' }
  if (first.outcome === 'quarantined') {
    const { error } = first
    if (error.code === 'UNEXPECTED') return { zh: `内部错误：${error.text.zh}`, en: `an internal error: ${error.text.en}` }
    return hasLocation(error) ? undefined : { zh: `${error.code} 没有指出位置`, en: `${error.code} names no place` }
  }
  if (first.outcome === 'ignored') return undefined
  const texts = textsOf(tree)
  for (const [index, draft] of first.drafts.entries()) {
    const lines = linesOf(trace, index, first.origins[index]?.kept)
    const found = findInvented(draft, lines, texts)
    if (found) return found
  }
  return undefined
}

/** Tries one record. A body that is none is quarantined before any mapping sees it: that holds, whatever the mapping. */
export const judgeRecord = (mapping: Mapping, traced: TracedMapping, record: SourceRecord): Judgement => {
  let tree: TreeNode
  try {
    tree = readRecord(record)
  } catch (thrown) {
    const error = toGatewayError(thrown)
    const broken = error.code === 'UNEXPECTED' ? { zh: error.text.zh, en: error.text.en } : undefined
    return { outcome: 'quarantined', code: error.code, broken }
  }
  return judgeReadable(mapping, traced, record, tree)
}
