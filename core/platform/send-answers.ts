import {
  attachmentReceiptsControl,
  type Comparison,
  comparisonControl,
  maxIdsAtOnce,
  type Receipt,
  receiptsEvent,
  receiptsType,
} from '../canonical/index.ts'
import { beijingTime, type Clock } from '../clock.ts'
import { GatewayError } from '../errors.ts'
import { sha256 } from '../sha256.ts'
import { downAddress, type OutgoingMessage, type PublishOutcome, type Transport } from '../transport/transport.ts'
import type { OwedAttachmentReceipt } from './attachment-receiver.ts'
import type { OwedReceipt } from './judge.ts'

/** What gateways are owed for a batch. */
export interface Owed {
  receipts: readonly OwedReceipt[]
  comparisons: readonly Comparison[]
  attachments?: readonly OwedAttachmentReceipt[]
}

/** As few events for each gateway as can hold them. */
const receiptsOf = (owed: readonly OwedReceipt[], now: number): OutgoingMessage[] =>
  [...new Set(owed.map(({ gateway }) => gateway))].flatMap((gateway) => {
    const receipts = owed
      .filter((one) => one.gateway === gateway)
      .map(({ id, digest, outcome, at = now }): Receipt => ({ id, digest, outcome, at: `${beijingTime(at)}+08:00` }))
    return Array.from({ length: Math.ceil(receipts.length / maxIdsAtOnce) }, (_, at) => {
      const some = receipts.slice(at * maxIdsAtOnce, (at + 1) * maxIdsAtOnce)
      const id = `receipts:${gateway}:${sha256(JSON.stringify(some)).toString('hex')}`
      const body = receiptsEvent(id, gateway, some)
      return { id, type: receiptsType, address: downAddress(gateway), lane: gateway, body, sentAt: now }
    })
  })

/** The same for attachments, of which one batch has few. */
const attachmentReceiptsOf = (owed: readonly OwedAttachmentReceipt[], now: number): OutgoingMessage[] =>
  [...new Set(owed.map(({ gateway }) => gateway))].map((gateway) => {
    const at = `${beijingTime(now)}+08:00`
    const receipts = owed.filter((one) => one.gateway === gateway).map(({ gateway: _, ...receipt }) => ({ ...receipt, at }))
    const id = `attachment-receipts:${gateway}:${sha256(JSON.stringify(receipts)).toString('hex')}`
    const body = attachmentReceiptsControl.write(id, '/platform', { gateway, receipts })
    return { id, type: attachmentReceiptsControl.type, address: downAddress(gateway), lane: gateway, body, sentAt: now }
  })

const messageOf = (comparison: Comparison, now: number): OutgoingMessage => {
  const { gateway } = comparison
  const id = `comparison:${gateway}:${sha256(JSON.stringify(comparison)).toString('hex')}`
  const body = comparisonControl.write(id, '/platform', comparison)
  return { id, type: comparisonControl.type, address: downAddress(gateway), lane: gateway, body, sentAt: now }
}

/**
 * Sends what is owed, receipts first, and resolves when the broker has it. A gateway without a queue gets none; nor does any while the broker
 * takes nothing more (memory or disk alarm), since what it holds must go on being taken from it. Both show in the books of the gateway, which
 * states again what was not answered. Rejects while there is no connection.
 */
export const sendAnswers = async (
  transport: Transport,
  { receipts, comparisons, attachments = [] }: Owed,
  clock: Clock,
): Promise<void> => {
  const now = clock.now()
  const outcomes: Promise<PublishOutcome>[] = []
  const messages = [
    ...receiptsOf(receipts, now),
    ...comparisons.map((one) => messageOf(one, now)),
    ...attachmentReceiptsOf(attachments, now),
  ]
  for (const message of messages) {
    while (transport.capacity() === 0) {
      const { state } = transport.state()
      if (state === 'blocked') return
      if (state !== 'connected') throw GatewayError.of('PUBLISH_INTERRUPTED', {})
      await clock.wait(5)
    }
    outcomes.push(transport.publish(message))
  }
  for (const outcome of await Promise.all(outcomes))
    if (outcome.outcome === 'interrupted' || outcome.outcome === 'refused') throw outcome.error
}
