const digestPattern = /^sha256:[0-9a-f]{64}$/

export const isDigest = (value: unknown): value is string => typeof value === 'string' && digestPattern.test(value)

/** The content of an attachment as the gateway keeps it. */
export interface KeptContent {
  /** `sha256:` and 64 hexadecimal digits in lower case, as in `material.digest` of a message. */
  digest: string
  /** In bytes. */
  size: number
}

/** An attachment of a record. */
export interface Attachment extends KeptContent {
  /** Path in the record, unique in it. */
  at: string
  /** As the record says it. */
  mediaType?: string
  fileName?: string
}

/** Keeps a content; see `RunContext.keep`. */
export type Keep = (content: AsyncIterable<Uint8Array>, options?: { wait?: boolean }) => Promise<KeptContent>
