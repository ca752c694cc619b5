import type { TObject, TSchema } from '@sinclair/typebox'
import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js'
import formats from 'ajv-formats'
import { GatewayError, type Text } from '../errors.ts'
import { draftSchemaOf, schemaOf, typeOfWire } from './envelope.ts'
import { type EventType, isEventType } from './events.ts'
import { identifierKinds, namePattern, personalKinds } from './fields.ts'
import { typeReason } from './type-words.ts'
import { vocabulary } from './vocabulary.ts'

/** Ajv as every schema of the canonical language needs it: 2020-12, strict, formats, and the keywords of our own. */
export const createValidator = (): Ajv2020 => {
  const ajv = new Ajv2020({ strict: true, verbose: true, inlineRefs: false })
  formats.default(ajv)
  ajv.addKeyword({ keyword: 'personal', schemaType: 'string', metaSchema: { enum: [...personalKinds] } })
  ajv.addKeyword({ keyword: 'identifier', schemaType: 'string', metaSchema: { enum: [...identifierKinds] } })
  ajv.addKeyword({ keyword: 'codeList', schemaType: 'string', metaSchema: { enum: Object.keys(vocabulary) } })
  ajv.addKeyword({ keyword: 'legalFact', schemaType: 'boolean', metaSchema: { const: true } })
  ajv.addKeyword({ keyword: 'matchKey', schemaType: 'boolean', metaSchema: { const: true } })
  return ajv
}

const ajv = createValidator()

/** A schema with each of its objects as a definition of its own. */
const inParts = (schema: TObject): object => {
  const $defs: Record<string, object> = {}
  const membersOf = ({ properties }: TObject): Record<string, object> =>
    Object.fromEntries(Object.entries(properties).map(([name, member]) => [name, part(member)]))
  const part = (member: TSchema): object => {
    if (member.type === 'array') return { ...member, items: part(member.items as TSchema) }
    if (member.type !== 'object') return member
    const whole = { ...member, properties: membersOf(member as TObject) }
    const name = String(Object.keys($defs).length)
    $defs[name] = whole
    return { $ref: `#/$defs/${name}` }
  }
  return { ...schema, properties: membersOf(schema), $defs }
}

/**
 * Compiles the schema of a message or a draft. Ajv makes one function of a schema and, with `inlineRefs: false`, one of each definition; a function as
 * large as a whole message would be is never optimised by V8, and takes half as long again.
 */
export const compileInParts = (schema: TObject): ValidateFunction => ajv.compile(inParts(schema))

/** Compiling takes milliseconds, so each type is compiled when its first message comes. */
const lazily = (schemaFor: (type: EventType) => TObject) => {
  const compiled = new Map<EventType, ValidateFunction>()
  return (type: EventType): ValidateFunction => {
    let validate = compiled.get(type)
    if (validate === undefined) {
      validate = compileInParts(schemaFor(type))
      compiled.set(type, validate)
    }
    return validate
  }
}

const messageValidator = lazily(schemaOf)
const draftValidator = lazily(draftSchemaOf)

/** The Chinese and the English words of a field, as core/canonical/fields.ts writes them. */
const wordsOf = ({ description }: Schema): Text | undefined => {
  const [zh, ...en] = typeof description === 'string' ? description.split(' / ') : []
  return zh === undefined || en.length === 0 ? undefined : { zh, en: en.join(' / ') }
}

type Schema = Record<string, unknown>

const valueFormats: Record<string, Text> = {
  date: { zh: '应为日期，如 2015-05-04', en: 'must be a day, as 2015-05-04' },
  'date-time': { zh: '应为时间，如 2015-05-04T09:30:00+08:00', en: 'must be a time, as 2015-05-04T09:30:00+08:00' },
}

