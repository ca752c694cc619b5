/** What a receiver keeps of attachments beside their files. Every verb throws STORE_UNWRITABLE when the store cannot be reached, read or written. */

/** From, until, in bytes; sorted and apart from each other. */
export type Ranges = [from: number, until: number][]

/** One sender's word of one attachment. */
export interface PartialKey {
  /** The gateway at the end of the lane that is not the platform; empty for one without a name. */
  gateway: string
  digest: string
  size: number
}

export const attachmentCounters = ['chunks', 'duplicates', 'refused', 'arrived', 'different'] as const
export type AttachmentCounter = (typeof attachmentCounters)[number]

/**
 * `chunks`: all that came; of them `duplicates` changed nothing and `refused` were none, or of attachments that are too large. `arrived` and
 * `different` count attachments.
 */
export interface AttachmentTally extends Record<AttachmentCounter, number> {
  /** In Beijing, `YYYY-MM-DD`. */
  day: string
  gateway: string
}

/** Everything that one batch of chunks changes. */
export interface AttachmentFindings {
  /** Milliseconds since 1970. */
  at: number
  partials: (PartialKey & { ranges: Ranges })[]
  arrived: PartialKey[]
  /** Of which nothing is kept any more. */
  dropped: PartialKey[]
  tally: AttachmentTally[]
}

/** An attachment that is not whole yet. */
export interface PartialStanding extends PartialKey {
  ranges: Ranges
  lastAt: number
}

export interface ReceivedAttachments {
  has(digest: string): Promise<boolean>
  /** What is on disk of it; empty when there is nothing. */
  rangesOf(key: PartialKey): Promise<Ranges>
  /** In one transaction, synced when it resolves. */
  record(findings: AttachmentFindings): Promise<void>
  /** Those that were longest without a chunk first. */
  partials(): Promise<PartialStanding[]>
  /** One line per day and gateway, in that order. */
  counts(): Promise<AttachmentTally[]>
}
