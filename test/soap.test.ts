import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import fastify, { type FastifyInstance } from 'fastify'
import t, { type Test } from 'tap'
import soap from '../adapters/soap/index.ts'
import { contentKey, encodeText, GatewayError, parseXml, type Source, textsAt, toPath } from '../core/contract.ts'
import {
  checkedOptions,
  collector,
  type LegacySystem,
  type Row,
  runOnce,
  testContext,
  testSource,
  withSource,
} from './contract/source-contract.ts'
import { createCases } from './departments/cases.ts'
import { cdata, housing, housingDocuments, housingOutcomes, openHousing } from './departments/housing-soap.ts'

const timeoutMs = 1500

const escaped = (text: string): string => text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;')

type Options = Record<string, unknown>

const housingOptions = (endpoint: string, wsdl: string, more: Options = {}): Options => ({
  wsdl,
  endpoint,
  operation: 'query',
  charset: 'GBK',
  parameters: { xmlString: { document: { Query: { PageNo: '{page}', PageSize: '{pageSize}' } }, encoding: 'GBK' } },
  answer: { kind: 'xml-string', part: 'queryResponse/return', records: 'Answer/Data/ExInfo' },
  stream: '{standardInfo/@process}',
  key: ['standardInfo/@id'],
  paging: { kind: 'page', size: 3 },
  success: { path: 'Answer/Code', equals: ['0'], textPath: 'Answer/Message' },
  timeoutMs,
  ...more,
})

const start = async (t: Test) => {
  const service = await openHousing()
  t.teardown(() => service.close())
  return service
}

type Housing = Awaited<ReturnType<typeof openHousing>>

const document = (id: string, name: string) => ({
  id,
  xml: `<ExInfo><standardInfo process="EX_GDBS_SB" id="${id}"><Field FieldName="SQRMC">${escaped(name)}</Field></standardInfo></ExInfo>`,
})

testSource(t, 'soap: an XML string, page by page', {
  adapter: soap,
  faults: ['dead', 'silent', 'garbage', 'half'],
  seesChanges: true,
  secrets: ['geheim-密码-1'],
  openSystem: async (t): Promise<LegacySystem> => {
    const service = await start(t)
    const security = { kind: 'usernameToken', username: 'gateway', password: 'geheim-密码-1' }
    return {
      options: housingOptions(service.endpoint, service.wsdl, { security, charset: 'utf-8' }),
      batchSize: 3,
      put: async (rows) => {
        for (const { id, name } of rows) service.put(document(id, name))
      },
      change: async (id, name) => service.put(document(id, name)),
      breakDown: service.misbehave,
      mend: service.mend,
      keyOf: (id) => id,
    }
  },
})

const typedWsdl = `<?xml version="1.0"?>
<definitions targetNamespace="urn:t" xmlns="http://schemas.xmlsoap.org/wsdl/" xmlns:t="urn:t" xmlns:s="http://schemas.xmlsoap.org/wsdl/soap/" xmlns:x="http://www.w3.org/2001/XMLSchema">
<types><x:schema targetNamespace="urn:t"><x:import namespace="urn:u" schemaLocation="types.xsd"/></x:schema></types>
<message name="in"><part name="cursor" type="x:string"/><part name="filter" type="x:string"/></message><message name="out"><part name="r" type="x:string"/></message>
<portType name="P"><operation name="list"><input message="t:in"/><output message="t:out"/></operation></portType>
<binding name="B" type="t:P"><s:binding style="rpc" transport="http://schemas.xmlsoap.org/soap/http"/>
<operation name="list"><s:operation soapAction=""/><input><s:body use="literal" namespace="urn:t"/></input><output><s:body use="literal" namespace="urn:t"/></output></operation></binding>
<service name="S"><port name="P" binding="t:B"><s:address location="http://127.0.0.1:1/"/></port></service></definitions>`

/** A typed service in RPC style that keeps a log of changes and gives it from a cursor on. Its WSDL is a file with an import beside it. */
const openLog = async (t: Test) => {
  const folder = mkdtempSync(join(tmpdir(), 'soap-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  writeFileSync(join(folder, 'log.wsdl'), typedWsdl)
  writeFileSync(join(folder, 'types.xsd'), '<x:schema xmlns:x="http://www.w3.org/2001/XMLSchema" targetNamespace="urn:u"/>')
  const log: Row[] = []
  const filters: string[] = []
  const cursors: string[] = []
  const server: FastifyInstance = fastify({ forceCloseConnections: true })
  t.teardown(() => server.close())
  server.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, done) => done(null, body))
  server.post('/', (request, reply) => {
    const asked = parseXml(request.body as string)
    const cursor = textsAt(asked, toPath('Body/list/cursor'))[0] ?? ''
    cursors.push(cursor)
    const from = Number(cursor) || 0
    filters.push(textsAt(asked, toPath('Body/list/filter'))[0] ?? '')
    const rows = log.slice(from, from + 4)
    const cases = rows.map(
      ({ id, name }) => `<t:case id="${id}" big="9007199254740993"><n>${escaped(name)}</n><amount>1.10</amount></t:case>`,
    )
    return reply
      .type('text/xml; charset=utf-8')
      .send(
        `<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/" xmlns:t="urn:t"><e:Body><t:listResponse><state code="ok"/><next>${from + rows.length}</next><cases>${cases.join('\n')}</cases></t:listResponse></e:Body></e:Envelope>`,
      )
  })
  await server.listen({ host: '127.0.0.1', port: 0 })
  const { port } = server.server.address() as { port: number }
  const options: Options = {
    wsdl: join(folder, 'log.wsdl'),
    endpoint: `http://127.0.0.1:${port}/`,
    operation: 'list',
    parameters: { cursor: '{cursor}', filter: 'a < b & "c" {unknown}' },
    answer: { kind: 'typed', records: 'listResponse/cases/case' },
    stream: 'case-log',
    key: ['@id'],
    paging: { kind: 'cursor', first: '0', path: 'listResponse/next' },
    success: { path: 'listResponse/state/@code', equals: ['ok'] },
    timeoutMs,
  }
  return { folder, log, filters, cursors, options }
}

