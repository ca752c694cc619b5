/** What the platform keeps for supervision, beside the messages themselves. */
import type { Statement } from '../canonical/index.ts'

/** An alert as it was sent last, or is to be sent. */
export interface KeptAlert {
  /** The number of the alert: it is the same each time that it is computed. */
  no: string
  lane: string
  /** Null where the messages of the case name no gateway: then it is only kept. */
  gateway: string | null
  /** The system that its case came from, and that it is sent to. */
  system: string
  /** Of what is in `body`; one more each time that it changes. */
  version: number
  /** `withdrawn`: by what came later it does not hold any more, and its body says so. */
  state: 'raised' | 'withdrawn'
  /** What it says, as JSON, without when it was withdrawn. */
  content: string
  raisedAt: string
  id: string
  body: string
  /** Milliseconds since 1970; null until the broker has it. */
  sentAt: number | null
}

/** All messages of one case, in no order. */
export interface CaseBodies {
  lane: string
  bodies: string[]
}

/** What a gateway has stated of a period: the total of its types. */
export interface StatedPeriod {
  gateway: string
  system: string
  /** In Beijing, `YYYY-MM-DDTHH:mm:ss`; `until` is exclusive. */
  from: string
  until: string
  count: number
}

/** Every verb throws STORE_UNWRITABLE, as those of the receiver's store. */
export interface SupervisionStore {
  /** Every gateway that has sent a message which names it, sorted. */
  gateways(): Promise<string[]>
  /** All cases by their lanes, read in pages: what arrives meanwhile may be among them. */
  cases(): AsyncIterable<CaseBodies>
  alerts(lanes: readonly string[]): Promise<KeptAlert[]>
  /** Keeps new ones and new versions in one synced commit; what changed is to be sent. */
  keepAlerts(alerts: readonly KeptAlert[]): Promise<void>
  /** Of those that name a gateway, what the broker does not have yet, in the order in which they were raised. */
  unsentAlerts(limit: number): Promise<KeptAlert[]>
  /** The broker has it. Without effect when a newer version was kept meanwhile. */
  setSent(alert: Pick<KeptAlert, 'no' | 'version'>, now: number): Promise<void>
  /** The last statement of a period counts. */
  keepStated(statements: readonly Statement[]): Promise<void>
  /** Periods that begin in [from, until), sorted. */
  stated(period: { from: string; until: string }): Promise<StatedPeriod[]>
}

/** Cases of one page. */
export const casesAtOnce = 200

export async function* eachCase(page: (after: string) => Promise<CaseBodies[]>): AsyncIterable<CaseBodies> {
  for (let cases = await page(''); cases.length > 0; cases = await page(cases.at(-1)!.lane)) yield* cases
}

/** Rows sorted by lane, put together. */
export const groupByLane = (rows: readonly { lane: string; body: string }[]): CaseBodies[] => {
  const cases: CaseBodies[] = []
  for (const { lane, body } of rows) {
    if (cases.at(-1)?.lane !== lane) cases.push({ lane, bodies: [] })
    cases.at(-1)!.bodies.push(body)
  }
  return cases
}
