/**
 * The mapping language for editors: what may stand where, each word with its meaning, each field of each message with its own. It completes and
 * explains while somebody writes. Whether a mapping is right, `qianzhi lint` says: a schema cannot know columns, tables or legal facts.
 */
import { caseKeySchema, contentSchemaOf, definitionOf, type EventType, eventTypes } from '../canonical/index.ts'
import type { Text } from '../errors.ts'
import { dayOfFact, namedVersion, tableUse } from '../mapping/language/codes.ts'
import { conditionGroups, conditionPlace, conditionTests } from '../mapping/language/conditions.ts'
import { type Family, wordsOf } from '../mapping/language/construct.ts'
import { eventParts } from '../mapping/language/events.ts'
import { constantParts, demands, failureWays, listParts, readings } from '../mapping/language/rules.ts'
import { patternParts, steps } from '../mapping/language/steps.ts'
import { ignoreParts, schemaParts, standardParts, topLevel } from '../mapping/language/top.ts'

type Schema = Readonly<Record<string, unknown>>

/** As far as a generated schema looks into a canonical one. */
interface FieldSchema {
  type?: string
  description?: string
  properties?: Record<string, FieldSchema>
  items?: FieldSchema
}

const said = ({ zh, en }: Text): Schema => ({ description: `${zh} / ${en}` })

/** An object of the words of a family, each with its meaning and, where it is known, its shape. */
const wordsIn = (family: Family, shapes: Readonly<Record<string, Schema>> = {}, more: Schema = {}): Schema => ({
  type: 'object',
  additionalProperties: false,
  properties: Object.fromEntries(
    Object.entries(family).map(([word, { meaning }]) => [word, { ...shapes[word], ...said(meaning) }]),
  ),
  ...more,
})

const ref = (name: string): Schema => ({ $ref: `#/$defs/${name}` })
const oneOrMore = (schema: Schema): Schema => ({ anyOf: [schema, { type: 'array', items: schema }] })

const text: Schema = { type: 'string' }
const scalar: Schema = { type: ['string', 'number', 'boolean'] }
const onFailure: Schema = { enum: wordsOf(failureWays) }

const shared: Readonly<Record<string, Schema>> = {
  condition: {
    anyOf: [
      { type: 'array', items: ref('condition') },
      wordsIn(
        conditionGroups,
        {
          all: { type: 'array', items: ref('condition') },
          any: { type: 'array', items: ref('condition') },
          not: ref('condition'),
        },
        { minProperties: 1 },
      ),
      wordsIn(
        { ...conditionPlace, ...conditionTests },
        { path: text, equals: scalar, in: { type: 'array', items: scalar }, matches: text },
        { required: wordsOf(conditionPlace) },
      ),
    ],
  },
  value: {
    anyOf: [
      { type: ['string', 'null'], description: '来源路径 / a path of the source' },
      wordsIn(
        { ...readings, ...steps, ...demands },
        {
          from: text,
          expression: text,
          codes: {
            anyOf: [
              text,
              wordsIn(
                tableUse,
                {
                  version: { anyOf: [scalar, wordsIn(namedVersion)] },
                  by: wordsIn(dayOfFact, { date: oneOrMore(text) }),
                },
                { required: ['table'] },
              ),
            ],
          },
          date: oneOrMore(text),
          number: { const: true },
          pattern: { anyOf: [text, wordsIn(patternParts)] },
          call: text,
          required: { type: 'boolean' },
          onFailure,
        },
      ),
      wordsIn(constantParts, { constant: scalar }),
    ],
  },
}

/** What the rule of a field may be: of an object its fields, of a list its entries, else a value. */
const ruleOf = ({ type, description, properties, items }: FieldSchema): Schema => {
  const about = description === undefined ? {} : { description }
  if (type === 'object') return { ...fieldsOf(properties ?? {}), ...about }
  if (type !== 'array') return { ...ref('value'), ...about }
  const entry = items ?? {}
  return { ...wordsIn(listParts, { each: text, fields: ruleOf(entry), value: ref('value') }, { required: ['each'] }), ...about }
}

const fieldsOf = (properties: Record<string, FieldSchema>): Schema => ({
  type: 'object',
  additionalProperties: false,
  properties: Object.fromEntries(Object.entries(properties).map(([name, schema]) => [name, ruleOf(schema)])),
})

const contentOf = (type: EventType): Schema => fieldsOf((contentSchemaOf(type) as FieldSchema).properties ?? {})

const event: Schema = {
  ...wordsIn(
    eventParts,
    {
      type: { enum: eventTypes },
      when: ref('condition'),
      each: text,
      stage: fieldsOf({ sequence: {}, state: {} }),
      occurredAt: ref('value'),
      recordedAt: ref('value'),
      content: { type: 'object' },
    },
    { required: ['type', 'content'] },
  ),
  allOf: eventTypes.map((type) => ({
    if: { properties: { type: { const: type } }, required: ['type'] },
    // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema.
    then: { properties: { content: { ...contentOf(type), ...said(definitionOf(type).description) } } },
  })),
}

/** JSON Schema 2020-12 of `mappings/<department>/<name>.yaml`. */
export const mappingSchema = (): Schema => ({
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  title: 'mappings/<department>/<name>.yaml',
  ...wordsIn(
    topLevel,
    {
      names: text,
      summary: text,
      standard: wordsIn(standardParts),
      zone: text,
      onFailure,
      placeholders: { type: 'array', items: scalar },
      plugin: text,
      codes: { type: 'object' },
      schema: oneOrMore(wordsIn(schemaParts)),
      case: fieldsOf(caseKeySchema.properties as unknown as Record<string, FieldSchema>),
      dataVersion: ref('value'),
      recordedAt: ref('value'),
      events: { type: 'array', items: event },
      ignore: {
        type: 'array',
        items: wordsIn(ignoreParts, { when: ref('condition'), reason: text }, { required: ['when', 'reason'] }),
      },
    },
    { required: ['case', 'events'] },
  ),
  $defs: shared,
})
