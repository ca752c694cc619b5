import type { Socket } from 'node:net'
import type { ChannelModel } from 'amqplib'
import { GatewayError, toGatewayError } from '../../errors.ts'
import type { Cargo } from '../cargo.ts'
import { partitionOf } from '../lane.ts'
import { type OutgoingMessage, type PublishOutcome, queueOfAddress } from '../transport.ts'
import { closeChannel } from './connection.ts'
import type { RabbitmqOptions } from './options.ts'
import { exchangeOf, queueName } from './topology.ts'
import type { UnconfirmedQueues } from './unconfirmed.ts'

/** The header that carries the lane, so that a receiver need not open the body. */
export const laneHeader = 'lane'

export interface Publisher {
  publish(message: OutgoingMessage): Promise<PublishOutcome>
  /** How many more messages may be handed over now. */
  capacity(): number
  outstanding(): number
  /** Takes no more; `spent` is told as soon as nothing is outstanding. */
  retire(): void
  close(): Promise<void>
}

export interface PublisherListener {
  /** After every confirm, and when the socket has taken what was written. */
  changed(): void
  /** The broker closed the channel. */
  failed(error: unknown): void
  /**
   * The broker has refused messages and nothing is outstanding: time for a new publisher. RabbitMQ 3.10 was seen to go
   * on refusing on such a channel for ever after the length limit was lifted, while it accepted on a new one.
   */
  spent(): void
  /** No queue is bound for a message: the topology is not, or no longer, what it should be. */
  returned(): void
}

const confirmed: PublishOutcome = { outcome: 'confirmed' }

/** One confirm channel, on which confirms are pipelined. */
export const openPublisher = async (
  model: ChannelModel,
  options: RabbitmqOptions,
  { contentType, contentEncoding }: Cargo<string | Buffer>,
  listener: PublisherListener,
  unconfirmed: UnconfirmedQueues,
): Promise<Publisher> => {
  const channel = await model.createConfirmChannel()
  /** How often each id was returned and not yet confirmed. Nearly always empty. */
  const returned = new Map<string, number>()
  let outstanding = 0
  let congested = false
  let refused = false
  let interruption: GatewayError | undefined
  // Before amqplib's own listener, which ends the outstanding ones: thus a nack and a broken channel are told apart.
  channel.prependListener('close', () => {
    interruption = GatewayError.of('PUBLISH_INTERRUPTED', {})
  })
  channel.on('error', listener.failed)
  channel.on('drain', () => {
    congested = false
    listener.changed()
  })
  // The broker sends the return of a message before its confirm.
  channel.on('return', ({ properties }) => returned.set(properties.messageId, (returned.get(properties.messageId) ?? 0) + 1))

  const takeReturned = (id: string): boolean => {
    const times = returned.get(id)
    if (times === undefined) return false
    if (times === 1) returned.delete(id)
    else returned.set(id, times - 1)
    return true
  }

  const outcomeOf = (failure: unknown, id: string, routingKey: string): PublishOutcome => {
    if (interruption !== undefined) return { outcome: 'interrupted', error: interruption }
    refused ||= Boolean(failure)
    if (failure) return { outcome: 'refused', error: GatewayError.of('PUBLISH_REFUSED', {}, { cause: failure }) }
    if (returned.size > 0 && takeReturned(id)) {
      listener.returned()
      return { outcome: 'returned', error: GatewayError.of('PUBLISH_RETURNED', { routingKey }) }
    }
    return confirmed
  }

  const { stream } = (model as unknown as { connection: { stream: Socket } }).connection
  let corked = false
  /** What is published in one turn leaves in one write: a system call for each message would cost more than the message. */
  const cork = (): void => {
    if (corked) return
    corked = true
    stream.cork()
    // amqplib writes its frames in an immediate of its own, which was scheduled before the second of these runs.
    setImmediate(() =>
      setImmediate(() => {
        corked = false
        stream.uncork()
      }),
    )
  }

  const send = (message: OutgoingMessage, resolve: (outcome: PublishOutcome) => void): void => {
    const { id, type, address, lane } = message
    const body = typeof message.body === 'string' ? Buffer.from(message.body, 'utf8') : message.body
    if (body.length > options.maxMessageBytes) {
      // The broker would close the channel for it, and with it everything else in flight, again at every attempt.
      const values = { bytes: body.length, limit: options.maxMessageBytes }
      resolve({ outcome: 'refused', error: GatewayError.of('PUBLISH_TOO_LARGE', values) })
      return
    }
    const partition = partitionOf(lane, options.partitions)
    const routingKey = `v1.${address}.${type}.p${partition}`
    const queue = queueName(options.prefix, queueOfAddress(address), partition)
    const properties = {
      persistent: true,
      mandatory: true,
      messageId: id,
      type,
      contentType,
      ...(contentEncoding === undefined ? {} : { contentEncoding }),
      timestamp: Math.floor(message.sentAt / 1000),
      appId: 'qianzhi',
      headers: { ...message.headers, [laneHeader]: lane },
    }
    cork()
    congested = !channel.publish(exchangeOf(options.prefix, address), routingKey, body, properties, (failure) => {
      outstanding--
      if (interruption === undefined) unconfirmed.answered(queue)
      else unconfirmed.interrupted(queue)
      resolve(outcomeOf(failure, id, routingKey))
      if (refused && outstanding === 0 && interruption === undefined) listener.spent()
      listener.changed()
    })
    outstanding++
    unconfirmed.sent(queue)
  }

  return {
    publish: (message) =>
      new Promise((resolve) => {
        if (interruption !== undefined) return resolve({ outcome: 'interrupted', error: interruption })
        try {
          send(message, resolve)
        } catch (thrown) {
          // On a channel that is just closing, amqplib throws; otherwise nothing was written: a field is not what AMQP allows.
          resolve(
            thrown instanceof Error && thrown.name === 'IllegalOperationError'
              ? { outcome: 'interrupted', error: GatewayError.of('PUBLISH_INTERRUPTED', {}, { cause: thrown }) }
              : { outcome: 'refused', error: toGatewayError(thrown) },
          )
        }
      }),
    capacity: () => (congested || refused || interruption !== undefined ? 0 : Math.max(0, options.window - outstanding)),
    outstanding: () => outstanding,
    retire() {
      refused = true
      if (outstanding === 0 && interruption === undefined) listener.spent()
    },
    close: () => closeChannel(channel),
  }
}
