/** Random instances of the canonical schemas, made from the schemas themselves, and the same with one fault. */
import fc from 'fast-check'

export interface Schema {
  type?: string
  const?: unknown
  enum?: unknown[]
  anyOf?: Schema[]
  pattern?: string
  format?: string
  minLength?: number
  maxLength?: number
  minimum?: number
  maximum?: number
  maxItems?: number
  minProperties?: number
  items?: Schema
  properties?: Record<string, Schema>
  required?: string[]
}

const characters = fc.constantFrom('a', 'Z', '9', '-', ' ', '中', '·', '申', '𠮷', '"', '\\', '<', '&', 'é')

/** Text of as many characters as the schema allows; few, and now and then as many as there may be. */
const textOf = ({ minLength = 0, maxLength = 40 }: Schema): fc.Arbitrary<string> =>
  fc
    .oneof(
      { weight: 9, arbitrary: fc.array(characters, { minLength, maxLength: Math.min(maxLength, minLength + 12) }) },
      { weight: 1, arbitrary: fc.array(characters, { minLength: maxLength, maxLength }) },
    )
    .map((parts) => parts.join(''))

const two = (n: number): string => String(n).padStart(2, '0')

const day = fc
  .tuple(fc.integer({ min: 1900, max: 2100 }), fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 28 }))
  .map(([year, month, date]) => `${year}-${two(month)}-${two(date)}`)

const instant = fc
  .tuple(day, fc.nat(23), fc.nat(59), fc.nat(59))
  .map(([date, hour, minute, second]) => `${date}T${two(hour)}:${two(minute)}:${two(second)}+08:00`)

const stringOf = (schema: Schema): fc.Arbitrary<string> => {
  if (schema.format === 'date') return day
  if (schema.format === 'date-time') return instant
  if (schema.pattern === undefined) return textOf(schema)
  const pattern = new RegExp(schema.pattern, 'u')
  return schema.maxLength === undefined ? fc.stringMatching(pattern) : textOf(schema).filter((text) => pattern.test(text))
}

const objectOf = ({
  properties = {},
  required = [],
  anyOf,
  minProperties = 0,
}: Schema): fc.Arbitrary<Record<string, unknown>> => {
  const model = Object.fromEntries(Object.entries(properties).map(([name, property]) => [name, instanceOf(property)]))
  const made = (needed: string[]): fc.Arbitrary<Record<string, unknown>> =>
    fc.record(model, { requiredKeys: [...new Set([...required, ...needed])] }) as fc.Arbitrary<Record<string, unknown>>
  const enough = (value: object): boolean => Object.keys(value).length >= minProperties
  const whole = anyOf ? fc.oneof(...anyOf.map((one) => made(one.required ?? []))) : made([])
  return whole.filter(enough)
}

/** Values that the schema accepts, of every kind it allows. */
export const instanceOf = (schema: Schema): fc.Arbitrary<unknown> => {
  if (schema.const !== undefined) return fc.constant(schema.const)
  if (schema.enum) return fc.constantFrom(...schema.enum)
  if (schema.type === 'object') return objectOf(schema)
  if (schema.anyOf)
    return fc.oneof(...schema.anyOf.map((one) => instanceOf({ ...one, type: one.type ?? schema.type ?? 'string' })))
  if (schema.type === 'array') return fc.array(instanceOf(schema.items!), { maxLength: Math.min(3, schema.maxItems ?? 3) })
  if (schema.type === 'boolean') return fc.boolean()
  if (schema.type === 'integer') return fc.integer({ min: schema.minimum ?? -1000, max: schema.maximum ?? 100_000 })
  if (schema.type === 'number') return fc.integer({ min: (schema.minimum ?? 0) * 100, max: 1e9 }).map((cents) => cents / 100)
  if (schema.type === 'string') return stringOf(schema)
  throw new Error(`no generator for ${JSON.stringify(schema)}`)
}

/** A fault and the JSON pointer of what it is about. */
export interface Fault {
  pointer: string
  value: unknown
}

/** Every way in which this generator can break a value by its schema, at each place inside. */
export const faultsOf = (schema: Schema, value: unknown, pointer = ''): Fault[] => {
  const here = (wrong: unknown): Fault => ({ pointer, value: wrong })
  if (Array.isArray(value))
    return [here('list'), ...value.flatMap((entry, n) => faultsOf(schema.items!, entry, `${pointer}/${n}`))]
  if (typeof value === 'object' && value !== null) {
    const inside = Object.entries(value).flatMap(([name, member]) =>
      schema.properties?.[name] ? faultsOf(schema.properties[name], member, `${pointer}/${name}`) : [],
    )
    return [{ pointer: `${pointer}/nobodyKnowsThis`, value: 1 }, ...inside]
  }
  const faults = [here({}), here(null)]
  if (typeof value === 'string') faults.push(here(7), here(''))
  else faults.push(here('7x'))
  if (schema.enum || schema.const !== undefined) faults.push(here('no-such-code'))
  if (schema.maxLength !== undefined && schema.type === 'string') faults.push(here('x'.repeat(schema.maxLength + 1)))
  if (schema.pattern !== undefined && !new RegExp(schema.pattern, 'u').test('\u0000')) faults.push(here('\u0000'))
  if (schema.maximum !== undefined) faults.push(here(schema.maximum + 1))
  if (schema.minimum !== undefined) faults.push(here(schema.minimum - 1))
  return faults
}

/** A copy in which the fault is. */
export const broken = <T>(value: T, { pointer, value: wrong }: Fault): T => {
  const copy = structuredClone(value)
  const steps = pointer.split('/').slice(1)
  const last = steps.pop()!
  const parent = steps.reduce<Record<string, unknown>>((node, step) => node[step] as Record<string, unknown>, copy as never)
  parent[last] = wrong
  return copy
}
