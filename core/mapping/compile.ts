import { caseKeySchema, type Flag, type MessageDraft } from '../canonical/index.ts'
import type { TreeNode } from '../codec/path.ts'
import { correctedFields } from '../correction.ts'
import { GatewayError, toGatewayError } from '../errors.ts'
import { isOwnReason } from '../ignored-reason.ts'
import type { YamlFile } from '../yaml.ts'
import { tablesOf } from './codes/declared-tables.ts'
import { unusedTables } from './codes/unused.ts'
import {
  type CompileContext,
  checkKeys,
  isMapping,
  oneOf,
  openContext,
  type PluginFunction,
  problem,
  type Rule,
  type Scope,
  scopeAt,
  setZone,
  type Mapping as YamlMapping,
} from './compile-context.ts'
import { type CompiledEvent, compileEvent, momentSchema } from './compile-event.ts'
import { compileCondition } from './conditions.ts'
import { streamsOf } from './demands.ts'
import { type DraftOrigin, sentFlags, sentNotes } from './entries.ts'
import { findCopies, refuseRivals } from './facts.ts'
import { wordsOf } from './language/construct.ts'
import { failureWays } from './language/rules.ts'
import { defaultPlaceholders, ignoreParts, standardParts, topLevel } from './language/top.ts'
import type { Mapping, ReadableRecord, Translation } from './mapping.ts'
import { type OwnCode, openOwnCode } from './own-code.ts'
import { general, isAbout } from './pointer.ts'
import { closeNotes, openNotes } from './provenance.ts'
import { compareWithSchemas, recordSchemasOf } from './record-schema.ts'
import { compileObject, compileRule } from './rules.ts'
import { type TargetSchema, versionSchema } from './target.ts'
import type { Tracer } from './trace.ts'
import { traceDraft, traceRecord } from './trace-drafts.ts'

/** As the file has them: of `[00]` YAML would make the number 0. */
const placeholdersOf = (yaml: YamlFile, written: unknown): readonly string[] =>
  Array.isArray(written)
    ? written.map((value, index) => yaml.textAt(['placeholders', index]) ?? String(value))
    : defaultPlaceholders

interface Drafted {
  draft: MessageDraft
  origin: DraftOrigin
}

/** Of a whole record, from which each event takes the corrections that are its own. */
type RecordScope = Scope & Pick<ReadableRecord, 'corrections'>

export interface CompileOptions {
  trace?: Tracer
  own?: OwnCode
}

/**
 * Turns a mapping file into a function. All mistakes are added to `problems`; the result is only to be used when there are none.
 * `files` are the mapping's own files by name (the YAML itself, code tables, plug-in sources). With `trace`, the result tells it what its
 * rules do; without, it is not a step longer for that.
 */
