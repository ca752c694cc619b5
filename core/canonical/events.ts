/** The types of canonical messages: every fact that a case can have. (What happens inside the gateway is in core/events.ts.) */
import { closingEvents } from './closing-events.ts'
import { decisionEvents } from './decision-events.ts'
import type { EventDefinition } from './event-definition.ts'
import { type Field, leavesOf, type Static, type TObject } from './fields.ts'
import { flowEvents } from './flow-events.ts'
import { intakeEvents } from './intake-events.ts'

const table = { ...intakeEvents, ...decisionEvents, ...closingEvents, ...flowEvents }

export type EventType = keyof typeof table

/** The content of a message of one type. */
export type ContentOf<T extends EventType> = Static<(typeof table)[T]['content']>

export const eventTypes = Object.keys(table) as EventType[]

export const isEventType = (name: unknown): name is EventType => typeof name === 'string' && Object.hasOwn(table, name)

export const definitionOf = (type: EventType): EventDefinition => table[type] as EventDefinition

/** The schema of a type's own fields. */
export const contentSchemaOf = (type: EventType): TObject => definitionOf(type).content

const leaves = new Map<EventType, Field[]>()

/** Every field that a mapping can fill for this type, with its marks (`personal`, `legalFact`, `codeList`, `identifier`). */
export const fieldsOf = (type: EventType): Field[] => {
  const known = leaves.get(type) ?? leavesOf(contentSchemaOf(type))
  leaves.set(type, known)
  return known
}
