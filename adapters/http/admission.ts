/** Who may push. Each check that is configured must hold. */
import { createHash, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { TLSSocket } from 'node:tls'
import { GatewayError } from '../../core/contract.ts'
import { isIn, plainAddress, toBlockList } from './addresses.ts'
import type { HttpOptions } from './options.ts'

export interface Denial {
  status: 401 | 403
  error: GatewayError
}

const digest = (text: string): Buffer => createHash('sha256').update(text).digest()

/** What follows the scheme: the token itself, or the password of HTTP Basic. */
const tokenOf = (authorization: string): string => {
  const [, scheme = '', credentials = ''] = /^(\S+)\s+(\S+)\s*$/.exec(authorization) ?? []
  if (scheme.toLowerCase() === 'bearer') return credentials
  if (scheme.toLowerCase() !== 'basic') return ''
  const pair = Buffer.from(credentials, 'base64').toString()
  return pair.slice(pair.indexOf(':') + 1)
}

/** Contract: the options have passed `checkHttpOptions`. Answers undefined to whoever may push. */
export const createAdmission = (system: string, { tls, tokens, tokenHeader, addresses }: HttpOptions) => {
  const allowed = addresses && toBlockList(addresses)
  // Digests have one length, which `timingSafeEqual` needs, and tell nothing of that of the token.
  const known = tokens?.map(({ value }) => digest(value))
  const header = tokenHeader.toLowerCase()

  const denial = (status: 401 | 403, zh: string, en: string): Denial => ({
    status,
    error: GatewayError.of('PUSH_DENIED', { system, reason: { zh, en } }),
  })

  const hasToken = (request: IncomingMessage): boolean => {
    const sent = String(request.headers[header] ?? '')
    const given = digest(header === 'authorization' ? tokenOf(sent) : sent)
    // All are compared, so that the time tells nothing either.
    return known!.map((token) => timingSafeEqual(token, given)).includes(true)
  }

  const checkCertificate = (socket: TLSSocket): Denial | undefined => {
    const certificate = socket.getPeerX509Certificate()
    // Asked first: a resumed session without a certificate counts as authorized in Node.
    if (!certificate) return denial(403, '没有出示客户端证书', 'no client certificate was shown')
    if (!socket.authorized) {
      const reason = String(socket.authorizationError ?? '')
      return denial(403, `客户端证书不可信（${reason}）`, `the client certificate is not trusted (${reason})`)
    }
    const names: string[] = [socket.getPeerCertificate().subject.CN ?? ''].flat()
    if (!tls?.clientNames || names.some((name) => tls.clientNames!.includes(name))) return undefined
    const shown = names.join(', ')
    return denial(403, `客户端证书的名称“${shown}”不在 clientNames 中`, `"${shown}" of the certificate is none of clientNames`)
  }

  return (request: IncomingMessage): Denial | undefined => {
    const remote = plainAddress(request.socket.remoteAddress ?? '')
    if (allowed && !isIn(allowed, remote))
      return denial(403, `地址 ${remote} 不在 addresses 中`, `${remote} is none of addresses`)
    const refused = tls?.clientCa === undefined ? undefined : checkCertificate(request.socket as TLSSocket)
    if (refused) return refused
    if (!known || hasToken(request)) return undefined
    return request.headers[header] === undefined
      ? denial(401, `没有带令牌（HTTP 头 ${tokenHeader}）`, `there is no token (HTTP header ${tokenHeader})`)
      : denial(401, '令牌不对', 'the token is wrong')
  }
}
