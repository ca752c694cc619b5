/**
 * What the approval platform of a city does in a flow: it sends to departments, takes its own steps at the joint window, and waits for
 * answers. Everything that comes up is taken by the reference receiver; this is what stands beside it.
 */
import { Readable } from 'node:stream'
import {
  canonicalTextOf,
  checkInvariants,
  laneOf,
  type MessageDraft,
  toCloudEvent,
  typeOfWire,
  validateDraft,
} from '../canonical/index.ts'
import { beijingTime, type Clock } from '../clock.ts'
import type { GatewayError, Text } from '../errors.ts'
import type { PlatformConfig, Sender } from '../platform/config.ts'
import { distribute } from '../platform/distribute.ts'
import { enclose, keepContent, namedBy } from '../platform/enclose.ts'
import { openPlatform, type Platform } from '../platform/platform.ts'
import type { Findings } from '../platform/receiver-store.ts'
import { downMessageOf, recordOf, sendDown } from '../platform/send.ts'
import { platformSource } from '../platform/source.ts'
import { type Supervision, sendAlerts, supervise } from '../platform/supervise.ts'
import type { Knowledge } from '../supervision/knowledge.ts'
import { transportKinds } from '../transport/kinds.ts'
import { type OutgoingMessage, type PublishOutcome, upAddress } from '../transport/transport.ts'
import { diverged } from './diverged.ts'

/** A message as it was seen at the platform, sent or received. */
export interface Seen {
  direction: 'down' | 'up'
  type: string
  /** The system that it went to or came from. */
  system: string
  case: string
  parent?: string | undefined
  dataVersion: number
  sequence?: string | undefined
  content: Record<string, unknown>
}

/** A message that is waited for; of what is left out, any will do. */
export type Awaited = Partial<Pick<Seen, 'type' | 'system' | 'case' | 'dataVersion'>> & { decision?: string }

/** As the platform writes a message; flags are for what a mapping finds. */
export type CityDraft = Omit<MessageDraft, 'flags'>

export interface City {
  /** The flow that it plays in, for what is said of it. */
  flow: string
  platform: Platform
  /** In the order in which the platform took them; what it sends, it takes as well. */
  seen: readonly Seen[]
  /** How many of the messages that it took are its own. */
  own(): number
  /** Now in Beijing, to the second, as messages write it. */
  now(): string
  /** So many milliseconds from now. */
  in(ms: number): string
  /**
   * Sends a message to a system of the gateway, and resolves when the broker has it. Throws MESSAGE_INVALID and MESSAGE_INVARIANT_BROKEN: what
   * would be a contradiction is not sent. `contents`: of attachments that the message names; they are on their way before it is.
   */
  send(system: string, draft: CityDraft, contents?: readonly Buffer[]): Promise<void>
  /** A step of the platform's own: it reaches the receiver on the way of all messages. Resolves when it is taken there; throws as `send` does. */
  record(draft: CityDraft): Promise<void>
  /** Sends the newest item catalogue to the gateway, and resolves when the broker has it. */
  sendCatalogue(): Promise<void>
  /** Supervises all cases as of a moment, and sends what is new. */
  supervise(at: string): Promise<Supervision>
  /** What it supervises by. Throws FLOW_DIVERGED where the flow has no such thing. */
  knowledge(): Knowledge
  /** Resolves with the message when it is there, at once when it was there before. Throws FLOW_DIVERGED when it does not come. */
  answer(awaited: Awaited): Promise<Seen>
  /** Ends all waiting with an error that somebody else has seen: what it leads to must not be waited for until the limit. */
  fail(error: GatewayError): void
  /** Resolves when the condition holds. Throws FLOW_DIVERGED when it never does. */
  until(what: Text, holds: () => boolean | Promise<boolean>): Promise<void>
  close(): Promise<void>
}

export interface CityParts {
  config: PlatformConfig & { sender: Sender }
  /** The name of the gateway that it sends to. */
  gateway: string
  flow: string
  clock: Clock
  /** Aborts when the flow has taken too long, or the operator ends it. */
  signal: AbortSignal
  /** Called for each message that was seen. */
  onSeen(seen: Seen): void
  /** Called when the receiver could not take a batch now: it comes again. */
  onFailed(error: GatewayError): void
}

const lookMs = 5
const graceMs = 5000

const wordsOf = (words: object): string =>
  Object.values(words)
    .filter((word) => word !== undefined)
    .join(' ')

const toSeen = (direction: Seen['direction'], system: string, body: string | Buffer): Seen => {
  const { type, data } = JSON.parse(String(body))
  return {
    direction,
    type: typeOfWire(type) ?? type,
    system,
    case: data.case.sourceCaseNo,
    parent: data.case.parentCaseNo,
    dataVersion: data.dataVersion,
    sequence: data.stage?.sequence,
    content: data.content,
  }
}

const checked = (draft: CityDraft): MessageDraft => {
  const whole = { ...draft, flags: [] }
  const { flags, error } = checkInvariants(whole)
  const problem = validateDraft(whole) ?? error
  if (problem) throw problem
  return { ...draft, flags }
}

