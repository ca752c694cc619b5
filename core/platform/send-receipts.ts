import { type Receipt, receiptsEvent, receiptsType } from '../canonical/index.ts'
import { beijingTime, type Clock } from '../clock.ts'
import { GatewayError } from '../errors.ts'
import { sha256 } from '../sha256.ts'
import { downAddress, type Transport } from '../transport/transport.ts'
import type { OwedReceipt } from './judge.ts'

/**
 * Sends the receipts of a batch, in one event for each gateway, and resolves when the broker has them. A gateway without a queue gets none; nor
 * does any while the broker takes nothing more (memory or disk alarm), since what it holds must go on being taken from it. Both show in the books
 * of the gateway. Rejects while there is no connection.
 */
export const sendReceipts = async (transport: Transport, owed: readonly OwedReceipt[], clock: Clock): Promise<void> => {
  if (owed.length === 0 || transport.state().state === 'blocked') return
  if (transport.capacity() === 0) throw GatewayError.of('PUBLISH_INTERRUPTED', {})
  const now = clock.now()
  const at = `${beijingTime(now)}+08:00`
  const gateways = [...new Set(owed.map(({ gateway }) => gateway))]
  const outcomes = await Promise.all(
    gateways.map((gateway) => {
      const receipts = owed
        .filter((one) => one.gateway === gateway)
        .map(({ id, digest, outcome }): Receipt => ({ id, digest, outcome, at }))
      const id = `receipts:${gateway}:${sha256(JSON.stringify(receipts)).toString('hex')}`
      const body = receiptsEvent(id, gateway, receipts)
      return transport.publish({ id, type: receiptsType, address: downAddress(gateway), lane: gateway, body, sentAt: now })
    }),
  )
  for (const outcome of outcomes) if (outcome.outcome === 'interrupted' || outcome.outcome === 'refused') throw outcome.error
}
