/** A case as its department knows it, before it is written down in the department's own way; and the department's clock. */

export type Outcome =
  | 'granted'
  | 'done'
  | 'denied'
  | 'refused'
  | 'returned'
  | 'voided'
  | 'deleted'
  | 'forwarded'
  | 'no-supplement'
  | 'withdrawn'
  | 'terminated'

export type SpecialKind = 'extension' | 'hearing' | 'publicity' | 'verification' | 'expert' | 'testing'

interface Step<Kind extends string> {
  kind: Kind
  at: number
  by: string
  /** When the department wrote it down, where that is later: what is recorded late is seen late. */
  recordedAt?: number
}
interface Admission<Kind extends string> extends Step<Kind> {
  reason: string
}
interface Supplement<Kind extends string> extends Admission<Kind> {
  /** Asked for by the preliminary review of an online application. */
  atPrereview?: true
  seq: number
  list: string
}
interface Opinion<Kind extends string> extends Step<Kind> {
  agrees: boolean
  opinion: string
}

export type Stage =
  | (Admission<'prereviewed'> & { passes: boolean })
  | Admission<'accepted'>
  | Admission<'refused'>
  | Supplement<'supplement-requested'>
  | Supplement<'supplement-received'>
  | Opinion<'handled'>
  | Opinion<'reviewed'>
  | Opinion<'approved'>
  | (Admission<'special-started'> & { seq: number; special: SpecialKind; days: number })
  | (Step<'special-ended'> & { seq: number; special: SpecialKind; startedAt: number; result: string })
  | (Step<'closed'> & { outcome: Outcome; certificate?: { name: string; no: string }; reason: string })
  | (Step<'collected'> & { who: string; how: 'window' | 'post' })
  | (Step<'evaluated'> & { score: 1 | 2 | 3 | 4 | 5; comment: string })

export interface Item {
  /** Basic code of 10 characters, with `00` the 12 of the national tables. */
  basic: string
  /** 31 characters: credit code of the body, level, item. */
  code: string
  name: string
  kind: 'instant' | 'promise'
  days: number
}

export interface Organisation {
  creditCode: string
  name: string
  items: Item[]
}

export interface DepartmentCase {
  no: string
  item: Item
  org: Organisation
  region: { code: string; name: string }
  applicant: { kind: 'person' | 'enterprise'; name: string; id: string }
  contact: string
  phone: string
  title: string
  channel: 'window' | 'online' | 'mobile'
  address: string
  receivedAt: number
  materials: string[]
  stages: Stage[]
  /** The application is reported once more with another title: the same case, the next data version. */
  correction?: { at: number; title: string }
  /** What the higher platform says of the application when it has had it for a while. */
  rejection?: { at: number; text: string }
  /** Only when asked for: what makes the record of its reception unusable. */
  bad?: 'unknown-code' | 'impossible-date'
}

const hour = 3_600_000
const beijingOffset = 8 * hour

/** `yyyy-MM-dd HH:mm:ss` in Beijing. */
export const beijing = (at: number): string => new Date(at + beijingOffset).toISOString().slice(0, 19).replace('T', ' ')

/** The instant of `yyyy-MM-dd HH:mm:ss` in Beijing. */
export const instantOf = (text: string): number => Date.parse(`${text.replace(' ', 'T')}+08:00`)

/** Later by so many hours, and between 9:00 and 17:00 in Beijing. */
export const later = (at: number, hours: number): number => {
  const then = at + hours * hour
  const local = (then + beijingOffset) % (24 * hour)
  if (local < 9 * hour) return then - local + 9 * hour
  return local > 17 * hour ? then - local + 33 * hour : then
}

/** When a stage can be seen at the department. */
export const seenAt = (stage: Stage): number => stage.recordedAt ?? stage.at

/** In the order in which the department wrote them down, which is not always that in which they happened. */
export const asWrittenDown = (stages: readonly Stage[]): Stage[] => [...stages].sort((a, b) => seenAt(a) - seenAt(b))

/** An organisation with its items; `names` are those of the items, the last one of which is decided on the spot. */
export const createOrganisation = (creditCode: string, name: string, profile: string, names: string[]): Organisation => ({
  creditCode,
  name,
  items: names.map((item, index) => {
    const basic = `${profile}${String(index + 1).padStart(4, '0')}`
    const instant = index === names.length - 1
    return { basic, code: `${creditCode}2${basic}00`, name: item, kind: instant ? 'instant' : 'promise', days: instant ? 1 : 20 }
  }),
})
