/** 住建: a SOAP service that takes and gives an XML string. Stage documents in the manner of EX_GDBS, GBK, pages. */
import { readFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import fastify, { type FastifyInstance, type FastifyReply } from 'fastify'
import { decodeText, encodeText, parseXml, type XmlElement } from '../../core/contract.ts'
import { packageRoot } from '../../core/package-root.ts'
import type { DepartmentCase } from './department-case.ts'
import { type HousingDocument, housingDocuments } from './housing-documents.ts'

export const housingWsdl = join(packageRoot, 'test/departments/housing.wsdl')

export { housing, housingDocuments, housingOutcomes } from './housing-documents.ts'

export type HousingFault = 'dead' | 'silent' | 'garbage' | 'half' | 'failure' | 'charset'

/** An answer in place of the service's own; `body` is sent as it is. */
export interface RawAnswer {
  status?: number
  headers?: Record<string, string>
  body: Uint8Array | string
}

/** A CDATA section cannot hold its own end: there it is closed and opened anew. */
export const cdata = (text: string): string => `<![CDATA[${text.replaceAll(']]>', ']]]]><![CDATA[>')}]]>`

const childText = (element: XmlElement, path: string[]): string => {
  let here: XmlElement | undefined = element
  for (const name of path)
    here = here?.children.find((child): child is XmlElement => typeof child !== 'string' && child.local === name)
  return here?.children.filter((child) => typeof child === 'string').join('') ?? ''
}

export const openHousing = async () => {
  const documents = new Map<string, HousingDocument>()
  let fault: HousingFault | undefined
  let raw: RawAnswer | undefined
  let port = 0
  let server: FastifyInstance | undefined
  const seen: { headers: Record<string, unknown>; body: Buffer }[] = []

  const envelope = (inner: string): string =>
    '<?xml version="1.0" encoding="GBK"?><soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/"><soap:Body>' +
    `<ns:queryResponse xmlns:ns="urn:housing:exchange"><ns:return>${cdata(inner)}</ns:return></ns:queryResponse></soap:Body></soap:Envelope>`

  const answerOf = (request: Buffer, contentType: string): string => {
    if (fault === 'failure')
      return '<?xml version="1.0" encoding="GBK"?><Answer><Code>9</Code><Message>接口维护中，查询未成功</Message></Answer>'
    const query = parseXml(
      childText(parseXml(decodeText(request, /charset=([\w-]+)/.exec(contentType)?.[1])), ['Body', 'query', 'xmlString']),
    )
    const size = Number(childText(query, ['PageSize']))
    const from = (Number(childText(query, ['PageNo'])) - 1) * size
    const page = [...documents.values()].slice(from, from + size)
    const data = page.map(({ xml }) => xml).join('')
    return `<?xml version="1.0" encoding="GBK"?><Answer><Code>0</Code><Message>查询成功</Message><Total>${documents.size}</Total><Data>${data}</Data></Answer>`
  }

  const breakOff = (reply: FastifyReply, body: Uint8Array): void => {
    reply.hijack()
    reply.raw.writeHead(200, { 'content-type': 'text/xml; charset=GBK', 'content-length': body.length })
    reply.raw.write(body.subarray(0, body.length / 2), () => reply.raw.destroy())
  }

  const start = async (): Promise<void> => {
    const opened = fastify({ forceCloseConnections: true, bodyLimit: 4 * 1024 * 1024 })
    opened.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body))
    opened.get('/exchange', (_request, reply) =>
      reply
        .type('text/xml; charset=utf-8')
        .send(readFileSync(housingWsdl, 'utf8').replace('127.0.0.1:8080', `127.0.0.1:${port}`)),
    )
    opened.post('/exchange', (request, reply) => {
      const body = request.body as Buffer
      seen.splice(0, seen.length, { headers: request.headers, body })
      if (fault === 'silent') return void reply.hijack()
      if (fault === 'garbage') return reply.type('text/html; charset=utf-8').send('<html><body><br>502 网关错误</body></html>')
      if (raw)
        return reply
          .code(raw.status ?? 200)
          .headers(raw.headers ?? {})
          .send(Buffer.from(raw.body))
      const answer = encodeText(envelope(answerOf(body, String(request.headers['content-type']))), 'gb18030')
      if (fault === 'half') return breakOff(reply, answer)
      return reply.header('content-type', `text/xml; charset=${fault === 'charset' ? 'utf-8' : 'GBK'}`).send(Buffer.from(answer))
    })
    await opened.listen({ host: '127.0.0.1', port })
    port = (opened.server.address() as AddressInfo).port
    server = opened
  }
  await start()

  return {
    wsdl: housingWsdl,
    endpoint: `http://127.0.0.1:${port}/exchange`,
    /** Adds a document, or replaces the one with its id. */
    put: (entry: HousingDocument): void => void documents.set(entry.id, entry),
    add: (source: DepartmentCase): void => {
      for (const entry of housingDocuments(source)) documents.set(entry.id, entry)
    },
    /** The request that came last. */
    lastRequest: () => seen[0],
    answerWith: (answer: RawAnswer | undefined): void => {
      raw = answer
    },
    misbehave: async (kind: HousingFault): Promise<void> => {
      fault = kind
      if (kind === 'dead') await server?.close()
    },
    mend: async (): Promise<void> => {
      const wasDead = fault === 'dead'
      fault = undefined
      raw = undefined
      if (wasDead) await start()
    },
    close: async (): Promise<void> => {
      await server?.close()
    },
  }
}
