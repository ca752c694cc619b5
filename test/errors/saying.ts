/** What a person must be able to read from the message of a code alone, and how it is judged. */
import type { Test } from 'tap'
import { formatError } from '../../core/cli/io.ts'
import { type ErrorCode, type GatewayError, toGatewayError } from '../../core/errors.ts'

/** Words that stand in both languages, or in each its own; or why the part cannot apply to this code. */
export type Part = string | RegExp | { zh: string | RegExp; en: string | RegExp } | { not: string }

export interface Saying {
  /** The real error, made by the product's own code. */
  provoke(t: Test): GatewayError | Promise<GatewayError>
  /** File, line and column, or the record, system, message or address that it is about. */
  where: Part
  /** What stands there or happened; masked when it is personal. */
  found: Part
  /** What would be right: values, format, limit. */
  allowed: Part
  /** A command, a file, a setting or something to do. */
  next: Part
}

export type Sayings = Partial<Record<ErrorCode, Saying>>

const parts = ['where', 'found', 'allowed', 'next'] as const
const han = /\p{Script=Han}/u

const holds = (text: string, wanted: string | RegExp): boolean =>
  typeof wanted === 'string' ? text.includes(wanted) : wanted.test(text)

/** Data stays as it is in both languages: what the error was given as one text, and what stands between quotes. */
const withoutData = (text: string, { values }: GatewayError): string => {
  const data = Object.values(values).filter((value) => typeof value !== 'object')
  const rest = data.reduce<string>((left, value) => left.replaceAll(String(value) || '\0', ''), text)
  return rest.replaceAll(/"[^"]*"/g, '').replaceAll(/“[^”]*”/g, '')
}

/** What is missing from the message, in words; empty when a person can act on it. `secrets`: what no message may hold. */
export const lacksOf = (error: GatewayError, saying: Omit<Saying, 'provoke'>): string[] => {
  const lines = formatError(error).split('\n')
  const [code, zh = '', en = '', nextZh = '', nextEn = '', ...more] = lines
  const lacks: string[] = []
  if (code !== error.code || more.length > 0 || lines.length !== 5) lacks.push('the shape: code, two sentences, two next steps')
  if (![zh, nextZh].every((line) => han.test(withoutData(line, error)))) lacks.push('Chinese')
  if (han.test(withoutData(en, error)) || han.test(nextEn)) lacks.push('English without Chinese')
  if (/undefined|\[object|NaN/.test(lines.join(' '))) lacks.push('every value')
  if (lines.join(' ').includes(process.cwd())) lacks.push('no path of this machine')
  for (const part of parts) {
    const wanted = saying[part]
    if (typeof wanted === 'object' && 'not' in wanted) {
      if (wanted.not.length < 10) lacks.push(`${part}: a reason why it cannot be said`)
      continue
    }
    const each = typeof wanted === 'object' && 'zh' in wanted ? wanted : { zh: wanted, en: wanted }
    const [sentence, step] =
      part === 'next'
        ? [[nextZh], [nextEn]]
        : part === 'allowed'
          ? [
              [zh, nextZh],
              [en, nextEn],
            ]
          : [[zh], [en]]
    if (!holds(sentence.join('\n'), each.zh)) lacks.push(`${part}: ${String(each.zh)} in Chinese`)
    if (!holds(step.join('\n'), each.en)) lacks.push(`${part}: ${String(each.en)} in English`)
  }
  return lacks
}

/** The error that some work throws, as a person would be told of it. */
export const thrownBy = async (work: () => unknown): Promise<GatewayError> => {
  try {
    await work()
  } catch (thrown) {
    return toGatewayError(thrown)
  }
  throw new Error('nothing was thrown')
}

/** The one of several problems that has the code. */
export const withCode = (code: ErrorCode, errors: readonly (GatewayError | undefined)[]): GatewayError => {
  const found = errors.find((error) => error?.code === code)
  if (!found) throw new Error(`no ${code} among ${errors.map((error) => error?.message).join(' | ')}`)
  return found
}
