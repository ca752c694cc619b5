/** 住建局: examination of drawings. A SOAP service (GBK) that is told of projects and is asked for opinions; both are an XML string. */
import { readFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import fastify from 'fastify'
import {
  decodeText,
  encodeText,
  parseXml,
  readXml,
  textsAt,
  toPath,
  writeDocument,
  type XmlElement,
} from '../../../core/contract.ts'
import { packageRoot } from '../../../core/package-root.ts'
import { cdata } from '../housing-soap.ts'
import { deskTime, runDesk } from './desk.ts'

const wsdl = readFileSync(join(packageRoot, 'test/departments/desks/joint.wsdl'), 'utf8')
const certificate = '施工图审查合格书'

interface Project {
  element: XmlElement
  opinion?: Record<string, string>
}

const projects = new Map<string, Project>()
const known = new Set<string>()

const textsOf = (element: XmlElement, path: string): string[] => textsAt(element, toPath(path))
const textOf = (element: XmlElement, path: string): string => textsOf(element, path)[0] ?? ''

const document = (content: Parameters<typeof writeDocument>[0]): string => writeDocument(content, 'GBK')

const operations: Record<string, (given: XmlElement) => string> = {
  notify: (given) => {
    const id = textOf(given, 'Request/MsgId')
    if (known.has(id)) return document({ Answer: { Code: '1001', Message: '已收到' } })
    known.add(id)
    const [element] = toPath('Request/Notice').select({ root: given, node: given }) as XmlElement[]
    projects.set(textOf(element!, 'CaseNo'), { element: element! })
    return document({ Answer: { Code: '0', Message: '成功' } })
  },
  opinions: (given) => {
    const size = Number(textOf(given, 'Query/PageSize'))
    const from = (Number(textOf(given, 'Query/PageNo')) - 1) * size
    const all = [...projects.values()].flatMap(({ opinion }) => (opinion ? [opinion] : []))
    return document({ Answer: { Code: '0', Message: '成功', Data: { Opinion: all.slice(from, from + size) } } })
  },
}

/** Whoever examines the drawings agrees where they have their certificate, and says why where they have not. */
const look = (): void => {
  for (const project of projects.values()) {
    if (project.opinion) continue
    const { element } = project
    const isExamined = textsOf(element, 'Material/Name').includes(certificate)
    const same = Object.fromEntries(
      ['CaseNo', 'ParentNo', 'ProjectCode', 'OrgCode', 'OrgName'].map((name) => [name, textOf(element, name)]),
    )
    project.opinion = {
      ...same,
      Result: isExamined ? 'Y' : 'N',
      Opinion: isExamined ? '施工图已审查合格，同意' : '不同意开工',
      ...(isExamined ? {} : { Reason: '施工图未经审查合格' }),
      GivenTime: deskTime().replaceAll(/\D/g, ''),
      OfficerNo: 'Z0021',
      Officer: '柏若川',
    }
  }
}

const server = fastify({ forceCloseConnections: true })
server.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body))
const addressOf = (): string => `http://127.0.0.1:${(server.server.address() as AddressInfo).port}`
server.get('/joint', (_request, reply) =>
  reply.type('text/xml; charset=utf-8').send(wsdl.replace('http://127.0.0.1:8082', addressOf())),
)
server.post('/joint', (request, reply) => {
  const charset = /charset=([\w-]+)/.exec(String(request.headers['content-type']))?.[1]
  const message = parseXml(decodeText(request.body as Buffer, charset))
  const [call] = toPath('Body/*').select({ root: message, node: message }) as XmlElement[]
  const answer = operations[call!.local]!(readXml(textOf(call!, 'xmlString')).above)
  const name = `j:${call!.local}Response`
  const body = `<${name}><j:return>${cdata(answer)}</j:return></${name}>`
  const envelope = `<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/" xmlns:j="urn:joint"><s:Body>${body}</s:Body></s:Envelope>`
  return reply.header('content-type', 'text/xml; charset=GBK').send(Buffer.from(encodeText(envelope, 'gb18030')))
})
await server.listen({ host: '127.0.0.1', port: 0 })

runDesk({ look, close: () => server.close(), addresses: [addressOf()] })
