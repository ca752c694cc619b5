/**
 * `new`: first of its identity. `duplicate`: the same again. `supersedes`: replaces the newest, history stays.
 * `conflict`: the source gave the same version with other content. `stale`: an older version that came late.
 */
export type Verdict = 'new' | 'duplicate' | 'conflict' | 'supersedes' | 'stale'

export interface VersionDecision {
  verdict: Verdict
  /** The version of the incoming message: the source's own, or counted. */
  dataVersion: number
  origin: 'source' | 'derived'
}

/**
 * Compares a message with the newest known one of its identity. A source that counts versions is taken at its word. Most do
 * not: they update the row; then changed content is the next version, so that an honest correction is never a conflict.
 */
export const decideVersion = (
  previous: { dataVersion: number; contentHash: string; overturned?: boolean } | undefined,
  incoming: { dataVersion?: number | undefined; contentHash: string },
): VersionDecision => {
  const given = incoming.dataVersion
  const origin = given === undefined ? 'derived' : 'source'
  if (previous === undefined) return { verdict: 'new', dataVersion: given ?? 1, origin }
  // What the receiver has rejected it no longer has: the same again is news.
  const same = previous.contentHash === incoming.contentHash && previous.overturned !== true
  const dataVersion = given ?? (same ? previous.dataVersion : previous.dataVersion + 1)
  if (dataVersion > previous.dataVersion) return { verdict: 'supersedes', dataVersion, origin }
  if (dataVersion < previous.dataVersion) return { verdict: 'stale', dataVersion, origin }
  return { verdict: same ? 'duplicate' : 'conflict', dataVersion, origin }
}
