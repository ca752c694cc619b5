/** A draft as a person may see it: every value masked by the class of its own canonical field. */
import { type EventType, fieldsOf, type MessageDraft, type Personal } from '../canonical/index.ts'
import { mask, maskNames } from '../mapping/mask.ts'
import { general } from '../mapping/pointer.ts'

const classes = new Map<string, ReadonlyMap<string, Personal>>()

const classesOf = (type: EventType): ReadonlyMap<string, Personal> => {
  const known = classes.get(type)
  if (known) return known
  const found = fieldsOf(type).flatMap(({ path, schema: { personal } }) =>
    personal ? [[`/content/${path.replaceAll('[]', '.*').replaceAll('.', '/')}`, personal] as const] : [],
  )
  const made = new Map(found)
  classes.set(type, made)
  return made
}

const walk = (value: unknown, pointer: string, shown: (text: string, pointer: string) => string): unknown => {
  if (typeof value === 'string') return shown(value, pointer)
  if (Array.isArray(value)) return value.map((entry, index) => walk(entry, `${pointer}/${index}`, shown))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, walk(member, `${pointer}/${name}`, shown)]))
}

/** Everything that the mapping says of a message, flags included; `unmasked` shows it as it is. */
export const shownMessage = (draft: MessageDraft, unmasked: boolean): Record<string, unknown> => {
  const { type, case: caseKey, stage, dataVersion, occurredAt, recordedAt, content, flags } = draft
  // Through JSON, so that what is shown is what would be sent; what a flag has found is masked when it is made.
  const whole = JSON.parse(JSON.stringify({ type, case: caseKey, stage, dataVersion, occurredAt, recordedAt, content, flags }))
  if (unmasked) return whole
  const personal = classesOf(type)
  const names = new Set<string>()
  walk(whole, '', (text, pointer) => {
    if (personal.get(general(pointer)) === 'name') names.add(text)
    return text
  })
  return walk(whole, '', (text, pointer) => {
    if (pointer === '/type' || pointer.startsWith('/flags/')) return text
    const of = personal.get(general(pointer))
    return of === undefined ? maskNames(text, names) : mask(text, of)
  }) as Record<string, unknown>
}
