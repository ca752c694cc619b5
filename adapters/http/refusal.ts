/** Why nothing of a request was taken, and how that is told. */
import { GatewayError, type Text } from '../../core/contract.ts'

/** Senders are asked to wait so long. */
const retryAfterSeconds = 10

export class Refusal extends Error {
  override readonly name = 'Refusal'
  readonly status: number
  readonly error: GatewayError
  readonly headers: Record<string, string>

  constructor(status: number, error: GatewayError, headers: Record<string, string> = {}) {
    super(error.message, { cause: error })
    this.status = status
    this.error = error
    this.headers = headers
  }
}

/** A request that would be refused again. `request` names it, as `POST /cases`. */
export const refused = (status: number, request: string, reason: Text, headers?: Record<string, string>): Refusal =>
  new Refusal(status, GatewayError.of('PUSH_REFUSED', { request, reason }), headers)

/** The same request may be taken later. */
export const createUnavailable = (system: string) => {
  const unavailable = (status: 500 | 503, zh: string, en: string): Refusal =>
    new Refusal(status, GatewayError.of('PUSH_UNAVAILABLE', { system, reason: { zh, en } }), {
      'retry-after': String(retryAfterSeconds),
    })
  return {
    stopping: () => unavailable(503, '网关正在停止', 'the gateway stops'),
    full: () => unavailable(503, '同时处理的推送已到上限', 'as many posts as may be are under way'),
    /** Why is the operator's to know, who is told of it by the gateway. */
    paused: ({ code }: GatewayError) => unavailable(503, `存储已暂停（${code}）`, `the store has paused (${code})`),
    failed: () => unavailable(500, '网关内部出错，见其日志', 'the gateway failed, see its log'),
  }
}

/** As Node and Fastify mark what they throw. */
interface ServerFault {
  code?: string | undefined
  statusCode?: number
}

/** What the HTTP server itself found wrong. Undefined when it was no fault of the request. */
export const faultReason = ({ code, statusCode }: ServerFault): { status: number; reason: Text } | undefined => {
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT')
    return { status: 408, reason: { zh: '没有在时限（timeoutMs）内完整到达', en: 'it did not come whole within timeoutMs' } }
  if (code === 'HPE_HEADER_OVERFLOW') return { status: 431, reason: { zh: 'HTTP 头过大', en: 'its headers are too large' } }
  if (code === 'ECONNRESET') return { status: 400, reason: { zh: '在中途断开', en: 'it broke off in the middle' } }
  const isOfRequest = code?.startsWith('HPE_') || (statusCode !== undefined && statusCode < 500)
  return isOfRequest
    ? { status: 400, reason: { zh: '不是完整合法的 HTTP 请求', en: 'it is no whole and valid HTTP request' } }
    : undefined
}
