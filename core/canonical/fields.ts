/**
 * The few shapes from which every canonical schema is built. In all of them the Chinese words become the `title` (up to the
 * first "：") and both languages the `description`. An empty string is never a value: what is not known is absent.
 */
import { type Static, type TObject, type TOptional, type TProperties, type TSchema, Type } from '@sinclair/typebox'
import { type Code, codesOf, type ListName } from './vocabulary.ts'

/** The kinds of personal data (keyword `personal`): logs and consoles mask what carries it. */
export const personalKinds = ['name', 'identity', 'contact', 'address', 'biometric', 'free-text'] as const
export type Personal = (typeof personalKinds)[number]

/** The checks of identifiers.ts that a field can name (keyword `identifier`); `id-number` is judged by `idType` beside it. */
export const identifierKinds = ['uscc', 'organisation', 'region', 'project', 'id-number'] as const
export type IdentifierKind = (typeof identifierKinds)[number]

export interface Marks {
  personal?: Personal
  /** Who, when, what was decided, identity: no default and no clock may fill it. */
  legalFact?: true
  identifier?: IdentifierKind
  /** A name that two sides compare: by its match key (docs/reference/characters.md). */
  matchKey?: true
}

const words = (zh: string, en: string) => ({ title: zh.split('：')[0] ?? zh, description: `${zh} / ${en}` })

/** A string of 1 to `maxLength` Unicode characters. */
export const text = (zh: string, en: string, maxLength: number, marks: Marks = {}) =>
  Type.String({ ...words(zh, en), minLength: 1, maxLength, ...marks })

/** JSON Schema pattern of what names something: no NUL, which most databases cannot keep, and which is no part of any name. */
export const namePattern = '^[^\\u0000]*$'

/** A text that names something, such as a number of a case: who receives it keeps it in a column of its own and looks it up. */
export const name = (zh: string, en: string, maxLength: number, marks: Marks = {}) =>
  Type.String({ ...words(zh, en), minLength: 1, maxLength, pattern: namePattern, ...marks })

/** A string of a fixed shape. */
export const shaped = (zh: string, en: string, pattern: string, marks: Marks = {}) =>
  Type.String({ ...words(zh, en), pattern, ...marks })

/** A code of the vocabulary; the keyword `codeList` names its list. */
export const code = <L extends ListName>(list: L, zh: string, en: string, marks: Marks = {}) =>
  Type.Unsafe<Code<L>>({ type: 'string', enum: codesOf(list), codeList: list, ...words(zh, en), ...marks })

/**
 * ISO 8601 in Beijing time, `2015-05-04T09:30:00+08:00`; or only the day, `2015-05-04`, when the source holds no more: a
 * time of day is never made up.
 */
export const moment = (zh: string, en: string, marks: Marks = { legalFact: true }) =>
  Type.Unsafe<string>({
    type: 'string',
    anyOf: [{ format: 'date-time', pattern: '\\+08:00$' }, { format: 'date' }],
    ...words(zh, en),
    ...marks,
  })

/** A calendar day, `2015-05-04`. */
export const day = (zh: string, en: string) => Type.String({ ...words(zh, en), format: 'date', legalFact: true })

export const yesNo = (zh: string, en: string, marks: Marks = {}) => Type.Boolean({ ...words(zh, en), ...marks })

export const whole = (zh: string, en: string, minimum: number, maximum: number, marks: Marks = {}) =>
  Type.Integer({ ...words(zh, en), minimum, maximum, ...marks })

/** An amount of money in yuan. */
export const money = (zh: string, en: string) => Type.Number({ ...words(zh, en), minimum: 0, legalFact: true })

export const many = <T extends TSchema>(zh: string, en: string, items: T) =>
  Type.Array(items, { ...words(zh, en), maxItems: 1000 })

/** The same shape under the words of the place where it is used. */
export const as = <T extends TSchema>(zh: string, en: string, schema: T): T => ({ ...schema, ...words(zh, en) })

type Optionals<P extends TProperties> = { [K in keyof P]: TOptional<P[K]> }

/** An object with nothing else in it. `rule` may add keywords such as `anyOf`. */
export const entity = <R extends TProperties, O extends TProperties>(
  required: R,
  optional: O,
  rule: Record<string, unknown> = {},
) =>
  Type.Object(
    {
      ...required,
      ...(Object.fromEntries(Object.entries(optional).map(([name, of]) => [name, Type.Optional(of)])) as Optionals<O>),
    },
    { additionalProperties: false, ...rule },
  )

export interface Field {
  /** Dotted path from the root of the schema; `[]` marks the entries of an array: `materials[].name`. */
  path: string
  schema: TSchema & Marks & { codeList?: ListName }
  /** True when the field and everything above it must be present. */
  required: boolean
}

/** Every leaf of an object schema, in order: what a mapping can fill, and what references, masks and lints go through. */
export const leavesOf = (schema: TObject, prefix = '', required = true): Field[] =>
  Object.entries(schema.properties).flatMap(([name, property]) => {
    const must = required && (schema.required ?? []).includes(name)
    return leaves(property, `${prefix}${name}`, must)
  })

const leaves = (schema: TSchema, path: string, required: boolean): Field[] => {
  if (schema.type === 'object') return leavesOf(schema as TObject, `${path}.`, required)
  if (schema.type === 'array') return leaves(schema.items as TSchema, `${path}[]`, false)
  return [{ path, schema, required }]
}

export type { Static, TObject }