testSource(t, 'soap: typed elements from a cursor on', {
  adapter: soap,
  faults: [],
  seesChanges: true,
  secrets: [],
  openSystem: async (t): Promise<LegacySystem> => {
    const { log, options } = await openLog(t)
    return {
      options,
      batchSize: 4,
      put: async (rows) => void log.push(...rows),
      change: async (id, name) => void log.push({ id, name }),
      breakDown: async () => undefined,
      mend: async () => undefined,
      keyOf: (id) => id,
    }
  },
})

const read = async (options: Options) => {
  const gateway = collector()
  await withSource(soap, options, (source) => runOnce(source, gateway, gateway.emit))
  return { ...gateway, records: gateway.batches.flatMap(({ records }) => records) }
}

const failureOf = async (options: Options): Promise<GatewayError> => {
  try {
    await read(options)
  } catch (error) {
    if (error instanceof GatewayError) return error
    throw error
  }
  throw new Error('the run did not fail')
}

const answering = async (
  service: Housing,
  body: Uint8Array | string,
  headers: Record<string, string> = { 'content-type': 'text/xml' },
  status = 200,
) => {
  service.answerWith({ body, headers, status })
  const started = performance.now()
  const error = await failureOf(
    housingOptions(service.endpoint, service.wsdl, { maxAnswerBytes: 8 * 1024 * 1024, timeoutMs: 20_000 }),
  )
  return { error, ms: performance.now() - started }
}

const envelope = (inner: string): string =>
  `<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body><queryResponse><return>${inner}</return></queryResponse></e:Body></e:Envelope>`

t.test('soap: text and charsets', async (t) => {
  t.test('every character of a GBK answer arrives, through CDATA sections and its false inner declaration', async (t) => {
    const service = await start(t)
    const name = '巴特尔·额尔敦 䶮 𠮷 — <b>&amp;]]> "\' 　尾'
    service.put(document('A1', name))
    const { records } = await read(housingOptions(service.endpoint, service.wsdl))
    t.equal(records.length, 1)
    t.equal(
      records[0]?.body,
      document('A1', name).xml,
      'the record is the text that the department wrote, character for character',
    )
    t.equal(records[0]?.stream, 'EX_GDBS_SB')
    t.equal(textsAt(parseXml(String(records[0]?.body)), toPath("standardInfo/Field[@FieldName='SQRMC']"))[0], name)
  })

  t.test('a CDATA section inside the document inside a CDATA section survives', async (t) => {
    const service = await start(t)
    const xml = '<ExInfo><standardInfo process="P" id="1"><Field FieldName="X"><![CDATA[a<b>&·]]></Field></standardInfo></ExInfo>'
    service.put({ id: '1', xml })
    const { records } = await read(housingOptions(service.endpoint, service.wsdl))
    t.equal(records[0]?.body, xml)
  })

  t.test('escaped text in place of CDATA reads the same', async (t) => {
    const service = await start(t)
    const inner = `<?xml version="1.0" encoding="GBK"?><Answer><Code>0</Code><Data>${document('A1', '张·三').xml}</Data></Answer>`
    const gateway = collector()
    await withSource(soap, housingOptions(service.endpoint, service.wsdl, { paging: { kind: 'none' } }), async (source) => {
      service.answerWith({ body: envelope(escaped(inner)), headers: { 'content-type': 'text/xml;charset=utf-8' } })
      await runOnce(source, gateway, gateway.emit)
      service.answerWith({
        body: encodeText(envelope(cdata(inner)), 'gbk'),
        headers: { 'content-type': 'text/xml;charset=GB2312' },
      })
      await runOnce(source, gateway, gateway.emit)
      service.answerWith({ body: encodeText(`<?xml version="1.0" encoding="gb2312"?>${envelope(cdata(inner))}`, 'gbk') })
      await runOnce(source, gateway, gateway.emit)
      const falsely = encodeText(`<?xml version="1.0" encoding="utf-8"?>${envelope(cdata(inner))}`, 'gbk')
      service.answerWith({ body: falsely, headers: { 'content-type': 'text/xml;charset=gbk' } })
      await runOnce(source, gateway, gateway.emit)
    })
    t.same(new Set(gateway.batches.map(({ records }) => records[0]?.body)), new Set([document('A1', '张·三').xml]))
    t.equal(gateway.batches.length, 4)
  })

  t.test('the request is written in GBK and says so', async (t) => {
    const service = await start(t)
    const parameters = {
      xmlString: { document: { Query: { PageNo: '{page}', PageSize: '{pageSize}', XM: '集宁·<&' } }, encoding: 'GBK' },
    }
    await read(housingOptions(service.endpoint, service.wsdl, { parameters, headers: { 'X-System': 'qz' } }))
    const { headers, body } = service.lastRequest()!
    t.match(headers, { 'content-type': 'text/xml; charset=GBK', soapaction: '"urn:housing:exchange/query"', 'x-system': 'qz' })
    t.ok(body.includes(Buffer.from('bcafc4fea1a4', 'hex')), '集宁· in GBK')
    t.ok(body.toString('latin1').startsWith('<?xml version="1.0" encoding="GBK"?>'))
  })

  t.test('a charset label that is a lie fails the run and takes nothing', async (t) => {
    const service = await start(t)
    service.put(document('A1', '张三'))
    await service.misbehave('charset')
    const error = await failureOf(housingOptions(service.endpoint, service.wsdl))
    t.match(error, { code: 'SOURCE_ANSWER_INVALID', cause: { code: 'CHARSET_INVALID' } })
  })

  t.test('64-bit numbers, decimals and namespaces of a typed answer stay as written; parameters are escaped', async (t) => {
    const { log, filters, options } = await openLog(t)
    log.push({ id: '1', name: '甲' })
    const { records } = await read(options)
    t.equal(
      records[0]?.body,
      '<t:case xmlns:e="http://schemas.xmlsoap.org/soap/envelope/" xmlns:t="urn:t" id="1" big="9007199254740993"><n>甲</n><amount>1.10</amount></t:case>',
    )
    t.equal(filters[0], 'a < b & "c" {unknown}')
  })
})

