/**
 * Whether the item of a message is in the city's catalogue on the day of what it tells of. Pure but for the catalogue: the message names the version,
 * so that the same can be said of it again.
 */
import { type Flag, happenedAt, isItemOn, type MessageDraft } from './canonical/index.ts'
import { dayOf } from './clock.ts'
import { GatewayError } from './errors.ts'
import type { CatalogueItems } from './store/store.ts'

export const itemRule = 'item-in-catalogue'

/** What becomes of a record whose item is not in the catalogue. */
export type UnknownItem = 'flag' | 'quarantine'

export interface JudgedItem {
  version: number
  /** The day that it was judged for. */
  day: string
  /** Absent when the item is in the catalogue. */
  flag?: Flag
}

/**
 * By the newest version that holds on the day, or by `version`. Undefined where nothing can be said: there is no catalogue for that day, or the message
 * names no item. What does not say when it happened is judged for the day on which it was seen.
 */
export const judgeItem = (
  catalogue: CatalogueItems,
  draft: MessageDraft,
  seenAt: number,
  version?: number,
): JudgedItem | undefined => {
  const code = draft.case.itemCode
  if (code === undefined) return undefined
  const day = happenedAt(draft)?.slice(0, 10) ?? dayOf(seenAt)
  const by = version ?? catalogue.versionOn(day)
  if (by === undefined) return undefined
  const item = catalogue.item(by, code)
  if (item && isItemOn(item, day)) return { version: by, day }
  return { version: by, day, flag: { path: '/case/itemCode', code: 'unmapped', rule: itemRule, found: code } }
}

/** `at`: the rule of the mapping that gives the code. */
export const itemError = (at: string, { version, day, flag }: JudgedItem): GatewayError =>
  GatewayError.of('ITEM_NOT_IN_CATALOGUE', { at, item: flag?.found ?? '', version, day })
