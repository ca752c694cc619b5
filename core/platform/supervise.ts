/**
 * Supervision of all cases, once.
 *
 *     cases, read in pages ──▶ evaluate each ──▶ one synced commit: what is new, changed or withdrawn ──▶ broker ──▶ marked as sent
 *
 * Nothing of it is remembered but the alerts themselves: computed again, they are the same. What was not confirmed is sent the next time.
 */
import type { MessageDraft } from '../canonical/index.ts'
import type { Clock } from '../clock.ts'
import { GatewayError } from '../errors.ts'
import { type CaseFile, hadHappened, toCaseFile } from '../supervision/case-file.ts'
import { type Alert, type Evaluation, evaluate, type Supervised } from '../supervision/evaluate.ts'
import { type Knowledge, toCatalogueItems } from '../supervision/knowledge.ts'
import { downAddress, type OutgoingMessage, type Transport } from '../transport/transport.ts'
import type { Sender } from './config.ts'
import { downMessageOf, sendDown } from './send.ts'
import { platformSource } from './source.ts'
import { type CaseBodies, casesAtOnce, type KeptAlert, type SupervisionStore } from './supervision-store.ts'

export interface SuperviseParts {
  store: SupervisionStore
  knowledge: Knowledge
  sender: Sender
  clock: Clock
  /** The moment at which it is looked, with `+08:00`: what happened later is not known yet. */
  at: string
}

export type AlertChange = 'raised' | 'changed' | 'withdrawn'

export interface Supervision {
  cases: number
  /** Clocks of which nothing can be said, and why; `-` for a case whose alerts cannot be sent. */
  unknown: { lane: string; clock: string; error: GatewayError }[]
  changes: { change: AlertChange; alert: KeptAlert }[]
}

const alertsAtOnce = 500

const withdrawal = (at: string): Pick<Alert['content'], 'handledAt' | 'handling'> => ({
  handledAt: at,
  handling: '按后来收到的消息重新计算，此预警不再成立 / by what was received since, it does not hold',
})

/** The kept line of an alert in its next version. */
const keptAs = (
  { key, source, lane }: Pick<CaseFile, 'key' | 'source' | 'lane'>,
  { no, content }: Alert,
  state: KeptAlert['state'],
  previous: KeptAlert | undefined,
  { sender, clock, at }: SuperviseParts,
): KeptAlert => {
  const version = (previous?.version ?? 0) + 1
  const { system, gateway = null } = source
  const draft: MessageDraft = {
    type: 'supervision.alert',
    case: key,
    stage: { sequence: no },
    dataVersion: version,
    occurredAt: content.raisedAt,
    content: state === 'withdrawn' ? { ...content, ...withdrawal(at) } : content,
    flags: [],
  }
  const message = downMessageOf(draft, { source: platformSource(sender), gateway: gateway ?? '', system }, clock)
  const said = JSON.stringify(content)
  return {
    no,
    lane,
    gateway,
    system,
    version,
    state,
    content: said,
    raisedAt: content.raisedAt,
    id: message.id,
    body: String(message.body),
    sentAt: null,
  }
}

/** What differs from what is kept. */
const changesOf = (
  file: CaseFile,
  { alerts }: Evaluation,
  kept: readonly KeptAlert[],
  parts: SuperviseParts,
): Supervision['changes'] => {
  const known = new Map(kept.map((one) => [one.no, one]))
  const computed = new Set(alerts.map(({ no }) => no))
  const fresh = alerts.flatMap((alert): Supervision['changes'] => {
    const previous = known.get(alert.no)
    if (previous?.state === 'raised' && previous.content === JSON.stringify(alert.content)) return []
    return [{ change: previous ? 'changed' : 'raised', alert: keptAs(file, alert, 'raised', previous, parts) }]
  })
  // What was raised by a later look is not known yet at this moment, and stands.
  const lapsed = kept.filter(
    ({ no, state, raisedAt }) => state === 'raised' && !computed.has(no) && hadHappened(raisedAt, parts.at),
  )
  const withdrawn = lapsed.map((previous): Supervision['changes'][number] => {
    const alert: Alert = { no: previous.no, content: JSON.parse(previous.content) }
    return { change: 'withdrawn', alert: keptAs(file, alert, 'withdrawn', previous, parts) }
  })
  return [...fresh, ...withdrawn]
}

/** Looks at all cases and keeps what changed. Throws STORE_UNWRITABLE; then what was kept so far stays, and the rest comes the next time. */
export const supervise = async (parts: SuperviseParts): Promise<Supervision> => {
  const { store, knowledge, at } = parts
  const by: Supervised = { ...knowledge, items: toCatalogueItems(knowledge.catalogues) }
  const found: Supervision = { cases: 0, unknown: [], changes: [] }
  const take = async (cases: readonly CaseBodies[]): Promise<void> => {
    const kept = await store.alerts(cases.map(({ lane }) => lane))
    const changes = cases.flatMap(({ lane, bodies }) => {
      const file = toCaseFile(lane, bodies, at)
      if (!file) return []
      const evaluation = evaluate(file, by, at)
      for (const { clock, problem } of evaluation.readings)
        if (problem) found.unknown.push({ lane, clock: clock.name, error: problem })
      try {
        return changesOf(
          file,
          evaluation,
          kept.filter((one) => one.lane === lane),
          parts,
        )
      } catch (thrown) {
        // An alert that cannot be a message (its case has too long a number) stops its own case only.
        if (!(thrown instanceof GatewayError)) throw thrown
        found.unknown.push({ lane, clock: '-', error: thrown })
        return []
      }
    })
    await store.keepAlerts(changes.map(({ alert }) => alert))
    found.cases += cases.length
    found.changes.push(...changes)
  }
  let page: CaseBodies[] = []
  for await (const one of store.cases()) {
    page.push(one)
    if (page.length < casesAtOnce) continue
    await take(page)
    page = []
  }
  if (page.length > 0) await take(page)
  return found
}

const toOutgoing = ({ id, gateway, body }: KeptAlert, now: number): OutgoingMessage => ({
  id,
  type: 'supervision.alert',
  address: downAddress(gateway!),
  lane: (JSON.parse(body) as { partitionkey: string }).partitionkey,
  body,
  sentAt: now,
})

/** Sends what the broker does not have yet. Answers how many it has now, and why each of the others could not be sent. */
export const sendAlerts = async (
  store: SupervisionStore,
  transport: Transport,
  clock: Clock,
): Promise<{ sent: number; failed: { id: string; error: GatewayError }[] }> => {
  let sent = 0
  for (;;) {
    const alerts = await store.unsentAlerts(alertsAtOnce)
    const outcomes = await sendDown(
      transport,
      alerts.map((alert) => toOutgoing(alert, clock.now())),
      clock,
    )
    const failed: { id: string; error: GatewayError }[] = []
    for (const [index, outcome] of outcomes.entries()) {
      const alert = alerts[index]!
      if ('error' in outcome) failed.push({ id: alert.id, error: outcome.error })
      else {
        await store.setSent(alert, clock.now())
        sent += 1
      }
    }
    // What failed would be the first again.
    if (failed.length > 0 || alerts.length < alertsAtOnce) return { sent, failed }
  }
}
