import type { Test } from 'tap'
import { isUnfit, readHead } from '../../adapters/http/body.ts'
import { createUnavailable, refused } from '../../adapters/http/refusal.ts'
import { GatewayError } from '../../core/errors.ts'
import { jsonOptions, postTo, serve } from '../contract/push-place.ts'
import { type Sayings, thrownBy, withCode } from './saying.ts'

/** What the operator hears of a sender that is denied. */
const denied = async (t: Test): Promise<GatewayError> => {
  const warnings: GatewayError[] = []
  const place = await serve(t, await jsonOptions({ tokens: [{ value: 'token-of-this-year' }] }), { warnings })
  await postTo(`${place.url}/rows`, '{}')
  return withCode('PUSH_DENIED', warnings)
}

const ofOtherType = (): GatewayError => {
  const head = readHead({ 'content-type': 'text/plain' }, 'json')
  if (!isUnfit(head)) throw new Error('it is fit')
  return refused(head.status, 'POST /cases', head.reason).error
}

const unusable = async (t: Test): Promise<GatewayError> => {
  const options = await jsonOptions()
  await serve(t, options)
  return thrownBy(() => serve(t, options))
}

/** What senders are told, and what an operator is told of them. */
export const push: Sayings = {
  SOURCE_PORT_UNUSABLE: {
    provoke: unusable,
    where: /127\.0\.0\.1:\d+/,
    found: { zh: '已被另一个程序占用', en: 'another program uses' },
    allowed: { zh: '换一个端口', en: 'another port' },
    next: { zh: '自动重试', en: 'retries by itself' },
  },
  PUSH_DENIED: {
    provoke: denied,
    where: '测试系统',
    found: { zh: '没有带令牌', en: 'no token' },
    allowed: 'Authorization',
    next: { zh: '核对令牌', en: 'check token' },
  },
  PUSH_REFUSED: {
    provoke: ofOtherType,
    where: 'POST /cases',
    found: 'text/plain',
    allowed: 'application/json',
    next: { zh: '修改请求后重发', en: 'change the request' },
  },
  PUSH_UNAVAILABLE: {
    provoke: () => createUnavailable('测试系统').paused(GatewayError.of('STORE_BACKLOG_FULL', { waiting: 5, limit: 5 })).error,
    where: '测试系统',
    found: 'STORE_BACKLOG_FULL',
    allowed: { not: 'the request is right, only the time is not' },
    next: 'Retry-After',
  },
}