t.test('soap: paging and parameters', async (t) => {
  t.test('page by page until an empty page, and again from the first page in the next run', async (t) => {
    const service = await start(t)
    for (const id of ['1', '2', '3', '4', '5', '6']) service.put(document(id, id))
    const { batches, checkpoint } = await read(housingOptions(service.endpoint, service.wsdl))
    t.same(
      batches.map(({ records }) => records.map(({ key }) => key)),
      [['1', '2', '3'], ['4', '5', '6'], []],
    )
    t.same(
      batches.map(({ checkpoint }) => (checkpoint as { page?: number }).page),
      [2, 3, undefined],
    )
    t.same(Object.keys(checkpoint() as object), ['reads', 'completeAt'])
  })

  const pageOf = (ids: string[]): string =>
    envelope(cdata(`<Answer><Code>0</Code><Data>${ids.map((id) => document(id, id).xml).join('')}</Data></Answer>`))

  t.test('a service that ignores the page number is found out, at every run anew', async (t) => {
    const service = await start(t)
    service.answerWith({ body: pageOf(['1', '2', '3']) })
    const gateway = collector()
    for (let run = 0; run < 2; run++) {
      const reading = withSource(soap, housingOptions(service.endpoint, service.wsdl), (source) =>
        runOnce(source, gateway, gateway.emit),
      )
      await t.rejects(reading, { code: 'SOURCE_OPTIONS_INVALID', message: /page 2 equals the one before/ })
      t.same(Object.keys(gateway.checkpoint() as object), ['reads'], 'the next run begins at the first page')
    }
  })

  /** Answers the page that was asked for, by its number. */
  const serving = async (t: Test, pages: (page: number) => string) => {
    const asked: number[] = []
    const server = fastify({ forceCloseConnections: true })
    t.teardown(() => server.close())
    server.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, done) => done(null, body))
    server.post('/', (request, reply) => {
      const page = Number(/PageNo&gt;(\d+)/.exec(request.body as string)?.[1])
      asked.push(page)
      return reply.type('text/xml; charset=utf-8').send(pages(page))
    })
    await server.listen({ host: '127.0.0.1', port: 0 })
    const { port } = server.server.address() as { port: number }
    return { asked, endpoint: `http://127.0.0.1:${port}/` }
  }
  const cut = (all: string[], size: number, page: number): string[] => all.slice((page - 1) * size, page * size)

  t.test('pages that are shorter than was asked for hide none behind them', async (t) => {
    const { wsdl } = await start(t)
    const all = ['1', '2', '3', '4', '5']
    const untold = { xmlString: { document: { Query: { PageNo: '{page}' } }, encoding: 'GBK' } }
    for (const more of [{}, { parameters: untold }]) {
      const { asked, endpoint } = await serving(t, (page) => pageOf(cut(all, 2, page)))
      const { records } = await read(housingOptions(endpoint, wsdl, { charset: 'utf-8', paging: { kind: 'page' }, ...more }))
      t.same(
        records.map(({ key }) => key),
        all,
      )
      t.same(asked, [1, 2, 3, 4])
    }
    const { asked, endpoint } = await serving(t, (page) => (page > 3 ? '' : pageOf(cut(all, 2, page))))
    const paging = { kind: 'page', size: 2, until: 'short-page' }
    t.equal((await read(housingOptions(endpoint, wsdl, { charset: 'utf-8', paging }))).records.length, 5)
    t.same(asked, [1, 2, 3], 'where a short page is said to be the last, none is asked for behind it')
  })

  t.test('a service that gives its last page for every number beyond it is read to its end', async (t) => {
    const { wsdl } = await start(t)
    for (const count of [1, 3, 4, 5, 6]) {
      const all = [...Array(count).keys()].map(String)
      const last = Math.ceil(count / 2)
      const { endpoint } = await serving(t, (page) => pageOf(cut(all, 2, Math.min(page, last))))
      const options = housingOptions(endpoint, wsdl, { charset: 'utf-8', paging: { kind: 'page', size: 2 } })
      const { records, checkpoint } = await read(options)
      t.same(
        records.map(({ key }) => key),
        all,
      )
      t.hasProp(checkpoint() as object, 'completeAt')
    }
  })

  t.test('whether pages differ is known again after a kill', async (t) => {
    const { wsdl } = await start(t)
    const all = ['1', '2', '3', '4']
    /** Dies when `stored` pages are stored, and starts again. */
    const readTwice = async (stored: number, pages: (page: number) => string) => {
      const { endpoint } = await serving(t, pages)
      const options = housingOptions(endpoint, wsdl, { charset: 'utf-8', paging: { kind: 'page', size: 2 } })
      const gateway = collector()
      const dying = withSource(soap, options, (source) =>
        runOnce(source, gateway, async (batch) => {
          if (gateway.batches.length === stored) throw GatewayError.of('UNEXPECTED', { reason: 'the gateway dies' })
          return gateway.emit(batch)
        }),
      )
      await t.rejects(dying, { code: 'UNEXPECTED' })
      await withSource(soap, options, (source) => runOnce(source, gateway, gateway.emit))
      return gateway
    }
    await t.rejects(
      readTwice(1, () => pageOf(['1', '2'])),
      { code: 'SOURCE_OPTIONS_INVALID', message: /page 2 equals the one before/ },
      'a service that ignores the number is found out',
    )
    const clamped = await readTwice(2, (page) => pageOf(cut(all, 2, Math.min(page, 2))))
    t.same(
      clamped.batches.flatMap(({ records }) => records.map(({ key }) => key)),
      all,
    )
    t.hasProp(clamped.checkpoint() as object, 'completeAt', 'one that gives its last page again is read to its end')
  })

  t.test(
    '{since} is the start of the last run that read everything, less the overlap; a broken page does not move it',
    async (t) => {
      const service = await start(t)
      const parameters = { xmlString: { document: { Query: { PageNo: '1', PageSize: '9', Since: '{since}' } } } }
      const since = { initial: '2020-01-01 00:00:00', overlapMinutes: 10 }
      const options = housingOptions(service.endpoint, service.wsdl, {
        parameters,
        since,
        paging: { kind: 'none' },
        charset: 'utf-8',
      })
      service.put(document('1', 'x'))
      let now = Date.UTC(2026, 2, 2, 1)
      const source: Source = soap.openSource(checkedOptions(soap, options) as never, { ...testContext(), now: () => now })
      t.teardown(() => source.close())
      const gateway = collector()
      const asked = async (): Promise<string | undefined> => {
        await runOnce(source, gateway, gateway.emit)
        return /Since&gt;([^&]*)/.exec(service.lastRequest()!.body.toString())?.[1]
      }
      t.equal(await asked(), '2020-01-01 00:00:00')
      now += 3_600_000
      t.equal(await asked(), '2026-03-02 08:50:00')
      now += 3_600_000
      service.put({ id: '2', xml: '<ExInfo><broken></ExInfo>' })
      t.equal(await asked(), '2026-03-02 09:50:00')
      now += 3_600_000
      t.equal(await asked(), '2026-03-02 09:50:00', 'the run before met a broken page')
    },
  )

  t.test('reading begins anew when the options say that something else is read, and only then', async (t) => {
    const { folder, log, options } = await openLog(t)
    log.push({ id: '1', name: 'x' }, { id: '2', name: 'y' })
    const gateway = collector()
    const keysWith = async (more: Options): Promise<string[]> => {
      const before = gateway.batches.length
      await withSource(soap, { ...options, ...more }, (source) => runOnce(source, gateway, gateway.emit))
      return gateway.batches.slice(before).flatMap(({ records }) => records.map(({ key }) => key))
    }
    t.same(await keysWith({}), ['1', '2'])
    t.same(await keysWith({ timeoutMs: timeoutMs + 1 }), [], 'the same is read in another way')
    t.same(await keysWith({ parameters: { cursor: '{cursor}', filter: 'another' } }), ['1', '2'])
    t.same(await keysWith({ parameters: { cursor: '{cursor}', filter: 'another' } }), [])
    t.same(await keysWith({ endpoint: `${options.endpoint}?b` }), ['1', '2'])
    writeFileSync(join(folder, 'other.wsdl'), typedWsdl)
    t.same(await keysWith({ wsdl: join(folder, 'other.wsdl') }), ['1', '2'])
    t.same(await keysWith({ answer: { kind: 'typed', records: 'listResponse/*/case' } }), ['1', '2'])
    t.same(await keysWith({ paging: { kind: 'cursor', first: '1', path: 'listResponse/next' } }), ['2'])
  })

  t.test('a run that had not read everything under other options does not go on from its page', async (t) => {
    const service = await start(t)
    for (const id of ['1', '2', '3', '4', '5', '6']) service.put(document(id, id))
    const options = housingOptions(service.endpoint, service.wsdl)
    const gateway = collector()
    const dying = withSource(soap, options, (source) =>
      runOnce(source, gateway, async (batch) => {
        if (gateway.batches.length > 0) throw GatewayError.of('UNEXPECTED', { reason: 'the gateway dies' })
        return gateway.emit(batch)
      }),
    )
    await t.rejects(dying, { code: 'UNEXPECTED' })
    t.match(gateway.checkpoint(), { page: 2 })
    await withSource(soap, { ...options, paging: { kind: 'page', size: 2 } }, (source) => runOnce(source, gateway, gateway.emit))
    t.same(
      gateway.batches[1]?.records.map(({ key }) => key),
      ['1', '2'],
    )
  })

  t.test('options that contradict each other are refused', async (t) => {
    const refused = (more: Options) =>
      t.throws(() => checkedOptions(soap, housingOptions('http://127.0.0.1:1/', 'x.wsdl', more)), /refused by soap|do not fit/)
    refused({ parameters: { xmlString: 'no placeholder' } })
    refused({ paging: { kind: 'cursor', first: '' } })
    refused({ since: { initial: '2020-01-01' } })
    refused({ parameters: { $xml: '{page}' } })
    refused({ parameters: { xmlString: '<![CDATA[{page}]]>' } })
    refused({ key: ['a[b'] })
    refused({ success: undefined })
    refused({ parameters: { xmlString: '{page}' }, paging: { kind: 'page', until: 'short-page' } })
  })
})

