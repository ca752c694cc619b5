import { connect } from 'amqplib'
import { partitionOf } from '../../core/transport/lane.ts'
import { type Assignment, partitions } from './assignment.ts'
import type { HandMessage } from './hand-message.ts'

/** A window of unconfirmed messages on one channel. Anything but a confirm ends the script. */
export const openBarePublisher = async ({ prefix, window, department }: Assignment) => {
  // Without noDelay each single confirm takes 40 ms: even the naive script is given it.
  const model = await connect('amqp://127.0.0.1:5672', { noDelay: true })
  const channel = await model.createConfirmChannel()
  let outstanding = 0
  let congested = false
  let failure: unknown
  let changed = (): void => undefined
  const change = () => new Promise<void>((resolve) => (changed = resolve))
  channel.on('return', () => {
    failure = new Error('a message was returned')
  })
  channel.on('drain', () => {
    congested = false
    changed()
  })

  return {
    /** Resolves when there is room for the next; `confirmed` is called when the broker has it. */
    async send({ id, lane, body }: HandMessage, confirmed = (): void => undefined): Promise<void> {
      const routingKey = `v1.up.${department.region}.${department.code}.application.received.p${partitionOf(lane, partitions)}`
      const properties = {
        persistent: true,
        mandatory: true,
        messageId: id,
        type: 'application.received',
        contentType: 'application/cloudevents+json',
        contentEncoding: 'utf-8',
        timestamp: Math.floor(Date.now() / 1000),
        appId: 'bare',
        headers: { lane },
      }
      outstanding += 1
      congested = !channel.publish(`${prefix}.up`, routingKey, Buffer.from(body), properties, (error: unknown) => {
        failure ??= error
        outstanding -= 1
        confirmed()
        changed()
      })
      while (outstanding >= window || congested) {
        await change()
        if (failure) throw failure
      }
    },
    async drain(): Promise<void> {
      while (outstanding > 0) await change()
      if (failure) throw failure
    },
    close: () => model.close(),
  }
}
