/**
 * How the mapping language is defined. The compiler takes the keys that it allows from these definitions, the reference is printed from them, and
 * each example is compiled, run and compared with what it says: nothing is allowed that is not defined, and nothing defined without an example.
 */
import type { Correction } from '../../correction.ts'
import type { ErrorCode, Text } from '../../errors.ts'

type Value = string | number | boolean | null | readonly Value[] | { readonly [name: string]: Value }

/** JSON pointers of a message and what stands there; null where nothing does. */
export type Said = Readonly<Record<string, Value>>

/** What comes of an example's record: messages, nothing by rule, quarantine; or of the mapping itself, that it does not compile, or that lint warns of it. */
export type Result =
  | { message: Said }
  | { messages: readonly Said[] }
  | { ignored: string }
  | { quarantined: ErrorCode; field?: string }
  | { refused: ErrorCode }
  | { warned: ErrorCode }

/** A part of a mapping and a part of a record; what they leave out is that of `exampleMapping` and `exampleRecord`. */
export interface Example {
  /** What this one shows, where the meaning of the construct does not say it. */
  about?: Text
  /** Keys at the top of the mapping. */
  mapping?: string
  /** Fields of the event's content. */
  content?: string
  /** Files beside the mapping. */
  files?: Readonly<Record<string, string>>
  /** Columns of a row, or what an XML record holds. */
  record?: { readonly [name: string]: Value } | string
  stream?: string
  key?: string
  /** What a person decided of the record while it was in quarantine. */
  corrections?: readonly Correction[]
  result: Result
}

export interface Construct {
  meaning: Text
  examples: readonly [Example, ...Example[]]
}

/** Constructs by the word that a mapping writes. */
export type Family<K extends string = string> = Readonly<Record<K, Construct>>

export const construct = (zh: string, en: string, ...examples: [Example, ...Example[]]): Construct => ({
  meaning: { zh, en },
  examples,
})

/** The words of a family, in the order of its definition. */
export const wordsOf = <K extends string>(family: Readonly<Record<K, unknown>>): readonly K[] => Object.keys(family) as K[]
