/** Texts by the names that the legacy system has for them; null where the message says nothing; lists of the same for what belongs to it. */
export interface OperationValues {
  readonly [name: string]: string | null | readonly OperationValues[]
}

/** What a sink is asked to do. */
export interface Operation {
  /** The same at every attempt, and of no other operation: by it a target can tell that it has it already. At most 255 bytes in UTF-8. */
  id: string
  /** Which of the writes in the sink's options. */
  write: string
  values: OperationValues
}
