/** 住建: a SOAP service that takes and gives an XML string. Stage documents in the manner of EX_GDBS, GBK, pages. */
import { readFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import fastify, { type FastifyInstance, type FastifyReply } from 'fastify'
import { decodeText, encodeText, parseXml, type XmlElement } from '../../core/contract.ts'
import { packageRoot } from '../../core/package-root.ts'
import { beijing, createOrganisation, type DepartmentCase, type Outcome, type Stage } from './cases.ts'

export const housingWsdl = join(packageRoot, 'test/departments/housing.wsdl')

export const housing = createOrganisation('11150900PDY00001XA', '乌兰察布市住房和城乡建设局', '000117', [
  '建筑工程施工许可证核发',
  '商品房预售许可',
  '燃气经营许可证核发',
  '城镇污水排入排水管网许可',
])

export const housingOutcomes: Outcome[] = ['denied', 'refused', 'done', 'no-supplement', 'voided', 'forwarded', 'deleted']

export type HousingFault = 'dead' | 'silent' | 'garbage' | 'half' | 'failure' | 'charset'

export interface HousingDocument {
  id: string
  xml: string
}

/** An answer in place of the service's own; `body` is sent as it is. */
export interface RawAnswer {
  status?: number
  headers?: Record<string, string>
  body: Uint8Array | string
}

const escaped = (text: string): string => text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;')

/** A CDATA section cannot hold its own end: there it is closed and opened anew. */
export const cdata = (text: string): string => `<![CDATA[${text.replaceAll(']]>', ']]]]><![CDATA[>')}]]>`

const closing: Partial<Record<Outcome, string>> = {
  granted: '0',
  denied: '1',
  voided: '2',
  deleted: '3',
  forwarded: '4',
  'no-supplement': '5',
  done: '6',
}

const document = (process: string, id: string, fields: Record<string, string>): HousingDocument => ({
  id,
  xml: `<ExInfo><standardInfo process="${process}" id="${id}">${Object.entries(fields)
    .map(([name, value]) => `<Field FieldName="${name}">${escaped(value)}</Field>`)
    .join('')}</standardInfo></ExInfo>`,
})

const steps = { handled: ['1', '承办'], reviewed: ['2', '审核'], approved: ['3', '批准'] } as const

const stageDocument = (source: DepartmentCase, stage: Stage): HousingDocument => {
  const { no, org } = source
  const id = (name: string): string => `${no}-${name}`
  const time = beijing(stage.at)
  const common = { SBLSH: no, YWLSH: `Y${no}`, SXBM: source.item.code }
  if (stage.kind === 'accepted' || stage.kind === 'refused') {
    const accepted = stage.kind === 'accepted'
    return document('EX_GDBS_SL', id('SL'), {
      ...common,
      SLBMMC: org.name,
      SLBMZZJDDM: org.creditCode,
      BLRXM: stage.by,
      SLZTDM: accepted ? '1' : '2',
      BSLYY: stage.reason,
      SLHZH: accepted ? `S${no}` : '',
      SLSJ: time,
      GXDXZQHDM: source.region.code,
    })
  }
  if (stage.kind === 'supplement-requested') {
    const fields = {
      XH: String(stage.seq),
      BJGZFCRXM: stage.by,
      BJGZYY: stage.reason,
      BJCLQD: stage.list,
      BJGZSJ: time,
      BZSX: '5',
    }
    return document('EX_GDBS_BJGZ', id(`BJGZ-${stage.seq}`), { ...common, ...fields })
  }
  if (stage.kind === 'supplement-received') {
    const fields = { XH: String(stage.seq), BJSLBLRXM: stage.by, BJCLQD: stage.list, BJSJ: time, BJSLJTDD: '政务服务大厅' }
    return document('EX_GDBS_BJSL', id(`BJSL-${stage.seq}`), { ...common, ...fields })
  }
  if (stage.kind === 'closed') {
    return document('EX_GDBS_BJ', id('BJ'), {
      ...common,
      BJBMMC: org.name,
      BJJGDM: closing[stage.outcome] ?? '',
      BJJGMS: stage.reason || '办结',
      ZFHTHYY: stage.reason,
      ZJGZMC: stage.certificate?.name ?? '',
      ZJBH: stage.certificate?.no ?? '',
      FZGZDW: stage.certificate ? org.name : '',
      SFJE: '0',
      BJSJ: time,
    })
  }
  if (stage.kind === 'collected') {
    const fields = { LQRXM: stage.who, LQFS: stage.how === 'window' ? '1' : '2', LQSJ: time }
    return document('EX_GDBS_LQDJ', id('LQDJ'), { ...common, ...fields })
  }
  const [code, name] = steps[stage.kind]
  return document('EX_GDBS_SPCL', id(`SPCL-${code}`), {
    ...common,
    SPHJDM: code,
    SPHJMC: name,
    SPBMMC: org.name,
    SPBMZZJDMD: org.creditCode,
    SPRXM: stage.by,
    SPYJ: stage.opinion,
    SPHJZTDM: stage.agrees ? '1' : '0',
    SPSJ: time,
  })
}

/** The documents of one case, its reception first. */
export const housingDocuments = (source: DepartmentCase): HousingDocument[] => [
  document('EX_GDBS_SB', `${source.no}-SB`, {
    SBLSH: source.no,
    SXBM: source.item.code,
    SXMC: source.item.name,
    SQRLX: source.bad === 'unknown-code' ? '8' : source.applicant.kind === 'person' ? '1' : '2',
    SQRMC: source.applicant.name,
    SQRZJLX: source.applicant.kind === 'person' ? '111' : '001',
    SQRZJHM: source.applicant.id,
    LXRXM: source.contact,
    LXRSJ: source.phone,
    SBXMMC: source.title,
    SBCLQD: '申请书;身份证明',
    TJFS: source.channel === 'window' ? '0' : '1',
    SBHZH: `H${source.no}`,
    SBSJ: source.bad === 'impossible-date' ? '2026-02-30 10:00:00' : beijing(source.receivedAt),
    XZQHDM: source.region.code,
    SBBMZZJGDM: source.org.creditCode,
    BZ: source.address,
  }),
  ...source.stages.map((stage) => stageDocument(source, stage)),
]

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
