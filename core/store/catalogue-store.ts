/** What the gateway keeps of the city's item catalogue. */
import type { CatalogueItem, CataloguePart } from '../canonical/index.ts'

export type CatalogueRefusalReason = 'older' | 'conflict' | 'damaged'

/** `kept`: a part of a version that is not whole yet. `known`: it was there. */
export type CatalogueOutcome = 'kept' | 'whole' | 'known' | CatalogueRefusalReason

export interface CatalogueVersion {
  version: number
  effectiveFrom: string
  digest: string
  items: number
  parts: number
  receivedAt: number
  /** Null while parts are missing. */
  wholeAt: number | null
}

export interface CatalogueRefusal {
  version: number
  digest: string
  reason: CatalogueRefusalReason
  times: number
  lastAt: number
}

/** As much as judging an item needs. */
export interface CatalogueItems {
  /** The newest version that holds on a day, `YYYY-MM-DD`. */
  versionOn(day: string): number | undefined
  /** By any of its codes, on whatever day it is one. */
  item(version: number, code: string): CatalogueItem | undefined
}

export interface Catalogues extends CatalogueItems {
  /**
   * Keeps a part, and makes its version the one to use when it is the last. A version that is older than one that is whole, another content under a
   * number, and parts that do not give their digest are counted and not taken. Call in a commit.
   */
  take(part: CataloguePart, now: number): CatalogueOutcome
  /** The newest first. */
  versions(): CatalogueVersion[]
  refusals(): CatalogueRefusal[]
  items(version: number): CatalogueItem[]
}
