import { type EventType, fieldsOf, type MatchKey, type MessageDraft } from './canonical/index.ts'
import { matchKeyOf } from './codec/text-rules.ts'

const places = new Map<EventType, string[][]>()

/** The names in the content of a type, as steps; `[]` after a list. */
const placesOf = (type: EventType): string[][] => {
  let known = places.get(type)
  if (known === undefined) {
    known = fieldsOf(type)
      .filter(({ schema }) => schema.matchKey)
      .map(({ path }) => path.replaceAll('[]', '.[]').split('.'))
    places.set(type, known)
  }
  return known
}

/** Most names are their own key: Han characters, digits and capital letters, which NFKC leaves alone, and the dot that the key has. */
const isOwnKey = /^[\u4e00-\u9fff0-9A-Z·]*$/

/** Whether a name below a value is not its own key. Most messages have none, and of these nothing else is made. */
const hasOther = (value: unknown, steps: readonly string[], depth: number): boolean => {
  const step = steps[depth]
  if (step === undefined) return typeof value === 'string' && !isOwnKey.test(value)
  if (step === '[]') return Array.isArray(value) && value.some((entry) => hasOther(entry, steps, depth + 1))
  return typeof value === 'object' && value !== null && hasOther((value as Record<string, unknown>)[step], steps, depth + 1)
}

function* namesAt(value: unknown, steps: readonly string[], pointer: string): Generator<[pointer: string, name: string]> {
  const [step, ...rest] = steps
  if (step === undefined) {
    if (typeof value === 'string') yield [pointer, value]
  } else if (step === '[]') {
    if (Array.isArray(value))
      for (const [index, entry] of (value as unknown[]).entries()) yield* namesAt(entry, rest, `${pointer}/${index}`)
  } else if (typeof value === 'object' && value !== null)
    yield* namesAt((value as Record<string, unknown>)[step], rest, `${pointer}/${step}`)
}

/** The keys of the names in a draft that are not their own key; undefined when there are none. */
export const matchKeysOf = ({ type, content }: MessageDraft): MatchKey[] | undefined => {
  const keys: MatchKey[] = []
  for (const steps of placesOf(type)) {
    if (!hasOther(content, steps, 0)) continue
    for (const [path, name] of namesAt(content, steps, '/content')) {
      if (isOwnKey.test(name)) continue
      const key = matchKeyOf(name)
      // A name of white space alone, or of what NFKC takes away, has no key.
      if (key !== name && key !== '') keys.push({ path, key })
    }
  }
  return keys.length === 0 ? undefined : keys
}
