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

/** Also that of its file. */
export const partialName = ({ gateway, digest, size }: PartialKey): string =>
  `${digest.slice('sha256:'.length)}.${size}.${gateway || '_'}`

/** What is on disk of an attachment that is not whole, and whether the rest is in the bucket, and not on its way in chunks. */
export interface PartialState extends PartialKey {
  ranges: Ranges
  inBucket: boolean
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
  partials: PartialState[]
  /** Of which a line of the bucket stays: its object is to be removed, and its sender answered, before it is dropped. */
  arrived: PartialKey[]
  /** Of which nothing is kept any more. */
  dropped: PartialKey[]
  tally: AttachmentTally[]
}

/** An attachment that is not whole yet. */
export interface PartialStanding extends PartialState {
  lastAt: number
}

export interface ReceivedAttachments {
  has(digest: string): Promise<boolean>
  /** Undefined when there is nothing of it. */
  partial(key: PartialKey): Promise<Pick<PartialState, 'ranges' | 'inBucket'> | undefined>
  /** In one transaction, synced when it resolves. */
  record(findings: AttachmentFindings): Promise<void>
  /** Those whose rest is in the bucket, in an order. */
  inBucket(order: 'oldest' | 'smallest', limit: number): Promise<PartialStanding[]>
  /** Those that were longest without a chunk first. */
  partials(): Promise<PartialStanding[]>
  /** One line per day and gateway, in that order. */
  counts(): Promise<AttachmentTally[]>
}

/** Counts of one day, a line for each gateway. */
export const openTally = (day: string) => {
  const lines = new Map<string, AttachmentTally>()
  return {
    count(gateway: string, counter: AttachmentCounter): void {
      const line = lines.get(gateway) ?? { day, gateway, chunks: 0, duplicates: 0, refused: 0, arrived: 0, different: 0 }
      line[counter] += 1
      lines.set(gateway, line)
    },
    lines: () => [...lines.values()],
  }
}
