/** A SOAP service that is written to: cases as an XML string, supplements as typed elements. It keeps what it was given. */
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import fastify, { type FastifyInstance, type FastifyReply } from 'fastify'
import { decodeText, encodeText, escapeXml, parseXml, readXml, textsAt, toPath, type XmlElement } from '../../core/contract.ts'
import { packageRoot } from '../../core/package-root.ts'
import { cdata, type RawAnswer } from './housing-soap.ts'

export const targetWsdl = join(packageRoot, 'test/departments/target.wsdl')

/** A case or a supplement, as it arrived. */
export interface Effect {
  id: string
  no: string
  element: XmlElement
}

/** `cut` breaks the connection, and `hold` gives no answer, each after the effect; `halved` breaks off in the middle of the answer. */
export type TargetFault = 'cut' | 'hold' | 'halved'

export const soapEnvelope = (body: string): string =>
  `<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/" xmlns:t="urn:target"><soap:Body>${body}</soap:Body></soap:Envelope>`

export const soapFault = (code: string, text: string): string =>
  soapEnvelope(`<soap:Fault><faultcode>${code}</faultcode><faultstring>${text}</faultstring></soap:Fault>`)

const first = (element: XmlElement, path: string): string => textsAt(element, toPath(path))[0] ?? ''

export const openTarget = async () => {
  /** In order; whoever is given the same twice has it twice, unless it knows the id. */
  const effects: Effect[] = []
  const requests: { operation: string; contentType: string; body: Buffer }[] = []
  let knowsIds = true
  let fault: TargetFault | undefined
  let raw: RawAnswer | undefined
  let port = 0
  let server: FastifyInstance | undefined

  const answer = (code: string, message: string): string =>
    `<?xml version="1.0" encoding="GBK"?><Answer><Code>${code}</Code><Message>${message}</Message></Answer>`

  const add = (effect: Effect): boolean => {
    if (knowsIds && effects.some(({ id }) => id === effect.id)) return false
    effects.push(effect)
    return true
  }

  const operations: Record<string, (element: XmlElement) => string> = {
    submit: (element) => {
      const data = readXml(first(element, 'xmlString')).above
      const no = first(data, 'Request/Data/NO')
      if (no === 'BUSY') return answer('9001', '系统繁忙')
      if (no.startsWith('BAD')) return answer('2001', '事项编码不存在')
      if (no === 'ODD') return answer('7', '???')
      return add({ id: first(data, 'Request/Head/MsgId'), no, element: data }) ? answer('0', '成功') : answer('1001', '已存在')
    },
    find: (element) => {
      const no = first(readXml(first(element, 'xmlString')).above, 'Query/NO')
      return effects.some((effect) => effect.no === no) ? answer('0', '有') : answer('404', '无')
    },
    addSupplement: (element) =>
      add({ id: first(element, 'requestId'), no: first(element, 'SBLSH'), element }) ? '0|成功' : '1001|重复',
  }

  const send = (reply: FastifyReply, body: Uint8Array): unknown => {
    if (fault === 'hold') return void reply.hijack()
    if (fault === 'cut') {
      reply.hijack()
      return void reply.raw.destroy()
    }
    if (fault === 'halved') {
      reply.hijack()
      reply.raw.writeHead(200, { 'content-type': 'text/xml; charset=GBK', 'content-length': body.length })
      return void reply.raw.write(body.subarray(0, body.length / 2), () => reply.raw.destroy())
    }
    return reply.header('content-type', 'text/xml; charset=GBK').send(Buffer.from(body))
  }

  const start = async (): Promise<void> => {
    const opened = fastify({ forceCloseConnections: true })
    opened.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body))
    opened.post('/target', (request, reply) => {
      const body = request.body as Buffer
      const contentType = String(request.headers['content-type'])
      const message = parseXml(decodeText(body, /charset=([\w-]+)/.exec(contentType)?.[1]))
      const [element] = toPath('Body/*').select({ root: message, node: message }) as XmlElement[]
      requests.push({ operation: element!.local, contentType, body })
      if (raw)
        return reply
          .code(raw.status ?? 200)
          .headers({ 'content-type': 'text/xml; charset=utf-8', ...raw.headers })
          .send(Buffer.from(raw.body))
      const result = operations[element!.local]!(element!)
      const shown = result.startsWith('<') ? cdata(result) : escapeXml(result)
      const name = `t:${element!.local}Response`
      return send(reply, encodeText(soapEnvelope(`<${name}><t:return>${shown}</t:return></${name}>`), 'gb18030'))
    })
    await opened.listen({ host: '127.0.0.1', port })
    port = (opened.server.address() as AddressInfo).port
    server = opened
  }
  await start()

  return {
    wsdl: targetWsdl,
    endpoint: `http://127.0.0.1:${port}/target`,
    port,
    effects,
    requests,
    /** From now on it tells by the id what it has already, or does not. */
    knowIds: (knows: boolean): void => {
      knowsIds = knows
    },
    misbehave: (kind: TargetFault): void => {
      fault = kind
    },
    answerWith: (answer: RawAnswer): void => {
      raw = answer
    },
    stop: async (): Promise<void> => {
      await server?.close()
    },
    mend: async (): Promise<void> => {
      fault = undefined
      raw = undefined
      if (!server?.server.listening) await start()
    },
  }
}
