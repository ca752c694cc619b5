/** Paths of the way down beside the schemas of the messages that they read: one that leads nowhere would write nothing, for ever. */
import { type EventType, eventTypes, schemaOf } from '../../canonical/index.ts'
import type { Step } from '../../codec/path.ts'
import { didYouMean } from '../../did-you-mean.ts'
import { GatewayError } from '../../errors.ts'
import type { MappedPath } from '../compile-context.ts'
import type { TargetSchema } from '../target.ts'

interface Stray {
  name: string
  /** What stands where it was looked for. */
  known: string[]
  /** How many steps led somewhere. */
  depth: number
}

const roots = new Map<EventType, TargetSchema>()

/** What paths begin at: the data of a message, with its type beside it. */
const rootOf = (type: EventType): TargetSchema => {
  const known = roots.get(type)
  if (known) return known
  const { data } = schemaOf(type).properties as unknown as { data: TargetSchema }
  const root = { ...data, properties: { ...data.properties, type: { type: 'string' } } }
  roots.set(type, root)
  return root
}

/** A list stands for its entries. Undefined where the schema says nothing of what is in it. */
const membersOf = (schema: TargetSchema): Record<string, TargetSchema> | undefined => {
  if (schema.items) return membersOf(schema.items)
  return schema.properties
}

const stepsOf = ({ path, within }: MappedPath): Step[] => [...(path.fromTop || !within ? [] : stepsOf(within)), ...path.steps]

const findStray = (root: TargetSchema, steps: readonly Step[]): Stray | undefined => {
  let schema = root
  for (const [depth, { kind, name, filters }] of steps.entries()) {
    if (kind === 'self') continue
    const members = membersOf(schema)
    if (!members || name === '*') return undefined
    const found = Object.hasOwn(members, name) ? members[name] : undefined
    if (kind === 'attribute' || !found) return { name, known: Object.keys(members), depth }
    const own = membersOf(found)
    for (const filter of filters)
      if (filter.kind === 'equals' && own && !Object.hasOwn(own, filter.name))
        return { name: filter.name, known: Object.keys(own), depth: depth + 1 }
    schema = found
  }
  return undefined
}

/** A mistake for each path that no message of the types has; without types, that none of any type has. */
export const findStrayPaths = (paths: readonly MappedPath[], types: ReadonlySet<string> | undefined): GatewayError[] => {
  const read = eventTypes.filter((type) => types?.has(type) ?? true)
  return paths.flatMap((mapped) => {
    const strays = read.map((type) => ({ type, stray: findStray(rootOf(type), stepsOf(mapped)) }))
    if (strays.length === 0 || strays.some(({ stray }) => stray === undefined)) return []
    const [nearest] = strays.map(({ stray }) => stray!).sort((one, other) => other.depth - one.depth)
    const { zh, en } = didYouMean(nearest!.name, nearest!.known)
    const of = types ? read.join(', ') : undefined
    const reason = {
      zh: `${of === undefined ? '任何消息' : `消息 ${of} `}都没有 ${mapped.path.source}。${zh}`,
      en: `no message${of === undefined ? '' : ` of ${of}`} has ${mapped.path.source}. ${en}`,
    }
    return [GatewayError.of('MAPPING_INVALID', { at: mapped.at, reason })]
  })
}
