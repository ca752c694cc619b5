import { contentSchemaOf, type EventType, type IdentifierKind, type Personal } from '../canonical/index.ts'

/** Where a rule writes: JSON pointer within its list entry or the message, and what the canonical schema says of it. */
export interface Target {
  pointer: string
  schema: TargetSchema
}

/** The part of a canonical JSON Schema that the compiler reads. */
export interface TargetSchema {
  type?: string
  format?: string
  enum?: unknown[]
  const?: unknown
  anyOf?: TargetSchema[]
  properties?: Record<string, TargetSchema>
  required?: string[]
  items?: TargetSchema
  minimum?: number
  maximum?: number
  maxLength?: number
  pattern?: string
  identifier?: IdentifierKind
  personal?: Personal
  legalFact?: boolean
  title?: string
}

/** The values a field may take when it is a code; undefined for free fields. */
export const allowedValues = (schema: TargetSchema): unknown[] | undefined => {
  if (schema.enum) return schema.enum
  if (schema.const !== undefined) return [schema.const]
  if (schema.anyOf?.every((option) => option.const !== undefined)) return schema.anyOf.map((option) => option.const)
  if (schema.type === 'boolean') return [true, false]
  return undefined
}

/** True for an instant or a date: its rule must say by which formats it is read. */
export const isTime = (schema: TargetSchema): boolean =>
  schema.format === 'date-time' || schema.format === 'date' || (schema.anyOf?.some(isTime) ?? false)

/** True when the field may hold a date without a time of day. */
export const acceptsDate = (schema: TargetSchema): boolean =>
  schema.format === 'date' || (schema.anyOf?.some(acceptsDate) ?? false)
export const acceptsInstant = (schema: TargetSchema): boolean =>
  schema.format === 'date-time' || (schema.anyOf?.some(acceptsInstant) ?? false)

export const isNumber = (schema: TargetSchema): boolean => schema.type === 'integer' || schema.type === 'number'

export const versionSchema: TargetSchema = { type: 'integer', minimum: 1 }

/** What the schema says of a field of an event; undefined for the texts that all events share. */
export const targetAt = (type: EventType, pointer: string): TargetSchema | undefined => {
  const [root, ...path] = pointer.slice(1).split('/')
  if (root === 'dataVersion') return versionSchema
  if (root !== 'content') return undefined
  return path.reduce<TargetSchema | undefined>(
    (schema, name) => (Object.hasOwn(schema?.properties ?? {}, name) ? schema?.properties?.[name] : schema?.items),
    contentSchemaOf(type) as TargetSchema,
  )
}
