/** Queues that take what they are sent and answer nothing, over a connection that stands. */
import { beijingTime } from '../../clock.ts'
import { GatewayError } from '../../errors.ts'

/** How often they are looked at. Looks are counted and not time: a clock that is set, or a machine that slept, is no silence of the broker. */
export const confirmLookMs = 1000

/** A broker that is well answers within milliseconds. */
const silentLooks = 60

interface Queue {
  outstanding: number
  /** Looks since something was outstanding and nothing was answered. */
  looks: number
  /** Milliseconds since 1970. */
  since: number
}

export interface UnconfirmedQueues {
  sent(queue: string): void
  /** By the broker, whatever it said; not by a connection that broke, which says nothing of the queue. */
  answered(queue: string): void
  /** What was sent to it and not answered counts no more: the connection is gone. */
  interrupted(queue: string): void
  /** To be called every `confirmLookMs` while the broker takes messages. Answers PUBLISH_UNCONFIRMED while there are such queues. */
  look(now: number): GatewayError | undefined
}

/** A queue is silent until it has answered: neither a new connection nor what other queues do is an all-clear. */
export const watchUnconfirmed = (): UnconfirmedQueues => {
  const queues = new Map<string, Queue>()
  const of = (name: string): Queue => {
    const known = queues.get(name) ?? { outstanding: 0, looks: 0, since: 0 }
    queues.set(name, known)
    return known
  }
  return {
    sent(name) {
      of(name).outstanding += 1
    },
    answered(name) {
      const queue = of(name)
      queue.outstanding -= 1
      queue.looks = 0
    },
    interrupted(name) {
      of(name).outstanding -= 1
    },
    look(now) {
      for (const queue of queues.values()) {
        if (queue.outstanding === 0) continue
        if (queue.looks === 0) queue.since = now
        queue.looks += 1
      }
      const silent = [...queues].filter(([, { looks }]) => looks > silentLooks)
      if (silent.length === 0) return undefined
      const since = Math.min(...silent.map(([, queue]) => queue.since))
      const names = silent.map(([name]) => name).sort()
      return GatewayError.of('PUBLISH_UNCONFIRMED', { queues: names.join(', '), since: beijingTime(since).replace('T', ' ') })
    },
  }
}
