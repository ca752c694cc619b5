/** One message at its target: part by part, to the verdict of the first that is not taken. */
import type { Clock } from './clock.ts'
import type { Content, Operation, Sink, UnknownPolicy, Verdict } from './contract.ts'
import { type GatewayError, toGatewayError } from './errors.ts'
import type { MessageToWrite } from './mapping/down/mapping.ts'
import { type PlannedOperation, withContents } from './operation.ts'
import { sha256 } from './sha256.ts'
import type { ClaimedInboxMessage, DeliveryAttempt, InboxOutcome } from './store/store.ts'

/** A message in the target's words; the gateway names each part. */
export type Planned = PlannedOperation[]

export interface Target {
  system: string
  sink: Sink
  /** A content that is kept. */
  contentOf(digest: string): Content
  /** By write. */
  policies: ReadonlyMap<string, UnknownPolicy>
  /** How long after a lost answer the target is asked: before that it may still be at it. */
  confirmAfterMs: number
}

export interface Settlement {
  message: ClaimedInboxMessage
  attempt: DeliveryAttempt | undefined
  outcome: InboxOutcome
  detail: object | null
}

/** What one attempt needs to know of the others, and whom it tells. */
export interface AttemptContext {
  target: Target
  clock: Clock
  /** The pause after so many attempts. */
  pauseMs(attempts: number): number
  /** How often the outcome of one message may be unknown before a person is asked. */
  maxUnknown: number
  /** How often the outcome was unknown, but for attempts that ended with one of these errors. */
  unknownOf(seq: number, apartFrom: readonly string[]): number
  /** Aborted when the gateway can wait no longer. */
  abandon: AbortSignal
  /** The target gave an answer: it is well. */
  answered(): void
  /** The target as a whole is not well: answers until when it is left alone. */
  outage(error: GatewayError): number
  /** The target has a part, and there are more. Resolves when that is on disk. */
  keepPart(message: ClaimedInboxMessage, attempt: DeliveryAttempt): Promise<void>
  settle(settlement: Settlement): Promise<void>
}

/** What says that the target as a whole is not well. */
const outages: readonly string[] = ['SOURCE_UNREACHABLE', 'SOURCE_TIMEOUT', 'SOURCE_DENIED']
const isOutage = ({ code }: GatewayError): boolean => outages.includes(code)

export const detailOf = (error: GatewayError): object => ({
  code: error.code,
  ...error.text,
  hintZh: error.hint.zh,
  hintEn: error.hint.en,
})

const answerOf = (verdict: Verdict): object | null =>
  'error' in verdict
    ? detailOf(verdict.error)
    : verdict.code === undefined
      ? null
      : { code: verdict.code, text: verdict.text ?? '' }

/** The most bytes of an operation's id. */
const maxIdBytes = 255

/** The same at every attempt. The first part goes by the id of its message; where the number of another does not fit, by its digest. */
const operationId = (id: string, part: number): string => {
  const named = part === 0 ? id : `${id}#${part}`
  return Buffer.byteLength(named) <= maxIdBytes ? named : `sha256:${sha256(id).toString('hex')}#${part}`
}

export const createAttempts = (context: AttemptContext) => {
  const { target, clock, pauseMs } = context
  const { sink, policies } = target

  /** What becomes of an outcome that nobody knows. A target that was away, and a gateway that was killed, are no answer: they do not count. */
  const unknownOutcome = (write: string, { seq, attempt }: ClaimedInboxMessage, isFirst: boolean): InboxOutcome => {
    const now = clock.now()
    const policy = policies.get(write) ?? 'manual'
    if (policy === 'idempotent') return { state: 'ready', dueAt: now + pauseMs(attempt) }
    if (policy === 'manual' || context.unknownOf(seq, outages) >= context.maxUnknown) return { state: 'unknown', dueAt: null }
    return { state: 'unknown', dueAt: now + Math.max(pauseMs(attempt), isFirst ? target.confirmAfterMs : 0) }
  }

  /** After a verdict that is not the last word of a part. */
  const outcomeOf = (verdict: Verdict, write: string, message: ClaimedInboxMessage): InboxOutcome => {
    if (verdict.verdict === 'rejected') return { state: 'rejected' }
    if (verdict.verdict === 'unknown') return unknownOutcome(write, message, true)
    const { error } = verdict as { error: GatewayError }
    // The same at every attempt, until somebody supplies the content anew.
    if (error.code === 'ATTACHMENT_DAMAGED') return { state: 'quarantined' }
    return { state: 'ready', dueAt: isOutage(error) ? context.outage(error) : clock.now() + pauseMs(message.attempt) }
  }

  /** Whether the target has the part that an earlier attempt left unknown; undefined when the message is settled. */
  const ask = async (message: ClaimedInboxMessage, operation: Operation, part: number): Promise<boolean | undefined> => {
    const answer = await sink.confirm(operation, context.abandon)
    if (answer.confirmed !== 'unknown') {
      context.answered()
      return answer.confirmed === 'applied'
    }
    const detail = detailOf(answer.error)
    const outcome: InboxOutcome = isOutage(answer.error)
      ? { state: 'unknown', dueAt: context.outage(answer.error) }
      : unknownOutcome(operation.write, message, false)
    await context.settle({ message, attempt: { part, verdict: 'unknown', detail }, outcome, detail })
    return undefined
  }

  const attemptPart = async (message: ClaimedInboxMessage, operation: Operation, part: number): Promise<Verdict | undefined> => {
    if (message.state === 'unknown' && part === message.partsDone) {
      const isApplied = await ask(message, operation, part)
      if (isApplied === undefined) return undefined
      if (isApplied) return { verdict: 'duplicate' }
    }
    try {
      return await sink.deliver(operation, context.abandon)
    } catch (thrown) {
      const error = toGatewayError(thrown)
      if (error.code === 'DELIVERY_MISFIT') {
        await context.settle({ message, attempt: undefined, outcome: { state: 'quarantined' }, detail: detailOf(error) })
        return undefined
      }
      // A sink that breaks its contract may have done anything.
      return { verdict: 'unknown', error }
    }
  }

  /** Carries out what is left of a message. Never rejects for what the target does. */
  const work = async (message: ClaimedInboxMessage, planned: Planned): Promise<void> => {
    const id = `${message.identity}:${message.dataVersion}`
    for (let part = message.partsDone; part < planned.length; part++) {
      const { write, values } = planned[part]!
      const operation: Operation = { id: operationId(id, part), write, values: withContents(values, target.contentOf) }
      const verdict = await attemptPart(message, operation, part)
      if (!verdict) return
      const detail = answerOf(verdict)
      const attempt = { part, verdict: verdict.verdict, detail }
      if (verdict.verdict !== 'accepted' && verdict.verdict !== 'duplicate') {
        if (verdict.verdict === 'rejected') context.answered()
        await context.settle({ message, attempt, outcome: outcomeOf(verdict, operation.write, message), detail })
        return
      }
      context.answered()
      if (part < planned.length - 1) await context.keepPart(message, attempt)
      else await context.settle({ message, attempt, outcome: { state: 'delivered' }, detail })
    }
  }

  return { work, unknownOutcome }
}

export interface Claimed {
  planned: [ClaimedInboxMessage, Planned][]
  /** Those that could not be put in the target's words. */
  held: [ClaimedInboxMessage, GatewayError][]
}

export const messageOf = ({ identity, dataVersion, type, body }: ClaimedInboxMessage): MessageToWrite => ({
  id: `${identity}:${dataVersion}`,
  type: type as MessageToWrite['type'],
  data: (JSON.parse(body) as { data: Record<string, unknown> }).data,
})