export const openCity = ({ config, gateway, flow, clock, signal, onSeen, onFailed }: CityParts): City => {
  const seen: Seen[] = []
  const source = platformSource(config.sender)
  let failure: GatewayError | undefined
  let own = 0

  const see = (one: Seen): void => {
    seen.push(one)
    onSeen(one)
  }

  const onTaken = ({ messages, violations, refusals, conflicts }: Findings): void => {
    for (const { system, body } of messages) {
      if (system === source.system) own += 1
      const { target } = JSON.parse(body)
      see(target === undefined ? toSeen('up', system, body) : toSeen('down', target, body))
    }
    const problems = [
      ...violations.map(({ id, kind }) => `${id} ${kind}`),
      ...conflicts.map(({ id }) => `${id} conflict`),
      ...refusals.map(({ code, text }) => `${code} ${text.en}`),
    ]
    if (problems.length > 0)
      failure = diverged(flow, { zh: `平台发现 ${problems.join('；')}`, en: `the platform found ${problems.join('; ')}` })
  }
  const platform = openPlatform(config, { clock, onTaken, onFailed })
  const { kind, options } = config.transport
  const transport = transportKinds[kind].open(options, clock, config.folder)
  transport.open()

  const until: City['until'] = async (what, holds) => {
    while (failure === undefined && !(await holds())) {
      if (signal.aborted) throw diverged(flow, { zh: `没有等到：${what.zh}`, en: `it never came: ${what.en}` })
      await clock.wait(lookMs, signal)
    }
    if (failure !== undefined) throw failure
  }

  const connection = { zh: '消息队列连接', en: 'a connection to the broker' }
  const knowledge = (): Knowledge => {
    if (config.supervision) return config.supervision
    throw diverged(flow, { zh: 'platform.yaml 没有 supervision', en: 'platform.yaml has no supervision' })
  }

  /** What was interrupted, the broker may have or not: sent again under its id, it is one message. What it refuses in its trouble it takes later. Throws any other error. */
  const untilSent = async (send: () => Promise<PublishOutcome | { error: GatewayError } | undefined>): Promise<void> => {
    for (;;) {
      await until(connection, () => transport.capacity() > 0)
      const outcome = await send()
      if (outcome === undefined || !('error' in outcome)) return
      if (!['PUBLISH_INTERRUPTED', 'PUBLISH_REFUSED'].includes(outcome.error.code)) throw outcome.error
      await clock.wait(lookMs, signal)
    }
  }

  const publish = (message: OutgoingMessage): Promise<void> =>
    untilSent(async () => (await sendDown(transport, [message], clock))[0])

  /** Resolves when the receiver has taken it: no answer can overtake it then. */
  const record = async (message: OutgoingMessage): Promise<void> => {
    await publish(message)
    await until({ zh: message.id, en: message.id }, () => platform.store.has(message.id))
  }

  const now = (): string => `${beijingTime(clock.now())}+08:00`

  return {
    flow,
    platform,
    seen,
    own: () => own,
    now,
    in: (ms) => `${beijingTime(clock.now() + ms)}+08:00`,
    until,
    fail: (error) => {
      failure ??= error
    },
    async send(system, draft, contents = []) {
      const whole = checked({ occurredAt: now(), ...draft })
      const message = downMessageOf(whole, { source, gateway, system }, clock)
      await record(recordOf(message, source))
      const kept = { store: platform.store, files: platform.files, clock }
      for (const content of contents) await keepContent(kept, Readable.from([content]))
      await enclose(kept, gateway, namedBy([message]))
      await publish(message)
    },
    async record(draft) {
      const whole = checked({ occurredAt: now(), ...draft })
      const stamp = { source, dataVersion: draft.dataVersion ?? 1, dataVersionOrigin: 'source' as const, seenAt: clock.now() }
      const { id, body } = toCloudEvent(whole, stamp, canonicalTextOf(whole))
      const lane = laneOf(source.system, whole)
      await record({ id, type: draft.type, address: upAddress(source), lane, body, sentAt: clock.now() })
    },
    knowledge,
    async sendCatalogue() {
      await untilSent(async () => {
        const [sent] = await distribute(transport, knowledge().catalogues.at(-1)!, [gateway], clock)
        return sent?.outcome
      })
    },
    async supervise(at) {
      const { supervision: store } = platform.store
      const found = await supervise({ store, knowledge: knowledge(), sender: config.sender, clock, at })
      await untilSent(async () => {
        const { failed } = await sendAlerts(store, transport, clock)
        return failed[0]
      })
      for (const { alert } of found.changes) see(toSeen('down', alert.system, alert.body))
      return found
    },
    async answer(awaited) {
      const { decision, ...plain } = awaited
      const found = (): Seen | undefined =>
        seen.find(
          (one) =>
            one.direction === 'up' &&
            (decision === undefined || one.content['decision'] === decision) &&
            Object.entries(plain).every(([name, value]) => one[name as keyof Seen] === value),
        )
      await until({ zh: wordsOf(awaited), en: wordsOf(awaited) }, () => found() !== undefined)
      return found()!
    },
    async close() {
      await transport.close(graceMs)
      await platform.close()
    },
  }
}
