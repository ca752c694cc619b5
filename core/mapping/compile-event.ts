import { contentSchemaOf, type EventType, eventTypes } from '../canonical/index.ts'
import type { TreeNode } from '../codec/path.ts'
import { didYouMean, nearestOf } from '../did-you-mean.ts'
import type { YamlPath } from '../yaml.ts'
import {
  type CompileContext,
  checkKeys,
  compilePath,
  type FactRule,
  isMapping,
  problem,
  type Rule,
  type RulePlace,
  type Scope,
  scopeAt,
  withinList,
} from './compile-context.ts'
import { type Condition, compileCondition } from './conditions.ts'
import { demandOf, streamsOf } from './demands.ts'
import { type EventFacts, ownTimesOf } from './facts.ts'
import { wordsOf } from './language/construct.ts'
import { eventParts } from './language/events.ts'
import { compileObject, compileRule } from './rules.ts'
import type { TargetSchema } from './target.ts'
import { traceEach } from './trace-drafts.ts'

export const momentSchema: TargetSchema = { anyOf: [{ format: 'date-time' }, { format: 'date' }], legalFact: true }
const stageSchema: TargetSchema = {
  type: 'object',
  properties: { sequence: { type: 'string' }, state: { type: 'string', enum: ['pending', 'done'] } },
}

export interface CompiledEvent {
  /** Its place among the events of the file, from 0. */
  number: number
  type: EventType
  /** `file:line:column`. */
  at: string
  when: Condition
  nodes(scope: Scope): TreeNode[]
  /** The path of its `each`, as written. */
  list: string | undefined
  stage: Rule | undefined
  occurredAt: Rule | undefined
  recordedAt: Rule | undefined
  content: Rule
  facts: EventFacts
  places: RulePlace[]
}

/** One entry of `events`; undefined for what is none, which is told. */
export const compileEvent = (
  context: CompileContext,
  value: unknown,
  number: number,
  recordedAt: Rule | undefined,
): CompiledEvent | undefined => {
  const path: YamlPath = ['events', number]
  if (!isMapping(value) || value['type'] === undefined) {
    problem(context, path, { zh: '每个事件须写 type 与 content', en: 'an event needs type and content' })
    return undefined
  }
  checkKeys(context, value, path, wordsOf(eventParts))
  const written = String(value['type'])
  // With the type that was probably meant, the other mistakes of the event are told, too.
  const type = eventTypes.find((known) => known === written) ?? nearestOf(written, eventTypes)
  if (type !== written) {
    const { zh, en } = didYouMean(written, eventTypes)
    problem(context, [...path, 'type'], {
      zh: `没有事件类型“${written}”。${zh}`,
      en: `there is no event type "${written}". ${en}`,
    })
  }
  if (type === undefined) return undefined
  context.trace?.events.push({ type, at: context.yaml.at(path) })
  const facts: FactRule[] = []
  const places: RulePlace[] = []
  const demand = demandOf(context.yaml, value['when'], [...path, 'when'])
  const outer = { ...context, facts, places, streams: streamsOf(demand) }
  const each = value['each'] === undefined ? undefined : compilePath(outer, value['each'], [...path, 'each'])
  const inner = each ? withinList(outer, each) : outer
  const rule = (key: string, schema: TargetSchema, pointer: string): Rule | undefined =>
    value[key] === undefined || value[key] === null
      ? undefined
      : compileRule(inner, value[key], [...path, key], { pointer, schema })
  const content = isMapping(value['content']) ? value['content'] : {}
  const contentSchema = contentSchemaOf(type) as TargetSchema
  // The rule at the top is about the record, also in an event for each entry of a list.
  const ofRecord: Rule | undefined = each && recordedAt ? (scope) => recordedAt(scopeAt(scope, scope.root)) : recordedAt
  const nodes: CompiledEvent['nodes'] = each ? (scope) => each.select(scope) : ({ node }) => [node]
  return {
    number,
    type,
    at: context.yaml.at(path),
    when: value['when'] === undefined ? () => true : compileCondition(outer, value['when'], [...path, 'when']),
    list: each?.source,
    nodes: each && context.trace ? traceEach(context, context.trace, [...path, 'each'], each, nodes) : nodes,
    stage: rule('stage', stageSchema, '/stage'),
    occurredAt: rule('occurredAt', momentSchema, '/occurredAt'),
    recordedAt: 'recordedAt' in value ? rule('recordedAt', momentSchema, '/recordedAt') : ofRecord,
    content: compileObject(inner, content, [...path, 'content'], {
      pointer: '/content',
      schema: contentSchema,
    }),
    facts: { number, type, ownTimes: ownTimesOf(contentSchema), demand, facts },
    places,
  }
}