t.test('soap: failures told apart', async (t) => {
  t.test('a business failure under HTTP 200 shows its code and text', async (t) => {
    const service = await start(t)
    await service.misbehave('failure')
    const error = await failureOf(housingOptions(service.endpoint, service.wsdl))
    t.match(error, { code: 'SOURCE_FAULT', values: { code: '9', reason: '接口维护中，查询未成功' } })
  })

  t.test('the success rule compares whole values, in the envelope, too', async (t) => {
    const service = await start(t)
    service.put(document('1', 'x'))
    const rule = (more: Options) =>
      housingOptions(service.endpoint, service.wsdl, { success: { path: 'Answer/Message', ...more } })
    t.equal((await failureOf(rule({ equals: ['成功'] }))).code, 'SOURCE_FAULT')
    t.equal((await read(rule({ equals: ['查询成功'] }))).records.length, 1)
    t.match(await failureOf(rule({ equals: ['0'], path: 'Answer/Nothing' })), {
      code: 'SOURCE_ANSWER_INVALID',
      message: /no result code at Answer\/Nothing/,
    })
    service.answerWith({
      body: '<e:Envelope xmlns:e="http://www.w3.org/2003/05/soap-envelope"><e:Body><r><code>7</code><why>忙</why></r></e:Body></e:Envelope>',
    })
    const outer = { over: 'envelope', path: 'r/code', equals: ['0'], textPath: 'r/why' }
    t.match(await failureOf(housingOptions(service.endpoint, service.wsdl, { success: outer })), {
      code: 'SOURCE_FAULT',
      values: { code: '7', reason: '忙' },
    })
  })

  t.test('SOAP faults of both versions, whatever the HTTP status', async (t) => {
    const service = await start(t)
    const one =
      '<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body><e:Fault><faultcode>e:Server</faultcode><faultstring>库锁</faultstring></e:Fault></e:Body></e:Envelope>'
    t.match((await answering(service, one, { 'content-type': 'text/xml;charset=utf-8' }, 500)).error, {
      code: 'SOURCE_FAULT',
      values: { code: 'e:Server', reason: '库锁' },
    })
    const two =
      '<e:Envelope xmlns:e="http://www.w3.org/2003/05/soap-envelope"><e:Body><e:Fault><e:Code><e:Value>e:Sender</e:Value></e:Code><e:Reason><e:Text>bad</e:Text></e:Reason></e:Fault></e:Body></e:Envelope>'
    t.match((await answering(service, two)).error, { code: 'SOURCE_FAULT', values: { code: 'e:Sender', reason: 'bad' } })
  })

  t.test('without a rule an answer that holds something else than records is none', async (t) => {
    const service = await start(t)
    const { success: _, ...options } = housingOptions(service.endpoint, service.wsdl, { paging: { kind: 'none' } })
    for (const inner of ['<Answer/>', '<Answer><Data/></Answer>', '<Answer><Error/><Data> </Data></Answer>']) {
      service.answerWith({ body: envelope(cdata(inner)) })
      t.same((await read(options)).records, [], inner)
    }
    for (const inner of ['<Answer><Error>ORA-01033</Error></Answer>', '<Answer>busy</Answer>', '<Fehler/>']) {
      service.answerWith({ body: envelope(cdata(inner)) })
      t.match(await failureOf(options), { code: 'SOURCE_ANSWER_INVALID', message: /write success/ }, inner)
    }
  })

  t.test('where a service has no result code, the element that it answers with stands for it', async (t) => {
    const service = await start(t)
    const options = housingOptions(service.endpoint, service.wsdl, { success: { path: 'Answer/Total' } })
    service.answerWith({ body: envelope(cdata('<Answer><Total>0</Total></Answer>')) })
    t.same((await read(options)).records, [])
    service.answerWith({ body: envelope(cdata('<Answer><Error/></Answer>')) })
    t.match(await failureOf(options), { code: 'SOURCE_ANSWER_INVALID', message: /no result code at Answer\/Total/ })
  })

  t.test('an empty string and none at all are an empty page where no rule asks for a result code', async (t) => {
    const service = await start(t)
    const { success: _, ...options } = housingOptions(service.endpoint, service.wsdl, { paging: { kind: 'none' } })
    const nil = '<return xsi:nil="true" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"/>'
    for (const string of ['<return/>', nil]) {
      service.answerWith({ body: envelope('').replace('<return></return>', string) })
      t.same((await read(options)).records, [], string)
    }
  })

  t.test('what is no answer of this service', async (t) => {
    const service = await start(t)
    const invalid = async (body: string, reason: RegExp, headers?: Record<string, string>, status?: number) =>
      t.match((await answering(service, body, headers, status)).error, { code: 'SOURCE_ANSWER_INVALID', message: reason })
    await invalid('<html><body>502</body></html>', /<html> is no SOAP message/)
    await invalid('{"code":0}', /XML is wrong/)
    await invalid('', /XML is wrong/)
    await invalid(envelope('').slice(0, -20), /XML is wrong/)
    await invalid(envelope('').replace('<return></return>', ''), /holds 0 values, not 1/)
    await invalid(envelope('<Answer/>'), /holds 0 values, not 1/)
    await invalid(envelope('plain text'), /inner document/)
    await invalid(envelope(''), /HTTP 503/, { 'content-type': 'text/xml' }, 503)
    for (const status of [401, 403]) t.equal((await answering(service, 'no', {}, status)).error.code, 'SOURCE_DENIED')
    t.equal(
      (await answering(service, '', { location: 'http://127.0.0.1:1/' }, 302)).error.code,
      'SOURCE_ANSWER_INVALID',
      'a redirect is not followed',
    )
  })

  for (const [kind, code] of [
    ['dead', 'SOURCE_UNREACHABLE'],
    ['silent', 'SOURCE_TIMEOUT'],
    ['half', 'SOURCE_ANSWER_INVALID'],
  ] as const) {
    t.test(`a ${kind} service is ${code}`, async (t) => {
      const service = await start(t)
      service.put(document('1', 'x'))
      await service.misbehave(kind)
      t.equal((await failureOf(housingOptions(service.endpoint, service.wsdl))).code, code)
    })
  }

  t.test('a server that drips an endless answer meets the total time limit', async (t) => {
    const drip = createServer((socket) => {
      socket.on('error', () => undefined)
      socket.write('HTTP/1.1 200 OK\r\ncontent-type: text/xml\r\n\r\n')
      const timer = setInterval(() => socket.write('<'), 50)
      socket.on('close', () => clearInterval(timer))
    })
    await new Promise<void>((resolve) => drip.listen(0, '127.0.0.1', resolve))
    t.teardown(() => drip.close())
    const { wsdl } = await start(t)
    const { port } = drip.address() as { port: number }
    t.equal((await failureOf(housingOptions(`http://127.0.0.1:${port}/`, wsdl, { timeoutMs: 400 }))).code, 'SOURCE_TIMEOUT')
  })
})

