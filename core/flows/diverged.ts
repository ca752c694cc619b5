import { GatewayError, type Text } from '../errors.ts'

/** A flow did not go as it must. */
export const diverged = (flow: string, reason: Text): GatewayError => GatewayError.of('FLOW_DIVERGED', { flow, reason })
