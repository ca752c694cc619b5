/** An example made whole: a mapping that compiles, and a record that it reads. */
import type { Example } from './construct.ts'

const basis = {
  case: 'case: { sourceCaseNo: NO }',
  type: 'application.received',
  receivedAt: 'receivedAt: { from: AT, date: yyyy-MM-dd }',
  applicant: 'applicant: { name: NAME }',
}

const basicRow = { NO: 'A-1', AT: '2026-03-02', NAME: '云远山' }

const writes = (text: string, key: string): boolean => new RegExp(`^${key}:`, 'm').test(text)

const indented = (text: string, by: number): string => text.replace(/^(?=.)/gm, ' '.repeat(by))

/** The whole mapping of an example, as it would stand in its file. */
export const exampleMapping = ({ mapping = '', content = '' }: Pick<Example, 'mapping' | 'content'> = {}): string => {
  const fields = [
    ...(['receivedAt', 'applicant'] as const).filter((field) => !writes(content, field)).map((field) => basis[field]),
    ...(content === '' ? [] : [content]),
  ]
  const events = ['events:', `  - type: ${basis.type}`, '    content:', indented(fields.join('\n'), 6)].join('\n')
  return `${[
    ...(writes(mapping, 'case') ? [] : [basis.case]),
    ...(mapping === '' ? [] : [mapping]),
    ...(writes(mapping, 'events') ? [] : [events]),
  ].join('\n')}\n`
}

/** The body of an example's record: a row as JSON, or XML. */
export const exampleRecord = ({ record = {} }: Pick<Example, 'record'> = {}): string => {
  if (typeof record !== 'string') return JSON.stringify({ ...basicRow, ...record })
  const rest = Object.entries(basicRow).map(([name, text]) => `<${name}>${text}</${name}>`)
  return `<SQ xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">${rest.join('')}${record}</SQ>`
}
