/** What elements may hold by a schema, put together from its parts. */
import type { Field } from '../probe.ts'

/** What an element may hold. */
export interface Content {
  fields: readonly Field[]
  /** Anything else, too: the schema does not say what. */
  isOpen: boolean
  /** Text between the elements, too. */
  isMixed?: boolean
}

export const anything: Content = { fields: [], isOpen: true }
export const nothing: Content = { fields: [], isOpen: false }

/** What it holds is found out when it is asked for: elements may hold themselves. */
export const field = (name: string, repeats: boolean, hold: () => Content): Field => {
  let held: Content | undefined
  return {
    name,
    repeats,
    get fields() {
      held ??= hold()
      return held.isOpen ? undefined : held.fields
    },
    get isStructure() {
      held ??= hold()
      return !held.isOpen && !held.isMixed && held.fields.some((inner) => !inner.name.startsWith('@'))
    },
  }
}

/** Two places for one name: what either may hold. */
const either = (a: Field, b: Field, repeats: boolean): Field =>
  field(a.name, repeats, () => {
    const [some, others] = [a.fields, b.fields]
    const isMixed = !(a.isStructure && b.isStructure)
    return some && others ? { fields: merged([...some, ...others], false), isOpen: false, isMixed } : anything
  })

/** One field for each name. `inTurn`: the fields stand one after the other, so a name that is there twice repeats. */
export const merged = (fields: readonly Field[], inTurn: boolean): Field[] => {
  const byName = new Map<string, Field>()
  for (const next of fields) {
    const known = byName.get(next.name)
    byName.set(next.name, known ? either(known, next, inTurn || known.repeats === true || next.repeats === true) : next)
  }
  return [...byName.values()]
}

export const together = (contents: readonly Content[], inTurn: boolean): Content => ({
  fields: merged(
    contents.flatMap(({ fields }) => fields),
    inTurn,
  ),
  isOpen: contents.some(({ isOpen }) => isOpen),
  isMixed: contents.some(({ isMixed }) => isMixed),
})