t.test('soap: one bad record stops itself only', async (t) => {
  t.test('a record without its key is set aside, the others go on', async (t) => {
    const service = await start(t)
    service.put(document('1', 'x'))
    service.put({ id: '2', xml: '<ExInfo><standardInfo process="EX_GDBS_SL"/></ExInfo>' })
    service.put(document('3', 'z'))
    service.put(document('4', 'z'))
    const { records } = await read(housingOptions(service.endpoint, service.wsdl))
    t.same(
      records.map(({ key, fault }) => [key, fault?.code]),
      [
        ['1', undefined],
        [contentKey('<ExInfo><standardInfo process="EX_GDBS_SL"/></ExInfo>'), 'RECORD_UNREADABLE'],
        ['3', undefined],
        ['4', undefined],
      ],
    )
    t.equal(records[1]?.stream, 'unreadable')
  })

  t.test('what stands before a break in the page goes on, the rest is kept as it is, the next page is read', async (t) => {
    const service = await start(t)
    service.put(document('1', 'x'))
    service.put({ id: '2', xml: '<ExInfo>< standardInfo></ExInfo>' })
    service.put(document('3', 'y'))
    service.put(document('4', 'z'))
    const { records } = await read(housingOptions(service.endpoint, service.wsdl))
    t.same(
      records.map(({ key, fault }) => [key, fault?.code]),
      [
        ['1', undefined],
        [contentKey(records[1]!.body), 'XML_INVALID'],
        ['4', undefined],
      ],
    )
    t.ok(
      String(records[1]?.body).startsWith('<ExInfo>< standardInfo></ExInfo><ExInfo>'),
      'from the end of the last good record on',
    )
  })

  t.test('a broken page of a cursor service fails the run after its readable records', async (t) => {
    const service = await start(t)
    const inner = `<Answer><Code>0</Code><Data>${document('1', 'x').xml}<ExInfo><Next>5</Next></Answer>`
    service.answerWith({ body: envelope(cdata(inner)) })
    const parameters = { xmlString: '{cursor}' }
    const options = housingOptions(service.endpoint, service.wsdl, {
      parameters,
      paging: { kind: 'cursor', first: '0', path: 'Answer/Next' },
    })
    const gateway = collector()
    const run = withSource(soap, options, (source) => runOnce(source, gateway, gateway.emit))
    await t.rejects(run, { code: 'SOURCE_ANSWER_INVALID' })
    t.equal(gateway.keys()[0], '1')
    t.match(gateway.keys()[1], /^[0-9a-f]{64}$/)
    t.match(gateway.checkpoint(), { cursor: '0' })
  })
})

