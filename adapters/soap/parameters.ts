/** Fills the placeholders of the declared request parameters. Nothing is escaped here: whoever writes the XML does that. */
import { writeDocument } from '../../core/contract.ts'

export type Placeholders = Partial<Record<'page' | 'pageSize' | 'cursor' | 'since', string>>

export type Parameter = string | Parameter[] | { [name: string]: Parameter }

const fillText = (text: string, values: Placeholders): string =>
  text.replace(/\{(page|pageSize|cursor|since)\}/g, (whole, name: keyof Placeholders) => values[name] ?? whole)

/** A document of its own, sent as a string. `encoding` is what the declaration claims: some services look for the word. */
const isDocument = (value: object): value is { document: object; encoding?: string } =>
  'document' in value &&
  typeof value.document === 'object' &&
  value.document !== null &&
  Object.keys(value).every((name) => name === 'document' || name === 'encoding')

export const fillParameters = (value: unknown, values: Placeholders): Parameter => {
  if (Array.isArray(value)) return value.map((entry) => fillParameters(entry, values))
  if (typeof value !== 'object' || value === null) return fillText(String(value ?? ''), values)
  if (isDocument(value))
    return writeDocument(fillParameters(value.document, values) as { [name: string]: Parameter }, value.encoding)
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, fillParameters(inner, values)]))
}
