/** What is said of the broker: its connection, and whether it takes what it is sent. */
import type { GatewayError } from './errors.ts'
import type { Events } from './events.ts'
import type { Transport, TransportState } from './transport/transport.ts'

/**
 * Tells each change once. Connected, but messages come back, or no confirm comes for them: that is not well, and stands until one is confirmed
 * again, or all that were overdue are.
 */
export const watchBroker = (
  transport: Transport,
  events: Events,
  say: (state: string, detail: object, error: GatewayError | undefined) => void,
): void => {
  let connection: TransportState = transport.state()
  let refusal: GatewayError | undefined
  let overdue: GatewayError | undefined
  let said = ''
  const tell = (): boolean => {
    const { state, error: broken, ...detail } = { error: undefined, ...connection }
    const trouble = state === 'connected' ? (overdue ?? refusal) : undefined
    const shown = trouble ? 'troubled' : state
    const now = `${shown} ${(trouble ?? broken)?.code ?? ''}`
    if (said === now) return false
    said = now
    say(shown, trouble ? {} : detail, trouble ?? broken)
    return true
  }
  transport.onChange((state) => {
    connection = state
    if (tell()) events.emit('transport:changed', state)
  })
  events.on('message:retried', ({ error }) => {
    if (error.code === 'PUBLISH_INTERRUPTED') return
    refusal = error
    tell()
  })
  events.on('messages:overdue', ({ error }) => {
    overdue = error
    tell()
  })
  events.on('messages:confirmed', () => {
    refusal = undefined
    tell()
  })
}