t.test('soap: hostile answers cost little', async (t) => {
  const quick = 5_000
  const hostile: [name: string, body: () => Uint8Array | string, headers?: Record<string, string>][] = [
    ['5 MB of <x', () => '<x'.repeat(2_500_000)],
    ['5 MB of <x>', () => '<x>'.repeat(1_700_000)],
    ['5 MB of <?xml inside CDATA', () => envelope(cdata('<?xml '.repeat(850_000)))],
    ['5 MB of <?xml as text', () => envelope('&lt;?xml '.repeat(550_000))],
    ['5 MB of <x inside CDATA', () => envelope(cdata('<x'.repeat(2_500_000)))],
    ['elements nested in the inner document', () => envelope(cdata(`<Answer>${'<a>'.repeat(500_000)}`))],
    ['a broken record of a million tags', () => envelope(cdata(`<Answer><Data><ExInfo>${'<a/>'.repeat(1_000_000)}`))],
    ['a broken result code of a million tags', () => envelope(cdata(`<Answer><Code>${'<a/>'.repeat(1_000_000)}`))],
    ['an entity bomb', () => '<!DOCTYPE a [<!ENTITY b "bbbb"><!ENTITY c "&b;&b;&b;">]><a>&c;</a>'],
    ['an external entity', () => '<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>'],
    [
      'an external entity in the inner document',
      () => envelope(cdata('<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><Answer><Code>&b;</Code></Answer>')),
    ],
    ['a gzip bomb', () => gzipSync(Buffer.alloc(100_000_000, 32)), { 'content-encoding': 'gzip' }],
    ['damaged gzip', () => Buffer.from('1f8b0800ffff', 'hex'), { 'content-encoding': 'gzip' }],
    ['unknown compression', () => 'x', { 'content-encoding': 'br' }],
    ['more bytes than allowed', () => Buffer.alloc(9 * 1024 * 1024, 32)],
  ]
  for (const [name, body, headers] of hostile) {
    t.test(name, async (t) => {
      const service = await start(t)
      const { error, ms } = await answering(service, body(), { 'content-type': 'text/xml', ...headers })
      t.equal(error.code, 'SOURCE_ANSWER_INVALID')
      t.notMatch(error.message, /root:/)
      t.ok(ms < quick, `${Math.round(ms)} ms`)
    })
  }

  t.test('an honest gzip answer is read, and names that mean something to JavaScript are only names', async (t) => {
    const service = await start(t)
    const inner =
      '<Answer><Code>0</Code><Data><ExInfo><standardInfo process="__proto__" id="constructor"><toString/></standardInfo></ExInfo></Data></Answer>'
    service.answerWith({
      body: gzipSync(envelope(cdata(inner))),
      headers: { 'content-type': 'text/xml', 'content-encoding': 'gzip' },
    })
    const { records } = await read(housingOptions(service.endpoint, service.wsdl))
    t.match(records, [{ stream: '__proto__', key: 'constructor' }])
  })

  t.test('what looks like markup, and every kind of line break, arrives as the text that it is', async (t) => {
    const { log, cursors, options } = await openLog(t)
    log.push({ id: '1', name: 'x' })
    const gateway = collector()
    await withSource(soap, options, (source) => runOnce(source, gateway, gateway.emit))
    const hostile = '<![CDATA[</cursor>\r\n\r<admin/>]]>'
    const checkpoint = { ...(gateway.checkpoint() as object), cursor: hostile, startedAt: 1 }
    await withSource(soap, options, (source) => runOnce(source, { checkpoint: () => checkpoint }, gateway.emit))
    t.ok(cursors.includes(hostile), JSON.stringify(cursors))
  })
})

