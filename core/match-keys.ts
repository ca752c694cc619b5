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

/** Adds the keys of the names below a value. The pointers of names that are their own key are never made. */
const collect = (value: unknown, steps: readonly string[], depth: number, pointer: () => string, keys: MatchKey[]): void => {
  const step = steps[depth]
  if (step === undefined) {
    if (typeof value !== 'string' || isOwnKey.test(value)) return
    const key = matchKeyOf(value)
    // A name of white space alone, or of what NFKC takes away, has no key.
    if (key !== value && key !== '') keys.push({ path: pointer(), key })
  } else if (step === '[]') {
    if (Array.isArray(value))
      for (let index = 0; index < value.length; index++)
        collect(value[index], steps, depth + 1, () => `${pointer()}/${index}`, keys)
  } else if (typeof value === 'object' && value !== null)
    collect((value as Record<string, unknown>)[step], steps, depth + 1, () => `${pointer()}/${step}`, keys)
}

const atContent = (): string => '/content'

/** The keys of the names in a draft that are not their own key; undefined when there are none. */
export const matchKeysOf = ({ type, content }: MessageDraft): MatchKey[] | undefined => {
  const keys: MatchKey[] = []
  for (const steps of placesOf(type)) collect(content, steps, 0, atContent, keys)
  return keys.length === 0 ? undefined : keys
}