export const compileMapping = (
  name: string,
  version: string,
  yaml: YamlFile,
  files: Record<string, string>,
  plugin: Readonly<Record<string, PluginFunction>> | undefined,
  problems: GatewayError[],
  { trace, own = openOwnCode() }: CompileOptions = {},
): Mapping => {
  const top: YamlMapping = isMapping(yaml.value) ? yaml.value : {}
  const context: CompileContext = {
    ...openContext(yaml, problems),
    placeholders: new Set(placeholdersOf(yaml, top['placeholders'])),
    names: typeof top['names'] === 'string' && top['names'].includes('?') ? top['names'] : undefined,
    plugin,
    own,
    trace,
  }
  checkKeys(context, top, [], wordsOf(topLevel))
  context.onFailure = oneOf(context, top['onFailure'], ['onFailure'], wordsOf(failureWays), 'quarantine')
  setZone(context, top['zone'])
  if (top['names'] !== undefined && !String(top['names']).includes('?')) {
    problem(context, ['names'], {
      zh: "须为含 ? 的路径，例：Field[@FieldName='?']",
      en: "must be a path with ?, such as Field[@FieldName='?']",
    })
  }
  // What is written as anything else would be read as nothing, and nobody told.
  for (const key of ['events', 'ignore', 'placeholders'] as const) {
    if (top[key] !== undefined && top[key] !== null && !Array.isArray(top[key]))
      problem(context, [key], { zh: `${key} 须为列表`, en: `${key} must be a list` })
  }
  // Without any, every record would be quarantined.
  if (top['events'] === null || (Array.isArray(top['events']) && top['events'].length === 0))
    problem(context, ['events'], { zh: 'events 没有任何事件', en: 'events has no event' })
  for (const key of ['case', 'events']) {
    if (top[key] === undefined) problems.push(GatewayError.of('CONFIG_KEY_MISSING', { at: yaml.at([]), key }))
  }
  const warnings: GatewayError[] = []
  const tables = tablesOf(yaml, top['codes'], files, { problems, warnings })
  context.codes = tables
  for (const { versions } of tables.values())
    for (const { label, rows } of versions) trace?.tables.push({ name: label, rows: rows.map((row) => [row.code, row.valueAt]) })

  const given: YamlMapping = isMapping(top['case']) ? top['case'] : {}
  const caseRule = compileObject(context, given, ['case'], { pointer: '/case', schema: caseKeySchema as unknown as TargetSchema })
  const number = given['sourceCaseNo']
  const required: YamlMapping = { ...(isMapping(number) ? number : { from: number }), required: true, onFailure: 'quarantine' }
  const caseNumber =
    number === undefined
      ? () => undefined
      : compileRule({ ...context, paths: [], places: [], facts: [], problems: [] }, required, ['case', 'sourceCaseNo'], {
          pointer: '/case/sourceCaseNo',
          schema: { type: 'string' },
        })
  const topRule = (key: string, schema: TargetSchema): Rule | undefined =>
    top[key] === undefined ? undefined : compileRule(context, top[key], [key], { pointer: `/${key}`, schema })
  if (isMapping(top['dataVersion']) && 'constant' in top['dataVersion'])
    problem(context, ['dataVersion', 'constant'], {
      zh: 'dataVersion 是来源自己计数的版本，不得写成常量；来源不计数就不写，由网关计数',
      en: 'dataVersion is what the source counts by itself, never a constant: leave it out, and the gateway counts',
    })
  const dataVersion = topRule('dataVersion', versionSchema)
  const recordedAt = topRule('recordedAt', momentSchema)
  const events = (Array.isArray(top['events']) ? top['events'] : [])
    .map((event, index) => compileEvent(context, event, index, recordedAt))
    .filter((event) => event !== undefined)
  // Those of the case and of the top belong to every event.
  const { copies, rivals } = findCopies(events.map(({ facts }) => ({ ...facts, facts: [...context.facts, ...facts.facts] })))
  problems.push(...copies)
  const refuse = refuseRivals(context, rivals)
  const ignores = (Array.isArray(top['ignore']) ? (top['ignore'] as unknown[]) : []).map((rule, index) => {
    if (!isMapping(rule)) {
      problem(context, ['ignore', index], { zh: '每条忽略须写 when 与 reason', en: 'ignore needs when and reason' })
      return { when: () => false, reason: '' }
    }
    checkKeys(context, rule, ['ignore', index], wordsOf(ignoreParts))
    if (typeof rule['reason'] !== 'string' || rule['reason'].trim() === '')
      problem(context, ['ignore', index], { zh: '忽略须写明 reason', en: 'ignore needs a reason' })
    else if (isOwnReason(rule['reason']))
      problem(context, ['ignore', index, 'reason'], {
        zh: `“${rule['reason']}”是网关自己的理由，另写一个`,
        en: `"${rule['reason']}" is a reason of the gateway's own: write another`,
      })
    return { when: compileCondition(context, rule['when'], ['ignore', index, 'when']), reason: String(rule['reason']) }
  })

  const schemas = recordSchemasOf(yaml, top['schema'], files, problems)
  if (schemas.length > 0) {
    const compared = compareWithSchemas({ name, paths: context.paths }, schemas, yaml.at(['schema']))
    problems.push(...compared.problems)
    warnings.push(...compared.warnings)
  }

  const plainDraft = (event: CompiledEvent, record: RecordScope, node: TreeNode, number: number): Drafted => {
    const flags: Flag[] = []
    const notes = openNotes()
    const entry = event.list === undefined ? undefined : { list: event.list, number }
    const { root, variables, corrections } = record
    const corrected = correctedFields(corrections, event.type, entry?.number)
    const whole: Scope = { root, node: root, variables, flags, notes, base: '', corrected, entry: undefined }
    if (record.place !== undefined) whole.place = record.place
    const scope = scopeAt(whole, node)
    scope.entry = entry
    const [caseKey, stage] = [caseRule(whole), event.stage?.(scope)]
    const [version, occurred, recorded] = [dataVersion?.(whole), event.occurredAt?.(scope), event.recordedAt?.(scope)]
    const content = event.content(scope) ?? {}
    const { kept } = notes
    const provenance = closeNotes(kept ? sentNotes(notes, kept) : notes)
    const draft: MessageDraft = {
      type: event.type,
      case: caseKey as unknown as MessageDraft['case'],
      ...(stage === undefined ? {} : { stage: stage as NonNullable<MessageDraft['stage']> }),
      ...(version === undefined ? {} : { dataVersion: version as number }),
      ...(occurred === undefined ? {} : { occurredAt: occurred as string }),
      ...(recorded === undefined ? {} : { recordedAt: recorded as string }),
      content: content as MessageDraft['content'],
      flags: kept ? sentFlags(flags, kept) : flags,
      ...(provenance === undefined ? {} : { provenance }),
    }
    return { draft, origin: { event: event.number, ...(entry ? { entry } : {}), ...(kept ? { kept } : {}) } }
  }

  const draftOf = trace ? traceDraft(trace, plainDraft) : plainDraft

  const scopeOf = ({ stream, key, tree, corrections }: ReadableRecord): RecordScope => ({
    root: tree,
    node: tree,
    variables: { stream, key },
    flags: [],
    notes: openNotes(),
    base: '',
    corrected: correctedFields(corrections),
    corrections,
  })

  const placeOf: Mapping['placeOf'] = (number, pointer) => {
    const event = events[number]!
    const about = [...event.places, ...context.places].filter((rule) => isAbout(rule.pointer, general(pointer)))
    return about.sort((one, other) => other.pointer.length - one.pointer.length)[0]?.at ?? event.at
  }

  const wanted = events.map(({ facts }) => streamsOf(facts.demand))
  const named = wanted.every((streams) => streams !== undefined) ? wanted.flatMap((streams) => [...streams.keys()]) : []
  const unmapped = (stream: string): GatewayError => {
    const list = named.includes(stream) ? '' : [...new Set(named)].join(', ')
    const streams = list === '' ? '' : { zh: `：其事件只用于 ${list}`, en: `: its events are for ${list}` }
    return GatewayError.of('EVENT_UNMAPPED', { mapping: name, stream, streams })
  }

  const translate = (record: ReadableRecord): Translation => {
    const scope = scopeOf(record)
    let caseNo: string | undefined
    try {
      const ignored = ignores.find(({ when }) => when(scope))
      if (ignored) return { caseNo, outcome: 'ignored', reason: ignored.reason }
      caseNo = caseNumber(scope) as string | undefined
      const made: Drafted[] = []
      for (const event of events) {
        if (!event.when(scope)) continue
        for (const [number, node] of event.nodes(scope).entries()) made.push(draftOf(event, scope, node, number))
      }
      if (made.length === 0) return { caseNo, outcome: 'failed', error: unmapped(record.stream) }
      if (rivals.length > 0) refuse(scope, new Set(made.map(({ origin }) => origin.event)))
      return { caseNo, outcome: 'drafts', drafts: made.map(({ draft }) => draft), origins: made.map(({ origin }) => origin) }
    } catch (thrown) {
      return { caseNo, outcome: 'failed', error: toGatewayError(thrown) }
    }
  }
  if (top['standard'] !== undefined && !isMapping(top['standard']))
    problem(context, ['standard'], {
      zh: 'standard 须写成 { name: …, version: … }',
      en: 'standard is written { name: …, version: … }',
    })
  const standard = isMapping(top['standard']) ? top['standard'] : {}
  checkKeys(context, standard, ['standard'], wordsOf(standardParts))
  return {
    name,
    version,
    files,
    standard: {
      ...(standard['name'] === undefined ? {} : { name: String(standard['name']) }),
      ...(standard['version'] === undefined ? {} : { version: String(standard['version']) }),
    },
    types: new Set(events.map(({ type }) => type)),
    placeholders: context.placeholders,
    paths: context.paths,
    tables,
    warnings: [...warnings, ...unusedTables(tables.values(), context.usedTables)],
    ownCode: own.places,
    translate: trace ? traceRecord(trace, translate) : translate,
    placeOf,
    caseNoOf: (record) => caseNumber(scopeOf(record)) as string | undefined,
  }
}