t.test('soap: WSDL and security', async (t) => {
  t.test('a WSDL file is read with what it imports, without a network; its import from the network is refused', async (t) => {
    const { folder, options } = await openLog(t)
    t.equal((await read(options)).records.length, 0)
    writeFileSync(join(folder, 'log.wsdl'), typedWsdl.replace('types.xsd', 'http://127.0.0.1:1/types.xsd'))
    t.match(await failureOf(options), { code: 'SOURCE_OPTIONS_INVALID', message: /imports http:\/\/127\.0\.0\.1:1\/types\.xsd/ })
  })

  t.test('a WSDL is read from its address, and the address of the service from the WSDL', async (t) => {
    const service = await start(t)
    service.put(document('1', 'x'))
    const { endpoint: _, ...options } = housingOptions(service.endpoint, `${service.endpoint}?wsdl`)
    t.equal((await read(options)).records.length, 1)
  })

  t.test('what is missing is named', async (t) => {
    const service = await start(t)
    t.match(await failureOf(housingOptions(service.endpoint, service.wsdl, { operation: 'querry' })), {
      code: 'SOURCE_OPTIONS_INVALID',
      message: /no operation "querry"\. Did you mean "query"/,
    })
    t.match(await failureOf(housingOptions(service.endpoint, '/nowhere/x.wsdl')), {
      code: 'SOURCE_OPTIONS_INVALID',
      message: /ENOENT/,
    })
    const folder = mkdtempSync(join(tmpdir(), 'soap-'))
    t.teardown(() => rmSync(folder, { recursive: true }))
    mkdirSync(join(folder, 'w'))
    writeFileSync(join(folder, 'w/broken.wsdl'), readFileSync(service.wsdl, 'utf8').slice(0, 300))
    t.equal((await failureOf(housingOptions(service.endpoint, join(folder, 'w/broken.wsdl')))).code, 'SOURCE_OPTIONS_INVALID')
    t.match(
      await failureOf(housingOptions(service.endpoint, service.wsdl, { charset: 'gbk', parameters: { xmlString: '{page} 𠮷' } })),
      {
        code: 'SOURCE_OPTIONS_INVALID',
        message: /cannot be written in gbk/,
      },
    )
  })

  t.test('UsernameToken and HTTP Basic arrive; each request has a nonce of its own', async (t) => {
    const service = await start(t)
    const secured = (digest: boolean) =>
      housingOptions(service.endpoint, service.wsdl, {
        security: { kind: 'usernameToken', username: '网关<1>', password: 'p&ss', digest },
        httpBasic: { username: 'u', password: '密' },
        charset: 'utf-8',
      })
    const sent = async (digest: boolean) => {
      await read(secured(digest))
      const { headers, body } = service.lastRequest()!
      t.equal(headers.authorization, `Basic ${Buffer.from('u:密').toString('base64')}`)
      const at = (path: string) => textsAt(parseXml(body.toString()), toPath(`Header/Security/UsernameToken/${path}`))[0]
      return { username: at('Username'), password: at('Password'), nonce: at('Nonce'), created: at('Created') }
    }
    t.match(await sent(false), { username: '网关<1>', password: 'p&ss' })
    const [first, second] = [await sent(true), await sent(true)]
    t.notMatch(first.password, /p&ss/)
    t.not(first.nonce, second.nonce)
    t.ok(first.created)
  })

  t.test('the probe tells which step fails', async (t) => {
    const service = await start(t)
    const stepsOf = (more: Options) =>
      withSource(soap, housingOptions(service.endpoint, service.wsdl, more), (source) =>
        source.probe(new AbortController().signal),
      )
    service.put(document('1', 'x'))
    t.match(await stepsOf({}), [
      { ok: true, detail: /query/ },
      { ok: true, detail: '1 records, 0 unreadable' },
    ])
    t.match(await stepsOf({ operation: 'none' }), [{ ok: false, error: { code: 'SOURCE_OPTIONS_INVALID' } }])
    await service.misbehave('failure')
    t.match(await stepsOf({}), [{ ok: true }, { ok: false, error: { code: 'SOURCE_FAULT' } }])
  })
})

t.test('the pretend housing department gives every document of its cases once, in the same way for the same seed', async (t) => {
  const service = await start(t)
  const cases = () => [...createCases({ seed: 7, count: 60, prefix: 'ZJ', org: housing, outcomes: housingOutcomes, bad: 2 })]
  for (const source of cases()) service.add(source)
  const expected = cases().flatMap(housingDocuments)
  const { records } = await read(housingOptions(service.endpoint, service.wsdl, { paging: { kind: 'page', size: 50 } }))
  t.same(
    records.map(({ key }) => key),
    expected.map(({ id }) => id),
  )
  t.same(
    records.map(({ body }) => body),
    expected.map(({ xml }) => xml),
  )
  t.same(
    [...new Set(records.map(({ stream }) => stream))].sort(),
    ['BJ', 'BJGZ', 'BJSL', 'LQDJ', 'SB', 'SL', 'SPCL', 'TBCXJG', 'TBCXSQ', 'WSYSL'].map((name) => `EX_GDBS_${name}`),
    'all ten processes',
  )
  t.equal(new Set(records.filter(({ body }) => (body as string).includes('2026-02-30')).map(({ key }) => key)).size, 1)
})
