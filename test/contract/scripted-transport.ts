import { GatewayError } from '../../core/errors.ts'
import type { OutgoingMessage, PublishOutcome, Transport, TransportState } from '../../core/transport/transport.ts'

const answers: Record<PublishOutcome['outcome'], PublishOutcome> = {
  confirmed: { outcome: 'confirmed' },
  returned: { outcome: 'returned', error: GatewayError.of('PUBLISH_RETURNED', { routingKey: 'v1.up' }) },
  refused: { outcome: 'refused', error: GatewayError.of('PUBLISH_REFUSED', {}) },
  interrupted: { outcome: 'interrupted', error: GatewayError.of('PUBLISH_INTERRUPTED', {}) },
}

/**
 * A transport that answers as the test says, for what a real broker does not do on request. `arrived` is what "the other side" has:
 * a message that was confirmed, and one whose connection broke after it had got there.
 */
export const openScriptedTransport = (
  script: (message: OutgoingMessage) => PublishOutcome['outcome'] | 'arrived-interrupted',
  window = 50,
) => {
  const listeners = new Set<(state: TransportState) => void>()
  const arrived: OutgoingMessage[] = []
  let outstanding = 0
  let isOpen = true
  const state = (): TransportState => (isOpen ? { state: 'connected', url: 'scripted' } : { state: 'connecting' })
  const tell = () => {
    for (const listener of listeners) listener(state())
  }
  const transport: Transport = {
    open: () => undefined,
    publish: async (message) => {
      outstanding += 1
      const scripted = script(message)
      await new Promise(setImmediate)
      outstanding -= 1
      if (scripted === 'confirmed' || scripted === 'arrived-interrupted') arrived.push(message)
      tell()
      return answers[scripted === 'arrived-interrupted' ? 'interrupted' : scripted]
    },
    capacity: () => (isOpen ? window - outstanding : 0),
    onChange: (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    state,
    subscribe: () => ({ close: async () => undefined }),
    probe: async () => ({ server: 'scripted' }),
    close: async () => {
      isOpen = false
      while (outstanding > 0) await new Promise(setImmediate)
    },
  }
  return {
    transport,
    arrived,
    connect: (open: boolean) => {
      isOpen = open
      tell()
    },
  }
}
