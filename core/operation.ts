/** A content that the gateway keeps: it stands where a text could, and is read in pieces. */
export interface Content {
  /** `sha256:` and 64 hexadecimal digits in lower case. */
  readonly digest: string
  /** In bytes. */
  readonly size: number
  /**
   * From its start, as often as it is asked for; never whole in memory. Throws ATTACHMENT_DAMAGED, at its end at the latest, where the file is no
   * longer what its digest says: what was made of it must then not be left standing.
   */
  read(): AsyncIterable<Uint8Array>
}

/** What a mapping says of a content: the digest that the message names. */
export interface ContentName {
  readonly attachment: string
}

/** By the names that the legacy system has for them: texts, null where the message says nothing, contents, and lists of the same for what belongs to it. */
export interface ValuesWith<C> {
  readonly [name: string]: string | null | C | readonly ValuesWith<C>[]
}

export type OperationValues = ValuesWith<Content>

/** What a sink is asked to do. */
export interface Operation {
  /** The same at every attempt, and of no other operation: by it a target can tell that it has it already. At most 255 bytes in UTF-8. */
  id: string
  /** Which of the writes in the sink's options. */
  write: string
  values: OperationValues
}

/** An operation as it is kept before its first attempt: contents by their digests. */
export interface PlannedOperation {
  write: string
  values: ValuesWith<ContentName>
}

/** Lists are told apart by `Array.isArray`, which knows no `readonly`. */
export const isList = <C>(value: ValuesWith<C>[string]): value is readonly ValuesWith<C>[] => Array.isArray(value)

/** Whether it is neither a text, nor nothing, nor a list. */
export const isContent = <C>(value: ValuesWith<C>[string]): value is C =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** The contents that operations name, each once. */
export const contentsOf = (operations: readonly PlannedOperation[]): string[] => {
  const digests = new Set<string>()
  const look = (values: ValuesWith<ContentName>): void => {
    for (const value of Object.values(values)) {
      if (isList(value)) for (const entry of value) look(entry)
      else if (isContent(value)) digests.add(value.attachment)
    }
  }
  for (const { values } of operations) look(values)
  return [...digests]
}

/** The same values, with contents that can be read. */
export const withContents = (values: ValuesWith<ContentName>, contentOf: (digest: string) => Content): OperationValues =>
  Object.fromEntries(
    Object.entries(values).map(([name, value]): [string, OperationValues[string]] => {
      if (isList(value)) return [name, value.map((entry) => withContents(entry, contentOf))]
      return [name, isContent(value) ? contentOf(value.attachment) : value]
    }),
  )
