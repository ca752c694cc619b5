/** Posts on their way to the store. */
import type { Emit, Receipt, SourceRecord } from '../../core/contract.ts'

/** So many records of several posts share a commit, at most; one post is never divided. */
const maxShared = 500

interface Post {
  records: SourceRecord[]
  stored(receipts: Receipt[]): void
  failed(error: unknown): void
}

/** The posts that come while others are being stored share the next commit. A post is stored whole or not at all. */
export const createIntake = (emit: Emit) => {
  const waiting: Post[] = []
  let storing = false

  const nextShare = (): Post[] => {
    const share: Post[] = []
    let size = 0
    while (waiting.length > 0 && (share.length === 0 || size + waiting[0]!.records.length <= maxShared)) {
      size += waiting[0]!.records.length
      share.push(waiting.shift()!)
    }
    return share
  }

  const storeShare = async (posts: Post[]): Promise<void> => {
    try {
      const receipts = await emit({ records: posts.flatMap(({ records }) => records) }, { wait: false })
      let from = 0
      for (const { records, stored } of posts) {
        stored(receipts.slice(from, from + records.length))
        from += records.length
      }
    } catch (error) {
      for (const { failed } of posts) failed(error)
    }
  }

  const storeAll = async (): Promise<void> => {
    storing = true
    while (waiting.length > 0) await storeShare(nextShare())
    storing = false
  }

  /** Resolves when the records are on disk, with a receipt for each; rejects when nothing of them was taken. */
  return (records: SourceRecord[]): Promise<Receipt[]> =>
    new Promise((resolve, reject) => {
      waiting.push({ records, stored: resolve, failed: reject })
      if (!storing) void storeAll()
    })
}
