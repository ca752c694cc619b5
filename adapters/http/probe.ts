/** Whether senders could reach the listener, without taking anything. */
import { once } from 'node:events'
import { createServer } from 'node:net'
import { Agent, request } from 'undici'
import { type AdapterContext, createProbeSteps, GatewayError, type ProbeStep, systemReason } from '../../core/contract.ts'
import { readCertificates } from './certificates.ts'
import type { HttpOptions } from './options.ts'

/** A gateway that runs has the port itself: it answers as only this adapter does. */
const isServed = async ({ listen, tls }: HttpOptions, signal: AbortSignal): Promise<boolean> => {
  const host = { '0.0.0.0': '127.0.0.1', '::': '::1' }[listen.host] ?? listen.host
  const dispatcher = new Agent({ connect: { rejectUnauthorized: false } })
  try {
    const url = `${tls ? 'https' : 'http'}://${host.includes(':') ? `[${host}]` : host}:${listen.port}/`
    const answer = await request(url, { dispatcher, signal, headersTimeout: 2000, bodyTimeout: 2000 })
    const { code } = (await answer.body.json()) as { code?: unknown }
    return String(code).startsWith('PUSH_')
  } catch {
    return false
  } finally {
    await dispatcher.destroy()
  }
}

const bind = async (options: HttpOptions, system: string, signal: AbortSignal): Promise<string> => {
  const { host, port } = options.listen
  const server = createServer()
  try {
    server.listen({ host, port })
    await once(server, 'listening', { signal })
    return `${host}:${port}`
  } catch (cause) {
    const isTaken = (cause as NodeJS.ErrnoException).code === 'EADDRINUSE'
    if (isTaken && (await isServed(options, signal))) return `${host}:${port}, in use by a gateway`
    const address = `${host}:${port}`
    throw GatewayError.of('SOURCE_PORT_UNUSABLE', { system, address, reason: systemReason(cause) }, { cause })
  } finally {
    server.close()
  }
}

const checkCertificates = async (tls: NonNullable<HttpOptions['tls']>, context: AdapterContext): Promise<string> => {
  const { subject, validTo } = (await readCertificates(tls, context)).certificate
  if (Date.parse(validTo) > context.now()) return `${subject.replaceAll('\n', ', ')}, until ${validTo}`
  const reason = { zh: `证书 ${tls.cert} 已于 ${validTo} 过期`, en: `certificate ${tls.cert} ran out on ${validTo}` }
  throw GatewayError.of('SOURCE_OPTIONS_INVALID', { system: context.system, reason })
}

export const probeListener = async (options: HttpOptions, context: AdapterContext, signal: AbortSignal): Promise<ProbeStep[]> => {
  const { steps, step } = createProbeSteps()
  const { tls } = options
  if (tls) {
    await step({ zh: '读取证书与私钥', en: 'read certificate and key' }, () => checkCertificates(tls, context))
  }
  await step({ zh: '占用端口', en: 'bind the port' }, () => bind(options, context.system, signal))
  return steps
}
