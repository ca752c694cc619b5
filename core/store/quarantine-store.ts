/** What the gateway keeps of the records that wait for a person, and of what was decided on them. */

export interface QuarantineEntry {
  recordSeq: number
  route: string
  stream: string
  key: string
  lane: string | null
  /** Where it stands in its lane. */
  place: number
  code: string
  zh: string
  en: string
  hintZh: string
  hintEn: string
  openedAt: number
  state: 'open' | 'replayed' | 'discarded' | 'superseded'
  closedAt: number | null
  closedBy: string | null
  closedReason: string | null
}

/** An open line of one version of a record. `bodyless`: retention took what came. */
export interface OpenVersion {
  recordSeq: number
  place: number
  lane: string | null
  book: number
  bodyless: boolean
}

/** What was decided on a record before it came back to quarantine. */
export type PastQuarantine = Pick<QuarantineEntry, 'code' | 'zh' | 'en' | 'hintZh' | 'hintEn' | 'openedAt'> & {
  state: Exclude<QuarantineEntry['state'], 'open'>
  closedAt: number
  closedBy: string
  closedReason: string | null
}