const reasons: Record<string, (params: Record<string, unknown>, schema: Schema) => Text> = {
  required: () => ({ zh: '缺少此项', en: 'it is missing' }),
  additionalProperties: () => ({ zh: '规范中没有此项', en: 'the schema has no such member' }),
  type: ({ type }) => typeReason(type),
  enum: ({ allowedValues }) => {
    const codes = (allowedValues as string[]).join(', ')
    return { zh: `应为下列代码之一：${codes}`, en: `must be one of ${codes}` }
  },
  const: ({ allowedValue }) => ({ zh: `应为 ${allowedValue}`, en: `must be ${allowedValue}` }),
  minLength: () => ({ zh: '不得为空字符串；没有值时应省略', en: 'must not be empty; leave it out when there is no value' }),
  maxLength: ({ limit }) => ({ zh: `超过 ${limit} 个字符`, en: `has more than ${limit} characters` }),
  pattern: ({ pattern }, schema) => {
    if (pattern === namePattern)
      return { zh: '含有 NUL 字符（U+0000），编号与名称中不得有', en: 'holds a NUL (U+0000), which no number and no name may' }
    const words = wordsOf(schema)
    return words
      ? { zh: `应为${words.zh}`, en: `must be: ${words.en}` }
      : { zh: `应符合 ${pattern}`, en: `must match ${pattern}` }
  },
  format: ({ format }) => valueFormats[String(format)] ?? { zh: `应为 ${format}`, en: `must be a ${format}` },
  minimum: ({ limit }) => ({ zh: `小于 ${limit}`, en: `is less than ${limit}` }),
  maximum: ({ limit }) => ({ zh: `大于 ${limit}`, en: `is more than ${limit}` }),
  minProperties: ({ limit }) => ({ zh: `至少应有 ${limit} 项`, en: `needs at least ${limit} members` }),
  maxItems: ({ limit }) => ({ zh: `超过 ${limit} 个`, en: `has more than ${limit} entries` }),
}

const timeReason: Text = {
  zh: '应为带 +08:00 的时间（2015-05-04T09:30:00+08:00）或日期（2015-05-04）',
  en: 'must be a time with +08:00 (2015-05-04T09:30:00+08:00) or a day (2015-05-04)',
}
const eitherReason = (names: string[]): Text => ({
  zh: `至少应有其一：${names.join('、')}`,
  en: `needs at least one of ${names.join(', ')}`,
})

/** The reason repeats the schema, never the value: a value may be personal. */
const explain = (errors: ErrorObject[]): { field: string; reason: Text } => {
  const last = errors.at(-1)
  if (last === undefined) return { field: '/', reason: { zh: '不合规范', en: 'it breaks the schema' } }
  const params = last.params as Record<string, unknown>
  const path = last.instancePath
  if (last.keyword === 'anyOf') {
    const missing = errors.flatMap((error) => (error.keyword === 'required' ? [String(error.params.missingProperty)] : []))
    return { field: path || '/', reason: missing.length > 0 ? eitherReason(missing) : timeReason }
  }
  const member = params.missingProperty ?? params.additionalProperty
  const reason = reasons[last.keyword]?.(params, (last.parentSchema ?? {}) as Schema) ?? {
    zh: `不合规范的 ${last.keyword}`,
    en: last.message ?? last.keyword,
  }
  return { field: member === undefined ? path || '/' : `${path}/${member}`, reason }
}

/** Why the schema of one field refuses a value, in words that do not repeat it; undefined when it does not. */
export const findValueFault = (schema: object, value: unknown): Text | undefined => {
  const validate = ajv.compile(schema)
  return validate(value) ? undefined : explain(validate.errors ?? []).reason
}

const refusal = (type: string, { errors }: ValidateFunction): GatewayError =>
  GatewayError.of('MESSAGE_INVALID', { at: '', type, entry: '', ...explain(errors ?? []) })

const unknownType = (field: string): GatewayError =>
  GatewayError.of('MESSAGE_INVALID', {
    at: '',
    type: '?',
    field,
    entry: '',
    reason: { zh: '不是已知的消息类型', en: 'it is not a known message type' },
  })

const memberOf = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined

/**
 * Judges a whole CloudEvent by the schema of its type. Answers undefined when it is valid, else MESSAGE_INVALID with the
 * type, the JSON Pointer of the first fault, and the reason in both languages.
 */
export const validateMessage = (event: unknown): GatewayError | undefined => {
  const wireType = memberOf(event, 'type')
  const type = typeof wireType === 'string' ? typeOfWire(wireType) : undefined
  if (!isEventType(type)) return unknownType('/type')
  const validate = messageValidator(type)
  return validate(event) ? undefined : refusal(type, validate)
}

/** Judges a draft before it is stamped, so that the record is quarantined where its mapping is known. Paths start at the draft. */
export const validateDraft = (draft: unknown): GatewayError | undefined => {
  const type = memberOf(draft, 'type')
  if (!isEventType(type)) return unknownType('/type')
  const validate = draftValidator(type)
  return validate(draft) ? undefined : refusal(type, validate)
}
