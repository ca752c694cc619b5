/** What is said of the broker: its connection, and whether it takes what it is sent. */
import type { GatewayError } from './errors.ts'
import type { Events } from './events.ts'
import type { Transport, TransportState } from './transport/transport.ts'

export interface BrokerHealth {
  /** Of the connection, or `troubled`: connected, but messages come back, or queues confirm nothing. */
  state: TransportState['state'] | 'troubled'
  detail: object
  error: GatewayError | undefined
}

/** What a state of a connection comes to; `refusal` is what the broker last gave a message back for. */
export const healthOf = (connection: TransportState, refusal?: GatewayError): BrokerHealth => {
  const { state, error: own, ...detail } = { error: undefined, ...connection }
  const error = own ?? (state === 'connected' ? refusal : undefined)
  return state === 'connected' && error ? { state: 'troubled', detail: {}, error } : { state, detail, error }
}

/** Tells each error of a connection once, when it comes: what keeps it from being made, or is not well although it is. */
export const onBrokerError = (transport: Transport, tell: (error: GatewayError) => void): void => {
  let told: GatewayError | undefined
  transport.onChange((state) => {
    const { error } = healthOf(state)
    if (error && error !== told) tell(error)
    told = error
  })
}

/** Tells each change of the transport of messages once. What came back stands until a message is confirmed again. */
export const watchBroker = (transport: Transport, events: Events, say: (health: BrokerHealth) => void): void => {
  let refusal: GatewayError | undefined
  let said = ''
  const tell = (): boolean => {
    const health = healthOf(transport.state(), refusal)
    const now = [health.state, health.error?.code, health.error?.values['queues']].join(' ')
    if (said === now) return false
    said = now
    say(health)
    return true
  }
  transport.onChange((state) => {
    if (tell()) events.emit('transport:changed', state)
  })
  events.on('message:retried', ({ error }) => {
    if (error.code === 'PUBLISH_INTERRUPTED') return
    refusal = error
    tell()
  })
  events.on('messages:confirmed', () => {
    refusal = undefined
    tell()
  })
}
