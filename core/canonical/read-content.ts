/** Reading of content whose schema may not have been checked yet: what is not of the expected type reads as absent. */

type Content = Readonly<Record<string, unknown>>

export const isPart = (value: unknown): value is Content => typeof value === 'object' && value !== null && !Array.isArray(value)

const at = (content: Content, path: string): unknown => {
  if (!path.includes('.')) return content[path]
  let value: unknown = content
  for (const { name } of stepsOf(path)) value = isPart(value) ? value[name] : undefined
  return value
}

export const textAt = (content: Content, path: string): string | undefined => {
  const value = at(content, path)
  return typeof value === 'string' ? value : undefined
}

export const numberAt = (content: Content, path: string): number | undefined => {
  const value = at(content, path)
  return typeof value === 'number' ? value : undefined
}

export const partAt = (content: Content, path: string): Content | undefined => {
  const value = at(content, path)
  return isPart(value) ? value : undefined
}

export interface Found {
  /** JSON Pointer without the leading slash: `materials/0/name`. */
  path: string
  value: string
  parent: Content
}

interface Step {
  name: string
  isList: boolean
}

const knownSteps = new Map<string, Step[]>()

/** Field paths are few and read for every message: each is taken apart once. */
const stepsOf = (fieldPath: string): Step[] => {
  let steps = knownSteps.get(fieldPath)
  if (steps === undefined) {
    steps = fieldPath.split('.').map((step) => ({ name: step.replace('[]', ''), isList: step.endsWith('[]') }))
    knownSteps.set(fieldPath, steps)
  }
  return steps
}

/** Tells `found` every string at a field path, where `[]` stands for each entry of an array. Most messages have few of the fields. */
export const eachValueAt = (content: Content, fieldPath: string, found: (one: Found) => void): void =>
  visit(content, stepsOf(fieldPath), 0, '', found)

const visit = (parent: Content, steps: Step[], depth: number, prefix: string, found: (one: Found) => void): void => {
  const { name, isList } = steps[depth]!
  const value = parent[name]
  if (value === undefined) return
  if (!isList) visitEntry(parent, value, steps, depth, prefix + name, found)
  else if (Array.isArray(value))
    for (let i = 0; i < value.length; i++) visitEntry(parent, value[i], steps, depth, `${prefix}${name}/${i}`, found)
}

const visitEntry = (
  parent: Content,
  entry: unknown,
  steps: Step[],
  depth: number,
  path: string,
  found: (one: Found) => void,
): void => {
  if (depth + 1 < steps.length) {
    if (isPart(entry)) visit(entry, steps, depth + 1, `${path}/`, found)
  } else if (typeof entry === 'string') found({ path, value: entry, parent })
}

const dayLength = '2015-05-04'.length

/**
 * True when `a` is certainly before `b`. Both are moments of the canonical form, all in +08:00, so text order is time order;
 * when one is only a day, days are compared.
 */
export const isBefore = (a: string | undefined, b: string | undefined): boolean => {
  if (a === undefined || b === undefined) return false
  if (a.length === dayLength || b.length === dayLength) return a.slice(0, dayLength) < b.slice(0, dayLength)
  return a < b
}
