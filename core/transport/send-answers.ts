import type { Clock } from '../clock.ts'
import { GatewayError } from '../errors.ts'
import type { OutgoingMessage, PublishOutcome, Transport } from './transport.ts'

/**
 * Sends answers to what was received, and resolves when the broker has them. What has no queue gets none; nor does anybody while the broker takes
 * nothing more (memory or disk alarm), since what it holds must go on being taken from it: whoever is owed an answer asks again. False when so. Rejects while there is no
 * connection.
 */
export const sendAnswers = async (transport: Transport, messages: readonly OutgoingMessage[], clock: Clock): Promise<boolean> => {
  const outcomes: Promise<PublishOutcome>[] = []
  for (const message of messages) {
    while (transport.capacity() === 0) {
      const { state } = transport.state()
      if (state === 'blocked') return false
      if (state !== 'connected') throw GatewayError.of('PUBLISH_INTERRUPTED', {})
      await clock.wait(5)
    }
    outcomes.push(transport.publish(message))
  }
  for (const outcome of await Promise.all(outcomes))
    if (outcome.outcome === 'interrupted' || outcome.outcome === 'refused') throw outcome.error
  return true
}
