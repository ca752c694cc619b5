/** Reading of content whose schema may not have been checked yet: what is not of the expected type reads as absent. */

type Content = Readonly<Record<string, unknown>>

export const isPart = (value: unknown): value is Content => typeof value === 'object' && value !== null && !Array.isArray(value)

const at = (content: Content, path: string): unknown => {
  if (!path.includes('.')) return content[path]
  let value: unknown = content
  for (const name of path.split('.')) value = isPart(value) ? value[name] : undefined
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

/** Every string at a field path, where `[]` stands for each entry of an array. */
export const valuesAt = (content: Content, fieldPath: string): Found[] => collect(content, fieldPath.split('.'), '')

const collect = (parent: Content, [step = '', ...rest]: string[], prefix: string): Found[] => {
  const isList = step.endsWith('[]')
  const name = isList ? step.slice(0, -2) : step
  const value = parent[name]
  if (value === undefined) return []
  const entries: [string, unknown][] = isList
    ? (Array.isArray(value) ? value : []).map((entry, i) => [`${prefix}${name}/${i}`, entry])
    : [[`${prefix}${name}`, value]]
  return entries.flatMap(([path, entry]) => {
    if (rest.length > 0) return isPart(entry) ? collect(entry, rest, `${path}/`) : []
    return typeof entry === 'string' ? [{ path, value: entry, parent }] : []
  })
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
